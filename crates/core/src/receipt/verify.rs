//! Verifies a receipt: its seal, and that it is the receipt of a certain invoice.

use crate::check::Check;
use crate::diagnostic::{Bilingual, Diagnostic as _};
use crate::identifier::{InvoiceHash, KsefNumber};
use crate::key::TrustAnchors;
use crate::signature::{self, SignatureReport, VerifiedSignature, verify_enveloped};

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

/// Everything that was looked at in a receipt, in order.
#[derive(Debug, Clone)]
pub struct ReceiptReport {
    checks: Vec<Check>,
    fault: Option<ReceiptError>,
    seal: SignatureReport,
}

impl ReceiptReport {
    /// The checks, in the order they were made: `receipt` (a UPO v4-3 with everything a receipt is for), those of
    /// [`signature::examine`] for the seal, and `invoice` where one was given.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Whether every check holds.
    ///
    /// # Errors
    /// The fault of the first check that does not.
    pub fn result(&self) -> Result<(), ReceiptError> {
        self.fault.clone().map_or(Ok(()), Err)
    }

    /// Whether the seal leads to one of these anchors; `None` where there are none.
    pub fn trusted(&self, anchors: &TrustAnchors) -> Option<bool> {
        self.seal.trusted(anchors)
    }
}

/// Looks at everything in a receipt; with the hash of an invoice also at whether it is a receipt of that.
pub fn examine(bytes: &[u8], invoice: Option<&InvoiceHash>) -> ReceiptReport {
    let parsed = Upo::parse(bytes);
    let seal = signature::examine(bytes, None);
    let mut checks = vec![match &parsed {
        Ok(upo) => {
            let count = upo.documents.len();
            let detail = Bilingual::new(format!("faktury: {count}"), format!("invoices: {count}"));
            Check::passed("receipt", detail)
        }
        Err(fault) => Check::failed("receipt", fault.message()),
    }];
    checks.extend_from_slice(seal.checks());
    let named = match (invoice, &parsed) {
        (Some(hash), Ok(upo)) => Some(upo.document_for(hash).ok_or(ReceiptError::OtherInvoice)),
        _ => None,
    };
    checks.extend(named.as_ref().map(|named| match named {
        Ok(document) => {
            let number = document.ksef_number.to_string();
            Check::passed("invoice", Bilingual::new(number.clone(), number))
        }
        Err(fault) => Check::failed("invoice", fault.message()),
    }));
    let fault = parsed.as_ref().err().cloned();
    let fault = fault.or_else(|| seal.fault().cloned().map(ReceiptError::from));
    let fault = fault.or_else(|| named.and_then(Result::err));
    ReceiptReport {
        checks,
        fault,
        seal,
    }
}
