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
        InvoiceError::NotUtf8(position_at(&valid, valid.len()))
    })?;
    // One pass over bytes settles the usual case: no character that could be refused is in sight.
    if !begins_only_allowed(bytes)
        && let Some((offset, character)) = text.char_indices().find(|(_, c)| !is_allowed(*c))
    {
        return Err(InvoiceError::Character {
            code_point: character.into(),
            position: position_at(text, offset),
        });
    }
    check_declaration(text)?;
    Ok(text)
}

/// Whether each byte belongs to allowed characters only. Goes in steps without early exits, which the compiler turns into
/// vector instructions.
fn begins_only_allowed(bytes: &[u8]) -> bool {
    let is_suspect = |byte: u8| {
        let control = byte < 0x20 && byte != b'\t' && byte != b'\n' && byte != b'\r';
        control | (byte == 0x7F) | (byte == 0xC2) | (byte > 0xEE)
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
    let Some((_, after)) = declaration.split_once("encoding") else {
        return Ok(());
    };
    let value = after
        .trim_start()
        .strip_prefix('=')
        .map(str::trim_start)
        .unwrap_or_default();
    let name = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
        _ => "",
    };
    if name.eq_ignore_ascii_case("utf-8") {
        Ok(())
    } else {
        Err(InvoiceError::Encoding)
    }
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
                InvoiceError::Malformed(position_at(text, text.len()))
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
                return Err(InvoiceError::TooDeep(position_at(text, node.range().start)));
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
    check_root(text, &document)?;
    Ok(document)
}

/// Counts the attributes of each tag by their equals signs, before the parser sees them.
fn check_attribute_counts(text: &str) -> Result<(), InvoiceError> {
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        rest = &rest[open..];
        let opaque = [("<!--", "-->"), ("<![CDATA[", "]]>")]
            .into_iter()
            .find(|(start, _)| rest.starts_with(start));
        if let Some((_, end)) = opaque {
            match rest.find(end) {
                Some(at) => rest = &rest[at..],
                None => return Ok(()),
            }
            continue;
        }
        let mut quote = None;
        let mut count = 0;
        let mut length = rest.len();
        for (offset, byte) in rest.bytes().enumerate().skip(1) {
            match (quote, byte) {
                (None, b'"' | b'\'') => quote = Some(byte),
                (Some(open), _) if byte == open => quote = None,
                (None, b'=') => count += 1,
                (None, b'>' | b'<') => {
                    length = offset;
                    break;
                }
                _ => {}
            }
        }
        if count > MAX_ATTRIBUTES {
            let offset = text.len() - rest.len();
            return Err(InvoiceError::TooManyAttributes(position_at(text, offset)));
        }
        rest = &rest[length..];
    }
    Ok(())
}

/// Refuses processing instructions, and characters that came in as references.
fn check_node(text: &str, node: Node<'_, '_>) -> Result<(), InvoiceError> {
    if node.is_pi() {
        return Err(InvoiceError::ProcessingInstruction(position_at(
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
            position: position_at(text, node.range().start),
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
        _ => Err(InvoiceError::WrongNamespace(position_at(
            text,
            root.range().start,
        ))),
    }
}

fn position_of(text: &str, needle: &str) -> Position {
    position_at(text, text.find(needle).unwrap_or(0))
}

fn position_at(text: &str, offset: usize) -> Position {
    let before = &text[..offset];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Position {
        line: count(before.bytes().filter(|b| *b == b'\n').count() + 1),
        column: count(before[line_start..].chars().count() + 1),
    }
}
