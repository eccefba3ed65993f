//! Amounts that keep the digits they were read with.

use core::fmt;
use core::str::FromStr;

use rust_decimal::Decimal;
use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic};

/// An exact decimal number and the way it was written: `2051` and `2051.00` are equal in value, and each is written
/// back as it was read.
///
/// Comparison and hashing go by the value.
#[derive(Clone)]
pub struct Amount {
    value: Decimal,
    lexical: Box<str>,
}

impl Amount {
    /// Reads `[+-]digits[.digits]` with at most 28 significant digits; surrounding white space is dropped.
    ///
    /// # Errors
    /// [`AmountError`] for anything else: exponents, thousands separators, a decimal comma.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let lexical = text.trim_matches([' ', '\t', '\r', '\n']);
        let digits = lexical.strip_prefix(['+', '-']).unwrap_or(lexical);
        let legal = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
            && digits.bytes().filter(|b| *b == b'.').count() <= 1
            && digits.bytes().any(|b| b.is_ascii_digit());
        if !legal {
            return Err(AmountError);
        }
        let value = Decimal::from_str_exact(lexical).map_err(|_| AmountError)?;
        Ok(Self {
            value,
            lexical: lexical.into(),
        })
    }

    /// The number.
    pub fn value(&self) -> Decimal {
        self.value
    }

    /// The digits as they were read.
    pub fn as_str(&self) -> &str {
        &self.lexical
    }
}

impl From<Decimal> for Amount {
    fn from(value: Decimal) -> Self {
        Self {
            value,
            lexical: value.to_string().into(),
        }
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

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lexical)
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
        assert_eq!((plain.as_str(), padded.as_str()), ("2051", "2051.00"));
        assert_eq!(
            Amount::parse("-0.10").unwrap().value(),
            Decimal::new(-10, 2)
        );
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
