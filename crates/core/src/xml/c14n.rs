//! Canonical XML: exclusive 1.0, inclusive 1.0 and 1.1, of a whole document or of one element in its place.
//!
//! The tree is walked without recursion, so that depth costs memory and no stack.

use roxmltree::{Attribute, Document, Node, NodeType};

use super::OwnAttribute as _;

/// Namespace of the attributes `xml:lang`, `xml:space`, `xml:base` and `xml:id`.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// A way to write XML so that documents that say the same have the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Canonicalization {
    /// Exclusive XML Canonicalization 1.0: an element's form does not depend on the document around it.
    #[default]
    Exclusive,
    /// Canonical XML 1.0.
    Inclusive10,
    /// Canonical XML 1.1.
    Inclusive11,
}

impl Canonicalization {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Exclusive, Self::Inclusive10, Self::Inclusive11];

    /// The identifier in signatures, of the form without comments.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::Exclusive => "http://www.w3.org/2001/10/xml-exc-c14n#",
            Self::Inclusive10 => "http://www.w3.org/TR/2001/REC-xml-c14n-20010315",
            Self::Inclusive11 => "http://www.w3.org/2006/12/xml-c14n11",
        }
    }
}

impl Canonicalization {
    /// The canonical form of a document in UTF-8, without comments; `None` for what is no XML, has a DTD or is beyond
    /// the limits of a verifier (32 MB, a million nodes). For finding out why a digest is not the expected one.
    pub fn document(self, xml: &[u8]) -> Option<Vec<u8>> {
        let xml = super::Lines::of(xml);
        let document = super::parse_limited(&xml)?;
        Canonicalizer::new(self).document(&document, None)
    }

    /// The canonical form of the one element with this `Id`, in its place in the document.
    pub fn element(self, xml: &[u8], id: &str) -> Option<Vec<u8>> {
        let xml = super::Lines::of(xml);
        let document = super::parse_limited(&xml)?;
        let mut found = document
            .descendants()
            .filter(|node| node.own_attribute("Id") == Some(id));
        match (found.next(), found.next()) {
            (Some(element), None) => Canonicalizer::new(self).element(element, None),
            _ => None,
        }
    }

    /// Whether an element shows this `xml:` attribute of an ancestor that is not part of what is written.
    pub(crate) fn inherits(self, name: &str) -> bool {
        match self {
            Self::Exclusive => false,
            Self::Inclusive10 => true,
            Self::Inclusive11 => matches!(name, "lang" | "space" | "base"),
        }
    }
}

/// A form with its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Canonicalizer {
    form: Canonicalization,
    comments: bool,
    /// PrefixList of the exclusive form: prefixes that are treated as the inclusive form does; empty for the default
    /// namespace.
    prefixes: Vec<String>,
}

impl Canonicalizer {
    pub(crate) fn new(form: Canonicalization) -> Self {
        Self {
            form,
            ..Self::default()
        }
    }

    /// The form with this identifier. Only the exclusive one has a list of prefixes.
    pub(crate) fn from_uri(uri: &str, prefix_list: &str) -> Option<Self> {
        let (uri, comments) = match uri.strip_suffix("WithComments") {
            // The exclusive identifier ends in `#` by itself.
            Some(with) if with == Canonicalization::Exclusive.uri() => (with, true),
            Some(with) => (with.strip_suffix('#')?, true),
            None => (uri, false),
        };
        let form = Canonicalization::ALL
            .into_iter()
            .find(|form| form.uri() == uri)?;
        let prefixes = prefix_list
            .split_ascii_whitespace()
            .map(|prefix| if prefix == "#default" { "" } else { prefix }.to_owned())
            .collect();
        Some(Self {
            form,
            comments,
            prefixes,
        })
    }

    /// The same without comments: what a reference into the document at hand selects has none.
    pub(crate) fn without_comments(mut self) -> Self {
        self.comments = false;
        self
    }

    /// The canonical form of a whole document, `omitted` and all in it left out. `None` for names beyond the parser.
    pub(crate) fn document(
        &self,
        document: &Document<'_>,
        omitted: Option<Node<'_, '_>>,
    ) -> Option<Vec<u8>> {
        let size = document.input_text().len();
        let mut writer = Writer::new(self, document, omitted, size);
        let mut before_root = true;
        for node in document.root().children() {
            let is_root = node.is_element();
            let written = is_root || node.is_pi() || (node.is_comment() && self.comments);
            if !written {
                continue;
            }
            if !is_root && !before_root {
                writer.out.push(b'\n');
            }
            writer.tree(node)?;
            if is_root {
                before_root = false;
            } else if before_root {
                writer.out.push(b'\n');
            }
        }
        Some(writer.out)
    }

    /// The canonical form of one element in its place, `omitted` and all in it left out. `None` as above, and
    /// where version 1.1 would have to join several `xml:base`.
    pub(crate) fn element(
        &self,
        element: Node<'_, '_>,
        omitted: Option<Node<'_, '_>>,
    ) -> Option<Vec<u8>> {
        let mut writer = Writer::new(self, element.document(), omitted, element.range().len());
        writer.tree(element)?;
        Some(writer.out)
    }
}

/// An attribute, in the order in which attributes are written.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Written<'a> {
    namespace: &'a str,
    name: &'a str,
    /// The name as it stands in the document, prefix included.
    qualified: &'a str,
    value: &'a str,
}

impl<'a> Written<'a> {
    /// `None` for a name so long that the parser lost its end.
    fn of(attribute: &Attribute<'a, '_>, text: &'a str) -> Option<Self> {
        let qualified = text.get(attribute.range_qname())?;
        let local = qualified
            .split_once(':')
            .map_or(qualified, |(_, local)| local);
        (local == attribute.name()).then_some(Self {
            namespace: attribute.namespace().unwrap_or_default(),
            name: attribute.name(),
            qualified,
            value: attribute.value(),
        })
    }
}

struct Writer<'a> {
    how: &'a Canonicalizer,
    text: &'a str,
    omitted: Option<roxmltree::NodeId>,
    /// Namespaces that were declared in what was written and are in force, each prefix once.
    declared: Vec<(&'a str, &'a str)>,
    /// What was in force before each declaration, to go back to at the end of the element.
    replaced: Vec<(&'a str, &'a str)>,
    out: Vec<u8>,
}

impl<'a> Writer<'a> {
    fn new(
        how: &'a Canonicalizer,
        document: &'a Document<'_>,
        omitted: Option<Node<'_, '_>>,
        size: usize,
    ) -> Self {
        Self {
            how,
            text: document.input_text(),
            omitted: omitted.map(|node| node.id()),
            declared: Vec::new(),
            replaced: Vec::new(),
            out: Vec::with_capacity(size + size / 8 + 256),
        }
    }

    /// Writes a node and all below it.
    fn tree(&mut self, top: Node<'a, '_>) -> Option<()> {
        // Elements that are open: the name, and how many declarations had been made before it.
        let mut open: Vec<(&'a str, usize)> = Vec::new();
        let mut next = Some(top);
        while let Some(node) = next {
            let mut entered = false;
            if Some(node.id()) != self.omitted {
                match node.node_type() {
                    NodeType::Element => {
                        let name = self.qualified_name(node);
                        open.push((name, self.replaced.len()));
                        self.start_tag(node, name, node == top)?;
                        entered = true;
                    }
                    NodeType::Text => escape_text_into(&mut self.out, node.text()?),
                    NodeType::PI => self.instruction(node),
                    NodeType::Comment if self.how.comments => {
                        self.out.extend_from_slice(b"<!--");
                        escape_returns(&mut self.out, node.text().unwrap_or_default());
                        self.out.extend_from_slice(b"-->");
                    }
                    NodeType::Comment | NodeType::Root => {}
                }
            }
            next = if entered { node.first_child() } else { None };
            let mut done = node;
            if next.is_none() && entered {
                self.end_tag(&mut open);
            }
            while next.is_none() && done != top {
                next = done.next_sibling();
                if next.is_none() {
                    done = done.parent()?;
                    self.end_tag(&mut open);
                }
            }
        }
        Some(())
    }

    fn end_tag(&mut self, open: &mut Vec<(&'a str, usize)>) {
        if let Some((name, made_before)) = open.pop() {
            self.out.extend_from_slice(b"</");
            self.out.extend_from_slice(name.as_bytes());
            self.out.push(b'>');
            while self.replaced.len() > made_before {
                if let Some((prefix, uri)) = self.replaced.pop() {
                    self.put_in_force(prefix, uri);
                }
            }
        }
    }

    fn instruction(&mut self, node: Node<'a, '_>) {
        if let Some(pi) = node.pi() {
            self.out.extend_from_slice(b"<?");
            self.out.extend_from_slice(pi.target.as_bytes());
            if let Some(value) = pi.value {
                self.out.push(b' ');
                escape_returns(&mut self.out, value);
            }
            self.out.extend_from_slice(b"?>");
        }
    }

    fn start_tag(&mut self, node: Node<'a, '_>, name: &'a str, is_top: bool) -> Option<()> {
        self.out.push(b'<');
        self.out.extend_from_slice(name.as_bytes());
        let mut attributes = node
            .attributes()
            .map(|attribute| Written::of(&attribute, self.text))
            .collect::<Option<Vec<_>>>()?;
        let mut new = self.new_declarations(node, name, &attributes);
        new.sort_unstable();
        for (prefix, uri) in new {
            if prefix.is_empty() {
                self.out.extend_from_slice(b" xmlns=\"");
            } else {
                self.out.extend_from_slice(b" xmlns:");
                self.out.extend_from_slice(prefix.as_bytes());
                self.out.extend_from_slice(b"=\"");
            }
            escape_attribute_into(&mut self.out, uri);
            self.out.push(b'"');
            let before = self.put_in_force(prefix, uri);
            self.replaced.push((prefix, before));
        }
        if is_top && self.how.form != Canonicalization::Exclusive {
            inherit_xml_attributes(self.how.form, node, self.text, &mut attributes)?;
        }
        attributes.sort_unstable();
        for attribute in attributes {
            self.out.push(b' ');
            self.out.extend_from_slice(attribute.qualified.as_bytes());
            self.out.extend_from_slice(b"=\"");
            escape_attribute_into(&mut self.out, attribute.value);
            self.out.push(b'"');
        }
        self.out.push(b'>');
        Some(())
    }

    /// The namespaces that have to be declared on an element, each once.
    fn new_declarations(
        &self,
        node: Node<'a, '_>,
        name: &'a str,
        attributes: &[Written<'a>],
    ) -> Vec<(&'a str, &'a str)> {
        let scope: Vec<(&'a str, &'a str)> = node
            .namespaces()
            .map(|namespace| (namespace.name().unwrap_or_default(), namespace.uri()))
            .filter(|(prefix, _)| *prefix != "xml")
            .collect();
        let in_scope = |prefix: &str| {
            scope
                .iter()
                .find(|(known, _)| *known == prefix)
                .map_or("", |(_, uri)| *uri)
        };
        let is_new = |prefix: &str, uri: &str| {
            let known = self
                .declared
                .iter()
                .find(|(known, _)| *known == prefix)
                .map_or("", |(_, uri)| *uri);
            known != uri
        };
        let mut new: Vec<(&'a str, &'a str)> = Vec::new();
        let mut add = |prefix: &'a str, uri: &'a str| {
            if is_new(prefix, uri) && !new.iter().any(|(known, _)| *known == prefix) {
                new.push((prefix, uri));
            }
        };
        if self.how.form == Canonicalization::Exclusive {
            let used = attributes
                .iter()
                .filter_map(|attribute| attribute.qualified.split_once(':'))
                .map(|(prefix, _)| prefix);
            let own = name.split_once(':').map_or("", |(prefix, _)| prefix);
            for prefix in used.chain([own]).filter(|prefix| *prefix != "xml") {
                add(prefix, in_scope(prefix));
            }
            for prefix in &self.how.prefixes {
                match scope.iter().find(|(known, _)| known == prefix) {
                    Some((prefix, uri)) => add(prefix, uri),
                    None if prefix.is_empty() => add("", ""),
                    None => {}
                }
            }
        } else {
            for (prefix, uri) in &scope {
                add(prefix, uri);
            }
            add("", in_scope(""));
        }
        new
    }

    /// Gives what was in force for the prefix; nothing is the same as the empty name.
    fn put_in_force(&mut self, prefix: &'a str, uri: &'a str) -> &'a str {
        if let Some((_, known)) = self.declared.iter_mut().find(|(known, _)| *known == prefix) {
            return core::mem::replace(known, uri);
        }
        self.declared.push((prefix, uri));
        ""
    }

    /// The name as it stands in the start tag.
    fn qualified_name(&self, element: Node<'a, '_>) -> &'a str {
        let tag = &self.text[element.range().start + 1..];
        let end = tag
            .find([' ', '\t', '\r', '\n', '/', '>'])
            .unwrap_or(tag.len());
        &tag[..end]
    }
}

/// Adds the `xml:` attributes of ancestors that are not part of what is written.
fn inherit_xml_attributes<'a>(
    form: Canonicalization,
    node: Node<'a, '_>,
    text: &'a str,
    attributes: &mut Vec<Written<'a>>,
) -> Option<()> {
    let mut bases = 0;
    let of_xml = |attribute: &Attribute<'_, '_>| attribute.namespace() == Some(XML);
    for (distance, element) in node.ancestors().enumerate() {
        for attribute in element.attributes().filter(of_xml) {
            let name = attribute.name();
            bases += usize::from(name == "base");
            let known = attributes
                .iter()
                .any(|known| known.namespace == XML && known.name == name);
            if distance > 0 && form.inherits(name) && !known {
                attributes.push(Written::of(&attribute, text)?);
            }
        }
    }
    (form != Canonicalization::Inclusive11 || bases < 2).then_some(())
}

pub(super) fn escape_text_into(out: &mut Vec<u8>, text: &str) {
    escape_into(out, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

pub(super) fn escape_attribute_into(out: &mut Vec<u8>, text: &str) {
    escape_into(out, text, |byte| match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'"' => Some("&quot;"),
        b'\t' => Some("&#x9;"),
        b'\n' => Some("&#xA;"),
        b'\r' => Some("&#xD;"),
        _ => None,
    });
}

/// Comments and instructions: nothing is special in them but a carriage return.
fn escape_returns(out: &mut Vec<u8>, text: &str) {
    escape_into(out, text, |byte| (byte == b'\r').then_some("&#xD;"));
}

/// Every character with a replacement is one byte, so runs of all others are copied whole.
fn escape_into(out: &mut Vec<u8>, text: &str, replacement: impl Fn(u8) -> Option<&'static str>) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (position, byte) in bytes.iter().enumerate() {
        if let Some(entity) = replacement(*byte) {
            out.extend_from_slice(&bytes[copied..position]);
            out.extend_from_slice(entity.as_bytes());
            copied = position + 1;
        }
    }
    out.extend_from_slice(&bytes[copied..]);
}

#[cfg(test)]
mod tests;
