//! One pass over a document that holds every element, attribute and text against the grammar.
//!
//! The walk never stops at a violation: it reports, finds the next place of the content model that makes sense, and goes
//! on. What stands inside an element the schema does not know is not judged.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::automaton::{AUTOMATON, Body, Model, Place, State};
use super::code::Code;
use super::grammar::{AttributeValue, Value};
use super::namespace::{Namespace, Scopes};
use super::report::Report;
use super::rules::Beyond;
use super::{message, value};

/// Holds `text` against the schema; legal values are shown to `beyond` as well.
///
/// `text` has passed the checks of the file level, so it is well-formed. Should it not be, the walk ends where reading
/// does.
pub(super) fn walk(text: &str, report: &mut Report, beyond: &mut Beyond<'_>) {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk {
        report,
        beyond,
        frames: vec![Frame::document()],
        ignored: 0,
        scopes: Scopes::default(),
        value: Text::Empty,
    };
    while !walk.report.is_cut_off() {
        let at = reader.buffer_position() as usize;
        match reader.read_event() {
            Ok(Event::Start(tag)) => walk.start(&tag, at),
            Ok(Event::Empty(tag)) => {
                walk.start(&tag, at);
                walk.end(at);
            }
            Ok(Event::End(_)) => walk.end(at),
            Ok(Event::Text(content)) => walk.text(content.into_inner(), at),
            Ok(Event::CData(content)) => walk.text(content.into_inner(), at),
            Ok(Event::GeneralRef(reference)) => walk.reference(&reference, at),
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
            Ok(Event::Eof) | Err(_) => break,
        }
    }
}

/// An element that is open, or the document around the root element.
pub(super) struct Frame {
    place: Option<&'static Place>,
    /// The how-manieth of its name in a row.
    occurrence: u32,
    /// Byte offset of its start tag.
    start: usize,
    inside: Inside,
}

enum Inside {
    Value(Value),
    Children {
        model: &'static Model,
        state: State,
        /// How often the last element has stood in a row.
        run: u32,
        /// Misplaced text is reported once for each element.
        text_reported: bool,
    },
}

impl Frame {
    fn document() -> Self {
        Self {
            place: None,
            occurrence: 1,
            start: 0,
            inside: Inside::children(AUTOMATON.document()),
        }
    }

    fn element(place: &'static Place, occurrence: u32, start: usize) -> Self {
        Self {
            place: Some(place),
            occurrence,
            start,
            inside: match place.body {
                Body::Value(value) => Inside::Value(value),
                Body::Children(model) => Inside::children(AUTOMATON.model(model)),
            },
        }
    }

    pub(super) fn start(&self) -> usize {
        self.start
    }

    pub(super) fn name(&self) -> &'static str {
        self.place.map_or("", |place| place.name)
    }
}

impl Inside {
    fn children(model: &'static Model) -> Self {
        Self::Children {
            model,
            state: State::START,
            run: 0,
            text_reported: false,
        }
    }
}

/// The path of the innermost element in schema names. Elements that may be repeated carry their number.
pub(super) fn path(frames: &[Frame]) -> String {
    let mut path = String::new();
    for place in frames
        .iter()
        .filter_map(|frame| frame.place.map(|place| (place, frame.occurrence)))
    {
        push_step(&mut path, place.0, place.1);
    }
    path
}

fn push_step(path: &mut String, place: &Place, occurrence: u32) {
    path.push('/');
    path.push_str(place.name);
    if place.max > 1 {
        path.push('[');
        path.push_str(&occurrence.to_string());
        path.push(']');
    }
}

/// The text of an element gathered so far: borrowed as long as it is one piece.
enum Text<'d> {
    Empty,
    One(Cow<'d, str>),
}

impl<'d> Text<'d> {
    fn push(&mut self, piece: Cow<'d, str>) {
        match self {
            Self::Empty => *self = Self::One(piece),
            Self::One(text) => text.to_mut().push_str(&piece),
        }
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Empty => "",
            Self::One(text) => text,
        }
    }
}

struct Walk<'d, 'r, 'b> {
    report: &'r mut Report,
    beyond: &'r mut Beyond<'b>,
    frames: Vec<Frame>,
    /// Depth inside an element that is not judged.
    ignored: u32,
    scopes: Scopes,
    value: Text<'d>,
}

impl<'d> Walk<'d, '_, '_> {
    fn start(&mut self, tag: &BytesStart<'d>, at: usize) {
        if self.ignored > 0 {
            self.ignored += 1;
            return;
        }
        let depth = self.frames.len();
        let has_attributes = tag.name().0.len() < tag.len();
        if has_attributes {
            self.scopes.enter(depth, tag);
        }
        let (local, prefix) = tag.name().decompose();
        let namespace = self.scopes.of_element(prefix.as_ref().map(AsRef::as_ref));
        let name = match namespace {
            Namespace::Invoice => AUTOMATON.name(local.as_ref()),
            _ => None,
        };
        if let Some((place, occurrence)) = self.place_of(name, local.as_ref(), at) {
            self.frames.push(Frame::element(place, occurrence, at));
            self.value = Text::Empty;
            if has_attributes || !place.attributes.is_empty() {
                self.attributes(tag, place, at);
            }
        } else {
            self.scopes.leave(depth);
            self.ignored = 1;
        }
    }

    /// Moves the parent's state on to the element that begins, reporting what is wrong with its place. `None` if the
    /// element has no place in its parent at all.
    fn place_of(
        &mut self,
        name: Option<usize>,
        local: &str,
        at: usize,
    ) -> Option<(&'static Place, u32)> {
        let parent = self.frames.last_mut()?;
        let Inside::Children {
            model, state, run, ..
        } = &mut parent.inside
        else {
            self.report_at_child(Code::ElementUnexpected, local, at, message::inside_value());
            return None;
        };
        let Some(index) = name.and_then(|name| model.place(name)) else {
            let expected: Vec<_> = model.expected(*state).collect();
            match name {
                Some(_) => self.report_at_child(
                    Code::ElementUnexpected,
                    local,
                    at,
                    message::unexpected(&expected),
                ),
                None => self.report_at_child(
                    Code::ElementUnknown,
                    local,
                    at,
                    message::unknown(&expected),
                ),
            }
            return None;
        };
        let place = &model.places[index];
        if state.place() == Some(index) {
            *run += 1;
            let occurrence = *run;
            if occurrence == place.max.saturating_add(1) {
                let path = self.path_of_child(place, occurrence);
                self.report
                    .add(at, Code::ElementTooMany, path, message::too_many(place.max));
            }
            return Some((place, occurrence));
        }
        if model.allows(*state, index) {
            *state = State::after(index);
            *run = 1;
            return Some((place, 1));
        }
        if let Some(missing) = model.missing(*state, Some(index)) {
            *state = State::after(index);
            *run = 1;
            for names in missing {
                let path = path(&self.frames);
                self.report
                    .add(at, Code::ElementMissing, path, message::missing(&names));
            }
        } else {
            let expected: Vec<_> = model.expected(*state).collect();
            let path = self.path_of_child(place, 1);
            self.report.add(
                at,
                Code::ElementUnexpected,
                path,
                message::unexpected(&expected),
            );
        }
        Some((place, 1))
    }

    fn path_of_child(&self, place: &Place, occurrence: u32) -> String {
        let mut path = path(&self.frames);
        push_step(&mut path, place, occurrence);
        path
    }

    fn report_at_child(&mut self, code: Code, local: &str, at: usize, message: crate::Bilingual) {
        const LONGEST_NAME: usize = 64;
        let mut path = path(&self.frames);
        path.push('/');
        // A name of the document itself, not of the schema: shown only if it looks like one.
        let plain = local.len() <= LONGEST_NAME
            && local
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        path.push_str(if plain { local } else { "*" });
        self.report.add(at, code, path, message);
    }

    fn attributes(&mut self, tag: &BytesStart<'d>, place: &'static Place, at: usize) {
        let mut found = 0_u32;
        for attribute in tag.attributes().with_checks(false).flatten() {
            let key = attribute.key;
            if key.as_namespace_binding().is_some() {
                continue;
            }
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .unwrap_or_default();
            let (local, prefix) = key.decompose();
            let local = local.as_ref();
            let known = match prefix
                .as_ref()
                .map(|prefix| self.scopes.of_prefix(prefix.as_ref()))
            {
                Some(Namespace::Instance) => {
                    self.instance_attribute(local, &value, place, at);
                    continue;
                }
                Some(_) => None,
                None => place
                    .attributes
                    .iter()
                    .position(|attribute| attribute.name == local),
            };
            match known {
                Some(index) => {
                    found |= 1 << index;
                    self.attribute_value(&place.attributes[index].value, &value, at);
                }
                None => self.report_here(Code::AttributeUnknown, at, message::attribute_unknown()),
            }
        }
        for (index, attribute) in place.attributes.iter().enumerate() {
            if found >> index & 1 == 0 {
                self.report_here(
                    Code::AttributeMissing,
                    at,
                    message::attribute_missing(attribute.name),
                );
            }
        }
    }

    fn attribute_value(&mut self, legal: &AttributeValue, value: &str, at: usize) {
        match legal {
            AttributeValue::Fixed(fixed) if value != *fixed => {
                self.report_here(Code::ValueFixed, at, message::fixed(fixed));
            }
            AttributeValue::OneOf(values) if !values.contains(&value) => {
                self.report_here(Code::ValueEnumeration, at, message::one_of(values));
            }
            AttributeValue::Fixed(_) | AttributeValue::OneOf(_) => {}
        }
    }

    /// Attributes of the namespace of schema instances.
    fn instance_attribute(&mut self, local: &str, value: &str, place: &'static Place, at: usize) {
        match local {
            "schemaLocation" | "noNamespaceSchemaLocation" => {}
            "nil" => self.report_here(Code::NilNotAllowed, at, message::nil()),
            "type" => {
                if !self.names_type(value, place.type_name) {
                    self.report_here(Code::TypeNotAllowed, at, message::type_not_allowed());
                }
            }
            _ => self.report_here(Code::AttributeUnknown, at, message::attribute_unknown()),
        }
    }

    /// Whether the qualified name `value` is that of the type. Types derived from it are not looked for: nothing in an
    /// invoice needs them.
    fn names_type(&self, value: &str, type_name: &str) -> bool {
        let value = value.trim_matches([' ', '\t', '\n', '\r']);
        let (prefix, local) = match value.split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None => (None, value),
        };
        let (namespace, name) = match type_name.split_once(':') {
            Some(("etd", name)) => (Namespace::CommonTypes, name),
            Some((_, name)) => (Namespace::Schema, name),
            None => (Namespace::Invoice, type_name),
        };
        !name.is_empty() && local == name && self.scopes.of_element(prefix) == namespace
    }

    fn report_here(&mut self, code: Code, at: usize, message: crate::Bilingual) {
        self.report.add(at, code, path(&self.frames), message);
    }

    fn text(&mut self, raw: Cow<'d, str>, at: usize) {
        if self.ignored > 0 {
            return;
        }
        let Some(frame) = self.frames.last_mut() else {
            return;
        };
        match &mut frame.inside {
            Inside::Value(_) => self.value.push(with_normal_line_breaks(raw)),
            Inside::Children { text_reported, .. } => {
                if !*text_reported && !value::is_blank(&raw) {
                    *text_reported = true;
                    let before = raw.len() - raw.trim_start_matches([' ', '\t', '\n', '\r']).len();
                    self.report_here(
                        Code::TextUnexpected,
                        at + before,
                        message::text_unexpected(),
                    );
                }
            }
        }
    }

    fn reference(&mut self, reference: &BytesRef<'d>, at: usize) {
        let piece: Cow<'d, str> = match reference.as_ref() {
            "lt" => "<".into(),
            "gt" => ">".into(),
            "amp" => "&".into(),
            "apos" => "'".into(),
            "quot" => "\"".into(),
            // Other names need a DTD, which the file level refuses.
            _ => match reference.resolve_char_ref() {
                Ok(Some(character)) => character.to_string().into(),
                Ok(None) | Err(_) => return,
            },
        };
        if self.ignored > 0 {
            return;
        }
        // Line breaks that come as references stay what they are.
        if let Some(Frame {
            inside: Inside::Value(_),
            ..
        }) = self.frames.last()
        {
            self.value.push(piece);
        } else {
            self.text(piece, at);
        }
    }

    fn end(&mut self, at: usize) {
        if self.ignored > 0 {
            self.ignored -= 1;
            return;
        }
        let Some(frame) = self.frames.last() else {
            return;
        };
        match &frame.inside {
            Inside::Value(kind) => {
                let text = self.value.as_str();
                match value::check(kind, text) {
                    Ok(()) => self.beyond.value(&self.frames, kind, text),
                    Err(code) => {
                        let message = message::value(code, kind);
                        self.report
                            .add(frame.start, code, path(&self.frames), message);
                    }
                }
            }
            Inside::Children { model, state, .. } => {
                if !model.may_end(*state) {
                    for names in model.missing(*state, None).unwrap_or_default() {
                        self.report.add(
                            at,
                            Code::ElementMissing,
                            path(&self.frames),
                            message::missing(&names),
                        );
                    }
                }
            }
        }
        // The document frame stays.
        if self.frames.len() > 1 {
            self.frames.pop();
        }
        self.scopes.leave(self.frames.len());
    }
}

/// CR LF and CR become LF, as XML demands of every reader.
fn with_normal_line_breaks(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') {
        Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
    } else {
        text
    }
}
