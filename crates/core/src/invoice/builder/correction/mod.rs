//! Corrections of basic and simplified invoices (KOR) and of settlements (`KOR_ROZ`).

mod advance;
mod lines;
mod reference;

use jiff::Timestamp;
use jiff::civil::Date;

pub use self::advance::{AdvanceCorrection, AdvanceCorrectionDraft};
use self::lines::{Change, Ledger, corrected};
pub(super) use self::reference::Corrects;
use self::reference::Reference;
use super::advance::exact;
use super::annotations::is_taxed_by_buyer;
use super::draft::Draft;
use super::error::BuildError;
use super::frame::Frame;
use super::item::{Basis, Item, bounded};
use super::settlement::{SettledAdvance, settled};
use super::sums::Sums;
use super::tax::{Tax, money};
use crate::invoice::model::{
    AdvanceInvoice, BeforeCorrection, Buyer, CorrectedInvoice, DeliveryDate, Exemption,
    KsefReference, Line, Margin, Seller, ThirdParty, VatRate,
};
use crate::invoice::{Amount, Invoice, InvoiceKind};

/// The kind of [`CorrectionDraft`].
#[derive(Clone)]
pub struct Correction {
    reference: Reference,
    earlier: Option<Earlier>,
    changes: Vec<Change>,
    differences: Vec<(Tax, Basis, Amount)>,
    advances: Option<Vec<SettledAdvance>>,
    is_cancelled: bool,
    shows_differences: bool,
    /// An earlier correction that cannot be built on.
    fault: Option<BuildError>,
}

/// A kind is part of a draft: `Debug` does not show it.
impl core::fmt::Debug for Correction {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Correction").finish_non_exhaustive()
    }
}

/// What is kept of the corrected invoice.
#[derive(Clone)]
struct Earlier {
    kind: InvoiceKind,
    lines: Vec<Line>,
    sums: Sums,
    gross: Amount,
    advance_invoices: Vec<AdvanceInvoice>,
    delivery_date: Option<DeliveryDate>,
    third_parties: Vec<ThirdParty>,
}

impl Corrects for Correction {
    fn reference(&mut self) -> &mut Reference {
        &mut self.reference
    }
}

/// A correction in the making (`KOR`; of a settlement `KOR_ROZ`; art. 106j of the VAT Act).
///
/// Sums and total are differences: what the lines come to as they should be, less what they came to. A rate of which
/// nothing is left is taken back as the corrected invoice stated it. Changed lines stand twice under one number, before
/// (`StanPrzed`) and after, as in the Ministry's examples, or as differences ([`Self::as_differences`]).
pub type CorrectionDraft = Draft<Correction>;

impl CorrectionDraft {
    /// A correction of an invoice that is at hand: a basic, simplified or settlement invoice. Parties, currency, rate of
    /// exchange, date of delivery, annotations and the way tax was computed are taken over; `ksef` is its number in KSeF
    /// ([`crate::identifier::KsefNumber`]) or [`KsefReference::OutsideKsef`].
    pub fn correct(
        earlier: &Invoice,
        ksef: impl Into<KsefReference>,
        number: impl Into<String>,
        issue_date: Date,
    ) -> Self {
        let body = &earlier.body;
        let mut kind = Correction::of(Reference::to(earlier, ksef.into()));
        kind.earlier = Some(Earlier {
            kind: body.kind,
            lines: body.lines.clone(),
            sums: Sums::of_totals(&body.totals),
            gross: body.gross.clone(),
            advance_invoices: body.advance_invoices.clone(),
            delivery_date: body.delivery_date.clone(),
            third_parties: earlier.third_parties.clone(),
        });
        let mut draft = Self::correcting(earlier, number, issue_date, kind);
        draft.frame.exchange_rate = body
            .lines
            .iter()
            .find_map(|line| line.exchange_rate.clone());
        draft.frame.has_own_tax = body.lines.iter().any(|line| line.vat.is_some());
        draft
    }

    /// A correction of a basic or simplified invoice of which only the data are at hand. What changes is told by
    /// [`Self::change`] or [`Self::difference_net`] and the like.
    pub fn correct_by_data(
        seller: Seller,
        buyer: Buyer,
        corrected: CorrectedInvoice,
        number: impl Into<String>,
        issue_date: Date,
    ) -> Self {
        Self::of(
            seller,
            buyer,
            number,
            issue_date,
            Correction::of(Reference::new(corrected)),
        )
    }

    /// A correction of the same invoice that was issued before: what it left is the state that is corrected now. Its lines
    /// must stand before and after, not as differences.
    pub fn corrected_before(mut self, correction: &Invoice) -> Self {
        let body = &correction.body;
        let is_correction = matches!(
            body.kind,
            InvoiceKind::Correction | InvoiceKind::SettlementCorrection
        );
        match self.kind.earlier.as_mut().filter(|_| is_correction) {
            None => self.kind.fault = Some(BuildError::CorrectedKind),
            Some(earlier) => {
                earlier.sums = earlier.sums.plus(&Sums::of_totals(&body.totals));
                earlier.gross = money(earlier.gross.value() + body.gross.value());
                match corrected(core::mem::take(&mut earlier.lines), &body.lines) {
                    Ok(lines) => earlier.lines = lines,
                    Err(fault) => self.kind.fault = Some(fault),
                }
            }
        }
        self
    }

    /// A further invoice corrected by this one (a collective correction).
    pub fn also_corrects(mut self, corrected: CorrectedInvoice) -> Self {
        self.kind.reference.add(corrected);
        self
    }

    /// The period of a discount on all deliveries, in words (`OkresFaKorygowanej`; art. 106j ust. 3 of the VAT Act).
    pub fn period(mut self, period: impl Into<String>) -> Self {
        self.kind.reference.period = Some(period.into());
        self
    }

    /// The line of this number is `item`.
    pub fn replace(self, line: u64, item: Item) -> Self {
        self.with(Change::Replace(line, Box::new(item)))
    }

    /// The line of this number has another quantity; its value follows.
    pub fn quantity(self, line: u64, quantity: impl Into<Amount>) -> Self {
        self.with(Change::Quantity(line, quantity.into()))
    }

    /// The line of this number has another price, net or gross as it was; its value follows.
    pub fn price(self, line: u64, price: impl Into<Amount>) -> Self {
        self.with(Change::Price(line, price.into()))
    }

    /// The line of this number falls away.
    pub fn remove(self, line: u64) -> Self {
        self.with(Change::Remove(line))
    }

    /// A line that was missing.
    pub fn add_line(self, item: Item) -> Self {
        self.with(Change::Add(Box::new(item)))
    }

    /// A line of an invoice that is not at hand: so it was, so it should be.
    pub fn change(self, before: Item, after: Item) -> Self {
        self.with(Change::Pair(Box::new(before), Box::new(after)))
    }

    fn with(mut self, change: Change) -> Self {
        self.kind.changes.push(change);
        self
    }

    /// Takes the whole invoice back: every line to nothing, every sum as it was stated.
    pub fn cancel(mut self) -> Self {
        self.kind.is_cancelled = true;
        self
    }

    /// What changes at a rate, without tax and without lines: negative for a discount.
    pub fn difference_net(mut self, tax: impl Into<Tax>, amount: impl Into<Amount>) -> Self {
        self.kind
            .differences
            .push((tax.into(), Basis::Net, amount.into()));
        self
    }

    /// What changes at a rate, with tax and without lines, as in the Ministry's example of a discount for half a year.
    pub fn difference_gross(mut self, tax: impl Into<Tax>, amount: impl Into<Amount>) -> Self {
        self.kind
            .differences
            .push((tax.into(), Basis::Gross, amount.into()));
        self
    }

    /// Of a settlement: the advances as they should have been taken off. All lines are then shown before and after, to
    /// confirm that they stay (FA(3), description of `FaWiersz`).
    pub fn advances(mut self, advances: impl IntoIterator<Item = SettledAdvance>) -> Self {
        self.kind.advances = Some(advances.into_iter().collect());
        self
    }

    /// Writes changed lines as differences instead of before and after.
    pub fn as_differences(mut self) -> Self {
        self.kind.shows_differences = true;
        self
    }

    /// The correcting invoice.
    ///
    /// # Errors
    /// [`BuildError`]: what is missing or contradictory; `build-nothing-corrected` where all stays as it was.
    pub fn finish(self, created_at: Timestamp) -> Result<Invoice, BuildError> {
        let Self { mut frame, kind } = self;
        if let Some(fault) = kind.fault {
            return Err(fault);
        }
        let document = kind.document()?;
        if !kind.changes_something(&frame) {
            return Err(BuildError::NothingCorrected);
        }
        let outcome = kind.outcome(&frame)?;
        frame.annotate_correction(&outcome.taxes)?;
        let before = kind
            .earlier
            .as_ref()
            .filter(|_| document == InvoiceKind::SettlementCorrection);
        let before = before.map(|earlier| BeforeCorrection {
            amount: earlier.gross.clone(),
            exchange_rate: frame.exchange_rate.clone(),
        });
        frame.body.correction = Some(kind.reference.close(&mut frame, before)?);
        frame.body.lines = outcome.lines;
        frame.body.advance_invoices = outcome.advance_invoices;
        frame.close(document, &outcome.sums, created_at)
    }
}

/// What a correction comes to.
struct Outcome {
    lines: Vec<Line>,
    sums: Sums,
    /// How what is left, or was added, is taxed.
    taxes: Vec<Tax>,
    advance_invoices: Vec<AdvanceInvoice>,
}

impl Correction {
    fn of(reference: Reference) -> Self {
        Self {
            reference,
            earlier: None,
            changes: Vec::new(),
            differences: Vec::new(),
            advances: None,
            is_cancelled: false,
            shows_differences: false,
            fault: None,
        }
    }

    /// The kind of the correcting document.
    fn document(&self) -> Result<InvoiceKind, BuildError> {
        let is_settlement = match self.earlier.as_ref().map(|earlier| earlier.kind) {
            None | Some(InvoiceKind::Vat | InvoiceKind::Simplified) => false,
            Some(InvoiceKind::Settlement) => true,
            Some(_) => return Err(BuildError::CorrectedKind),
        };
        match (is_settlement, &self.advances) {
            (true, _) => Ok(InvoiceKind::SettlementCorrection),
            (false, None) => Ok(InvoiceKind::Correction),
            (false, Some(_)) => Err(BuildError::CorrectedKind),
        }
    }

    fn changes_something(&self, frame: &Frame) -> bool {
        let changes_heading = self.earlier.as_ref().is_some_and(|earlier| {
            earlier.delivery_date != frame.body.delivery_date
                || earlier.third_parties != frame.third_parties
        });
        changes_heading
            || self.reference.changes_something()
            || !self.changes.is_empty()
            || !self.differences.is_empty()
            || self.advances.is_some()
            || self.is_cancelled
    }

    fn outcome(&self, frame: &Frame) -> Result<Outcome, BuildError> {
        let no_lines = Vec::new();
        let earlier_lines = self
            .earlier
            .as_ref()
            .map_or(&no_lines, |earlier| &earlier.lines);
        let mut ledger = Ledger::new(frame, earlier_lines);
        for change in &self.changes {
            ledger.apply(change)?;
        }
        let mut advance_invoices = self
            .earlier
            .as_ref()
            .map_or(Vec::new(), |earlier| earlier.advance_invoices.clone());
        let stated = self
            .earlier
            .as_ref()
            .map_or_else(Sums::default, |earlier| earlier.sums.clone());
        let mut sums = if self.is_cancelled {
            ledger.remove_all();
            stated.negated()
        } else if let Some(advances) = &self.advances {
            ledger.show_all();
            let (settled, references) = settled(advances.clone(), frame)?;
            advance_invoices = references;
            let rest = Sums::of_lines(ledger.after())
                .minus(&settled)
                .without_zloty();
            frame.in_zloty(rest)?.minus(&stated)
        } else {
            ledger.check()?;
            let before = Sums::of_lines(ledger.before());
            let after = Sums::of_lines(ledger.after());
            let difference = frame.in_zloty(after.minus(&before))?;
            if self.document()? == InvoiceKind::Correction {
                difference.taking_back(&stated, &before, &after)
            } else {
                difference
            }
        };
        let mut taxes: Vec<Tax> = ledger.after().map(Tax::of_line).collect();
        let mut others = Sums::default();
        for (tax, basis, amount) in &self.differences {
            let amount = bounded(exact(amount)?)?;
            match basis {
                Basis::Net => others.add_net(tax, amount),
                Basis::Gross => others.add_gross(tax, amount),
            }
            taxes.push(tax.clone());
        }
        sums = sums.plus(&frame.in_zloty(others)?);
        Ok(Outcome {
            lines: if self.shows_differences {
                ledger.differences()
            } else {
                ledger.pairs()
            },
            sums: sums.without_zeros(),
            taxes,
            advance_invoices,
        })
    }
}

impl Frame {
    /// The annotations of a correction are those of the corrected invoice, and what the lines add to them.
    fn annotate_correction(&mut self, taxes: &[Tax]) -> Result<(), BuildError> {
        let annotations = &mut self.body.annotations;
        annotations.reverse_charge |= is_taxed_by_buyer(taxes);
        if taxes.iter().any(|tax| tax.is(VatRate::Exempt))
            && annotations.exemption == Exemption::None
        {
            return Err(BuildError::ExemptionBasisMissing);
        }
        // A line without a rate is under the margin scheme, or simplified.
        let is_marked = annotations.margin != Margin::None;
        if is_marked && taxes.iter().any(|tax| *tax != Tax::Margin) {
            return Err(BuildError::MarginWithRates);
        }
        self.annotate_union_trade(taxes)
    }
}
