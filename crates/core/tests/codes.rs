//! CODE I and CODE II from keys that OpenSSL made: issued, read back, verified point by point, and refused when anything
//! about them was changed. The keys come from `tests/vectors/keys/make.sh`.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(clippy::disallowed_methods, reason = "the vectors are files")]

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::code::{
    CodeError, CodeKind, CodeOne, CodeTwo, EcdsaEncoding, Evidence, Link, verify,
};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::ContextIdentifier;
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_core::key::{
    Certificate, OfflineCertificate, PrivateKey, SignatureAlgorithm, Signer, SignerError,
    SoftwareSigner,
};
use ksef_offline_core::random::OsRandom;

const CONTEXTS: [&str; 4] = [
    "Nip:5265877635",
    "InternalId:5265877635-00001",
    "NipVatUe:5265877635-DE123456789",
    "PeppolId:PPL123456",
];
const P256: [&str; 2] = ["p256-offline.crt", "p256-pkcs8.pem"];
const RSA: [&str; 2] = ["rsa-offline.crt", "rsa-pkcs1.pem"];

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/keys");
    std::fs::read(folder.join(name)).unwrap()
}

fn now() -> Timestamp {
    "2026-12-01T12:00:00Z".parse().unwrap()
}

fn issuer([certificate, key]: [&str; 2]) -> OfflineCertificate {
    let certificate = Certificate::from_bytes(&file(certificate)).unwrap();
    let key = PrivateKey::from_bytes(&file(key), None).unwrap();
    let signer = SoftwareSigner::new(certificate, key, Arc::new(OsRandom)).unwrap();
    OfflineCertificate::new(Arc::new(signer), now()).unwrap()
}

/// An invoice of this day, which is all that varies.
fn invoice_of(day: &str) -> InvoiceDocument {
    let path = "../../examples/invoices/01-vat-domestic.xml";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let text = std::fs::read_to_string(path).unwrap();
    let (before, rest) = text.split_once("<P_1>").unwrap();
    let (_, after) = rest.split_once("</P_1>").unwrap();
    InvoiceDocument::read(format!("{before}<P_1>{day}</P_1>{after}").into_bytes()).unwrap()
}

fn invoice() -> InvoiceDocument {
    invoice_of("2026-11-30")
}

fn environments() -> [Environment; 4] {
    let api = "http://127.0.0.1:8080/v2";
    [
        Environment::test(),
        Environment::demo(),
        Environment::production(),
        Environment::custom(api, api, "127.0.0.1:8080").unwrap(),
    ]
}

fn code_two(keys: [&str; 2]) -> CodeTwo {
    let context = ContextIdentifier::parse(CONTEXTS[0]).unwrap();
    CodeTwo::prepare(&invoice(), &context, &issuer(keys), &Environment::test())
        .sign(EcdsaEncoding::P1363)
        .unwrap()
}

/// The names of the checks that do not hold.
fn failed(url: &str, evidence: &Evidence<'_>) -> Vec<&'static str> {
    let report = verify(url, evidence);
    let failed: Vec<_> = report
        .checks()
        .iter()
        .filter(|check| !check.passed)
        .map(|check| check.name)
        .collect();
    match failed.first() {
        Some(check) => {
            assert_eq!(report.result(), Err(CodeError::CheckFailed { check }));
        }
        None => assert_eq!(report.result().ok(), report.kind()),
    }
    failed
}

#[test]
fn codes_of_every_context_environment_key_and_encoding_hold() {
    let invoice = invoice();
    for keys in [P256, RSA] {
        let (issuer, certificate) = (issuer(keys), file(keys[0]));
        for environment in environments() {
            let evidence = Evidence {
                invoice: Some(invoice.bytes()),
                certificate: Some(&certificate),
                custom: Some(&environment),
                now: now(),
            };
            let one = CodeOne::new(&invoice, &environment);
            assert_eq!(failed(one.url(), &evidence), [""; 0]);
            assert_eq!(verify(one.url(), &evidence).kind(), Some(CodeKind::One));
            for context in CONTEXTS {
                let context = ContextIdentifier::parse(context).unwrap();
                for encoding in [EcdsaEncoding::P1363, EcdsaEncoding::Der] {
                    let draft = CodeTwo::prepare(&invoice, &context, &issuer, &environment);
                    let code = draft.clone().sign(encoding).unwrap();
                    assert_eq!(failed(code.url(), &evidence), [""; 0], "{code}");
                    assert_eq!(verify(code.url(), &evidence).kind(), Some(CodeKind::Two));
                    let Ok(Link::Two(parsed)) = Link::parse(code.url()) else {
                        panic!("{code}")
                    };
                    assert_eq!(parsed.signed_text().as_bytes(), draft.bytes_to_sign());
                    assert_eq!(parsed.context(), &context);
                    let length = parsed.signature().len();
                    match (keys == RSA, encoding) {
                        (true, _) => assert_eq!(length, 256),
                        (false, EcdsaEncoding::P1363) => assert_eq!(length, 64),
                        (false, EcdsaEncoding::Der) => {
                            assert_eq!(parsed.signature()[0], 0x30);
                            assert!((66..=72).contains(&length), "{length}");
                        }
                    }
                    // What was signed elsewhere is attached in the encoding it has.
                    assert_eq!(draft.attach(parsed.signature()).unwrap(), code);
                }
            }
        }
    }
}

#[test]
fn a_draft_takes_the_signature_of_its_issuer_over_its_own_text_and_no_other() {
    let (invoice, environment) = (invoice(), Environment::test());
    let context = ContextIdentifier::parse(CONTEXTS[0]).unwrap();
    for (keys, others) in [(P256, RSA), (RSA, P256)] {
        let (issuer, other) = (issuer(keys), issuer(others));
        let draft = || CodeTwo::prepare(&invoice, &context, &issuer, &environment);
        let refused = |signature: &[u8]| {
            let error = draft().attach(signature).unwrap_err();
            assert_eq!(error.code(), "signature-does-not-verify");
        };
        let good = issuer.sign_code(draft().bytes_to_sign()).unwrap();
        draft().attach(&good).unwrap();
        refused(&[]);
        refused(&good[1..]);
        refused(&issuer.sign_code(b"another text").unwrap());
        refused(&other.sign_code(draft().bytes_to_sign()).unwrap());
        for at in [0, good.len() / 2, good.len() - 1] {
            let mut flipped = good.clone();
            flipped[at] ^= 1;
            refused(&flipped);
        }
    }
}

/// A device that gives what it likes.
struct Device(Certificate, Vec<u8>);

impl Signer for Device {
    fn certificate(&self) -> &Certificate {
        &self.0
    }

    fn sign(&self, _: SignatureAlgorithm, _: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.1.clone())
    }
}

#[test]
fn a_device_that_signs_something_else_makes_no_code() {
    let certificate = Certificate::from_bytes(&file(P256[0])).unwrap();
    let elsewhere = issuer(P256).sign_code(b"another text").unwrap();
    for given in [Vec::new(), vec![1; 64], elsewhere] {
        let device = Arc::new(Device(certificate.clone(), given));
        let issuer = OfflineCertificate::new(device, now()).unwrap();
        let context = ContextIdentifier::parse(CONTEXTS[0]).unwrap();
        let draft = CodeTwo::prepare(&invoice(), &context, &issuer, &Environment::test());
        let error = draft.sign(EcdsaEncoding::P1363).unwrap_err();
        assert_eq!(error, SignerError::Unverified);
    }
}

#[test]
fn each_thing_that_does_not_belong_fails_the_check_of_its_name() {
    let (invoice, certificate) = (invoice(), file(P256[0]));
    let good = Evidence {
        invoice: Some(invoice.bytes()),
        certificate: Some(&certificate),
        custom: None,
        now: now(),
    };
    let two = code_two(P256).to_string();
    let one = CodeOne::new(&invoice, &Environment::test()).to_string();
    assert_eq!(failed(&two, &good), [""; 0]);

    let later = invoice_of("2026-12-01");
    let of_later = Evidence {
        invoice: Some(later.bytes()),
        ..good
    };
    assert_eq!(failed(&one, &of_later), ["issue-date", "hash"]);
    assert_eq!(failed(&two, &of_later), ["hash"]);
    let other_seller = String::from_utf8(invoice.bytes().to_vec())
        .unwrap()
        .replacen("<NIP>5265877635</NIP>", "<NIP>1111111111</NIP>", 1);
    let of_other = Evidence {
        invoice: Some(other_seller.as_bytes()),
        ..good
    };
    assert_eq!(failed(&one, &of_other), ["seller", "hash"]);
    let no_invoice = Evidence {
        invoice: Some(b"%PDF-1.7"),
        ..good
    };
    assert_eq!(failed(&one, &no_invoice), ["hash", "invoice"]);
    assert_eq!(failed(&two, &no_invoice), ["hash", "invoice"]);

    let none = Evidence {
        certificate: None,
        ..good
    };
    assert_eq!(failed(&two, &none), ["signature"]);
    assert_eq!(failed(&one, &none), [""; 0]);
    let rubbish = Evidence {
        certificate: Some(b"rubbish"),
        ..good
    };
    assert_eq!(failed(&two, &rubbish), ["certificate", "signature"]);
    let rsa = file(RSA[0]);
    let of_rsa = Evidence {
        certificate: Some(&rsa),
        ..good
    };
    assert_eq!(failed(&two, &of_rsa), ["certificate-serial", "signature"]);
    let login = file("p256-authentication.crt");
    let of_login = Evidence {
        certificate: Some(&login),
        ..good
    };
    assert!(failed(&two, &of_login).contains(&"certificate-usage"));
    let late = Evidence {
        now: "2200-01-01T00:00:00Z".parse().unwrap(),
        ..good
    };
    assert_eq!(failed(&two, &late), ["certificate-valid-now"]);

    assert_eq!(
        failed(&two.replacen("qr-test", "qr-tesT", 1), &good),
        ["host", "signature"]
    );
    assert_eq!(failed(&one.replacen("https", "http", 1), &good), ["link"]);
    assert_eq!(failed(&format!("{one}/"), &good), ["link"]);
    assert_eq!(failed(&format!("{two}?a=b"), &good), ["link"]);
    assert_eq!(failed(&format!("{two}="), &good), ["signature-encoding"]);
    assert_eq!(
        failed(&two.replacen("/Nip/", "/nip/", 1), &good),
        ["context", "signature"]
    );
    for url in [
        "",
        "https://",
        "rubbish",
        "https://qr.ksef.mf.gov.pl/",
        "mailto:a@b",
    ] {
        assert_eq!(failed(url, &good), ["link"], "{url}");
        assert_eq!(verify(url, &good).kind(), None);
    }
}

#[test]
fn a_certificate_that_ended_before_the_issue_date_cannot_have_signed() {
    // Valid from 2026-11-22 22:39:52 to 2126-10-29 22:39:52 in Warsaw.
    let (certificate, environment) = (file(P256[0]), Environment::test());
    let context = ContextIdentifier::parse(CONTEXTS[0]).unwrap();
    for (day, expected, word) in [
        ("2026-11-21", &[][..], "younger"),
        ("2026-11-22", &[], "valid on"),
        ("2126-10-29", &[], "valid on"),
        ("2126-10-30", &["certificate-period"], "expired"),
    ] {
        let invoice = invoice_of(day);
        let code = CodeTwo::prepare(&invoice, &context, &issuer(P256), &environment)
            .sign(EcdsaEncoding::P1363)
            .unwrap();
        let evidence = Evidence {
            invoice: Some(invoice.bytes()),
            certificate: Some(&certificate),
            custom: None,
            now: now(),
        };
        assert_eq!(failed(code.url(), &evidence), expected, "{day}");
        let report = verify(code.url(), &evidence);
        let mut checks = report.checks().iter();
        let period = checks.find(|check| check.name == "certificate-period");
        assert!(period.unwrap().detail.en.contains(word), "{day}");
    }
}

#[test]
fn of_several_certificates_in_a_file_the_one_that_the_link_names_counts() {
    let invoice = invoice();
    let chain = [file("chain-root.crt"), file(RSA[0]), file(P256[0])].concat();
    for keys in [P256, RSA] {
        let evidence = Evidence {
            invoice: Some(invoice.bytes()),
            certificate: Some(&chain),
            custom: None,
            now: now(),
        };
        assert_eq!(failed(code_two(keys).url(), &evidence), [""; 0], "{keys:?}");
    }
}

/// Where in a link a character stands.
fn segment(url: &str, at: usize) -> usize {
    url[..at].matches('/').count()
}

#[test]
fn a_thousand_links_with_one_changed_character_are_all_refused() {
    const ALPHABET: &[u8] = b"ABCXYZabcxyz0189-_./:=%";
    let invoice = invoice();
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed % below as u64) as usize
    };
    for keys in [P256, RSA] {
        let certificate = file(keys[0]);
        let evidence = Evidence {
            invoice: Some(invoice.bytes()),
            certificate: Some(&certificate),
            custom: None,
            now: now(),
        };
        let one = CodeOne::new(&invoice, &Environment::test()).to_string();
        for url in [code_two(keys).to_string(), one] {
            assert_eq!(failed(&url, &evidence), [""; 0]);
            // Every segment in turn, however short.
            let segments = segment(&url, url.len()) + 1;
            let mut changed = 0;
            while changed < 1000 {
                let places: Vec<usize> = (0..url.len())
                    .filter(|at| segment(&url, *at) == changed % segments)
                    .collect();
                let at = places[random(places.len())];
                let was = url.as_bytes()[at];
                let to = match random(3) {
                    0 if was.is_ascii_alphabetic() => was ^ 0x20,
                    _ => ALPHABET[random(ALPHABET.len())],
                };
                if to == was {
                    continue;
                }
                let other = format!("{}{}{}", &url[..at], char::from(to), &url[at + 1..]);
                assert!(!failed(&other, &evidence).is_empty(), "{other}");
                changed += 1;
            }
        }
    }
}
