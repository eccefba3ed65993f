//! Whether a certificate leads to an issuer one trusts.

use der::oid::ObjectIdentifier;
use der::{Any, Decode as _, Encode as _};
use jiff::Timestamp;
use spki::AlgorithmIdentifierOwned;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};

use super::{Certificate, HashAlgorithm, SignatureAlgorithm};

const RSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
const ECDSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");
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

    /// Whether `certificate` is an anchor itself or leads to one by signatures (SHA-256, 384 or 512 with RSA or ECDSA), each
    /// link valid at `at` and allowed to issue certificates. `others` are certificates that came along and may lie between.
    /// A certificate with a critical extension that is not evaluated here, or with constraints on names, leads nowhere (RFC
    /// 5280, 4.2); an anchor is taken as it is. Revocation is not looked at: it needs a network.
    pub fn trust(&self, certificate: &Certificate, others: &[Certificate], at: Timestamp) -> bool {
        let mut current = certificate.clone();
        for depth in 0..=MAX_INTERMEDIATES {
            if current.check_validity(at).is_err() {
                return false;
            }
            if self.0.contains(&current) {
                return true;
            }
            if !current.is_understood() {
                return false;
            }
            // An authority that renews its certificate keeps name and key: of two that fit, the one of that time counts.
            let issuer = self.0.iter().chain(others).find(|issuer| {
                issuer.check_validity(at).is_ok() && issued(issuer, &current, depth)
            });
            match issuer {
                Some(issuer) if *issuer != current => current = issuer.clone(),
                _ => return false,
            }
        }
        false
    }
}

/// Whether `issuer` may issue certificates with `depth` others below it, and issued `subject`.
fn issued(issuer: &Certificate, subject: &Certificate, depth: usize) -> bool {
    let issuer_body = issuer.parsed().tbs_certificate();
    if issuer_body.subject() != subject.parsed().tbs_certificate().issuer() {
        return false;
    }
    let is_authority = issuer_body
        .get_extension::<BasicConstraints>()
        .is_ok_and(|found| {
            found.is_some_and(|(_, value)| {
                value.ca
                    && value
                        .path_len_constraint
                        .is_none_or(|length| depth <= usize::from(length))
            })
        });
    let may_sign = match issuer_body.get_extension::<KeyUsage>() {
        Ok(usage) => usage.is_none_or(|(_, usage)| usage.key_cert_sign()),
        Err(_) => false,
    };
    is_authority && may_sign && signed(issuer, subject)
}

/// Whether the signature of `subject` is `issuer`'s.
fn signed(issuer: &Certificate, subject: &Certificate) -> bool {
    let parsed = subject.parsed();
    let (Ok(body), Some(signature)) = (
        parsed.tbs_certificate().to_der(),
        parsed.signature().as_bytes(),
    ) else {
        return false;
    };
    let key = issuer.public_key();
    let pkcs1 = |hash| key.verify(SignatureAlgorithm::RsaPkcs1(hash), &body, signature);
    let ecdsa = |hash| key.verify_ecdsa_der(hash, &body, signature);
    let algorithm = parsed.signature_algorithm();
    if parsed.tbs_certificate().signature() != algorithm {
        return false;
    }
    match algorithm.oid {
        RSA_SHA256 => pkcs1(HashAlgorithm::Sha256),
        RSA_SHA384 => pkcs1(HashAlgorithm::Sha384),
        RSA_SHA512 => pkcs1(HashAlgorithm::Sha512),
        ECDSA_SHA256 => ecdsa(HashAlgorithm::Sha256),
        ECDSA_SHA384 => ecdsa(HashAlgorithm::Sha384),
        ECDSA_SHA512 => ecdsa(HashAlgorithm::Sha512),
        RSA_PSS => match pss_hash(algorithm) {
            Some(hash) => key.verify(SignatureAlgorithm::RsaPss(hash), &body, signature),
            None => return false,
        },
        _ => return false,
    }
    .is_ok()
}

/// The hash of RSASSA-PSS parameters, provided that MGF1 has the same and the salt its length.
fn pss_hash(algorithm: &AlgorithmIdentifierOwned) -> Option<HashAlgorithm> {
    let parameters = algorithm.parameters.as_ref()?.to_der().ok()?;
    let parameters = pkcs1::RsaPssParams::<Any>::from_der(&parameters).ok()?;
    let hash = match parameters.hash.oid {
        SHA256 => HashAlgorithm::Sha256,
        SHA384 => HashAlgorithm::Sha384,
        SHA512 => HashAlgorithm::Sha512,
        _ => return None,
    };
    let same_hash = parameters
        .mask_gen
        .parameters
        .is_some_and(|mask| mask.oid == parameters.hash.oid);
    (same_hash && usize::from(parameters.salt_len) == hash.length()).then_some(hash)
}
