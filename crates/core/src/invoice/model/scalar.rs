//! The values of the model: how each is read from text and written back.

use core::fmt;
use core::str::FromStr;
use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

use super::part::Value;
use crate::diagnostic::{Bilingual, Diagnostic};
use crate::identifier::Nip;
use crate::invoice::facts::parse_date;
use crate::invoice::validate::codes::{COUNTRY_CODES, CURRENCY_CODES, EU_COUNTRY_CODES};
use crate::invoice::{Amount, InvoiceKind};

const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

/// White space as XML Schema collapses it.
pub(super) fn collapsed(text: &str) -> Cow<'_, str> {
    let is_plain = !text.starts_with(BLANK)
        && !text.ends_with(BLANK)
        && !text.contains(['\t', '\r', '\n'])
        && !text.contains("  ");
    if is_plain {
        return text.into();
    }
    let words: Vec<_> = text.split(BLANK).filter(|word| !word.is_empty()).collect();
    words.join(" ").into()
}

/// An integer from 0 to 255, with sign and leading zeros if it likes.
pub(super) fn small_number(text: &str) -> Option<u8> {
    u8::try_from(integer(text)?).ok()
}

fn integer(text: &str) -> Option<u64> {
    let text = text.trim_matches(BLANK);
    let digits = text.strip_prefix('+').unwrap_or(text);
    // `parse` would take another plus sign.
    digits
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

/// Text as it stands, white space included.
impl Value for String {
    fn from_text(text: &str) -> Option<Self> {
        Some(text.into())
    }

    fn to_text(&self) -> Cow<'_, str> {
        self.into()
    }
}

/// `1` is yes, `2` is no.
impl Value for bool {
    fn from_text(text: &str) -> Option<Self> {
        match small_number(text)? {
            1 => Some(true),
            2 => Some(false),
            _ => None,
        }
    }

    fn to_text(&self) -> Cow<'_, str> {
        if *self { "1" } else { "2" }.into()
    }
}

/// A number of a line.
impl Value for u64 {
    fn from_text(text: &str) -> Option<Self> {
        integer(text)
    }

    fn to_text(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
}

impl Value for Amount {
    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    fn to_text(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
}

impl Value for Date {
    fn from_text(text: &str) -> Option<Self> {
        parse_date(text.trim_matches(BLANK))
    }

    fn to_text(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
}

impl Value for Nip {
    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    fn to_text(&self) -> Cow<'_, str> {
        self.to_string().into()
    }
}

impl Value for InvoiceKind {
    fn from_text(text: &str) -> Option<Self> {
        Self::from_code(&collapsed(text))
    }

    fn to_text(&self) -> Cow<'_, str> {
        self.code().into()
    }
}

/// A text that is no value of its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{expected}")]
pub struct ValueError {
    code: &'static str,
    expected: &'static str,
    expected_pl: &'static str,
}

impl Diagnostic for ValueError {
    fn code(&self) -> &'static str {
        self.code
    }

    fn message(&self) -> Bilingual {
        Bilingual::new(self.expected_pl, self.expected)
    }
}

/// An instant as FA(3) writes it: `2026-11-22T10:11:12.5+01:00`, fraction and offset as they were read. Without an offset
/// the place of the clock is unknown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DateTime(Box<str>);

impl DateTime {
    /// Reads `YYYY-MM-DDThh:mm:ss` with an optional fraction and an optional offset (`Z` or `±hh:mm`).
    ///
    /// # Errors
    /// [`ValueError`] `datetime-malformed` for anything else.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let text = text.trim_matches(BLANK);
        if crate::invoice::validate::is_instant(text) {
            Ok(Self(text.into()))
        } else {
            Err(ValueError {
                code: "datetime-malformed",
                expected: "an instant is written YYYY-MM-DDThh:mm:ss, with Z or an offset",
                expected_pl: "chwilę zapisuje się jako RRRR-MM-DDThh:mm:ss, z literą Z albo przesunięciem",
            })
        }
    }

    /// The instant, if the offset is known.
    pub fn timestamp(&self) -> Option<Timestamp> {
        self.0.parse().ok()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Timestamp> for DateTime {
    /// In UTC, to the second.
    fn from(instant: Timestamp) -> Self {
        Self(instant.strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into())
    }
}

impl Value for DateTime {
    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    fn to_text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }
}

/// A whole number of any size, as it was read: the schema sets no limit to the number of days in a payment term.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WholeNumber(Box<str>);

impl WholeNumber {
    /// Reads digits with an optional sign.
    ///
    /// # Errors
    /// [`ValueError`] `integer-malformed` for anything else.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let text = text.trim_matches(BLANK);
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.into()))
        } else {
            Err(ValueError {
                code: "integer-malformed",
                expected: "a whole number is written with digits and an optional sign",
                expected_pl: "liczbę całkowitą zapisuje się cyframi, opcjonalnie ze znakiem",
            })
        }
    }

    /// The number, if it is no larger than an `i64`.
    pub fn value(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The digits as they were read.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<i64> for WholeNumber {
    fn from(value: i64) -> Self {
        Self(value.to_string().into())
    }
}

impl Value for WholeNumber {
    fn from_text(text: &str) -> Option<Self> {
        Self::parse(text).ok()
    }

    fn to_text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }
}

macro_rules! listed_code {
    ($(#[$meta:meta])* $name:ident, $list:expr, $code:literal, $expected:literal, $expected_pl:literal) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(&'static str);

        impl $name {
            /// The code, if the schema lists it.
            ///
            /// # Errors
            #[doc = concat!("[`ValueError`] `", $code, "` for anything else.")]
            pub fn parse(code: &str) -> Result<Self, ValueError> {
                let list: &[&'static str] = $list;
                list.binary_search(&code).map(|index| Self(list[index])).map_err(|_| ValueError {
                    code: $code,
                    expected: $expected,
                    expected_pl: $expected_pl,
                })
            }

            /// All codes of the list, sorted.
            pub fn all() -> impl Iterator<Item = Self> {
                let list: &[&'static str] = $list;
                list.iter().copied().map(Self)
            }

            /// The code.
            pub fn as_str(self) -> &'static str {
                self.0
            }
        }

        impl Value for $name {
            fn from_text(text: &str) -> Option<Self> {
                Self::parse(text).ok()
            }

            fn to_text(&self) -> Cow<'_, str> {
                self.0.into()
            }
        }
    };
}

listed_code!(
    /// A country, ISO 3166-1 alpha-2 and the few codes the Ministry adds (`etd:TKodKraju`).
    CountryCode, COUNTRY_CODES, "country-code-unknown",
    "the schema lists no country of this code", "schemat nie zna kraju o tym kodzie"
);
listed_code!(
    /// The country prefix of an EU VAT number; `EL` is Greece, `XI` Northern Ireland (`TKodyKrajowUE`).
    EuCountryCode, EU_COUNTRY_CODES, "eu-country-code-unknown",
    "the schema lists no EU VAT prefix of this code", "schemat nie zna prefiksu VAT UE o tym kodzie"
);
listed_code!(
    /// A currency, ISO 4217 (`TKodWaluty`).
    CurrencyCode, CURRENCY_CODES, "currency-code-unknown",
    "the schema lists no currency of this code", "schemat nie zna waluty o tym kodzie"
);

impl CurrencyCode {
    /// The złoty.
    pub const PLN: Self = Self("PLN");
}

impl CountryCode {
    /// Poland.
    pub const PL: Self = Self("PL");
}

macro_rules! text_form {
    ($($name:ident),*) => {
        $(
            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.pad(self.as_str())
                }
            }

            impl FromStr for $name {
                type Err = ValueError;

                fn from_str(text: &str) -> Result<Self, ValueError> {
                    Self::parse(text)
                }
            }
        )*
    };
}

text_form!(
    DateTime,
    WholeNumber,
    CountryCode,
    EuCountryCode,
    CurrencyCode
);

/// Shows no content.
impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DateTime(…)")
    }
}

/// Shows no content.
impl fmt::Debug for WholeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WholeNumber(…)")
    }
}
