//! Sums per rate: added up from lines, taken apart from payments, subtracted for corrections.

use rust_decimal::Decimal;

use super::tax::{Field, Sum, Tax, round, stated, totals};
use crate::invoice::Amount;
use crate::invoice::model::{Line, Order, Totals};

/// Net and tax by field of FA(3), in the currency of the invoice.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sums([Option<Sum>; Field::COUNT]);

impl Sums {
    /// What the lines come to. The tax is computed as the Ministry's examples do: once from the sum of each rate, out of
    /// `P_11` or, where the prices contain the tax, of `P_11A`; of a line that states its own (`P_11Vat`), that is taken
    /// (art. 106e ust. 7 and 10 of the VAT Act). Lines without a value add nothing.
    pub(super) fn of_lines<'l>(lines: impl IntoIterator<Item = &'l Line>) -> Self {
        let mut sums = Self::default();
        let (mut nets, mut grosses) = (Groups::default(), Groups::default());
        for line in lines {
            let tax = Tax::of_line(line);
            match (&line.net, &line.gross, &line.vat) {
                (Some(net), _, Some(vat)) => sums.add(tax.field(), net.value(), vat.value()),
                (None, Some(gross), Some(vat)) => {
                    sums.add(tax.field(), gross.value() - vat.value(), vat.value());
                }
                (Some(net), _, None) => nets.add(tax, net.value()),
                (None, Some(gross), None) => grosses.add(tax, gross.value()),
                (None, None, _) => {}
            }
        }
        for (tax, net) in nets.0 {
            sums.add(tax.field(), net, tax.on_net(net));
        }
        for (tax, gross) in grosses.0 {
            sums.add_gross(&tax, gross);
        }
        sums
    }

    /// The sums an invoice states.
    pub(super) fn of_totals(totals: &Totals) -> Self {
        Self(stated(totals).map(|(_, sum)| sum))
    }

    /// A payment with tax, spread over the rates in proportion to what they have in the order; what rounding leaves goes
    /// to the largest (art. 106f ust. 1 pkt 3 of the VAT Act; the Ministry's example of an advance correction).
    pub(super) fn of_payment(payment: Decimal, order: &Groups) -> Self {
        let whole: Decimal = order.0.iter().map(|(_, gross)| gross).sum();
        let mut shares: Vec<Decimal> = order
            .0
            .iter()
            .map(|(_, gross)| {
                let share = payment
                    .checked_mul(*gross)
                    .and_then(|part| part.checked_div(whole));
                share.map_or(Decimal::ZERO, round)
            })
            .collect();
        let rest = payment - shares.iter().sum::<Decimal>();
        let largest = (0..shares.len()).max_by_key(|place| order.0[*place].1);
        if let Some(largest) = largest {
            shares[largest] += rest;
        }
        let mut sums = Self::default();
        for ((tax, _), share) in order.0.iter().zip(shares) {
            sums.add_gross(tax, share);
        }
        sums
    }

    fn add(&mut self, field: Field, net: Decimal, vat: Decimal) {
        let sum = self.0[field as usize].get_or_insert_default();
        sum.net += net;
        sum.vat += vat;
    }

    /// Adds a value with tax.
    pub(super) fn add_gross(&mut self, tax: &Tax, gross: Decimal) {
        let vat = tax.in_gross(gross);
        self.add(tax.field(), gross - vat, vat);
    }

    /// Adds a value without tax.
    pub(super) fn add_net(&mut self, tax: &Tax, net: Decimal) {
        self.add(tax.field(), net, tax.on_net(net));
    }

    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut sums = self.clone();
        for (mine, other) in sums.0.iter_mut().zip(&other.0) {
            if let Some(other) = other {
                *mine = Some(mine.unwrap_or_default().plus(*other));
            }
        }
        sums
    }

    pub(super) fn minus(&self, other: &Self) -> Self {
        self.plus(&other.negated())
    }

    pub(super) fn negated(&self) -> Self {
        Self(self.0.map(|sum| sum.map(Sum::negated)))
    }

    /// Leaves out the rates of which nothing is left.
    pub(super) fn without_zeros(self) -> Self {
        Self(self.0.map(|sum| sum.filter(|sum| !sum.is_zero())))
    }

    /// This difference, but where a rate had something `before` and has nothing `after`, what was `stated` is taken back:
    /// however it was rounded, nothing is to remain.
    pub(super) fn taking_back(mut self, stated: &Self, before: &Self, after: &Self) -> Self {
        let is_zero = |sums: &Self, place: usize| sums.0[place].is_none_or(Sum::is_zero);
        for place in 0..Field::COUNT {
            if let Some(stated) = stated.0[place]
                && !is_zero(before, place)
                && is_zero(after, place)
            {
                self.0[place] = Some(stated.negated());
            }
        }
        self
    }

    /// Forgets the tax in złoty: what is left of several invoices is converted by its own rate of exchange.
    pub(super) fn without_zloty(mut self) -> Self {
        for sum in self.0.iter_mut().flatten() {
            sum.zloty = Decimal::ZERO;
        }
        self
    }

    /// States the Polish tax in złoty too: each sum × rate of exchange, in full grosze (art. 106e ust. 11, art. 31a of the
    /// VAT Act). `false` if there is such tax and no rate.
    pub(super) fn convert(&mut self, exchange_rate: Option<Decimal>) -> bool {
        let mut is_complete = true;
        for (place, sum) in self.0.iter_mut().enumerate() {
            let Some(sum) = sum else { continue };
            if place > Field::Taxi as usize {
                continue;
            }
            match exchange_rate {
                Some(rate) => sum.zloty = round(sum.vat * rate),
                None => is_complete &= sum.vat.is_zero(),
            }
        }
        is_complete
    }

    /// Net and tax of everything: `P_15`.
    pub(super) fn gross(&self) -> Decimal {
        self.0.iter().flatten().map(|sum| sum.net + sum.vat).sum()
    }

    /// The fields that state it.
    pub(super) fn totals(&self, is_in_zloty: bool) -> Totals {
        totals(|field| self.0[field as usize], is_in_zloty)
    }
}

/// Values by tax, before a tax is computed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Groups(Vec<(Tax, Decimal)>);

impl Groups {
    pub(super) fn add(&mut self, tax: Tax, value: Decimal) {
        match self.0.iter_mut().find(|(other, _)| *other == tax) {
            Some((_, sum)) => *sum += value,
            None => self.0.push((tax, value)),
        }
    }

    /// What an order comes to with tax, by rate. Lines without a value share what the others leave of the whole.
    pub(super) fn of_order(order: &Order) -> Self {
        let mut groups = Self::default();
        let mut without_value = None;
        let lines = order.lines.iter().filter(|line| !line.before_correction);
        for line in lines {
            let tax = Tax::of_order_line(line);
            match &line.net {
                Some(net) => {
                    let vat = line.vat.as_ref().map_or(Decimal::ZERO, Amount::value);
                    groups.add(tax, net.value() + vat);
                }
                None => without_value = Some(tax),
            }
        }
        let rest = order.gross.value() - groups.gross();
        if let Some(tax) = without_value.filter(|_| rest > Decimal::ZERO) {
            groups.add(tax, rest);
        }
        groups
    }

    pub(super) fn gross(&self) -> Decimal {
        self.0.iter().map(|(_, gross)| gross).sum()
    }

    pub(super) fn taxes(&self) -> impl Iterator<Item = &Tax> {
        self.0.iter().map(|(tax, _)| tax)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::invoice::model::VatRate;

    fn groups(parts: &[(VatRate, i64)]) -> Groups {
        let mut groups = Groups::default();
        for (rate, gross) in parts {
            groups.add(Tax::from(*rate), Decimal::new(*gross, 2));
        }
        groups
    }

    /// The Ministry's example of an advance correction: 10 000 of an order of 375 150.
    #[test]
    fn a_payment_is_spread_in_proportion() {
        let order = groups(&[
            (VatRate::Percent8, 36_900_000),
            (VatRate::Percent23, 615_000),
        ]);
        let sums = Sums::of_payment(Decimal::from(10_000), &order);
        let totals = sums.totals(true);
        let basic = totals.basic.unwrap();
        let reduced = totals.first_reduced.unwrap();
        assert_eq!(
            [&basic.net, &basic.vat, &reduced.net, &reduced.vat].map(ToString::to_string),
            ["133.28", "30.65", "9107.47", "728.60"]
        );
        assert_eq!(sums.gross(), Decimal::from(10_000));
    }

    #[test]
    fn what_rounding_leaves_goes_to_the_largest_share() {
        let order = groups(&[
            (VatRate::Percent5, 100),
            (VatRate::Percent8, 100),
            (VatRate::Percent23, 101),
        ]);
        let sums = Sums::of_payment(Decimal::new(1, 2), &order);
        assert_eq!(sums.gross(), Decimal::new(1, 2));
    }
}
