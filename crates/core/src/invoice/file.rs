//! The checks KSeF makes on a file before it looks at the invoice: encoding, characters, size, no DTD, no processing
//! instruction, the namespace of FA(3).

use roxmltree::{Document, Node, ParsingOptions};

use super::error::{InvoiceError, Position};
use super::names;

/// Largest invoice without attachment, in bytes.
pub const MAX_SIZE: usize = 1_000_000;
/// Largest invoice with attachment, in bytes.
pub const MAX_SIZE_WITH_ATTACHMENT: usize = 3_000_000;
/// Deepest nesting that is read; FA(3) needs less than fifteen.
const MAX_DEPTH: usize = 64;
/// Most attributes of one element, namespace declarations included; FA(3) needs a handful. The XML parser compares each
/// with all others, so without a limit a small file could take minutes.
pub(super) const MAX_ATTRIBUTES: usize = 256;
/// Most nodes a document of the largest size can need; bounds memory.
const MAX_NODES: u32 = 1_500_000;

/// Makes the checks of the file level alone: encoding, characters, size, no DTD, no processing instruction, the
/// namespace of FA(3).
///
/// # Errors
/// The first fault found, with its position.
pub fn check_file(bytes: &[u8]) -> Result<(), InvoiceError> {
    checked_document(checked_text(bytes)?).map(|_| ())
}

pub(super) fn checked_text(bytes: &[u8]) -> Result<&str, InvoiceError> {
    if bytes.is_empty() {
        return Err(InvoiceError::Empty);
    }
    if bytes.len() > MAX_SIZE_WITH_ATTACHMENT {
        return Err(InvoiceError::TooLarge {
            size: bytes.len(),
            limit: MAX_SIZE_WITH_ATTACHMENT,
        });
    }
    let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFE\xFF", b"\xFF\xFE"];
    if marks.iter().any(|mark| bytes.starts_with(mark)) {
        return Err(InvoiceError::ByteOrderMark);
    }
    let text = core::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        InvoiceError::NotUtf8(Position::of(&valid, valid.len()))
    })?;
    // One pass over bytes settles the usual case: no character that could be refused is in sight.
    if !begins_only_allowed(bytes)
        && let Some((offset, character)) = text.char_indices().find(|(_, c)| !is_allowed(*c))
    {
        return Err(InvoiceError::Character {
            code_point: character.into(),
            position: Position::of(text, offset),
        });
    }
    check_declaration(text)?;
    Ok(text)
}

/// Whether each byte belongs to allowed characters only. Goes in steps without early exits, which the compiler turns into
/// vector instructions.
fn begins_only_allowed(bytes: &[u8]) -> bool {
    let is_suspect = |byte: u8| {
        let control = byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
        control || byte == 0x7F || byte == 0xC2 || byte > 0xEE
    };
    bytes
        .chunks(256)
        .all(|step| !step.iter().fold(false, |any, byte| any | is_suspect(*byte)))
}

/// XML 1.0 characters less the discouraged ones KSeF refuses.
pub(super) fn is_allowed(character: char) -> bool {
    match u32::from(character) {
        0x09
        | 0x0A
        | 0x0D
        | 0x20..=0x7E
        | 0x85
        | 0xA0..=0xD7FF
        | 0xE000..=0xFDCF
        | 0xFDF0..=0xFFFD => true,
        code @ 0x1_0000.. => code & 0xFFFE != 0xFFFE,
        _ => false,
    }
}

/// Looks at what the XML declaration says; how it is built is the parser's business.
fn check_declaration(text: &str) -> Result<(), InvoiceError> {
    let Some(rest) = text
        .strip_prefix("<?xml")
        .filter(|rest| rest.starts_with([' ', '\t', '\r', '\n']))
    else {
        return Ok(());
    };
    let declaration = rest
        .split_once("?>")
        .map_or(rest, |(declaration, _)| declaration);
    let says = |name, is_legal: fn(&str) -> bool| declared(declaration, name).is_none_or(is_legal);
    if !says("encoding", |name| name.eq_ignore_ascii_case("utf-8")) {
        return Err(InvoiceError::Encoding);
    }
    let is_version = |version: &str| {
        let minor = version.strip_prefix("1.").unwrap_or_default();
        !minor.is_empty() && minor.bytes().all(|b| b.is_ascii_digit())
    };
    if says("version", is_version) && says("standalone", |word| matches!(word, "yes" | "no")) {
        Ok(())
    } else {
        Err(InvoiceError::Malformed(Position { line: 1, column: 1 }))
    }
}

/// The value of `name="value"` in a declaration; empty if it cannot be told.
fn declared<'t>(declaration: &'t str, name: &str) -> Option<&'t str> {
    let (_, after) = declaration.split_once(name)?;
    let value = after
        .trim_start()
        .strip_prefix('=')
        .map(str::trim_start)
        .unwrap_or_default();
    Some(match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
        _ => "",
    })
}

pub(super) fn checked_document(text: &str) -> Result<Document<'_>, InvoiceError> {
    check_attribute_counts(text)?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MAX_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|error| {
        let at = error.pos();
        let position = Position {
            line: at.row,
            column: at.col,
        };
        match error {
            // What is cut off fails at its end; the parser would name the beginning.
            roxmltree::Error::UnclosedRootNode | roxmltree::Error::UnexpectedEndOfStream => {
                InvoiceError::Malformed(Position::of(text, text.len()))
            }
            roxmltree::Error::DtdDetected => InvoiceError::Dtd(position_of(text, "<!DOCTYPE")),
            roxmltree::Error::NodesLimitReached => InvoiceError::TooDeep(position),
            _ => InvoiceError::Malformed(position),
        }
    })?;
    let mut has_attachment = false;
    let mut depth = 0_usize;
    let mut next = Some(document.root());
    while let Some(node) = next {
        check_node(text, node)?;
        has_attachment |= node.has_tag_name((names::FA3_NAMESPACE, names::ATTACHMENT));
        next = node.first_child();
        if next.is_some() {
            depth += 1;
            if depth > MAX_DEPTH {
                return Err(InvoiceError::TooDeep(Position::of(
                    text,
                    node.range().start,
                )));
            }
            continue;
        }
        let mut done = Some(node);
        while let Some(node) = done {
            next = node.next_sibling();
            if next.is_some() {
                break;
            }
            depth = depth.saturating_sub(1);
            done = node.parent();
        }
    }
    if !has_attachment && text.len() > MAX_SIZE {
        return Err(InvoiceError::TooLarge {
            size: text.len(),
            limit: MAX_SIZE,
        });
    }
    check_declared_namespaces(text)?;
    check_root(text, &document)?;
    Ok(document)
}

/// The tags of a document, found without a parser: comments and CDATA sections are passed over, quotes are respected.
struct Tags<'t> {
    text: &'t str,
    at: usize,
}

struct Tag<'t> {
    offset: usize,
    /// From `<` to before `>`.
    text: &'t str,
    /// Equals signs outside quotes: as many as there are attributes.
    signs: usize,
}

impl<'t> Iterator for Tags<'t> {
    type Item = Tag<'t>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            self.at += self.text[self.at..].find('<')?;
            let rest = &self.text[self.at..];
            let opaque = [("<!--", "-->"), ("<![CDATA[", "]]>")]
                .into_iter()
                .find(|(start, _)| rest.starts_with(start));
            if let Some((_, end)) = opaque {
                self.at += rest.find(end)?;
                continue;
            }
            let (mut quote, mut signs) = (None, 0);
            let end = rest.bytes().skip(1).position(|byte| {
                if let Some(open) = quote {
                    quote = (byte != open).then_some(open);
                    return false;
                }
                signs += usize::from(byte == b'=');
                quote = matches!(byte, b'"' | b'\'').then_some(byte);
                matches!(byte, b'>' | b'<')
            });
            let length = end.map_or(rest.len(), |end| end + 1);
            let tag = Tag {
                offset: self.at,
                text: &rest[..length],
                signs,
            };
            self.at += length;
            return Some(tag);
        }
    }
}

/// The names of the attributes of a well-formed tag with their values.
fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = tag;
    core::iter::from_fn(move || {
        let (name, after) = rest.split_once('=')?;
        let name = name.trim_end();
        let name = name.rsplit(char::is_whitespace).next().unwrap_or(name);
        let value = after.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let (value, after) = value[1..].split_once(quote)?;
        rest = after;
        Some((name, value))
    })
}

/// Counts the attributes of each tag before the parser sees them.
fn check_attribute_counts(text: &str) -> Result<(), InvoiceError> {
    match (Tags { text, at: 0 }).find(|tag| tag.signs > MAX_ATTRIBUTES) {
        Some(tag) => Err(InvoiceError::TooManyAttributes(Position::of(
            text, tag.offset,
        ))),
        None => Ok(()),
    }
}

/// Refuses what the parser lets pass although Namespaces in XML 1.0 forbids it: a prefix taken back (`xmlns:a=""`), the
/// prefix `xmlns` declared, the default namespace declared twice.
fn check_declared_namespaces(text: &str) -> Result<(), InvoiceError> {
    let is_illegal = |tag: &str| {
        let mut has_default = false;
        attributes(tag).any(|(name, value)| match name {
            "xmlns" => core::mem::replace(&mut has_default, true),
            "xmlns:xmlns" => true,
            _ => name.starts_with("xmlns:") && value.is_empty(),
        })
    };
    let illegal =
        Tags { text, at: 0 }.find(|tag| tag.text.contains("xmlns") && is_illegal(tag.text));
    match illegal {
        Some(tag) => Err(InvoiceError::Malformed(Position::of(text, tag.offset))),
        None => Ok(()),
    }
}

/// Refuses processing instructions, and characters that came in as references.
fn check_node(text: &str, node: Node<'_, '_>) -> Result<(), InvoiceError> {
    if node.is_pi() {
        return Err(InvoiceError::ProcessingInstruction(Position::of(
            text,
            node.range().start,
        )));
    }
    let content = if node.is_text() { node.text() } else { None };
    let refused = content
        .into_iter()
        .chain(node.attributes().map(|attribute| attribute.value()))
        .flat_map(str::chars)
        .find(|character| !is_allowed(*character));
    match refused {
        Some(character) => Err(InvoiceError::Character {
            code_point: character.into(),
            position: Position::of(text, node.range().start),
        }),
        None => Ok(()),
    }
}

fn check_root(text: &str, document: &Document<'_>) -> Result<(), InvoiceError> {
    let root = document.root_element();
    let name = root.tag_name();
    match (name.name(), name.namespace()) {
        (names::INVOICE, Some(names::FA3_NAMESPACE)) => Ok(()),
        (names::INVOICE, Some(names::FA2_NAMESPACE)) => {
            Err(InvoiceError::FormerForm { form: "FA(2)" })
        }
        (names::INVOICE, Some(names::FA1_NAMESPACE)) => {
            Err(InvoiceError::FormerForm { form: "FA(1)" })
        }
        _ => Err(InvoiceError::WrongNamespace(Position::of(
            text,
            root.range().start,
        ))),
    }
}

fn position_of(text: &str, needle: &str) -> Position {
    Position::of(text, text.find(needle).unwrap_or(0))
}
