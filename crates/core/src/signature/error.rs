//! Why a signature was not made, or does not convince.

use jiff::Timestamp;
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
    /// The document to sign has a signature already.
    #[error("the document to sign has a signature already")]
    DocumentSigned,
    /// A text of the caller that cannot go into a signature.
    #[error("the text for {0} is empty, too long, or has characters that do not belong there")]
    TextRefused(&'static str),
    /// The algorithm is for another kind of key.
    #[error("the signature algorithm does not go with the key of the certificate")]
    AlgorithmUnfit,
    /// The signer failed.
    #[error(transparent)]
    Signer(#[from] SignerError),
    /// No XML, too large, or with a DTD.
    #[error("the signature file is not well-formed XML in UTF-8, or has a DTD, or is too large")]
    Malformed,
    /// No signature, or more than one.
    #[error("the file must hold exactly one ds:Signature, at its root or right below it")]
    NotOneSignature,
    /// An element that every XAdES signature has is not there.
    #[error("the signature has no legal {0}")]
    Missing(&'static str),
    /// An element that may stand once stands again, or one stands where none belongs.
    #[error("the signature has an element too many: {0}")]
    Unexpected(&'static str),
    /// An algorithm that is unknown, weak or not allowed.
    #[error("the signature uses an algorithm that is not accepted in {0}")]
    AlgorithmRefused(&'static str),
    /// Two elements with the same Id.
    #[error("two elements of the document share an Id")]
    DuplicateId,
    /// The references do not cover the document and the signed properties, and nothing else.
    #[error("the references of the signature do not cover the document and the signed properties")]
    WrongReferences,
    /// The signature lies beside its document, and the document was not given.
    #[error("the signature is a detached one: the file it signs is needed")]
    DocumentMissing,
    /// A document that is not the one that was signed.
    #[error("the digest of the document is not the one that was signed")]
    DigestMismatch,
    /// The signature signs something else than the invoice that was given.
    #[error("what the signature signs is not the invoice that was given")]
    OtherInvoice,
    /// The signature covers the canonical form of the file only, which other bytes share.
    #[error("the signature covers the canonical form of the file, not its exact bytes")]
    CanonicalOnly,
    /// A SigningTime that is no `xsd:dateTime`.
    #[error("SigningTime is no legal xsd:dateTime")]
    TimeIllegal,
    /// A SigningTime that names no instant.
    #[error("SigningTime has no time zone, so that it names no instant")]
    TimeWithoutZone,
    /// A SigningTime that has not come yet.
    #[error("SigningTime lies in the future: {0}")]
    TimeAhead(Timestamp),
    /// Signed properties that are not the ones that were signed.
    #[error("the digest of the signed properties is not the one that was signed")]
    PropertiesMismatch,
    /// A KeyInfo that is not the one that was signed.
    #[error("the digest of KeyInfo is not the one that was signed")]
    KeyInfoMismatch,
    /// The certificate is not the one the signer bound himself to.
    #[error("no certificate in KeyInfo is the one the signer bound himself to")]
    CertificateMismatch,
    /// The signature value does not verify.
    #[error("the signature value does not verify")]
    ValueInvalid,
    /// The certificate cannot be read.
    #[error("the certificate in the signature cannot be used: {0}")]
    Certificate(KeyError),
    /// The certificate was not valid when the signature says it was made.
    #[error("the certificate was not valid at the signing time")]
    OutsideValidity,
    /// A name that cannot stand in a container.
    #[error("this is no file name that can stand in an ASiC container")]
    ContainerName,
    /// No container could be made, or the file is none.
    #[error("not a legal ASiC-S container: {en}", en = .0.message().en)]
    Container(ContainerFault),
}

/// What is wrong with a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ContainerFault {
    /// It could not be written.
    Write,
    /// No ZIP archive that every program reads alike.
    Archive,
    /// No document in it, or more than one.
    Documents,
    /// Something in it is too large.
    Size,
    /// A `mimetype` that is another, or not the first entry.
    MediaType,
    /// No `META-INF/signatures.xml`, or another signature or time-stamp beside it.
    Signatures,
}

impl ContainerFault {
    fn message(self) -> Bilingual {
        let (pl, en) = match self {
            Self::Write => ("nie dał się zapisać", "it could not be written"),
            Self::Archive => (
                "to nie archiwum ZIP, które każdy program czyta tak samo",
                "this is no ZIP archive that every program reads alike",
            ),
            Self::Documents => (
                "musi zawierać dokładnie jeden dokument",
                "it must hold exactly one document",
            ),
            Self::Size => ("jego zawartość jest za duża", "its content is too large"),
            Self::MediaType => (
                "mimetype jest inny albo nie stoi na początku",
                "its mimetype is another or not its first entry",
            ),
            Self::Signatures => (
                "musi zawierać jeden podpis, META-INF/signatures.xml",
                "it must hold one signature, META-INF/signatures.xml",
            ),
        };
        Bilingual::new(pl, en)
    }
}

impl Diagnostic for SignatureError {
    fn code(&self) -> &'static str {
        match self {
            Self::DocumentMalformed => "document-malformed",
            Self::DocumentSigned => "document-signed-already",
            Self::TextRefused(_) => "signature-text-refused",
            Self::AlgorithmUnfit => "signature-algorithm-unfit",
            Self::Signer(error) => error.code(),
            Self::Malformed => "signature-malformed",
            Self::NotOneSignature => "signature-not-one",
            Self::Missing(_) => "signature-incomplete",
            Self::Unexpected(_) => "signature-unexpected-element",
            Self::AlgorithmRefused(_) => "signature-algorithm-refused",
            Self::DuplicateId => "signature-duplicate-id",
            Self::WrongReferences => "signature-references",
            Self::DocumentMissing => "signature-document-missing",
            Self::DigestMismatch => "signature-digest",
            Self::OtherInvoice => "signature-other-invoice",
            Self::CanonicalOnly => "signature-canonical-only",
            Self::TimeIllegal => "signature-time-illegal",
            Self::TimeWithoutZone => "signature-time-without-zone",
            Self::TimeAhead(_) => "signature-time-ahead",
            Self::PropertiesMismatch => "signature-properties",
            Self::KeyInfoMismatch => "signature-key-info",
            Self::CertificateMismatch => "signature-certificate-digest",
            Self::ValueInvalid => "signature-value",
            Self::Certificate(_) => "signature-certificate",
            Self::OutsideValidity => "signature-outside-validity",
            Self::ContainerName => "signature-container-name",
            Self::Container(_) => "signature-container",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::DocumentMalformed => "dokument do podpisania nie jest poprawnym XML".into(),
            Self::DocumentSigned => "dokument do podpisania ma już podpis".into(),
            Self::TextRefused(what) => {
                format!("tekst dla {what} jest pusty, za długi albo zawiera niedozwolone znaki")
            }
            Self::AlgorithmUnfit => "algorytm podpisu nie pasuje do klucza certyfikatu".into(),
            Self::Signer(error) => error.message().pl.into_owned(),
            Self::Malformed => {
                "plik podpisu nie jest poprawnym XML w UTF-8, ma DTD albo jest za duży".into()
            }
            Self::NotOneSignature => {
                "plik musi zawierać dokładnie jeden ds:Signature, w korzeniu albo tuż pod nim"
                    .into()
            }
            Self::Missing(what) => format!("w podpisie brakuje poprawnego {what}"),
            Self::Unexpected(what) => format!("w podpisie jest zbędny element: {what}"),
            Self::AlgorithmRefused(place) => {
                format!("podpis używa nieakceptowanego algorytmu w {place}")
            }
            Self::DuplicateId => "dwa elementy dokumentu mają ten sam Id".into(),
            Self::WrongReferences => {
                "odwołania podpisu nie obejmują dokumentu i podpisanych właściwości".into()
            }
            Self::DocumentMissing => {
                "to podpis zewnętrzny: potrzebny jest plik, który podpisuje".into()
            }
            Self::DigestMismatch => "skrót dokumentu nie jest tym, który podpisano".into(),
            Self::OtherInvoice => "podpis dotyczy czegoś innego niż podana faktura".into(),
            Self::CanonicalOnly => {
                "podpis obejmuje postać kanoniczną pliku, a nie dokładnie jego bajty".into()
            }
            Self::TimeIllegal => "SigningTime nie jest poprawnym xsd:dateTime".into(),
            Self::TimeWithoutZone => {
                "SigningTime nie ma strefy czasowej, więc nie wskazuje chwili".into()
            }
            Self::TimeAhead(time) => format!("SigningTime jest w przyszłości: {time}"),
            Self::PropertiesMismatch => {
                "skrót podpisanych właściwości nie jest tym, który podpisano".into()
            }
            Self::KeyInfoMismatch => "skrót KeyInfo nie jest tym, który podpisano".into(),
            Self::CertificateMismatch => {
                "żaden certyfikat w KeyInfo nie jest tym, z którym związał się podpisujący".into()
            }
            Self::ValueInvalid => "wartość podpisu się nie weryfikuje".into(),
            Self::Certificate(error) => format!(
                "certyfikatu w podpisie nie da się użyć: {}",
                error.message().pl
            ),
            Self::OutsideValidity => "certyfikat nie był ważny w chwili podpisania".into(),
            Self::ContainerName => {
                "to nie jest nazwa pliku, która może stać w kontenerze ASiC".into()
            }
            Self::Container(fault) => {
                format!(
                    "to nie jest poprawny kontener ASiC-S: {}",
                    fault.message().pl
                )
            }
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
