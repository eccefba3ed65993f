//! Keys in every form OpenSSL writes, and signatures that come back from the verifier or are refused for the right
//! reason. The files come from `tests/vectors/keys/make.sh`.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(clippy::disallowed_methods, reason = "the vectors are files")]

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_core::key::{
    Certificate, CertificateUsage, HashAlgorithm, Identity, KeyError, KeyKind, OfflineCertificate,
    PrivateKey, SignatureAlgorithm, Signer, SignerError, SoftwareSigner, TrustAnchors,
};
use ksef_offline_core::random::OsRandom;
use ksef_offline_core::signature::{
    SignatureError, sign_detached, sign_enveloped, verify_detached, verify_enveloped,
};

const PASSWORD: &str = "zażółć";

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/keys");
    std::fs::read(folder.join(name)).unwrap()
}

fn signer(certificate: &str, key: &str) -> SoftwareSigner {
    let certificate = Certificate::from_bytes(&file(certificate)).unwrap();
    let key = PrivateKey::from_bytes(&file(key), None).unwrap();
    SoftwareSigner::new(certificate, key, Arc::new(OsRandom)).unwrap()
}

fn signers() -> [SoftwareSigner; 2] {
    [
        signer("p256-offline.crt", "p256-pkcs8.pem"),
        signer("rsa-offline.crt", "rsa-pkcs1.pem"),
    ]
}

fn invoice() -> InvoiceDocument {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/invoices");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "xml"));
    files.sort();
    InvoiceDocument::read(std::fs::read(&files[0]).unwrap()).unwrap()
}

fn now() -> Timestamp {
    "2026-12-01T12:00:00Z".parse().unwrap()
}

#[test]
fn keys_are_read_in_every_form() {
    for (name, password) in [
        ("p256-sec1.pem", None),
        ("p256-pkcs8.pem", None),
        ("p256-pkcs8.der", None),
        ("p256-encrypted.pem", Some(PASSWORD)),
        ("rsa-pkcs1.pem", None),
        ("rsa-encrypted-3des.pem", Some(PASSWORD)),
    ] {
        let certificate = if name.starts_with("rsa") {
            "rsa-offline.crt"
        } else {
            "p256-offline.crt"
        };
        let key = PrivateKey::from_bytes(&file(name), password)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            key.public_key(),
            *Certificate::from_bytes(&file(certificate))
                .unwrap()
                .public_key(),
            "{name}"
        );
    }
    for name in ["p256.p12", "rsa-legacy.p12"] {
        assert!(
            Identity::from_pkcs12(&file(name), PASSWORD).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn keys_that_must_not_be_used_are_told_apart() {
    let error = |name: &str, password| PrivateKey::from_bytes(&file(name), password).err().unwrap();
    assert_eq!(error("p256-encrypted.pem", None), KeyError::PasswordMissing);
    assert_eq!(
        error("p256-encrypted.pem", Some("x")),
        KeyError::PasswordWrong
    );
    assert_eq!(
        error("rsa-1024.pem", None),
        KeyError::KeyTooShort { bits: 1024 }
    );
    assert_eq!(error("p521.pem", None), KeyError::AlgorithmUnsupported);
    assert_eq!(error("p256-offline.crt", None), KeyError::KeyMalformed);
    assert_eq!(
        Identity::from_pkcs12(&file("p256.p12"), "x").err(),
        Some(KeyError::PasswordWrong)
    );
    assert_eq!(
        Identity::from_pkcs12(b"nothing", "x").err(),
        Some(KeyError::Pkcs12Malformed)
    );
    assert_eq!(
        PrivateKey::from_bytes(&[], None).err(),
        Some(KeyError::KeyMalformed)
    );
    let certificate = Certificate::from_bytes(&file("rsa-offline.crt")).unwrap();
    let key = PrivateKey::from_bytes(&file("p256-pkcs8.pem"), None).unwrap();
    assert_eq!(
        SoftwareSigner::new(certificate, key, Arc::new(OsRandom)).unwrap_err(),
        KeyError::KeyMismatch
    );
}

#[test]
fn every_key_signs_by_every_algorithm_of_its_kind_and_no_other() {
    let keys = ["rsa-pkcs1.pem", "p256-pkcs8.pem", "p384.pem"]
        .map(|name| PrivateKey::from_bytes(&file(name), None).unwrap());
    for key in &keys {
        let public = key.public_key();
        for hash in HashAlgorithm::ALL {
            let fitting = if public.is_rsa() {
                vec![
                    SignatureAlgorithm::RsaPkcs1(hash),
                    SignatureAlgorithm::RsaPss(hash),
                ]
            } else {
                vec![SignatureAlgorithm::Ecdsa(hash)]
            };
            for algorithm in [
                SignatureAlgorithm::RsaPkcs1(hash),
                SignatureAlgorithm::RsaPss(hash),
                SignatureAlgorithm::Ecdsa(hash),
            ] {
                let signed = key.sign(algorithm, b"text", &OsRandom);
                if !fitting.contains(&algorithm) {
                    assert_eq!(signed, Err(KeyError::AlgorithmMismatch));
                    continue;
                }
                let signature = signed.unwrap();
                assert_eq!(public.verify(algorithm, b"text", &signature), Ok(()));
                for (message, used) in [(&b"Text"[..], algorithm), (b"text", other_hash(algorithm))]
                {
                    assert_eq!(
                        public.verify(used, message, &signature),
                        Err(KeyError::SignatureInvalid),
                        "{algorithm:?}"
                    );
                }
            }
        }
    }
}

fn other_hash(algorithm: SignatureAlgorithm) -> SignatureAlgorithm {
    let other = |hash| match hash {
        HashAlgorithm::Sha256 => HashAlgorithm::Sha384,
        _ => HashAlgorithm::Sha256,
    };
    match algorithm {
        SignatureAlgorithm::RsaPkcs1(hash) => SignatureAlgorithm::RsaPkcs1(other(hash)),
        SignatureAlgorithm::RsaPss(hash) => SignatureAlgorithm::RsaPss(other(hash)),
        SignatureAlgorithm::Ecdsa(hash) => SignatureAlgorithm::Ecdsa(other(hash)),
        other => unreachable!("{other:?}"),
    }
}

#[test]
fn a_made_key_is_read_back_plain_and_encrypted() {
    for kind in [KeyKind::P256, KeyKind::Rsa2048] {
        let key = PrivateKey::generate(kind, &OsRandom).unwrap();
        for password in [None, Some(PASSWORD)] {
            let pem = key.to_pkcs8_pem(password, &OsRandom).unwrap();
            let read = PrivateKey::from_bytes(pem.as_bytes(), password).unwrap();
            assert_eq!(read.public_key(), key.public_key());
        }
    }
}

#[test]
fn a_certificate_tells_what_openssl_put_in() {
    let certificate = Certificate::from_bytes(&file("p256-offline.crt")).unwrap();
    assert_eq!(certificate.serial().unwrap().as_str(), "01635E98D9669239");
    assert_eq!(certificate.serial_decimal(), "100027627307700793");
    assert_eq!(certificate.usage(), CertificateUsage::Offline);
    assert_eq!(
        certificate.tax_identifier().as_deref(),
        Some("VATPL-5265877635")
    );
    assert_eq!(certificate.common_name().as_deref(), Some("Łódka + #1"));
    assert_eq!(
        certificate.subject(),
        "CN=Łódka \\+ #1,2.5.4.97=#0c10564154504c2d35323635383737363335,O=Piekarnia \\\"Łódka\\\"\\, sp. z o.o.,C=PL"
    );
    let other = Certificate::from_bytes(&file("p256-authentication.crt")).unwrap();
    assert_eq!(other.usage(), CertificateUsage::Authentication);
    assert_eq!(
        Certificate::from_bytes(certificate.der()).unwrap(),
        certificate
    );
    assert_eq!(
        Certificate::from_bytes(certificate.to_pem().as_bytes()).unwrap(),
        certificate
    );
}

#[test]
fn only_a_valid_certificate_of_type_offline_signs_invoices() {
    let offline = Arc::new(signer("p256-offline.crt", "p256-pkcs8.pem"));
    assert!(OfflineCertificate::new(offline.clone(), now()).is_ok());
    let early: Timestamp = "2020-01-01T00:00:00Z".parse().unwrap();
    let late: Timestamp = "2200-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(
        OfflineCertificate::new(offline.clone(), early)
            .unwrap_err()
            .code(),
        "certificate-not-yet-valid"
    );
    assert_eq!(
        OfflineCertificate::new(offline, late).unwrap_err().code(),
        "certificate-expired"
    );
    let authentication = Arc::new(signer("p256-authentication.crt", "p256-pkcs8.pem"));
    assert_eq!(
        OfflineCertificate::new(authentication, now()).unwrap_err(),
        KeyError::NotOffline
    );
}

#[test]
fn a_detached_signature_holds_for_the_exact_bytes_only() {
    let invoice = invoice();
    for signer in signers() {
        let signature = sign_detached(&invoice, "invoice.xml", &signer, now()).unwrap();
        let verified = verify_detached(&signature, invoice.bytes(), now()).unwrap();
        assert_eq!(verified.certificate, *signer.certificate());
        assert_eq!(verified.signing_time, now());
        let mut altered = invoice.bytes().to_vec();
        *altered.last_mut().unwrap() ^= 1;
        assert_eq!(
            verify_detached(&signature, &altered, now()).unwrap_err(),
            SignatureError::DigestMismatch
        );
    }
}

#[test]
fn an_enveloped_signature_covers_the_whole_document() {
    let xml = "<?xml version=\"1.0\"?>\n<a:x xmlns:a=\"urn:q\" b='1'><!-- c --><a:y/> é </a:x>\n";
    for signer in signers() {
        let signed =
            String::from_utf8(sign_enveloped(xml.as_bytes(), &signer, now()).unwrap()).unwrap();
        assert!(verify_enveloped(signed.as_bytes(), now()).is_ok());
        // White space in tags, quotes and comments do not change the canonical form.
        assert!(verify_enveloped(signed.replace("b='1'", " b=\"1\"").as_bytes(), now()).is_ok());
        assert!(verify_enveloped(signed.replace("<!-- c -->", "").as_bytes(), now()).is_ok());
        assert_eq!(
            verify_enveloped(signed.replace(" é ", " e ").as_bytes(), now()).unwrap_err(),
            SignatureError::DigestMismatch
        );
    }
}

#[test]
fn damage_is_refused_for_its_own_reason() {
    let invoice = invoice();
    for signer in signers() {
        let signature =
            String::from_utf8(sign_detached(&invoice, "invoice.xml", &signer, now()).unwrap())
                .unwrap();
        let refused =
            |text: &str| verify_detached(text.as_bytes(), invoice.bytes(), now()).unwrap_err();
        let other = if signer.certificate().public_key().is_rsa() {
            "p256-offline.crt"
        } else {
            "rsa-offline.crt"
        };
        let other = Certificate::from_bytes(&file(other)).unwrap();
        for (from, to, error) in [
            (
                "2026-12-01T12:00:00Z",
                "2026-12-01T12:00:01Z",
                SignatureError::PropertiesMismatch,
            ),
            ("text/xml", "text/xm1", SignatureError::PropertiesMismatch),
            (
                "xmlenc#sha256\"></ds:DigestMethod><ds:DigestValue>",
                "x\"></ds:DigestMethod><ds:DigestValue>",
                SignatureError::AlgorithmRefused("DigestMethod"),
            ),
            (
                "-sha256\"></ds:SignatureMethod>",
                "-sha1\"></ds:SignatureMethod>",
                SignatureError::AlgorithmRefused("SignatureMethod"),
            ),
            (
                "URI=\"invoice.xml\"",
                "URI=\"other.xml\"",
                SignatureError::ValueInvalid,
            ),
            (
                "URI=\"invoice.xml\"",
                "URI=\"\"",
                SignatureError::WrongReferences,
            ),
            (
                "<ds:KeyInfo>",
                "<ds:KeyInfo Id=\"a\"/><ds:KeyInfo>",
                SignatureError::Unexpected("KeyInfo"),
            ),
            (
                "#SignedProperties\"",
                "#Other\"",
                SignatureError::WrongReferences,
            ),
            ("Target=\"#", "Target=\"#x", SignatureError::WrongReferences),
            (
                "<ds:Object>",
                "<ds:Object Id=\"a\"/><ds:Object Id=\"a\">",
                SignatureError::DuplicateId,
            ),
            (
                "</ds:Signature>",
                "<ds:Object><ds:Signature/></ds:Object></ds:Signature>",
                SignatureError::NotOneSignature,
            ),
        ] {
            assert!(signature.contains(from), "{from}");
            assert_eq!(
                refused(&signature.replace(from, to)),
                error,
                "{from} -> {to}"
            );
        }
        let swapped = signature.replace(&signer.certificate().to_base64(), &other.to_base64());
        assert_eq!(refused(&swapped), SignatureError::CertificateMismatch);
        assert_eq!(
            refused(&format!("<!DOCTYPE x []>{signature}")),
            SignatureError::Malformed
        );
    }
}

#[test]
fn a_signature_from_outside_the_certificates_validity_is_refused() {
    let invoice = invoice();
    let late: Timestamp = "2200-01-01T00:00:00Z".parse().unwrap();
    for signer in signers() {
        let signature = sign_detached(&invoice, "invoice.xml", &signer, late).unwrap();
        assert_eq!(
            verify_detached(&signature, invoice.bytes(), late).unwrap_err(),
            SignatureError::OutsideValidity
        );
    }
}

/// A device that gives back something else than it was asked for.
struct Broken(SoftwareSigner);

impl Signer for Broken {
    fn certificate(&self) -> &Certificate {
        self.0.certificate()
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        self.0.sign(algorithm, &message[1..])
    }
}

#[test]
fn what_an_external_signer_returns_is_verified_before_it_is_used() {
    for signer in signers() {
        assert_eq!(
            sign_detached(&invoice(), "invoice.xml", &Broken(signer), now()).unwrap_err(),
            SignatureError::Signer(SignerError::Unverified)
        );
    }
}

#[test]
fn trust_follows_signatures_up_to_an_anchor_and_no_further() {
    let read = |name: &str| Certificate::from_bytes(&file(name)).unwrap();
    let (root, authority, seal) = (
        read("chain-root.crt"),
        read("chain-authority.crt"),
        read("chain-seal.crt"),
    );
    let anchors = TrustAnchors::new(vec![root.clone()]);
    assert!(anchors.trust(&root, &[], now()));
    assert!(anchors.trust(&authority, &[], now()));
    assert!(anchors.trust(&seal, std::slice::from_ref(&authority), now()));
    assert!(
        !anchors.trust(&seal, &[], now()),
        "the link between is missing"
    );
    // The same name with another key.
    let stranger = TrustAnchors::new(vec![read("chain-stranger.crt")]);
    assert!(!stranger.trust(&authority, &[], now()));
    // A seal is no authority, whatever it signed.
    let below = read("chain-below-seal.crt");
    assert!(!anchors.trust(&below, &[seal, authority], now()));
    let late: Timestamp = "2200-01-01T00:00:00Z".parse().unwrap();
    assert!(!anchors.trust(&root, &[], late));
    assert!(TrustAnchors::default().is_empty());
}

#[test]
fn a_critical_extension_that_is_not_evaluated_ends_a_chain() {
    let read = |name: &str| Certificate::from_bytes(&file(name)).unwrap();
    // The anchor has one too, and is taken as it is.
    let anchors = TrustAnchors::new(vec![read("extended-root.crt")]);
    let seal = read("extended-seal.crt");
    for (between, trusted) in [
        ("extended-authority.crt", true),
        ("extended-authority-unknown.crt", false),
        ("extended-authority-names.crt", false),
    ] {
        assert_eq!(
            anchors.trust(&seal, &[read(between)], now()),
            trusted,
            "{between}"
        );
    }
    for (leaf, trusted) in [
        ("extended-seal-remark.crt", true),
        ("extended-seal-qualified.crt", true),
        ("extended-seal-unknown.crt", false),
        ("extended-seal-statement.crt", false),
        ("extended-server.crt", false),
    ] {
        assert_eq!(anchors.trust(&read(leaf), &[], now()), trusted, "{leaf}");
    }
}

#[test]
fn a_certificate_is_for_signing_documents_unless_it_says_otherwise() {
    let read = |name: &str| Certificate::from_bytes(&file(name)).unwrap();
    for good in [
        "p256-offline.crt",
        "p256-authentication.crt",
        "chain-seal.crt",
        "extended-seal-qualified.crt",
        "extended-seal-unknown.crt",
    ] {
        assert_eq!(read(good).check_for_signing(), Ok(()), "{good}");
    }
    for bad in [
        "p256-encipherment.crt",
        "chain-root.crt",
        "extended-server.crt",
    ] {
        assert_eq!(
            read(bad).check_for_signing(),
            Err(KeyError::NotForSigning),
            "{bad}"
        );
    }
}
