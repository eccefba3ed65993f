//! Numbers as the rules read them, from texts the schema has found legal.

use rust_decimal::Decimal;

/// A decimal of the schema. `None` only for more than 28 digits.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    Decimal::from_str_exact(trimmed(text)).ok()
}

/// A small whole number: `1`, `01` and `+1` are the same.
pub(super) fn number(text: &str) -> Option<u64> {
    trimmed(text).parse().ok()
}

/// Whether a mark or a yes-or-no field says yes.
pub(super) fn is_one(text: &str) -> bool {
    number(text) == Some(1)
}

/// A text without the white space XML allows around numbers, dates and codes.
pub(super) fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\r', '\n'])
}

/// So many hundredths of the currency.
pub(super) fn hundredths(count: u32) -> Decimal {
    Decimal::new(i64::from(count), 2)
}

/// Whether two amounts lie further apart than `tolerance`.
pub(super) fn differ(one: Decimal, other: Decimal, tolerance: Decimal) -> bool {
    (one - other).abs() > tolerance
}
