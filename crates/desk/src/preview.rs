//! An invoice as a person reads it.

use std::path::{Path, PathBuf};

use ksef_offline_core::Language;
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_queue::{Entry, EntryId};
use ksef_offline_render as render;

use crate::codes::{Code, codes_of};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::home::{absolute, write_whole};

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewFormat {
    /// One HTML file that loads nothing.
    Html,
    /// PDF/A-3a and PDF/UA-1; of an invoice with its exact bytes attached.
    #[cfg(feature = "pdf")]
    Pdf,
}

impl PreviewFormat {
    /// The format that the name of a file asks for: `.html`, `.htm` or `.pdf`.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        match extension.to_ascii_lowercase().as_str() {
            "html" | "htm" => Some(Self::Html),
            #[cfg(feature = "pdf")]
            "pdf" => Some(Self::Pdf),
            _ => None,
        }
    }
}

/// What is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewContent {
    /// The invoice and its codes.
    Invoice,
    /// The codes alone, for those who must hand them over apart from the invoice.
    Codes,
}

impl Desk {
    /// An invoice or its codes as a page. Codes are those of [`Self::codes`] without `original`; an invoice that has none is
    /// drawn without.
    ///
    /// # Errors
    /// `not-found`; [`DeskError::NoCodes`] when only codes are asked for and there are none; [`DeskError::Render`].
    pub fn preview(
        &self,
        id: &str,
        content: PreviewContent,
        format: PreviewFormat,
        language: Language,
    ) -> Result<Vec<u8>, DeskError> {
        let id = EntryId::parse(id)?;
        let entry = self.queue().entry(&id)?;
        let document = InvoiceDocument::read(self.queue().document(&id)?)?;
        let codes = match (codes(&entry), content) {
            (Err(DeskError::NoCodes), PreviewContent::Invoice) => Vec::new(),
            (codes, _) => codes?,
        };
        match content {
            PreviewContent::Invoice => draw_preview(&document, &codes, format, language),
            PreviewContent::Codes => draw_codes(&document, &codes, format, language),
        }
    }

    /// Writes what [`Self::preview`] gives to `path`, whole or not at all; gives the absolute path.
    ///
    /// # Errors
    /// As [`Self::preview`]; [`DeskError::File`].
    pub fn write_preview(
        &self,
        id: &str,
        path: &Path,
        content: PreviewContent,
        format: PreviewFormat,
        language: Language,
    ) -> Result<PathBuf, DeskError> {
        write_whole(path, &self.preview(id, content, format, language)?)?;
        absolute(path)
    }
}

/// An invoice and its codes as a page, without a desk.
///
/// # Errors
/// [`DeskError::Render`].
pub fn draw_preview(
    document: &InvoiceDocument,
    codes: &[Code],
    format: PreviewFormat,
    language: Language,
) -> Result<Vec<u8>, DeskError> {
    let codes = drawn(codes);
    Ok(match format {
        PreviewFormat::Html => render::invoice_html(document, &codes, language)?.into_bytes(),
        #[cfg(feature = "pdf")]
        PreviewFormat::Pdf => render::invoice_pdf(document, &codes, language)?,
    })
}

fn draw_codes(
    document: &InvoiceDocument,
    codes: &[Code],
    format: PreviewFormat,
    language: Language,
) -> Result<Vec<u8>, DeskError> {
    let codes = drawn(codes);
    let sheet = [(document, codes.as_slice())];
    Ok(match format {
        PreviewFormat::Html => render::codes_sheet_html(&sheet, language)?.into_bytes(),
        #[cfg(feature = "pdf")]
        PreviewFormat::Pdf => render::codes_sheet_pdf(&sheet, language)?,
    })
}

fn drawn(codes: &[Code]) -> Vec<render::Code> {
    let drawn = |code: &Code| render::Code {
        link: code.url.clone(),
        caption: code.caption.clone(),
    };
    codes.iter().map(drawn).collect()
}

/// The codes that belong on the page now.
fn codes(entry: &Entry) -> Result<Vec<Code>, DeskError> {
    let codes = codes_of(entry, false)?;
    Ok(core::iter::once(codes.one).chain(codes.two).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_file_says_which_format() {
        let of = |name: &str| PreviewFormat::of(Path::new(name));
        assert_eq!(of("a.html"), Some(PreviewFormat::Html));
        #[cfg(feature = "pdf")]
        assert_eq!(of("/x/a.b.PDF"), Some(PreviewFormat::Pdf));
        assert_eq!(of("pdf"), None);
        assert_eq!(of("a.xml"), None);
    }
}
