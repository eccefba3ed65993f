//! Values as a person reads them: decimal comma, thousands apart, codes in words.

use std::borrow::Cow;

use ksef_offline_core::Language;

use crate::html::Html;
use crate::schema;

/// Writes a value of the element `name`. Where it is shown in other letters than the document has, the document's own
/// stand beside it for machines (`<data value>`).
pub(crate) fn write(html: &mut Html, name: &str, value: &str, language: Language) {
    let shown = if schema::is_number(name) {
        Some(Cow::Owned(number(value, language)))
    } else {
        schema::meaning(name, value, language)
    };
    match shown {
        Some(shown) if shown != value => {
            html.raw("<data value=\"");
            html.text(value);
            html.raw("\">");
            html.text(&shown);
            html.raw("</data>");
        }
        _ => html.text(value),
    }
}

/// `1173.90` as `1 173,90` in Polish and `1 173.90` in English, with no-break spaces. What is no plain decimal number
/// stays as it is, and no digit is added or dropped.
pub(crate) fn number(value: &str, language: Language) -> String {
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
        return value.to_owned();
    }
    let mut shown = String::from(sign);
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            shown.push('\u{A0}');
        }
        shown.push(digit);
    }
    if let Some(fraction) = fraction {
        shown.push_str(schema::pick(language, ",", "."));
        shown.push_str(fraction);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits() {
        let pl = |value| number(value, Language::Pl);
        assert_eq!(pl("1173.90"), "1\u{A0}173,90");
        assert_eq!(pl("-1234567"), "-1\u{A0}234\u{A0}567");
        assert_eq!(pl("0.5000"), "0,5000");
        assert_eq!(number("1173.90", Language::En), "1\u{A0}173.90");
        for odd in ["", "-", "1e3", ".5", "5.", "1 000", "١٢"] {
            assert_eq!(pl(odd), odd);
        }
    }
}
