//! XAdES signatures of invoices, in one step or in two.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use ksef_offline::core::invoice::InvoiceDocument;
use ksef_offline::core::key::Certificate;
use ksef_offline::core::signature::{Xades, XadesDraft, asic_s};

use crate::error::KsefOfflineError;
use crate::sets::{Packaging, SignatureAlgorithm};
use crate::signer::Signer;

/// Signs the exact bytes of an invoice, now: XAdES in the profile KSeF asks for.
///
/// A detached signature refers to the invoice by `file_name`, which it should have beside the signature; an enveloping
/// one carries it and has no use for the name.
///
/// # Errors
/// The codes of a document that is no FA(3) invoice, `signer-failed` and its kin, `signature-text-refused` for a name that is no
/// file name.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn sign_invoice(
    invoice: Vec<u8>,
    signer: Arc<Signer>,
    packaging: Packaging,
    file_name: String,
) -> Result<Vec<u8>, KsefOfflineError> {
    let signer = signer.signer();
    let draft = draft(invoice, signer.certificate(), packaging, &file_name)?;
    Ok(draft.sign(signer.as_ref())?)
}

/// Prepares a signature whose key is somewhere else: the first of two steps. `certificate` is PEM or DER.
///
/// # Errors
/// The codes of a document that is no FA(3) invoice, and of an unreadable certificate.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn prepare_signature(
    invoice: Vec<u8>,
    certificate: Vec<u8>,
    packaging: Packaging,
    file_name: String,
) -> Result<Arc<SignatureDraft>, KsefOfflineError> {
    let certificate = Certificate::from_bytes(&certificate)?;
    let draft = draft(invoice, &certificate, packaging, &file_name)?;
    Ok(Arc::new(SignatureDraft {
        algorithm: SignatureAlgorithm::of(draft.algorithm()),
        bytes: draft.bytes_to_sign().to_vec(),
        draft: Mutex::new(Some(draft)),
    }))
}

fn draft(
    invoice: Vec<u8>,
    certificate: &Certificate,
    packaging: Packaging,
    file_name: &str,
) -> Result<XadesDraft, KsefOfflineError> {
    let document = InvoiceDocument::read(invoice)?;
    let now = Timestamp::now();
    Ok(match packaging {
        Packaging::Detached => Xades::default().detached(&document, file_name, certificate, now)?,
        Packaging::Enveloping => Xades::default().enveloping(&document, certificate, now)?,
    })
}

/// A signature that waits for its key.
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct SignatureDraft {
    algorithm: Option<SignatureAlgorithm>,
    bytes: Vec<u8>,
    draft: Mutex<Option<XadesDraft>>,
}

// Exported methods own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
impl SignatureDraft {
    /// The bytes the key signs (not their digest).
    pub fn bytes_to_sign(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    /// How it signs them.
    ///
    /// # Errors
    /// `algorithm-unknown` for one that is newer than this facade.
    pub fn algorithm(&self) -> Result<SignatureAlgorithm, KsefOfflineError> {
        self.algorithm.ok_or_else(|| {
            KsefOfflineError::argument(
                "algorithm-unknown",
                "algorytm podpisu nieznany temu interfejsowi",
                "a signature algorithm that this facade does not know",
            )
        })
    }

    /// The finished signature: an XML document. A draft is finished once.
    ///
    /// # Errors
    /// `signature-does-not-verify` when the certificate's key did not sign these bytes, `draft-spent` the second time.
    pub fn attach(&self, signature: Vec<u8>) -> Result<Vec<u8>, KsefOfflineError> {
        Ok(taken(&self.draft)?.attach(&signature)?)
    }
}

/// A draft that was not finished yet.
pub(crate) fn taken<T>(draft: &Mutex<Option<T>>) -> Result<T, KsefOfflineError> {
    let mut draft = draft.lock().unwrap_or_else(PoisonError::into_inner);
    draft.take().ok_or_else(|| {
        KsefOfflineError::argument(
            "draft-spent",
            "ten szkic został już dokończony; przygotuj nowy",
            "this draft was finished already; prepare another one",
        )
    })
}

impl core::fmt::Debug for SignatureDraft {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SignatureDraft")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// An invoice and its detached signature in one file: an ASiC-S container. `file_name` is the one the signature refers to.
///
/// # Errors
/// What keeps the two from being one container, for example a name that is no file name.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn asic_container(
    file_name: String,
    invoice: Vec<u8>,
    signature: Vec<u8>,
) -> Result<Vec<u8>, KsefOfflineError> {
    Ok(asic_s(&file_name, &invoice, &signature)?)
}
