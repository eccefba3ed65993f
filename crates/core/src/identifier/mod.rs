//! The names KSeF gives to companies, documents, sessions and certificates. Each is checked once, when it is made.

mod certificate_serial;
mod context;
mod crc8;
mod invoice_hash;
mod ksef_number;
mod nip;
mod reference;

pub use certificate_serial::CertificateSerial;
pub use context::{ContextIdentifier, ContextKind};
pub use invoice_hash::InvoiceHash;
pub use ksef_number::KsefNumber;
pub use nip::Nip;
pub use reference::ReferenceNumber;

use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic};

/// A text that is not the identifier it should be. Says what was expected, never what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum IdentifierError {
    /// Not ten digits of the pattern of a NIP.
    #[error("a NIP has ten digits, the first of them not 0 and the second and third not both 0")]
    Nip,
    /// The kind of a context is none of the four.
    #[error("a context is written KIND:VALUE where KIND is Nip, InternalId, NipVatUe or PeppolId")]
    ContextKind,
    /// Not `NIP-ddddd`.
    #[error("an InternalId is a NIP, a dash and five digits")]
    InternalId,
    /// Not `NIP-` and an EU VAT number.
    #[error("a NipVatUe is a NIP, a dash and an EU VAT number with its country code")]
    NipVatUe,
    /// Not `P`, two capital letters and six digits.
    #[error("a PeppolId is the letter P, two capital letters and six digits")]
    PeppolId,
    /// Not the form of a KSeF number.
    #[error("a KSeF number is NIP-YYYYMMDD-XXXXXXXXXXXX-CC with capital hexadecimal digits")]
    KsefNumber,
    /// The last two digits of a KSeF number do not match the rest.
    #[error("the checksum of the KSeF number does not match it")]
    KsefNumberChecksum,
    /// Not 36 characters of the form of a reference number.
    #[error("a reference number has 36 characters: date, kind, three groups and a checksum")]
    ReferenceNumber,
    /// Not a SHA-256 value in the expected Base64 alphabet.
    #[error(
        "an invoice hash is 32 bytes: 44 characters of Base64, in links 43 of Base64URL without padding"
    )]
    InvoiceHash,
    /// Not 16 capital hexadecimal digits.
    #[error("a certificate serial number has 16 capital hexadecimal digits")]
    CertificateSerial,
}

impl Diagnostic for IdentifierError {
    fn code(&self) -> &'static str {
        match self {
            Self::Nip => "nip-malformed",
            Self::ContextKind => "context-kind-unknown",
            Self::InternalId => "internal-id-malformed",
            Self::NipVatUe => "nip-vat-ue-malformed",
            Self::PeppolId => "peppol-id-malformed",
            Self::KsefNumber => "ksef-number-malformed",
            Self::KsefNumberChecksum => "ksef-number-checksum",
            Self::ReferenceNumber => "reference-number-malformed",
            Self::InvoiceHash => "invoice-hash-malformed",
            Self::CertificateSerial => "certificate-serial-malformed",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::Nip => {
                "NIP ma dziesięć cyfr, pierwsza nie jest zerem, a druga i trzecia nie są obie zerami"
            }
            Self::ContextKind => {
                "kontekst zapisuje się RODZAJ:WARTOŚĆ, gdzie RODZAJ to Nip, InternalId, NipVatUe lub PeppolId"
            }
            Self::InternalId => "InternalId to NIP, myślnik i pięć cyfr",
            Self::NipVatUe => "NipVatUe to NIP, myślnik i numer VAT UE z kodem kraju",
            Self::PeppolId => "PeppolId to litera P, dwie wielkie litery i sześć cyfr",
            Self::KsefNumber => {
                "numer KSeF ma postać NIP-RRRRMMDD-XXXXXXXXXXXX-CC z wielkimi cyframi szesnastkowymi"
            }
            Self::KsefNumberChecksum => "suma kontrolna numeru KSeF nie zgadza się z numerem",
            Self::ReferenceNumber => {
                "numer referencyjny ma 36 znaków: data, rodzaj, trzy grupy i suma kontrolna"
            }
            Self::InvoiceHash => {
                "skrót faktury to 32 bajty: 44 znaki Base64, w linkach 43 znaki Base64URL bez dopełnienia"
            }
            Self::CertificateSerial => {
                "numer seryjny certyfikatu to 16 wielkich cyfr szesnastkowych"
            }
        };
        Bilingual::new(pl, self.to_string())
    }
}
