//! The sums of an invoice: `P_13_x` and `P_14_x` against the lines, the rates and `P_15`, and the tax in zloty.
//!
//! Tolerances. Net and tax of a line may each be rounded to a hundredth (art. 106e ust. 10 and 11 of the VAT Act), and
//! a price with tax may be the starting point (art. 106e ust. 7 and 8), so what is computed from sums may lie a hundredth
//! off for each line, payment or advance invoice that goes into it, and at least one hundredth. `P_15` is a sum of
//! amounts that are rounded already; it is given one hundredth for each rate.

use rust_decimal::Decimal;

use super::super::code::Code;
use super::heading::{Currency, Head};
use super::lines::{LineSum, Lines};
use super::number::{decimal, differ, hundredths};
use super::order::Order;
use super::words::net_sum_differs;
use super::{Here, Sink, Spot};
use crate::invoice::InvoiceKind;

/// The kinds of sale that FA(3) sums apart, in the order of `P_13_x`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Sale {
    Basic,
    FirstReduced,
    SecondReduced,
    Taxi,
    OneStopShop,
    ZeroAtHome,
    ZeroInUnion,
    ZeroExport,
    Exempt,
    Abroad,
    AbroadInUnion,
    ReverseCharge,
    Margin,
}

impl Sale {
    pub(super) const ALL: [Self; 13] = [
        Self::Basic,
        Self::FirstReduced,
        Self::SecondReduced,
        Self::Taxi,
        Self::OneStopShop,
        Self::ZeroAtHome,
        Self::ZeroInUnion,
        Self::ZeroExport,
        Self::Exempt,
        Self::Abroad,
        Self::AbroadInUnion,
        Self::ReverseCharge,
        Self::Margin,
    ];

    pub(super) fn net_path(self) -> &'static str {
        match self {
            Self::Basic => "/Faktura/Fa/P_13_1",
            Self::FirstReduced => "/Faktura/Fa/P_13_2",
            Self::SecondReduced => "/Faktura/Fa/P_13_3",
            Self::Taxi => "/Faktura/Fa/P_13_4",
            Self::OneStopShop => "/Faktura/Fa/P_13_5",
            Self::ZeroAtHome => "/Faktura/Fa/P_13_6_1",
            Self::ZeroInUnion => "/Faktura/Fa/P_13_6_2",
            Self::ZeroExport => "/Faktura/Fa/P_13_6_3",
            Self::Exempt => "/Faktura/Fa/P_13_7",
            Self::Abroad => "/Faktura/Fa/P_13_8",
            Self::AbroadInUnion => "/Faktura/Fa/P_13_9",
            Self::ReverseCharge => "/Faktura/Fa/P_13_10",
            Self::Margin => "/Faktura/Fa/P_13_11",
        }
    }

    /// Of the sales with a sum of tax of their own.
    fn tax_path(self) -> &'static str {
        match self {
            Self::FirstReduced => "/Faktura/Fa/P_14_2",
            Self::SecondReduced => "/Faktura/Fa/P_14_3",
            Self::Taxi => "/Faktura/Fa/P_14_4",
            Self::OneStopShop => "/Faktura/Fa/P_14_5",
            _ => "/Faktura/Fa/P_14_1",
        }
    }

    /// The legal rates in percent, today's first; none where the schema leaves the rate open or there is no tax.
    pub(super) fn rates(self) -> &'static [u32] {
        match self {
            Self::Basic => &[23, 22],
            Self::FirstReduced => &[8, 7],
            Self::SecondReduced => &[5],
            Self::Taxi => &[4, 3],
            _ => &[],
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Total {
    Net(Sale),
    Tax(Sale),
    TaxInZloty(Sale),
    /// `P_15`.
    Due,
}

impl Total {
    pub(super) fn of(path: &[&str]) -> Option<Self> {
        let ["Fa", field] = *path else {
            return None;
        };
        Some(match field {
            "P_13_1" => Self::Net(Sale::Basic),
            "P_14_1" => Self::Tax(Sale::Basic),
            "P_14_1W" => Self::TaxInZloty(Sale::Basic),
            "P_13_2" => Self::Net(Sale::FirstReduced),
            "P_14_2" => Self::Tax(Sale::FirstReduced),
            "P_14_2W" => Self::TaxInZloty(Sale::FirstReduced),
            "P_13_3" => Self::Net(Sale::SecondReduced),
            "P_14_3" => Self::Tax(Sale::SecondReduced),
            "P_14_3W" => Self::TaxInZloty(Sale::SecondReduced),
            "P_13_4" => Self::Net(Sale::Taxi),
            "P_14_4" => Self::Tax(Sale::Taxi),
            "P_14_4W" => Self::TaxInZloty(Sale::Taxi),
            "P_13_5" => Self::Net(Sale::OneStopShop),
            "P_14_5" => Self::Tax(Sale::OneStopShop),
            "P_13_6_1" => Self::Net(Sale::ZeroAtHome),
            "P_13_6_2" => Self::Net(Sale::ZeroInUnion),
            "P_13_6_3" => Self::Net(Sale::ZeroExport),
            "P_13_7" => Self::Net(Sale::Exempt),
            "P_13_8" => Self::Net(Sale::Abroad),
            "P_13_9" => Self::Net(Sale::AbroadInUnion),
            "P_13_10" => Self::Net(Sale::ReverseCharge),
            "P_13_11" => Self::Net(Sale::Margin),
            "P_15" => Self::Due,
            _ => return None,
        })
    }
}

#[derive(Default)]
pub(super) struct Totals {
    sums: [Sums; Sale::ALL.len()],
    pub(super) due: Option<Decimal>,
    pub(super) due_at: Spot,
}

/// What an invoice states of one kind of sale.
#[derive(Default, Clone, Copy)]
struct Sums {
    net: Option<Decimal>,
    net_at: usize,
    tax: Option<Decimal>,
    tax_at: usize,
    has_zloty: bool,
}

impl Totals {
    pub(super) fn take(
        &mut self,
        field: Total,
        text: &str,
        here: &Here<'_>,
        head: &Head,
        sink: &mut Sink,
    ) {
        match field {
            Total::Net(sale) => {
                let sums = &mut self.sums[sale as usize];
                (sums.net, sums.net_at) = (decimal(text), here.at());
            }
            Total::Tax(sale) => {
                let sums = &mut self.sums[sale as usize];
                (sums.tax, sums.tax_at) = (decimal(text), here.at());
            }
            Total::TaxInZloty(sale) => {
                self.sums[sale as usize].has_zloty = true;
                if head.currency == Some(Currency::Zloty) {
                    sink.warn(here, Code::TaxInZlotyNotExpected);
                }
            }
            Total::Due => {
                self.due = decimal(text);
                self.due_at = here.spot("/Faktura/Fa/P_15");
            }
        }
    }

    /// Whether the invoice states a sale of this kind other than zero.
    pub(super) fn has(&self, sale: Sale) -> bool {
        self.sums[sale as usize]
            .net
            .is_some_and(|net| !net.is_zero())
    }

    pub(super) fn net_spot(&self, sale: Sale) -> Spot {
        Spot {
            at: self.sums[sale as usize].net_at,
            path: sale.net_path(),
        }
    }

    /// Whether the invoice states any `P_13_x`.
    pub(super) fn are_stated(&self) -> bool {
        self.sums.iter().any(|sums| sums.net.is_some())
    }

    pub(super) fn judge(&self, gathered: &Gathered<'_>, sink: &mut Sink) {
        self.judge_due(sink);
        if gathered.head.is_no_correction() {
            self.judge_tax(gathered, sink);
        }
        self.judge_zloty(gathered.head, sink);
        self.judge_lines(gathered, sink);
    }

    /// `P_15` is the sum of all `P_13_x` and `P_14_x`. For an advance that is the payment, for a settlement what is
    /// left, since both are reduced by the advances (art. 106f ust. 3), and for a correction the difference.
    fn judge_due(&self, sink: &mut Sink) {
        let Some(due) = self.due else { return };
        if !self.are_stated() {
            return;
        }
        let nets = self.sums.iter().filter_map(|sums| sums.net);
        let taxes = self.sums.iter().filter_map(|sums| sums.tax);
        let rates = self.sums.iter().filter(|sums| sums.tax.is_some()).count();
        let tolerance = hundredths(rates.max(1) as u32);
        if differ(nets.chain(taxes).sum(), due, tolerance) {
            sink.warn_at(self.due_at, Code::TotalDiffers);
        }
    }

    fn judge_tax(&self, gathered: &Gathered<'_>, sink: &mut Sink) {
        for sale in Sale::ALL {
            let Sums {
                net: Some(net),
                tax: Some(tax),
                tax_at,
                ..
            } = self.sums[sale as usize]
            else {
                continue;
            };
            if sale.rates().is_empty() {
                continue;
            }
            let tolerance = hundredths(gathered.roundings(sale));
            // Today's rate and the former one may stand side by side.
            let used = gathered.rates_used(sale);
            let mut legal = sale
                .rates()
                .iter()
                .filter(|rate| used.is_empty() || used.contains(rate))
                .map(|rate| net * Decimal::new(i64::from(*rate), 2));
            let differs = if used.len() > 1 {
                let (one, other) = (legal.next().unwrap_or(net), legal.next().unwrap_or(net));
                tax < one.min(other) - tolerance || tax > one.max(other) + tolerance
            } else {
                legal.all(|legal| differ(tax, legal, tolerance))
            };
            if differs {
                let spot = Spot {
                    at: tax_at,
                    path: sale.tax_path(),
                };
                sink.warn_at(spot, Code::TaxDiffers);
            }
        }
    }

    fn judge_zloty(&self, head: &Head, sink: &mut Sink) {
        if head
            .currency
            .is_none_or(|currency| currency == Currency::Zloty)
        {
            return;
        }
        for sale in Sale::ALL {
            let sums = &self.sums[sale as usize];
            if !sale.rates().is_empty()
                && sums.tax.is_some_and(|tax| !tax.is_zero())
                && !sums.has_zloty
            {
                let spot = Spot {
                    at: sums.tax_at,
                    path: sale.tax_path(),
                };
                sink.warn_at(spot, Code::TaxInZlotyMissing);
            }
        }
    }

    /// The lines against the sums. Only where lines and sums state the same: an advance has an order instead of lines,
    /// the lines of a settlement are those of the whole order, and a simplified invoice may leave the sums out.
    fn judge_lines(&self, gathered: &Gathered<'_>, sink: &mut Sink) {
        let Gathered { head, lines, .. } = gathered;
        if !head.is(&[
            InvoiceKind::Vat,
            InvoiceKind::Simplified,
            InvoiceKind::Correction,
        ]) || !lines.state_their_values()
        {
            return;
        }
        // Lines that show that nothing has changed.
        if head.is_correction() && lines.cancel_out() {
            return;
        }
        if !self.are_stated() && lines.all_are_gross() {
            let tolerance = hundredths(lines.count());
            if self
                .due
                .is_some_and(|due| differ(due, lines.gross(), tolerance))
            {
                sink.warn_at(self.due_at, Code::GrossSumDiffers);
            }
            return;
        }
        if head.kind == Some(InvoiceKind::Simplified) && !self.are_stated() {
            return;
        }
        let without_rate = lines.without_rate();
        if without_rate.count > 0 {
            // Only a margin scheme does without rates, and then all lines must, or they cannot be told apart.
            if gathered.has_margin_scheme && without_rate.count == lines.count() {
                self.judge_sale(Sale::Margin, without_rate, gathered.body, sink);
            }
            return;
        }
        if gathered.has_margin_scheme {
            return;
        }
        for sale in Sale::ALL {
            self.judge_sale(sale, lines.of(sale), gathered.body, sink);
        }
    }

    fn judge_sale(&self, sale: Sale, lines: &LineSum, body: Spot, sink: &mut Sink) {
        let sums = &self.sums[sale as usize];
        let net = sums.net.unwrap_or_default();
        let (stated, summed) = if sale == Sale::Margin && lines.have_gross() {
            (net, lines.gross)
        } else if lines.have_net() {
            (net, lines.net)
        } else if lines.have_gross() {
            (net + sums.tax.unwrap_or_default(), lines.gross)
        } else {
            return;
        };
        if differ(stated, summed, hundredths(lines.count)) {
            let spot = if sums.net.is_some() {
                self.net_spot(sale)
            } else {
                body
            };
            sink.warn_in_words(
                spot,
                Code::NetSumDiffers,
                net_sum_differs(sale, sums.net.is_some()),
            );
        }
    }
}

/// What the judgement on the sums needs to know of the rest.
pub(super) struct Gathered<'g> {
    pub(super) head: &'g Head,
    pub(super) lines: &'g Lines,
    pub(super) order: &'g Order,
    pub(super) has_margin_scheme: bool,
    /// Payments and advance invoices: each may have been rounded on its own.
    pub(super) advances: u32,
    pub(super) body: Spot,
}

impl Gathered<'_> {
    fn roundings(&self, sale: Sale) -> u32 {
        let lines = self.lines.of(sale).count.max(self.order.count_of(sale));
        (lines + self.advances).max(1)
    }

    /// The rates the lines name; none if they name none.
    fn rates_used(&self, sale: Sale) -> Vec<u32> {
        sale.rates()
            .iter()
            .copied()
            .filter(|rate| self.lines.use_rate(*rate) || self.order.uses_rate(*rate))
            .collect()
    }
}
