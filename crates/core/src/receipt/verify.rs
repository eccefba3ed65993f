//! Verifies a receipt: its seal, and that it is the receipt of a certain invoice.

use jiff::Timestamp;

use crate::check::Check;
use crate::diagnostic::{Bilingual, Diagnostic as _};
use crate::identifier::{InvoiceHash, KsefNumber};
use crate::invoice::InvoiceDocument;
use crate::key::TrustAnchors;
use crate::signature::{self, Evidence, SignatureReport, VerifiedSignature, verify_enveloped};

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
    /// Those of [`Upo::document_for`], [`ReceiptError::OtherContent`] when the KSeF number is of another seller than the
    /// receipt says, [`ReceiptError::OtherNumber`] when it
    /// gives another KSeF number than `expected`.
    pub fn confirm(
        &self,
        hash: &InvoiceHash,
        expected: Option<&KsefNumber>,
    ) -> Result<&UpoDocument, ReceiptError> {
        let document = self.upo.document_for(hash)?;
        check_number(document)?;
        if expected.is_some_and(|number| *number != document.ksef_number) {
            return Err(ReceiptError::OtherNumber);
        }
        Ok(document)
    }
}

/// Verifies the seal of a receipt at `now` and reads it.
///
/// # Errors
/// [`ReceiptError::Signature`] with what is wrong with the seal, and the errors of [`Upo::parse`].
pub fn verify(bytes: &[u8], now: Timestamp) -> Result<VerifiedReceipt, ReceiptError> {
    let upo = Upo::parse(bytes)?;
    let signature = verify_enveloped(bytes, now)?;
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
    /// [`signature::examine`] for the seal, and where an invoice was given `invoice` (its hash has one KSeF number) and
    /// `ksef-number`, `seller`, `invoice-number` and `issue-date`: what the receipt says of it is what stands in it.
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

    /// What was found of the seal alone.
    pub fn seal(&self) -> &SignatureReport {
        &self.seal
    }

    /// Whether the seal leads to one of these anchors; `None` where there are none.
    pub fn trusted(&self, anchors: &TrustAnchors) -> Option<bool> {
        self.seal.trusted(anchors)
    }
}

/// Looks at everything in a receipt at `now`; with the bytes of an invoice also at whether it is a receipt of that.
pub fn examine(bytes: &[u8], invoice: Option<&[u8]>, now: Timestamp) -> ReceiptReport {
    let parsed = Upo::parse(bytes);
    let seal = signature::examine(bytes, Evidence::at(now));
    let mut checks = vec![match &parsed {
        Ok(upo) => {
            let count = upo.documents.len();
            let detail = Bilingual::new(format!("faktury: {count}"), format!("invoices: {count}"));
            Check::passed("receipt", detail)
        }
        Err(fault) => Check::failed("receipt", fault.message()),
    }];
    checks.extend_from_slice(seal.checks());
    let mut fault = parsed.as_ref().err().cloned();
    fault = fault.or_else(|| seal.fault().cloned().map(ReceiptError::from));
    if let (Some(invoice), Ok(upo)) = (invoice, &parsed) {
        for (name, found) in held_against(upo, invoice) {
            checks.push(match found {
                Ok(detail) => Check::passed(name, detail),
                Err(found) => {
                    let check = Check::failed(name, found.message());
                    fault.get_or_insert(found);
                    check
                }
            });
        }
    }
    ReceiptReport {
        checks,
        fault,
        seal,
    }
}

type Found = (&'static str, Result<Bilingual, ReceiptError>);

/// What the receipt says of an invoice, held against the invoice.
fn held_against(upo: &Upo, invoice: &[u8]) -> Vec<Found> {
    let document = match upo.document_for(&InvoiceHash::of(invoice)) {
        Ok(document) => document,
        Err(fault) => return vec![("invoice", Err(fault))],
    };
    let same = |element, same, said: String| {
        if same {
            Ok(Bilingual::new(said.clone(), said))
        } else {
            Err(ReceiptError::OtherContent { element })
        }
    };
    let number = document.ksef_number.to_string();
    let number_found = check_number(document).map(|()| Bilingual::new(number.clone(), number));
    let Ok(invoice) = InvoiceDocument::read(invoice) else {
        let detail = Bilingual::new(
            "skrót się zgadza; pliku nie da się odczytać jako FA(3), więc sprzedawcy, numeru i daty nie porównano",
            "the hash is the same; the file cannot be read as FA(3), so seller, number and date were not compared",
        );
        return vec![("invoice", Ok(detail)), ("ksef-number", number_found)];
    };
    let facts = invoice.facts();
    let hash = invoice.hash().to_base64();
    let is_number = collapsed(&facts.number) == document.invoice_number;
    vec![
        ("invoice", Ok(Bilingual::new(hash.clone(), hash))),
        ("ksef-number", number_found),
        (
            "seller",
            same(
                "NipSprzedawcy",
                facts.seller == document.seller,
                document.seller.to_string(),
            ),
        ),
        (
            "invoice-number",
            same("NumerFaktury", is_number, document.invoice_number.clone()),
        ),
        (
            "issue-date",
            same(
                "DataWystawieniaFaktury",
                facts.issue_date == document.issue_date,
                document.issue_date.to_string(),
            ),
        ),
    ]
}

/// A KSeF number begins with the NIP of the seller.
fn check_number(document: &UpoDocument) -> Result<(), ReceiptError> {
    if document.ksef_number.seller().as_ref() == Some(&document.seller) {
        Ok(())
    } else {
        Err(ReceiptError::OtherContent {
            element: "NumerKSeFDokumentu",
        })
    }
}

/// A receipt has the number as an `xsd:token`.
fn collapsed(number: &str) -> String {
    number
        .split_ascii_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
