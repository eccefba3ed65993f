//! Checks certificate requests and issues certificates.

use der::{Decode as _, Encode as _};
use jiff::Timestamp;
use ksef_offline_core::key::{
    Certificate, HashAlgorithm, KeyAlgorithm, KeyError, PublicKey, SignatureAlgorithm,
};
use p256::ecdsa::{DerSignature, SigningKey};
use spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::TbsCertificate;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder as _, CertificateBuilder};
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, KeyUsage, KeyUsages, SubjectKeyIdentifier,
};
use x509_cert::ext::{Extension, ToExtension as _};
use x509_cert::name::Name;
use x509_cert::request::CertReq;
use x509_cert::serial_number::SerialNumber;
use x509_cert::time::{Time, Validity};

use super::Subject;

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    /// Signs certificates.
    Authority,
    /// Signs receipts.
    Seal,
    /// Encrypts for KSeF.
    Encryption,
    /// Logs in (keyUsage digitalSignature).
    Authentication,
    /// Signs CODE II (keyUsage nonRepudiation).
    Offline,
}

impl Usage {
    fn key_usage(self) -> KeyUsage {
        KeyUsage(match self {
            Self::Authority => KeyUsages::KeyCertSign | KeyUsages::CRLSign,
            Self::Seal | Self::Offline => KeyUsages::NonRepudiation.into(),
            Self::Encryption => KeyUsages::KeyEncipherment | KeyUsages::DataEncipherment,
            Self::Authentication => KeyUsages::DigitalSignature.into(),
        })
    }
}

/// Why a request is refused, by the exception code of KSeF.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RequestError {
    /// 25004: no PKCS#10, or its signature does not hold.
    Malformed,
    /// 25010: neither RSA-2048 nor P-256.
    Key,
    /// 25011: the signature algorithm is none of those KSeF allows.
    Algorithm,
}

impl RequestError {
    pub(crate) fn code(self) -> u32 {
        match self {
            Self::Malformed => 25004,
            Self::Key => 25010,
            Self::Algorithm => 25011,
        }
    }
}

/// A PKCS#10 request whose signature holds.
pub(crate) struct Request {
    subject: Name,
    public_key: SubjectPublicKeyInfoOwned,
}

impl Request {
    /// Checks a request in DER.
    pub(crate) fn check(der: &[u8]) -> Result<Self, RequestError> {
        const RSA_PKCS1_SHA256: &str = "1.2.840.113549.1.1.11";
        const RSA_PSS: &str = "1.2.840.113549.1.1.10";
        const ECDSA_SHA256: &str = "1.2.840.10045.4.3.2";

        let request = CertReq::from_der(der).map_err(|_| RequestError::Malformed)?;
        let signed = request.info.to_der().map_err(|_| RequestError::Malformed)?;
        let spki = request
            .info
            .public_key
            .to_der()
            .map_err(|_| RequestError::Key)?;
        let key = PublicKey::from_spki_der(&spki).map_err(|_| RequestError::Key)?;
        if !matches!(
            key.algorithm(),
            KeyAlgorithm::Rsa { bits: 2048 } | KeyAlgorithm::P256
        ) {
            return Err(RequestError::Key);
        }
        let signature = request
            .signature
            .as_bytes()
            .ok_or(RequestError::Malformed)?;
        let checked = match request.algorithm.oid.to_string().as_str() {
            RSA_PKCS1_SHA256 => key.verify(
                SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256),
                &signed,
                signature,
            ),
            RSA_PSS => key.verify(
                SignatureAlgorithm::RsaPss(HashAlgorithm::Sha256),
                &signed,
                signature,
            ),
            ECDSA_SHA256 => key.verify_ecdsa_der(HashAlgorithm::Sha256, &signed, signature),
            _ => return Err(RequestError::Algorithm),
        };
        checked.map_err(|_| RequestError::Malformed)?;
        Ok(Self {
            subject: request.info.subject,
            public_key: request.info.public_key,
        })
    }

    pub(crate) fn subject(&self) -> Subject {
        Subject::of_name(&self.subject)
    }

    /// The public key in DER, by which a key is known again.
    pub(crate) fn public_key(&self) -> Vec<u8> {
        self.public_key.to_der().unwrap_or_default()
    }
}

struct Profile {
    issuer: Option<Name>,
    subject: Name,
    usage: Usage,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, subject: &Name) -> Name {
        self.issuer.clone().unwrap_or_else(|| subject.clone())
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        key: SubjectPublicKeyInfoRef<'_>,
        issuer_key: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> x509_cert::builder::Result<Vec<Extension>> {
        let authority = AuthorityKeyIdentifier::try_from(issuer_key)?;
        let subject = SubjectKeyIdentifier::try_from(key)?;
        let constraints = BasicConstraints {
            ca: self.usage == Usage::Authority,
            path_len_constraint: None,
        };
        let name = tbs.subject();
        Ok(vec![
            authority.to_extension(name, &[])?,
            subject.to_extension(name, &[])?,
            constraints.to_extension(name, &[])?,
            self.usage.key_usage().to_extension(name, &[])?,
        ])
    }
}

/// Issues a certificate; without `issuer` it is self-signed.
pub(super) fn certificate(
    key: &SigningKey,
    issuer: Option<&Certificate>,
    request: &Request,
    usage: Usage,
    serial: [u8; 8],
    from: Timestamp,
    until: Timestamp,
) -> Result<Certificate, KeyError> {
    let build = || -> x509_cert::builder::Result<Vec<u8>> {
        let issuer = issuer
            .map(|certificate| x509_cert::Certificate::from_der(certificate.der()))
            .transpose()?
            .map(|certificate| certificate.tbs_certificate().subject().clone());
        let profile = Profile {
            issuer,
            subject: request.subject.clone(),
            usage,
        };
        let validity = Validity::new(time(from)?, time(until)?);
        let builder = CertificateBuilder::new(
            profile,
            SerialNumber::new(&serial)?,
            validity,
            request.public_key.clone(),
        )?;
        Ok(builder.build::<_, DerSignature>(key)?.to_der()?)
    };
    let der = build().map_err(|_| KeyError::OperationFailed)?;
    Certificate::from_bytes(&der)
}

fn time(at: Timestamp) -> der::Result<Time> {
    let seconds = u64::try_from(at.as_second()).unwrap_or_default();
    let date = der::DateTime::from_unix_duration(core::time::Duration::from_secs(seconds))?;
    Ok(Time::from(date))
}
