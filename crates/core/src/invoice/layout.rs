//! How a document was written beside what it says: indentation, prefixes, spellings.

use core::fmt;
use std::collections::BTreeMap;

use super::names;

/// How a document is, or was, laid out. It carries no content of its own: an invoice that was read and changed keeps the
/// look of its file when it is written with the layout it came with.
///
/// Kept are the prefix and the attributes of the root element, the indentation, declarations and `xsi` attributes further
/// in, white space that follows no rule, and values spelled otherwise than this library writes them (`+1` for `1`, white
/// space around a date). Not kept are comments and the way characters are escaped.
#[derive(Clone, PartialEq, Eq)]
pub struct Layout {
    /// Prefix of the FA(3) namespace; empty for the default namespace.
    pub(super) prefix: Box<str>,
    /// Attributes of the root element: declarations of namespaces and `xsi:schemaLocation`.
    pub(super) root_attributes: Vec<(String, String)>,
    /// What one level is indented by, each element on a line of its own; `None`: no white space between elements.
    pub(super) indent: Option<Box<str>>,
    /// By the path of the element. An odd document may have one for each: they take little room.
    oddities: BTreeMap<Box<str>, Vec<Oddity>>,
}

/// One departure from the rule, at one element.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Oddity {
    /// Another prefix than the root's, or attributes that say nothing about the invoice.
    Tag {
        prefix: Box<str>,
        attributes: Vec<(String, String)>,
    },
    /// Other white space before the start tag than the rule asks for.
    Before(Box<str>),
    /// Other white space before the end tag than the rule asks for.
    BeforeEnd(Box<str>),
    /// A value that is written in one way and was read in another.
    Spelling { read: Box<str>, written: Box<str> },
}

/// One element of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) name: &'static str,
    /// The how-manieth of its name, from 1; 0 for an element that cannot be repeated.
    pub(super) occurrence: u32,
    /// Byte offset of its start tag; of no meaning when writing.
    pub(super) at: usize,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.occurrence {
            0 => write!(f, "/{}", self.name),
            number => write!(f, "/{}[{number}]", self.name),
        }
    }
}

impl Layout {
    /// No white space between elements: the smallest file.
    pub fn compact() -> Self {
        Self {
            prefix: "".into(),
            root_attributes: vec![("xmlns".into(), names::FA3_NAMESPACE.into())],
            indent: None,
            oddities: BTreeMap::new(),
        }
    }

    /// Every element on a line of its own, two spaces a level.
    pub fn indented() -> Self {
        Self {
            indent: Some("  ".into()),
            ..Self::compact()
        }
    }

    /// Whether `blank` is what the rule puts before a tag at `depth`.
    pub(super) fn is_rule(&self, blank: &str, depth: usize) -> bool {
        let Some(indent) = &self.indent else {
            return blank.is_empty();
        };
        let Some(blank) = blank.strip_prefix('\n') else {
            return false;
        };
        let mut levels = blank.as_bytes().chunks(indent.len().max(1));
        blank.len() == indent.len() * depth && levels.all(|level| level == indent.as_bytes())
    }

    pub(super) fn note(&mut self, path: &[Step], oddity: Oddity) {
        let here = self.oddities.entry(key(path));
        here.or_insert_with(|| Vec::with_capacity(1)).push(oddity);
    }

    /// Whether every element follows the rule.
    pub(super) fn is_plain(&self) -> bool {
        self.oddities.is_empty()
    }

    /// Those of the element with this path.
    pub(super) fn oddities(&self, path: &str) -> &[Oddity] {
        self.oddities.get(path).map_or(&[], Vec::as_slice)
    }
}

fn key(path: &[Step]) -> Box<str> {
    path.iter().map(ToString::to_string).collect()
}

/// Indented: what people can read.
impl Default for Layout {
    fn default() -> Self {
        Self::indented()
    }
}

/// Shows the indentation only: spellings and attributes come from a document.
impl fmt::Debug for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Layout")
            .field("indent", &self.indent)
            .finish_non_exhaustive()
    }
}
