//! XAdES signatures: made over the exact bytes of an invoice or inside a document that allows it, and verified.

mod asic;
mod verify;
mod xades;

pub use asic::{ASIC_S_MEDIA_TYPE, asic_s};
pub use verify::{VerifiedSignature, verify_detached, verify_enveloped};
pub use xades::{sign_detached, sign_enveloped};

use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic, Retry};
use crate::key::{KeyError, SignerError};

/// Why a signature was not made, or does not convince.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// The document to sign is no XML.
    #[error("the document to sign is not well-formed XML")]
    DocumentMalformed,
    /// The signer failed.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// No XML, too large, or with a DTD.
    #[error("the signature file is not well-formed XML, or has a DTD, or is too large")]
    Malformed,
    /// No signature, or more than one.
    #[error("the file must hold exactly one ds:Signature")]
    NotOneSignature,
    /// An element that every XAdES signature has is not there.
    #[error("the signature has no {0}")]
    Missing(&'static str),
    /// An algorithm that is unknown, weak or not allowed.
    #[error("the signature uses an algorithm that is not accepted in {0}")]
    AlgorithmRefused(&'static str),
    /// Two elements with the same Id.
    #[error("two elements of the document share an Id")]
    DuplicateId,
    /// The references do not cover the document and the signed properties, and nothing else.
    #[error("the references of the signature do not cover the document and the signed properties")]
    WrongReferences,
    /// A document that is not the one that was signed.
    #[error("the digest of the document is not the one that was signed")]
    DigestMismatch,
    /// Signed properties that are not the ones that were signed.
    #[error("the digest of the signed properties is not the one that was signed")]
    PropertiesMismatch,
    /// The certificate is not the one the signer bound himself to.
    #[error("the digest of the signing certificate does not match the certificate in KeyInfo")]
    CertificateMismatch,
    /// The signature value does not verify.
    #[error("the signature value does not verify")]
    ValueInvalid,
    /// The certificate cannot be read.
    #[error("the certificate in the signature cannot be used: {0}")]
    Certificate(KeyError),
    /// No container could be made.
    #[error("invoice and signature do not fit into a container")]
    Container,
    /// The certificate was not valid when the signature says it was made.
    #[error("the certificate was not valid at the signing time")]
    OutsideValidity,
}

impl Diagnostic for SignatureError {
    fn code(&self) -> &'static str {
        match self {
            Self::DocumentMalformed => "document-malformed",
            Self::Signer(error) => error.code(),
            Self::Malformed => "signature-malformed",
            Self::NotOneSignature => "signature-not-one",
            Self::Missing(_) => "signature-incomplete",
            Self::AlgorithmRefused(_) => "signature-algorithm-refused",
            Self::DuplicateId => "signature-duplicate-id",
            Self::WrongReferences => "signature-references",
            Self::DigestMismatch => "signature-digest",
            Self::PropertiesMismatch => "signature-properties",
            Self::CertificateMismatch => "signature-certificate-digest",
            Self::ValueInvalid => "signature-value",
            Self::Certificate(_) => "signature-certificate",
            Self::Container => "signature-container",
            Self::OutsideValidity => "signature-outside-validity",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::DocumentMalformed => "dokument do podpisania nie jest poprawnym XML".into(),
            Self::Signer(error) => error.message().pl.into_owned(),
            Self::Malformed => {
                "plik podpisu nie jest poprawnym XML, ma DTD albo jest za duży".into()
            }
            Self::NotOneSignature => "plik musi zawierać dokładnie jeden ds:Signature".into(),
            Self::Missing(what) => format!("w podpisie brakuje {what}"),
            Self::AlgorithmRefused(place) => {
                format!("podpis używa nieakceptowanego algorytmu w {place}")
            }
            Self::DuplicateId => "dwa elementy dokumentu mają ten sam Id".into(),
            Self::WrongReferences => {
                "odwołania podpisu nie obejmują dokumentu i podpisanych właściwości".into()
            }
            Self::DigestMismatch => "skrót dokumentu nie jest tym, który podpisano".into(),
            Self::PropertiesMismatch => {
                "skrót podpisanych właściwości nie jest tym, który podpisano".into()
            }
            Self::CertificateMismatch => {
                "skrót certyfikatu podpisującego nie zgadza się z certyfikatem w KeyInfo".into()
            }
            Self::ValueInvalid => "wartość podpisu się nie weryfikuje".into(),
            Self::Certificate(error) => format!(
                "certyfikatu w podpisie nie da się użyć: {}",
                error.message().pl
            ),
            Self::Container => "faktura i podpis nie mieszczą się w kontenerze".into(),
            Self::OutsideValidity => "certyfikat nie był ważny w chwili podpisania".into(),
        };
        Bilingual::new(pl, self.to_string())
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Signer(error) => error.retry(),
            _ => Retry::Never,
        }
    }
}
