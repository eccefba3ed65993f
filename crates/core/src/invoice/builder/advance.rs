//! Advance invoices (ZAL): payments received before delivery.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::draft::{Draft, sealed};
use super::error::BuildError;
use super::item::{Item, bounded};
use super::sums::{Groups, Sums};
use super::tax::{money, round};
use crate::invoice::model::{AdvanceInvoice, Buyer, DeliveryDate, Order, PartialAdvance, Seller};
use crate::invoice::{Amount, Invoice, InvoiceKind};

/// The schema takes no more payments (`ZaliczkaCzesciowa`).
const MOST_PAYMENTS: usize = 31;

/// The kind of [`AdvanceDraft`].
#[derive(Clone, Default)]
pub struct Advance {
    payments: Vec<PartialAdvance>,
    earlier: Vec<(AdvanceInvoice, Amount)>,
}

impl sealed::Sells for Advance {}

/// An advance invoice (`ZAL`) in the making (art. 106b ust. 1 pkt 4, art. 106f ust. 1 of the VAT Act). The items are the
/// lines of the order; each payment is spread over their rates in proportion to their value with tax, and the tax is taken
/// out of each share: payment × rate / (100 + rate).
pub type AdvanceDraft = Draft<Advance>;

impl AdvanceDraft {
    /// An advance invoice from `seller` to `buyer`; the payments follow with [`Self::received`].
    pub fn new(seller: Seller, buyer: Buyer, number: impl Into<String>, issue_date: Date) -> Self {
        Self::of(seller, buyer, number, issue_date, Advance::default())
    }

    /// A payment with tax, and the day it was received (`P_15`, `P_6`; of several, `P_15Z` and `P_6Z`).
    pub fn received(self, amount: impl Into<Amount>, date: Date) -> Self {
        self.with_payment(amount.into(), date, None)
    }

    /// A payment in another currency with a rate of exchange of its own (`KursWalutyZW`).
    pub fn received_at(
        self,
        amount: impl Into<Amount>,
        date: Date,
        exchange_rate: impl Into<Amount>,
    ) -> Self {
        self.with_payment(amount.into(), date, Some(exchange_rate.into()))
    }

    fn with_payment(
        mut self,
        amount: Amount,
        received_on: Date,
        exchange_rate: Option<Amount>,
    ) -> Self {
        self.kind.payments.push(PartialAdvance {
            received_on,
            amount,
            exchange_rate,
        });
        self
    }

    /// An earlier advance invoice of the same order and what it documents (`FakturaZaliczkowa`): named where this payment
    /// is the last (art. 106f ust. 4 of the VAT Act), and counted against the order.
    pub fn earlier_advance(
        mut self,
        reference: impl Into<AdvanceInvoice>,
        gross: impl Into<Amount>,
    ) -> Self {
        self.kind.earlier.push((reference.into(), gross.into()));
        self
    }

    /// The invoice: the order as its lines come to, the payments spread over the rates.
    ///
    /// # Errors
    /// [`BuildError`]: what is missing or contradictory; `build-advance-exceeds-order` for payments beyond the order.
    pub fn finish(self, created_at: Timestamp) -> Result<Invoice, BuildError> {
        let Self { mut frame, kind } = self;
        let (order, groups) = order(&frame.items)?;
        let mut payments = kind.payments;
        if payments.len() > MOST_PAYMENTS {
            return Err(BuildError::TooManyPayments);
        }
        let received = whole_payment(payments.iter().map(|payment| &payment.amount))?;
        let earlier: Decimal = kind.earlier.iter().map(|(_, gross)| gross.value()).sum();
        if received + earlier > order.gross.value() {
            return Err(BuildError::AdvanceExceedsOrder);
        }

        let mut sums = Sums::default();
        for payment in &mut payments {
            let mut share = Sums::of_payment(payment.amount.value(), &groups);
            if frame.is_in_zloty() {
                if payment.exchange_rate.is_some() {
                    return Err(BuildError::ExchangeRateNotExpected);
                }
            } else if taxes_here(&groups) {
                payment.exchange_rate = payment
                    .exchange_rate
                    .take()
                    .or_else(|| frame.exchange_rate.clone());
                let rate = payment.exchange_rate.as_ref().map(Amount::value);
                if rate.is_some_and(|rate| rate <= Decimal::ZERO) {
                    return Err(BuildError::ExchangeRateNotExpected);
                }
                if !share.convert(rate) {
                    return Err(BuildError::ExchangeRateMissing);
                }
            }
            sums = sums.plus(&share);
        }

        if let [payment] = payments.as_slice() {
            frame
                .body
                .advance_exchange_rate
                .clone_from(&payment.exchange_rate);
            if frame.exchange_rate.is_none() {
                // For the limit of split payment.
                frame.exchange_rate.clone_from(&payment.exchange_rate);
            }
            let day = payment.received_on;
            if frame.body.delivery_date.is_none() && day != frame.body.issue_date {
                frame.body.delivery_date = Some(DeliveryDate::Day(day));
            }
        } else {
            frame.body.partial_advances = payments;
        }
        frame.annotate(&sums)?;
        frame.body.advance_invoices = kind
            .earlier
            .into_iter()
            .map(|(reference, _)| reference)
            .collect();
        frame.body.order = Some(order);
        frame.close(InvoiceKind::Advance, &sums, created_at)
    }
}

/// Whether an order is taxed here, so that a rate of exchange is needed.
pub(super) fn taxes_here(groups: &Groups) -> bool {
    groups.taxes().any(|tax| tax.field().has_polish_tax())
}

/// The order these items make, and what it comes to with tax, by rate.
fn order(items: &[Item]) -> Result<(Order, Groups), BuildError> {
    let Some(first) = items.first() else {
        return Err(BuildError::NoLines);
    };
    let mut groups = Groups::default();
    let mut lines = Vec::with_capacity(items.len());
    for (number, item) in (1_u64..).zip(items) {
        if item.basis() != first.basis() {
            return Err(BuildError::MixedPrices {
                line: lines.len() + 1,
            });
        }
        let (line, gross) = item.to_order_line(number)?;
        groups.add(item.tax().clone(), gross);
        lines.push(line);
    }
    let gross = bounded(groups.gross())?;
    if gross < Decimal::ZERO {
        return Err(BuildError::TotalNegative);
    }
    let order = Order {
        gross: money(gross),
        lines,
    };
    Ok((order, groups))
}

/// What the payments come to. Each is more than zero, in full hundredths.
fn whole_payment<'a>(amounts: impl Iterator<Item = &'a Amount>) -> Result<Decimal, BuildError> {
    let mut whole = Decimal::ZERO;
    for amount in amounts {
        let value = bounded(exact(amount)?)?;
        if value <= Decimal::ZERO {
            return Err(BuildError::PaymentMissing);
        }
        whole += value;
    }
    if whole.is_zero() {
        Err(BuildError::PaymentMissing)
    } else {
        Ok(whole)
    }
}

/// An amount of money that was given, not computed: it has no fractions of a hundredth.
pub(super) fn exact(amount: &Amount) -> Result<Decimal, BuildError> {
    let value = amount.value();
    if round(value) == value {
        Ok(value)
    } else {
        Err(BuildError::FractionOfHundredth)
    }
}

/// A kind is part of a draft: `Debug` does not show it.
impl core::fmt::Debug for Advance {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Advance").finish_non_exhaustive()
    }
}
