//! The Polish tax identification number.

use core::fmt;
use core::str::FromStr;

use super::IdentifierError;

/// A Polish tax identification number (NIP): ten digits of the pattern `[1-9]((\d[1-9])|([1-9]\d))\d{7}`.
///
/// The check digit is not part of the pattern: only the production environment of KSeF enforces it, so it is asked
/// for with [`Nip::has_valid_checksum`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nip([u8; 10]);

impl Nip {
    /// Checks the pattern.
    ///
    /// # Errors
    /// [`IdentifierError::Nip`] for anything but the ten digits; separators are not accepted.
    pub fn parse(text: &str) -> Result<Self, IdentifierError> {
        let digits: [u8; 10] = text
            .as_bytes()
            .try_into()
            .map_err(|_| IdentifierError::Nip)?;
        let legal = digits.iter().all(u8::is_ascii_digit)
            && digits[0] != b'0'
            && (digits[1] != b'0' || digits[2] != b'0');
        if legal {
            Ok(Self(digits))
        } else {
            Err(IdentifierError::Nip)
        }
    }

    /// The ten digits.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Whether the last digit is the weighted sum of the others modulo 11 (weights 6, 5, 7, 2, 3, 4, 5, 6, 7).
    pub fn has_valid_checksum(&self) -> bool {
        const WEIGHTS: [u32; 9] = [6, 5, 7, 2, 3, 4, 5, 6, 7];
        let sum: u32 = WEIGHTS
            .iter()
            .zip(self.0)
            .map(|(weight, digit)| weight * u32::from(digit - b'0'))
            .sum();
        sum % 11 == u32::from(self.0[9] - b'0')
    }
}

impl FromStr for Nip {
    type Err = IdentifierError;

    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        Self::parse(text)
    }
}

impl fmt::Display for Nip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Nip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Nip({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pattern_is_that_of_the_schema() {
        for good in ["1111111111", "5265877635", "1010000000", "1100000000"] {
            assert_eq!(Nip::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "",
            "0111111111",
            "1001111111",
            "111111111",
            "11111111111",
            "526-587-76",
            "111111111x",
            "１11111111",
        ] {
            assert_eq!(Nip::parse(bad), Err(IdentifierError::Nip), "{bad}");
        }
    }

    #[test]
    fn the_check_digit_is_a_weighted_sum_modulo_eleven() {
        assert!(Nip::parse("5265877635").unwrap().has_valid_checksum());
        assert!(!Nip::parse("5265877636").unwrap().has_valid_checksum());
        // A remainder of ten can be matched by no digit.
        assert!((0..10).all(|d| {
            !Nip::parse(&format!("123456789{d}"))
                .unwrap()
                .has_valid_checksum()
                || d != 10
        }));
    }
}
