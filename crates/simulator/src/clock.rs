//! The simulator's idea of now: the system's clock, moved by as much as a test wants.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// A clock that can be moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Clock {
    offset: SignedDuration,
}

impl Clock {
    pub(crate) fn now(self) -> Timestamp {
        let now = Timestamp::now();
        now.checked_add(self.offset).unwrap_or(now)
    }

    pub(crate) fn offset(self) -> SignedDuration {
        self.offset
    }

    /// Moves the clock to `offset` from the system's.
    pub(crate) fn set_offset(&mut self, offset: SignedDuration) {
        self.offset = offset;
    }
}

/// The calendar day in Warsaw, which is the day KSeF counts by.
pub(crate) fn warsaw_date(at: Timestamp) -> Date {
    at.to_zoned(warsaw()).date()
}

/// Poland's time zone; compiled in, so UTC stands in for it only in theory.
fn warsaw() -> TimeZone {
    TimeZone::get("Europe/Warsaw").unwrap_or(TimeZone::UTC)
}

/// An instant as KSeF's JSON writes it: UTC with a numeric offset and six fractional digits.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string()
}

/// An instant as Latarnia and receipts write it: Warsaw time with its offset and milliseconds.
pub(crate) fn warsaw_instant(at: Timestamp) -> String {
    at.to_zoned(warsaw())
        .strftime("%Y-%m-%dT%H:%M:%S%.3f%:z")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_warsaws() {
        let late: Timestamp = "2026-11-22T23:30:00Z".parse().unwrap();
        assert_eq!(warsaw_date(late), jiff::civil::date(2026, 11, 23));
    }

    #[test]
    fn instants_keep_the_forms_of_the_contract() {
        let at: Timestamp = "2026-07-01T10:00:00.123456789Z".parse().unwrap();
        assert_eq!(instant(at), "2026-07-01T10:00:00.123456+00:00");
        assert_eq!(warsaw_instant(at), "2026-07-01T12:00:00.123+02:00");
    }

    #[test]
    fn the_clock_can_be_moved() {
        let mut clock = Clock::default();
        clock.set_offset(SignedDuration::from_hours(48));
        let ahead = clock.now().duration_since(Timestamp::now());
        assert!(ahead > SignedDuration::from_hours(47));
    }
}
