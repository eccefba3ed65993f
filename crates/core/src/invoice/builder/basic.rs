//! Basic invoices (VAT) and simplified ones (UPR).

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::draft::{Draft, sealed};
use super::error::BuildError;
use super::sums::Sums;
use super::tax::Tax;
use crate::identifier::Nip;
use crate::invoice::model::{Buyer, BuyerIdentifier, BuyerIdentity, Seller, VatRate};
use crate::invoice::{Invoice, InvoiceKind};

/// The kind of [`BasicDraft`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Basic;

impl sealed::Sells for Basic {}

/// A basic invoice (`VAT`) in the making.
pub type BasicDraft = Draft<Basic>;

impl BasicDraft {
    /// An invoice from `seller` to `buyer`. The number is unique among the seller's invoices of the kind.
    pub fn new(seller: Seller, buyer: Buyer, number: impl Into<String>, issue_date: Date) -> Self {
        Self::of(seller, buyer, number, issue_date, Basic)
    }

    /// The invoice, with its sums and annotations. `created_at` is the moment the document is made (`DataWytworzeniaFa`).
    ///
    /// # Errors
    /// [`BuildError`]: what is missing or contradictory.
    pub fn finish(self, created_at: Timestamp) -> Result<Invoice, BuildError> {
        self.finish_as(InvoiceKind::Vat, created_at)
    }
}

/// The kind of [`SimplifiedDraft`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Simplified;

impl sealed::Sells for Simplified {}

/// A simplified invoice (`UPR`) in the making: at most 450 złoty or 100 euro (art. 106e ust. 5 pkt 3 of the VAT Act).
pub type SimplifiedDraft = Draft<Simplified>;

impl SimplifiedDraft {
    /// An invoice from `seller` to a taxpayer of whom no more than the NIP is known.
    pub fn new(seller: Seller, buyer: Nip, number: impl Into<String>, issue_date: Date) -> Self {
        let identity = BuyerIdentity {
            identifier: BuyerIdentifier::Nip(buyer),
            name: None,
        };
        Self::of(
            seller,
            Buyer::of(identity, None),
            number,
            issue_date,
            Simplified,
        )
    }

    /// The invoice. Lines keep their quantities and prices, which the law would let one leave out.
    ///
    /// # Errors
    /// [`BuildError`]: what is missing or contradictory; `build-simplified-limit` above the limit,
    /// `build-simplified-sale` for sales to other member states (art. 106e ust. 6 of the VAT Act).
    pub fn finish(self, created_at: Timestamp) -> Result<Invoice, BuildError> {
        let crosses_border = |tax: &Tax| {
            let rates = [
                VatRate::ZeroIntraCommunity,
                VatRate::EuServices,
                VatRate::OutsideCountry,
            ];
            tax.oss_rate().is_some() || rates.into_iter().any(|rate| tax.is(rate))
        };
        if self.frame.taxes().iter().any(crosses_border) {
            return Err(BuildError::SimplifiedSale);
        }
        let limit = match self.frame.body.currency.as_str() {
            "PLN" => 450,
            "EUR" => 100,
            _ => return Err(BuildError::SimplifiedLimit),
        };
        let invoice = self.finish_as(InvoiceKind::Simplified, created_at)?;
        if invoice.body.gross.value() > Decimal::from(limit) {
            return Err(BuildError::SimplifiedLimit);
        }
        Ok(invoice)
    }
}

impl<K> Draft<K> {
    fn finish_as(self, kind: InvoiceKind, created_at: Timestamp) -> Result<Invoice, BuildError> {
        let mut frame = self.frame;
        let lines = frame.lines()?;
        let sums = frame.in_zloty(Sums::of_lines(&lines))?;
        if sums.gross() < Decimal::ZERO {
            return Err(BuildError::TotalNegative);
        }
        frame.annotate(&sums)?;
        frame.body.lines = lines;
        frame.close(kind, &sums, created_at)
    }
}
