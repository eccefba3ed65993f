//! Writing XAdES-BES.
//!
//! Every signed element is written in its exclusive canonical form to begin with, each with the namespace
//! declarations that form demands: what is hashed is what stands in the file, and nothing has to be canonicalised
//! but the foreign document of an enveloped signature.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};

use super::SignatureError;
use crate::invoice::InvoiceDocument;
use crate::key::{HashAlgorithm, SignatureAlgorithm, Signer, sign_verified};
use crate::xml::{Canonicalization, DSIG, XADES, escape_attribute, escape_text};

pub(super) const SHA256_URI: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
pub(super) const RSA_SHA256_URI: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
pub(super) const ECDSA_SHA256_URI: &str = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
pub(super) const ENVELOPED_URI: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
pub(super) const SIGNED_PROPERTIES_TYPE: &str = "http://uri.etsi.org/01903#SignedProperties";

/// Signs the exact bytes of an invoice. The result is an XML document of its own whose one external reference is
/// `file_name`: the name of the invoice file that lies beside it. RSA keys sign by PKCS#1 v1.5, as KSeF's own
/// verifier expects, P-256 keys by ECDSA with `r||s`.
///
/// # Errors
/// [`SignatureError::Signer`].
pub fn sign_detached(
    document: &InvoiceDocument,
    file_name: &str,
    signer: &dyn Signer,
    at: Timestamp,
) -> Result<Vec<u8>, SignatureError> {
    let subject = Subject {
        uri: &uri_of_file(file_name),
        transforms: "",
        digest: *document.hash().as_bytes(),
        mime_type: "text/xml",
    };
    let signature = signature_element(&subject, signer, at)?;
    Ok(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{signature}\n").into_bytes())
}

/// Puts a signature over the whole document in front of the end of its root element.
///
/// # Errors
/// [`SignatureError::DocumentMalformed`] when `xml` is no document, [`SignatureError::Signer`].
pub fn sign_enveloped(
    xml: &[u8],
    signer: &dyn Signer,
    at: Timestamp,
) -> Result<Vec<u8>, SignatureError> {
    let document = crate::xml::parse(xml, u32::MAX).ok_or(SignatureError::DocumentMalformed)?;
    let text = document.input_text();
    let root = document.root_element().range();
    let end_tag = text[root.clone()]
        .rfind("</")
        .ok_or(SignatureError::DocumentMalformed)?
        + root.start;
    let canonical = Canonicalization::Exclusive
        .document(text.as_bytes())
        .ok_or(SignatureError::DocumentMalformed)?;
    let transforms = format!(
        "<ds:Transforms><ds:Transform Algorithm=\"{ENVELOPED_URI}\"></ds:Transform>\
         <ds:Transform Algorithm=\"{}\"></ds:Transform></ds:Transforms>",
        Canonicalization::EXCLUSIVE_URI
    );
    let subject = Subject {
        uri: "",
        transforms: &transforms,
        digest: Sha256::digest(&canonical).into(),
        mime_type: "text/xml",
    };
    let signature = signature_element(&subject, signer, at)?;
    Ok([&text[..end_tag], &signature, &text[end_tag..]]
        .concat()
        .into_bytes())
}

/// What is signed beside the signed properties.
struct Subject<'a> {
    uri: &'a str,
    transforms: &'a str,
    digest: [u8; 32],
    mime_type: &'a str,
}

fn signature_element(
    subject: &Subject<'_>,
    signer: &dyn Signer,
    at: Timestamp,
) -> Result<String, SignatureError> {
    let certificate = signer.certificate();
    let (algorithm, algorithm_uri) = if certificate.public_key().is_rsa() {
        (
            SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256),
            RSA_SHA256_URI,
        )
    } else {
        (
            SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
            ECDSA_SHA256_URI,
        )
    };
    let id = unique_id(subject, certificate.fingerprint(), at);
    let properties = signed_properties(&id, subject, signer, at);
    let properties_digest = STANDARD.encode(Sha256::digest(properties.as_bytes()));
    let exclusive = Canonicalization::EXCLUSIVE_URI;
    let signed_info = format!(
        "<ds:SignedInfo xmlns:ds=\"{DSIG}\">\
         <ds:CanonicalizationMethod Algorithm=\"{exclusive}\"></ds:CanonicalizationMethod>\
         <ds:SignatureMethod Algorithm=\"{algorithm_uri}\"></ds:SignatureMethod>\
         <ds:Reference Id=\"{id}-document\" URI=\"{uri}\">{transforms}\
         <ds:DigestMethod Algorithm=\"{SHA256_URI}\"></ds:DigestMethod>\
         <ds:DigestValue>{digest}</ds:DigestValue></ds:Reference>\
         <ds:Reference Type=\"{SIGNED_PROPERTIES_TYPE}\" URI=\"#{id}-properties\">\
         <ds:Transforms><ds:Transform Algorithm=\"{exclusive}\"></ds:Transform></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{SHA256_URI}\"></ds:DigestMethod>\
         <ds:DigestValue>{properties_digest}</ds:DigestValue></ds:Reference>\
         </ds:SignedInfo>",
        uri = escape_attribute(subject.uri),
        transforms = subject.transforms,
        digest = STANDARD.encode(subject.digest),
    );
    let value = STANDARD.encode(sign_verified(signer, algorithm, signed_info.as_bytes())?);
    let certificate = certificate.to_base64();
    Ok(format!(
        "<ds:Signature xmlns:ds=\"{DSIG}\" Id=\"{id}\">{signed_info}\
         <ds:SignatureValue Id=\"{id}-value\">{value}</ds:SignatureValue>\
         <ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>\
         <ds:Object><xades:QualifyingProperties xmlns:xades=\"{XADES}\" Target=\"#{id}\">{properties}\
         </xades:QualifyingProperties></ds:Object></ds:Signature>"
    ))
}

fn signed_properties(
    id: &str,
    subject: &Subject<'_>,
    signer: &dyn Signer,
    at: Timestamp,
) -> String {
    let certificate = signer.certificate();
    format!(
        "<xades:SignedProperties xmlns:xades=\"{XADES}\" Id=\"{id}-properties\">\
         <xades:SignedSignatureProperties><xades:SigningTime>{time}</xades:SigningTime>\
         <xades:SigningCertificate><xades:Cert><xades:CertDigest>\
         <ds:DigestMethod xmlns:ds=\"{DSIG}\" Algorithm=\"{SHA256_URI}\"></ds:DigestMethod>\
         <ds:DigestValue xmlns:ds=\"{DSIG}\">{fingerprint}</ds:DigestValue></xades:CertDigest>\
         <xades:IssuerSerial><ds:X509IssuerName xmlns:ds=\"{DSIG}\">{issuer}</ds:X509IssuerName>\
         <ds:X509SerialNumber xmlns:ds=\"{DSIG}\">{serial}</ds:X509SerialNumber></xades:IssuerSerial>\
         </xades:Cert></xades:SigningCertificate></xades:SignedSignatureProperties>\
         <xades:SignedDataObjectProperties>\
         <xades:DataObjectFormat ObjectReference=\"#{id}-document\"><xades:MimeType>{mime_type}</xades:MimeType>\
         </xades:DataObjectFormat></xades:SignedDataObjectProperties></xades:SignedProperties>",
        time = at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        fingerprint = STANDARD.encode(certificate.fingerprint()),
        issuer = escape_text(&certificate.issuer()),
        serial = certificate.serial_decimal(),
        mime_type = subject.mime_type,
    )
}

/// An Id that no other signature shares, also when both end up in one document.
fn unique_id(subject: &Subject<'_>, fingerprint: &[u8; 32], at: Timestamp) -> String {
    let seed = Sha256::new()
        .chain_update(subject.digest)
        .chain_update(fingerprint)
        .chain_update(at.as_nanosecond().to_be_bytes())
        .finalize();
    let number = seed[..8]
        .iter()
        .fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("xades-{number:016x}")
}

/// A relative URI reference that means the file: everything but unreserved characters is percent-encoded.
fn uri_of_file(name: &str) -> String {
    let mut uri = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
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
