//! Why a page could not be made.

use ksef_offline_core::code::CodeError;
use ksef_offline_core::{Bilingual, Diagnostic};
use thiserror::Error;

/// Why a page could not be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RenderError {
    /// A code cannot be drawn.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// The document cannot be read as XML.
    #[error("the invoice cannot be read as XML")]
    Document,
}

impl Diagnostic for RenderError {
    fn code(&self) -> &'static str {
        match self {
            Self::Code(error) => error.code(),
            Self::Document => "render-document-unreadable",
        }
    }

    fn message(&self) -> Bilingual {
        match self {
            Self::Code(error) => error.message(),
            Self::Document => Bilingual::new(
                "nie można odczytać faktury jako XML",
                "the invoice cannot be read as XML",
            ),
        }
    }
}
