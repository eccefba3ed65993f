//! Signatures of every packaging come back from the verifier, and everything that was done to one is found out for the
//! right reason. The keys come from `tests/vectors/keys/make.sh`.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
#![allow(clippy::disallowed_methods, reason = "the vectors are files")]

use std::io::{Cursor, Write as _};
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
    AsicS, Canonicalization, Packaging, ProductionPlace, Profile, SignatureError, SignaturePolicy,
    VerifiedSignature, Xades, asic_s, examine, sign_detached, sign_enveloped, sign_enveloping,
    signed_file_name, verify_detached, verify_enveloped, verify_enveloping,
};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

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
                        let verified = verify_detached(&signed, invoice.bytes()).unwrap();
                        assert_eq!(check(verified, Packaging::Detached), None);
                        assert_eq!(signed_file_name(&signed).as_deref(), Some("a b.xml"));
                        let draft = how.enveloping(&invoice, certificate, now()).unwrap();
                        let verified = verify_enveloping(&draft.sign(&signer).unwrap()).unwrap();
                        let content = check(verified, Packaging::Enveloping).unwrap();
                        assert_eq!(content, invoice.bytes());
                        for document in [LOGIN, "<a/>", "<a:b xmlns:a='urn:a' />"] {
                            let draft = how
                                .enveloped(document.as_bytes(), certificate, now())
                                .unwrap();
                            let signed = draft.sign(&signer).unwrap();
                            let verified = verify_enveloped(&signed).unwrap();
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
    assert!(verify_enveloping(&first.attach(&signature).unwrap()).is_ok());
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
fn one_flipped_byte_anywhere_is_refused_or_changes_nothing_that_is_said() {
    let invoice = invoice();
    let cases: [(
        String,
        fn(&[u8], &InvoiceDocument) -> Result<VerifiedSignature, SignatureError>,
    ); 3] = [
        (detached(), |bytes, invoice| {
            verify_detached(bytes, invoice.bytes())
        }),
        (enveloping(), |bytes, _| verify_enveloping(bytes)),
        (enveloped(), |bytes, _| verify_enveloped(bytes)),
    ];
    for (text, verify) in cases {
        let intact = verify(text.as_bytes(), &invoice).unwrap();
        let value_id = text.find("-value\">").unwrap();
        let value_id = text[..value_id].rfind("Id=\"").unwrap() + 4..value_id + "-value".len();
        let canonical = |bytes: &[u8]| Canonicalization::Exclusive.document(bytes);
        let original = canonical(text.as_bytes());
        // A signature that is its own document does not cover what stands before it.
        let outside = match intact.packaging {
            Packaging::Enveloped => 0,
            Packaging::Detached | Packaging::Enveloping => text.find("<ds:Signature ").unwrap(),
        };
        for position in 0..text.len() {
            for bit in [0x01, 0x04, 0x20] {
                let mut bytes = text.clone().into_bytes();
                bytes[position] ^= bit;
                let Ok(verified) = verify(&bytes, &invoice) else {
                    continue;
                };
                assert_eq!(verified.certificate, intact.certificate);
                assert_eq!(verified.signing_time, intact.signing_time);
                assert_eq!(verified.content, intact.content);
                // The Id that nothing refers to, white space in Base64, and what no reader of XML can tell apart.
                let harmless = value_id.contains(&position)
                    || position < outside
                    || bytes[position].is_ascii_whitespace()
                    || text.as_bytes()[position].is_ascii_whitespace()
                    || canonical(&bytes) == original;
                let shown = position.saturating_sub(30)..(position + 30).min(text.len());
                let shown = String::from_utf8_lossy(&bytes[shown]).into_owned();
                assert!(harmless, "byte {position} flipped by {bit:#x}: {shown}");
            }
        }
    }
}

#[test]
fn a_signature_that_was_wrapped_around_other_content_is_refused() {
    let signed = enveloped();
    let signature = between(&signed, "<ds:Signature ", "</ds:Signature>");
    let id = signature.split('"').nth(3).unwrap();
    let object = between(signature, "<ds:Object>", "</ds:Object>");
    let properties = between(
        signature,
        "<xades:SignedProperties ",
        "</xades:SignedProperties>",
    );
    let original = changed(&signed, signature, "");
    let original = original.split_once("?>").unwrap().1.trim();
    for (attack, shape) in [
        // The signed document inside another one.
        (
            SignatureError::DigestMismatch,
            format!("<evil>{original}{signature}</evil>"),
        ),
        (
            SignatureError::NotOneSignature,
            format!("<evil><b>{}</b></evil>", signed.split_once("?>").unwrap().1),
        ),
        // A second signature, also where nobody looks.
        (
            SignatureError::NotOneSignature,
            changed(
                &signed,
                "</x:a>",
                &format!("{}</x:a>", signature.replace(id, "other")),
            ),
        ),
        (
            SignatureError::NotOneSignature,
            changed(
                &signed,
                "</x:a>",
                &format!(
                    "<xades:UnsignedProperties xmlns:xades=\"http://uri.etsi.org/01903/v1.3.2#\">{}</xades:UnsignedProperties></x:a>",
                    signature.replace(id, "other")
                ),
            ),
        ),
        // Two elements that the reference could mean.
        (
            SignatureError::DuplicateId,
            changed(&signed, "<b ", &format!("<b Id=\"{id}-properties\" ")),
        ),
        (
            SignatureError::DuplicateId,
            changed(&signed, "<b ", &format!("<b id=\"{id}-document\" ")),
        ),
        // Signed properties beside forged ones.
        (
            SignatureError::DuplicateId,
            changed(&signed, object, &format!("{object}{object}")),
        ),
        (
            SignatureError::Unexpected("QualifyingProperties"),
            changed(
                &signed,
                object,
                &format!("{object}{}", object.replace("-properties", "-forged")),
            ),
        ),
        (
            SignatureError::Unexpected("SignedProperties"),
            changed(
                &signed,
                properties,
                &format!(
                    "{properties}{}",
                    properties.replace("-properties", "-forged")
                ),
            ),
        ),
        (
            SignatureError::WrongReferences,
            changed(
                &signed,
                properties,
                &properties.replace("-properties", "-forged"),
            ),
        ),
        // An object that nothing signs.
        (
            SignatureError::WrongReferences,
            changed(
                &signed,
                object,
                &format!("{object}<ds:Object><evil/></ds:Object>"),
            ),
        ),
        // An element of no known meaning.
        (
            SignatureError::Unexpected("ds:Signature"),
            changed(&signed, object, &format!("{object}<evil/>")),
        ),
        // The reference turned to a part of the document.
        (
            SignatureError::WrongReferences,
            changed(
                &changed(&signed, "URI=\"\"", "URI=\"#part\""),
                "<b ",
                "<b Id=\"part\" ",
            ),
        ),
        (
            SignatureError::WrongReferences,
            changed(&signed, "URI=\"\"", "URI=\"#nothing\""),
        ),
        (
            SignatureError::WrongReferences,
            changed(&signed, "URI=\"\"", "URI=\"other.xml\""),
        ),
        (
            SignatureError::WrongReferences,
            changed(&signed, " URI=\"\"", ""),
        ),
        (
            SignatureError::WrongReferences,
            changed(&signed, "URI=\"\"", "URI=\"#xpointer(/)\""),
        ),
        // Properties stripped, with and without their reference.
        (
            SignatureError::Missing("SignedProperties"),
            changed(&signed, properties, ""),
        ),
        (
            SignatureError::Missing("QualifyingProperties"),
            changed(&signed, object, ""),
        ),
        (
            SignatureError::WrongReferences,
            changed(
                &signed,
                between(&signed, "<ds:Reference Type=", "</ds:Reference>"),
                "",
            ),
        ),
        // Transforms that could show the verifier something else.
        (
            SignatureError::AlgorithmRefused("Transforms"),
            changed(
                &signed,
                "http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform></ds:Transforms>",
                "http://www.w3.org/TR/1999/REC-xpath-19991116\"><ds:XPath>true()</ds:XPath></ds:Transform></ds:Transforms>",
            ),
        ),
        (
            SignatureError::AlgorithmRefused("Transforms"),
            changed(
                &signed,
                "http://www.w3.org/2000/09/xmldsig#enveloped-signature",
                "http://www.w3.org/2002/06/xmldsig-filter2",
            ),
        ),
        (
            SignatureError::AlgorithmRefused("Transforms"),
            changed(
                &signed,
                "<ds:Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"></ds:Transform>",
                "",
            ),
        ),
    ] {
        assert_eq!(
            verify_enveloped(shape.as_bytes()).unwrap_err(),
            attack,
            "{shape}"
        );
    }
    let signed = enveloping();
    let content = between(&signed, "<ds:Object Id=", "</ds:Object>");
    let forged = changed(content, ">", "><evil/>");
    for (attack, shape) in [
        (
            SignatureError::Missing("Object"),
            changed(&signed, content, &forged),
        ),
        (
            SignatureError::WrongReferences,
            changed(
                &signed,
                content,
                &format!("{content}{}", content.replace("-object", "-forged")),
            ),
        ),
        (
            SignatureError::DuplicateId,
            changed(&signed, content, &format!("{content}{content}")),
        ),
        (
            SignatureError::WrongReferences,
            changed(&signed, content, ""),
        ),
    ] {
        assert_eq!(verify_enveloping(shape.as_bytes()).unwrap_err(), attack);
    }
    // The signature moved into a document: what it carries is still signed, but what is around it is not.
    let inside = format!("<evil>{}</evil>", signed.split_once("?>").unwrap().1);
    assert_eq!(
        verify_enveloping(inside.as_bytes()).unwrap_err(),
        SignatureError::WrongReferences
    );
}

#[test]
fn weak_and_unknown_algorithms_are_refused_by_name() {
    let invoice = invoice();
    let signed = detached();
    for (place, from, to) in [
        (
            "SignatureMethod",
            "2001/04/xmldsig-more#ecdsa-sha256",
            "2001/04/xmldsig-more#ecdsa-sha1",
        ),
        (
            "SignatureMethod",
            "2001/04/xmldsig-more#ecdsa-sha256",
            "2000/09/xmldsig#rsa-sha1",
        ),
        (
            "SignatureMethod",
            "2001/04/xmldsig-more#ecdsa-sha256",
            "2001/04/xmldsig-more#hmac-sha256",
        ),
        (
            "SignatureMethod",
            "2001/04/xmldsig-more#ecdsa-sha256",
            "2001/04/xmldsig-more#rsa-md5",
        ),
        (
            "DigestMethod",
            "2001/04/xmlenc#sha256",
            "2000/09/xmldsig#sha1",
        ),
        (
            "DigestMethod",
            "2001/04/xmlenc#sha256",
            "2001/04/xmldsig-more#md5",
        ),
        (
            "CanonicalizationMethod",
            "2001/10/xml-exc-c14n#",
            "2006/12/xml-c14n11#x",
        ),
    ] {
        let weak = changed(&signed, from, to);
        let error = verify_detached(weak.as_bytes(), invoice.bytes()).unwrap_err();
        assert_eq!(error, SignatureError::AlgorithmRefused(place), "{to}");
        assert_eq!(error.code(), "signature-algorithm-refused");
    }
    // The digest of the certificate alone.
    let properties = between(&signed, "<xades:CertDigest>", "</xades:CertDigest>");
    let weak = changed(
        &signed,
        properties,
        &properties.replace("2001/04/xmlenc#sha256", "2000/09/xmldsig#sha1"),
    );
    let report = examine(weak.as_bytes(), Some(invoice.bytes()));
    let failed: Vec<&str> = report
        .checks()
        .iter()
        .filter(|check| !check.passed)
        .map(|check| check.name)
        .collect();
    assert_eq!(failed, ["signed-properties", "certificate"]);
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
        "signature-value",
        "signing-time",
    ];
    assert_eq!(
        names(&signed, Some(invoice.bytes())),
        all.map(|name| (name, true))
    );
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
        without(&["signed-properties", "signing-time"])
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
fn another_certificate_in_key_info_does_not_pass_for_the_signers() {
    let (invoice, signed) = (invoice(), detached());
    let certificate = between(&signed, "<ds:X509Certificate>", "</ds:X509Certificate>");
    let other = |name: &str| {
        let other = Certificate::from_bytes(&file(name)).unwrap();
        format!(
            "<ds:X509Certificate>{}</ds:X509Certificate>",
            other.to_base64()
        )
    };
    let verify = |text: &str| verify_detached(text.as_bytes(), invoice.bytes());
    // The same key, another certificate.
    let swapped = changed(&signed, certificate, &other("p256-authentication.crt"));
    assert_eq!(
        verify(&swapped).unwrap_err(),
        SignatureError::CertificateMismatch
    );
    // Further ones beside it, in any order, are no hindrance and no help.
    for mixed in [
        format!("{}{certificate}", other("chain-root.crt")),
        format!("{certificate}{}", other("p256-authentication.crt")),
        format!(
            "{}</ds:X509Data><ds:X509Data>{certificate}",
            other("rsa-offline.crt")
        ),
    ] {
        let verified = verify(&changed(&signed, certificate, &mixed)).unwrap();
        assert_eq!(verified.certificate, *p256().certificate());
        assert_eq!(verified.further_certificates.len(), 1);
    }
    for broken in [
        "",
        "<ds:X509Certificate>AAAA</ds:X509Certificate>",
        "<ds:X509Certificate>%</ds:X509Certificate>",
    ] {
        assert!(verify(&changed(&signed, certificate, broken)).is_err());
    }
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
fn a_container_holds_invoice_and_signature_and_comes_back() {
    let invoice = invoice();
    let name = "FV 1 ł.xml";
    let signature = sign_detached(&invoice, name, &p256(), now()).unwrap();
    let container = asic_s(name, invoice.bytes(), &signature).unwrap();
    // A local header has 30 bytes, then the name; the content follows at once, so that tools can sniff it.
    assert_eq!(&container[30..38], b"mimetype");
    assert_eq!(&container[38..69], b"application/vnd.etsi.asic-s+zip");
    let opened = AsicS::open(&container).unwrap();
    assert_eq!((opened.name(), opened.document()), (name, invoice.bytes()));
    let verified = examine(&container, Some(invoice.bytes())).result().unwrap();
    assert_eq!(verified.content.as_deref(), Some(invoice.bytes()));
    // Nothing is packed that would not verify when it is unpacked.
    assert_eq!(
        asic_s("other.xml", invoice.bytes(), &signature).unwrap_err(),
        SignatureError::WrongReferences
    );
    assert_eq!(
        asic_s(name, b"other", &signature).unwrap_err(),
        SignatureError::DigestMismatch
    );
    let inclusive = Xades::default()
        .canonicalization(Canonicalization::Inclusive10)
        .detached(&invoice, name, p256().certificate(), now())
        .unwrap();
    let inclusive = inclusive.sign(&p256()).unwrap();
    assert!(asic_s(name, invoice.bytes(), &inclusive).is_err());
}

#[test]
fn a_container_that_two_programs_may_read_differently_is_refused() {
    let invoice = invoice();
    let signature = sign_detached(&invoice, "a.xml", &p256(), now()).unwrap();
    let good = asic_s("a.xml", invoice.bytes(), &signature).unwrap();
    let signatures = AsicS::open(&good).unwrap().signature().to_vec();
    let pack = |entries: &[(&str, &[u8])]| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let kind: (&str, &[u8]) = ("mimetype", b"application/vnd.etsi.asic-s+zip");
    let signed: (&str, &[u8]) = ("META-INF/signatures.xml", &signatures);
    let document: (&str, &[u8]) = ("a.xml", invoice.bytes());
    assert!(
        examine(&pack(&[kind, document, signed]), None)
            .result()
            .is_ok()
    );
    assert!(
        examine(&pack(&[document, signed]), None).result().is_ok(),
        "the media type is optional"
    );
    for (case, entries) in [
        ("no signature", vec![kind, document]),
        ("no document", vec![kind, signed]),
        (
            "two documents",
            vec![kind, document, ("b.xml", b"x"), signed],
        ),
        ("the media type later", vec![document, kind, signed]),
        (
            "another media type",
            vec![
                ("mimetype", b"application/vnd.etsi.asic-e+zip"),
                document,
                signed,
            ],
        ),
        ("a path", vec![kind, ("../a.xml", invoice.bytes()), signed]),
        (
            "a name twice but for case",
            vec![kind, document, ("A.XML", b"x"), signed],
        ),
    ] {
        let report = examine(&pack(&entries), None);
        assert!(!report.checks()[0].passed, "{case}");
        assert_eq!(report.checks()[0].name, "container", "{case}");
    }
    let renamed = pack(&[kind, ("b.xml", invoice.bytes()), signed]);
    assert_eq!(
        examine(&renamed, None).result().unwrap_err(),
        SignatureError::WrongReferences
    );
    let with_head = [b"PK\x03\x04".as_slice(), &good].concat();
    assert!(examine(&with_head, None).result().is_err());
    // The name in the local header differs from the one in the directory.
    let mut two_names = good.clone();
    let local = two_names
        .windows(5)
        .position(|window| window == b"a.xml")
        .unwrap();
    two_names[local] = b'b';
    assert!(examine(&two_names, None).result().is_err());
    for cut in [4, 30, good.len() / 2, good.len() - 1] {
        assert!(examine(&good[..cut], None).result().is_err());
    }
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
    let report = receipt::examine(&signed, None);
    assert_eq!(report.result(), Ok(()), "{:?}", report.checks());
    assert_eq!(
        receipt::verify(&signed).unwrap().upo.documents.len(),
        10_000
    );
}
