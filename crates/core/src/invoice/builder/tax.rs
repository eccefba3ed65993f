//! How a sale is taxed: the per cent, the field of FA(3) its sum belongs to, and the tax itself.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::invoice::Amount;
use crate::invoice::model::{Line, OrderLine, OssSum, RateSum, Totals, VatRate};

/// How a line is taxed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tax {
    /// At one of the rates of FA(3) (`P_12`), or by one of its reasons for no tax.
    Rate(VatRate),
    /// Under the one-stop-shop procedure, at so many per cent of another member state (`P_12_XII`; title XII chapter 6a of
    /// the VAT Act).
    Oss(Amount),
    /// Under the margin scheme: no rate is shown (art. 119 and 120, art. 106e ust. 2 and 3 of the VAT Act).
    Margin,
}

impl From<VatRate> for Tax {
    fn from(rate: VatRate) -> Self {
        Self::Rate(rate)
    }
}

/// The sums of FA(3), in the order of `P_13_1` to `P_13_11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Basic,
    FirstReduced,
    SecondReduced,
    Taxi,
    Oss,
    ZeroDomestic,
    ZeroIntraCommunity,
    ZeroExport,
    Exempt,
    OutsideCountry,
    EuServices,
    ReverseCharge,
    Margin,
}

impl Field {
    pub(super) const COUNT: usize = 13;

    /// Whether Polish tax is owed by the seller: `P_14_1` to `P_14_4`, in złoty too where the currency is another.
    pub(super) fn has_polish_tax(self) -> bool {
        matches!(
            self,
            Self::Basic | Self::FirstReduced | Self::SecondReduced | Self::Taxi
        )
    }
}

/// The rates, their per cents and their sums: the one place that knows. Source: FA(3), descriptions of `P_13_1` to
/// `P_13_11` and of `TStawkaPodatku`.
fn meaning(rate: VatRate) -> (Field, u8) {
    match rate {
        VatRate::Percent23 => (Field::Basic, 23),
        VatRate::Percent22 => (Field::Basic, 22),
        VatRate::Percent8 => (Field::FirstReduced, 8),
        VatRate::Percent7 => (Field::FirstReduced, 7),
        VatRate::Percent5 => (Field::SecondReduced, 5),
        VatRate::Percent4 => (Field::Taxi, 4),
        VatRate::Percent3 => (Field::Taxi, 3),
        VatRate::ZeroDomestic => (Field::ZeroDomestic, 0),
        VatRate::ZeroIntraCommunity => (Field::ZeroIntraCommunity, 0),
        VatRate::ZeroExport => (Field::ZeroExport, 0),
        VatRate::Exempt => (Field::Exempt, 0),
        VatRate::ReverseCharge => (Field::ReverseCharge, 0),
        VatRate::OutsideCountry => (Field::OutsideCountry, 0),
        VatRate::EuServices => (Field::EuServices, 0),
    }
}

impl Tax {
    /// How a line of an invoice is taxed. One that names no rate is under the margin scheme.
    pub(super) fn of_line(line: &Line) -> Self {
        Self::of(line.rate, line.oss_rate.as_ref())
    }

    /// How a line of an order is taxed.
    pub(super) fn of_order_line(line: &OrderLine) -> Self {
        Self::of(line.rate, line.oss_rate.as_ref())
    }

    fn of(rate: Option<VatRate>, oss_rate: Option<&Amount>) -> Self {
        match (rate, oss_rate) {
            (Some(rate), _) => Self::Rate(rate),
            (None, Some(percent)) => Self::Oss(percent.clone()),
            (None, None) => Self::Margin,
        }
    }

    pub(super) fn field(&self) -> Field {
        match self {
            Self::Rate(rate) => meaning(*rate).0,
            Self::Oss(_) => Field::Oss,
            Self::Margin => Field::Margin,
        }
    }

    /// Whether this is that rate.
    pub(super) fn is(&self, rate: VatRate) -> bool {
        *self == Self::Rate(rate)
    }

    /// `P_12`.
    pub(super) fn rate(&self) -> Option<VatRate> {
        match self {
            Self::Rate(rate) => Some(*rate),
            Self::Oss(_) | Self::Margin => None,
        }
    }

    /// `P_12_XII`.
    pub(super) fn oss_rate(&self) -> Option<Amount> {
        match self {
            Self::Oss(percent) => Some(percent.clone()),
            Self::Rate(_) | Self::Margin => None,
        }
    }

    fn percent(&self) -> Decimal {
        match self {
            Self::Rate(rate) => Decimal::from(meaning(*rate).1),
            Self::Oss(percent) => percent.value(),
            Self::Margin => Decimal::ZERO,
        }
    }

    /// Tax on a value without tax, in full hundredths.
    pub(super) fn on_net(&self, net: Decimal) -> Decimal {
        round(net * self.percent() / Decimal::ONE_HUNDRED)
    }

    /// Tax within a value with tax, in full hundredths: value × rate / (100 + rate) (art. 106e ust. 7, art. 106f ust. 1
    /// pkt 3 of the VAT Act).
    pub(super) fn in_gross(&self, gross: Decimal) -> Decimal {
        round(gross * self.percent() / (Decimal::ONE_HUNDRED + self.percent()))
    }
}

/// To full hundredths, halves away from zero (art. 106e ust. 11 of the VAT Act).
pub(super) fn round(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// An amount of money, written with two decimals.
pub(super) fn money(value: Decimal) -> Amount {
    let mut rounded = round(value);
    if rounded.is_zero() {
        // A negative zero would be written with its sign.
        rounded = Decimal::ZERO;
    }
    rounded.rescale(2);
    rounded.into()
}

/// What is sold of one kind: without tax, the tax, and the tax in złoty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sum {
    pub(super) net: Decimal,
    pub(super) vat: Decimal,
    pub(super) zloty: Decimal,
}

impl Sum {
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            net: self.net + other.net,
            vat: self.vat + other.vat,
            zloty: self.zloty + other.zloty,
        }
    }

    pub(super) fn negated(self) -> Self {
        Self {
            net: -self.net,
            vat: -self.vat,
            zloty: -self.zloty,
        }
    }

    pub(super) fn is_zero(self) -> bool {
        self.net.is_zero() && self.vat.is_zero() && self.zloty.is_zero()
    }
}

/// The fields `P_13_x`, `P_14_x` and `P_14_xW` that say so.
pub(super) fn totals(sum_of: impl Fn(Field) -> Option<Sum>, is_in_zloty: bool) -> Totals {
    let taxed = |field| {
        sum_of(field).map(|sum| RateSum {
            net: money(sum.net),
            vat: money(sum.vat),
            vat_in_zloty: (!is_in_zloty).then(|| money(sum.zloty)),
        })
    };
    let untaxed = |field| sum_of(field).map(|sum| money(sum.net));
    Totals {
        basic: taxed(Field::Basic),
        first_reduced: taxed(Field::FirstReduced),
        second_reduced: taxed(Field::SecondReduced),
        taxi: taxed(Field::Taxi),
        oss: sum_of(Field::Oss).map(|sum| OssSum {
            net: money(sum.net),
            vat: Some(money(sum.vat)),
        }),
        zero_domestic: untaxed(Field::ZeroDomestic),
        zero_intra_community: untaxed(Field::ZeroIntraCommunity),
        zero_export: untaxed(Field::ZeroExport),
        exempt: untaxed(Field::Exempt),
        outside_country: untaxed(Field::OutsideCountry),
        eu_services: untaxed(Field::EuServices),
        reverse_charge: untaxed(Field::ReverseCharge),
        margin: untaxed(Field::Margin),
    }
}

/// What the fields of an invoice say.
pub(super) fn stated(totals: &Totals) -> [(Field, Option<Sum>); Field::COUNT] {
    let taxed = |sum: &Option<RateSum>| {
        sum.as_ref().map(|sum| Sum {
            net: sum.net.value(),
            vat: sum.vat.value(),
            zloty: sum
                .vat_in_zloty
                .as_ref()
                .map_or(Decimal::ZERO, Amount::value),
        })
    };
    let untaxed = |net: &Option<Amount>| {
        net.as_ref().map(|net| Sum {
            net: net.value(),
            ..Sum::default()
        })
    };
    let oss = totals.oss.as_ref().map(|sum| Sum {
        net: sum.net.value(),
        vat: sum.vat.as_ref().map_or(Decimal::ZERO, Amount::value),
        zloty: Decimal::ZERO,
    });
    [
        (Field::Basic, taxed(&totals.basic)),
        (Field::FirstReduced, taxed(&totals.first_reduced)),
        (Field::SecondReduced, taxed(&totals.second_reduced)),
        (Field::Taxi, taxed(&totals.taxi)),
        (Field::Oss, oss),
        (Field::ZeroDomestic, untaxed(&totals.zero_domestic)),
        (
            Field::ZeroIntraCommunity,
            untaxed(&totals.zero_intra_community),
        ),
        (Field::ZeroExport, untaxed(&totals.zero_export)),
        (Field::Exempt, untaxed(&totals.exempt)),
        (Field::OutsideCountry, untaxed(&totals.outside_country)),
        (Field::EuServices, untaxed(&totals.eu_services)),
        (Field::ReverseCharge, untaxed(&totals.reverse_charge)),
        (Field::Margin, untaxed(&totals.margin)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_rounded_away_from_zero() {
        let tax = Tax::from(VatRate::Percent5);
        assert_eq!(tax.on_net(Decimal::new(10, 2)), Decimal::new(1, 2));
        assert_eq!(tax.on_net(Decimal::new(-10, 2)), Decimal::new(-1, 2));
        assert_eq!(tax.on_net(Decimal::new(9, 2)), Decimal::ZERO);
    }

    #[test]
    fn tax_is_taken_out_of_a_gross_value() {
        let tax = Tax::from(VatRate::Percent23);
        assert_eq!(tax.in_gross(Decimal::from(450)), Decimal::new(8415, 2));
        assert_eq!(Tax::Margin.in_gross(Decimal::from(450)), Decimal::ZERO);
    }

    #[test]
    fn money_has_two_decimals_and_no_negative_zero() {
        assert_eq!(money(Decimal::from(2051)).to_string(), "2051.00");
        assert_eq!(money(-Decimal::ZERO).to_string(), "0.00");
        assert_eq!(money(Decimal::new(-1, 3)).to_string(), "0.00");
    }

    #[test]
    fn every_field_comes_back_as_it_was_stated() {
        let sum = |field: Field| {
            let net = Decimal::new(field as i64 + 1, 2);
            let vat = if field.has_polish_tax() || field == Field::Oss {
                net
            } else {
                Decimal::ZERO
            };
            let zloty = if field.has_polish_tax() {
                net
            } else {
                Decimal::ZERO
            };
            Some(Sum { net, vat, zloty })
        };
        let totals = totals(sum, false);
        for (place, (field, stated)) in stated(&totals).into_iter().enumerate() {
            assert_eq!(field as usize, place);
            assert_eq!(stated, sum(field), "{field:?}");
        }
    }
}
