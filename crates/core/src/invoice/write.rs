//! Writes an FA(3) document: UTF-8 without byte order mark, the same bytes for the same invoice and layout.

use core::fmt::Write as _;

use super::layout::{Layout, Oddity, Step};

/// The document being written.
pub(super) struct Writer<'l> {
    out: String,
    layout: &'l Layout,
    depth: usize,
    /// The path of the innermost open element; followed only if the layout has something to say of single elements.
    path: String,
    /// How long the path of each open element's parent is.
    parents: Vec<usize>,
}

impl<'l> Writer<'l> {
    pub(super) fn new(layout: &'l Layout) -> Self {
        Self {
            out: String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"),
            layout,
            depth: 0,
            path: String::new(),
            parents: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.out.push('\n');
        self.out
    }

    /// Writes an element with what `content` writes into it.
    pub(super) fn element(
        &mut self,
        name: &'static str,
        occurrence: u32,
        attributes: &[(&str, &str)],
        content: impl FnOnce(&mut Self),
    ) {
        let prefix = self.open(name, occurrence, attributes);
        self.depth += 1;
        let empty = self.out.len();
        content(self);
        self.depth -= 1;
        let before_end = self.oddities().iter().find_map(|oddity| match oddity {
            Oddity::BeforeEnd(blank) => Some(blank),
            _ => None,
        });
        match before_end {
            Some(blank) => escape(&mut self.out, blank, false),
            None if self.out.len() > empty => self.break_line(),
            None => {}
        }
        self.close(name, prefix);
    }

    /// Writes an element that holds a value.
    pub(super) fn value(&mut self, name: &'static str, occurrence: u32, value: &str) {
        self.value_with_attributes(name, occurrence, &[], value);
    }

    /// Writes an element that holds a value and has attributes.
    pub(super) fn value_with_attributes(
        &mut self,
        name: &'static str,
        occurrence: u32,
        attributes: &[(&str, &str)],
        value: &str,
    ) {
        let prefix = self.open(name, occurrence, attributes);
        let spelled = self.oddities().iter().find_map(|oddity| match oddity {
            Oddity::Spelling { read, written } if **written == *value => Some(&**read),
            _ => None,
        });
        escape(&mut self.out, spelled.unwrap_or(value), false);
        self.close(name, prefix);
    }

    fn oddities(&self) -> &'l [Oddity] {
        if self.layout.is_plain() {
            &[]
        } else {
            self.layout.oddities(&self.path)
        }
    }

    /// Answers the prefix, which the end tag repeats.
    fn open(
        &mut self,
        name: &'static str,
        occurrence: u32,
        attributes: &[(&str, &str)],
    ) -> &'l str {
        let layout = self.layout;
        let is_root = self.depth == 0;
        if !layout.is_plain() {
            self.parents.push(self.path.len());
            let step = Step {
                name,
                occurrence,
                at: 0,
            };
            // Writing to a string cannot fail.
            let _ = write!(self.path, "{step}");
        }
        let mut before = None;
        let mut prefix = &*layout.prefix;
        let mut others = if is_root {
            layout.root_attributes.as_slice()
        } else {
            &[]
        };
        for oddity in self.oddities() {
            match oddity {
                Oddity::Before(blank) => before = Some(blank),
                Oddity::Tag {
                    prefix: own,
                    attributes,
                } => {
                    prefix = own;
                    others = attributes;
                }
                Oddity::BeforeEnd(_) | Oddity::Spelling { .. } => {}
            }
        }
        match before {
            Some(blank) => escape(&mut self.out, blank, false),
            None if is_root => {}
            None => self.break_line(),
        }
        self.out.push('<');
        self.name(prefix, name);
        for (name, value) in attributes {
            self.attribute(name, value);
        }
        for (name, value) in others {
            self.attribute(name, value);
        }
        self.out.push('>');
        prefix
    }

    fn close(&mut self, name: &str, prefix: &str) {
        if let Some(parent) = self.parents.pop() {
            self.path.truncate(parent);
        }
        self.out.push_str("</");
        self.name(prefix, name);
        self.out.push('>');
    }

    fn name(&mut self, prefix: &str, name: &str) {
        if !prefix.is_empty() {
            self.out.push_str(prefix);
            self.out.push(':');
        }
        self.out.push_str(name);
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        escape(&mut self.out, value, true);
        self.out.push('"');
    }

    fn break_line(&mut self) {
        if let Some(indent) = &self.layout.indent {
            self.out.push('\n');
            for _ in 0..self.depth {
                self.out.push_str(indent);
            }
        }
    }
}

/// Adds `text` so that a reader finds the same characters.
fn escape(out: &mut String, text: &str, is_attribute: bool) {
    let mut rest = text;
    while let Some(at) = rest.find(|c| {
        matches!(c, '<' | '>' | '&' | '\r') || (is_attribute && matches!(c, '"' | '\t' | '\n'))
    }) {
        out.push_str(&rest[..at]);
        out.push_str(match rest.as_bytes()[at] {
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'&' => "&amp;",
            b'"' => "&quot;",
            b'\t' => "&#9;",
            b'\n' => "&#10;",
            _ => "&#13;",
        });
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
}
