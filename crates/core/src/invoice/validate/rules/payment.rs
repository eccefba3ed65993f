//! Payment and settlement: accounts, dates of payment against the issue date, sums of what was paid and charged.

use rust_decimal::Decimal;

use super::super::code::Code;
use super::account::has_wrong_check_digits;
use super::heading::Head;
use super::number::{decimal, number, trimmed};
use super::totals::Totals;
use super::{Here, Sink, Spot};
use crate::invoice::InvoiceKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Payment {
    Charge,
    ChargesSum,
    Deduction,
    DeductionsSum,
    AmountToPay,
    Paid,
    /// `DataZaplaty`, `DataZaplatyCzesciowej`.
    PaidOn,
    PartialMark,
    PartialAmount,
    Term,
    /// A `NrRB` of the seller or the factor.
    Account,
}

impl Payment {
    pub(super) fn of(path: &[&str]) -> Option<Self> {
        Some(match path {
            ["Fa", "Rozliczenie", "Obciazenia", "Kwota"] => Self::Charge,
            ["Fa", "Rozliczenie", "SumaObciazen"] => Self::ChargesSum,
            ["Fa", "Rozliczenie", "Odliczenia", "Kwota"] => Self::Deduction,
            ["Fa", "Rozliczenie", "SumaOdliczen"] => Self::DeductionsSum,
            ["Fa", "Rozliczenie", "DoZaplaty"] => Self::AmountToPay,
            ["Fa", "Platnosc", "Zaplacono"] => Self::Paid,
            ["Fa", "Platnosc", "DataZaplaty"]
            | [
                "Fa",
                "Platnosc",
                "ZaplataCzesciowa",
                "DataZaplatyCzesciowej",
            ] => Self::PaidOn,
            ["Fa", "Platnosc", "ZnacznikZaplatyCzesciowej"] => Self::PartialMark,
            [
                "Fa",
                "Platnosc",
                "ZaplataCzesciowa",
                "KwotaZaplatyCzesciowej",
            ] => Self::PartialAmount,
            ["Fa", "Platnosc", "TerminPlatnosci", "Termin"] => Self::Term,
            ["Fa", "Platnosc", _, "NrRB"] => Self::Account,
            _ => return None,
        })
    }
}

#[derive(Default)]
pub(super) struct Payments {
    charges: Decimal,
    has_charges: bool,
    deductions: Decimal,
    has_deductions: bool,
    to_pay: Option<Decimal>,
    is_paid: bool,
    partial_mark: Option<(u64, Spot)>,
    partial_sum: Decimal,
}

impl Payments {
    pub(super) fn take(
        &mut self,
        field: Payment,
        text: &str,
        here: &Here<'_>,
        head: &Head,
        totals: &Totals,
        sink: &mut Sink,
    ) {
        let amount = || decimal(text).unwrap_or_default();
        match field {
            Payment::Charge => {
                self.charges += amount();
                self.has_charges = true;
            }
            Payment::ChargesSum => {
                if self.has_charges && amount() != self.charges {
                    sink.warn(here, Code::ChargesSumDiffers);
                }
                self.charges = amount();
            }
            Payment::Deduction => {
                self.deductions += amount();
                self.has_deductions = true;
            }
            Payment::DeductionsSum => {
                if self.has_deductions && amount() != self.deductions {
                    sink.warn(here, Code::DeductionsSumDiffers);
                }
                self.deductions = amount();
            }
            Payment::AmountToPay => {
                self.to_pay = Some(amount());
                let differs = totals
                    .due
                    .is_some_and(|due| due + self.charges - self.deductions != amount());
                if head.is_no_correction() && differs {
                    sink.warn(here, Code::AmountToPayDiffers);
                }
            }
            Payment::Paid => self.is_paid = true,
            Payment::PaidOn => {
                if head.is_after_issue(text) {
                    sink.warn(here, Code::PaymentDateAfterIssue);
                }
            }
            Payment::PartialMark => {
                let spot = here.spot("/Faktura/Fa/Platnosc/ZnacznikZaplatyCzesciowej");
                self.partial_mark = number(text).map(|mark| (mark, spot));
            }
            Payment::PartialAmount => self.partial_sum += amount(),
            Payment::Term => {
                let is_early = head.is_before_issue_and_delivery(text);
                if head.is_no_correction() && !self.is_paid && is_early {
                    sink.warn(here, Code::PaymentTermBeforeIssue);
                }
            }
            Payment::Account => {
                if has_wrong_check_digits(trimmed(text)) {
                    sink.warn(here, Code::BankAccountChecksum);
                }
            }
        }
    }

    /// Paid in part is less than what is due, paid in full no less.
    pub(super) fn judge(&self, head: &Head, totals: &Totals, sink: &mut Sink) {
        let (Some((mark, spot)), Some(due)) = (self.partial_mark, totals.due) else {
            return;
        };
        let to_pay = self.to_pay.unwrap_or(due);
        let differs = if mark == 1 {
            self.partial_sum >= due.max(to_pay)
        } else {
            self.partial_sum < due.min(to_pay)
        };
        if differs && head.is(&[InvoiceKind::Vat, InvoiceKind::Simplified]) {
            sink.warn_at(spot, Code::PartialPaymentsDiffer);
        }
    }
}
