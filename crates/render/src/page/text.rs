//! Texts and values as a person reads them: decimal comma, thousands apart, dates as they are written in the language. No
//! digit is added, dropped or rounded.

use ksef_offline_core::Language;

/// A text to be shown, and what the document has instead, where the two differ.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) shown: String,
    pub(crate) source: Source,
}

/// What the document has.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// The same.
    #[default]
    Same,
    /// A number or a code.
    Data(String),
    /// A date or an instant.
    Time(String),
}

impl Text {
    /// Text as it stands, but for what would deceive the reader: see [`visible`].
    pub(crate) fn plain(text: &str) -> Self {
        Self {
            shown: visible(text),
            source: Source::Same,
        }
    }

    /// Words of our own instead of the code in the document.
    pub(crate) fn coded(shown: impl Into<String>, code: &str) -> Self {
        let shown = shown.into();
        let source = if shown == code {
            Source::Same
        } else {
            Source::Data(code.to_owned())
        };
        Self { shown, source }
    }

    /// A number.
    pub(crate) fn number(value: &str, language: Language) -> Self {
        match number(value, language) {
            Some(shown) => Self::coded(shown, value),
            None => Self::plain(value),
        }
    }

    /// A date, or an instant with its offset.
    pub(crate) fn date(value: &str, language: Language) -> Self {
        match date(value, language) {
            Some(shown) if shown == value => Self::plain(value),
            Some(shown) => Self {
                shown,
                source: Source::Time(value.to_owned()),
            },
            None => Self::plain(value),
        }
    }

    /// An account number in groups of four.
    pub(crate) fn account(value: &str) -> Self {
        match account(value) {
            Some(shown) => Self::coded(shown, value),
            None => Self::plain(value),
        }
    }
}

pub(crate) fn pick(language: Language, pl: &'static str, en: &'static str) -> &'static str {
    match language {
        Language::Pl => pl,
        Language::En => en,
    }
}

/// What cannot be seen but changes what is seen is spelt out: characters that turn the direction of others, controls, and
/// characters of private use, which look as whoever made the font likes.
pub(crate) fn visible(text: &str) -> String {
    if !text.contains(is_deceptive) {
        return text.to_owned();
    }
    let mut seen = String::with_capacity(text.len());
    for character in text.chars() {
        if is_deceptive(character) {
            seen.push_str(&format!("[U+{:04X}]", u32::from(character)));
        } else {
            seen.push(character);
        }
    }
    seen
}

fn is_deceptive(character: char) -> bool {
    matches!(character,
        '\u{0}'..='\u{8}' | '\u{B}'..='\u{C}' | '\u{E}'..='\u{1F}' | '\u{7F}'..='\u{9F}'
        | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
        | '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}')
}

const NO_BREAK_SPACE: char = '\u{A0}';

/// `1173.90` as `1 173,90` in Polish and `1 173.90` in English, with no-break spaces. `None` for what is no plain decimal
/// number.
fn number(value: &str, language: Language) -> Option<String> {
    let (sign, digits) = match value.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", value),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || fraction.is_some_and(|fraction| !plain(fraction)) {
        return None;
    }
    let mut shown = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            shown.push(NO_BREAK_SPACE);
        }
        shown.push(digit);
    }
    if let Some(fraction) = fraction {
        shown.push_str(pick(language, ",", "."));
        shown.push_str(fraction);
    }
    Some(shown)
}

/// `2026-11-20` as `20.11.2026` in Polish and as it stands in English; of an instant also the clock and its offset.
fn date(value: &str, language: Language) -> Option<String> {
    let (day, clock) = match value.split_once('T') {
        Some((day, clock)) => (day, Some(clock)),
        None => (value, None),
    };
    let parts: Vec<&str> = day.split('-').collect();
    let [year, month, day_of_month] = parts.as_slice() else {
        return None;
    };
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) || !digits(day_of_month, 2) {
        return None;
    }
    let mut shown = match language {
        Language::Pl => format!("{day_of_month}.{month}.{year}"),
        Language::En => day.to_owned(),
    };
    if let Some(clock) = clock {
        let (clock, offset) = match clock.find(['Z', '+', '-']) {
            Some(place) => clock.split_at(place),
            None => (clock, ""),
        };
        if !clock
            .bytes()
            .all(|b| b.is_ascii_digit() || b == b':' || b == b'.')
        {
            return None;
        }
        shown.push(NO_BREAK_SPACE);
        shown.push_str(clock);
        if offset == "Z" {
            shown.push_str("\u{A0}UTC");
        } else if !offset.is_empty() {
            shown.push_str("\u{A0}UTC");
            shown.push_str(offset);
        }
    }
    Some(shown)
}

/// A Polish account number (26 digits) or an IBAN, apart as banks print it.
fn account(value: &str) -> Option<String> {
    let polish = value.len() == 26 && value.bytes().all(|b| b.is_ascii_digit());
    let international = (15..=34).contains(&value.len())
        && value.bytes().take(2).all(|b| b.is_ascii_uppercase())
        && value.bytes().skip(2).take(2).all(|b| b.is_ascii_digit())
        && value.bytes().all(|b| b.is_ascii_alphanumeric());
    // A Polish number begins with two check digits, an IBAN with two letters and two digits.
    let first = match (polish, international) {
        (true, _) => 2,
        (_, true) => 4,
        _ => return None,
    };
    let mut shown = String::with_capacity(value.len() + 8);
    for (place, character) in value.chars().enumerate() {
        if place >= first && (place - first).is_multiple_of(4) {
            shown.push(NO_BREAK_SPACE);
        }
        shown.push(character);
    }
    Some(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let pl = |value| number(value, Language::Pl);
        assert_eq!(pl("1173.90").as_deref(), Some("1\u{A0}173,90"));
        assert_eq!(pl("-1234567").as_deref(), Some("-1\u{A0}234\u{A0}567"));
        assert_eq!(pl("0.5000").as_deref(), Some("0,5000"));
        assert_eq!(
            number("1173.90", Language::En).as_deref(),
            Some("1\u{A0}173.90")
        );
        for odd in ["", "-", "1e3", ".5", "5.", "1 000", "١٢", "+5"] {
            assert_eq!(pl(odd), None, "{odd}");
            assert_eq!(Text::number(odd, Language::Pl).shown, odd);
        }
    }

    #[test]
    fn dates_keep_their_digits() {
        let pl = |value| date(value, Language::Pl);
        assert_eq!(pl("2026-11-20").as_deref(), Some("20.11.2026"));
        assert_eq!(
            pl("2026-11-20T08:00:00.5Z").as_deref(),
            Some("20.11.2026\u{A0}08:00:00.5\u{A0}UTC")
        );
        assert_eq!(
            pl("2026-11-20T08:00:00+01:00").as_deref(),
            Some("20.11.2026\u{A0}08:00:00\u{A0}UTC+01:00")
        );
        assert_eq!(
            date("2026-11-20", Language::En).as_deref(),
            Some("2026-11-20")
        );
        for odd in ["", "2026-11", "20.11.2026", "2026-11-20Tnoon", "2026-11-2x"] {
            assert_eq!(pl(odd), None, "{odd}");
        }
    }

    #[test]
    fn account_numbers_stand_in_groups() {
        let plain = |text: &str| text.replace(NO_BREAK_SPACE, " ");
        assert_eq!(
            plain(&Text::account("04102000160000100203040506").shown),
            "04 1020 0016 0000 1002 0304 0506"
        );
        assert_eq!(
            plain(&Text::account("PL04102000160000100203040506").shown),
            "PL04 1020 0016 0000 1002 0304 0506"
        );
        assert_eq!(Text::account("12-34").shown, "12-34");
        assert_eq!(
            Text::account("ŻŻ04102000160000100203040506").shown,
            "ŻŻ04102000160000100203040506"
        );
    }

    #[test]
    fn what_turns_text_around_is_spelt_out() {
        assert_eq!(visible("za\u{202E}01\u{202C}"), "za[U+202E]01[U+202C]");
        assert_eq!(visible("\u{E000}"), "[U+E000]");
        assert_eq!(visible("Zażółć\ngęślą\tשלום"), "Zażółć\ngęślą\tשלום");
    }
}
