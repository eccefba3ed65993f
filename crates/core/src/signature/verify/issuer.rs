//! Whether a quoted issuer is that of a certificate. Names have many spellings (RFC 2253, RFC 4514, those of Java and
//! .NET, types by short name or number, values as text or DER); what is compared is the set of values.

use der::{Decode as _, Sequence};
use x509_cert::ext::pkix::name::{GeneralName, GeneralNames};
use x509_cert::serial_number::SerialNumber;

use crate::key::Certificate;

/// `IssuerSerial` of RFC 5035, which `IssuerSerialV2` carries in Base64.
#[derive(Sequence)]
struct IssuerSerial {
    issuer: GeneralNames,
    serial: SerialNumber,
}

pub(super) fn same_issuer_serial(der: &[u8], certificate: &Certificate) -> bool {
    let (Ok(quoted), Ok(parsed)) = (
        IssuerSerial::from_der(der),
        x509_cert::Certificate::from_der(certificate.der()),
    ) else {
        return false;
    };
    let body = parsed.tbs_certificate();
    let names_issuer = quoted
        .issuer
        .iter()
        .any(|name| matches!(name, GeneralName::DirectoryName(name) if name == body.issuer()));
    names_issuer && quoted.serial == *body.serial_number()
}

pub(super) fn same_issuer(written: &str, certificate: &Certificate) -> bool {
    let quoted = values(written);
    quoted.is_some() && quoted == values(&certificate.issuer())
}

/// The values of a distinguished name, sorted, without regard to case and white space. `None` for what is no name.
fn values(name: &str) -> Option<Vec<String>> {
    let mut values = split(name.trim())
        .into_iter()
        .map(|attribute| {
            let (_, value) = attribute.split_once('=')?;
            Some(normalised(&plain(value.trim())?))
        })
        .collect::<Option<Vec<_>>>()?;
    values.sort_unstable();
    Some(values)
}

/// Cuts at the separators that are neither escaped nor quoted.
fn split(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let (mut escaped, mut quoted) = (false, false);
    for character in name.chars() {
        let separates = matches!(character, ',' | ';' | '+') && !escaped && !quoted;
        if separates {
            parts.push(String::new());
            continue;
        }
        if character == '"' && !escaped {
            quoted = !quoted;
        }
        escaped = character == '\\' && !escaped;
        if let Some(last) = parts.last_mut() {
            last.push(character);
        }
    }
    parts
}

/// A value without quotes and escapes; DER (`#` and hexadecimal digits) read where it is a string.
fn plain(value: &str) -> Option<String> {
    if let Some(digits) = value.strip_prefix('#') {
        let der = hexadecimal(digits)?;
        return match der[..] {
            // UTF8String, NumericString, PrintableString, TeletexString, IA5String in the short form of length.
            [0x0c | 0x12 | 0x13 | 0x14 | 0x16, length, ref text @ ..]
                if usize::from(length) == text.len() && length < 0x80 =>
            {
                Some(String::from_utf8_lossy(text).into_owned())
            }
            _ => Some(digits.to_lowercase()),
        };
    }
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(value);
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.as_bytes();
    while let [first, after @ ..] = rest {
        let (byte, remaining) = match (first, after) {
            (b'\\', [high, low, tail @ ..])
                if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                (
                    hexadecimal(core::str::from_utf8(&after[..2]).ok()?)?[0],
                    tail,
                )
            }
            (b'\\', [escaped, tail @ ..]) => (*escaped, tail),
            _ => (*first, after),
        };
        bytes.push(byte);
        rest = remaining;
    }
    String::from_utf8(bytes).ok()
}

fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes = digits.as_bytes();
    if bytes.is_empty() || bytes.len() % 2 != 0 {
        return None;
    }
    bytes
        .chunks(2)
        .map(|pair| Some((digit(pair[0])? * 16 + digit(pair[1])?) as u8))
        .collect()
}

fn normalised(value: &str) -> String {
    let words: Vec<&str> = value.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_name_has_many_spellings() {
        let ours = values("CN=Łódka \\+ #1,2.5.4.97=#0c07564154504c2d35,O=A \\\"B\\\"\\, C,C=PL");
        assert!(ours.is_some());
        for other in [
            "C=PL, O=\"A \\\"B\\\", C\", OID.2.5.4.97=VATPL-5, CN=\"Łódka + #1\"",
            "cn=łódka \\2b #1 , organizationIdentifier=VATPL-5, o=A \\22B\\22\\2C  C, c=pl",
            "CN=\\c5\\81ódka \\+ #1;2.5.4.97=VATPL-5;O=A \\\"B\\\"\\, C;C=PL",
        ] {
            assert_eq!(values(other), ours, "{other}");
        }
        for other in [
            "CN=Łódka \\+ #2,2.5.4.97=VATPL-5,O=A \\\"B\\\"\\, C,C=PL",
            "CN=Łódka \\+ #1,O=A \\\"B\\\"\\, C,C=PL",
            "nothing",
            "",
        ] {
            assert_ne!(values(other), ours, "{other}");
        }
    }
}
