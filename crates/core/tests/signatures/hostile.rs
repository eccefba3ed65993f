//! Documents made by hand to pass for signed ones: each is refused, and for the right reason.

use super::*;

fn fault(document: &str) -> SignatureError {
    verify_enveloped(document.as_bytes(), now()).unwrap_err()
}

#[test]
fn signed_parts_that_were_moved_or_doubled_are_refused() {
    let signed = enveloped();
    let signature = between(&signed, "<ds:Signature ", "</ds:Signature>");
    let id = signature.split('"').nth(3).unwrap();
    let info = between(&signed, "<ds:SignedInfo", "</ds:SignedInfo>");
    let reference = between(&signed, "<ds:Reference Id=", "</ds:Reference>");
    let key_info = between(&signed, "<ds:KeyInfo>", "</ds:KeyInfo>");
    let object = between(&signed, "<ds:Object>", "</ds:Object>");
    let start = "<xades:SignedProperties ";
    let properties = between(&signed, start, "</xades:SignedProperties>");
    let forged = properties
        .replace("-properties", "-forged")
        .replace("2026-", "2020-");
    let with_forged = changed(&signed, properties, &forged);
    let behind_object = |more: &str| format!("{object}{more}");
    for (expected, case, shape) in [
        (
            SignatureError::WrongReferences,
            "the genuine properties in the document, forged ones in their place",
            changed(&with_forged, "<b ", &format!("{properties}<b ")),
        ),
        (
            SignatureError::WrongReferences,
            "the genuine properties in an object of their own",
            changed(
                &signed,
                object,
                &changed(
                    &behind_object(&format!("<ds:Object>{properties}</ds:Object>")),
                    properties,
                    &forged,
                ),
            ),
        ),
        (
            SignatureError::Unexpected("QualifyingProperties"),
            "the genuine properties beside the qualifying ones",
            changed(
                &changed(&signed, properties, &forged),
                "<ds:Object>",
                &format!("<ds:Object>{properties}"),
            ),
        ),
        (
            SignatureError::WrongReferences,
            "qualifying properties of another signature",
            changed(&signed, &format!("Target=\"#{id}\""), "Target=\"#another\""),
        ),
        (
            SignatureError::WrongReferences,
            "a second reference to the document",
            changed(
                &signed,
                reference,
                &format!("{reference}{}", reference.replace("-document", "-second")),
            ),
        ),
        (
            SignatureError::DuplicateId,
            "a second reference of the same Id",
            changed(
                &signed,
                reference,
                &format!("{reference}{}", reference.replace("URI=\"\"", "URI=\"#x\"")),
            ),
        ),
        (
            SignatureError::Unexpected("SignedInfo"),
            "two descriptions of what is signed",
            changed(
                &signed,
                info,
                &format!("{info}{}", info.replace(id, "other")),
            ),
        ),
        (
            SignatureError::Unexpected("KeyInfo"),
            "two keys",
            changed(&signed, key_info, &format!("{key_info}{key_info}")),
        ),
        (
            SignatureError::NotOneSignature,
            "a signature within the signature",
            changed(
                &signed,
                object,
                &behind_object(&format!(
                    "<ds:Object>{}</ds:Object>",
                    signature.replace(id, "inner")
                )),
            ),
        ),
        (
            SignatureError::Unexpected("SignatureValue"),
            "two values",
            changed(
                &signed,
                "<ds:SignatureValue ",
                "<ds:SignatureValue>AAAA</ds:SignatureValue><ds:SignatureValue ",
            ),
        ),
    ] {
        assert_eq!(fault(&shape), expected, "{case}");
    }
}

#[test]
fn names_that_look_like_others_are_not_taken_for_them() {
    const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
    let signed = enveloped();
    let reference = between(&signed, "<ds:Reference Id=", "</ds:Reference>");
    let in_signature = |from: &str, to: &str| {
        let signature = between(&signed, "<ds:Signature ", "</ds:Signature>");
        changed(&signed, signature, &changed(signature, from, to))
    };
    let id = between(&signed, "<ds:Signature ", ">")
        .split('"')
        .nth(3)
        .unwrap();
    let xmlns = format!("xmlns:ds=\"{DSIG}\"");
    for (expected, case, shape) in [
        (
            SignatureError::NotOneSignature,
            "another namespace",
            in_signature(&xmlns, "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig\""),
        ),
        (
            SignatureError::NotOneSignature,
            "another namespace, but for case",
            in_signature(&xmlns, "xmlns:ds=\"http://www.w3.org/2000/09/XMLDSIG#\""),
        ),
        (
            SignatureError::Unexpected("ds:Signature"),
            "an element of the same name and another namespace",
            in_signature(
                "<ds:KeyInfo>",
                "<KeyInfo xmlns=\"urn:evil\"></KeyInfo><ds:KeyInfo>",
            ),
        ),
        (
            // It is signed content, of which nothing is known: not the reference, and so the value is another.
            SignatureError::ValueInvalid,
            "a reference of another namespace",
            in_signature(
                reference,
                &format!("{reference}<Reference xmlns=\"urn:evil\" URI=\"#x\"></Reference>"),
            ),
        ),
        (
            SignatureError::WrongReferences,
            "an Id of another namespace",
            in_signature(
                &format!("Id=\"{id}-properties\""),
                &format!("xades:Id=\"{id}-properties\""),
            ),
        ),
        (
            SignatureError::WrongReferences,
            "an Id of another namespace before the genuine one",
            in_signature(
                &format!("Id=\"{id}-properties\""),
                &format!("xades:Id=\"{id}-properties\" Id=\"x\""),
            ),
        ),
        (
            SignatureError::WrongReferences,
            "a target of another namespace",
            in_signature("Target=\"#", "xmlns:e=\"urn:e\" Target=\"#x\" e:Target=\"#"),
        ),
        (
            SignatureError::AlgorithmRefused("SignatureMethod"),
            "an algorithm of another namespace",
            in_signature(
                "<ds:SignatureMethod Algorithm=",
                "<ds:SignatureMethod xmlns:e=\"urn:e\" e:Algorithm=",
            ),
        ),
        (
            // The reference is to the whole document still, but its text is another.
            SignatureError::ValueInvalid,
            "a URI of another namespace",
            in_signature(" URI=\"\"", " xmlns:e=\"urn:e\" e:URI=\"#x\" URI=\"\""),
        ),
    ] {
        assert_eq!(fault(&shape), expected, "{case}");
    }
}

#[test]
fn a_comment_hides_and_cuts_nothing() {
    let intact = verify_enveloped(enveloped().as_bytes(), now()).unwrap();
    let signed = enveloped();
    for element in [
        "<ds:DigestValue",
        "<ds:X509Certificate",
        "<xades:SigningTime",
        "<ds:X509IssuerName",
    ] {
        let tag = signed.find(element).unwrap();
        let at = tag + signed[tag..].find('>').unwrap() + 4;
        let commented = format!("{}<!-- 2020 -->{}", &signed[..at], &signed[at..]);
        // Canonical form has no comments, so this is the same signed text, and it is read as one.
        let verified = verify_enveloped(commented.as_bytes(), now()).unwrap();
        assert_eq!(verified.certificate, intact.certificate, "{element}");
        assert_eq!(verified.signing_time, intact.signing_time, "{element}");
        // An element in a value is not: it and what it holds would be seen by some readers alone.
        let parted = format!("{}<x/>{}", &signed[..at], &signed[at..]);
        assert!(verify_enveloped(parted.as_bytes(), now()).is_err());
    }
}

#[test]
fn document_types_and_entities_are_refused_before_anything_is_read() {
    let signed = enveloped();
    for doctype in [
        "<!DOCTYPE a>",
        "<!DOCTYPE a SYSTEM \"https://example.pl/a.dtd\">",
        "<!DOCTYPE a [<!ENTITY e SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE a [<!ENTITY a \"1\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>",
        "<!DOCTYPE a [<!ATTLIST b Id ID #FIXED \"x\">]>",
    ] {
        let shape = changed(&signed, "<x:a ", &format!("{doctype}<x:a "));
        assert_eq!(fault(&shape), SignatureError::Malformed, "{doctype}");
    }
    let entity = changed(&signed, "<b ", "&e;<b ");
    assert_eq!(fault(&entity), SignatureError::Malformed);
}

#[test]
fn transforms_and_parameters_that_show_the_verifier_something_else_are_refused() {
    let signed = enveloped();
    let form =
        "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"></ds:Transform>";
    let transform = |algorithm: &str, inside: &str| {
        format!("<ds:Transform Algorithm=\"{algorithm}\">{inside}</ds:Transform>")
    };
    let exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";
    for (case, to) in [
        (
            "XSLT",
            transform(
                "http://www.w3.org/TR/1999/REC-xslt-19991116",
                "<s:stylesheet xmlns:s=\"http://www.w3.org/1999/XSL/Transform\" version=\"1.0\"></s:stylesheet>",
            ),
        ),
        (
            "XPath",
            transform(
                "http://www.w3.org/TR/1999/REC-xpath-19991116",
                "<ds:XPath>not(self::evil)</ds:XPath>",
            ),
        ),
        (
            "XPath filter",
            transform(
                "http://www.w3.org/2002/06/xmldsig-filter2",
                "<f:XPath xmlns:f=\"http://www.w3.org/2002/06/xmldsig-filter2\" Filter=\"subtract\">//evil</f:XPath>",
            ),
        ),
        (
            "decryption",
            transform("http://www.w3.org/2002/07/decrypt#XML", ""),
        ),
        (
            "STR",
            transform("http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#STR-Transform", ""),
        ),
        ("none by name", transform("", "")),
        ("two forms", format!("{form}{form}")),
        (
            "a form and then Base64",
            format!("{form}{}", transform("http://www.w3.org/2000/09/xmldsig#base64", "")),
        ),
        (
            "the enveloped signature twice",
            format!(
                "{}{form}",
                transform("http://www.w3.org/2000/09/xmldsig#enveloped-signature", "")
            ),
        ),
        ("an unknown parameter", transform(exclusive, "<x/>")),
        (
            "a parameter twice",
            transform(
                exclusive,
                &"<p:InclusiveNamespaces xmlns:p=\"http://www.w3.org/2001/10/xml-exc-c14n#\" PrefixList=\"x\"/>"
                    .repeat(2),
            ),
        ),
    ] {
        let refused = SignatureError::AlgorithmRefused("Transforms");
        assert_eq!(fault(&changed(&signed, form, &to)), refused, "{case}");
    }
    // The public key as the secret of an HMAC, and a value cut short.
    let method = between(&signed, "<ds:SignatureMethod ", "</ds:SignatureMethod>");
    for (algorithm, inside) in [
        ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", ""),
        (
            "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
            "<ds:HMACOutputLength>0</ds:HMACOutputLength>",
        ),
        (
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            "<ds:HMACOutputLength>8</ds:HMACOutputLength>",
        ),
        (
            "http://www.w3.org/2007/05/xmldsig-more#rsa-pss",
            "<p:RSAPSSParams xmlns:p=\"http://www.w3.org/2007/05/xmldsig-more#\"><p:SaltLength>0</p:SaltLength></p:RSAPSSParams>",
        ),
        ("http://www.w3.org/2000/09/xmldsig#dsa-sha1", ""),
        ("HTTP://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", ""),
    ] {
        let to =
            format!("<ds:SignatureMethod Algorithm=\"{algorithm}\">{inside}</ds:SignatureMethod>");
        let refused = SignatureError::AlgorithmRefused("SignatureMethod");
        assert_eq!(
            fault(&changed(&signed, method, &to)),
            refused,
            "{algorithm} {inside}"
        );
    }
    // A method that is allowed, with a key it is not for.
    let to = method.replace("ecdsa-sha256", "rsa-sha256");
    assert_eq!(
        fault(&changed(&signed, method, &to)),
        SignatureError::ValueInvalid
    );
}

#[test]
fn references_that_reach_further_than_the_file_are_refused() {
    let signed = detached();
    for uri in [
        "https://example.pl/invoice.xml",
        "file:///etc/passwd",
        "../invoice.xml",
        "a/../invoice.xml",
        "%2e%2e%2finvoice.xml",
        "invoice.xml#x",
        "invoice.xml%00",
        "%",
    ] {
        let other = changed(&signed, "URI=\"invoice.xml\"", &format!("URI=\"{uri}\""));
        let name = signed_file_name(other.as_bytes());
        let harmless = matches!(name.as_deref(), None | Some("invoice.xml#x"));
        assert!(harmless, "{uri} leads to {name:?}");
        let report = examine(other.as_bytes(), Some(invoice().bytes()));
        assert!(report.result().is_err(), "{uri}");
    }
    let nothing = changed(&signed, "URI=\"invoice.xml\"", "URI=\"\"");
    let report = examine(nothing.as_bytes(), Some(invoice().bytes()));
    assert_eq!(report.fault(), Some(&SignatureError::WrongReferences));
}

#[test]
fn a_document_whose_lines_end_in_any_way_is_the_same_signed_document() {
    let document = "<a>\r\n<b k='1\r2'>&#65;\r&#13;\r&amp;\r\r\n</b>\r<!--\r-->\r\n</a>\r\n";
    for form in Canonicalization::ALL {
        let how = Xades::default().canonicalization(form);
        let draft = how.enveloped(document.as_bytes(), p256().certificate(), now());
        let signed = draft.unwrap().sign(&p256()).unwrap();
        let signed = String::from_utf8(signed).unwrap();
        assert!(
            signed.contains("\r<!--\r-->\r\n<ds:Signature "),
            "the document keeps its line ends"
        );
        let lines = signed.replace("\r\n", "\n").replace('\r', "\n");
        for ends in ["\n", "\r\n", "\r"] {
            let other = lines.replace('\n', ends);
            let report = examine(other.as_bytes(), Some(document.as_bytes()));
            assert_eq!(report.fault(), None, "{form:?} {ends:?}");
        }
        assert_eq!(
            fault(&signed.replace("&#13;", "")),
            SignatureError::DigestMismatch
        );
    }
    // What lies beside a signature is signed byte by byte: there, line ends are content.
    let invoice = invoice();
    let text = String::from_utf8(invoice.bytes().to_vec()).unwrap();
    let other = text.replace("\r\n", "\n").replace('\n', "\r\n");
    assert_ne!(other, text);
    assert_eq!(
        verify_detached(detached().as_bytes(), other.as_bytes(), now()).unwrap_err(),
        SignatureError::DigestMismatch
    );
}
