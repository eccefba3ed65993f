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

/// Parses a file that somebody has signed.
pub(crate) fn parse_limited(xml: &[u8]) -> Option<Document<'_>> {
    if xml.len() > MAX_SIZE {
        return None;
    }
    parse(xml, MAX_NODES)
}

/// Parses a document that is not an invoice: UTF-8, no DTD, at most `nodes` nodes, and nothing that costs the parser more
/// than its size.
pub(crate) fn parse(xml: &[u8], nodes: u32) -> Option<Document<'_>> {
    let text = core::str::from_utf8(xml).ok()?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if !declares_utf8(text) || !limits::hold(text) {
        return None;
    }
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: nodes,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(text, options).ok()
}

/// Whether the XML declaration, if there is one, names UTF-8 (or ASCII) or no encoding: another reader would see other
/// characters.
fn declares_utf8(text: &str) -> bool {
    let Some(declaration) = text
        .strip_prefix("<?xml")
        .filter(|rest| rest.starts_with([' ', '\t', '\r', '\n']))
        .and_then(|rest| rest.split_once("?>"))
        .map(|(declaration, _)| declaration)
    else {
        return true;
    };
    let Some((_, value)) = declaration.split_once("encoding") else {
        return true;
    };
    let value = value.trim_start().strip_prefix('=').map(str::trim_start);
    let name = value.and_then(|value| {
        let quote = value.chars().next()?;
        value[quote.len_utf8()..].split_once(quote)
    });
    name.is_some_and(|(name, _)| {
        name.eq_ignore_ascii_case("utf-8") || name.eq_ignore_ascii_case("us-ascii")
    })
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
