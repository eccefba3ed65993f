//! XML beyond the invoice: canonical form and the text of attributes and elements.

mod c14n;
mod limits;

use std::borrow::Cow;

use roxmltree::{Document, Node, ParsingOptions};

pub use c14n::Canonicalization;
pub(crate) use c14n::{Canonicalizer, XML};

/// The XML Signature namespace.
pub(crate) const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The XAdES 1.3.2 namespace.
pub(crate) const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";

/// Largest file that is verified, in bytes: a session's receipt of 10 000 invoices has some 10 MB.
const MAX_SIZE: usize = 32_000_000;
/// Most nodes such a file can need, four times over.
const MAX_NODES: u32 = 1_000_000;

/// The text of a document in which every line end is one line feed, as XML 1.0 §2.11 has a reader see it. The parser does
/// the same, but not for a carriage return right before a reference.
pub(crate) struct Lines<'a>(Cow<'a, [u8]>);

impl<'a> Lines<'a> {
    pub(crate) fn of(xml: &'a [u8]) -> Self {
        if !xml.contains(&b'\r') {
            return Self(Cow::Borrowed(xml));
        }
        let mut lines = Vec::with_capacity(xml.len());
        let mut bytes = xml.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            if byte == b'\r' {
                bytes.next_if_eq(&b'\n');
                lines.push(b'\n');
            } else {
                lines.push(byte);
            }
        }
        Self(Cow::Owned(lines))
    }

    /// The text as it is written, for whoever copies parts of it and looks at no contents.
    pub(crate) fn as_written(xml: &'a [u8]) -> Self {
        Self(Cow::Borrowed(xml))
    }
}

/// Parses a file that somebody has signed.
pub(crate) fn parse_limited<'a>(xml: &'a Lines<'_>) -> Option<Document<'a>> {
    if xml.0.len() > MAX_SIZE {
        return None;
    }
    parse(xml, MAX_NODES)
}

/// Parses a document that is not an invoice: UTF-8, no DTD, at most `nodes` nodes, and nothing that costs the parser more
/// than its size.
pub(crate) fn parse<'a>(xml: &'a Lines<'_>, nodes: u32) -> Option<Document<'a>> {
    let text = core::str::from_utf8(&xml.0).ok()?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if !declares_utf8(text) || !declares_version_1_0(text) || !limits::hold(text) {
        return None;
    }
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: nodes,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options)
        .ok()
        .filter(|document| keeps_names(document, text))
}

/// What the parser lets pass: a processing instruction named like the XML declaration, or with no space behind its name,
/// and a prefix without a namespace.
fn keeps_names(document: &Document<'_>, text: &str) -> bool {
    let is_illegal = |node: Node<'_, '_>| {
        node.pi().is_some_and(|instruction| {
            let target = instruction.target;
            let behind = text.get(node.range().start + 2 + target.len()..);
            let is_apart = behind.is_some_and(|behind| {
                behind.starts_with([' ', '\t', '\r', '\n']) || behind.starts_with("?>")
            });
            target.eq_ignore_ascii_case("xml") || !is_apart
        })
    };
    // Most documents have neither, and then their nodes need no look.
    let instructions = text.matches("<?").count() > usize::from(declaration(text).is_some());
    let no_namespace = |node: Node<'_, '_>| {
        node.namespaces()
            .any(|namespace| namespace.name().is_some() && namespace.uri().is_empty())
    };
    let undeclared = limits::may_undeclare_prefix(text);
    let illegal = instructions && document.descendants().any(is_illegal);
    let unbound = undeclared && document.descendants().any(no_namespace);
    !illegal && !unbound
}

/// The XML declaration, if there is one.
fn declaration(text: &str) -> Option<&str> {
    text.strip_prefix("<?xml")
        .filter(|rest| rest.starts_with([' ', '\t', '\r', '\n']))
        .and_then(|rest| rest.split_once("?>"))
        .map(|(declaration, _)| declaration)
}

/// The quoted value of a part of the XML declaration.
fn declared<'a>(declaration: &'a str, part: &str) -> Option<&'a str> {
    let (_, value) = declaration.split_once(part)?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next()?;
    let (value, _) = value[quote.len_utf8()..].split_once(quote)?;
    Some(value)
}

/// Whether the XML declaration, if there is one, names version 1.0: others have other characters and line ends.
fn declares_version_1_0(text: &str) -> bool {
    declaration(text).is_none_or(|declaration| declared(declaration, "version") == Some("1.0"))
}

/// Whether the XML declaration, if there is one, names UTF-8 (or ASCII) or no encoding: another reader would see other
/// characters.
fn declares_utf8(text: &str) -> bool {
    let Some(declaration) = declaration(text).filter(|found| found.contains("encoding")) else {
        return true;
    };
    declared(declaration, "encoding").is_some_and(|name| {
        name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii")
    })
}

/// What the parser's own look-up of attributes does not tell apart.
pub(crate) trait OwnAttribute<'a> {
    /// The value of the attribute of this name and no namespace; the parser gives one of any namespace for it.
    fn own_attribute(&self, name: &str) -> Option<&'a str>;
}

impl<'a> OwnAttribute<'a> for Node<'a, '_> {
    fn own_attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes()
            .find(|attribute| attribute.namespace().is_none() && attribute.name() == name)
            .map(|attribute| attribute.value())
    }
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
    if text.contains(['&', '<', '>', '\r']) {
        escaped(text, c14n::escape_text_into)
    } else {
        Cow::Borrowed(text)
    }
}

/// Text as it must stand in a double-quoted attribute, in canonical form.
pub(crate) fn escape_attribute(text: &str) -> Cow<'_, str> {
    if text.contains(['&', '<', '"', '\t', '\n', '\r']) {
        escaped(text, c14n::escape_attribute_into)
    } else {
        Cow::Borrowed(text)
    }
}

fn escaped(text: &str, escape: impl Fn(&mut Vec<u8>, &str)) -> Cow<'static, str> {
    let mut out = Vec::with_capacity(text.len() + 16);
    escape(&mut out, text);
    String::from_utf8_lossy(&out).into_owned().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_becomes_one_line_feed() {
        for (xml, expected) in [
            ("<a>\r\n&#13;</a>", "<a>\n&#13;</a>"),
            ("<a>\r&#13;\r</a>", "<a>\n&#13;\n</a>"),
            ("<a b='\r\n\r'/>\r\r\n\n", "<a b='\n\n'/>\n\n\n"),
            ("<a>\n</a>", "<a>\n</a>"),
        ] {
            assert_eq!(*Lines::of(xml.as_bytes()).0, *expected.as_bytes());
        }
    }

    #[test]
    fn what_is_no_xml_1_0_with_namespaces_is_refused() {
        for good in [
            "<?xml version='1.0'?><a/>",
            "<?xml version = \"1.0\" encoding='utf-8'?><?p xml?><a/>",
            "<a xmlns='u'><b xmlns=''/></a>",
            "<a t='xmlns:p=\"\"'/>",
            "<a><?xml-stylesheet x?></a>",
            "<a><?p?><?p ?><?p\tx?><?p\r\nx??></a>",
        ] {
            assert!(parse(&Lines::of(good.as_bytes()), 100).is_some(), "{good}");
        }
        for bad in [
            "<?xml version='1.1'?><a/>",
            "<?xml version='2.0'?><a/>",
            "<?xml version='1.0' encoding='iso-8859-2'?><a/>",
            "<?xml version='1.0'?><a><?XML x?></a>",
            "<a><?xMl x?></a>",
            "<a/><?Xml x?>",
            "<?xml= 'x'?><a/>",
            "<?xml?><a/>",
            "<a><?p=x?></a>",
            "<?p'?><a/>",
            "<a xmlns:p=''/>",
            "<a xmlns:p='u'><b xmlns:p = \"\"/></a>",
        ] {
            assert!(parse(&Lines::of(bad.as_bytes()), 100).is_none(), "{bad}");
        }
    }
}
