//! Which certificate signed: the one in KeyInfo that the signed properties name by digest.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use roxmltree::Node;

use super::super::SignatureError;
use super::issuer::{same_issuer, same_issuer_serial};
use super::reference::{SignedValue, decode, decoded, digest_method};
use super::structure::{Parts, only, text_of};
use crate::diagnostic::Bilingual;
use crate::key::{Certificate, HashAlgorithm, KeyError};
use crate::xml::{self, DSIG, XADES};

/// Most certificates in KeyInfo, and most that the properties name.
const MAX_CERTIFICATES: usize = 16;

/// What the signed properties say of the signer.
pub(super) struct Properties {
    named: Vec<Named>,
}

/// A certificate as the properties name it.
struct Named {
    hash: HashAlgorithm,
    digest: Vec<u8>,
    /// Name of the issuer as text, and serial number in decimal digits.
    issuer_serial: Option<(String, String)>,
    /// The same as DER.
    issuer_serial_der: Option<Vec<u8>>,
}

/// The certificate that signed, and what else was in KeyInfo.
pub(super) struct Chosen {
    pub(super) certificate: Certificate,
    pub(super) others: Vec<Certificate>,
}

impl Properties {
    pub(super) fn read(parts: &Parts<'_, '_>) -> Result<Self, SignatureError> {
        const MISSING: SignatureError = SignatureError::Missing("SigningCertificate");
        let properties = only(parts.signed_properties, XADES, "SignedSignatureProperties")?;
        let lists: Vec<_> = properties
            .children()
            .filter(|node| {
                node.has_tag_name((XADES, "SigningCertificate"))
                    || node.has_tag_name((XADES, "SigningCertificateV2"))
            })
            .collect();
        let [list] = lists[..] else {
            return Err(if lists.is_empty() {
                MISSING
            } else {
                SignatureError::Unexpected("SigningCertificate")
            });
        };
        let named = list
            .children()
            .filter(|node| node.has_tag_name((XADES, "Cert")))
            .take(MAX_CERTIFICATES)
            .map(Named::read)
            .collect::<Result<Vec<_>, _>>()?;
        if named.is_empty() {
            return Err(MISSING);
        }
        Ok(Self { named })
    }

    /// The certificate that is named and whose key made the value; if no key did, the first that is named.
    pub(super) fn certificate(
        &self,
        parts: &Parts<'_, '_>,
        value: &SignedValue,
    ) -> Result<(Chosen, Bilingual), SignatureError> {
        let present = certificates(parts.key_info)?;
        let mut unreadable = None;
        let mut candidates: Vec<Certificate> = Vec::new();
        for named in &self.named {
            for der in present
                .iter()
                .filter(|der| named.hash.digest(der) == named.digest)
            {
                match read(der) {
                    Ok(certificate) if named.agrees_with(&certificate) => {
                        candidates.push(certificate);
                    }
                    Ok(_) => return Err(SignatureError::CertificateMismatch),
                    Err(error) => unreadable = Some(SignatureError::Certificate(error)),
                }
            }
        }
        let signs = |certificate: &&Certificate| value.verified_by(certificate).is_ok();
        let certificate = candidates
            .iter()
            .find(signs)
            .or(candidates.first())
            .cloned()
            .ok_or(unreadable.unwrap_or(SignatureError::CertificateMismatch))?;
        let others = present
            .iter()
            .filter_map(|der| read(der).ok())
            .filter(|other| *other != certificate)
            .collect();
        let (subject, issuer) = certificate.readable_names();
        let serial = certificate.serial_hex();
        let detail = Bilingual::new(
            format!("{subject}; wystawca {issuer}; numer seryjny {serial}"),
            format!("{subject}; issuer {issuer}; serial number {serial}"),
        );
        Ok((
            Chosen {
                certificate,
                others,
            },
            detail,
        ))
    }
}

/// SigningTime, an `xsd:dateTime` with a zone.
pub(super) fn signing_time(parts: &Parts<'_, '_>) -> Result<Timestamp, SignatureError> {
    let properties = only(parts.signed_properties, XADES, "SignedSignatureProperties")?;
    let text = text_of(properties, XADES, "SigningTime")?;
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    if let Some(time) = end_of_day(text) {
        return Ok(time);
    }
    Err(match text.parse::<DateTime>() {
        Ok(_) => SignatureError::TimeWithoutZone,
        Err(_) => SignatureError::TimeIllegal,
    })
}

/// The hour 24, with which `xsd:dateTime` may write the end of a day.
fn end_of_day(text: &str) -> Option<Timestamp> {
    let (day, rest) = text.split_once("T24:00:00")?;
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches('0');
            (zone.len() < fraction.len()).then_some(zone)?
        }
        None => rest,
    };
    let start: Timestamp = format!("{day}T00:00:00{zone}").parse().ok()?;
    start.checked_add(SignedDuration::from_hours(24)).ok()
}

impl Named {
    fn read(cert: Node<'_, '_>) -> Result<Self, SignatureError> {
        const MISSING: SignatureError = SignatureError::Missing("SigningCertificate");
        let digest = only(cert, XADES, "CertDigest")?;
        let value = text_of(digest, DSIG, "DigestValue")?;
        let issuer_serial = xml::child(cert, XADES, "IssuerSerial")
            .map(|node| -> Result<_, SignatureError> {
                Ok((
                    text_of(node, DSIG, "X509IssuerName")?,
                    text_of(node, DSIG, "X509SerialNumber")?,
                ))
            })
            .transpose()?;
        let issuer_serial_der = xml::child(cert, XADES, "IssuerSerialV2")
            .map(|node| decoded(node).ok_or(MISSING))
            .transpose()?;
        Ok(Self {
            hash: digest_method(digest)?,
            digest: decode(&value).ok_or(MISSING)?,
            issuer_serial,
            issuer_serial_der,
        })
    }

    fn agrees_with(&self, certificate: &Certificate) -> bool {
        let text = self.issuer_serial.as_ref().is_none_or(|(issuer, serial)| {
            same_issuer(issuer, certificate) && same_serial(serial, certificate)
        });
        let der = self.issuer_serial_der.as_ref();
        text && der.is_none_or(|der| same_issuer_serial(der, certificate))
    }
}

fn same_serial(written: &str, certificate: &Certificate) -> bool {
    let digits = written.trim();
    let digits = digits.strip_prefix('+').unwrap_or(digits);
    let significant = digits.trim_start_matches('0');
    let known = certificate.serial_decimal();
    !digits.is_empty() && significant == known.trim_start_matches('0')
}

/// A certificate in DER, and nothing around it.
fn read(der: &[u8]) -> Result<Certificate, KeyError> {
    let certificate = Certificate::from_bytes(der)?;
    if certificate.der() == der {
        Ok(certificate)
    } else {
        Err(KeyError::CertificateMalformed)
    }
}

/// The certificates of KeyInfo in DER.
fn certificates(key_info: Node<'_, '_>) -> Result<Vec<Vec<u8>>, SignatureError> {
    const MISSING: SignatureError = SignatureError::Missing("X509Certificate");
    let found = key_info
        .children()
        .filter(|node| node.has_tag_name((DSIG, "X509Data")))
        .flat_map(|node| node.children())
        .filter(|node| node.has_tag_name((DSIG, "X509Certificate")))
        .take(MAX_CERTIFICATES)
        .map(|node| decoded(node).ok_or(MISSING))
        .collect::<Result<Vec<_>, _>>()?;
    if found.is_empty() {
        return Err(MISSING);
    }
    Ok(found)
}
