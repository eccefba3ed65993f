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
    /// The page has no place in a PDF.
    #[error("the page cannot be written as PDF")]
    Pdf,
}

impl Diagnostic for RenderError {
    fn code(&self) -> &'static str {
        match self {
            Self::Code(error) => error.code(),
            Self::Document => "render-document-unreadable",
            Self::Pdf => "render-pdf",
        }
    }

    fn message(&self) -> Bilingual {
        match self {
            Self::Code(error) => error.message(),
            Self::Document => Bilingual::new(
                "nie można odczytać faktury jako XML",
                "the invoice cannot be read as XML",
            ),
            Self::Pdf => Bilingual::new(
                "strony nie można zapisać jako PDF",
                "the page cannot be written as PDF",
            ),
        }
    }
}
