//! Verifying what others hand over: files are read here, judged in core.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use ksef_offline_core::code::{CodeReport, Evidence, verify};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::invoice::file::MAX_SIZE_WITH_ATTACHMENT;

use crate::error::DeskError;

/// No file with certificates is nearly as large.
const MAX_CERTIFICATES: usize = 1_000_000;

/// Verifies the link of a CODE I or CODE II at `now`, against an invoice and a certificate where there are files of
/// them. `custom` is an environment whose links count beside those of the Ministry's three.
///
/// # Errors
/// [`DeskError::File`] for a file that cannot be read. One that holds something else is a failed check of the report.
pub fn verify_code(
    url: &str,
    invoice: Option<&Path>,
    certificate: Option<&Path>,
    custom: Option<&Environment>,
    now: Timestamp,
) -> Result<CodeReport, DeskError> {
    let invoice = invoice
        .map(|path| read(path, MAX_SIZE_WITH_ATTACHMENT))
        .transpose()?;
    let certificate = certificate
        .map(|path| read(path, MAX_CERTIFICATES))
        .transpose()?;
    let evidence = Evidence {
        invoice: invoice.as_deref(),
        certificate: certificate.as_deref(),
        custom,
        now,
    };
    Ok(verify(url, &evidence))
}

/// The bytes of a file, but no more than one above `most`: that it is too large can be told from these.
fn read(path: &Path, most: usize) -> Result<Vec<u8>, DeskError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| DeskError::file(path, &error))?;
    Ok(bytes)
}
