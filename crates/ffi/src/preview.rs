//! An invoice as a person reads it, without a desk.

use ksef_offline::core::invoice::InvoiceDocument;
use ksef_offline::{PreviewFormat as Format, draw_preview};

use crate::code::Code;
use crate::error::KsefOfflineError;
use crate::sets::{Language, PreviewFormat};

/// An invoice and its codes as a page: HTML in UTF-8 that loads nothing, or PDF.
///
/// # Errors
/// The codes of a document that is no FA(3) invoice, `code-too-long`, the codes of a caption that is no KSeF number,
/// `unsupported` for PDF in a build without it.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn preview_invoice(
    invoice: Vec<u8>,
    codes: Vec<Code>,
    format: PreviewFormat,
    language: Language,
) -> Result<Vec<u8>, KsefOfflineError> {
    let document = InvoiceDocument::read(invoice)?;
    let codes = codes
        .into_iter()
        .map(|code| {
            Ok(ksef_offline::Code {
                caption: code.parsed_caption()?,
                url: code.link,
            })
        })
        .collect::<Result<Vec<_>, KsefOfflineError>>()?;
    Ok(draw_preview(
        &document,
        &codes,
        page_format(format)?,
        language.into(),
    )?)
}

#[cfg_attr(
    feature = "pdf",
    expect(clippy::unnecessary_wraps, reason = "a build without PDF refuses it")
)]
pub(crate) fn page_format(format: PreviewFormat) -> Result<Format, KsefOfflineError> {
    match format {
        PreviewFormat::Html => Ok(Format::Html),
        #[cfg(feature = "pdf")]
        PreviewFormat::Pdf => Ok(Format::Pdf),
        #[cfg(not(feature = "pdf"))]
        PreviewFormat::Pdf => Err(KsefOfflineError::argument(
            "unsupported",
            "ta wersja biblioteki nie tworzy PDF",
            "this build of the library makes no PDF",
        )),
    }
}
