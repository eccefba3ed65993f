//! The receipt of KSeF for invoices it accepted: the UPO, an XML document of schema v4-3 signed by the Ministry.
//!
//! Reading is strict in what a receipt is for (namespace, KSeF numbers with their checksums, invoice hashes) and lenient
//! elsewhere: the Test environment writes a receiver the published schema forbids, and further elements may come.

mod read;
mod verify;

use core::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic};
use crate::identifier::{ContextIdentifier, InvoiceHash, KsefNumber, Nip, ReferenceNumber};
use crate::signature::SignatureError;

pub use verify::{ReceiptReport, VerifiedReceipt, examine, verify};

/// Namespace of UPO v4-3, the only one that is read.
pub const UPO_NAMESPACE: &str = "http://upo.schematy.mf.gov.pl/KSeF/v4-3";
/// Largest receipt that is read, in bytes; one of 10 000 invoices needs less than a third of it.
pub const MAX_SIZE: usize = 32_000_000;

/// A receipt of one invoice or of one page of a session.
#[derive(Clone, PartialEq, Eq)]
pub struct Upo {
    /// Name of the receiver as written; differs by environment.
    pub receiver: String,
    /// The session the invoices came in.
    pub session: ReferenceNumber,
    /// Context of the login; absent when it is of a kind this library does not know.
    pub context: Option<ContextIdentifier>,
    /// What the sender logged in with.
    pub login: Option<UpoLogin>,
    /// Which page of the session's receipt this is; absent in the receipt of one invoice.
    pub page: Option<UpoPage>,
    /// File name of the schema of the invoices.
    pub schema: String,
    /// Form code of the invoices, for example `FA (3)`.
    pub form: String,
    /// The accepted invoices, at least one.
    pub documents: Vec<UpoDocument>,
}

/// What the sender of the invoices logged in with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UpoLogin {
    /// A KSeF token, by its reference number.
    Token(ReferenceNumber),
    /// A signed login document, by the SHA-256 of its bytes.
    Document(InvoiceHash),
}

/// Place of a receipt among the pages of its session; all numbers count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UpoPage {
    /// Number of this page.
    pub number: u32,
    /// How many pages there are.
    pub of: u32,
    /// First document on this page.
    pub first: u32,
    /// Last document on this page as written. (The schema calls it exclusive, the Ministry's own samples include it.)
    pub last: u32,
    /// Documents on all pages.
    pub total: u32,
}

/// How an invoice was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SendingMode {
    /// As it was issued.
    Online,
    /// Issued offline, sent later.
    Offline,
}

impl SendingMode {
    /// The value in receipts and in the API.
    pub fn code(self) -> &'static str {
        match self {
            Self::Online => "Online",
            Self::Offline => "Offline",
        }
    }
}

/// One accepted invoice in a receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct UpoDocument {
    /// Seller of the invoice.
    pub seller: Nip,
    /// The number KSeF gave.
    pub ksef_number: KsefNumber,
    /// The invoice's own number (`P_2`).
    pub invoice_number: String,
    /// Issue date (`P_1`).
    pub issue_date: Date,
    /// When KSeF took the document in.
    pub sent: Timestamp,
    /// When KSeF numbered it: the day the invoice counts as received.
    pub numbered: Timestamp,
    /// SHA-256 of the invoice's bytes.
    pub hash: InvoiceHash,
    /// Whether KSeF counts it as sent offline.
    pub mode: SendingMode,
}

impl Upo {
    /// Reads a receipt. The signature is not looked at.
    ///
    /// # Errors
    /// [`ReceiptError`] for what is no UPO v4-3, or one that lacks what a receipt is for.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReceiptError> {
        read::upo(bytes)
    }

    /// The entry of the invoice with this hash.
    ///
    /// # Errors
    /// [`ReceiptError::OtherInvoice`] when there is none, [`ReceiptError::Ambiguous`] when the receipt gives the hash
    /// several KSeF numbers.
    pub fn document_for(&self, hash: &InvoiceHash) -> Result<&UpoDocument, ReceiptError> {
        let mut found = self
            .documents
            .iter()
            .filter(|document| document.hash == *hash);
        let first = found.next().ok_or(ReceiptError::OtherInvoice)?;
        if found.all(|other| other.ksef_number == first.ksef_number) {
            Ok(first)
        } else {
            Err(ReceiptError::Ambiguous)
        }
    }
}

/// Shows session and count, nothing of the invoices.
impl fmt::Debug for Upo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upo")
            .field("session", &self.session)
            .field("page", &self.page)
            .field("documents", &self.documents.len())
            .finish_non_exhaustive()
    }
}

/// Shows the numbers KSeF gave, nothing of the invoice.
impl fmt::Debug for UpoDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UpoDocument")
            .field("ksef_number", &self.ksef_number)
            .field("hash", &self.hash)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

/// Why a file is no receipt, or not the receipt of this invoice.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// More bytes than any receipt has.
    #[error("the file is too large for a receipt (UPO)")]
    TooLarge,
    /// Not well-formed XML, not UTF-8, or with a document type declaration.
    #[error("the receipt (UPO) is not well-formed XML in UTF-8")]
    Malformed,
    /// Another document.
    #[error("the file is no receipt (UPO) of version 4-3")]
    NotAReceipt,
    /// Something a receipt is for is missing or cannot be read.
    #[error("the receipt (UPO) has no legal {element}")]
    Illegal {
        /// Schema name of the element.
        element: &'static str,
    },
    /// The seal does not hold.
    #[error("the signature of the receipt (UPO) does not hold: {0}")]
    Signature(#[from] SignatureError),
    /// The receipt is for other invoices.
    #[error("the receipt (UPO) does not name this invoice")]
    OtherInvoice,
    /// The receipt gives the invoice several KSeF numbers.
    #[error("the receipt (UPO) gives this invoice more than one KSeF number")]
    Ambiguous,
    /// The receipt says something else of the invoice than the invoice itself.
    #[error("the receipt (UPO) gives this invoice another {element} than it has")]
    OtherContent {
        /// Schema name of the element in the receipt.
        element: &'static str,
    },
    /// The receipt gives the invoice another KSeF number.
    #[error("the receipt (UPO) gives this invoice another KSeF number")]
    OtherNumber,
}

impl Diagnostic for ReceiptError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "receipt-too-large",
            Self::Malformed => "receipt-malformed",
            Self::NotAReceipt => "receipt-unknown",
            Self::Illegal { .. } => "receipt-illegal",
            Self::Signature(_) => "receipt-signature",
            Self::OtherInvoice => "receipt-other-invoice",
            Self::Ambiguous => "receipt-ambiguous",
            Self::OtherContent { .. } => "receipt-other-content",
            Self::OtherNumber => "receipt-other-number",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::TooLarge => "plik jest za duży jak na UPO".into(),
            Self::Malformed => "UPO nie jest poprawnym XML w UTF-8".into(),
            Self::NotAReceipt => "plik nie jest UPO w wersji 4-3".into(),
            Self::Illegal { element } => format!("w UPO brakuje poprawnego elementu {element}"),
            Self::Signature(error) => {
                format!("podpis UPO się nie weryfikuje: {}", error.message().pl)
            }
            Self::OtherInvoice => "UPO nie wymienia tej faktury".into(),
            Self::Ambiguous => "UPO podaje więcej niż jeden numer KSeF tej faktury".into(),
            Self::OtherContent { element } => {
                format!("UPO podaje inny {element}, niż ma ta faktura")
            }
            Self::OtherNumber => "UPO podaje inny numer KSeF tej faktury".into(),
        };
        Bilingual::new(pl, self.to_string())
    }
}
