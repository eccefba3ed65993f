//! What stands at the head of an invoice: its kind, its currency, its dates.

use jiff::civil::Date;

use super::super::code::Code;
use super::number::trimmed;
use super::{Here, Rules, Sink, Spot};
use crate::invoice::InvoiceKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Heading {
    Currency,
    IssueDate,
    /// `P_6`: one date for all lines.
    DeliveryDate,
    PeriodStart,
    PeriodEnd,
    Kind,
    /// `WalutaUmowna`.
    ContractCurrency,
}

impl Heading {
    pub(super) fn of(path: &[&str]) -> Option<Self> {
        Some(match path {
            ["Fa", "KodWaluty"] => Self::Currency,
            ["Fa", "P_1"] => Self::IssueDate,
            ["Fa", "P_6"] => Self::DeliveryDate,
            ["Fa", "OkresFa", "P_6_Od"] => Self::PeriodStart,
            ["Fa", "OkresFa", "P_6_Do"] => Self::PeriodEnd,
            ["Fa", "RodzajFaktury"] => Self::Kind,
            ["Fa", "WarunkiTransakcji", "WalutaUmowna"] => Self::ContractCurrency,
            _ => return None,
        })
    }
}

const CORRECTIONS: [InvoiceKind; 3] = [
    InvoiceKind::Correction,
    InvoiceKind::AdvanceCorrection,
    InvoiceKind::SettlementCorrection,
];

/// The currencies that some rule treats apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Currency {
    Zloty,
    Euro,
    Other,
}

#[derive(Default)]
pub(super) struct Head {
    pub(super) currency: Option<Currency>,
    pub(super) kind: Option<InvoiceKind>,
    pub(super) kind_at: Spot,
    pub(super) issued: Option<Date>,
    pub(super) has_delivery_date: bool,
    /// The first day of delivery that is named anywhere.
    first_delivery: Option<Date>,
    period_start: Option<Date>,
}

impl Head {
    pub(super) fn take(
        &mut self,
        field: Heading,
        text: &str,
        here: &Here<'_>,
        rules: &Rules,
        sink: &mut Sink,
    ) {
        match field {
            Heading::Currency => {
                self.currency = Some(match trimmed(text) {
                    "PLN" => Currency::Zloty,
                    "EUR" => Currency::Euro,
                    _ => Currency::Other,
                });
            }
            Heading::IssueDate => {
                self.issued = date(text);
                if self.issued.is_some_and(|issued| issued > rules.today) {
                    sink.refuse(here, Code::IssueDateInFuture);
                }
            }
            Heading::DeliveryDate => {
                self.has_delivery_date = true;
                self.take_delivery(text);
            }
            Heading::PeriodStart => {
                self.period_start = date(text);
                self.take_delivery(text);
            }
            Heading::PeriodEnd => {
                if matches!((self.period_start, date(text)), (Some(start), Some(end)) if end < start)
                {
                    sink.warn(here, Code::PeriodReversed);
                }
            }
            Heading::Kind => {
                self.kind = InvoiceKind::from_code(trimmed(text));
                self.kind_at = here.spot("/Faktura/Fa/RodzajFaktury");
            }
            Heading::ContractCurrency => {
                if trimmed(text) == "PLN" {
                    sink.warn(here, Code::ContractCurrencyZloty);
                }
            }
        }
    }

    pub(super) fn is(&self, kinds: &[InvoiceKind]) -> bool {
        self.kind.is_some_and(|kind| kinds.contains(&kind))
    }

    /// Whether the invoice is known to be none of the three corrections. Many rules hold only then: a correction states
    /// differences, and its annotations the state after it.
    pub(super) fn is_no_correction(&self) -> bool {
        self.kind.is_some_and(|kind| !CORRECTIONS.contains(&kind))
    }

    pub(super) fn is_correction(&self) -> bool {
        self.is(&CORRECTIONS)
    }

    /// Whether the value is a day after the day of issue.
    pub(super) fn is_after_issue(&self, text: &str) -> bool {
        matches!((date(text), self.issued), (Some(day), Some(issued)) if day > issued)
    }

    /// Takes note of a day of delivery, of the whole invoice or of a line.
    pub(super) fn take_delivery(&mut self, text: &str) {
        let earlier = date(text).filter(|day| self.first_delivery.is_none_or(|first| *day < first));
        self.first_delivery = earlier.or(self.first_delivery);
    }

    /// Whether the value is a day before the day of issue and before anything was delivered.
    pub(super) fn is_before_issue_and_delivery(&self, text: &str) -> bool {
        let (Some(day), Some(issued)) = (date(text), self.issued) else {
            return false;
        };
        day < issued && self.first_delivery.is_none_or(|delivery| day < delivery)
    }
}

fn date(text: &str) -> Option<Date> {
    trimmed(text).parse().ok()
}
