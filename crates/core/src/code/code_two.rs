//! CODE II: the signed link that tells who issued an offline invoice.

use core::fmt;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine as _, alphabet};

use super::error::CodeError;
use super::link::Link;
use crate::environment::Environment;
use crate::identifier::{CertificateSerial, ContextIdentifier, InvoiceHash, Nip};
use crate::invoice::InvoiceDocument;
use crate::key::{
    HashAlgorithm, KeyAlgorithm, OfflineCertificate, PublicKey, SignatureAlgorithm, SignerError,
};

/// The link of CODE II:
/// `https://HOST/certificate/CONTEXT_TYPE/CONTEXT_VALUE/SELLER/CERTIFICATE_SERIAL/HASH/SIGNATURE`.
///
/// It is made in two steps, so that the key may live anywhere: [`CodeTwo::prepare`] gives the text to sign,
/// [`CodeTwoDraft::attach`] takes the signature and verifies it. Where the issuer's signer is at hand,
/// [`CodeTwoDraft::sign`] does both.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodeTwo {
    url: Box<str>,
}

impl CodeTwo {
    /// Everything of the link but the signature, for an invoice that is issued in `context` and signed by `issuer`.
    pub fn prepare(
        invoice: &InvoiceDocument,
        context: &ContextIdentifier,
        issuer: &OfflineCertificate,
        at: &Environment,
    ) -> CodeTwoDraft {
        let (seller, serial) = (invoice.facts().seller, issuer.serial());
        CodeTwoDraft {
            unsigned: unsigned(at.qr_host(), context, seller, &serial, &invoice.hash()),
            issuer: issuer.clone(),
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

/// A CODE II link that waits for the signature of its issuer, and takes no other.
#[derive(Debug, Clone)]
pub struct CodeTwoDraft {
    /// The link up to the hash.
    unsigned: String,
    issuer: OfflineCertificate,
}

impl CodeTwoDraft {
    /// What the key signs: the UTF-8 text from the host to the hash, without `https://` and without a trailing slash.
    ///
    /// An RSA key signs by RSASSA-PSS (SHA-256, MGF1 with SHA-256, 32 bytes of salt), a P-256 key by ECDSA over
    /// SHA-256, `r||s` recommended and DER accepted.
    pub fn bytes_to_sign(&self) -> &[u8] {
        self.signed_text().as_bytes()
    }

    fn signed_text(&self) -> &str {
        &self.unsigned[SCHEME.len()..]
    }

    /// Completes the link with a signature that was made elsewhere; of P-256 in the encoding it has.
    ///
    /// # Errors
    /// [`CodeError::SignatureDoesNotVerify`] if `signature` was not made by the issuer's key over
    /// [`Self::bytes_to_sign`].
    pub fn attach(self, signature: &[u8]) -> Result<CodeTwo, CodeError> {
        let key = self.issuer.certificate().public_key();
        verify_signature(key, self.signed_text(), signature)?;
        Ok(self.finish(signature))
    }

    /// Completes the link with the issuer's own signer. `encoding` is for P-256 and means nothing to RSA.
    ///
    /// # Errors
    /// [`SignerError`], also when an external signer gave something that does not verify.
    pub fn sign(self, encoding: EcdsaEncoding) -> Result<CodeTwo, SignerError> {
        let signature = self.issuer.sign_code(self.bytes_to_sign())?;
        Ok(match encoding {
            EcdsaEncoding::Der if !self.issuer.certificate().public_key().is_rsa() => {
                let signature = p256::ecdsa::Signature::from_slice(&signature)
                    .map_err(|_| SignerError::Unverified)?;
                self.finish(signature.to_der().as_bytes())
            }
            EcdsaEncoding::P1363 | EcdsaEncoding::Der => self.finish(&signature),
        })
    }

    fn finish(self, signature: &[u8]) -> CodeTwo {
        let mut url = self.unsigned;
        url.reserve_exact(1 + (signature.len() * 4).div_ceil(3));
        url.push('/');
        URL_SAFE_NO_PAD.encode_string(signature, &mut url);
        CodeTwo { url: url.into() }
    }
}

/// How the two numbers of a P-256 signature are written in a link; closed by the Ministry's documentation.
///
/// The desk prints [`Self::P1363`] alone and has no setting for it: the Ministry recommends that form and its page reads
/// both, the link is shorter by up to eleven characters, and its length, and so the size of the symbol, does not change from
/// one invoice to the next. Reading takes both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum EcdsaEncoding {
    /// IEEE P1363, `r||s` in 64 bytes: the shorter link, which the Ministry recommends.
    #[default]
    P1363,
    /// ASN.1 DER, for verifiers that know nothing else.
    Der,
}

const SCHEME: &str = "https://";

/// The link up to the hash, in room for an `r||s` signature.
pub(super) fn unsigned(
    host: &str,
    context: &ContextIdentifier,
    seller: Nip,
    serial: &CertificateSerial,
    hash: &InvoiceHash,
) -> String {
    let (kind, value) = (context.kind().name(), context.value());
    let fixed = "https:///certificate////NNNNNNNNNN/SSSSSSSSSSSSSSSS/".len() + 43;
    let mut url = String::with_capacity(host.len() + kind.len() + value.len() + fixed + 87);
    for part in [
        SCHEME,
        host,
        "/certificate/",
        kind,
        "/",
        value,
        "/",
        seller.as_str(),
        "/",
        serial.as_str(),
        "/",
    ] {
        url.push_str(part);
    }
    URL_SAFE_NO_PAD.encode_string(hash.as_bytes(), &mut url);
    url
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

/// Whether `key` signed `text`: RSASSA-PSS, or ECDSA on P-256 as `r||s` or DER.
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

    fn link(context: &str, signature: &[u8]) -> String {
        let unsigned = unsigned(
            "qr-test.ksef.mf.gov.pl",
            &ContextIdentifier::parse(context).unwrap(),
            Nip::parse("1111111111").unwrap(),
            &CertificateSerial::parse("01635E98D9669239").unwrap(),
            &InvoiceHash::from_base64url("UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE").unwrap(),
        );
        format!("{unsigned}/{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn the_link_is_that_of_the_documentation() {
        assert_eq!(
            link("Nip:1111111111", &[0xFF; 64]),
            format!(
                "https://qr-test.ksef.mf.gov.pl/certificate/Nip/1111111111/1111111111/01635E98D9669239/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE/{}w",
                "_".repeat(85)
            )
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
                let url = link(context, &signature);
                let parsed = ParsedCodeTwo::parse(&url).unwrap();
                assert_eq!(parsed.context().as_str(), context);
                assert_eq!(parsed.host(), "qr-test.ksef.mf.gov.pl");
                assert_eq!(parsed.seller().as_str(), "1111111111");
                assert_eq!(parsed.serial().as_str(), "01635E98D9669239");
                assert!(url.starts_with(&format!("https://{}/", parsed.signed_text())));
                assert_eq!(parsed.signature(), signature);
            }
        }
    }

    #[test]
    fn a_signature_of_an_impossible_length_is_refused() {
        for length in [0, 7, 1025] {
            let url = link("Nip:5265877635", &vec![1; length]);
            assert_eq!(ParsedCodeTwo::parse(&url), Err(CodeError::SignatureLength));
        }
    }
}
