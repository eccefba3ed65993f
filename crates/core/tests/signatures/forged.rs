//! What was done to a signature is found out, for the right reason.

use super::*;

type Verify = fn(&[u8], &InvoiceDocument) -> Result<VerifiedSignature, SignatureError>;

#[test]
fn one_flipped_byte_anywhere_is_refused_or_changes_nothing_that_is_said() {
    let invoice = invoice();
    let cases: [(String, Verify); 3] = [
        (detached(), |bytes, invoice| {
            verify_detached(bytes, invoice.bytes())
        }),
        (enveloping(), |bytes, _| verify_enveloping(bytes)),
        (enveloped(), |bytes, _| verify_enveloped(bytes)),
    ];
    for (text, verify) in cases {
        let intact = verify(text.as_bytes(), &invoice).unwrap();
        // What is no part of the signed text: the Id of the value, which nothing refers to, and what an object says of
        // its content beside the Id.
        let span = |from: &str, to: &str| {
            let start = text.find(from).unwrap();
            start..start + text[start..].find(to).unwrap()
        };
        let tag = span("<ds:SignatureValue ", ">");
        let value_id = tag.start + "<ds:SignatureValue".len()..tag.end;
        let described = match intact.packaging {
            Packaging::Enveloping => span(" MimeType=\"", ">"),
            Packaging::Detached | Packaging::Enveloped => 0..0,
        };
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
                    || described.contains(&position)
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
