//! One pass over a document that holds every element, attribute and text against the grammar.
//!
//! The walk never stops at a violation: it reports, finds the next place of the content model that makes sense, and goes
//! on. What stands inside an element the schema does not know is not judged.

use quick_xml::events::attributes::Attributes;
use quick_xml::events::{BytesRef, Event};
use quick_xml::{Reader, XmlVersion};

use super::automaton::{AUTOMATON, Body, Model, Place, State};
use super::code::Code;
use super::grammar::{AttributeValue, Value};
use super::namespace::{Namespace, Scopes};
use super::report::Report;
use super::rules::{Beyond, Fact};
use super::{message, value};
use crate::invoice::facts::{Draft, Field};
use crate::invoice::scan::{Doubt, Scanner, Token};
use crate::invoice::{InvoiceError, file, names};

/// Holds `text` against the schema; legal values are shown to `beyond` as well.
///
/// `text` has passed the checks of the file level, so it is well-formed. Should it not be, the walk ends where reading
/// does.
pub(super) fn walk(text: &str, report: &mut Report, beyond: &mut Beyond<'_>) {
    let mut reader = Reader::from_str(text);
    let mut walk = Walk::new(text, report, beyond);
    while !walk.report.is_cut_off() {
        let at = reader.buffer_position() as usize;
        match reader.read_event() {
            Ok(Event::Start(tag)) => walk.start(tag.name().0, tag.attributes_raw(), at),
            Ok(Event::Empty(tag)) => {
                walk.start(tag.name().0, tag.attributes_raw(), at);
                walk.end(at);
            }
            Ok(Event::End(_)) => walk.end(at),
            Ok(Event::Text(content)) => walk.text(&content.into_inner(), at),
            Ok(Event::CData(content)) => walk.text(&content.into_inner(), at),
            Ok(Event::GeneralRef(reference)) => {
                if let Some(character) = resolve(&reference) {
                    walk.character(character, at);
                }
            }
            Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_)) => {}
            Ok(Event::Eof) | Err(_) => break,
        }
    }
}

/// What [`walk`] does, and the checks of the file level in the same pass: `text` has passed [`file::checked_text`] only.
/// What was found is complete unless there is [`Doubt`]. The facts are those of a document without errors.
///
/// # Errors
/// The document is larger than one without attachment may be; what was found does not count then.
pub(super) fn walk_plain(
    text: &str,
    report: &mut Report,
    beyond: &mut Beyond<'_>,
    facts: Option<&mut Draft>,
) -> Result<Result<(), InvoiceError>, Doubt> {
    let mut scanner = Scanner::new(text)?;
    let mut walk = Walk::new(text, report, beyond);
    walk.facts = facts;
    let mut has_attachment = false;
    loop {
        if walk.expects_elements() {
            scanner.skip_space();
        }
        let Some(token) = scanner.token()? else {
            break;
        };
        if let Token::Start(name) | Token::Empty(name) | Token::Leaf(name, _) = token {
            has_attachment |= name.ends_with(names::ATTACHMENT) && walk.is_attachment(name);
        }
        // Nothing more is taken in, but the file level has a say to the end.
        if walk.report.is_cut_off() {
            continue;
        }
        let at = scanner.offset();
        match token {
            // The root element is another one than that of an invoice.
            Token::Leaf(..) if walk.frames.len() == 1 => return Err(Doubt),
            Token::Leaf(name, text) => walk.leaf(name, text, at),
            Token::Start(name) | Token::Empty(name) => {
                walk.start(name, scanner.attributes(), at);
                if walk.frames.len() == 1 {
                    return Err(Doubt);
                }
                if matches!(token, Token::Empty(_)) {
                    walk.end(at);
                }
            }
            Token::End => walk.end(at),
            Token::Text(text) => walk.text(text, at),
            Token::Character(character) => walk.character(character, at),
        }
    }
    if text.len() > file::MAX_SIZE && !has_attachment {
        return Ok(Err(InvoiceError::TooLarge {
            size: text.len(),
            limit: file::MAX_SIZE,
        }));
    }
    if let Some(facts) = walk.facts {
        facts.has_attachment = has_attachment;
    }
    Ok(Ok(()))
}

/// The character a reference stands for. Names that need a DTD stand for none: the file level refuses them.
fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    match reference.as_ref() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => reference.resolve_char_ref().ok().flatten(),
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

#[derive(Clone, Copy)]
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

    pub(super) fn occurrence(&self) -> u32 {
        self.occurrence
    }

    fn fact(&self) -> Option<Fact> {
        self.place.and_then(|place| place.fact)
    }

    fn field(&self) -> Option<Field> {
        self.place.and_then(|place| place.field)
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

/// Nesting beyond this costs an allocation.
const USUAL_DEPTH: usize = 16;

struct Walk<'r, 'b> {
    report: &'r mut Report,
    beyond: &'r mut Beyond<'b>,
    facts: Option<&'r mut Draft>,
    frames: Vec<Frame>,
    /// Depth inside an element that is not judged.
    ignored: u32,
    scopes: Scopes,
    /// The text of the innermost element so far.
    value: String,
    /// Whether there is a carriage return anywhere in the document.
    has_returns: bool,
}

impl<'r, 'b> Walk<'r, 'b> {
    fn new(text: &str, report: &'r mut Report, beyond: &'r mut Beyond<'b>) -> Self {
        Self {
            report,
            beyond,
            facts: None,
            frames: {
                let mut frames = Vec::with_capacity(USUAL_DEPTH);
                frames.push(Frame::document());
                frames
            },
            ignored: 0,
            scopes: Scopes::default(),
            value: String::new(),
            has_returns: text.contains('\r'),
        }
    }

    /// Whether this is the name of an attachment. Plain documents declare namespaces at the root only.
    fn is_attachment(&self, name: &str) -> bool {
        let (prefix, local) = match name.split_once(':') {
            Some((prefix, local)) => (Some(prefix), local),
            None => (None, name),
        };
        local == names::ATTACHMENT && self.scopes.of_element(prefix) == Namespace::Invoice
    }

    /// An element that holds nothing but this text, its start tag without attributes.
    fn leaf(&mut self, name: &str, text: &str, at: usize) {
        self.start(name, "", at);
        let text_at = at + name.len() + "<>".len();
        if self.ignored == 0
            && !self.has_returns
            && let Some(Inside::Value(kind)) = self.frames.last().map(|frame| frame.inside)
        {
            self.judge(kind, text);
            self.close();
        } else {
            if !text.is_empty() {
                self.text(text, text_at);
            }
            self.end(text_at + text.len());
        }
    }

    /// Whether white space means nothing here.
    fn expects_elements(&self) -> bool {
        matches!(
            self.frames.last(),
            Some(Frame {
                inside: Inside::Children { .. },
                ..
            })
        )
    }

    /// `name` may have a prefix.
    fn start(&mut self, name: &str, attributes: &str, at: usize) {
        if self.ignored > 0 {
            self.ignored += 1;
            return;
        }
        let depth = self.frames.len();
        if !attributes.is_empty() {
            self.scopes.enter(depth, attributes);
        }
        // No name of the schema has a colon in it: most names need not be searched for one.
        let (prefix, local, number) = match AUTOMATON.name(name) {
            Some(number) => (None, name, Some(number)),
            None => match name.split_once(':') {
                Some((prefix, local)) => (Some(prefix), local, AUTOMATON.name(local)),
                None => (None, name, None),
            },
        };
        let name = number.filter(|_| self.scopes.of_element(prefix) == Namespace::Invoice);
        if let Some((place, occurrence)) = self.place_of(name, local, at) {
            self.frames.push(Frame::element(place, occurrence, at));
            self.value.clear();
            if let (Some(fact), Body::Children(_)) = (place.fact, &place.body) {
                self.beyond.begin(fact, &self.frames, self.report.len());
            }
            if !attributes.is_empty() || !place.attributes.is_empty() {
                self.attributes(attributes, place, at);
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

    fn attributes(&mut self, attributes: &str, place: &'static Place, at: usize) {
        let mut found = 0_u32;
        for attribute in Attributes::new(attributes, 0).with_checks(false).flatten() {
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

    fn text(&mut self, raw: &str, at: usize) {
        if self.ignored > 0 {
            return;
        }
        match self.frames.last_mut() {
            Some(Frame {
                inside: Inside::Value(_),
                ..
            }) if self.has_returns => push_normalised(&mut self.value, raw),
            Some(Frame {
                inside: Inside::Value(_),
                ..
            }) => self.value.push_str(raw),
            Some(_) if !value::is_blank(raw) => self.misplaced_text(raw, at),
            _ => {}
        }
    }

    /// A character that came as a reference: line breaks stay what they are.
    fn character(&mut self, character: char, at: usize) {
        if self.ignored > 0 {
            return;
        }
        if let Some(Frame {
            inside: Inside::Value(_),
            ..
        }) = self.frames.last()
        {
            self.value.push(character);
        } else {
            self.text(character.encode_utf8(&mut [0; 4]), at);
        }
    }

    fn misplaced_text(&mut self, raw: &str, at: usize) {
        if let Some(Frame {
            inside: Inside::Children { text_reported, .. },
            ..
        }) = self.frames.last_mut()
            && !*text_reported
        {
            *text_reported = true;
            let before = raw.len() - raw.trim_start_matches([' ', '\t', '\n', '\r']).len();
            self.report_here(
                Code::TextUnexpected,
                at + before,
                message::text_unexpected(),
            );
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
                let kind = *kind;
                let text = core::mem::take(&mut self.value);
                self.judge(kind, &text);
                self.value = text;
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
                if let Some(fact) = frame.fact() {
                    self.beyond.end(fact, &self.frames, self.report.len());
                }
            }
        }
        self.close();
    }

    /// Judges the value of the innermost element.
    fn judge(&mut self, kind: Value, text: &str) {
        let Some(frame) = self.frames.last() else {
            return;
        };
        match value::check(&kind, text) {
            Ok(()) => {
                if let Some(fact) = frame.fact() {
                    self.beyond.value(fact, &self.frames, text);
                }
                if let (Some(facts), Some(field)) = (&mut self.facts, frame.field()) {
                    facts.take(field, text);
                }
            }
            Err(code) => {
                let message = message::value(code, &kind);
                self.report
                    .add(frame.start, code, path(&self.frames), message);
            }
        }
    }

    fn close(&mut self) {
        // The document frame stays.
        if self.frames.len() > 1 {
            self.frames.pop();
        }
        self.scopes.leave(self.frames.len());
    }
}

/// Adds text as every reader of XML must hand it on: CR LF and CR become LF.
fn push_normalised(text: &mut String, raw: &str) {
    let mut lines = raw.split('\r');
    text.push_str(lines.next().unwrap_or_default());
    for line in lines {
        text.push('\n');
        text.push_str(line.strip_prefix('\n').unwrap_or(line));
    }
}
