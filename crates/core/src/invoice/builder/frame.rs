//! The part of an invoice that does not depend on its kind, and the way from there to the whole.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::error::BuildError;
use super::item::{Basis, Item, bounded};
use super::sums::Sums;
use super::tax::{Tax, money};
use crate::invoice::model::{
    Annotations, Body, Buyer, CurrencyCode, DateTime, DeliveryDate, Footer, Header, Line,
    PartialPayment, PartialPayments, Payment, PaymentState, Seller, ThirdParty, ThirdPartyRole,
    Totals,
};
use crate::invoice::validate::{Rules, validate};
use crate::invoice::{Amount, Invoice, InvoiceKind};

#[derive(Clone)]
pub(super) struct Frame {
    pub(super) system_info: Option<String>,
    pub(super) seller: Seller,
    pub(super) buyer: Buyer,
    pub(super) third_parties: Vec<ThirdParty>,
    pub(super) body: Body,
    pub(super) footer: Option<Footer>,
    pub(super) items: Vec<Item>,
    pub(super) exchange_rate: Option<Amount>,
    /// Whether the tax is computed line by line.
    pub(super) has_own_tax: bool,
    pub(super) is_paid_on: Option<Date>,
    pub(super) parts_paid: Vec<PartialPayment>,
}

impl Frame {
    pub(super) fn new(seller: Seller, buyer: Buyer, number: String, issue_date: Date) -> Self {
        Self {
            system_info: None,
            seller,
            buyer,
            third_parties: Vec::new(),
            body: Body {
                currency: CurrencyCode::PLN,
                issue_date,
                issue_place: None,
                number,
                warehouse_documents: Vec::new(),
                delivery_date: None,
                totals: Totals::default(),
                gross: Amount::ZERO,
                advance_exchange_rate: None,
                annotations: Annotations::default(),
                kind: InvoiceKind::Vat,
                correction: None,
                partial_advances: Vec::new(),
                to_receipt: false,
                related_parties: false,
                extra_descriptions: Vec::new(),
                advance_invoices: Vec::new(),
                excise_refund: false,
                lines: Vec::new(),
                settlement: None,
                payment: None,
                terms: None,
                order: None,
            },
            footer: None,
            items: Vec::new(),
            exchange_rate: None,
            has_own_tax: false,
            is_paid_on: None,
            parts_paid: Vec::new(),
        }
    }

    pub(super) fn is_in_zloty(&self) -> bool {
        self.body.currency == CurrencyCode::PLN
    }

    /// The rate of exchange, as a number.
    pub(super) fn rate(&self) -> Option<Decimal> {
        self.exchange_rate.as_ref().map(Amount::value)
    }

    /// The lines of the items, numbered, all with the same kind of price. Taxed ones carry the rate of exchange, as in the
    /// Ministry's example in euro.
    pub(super) fn lines(&self) -> Result<Vec<Line>, BuildError> {
        if self.items.is_empty() {
            return Err(BuildError::NoLines);
        }
        let has_date = self.body.delivery_date.is_some();
        let mut basis: Option<Basis> = None;
        let mut lines = Vec::with_capacity(self.items.len());
        for (number, item) in (1_u64..).zip(&self.items) {
            let line = lines.len() + 1;
            if *basis.get_or_insert(item.basis()) != item.basis() {
                return Err(BuildError::MixedPrices { line });
            }
            if has_date && item.has_delivery_date() {
                return Err(BuildError::DeliveryDateTwice { line });
            }
            lines.push(self.line(item, number)?);
        }
        Ok(lines)
    }

    /// The line of one item.
    pub(super) fn line(&self, item: &Item, number: u64) -> Result<Line, BuildError> {
        let mut line = item.to_line(number, self.has_own_tax)?;
        if item.tax().field().has_polish_tax() {
            line.exchange_rate.clone_from(&self.exchange_rate);
        }
        Ok(line)
    }

    /// States the tax in złoty, if the currency is another.
    pub(super) fn in_zloty(&self, mut sums: Sums) -> Result<Sums, BuildError> {
        if self.is_in_zloty() || sums.convert(self.rate()) {
            Ok(sums)
        } else {
            Err(BuildError::ExchangeRateMissing)
        }
    }

    /// How the items are taxed.
    pub(super) fn taxes(&self) -> Vec<Tax> {
        let mut taxes: Vec<Tax> = Vec::new();
        for item in &self.items {
            if !taxes.contains(item.tax()) {
                taxes.push(item.tax().clone());
            }
        }
        taxes
    }

    /// The invoice: heading and payment checked, sums set, everything held against the schema.
    pub(super) fn close(
        mut self,
        kind: InvoiceKind,
        sums: &Sums,
        created_at: Timestamp,
    ) -> Result<Invoice, BuildError> {
        let gross = bounded(sums.gross())?;
        self.check_heading()?;
        self.check_recipients()?;
        self.settle_payment(kind, gross)?;
        self.body.kind = kind;
        self.body.totals = sums.totals(self.is_in_zloty());
        self.body.gross = money(gross);
        let invoice = Invoice {
            header: Header {
                created_at: DateTime::from(created_at),
                system_info: self.system_info,
            },
            seller: self.seller,
            buyer: self.buyer,
            third_parties: self.third_parties,
            authorised_party: None,
            body: self.body,
            footer: self.footer,
            attachment: None,
        };
        legal(invoice)
    }

    fn check_heading(&self) -> Result<(), BuildError> {
        if !(1..=256).contains(&self.body.number.chars().count()) {
            return Err(BuildError::NumberLength);
        }
        let is_wrong = |rate: Decimal| self.is_in_zloty() || rate <= Decimal::ZERO;
        if self.rate().is_some_and(is_wrong) {
            return Err(BuildError::ExchangeRateNotExpected);
        }
        match &self.body.delivery_date {
            Some(DeliveryDate::Period(period)) if period.to < period.from => {
                Err(BuildError::PeriodReversed)
            }
            _ => Ok(()),
        }
    }

    /// The marks of the buyer and the recipients among the third parties belong together. Source: FA(3), descriptions of
    /// `JST` and `GV`.
    fn check_recipients(&mut self) -> Result<(), BuildError> {
        let has = |role: ThirdPartyRole| self.third_parties.iter().any(|party| party.role == role);
        let local_government = has(ThirdPartyRole::LocalGovernmentRecipient);
        let vat_group = has(ThirdPartyRole::VatGroupRecipient);
        let buyer = &mut self.buyer;
        if (buyer.local_government_unit && !local_government)
            || (buyer.vat_group_member && !vat_group)
        {
            return Err(BuildError::RecipientMissing);
        }
        buyer.local_government_unit = local_government;
        buyer.vat_group_member = vat_group;
        Ok(())
    }

    fn settle_payment(&mut self, kind: InvoiceKind, gross: Decimal) -> Result<(), BuildError> {
        let issued = self.body.issue_date;
        let parts = core::mem::take(&mut self.parts_paid);
        let days = parts.iter().map(|part| part.paid_on).chain(self.is_paid_on);
        if days.into_iter().any(|day| day > issued) {
            return Err(BuildError::PaidAfterIssue);
        }
        let state = match self.is_paid_on {
            Some(_) if !parts.is_empty() => return Err(BuildError::PaidTwice),
            Some(day) => Some(PaymentState::Paid(day)),
            None if parts.is_empty() => None,
            None => {
                let paid: Decimal = parts.iter().map(|part| part.amount.value()).sum();
                if paid > gross && !is_correction(kind) {
                    return Err(BuildError::PaymentsExceedTotal);
                }
                Some(PaymentState::InParts(PartialPayments {
                    remainder: paid < gross,
                    payments: parts,
                }))
            }
        };
        if state.is_some() {
            self.body.payment.get_or_insert_default().state = state;
        }
        let terms = self
            .body
            .payment
            .iter()
            .flat_map(|payment: &Payment| &payment.terms);
        let is_early = terms.filter_map(|term| term.due).any(|due| due < issued);
        if is_early && !is_correction(kind) && self.is_paid_on.is_none() {
            return Err(BuildError::DueBeforeIssue);
        }
        Ok(())
    }
}

fn is_correction(kind: InvoiceKind) -> bool {
    matches!(
        kind,
        InvoiceKind::Correction
            | InvoiceKind::AdvanceCorrection
            | InvoiceKind::SettlementCorrection
    )
}

/// The verdict has the last word: what it refuses (a text too long, a number with too many digits) is not given out.
fn legal(invoice: Invoice) -> Result<Invoice, BuildError> {
    let rules = Rules {
        enforce_nip_checksum: false,
        // Whether the day has come is not for a builder to know.
        today: invoice.body.issue_date,
    };
    let verdict = validate(invoice.write().as_bytes(), &rules);
    match verdict.errors.into_iter().next() {
        Some(violation) => Err(BuildError::Refused(Box::new(violation))),
        None => Ok(invoice),
    }
}
