//! Why a file cannot be an invoice, and where in it the fault lies.

use core::fmt;

use thiserror::Error;

use super::file::{MAX_ATTRIBUTES, MAX_SIZE_WITH_ATTACHMENT};
use crate::diagnostic::{Bilingual, Diagnostic};

/// Where in a file a fault lies, both counted from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: u32,
    /// Column.
    pub column: u32,
}

impl Position {
    /// The place of a byte offset in `text`.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self {
            line: count(before.bytes().filter(|b| *b == b'\n').count() + 1),
            column: count(before[line_start..].chars().count() + 1),
        }
    }

    pub(super) fn in_polish(self) -> String {
        format!("wiersz {}, kolumna {}", self.line, self.column)
    }
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
    #[error("{}", too_large(*size, *limit).en)]
    TooLarge {
        /// Size of the file in bytes, as far as it was read.
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
    #[error("{form}: KSeF 2.0 production takes FA(3)")]
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
            Self::TooLarge { size, limit } => return too_large(*size, *limit),
            Self::ByteOrderMark => "plik zaczyna się znacznikiem BOM; zapisz go jako UTF-8 bez BOM".into(),
            Self::NotUtf8(at) => format!("plik nie jest w UTF-8 ({})", at.in_polish()),
            Self::Encoding => "deklaracja XML podaje inne kodowanie niż UTF-8".into(),
            Self::Character { code_point, position } => {
                format!("znak U+{code_point:04X} jest niedozwolony ({})", position.in_polish())
            }
            Self::Dtd(at) => format!("deklaracja typu dokumentu (DTD) jest niedozwolona ({})", at.in_polish()),
            Self::ProcessingInstruction(at) => {
                format!("instrukcje przetwarzania są niedozwolone ({})", at.in_polish())
            }
            Self::Malformed(at) => {
                format!("plik nie jest poprawnym XML albo jest ucięty ({})", at.in_polish())
            }
            Self::TooDeep(at) => format!("elementy są zagnieżdżone zbyt głęboko ({})", at.in_polish()),
            Self::TooManyAttributes(at) => {
                format!("element ma więcej niż {MAX_ATTRIBUTES} atrybutów ({})", at.in_polish())
            }
            Self::FormerForm { form } => format!("{form}: produkcyjny KSeF 2.0 przyjmuje FA(3)"),
            Self::WrongNamespace(_) => {
                "plik nie jest fakturą FA(3): elementem głównym nie jest Faktura w przestrzeni nazw FA(3)".into()
            }
            Self::Missing { path } => format!("brakuje elementu {path}"),
            Self::IllegalValue { path, position } => {
                format!("element {path} nie ma dozwolonej wartości ({})", position.in_polish())
            }
        };
        Bilingual::new(pl, self.to_string())
    }
}

fn too_large(size: usize, limit: usize) -> Bilingual {
    if limit == MAX_SIZE_WITH_ATTACHMENT {
        Bilingual::new(
            format!("plik ma ponad {limit} bajtów, a więcej KSeF nie przyjmuje"),
            format!("the file has more than {limit} bytes, the most KSeF takes"),
        )
    } else {
        Bilingual::new(
            format!("faktura ma {size} bajtów; bez załącznika KSeF przyjmuje {limit}"),
            format!("the invoice has {size} bytes; without an attachment KSeF takes {limit}"),
        )
    }
}
