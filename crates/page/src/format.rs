//! How values look on the page.

use jiff::Timestamp;
use ksef_offline::core::Language;
use ksef_offline::core::deadline::calendar::warsaw_time;

use crate::words::Words;

/// An instant as the clocks in Warsaw show it.
pub(crate) fn clock(at: Timestamp) -> String {
    warsaw_time(at).strftime("%Y-%m-%d %H:%M").to_string()
}

/// The same with seconds.
pub(crate) fn clock_with_seconds(at: Timestamp) -> String {
    warsaw_time(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// An RFC 3339 instant as the clocks in Warsaw show it; anything else as it is.
pub(crate) fn instant(text: &str) -> String {
    text.parse()
        .map_or_else(|_| text.to_owned(), clock_with_seconds)
}

/// An amount with its digits grouped, as the language writes it.
pub(crate) fn amount(words: Words, amount: &str, currency: &str) -> String {
    let (sign, digits) = match amount.strip_prefix('-') {
        Some(digits) => ("−", digits),
        None => ("", amount),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|byte| byte.is_ascii_digit())
    {
        return format!("{amount}\u{a0}{currency}");
    }
    let (group, point) = match words.0 {
        Language::Pl => ('\u{a0}', ','),
        Language::En => (',', '.'),
    };
    let mut text = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(group);
        }
        text.push(digit);
    }
    if !fraction.is_empty() {
        text.push(point);
        text.push_str(fraction);
    }
    format!("{text}\u{a0}{currency}")
}

/// A value in the query of an address.
pub(crate) fn query(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped.push_str(&format!("%{byte:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped_as_the_language_does() {
        let pl = |text| amount(Words(Language::Pl), text, "PLN");
        assert_eq!(pl("1234567.90"), "1\u{a0}234\u{a0}567,90\u{a0}PLN");
        assert_eq!(pl("-123.00"), "−123,00\u{a0}PLN");
        assert_eq!(pl("0"), "0\u{a0}PLN");
        let en = |text| amount(Words(Language::En), text, "EUR");
        assert_eq!(en("1234.5"), "1,234.5\u{a0}EUR");
    }

    #[test]
    fn a_value_in_a_query_ends_nowhere_else() {
        assert_eq!(query("FV/1 & ż"), "FV%2F1%20%26%20%C5%BC");
    }
}
