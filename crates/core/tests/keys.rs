//! One key and one certificate among much else, and what is known of a certificate beside its own bytes.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(clippy::disallowed_methods, reason = "the vectors are files")]

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::key::{
    AwsLcSigner, Certificate, CertificateStatus, HashAlgorithm, Identity, KeyAlgorithm, KeyError,
    OfflineCertificate, PrivateKey, SeenStatus, SignatureAlgorithm, Signer, SignerError,
    SoftwareSigner,
};
use ksef_offline_core::random::OsRandom;

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/keys");
    std::fs::read(folder.join(name)).unwrap()
}

fn key(name: &str) -> PrivateKey {
    PrivateKey::from_bytes(&file(name), None).unwrap()
}

fn now() -> Timestamp {
    "2026-12-01T12:00:00Z".parse().unwrap()
}

fn offline() -> OfflineCertificate {
    let identity =
        Identity::from_certificate_file(&file("p256-offline.crt"), key("p256-pkcs8.pem")).unwrap();
    let signer = SoftwareSigner::of(identity, Arc::new(OsRandom));
    OfflineCertificate::new(Arc::new(signer), now()).unwrap()
}

#[test]
fn the_certificate_of_the_key_is_found_in_any_place() {
    let wanted = Certificate::from_bytes(&file("rsa-offline.crt")).unwrap();
    let mut parts = [
        file("chain-root.crt"),
        file("chain-authority.crt"),
        file("rsa-offline.crt"),
        file("rsa-pkcs1.pem"),
    ];
    for _ in 0..parts.len() {
        parts.rotate_left(1);
        let bytes = parts.concat();
        let found =
            Identity::from_certificate_file(&bytes, PrivateKey::from_bytes(&bytes, None).unwrap());
        assert_eq!(*found.unwrap().certificate(), wanted);
    }
    let without = [file("chain-root.crt"), file("p256-offline.crt")].concat();
    assert_eq!(
        Identity::from_certificate_file(&without, key("rsa-pkcs1.pem")).err(),
        Some(KeyError::KeyMismatch)
    );
    assert_eq!(
        Identity::from_certificate_file(&file("rsa-pkcs1.pem"), key("rsa-pkcs1.pem")).err(),
        Some(KeyError::CertificateMalformed)
    );
}

#[test]
fn a_store_with_a_chain_gives_the_certificate_of_its_key() {
    let identity = Identity::from_pkcs12(&file("chain.p12"), "zażółć").unwrap();
    let wanted = Certificate::from_bytes(&file("rsa-offline.crt")).unwrap();
    assert_eq!(*identity.certificate(), wanted);
    assert_eq!(
        Identity::from_pkcs12(&file("certificates-only.p12"), "zażółć").err(),
        Some(KeyError::Pkcs12Incomplete)
    );
}

#[test]
fn a_key_says_what_it_is() {
    for (name, algorithm) in [
        ("rsa-pkcs1.pem", KeyAlgorithm::Rsa { bits: 2048 }),
        ("p256-pkcs8.pem", KeyAlgorithm::P256),
        ("p384.pem", KeyAlgorithm::P384),
    ] {
        assert_eq!(key(name).public_key().algorithm(), algorithm);
    }
}

#[test]
fn both_implementations_sign_what_the_certificate_verifies() {
    for (certificate, name) in [
        ("p256-offline.crt", "p256-pkcs8.pem"),
        ("rsa-offline.crt", "rsa-pkcs1.pem"),
    ] {
        let identity = || Identity::from_certificate_file(&file(certificate), key(name)).unwrap();
        let signers: [Box<dyn Signer>; 2] = [
            Box::new(SoftwareSigner::of(identity(), Arc::new(OsRandom))),
            Box::new(AwsLcSigner::new(identity(), Arc::new(OsRandom)).unwrap()),
        ];
        for hash in HashAlgorithm::ALL {
            let algorithms: &[SignatureAlgorithm] = if name.starts_with("rsa") {
                &[
                    SignatureAlgorithm::RsaPkcs1(hash),
                    SignatureAlgorithm::RsaPss(hash),
                ]
            } else {
                &[SignatureAlgorithm::Ecdsa(hash)]
            };
            for algorithm in algorithms {
                for signer in &signers {
                    let signature = signer.sign(*algorithm, b"text").unwrap();
                    let public = signer.certificate().public_key();
                    assert_eq!(public.verify(*algorithm, b"text", &signature), Ok(()));
                }
            }
        }
        for signer in &signers {
            let wrong = if name.starts_with("rsa") {
                SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256)
            } else {
                SignatureAlgorithm::RsaPss(HashAlgorithm::Sha256)
            };
            assert_eq!(
                signer.sign(wrong, b"text"),
                Err(SignerError::Key(KeyError::AlgorithmMismatch))
            );
        }
    }
}

#[test]
fn a_certificate_known_to_be_revoked_or_blocked_is_refused() {
    let seen = |name: &str| SeenStatus {
        status: CertificateStatus::from_name(name),
        at: now(),
    };
    for (name, code) in [
        ("Revoked", "certificate-revoked"),
        ("Blocked", "certificate-blocked"),
    ] {
        let error = offline().with_status(seen(name)).unwrap_err();
        assert_eq!(error.code(), code);
    }
    for name in ["Active", "Suspended"] {
        let certificate = offline().with_status(seen(name)).unwrap();
        assert_eq!(certificate.seen(), Some(&seen(name)));
    }
    assert_eq!(offline().seen(), None);
}

#[test]
fn thirty_days_before_its_end_a_certificate_is_to_be_replaced() {
    let certificate = offline();
    let days = |days: i64| certificate.expires_at() - SignedDuration::from_hours(24 * days);
    assert!(!certificate.expires_soon(days(31)));
    assert!(certificate.expires_soon(days(29)));
    assert!(certificate.expires_soon(days(-1)));
}

#[test]
fn a_certificate_for_offline_invoices_is_none_for_logging_in() {
    let read = |name| Certificate::from_bytes(&file(name)).unwrap();
    assert_eq!(
        read("p256-offline.crt").check_for_login(now()),
        Err(KeyError::NotForLogin)
    );
    assert_eq!(
        read("p256-authentication.crt").check_for_login(now()),
        Ok(())
    );
    assert_eq!(read("chain-seal.crt").check_for_login(now()), Ok(()));
    let late: Timestamp = "2200-01-01T00:00:00Z".parse().unwrap();
    assert!(
        read("p256-authentication.crt")
            .check_for_login(late)
            .is_err()
    );
}

/// Hands on what a trusted signer makes for something else.
struct Outsider(SoftwareSigner);

impl Signer for Outsider {
    fn certificate(&self) -> &Certificate {
        self.0.certificate()
    }

    fn sign(&self, algorithm: SignatureAlgorithm, _: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.0.sign(algorithm, b"something else")
    }
}

#[test]
fn an_outsider_is_verified_also_behind_an_offline_certificate() {
    let identity = Identity::from_certificate_file(&file("rsa-offline.crt"), key("rsa-pkcs1.pem"));
    let outsider = Outsider(SoftwareSigner::of(identity.unwrap(), Arc::new(OsRandom)));
    let certificate = OfflineCertificate::new(Arc::new(outsider), now()).unwrap();
    assert_eq!(certificate.sign_code(b"text"), Err(SignerError::Unverified));
    let algorithm = SignatureAlgorithm::RsaPkcs1(HashAlgorithm::Sha256);
    assert_eq!(
        certificate.signer().sign(algorithm, b"text"),
        Err(SignerError::Unverified)
    );
}

#[test]
fn no_error_or_debug_output_shows_anything_of_a_key() {
    let pem = String::from_utf8(file("p256-encrypted.pem")).unwrap();
    let error = PrivateKey::from_bytes(pem.as_bytes(), Some("hunter2"))
        .err()
        .unwrap();
    let text = format!("{error} {error:?} {:?} {:?}", error.message(), offline());
    assert!(!text.contains("hunter2") && !text.contains("MI"), "{text}");
}
