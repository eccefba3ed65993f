//! What is sold: one line of an invoice or of an order, before it has a number.

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::error::BuildError;
use super::tax::{Tax, money, round};
use crate::invoice::Amount;
use crate::invoice::model::{Gtu, Line, OrderLine, OrderProcedure, Procedure, VatRate};

/// Amounts beyond this are refused: they leave no room for exact sums (the schema ends at 16 digits before the point).
const MOST: Decimal = Decimal::from_parts(0x107A_4000, 0x5AF3, 0, false, 0);

/// One line: goods or a service, its price, and how it is taxed.
///
/// Amounts are whole numbers, [`Amount`]s or [`Decimal`]s; binary fractions are not taken. The value of a line is quantity
/// × price less discount, in full hundredths.
///
/// ```
/// use ksef_offline_core::invoice::Amount;
/// use ksef_offline_core::invoice::builder::Item;
/// use ksef_offline_core::invoice::model::{Gtu, VatRate};
///
/// let price = Amount::parse("1626.01")?;
/// let item = Item::net("lodówka Zimnotech mk1", price, VatRate::Percent23)
///     .quantity(10, "szt.")
///     .cn("8418 21 91")
///     .gtu(Gtu::Gtu06);
/// # Ok::<(), ksef_offline_core::invoice::AmountError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use = "an item belongs into a draft"]
pub struct Item {
    line: Line,
    price: Price,
    tax: Tax,
    discount: Discount,
}

/// What a price contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    Net,
    Gross,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Price {
    basis: Basis,
    /// Of one unit, or of all without a word on quantity and price.
    amount: Amount,
    is_whole: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Discount {
    None,
    /// Off the price of each unit.
    Unit(Decimal),
    /// Off the whole line.
    Line(Decimal),
}

/// A line is invoice content: `Debug` does not show it.
impl core::fmt::Debug for Item {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Item").finish_non_exhaustive()
    }
}

impl Item {
    /// One unit at a price without tax (`P_9A`, `P_11`).
    pub fn net(
        name: impl Into<String>,
        unit_price: impl Into<Amount>,
        tax: impl Into<Tax>,
    ) -> Self {
        Self::new(name, Basis::Net, unit_price.into(), tax.into(), false)
    }

    /// One unit at a price that contains the tax (`P_9B`, `P_11A`; art. 106e ust. 7 and 8 of the VAT Act). All lines of an
    /// invoice must then be of this kind.
    pub fn gross(
        name: impl Into<String>,
        unit_price: impl Into<Amount>,
        tax: impl Into<Tax>,
    ) -> Self {
        Self::new(name, Basis::Gross, unit_price.into(), tax.into(), false)
    }

    /// One unit under the margin scheme: the price contains a tax that is not shown (art. 106e ust. 2 and 3 of the VAT Act).
    pub fn margin(name: impl Into<String>, unit_price: impl Into<Amount>) -> Self {
        Self::gross(name, unit_price, Tax::Margin)
    }

    /// A value without tax, and no quantity or price (`P_11`): collective lines, such as "all energy".
    pub fn net_value(
        name: impl Into<String>,
        value: impl Into<Amount>,
        tax: impl Into<Tax>,
    ) -> Self {
        Self::new(name, Basis::Net, value.into(), tax.into(), true)
    }

    /// A value that contains the tax, and no quantity or price (`P_11A`).
    pub fn gross_value(
        name: impl Into<String>,
        value: impl Into<Amount>,
        tax: impl Into<Tax>,
    ) -> Self {
        Self::new(name, Basis::Gross, value.into(), tax.into(), true)
    }

    fn new(
        name: impl Into<String>,
        basis: Basis,
        amount: Amount,
        tax: Tax,
        is_whole: bool,
    ) -> Self {
        let line = Line {
            name: Some(name.into()),
            quantity: (!is_whole).then(|| 1.into()),
            ..Line::default()
        };
        Self {
            line,
            price: Price {
                basis,
                amount,
                is_whole,
            },
            tax,
            discount: Discount::None,
        }
    }

    /// How many, and of what (`P_8B`, `P_8A`): at most 6 decimal places.
    pub fn quantity(mut self, quantity: impl Into<Amount>, unit: impl Into<String>) -> Self {
        self.line.quantity = Some(quantity.into());
        self.line.unit = Some(unit.into());
        self
    }

    /// A discount off the price of each unit (`P_10`), as in the Ministry's example: 20 × (1000 − 100). In the same kind of
    /// price, net or gross.
    pub fn unit_discount(mut self, discount: impl Into<Amount>) -> Self {
        self.line.discount = Some(discount.into());
        self.discount = Discount::Unit(self.discount_value());
        self
    }

    /// A discount off the whole line (`P_10`): 20 × 1000 − 100.
    pub fn discount(mut self, discount: impl Into<Amount>) -> Self {
        self.line.discount = Some(discount.into());
        self.discount = Discount::Line(self.discount_value());
        self
    }

    fn discount_value(&self) -> Decimal {
        self.line
            .discount
            .as_ref()
            .map_or(Decimal::ZERO, Amount::value)
    }

    /// When this line was delivered or done, where lines differ (`P_6A`).
    pub fn delivered_on(mut self, date: Date) -> Self {
        self.line.delivery_date = Some(date);
        self
    }

    /// Goods or service of annex 15 to the VAT Act (`P_12_Zal_15`): over 15 000 złoty split payment is mandatory.
    pub fn annex_15(mut self) -> Self {
        self.line.annex_15 = true;
        self
    }

    /// Group of goods or services for the VAT record (`GTU`).
    pub fn gtu(mut self, group: Gtu) -> Self {
        self.line.gtu = Some(group);
        self
    }

    /// Special procedure (`Procedura`). [`Procedure::TtD`] marks the whole invoice as a triangular transaction (`P_23`).
    pub fn procedure(mut self, procedure: Procedure) -> Self {
        self.line.procedure = Some(procedure);
        self
    }

    /// Excise duty in the price (`KwotaAkcyzy`).
    pub fn excise(mut self, duty: impl Into<Amount>) -> Self {
        self.line.excise = Some(duty.into());
        self
    }
}

macro_rules! texts {
    ($($(#[$meta:meta])* $name:ident;)*) => {
        impl Item {
            $(
                $(#[$meta])*
                pub fn $name(mut self, text: impl Into<String>) -> Self {
                    self.line.$name = Some(text.into());
                    self
                }
            )*
        }
    };
}

texts! {
    /// The line's own unique number (`UU_ID`), at most 50 characters.
    id;
    /// The seller's own code or a further description (`Indeks`), at most 50 characters.
    index;
    /// Global Trade Item Number (`GTIN`), at most 20 characters.
    gtin;
    /// Polish classification of goods and services (`PKWiU`), at most 50 characters.
    pkwiu;
    /// Combined Nomenclature (`CN`), at most 50 characters.
    cn;
    /// Polish classification of buildings (`PKOB`), at most 50 characters.
    pkob;
}

impl Item {
    pub(super) fn tax(&self) -> &Tax {
        &self.tax
    }

    pub(super) fn basis(&self) -> Basis {
        self.price.basis
    }

    pub(super) fn is_annex_15(&self) -> bool {
        self.line.annex_15
    }

    pub(super) fn has_procedure(&self, procedure: Procedure) -> bool {
        self.line.procedure == Some(procedure)
    }

    pub(super) fn has_delivery_date(&self) -> bool {
        self.line.delivery_date.is_some()
    }

    /// Quantity × price less discount, in full hundredths.
    fn value(&self) -> Result<Decimal, BuildError> {
        let price = self.price.amount.value();
        let counted = self.line.quantity.as_ref().filter(|_| !self.price.is_whole);
        let quantity = counted.map_or(Decimal::ONE, Amount::value);
        let value = match self.discount {
            Discount::None => quantity.checked_mul(price),
            Discount::Unit(off) => price
                .checked_sub(off)
                .and_then(|price| quantity.checked_mul(price)),
            Discount::Line(off) => quantity
                .checked_mul(price)
                .and_then(|whole| whole.checked_sub(off)),
        };
        value
            .map(round)
            .ok_or(BuildError::AmountTooLarge)
            .and_then(bounded)
    }

    /// The line of an invoice, the `number`th.
    pub(super) fn to_line(&self, number: u64, has_own_tax: bool) -> Result<Line, BuildError> {
        self.check(number)?;
        let value = self.value()?;
        let mut line = Line {
            number,
            rate: self.tax.rate(),
            oss_rate: self.tax.oss_rate(),
            ..self.line.clone()
        };
        let price = (!self.price.is_whole).then(|| self.price.amount.clone());
        let vat = match self.price.basis {
            Basis::Net => {
                (line.net_price, line.net) = (price, Some(money(value)));
                self.tax.on_net(value)
            }
            Basis::Gross => {
                (line.gross_price, line.gross) = (price, Some(money(value)));
                self.tax.in_gross(value)
            }
        };
        if has_own_tax && (self.tax.field().has_polish_tax() || self.tax.oss_rate().is_some()) {
            line.vat = Some(money(vat));
        }
        Ok(line)
    }

    /// The line of an order, the `number`th, and what it comes to with tax. An order states net prices only: of others,
    /// and of those with a discount, the price is left out.
    pub(super) fn to_order_line(&self, number: u64) -> Result<(OrderLine, Decimal), BuildError> {
        self.check(number)?;
        let value = self.value()?;
        let (net, vat) = match self.price.basis {
            Basis::Net => (value, self.tax.on_net(value)),
            Basis::Gross => {
                let vat = self.tax.in_gross(value);
                (value - vat, vat)
            }
        };
        let is_margin = self.tax == Tax::Margin;
        let has_tax = self.tax.field().has_polish_tax() || self.tax.oss_rate().is_some();
        let shows_price = self.price.basis == Basis::Net
            && !self.price.is_whole
            && self.discount == Discount::None;
        let line = self.line.clone();
        let procedure = line.procedure.map(order_procedure);
        let order_line = OrderLine {
            number,
            id: line.id,
            name: line.name,
            index: line.index,
            gtin: line.gtin,
            pkwiu: line.pkwiu,
            cn: line.cn,
            pkob: line.pkob,
            unit: line.unit,
            quantity: line.quantity,
            net_price: shows_price.then(|| self.price.amount.clone()),
            net: (!is_margin).then(|| money(net)),
            vat: has_tax.then(|| money(vat)),
            rate: self.tax.rate(),
            oss_rate: self.tax.oss_rate(),
            annex_15: line.annex_15,
            gtu: line.gtu,
            procedure: procedure.transpose().map_err(|NotOfAnOrder| {
                BuildError::ProcedureContradictsRate {
                    line: place(number),
                }
            })?,
            excise: line.excise,
            before_correction: false,
        };
        Ok((order_line, net + vat))
    }

    /// Refuses what contradicts the rate. Source: FA(3), descriptions of `TGTU`, `TOznaczenieProcedury` and
    /// `TStawkaPodatku`; § 10 ust. 3 and 4 of the regulation on `JPK_VAT`.
    fn check(&self, number: u64) -> Result<(), BuildError> {
        let line = place(number);
        if self.tax == Tax::Margin && self.price.basis == Basis::Net {
            return Err(BuildError::MarginNetPrice { line });
        }
        let is_supply_abroad =
            self.tax.is(VatRate::ZeroIntraCommunity) || self.tax.is(VatRate::ZeroExport);
        let contradicts = match self.line.gtu {
            Some(Gtu::Gtu11 | Gtu::Gtu12 | Gtu::Gtu13) => is_supply_abroad,
            Some(_) => self.tax.is(VatRate::EuServices),
            None => false,
        };
        if contradicts {
            return Err(BuildError::GtuContradictsRate { line });
        }
        let contradicts = match self.line.procedure {
            Some(Procedure::I42 | Procedure::I63) => !self.tax.is(VatRate::ZeroIntraCommunity),
            Some(Procedure::TtD) => {
                !self.tax.is(VatRate::OutsideCountry) && !self.tax.is(VatRate::EuServices)
            }
            _ => false,
        };
        if contradicts {
            return Err(BuildError::ProcedureContradictsRate { line });
        }
        Ok(())
    }
}

fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// An amount that leaves room for exact sums.
pub(super) fn bounded(amount: Decimal) -> Result<Decimal, BuildError> {
    if amount.abs() > MOST {
        Err(BuildError::AmountTooLarge)
    } else {
        Ok(amount)
    }
}

/// A procedure that orders do not have.
struct NotOfAnOrder;

fn order_procedure(procedure: Procedure) -> Result<OrderProcedure, NotOfAnOrder> {
    match procedure {
        Procedure::WstoEe => Ok(OrderProcedure::WstoEe),
        Procedure::Ied => Ok(OrderProcedure::Ied),
        Procedure::TtD => Ok(OrderProcedure::TtD),
        Procedure::BSpv => Ok(OrderProcedure::BSpv),
        Procedure::BSpvDelivery => Ok(OrderProcedure::BSpvDelivery),
        Procedure::BMpvCommission => Ok(OrderProcedure::BMpvCommission),
        Procedure::I42 | Procedure::I63 => Err(NotOfAnOrder),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        Amount::parse(text).unwrap()
    }

    #[test]
    fn the_bound_is_a_hundred_million_million() {
        assert_eq!(MOST, Decimal::from(100_000_000_000_000_i64));
    }

    #[test]
    fn discounts_are_off_the_unit_or_off_the_line() {
        let item = Item::net("zamrażarka", 1000, VatRate::Percent23).quantity(20, "szt.");
        let value = |item: &Item| item.to_line(1, false).unwrap().net.unwrap().to_string();
        assert_eq!(value(&item.clone().unit_discount(100)), "18000.00");
        assert_eq!(value(&item.discount(100)), "19900.00");
    }

    #[test]
    fn a_value_is_rounded_once() {
        let item =
            Item::net("drut", amount("0.335"), VatRate::Percent23).quantity(amount("3"), "m");
        assert_eq!(
            item.to_line(1, false).unwrap().net.unwrap().to_string(),
            "1.01"
        );
    }

    #[test]
    fn amounts_without_room_for_exact_sums_are_refused() {
        let item = Item::net("x", 10_000_000_000, VatRate::Percent23);
        let refusal = item.clone().quantity(10_001, "szt.").to_line(1, false);
        assert_eq!(refusal.err(), Some(BuildError::AmountTooLarge));
        assert!(item.quantity(10_000, "szt.").to_line(1, false).is_ok());
        let huge = amount("99999999999999999999999999");
        assert!(
            Item::net("x", huge.clone(), VatRate::Percent23)
                .quantity(huge, "szt.")
                .to_line(1, false)
                .is_err()
        );
    }

    #[test]
    fn an_order_states_what_a_gross_price_contains() {
        let (line, gross) = Item::gross("tort", 123, VatRate::Percent23)
            .to_order_line(1)
            .unwrap();
        assert_eq!(gross, Decimal::from(123));
        assert_eq!(line.net.unwrap().to_string(), "100.00");
        assert_eq!(line.vat.unwrap().to_string(), "23.00");
        assert!(line.net_price.is_none());
    }

    #[test]
    fn codes_that_contradict_the_rate_are_refused() {
        let service = Item::net("x", 1, VatRate::ZeroIntraCommunity).gtu(Gtu::Gtu12);
        assert_eq!(
            service.to_line(3, false).err(),
            Some(BuildError::GtuContradictsRate { line: 3 })
        );
        let import = Item::net("x", 1, VatRate::Percent23).procedure(Procedure::I42);
        assert_eq!(
            import.to_line(1, false).err(),
            Some(BuildError::ProcedureContradictsRate { line: 1 })
        );
        let margin = Item::net("x", 1, Tax::Margin);
        assert_eq!(
            margin.to_line(2, false).err(),
            Some(BuildError::MarginNetPrice { line: 2 })
        );
    }
}
