//! The words of the verdict, in both languages. They say what is expected and never quote a value of the invoice.

use std::fmt::Write as _;

use super::code::Code;
use super::grammar::{Day, Pattern, Value};
use crate::diagnostic::Bilingual;

/// How many names a list in a message holds.
const LISTED: usize = 8;

pub(super) fn unknown(expected: &[&str]) -> Bilingual {
    Bilingual::new(
        format!(
            "schemat FA(3) nie zna tego elementu w tej przestrzeni nazw{}",
            expected_pl(expected)
        ),
        format!(
            "FA(3) has no such element in this namespace{}",
            expected_en(expected)
        ),
    )
}

pub(super) fn unexpected(expected: &[&str]) -> Bilingual {
    Bilingual::new(
        format!(
            "element nie może wystąpić w tym miejscu{}",
            expected_pl(expected)
        ),
        format!("the element may not stand here{}", expected_en(expected)),
    )
}

pub(super) fn inside_value() -> Bilingual {
    Bilingual::new(
        "element zawiera wartość, nie może mieć elementów podrzędnych",
        "the parent holds a value and may have no child elements",
    )
}

/// `names` are the elements any of which would do.
pub(super) fn missing(names: &[&str]) -> Bilingual {
    Bilingual::new(
        format!("brakuje elementu {}", joined(names, "albo")),
        format!("the element {} is missing", joined(names, "or")),
    )
}

pub(super) fn too_many(max: u32) -> Bilingual {
    Bilingual::new(
        format!("za dużo elementów o tej nazwie; dozwolona liczba: {max}"),
        format!("too many elements of this name; allowed number: {max}"),
    )
}

pub(super) fn attribute_missing(name: &str) -> Bilingual {
    Bilingual::new(
        format!("brakuje atrybutu {name}"),
        format!("the attribute {name} is missing"),
    )
}

pub(super) fn attribute_unknown() -> Bilingual {
    Bilingual::new(
        "element nie ma takiego atrybutu",
        "the element has no such attribute",
    )
}

pub(super) fn fixed(value: &str) -> Bilingual {
    Bilingual::new(
        format!("jedyna dozwolona wartość to „{value}”"),
        format!("the only legal value is \"{value}\""),
    )
}

pub(super) fn one_of(values: &[&str]) -> Bilingual {
    Bilingual::new(
        format!("dozwolone wartości: {}", values.join(", ")),
        format!("legal values: {}", values.join(", ")),
    )
}

pub(super) fn text_unexpected() -> Bilingual {
    Bilingual::new(
        "tekst w miejscu, w którym mogą stać tylko elementy",
        "text where only elements may stand",
    )
}

pub(super) fn nil() -> Bilingual {
    Bilingual::new(
        "xsi:nil jest niedozwolone: pomiń element, który nie ma wartości",
        "xsi:nil is not allowed: leave out an element without value",
    )
}

pub(super) fn type_not_allowed() -> Bilingual {
    Bilingual::new(
        "xsi:type podaje inny typ niż typ elementu w schemacie",
        "xsi:type names another type than the element has in the schema",
    )
}

/// What is wrong with a value of this kind, and what is expected.
pub(super) fn value(code: Code, value: &Value) -> Bilingual {
    let (wrong_pl, wrong_en) = match code {
        Code::ValueTooLong => ("wartość jest za długa", "the value is too long"),
        Code::ValueTooShort => (
            "wartość jest pusta lub za krótka",
            "the value is empty or too short",
        ),
        Code::ValueTooManyDigits => ("liczba ma za dużo cyfr", "the number has too many digits"),
        Code::ValueDateOutOfRange => ("data jest poza zakresem", "the date is out of range"),
        Code::ValueOutOfRange => ("liczba jest poza zakresem", "the number is out of range"),
        _ => ("wartość jest niepoprawna", "the value is not legal"),
    };
    let (expected_pl, expected_en) = expectation(value);
    Bilingual::new(
        format!("{wrong_pl}; oczekiwano: {expected_pl}"),
        format!("{wrong_en}; expected: {expected_en}"),
    )
}

fn expectation(value: &Value) -> (String, String) {
    match *value {
        Value::Token { min, max } | Value::Verbatim { min, max } => (
            format!("od {min} do {max} znaków"),
            format!("{min} to {max} characters"),
        ),
        Value::TokenLike { pattern, .. } | Value::VerbatimLike(pattern) => {
            let (pl, en) = pattern_words(pattern);
            (pl.into(), en.into())
        }
        Value::TokenOf(values) => (values.join(", "), values.join(", ")),
        Value::CodeOf(codes) if codes.len() <= LISTED => (codes.join(", "), codes.join(", ")),
        Value::CodeOf(codes) => (
            format!("kod z listy schematu ({} pozycji)", codes.len()),
            format!("a code of the schema's list ({} entries)", codes.len()),
        ),
        Value::Fixed(fixed) => (fixed.into(), fixed.into()),
        Value::NumberOf(numbers) => {
            let list = numbers
                .iter()
                .map(u8::to_string)
                .collect::<Vec<_>>()
                .join(", ");
            (list.clone(), list)
        }
        Value::Integer => ("liczba całkowita".into(), "an integer".into()),
        Value::Positive { digits } => (
            format!("liczba całkowita większa od zera, najwyżej {digits} cyfr"),
            format!("an integer above zero of at most {digits} digits"),
        ),
        Value::Decimal { integer, fraction } => (
            format!(
                "liczba z kropką, bez plusa i zer wiodących, najwyżej {integer} cyfr przed kropką i {fraction} po niej"
            ),
            format!(
                "a number without plus sign and leading zeros, at most {integer} digits before the point and {fraction} after it"
            ),
        ),
        Value::Percent { fraction, .. } => (
            format!("liczba od 0 do 100, najwyżej {fraction} cyfr po kropce"),
            format!("a number from 0 to 100 with at most {fraction} digits after the point"),
        ),
        Value::Date { from, to } => (
            format!("data RRRR-MM-DD od {} do {}", day(from), day(to)),
            format!("a date YYYY-MM-DD from {} to {}", day(from), day(to)),
        ),
        Value::Instant { from, to } => (
            format!(
                "data i czas RRRR-MM-DDTgg:mm:ssZ od {} do {}",
                day(from),
                day(to)
            ),
            format!(
                "date and time YYYY-MM-DDThh:mm:ssZ from {} to {}",
                day(from),
                day(to)
            ),
        ),
    }
}

fn pattern_words(pattern: Pattern) -> (&'static str, &'static str) {
    match pattern {
        Pattern::Email => ("adres e-mail", "an e-mail address"),
        Pattern::Nip => (
            "NIP: dziesięć cyfr bez kresek",
            "a NIP: ten digits without dashes",
        ),
        Pattern::InternalId => ("NIP, kreska i pięć cyfr", "a NIP, a dash and five digits"),
        Pattern::EuVatNumber => (
            "numer VAT UE bez kodu kraju: do 12 cyfr, wielkich liter, znaków + i *",
            "an EU VAT number without country code: up to 12 digits, capitals, + and *",
        ),
        Pattern::Krs => ("dziesięć cyfr", "ten digits"),
        Pattern::Regon => ("dziewięć lub czternaście cyfr", "nine or fourteen digits"),
        Pattern::Swift => (
            "kod SWIFT: 8 lub 11 znaków",
            "a SWIFT code of 8 or 11 characters",
        ),
        Pattern::KsefNumber => ("numer KSeF", "a KSeF number"),
        Pattern::PaymentLink => (
            "adres http(s) z parametrem IPKSeF w zapytaniu",
            "an http(s) address with the parameter IPKSeF in its query",
        ),
        Pattern::PaymentIdentifier => (
            "trzy cyfry i dziesięć liter lub cyfr",
            "three digits and ten letters or digits",
        ),
    }
}

fn day((year, month, day): Day) -> String {
    format!("{year:04}-{month:02}-{day:02}")
}

fn expected_pl(names: &[&str]) -> String {
    if names.is_empty() {
        String::new()
    } else {
        format!("; oczekiwano: {}", joined(names, "albo"))
    }
}

fn expected_en(names: &[&str]) -> String {
    if names.is_empty() {
        String::new()
    } else {
        format!("; expected: {}", joined(names, "or"))
    }
}

fn joined(names: &[&str], or: &str) -> String {
    let mut list = String::new();
    for (index, name) in names.iter().take(LISTED).enumerate() {
        if index > 0 {
            list.push_str(if index + 1 == names.len() { " " } else { ", " });
            if index + 1 == names.len() {
                // Writing to a string cannot fail.
                let _ = write!(list, "{or} ");
            }
        }
        list.push_str(name);
    }
    if names.len() > LISTED {
        list.push_str(", …");
    }
    list
}
