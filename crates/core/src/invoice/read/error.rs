//! Why a document is not read into types, and where.

use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic};
use crate::invoice::error::{InvoiceError, Position};

/// Why a document does not become an [`crate::invoice::Invoice`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file is no FA(3) document at all.
    #[error(transparent)]
    File(#[from] InvoiceError),
    /// The schema has no element of this name and namespace.
    #[error("the schema has no element {path} ({position})")]
    UnknownElement {
        /// Path in schema names; a name that looks like none of the schema's is shown as `*`.
        path: String,
        /// Where its start tag begins.
        position: Position,
    },
    /// An element stands where it may not.
    #[error("the element {path} may not stand here ({position})")]
    UnexpectedElement {
        /// Path in schema names.
        path: String,
        /// Where its start tag begins.
        position: Position,
    },
    /// A required element is not there.
    #[error("in {path} one of these is missing: {} ({position})", expected.join(", "))]
    MissingElement {
        /// Path of the parent in schema names.
        path: String,
        /// The elements that could stand here.
        expected: Vec<&'static str>,
        /// Where it should stand.
        position: Position,
    },
    /// Text between elements.
    #[error("text may not stand between the elements of {path} ({position})")]
    UnexpectedText {
        /// Path of the element in schema names.
        path: String,
        /// Where the text begins.
        position: Position,
    },
    /// An attribute the schema does not know here, or one with another value than the schema fixes.
    #[error(
        "the element {path} has an attribute that is unknown, missing or of an illegal value ({position})"
    )]
    Attribute {
        /// Path of the element in schema names.
        path: String,
        /// Where its start tag begins.
        position: Position,
    },
    /// A value its type cannot hold: no date, no number, no code of the list.
    #[error("the element {path} has no legal value ({position})")]
    Value {
        /// Path in schema names.
        path: String,
        /// Where its start tag begins.
        position: Position,
    },
}

impl ReadError {
    /// Where in the file the fault lies, when it lies at one place.
    pub fn position(&self) -> Option<Position> {
        match self {
            Self::File(error) => error.position(),
            Self::UnknownElement { position, .. }
            | Self::UnexpectedElement { position, .. }
            | Self::MissingElement { position, .. }
            | Self::UnexpectedText { position, .. }
            | Self::Attribute { position, .. }
            | Self::Value { position, .. } => Some(*position),
        }
    }

    /// Path in schema names, empty for a fault of the file.
    pub fn path(&self) -> &str {
        match self {
            Self::File(_) => "",
            Self::UnknownElement { path, .. }
            | Self::UnexpectedElement { path, .. }
            | Self::MissingElement { path, .. }
            | Self::UnexpectedText { path, .. }
            | Self::Attribute { path, .. }
            | Self::Value { path, .. } => path,
        }
    }
}

impl Diagnostic for ReadError {
    fn code(&self) -> &'static str {
        match self {
            Self::File(error) => error.code(),
            Self::UnknownElement { .. } => "element-unknown",
            Self::UnexpectedElement { .. } => "element-unexpected",
            Self::MissingElement { .. } => "element-missing",
            Self::UnexpectedText { .. } => "text-unexpected",
            Self::Attribute { .. } => "attribute-illegal",
            Self::Value { .. } => "value-illegal",
        }
    }

    fn message(&self) -> Bilingual {
        let at = self.position().map(Position::in_polish).unwrap_or_default();
        let pl = match self {
            Self::File(error) => return error.message(),
            Self::UnknownElement { path, .. } => format!("schemat nie zna elementu {path} ({at})"),
            Self::UnexpectedElement { path, .. } => {
                format!("element {path} nie może stać w tym miejscu ({at})")
            }
            Self::MissingElement { path, expected, .. } => {
                format!(
                    "w {path} brakuje jednego z elementów: {} ({at})",
                    expected.join(", ")
                )
            }
            Self::UnexpectedText { path, .. } => {
                format!("między elementami w {path} nie może stać tekst ({at})")
            }
            Self::Attribute { path, .. } => {
                format!(
                    "element {path} ma atrybut nieznany, brakujący lub o niedozwolonej wartości ({at})"
                )
            }
            Self::Value { path, .. } => format!("element {path} nie ma dozwolonej wartości ({at})"),
        };
        Bilingual::new(pl, self.to_string())
    }
}
