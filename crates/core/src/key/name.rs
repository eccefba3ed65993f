//! Distinguished names as text, the way XML signatures quote them.

use core::fmt::Write as _;

use der::asn1::{Ia5StringRef, PrintableStringRef, TeletexStringRef, Utf8StringRef};
use der::oid::ObjectIdentifier;
use der::{Encode as _, Tag, Tagged as _};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::Name;

/// The attribute types that RFC 4514 gives a short name. All others are written with their dotted number and the
/// value as `#` and hexadecimal DER, so that every reader of that standard understands the same name.
const SHORT_NAMES: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.6", "C"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// Further ones of ETSI EN 319 412 by their X.520 names, for people.
const LONG_NAMES: [(&str, &str); 4] = [
    ("2.5.4.4", "surname"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.42", "givenName"),
    ("2.5.4.97", "organizationIdentifier"),
];

/// The name in the form of RFC 4514, last component first.
pub(super) fn rfc4514(name: &Name) -> String {
    joined(name, attribute)
}

/// The name as a person reads it: like [`rfc4514`], but with names and text also for the further types that certificates
/// of persons and companies have, and no control characters.
pub(super) fn readable(name: &Name) -> String {
    let text = joined(name, |value| {
        let oid = value.oid.to_string();
        match LONG_NAMES
            .iter()
            .find(|(known, _)| *known == oid)
            .zip(text_of(value))
        {
            Some(((_, long), text)) => format!("{long}={}", escape(&text)),
            None => attribute(value),
        }
    });
    text.replace(char::is_control, "?")
}

fn joined(name: &Name, attribute: impl Fn(&AttributeTypeAndValue) -> String) -> String {
    let mut components: Vec<String> = name
        .iter_rdn()
        .map(|component| {
            component
                .iter()
                .map(&attribute)
                .collect::<Vec<_>>()
                .join("+")
        })
        .collect();
    components.reverse();
    components.join(",")
}

/// The value of the first attribute of this type.
pub(super) fn value_of(name: &Name, oid: ObjectIdentifier) -> Option<String> {
    name.iter()
        .find(|attribute| attribute.oid == oid)
        .and_then(text_of)
}

fn attribute(attribute: &AttributeTypeAndValue) -> String {
    let oid = attribute.oid.to_string();
    let short_name = SHORT_NAMES
        .iter()
        .find(|(known, _)| *known == oid)
        .map(|(_, short)| *short);
    if let (Some(short_name), Some(text)) = (short_name, text_of(attribute)) {
        format!("{short_name}={}", escape(&text))
    } else {
        let mut text = format!("{oid}=#");
        for byte in attribute.value.to_der().unwrap_or_default() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

fn text_of(attribute: &AttributeTypeAndValue) -> Option<String> {
    let value = &attribute.value;
    match value.tag() {
        Tag::Utf8String => Utf8StringRef::try_from(value)
            .ok()
            .map(|text| text.as_str().to_owned()),
        Tag::PrintableString => PrintableStringRef::try_from(value)
            .ok()
            .map(|text| text.as_str().to_owned()),
        Tag::Ia5String => Ia5StringRef::try_from(value)
            .ok()
            .map(|text| text.as_str().to_owned()),
        Tag::TeletexString => TeletexStringRef::try_from(value)
            .ok()
            .map(|text| text.as_str().to_owned()),
        _ => None,
    }
}

fn escape(text: &str) -> String {
    let last = text.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(text.len());
    for (index, character) in text.chars().enumerate() {
        match character {
            ' ' if index == 0 || index == last => escaped.push_str("\\ "),
            '#' if index == 0 => escaped.push_str("\\#"),
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '\0'..='\x1F' | '\x7F' => {
                let _ = write!(escaped, "\\{:02x}", u32::from(character));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_characters_are_escaped() {
        assert_eq!(escape(" a,b+c\"#; "), "\\ a\\,b\\+c\\\"#\\;\\ ");
        assert_eq!(escape("#1"), "\\#1");
        assert_eq!(escape("Łódka \\ <x>"), "Łódka \\\\ \\<x\\>");
    }
}
