//! What an invoice refers to: the invoices it corrects, the advances it settles or consists of.

use rust_decimal::Decimal;

use super::super::code::Code;
use super::heading::Head;
use super::number::decimal;
use super::totals::Totals;
use super::{Here, Sink, Spot};
use crate::invoice::InvoiceKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Correction {
    /// `DaneFaKorygowanej`.
    CorrectedInvoice,
    CorrectedIssueDate,
    /// `FakturaZaliczkowa`.
    AdvanceInvoice,
    /// `ZaliczkaCzesciowa/P_15Z`.
    PartialAdvance,
}

impl Correction {
    pub(super) fn of(path: &[&str]) -> Option<Self> {
        Some(match path {
            ["Fa", "DaneFaKorygowanej"] => Self::CorrectedInvoice,
            ["Fa", "DaneFaKorygowanej", "DataWystFaKorygowanej"] => Self::CorrectedIssueDate,
            ["Fa", "FakturaZaliczkowa"] => Self::AdvanceInvoice,
            ["Fa", "ZaliczkaCzesciowa", "P_15Z"] => Self::PartialAdvance,
            _ => return None,
        })
    }
}

#[derive(Default)]
pub(super) struct Corrections {
    corrects: bool,
    advance_invoices: u32,
    partial_advances: u32,
    partial_sum: Decimal,
}

impl Corrections {
    /// `DaneFaKorygowanej` or `FakturaZaliczkowa` begins.
    pub(super) fn begin(
        &mut self,
        element: Correction,
        here: &Here<'_>,
        head: &Head,
        sink: &mut Sink,
    ) {
        match element {
            Correction::CorrectedInvoice => {
                if !self.corrects && head.is_no_correction() {
                    sink.warn(here, Code::CorrectionDataNotExpected);
                }
                self.corrects = true;
            }
            Correction::AdvanceInvoice => {
                if self.advance_invoices == 0
                    && head.is(&[InvoiceKind::Vat, InvoiceKind::Simplified])
                {
                    sink.warn(here, Code::AdvanceInvoiceNotExpected);
                }
                self.advance_invoices += 1;
            }
            Correction::CorrectedIssueDate | Correction::PartialAdvance => {}
        }
    }

    pub(super) fn take(
        &mut self,
        field: Correction,
        text: &str,
        here: &Here<'_>,
        head: &Head,
        sink: &mut Sink,
    ) {
        match field {
            Correction::CorrectedIssueDate => {
                if head.is_after_issue(text) {
                    sink.warn(here, Code::CorrectedInvoiceLater);
                }
            }
            Correction::PartialAdvance => {
                self.partial_advances += 1;
                self.partial_sum += decimal(text).unwrap_or_default();
            }
            Correction::CorrectedInvoice | Correction::AdvanceInvoice => {}
        }
    }

    /// Payments and advance invoices that have gone into the sums.
    pub(super) fn advances(&self) -> u32 {
        self.advance_invoices + self.partial_advances
    }

    pub(super) fn judge(&self, head: &Head, totals: &Totals, body: Spot, sink: &mut Sink) {
        if head.is_correction() && !self.corrects {
            sink.warn_at(body, Code::CorrectedInvoiceMissing);
        }
        if head.is(&[InvoiceKind::Settlement]) && self.advances() == 0 {
            sink.warn_at(body, Code::AdvanceInvoiceMissing);
        }
        let Some(due) = totals.due else { return };
        let differs = match head.kind {
            _ if self.partial_advances == 0 => false,
            Some(InvoiceKind::Advance) => self.partial_sum != due,
            // What exceeds the payments is left to pay.
            Some(InvoiceKind::Settlement) => self.partial_sum > due,
            _ => false,
        };
        if differs {
            sink.warn_at(totals.due_at, Code::PartialAdvancesDiffer);
        }
    }
}
