//! Reads an FA(3) document element by element, strictly in the order of the schema.
//!
//! What the model has no place for is an error with path, line and column. Values are read as far as their types need
//! it; lengths and ranges are the verdict's business. Nothing is read recursively but what the model names, so depth and
//! memory are bounded by the schema, and a document type declaration never gets here: the file level refuses it.

mod error;

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{NamespaceResolver, ResolveResult};

pub use self::error::ReadError;
use super::error::{InvoiceError, Position};
use super::layout::{Layout, Oddity, Step};
use super::scan::is_same;
use super::{names, validate};

/// Namespaces in force at one place: more than any invoice needs, few enough to be searched.
const MAX_NAMESPACES: usize = 1024;

/// The document being read, with the next tag already known.
pub(super) struct Reader<'d> {
    text: &'d str,
    xml: quick_xml::Reader<&'d [u8]>,
    namespaces: NamespaceResolver,
    path: Vec<Step>,
    next: Next<'d>,
    /// Whether the innermost open element has had no child so far.
    is_empty: bool,
    /// White space before the next tag.
    blank: Cow<'d, str>,
    /// Whether departures from the rule of the layout are of interest.
    keeps_layout: bool,
    layout: Layout,
}

enum Next<'d> {
    Element(Tag<'d>),
    /// The end of the innermost open element, or of the document.
    End(usize),
}

struct Tag<'d> {
    prefix: &'d str,
    local: &'d str,
    is_invoice: bool,
    start: BytesStart<'d>,
    at: usize,
}

impl<'d> Reader<'d> {
    /// Begins to read `text`, which has passed the checks of the file level; the next tag is the root element's.
    pub(super) fn new(text: &'d str, keeps_layout: bool) -> Result<Self, ReadError> {
        let mut xml = quick_xml::Reader::from_str(text);
        xml.config_mut().expand_empty_elements = true;
        let mut namespaces = NamespaceResolver::default();
        namespaces.set_max_namespace_bindings(MAX_NAMESPACES);
        let mut reader = Self {
            text,
            xml,
            namespaces,
            path: Vec::new(),
            next: Next::End(0),
            is_empty: true,
            blank: "".into(),
            keeps_layout,
            layout: Layout::compact(),
        };
        reader.advance()?;
        Ok(reader)
    }

    /// How the document was laid out, once it is read.
    pub(super) fn into_layout(self) -> Layout {
        self.layout
    }

    /// Whether the next tag begins the element `name` of FA(3).
    pub(super) fn is_next(&self, name: &str) -> bool {
        matches!(&self.next, Next::Element(tag) if tag.is_invoice && is_same(tag.local, name))
    }

    /// Goes into the element that comes next; [`Self::is_next`] has been asked. Answers the values of the attributes
    /// `known`, all of which must be there.
    pub(super) fn enter(
        &mut self,
        name: &'static str,
        occurrence: u32,
        known: &[&str],
    ) -> Result<Vec<String>, ReadError> {
        let next = std::mem::replace(&mut self.next, Next::End(0));
        let Next::Element(tag) = next else {
            self.next = next;
            return Err(self.missing(vec![name]));
        };
        self.path.push(Step {
            name,
            occurrence,
            at: tag.at,
        });
        let depth = self.path.len() - 1;
        let is_root = depth == 0;
        if is_root {
            self.layout.prefix = tag.prefix.into();
        } else if self.keeps_layout && !self.layout.is_rule(&self.blank, depth) {
            let blank = std::mem::take(&mut self.blank);
            self.note(|| Oddity::Before(blank.as_ref().into()));
        }
        let has_rule_prefix = is_same(tag.prefix, &self.layout.prefix);
        // Nearly all tags are bare.
        let is_bare = tag.start.attributes_raw().is_empty();
        if is_bare && has_rule_prefix && known.is_empty() && !is_root {
            return Ok(Vec::new());
        }
        let mut values = vec![None; known.len()];
        let mut others = Vec::new();
        for attribute in tag.start.attributes() {
            let attribute = attribute.map_err(|_| self.attribute(tag.at))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|_| self.attribute(tag.at))?;
            let is_declaration = attribute.key.as_namespace_binding().is_some();
            let (namespace, local) = self.namespaces.resolve_attribute(attribute.key);
            let is_instance = matches!(namespace, ResolveResult::Bound(uri) if uri.as_ref() == names::INSTANCE_NAMESPACE);
            if is_declaration || is_instance {
                others.push((attribute.key.as_ref().to_owned(), value.into_owned()));
                continue;
            }
            let index = known
                .iter()
                .position(|name| namespace == ResolveResult::Unbound && *name == local.as_ref());
            match index {
                Some(index) => values[index] = Some(value.into_owned()),
                None => return Err(self.attribute(tag.at)),
            }
        }
        if is_root {
            self.layout.root_attributes = others;
        } else if !others.is_empty() || !has_rule_prefix {
            self.note(|| Oddity::Tag {
                prefix: tag.prefix.into(),
                attributes: others,
            });
        }
        values
            .into_iter()
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| self.attribute(tag.at))
    }

    /// Reads on to the first child, after [`Self::enter`].
    pub(super) fn descend(&mut self) -> Result<(), ReadError> {
        self.is_empty = true;
        self.advance()
    }

    /// Leaves an element whose children have been read: nothing may be left in it.
    pub(super) fn leave(&mut self) -> Result<(), ReadError> {
        if let Next::Element(tag) = &self.next {
            return Err(self.out_of_place(tag));
        }
        if self.keeps_layout {
            // An empty element is written without white space in it.
            let follows_rule = if self.is_empty {
                self.blank.is_empty()
            } else {
                self.layout.is_rule(&self.blank, self.path.len() - 1)
            };
            if !follows_rule {
                let blank = std::mem::take(&mut self.blank);
                self.note(|| Oddity::BeforeEnd(blank.as_ref().into()));
            }
        }
        self.close()
    }

    /// The text of the element just entered, which is left.
    pub(super) fn text(&mut self) -> Result<Cow<'d, str>, ReadError> {
        let mut text = Cow::Borrowed("");
        loop {
            let at = self.xml.buffer_position() as usize;
            let piece = match self.read_event(at)? {
                Event::Start(start) => {
                    let tag = self.tag(start, at)?;
                    return Err(self.out_of_place(&tag));
                }
                Event::Text(piece) => piece.xml10_content(),
                Event::CData(piece) => piece.xml10_content(),
                Event::GeneralRef(reference) => {
                    resolve(&reference).ok_or_else(|| self.malformed(at))?
                }
                Event::End(_) | Event::Eof => break,
                _ => continue,
            };
            if text.is_empty() {
                text = piece;
            } else {
                text.to_mut().push_str(&piece);
            }
        }
        self.close()?;
        Ok(text)
    }

    /// Keeps how the value of the element just left was spelled, if it would be written otherwise.
    pub(super) fn note_spelling(&mut self, step: Step, read: &str, written: &str) {
        if read != written {
            self.path.push(step);
            self.note(|| Oddity::Spelling {
                read: read.into(),
                written: written.into(),
            });
            self.path.pop();
        }
    }

    /// Whether anybody asks how the document is spelled.
    pub(super) fn keeps_layout(&self) -> bool {
        self.keeps_layout
    }

    /// The innermost open element.
    pub(super) fn step(&self) -> Step {
        self.path.last().copied().unwrap_or(Step {
            name: "",
            occurrence: 0,
            at: 0,
        })
    }

    /// What to say of a required element that does not come next.
    pub(super) fn missing(&self, expected: Vec<&'static str>) -> ReadError {
        let at = match &self.next {
            Next::Element(tag) if !tag.is_invoice || !validate::is_element(tag.local) => {
                return self.out_of_place(tag);
            }
            Next::Element(tag) => tag.at,
            Next::End(at) => *at,
        };
        ReadError::MissingElement {
            path: self.path(),
            expected,
            position: Position::of(self.text, at),
        }
    }

    /// What to say of a value that its type cannot hold.
    pub(super) fn value(&self, step: Step) -> ReadError {
        ReadError::Value {
            path: format!("{}{step}", self.path()),
            position: Position::of(self.text, step.at),
        }
    }

    /// What to say of attributes that are not as they should be, of the innermost element.
    pub(super) fn attribute(&self, at: usize) -> ReadError {
        ReadError::Attribute {
            path: self.path(),
            position: Position::of(self.text, at),
        }
    }

    fn close(&mut self) -> Result<(), ReadError> {
        self.path.pop();
        self.namespaces.pop();
        self.is_empty = false;
        self.advance()
    }

    fn note(&mut self, oddity: impl FnOnce() -> Oddity) {
        if self.keeps_layout {
            self.layout.note(&self.path, oddity());
        }
    }

    fn advance(&mut self) -> Result<(), ReadError> {
        self.blank = "".into();
        loop {
            let at = self.xml.buffer_position() as usize;
            match self.read_event(at)? {
                Event::Start(start) => {
                    // What stands before the first child of the root is the rule.
                    if self.path.len() == 1 && self.is_empty {
                        self.layout.indent = self
                            .blank
                            .strip_prefix('\n')
                            .filter(|indent| !indent.contains('\n'))
                            .map(Into::into);
                    }
                    self.next = Next::Element(self.tag(start, at)?);
                    return Ok(());
                }
                Event::End(_) | Event::Eof => {
                    self.next = Next::End(at);
                    return Ok(());
                }
                Event::Text(text) => self.blank(text.xml10_content(), at)?,
                Event::CData(text) => self.blank(text.xml10_content(), at)?,
                Event::GeneralRef(reference) => {
                    let text = resolve(&reference).ok_or_else(|| self.malformed(at))?;
                    self.blank(text, at)?;
                }
                Event::Empty(_)
                | Event::Comment(_)
                | Event::Decl(_)
                | Event::PI(_)
                | Event::DocType(_) => {}
            }
        }
    }

    fn read_event(&mut self, at: usize) -> Result<Event<'d>, ReadError> {
        self.xml.read_event().map_err(|_| self.malformed(at))
    }

    fn tag(&mut self, start: BytesStart<'d>, at: usize) -> Result<Tag<'d>, ReadError> {
        // The resolver compares declarations as they stand; a reference in one is rare, and resolved for it.
        let pushed = if start.attributes_raw().contains('&') {
            let mut plain = BytesStart::new(start.name().as_ref().to_owned());
            for attribute in start.attributes().flatten() {
                if attribute.key.as_namespace_binding().is_some()
                    && let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0)
                {
                    plain.push_attribute((attribute.key.as_ref(), value.as_ref()));
                }
            }
            self.namespaces.push(&plain)
        } else {
            self.namespaces.push(&start)
        };
        pushed.map_err(|_| self.malformed(at))?;
        let (namespace, _) = self.namespaces.resolve_element(start.name());
        let is_invoice =
            matches!(namespace, ResolveResult::Bound(uri) if uri.as_ref() == names::FA3_NAMESPACE);
        let name_begin = at + 1;
        let name = &self.text[name_begin..name_begin + start.name().as_ref().len()];
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        Ok(Tag {
            prefix,
            local,
            is_invoice,
            start,
            at,
        })
    }

    /// White space between elements.
    fn blank(&mut self, text: Cow<'d, str>, at: usize) -> Result<(), ReadError> {
        if !text
            .bytes()
            .all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
        {
            let raw = &self.text[at..];
            let before = raw.len() - raw.trim_start_matches([' ', '\t', '\r', '\n']).len();
            return Err(ReadError::UnexpectedText {
                path: self.path(),
                position: Position::of(self.text, at + before),
            });
        }
        if self.blank.is_empty() {
            self.blank = text;
        } else {
            self.blank.to_mut().push_str(&text);
        }
        Ok(())
    }

    fn out_of_place(&self, tag: &Tag<'_>) -> ReadError {
        let known = tag.is_invoice && validate::is_element(tag.local);
        // A name of the document itself, not of the schema, is shown only if it looks like one.
        let plain = tag.local.len() <= 64
            && tag
                .local
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let path = format!("{}/{}", self.path(), if plain { tag.local } else { "*" });
        let position = Position::of(self.text, tag.at);
        if known {
            ReadError::UnexpectedElement { path, position }
        } else {
            ReadError::UnknownElement { path, position }
        }
    }

    fn malformed(&self, at: usize) -> ReadError {
        InvoiceError::Malformed(Position::of(self.text, at)).into()
    }

    fn path(&self) -> String {
        self.path.iter().map(ToString::to_string).collect()
    }
}

/// What a reference stands for: a character, or one of the five names XML knows without a DTD.
fn resolve(reference: &quick_xml::events::BytesRef<'_>) -> Option<Cow<'static, str>> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character.to_string().into());
    }
    quick_xml::escape::resolve_xml_entity(reference).map(Cow::Borrowed)
}
