//! What issuing needs to know of an invoice.

use core::fmt;

use jiff::civil::Date;

use super::{Amount, InvoiceKind};
use crate::identifier::Nip;

/// The buyer as the invoice names it. A consumer may have neither identifier nor name.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Buyer {
    /// NIP, EU VAT number with its country code, or another tax number as written.
    pub identifier: Option<String>,
    /// Name of the company or person.
    pub name: Option<String>,
}

/// What is read from an FA(3) document in order to issue, file and find it.
#[derive(Clone, PartialEq, Eq)]
pub struct InvoiceFacts {
    /// Seller (`Podmiot1/DaneIdentyfikacyjne/NIP`).
    pub seller: Nip,
    /// Issue date (`P_1`).
    pub issue_date: Date,
    /// Invoice number (`P_2`), unique with seller and kind.
    pub number: String,
    /// Kind (`RodzajFaktury`).
    pub kind: InvoiceKind,
    /// Buyer (`Podmiot2/DaneIdentyfikacyjne`).
    pub buyer: Buyer,
    /// Total to pay (`P_15`).
    pub gross: Amount,
    /// ISO 4217 code (`KodWaluty`).
    pub currency: String,
    /// Whether the document carries an attachment (`Zalacznik`): such invoices go by batch only.
    pub has_attachment: bool,
}

/// Shows what kind of document it is, not what stands in it.
impl fmt::Debug for InvoiceFacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvoiceFacts")
            .field("kind", &self.kind)
            .field("issue_date", &self.issue_date)
            .field("has_attachment", &self.has_attachment)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Buyer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Buyer(…)")
    }
}
