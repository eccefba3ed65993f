//! Corrections of advance invoices (`KOR_ZAL`).

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::super::advance::{exact, taxes_here};
use super::super::draft::Draft;
use super::super::error::BuildError;
use super::super::item::{Item, bounded};
use super::super::sums::{Groups, Sums};
use super::super::tax::{Tax, money};
use super::reference::{Corrects, Reference};
use crate::invoice::model::{BeforeCorrection, KsefReference, Order, OrderLine};
use crate::invoice::{Amount, Invoice, InvoiceKind};

/// The kind of [`AdvanceCorrectionDraft`].
#[derive(Clone)]
pub struct AdvanceCorrection {
    reference: Reference,
    kind: InvoiceKind,
    order: Option<Order>,
    sums: Sums,
    gross: Amount,
    exchange_rate: Option<Amount>,
    changes: Vec<(Option<u64>, Option<Item>)>,
    received: Option<Amount>,
}

/// A kind is part of a draft: `Debug` does not show it.
impl core::fmt::Debug for AdvanceCorrection {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("AdvanceCorrection").finish_non_exhaustive()
    }
}

impl Corrects for AdvanceCorrection {
    fn reference(&mut self) -> &mut Reference {
        &mut self.reference
    }
}

/// A correction of an advance invoice (`KOR_ZAL`) in the making: another payment, another order, or both. Sums and total
/// are the differences, each line of the order stands before and after (`StanPrzedZ`), as in the Ministry's example.
pub type AdvanceCorrectionDraft = Draft<AdvanceCorrection>;

impl AdvanceCorrectionDraft {
    /// A correction of an advance invoice that is at hand; parties, currency, rate of exchange and order are taken over.
    pub fn correct(
        earlier: &Invoice,
        ksef: impl Into<KsefReference>,
        number: impl Into<String>,
        issue_date: Date,
    ) -> Self {
        let body = &earlier.body;
        let kind = AdvanceCorrection {
            reference: Reference::to(earlier, ksef.into()),
            kind: body.kind,
            order: body.order.clone(),
            sums: Sums::of_totals(&body.totals),
            gross: body.gross.clone(),
            exchange_rate: body.advance_exchange_rate.clone(),
            changes: Vec::new(),
            received: None,
        };
        let mut draft = Self::correcting(earlier, number, issue_date, kind);
        draft
            .frame
            .exchange_rate
            .clone_from(&body.advance_exchange_rate);
        draft
    }

    /// The payment as it should be, in all (`P_15` less `P_15ZK` is the difference).
    pub fn received(mut self, amount: impl Into<Amount>) -> Self {
        self.kind.received = Some(amount.into());
        self
    }

    /// Nothing was received: the whole payment is taken back.
    pub fn cancel(self) -> Self {
        self.received(Amount::ZERO)
    }

    /// The line of the order of this number is `item`.
    pub fn replace(mut self, line: u64, item: Item) -> Self {
        self.kind.changes.push((Some(line), Some(item)));
        self
    }

    /// The line of the order of this number falls away.
    pub fn remove(mut self, line: u64) -> Self {
        self.kind.changes.push((Some(line), None));
        self
    }

    /// A line the order lacked.
    pub fn add_line(mut self, item: Item) -> Self {
        self.kind.changes.push((None, Some(item)));
        self
    }

    /// The correcting invoice.
    ///
    /// # Errors
    /// [`BuildError`]: what is missing or contradictory; `build-corrected-kind` for an invoice that is no advance.
    pub fn finish(self, created_at: Timestamp) -> Result<Invoice, BuildError> {
        let Self { mut frame, kind } = self;
        let (InvoiceKind::Advance, Some(order)) = (kind.kind, &kind.order) else {
            return Err(BuildError::CorrectedKind);
        };
        if kind.received.is_none() && kind.changes.is_empty() && !kind.reference.changes_something()
        {
            return Err(BuildError::NothingCorrected);
        }
        let (now, pairs) = changed(order, &kind.changes)?;
        let groups = Groups::of_order(&now);
        let received = bounded(exact(kind.received.as_ref().unwrap_or(&kind.gross))?)?;
        if received < Decimal::ZERO {
            return Err(BuildError::PaymentMissing);
        }
        if received > now.gross.value() {
            return Err(BuildError::AdvanceExceedsOrder);
        }
        let mut after = Sums::of_payment(received, &groups);
        if taxes_here(&groups) {
            after = frame.in_zloty(after)?;
        }
        let sums = after.minus(&kind.sums).without_zeros();
        let taxes: Vec<Tax> = groups.taxes().cloned().collect();
        frame.annotate_correction(&taxes)?;
        frame
            .body
            .advance_exchange_rate
            .clone_from(&frame.exchange_rate);
        let before = BeforeCorrection {
            amount: kind.gross,
            exchange_rate: kind.exchange_rate,
        };
        frame.body.correction = Some(kind.reference.close(&mut frame, Some(before))?);
        frame.body.order = Some(Order {
            gross: now.gross,
            lines: pairs,
        });
        frame.close(InvoiceKind::AdvanceCorrection, &sums, created_at)
    }
}

/// The order as it should be, and its lines before and after.
fn changed(
    order: &Order,
    changes: &[(Option<u64>, Option<Item>)],
) -> Result<(Order, Vec<OrderLine>), BuildError> {
    let mut gross = order.gross.value();
    let mut after: Vec<Option<OrderLine>> = vec![None; order.lines.len()];
    let mut added = Vec::new();
    for (number, item) in changes {
        let Some(number) = *number else {
            let highest = order
                .lines
                .iter()
                .chain(&added)
                .map(|line: &OrderLine| line.number)
                .max();
            if let Some(item) = item {
                let (line, value) = item.to_order_line(highest.unwrap_or(0).saturating_add(1))?;
                gross += value;
                added.push(line);
            }
            continue;
        };
        let unknown = BuildError::LineUnknown { line: number };
        let place = order
            .lines
            .iter()
            .position(|line| line.number == number)
            .ok_or(unknown.clone())?;
        if after[place].is_some() {
            return Err(unknown);
        }
        let before = &order.lines[place];
        let net = before
            .net
            .as_ref()
            .ok_or(BuildError::LineWithoutValue { line: number })?;
        gross -= net.value() + before.vat.as_ref().map_or(Decimal::ZERO, Amount::value);
        after[place] = Some(match item {
            Some(item) => {
                let (mut line, value) = item.to_order_line(number)?;
                gross += value;
                line.id = line.id.or_else(|| before.id.clone());
                line
            }
            None => nothing_of(before),
        });
    }
    let mut pairs = Vec::with_capacity(2 * order.lines.len() + added.len());
    let mut lines = Vec::with_capacity(order.lines.len() + added.len());
    for (before, after) in order.lines.iter().zip(after) {
        let after = after.unwrap_or_else(|| before.clone());
        pairs.push(OrderLine {
            before_correction: true,
            ..before.clone()
        });
        pairs.push(after.clone());
        lines.push(after);
    }
    pairs.extend(added.iter().cloned());
    lines.extend(added);
    let now = Order {
        gross: money(bounded(gross)?),
        lines,
    };
    Ok((now, pairs))
}

/// The line with nothing of it left.
fn nothing_of(line: &OrderLine) -> OrderLine {
    let zero = |amount: &Option<Amount>| amount.as_ref().map(|_| money(Decimal::ZERO));
    OrderLine {
        quantity: line.quantity.as_ref().map(|_| Amount::ZERO),
        net: zero(&line.net),
        vat: zero(&line.vat),
        excise: None,
        ..line.clone()
    }
}
