//! Receipts (UPO) as they are stored: exact bytes, shared by the invoices they cover.

use core::fmt;
use core::fmt::Write as _;

use jiff::Timestamp;
use ksef_offline_core::identifier::ReferenceNumber;
use sha2::{Digest as _, Sha256};

use crate::entry::EntryId;

/// The name of a stored receipt: SHA-256 of its bytes, so that storing the same one again changes nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReceiptId([u8; 32]);

impl ReceiptId {
    /// The id of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// An id read from a store.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::with_capacity(64);
        for byte in self.0 {
            write!(text, "{byte:02x}")?;
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ReceiptId({self})")
    }
}

/// A receipt to be stored.
#[derive(Clone)]
pub struct NewReceipt {
    /// The XML exactly as KSeF gave it.
    pub bytes: Vec<u8>,
    /// The session it is of.
    pub session: Option<ReferenceNumber>,
    /// The accepted invoices it covers; a session's page covers many.
    pub entries: Vec<EntryId>,
}

/// Shows sizes only.
impl fmt::Debug for NewReceipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewReceipt")
            .field("size", &self.bytes.len())
            .field("session", &self.session)
            .field("entries", &self.entries.len())
            .finish()
    }
}

/// A stored receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Its id.
    pub id: ReceiptId,
    /// The XML exactly as KSeF gave it.
    pub bytes: Vec<u8>,
    /// The session it is of.
    pub session: Option<ReferenceNumber>,
    /// When it was stored.
    pub stored: Timestamp,
}

/// Shows id and size only.
impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("id", &self.id)
            .field("size", &self.bytes.len())
            .finish_non_exhaustive()
    }
}
