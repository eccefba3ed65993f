//! An invoice as a document: judged, read, and as JSON.

use jiff::Timestamp;
use ksef_offline::core::identifier::InvoiceHash;
use ksef_offline::core::invoice::InvoiceDocument;
use ksef_offline::{self as desk, IssueFile, judge};

use crate::error::{Fault, KsefOfflineError};
use crate::sets::Environment;
use crate::text::{Amount, Day};

/// The verdict on a document.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Verdict {
    /// Whether KSeF would take it.
    pub valid: bool,
    /// What KSeF would refuse.
    pub errors: Vec<Fault>,
    /// What looks wrong but is not refused.
    pub warnings: Vec<Fault>,
}

/// Judges a document by the schema FA(3) and KSeF's rules for files in an environment, on today's day in Warsaw.
// Exported functions own their arguments.
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn validate(invoice: Vec<u8>, environment: Environment) -> Verdict {
    let file = IssueFile {
        source: String::new(),
        bytes: Ok(invoice),
    };
    let verdict = judge(&file, environment.kind(), Timestamp::now());
    Verdict {
        valid: verdict.valid,
        errors: verdict.errors.into_iter().map(Fault::from).collect(),
        warnings: verdict.warnings.into_iter().map(Fault::from).collect(),
    }
}

/// What identifies an invoice.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct InvoiceSummary {
    /// Invoice number (`P_2`).
    pub number: String,
    /// Kind (`RodzajFaktury`): `VAT`, `KOR`, `ZAL`, `ROZ`, `UPR`, `KOR_ZAL` or `KOR_ROZ`.
    pub kind: String,
    /// Issue date (`P_1`).
    pub issue_date: Day,
    /// NIP of the seller.
    pub seller_nip: String,
    /// NIP, EU VAT number with its country code, or another tax number of the buyer. None for a consumer without one.
    pub buyer_identifier: Option<String>,
    /// Name of the buyer.
    pub buyer_name: Option<String>,
    /// Total to pay (`P_15`).
    pub gross: Amount,
    /// ISO 4217 code of its currency.
    pub currency: String,
    /// Whether it carries an attachment: such invoices go by batch only.
    pub has_attachment: bool,
    /// SHA-256 of the exact bytes, standard Base64.
    pub invoice_hash: String,
}

/// Shows what kind of document it is, not what stands in it.
impl core::fmt::Debug for InvoiceSummary {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("InvoiceSummary")
            .field("kind", &self.kind)
            .field("issue_date", &self.issue_date)
            .field("invoice_hash", &self.invoice_hash)
            .finish_non_exhaustive()
    }
}

/// Reads what identifies an invoice, without judging the rest of it.
///
/// # Errors
/// The codes of a document that is no FA(3) invoice.
// Exported functions own their arguments.
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn read_invoice(invoice: Vec<u8>) -> Result<InvoiceSummary, KsefOfflineError> {
    let document = InvoiceDocument::read(invoice)?;
    let facts = document.facts();
    Ok(InvoiceSummary {
        number: facts.number.clone(),
        kind: facts.kind.code().to_owned(),
        issue_date: facts.issue_date.to_string(),
        seller_nip: facts.seller.to_string(),
        buyer_identifier: facts.buyer.identifier.clone(),
        buyer_name: facts.buyer.name.clone(),
        gross: facts.gross.to_string(),
        currency: facts.currency.clone(),
        has_attachment: facts.has_attachment,
        invoice_hash: document.hash().to_base64(),
    })
}

/// SHA-256 of these bytes as KSeF writes it: standard Base64, 44 characters.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn invoice_hash(invoice: Vec<u8>) -> String {
    InvoiceHash::of(&invoice).to_base64()
}

/// The FA(3) document of an invoice in JSON, in UTF-8; `invoice_schema` describes the JSON. It is judged as of today in
/// Warsaw: what KSeF would refuse is not made.
///
/// # Errors
/// `json-not-an-invoice` with the field at fault; `invoice-illegal` with everything KSeF would refuse in `details`.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn invoice_from_json(
    json: String,
    environment: Environment,
) -> Result<Vec<u8>, KsefOfflineError> {
    let written = desk::invoice_from_json(json.as_bytes(), environment.kind(), Timestamp::now())?;
    Ok(written.into_bytes())
}

/// An FA(3) document as JSON, indented. It keeps what the invoice says, not how its XML was laid out.
///
/// # Errors
/// The codes of a document that is no FA(3) invoice.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn invoice_to_json(invoice: Vec<u8>) -> Result<String, KsefOfflineError> {
    Ok(desk::invoice_to_json(&invoice)?)
}

/// The JSON Schema (draft 2020-12) of an invoice in JSON.
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn invoice_schema() -> String {
    desk::invoice_schema().to_string()
}
