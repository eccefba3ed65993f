//! The number KSeF gives to a session, a login, an enrolment or an invoice on its way.

use core::fmt;
use core::str::FromStr;

use jiff::civil::Date;

use super::IdentifierError;
use super::crc8::crc8;

/// A reference number, 36 characters: `YYYYMMDD-KK-XXXXXXXXXX-XXXXXXXXXX-CC`, for example
/// `20250626-SB-213D593000-4DE10D80A5-E9`, where `KK` is the kind (`SB` batch session, `SO` interactive session,
/// `EE` invoice, `AU` login) and `CC` a CRC-8 of the first 33 characters.
///
/// The checksum is not enforced when reading: the contract promises a length, and what KSeF sends is what has to be
/// sent back.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReferenceNumber(Box<str>);

impl ReferenceNumber {
    /// Checks that `text` has 36 characters that are safe in a URL path: ASCII letters, digits and dashes.
    ///
    /// # Errors
    /// [`IdentifierError::ReferenceNumber`] for anything else.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        if text.len() == 36 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            Ok(Self(text.into()))
        } else {
            Err(IdentifierError::ReferenceNumber)
        }
    }

    /// Builds a number of `kind` (two letters) from 80 bits that make it unique.
    pub fn assemble(date: Date, kind: &str, unique: u128) -> Self {
        let body = format!(
            "{:04}{:02}{:02}-{kind:.2}-{:010X}-{:010X}-",
            date.year(),
            date.month(),
            date.day(),
            (unique >> 40) & 0xFF_FFFF_FFFF,
            unique & 0xFF_FFFF_FFFF
        );
        let check = crc8(&body.as_bytes()[..33.min(body.len())]);
        Self(format!("{body}{check:02X}").into())
    }

    /// The text as KSeF writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ReferenceNumber {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        Self::parse(text)
    }
}

impl fmt::Display for ReferenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ReferenceNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReferenceNumber({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_covers_thirty_three_characters() {
        let text = "20250626-SB-213D593000-4DE10D80A5-E9";
        let number = ReferenceNumber::assemble(
            jiff::civil::date(2025, 6, 26),
            "SB",
            0x213D_5930_004D_E10D_80A5,
        );
        assert_eq!(number.as_str(), text);
        assert_eq!(ReferenceNumber::parse(text), Ok(number));
    }

    #[test]
    fn nothing_that_could_leave_a_path_segment_is_accepted() {
        assert!(ReferenceNumber::parse("20250626-SB-213D593000-4DE10D80A5/E9").is_err());
        assert!(ReferenceNumber::parse("20250626-SB-213D593000-4DE10D80A5-E").is_err());
    }
}
