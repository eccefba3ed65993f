//! The simulator's certificate authority, its seal, and the keys its clients encrypt for.

mod issue;
mod keys;
mod subject;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use der::{Decode as _, Encode as _};
use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::key::request::{CertificateSubject, certificate_request};
use ksef_offline_core::key::{Certificate, KeyError, KeyKind, PrivateKey, SoftwareSigner};
use ksef_offline_core::random::{OsRandom, RandomSource as _};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use pkcs8::DecodePrivateKey as _;
use serde::{Deserialize, Serialize};

pub(crate) use issue::{Request, Usage};
pub(crate) use keys::{EncryptionKey, KeyUsage, StoredKey, generate_keys};
pub(crate) use subject::{Subject, attribute};

/// How long the authority and its seal are valid.
const AUTHORITY_VALIDITY: SignedDuration = SignedDuration::from_hours(10 * 365 * 24);
/// How long an enrolled certificate is valid: two years, as at KSeF.
pub(crate) const CERTIFICATE_VALIDITY: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

/// Issues certificates and signs receipts.
pub(crate) struct Authority {
    key: SigningKey,
    certificate: Certificate,
    seal: Arc<SoftwareSigner>,
    stored: StoredAuthority,
}

/// The authority as it stands in the data directory.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredAuthority {
    key: String,
    certificate: String,
    seal_key: String,
    seal_certificate: String,
}

impl Authority {
    /// Makes a new authority.
    pub(crate) fn create(now: Timestamp) -> Result<Self, KeyError> {
        let root = PrivateKey::generate(KeyKind::P256, &OsRandom)?;
        let root_request = request("KSeF Simulator Root CA", &root)?;
        let signing = signing_key(&root)?;
        let start = now - SignedDuration::from_hours(24 * 365);
        let end = now + AUTHORITY_VALIDITY;
        let root_certificate = issue::certificate(
            &signing,
            None,
            &root_request,
            Usage::Authority,
            serial()?,
            start,
            end,
        )?;
        let seal = PrivateKey::generate(KeyKind::P256, &OsRandom)?;
        let seal_request = request("KSeF Simulator Seal", &seal)?;
        let seal_certificate = issue::certificate(
            &signing,
            Some(&root_certificate),
            &seal_request,
            Usage::Seal,
            serial()?,
            start,
            end,
        )?;
        Self::restore(StoredAuthority {
            key: pem(&root)?,
            certificate: root_certificate.to_pem(),
            seal_key: pem(&seal)?,
            seal_certificate: seal_certificate.to_pem(),
        })
    }

    /// Brings a stored authority back.
    pub(crate) fn restore(stored: StoredAuthority) -> Result<Self, KeyError> {
        let key = PrivateKey::from_bytes(stored.key.as_bytes(), None)?;
        let seal_key = PrivateKey::from_bytes(stored.seal_key.as_bytes(), None)?;
        let seal_certificate = Certificate::from_bytes(stored.seal_certificate.as_bytes())?;
        Ok(Self {
            key: signing_key(&key)?,
            certificate: Certificate::from_bytes(stored.certificate.as_bytes())?,
            seal: Arc::new(SoftwareSigner::new(
                seal_certificate,
                seal_key,
                Arc::new(OsRandom),
            )?),
            stored,
        })
    }

    pub(crate) fn stored(&self) -> &StoredAuthority {
        &self.stored
    }

    /// The root certificate, the anchor of everything the simulator signs.
    pub(crate) fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What signs receipts.
    pub(crate) fn seal(&self) -> &SoftwareSigner {
        &self.seal
    }

    /// A JWT with these claims, signed by the authority (ES256).
    pub(crate) fn bearer_token(&self, claims: &serde_json::Value) -> String {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","typ":"JWT"}"#);
        let body = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature: Signature = self.key.sign(body.as_bytes());
        format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
    }

    /// Issues a certificate for a checked request.
    pub(crate) fn issue(
        &self,
        request: &Request,
        usage: Usage,
        from: Timestamp,
        validity: SignedDuration,
    ) -> Result<Certificate, KeyError> {
        let until = from.checked_add(validity).unwrap_or(from);
        issue::certificate(
            &self.key,
            Some(&self.certificate),
            request,
            usage,
            serial()?,
            from,
            until,
        )
    }
}

/// The public key of a certificate in DER, by which a key is known again.
pub(crate) fn public_key_der(certificate: &Certificate) -> Vec<u8> {
    x509_cert::Certificate::from_der(certificate.der())
        .and_then(|certificate| {
            certificate
                .tbs_certificate()
                .subject_public_key_info()
                .to_der()
        })
        .unwrap_or_default()
}

/// A request for `key` with nothing but a common name.
fn request(name: &str, key: &PrivateKey) -> Result<Request, KeyError> {
    let subject = CertificateSubject {
        country_name: Some("PL".into()),
        organization_name: Some("ksef-offline simulator".into()),
        common_name: Some(name.into()),
        ..CertificateSubject::default()
    };
    request_for(&subject, key)
}

/// A request for `key` with this subject.
pub(crate) fn request_for(
    subject: &CertificateSubject,
    key: &PrivateKey,
) -> Result<Request, KeyError> {
    let der = certificate_request(subject, key, &OsRandom)?;
    Request::check(&der).map_err(|_| KeyError::OperationFailed)
}

fn signing_key(key: &PrivateKey) -> Result<SigningKey, KeyError> {
    SigningKey::from_pkcs8_der(&key.to_pkcs8_der()?).map_err(|_| KeyError::KeyMalformed)
}

// EXPOSE: stored in the data directory, readable by its owner only; these keys protect nothing real.
fn pem(key: &PrivateKey) -> Result<String, KeyError> {
    Ok(key.to_pkcs8_pem(None, &OsRandom)?.to_string())
}

/// Eight bytes; the first between 0x01 and 0x7F, so that all sixteen hexadecimal digits count and the number is positive.
fn serial() -> Result<[u8; 8], KeyError> {
    let mut bytes = [0; 8];
    OsRandom.fill(&mut bytes)?;
    bytes[0] = (bytes[0] & 0x7F).max(1);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ksef_offline_core::key::CertificateUsage;

    #[test]
    fn certificates_carry_the_usage_of_their_type_and_sixteen_digit_serials() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let authority = Authority::create(now).unwrap();
        let key = PrivateKey::generate(KeyKind::P256, &OsRandom).unwrap();
        let request = request("Piekarnia Żółta Łódka", &key).unwrap();
        for (usage, expected) in [
            (Usage::Authentication, CertificateUsage::Authentication),
            (Usage::Offline, CertificateUsage::Offline),
        ] {
            let certificate = authority
                .issue(&request, usage, now, CERTIFICATE_VALIDITY)
                .unwrap();
            assert_eq!(certificate.usage(), expected);
            assert_eq!(certificate.serial().unwrap().as_str().len(), 16);
            assert_eq!(
                certificate.common_name().as_deref(),
                Some("Piekarnia Żółta Łódka")
            );
            assert_eq!(certificate.not_before(), now);
            assert_eq!(certificate.issuer(), authority.certificate().subject());
        }
    }

    #[test]
    fn a_stored_authority_comes_back() {
        let now: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let authority = Authority::create(now).unwrap();
        let again = Authority::restore(authority.stored().clone()).unwrap();
        assert_eq!(again.certificate(), authority.certificate());
    }
}
