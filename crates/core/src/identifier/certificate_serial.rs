//! The serial number of a KSeF certificate.

use core::fmt;
use core::str::FromStr;

use super::IdentifierError;

/// The serial number of a KSeF certificate as links and the API write it: 16 capital hexadecimal digits with leading
/// zeros kept, for example `01635E98D9669239`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CertificateSerial([u8; 16]);

impl CertificateSerial {
    /// Checks the 16 digits.
    ///
    /// # Errors
    /// [`IdentifierError::CertificateSerial`] for another length or another alphabet, lower case included.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let digits: [u8; 16] = text
            .as_bytes()
            .try_into()
            .map_err(|_| IdentifierError::CertificateSerial)?;
        if digits
            .iter()
            .all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(b))
        {
            Ok(Self(digits))
        } else {
            Err(IdentifierError::CertificateSerial)
        }
    }

    /// From the big-endian bytes that stand in a certificate; a leading sign byte 0 is dropped.
    ///
    /// # Errors
    /// [`IdentifierError::CertificateSerial`] when the number needs more than eight bytes: KSeF has issued no such certificate.
    pub fn from_be_bytes(bytes: &[u8]) -> Result<Self, IdentifierError> {
        let significant = bytes
            .iter()
            .position(|byte| *byte != 0)
            .map_or(&[][..], |start| &bytes[start..]);
        if significant.len() > 8 {
            return Err(IdentifierError::CertificateSerial);
        }
        let number = significant
            .iter()
            .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
        Self::parse(&format!("{number:016X}"))
    }

    /// The 16 digits.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for CertificateSerial {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        Self::parse(text)
    }
}

impl fmt::Display for CertificateSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CertificateSerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateSerial({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_zeros_are_kept() {
        let serial = CertificateSerial::from_be_bytes(&[0x00, 0x01, 0x63, 0x5E]).unwrap();
        assert_eq!(serial.as_str(), "000000000001635E");
        assert_eq!(
            CertificateSerial::from_be_bytes(&[0, 0xFF, 1, 2, 3, 4, 5, 6, 7])
                .unwrap()
                .as_str(),
            "FF01020304050607"
        );
        assert!(CertificateSerial::from_be_bytes(&[1; 9]).is_err());
        assert!(CertificateSerial::parse("01635e98d9669239").is_err());
    }
}
