//! Offline invoices as a person reads them: bytes in, bytes out.
//!
//! An invoice, or its codes alone, as HTML and (feature `pdf`) as PDF. Both say all that the document says, in Polish or
//! English; elements this version does not know are shown too, under their names in words.
//!
//! An HTML file holds everything it shows: no scripts, no fonts, no pictures from elsewhere, and a policy in its head that
//! forbids them. A PDF is PDF/A-3a and PDF/UA-1: tagged, with its font, and with the exact bytes of the invoice attached.

mod code;
mod compose;
mod error;
mod html;
mod page;
#[cfg(feature = "pdf")]
mod pdf;
mod schema;

use ksef_offline_core::Language;
use ksef_offline_core::invoice::InvoiceDocument;

pub use code::Code;
pub use error::RenderError;
pub use schema::element_label;

/// The invoice and its codes as one HTML file.
///
/// # Errors
/// [`RenderError::Code`] when a link is too long for a symbol, [`RenderError::Document`] when the document is no XML.
pub fn invoice_html(
    document: &InvoiceDocument,
    codes: &[Code],
    language: Language,
) -> Result<String, RenderError> {
    Ok(html::draw(&compose::invoice(document, codes, language)?))
}

/// The codes of one or more invoices as one HTML file, to be handed out beside documents that have no room for them.
///
/// # Errors
/// [`RenderError::Code`] when a link is too long for a symbol.
pub fn codes_sheet_html(
    invoices: &[(&InvoiceDocument, &[Code])],
    language: Language,
) -> Result<String, RenderError> {
    Ok(html::draw(&compose::sheet(invoices, language)?))
}

/// The invoice and its codes as PDF on A4: PDF/A-3a and PDF/UA-1, the document itself attached. The same input gives the
/// same bytes.
///
/// # Errors
/// As [`invoice_html`]; [`RenderError::Pdf`] when the page has no place in a PDF.
#[cfg(feature = "pdf")]
pub fn invoice_pdf(
    document: &InvoiceDocument,
    codes: &[Code],
    language: Language,
) -> Result<Vec<u8>, RenderError> {
    pdf::draw(
        &compose::invoice(document, codes, language)?,
        Some(document),
    )
}

/// The codes of one or more invoices as PDF on A4.
///
/// # Errors
/// As [`codes_sheet_html`]; [`RenderError::Pdf`] when the page has no place in a PDF.
#[cfg(feature = "pdf")]
pub fn codes_sheet_pdf(
    invoices: &[(&InvoiceDocument, &[Code])],
    language: Language,
) -> Result<Vec<u8>, RenderError> {
    pdf::draw(&compose::sheet(invoices, language)?, None)
}
