//! The JSON of the model: what is absent is left out, values with a text form stand as strings, amounts too: a JSON number
//! would lose its digits on the way.

use core::fmt;

use serde::de::{Error, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::scalar::{CountryCode, CurrencyCode, DateTime, EuCountryCode, WholeNumber};
use crate::identifier::Nip;
#[cfg(feature = "json-schema")]
use crate::invoice::validate::codes::{COUNTRY_CODES, CURRENCY_CODES, EU_COUNTRY_CODES};
use crate::invoice::{Amount, InvoiceKind};

/// Whether a field is left out of JSON.
pub(super) fn is_absent<T: MaybeAbsent>(value: &T) -> bool {
    value.is_absent()
}

/// What may have nothing to say.
pub(super) trait MaybeAbsent {
    fn is_absent(&self) -> bool {
        false
    }
}

impl<T> MaybeAbsent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T> MaybeAbsent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
}

impl MaybeAbsent for bool {
    fn is_absent(&self) -> bool {
        !self
    }
}

impl MaybeAbsent for String {}
impl MaybeAbsent for u64 {}
impl MaybeAbsent for jiff::civil::Date {}

macro_rules! as_text {
    ($($name:ident: $keyword:literal $limit:expr, $expected:literal;)*) => {
        $(
            impl MaybeAbsent for $name {}

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    struct Text;

                    impl Visitor<'_> for Text {
                        type Value = $name;

                        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                            f.write_str($expected)
                        }

                        // The text is content and is not quoted.
                        fn visit_str<E: Error>(self, text: &str) -> Result<$name, E> {
                            let parsed = unspaced(text).and_then(|text| text.parse().ok());
                            parsed.ok_or_else(|| E::invalid_value(Unexpected::Other("this text"), &self))
                        }
                    }

                    deserializer.deserialize_str(Text)
                }
            }

            #[cfg(feature = "json-schema")]
            impl schemars::JsonSchema for $name {
                fn schema_name() -> std::borrow::Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                    schemars::json_schema!({ "type": "string", $keyword: $limit, "description": $expected })
                }
            }
        )*
    };
}

as_text! {
    Nip: "pattern" r"^[1-9]([0-9][1-9]|[1-9][0-9])[0-9]{7}$", "a NIP of ten digits";
    DateTime: "pattern" r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\.[0-9]+)?(Z|[+-][0-9:]{5})?$", "an instant YYYY-MM-DDThh:mm:ssZ";
    WholeNumber: "pattern" "^[+-]?[0-9]+$", "a whole number in digits";
    CountryCode: "enum" COUNTRY_CODES, "a country code of two capital letters";
    EuCountryCode: "enum" EU_COUNTRY_CODES, "an EU VAT prefix of two capital letters";
    CurrencyCode: "enum" CURRENCY_CODES, "a currency code of three capital letters";
}

/// The text, unless there is white space around it: XML collapses that, JSON has no reason to bring it.
fn unspaced(text: &str) -> Option<&str> {
    let is_outer = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
    let bytes = text.as_bytes();
    (!is_outer(bytes.first()) && !is_outer(bytes.last())).then_some(text)
}

impl MaybeAbsent for Amount {}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Amount;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal number as a string, such as \"12.30\"")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Amount, E> {
                let parsed = unspaced(text).and_then(|text| Amount::parse(text).ok());
                parsed.ok_or_else(|| E::invalid_value(Unexpected::Other("this text"), &self))
            }
        }

        deserializer.deserialize_str(Text)
    }
}

#[cfg(feature = "json-schema")]
impl schemars::JsonSchema for Amount {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Amount".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": r"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$",
            "description": "an exact decimal number as a string, its digits kept; a JSON number is refused",
        })
    }
}

impl MaybeAbsent for InvoiceKind {}

/// As the schema writes it: `KOR_ZAL`.
impl Serialize for InvoiceKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for InvoiceKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::from_code(&code).ok_or_else(|| {
            D::Error::invalid_value(
                Unexpected::Other("this text"),
                &"one of VAT, KOR, ZAL, ROZ, UPR, KOR_ZAL, KOR_ROZ",
            )
        })
    }
}

#[cfg(feature = "json-schema")]
impl schemars::JsonSchema for InvoiceKind {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "InvoiceKind".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let codes = Self::ALL.map(Self::code);
        schemars::json_schema!({ "type": "string", "enum": codes, "description": "kind of invoice (RodzajFaktury)" })
    }
}
