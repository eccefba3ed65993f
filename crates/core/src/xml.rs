//! XML beyond the invoice: canonical form and the text of attributes and elements.

use std::borrow::Cow;
use std::fmt::Write as _;

use roxmltree::{Document, Node, ParsingOptions};
use xml_sec::c14n::{C14nAlgorithm, C14nMode, canonicalize_xml};

/// The XML Signature namespace.
pub(crate) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The XAdES 1.3.2 namespace.
pub(crate) const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";

/// A way to write XML so that equal documents have equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Canonicalization {
    /// Exclusive 1.0.
    Exclusive,
    /// Inclusive 1.0.
    Inclusive10,
    /// Inclusive 1.1.
    Inclusive11,
}

impl Canonicalization {
    pub(crate) const EXCLUSIVE_URI: &'static str = "http://www.w3.org/2001/10/xml-exc-c14n#";

    /// The algorithm of this identifier; variants that keep comments are not on the list.
    pub(crate) fn from_uri(uri: &str) -> Option<Self> {
        match uri {
            Self::EXCLUSIVE_URI => Some(Self::Exclusive),
            "http://www.w3.org/TR/2001/REC-xml-c14n-20010315" => Some(Self::Inclusive10),
            "http://www.w3.org/2006/12/xml-c14n11" => Some(Self::Inclusive11),
            _ => None,
        }
    }

    fn mode(self) -> C14nMode {
        match self {
            Self::Exclusive => C14nMode::Exclusive1_0,
            Self::Inclusive10 => C14nMode::Inclusive1_0,
            Self::Inclusive11 => C14nMode::Inclusive1_1,
        }
    }

    /// The canonical form of a whole document, `None` if it cannot be parsed.
    pub(crate) fn document(self, xml: &[u8]) -> Option<Vec<u8>> {
        canonicalize_xml(xml, &C14nAlgorithm::new(self.mode(), false)).ok()
    }

    /// The canonical form of one element of a document, `prefixes` being the PrefixList of exclusive
    /// canonicalization (empty for none).
    ///
    /// The element is cut out and given what it inherits (namespaces, and for the inclusive forms the `xml:`
    /// attributes); its canonical form as a document is then that of the subtree.
    pub(crate) fn element(self, node: Node<'_, '_>, prefixes: &str) -> Option<Vec<u8>> {
        let source = &node.document().input_text()[node.range()];
        let name_end = 1 + source[1..].find([' ', '\t', '\r', '\n', '/', '>'])?;
        let own: Vec<&str> = own_attribute_names(&source[name_end..]);
        let mut alone = String::with_capacity(source.len() + 256);
        alone.push_str(&source[..name_end]);
        for namespace in node.namespaces() {
            let name = namespace.name().map_or(Cow::Borrowed("xmlns"), |prefix| {
                format!("xmlns:{prefix}").into()
            });
            if !own.contains(&name.as_ref()) && namespace.name() != Some("xml") {
                let _ = write!(alone, " {name}=\"{}\"", escape_attribute(namespace.uri()));
            }
        }
        if self != Self::Exclusive {
            for (name, value) in inherited_xml_attributes(self, node) {
                if !own.contains(&name.as_str()) {
                    let _ = write!(alone, " {name}=\"{}\"", escape_attribute(&value));
                }
            }
        }
        alone.push_str(&source[name_end..]);
        let algorithm = C14nAlgorithm::new(self.mode(), false).with_prefix_list(prefixes);
        canonicalize_xml(alone.as_bytes(), &algorithm).ok()
    }
}

/// Names of the attributes in the start tag that `rest` begins in, namespace declarations included.
fn own_attribute_names(rest: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = rest.trim_start();
    while !rest.is_empty() && !rest.starts_with(['>', '/']) {
        let Some((name, after)) = rest.split_once('=') else {
            break;
        };
        names.push(name.trim());
        let after = after.trim_start();
        let Some(quote) = after.chars().next() else {
            break;
        };
        let Some((_, next)) = after[1..].split_once(quote) else {
            break;
        };
        rest = next.trim_start();
    }
    names
}

/// `xml:` attributes of the ancestors, nearest first; version 1.1 does not inherit `xml:id`.
fn inherited_xml_attributes(form: Canonicalization, node: Node<'_, '_>) -> Vec<(String, String)> {
    const XML: &str = "http://www.w3.org/XML/1998/namespace";
    let mut found: Vec<(String, String)> = Vec::new();
    for attribute in node
        .ancestors()
        .skip(1)
        .flat_map(|ancestor| ancestor.attributes())
    {
        let skipped = form == Canonicalization::Inclusive11 && attribute.name() == "id";
        let name = format!("xml:{}", attribute.name());
        if attribute.namespace() == Some(XML)
            && !skipped
            && !found.iter().any(|(known, _)| *known == name)
        {
            found.push((name, attribute.value().to_owned()));
        }
    }
    found
}

/// Parses a document that is not an invoice: no DTD, at most `nodes` nodes.
pub(crate) fn parse(xml: &[u8], nodes: u32) -> Option<Document<'_>> {
    let text = core::str::from_utf8(xml).ok()?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: nodes,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).ok()
}

/// All text inside an element itself, comments left out.
pub(crate) fn text(node: Node<'_, '_>) -> String {
    node.children()
        .filter(Node::is_text)
        .filter_map(|child| child.text())
        .collect()
}

/// The first child element of this name.
pub(crate) fn child<'a, 'input>(
    parent: Node<'a, 'input>,
    namespace: &str,
    name: &str,
) -> Option<Node<'a, 'input>> {
    parent
        .children()
        .find(|node| node.has_tag_name((namespace, name)))
}

/// Text as it must stand between tags, in canonical form.
pub(crate) fn escape_text(text: &str) -> Cow<'_, str> {
    escape(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '\r' => Some("&#xD;"),
        _ => None,
    })
}

/// Text as it must stand in a double-quoted attribute, in canonical form.
pub(crate) fn escape_attribute(text: &str) -> Cow<'_, str> {
    escape(text, |character| match character {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '"' => Some("&quot;"),
        '\t' => Some("&#x9;"),
        '\n' => Some("&#xA;"),
        '\r' => Some("&#xD;"),
        _ => None,
    })
}

fn escape(text: &str, replacement: impl Fn(char) -> Option<&'static str>) -> Cow<'_, str> {
    if !text
        .chars()
        .any(|character| replacement(character).is_some())
    {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match replacement(character) {
            Some(entity) => escaped.push_str(entity),
            None => escaped.push(character),
        }
    }
    Cow::Owned(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subtree_is_canonical_with_what_it_inherits() {
        let xml = "<a:r xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" xmlns=\"urn:d\" xml:lang=\"pl\"><b:x  k='1'\n a:j=\"2\"><y/></b:x></a:r>";
        let document = Document::parse(xml).unwrap();
        let node = document.root_element().first_element_child().unwrap();
        let canonical =
            |form: Canonicalization| String::from_utf8(form.element(node, "").unwrap()).unwrap();
        assert_eq!(
            canonical(Canonicalization::Exclusive),
            "<b:x xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" k=\"1\" a:j=\"2\"><y xmlns=\"urn:d\"></y></b:x>"
        );
        assert_eq!(
            canonical(Canonicalization::Inclusive10),
            "<b:x xmlns=\"urn:d\" xmlns:a=\"urn:a\" xmlns:b=\"urn:b\" k=\"1\" xml:lang=\"pl\" a:j=\"2\"><y></y></b:x>"
        );
    }
}
