//! Certificate requests (PKCS#10) for enrolment at KSeF.

use core::fmt;

use der::asn1::{BitString, PrintableStringRef, SetOfVec, Utf8StringRef};
use der::oid::ObjectIdentifier;
use der::{Any, Decode as _, Encode as _};
use spki::{AlgorithmIdentifierOwned, SubjectPublicKeyInfoOwned};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::request::{CertReqInfo, Version};

use super::{HashAlgorithm, KeyAlgorithm, KeyError, PrivateKey, SignatureAlgorithm};
use crate::random::RandomSource;

/// The subject of a certificate as KSeF's enrolment data give it. Every attribute goes into the request unchanged;
/// KSeF refuses a request that differs.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct CertificateSubject {
    /// Country code, `PL` (2.5.4.6).
    pub country_name: Option<String>,
    /// Organisation (2.5.4.10).
    pub organization_name: Option<String>,
    /// Tax identifier of the organisation, `VATPL-…` (2.5.4.97).
    pub organization_identifier: Option<String>,
    /// Given names, one attribute each (2.5.4.42).
    pub given_names: Vec<String>,
    /// Surname (2.5.4.4).
    pub surname: Option<String>,
    /// Identifier of a person, `TINPL-…` or `PNOPL-…` (2.5.4.5).
    pub serial_number: Option<String>,
    /// Fingerprint that identifies a subject without such an identifier (2.5.4.45).
    pub unique_identifier: Option<String>,
    /// Common name (2.5.4.3).
    pub common_name: Option<String>,
}

impl CertificateSubject {
    fn attributes(&self) -> Vec<(&'static str, &str)> {
        let single = [
            ("2.5.4.6", &self.country_name),
            ("2.5.4.10", &self.organization_name),
            ("2.5.4.97", &self.organization_identifier),
            ("2.5.4.4", &self.surname),
            ("2.5.4.5", &self.serial_number),
            ("2.5.4.45", &self.unique_identifier),
            ("2.5.4.3", &self.common_name),
        ];
        let given_names = self
            .given_names
            .iter()
            .map(|name| ("2.5.4.42", name.as_str()));
        single
            .into_iter()
            .filter_map(|(oid, value)| Some((oid, value.as_deref()?)))
            .chain(given_names)
            .collect()
    }

    /// The distinguished name, one component an attribute.
    fn to_name(&self) -> Result<Name, KeyError> {
        let mut sequence = RdnSequence::default();
        for (oid, value) in self.attributes() {
            let component = component(oid, value).map_err(|_| KeyError::SubjectMalformed)?;
            sequence.push(component);
        }
        let der = sequence.to_der().map_err(|_| KeyError::SubjectMalformed)?;
        Name::from_der(&der).map_err(|_| KeyError::SubjectMalformed)
    }
}

/// The subject may be a person: only the presence of attributes is shown.
impl fmt::Debug for CertificateSubject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let oids: Vec<&str> = self.attributes().into_iter().map(|(oid, _)| oid).collect();
        f.debug_tuple("CertificateSubject").field(&oids).finish()
    }
}

/// RFC 5280 fixes PrintableString for country codes and serial numbers; everything else is UTF-8.
fn component(oid: &str, value: &str) -> der::Result<RelativeDistinguishedName> {
    let value = match oid {
        "2.5.4.5" | "2.5.4.6" => Any::encode_from(&PrintableStringRef::new(value)?)?,
        // Type UniqueIdentifier is a BIT STRING.
        "2.5.4.45" => Any::encode_from(&BitString::from_bytes(value.as_bytes())?)?,
        _ => Any::encode_from(&Utf8StringRef::new(value)?)?,
    };
    let mut component = RelativeDistinguishedName::default();
    component.insert(AttributeTypeAndValue {
        oid: ObjectIdentifier::new(oid)?,
        value,
    })?;
    Ok(component)
}

/// Builds a PKCS#10 request in DER, signed with `key`: RSA by PKCS#1 v1.5 with SHA-256, P-256 by ECDSA with SHA-256.
///
/// # Errors
/// [`KeyError::CurveNotCertified`] for a P-384 key, [`KeyError::SubjectMalformed`] when an attribute cannot be encoded,
/// and the errors of [`PrivateKey::sign`].
pub fn certificate_request(
    subject: &CertificateSubject,
    key: &PrivateKey,
    random: &dyn RandomSource,
) -> Result<Vec<u8>, KeyError> {
    if key.public_key().algorithm() == KeyAlgorithm::P384 {
        return Err(KeyError::CurveNotCertified);
    }
    let public_key = SubjectPublicKeyInfoOwned::from_der(&key.public_key_der()?)
        .map_err(|_| KeyError::OperationFailed)?;
    let info = CertReqInfo {
        version: Version::V1,
        subject: subject.to_name()?,
        public_key,
        attributes: SetOfVec::new(),
    };
    let signed = info.to_der().map_err(|_| KeyError::SubjectMalformed)?;
    let encode = |oid: &str, parameters, signature: &[u8]| -> der::Result<Vec<u8>> {
        let algorithm = AlgorithmIdentifierOwned {
            oid: ObjectIdentifier::new(oid)?,
            parameters,
        };
        let parts = [
            signed.clone(),
            algorithm.to_der()?,
            BitString::from_bytes(signature)?.to_der()?,
        ]
        .concat();
        Any::new(der::Tag::Sequence, parts)?.to_der()
    };
    let request = if key.public_key().is_rsa() {
        let signature = key.sign(
            SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256),
            &signed,
            random,
        )?;
        encode("1.2.840.113549.1.1.11", Some(Any::null()), &signature)
    } else {
        let signature = key.sign(
            SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
            &signed,
            random,
        )?;
        let signature = p256::ecdsa::Signature::from_slice(&signature)
            .map_err(|_| KeyError::OperationFailed)?;
        encode("1.2.840.10045.4.3.2", None, signature.to_der().as_bytes())
    };
    request.map_err(|_| KeyError::OperationFailed)
}
