//! The annotations that follow from what is sold, and what contradicts them.

use rust_decimal::Decimal;

use super::error::BuildError;
use super::frame::Frame;
use super::sums::Sums;
use super::tax::Tax;
use crate::invoice::model::{BuyerIdentifier, Exemption, Margin, NewVehicles, Procedure, VatRate};

/// Above this, in złoty with tax, split payment is mandatory for annex 15 (art. 106e ust. 1 pkt 18a of the VAT Act).
const SPLIT_PAYMENT_LIMIT: i64 = 15_000;

impl Frame {
    /// Sets what follows from the items and their sums, and refuses what contradicts them.
    ///
    /// - `P_18`, reverse charge, for lines `oo` and `np II` (art. 106e ust. 1 pkt 18 of the VAT Act);
    /// - `P_18A`, split payment, for annex 15 over 15 000 złoty to a buyer with a NIP (pkt 18a);
    /// - `P_23` for the procedure `TT_D` (art. 136 ust. 1);
    /// - the seller's prefix `PL` for supplies and services to the Union (art. 97 ust. 10 pkt 2 and 3).
    pub(super) fn annotate(&mut self, sums: &Sums) -> Result<(), BuildError> {
        let taxes = self.taxes();
        let has = |rate| taxes.contains(&Tax::Rate(rate));
        self.check_exemption(has(VatRate::Exempt))?;
        self.check_margin(&taxes)?;

        let annotations = &mut self.body.annotations;
        if annotations.reverse_charge && !has(VatRate::OutsideCountry) && !is_taxed_by_buyer(&taxes)
        {
            return Err(BuildError::ReverseChargeWithoutLine);
        }
        annotations.reverse_charge |= is_taxed_by_buyer(&taxes);
        if has(VatRate::ReverseCharge) && self.buyer.identity.identifier == BuyerIdentifier::Absent
        {
            return Err(BuildError::ReverseChargeBuyer);
        }
        annotations.triangular_transaction |= self
            .items
            .iter()
            .any(|item| item.has_procedure(Procedure::TtD));
        self.annotate_union_trade(&taxes)?;

        let in_zloty = if self.is_in_zloty() {
            Some(sums.gross())
        } else {
            self.rate().and_then(|rate| sums.gross().checked_mul(rate))
        };
        let exceeds_limit =
            in_zloty.is_some_and(|gross| gross > Decimal::from(SPLIT_PAYMENT_LIMIT));
        let is_listed = self.items.iter().any(super::Item::is_annex_15);
        let buyer_is_taxpayer = matches!(self.buyer.identity.identifier, BuyerIdentifier::Nip(_));
        self.body.annotations.split_payment |= exceeds_limit && is_listed && buyer_is_taxpayer;
        Ok(())
    }

    fn check_exemption(&self, is_exempt: bool) -> Result<(), BuildError> {
        match (&self.body.annotations.exemption, is_exempt) {
            (Exemption::None, true) => Err(BuildError::ExemptionBasisMissing),
            (Exemption::By(_), false) => Err(BuildError::ExemptionWithoutLine),
            _ => Ok(()),
        }
    }

    fn check_margin(&self, taxes: &[Tax]) -> Result<(), BuildError> {
        let is_marked = self.body.annotations.margin != Margin::None;
        let has_margin = taxes.contains(&Tax::Margin);
        let has_rates = taxes.iter().any(|tax| *tax != Tax::Margin);
        if (is_marked || has_margin) && has_rates {
            Err(BuildError::MarginWithRates)
        } else if has_margin && !is_marked {
            Err(BuildError::MarginSchemeMissing)
        } else {
            Ok(())
        }
    }

    /// Supplies and services to the Union, and triangular transactions, need the EU VAT numbers of both.
    pub(super) fn annotate_union_trade(&mut self, taxes: &[Tax]) -> Result<(), BuildError> {
        let annotations = &self.body.annotations;
        let is_union_trade = annotations.triangular_transaction
            || taxes
                .iter()
                .any(|tax| tax.is(VatRate::ZeroIntraCommunity) || tax.is(VatRate::EuServices));
        if !is_union_trade {
            return Ok(());
        }
        self.seller.eu_prefix = true;
        let has_number = matches!(self.buyer.identity.identifier, BuyerIdentifier::EuVat(_));
        if has_number || annotations.new_vehicles != NewVehicles::None {
            Ok(())
        } else {
            Err(BuildError::EuBuyerMissing)
        }
    }
}

/// Whether the buyer owes the tax by the rate alone.
pub(super) fn is_taxed_by_buyer(taxes: &[Tax]) -> bool {
    taxes
        .iter()
        .any(|tax| tax.is(VatRate::ReverseCharge) || tax.is(VatRate::EuServices))
}
