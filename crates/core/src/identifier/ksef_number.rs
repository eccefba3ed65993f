//! The number KSeF gives to an accepted invoice.

use core::fmt;
use core::str::FromStr;

use jiff::civil::Date;

use super::crc8::crc8;
use super::{IdentifierError, Nip};

/// The number of an accepted invoice: `NIP-YYYYMMDD-XXXXXXXXXXXX-CC`, 35 characters, for example
/// `5265877635-20250826-0100001AF629-AF`. `CC` is a CRC-8 of the first 32 characters.
///
/// The 36-character form of KSeF 1.0, whose twelve digits are split six and six by a dash, is accepted as well.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KsefNumber(Box<str>);

impl KsefNumber {
    /// Checks form, date and checksum.
    ///
    /// # Errors
    /// [`IdentifierError::KsefNumber`] for another form, [`IdentifierError::KsefNumberChecksum`] for wrong check digits.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let groups: Vec<&str> = text.split('-').collect();
        let (nip, date, unique, check) = match groups[..] {
            [nip, date, unique, check] if unique.len() == 12 => {
                (nip, date, unique.to_owned(), check)
            }
            [nip, date, first, second, check] if first.len() == 6 && second.len() == 6 => {
                (nip, date, format!("{first}{second}"), check)
            }
            _ => return Err(IdentifierError::KsefNumber),
        };
        let upper_hex = |text: &str| {
            text.bytes()
                .all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b))
        };
        let legal = Nip::parse(nip).is_ok()
            && parse_compact_date(date).is_some()
            && upper_hex(&unique)
            && check.len() == 2
            && upper_hex(check);
        if !legal {
            return Err(IdentifierError::KsefNumber);
        }
        // The old form spells the same number with one more dash; its check digits cover what stands before the last dash.
        let body = &text[..text.len() - 3];
        if format!("{:02X}", crc8(body.as_bytes())) != check {
            return Err(IdentifierError::KsefNumberChecksum);
        }
        Ok(Self(text.into()))
    }

    /// Builds the number of an invoice of `seller` accepted on `date` from twelve hexadecimal digits, the last six
    /// bytes of `unique`.
    pub fn assemble(seller: Nip, date: Date, unique: u64) -> Self {
        let body = format!(
            "{seller}-{:04}{:02}{:02}-{:012X}",
            date.year(),
            date.month(),
            date.day(),
            unique & 0xFFFF_FFFF_FFFF
        );
        let check = crc8(body.as_bytes());
        Self(format!("{body}-{check:02X}").into())
    }

    /// The text as KSeF writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The NIP of the seller, the first ten digits.
    pub fn seller(&self) -> Option<Nip> {
        self.0.get(..10).and_then(|text| Nip::parse(text).ok())
    }

    /// The day of acceptance.
    pub fn date(&self) -> Option<Date> {
        self.0.get(11..19).and_then(parse_compact_date)
    }
}

fn parse_compact_date(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Date::new(
        text[..4].parse().ok()?,
        text[4..6].parse().ok()?,
        text[6..].parse().ok()?,
    )
    .ok()
}

impl FromStr for KsefNumber {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        Self::parse(text)
    }
}

impl fmt::Display for KsefNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for KsefNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KsefNumber({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ministrys_example_is_read() {
        let number = KsefNumber::parse("5265877635-20250826-0100001AF629-AF").unwrap();
        assert_eq!(number.seller().unwrap().as_str(), "5265877635");
        assert_eq!(number.date().unwrap().to_string(), "2025-08-26");
    }

    #[test]
    fn an_assembled_number_is_the_one_parsed() {
        let nip = Nip::parse("5265877635").unwrap();
        let number = KsefNumber::assemble(nip, jiff::civil::date(2025, 8, 26), 0x0100_001A_F629);
        assert_eq!(number.as_str(), "5265877635-20250826-0100001AF629-AF");
    }

    #[test]
    fn one_wrong_digit_is_found() {
        assert_eq!(
            KsefNumber::parse("5265877635-20250826-0100001AF628-AF"),
            Err(IdentifierError::KsefNumberChecksum)
        );
        for bad in [
            "",
            "5265877635-20250826-0100001AF629",
            "5265877635-20251326-0100001AF629-AF",
            "5265877635-20250826-0100001af629-AF",
            "5265877635-20250826-0100001AF629-af",
            "5265877635-20250826-0100001AF629-AF ",
        ] {
            assert_eq!(
                KsefNumber::parse(bad),
                Err(IdentifierError::KsefNumber),
                "{bad}"
            );
        }
    }
}
