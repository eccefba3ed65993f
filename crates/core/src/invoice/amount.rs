//! Amounts that keep the digits they were read with.

use core::fmt;
use core::str::FromStr;

use rust_decimal::Decimal;
use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic};

/// An exact decimal number and the way it was written: `2051` and `2051.00` are equal in value, and each is written
/// back as it was read.
///
/// Amounts of money, prices, quantities, rates of exchange and percentages are all written this way in FA(3). Comparison
/// and order go by the value.
#[derive(Clone)]
pub struct Amount {
    value: Decimal,
    spelling: Spelling,
}

/// How an amount is written where its value does not show it: the value keeps the digits behind the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Spelling {
    sign: Sign,
    point: Point,
    /// Zeros before the first digit that the value shows.
    zeros: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// That of the value.
    Natural,
    /// `+1`
    Plus,
    /// `-0`
    NegativeZero,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Point {
    /// Between digits, or none.
    Natural,
    /// `.5`
    First,
    /// `5.`
    Last,
}

impl Spelling {
    const NATURAL: Self = Self {
        sign: Sign::Natural,
        point: Point::Natural,
        zeros: 0,
    };

    /// The spelling of a number that has been found legal.
    fn of(text: &str, value: Decimal) -> Self {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let integer = digits.split('.').next().unwrap_or_default();
        let shown = integer.trim_start_matches('0').len().max(1);
        Self {
            sign: match text.as_bytes().first() {
                Some(b'+') => Sign::Plus,
                Some(b'-') if value.is_zero() => Sign::NegativeZero,
                _ => Sign::Natural,
            },
            point: if integer.is_empty() {
                Point::First
            } else if digits.ends_with('.') {
                Point::Last
            } else {
                Point::Natural
            },
            zeros: u32::try_from(integer.len().saturating_sub(shown)).unwrap_or(u32::MAX),
        }
    }

    fn write(self, value: Decimal) -> String {
        let sign = match self.sign {
            Sign::Plus => "+",
            Sign::NegativeZero => "-",
            Sign::Natural if value.is_sign_negative() => "-",
            Sign::Natural => "",
        };
        let zeros = "0".repeat(self.zeros as usize);
        let digits = value.abs().to_string();
        match self.point {
            Point::Natural => format!("{sign}{zeros}{digits}"),
            Point::First => format!("{sign}{}", digits.trim_start_matches('0')),
            Point::Last => format!("{sign}{zeros}{digits}."),
        }
    }
}

impl Amount {
    /// Zero, written `0`.
    pub const ZERO: Self = Self {
        value: Decimal::ZERO,
        spelling: Spelling::NATURAL,
    };

    /// Reads `[+-]digits[.digits]` with at most 28 significant digits; surrounding white space is dropped.
    ///
    /// # Errors
    /// [`AmountError`] for anything else: exponents, thousands separators, a decimal comma.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let legal = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && digits.bytes().filter(|b| *b == b'.').count() <= 1
            && digits.bytes().any(|b| b.is_ascii_digit());
        if !legal {
            return Err(AmountError);
        }
        let value = Decimal::from_str_exact(text).map_err(|_| AmountError)?;
        Ok(Self {
            value,
            spelling: Spelling::of(text, value),
        })
    }

    /// The number.
    pub fn value(&self) -> Decimal {
        self.value
    }
}

impl From<Decimal> for Amount {
    fn from(value: Decimal) -> Self {
        Self {
            value,
            spelling: Spelling::NATURAL,
        }
    }
}

impl From<i64> for Amount {
    fn from(value: i64) -> Self {
        Decimal::from(value).into()
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Self, AmountError> {
        Self::parse(text)
    }
}

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl Eq for Amount {}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Amount {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

/// The digits as they were read.
impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.spelling {
            Spelling::NATURAL => self.value.fmt(f),
            spelling => f.pad(&spelling.write(self.value)),
        }
    }
}

/// Amounts are invoice content: `Debug` does not show them.
impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Amount(…)")
    }
}

/// A text that is no decimal number of at most 28 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("an amount is written with digits and at most one decimal point, at most 28 digits in all")]
pub struct AmountError;

impl Diagnostic for AmountError {
    fn code(&self) -> &'static str {
        "amount-malformed"
    }

    fn message(&self) -> Bilingual {
        Bilingual::new(
            "kwotę zapisuje się cyframi z co najwyżej jedną kropką dziesiętną, najwyżej 28 cyfr",
            self.to_string(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_and_values_compared() {
        let plain = Amount::parse("2051").unwrap();
        let padded = Amount::parse(" 2051.00\n").unwrap();
        assert_eq!(plain, padded);
        assert_eq!(
            (plain.to_string(), padded.to_string()),
            ("2051".into(), "2051.00".into())
        );
        assert_eq!(
            Amount::parse("-0.10").unwrap().value(),
            Decimal::new(-10, 2)
        );
    }

    #[test]
    fn odd_spellings_are_kept_too() {
        for text in [
            "0", "-0", "0.00", "-0.00", "+1", "007.50", ".5", "5.", "00", "-.5", "-0.5", "10.00",
            "+0", "000.0", "-00", ".0", "-.00", "0.", "-000.", "+007.", "0005", "+.50", "-012.10",
        ] {
            assert_eq!(Amount::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn an_amount_that_may_be_absent_takes_no_more_room() {
        assert_eq!(size_of::<Option<Amount>>(), size_of::<Decimal>() + 8);
    }

    #[test]
    fn other_notations_are_refused() {
        for bad in [
            "", "-", ".", "2.051e3", "2 051", "2,051", "1.2.3", "٣", "NaN", "--1",
        ] {
            assert_eq!(Amount::parse(bad), Err(AmountError), "{bad}");
        }
    }
}
