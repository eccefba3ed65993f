//! CODE II: the signed link that tells who issued an offline invoice.

use core::fmt;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, alphabet};

use super::error::CodeError;
use super::link::Link;
use crate::environment::Environment;
use crate::identifier::{CertificateSerial, ContextIdentifier, InvoiceHash, Nip};
use crate::key::{HashAlgorithm, KeyAlgorithm, PublicKey, SignatureAlgorithm};

/// The link of CODE II:
/// `https://HOST/certificate/CONTEXT_TYPE/CONTEXT_VALUE/SELLER/CERTIFICATE_SERIAL/HASH/SIGNATURE`.
///
/// It is made in two steps, so that the key may live anywhere: [`CodeTwo::prepare`] gives the text to sign,
/// [`CodeTwoDraft::attach`] takes the signature.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodeTwo {
    url: Box<str>,
}

impl CodeTwo {
    /// Everything of the link but the signature, for an invoice with this hash that `seller` issues in `context`, signed
    /// by the Offline certificate `serial`.
    pub fn prepare(
        environment: &Environment,
        context: &ContextIdentifier,
        seller: Nip,
        serial: &CertificateSerial,
        hash: &InvoiceHash,
    ) -> CodeTwoDraft {
        let (host, kind, value) = (
            environment.qr_host(),
            context.kind().name(),
            context.value(),
        );
        let hash = hash.to_base64url();
        CodeTwoDraft {
            signed_text: format!("{host}/certificate/{kind}/{value}/{seller}/{serial}/{hash}")
                .into(),
        }
    }

    /// The text of the QR code.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl fmt::Display for CodeTwo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

/// A CODE II link that waits for its signature.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodeTwoDraft {
    signed_text: Box<str>,
}

impl CodeTwoDraft {
    /// What the key signs: the UTF-8 text from the host to the hash, without `https://` and without a trailing slash.
    ///
    /// An RSA key signs by RSASSA-PSS (SHA-256, MGF1 with SHA-256, 32 bytes of salt), a P-256 key by ECDSA over
    /// SHA-256, `r||s` recommended and DER accepted.
    pub fn bytes_to_sign(&self) -> &[u8] {
        self.signed_text.as_bytes()
    }

    /// Completes the link.
    ///
    /// The signature is taken as it is: a draft knows no key. Who got it from outside verifies it first.
    ///
    /// # Errors
    /// [`CodeError::SignatureLength`] for a length that no RSA or P-256 key gives.
    pub fn attach(self, signature: &[u8]) -> Result<CodeTwo, CodeError> {
        if !SIGNATURE_LENGTHS.contains(&signature.len()) {
            return Err(CodeError::SignatureLength);
        }
        let url = format!(
            "https://{}/{}",
            self.signed_text,
            URL_SAFE_NO_PAD.encode(signature)
        );
        Ok(CodeTwo { url: url.into() })
    }
}

/// From the shortest DER of two integers to RSA-8192.
const SIGNATURE_LENGTHS: core::ops::RangeInclusive<usize> = 8..=1024;

/// What a CODE II link says, read by [`Link::parse`]. That its signature holds is still to be verified, by the
/// certificate it names over [`signed_text`](Self::signed_text).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedCodeTwo {
    pub(super) signed_text: Box<str>,
    pub(super) context: ContextIdentifier,
    pub(super) seller: Nip,
    pub(super) serial: CertificateSerial,
    pub(super) hash: InvoiceHash,
    pub(super) signature: Box<[u8]>,
}

impl ParsedCodeTwo {
    /// Reads a link and demands that it is CODE II.
    ///
    /// # Errors
    /// Those of [`Link::parse`], and [`CodeError::LinkMalformed`] for CODE I.
    pub fn parse(url: &str) -> Result<Self, CodeError> {
        match Link::parse(url)? {
            Link::Two(code) => Ok(code),
            Link::One(_) => Err(CodeError::LinkMalformed),
        }
    }

    /// The host the link leads to.
    pub fn host(&self) -> &str {
        self.signed_text.split('/').next().unwrap_or_default()
    }

    /// The text the signature covers: from the host to the hash.
    pub fn signed_text(&self) -> &str {
        &self.signed_text
    }

    /// The context the invoice was issued in.
    pub fn context(&self) -> &ContextIdentifier {
        &self.context
    }

    /// The seller.
    pub fn seller(&self) -> Nip {
        self.seller
    }

    /// The certificate whose key signed.
    pub fn serial(&self) -> &CertificateSerial {
        &self.serial
    }

    /// The hash of the invoice.
    pub fn hash(&self) -> &InvoiceHash {
        &self.hash
    }

    /// The signature: RSASSA-PSS, or ECDSA as `r||s` or DER.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

/// Decodes the last segment of a link. The engine refuses padding and spare bits that are not zero, so that one
/// signature has one spelling.
pub(super) fn parse_signature(text: &str) -> Result<Box<[u8]>, CodeError> {
    let signature = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| CodeError::LinkSignature)?;
    if SIGNATURE_LENGTHS.contains(&signature.len()) {
        Ok(signature.into())
    } else {
        Err(CodeError::SignatureLength)
    }
}

/// The same without regard to padding and spare bits.
pub(super) fn decode_signature_leniently(text: &str) -> Result<Vec<u8>, CodeError> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::URL_SAFE,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    LENIENT.decode(text).map_err(|_| CodeError::LinkSignature)
}

/// Whether `key` signed `text`: RSASSA-PSS, or ECDSA as `r||s` or DER.
pub(super) fn verify_signature(
    key: &PublicKey,
    text: &str,
    signature: &[u8],
) -> Result<(), CodeError> {
    const HASH: HashAlgorithm = HashAlgorithm::Sha256;
    let text = text.as_bytes();
    let verify = |algorithm| key.verify(algorithm, text, signature).is_ok();
    let holds = match key.algorithm() {
        KeyAlgorithm::Rsa { .. } => verify(SignatureAlgorithm::RsaPss(HASH)),
        KeyAlgorithm::P256 => {
            verify(SignatureAlgorithm::Ecdsa(HASH))
                || key.verify_ecdsa_der(HASH, text, signature).is_ok()
        }
        // KSeF certifies no other curve.
        KeyAlgorithm::P384 => false,
    };
    if holds {
        Ok(())
    } else {
        Err(CodeError::SignatureDoesNotVerify)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(context: &str) -> CodeTwoDraft {
        CodeTwo::prepare(
            &Environment::test(),
            &ContextIdentifier::parse(context).unwrap(),
            Nip::parse("1111111111").unwrap(),
            &CertificateSerial::parse("01635E98D9669239").unwrap(),
            &InvoiceHash::from_base64url("UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE").unwrap(),
        )
    }

    #[test]
    fn the_signed_text_has_neither_scheme_nor_trailing_slash() {
        let expected = "qr-test.ksef.mf.gov.pl/certificate/Nip/1111111111/1111111111/01635E98D9669239/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE";
        assert_eq!(draft("Nip:1111111111").bytes_to_sign(), expected.as_bytes());
        let code = draft("Nip:1111111111").attach(&[0xFF; 64]).unwrap();
        assert_eq!(
            code.url(),
            format!("https://{expected}/{}", {
                let mut signature = "_".repeat(85);
                signature.push('w');
                signature
            })
        );
    }

    #[test]
    fn links_of_all_four_contexts_come_back() {
        for context in [
            "Nip:5265877635",
            "InternalId:5265877635-00001",
            "NipVatUe:5265877635-DE123456789",
            "PeppolId:PPL123456",
        ] {
            for signature in [vec![7; 64], vec![0x30; 71], vec![9; 256]] {
                let code = draft(context).attach(&signature).unwrap();
                let parsed = ParsedCodeTwo::parse(code.url()).unwrap();
                assert_eq!(parsed.context().as_str(), context);
                assert_eq!(parsed.host(), "qr-test.ksef.mf.gov.pl");
                assert_eq!(
                    parsed.signed_text().as_bytes(),
                    draft(context).bytes_to_sign()
                );
                assert_eq!(parsed.signature(), signature);
            }
        }
    }

    #[test]
    fn a_signature_of_an_impossible_length_is_refused() {
        for length in [0, 7, 1025] {
            assert_eq!(
                draft("Nip:5265877635").attach(&vec![1; length]),
                Err(CodeError::SignatureLength)
            );
        }
    }
}
