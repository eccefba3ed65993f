//! The lines of a correction: how they were, how they are, and how that is written.

use rust_decimal::Decimal;

use super::super::error::BuildError;
use super::super::frame::Frame;
use super::super::item::{Item, bounded};
use super::super::tax::{Tax, money, round};
use crate::invoice::Amount;
use crate::invoice::model::Line;

/// A change of one line.
#[derive(Clone)]
pub(super) enum Change {
    /// The line is this.
    Replace(u64, Box<Item>),
    /// There were so many.
    Quantity(u64, Amount),
    /// One cost so much.
    Price(u64, Amount),
    /// The line falls away.
    Remove(u64),
    /// A line that was missing.
    Add(Box<Item>),
    /// A line of an invoice that is not at hand: so it was, so it is.
    Pair(Box<Item>, Box<Item>),
}

/// One line before and after the correction.
#[derive(Clone)]
pub(super) struct Changed {
    pub(super) before: Option<Line>,
    pub(super) after: Line,
}

/// The lines of the corrected invoice with what has become of them.
pub(super) struct Ledger<'f> {
    frame: &'f Frame,
    lines: Vec<Changed>,
    /// Which lines were changed.
    is_changed: Vec<bool>,
}

impl<'f> Ledger<'f> {
    /// Starts from the lines as they were.
    pub(super) fn new(frame: &'f Frame, lines: &[Line]) -> Self {
        let unchanged = |line: &Line| Changed {
            before: Some(line.clone()),
            after: line.clone(),
        };
        Self {
            frame,
            lines: lines.iter().map(unchanged).collect(),
            is_changed: vec![false; lines.len()],
        }
    }

    pub(super) fn apply(&mut self, change: &Change) -> Result<(), BuildError> {
        match change {
            Change::Replace(number, item) => {
                let place = self.place(*number)?;
                let mut after = self.frame.line(item, *number)?;
                if let Some(before) = &self.lines[place].before {
                    after.id = after.id.or_else(|| before.id.clone());
                    after.delivery_date = after.delivery_date.or(before.delivery_date);
                }
                self.set(place, after);
            }
            Change::Quantity(number, quantity) => {
                let place = self.place(*number)?;
                let after = repriced(&self.lines[place].after, Some(quantity), None);
                self.set(
                    place,
                    after.ok_or(BuildError::LineWithoutValue { line: *number })??,
                );
            }
            Change::Price(number, price) => {
                let place = self.place(*number)?;
                let after = repriced(&self.lines[place].after, None, Some(price));
                self.set(
                    place,
                    after.ok_or(BuildError::LineWithoutValue { line: *number })??,
                );
            }
            Change::Remove(number) => {
                let place = self.place(*number)?;
                let after = nothing_of(&self.lines[place].after);
                self.set(place, after);
            }
            Change::Add(item) => {
                let after = self.frame.line(item, self.next_number())?;
                self.push(None, after);
            }
            Change::Pair(before, after) => {
                let number = self.next_number();
                let before = self.frame.line(before, number)?;
                let after = self.frame.line(after, number)?;
                self.push(Some(before), after);
            }
        }
        Ok(())
    }

    /// Nothing of any line is left.
    pub(super) fn remove_all(&mut self) {
        for place in 0..self.lines.len() {
            let after = nothing_of(&self.lines[place].after);
            self.set(place, after);
        }
    }

    /// Shows every line, changed or not: where the value of the order stays and the rest to pay does not, that is how it is
    /// confirmed (FA(3), description of `FaWiersz`).
    pub(super) fn show_all(&mut self) {
        self.is_changed.fill(true);
    }

    fn place(&self, number: u64) -> Result<usize, BuildError> {
        let places = self.lines.iter().zip(&self.is_changed);
        let mut places = places.enumerate().filter(|(_, (changed, _))| {
            changed
                .before
                .as_ref()
                .is_some_and(|line| line.number == number)
        });
        match (places.next(), places.next()) {
            (Some((place, (_, false))), None) => Ok(place),
            _ => Err(BuildError::LineUnknown { line: number }),
        }
    }

    fn set(&mut self, place: usize, after: Line) {
        self.lines[place].after = after;
        self.is_changed[place] = true;
    }

    fn push(&mut self, before: Option<Line>, after: Line) {
        self.lines.push(Changed { before, after });
        self.is_changed.push(true);
    }

    fn next_number(&self) -> u64 {
        self.lines
            .iter()
            .map(|changed| changed.after.number)
            .max()
            .unwrap_or(0)
            .saturating_add(1)
    }

    /// All lines as they were.
    pub(super) fn before(&self) -> impl Iterator<Item = &Line> {
        self.lines
            .iter()
            .filter_map(|changed| changed.before.as_ref())
    }

    /// All lines as they are.
    pub(super) fn after(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().map(|changed| &changed.after)
    }

    fn changed(&self) -> impl Iterator<Item = &Changed> {
        let lines = self.lines.iter().zip(&self.is_changed);
        lines.filter_map(|(changed, is_changed)| is_changed.then_some(changed))
    }

    /// Refuses lines with another kind of price than the rest, and changed lines of no value to compare.
    pub(super) fn check(&self) -> Result<(), BuildError> {
        let mut is_net = None;
        for line in self
            .before()
            .chain(self.changed().map(|changed| &changed.after))
        {
            let has_net = line.net.is_some();
            if has_net || line.gross.is_some() {
                if *is_net.get_or_insert(has_net) != has_net {
                    let line = usize::try_from(line.number).unwrap_or(usize::MAX);
                    return Err(BuildError::MixedPrices { line });
                }
            } else if self
                .changed()
                .any(|changed| changed.after.number == line.number)
            {
                return Err(BuildError::LineWithoutValue { line: line.number });
            }
        }
        Ok(())
    }

    /// The lines to write, each before and after the correction under the same number, as in the Ministry's examples.
    pub(super) fn pairs(&self) -> Vec<Line> {
        self.changed().flat_map(pair).collect()
    }

    /// The lines to write, each as the difference the correction makes (FA(3), description of `FaWiersz`).
    pub(super) fn differences(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        for changed in self.changed() {
            match &changed.before {
                None => lines.push(changed.after.clone()),
                Some(before) if Tax::of_line(before) != Tax::of_line(&changed.after) => {
                    lines.extend([
                        difference(before, &nothing_of(before)),
                        changed.after.clone(),
                    ]);
                }
                Some(before) if value_of(before) == value_of(&changed.after) => {
                    lines.extend(pair(changed));
                }
                Some(before) => lines.push(difference(before, &changed.after)),
            }
        }
        lines
    }
}

fn pair(changed: &Changed) -> impl Iterator<Item = Line> + use<> {
    let before = changed.before.clone().map(|line| Line {
        before_correction: true,
        ..line
    });
    before.into_iter().chain([changed.after.clone()])
}

fn value_of(line: &Line) -> Option<Decimal> {
    line.net.as_ref().or(line.gross.as_ref()).map(Amount::value)
}

fn value(amount: Option<&Amount>) -> Decimal {
    amount.map_or(Decimal::ZERO, Amount::value)
}

/// What a correction made of these lines; of one that states differences it cannot be told.
pub(super) fn corrected(
    mut lines: Vec<Line>,
    correction: &[Line],
) -> Result<Vec<Line>, BuildError> {
    let has_state_before = |number: u64| {
        let mut states = correction.iter().filter(|line| line.number == number);
        states.any(|line| line.before_correction)
    };
    for now in correction.iter().filter(|line| !line.before_correction) {
        let place = lines.iter().position(|line| line.number == now.number);
        match place {
            Some(place) if has_state_before(now.number) => lines[place] = now.clone(),
            None => lines.push(now.clone()),
            Some(_) => return Err(BuildError::StateUnknown),
        }
    }
    Ok(lines)
}

/// The line with nothing of it left.
fn nothing_of(line: &Line) -> Line {
    let zero = |amount: &Option<Amount>| amount.as_ref().map(|_| money(Decimal::ZERO));
    Line {
        quantity: line.quantity.as_ref().map(|_| Amount::ZERO),
        net: zero(&line.net),
        gross: zero(&line.gross),
        vat: zero(&line.vat),
        discount: None,
        excise: None,
        ..line.clone()
    }
}

/// The line with another quantity or price, and its value by them; `None` if it states too little, its value is another
/// than quantity and price make, or it cannot be told what its discount is off.
fn repriced(
    line: &Line,
    quantity: Option<&Amount>,
    price: Option<&Amount>,
) -> Option<Result<Line, BuildError>> {
    let is_net = line.net.is_some();
    let old_price = if is_net {
        &line.net_price
    } else {
        &line.gross_price
    }
    .as_ref()?;
    let old_quantity = line.quantity.as_ref()?;
    let old_value = value_of(line)?;
    let off = value(line.discount.as_ref());
    let whole = |quantity: &Amount, price: &Amount| quantity.value().checked_mul(price.value());
    let of_the_line =
        |quantity: &Amount, price: &Amount| whole(quantity, price)?.checked_sub(off).map(round);
    let of_the_unit = |quantity: &Amount, price: &Amount| {
        let price = price.value().checked_sub(off)?;
        quantity.value().checked_mul(price).map(round)
    };
    // A discount may be off the line or off the unit, whichever explains the old value; if both do, they must agree on
    // the new one.
    let explains_line = of_the_line(old_quantity, old_price) == Some(old_value);
    let explains_unit = of_the_unit(old_quantity, old_price) == Some(old_value);
    let quantity = quantity.unwrap_or(old_quantity);
    let price = price.unwrap_or(old_price);
    let new_value = match (explains_line, explains_unit) {
        (true, false) => of_the_line(quantity, price),
        (false, true) => of_the_unit(quantity, price),
        (true, true) if of_the_line(quantity, price) == of_the_unit(quantity, price) => {
            of_the_line(quantity, price)
        }
        _ => return None,
    };
    let new_value = match new_value
        .ok_or(BuildError::AmountTooLarge)
        .and_then(bounded)
    {
        Ok(value) => value,
        Err(error) => return Some(Err(error)),
    };
    let tax = Tax::of_line(line);
    let mut after = Line {
        quantity: Some(quantity.clone()),
        ..line.clone()
    };
    let vat = if is_net {
        tax.on_net(new_value)
    } else {
        tax.in_gross(new_value)
    };
    if is_net {
        after.net_price = Some(price.clone());
        after.net = Some(money(new_value));
        after.gross = line.gross.as_ref().map(|_| money(new_value + vat));
    } else {
        after.gross_price = Some(price.clone());
        after.gross = Some(money(new_value));
    }
    after.vat = line.vat.as_ref().map(|_| money(vat));
    Some(Ok(after))
}

/// One line that says what changes. Quantity and price stand where they explain it: of another quantity the difference at
/// the same price, of another price the difference for the same quantity; else the value alone.
fn difference(before: &Line, after: &Line) -> Line {
    let minus = |after: &Option<Amount>, before: &Option<Amount>| {
        after
            .as_ref()
            .map(|_| money(value(after.as_ref()) - value(before.as_ref())))
    };
    let mut line = Line {
        net: minus(&after.net, &before.net),
        gross: minus(&after.gross, &before.gross),
        vat: minus(&after.vat, &before.vat),
        discount: None,
        excise: None,
        ..after.clone()
    };
    let same_price = after.net_price == before.net_price && after.gross_price == before.gross_price;
    let has_discount = after.discount.is_some() || before.discount.is_some();
    if has_discount || (!same_price && after.quantity != before.quantity) {
        (line.quantity, line.net_price, line.gross_price) = (None, None, None);
    } else if same_price {
        let more = value(after.quantity.as_ref()) - value(before.quantity.as_ref());
        line.quantity = after.quantity.as_ref().map(|_| more.into());
    } else {
        let dearer = |after: &Option<Amount>, before: &Option<Amount>| {
            after
                .as_ref()
                .map(|_| (value(after.as_ref()) - value(before.as_ref())).into())
        };
        line.net_price = dearer(&after.net_price, &before.net_price);
        line.gross_price = dearer(&after.gross_price, &before.gross_price);
    }
    line
}
