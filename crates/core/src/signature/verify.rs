//! Verifying XAdES: structure, references, digests, certificate and value, in this order, each with its own error.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;
use roxmltree::{Document, Node};
use sha2::{Digest as _, Sha256};

use super::SignatureError;
use super::xades::{
    ECDSA_SHA256_URI, ENVELOPED_URI, RSA_SHA256_URI, SHA256_URI, SIGNED_PROPERTIES_TYPE,
};
use crate::key::{Certificate, HashAlgorithm, SignatureAlgorithm};
use crate::xml::{self, Canonicalization, DSIG, XADES};

/// Largest document that is verified, in bytes: a session's receipt of 10 000 invoices has some 10 MB.
const MAX_SIZE: usize = 50_000_000;
/// Most nodes such a document can need.
const MAX_NODES: u32 = 5_000_000;
/// Base64 as XML carries it: white space was removed before, padding may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a signature says that holds: who signed, and when, by his own word. Whether the certificate is to be trusted
/// is another question.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct VerifiedSignature {
    /// The certificate in KeyInfo, bound to the signature by its digest.
    pub certificate: Certificate,
    /// SigningTime.
    pub signing_time: Timestamp,
}

/// Verifies the one signature inside `xml` that covers the whole document.
///
/// # Errors
/// [`SignatureError`] names the first check that failed.
pub fn verify_enveloped(xml: &[u8]) -> Result<VerifiedSignature, SignatureError> {
    let document = parse(xml)?;
    let parts = Parts::find(&document)?;
    let reference = parts.document_reference;
    if reference.attribute("URI") != Some("") {
        return Err(SignatureError::WrongReferences);
    }
    let form = enveloped_transforms(reference)?;
    let text = document.input_text();
    let signature = parts.signature.range();
    let without = [&text[..signature.start], &text[signature.end..]].concat();
    let canonical = form
        .document(without.as_bytes())
        .ok_or(SignatureError::Malformed)?;
    check_digest(reference, &canonical, SignatureError::DigestMismatch)?;
    parts.verify()
}

/// Verifies a signature that lies beside the bytes it signs.
///
/// # Errors
/// [`SignatureError`] names the first check that failed.
pub fn verify_detached(
    signature: &[u8],
    signed: &[u8],
) -> Result<VerifiedSignature, SignatureError> {
    let document = parse(signature)?;
    let parts = Parts::find(&document)?;
    let reference = parts.document_reference;
    let external = reference
        .attribute("URI")
        .is_some_and(|uri| !uri.is_empty() && !uri.starts_with('#'));
    if !external || document.root_element() != parts.signature {
        return Err(SignatureError::WrongReferences);
    }
    if xml::child(reference, DSIG, "Transforms").is_some() {
        return Err(SignatureError::AlgorithmRefused("Transforms"));
    }
    check_digest(reference, signed, SignatureError::DigestMismatch)?;
    parts.verify()
}

fn parse(bytes: &[u8]) -> Result<Document<'_>, SignatureError> {
    if bytes.len() > MAX_SIZE {
        return Err(SignatureError::Malformed);
    }
    xml::parse(bytes, MAX_NODES).ok_or(SignatureError::Malformed)
}

/// The elements of a signature, found by their place and never by search through foreign content.
struct Parts<'a, 'input> {
    signature: Node<'a, 'input>,
    signed_info: Node<'a, 'input>,
    document_reference: Node<'a, 'input>,
    properties_reference: Node<'a, 'input>,
    properties: Node<'a, 'input>,
}

impl<'a, 'input> Parts<'a, 'input> {
    fn find(document: &'a Document<'input>) -> Result<Self, SignatureError> {
        let mut signatures = document
            .descendants()
            .filter(|node| node.has_tag_name((DSIG, "Signature")));
        let signature = signatures.next().ok_or(SignatureError::NotOneSignature)?;
        if signatures.next().is_some() {
            return Err(SignatureError::NotOneSignature);
        }
        check_ids(document)?;
        let signed_info = part(signature, DSIG, "SignedInfo")?;
        let properties = signature
            .children()
            .filter(|node| node.has_tag_name((DSIG, "Object")))
            .find_map(|object| xml::child(object, XADES, "QualifyingProperties"))
            .ok_or(SignatureError::Missing("QualifyingProperties"))?;
        let target = properties
            .attribute("Target")
            .and_then(|target| target.strip_prefix('#'));
        if target.is_none() || target != signature.attribute("Id") {
            return Err(SignatureError::WrongReferences);
        }
        let properties = part(properties, XADES, "SignedProperties")?;
        let references: Vec<_> = signed_info
            .children()
            .filter(|node| node.has_tag_name((DSIG, "Reference")))
            .collect();
        let is_properties =
            |node: &Node<'_, '_>| node.attribute("Type") == Some(SIGNED_PROPERTIES_TYPE);
        let (document_reference, properties_reference) = match references[..] {
            [first, second] if is_properties(&second) && !is_properties(&first) => (first, second),
            [first, second] if is_properties(&first) && !is_properties(&second) => (second, first),
            _ => return Err(SignatureError::WrongReferences),
        };
        Ok(Self {
            signature,
            signed_info,
            document_reference,
            properties_reference,
            properties,
        })
    }

    fn verify(&self) -> Result<VerifiedSignature, SignatureError> {
        self.check_properties_reference()?;
        let certificate = self.certificate()?;
        let (signing_time, digest) = self.signed_properties()?;
        if digest != certificate.fingerprint()[..] {
            return Err(SignatureError::CertificateMismatch);
        }
        self.check_value(&certificate)?;
        certificate
            .check_validity(signing_time)
            .map_err(|_| SignatureError::OutsideValidity)?;
        Ok(VerifiedSignature {
            certificate,
            signing_time,
        })
    }

    fn check_properties_reference(&self) -> Result<(), SignatureError> {
        let reference = self.properties_reference;
        let uri = reference
            .attribute("URI")
            .and_then(|uri| uri.strip_prefix('#'));
        if uri.is_none() || uri != self.properties.attribute("Id") {
            return Err(SignatureError::WrongReferences);
        }
        let mut form = (Canonicalization::Inclusive10, String::new());
        for transform in transforms(reference) {
            form = canonicalization(transform, "Transforms")?;
        }
        let canonical = form
            .0
            .element(self.properties, &form.1)
            .ok_or(SignatureError::Malformed)?;
        check_digest(reference, &canonical, SignatureError::PropertiesMismatch)
    }

    fn certificate(&self) -> Result<Certificate, SignatureError> {
        let text = part(self.signature, DSIG, "KeyInfo")
            .and_then(|node| part(node, DSIG, "X509Data"))
            .and_then(|node| part(node, DSIG, "X509Certificate"))
            .map(xml::text)?;
        let der = decode(&text).ok_or(SignatureError::Missing("X509Certificate"))?;
        Certificate::from_bytes(&der).map_err(SignatureError::Certificate)
    }

    /// Signing time and digest of the signing certificate.
    fn signed_properties(&self) -> Result<(Timestamp, Vec<u8>), SignatureError> {
        let properties = part(self.properties, XADES, "SignedSignatureProperties")?;
        let time = part(properties, XADES, "SigningTime").map(xml::text)?;
        let time = time
            .trim()
            .parse()
            .map_err(|_| SignatureError::Missing("SigningTime"))?;
        let digest = xml::child(properties, XADES, "SigningCertificate")
            .or_else(|| xml::child(properties, XADES, "SigningCertificateV2"))
            .and_then(|node| xml::child(node, XADES, "Cert"))
            .and_then(|node| xml::child(node, XADES, "CertDigest"))
            .ok_or(SignatureError::Missing("SigningCertificate"))?;
        check_digest_method(digest)?;
        let value = part(digest, DSIG, "DigestValue").map(xml::text)?;
        let value = decode(&value).ok_or(SignatureError::Missing("SigningCertificate"))?;
        Ok((time, value))
    }

    fn check_value(&self, certificate: &Certificate) -> Result<(), SignatureError> {
        let method = part(self.signed_info, DSIG, "SignatureMethod")?;
        let algorithm = match method.attribute("Algorithm") {
            Some(RSA_SHA256_URI) => SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256),
            Some("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1") => {
                SignatureAlgorithm::RsaPss(HashAlgorithm::Sha256)
            }
            Some(ECDSA_SHA256_URI) => SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
            _ => return Err(SignatureError::AlgorithmRefused("SignatureMethod")),
        };
        let method = part(self.signed_info, DSIG, "CanonicalizationMethod")?;
        let (form, prefixes) = canonicalization(method, "CanonicalizationMethod")?;
        let signed = form
            .element(self.signed_info, &prefixes)
            .ok_or(SignatureError::Malformed)?;
        let value = part(self.signature, DSIG, "SignatureValue").map(xml::text)?;
        let value = decode(&value).ok_or(SignatureError::ValueInvalid)?;
        certificate
            .public_key()
            .verify(algorithm, &signed, &value)
            .map_err(|_| SignatureError::ValueInvalid)
    }
}

fn part<'a, 'input>(
    parent: Node<'a, 'input>,
    namespace: &str,
    name: &'static str,
) -> Result<Node<'a, 'input>, SignatureError> {
    xml::child(parent, namespace, name).ok_or(SignatureError::Missing(name))
}

/// A reference by Id must have one meaning only.
fn check_ids(document: &Document<'_>) -> Result<(), SignatureError> {
    let mut ids: Vec<&str> = document
        .descendants()
        .flat_map(|node| node.attributes())
        .filter(|attribute| matches!(attribute.name(), "Id" | "ID" | "id"))
        .map(|attribute| attribute.value())
        .collect();
    ids.sort_unstable();
    if ids.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(SignatureError::DuplicateId);
    }
    Ok(())
}

fn transforms<'a, 'input>(reference: Node<'a, 'input>) -> impl Iterator<Item = Node<'a, 'input>> {
    xml::child(reference, DSIG, "Transforms")
        .into_iter()
        .flat_map(|node| node.children())
        .filter(|node| node.has_tag_name((DSIG, "Transform")))
}

/// The enveloped-signature transform, then at most one canonicalization.
fn enveloped_transforms(reference: Node<'_, '_>) -> Result<Canonicalization, SignatureError> {
    let all: Vec<_> = transforms(reference).collect();
    let is_enveloped = |node: &Node<'_, '_>| node.attribute("Algorithm") == Some(ENVELOPED_URI);
    match all[..] {
        [first] if is_enveloped(&first) => Ok(Canonicalization::Inclusive10),
        [first, second] if is_enveloped(&first) => match canonicalization(second, "Transforms")? {
            (form, prefixes) if prefixes.is_empty() => Ok(form),
            _ => Err(SignatureError::AlgorithmRefused("Transforms")),
        },
        _ => Err(SignatureError::AlgorithmRefused("Transforms")),
    }
}

fn canonicalization(
    node: Node<'_, '_>,
    place: &'static str,
) -> Result<(Canonicalization, String), SignatureError> {
    let form = node
        .attribute("Algorithm")
        .and_then(Canonicalization::from_uri)
        .ok_or(SignatureError::AlgorithmRefused(place))?;
    let prefixes = node
        .children()
        .find(|child| child.has_tag_name((Canonicalization::EXCLUSIVE_URI, "InclusiveNamespaces")))
        .and_then(|child| child.attribute("PrefixList"))
        .unwrap_or_default();
    Ok((form, prefixes.to_owned()))
}

fn check_digest(
    reference: Node<'_, '_>,
    bytes: &[u8],
    mismatch: SignatureError,
) -> Result<(), SignatureError> {
    check_digest_method(reference)?;
    let value = part(reference, DSIG, "DigestValue").map(xml::text)?;
    if decode(&value).is_some_and(|value| value == Sha256::digest(bytes)[..]) {
        Ok(())
    } else {
        Err(mismatch)
    }
}

fn check_digest_method(parent: Node<'_, '_>) -> Result<(), SignatureError> {
    let method = part(parent, DSIG, "DigestMethod")?;
    if method.attribute("Algorithm") == Some(SHA256_URI) {
        Ok(())
    } else {
        Err(SignatureError::AlgorithmRefused("DigestMethod"))
    }
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    BASE64.decode(compact).ok()
}
