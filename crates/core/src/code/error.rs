//! What can be wrong with a code or its link.

use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic};
use crate::identifier::IdentifierError;

/// A link that is none of KSeF's, a link that does not belong to an invoice, or a picture that cannot be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CodeError {
    /// Not `https://HOST/invoice/…` or `https://HOST/certificate/…` with exactly the segments of that code.
    #[error("not a link of CODE I or CODE II: https, a host and exactly the segments of that code")]
    LinkMalformed,
    /// The day in a CODE I link is not a day written DD-MM-YYYY.
    #[error("the issue date in a CODE I link is written DD-MM-YYYY")]
    LinkDate,
    /// A part of the link is not the identifier it should be.
    #[error("the link carries a malformed identifier: {0}")]
    LinkIdentifier(#[source] IdentifierError),
    /// The signature is not canonical Base64URL without padding.
    #[error(
        "the signature in a CODE II link is Base64URL without padding in its only valid spelling"
    )]
    LinkSignature,
    /// A signature of a length no key of KSeF makes.
    #[error("a CODE II signature has between 8 and 1024 bytes")]
    SignatureLength,
    /// The link names another seller.
    #[error("the link names another seller than the invoice")]
    SellerDiffers,
    /// The link names another issue date.
    #[error("the link names another issue date than the invoice")]
    IssueDateDiffers,
    /// The link carries the hash of another document.
    #[error("the link carries the hash of another document")]
    HashDiffers,
    /// The link names another certificate.
    #[error("the link names another certificate")]
    CertificateDiffers,
    /// The link leads to another host than KSeF's.
    #[error("the link leads to a host that is none of KSeF's")]
    HostUnknown,
    /// The signature was not made by the issuer's key over the text of the link.
    #[error("the signature does not verify against the certificate")]
    SignatureDoesNotVerify,
    /// A check of a verification does not hold.
    #[error("the code does not hold: check `{check}`")]
    CheckFailed {
        /// Its name.
        check: &'static str,
    },
    /// The text does not fit into a QR symbol of the chosen error correction level.
    #[error("the text is too long for a QR symbol of this error correction level")]
    TooLongForSymbol,
    /// A scale of 0 or above the largest.
    #[error("the scale of a QR picture is between 1 and 64 pixels a module")]
    Scale,
    /// The PNG writer failed.
    #[error("the QR picture could not be written")]
    Picture,
}

impl From<IdentifierError> for CodeError {
    fn from(error: IdentifierError) -> Self {
        Self::LinkIdentifier(error)
    }
}

impl Diagnostic for CodeError {
    fn code(&self) -> &'static str {
        match self {
            Self::LinkMalformed => "code-link-malformed",
            Self::LinkDate => "code-link-date",
            Self::LinkIdentifier(_) => "code-link-identifier",
            Self::LinkSignature => "code-link-signature",
            Self::SignatureLength => "code-signature-length",
            Self::SellerDiffers => "code-seller-differs",
            Self::IssueDateDiffers => "code-issue-date-differs",
            Self::HashDiffers => "code-hash-differs",
            Self::CertificateDiffers => "code-certificate-differs",
            Self::HostUnknown => "code-host-unknown",
            Self::SignatureDoesNotVerify => "signature-does-not-verify",
            Self::CheckFailed { .. } => "code-check-failed",
            Self::TooLongForSymbol => "code-too-long",
            Self::Scale => "code-scale",
            Self::Picture => "code-picture",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::LinkMalformed => {
                "to nie jest link kodu I ani II: https, host i dokładnie te segmenty, które ma dany kod"
            }
            Self::LinkDate => "data wystawienia w linku kodu I ma postać DD-MM-RRRR",
            Self::LinkIdentifier(error) => {
                return Bilingual::new(
                    format!("link zawiera błędny identyfikator: {}", error.message().pl),
                    self.to_string(),
                );
            }
            Self::LinkSignature => {
                "podpis w linku kodu II to Base64URL bez dopełnienia w jedynym poprawnym zapisie"
            }
            Self::SignatureLength => "podpis kodu II ma od 8 do 1024 bajtów",
            Self::SellerDiffers => "link wskazuje innego sprzedawcę niż faktura",
            Self::IssueDateDiffers => "link wskazuje inną datę wystawienia niż faktura",
            Self::HashDiffers => "link zawiera skrót innego dokumentu",
            Self::CertificateDiffers => "link wskazuje inny certyfikat",
            Self::HostUnknown => "link prowadzi do hosta, który nie należy do KSeF",
            Self::SignatureDoesNotVerify => "podpis nie weryfikuje się certyfikatem",
            Self::CheckFailed { check } => {
                return Bilingual::new(
                    format!("kod nie przeszedł weryfikacji: sprawdzenie `{check}`"),
                    self.to_string(),
                );
            }
            Self::TooLongForSymbol => {
                "tekst nie mieści się w symbolu QR o tym poziomie korekcji błędów"
            }
            Self::Scale => "skala obrazu QR to od 1 do 64 pikseli na moduł",
            Self::Picture => "nie udało się zapisać obrazu QR",
        };
        Bilingual::new(pl, self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_error_has_a_code_of_its_own_and_both_texts() {
        let all = [
            CodeError::LinkMalformed,
            CodeError::LinkDate,
            CodeError::LinkIdentifier(IdentifierError::Nip),
            CodeError::LinkSignature,
            CodeError::SignatureLength,
            CodeError::SellerDiffers,
            CodeError::IssueDateDiffers,
            CodeError::HashDiffers,
            CodeError::CertificateDiffers,
            CodeError::HostUnknown,
            CodeError::SignatureDoesNotVerify,
            CodeError::CheckFailed { check: "hash" },
            CodeError::TooLongForSymbol,
            CodeError::Scale,
            CodeError::Picture,
        ];
        let codes: BTreeSet<&str> = all.iter().map(Diagnostic::code).collect();
        assert_eq!(codes.len(), all.len());
        assert!(
            all.iter()
                .all(|error| error.message().pl != error.message().en)
        );
    }
}
