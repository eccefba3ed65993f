//! The document: immutable bytes, their hash, and the checks KSeF makes on a file before it looks at the invoice.
//!
//! The bytes are never serialised again. What is hashed is what is signed, coded, stored, packed and sent.

use core::fmt;
use std::sync::Arc;

use jiff::civil::Date;
use roxmltree::{Document, Node, ParsingOptions};
use thiserror::Error;

use super::facts::{Buyer, InvoiceFacts};
use super::{Amount, InvoiceKind, names};
use crate::diagnostic::{Bilingual, Diagnostic};
use crate::identifier::{InvoiceHash, Nip};

/// Largest invoice without attachment, in bytes.
pub const MAX_SIZE: usize = 1_000_000;
/// Largest invoice with attachment, in bytes.
pub const MAX_SIZE_WITH_ATTACHMENT: usize = 3_000_000;
/// Deepest nesting that is read; FA(3) needs less than fifteen.
const MAX_DEPTH: usize = 64;
/// Most attributes of one element, namespace declarations included; FA(3) needs a handful. The XML parser compares each
/// with all others, so without a limit a small file could take minutes.
const MAX_ATTRIBUTES: usize = 256;
/// Most nodes a document of the largest size can need; bounds memory.
const MAX_NODES: u32 = 1_500_000;

/// An FA(3) invoice as it will reach KSeF: its exact bytes, their hash, and the facts issuing needs.
///
/// Cloning is cheap: the bytes are shared.
#[derive(Clone)]
pub struct InvoiceDocument {
    bytes: Arc<[u8]>,
    hash: InvoiceHash,
    facts: Arc<InvoiceFacts>,
}

impl InvoiceDocument {
    /// Reads an invoice, refusing what KSeF refuses at the file level. Whether the content follows the schema is the
    /// business of the verdict, not of this function.
    ///
    /// # Errors
    /// [`InvoiceError`] with the position of the fault; the first fault found is reported.
    pub fn read(bytes: impl Into<Arc<[u8]>>) -> Result<Self, InvoiceError> {
        let bytes = bytes.into();
        let text = checked_text(&bytes)?;
        let document = checked_document(text)?;
        let facts = Arc::new(read_facts(&document)?);
        let hash = InvoiceHash::of(&bytes);
        Ok(Self { bytes, hash, facts })
    }

    /// The exact bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of [`Self::bytes`].
    pub fn hash(&self) -> InvoiceHash {
        self.hash
    }

    /// What was read from the document.
    pub fn facts(&self) -> &InvoiceFacts {
        &self.facts
    }
}

/// Shows the hash, never the content.
impl fmt::Debug for InvoiceDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvoiceDocument")
            .field("hash", &self.hash)
            .field("size", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

/// Makes the checks of the file level alone: encoding, characters, size, no DTD, no processing instruction, the
/// namespace of FA(3).
///
/// # Errors
/// The first fault found, with its position.
pub fn check_file(bytes: &[u8]) -> Result<(), InvoiceError> {
    checked_document(checked_text(bytes)?).map(|_| ())
}

/// Where in a file a fault lies, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a file cannot be an invoice for KSeF.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvoiceError {
    /// Nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// More bytes than KSeF takes.
    #[error("the invoice has {size} bytes; KSeF takes {limit} (3000000 with an attachment)")]
    TooLarge {
        /// Size of the file in bytes.
        size: usize,
        /// Limit for such a file in bytes.
        limit: usize,
    },
    /// A byte order mark before the first character.
    #[error("the file begins with a byte order mark; save it as UTF-8 without BOM")]
    ByteOrderMark,
    /// Bytes that are not UTF-8.
    #[error("the file is not UTF-8 ({0})")]
    NotUtf8(Position),
    /// The prolog names another encoding than UTF-8.
    #[error("the XML declaration names another encoding than UTF-8")]
    Encoding,
    /// A character KSeF does not take.
    #[error("the character U+{code_point:04X} is not allowed ({position})")]
    Character {
        /// The code point.
        code_point: u32,
        /// Where it stands.
        position: Position,
    },
    /// A document type declaration.
    #[error("a document type declaration (DTD) is not allowed ({0})")]
    Dtd(Position),
    /// A processing instruction.
    #[error("processing instructions are not allowed ({0})")]
    ProcessingInstruction(Position),
    /// Not well-formed XML.
    #[error("the file is not well-formed XML, or it is cut off ({0})")]
    Malformed(Position),
    /// Nested deeper than any invoice.
    #[error("elements are nested too deep ({0})")]
    TooDeep(Position),
    /// More attributes than any invoice has.
    #[error("an element has more than {MAX_ATTRIBUTES} attributes ({0})")]
    TooManyAttributes(Position),
    /// An earlier logical structure.
    #[error("{form}: KSeF 2.0 takes FA(3)")]
    FormerForm {
        /// `FA(1)` or `FA(2)`.
        form: &'static str,
    },
    /// Another root element or namespace.
    #[error(
        "the file is no FA(3) invoice: the root element is not Faktura in the namespace of FA(3)"
    )]
    WrongNamespace(Position),
    /// Something issuing needs is not there.
    #[error("the element {path} is missing")]
    Missing {
        /// Path in schema names.
        path: &'static str,
    },
    /// Something issuing needs cannot be read.
    #[error("the element {path} has no legal value ({position})")]
    IllegalValue {
        /// Path in schema names.
        path: &'static str,
        /// Where the element stands.
        position: Position,
    },
}

impl InvoiceError {
    /// Where in the file the fault lies, when it lies at one place.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::Empty
            | Self::TooLarge { .. }
            | Self::FormerForm { .. }
            | Self::Missing { .. } => None,
            Self::ByteOrderMark | Self::Encoding => Some(Position { line: 1, column: 1 }),
            Self::NotUtf8(position)
            | Self::Character { position, .. }
            | Self::Dtd(position)
            | Self::ProcessingInstruction(position)
            | Self::Malformed(position)
            | Self::TooDeep(position)
            | Self::TooManyAttributes(position)
            | Self::WrongNamespace(position)
            | Self::IllegalValue { position, .. } => Some(*position),
        }
    }
}

impl Diagnostic for InvoiceError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "file-empty",
            Self::TooLarge { .. } => "file-too-large",
            Self::ByteOrderMark => "file-byte-order-mark",
            Self::NotUtf8(_) => "file-not-utf8",
            Self::Encoding => "file-encoding",
            Self::Character { .. } => "file-character",
            Self::Dtd(_) => "file-dtd",
            Self::ProcessingInstruction(_) => "file-processing-instruction",
            Self::Malformed(_) => "file-not-well-formed",
            Self::TooDeep(_) => "file-too-deep",
            Self::TooManyAttributes(_) => "file-too-many-attributes",
            Self::FormerForm { .. } => "form-not-accepted",
            Self::WrongNamespace(_) => "wrong-namespace",
            Self::Missing { .. } => "element-missing",
            Self::IllegalValue { .. } => "value-illegal",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::Empty => "plik jest pusty".into(),
            Self::TooLarge { size, limit } => {
                format!("faktura ma {size} bajtów; KSeF przyjmuje {limit} (3000000 z załącznikiem)")
            }
            Self::ByteOrderMark => "plik zaczyna się znacznikiem BOM; zapisz go jako UTF-8 bez BOM".into(),
            Self::NotUtf8(at) => format!("plik nie jest w UTF-8 ({})", in_polish(*at)),
            Self::Encoding => "deklaracja XML podaje inne kodowanie niż UTF-8".into(),
            Self::Character { code_point, position } => {
                format!("znak U+{code_point:04X} jest niedozwolony ({})", in_polish(*position))
            }
            Self::Dtd(at) => format!("deklaracja typu dokumentu (DTD) jest niedozwolona ({})", in_polish(*at)),
            Self::ProcessingInstruction(at) => {
                format!("instrukcje przetwarzania są niedozwolone ({})", in_polish(*at))
            }
            Self::Malformed(at) => {
                format!("plik nie jest poprawnym XML albo jest ucięty ({})", in_polish(*at))
            }
            Self::TooDeep(at) => format!("elementy są zagnieżdżone zbyt głęboko ({})", in_polish(*at)),
            Self::TooManyAttributes(at) => {
                format!("element ma więcej niż {MAX_ATTRIBUTES} atrybutów ({})", in_polish(*at))
            }
            Self::FormerForm { form } => format!("{form}: KSeF 2.0 przyjmuje FA(3)"),
            Self::WrongNamespace(_) => {
                "plik nie jest fakturą FA(3): elementem głównym nie jest Faktura w przestrzeni nazw FA(3)".into()
            }
            Self::Missing { path } => format!("brakuje elementu {path}"),
            Self::IllegalValue { path, position } => {
                format!("element {path} nie ma dozwolonej wartości ({})", in_polish(*position))
            }
        };
        Bilingual::new(pl, self.to_string())
    }
}

fn in_polish(position: Position) -> String {
    format!("wiersz {}, kolumna {}", position.line, position.column)
}

fn checked_text(bytes: &[u8]) -> Result<&str, InvoiceError> {
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
    if !bytes.iter().all(|byte| may_begin_only_allowed(*byte))
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

fn may_begin_only_allowed(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7E | 0x80..=0xC1 | 0xC3..=0xEE)
}

/// XML 1.0 characters less the discouraged ones KSeF refuses.
fn is_allowed(character: char) -> bool {
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

fn checked_document(text: &str) -> Result<Document<'_>, InvoiceError> {
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

fn read_facts(document: &Document<'_>) -> Result<InvoiceFacts, InvoiceError> {
    const SELLER_NIP: &str = "/Faktura/Podmiot1/DaneIdentyfikacyjne/NIP";
    const ISSUE_DATE: &str = "/Faktura/Fa/P_1";
    const NUMBER: &str = "/Faktura/Fa/P_2";
    const GROSS: &str = "/Faktura/Fa/P_15";
    const CURRENCY: &str = "/Faktura/Fa/KodWaluty";
    const KIND: &str = "/Faktura/Fa/RodzajFaktury";

    let root = document.root_element();
    let seller = child(root, names::SELLER)
        .and_then(|node| child(node, names::IDENTIFICATION))
        .and_then(|node| child(node, names::NIP))
        .ok_or(InvoiceError::Missing { path: SELLER_NIP })?;
    let body = child(root, names::BODY).ok_or(InvoiceError::Missing {
        path: "/Faktura/Fa",
    })?;
    let field = |name, path| child(body, name).ok_or(InvoiceError::Missing { path });
    let issue_date = field(names::ISSUE_DATE, ISSUE_DATE)?;
    let number = field(names::NUMBER, NUMBER)?;
    let gross = field(names::GROSS, GROSS)?;
    let currency = field(names::CURRENCY, CURRENCY)?;
    let kind = field(names::KIND, KIND)?;

    let number_text = content(number);
    if number_text.trim().is_empty() || number_text.chars().count() > 256 {
        return Err(illegal(NUMBER, number));
    }
    Ok(InvoiceFacts {
        seller: Nip::parse(content(seller).trim()).map_err(|_| illegal(SELLER_NIP, seller))?,
        issue_date: parse_date(content(issue_date).trim())
            .ok_or_else(|| illegal(ISSUE_DATE, issue_date))?,
        number: number_text,
        kind: InvoiceKind::from_code(content(kind).trim()).ok_or_else(|| illegal(KIND, kind))?,
        buyer: read_buyer(root),
        gross: Amount::parse(&content(gross)).map_err(|_| illegal(GROSS, gross))?,
        currency: Some(content(currency).trim().to_owned())
            .filter(|code| code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()))
            .ok_or_else(|| illegal(CURRENCY, currency))?,
        has_attachment: child(root, names::ATTACHMENT).is_some(),
    })
}

fn read_buyer(root: Node<'_, '_>) -> Buyer {
    let Some(identification) =
        child(root, names::BUYER).and_then(|node| child(node, names::IDENTIFICATION))
    else {
        return Buyer::default();
    };
    let value =
        |name: &str| child(identification, name).map(|node| content(node).trim().to_owned());
    let joined = |code: &str, number: &str| {
        let number = value(number)?;
        Some(format!("{}{number}", value(code).unwrap_or_default()))
    };
    Buyer {
        identifier: value(names::NIP)
            .or_else(|| joined(names::EU_CODE, names::EU_VAT_NUMBER))
            .or_else(|| joined(names::COUNTRY_CODE, names::OTHER_IDENTIFIER)),
        name: value(names::NAME),
    }
}

/// `YYYY-MM-DD`, the only form the schema's pattern of dates leaves.
fn parse_date(text: &str) -> Option<Date> {
    let well_formed = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    if well_formed { text.parse().ok() } else { None }
}

fn child<'a, 'input>(parent: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    parent
        .children()
        .find(|node| node.has_tag_name((names::FA3_NAMESPACE, name)))
}

/// All text of an element, comments left out.
fn content(node: Node<'_, '_>) -> String {
    node.children()
        .filter(Node::is_text)
        .filter_map(|child| child.text())
        .collect()
}

fn illegal(path: &'static str, node: Node<'_, '_>) -> InvoiceError {
    let at = node.document().text_pos_at(node.range().start);
    InvoiceError::IllegalValue {
        path,
        position: Position {
            line: at.row,
            column: at.col,
        },
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

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(body: &str) -> String {
        format!(
            "<Faktura xmlns=\"{}\">\n\
             <Podmiot1><DaneIdentyfikacyjne><NIP>5265877635</NIP><Nazwa>Łódka</Nazwa></DaneIdentyfikacyjne></Podmiot1>\n\
             <Podmiot2><DaneIdentyfikacyjne><KodUE>DE</KodUE><NrVatUE>123456789</NrVatUE><Nazwa>K &amp; S</Nazwa>\
             </DaneIdentyfikacyjne></Podmiot2>\n\
             <Fa><KodWaluty>EUR</KodWaluty><P_1>2026-11-20</P_1><P_2>FV/1</P_2>{body}<P_15>12.30</P_15>\
             <RodzajFaktury>KOR_ZAL</RodzajFaktury></Fa></Faktura>",
            names::FA3_NAMESPACE
        )
    }

    fn code_of(text: impl AsRef<[u8]>) -> (&'static str, Option<(u32, u32)>) {
        let error = InvoiceDocument::read(text.as_ref()).unwrap_err();
        (
            error.code(),
            error.position().map(|at| (at.line, at.column)),
        )
    }

    #[test]
    fn the_facts_are_read() {
        let text = invoice("");
        let document = InvoiceDocument::read(text.as_bytes()).unwrap();
        let facts = document.facts();
        assert_eq!(facts.seller.as_str(), "5265877635");
        assert_eq!(facts.issue_date, jiff::civil::date(2026, 11, 20));
        assert_eq!(facts.number, "FV/1");
        assert_eq!(facts.kind, InvoiceKind::AdvanceCorrection);
        assert_eq!(facts.buyer.identifier.as_deref(), Some("DE123456789"));
        assert_eq!(facts.buyer.name.as_deref(), Some("K & S"));
        assert_eq!(facts.gross.as_str(), "12.30");
        assert_eq!(facts.currency, "EUR");
        assert_eq!(document.bytes(), text.as_bytes());
        assert_eq!(document.hash(), InvoiceHash::of(text.as_bytes()));
    }

    #[test]
    fn each_fault_of_the_file_has_its_code_and_position() {
        let good = invoice("");
        assert_eq!(code_of(""), ("file-empty", None));
        assert_eq!(
            code_of(format!("\u{FEFF}{good}")),
            ("file-byte-order-mark", Some((1, 1)))
        );
        assert_eq!(code_of(b"<a>\n\xFF</a>"), ("file-not-utf8", Some((2, 1))));
        assert_eq!(
            code_of(format!(
                "<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?>{good}"
            )),
            ("file-encoding", Some((1, 1)))
        );
        assert_eq!(
            code_of(format!("<!DOCTYPE Faktura []>{good}")),
            ("file-dtd", Some((1, 1)))
        );
        assert_eq!(
            code_of(format!("<?pi x?>{good}")),
            ("file-processing-instruction", Some((1, 1)))
        );
        assert_eq!(
            code_of(&good[..good.len() - 4]),
            ("file-not-well-formed", Some((4, 134)))
        );
        assert_eq!(
            code_of(good.replace("13775", "13776")),
            ("wrong-namespace", Some((1, 1)))
        );
        assert_eq!(
            code_of(good.replace("2025/06/25/13775", "2023/06/29/12648")),
            ("form-not-accepted", None)
        );
        assert_eq!(
            code_of(good.replace("2026-11-20", "2026-11-31")).0,
            "value-illegal"
        );
        assert_eq!(
            code_of(good.replace("P_2>", "P_3>")),
            ("element-missing", None)
        );
    }

    #[test]
    fn discouraged_characters_are_refused_raw_and_as_references() {
        for code in [
            0x7F_u32, 0x84, 0x86, 0x9F, 0xFDD0, 0xFDEF, 0xFFFE, 0x1_FFFE, 0x10_FFFF,
        ] {
            let character = char::from_u32(code).unwrap();
            assert_eq!(
                code_of(invoice(&format!("<P_6>{character}</P_6>"))).0,
                "file-character",
                "{code:X}"
            );
        }
        for reference in ["&#x7F;", "&#134;", "&#xFDD0;"] {
            assert_eq!(
                code_of(invoice(&format!("<P_6>{reference}</P_6>"))).0,
                "file-character",
                "{reference}"
            );
        }
        for code in [0x85_u32, 0xA0, 0xFDCF, 0xFDF0, 0x1_F600] {
            let character = char::from_u32(code).unwrap();
            assert!(
                InvoiceDocument::read(invoice(&format!("<P_6>{character}</P_6>")).as_bytes())
                    .is_ok(),
                "{code:X}"
            );
        }
    }

    #[test]
    fn the_size_limit_depends_on_the_attachment() {
        let large = invoice(&format!("<P_6>{}</P_6>", "x".repeat(MAX_SIZE)));
        assert_eq!(code_of(&large).0, "file-too-large");
        let with_attachment = large.replace("</Fa></Faktura>", "</Fa><Zalacznik/></Faktura>");
        assert!(
            InvoiceDocument::read(with_attachment.as_bytes())
                .unwrap()
                .facts()
                .has_attachment
        );
        let huge = invoice(&"x".repeat(MAX_SIZE_WITH_ATTACHMENT));
        assert_eq!(code_of(&huge).0, "file-too-large");
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = invoice(&format!(
            "{}{}",
            "<a>".repeat(100_000),
            "</a>".repeat(100_000)
        ));
        assert_eq!(code_of(&deep).0, "file-too-deep");
    }

    #[test]
    fn attributes_are_bounded_but_not_in_comments_and_character_data() {
        let many: String = (0..60_000).map(|i| format!(" a{i}='='")).collect();
        assert_eq!(
            code_of(invoice(&format!("\n<a{many}/>"))),
            ("file-too-many-attributes", Some((5, 1)))
        );
        for harmless in [
            format!("<!-- <a{many} -->"),
            format!("<a><![CDATA[<a{many}>]]></a>"),
            "<a b='<=>'/>".into(),
        ] {
            let code =
                InvoiceDocument::read(invoice(&harmless).as_bytes()).map_err(|error| error.code());
            assert!(
                matches!(code, Ok(_) | Err("file-not-well-formed")),
                "{code:?}"
            );
        }
    }

    #[test]
    fn debug_shows_no_content() {
        let document = InvoiceDocument::read(invoice("").as_bytes()).unwrap();
        let shown = format!("{document:?} {:?}", document.facts());
        for secret in ["5265877635", "FV/1", "12.30", "Łódka", "123456789"] {
            assert!(!shown.contains(secret), "{secret}");
        }
    }
}
