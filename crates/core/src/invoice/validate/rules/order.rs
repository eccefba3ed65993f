//! The order an advance invoice stands for (`Zamowienie`), and the advances themselves.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::super::code::Code;
use super::heading::Head;
use super::lines::Rate;
use super::number::{decimal, differ, hundredths, number};
use super::totals::Sale;
use super::{Here, Sink, Spot};
use crate::invoice::InvoiceKind;

/// A child of `ZamowienieWiersz` that is of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum OrderField {
    /// `WartoscZamowienia`, beside the lines.
    Value,
    Number,
    Net,
    Tax,
    Rate,
    OneStopShopRate,
    StateBefore,
}

impl OrderField {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "NrWierszaZam" => Self::Number,
            "P_11NettoZ" => Self::Net,
            "P_11VatZ" => Self::Tax,
            "P_12Z" => Self::Rate,
            "P_12Z_XII" => Self::OneStopShopRate,
            "StanPrzedZ" => Self::StateBefore,
            _ => return None,
        })
    }
}

#[derive(Default)]
pub(super) struct Order {
    value: Option<(Decimal, Spot)>,
    lines: u32,
    pub(super) numbers: BTreeSet<u64>,
    sum: Decimal,
    /// Lines of which the value with tax is not known.
    incomplete: u32,
    counts: [u32; Sale::ALL.len()],
    rates: u32,
    net: Option<Decimal>,
    tax: Option<Decimal>,
    rate: Option<Rate>,
}

impl Order {
    pub(super) fn begin_line(&mut self) {
        self.lines += 1;
        (self.net, self.tax, self.rate) = (None, None, None);
    }

    pub(super) fn take(
        &mut self,
        field: OrderField,
        text: &str,
        here: &Here<'_>,
        head: &Head,
        sink: &mut Sink,
    ) {
        match field {
            OrderField::Value => {
                let spot = here.spot("/Faktura/Fa/Zamowienie/WartoscZamowienia");
                self.value = decimal(text).map(|value| (value, spot));
            }
            OrderField::Number => {
                let repeated = number(text).is_some_and(|number| !self.numbers.insert(number));
                if repeated && head.is_no_correction() {
                    sink.warn(here, Code::LineNumberRepeated);
                }
            }
            OrderField::Net => self.net = decimal(text),
            OrderField::Tax => self.tax = decimal(text),
            OrderField::Rate => self.rate = Rate::parse(text),
            OrderField::OneStopShopRate => {
                if self.rate.is_some() {
                    sink.warn(here, Code::LineRateTwice);
                }
            }
            OrderField::StateBefore => {
                if head.is_no_correction() {
                    sink.warn(here, Code::StateBeforeNotExpected);
                }
            }
        }
    }

    pub(super) fn end_line(&mut self, is_legal: bool) {
        // Where the rate says that there is no tax, none need be stated.
        let tax = self
            .tax
            .or_else(|| (self.rate?.percent == 0).then_some(Decimal::ZERO));
        match (self.net, tax) {
            (Some(net), Some(tax)) if is_legal => self.sum += net + tax,
            _ => self.incomplete += 1,
        }
        if let Some(rate) = self.rate {
            self.counts[rate.sale as usize] += 1;
            self.rates |= 1 << rate.percent;
        }
    }

    pub(super) fn has(&self, sale: Sale) -> bool {
        self.count_of(sale) > 0
    }

    pub(super) fn count_of(&self, sale: Sale) -> u32 {
        self.counts[sale as usize]
    }

    pub(super) fn uses_rate(&self, percent: u32) -> bool {
        self.rates >> percent & 1 == 1
    }

    /// Whether each line names a rate; true without lines.
    pub(super) fn all_have_rates(&self) -> bool {
        self.counts.iter().sum::<u32>() == self.lines
    }

    /// The value of the order is that of its lines with tax. In a correction the lines may be differences, or those
    /// that changed alone.
    pub(super) fn judge(&self, head: &Head, sink: &mut Sink) {
        let Some((value, spot)) = self.value else {
            if head.is(&[InvoiceKind::Advance]) {
                sink.warn_at(head.kind_at, Code::OrderMissing);
            }
            return;
        };
        if head.is(&[
            InvoiceKind::Vat,
            InvoiceKind::Simplified,
            InvoiceKind::Settlement,
            InvoiceKind::Correction,
            InvoiceKind::SettlementCorrection,
        ]) {
            sink.warn_at(spot, Code::OrderNotExpected);
        }
        let tolerance = hundredths(self.lines);
        if head.is_no_correction() && self.incomplete == 0 && differ(value, self.sum, tolerance) {
            sink.warn_at(spot, Code::OrderValueDiffers);
        }
    }
}
