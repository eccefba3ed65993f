//! The patterns of the schema, matched by hand. `\d` is read as the ASCII digits: the schema's wider reading (any digit
//! of Unicode) has no use in these numbers, and KSeF takes none.

use super::grammar::Pattern;

#[cfg(feature = "json-schema")]
macro_rules! nip {
    () => {
        "[1-9]([0-9][1-9]|[1-9][0-9])[0-9]{7}"
    };
}

/// Whether all of `text` follows `pattern`.
pub(super) fn matches(pattern: Pattern, text: &str) -> bool {
    let bytes = text.as_bytes();
    match pattern {
        Pattern::Email => is_email(text),
        Pattern::Nip => is_nip(bytes),
        Pattern::InternalId => {
            matches!(bytes.split_at_checked(10), Some((nip, [b'-', rest @ ..])) if is_nip(nip) && is_digits(rest, 5))
        }
        Pattern::EuVatNumber => {
            (1..=12).contains(&bytes.len())
                && bytes
                    .iter()
                    .all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'Z' | b'+' | b'*'))
        }
        Pattern::Krs => is_digits(bytes, 10),
        Pattern::Regon => is_digits(bytes, 9) || is_digits(bytes, 14),
        Pattern::Swift => is_swift(bytes),
        Pattern::KsefNumber => is_ksef_number(bytes),
        Pattern::PaymentLink => is_payment_link(text),
        Pattern::PaymentIdentifier => is_payment_identifier(bytes),
    }
}

/// The same for JSON Schema: a regular expression of a whole text without white space around it. It keeps to what every
/// dialect understands.
#[cfg(feature = "json-schema")]
pub(super) fn expression(pattern: Pattern) -> &'static str {
    match pattern {
        Pattern::Email => r"^[^ \t\n\r](.|[\n\r])*@(.|[\n\r])*[^ \t\n\r]$",
        Pattern::Nip => concat!("^", nip!(), "$"),
        Pattern::InternalId => concat!("^", nip!(), "-[0-9]{5}$"),
        Pattern::EuVatNumber => "^[0-9A-Z+*]{1,12}$",
        Pattern::Krs => "^[0-9]{10}$",
        Pattern::Regon => "^([0-9]{9}|[0-9]{14})$",
        Pattern::Swift => "^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$",
        Pattern::KsefNumber => concat!(
            "^(",
            nip!(),
            "|M[0-9]{9}|[A-Z]{3}[0-9]{7})-(20[2-9][0-9]|2[1-9][0-9]{2}|[3-9][0-9]{3})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])",
            "-[0-9A-F]{6}-?[0-9A-F]{6}-[0-9A-F]{2}$"
        ),
        Pattern::PaymentLink => concat!(
            r"^https?://([a-zA-Z0-9][a-zA-Z0-9-]*\.)+[a-zA-Z]{2,}(:[0-9]{1,5})?(/[^ \t\n\r?#]*)?",
            r"\?([^# \t\n\r]*&)?IPKSeF=[0-9]{3}[a-zA-Z0-9]{10}(&[^# \t\n\r]*)?(#.*)?$"
        ),
        Pattern::PaymentIdentifier => "^[0-9]{3}[a-zA-Z0-9]{10}$",
    }
}

fn is_digits(bytes: &[u8], length: usize) -> bool {
    bytes.len() == length && bytes.iter().all(u8::is_ascii_digit)
}

/// At least one character on both sides of some `@`.
fn is_email(text: &str) -> bool {
    let mut inner = text.chars();
    inner.next();
    inner.next_back();
    inner.as_str().contains('@')
}

fn is_nip(bytes: &[u8]) -> bool {
    is_digits(bytes, 10) && bytes[0] != b'0' && (bytes[1] != b'0' || bytes[2] != b'0')
}

fn is_swift(bytes: &[u8]) -> bool {
    matches!(bytes.len(), 8 | 11)
        && bytes[..6].iter().all(u8::is_ascii_uppercase)
        && bytes[6..]
            .iter()
            .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// Issuer, date, two groups of six hexadecimal digits with or without a dash between them, checksum.
fn is_ksef_number(bytes: &[u8]) -> bool {
    let Some((issuer, [b'-', rest @ ..])) = bytes.split_at_checked(10) else {
        return false;
    };
    let Some((date, [b'-', rest @ ..])) = rest.split_at_checked(8) else {
        return false;
    };
    let Some((first, rest)) = rest.split_at_checked(6) else {
        return false;
    };
    let rest = rest.strip_prefix(b"-").unwrap_or(rest);
    let Some((second, [b'-', checksum @ ..])) = rest.split_at_checked(6) else {
        return false;
    };
    is_issuer(issuer)
        && is_ksef_date(date)
        && is_hex(first)
        && is_hex(second)
        && checksum.len() == 2
        && is_hex(checksum)
}

fn is_hex(bytes: &[u8]) -> bool {
    bytes.iter().all(|b| matches!(b, b'0'..=b'9' | b'A'..=b'F'))
}

/// A NIP, `M` and nine digits, or three letters and seven digits.
fn is_issuer(bytes: &[u8]) -> bool {
    is_nip(bytes)
        || (bytes[0] == b'M' && is_digits(&bytes[1..], 9))
        || (bytes[..3].iter().all(u8::is_ascii_uppercase) && is_digits(&bytes[3..], 7))
}

/// `YYYYMMDD` from the year 2020 on; the day may be 31 in any month.
fn is_ksef_date(bytes: &[u8]) -> bool {
    is_digits(bytes, 8)
        && bytes[..4] >= *b"2020".as_slice()
        && (b"01".as_slice()..=b"12").contains(&&bytes[4..6])
        && (b"01".as_slice()..=b"31").contains(&&bytes[6..8])
}

fn is_payment_identifier(bytes: &[u8]) -> bool {
    bytes.len() == 13
        && is_digits(&bytes[..3], 3)
        && bytes[3..].iter().all(u8::is_ascii_alphanumeric)
}

/// `https?://host[:port][/path]?query[#fragment]`, where one of the query's parameters is `IPKSeF=` and an identifier.
fn is_payment_link(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("http") else {
        return false;
    };
    let Some(rest) = rest.strip_prefix('s').unwrap_or(rest).strip_prefix("://") else {
        return false;
    };
    let host_end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '.')))
        .unwrap_or(rest.len());
    let (host, mut rest) = rest.split_at(host_end);
    if !is_host(host) {
        return false;
    }
    if let Some(after) = rest.strip_prefix(':') {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        if !(1..=5).contains(&digits) {
            return false;
        }
        rest = &after[digits..];
    }
    if rest.starts_with('/') {
        let path_end = rest
            .find(|c: char| c == '?' || c == '#' || is_space(c))
            .unwrap_or(rest.len());
        rest = &rest[path_end..];
    }
    let Some(query) = rest.strip_prefix('?') else {
        return false;
    };
    let query = query.split('#').next().unwrap_or_default();
    !query.contains(is_space)
        && query.split('&').any(|parameter| {
            parameter
                .strip_prefix("IPKSeF=")
                .is_some_and(|id| is_payment_identifier(id.as_bytes()))
        })
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// At least two labels; the last of two or more letters.
fn is_host(host: &str) -> bool {
    let Some((labels, last)) = host.rsplit_once('.') else {
        return false;
    };
    last.len() >= 2
        && last.bytes().all(|b| b.is_ascii_alphabetic())
        && labels
            .split('.')
            .all(|label| label.starts_with(|c: char| c.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: Pattern, good: &[&str], bad: &[&str]) {
        for text in good {
            assert!(matches(pattern, text), "{text}");
        }
        for text in bad {
            assert!(!matches(pattern, text), "{text}");
        }
    }

    #[test]
    fn identifiers_follow_their_patterns() {
        check(
            Pattern::Nip,
            &["5265877635", "1010000000", "1100000000"],
            &[
                "0265877635",
                "1001111111",
                "526587763",
                "52658776350",
                "526-587-76-35",
                "",
            ],
        );
        check(
            Pattern::InternalId,
            &["5265877635-00001"],
            &[
                "5265877635-0001",
                "5265877635",
                "5265877635 00001",
                "526587763é-0001",
            ],
        );
        check(
            Pattern::EuVatNumber,
            &["1", "ATU12345678+", "*"],
            &["", "1234567890123", "atu1", "1 2"],
        );
        check(Pattern::Krs, &["0000417325"], &["417325", "00004173251"]);
        check(
            Pattern::Regon,
            &["101482996", "10148299600000"],
            &["1014829960", ""],
        );
        check(
            Pattern::Swift,
            &["BPKOPLPW", "BPKOPLPWXXX"],
            &["BPKOPLP", "BPKOPLPWXX", "bpkoplpw", "BPKO1LPW"],
        );
        check(
            Pattern::KsefNumber,
            &[
                "5265877635-20250826-0100001AF629-AF",
                "5265877635-20250826-010000-1AF629-AF",
                "M123456789-20991231-0100001AF629-AF",
                "ABC1234567-99990131-0100001AF629-00",
            ],
            &[
                "5265877635-20190826-0100001AF629-AF",
                "5265877635-20251326-0100001AF629-AF",
                "5265877635-20250832-0100001AF629-AF",
                "5265877635-20250826-0100001af629-AF",
                "5265877635-20250826-0100001AF62-9AF",
                "5265877635-20250826-0100001AF629-A",
                "5265877635-20250826-010000--1AF629-AF",
            ],
        );
    }

    #[test]
    fn addresses_follow_their_patterns() {
        check(
            Pattern::Email,
            &["a@b", "@@@", "ż@ż", "a b@c d"],
            &["a@", "@b", "ab", "@", ""],
        );
        check(
            Pattern::PaymentIdentifier,
            &["123abcDEF4567"],
            &["12abcDEF45678", "123abcDEF456", "123abcDEF456-"],
        );
        check(
            Pattern::PaymentLink,
            &[
                "https://pay.example.com?IPKSeF=123abcDEF4567",
                "http://a-b.example.pl:8080/x/y?z=1&IPKSeF=123abcDEF4567&q#frag ment",
                "https://a.bc/?&IPKSeF=123abcDEF4567#",
            ],
            &[
                "ftp://pay.example.com?IPKSeF=123abcDEF4567",
                "https://localhost?IPKSeF=123abcDEF4567",
                "https://-a.example.com?IPKSeF=123abcDEF4567",
                "https://a..com?IPKSeF=123abcDEF4567",
                "https://pay.example.c?IPKSeF=123abcDEF4567",
                "https://pay.example.com:123456?IPKSeF=123abcDEF4567",
                "https://pay.example.com/?xIPKSeF=123abcDEF4567",
                "https://pay.example.com/?IPKSeF=123abcDEF4567x",
                "https://pay.example.com/?a b&IPKSeF=123abcDEF4567",
                "https://pay.example.com/#?IPKSeF=123abcDEF4567",
                "https://pay.example.com/IPKSeF=123abcDEF4567",
            ],
        );
    }
}
