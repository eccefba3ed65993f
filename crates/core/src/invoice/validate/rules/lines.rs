//! The lines of an invoice (`FaWiersz`): each judged by itself when it ends, and added to the sums by kind of sale.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::super::code::Code;
use super::heading::Head;
use super::number::{decimal, differ, hundredths, number, trimmed};
use super::totals::Sale;
use super::{Here, Sink};

/// A child of `FaWiersz` that is of interest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum LineField {
    Number,
    DeliveryDate,
    Quantity,
    NetPrice,
    GrossPrice,
    Discount,
    Net,
    Gross,
    Tax,
    Rate,
    OneStopShopRate,
    AnnexFifteen,
    Gtu,
    Procedure,
    ExchangeRate,
    StateBefore,
}

impl LineField {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "NrWierszaFa" => Self::Number,
            "P_6A" => Self::DeliveryDate,
            "P_8B" => Self::Quantity,
            "P_9A" => Self::NetPrice,
            "P_9B" => Self::GrossPrice,
            "P_10" => Self::Discount,
            "P_11" => Self::Net,
            "P_11A" => Self::Gross,
            "P_11Vat" => Self::Tax,
            "P_12" => Self::Rate,
            "P_12_XII" => Self::OneStopShopRate,
            "P_12_Zal_15" => Self::AnnexFifteen,
            "GTU" => Self::Gtu,
            "Procedura" => Self::Procedure,
            "KursWaluty" => Self::ExchangeRate,
            "StanPrzed" => Self::StateBefore,
            _ => return None,
        })
    }
}

/// A value of `P_12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) sale: Sale,
    /// Zero where there is no Polish tax.
    pub(super) percent: u32,
}

impl Rate {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (sale, percent) = match trimmed(text) {
            "23" => (Sale::Basic, 23),
            "22" => (Sale::Basic, 22),
            "8" => (Sale::FirstReduced, 8),
            "7" => (Sale::FirstReduced, 7),
            "5" => (Sale::SecondReduced, 5),
            "4" => (Sale::Taxi, 4),
            "3" => (Sale::Taxi, 3),
            "0 KR" => (Sale::ZeroAtHome, 0),
            "0 WDT" => (Sale::ZeroInUnion, 0),
            "0 EX" => (Sale::ZeroExport, 0),
            "zw" => (Sale::Exempt, 0),
            "oo" => (Sale::ReverseCharge, 0),
            "np I" => (Sale::Abroad, 0),
            "np II" => (Sale::AbroadInUnion, 0),
            _ => return None,
        };
        Some(Self { sale, percent })
    }
}

/// A number that was read and where it stands.
#[derive(Debug, Clone, Copy)]
struct Read {
    value: Decimal,
    at: usize,
}

/// The line that is being read.
#[derive(Default)]
struct Line {
    quantity: Option<Read>,
    net_price: Option<Read>,
    gross_price: Option<Read>,
    discount: Option<Read>,
    net: Option<Read>,
    gross: Option<Read>,
    tax: Option<Read>,
    rate: Option<Rate>,
    has_one_stop_shop_rate: bool,
    state_before: bool,
    gtu: Option<(u64, usize)>,
    procedure: Option<(Procedure, usize)>,
}

/// The procedures that leave no choice of the rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Procedure {
    /// `I_42`, `I_63`: an intra-Community supply after an import.
    SupplyAfterImport,
    /// `TT_D`: the supply of the second in a triangular transaction.
    Triangular,
}

/// Sums over the lines of one kind of sale; lines that show the state before a correction count negative.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct LineSum {
    pub(super) count: u32,
    pub(super) net: Decimal,
    pub(super) gross: Decimal,
    with_net: u32,
    with_gross: u32,
}

impl LineSum {
    pub(super) fn have_net(&self) -> bool {
        self.with_net == self.count
    }

    pub(super) fn have_gross(&self) -> bool {
        self.with_gross == self.count
    }

    fn add(&mut self, line: &Line) {
        self.count += 1;
        let sign = if line.state_before {
            Decimal::NEGATIVE_ONE
        } else {
            Decimal::ONE
        };
        if let Some(net) = line.net {
            self.net += net.value * sign;
            self.with_net += 1;
        }
        if let Some(gross) = line.gross {
            self.gross += gross.value * sign;
            self.with_gross += 1;
        }
    }
}

#[derive(Default)]
pub(super) struct Lines {
    line: Line,
    sums: [LineSum; Sale::ALL.len()],
    without_rate: LineSum,
    /// The rates in percent that lines name, bit by bit.
    rates: u32,
    /// Lines that state no value, or whose text is illegal.
    incomplete: u32,
    pub(super) numbers: BTreeSet<u64>,
    pub(super) has_annex_fifteen: bool,
    /// The exchange rate of the lines, as long as it is the same.
    exchange_rate: Option<Decimal>,
    delivery_date_reported: bool,
    /// Whether a line is the supply of the second in a triangular transaction.
    pub(super) are_triangular: bool,
}

impl Lines {
    pub(super) fn begin(&mut self) {
        self.line = Line::default();
    }

    pub(super) fn take(
        &mut self,
        field: LineField,
        text: &str,
        here: &Here<'_>,
        head: &Head,
        sink: &mut Sink,
    ) {
        let read = || {
            let at = here.at();
            decimal(text).map(|value| Read { value, at })
        };
        let line = &mut self.line;
        match field {
            LineField::Number => {
                let repeated = number(text).is_some_and(|number| !self.numbers.insert(number));
                if repeated && head.is_no_correction() {
                    sink.warn(here, Code::LineNumberRepeated);
                }
            }
            LineField::DeliveryDate => {
                if head.has_delivery_date && !self.delivery_date_reported {
                    self.delivery_date_reported = true;
                    sink.warn(here, Code::DeliveryDateTwice);
                }
            }
            LineField::Quantity => line.quantity = read(),
            LineField::NetPrice => line.net_price = read(),
            LineField::GrossPrice => line.gross_price = read(),
            LineField::Discount => line.discount = read(),
            LineField::Net => line.net = read(),
            LineField::Gross => line.gross = read(),
            LineField::Tax => line.tax = read(),
            LineField::Rate => line.rate = Rate::parse(text),
            LineField::OneStopShopRate => {
                line.has_one_stop_shop_rate = true;
                if line.rate.is_some() {
                    sink.warn(here, Code::LineRateTwice);
                }
            }
            LineField::AnnexFifteen => self.has_annex_fifteen = true,
            LineField::Gtu => {
                let group = trimmed(text).strip_prefix("GTU_").and_then(number);
                line.gtu = group.map(|group| (group, here.at()));
            }
            LineField::Procedure => {
                let procedure = match trimmed(text) {
                    "I_42" | "I_63" => Some(Procedure::SupplyAfterImport),
                    "TT_D" => Some(Procedure::Triangular),
                    _ => None,
                };
                line.procedure = procedure.map(|procedure| (procedure, here.at()));
            }
            LineField::ExchangeRate => self.exchange_rate = decimal(text),
            LineField::StateBefore => {
                line.state_before = true;
                if head.is_no_correction() {
                    sink.warn(here, Code::StateBeforeNotExpected);
                }
            }
        }
    }

    /// A line ends; all in it was legal if `is_legal`.
    pub(super) fn end(&mut self, is_legal: bool, here: &Here<'_>, head: &Head, sink: &mut Sink) {
        let line = std::mem::take(&mut self.line);
        if !is_legal {
            self.incomplete += 1;
            return;
        }
        if head.is_no_correction() {
            line.judge_value(here, sink);
            line.judge_tax(here, sink);
        }
        line.judge_codes(here, sink);
        self.are_triangular |= matches!(line.procedure, Some((Procedure::Triangular, _)));
        if line.net.is_none() && line.gross.is_none() {
            self.incomplete += 1;
        }
        match line.rate {
            Some(rate) => {
                self.rates |= 1 << rate.percent;
                self.sums[rate.sale as usize].add(&line);
            }
            None if line.has_one_stop_shop_rate => {
                self.sums[Sale::OneStopShop as usize].add(&line);
            }
            None => self.without_rate.add(&line),
        }
    }

    pub(super) fn of(&self, sale: Sale) -> &LineSum {
        &self.sums[sale as usize]
    }

    pub(super) fn without_rate(&self) -> &LineSum {
        &self.without_rate
    }

    pub(super) fn have(&self, sale: Sale) -> bool {
        self.of(sale).count > 0
    }

    pub(super) fn use_rate(&self, percent: u32) -> bool {
        self.rates >> percent & 1 == 1
    }

    pub(super) fn count(&self) -> u32 {
        self.all().map(|sum| sum.count).sum()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count() == 0 && self.incomplete == 0
    }

    /// Whether there are lines and each states what it is worth.
    pub(super) fn state_their_values(&self) -> bool {
        self.incomplete == 0 && self.count() > 0
    }

    pub(super) fn all_are_gross(&self) -> bool {
        self.all().all(LineSum::have_gross)
    }

    pub(super) fn gross(&self) -> Decimal {
        self.all().map(|sum| sum.gross).sum()
    }

    /// Whether the lines before and after a correction come to the same.
    pub(super) fn cancel_out(&self) -> bool {
        self.all()
            .all(|sum| sum.net.is_zero() && sum.gross.is_zero())
    }

    /// The rate of the last line that names one.
    pub(super) fn exchange_rate(&self) -> Option<Decimal> {
        self.exchange_rate
    }

    fn all(&self) -> impl Iterator<Item = &LineSum> {
        self.sums.iter().chain([&self.without_rate])
    }
}

impl Line {
    /// Quantity × price − discount is the value. The discount may be that of the line or that of the unit; a price
    /// that is rounded may be half a hundredth off (or half of its last digit, if it has more) for each unit, and a
    /// quantity with a fraction half of its last digit.
    fn judge_value(&self, here: &Here<'_>, sink: &mut Sink) {
        let pairs = [
            (self.net_price, self.net, "P_11"),
            (self.gross_price, self.gross, "P_11A"),
        ];
        for (price, value, field) in pairs {
            let (Some(quantity), Some(price), Some(stated)) = (self.quantity, price, value) else {
                continue;
            };
            let discount = self.discount.map_or(Decimal::ZERO, |read| read.value);
            let (quantity, price, stated_value) = (quantity.value, price.value, stated.value);
            let whole = quantity.checked_mul(price);
            let of_the_line = whole.and_then(|whole| whole.checked_sub(discount));
            let of_the_unit = price
                .checked_sub(discount)
                .and_then(|price| quantity.checked_mul(price));
            let tolerance = value_tolerance(quantity, price);
            // Numbers too large to multiply are left alone.
            if let (Some(one), Some(other), Some(tolerance)) = (of_the_line, of_the_unit, tolerance)
                && differ(one, stated_value, tolerance)
                && differ(other, stated_value, tolerance)
            {
                sink.warn_below(here, field, stated.at, Code::LineValueDiffers);
            }
        }
    }

    /// `P_11Vat` and `P_11A` against `P_11` and the rate.
    fn judge_tax(&self, here: &Here<'_>, sink: &mut Sink) {
        let (Some(net), Some(rate)) = (self.net, self.rate) else {
            return;
        };
        let tax = net.value * Decimal::new(i64::from(rate.percent), 2);
        if let Some(stated) = self.tax
            && differ(stated.value, tax, hundredths(1))
        {
            sink.warn_below(here, "P_11Vat", stated.at, Code::LineTaxDiffers);
        }
        if let Some(stated) = self.gross
            && differ(stated.value, net.value + tax, hundredths(1))
        {
            sink.warn_below(here, "P_11A", stated.at, Code::LineTaxDiffers);
        }
    }

    fn judge_codes(&self, here: &Here<'_>, sink: &mut Sink) {
        let Some(Rate { sale, .. }) = self.rate else {
            return;
        };
        if let Some((group, at)) = self.gtu {
            let is_service = group > 10;
            let contradicts = match sale {
                Sale::ZeroInUnion | Sale::ZeroExport => is_service,
                Sale::AbroadInUnion => !is_service,
                _ => false,
            };
            if contradicts {
                sink.warn_below(here, "GTU", at, Code::GtuContradictsRate);
            }
        }
        if let Some((procedure, at)) = self.procedure {
            let contradicts = match procedure {
                Procedure::SupplyAfterImport => sale != Sale::ZeroInUnion,
                Procedure::Triangular => !matches!(sale, Sale::Abroad | Sale::AbroadInUnion),
            };
            if contradicts {
                sink.warn_below(here, "Procedura", at, Code::ProcedureContradictsRate);
            }
        }
    }
}

/// How far the value of a line may lie from quantity × price.
fn value_tolerance(quantity: Decimal, price: Decimal) -> Option<Decimal> {
    let half_unit =
        |number: Decimal, at_least: u32| Decimal::new(5, number.scale().max(at_least) + 1);
    let from_price = quantity.abs().checked_mul(half_unit(price, 2))?;
    let from_quantity = if quantity.is_integer() {
        Decimal::ZERO
    } else {
        price.abs().checked_mul(half_unit(quantity, 0))?
    };
    from_price
        .checked_add(from_quantity)?
        .checked_add(hundredths(1))
}
