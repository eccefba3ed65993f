//! A page as PDF on A4: PDF/A-3a and PDF/UA-1.
//!
//! First the page is laid out as [`strip`]s, bands as wide as the paper's text and never broken; then the strips are
//! stacked on sheets ([`sheets`]), where the heads of long tables are repeated; at last the sheets, whose number is known by
//! then, are written ([`file`]). All lengths are in points, a 72nd of an inch.

mod fields;
mod file;
mod flow;
mod font;
mod sheets;
mod strip;
mod structure;
mod table;
mod wrap;

use ksef_offline_core::invoice::InvoiceDocument;

use crate::error::RenderError;
use crate::page::Page;
use flow::Flow;
use font::Fonts;

/// Draws the page; `document` is attached.
pub(crate) fn draw(
    page: &Page,
    document: Option<&InvoiceDocument>,
) -> Result<Vec<u8>, RenderError> {
    let fonts = Fonts::load().ok_or(RenderError::Pdf)?;
    let (strips, structure) = Flow::lay_out(page, &fonts);
    let sheets = sheets::stack(strips);
    file::write(page, document, &fonts, sheets, structure)
}
