//! Making a signature in two steps: prepare, have the bytes signed wherever the key is, attach.
//!
//! Every signed element is written in its canonical form to begin with: what is hashed is what stands in the file, and
//! nothing has to be canonicalised but the foreign document of an enveloped signature.

use core::fmt;
use core::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use roxmltree::Document;
use sha2::{Digest as _, Sha256};

use super::algorithm::{BASE64, ENVELOPED, OBJECT, SIGNED_PROPERTIES, digest_uri, method_uri};
use super::properties::{Scope, signed_properties};
use super::{Packaging, SignatureError, Xades};
use crate::invoice::InvoiceDocument;
use crate::key::{
    Certificate, HashAlgorithm, KeyAlgorithm, SignatureAlgorithm, Signer, SignerError,
    sign_verified,
};
use crate::xml::{self, Canonicalizer, DSIG, XADES, escape_attribute};

/// A signature but for its value.
pub struct XadesDraft {
    certificate: Certificate,
    algorithm: SignatureAlgorithm,
    /// Everything before the value and everything after it.
    head: String,
    tail: String,
    signed: SignedInfo,
}

/// The canonical form of `ds:SignedInfo`.
enum SignedInfo {
    /// As it stands in the head.
    InHead(Range<usize>),
    /// With what it inherits from the document around it.
    Apart(String),
}

impl Xades {
    /// Prepares a signature over the exact bytes of an invoice, as an XML document of its own. Its one external
    /// reference is `file_name`, the name of the invoice file that lies beside it, and the digest in it is the hash in
    /// CODE I.
    ///
    /// # Errors
    /// [`SignatureError::AlgorithmUnfit`] when the chosen algorithm does not go with the certificate's key,
    /// [`SignatureError::TextRefused`] for a street with [`super::Profile::Bes`].
    pub fn detached(
        &self,
        invoice: &InvoiceDocument,
        file_name: &str,
        certificate: &Certificate,
        at: Timestamp,
    ) -> Result<XadesDraft, SignatureError> {
        let subject = Subject {
            packaging: Packaging::Detached,
            uri: uri_of_file(file_name),
            digest: self.invoice_digest(invoice),
            content: None,
        };
        self.draft(&subject, &Place::standalone(self), certificate, at)
    }

    /// Prepares a signature that carries the exact bytes of the invoice inside itself, in Base64. The digest is the
    /// hash in CODE I here, too.
    ///
    /// # Errors
    /// As [`Self::detached`].
    pub fn enveloping(
        &self,
        invoice: &InvoiceDocument,
        certificate: &Certificate,
        at: Timestamp,
    ) -> Result<XadesDraft, SignatureError> {
        let subject = Subject {
            packaging: Packaging::Enveloping,
            uri: String::new(),
            digest: self.invoice_digest(invoice),
            content: Some(invoice.bytes()),
        };
        self.draft(&subject, &Place::standalone(self), certificate, at)
    }

    /// Prepares a signature over a whole document, to stand inside it in front of the end of the root element. For
    /// documents whose schema has a place for it, such as [`crate::login::AuthTokenRequest`]: FA(3) has none, and KSeF
    /// refuses an invoice that is signed this way.
    ///
    /// # Errors
    /// [`SignatureError::DocumentMalformed`] when `xml` is no document in UTF-8, or has a DTD,
    /// [`SignatureError::DocumentSigned`] when it has a signature already, and the errors of [`Self::detached`].
    pub fn enveloped(
        &self,
        xml: &[u8],
        certificate: &Certificate,
        at: Timestamp,
    ) -> Result<XadesDraft, SignatureError> {
        let lines = xml::Lines::of(xml);
        let document = xml::parse(&lines, u32::MAX).ok_or(SignatureError::DocumentMalformed)?;
        if document
            .descendants()
            .any(|node| node.has_tag_name((DSIG, "Signature")))
        {
            return Err(SignatureError::DocumentSigned);
        }
        let canonical = Canonicalizer::new(self.canonicalization)
            .document(&document, None)
            .ok_or(SignatureError::DocumentMalformed)?;
        let subject = Subject {
            packaging: Packaging::Enveloped,
            uri: String::new(),
            digest: self.digest.digest(&canonical),
            content: None,
        };
        // The document keeps its own line ends: what a reader makes of them is the same.
        let place = xml::parse(&xml::Lines::as_written(xml), u32::MAX)
            .and_then(|document| Place::inside(&document, self))
            .ok_or(SignatureError::DocumentMalformed)?;
        self.draft(&subject, &place, certificate, at)
    }

    fn invoice_digest(&self, invoice: &InvoiceDocument) -> Vec<u8> {
        if self.digest == HashAlgorithm::Sha256 {
            invoice.hash().as_bytes().to_vec()
        } else {
            self.digest.digest(invoice.bytes())
        }
    }

    fn draft(
        &self,
        subject: &Subject<'_>,
        place: &Place,
        certificate: &Certificate,
        at: Timestamp,
    ) -> Result<XadesDraft, SignatureError> {
        let key_is_rsa = certificate.public_key().is_rsa();
        let algorithm = self
            .algorithm
            .unwrap_or_else(|| usual_algorithm(certificate));
        let needs_rsa = !matches!(algorithm, SignatureAlgorithm::Ecdsa(_));
        let method = method_uri(algorithm)
            .filter(|_| needs_rsa == key_is_rsa)
            .ok_or(SignatureError::AlgorithmUnfit)?;
        let id = unique_id(&subject.digest, certificate.fingerprint(), at);
        let scope = &place.scope;

        let mut tail = String::with_capacity(
            certificate.quoted().base64.len()
                + 2_560
                + place.after.len()
                + subject
                    .content
                    .map_or(0, |content| content.len() * 4 / 3 + 256),
        );
        push(
            &mut tail,
            &[
                "</ds:SignatureValue><ds:KeyInfo><ds:X509Data><ds:X509Certificate>",
                &certificate.quoted().base64,
                "</ds:X509Certificate></ds:X509Data></ds:KeyInfo><ds:Object>\
             <xades:QualifyingProperties xmlns:xades=\"",
                XADES,
                "\" Target=\"#",
                &id,
                "\">",
            ],
        );
        let properties = signed_properties(self, scope, certificate, &id, at, &mut tail)?;
        tail.push_str("</xades:QualifyingProperties></ds:Object>");
        if let Some(content) = subject.content {
            let mime_type = self.mime_type.as_deref().unwrap_or("text/xml");
            push(
                &mut tail,
                &[
                    "<ds:Object Id=\"",
                    &id,
                    "-object\" MimeType=\"",
                    mime_type,
                    "\" Encoding=\"",
                    BASE64,
                    "\">",
                ],
            );
            STANDARD.encode_string(content, &mut tail);
            tail.push_str("</ds:Object>");
        }
        push(&mut tail, &["</ds:Signature>", &place.after]);

        let mut head = String::with_capacity(place.before.len() + 2_048);
        push(
            &mut head,
            &[
                &place.before,
                "<ds:Signature xmlns:ds=\"",
                DSIG,
                "\" Id=\"",
                &id,
                "\">",
            ],
        );
        let start = head.len();
        push(&mut head, &["<ds:SignedInfo", scope.own_ds(), ">"]);
        let body = head.len();
        self.signed_info_body(subject, method, &id, &properties, &mut head);
        let signed = if scope.is_exclusive() {
            SignedInfo::InHead(start..head.len())
        } else {
            let attributes = scope.inherited(false, "");
            SignedInfo::Apart(["<ds:SignedInfo", &attributes, ">", &head[body..]].concat())
        };
        push(&mut head, &["<ds:SignatureValue Id=\"", &id, "-value\">"]);
        Ok(XadesDraft {
            certificate: certificate.clone(),
            algorithm,
            head,
            tail,
            signed,
        })
    }

    /// All of `ds:SignedInfo` behind its start tag.
    fn signed_info_body(
        &self,
        subject: &Subject<'_>,
        method: &str,
        id: &str,
        properties_digest: &[u8],
        out: &mut String,
    ) {
        let form = self.canonicalization.uri();
        let digest_method = digest_uri(self.digest);
        push(
            out,
            &[
                "<ds:CanonicalizationMethod Algorithm=\"",
                form,
                "\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"",
                method,
                "\"></ds:SignatureMethod>\
             <ds:Reference Id=\"",
                id,
                "-document\"",
            ],
        );
        match subject.packaging {
            Packaging::Detached => {
                push(out, &[" URI=\"", &escape_attribute(&subject.uri), "\">"]);
            }
            Packaging::Enveloping => push(
                out,
                &[
                    " Type=\"",
                    OBJECT,
                    "\" URI=\"#",
                    id,
                    "-object\"><ds:Transforms>\
                 <ds:Transform Algorithm=\"",
                    BASE64,
                    "\"></ds:Transform></ds:Transforms>",
                ],
            ),
            Packaging::Enveloped => push(
                out,
                &[
                    " URI=\"\"><ds:Transforms><ds:Transform Algorithm=\"",
                    ENVELOPED,
                    "\"></ds:Transform><ds:Transform Algorithm=\"",
                    form,
                    "\"></ds:Transform></ds:Transforms>",
                ],
            ),
        }
        push(
            out,
            &[
                "<ds:DigestMethod Algorithm=\"",
                digest_method,
                "\"></ds:DigestMethod><ds:DigestValue>",
            ],
        );
        STANDARD.encode_string(&subject.digest, out);
        push(
            out,
            &[
                "</ds:DigestValue></ds:Reference><ds:Reference Type=\"",
                SIGNED_PROPERTIES,
                "\" URI=\"#",
                id,
                "-properties\"><ds:Transforms><ds:Transform Algorithm=\"",
                form,
                "\"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm=\"",
                digest_method,
                "\"></ds:DigestMethod><ds:DigestValue>",
            ],
        );
        STANDARD.encode_string(properties_digest, out);
        out.push_str("</ds:DigestValue></ds:Reference></ds:SignedInfo>");
    }
}

impl XadesDraft {
    /// What the key has to sign: these bytes, not their digest.
    pub fn bytes_to_sign(&self) -> &[u8] {
        match &self.signed {
            SignedInfo::InHead(range) => self.head[range.clone()].as_bytes(),
            SignedInfo::Apart(text) => text.as_bytes(),
        }
    }

    /// How the key has to sign them.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Completes the document with what the key gave: for ECDSA `r||s`.
    ///
    /// # Errors
    /// [`SignatureError::Signer`] (`signer-signature-does-not-verify`) when `signature` was not made by the key of the
    /// certificate over [`Self::bytes_to_sign`].
    pub fn attach(self, signature: &[u8]) -> Result<Vec<u8>, SignatureError> {
        self.certificate
            .public_key()
            .verify(self.algorithm, self.bytes_to_sign(), signature)
            .map_err(|_| SignerError::Unverified)?;
        Ok(self.with(signature))
    }

    /// Both steps with a signer at hand, whose certificate must be the one the draft was prepared for.
    ///
    /// # Errors
    /// [`SignatureError::Signer`].
    pub fn sign(self, signer: &dyn Signer) -> Result<Vec<u8>, SignatureError> {
        if *signer.certificate() != self.certificate {
            return Err(SignerError::Unverified.into());
        }
        let signature = sign_verified(signer, self.algorithm, self.bytes_to_sign())?;
        Ok(self.with(&signature))
    }

    fn with(mut self, signature: &[u8]) -> Vec<u8> {
        self.head
            .reserve(signature.len() * 4 / 3 + 4 + self.tail.len());
        STANDARD.encode_string(signature, &mut self.head);
        self.head.push_str(&self.tail);
        self.head.into_bytes()
    }
}

/// Shows the algorithm, nothing of the document.
impl fmt::Debug for XadesDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XadesDraft")
            .field("algorithm", &self.algorithm)
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

/// What is signed beside the signed properties.
struct Subject<'a> {
    packaging: Packaging,
    /// Where it is, for a detached signature.
    uri: String,
    digest: Vec<u8>,
    /// What an enveloping signature carries.
    content: Option<&'a [u8]>,
}

/// The text around the signature.
struct Place {
    before: String,
    after: String,
    scope: Scope,
}

impl Place {
    /// A document that consists of the signature.
    fn standalone(how: &Xades) -> Self {
        Self {
            before: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into(),
            after: "\n".into(),
            scope: Scope::standalone(how.canonicalization),
        }
    }

    /// In front of the end of the root element.
    fn inside(document: &Document<'_>, how: &Xades) -> Option<Self> {
        let text = document.input_text();
        let root = document.root_element();
        let range = root.range();
        let element = &text[range.clone()];
        let (before, after) = if let Some(start_tag) = element.strip_suffix("/>") {
            let name_end = start_tag
                .find([' ', '\t', '\r', '\n'])
                .unwrap_or(start_tag.len());
            let name = &start_tag[1..name_end];
            let end = text.get(range.end..)?;
            (
                [&text[..range.start], start_tag, ">"].concat(),
                ["</", name, ">", end].concat(),
            )
        } else {
            let (before, after) = text.split_at(range.start + element.rfind("</")?);
            (before.to_owned(), after.to_owned())
        };
        Some(Self {
            before,
            after,
            scope: Scope::below(root, how.canonicalization),
        })
    }
}

/// PKCS#1 v1.5 or ECDSA, by a hash as strong as the key.
fn usual_algorithm(certificate: &Certificate) -> SignatureAlgorithm {
    match certificate.public_key().algorithm() {
        KeyAlgorithm::Rsa { .. } => SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256),
        KeyAlgorithm::P256 => SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
        KeyAlgorithm::P384 => SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha384),
    }
}

/// An Id that no other signature shares, also when both end up in one document.
fn unique_id(digest: &[u8], fingerprint: &[u8; 32], at: Timestamp) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let seed = Sha256::new()
        .chain_update(digest)
        .chain_update(fingerprint)
        .chain_update(at.as_nanosecond().to_be_bytes())
        .finalize();
    let mut id = String::with_capacity(22);
    id.push_str("xades-");
    for byte in &seed[..8] {
        id.push(char::from(DIGITS[usize::from(byte >> 4)]));
        id.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    id
}

/// A relative URI reference that means the file: everything but unreserved characters is percent-encoded.
fn uri_of_file(name: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut uri = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            uri.push(char::from(byte));
        } else {
            uri.push('%');
            uri.push(char::from(DIGITS[usize::from(byte >> 4)]));
            uri.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    uri
}

pub(super) fn push(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_become_uri_references() {
        assert_eq!(uri_of_file("01J-abc_1.xml"), "01J-abc_1.xml");
        assert_eq!(uri_of_file("faktura ł#1.xml"), "faktura%20%C5%82%231.xml");
    }
}
