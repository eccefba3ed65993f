//! Text with a name: what a string means, for bindings whose language has a type of its own for it.

use std::path::Path;

use jiff::civil::Date;

use crate::error::KsefOfflineError;

/// A day, `YYYY-MM-DD`. Python: `datetime.date`.
pub type Day = String;
/// An instant, RFC 3339 in UTC. Python: `datetime.datetime` with its zone.
pub type Instant = String;
/// An amount of money as it is written: a decimal number. Python: `decimal.Decimal`.
pub type Amount = String;
/// A path; UTF-8. Python: `pathlib.Path`.
pub type FilePath = String;

/// `YYYY-MM-DD` and nothing else: a time or a zone behind the day would hide a mistake.
pub(crate) fn parse_day(text: &str) -> Result<Date, KsefOfflineError> {
    Date::strptime("%Y-%m-%d", text)
        .ok()
        .filter(|date| date.to_string() == text)
        .ok_or_else(|| {
            KsefOfflineError::argument(
                "date-malformed",
                "data ma postać RRRR-MM-DD",
                "a date has the form YYYY-MM-DD",
            )
        })
}

/// A path as text. One that is no UTF-8 is shown with replacement characters; the library itself makes no such paths.
pub(crate) fn path_text(path: &Path) -> FilePath {
    path.display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_one_form_only() {
        assert!(parse_day("2026-02-01").is_ok());
        for other in [
            "2026-2-1",
            "01-02-2026",
            "2026-02-30",
            "2026-02-01T00:00",
            "",
            "20260201",
        ] {
            let refused = parse_day(other).unwrap_err();
            assert_eq!(refused.code(), "date-malformed", "{other}");
        }
    }
}
