//! Verifying what others hand over, check by check.

use jiff::Timestamp;
use ksef_offline::core::check::Check as Checked;
use ksef_offline::core::code::{Evidence as CodeEvidence, verify};
use ksef_offline::core::environment::Environment;
use ksef_offline::core::key::{Certificate, TrustAnchors};
use ksef_offline::core::{receipt, signature};

use crate::error::{Bilingual, KsefOfflineError};

/// One named check of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Check {
    /// The stable kebab-case name of the check.
    pub name: String,
    /// Whether it holds.
    pub passed: bool,
    /// What was found, and what it was held against.
    pub detail: Bilingual,
}

impl From<&Checked> for Check {
    fn from(check: &Checked) -> Self {
        Self {
            name: check.name.to_owned(),
            passed: check.passed,
            detail: check.detail.clone().into(),
        }
    }
}

/// What came of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Verification {
    /// Whether every check holds. Says nothing of trust: anybody can make a certificate.
    pub valid: bool,
    /// Whether the certificate leads to one that is trusted. None where none was given, or no certificate is there.
    pub trusted: Option<bool>,
    /// Of a link `code-1` or `code-2`; None for everything else.
    pub kind: Option<String>,
    /// The checks in the order in which they were made.
    pub checks: Vec<Check>,
}

/// What a link is held against.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CodeEvidenceOptions {
    /// The bytes of the invoice the code is said to belong to.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub invoice: Option<Vec<u8>>,
    /// The issuer's certificate, PEM or DER. Without it no CODE II holds.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub certificate: Option<Vec<u8>>,
    /// Certificates that are trusted, each PEM (of several) or DER.
    #[cfg_attr(feature = "uniffi", uniffi(default = []))]
    pub trust: Vec<Vec<u8>>,
    /// The host of QR links of an environment of one's own, which counts beside the Ministry's.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub qr_host: Option<String>,
}

/// What a signature or receipt is held against.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SignedEvidenceOptions {
    /// The bytes of the invoice: what a detached signature signs, and what all else is compared with.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub invoice: Option<Vec<u8>>,
    /// Certificates that are trusted, each PEM (of several) or DER.
    #[cfg_attr(feature = "uniffi", uniffi(default = []))]
    pub trust: Vec<Vec<u8>>,
}

/// Verifies the link of a CODE I or CODE II, now. A link that is none is a check that does not hold.
///
/// # Errors
/// The codes of a `trust` that holds no certificates, and of a malformed host.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn verify_code(
    link: String,
    options: CodeEvidenceOptions,
) -> Result<Verification, KsefOfflineError> {
    let anchors = anchors(&options.trust)?;
    // Only the host of an environment matters to links; its other addresses are never asked for.
    let nowhere = "https://localhost";
    let custom = options
        .qr_host
        .map(|host| Environment::custom(nowhere, nowhere, &host))
        .transpose()?;
    let report = verify(
        &link,
        &CodeEvidence {
            invoice: options.invoice.as_deref(),
            certificate: options.certificate.as_deref(),
            custom: custom.as_ref(),
            now: Timestamp::now(),
        },
    );
    Ok(Verification {
        valid: report.result().is_ok(),
        trusted: report.trusted(&anchors),
        kind: report.kind().map(|kind| kind.name().to_owned()),
        checks: report.checks().iter().map(Check::from).collect(),
    })
}

/// Verifies a XAdES signature of any packaging or an ASiC-S container, now. Bytes that are neither are a check that does
/// not hold.
///
/// # Errors
/// The codes of a `trust` that holds no certificates.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn verify_signature(
    signature: Vec<u8>,
    options: SignedEvidenceOptions,
) -> Result<Verification, KsefOfflineError> {
    let anchors = anchors(&options.trust)?;
    let evidence = signature::Evidence {
        invoice: options.invoice.as_deref(),
        beside: None,
        now: Timestamp::now(),
    };
    let report = signature::examine(&signature, evidence);
    Ok(Verification {
        valid: report.fault().is_none(),
        trusted: report.trusted(&anchors),
        kind: None,
        checks: report.checks().iter().map(Check::from).collect(),
    })
}

/// Verifies a receipt (UPO), now; with an invoice also whether it is a receipt of that. Bytes that are none are a check
/// that does not hold.
///
/// # Errors
/// The codes of a `trust` that holds no certificates.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn verify_receipt(
    receipt: Vec<u8>,
    options: SignedEvidenceOptions,
) -> Result<Verification, KsefOfflineError> {
    let anchors = anchors(&options.trust)?;
    let report = receipt::examine(&receipt, options.invoice.as_deref(), Timestamp::now());
    Ok(Verification {
        valid: report.result().is_ok(),
        trusted: report.trusted(&anchors),
        kind: None,
        checks: report.checks().iter().map(Check::from).collect(),
    })
}

fn anchors(files: &[Vec<u8>]) -> Result<TrustAnchors, KsefOfflineError> {
    let mut certificates = Vec::new();
    for file in files {
        certificates.extend(Certificate::all_from_bytes(file)?);
    }
    Ok(TrustAnchors::new(certificates))
}
