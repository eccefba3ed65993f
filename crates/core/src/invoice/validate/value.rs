//! Whether a text is a legal value of its kind.

use std::borrow::Cow;

use super::code::Code;
use super::grammar::{Day, Value};
use super::pattern;

/// Judges `text`, whose line breaks are normalised as XML demands and whose references are resolved.
pub(super) fn check(value: &Value, text: &str) -> Result<(), Code> {
    match *value {
        Value::Token { min, max } => check_length(&collapsed(text), min, max),
        Value::TokenLike { max, pattern } => {
            let text = collapsed(text);
            check_length(&text, 1, max)?;
            ensure(pattern::matches(pattern, &text), Code::ValuePattern)
        }
        Value::TokenOf(values) => ensure(
            values.contains(&collapsed(text).as_ref()),
            Code::ValueEnumeration,
        ),
        Value::Verbatim { min, max } => check_length(text, min, max),
        Value::VerbatimLike(pattern) => ensure(pattern::matches(pattern, text), Code::ValuePattern),
        // No code has white space in it, so there is nothing to replace.
        Value::CodeOf(codes) => ensure(codes.binary_search(&text).is_ok(), Code::ValueEnumeration),
        Value::Fixed(fixed) => ensure(text.is_empty() || text == fixed, Code::ValueFixed),
        Value::NumberOf(numbers) => {
            let number = Integer::parse(trimmed(text))?;
            let listed = !number.negative
                && number.digits.len() <= 3
                && number.digits.parse().is_ok_and(|n| numbers.contains(&n));
            ensure(listed, Code::ValueEnumeration)
        }
        Value::Integer => Integer::parse(trimmed(text)).map(|_| ()),
        Value::Positive { digits } => {
            let number = Integer::parse(trimmed(text))?;
            ensure(
                !number.negative && !number.digits.is_empty(),
                Code::ValueOutOfRange,
            )?;
            ensure(
                number.digits.len() <= digits as usize,
                Code::ValueTooManyDigits,
            )
        }
        Value::Decimal { integer, fraction } => {
            check_decimal(trimmed(text), integer as usize, fraction as usize)
        }
        Value::Percent { digits, fraction } => {
            check_percent(trimmed(text), digits as usize, fraction as usize)
        }
        Value::Date { from, to } => {
            let day = parse_day(trimmed(text)).ok_or(Code::ValueNotADate)?;
            ensure((from..=to).contains(&day), Code::ValueDateOutOfRange)
        }
        Value::Instant { from, to } => {
            let instant = Instant::parse(trimmed(text)).ok_or(Code::ValueNotADateTime)?;
            ensure(instant.lies_between(from, to), Code::ValueDateOutOfRange)
        }
    }
}

fn ensure(holds: bool, code: Code) -> Result<(), Code> {
    if holds { Ok(()) } else { Err(code) }
}

fn check_length(text: &str, min: u32, max: u32) -> Result<(), Code> {
    let (min, max) = (min as usize, max as usize);
    // A character has one to four bytes: most texts need no counting.
    if text.len() > max && text.chars().count() > max {
        return Err(Code::ValueTooLong);
    }
    let long_enough = text.len() >= min.saturating_mul(4)
        || (min == 1 && !text.is_empty())
        || text.chars().count() >= min;
    ensure(long_enough, Code::ValueTooShort)
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

pub(super) fn is_blank(text: &str) -> bool {
    text.bytes().all(is_space)
}

fn trimmed(text: &str) -> &str {
    let outer_space = |byte: Option<&u8>| byte.copied().is_some_and(is_space);
    if outer_space(text.as_bytes().first()) || outer_space(text.as_bytes().last()) {
        text.trim_matches([' ', '\t', '\n', '\r'])
    } else {
        text
    }
}

/// No white space at the ends, single spaces inside.
fn collapsed(text: &str) -> Cow<'_, str> {
    let text = trimmed(text);
    let mut after_space = false;
    let clean = text.bytes().all(|byte| {
        let doubled = byte == b' ' && after_space;
        after_space = byte == b' ';
        !doubled && !matches!(byte, b'\t' | b'\n' | b'\r')
    });
    if clean {
        return Cow::Borrowed(text);
    }
    let words = text
        .split([' ', '\t', '\n', '\r'])
        .filter(|word| !word.is_empty());
    Cow::Owned(words.collect::<Vec<_>>().join(" "))
}

/// An integer of any size: its sign and its digits without leading zeros.
struct Integer<'a> {
    negative: bool,
    digits: &'a str,
}

impl<'a> Integer<'a> {
    fn parse(text: &'a str) -> Result<Self, Code> {
        let (negative, digits) = split_sign(text);
        ensure(
            !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()),
            Code::ValueNotAnInteger,
        )?;
        Ok(Self {
            negative,
            digits: digits.trim_start_matches('0'),
        })
    }
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// The digits before and after the point; one side may be empty.
fn split_decimal(unsigned: &str) -> Result<(&str, &str), Code> {
    let (integer, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits_only = integer
        .bytes()
        .chain(fraction.bytes())
        .all(|b| b.is_ascii_digit());
    ensure(
        digits_only && !(integer.is_empty() && fraction.is_empty()),
        Code::ValueNotADecimal,
    )?;
    Ok((integer, fraction))
}

fn check_decimal(text: &str, max_integer: usize, max_fraction: usize) -> Result<(), Code> {
    let (_, unsigned) = split_sign(text);
    let (integer, fraction) = split_decimal(unsigned)?;
    ensure(
        integer.trim_start_matches('0').len() <= max_integer && fraction.len() <= max_fraction,
        Code::ValueTooManyDigits,
    )?;
    let plain = !text.starts_with('+')
        && !text.ends_with('.')
        && !integer.is_empty()
        && (integer == "0" || !integer.starts_with('0'));
    ensure(plain, Code::ValuePattern)
}

fn check_percent(text: &str, max_digits: usize, max_fraction: usize) -> Result<(), Code> {
    let (negative, unsigned) = split_sign(text);
    let (integer, fraction) = split_decimal(unsigned)?;
    let (integer, fraction) = (
        integer.trim_start_matches('0'),
        fraction.trim_end_matches('0'),
    );
    let zero = integer.is_empty() && fraction.is_empty();
    let at_most_hundred = integer.len() < 3 || (integer == "100" && fraction.is_empty());
    ensure(
        at_most_hundred && (!negative || zero),
        Code::ValueOutOfRange,
    )?;
    ensure(
        fraction.len() <= max_fraction && integer.len() + fraction.len() <= max_digits,
        Code::ValueTooManyDigits,
    )
}

/// `YYYY-MM-DD`, a day of the calendar.
fn parse_day(text: &str) -> Option<Day> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = number(&bytes[..4])?;
    let month = number(&bytes[5..7])? as u8;
    let day = number(&bytes[8..])? as u8;
    (year > 0 && (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day))
        .then_some((year, month, day))
}

fn number(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u16::from(byte - b'0'))
    })
}

pub(super) fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

const SECONDS_OF_A_DAY: i64 = 86_400;

/// A point in time; without an offset it is known to 14 hours in both directions only.
struct Instant {
    /// Seconds, as if the offset were that of UTC where none is given.
    seconds: i64,
    has_fraction: bool,
    has_offset: bool,
}

impl Instant {
    fn parse(text: &str) -> Option<Self> {
        let (day, rest) = text.split_at_checked(10)?;
        let day = parse_day(day)?;
        let (time, mut rest) = rest.strip_prefix('T')?.split_at_checked(8)?;
        let time = time.as_bytes();
        if time[2] != b':' || time[5] != b':' {
            return None;
        }
        let (hour, minute, second) = (
            number(&time[..2])?,
            number(&time[3..5])?,
            number(&time[6..])?,
        );
        let mut has_fraction = false;
        if let Some(after_point) = rest.strip_prefix('.') {
            let digits = after_point.bytes().take_while(u8::is_ascii_digit).count();
            let (fraction, after) = after_point.split_at(digits);
            if fraction.is_empty() {
                return None;
            }
            has_fraction = fraction.bytes().any(|b| b != b'0');
            rest = after;
        }
        let end_of_day = hour == 24 && minute == 0 && second == 0 && !has_fraction;
        if !((hour < 24 || end_of_day) && minute < 60 && second < 60) {
            return None;
        }
        let offset = match rest {
            "" => None,
            "Z" => Some(0),
            _ => Some(parse_offset(rest.as_bytes())?),
        };
        let of_the_day = i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second);
        Some(Self {
            seconds: start_of(day) + of_the_day - offset.unwrap_or(0),
            has_fraction,
            has_offset: offset.is_some(),
        })
    }

    /// Surely not before the first second of `from` and not after the last full second of `to`, in UTC.
    fn lies_between(&self, from: Day, to: Day) -> bool {
        let (first, last) = (start_of(from), start_of(to) + SECONDS_OF_A_DAY - 1);
        if self.has_offset {
            self.seconds >= first
                && (self.seconds < last || (self.seconds == last && !self.has_fraction))
        } else {
            let widest_offset = 14 * 3600;
            let after = self.seconds - widest_offset;
            (after > first || (after == first && self.has_fraction))
                && self.seconds + widest_offset < last
        }
    }
}

/// Whether `text` is an instant, whatever its range.
pub(super) fn is_instant(text: &str) -> bool {
    Instant::parse(text).is_some()
}

/// `±hh:mm` up to 14 hours, in seconds.
fn parse_offset(text: &[u8]) -> Option<i64> {
    let [sign @ (b'+' | b'-'), hours @ .., b':', m1, m2] = text else {
        return None;
    };
    if hours.len() != 2 {
        return None;
    }
    let (hours, minutes) = (number(hours)?, number(&[*m1, *m2])?);
    if minutes > 59 || hours * 60 + minutes > 14 * 60 {
        return None;
    }
    let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
    Some(if *sign == b'-' { -seconds } else { seconds })
}

/// Seconds from the beginning of the year 1 to the beginning of `day`.
fn start_of((year, month, day): Day) -> i64 {
    let years = i64::from(year) - 1;
    let months: i64 = (1..month)
        .map(|month| i64::from(days_in(year, month)))
        .sum();
    (years * 365 + years / 4 - years / 100 + years / 400 + months + i64::from(day) - 1)
        * SECONDS_OF_A_DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_all(value: Value, cases: &[(&str, Option<Code>)]) {
        for (text, code) in cases {
            assert_eq!(check(&value, text).err(), *code, "{text:?} as {value:?}");
        }
    }

    #[test]
    fn tokens_are_collapsed_and_counted_in_code_points() {
        check_all(
            Value::Token { min: 1, max: 5 },
            &[
                ("żółć!", None),
                ("  a \t\n b  ", None),
                ("żółć!x", Some(Code::ValueTooLong)),
                (" \n ", Some(Code::ValueTooShort)),
                ("", Some(Code::ValueTooShort)),
                ("😀😀😀😀😀", None),
            ],
        );
        check_all(
            Value::Verbatim { min: 2, max: 3 },
            &[
                ("  ", None),
                (" a", None),
                ("    ", Some(Code::ValueTooLong)),
            ],
        );
        check_all(
            Value::TokenOf(&["0 KR"]),
            &[(" 0\n KR ", None), ("0KR", Some(Code::ValueEnumeration))],
        );
        check_all(
            Value::CodeOf(&["DE", "PL"]),
            &[("PL", None), (" PL", Some(Code::ValueEnumeration))],
        );
        check_all(
            Value::Fixed("PL"),
            &[("", None), ("PL", None), ("DE", Some(Code::ValueFixed))],
        );
    }

    #[test]
    fn amounts_have_one_plain_form() {
        check_all(
            Value::Decimal {
                integer: 3,
                fraction: 2,
            },
            &[
                ("0", None),
                ("-0", None),
                ("-999.99", None),
                (" 1.5\n", None),
                ("1000", Some(Code::ValueTooManyDigits)),
                ("1.000", Some(Code::ValueTooManyDigits)),
                ("01", Some(Code::ValuePattern)),
                ("+1", Some(Code::ValuePattern)),
                ("1.", Some(Code::ValuePattern)),
                (".5", Some(Code::ValuePattern)),
                ("", Some(Code::ValueNotADecimal)),
                (".", Some(Code::ValueNotADecimal)),
                ("1,5", Some(Code::ValueNotADecimal)),
                ("1e2", Some(Code::ValueNotADecimal)),
                ("--1", Some(Code::ValueNotADecimal)),
            ],
        );
        check_all(
            Value::Percent {
                digits: 9,
                fraction: 6,
            },
            &[
                ("0", None),
                ("-0.0", None),
                ("+100.000", None),
                ("007.5", None),
                (".123456", None),
                ("5.", None),
                ("100.01", Some(Code::ValueOutOfRange)),
                ("-1", Some(Code::ValueOutOfRange)),
                ("1.1234567", Some(Code::ValueTooManyDigits)),
            ],
        );
    }

    #[test]
    fn integers_may_carry_signs_and_zeros() {
        check_all(
            Value::NumberOf(&[1, 2, 10]),
            &[
                ("1", None),
                ("+010", None),
                (" 2 ", None),
                ("3", Some(Code::ValueEnumeration)),
                ("-1", Some(Code::ValueEnumeration)),
                ("266", Some(Code::ValueEnumeration)),
                ("1.0", Some(Code::ValueNotAnInteger)),
                ("", Some(Code::ValueNotAnInteger)),
            ],
        );
        check_all(
            Value::Positive { digits: 3 },
            &[
                ("999", None),
                ("+0001", None),
                ("1000", Some(Code::ValueTooManyDigits)),
                ("0", Some(Code::ValueOutOfRange)),
                ("-5", Some(Code::ValueOutOfRange)),
            ],
        );
        check_all(
            Value::Integer,
            &[("-007", None), ("7 7", Some(Code::ValueNotAnInteger))],
        );
    }

    #[test]
    fn days_are_days_of_the_calendar_within_their_range() {
        check_all(
            Value::Date {
                from: (2006, 1, 1),
                to: (2050, 1, 1),
            },
            &[
                ("2006-01-01", None),
                (" 2050-01-01 ", None),
                ("2024-02-29", None),
                ("2005-12-31", Some(Code::ValueDateOutOfRange)),
                ("2050-01-02", Some(Code::ValueDateOutOfRange)),
                ("2026-02-29", Some(Code::ValueNotADate)),
                ("2026-13-01", Some(Code::ValueNotADate)),
                ("2026-00-10", Some(Code::ValueNotADate)),
                ("2026-1-1", Some(Code::ValueNotADate)),
                ("2026-01-01Z", Some(Code::ValueNotADate)),
                ("01-01-2026", Some(Code::ValueNotADate)),
                ("2026-01-0ą", Some(Code::ValueNotADate)),
            ],
        );
    }

    #[test]
    fn instants_are_compared_in_utc() {
        check_all(
            Value::Instant {
                from: (2025, 9, 1),
                to: (2050, 1, 1),
            },
            &[
                ("2025-09-01T00:00:00Z", None),
                ("2025-09-01T02:00:00+02:00", None),
                ("2025-09-01T01:59:59+02:00", Some(Code::ValueDateOutOfRange)),
                ("2026-11-22T10:11:12.1234567-05:30", None),
                ("2050-01-01T23:59:59Z", None),
                ("2050-01-01T23:59:59.1Z", Some(Code::ValueDateOutOfRange)),
                ("2026-11-22T24:00:00Z", None),
                ("2026-11-22T24:00:01Z", Some(Code::ValueNotADateTime)),
                ("2026-11-22T10:11:12", None),
                ("2025-09-01T13:00:00", Some(Code::ValueDateOutOfRange)),
                ("2026-11-22T10:11:60Z", Some(Code::ValueNotADateTime)),
                ("2026-11-22T10:11Z", Some(Code::ValueNotADateTime)),
                ("2026-11-22 10:11:12Z", Some(Code::ValueNotADateTime)),
                ("2026-11-22T10:11:12.Z", Some(Code::ValueNotADateTime)),
                ("2026-11-22T10:11:12+14:01", Some(Code::ValueNotADateTime)),
                ("2026-11-22T10:11:12+1:00", Some(Code::ValueNotADateTime)),
                ("2026-11-22", Some(Code::ValueNotADateTime)),
            ],
        );
    }
}
