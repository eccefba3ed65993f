//! Verifies a receipt: its seal, and that it is the receipt of a certain invoice.

use crate::identifier::{InvoiceHash, KsefNumber};
use crate::signature::{VerifiedSignature, verify_enveloped};

use super::{ReceiptError, Upo, UpoDocument};

/// A receipt whose signature holds. Whether the certificate is the Ministry's is for the caller to decide by his anchors.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifiedReceipt {
    /// The receipt.
    pub upo: Upo,
    /// Who sealed it, and when.
    pub signature: VerifiedSignature,
}

impl VerifiedReceipt {
    /// The entry of an invoice.
    ///
    /// # Errors
    /// [`ReceiptError::OtherInvoice`] when the receipt does not name its hash, [`ReceiptError::OtherNumber`] when it
    /// gives another KSeF number than `expected`.
    pub fn confirm(
        &self,
        hash: &InvoiceHash,
        expected: Option<&KsefNumber>,
    ) -> Result<&UpoDocument, ReceiptError> {
        let document = self
            .upo
            .document_for(hash)
            .ok_or(ReceiptError::OtherInvoice)?;
        if expected.is_some_and(|number| *number != document.ksef_number) {
            return Err(ReceiptError::OtherNumber);
        }
        Ok(document)
    }
}

/// Verifies the seal of a receipt and reads it.
///
/// # Errors
/// [`ReceiptError::Signature`] with what is wrong with the seal, and the errors of [`Upo::parse`].
pub fn verify(bytes: &[u8]) -> Result<VerifiedReceipt, ReceiptError> {
    let upo = Upo::parse(bytes)?;
    let signature = verify_enveloped(bytes)?;
    Ok(VerifiedReceipt { upo, signature })
}
