//! The identity of a document's bytes.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::IdentifierError;

/// SHA-256 of the exact bytes of an invoice: the identity of the document in KSeF, in QR codes and here.
///
/// JSON carries it as standard Base64 ([`Self::to_base64`], 44 characters), links as Base64URL without padding
/// ([`Self::to_base64url`], 43 characters).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InvoiceHash([u8; 32]);

impl InvoiceHash {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// A hash that was computed elsewhere.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Reads standard Base64 with padding, as in JSON and in receipts.
    ///
    /// # Errors
    /// [`IdentifierError::InvoiceHash`] for another alphabet, length or a non-canonical spelling.
    pub fn from_base64(text: &str) -> Result<Self, IdentifierError> {
        Self::decode(STANDARD.decode(text))
    }

    /// Reads Base64URL without padding, as in links.
    ///
    /// # Errors
    /// [`IdentifierError::InvoiceHash`] for another alphabet, length or a non-canonical spelling.
    pub fn from_base64url(text: &str) -> Result<Self, IdentifierError> {
        Self::decode(URL_SAFE_NO_PAD.decode(text))
    }

    fn decode(bytes: Result<Vec<u8>, base64::DecodeError>) -> Result<Self, IdentifierError> {
        bytes
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(Self)
            .ok_or(IdentifierError::InvoiceHash)
    }

    /// 44 characters of standard Base64.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(self.0)
    }

    /// 43 characters of Base64URL without padding.
    pub fn to_base64url(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Standard Base64.
impl fmt::Display for InvoiceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

impl fmt::Debug for InvoiceHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InvoiceHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_come_back() {
        let hash = InvoiceHash::of(b"abc");
        assert_eq!(
            hash.to_base64(),
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        );
        assert_eq!(
            hash.to_base64url(),
            "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"
        );
        assert_eq!(InvoiceHash::from_base64(&hash.to_base64()), Ok(hash));
        assert_eq!(InvoiceHash::from_base64url(&hash.to_base64url()), Ok(hash));
    }

    #[test]
    fn the_two_spellings_are_not_mixed_and_have_no_twin() {
        let hash = InvoiceHash::of(b"abc");
        assert!(InvoiceHash::from_base64(&hash.to_base64url()).is_err());
        assert!(InvoiceHash::from_base64url(&hash.to_base64()).is_err());
        // The last character has two spare bits: `0` and `1` would decode to the same bytes.
        assert!(
            InvoiceHash::from_base64url("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa1").is_err()
        );
    }
}
