//! X.509 certificates as KSeF issues and uses them.

use core::fmt;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use der::oid::ObjectIdentifier;
use der::pem::LineEnding;
use der::{Decode as _, Encode as _};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages};
use x509_cert::time::Time;

use super::name::{readable, rfc4514, value_of};
use super::pem::{self, Content};
use super::{KeyError, PublicKey};
use crate::identifier::CertificateSerial;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const SERIAL_NUMBER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.5");
const ORGANIZATION_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.97");

/// What a KSeF certificate may be used for, told by its keyUsage extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CertificateUsage {
    /// Logging in: digitalSignature.
    Authentication,
    /// Signing offline invoices and CODE II: nonRepudiation and nothing beside it, no authority.
    Offline,
    /// Any other set of usages, or none: qualified certificates and seals, self-signed ones.
    Other,
}

/// An X.509 certificate, parsed once. Cloning is cheap.
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

struct Parsed {
    der: Vec<u8>,
    certificate: x509_cert::Certificate,
    public_key: PublicKey,
    fingerprint: [u8; 32],
    quoted: OnceLock<Quoted>,
}

/// What signatures say of their certificate, written once for all of them.
pub(crate) struct Quoted {
    /// The DER in Base64.
    pub(crate) base64: String,
    /// Its SHA-256 in Base64.
    pub(crate) fingerprint: String,
    /// The issuer in the form of RFC 4514.
    pub(crate) issuer: String,
    /// The serial number in decimal digits.
    pub(crate) serial: String,
}

impl Certificate {
    /// Reads the first certificate of a PEM file, or one in DER or its bare Base64. What stands around the certificates
    /// does not matter: byte order marks, line ends, attributes, keys.
    ///
    /// # Errors
    /// [`KeyError::CertificateMalformed`], and [`KeyError::AlgorithmUnsupported`], [`KeyError::KeyTooShort`] or
    /// [`KeyError::KeyTooLong`] for a public key that is neither RSA of 2048 to 8192 bits nor on P-256 or P-384.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::each_from_bytes(bytes)
            .into_iter()
            .next()
            .unwrap_or(Err(KeyError::CertificateMalformed))
    }

    /// Reads every certificate of a file, each for itself.
    pub(crate) fn each_from_bytes(bytes: &[u8]) -> Vec<Result<Self, KeyError>> {
        match pem::read(bytes) {
            Content::Der(der) => vec![Self::from_der(der.to_vec())],
            Content::Pem(blocks) => blocks
                .iter()
                .filter(|block| matches!(block.label.as_str(), "CERTIFICATE" | "X509 CERTIFICATE"))
                .map(|block| {
                    let der = block.der.as_ref().ok_or(KeyError::CertificateMalformed)?;
                    Self::from_der(der.to_vec())
                })
                .collect(),
        }
    }

    pub(super) fn from_der(der: Vec<u8>) -> Result<Self, KeyError> {
        let certificate =
            x509_cert::Certificate::from_der(&der).map_err(|_| KeyError::CertificateMalformed)?;
        let key = certificate
            .tbs_certificate()
            .subject_public_key_info()
            .to_der()
            .map_err(|_| KeyError::CertificateMalformed)?;
        let public_key = PublicKey::from_spki_der(&key)?;
        let fingerprint = Sha256::digest(&der).into();
        Ok(Self(Arc::new(Parsed {
            der,
            certificate,
            public_key,
            fingerprint,
            quoted: OnceLock::new(),
        })))
    }

    /// The texts about this certificate that every signature repeats.
    pub(crate) fn quoted(&self) -> &Quoted {
        self.0.quoted.get_or_init(|| Quoted {
            base64: self.to_base64(),
            fingerprint: STANDARD.encode(self.fingerprint()),
            issuer: self.issuer(),
            serial: self.serial_decimal(),
        })
    }

    pub(super) fn parsed(&self) -> &x509_cert::Certificate {
        &self.0.certificate
    }

    /// Reads every certificate of a file: PEM, or a single one in DER.
    ///
    /// # Errors
    /// As [`Self::from_bytes`], also when there is none.
    pub fn all_from_bytes(bytes: &[u8]) -> Result<Vec<Self>, KeyError> {
        let certificates: Vec<Self> = Self::each_from_bytes(bytes)
            .into_iter()
            .collect::<Result<_, _>>()?;
        if certificates.is_empty() {
            return Err(KeyError::CertificateMalformed);
        }
        Ok(certificates)
    }

    /// The certificate in DER.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The certificate in PEM with line feeds.
    pub fn to_pem(&self) -> String {
        der::pem::encode_string("CERTIFICATE", LineEnding::LF, &self.0.der).unwrap_or_default()
    }

    /// The DER in standard Base64 on one line, as `ds:X509Certificate` and the API carry it.
    pub fn to_base64(&self) -> String {
        STANDARD.encode(&self.0.der)
    }

    /// The serial number as KSeF writes it in links and in the API.
    ///
    /// # Errors
    /// [`KeyError::SerialNumber`] when it is longer than KSeF's: the certificate comes from another issuer.
    pub fn serial(&self) -> Result<CertificateSerial, KeyError> {
        CertificateSerial::from_be_bytes(self.serial_bytes()).map_err(|_| KeyError::SerialNumber)
    }

    /// The serial number in decimal digits, as `ds:X509SerialNumber` carries it.
    pub fn serial_decimal(&self) -> String {
        // Long multiplication by 256 on decimal digits, least significant first: serial numbers may have 20 bytes.
        let mut digits = vec![0_u16];
        for byte in self.serial_bytes() {
            let mut carry = u16::from(*byte);
            for digit in &mut digits {
                let value = *digit * 256 + carry;
                *digit = value % 10;
                carry = value / 10;
            }
            while carry > 0 {
                digits.push(carry % 10);
                carry /= 10;
            }
        }
        digits
            .iter()
            .rev()
            .map(|digit| char::from(b'0' + *digit as u8))
            .collect()
    }

    /// The serial number in hexadecimal: the 16 digits of KSeF's, and all digits of a longer one.
    pub fn serial_hex(&self) -> String {
        self.serial().map_or_else(
            |_| {
                let digits = self.serial_bytes().iter().map(|byte| format!("{byte:02X}"));
                let digits: String = digits.collect();
                digits.strip_prefix("00").unwrap_or(&digits).to_owned()
            },
            |serial| serial.as_str().to_owned(),
        )
    }

    fn serial_bytes(&self) -> &[u8] {
        self.0
            .certificate
            .tbs_certificate()
            .serial_number()
            .as_bytes()
    }

    /// SHA-256 of the DER.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.0.fingerprint
    }

    /// Start of validity.
    pub fn not_before(&self) -> Timestamp {
        instant(&self.0.certificate.tbs_certificate().validity().not_before)
    }

    /// End of validity.
    pub fn not_after(&self) -> Timestamp {
        instant(&self.0.certificate.tbs_certificate().validity().not_after)
    }

    /// Whether the certificate is valid at `now`; says nothing of revocation.
    ///
    /// # Errors
    /// [`KeyError::NotYetValid`] and [`KeyError::Expired`].
    pub fn check_validity(&self, now: Timestamp) -> Result<(), KeyError> {
        if now < self.not_before() {
            Err(KeyError::NotYetValid(self.not_before()))
        } else if now > self.not_after() {
            Err(KeyError::Expired(self.not_after()))
        } else {
            Ok(())
        }
    }

    /// Whether the certificate may be used for logging in at `now`: valid, and not one that KSeF issued for offline
    /// invoices. Qualified certificates and seals have other usages and are let through.
    ///
    /// # Errors
    /// [`KeyError::NotForLogin`], and those of [`Self::check_validity`].
    pub fn check_for_login(&self, now: Timestamp) -> Result<(), KeyError> {
        if self.usage() == CertificateUsage::Offline {
            return Err(KeyError::NotForLogin);
        }
        self.check_validity(now)
    }

    /// What KSeF issued the certificate for.
    pub fn usage(&self) -> CertificateUsage {
        let body = self.0.certificate.tbs_certificate();
        let Ok(Some((_, usage))) = body.get_extension::<KeyUsage>() else {
            return CertificateUsage::Other;
        };
        let is_authority = match body.get_extension::<BasicConstraints>() {
            Ok(constraints) => constraints.is_some_and(|(_, constraints)| constraints.ca),
            Err(_) => return CertificateUsage::Other,
        };
        if usage.0 == KeyUsages::NonRepudiation && !is_authority {
            CertificateUsage::Offline
        } else if usage.digital_signature() && !usage.non_repudiation() {
            CertificateUsage::Authentication
        } else {
            CertificateUsage::Other
        }
    }

    /// The subject in the form of RFC 4514.
    pub fn subject(&self) -> String {
        rfc4514(self.0.certificate.tbs_certificate().subject())
    }

    /// The issuer in the form of RFC 4514.
    pub fn issuer(&self) -> String {
        rfc4514(self.0.certificate.tbs_certificate().issuer())
    }

    /// Subject and issuer as people read them.
    pub(crate) fn readable_names(&self) -> (String, String) {
        let body = self.0.certificate.tbs_certificate();
        (readable(body.subject()), readable(body.issuer()))
    }

    /// Common name of the subject.
    pub fn common_name(&self) -> Option<String> {
        value_of(self.0.certificate.tbs_certificate().subject(), COMMON_NAME)
    }

    /// The tax or personal identifier of the subject: organizationIdentifier (`VATPL-…`) of a company's seal, else
    /// serialNumber (`TINPL-…`, `PNOPL-…`) of a person.
    pub fn tax_identifier(&self) -> Option<String> {
        let subject = self.0.certificate.tbs_certificate().subject();
        value_of(subject, ORGANIZATION_IDENTIFIER).or_else(|| value_of(subject, SERIAL_NUMBER))
    }

    /// The public key.
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

/// Shows the serial number and the end of validity; the subject may be a person.
impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("serial", &self.serial_decimal())
            .field("not_after", &self.not_after())
            .finish_non_exhaustive()
    }
}

fn instant(time: &Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}
