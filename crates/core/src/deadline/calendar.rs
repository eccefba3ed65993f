//! Polish business days and the calendar day of an instant in Warsaw.
//!
//! Business days follow from rules, not from a table: no Saturday, no Sunday, none of the days of the Act of
//! 18 January 1951 on days off work as it stood in that year. The rules hold for 2004 to 2100; other years are answered by
//! the rules nearest to them.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Time zone rules compiled into the program: the answer is the same on every machine, whatever is installed there.
static WARSAW: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZoneDatabase::bundled()
        .get("Europe/Warsaw")
        // The database is part of the program; a test opens this zone.
        .expect("the bundled time zone database knows Europe/Warsaw")
});

/// The calendar day on which `instant` falls in Warsaw, the day all deadlines count in.
pub fn warsaw_date(instant: Timestamp) -> Date {
    instant.to_zoned(WARSAW.clone()).date()
}

/// What the clocks in Warsaw show at `instant`, for people.
pub fn warsaw_time(instant: Timestamp) -> DateTime {
    instant.to_zoned(WARSAW.clone()).datetime()
}

/// The instant at which `date` is over in Warsaw: midnight of the next day. A day has 23, 24 or 25 hours.
///
/// At the end of the calendar (year 9999) the last instant there is.
pub fn end_of_day(date: Date) -> Timestamp {
    date.tomorrow()
        .and_then(|next| next.to_zoned(WARSAW.clone()))
        .map_or(Timestamp::MAX, |midnight| midnight.timestamp())
}

/// Whether `date` is neither a Saturday, nor a Sunday, nor a public holiday in Poland.
pub fn is_business_day(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_public_holiday(date)
}

/// Whether `date` is a public holiday in Poland; Sundays that are nothing else do not count here.
///
/// 6 January is one since 2011, 24 December since 2025; 12 November 2018 was one once.
pub fn is_public_holiday(date: Date) -> bool {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match (month, day) {
        (1 | 5 | 11, 1) | (5, 3) | (8, 15) | (11, 11) | (12, 25 | 26) => true,
        (1, 6) => year >= 2011,
        (11, 12) => year == 2018,
        (12, 24) => year >= 2025,
        // Easter Sunday and Monday, Pentecost, Corpus Christi.
        _ => matches!(
            date.day_of_year() - easter_day_of_year(date),
            0 | 1 | 49 | 60
        ),
    }
}

/// The day of the year on which Easter Sunday falls in the year of `date` (the Gregorian rule of Meeus and Butcher).
fn easter_day_of_year(date: Date) -> i16 {
    let year = i32::from(date.year());
    let golden = year.rem_euclid(19);
    let (century, of_century) = (year.div_euclid(100), year.rem_euclid(100));
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15).rem_euclid(30);
    let weekday =
        (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4).rem_euclid(7);
    let late = (golden + 11 * epact + 22 * weekday) / 451;
    // Days since 22 March, 0 to 34.
    let offset = epact + weekday - 7 * late;
    let march_22 = if date.in_leap_year() { 82 } else { 81 };
    march_22 + i16::try_from(offset).unwrap_or(0)
}

/// The first business day after `date`.
pub fn next_business_day(date: Date) -> Date {
    nth_business_day_after(date, 1)
}

/// The `n`-th business day after `date`, which itself is not counted; `date` for 0.
///
/// At the end of the calendar (year 9999) the last day there is.
pub fn nth_business_day_after(date: Date, n: u16) -> Date {
    let mut day = date;
    let mut left = n;
    while left > 0 {
        let Ok(next) = day.tomorrow() else { break };
        day = next;
        if is_business_day(day) {
            left -= 1;
        }
    }
    day
}

/// The day `days` calendar days after `date`; at the end of the calendar the last day there is.
pub(super) fn days_after(date: Date, days: i64) -> Date {
    date.saturating_add(days.days())
}

/// The working weekdays after `after` and before `before` that are no business days because of a holiday.
pub(super) fn holidays_between(after: Date, before: Date) -> impl Iterator<Item = Date> {
    after
        .series(1.day())
        .skip(1)
        .take_while(move |day| *day < before)
        .filter(|day| {
            is_public_holiday(*day) && !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
        })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_ministrys_example_counts_to_22_july() {
        assert_eq!(
            nth_business_day_after(date(2025, 7, 12), 7),
            date(2025, 7, 22)
        );
    }

    #[test]
    fn easter_is_where_the_almanac_has_it() {
        for easter in [
            date(2004, 4, 11),
            date(2008, 3, 23),
            date(2011, 4, 24),
            date(2024, 3, 31),
            date(2025, 4, 20),
            date(2026, 4, 5),
            date(2027, 3, 28),
            date(2038, 4, 25),
            date(2049, 4, 18),
            date(2076, 4, 19),
            date(2100, 3, 28),
        ] {
            assert_eq!(easter.day_of_year(), easter_day_of_year(easter), "{easter}");
        }
    }

    #[test]
    fn a_year_has_its_holidays_and_no_other() {
        let holidays: Vec<String> = date(2026, 1, 1)
            .series(1.day())
            .take(365)
            .filter(|day| is_public_holiday(*day))
            .map(|day| day.strftime("%m-%d").to_string())
            .collect();
        let expected = [
            "01-01", "01-06", "04-05", "04-06", "05-01", "05-03", "05-24", "06-04", "08-15",
            "11-01", "11-11", "12-24", "12-25", "12-26",
        ];
        assert_eq!(holidays, expected);
    }

    #[test]
    fn holidays_are_those_of_their_year() {
        assert!(is_business_day(date(2010, 1, 6)));
        assert!(!is_business_day(date(2011, 1, 6)));
        assert!(is_business_day(date(2024, 12, 24)));
        assert!(!is_business_day(date(2025, 12, 24)));
        assert!(!is_business_day(date(2018, 11, 12)));
        assert!(is_business_day(date(2019, 11, 12)));
    }

    #[test]
    fn the_day_changes_at_midnight_in_warsaw_on_both_sides_of_the_clock_changes() {
        for (instant, day) in [
            ("2026-01-31T22:59:59Z", date(2026, 1, 31)),
            ("2026-01-31T23:00:00Z", date(2026, 2, 1)),
            ("2026-07-31T21:59:59.999Z", date(2026, 7, 31)),
            ("2026-07-31T22:00:00Z", date(2026, 8, 1)),
            // Clocks go forward on 29 March and back on 25 October 2026.
            ("2026-03-28T22:59:59Z", date(2026, 3, 28)),
            ("2026-03-28T23:00:00Z", date(2026, 3, 29)),
            ("2026-03-29T21:59:59Z", date(2026, 3, 29)),
            ("2026-03-29T22:00:00Z", date(2026, 3, 30)),
            ("2026-10-24T22:00:00Z", date(2026, 10, 25)),
            ("2026-10-25T22:59:59Z", date(2026, 10, 25)),
            ("2026-10-25T23:00:00Z", date(2026, 10, 26)),
            // Rules, not tables, say what holds after 2037.
            ("2099-07-31T22:00:00Z", date(2099, 8, 1)),
        ] {
            let instant: Timestamp = instant.parse().unwrap();
            assert_eq!(warsaw_date(instant), day, "{instant}");
            assert_eq!(warsaw_time(instant).date(), day, "{instant}");
        }
    }

    #[test]
    fn a_day_ends_where_the_next_begins_and_has_23_24_or_25_hours() {
        for (day, end, hours) in [
            (date(2026, 1, 31), "2026-01-31T23:00:00Z", 24),
            (date(2026, 3, 29), "2026-03-29T22:00:00Z", 23),
            (date(2026, 10, 25), "2026-10-25T23:00:00Z", 25),
            (date(2099, 7, 31), "2099-07-31T22:00:00Z", 24),
        ] {
            let end: Timestamp = end.parse().unwrap();
            assert_eq!(end_of_day(day), end, "{day}");
            let length = end.duration_since(end_of_day(day.yesterday().unwrap()));
            assert_eq!(length.as_hours(), hours, "{day}");
            assert_eq!(warsaw_date(end), day.tomorrow().unwrap());
            assert_eq!(warsaw_date(end - 1.nanosecond()), day);
        }
    }

    #[test]
    fn the_end_of_the_calendar_is_no_panic() {
        assert_eq!(end_of_day(Date::MAX), Timestamp::MAX);
        assert_eq!(nth_business_day_after(Date::MAX, 7), Date::MAX);
        assert_eq!(days_after(Date::MAX, 7), Date::MAX);
        assert!(!is_business_day(date(-9999, 1, 1)) || is_business_day(date(-9999, 1, 2)));
    }

    #[test]
    fn skipped_holidays_are_named_without_weekends() {
        let skipped: Vec<Date> = holidays_between(date(2025, 12, 22), date(2026, 1, 7)).collect();
        assert_eq!(
            skipped,
            [
                date(2025, 12, 24),
                date(2025, 12, 25),
                date(2025, 12, 26),
                date(2026, 1, 1),
                date(2026, 1, 6)
            ]
        );
    }
}
