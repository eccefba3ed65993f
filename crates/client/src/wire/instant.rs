//! Instants as KSeF writes them: 0 to 7 fractional digits, usually with an offset.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};

/// An instant; one without an offset is taken as UTC, as the classic exceptions write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Instant(pub(crate) Timestamp);

/// An instant for a request: UTC with milliseconds. Nanoseconds are more digits than KSeF reads.
pub(crate) fn text(time: Timestamp) -> String {
    format!("{time:.3}")
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("not an instant"))
    }
}

fn parse(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| {
        let local: DateTime = text.parse().ok()?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_to_seven_fractional_digits_and_every_offset_are_read() {
        for (text, expected) in [
            ("2025-07-11T12:23:56Z", "2025-07-11T12:23:56Z"),
            ("2025-07-11T12:23:56+00:00", "2025-07-11T12:23:56Z"),
            ("2025-07-11T14:23:56.1+02:00", "2025-07-11T12:23:56.1Z"),
            ("2025-07-11T12:23:56.015Z", "2025-07-11T12:23:56.015Z"),
            ("2025-07-11T12:23:56.015430Z", "2025-07-11T12:23:56.01543Z"),
            (
                "2025-07-11T12:23:56.0154302+00:00",
                "2025-07-11T12:23:56.0154302Z",
            ),
            (
                "2025-10-11T12:23:56.0154302",
                "2025-10-11T12:23:56.0154302Z",
            ),
        ] {
            assert_eq!(parse(text).unwrap().to_string(), expected, "{text}");
        }
        assert_eq!(parse("2025-07-11 "), None);
        assert_eq!(parse("now"), None);
    }

    #[test]
    fn requests_carry_milliseconds() {
        let time = "2025-07-11T14:23:56.123456789+02:00".parse().unwrap();
        assert_eq!(text(time), "2025-07-11T12:23:56.123Z");
    }
}
