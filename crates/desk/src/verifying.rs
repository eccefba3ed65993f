//! Verifying what others hand over: files are read here, judged in core.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use ksef_offline_core::code::{self, CodeReport, verify};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::invoice::file::MAX_SIZE_WITH_ATTACHMENT;
use ksef_offline_core::key::{Certificate, TrustAnchors};
use ksef_offline_core::receipt::{self, ReceiptReport};
use ksef_offline_core::signature::{self, Evidence, SignatureReport};

use crate::config::Config;
use crate::error::DeskError;

/// No signature, container or receipt is larger.
const MAX_SIGNED: usize = 32_000_000;
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
    let evidence = code::Evidence {
        invoice: invoice.as_deref(),
        certificate: certificate.as_deref(),
        custom,
        now,
    };
    Ok(verify(url, &evidence))
}

/// Verifies a signature of any packaging or an ASiC-S container. A detached signature needs the file it signs: `invoice`,
/// else the one of the name it gives that lies beside it. `now` is the time that nothing can be signed after.
///
/// # Errors
/// [`DeskError::File`] for a file that cannot be read. One that holds something else is a failed check of the report.
pub fn verify_signature(
    path: &Path,
    invoice: Option<&Path>,
    now: Timestamp,
) -> Result<SignatureReport, DeskError> {
    let bytes = read(path, MAX_SIGNED)?;
    let invoice = invoice.map(|path| read(path, MAX_SIGNED)).transpose()?;
    let beside = match invoice {
        Some(_) => None,
        None => signature::signed_file_name(&bytes)
            .map(|name| path.with_file_name(name))
            .filter(|beside| beside.is_file())
            .map(|beside| read(&beside, MAX_SIGNED))
            .transpose()?,
    };
    let evidence = Evidence {
        invoice: invoice.as_deref(),
        beside: beside.as_deref(),
        now,
    };
    Ok(signature::examine(&bytes, evidence))
}

/// Verifies a receipt (UPO), with an invoice also whether it is a receipt of that.
///
/// # Errors
/// As [`verify_signature`].
pub fn verify_receipt(
    path: &Path,
    invoice: Option<&Path>,
    now: Timestamp,
) -> Result<ReceiptReport, DeskError> {
    let bytes = read(path, MAX_SIGNED)?;
    let invoice = invoice.map(|path| read(path, MAX_SIGNED)).transpose()?;
    Ok(receipt::examine(&bytes, invoice.as_deref(), now))
}

/// The certificates in these files, to be trusted.
///
/// # Errors
/// [`DeskError::File`], and [`DeskError::KeyFile`] for a file that holds no certificates.
pub fn read_trust_anchors(paths: &[PathBuf]) -> Result<TrustAnchors, DeskError> {
    let mut certificates = Vec::new();
    for path in paths {
        let bytes = read(path, MAX_CERTIFICATES)?;
        let found = Certificate::all_from_bytes(&bytes).map_err(|error| DeskError::KeyFile {
            path: path.clone(),
            error,
        })?;
        certificates.extend(found);
    }
    Ok(TrustAnchors::new(certificates))
}

impl Config {
    /// The certificates in the files that `[trust]` names.
    ///
    /// # Errors
    /// [`DeskError::KeyFileUnreadable`] and [`DeskError::KeyFile`].
    pub fn trust_anchors(&self) -> Result<TrustAnchors, DeskError> {
        read_trust_anchors(&self.anchors).map_err(|error| match error {
            DeskError::File { path, reason, kind } => {
                DeskError::KeyFileUnreadable { path, reason, kind }
            }
            other => other,
        })
    }
}

/// The bytes of a file, but no more than one above `most`: that it is too large can be told from these.
fn read(path: &Path, most: usize) -> Result<Vec<u8>, DeskError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| DeskError::file(path, &error))?;
    Ok(bytes)
}
