//! Whether a certificate leads to an issuer one trusts.

use der::Encode as _;
use der::oid::ObjectIdentifier;
use jiff::Timestamp;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::{Certificate, HashAlgorithm, SignatureAlgorithm};

const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
/// Most certificates between the one asked about and an anchor.
const MAX_INTERMEDIATES: usize = 4;

/// Certificates that are trusted by decision, not by proof.
#[derive(Debug, Clone, Default)]
pub struct TrustAnchors(Vec<Certificate>);

impl TrustAnchors {
    /// Trusts these.
    pub fn new(certificates: Vec<Certificate>) -> Self {
        Self(certificates)
    }

    /// Whether nothing is trusted at all, which is another thing than not trusting a certificate.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `certificate` is an anchor itself or leads to one by signatures (SHA-256 with RSA or P-256), each link
    /// valid at `at` and allowed to issue certificates. `others` are certificates that came along and may lie between.
    /// Revocation is not looked at: it needs a network.
    pub fn trust(&self, certificate: &Certificate, others: &[Certificate], at: Timestamp) -> bool {
        let mut current = certificate.clone();
        for _ in 0..=MAX_INTERMEDIATES {
            if current.check_validity(at).is_err() {
                return false;
            }
            if self.0.contains(&current) {
                return true;
            }
            let issuer = self
                .0
                .iter()
                .chain(others)
                .find(|issuer| issued(issuer, &current));
            match issuer {
                Some(issuer) if *issuer != current => current = issuer.clone(),
                _ => return false,
            }
        }
        false
    }
}

/// Whether `issuer` may issue certificates and issued `subject`.
fn issued(issuer: &Certificate, subject: &Certificate) -> bool {
    let (issuer_parsed, subject_parsed) = (issuer.parsed(), subject.parsed());
    let issuer_body = issuer_parsed.tbs_certificate();
    if issuer_body.subject() != subject_parsed.tbs_certificate().issuer() {
        return false;
    }
    let is_authority = issuer_body
        .get_extension::<BasicConstraints>()
        .is_ok_and(|found| found.is_some_and(|(_, value)| value.ca));
    let may_sign = match issuer_body.get_extension::<KeyUsage>() {
        Ok(usage) => usage.is_none_or(|(_, usage)| usage.key_cert_sign()),
        Err(_) => false,
    };
    let (Ok(body), Some(signature)) = (
        subject_parsed.tbs_certificate().to_der(),
        subject_parsed.signature().as_bytes(),
    ) else {
        return false;
    };
    let key = issuer.public_key();
    let holds = match subject_parsed.signature_algorithm().oid {
        RSA_SHA256 => key
            .verify(
                SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256),
                &body,
                signature,
            )
            .is_ok(),
        ECDSA_SHA256 => key
            .verify_ecdsa_der(HashAlgorithm::Sha256, &body, signature)
            .is_ok(),
        _ => false,
    };
    is_authority && may_sign && holds
}
