//! Signatures of every packaging come back from the verifier, and everything that was done to one is found out for the
//! right reason. The keys come from `tests/vectors/keys/make.sh`.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(clippy::disallowed_methods, reason = "the vectors are files")]
#![allow(clippy::wildcard_imports, reason = "one test in several files")]

mod container;
mod forged;
mod hostile;
mod judged;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_core::key::{
    Certificate, HashAlgorithm, PrivateKey, SignatureAlgorithm, Signer as _, SoftwareSigner,
    TrustAnchors,
};
use ksef_offline_core::random::OsRandom;
use ksef_offline_core::receipt;
use ksef_offline_core::signature::{
    self, Canonicalization, Evidence, Packaging, ProductionPlace, Profile, SignatureError,
    SignaturePolicy, SignatureReport, VerifiedSignature, Xades, sign_detached, sign_enveloped,
    sign_enveloping, signed_file_name, verify_detached, verify_enveloped, verify_enveloping,
};

const LOGIN: &str = "<?xml version=\"1.0\"?>\n<x:a xmlns:x=\"urn:x\" xmlns=\"urn:d\" xmlns:ds=\"urn:other\" \
                     xml:lang=\"pl\" xml:base=\"https://b/\" xml:id=\"r\" z='1'><b xml:space='preserve'> é </b></x:a>\n";

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/keys");
    std::fs::read(folder.join(name)).unwrap()
}

fn signer(certificate: &str, key: &str) -> SoftwareSigner {
    let certificate = Certificate::from_bytes(&file(certificate)).unwrap();
    let key = PrivateKey::from_bytes(&file(key), None).unwrap();
    SoftwareSigner::new(certificate, key, Arc::new(OsRandom)).unwrap()
}

fn p256() -> SoftwareSigner {
    signer("p256-offline.crt", "p256-pkcs8.pem")
}

fn rsa() -> SoftwareSigner {
    signer("rsa-offline.crt", "rsa-pkcs1.pem")
}

fn invoice() -> InvoiceDocument {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/invoices");
    InvoiceDocument::read(std::fs::read(folder.join("01-vat-domestic.xml")).unwrap()).unwrap()
}

fn now() -> Timestamp {
    "2026-12-01T12:00:00Z".parse().unwrap()
}

fn detached() -> String {
    String::from_utf8(sign_detached(&invoice(), "invoice.xml", &p256(), now()).unwrap()).unwrap()
}

fn enveloping() -> String {
    String::from_utf8(sign_enveloping(&invoice(), &p256(), now()).unwrap()).unwrap()
}

fn enveloped() -> String {
    String::from_utf8(sign_enveloped(LOGIN.as_bytes(), &p256(), now()).unwrap()).unwrap()
}

fn examine(file: &[u8], invoice: Option<&[u8]>) -> SignatureReport {
    let evidence = Evidence {
        invoice,
        ..Evidence::at(now())
    };
    signature::examine(file, evidence)
}

/// Replaces what must be there.
fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

/// The part of a text from one mark to another, both included.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let start = text.find(from).unwrap();
    let end = text[start..].find(to).unwrap() + start + to.len();
    &text[start..end]
}

fn said(profile: Profile) -> Xades {
    let place = ProductionPlace::default().city("Łódź & <co>").unwrap();
    let place = match profile {
        Profile::BaselineB => place.street("ul. \"A\" 1").unwrap(),
        _ => place,
    };
    let policy = SignaturePolicy::new("urn:oid:1.2.3", HashAlgorithm::Sha512, &[1; 64]).unwrap();
    Xades::default()
        .profile(profile)
        .place(place)
        .policy(policy.at("https://example.pl/?a=1&b=2").unwrap())
        .role("Księgowa > all")
        .unwrap()
        .mime_type("application/xml")
        .unwrap()
}

#[test]
fn every_packaging_profile_algorithm_and_form_verifies() {
    use HashAlgorithm::{Sha256, Sha384, Sha512};
    let invoice = invoice();
    for (signer, algorithms) in [
        (
            p256(),
            vec![
                SignatureAlgorithm::Ecdsa(Sha256),
                SignatureAlgorithm::Ecdsa(Sha512),
            ],
        ),
        (
            rsa(),
            vec![
                SignatureAlgorithm::RsaPkcs1(Sha384),
                SignatureAlgorithm::RsaPss(Sha256),
            ],
        ),
    ] {
        let certificate = signer.certificate();
        for algorithm in algorithms {
            for profile in [Profile::Bes, Profile::BaselineB] {
                for form in Canonicalization::ALL {
                    for digest in [Sha256, Sha384, Sha512] {
                        let how = said(profile)
                            .canonicalization(form)
                            .digest(digest)
                            .algorithm(algorithm);
                        let named = format!("{how:?}");
                        let check = |verified: VerifiedSignature, packaging| {
                            assert_eq!(verified.certificate, *certificate, "{named}");
                            assert_eq!(verified.signing_time, now(), "{named}");
                            assert_eq!(verified.algorithm, algorithm, "{named}");
                            assert_eq!(verified.packaging, packaging, "{named}");
                            verified.content
                        };
                        let draft = how
                            .detached(&invoice, "a b.xml", certificate, now())
                            .unwrap();
                        let signed = draft.sign(&signer).unwrap();
                        let verified = verify_detached(&signed, invoice.bytes(), now()).unwrap();
                        assert_eq!(check(verified, Packaging::Detached), None);
                        assert_eq!(signed_file_name(&signed).as_deref(), Some("a b.xml"));
                        let draft = how.enveloping(&invoice, certificate, now()).unwrap();
                        let verified =
                            verify_enveloping(&draft.sign(&signer).unwrap(), now()).unwrap();
                        let content = check(verified, Packaging::Enveloping).unwrap();
                        assert_eq!(content, invoice.bytes());
                        for document in [LOGIN, "<a/>", "<a:b xmlns:a='urn:a' />"] {
                            let draft = how
                                .enveloped(document.as_bytes(), certificate, now())
                                .unwrap();
                            let signed = draft.sign(&signer).unwrap();
                            let verified = verify_enveloped(&signed, now()).unwrap();
                            assert_eq!(check(verified, Packaging::Enveloped), None);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn a_key_that_is_elsewhere_signs_in_two_steps() {
    let (signer, invoice) = (p256(), invoice());
    let draft = |at| {
        Xades::default()
            .enveloping(&invoice, signer.certificate(), at)
            .unwrap()
    };
    let first = draft(now());
    let signature = signer
        .sign(first.algorithm(), first.bytes_to_sign())
        .unwrap();
    let later = draft("2026-12-01T12:00:01Z".parse().unwrap());
    assert_eq!(
        later.attach(&signature).unwrap_err().code(),
        "signer-signature-does-not-verify"
    );
    assert!(verify_enveloping(&first.attach(&signature).unwrap(), now()).is_ok());
    // A signer with another certificate than the draft was made for.
    let other = draft(now()).sign(&rsa());
    assert_eq!(
        other.unwrap_err().code(),
        "signer-signature-does-not-verify"
    );
}

#[test]
fn what_cannot_be_signed_is_refused_before_the_key_is_asked() {
    let (signer, invoice) = (p256(), invoice());
    let error = |how: Xades| {
        how.detached(&invoice, "a.xml", signer.certificate(), now())
            .unwrap_err()
    };
    let pss = SignatureAlgorithm::RsaPss(HashAlgorithm::Sha256);
    assert_eq!(
        error(Xades::default().algorithm(pss)),
        SignatureError::AlgorithmUnfit
    );
    let street = ProductionPlace::default().street("ul. A 1").unwrap();
    assert_eq!(
        error(Xades::default().place(street)),
        SignatureError::TextRefused("StreetAddress")
    );
    for (document, expected) in [
        ("<a>", SignatureError::DocumentMalformed),
        ("<!DOCTYPE a><a/>", SignatureError::DocumentMalformed),
        (
            "<?xml version='1.0' encoding='ISO-8859-2'?><a/>",
            SignatureError::DocumentMalformed,
        ),
        (&enveloped(), SignatureError::DocumentSigned),
    ] {
        assert_eq!(
            sign_enveloped(document.as_bytes(), &signer, now()).unwrap_err(),
            expected
        );
    }
}

#[test]
fn each_check_is_named_and_one_that_fails_stops_only_what_hangs_on_it() {
    let invoice = invoice();
    let names = |file: &str, given: Option<&[u8]>| -> Vec<(&'static str, bool)> {
        let report = examine(file.as_bytes(), given);
        report
            .checks()
            .iter()
            .map(|check| (check.name, check.passed))
            .collect()
    };
    let signed = detached();
    let all = [
        "well-formed",
        "structure",
        "references",
        "algorithms",
        "document",
        "signed-properties",
        "certificate",
        "certificate-usage",
        "signature-value",
        "signing-time",
    ];
    let with_invoice = |failing: &'static [&'static str]| {
        let names = all.iter().copied().chain(["invoice"]);
        names
            .map(|name| (name, !failing.contains(&name)))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&signed, Some(invoice.bytes())), with_invoice(&[]));
    let without =
        |failing: &'static [&'static str]| all.map(|name| (name, !failing.contains(&name)));
    assert_eq!(names(&signed, None), without(&["document"]));
    assert_eq!(names(&signed, Some(b"other")), without(&["document"]));
    let late = changed(
        &signed,
        "<xades:SigningTime>2026",
        "<xades:SigningTime>9026",
    );
    assert_eq!(
        names(&late, Some(invoice.bytes())),
        with_invoice(&["signed-properties", "signing-time"])
    );
    assert_eq!(names("<a", None), [("well-formed", false)]);
    assert_eq!(
        names("<a/>", None),
        [("well-formed", true), ("structure", false)]
    );
    let carried = names(&enveloping(), Some(invoice.bytes()));
    assert_eq!(carried.last(), Some(&("invoice", true)));
    assert_eq!(
        names(&enveloping(), Some(b"other")).last(),
        Some(&("invoice", false))
    );
    assert_eq!(
        names(&enveloped(), Some(LOGIN.as_bytes())).last(),
        Some(&("invoice", true))
    );
    assert_eq!(
        names(&enveloped(), Some(b"<other/>")).last(),
        Some(&("invoice", false))
    );
}

#[test]
fn trust_follows_the_certificates_that_came_along() {
    let signed = detached();
    let anchors =
        |name: &str| TrustAnchors::new(vec![Certificate::from_bytes(&file(name)).unwrap()]);
    let report = examine(signed.as_bytes(), Some(invoice().bytes()));
    assert_eq!(report.trusted(&TrustAnchors::default()), None);
    assert_eq!(report.trusted(&anchors("p256-offline.crt")), Some(true));
    assert_eq!(report.trusted(&anchors("chain-root.crt")), Some(false));
    let broken = examine(signed.as_bytes(), Some(b"other"));
    assert_eq!(broken.trusted(&anchors("p256-offline.crt")), Some(false));
}

#[test]
fn the_receipt_of_a_full_session_is_verified() {
    let entry = |number: usize| {
        format!(
            "<Dokument><NipSprzedawcy>5265877635</NipSprzedawcy><NumerKSeFDokumentu>5265877635-20250916-0200A0D6723E-C2\
             </NumerKSeFDokumentu><NumerFaktury>F/{number}</NumerFaktury><DataWystawieniaFaktury>2025-09-16\
             </DataWystawieniaFaktury><DataPrzeslaniaDokumentu>2025-09-16T11:05:40.841+02:00</DataPrzeslaniaDokumentu>\
             <DataNadaniaNumeruKSeF>2025-09-16T11:05:41.045+02:00</DataNadaniaNumeruKSeF>\
             <SkrotDokumentu>GZMGNVzs3krF6URKgvaw77OOeG3nJ+WGziT5xguliQ8=</SkrotDokumentu><TrybWysylki>Offline</TrybWysylki>\n</Dokument>\n"
        )
    };
    let entries: String = (0..10_000).map(entry).collect();
    let xml = format!(
        "<Potwierdzenie xmlns=\"http://upo.schematy.mf.gov.pl/KSeF/v4-3\"><NazwaPodmiotuPrzyjmujacego>MF\
         </NazwaPodmiotuPrzyjmujacego><NumerReferencyjnySesji>20250916-SB-9D5A28B000-47C899773E-69</NumerReferencyjnySesji>\
         <NazwaStrukturyLogicznej>x</NazwaStrukturyLogicznej><KodFormularza>FA (3)</KodFormularza>{entries}</Potwierdzenie>"
    );
    let signed = sign_enveloped(xml.as_bytes(), &p256(), now()).unwrap();
    let report = receipt::examine(&signed, None, now());
    assert_eq!(report.result(), Ok(()), "{:?}", report.checks());
    assert_eq!(
        receipt::verify(&signed, now()).unwrap().upo.documents.len(),
        10_000
    );
}
