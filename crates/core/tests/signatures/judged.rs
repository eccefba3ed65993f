//! What a verifier has to say beyond the arithmetic: who signed, when, and over which bytes.

use ksef_offline_core::identifier::KsefNumber;
use ksef_offline_core::key::KeyError;

use super::*;

/// The check of this name: whether it holds, and what it says in English.
fn said(file: &str, invoice: Option<&[u8]>, name: &str) -> (bool, String) {
    let report = examine(file.as_bytes(), invoice);
    let check = report.checks().iter().find(|check| check.name == name);
    let check = check.unwrap_or_else(|| panic!("{name}: {:?}", report.checks()));
    (check.passed, check.detail.en.to_string())
}

#[test]
fn the_certificate_check_says_who_signed() {
    let (passed, detail) = said(&detached(), Some(invoice().bytes()), "certificate");
    assert!(passed);
    let certificate = Certificate::from_bytes(&file("p256-offline.crt")).unwrap();
    let serial = certificate.serial().unwrap();
    for part in [
        "organizationIdentifier=VATPL-5265877635",
        "; issuer ",
        serial.as_str(),
    ] {
        assert!(detail.contains(part), "{detail}");
    }
    // Identifiers of persons and companies are text, not DER in hexadecimal.
    assert!(!detail.contains("=#"), "{detail}");
}

#[test]
fn a_certificate_that_is_not_for_signing_fails_its_own_check() {
    let signer = signer("p256-encipherment.crt", "p256-pkcs8.pem");
    let signed = sign_detached(&invoice(), "a.xml", &signer, now()).unwrap();
    let report = examine(&signed, Some(invoice().bytes()));
    assert_eq!(
        report.fault(),
        Some(&SignatureError::Certificate(KeyError::NotForSigning))
    );
    let failed: Vec<_> = report
        .checks()
        .iter()
        .filter(|check| !check.passed)
        .collect();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].name, "certificate-usage");
}

#[test]
fn a_time_that_has_not_come_or_names_no_instant_fails_with_its_reason_and_skips_nothing() {
    let time = between(&detached(), "<xades:SigningTime>", "</xades:SigningTime>").to_owned();
    let at = |text: &str| {
        let written = format!("<xades:SigningTime>{text}</xades:SigningTime>");
        let signed = changed(&detached(), &time, &written);
        assert!(said(&signed, Some(invoice().bytes()), "signature-value").0);
        said(&signed, Some(invoice().bytes()), "signing-time")
    };
    for good in [
        "2026-12-01T12:05:00Z",
        "2026-12-01T13:00:00+01:00",
        "2026-11-30T24:00:00Z",
        "2026-11-30T24:00:00.00+01:00",
        " 2026-12-01T12:00:00.123Z ",
    ] {
        assert!(at(good).0, "{good}: {:?}", at(good));
    }
    assert!(
        at("2026-11-30T24:00:00Z")
            .1
            .contains("2026-12-01T00:00:00Z")
    );
    for (bad, reason) in [
        ("2026-12-01T12:05:01Z", "in the future"),
        ("2026-12-01T24:00:00Z", "in the future"),
        ("2026-12-01T12:00:00", "no time zone"),
        ("2026-12-01T24:00:01Z", "no legal xsd:dateTime"),
        ("2026-12-01T24:00:00.1Z", "no legal xsd:dateTime"),
        ("yesterday", "no legal xsd:dateTime"),
    ] {
        let (passed, detail) = at(bad);
        assert!(!passed && detail.contains(reason), "{bad}: {detail}");
    }
    let later = Evidence::at("2026-12-01T11:54:59Z".parse().unwrap());
    let report = signature::examine(enveloping().as_bytes(), later);
    assert_eq!(report.fault(), Some(&SignatureError::TimeAhead(now())));
}

#[test]
fn what_is_said_of_a_signed_object_must_be_of_one_there_is() {
    let format = between(&detached(), "ObjectReference=\"#", "\">").to_owned();
    let dangling = changed(&detached(), &format, "ObjectReference=\"#nothing\">");
    let report = examine(dangling.as_bytes(), Some(invoice().bytes()));
    assert_eq!(
        report.fault(),
        Some(&SignatureError::Missing("ObjectReference"))
    );
}

#[test]
fn an_enveloped_signature_covers_the_canonical_form_and_says_so() {
    let spelled = LOGIN.replace("z='1'", "z=\"1\"");
    for document in [LOGIN, &spelled] {
        let (passed, detail) = said(&enveloped(), Some(document.as_bytes()), "invoice");
        assert!(passed);
        assert!(detail.contains("exact bytes are not covered"), "{detail}");
    }
    let (_, detail) = said(&enveloping(), Some(invoice().bytes()), "invoice");
    assert!(detail.starts_with("the exact bytes"), "{detail}");
}

#[test]
fn a_receipt_is_held_against_the_whole_invoice_and_names_it_once() {
    let facts = invoice().facts().clone();
    let entry = |seller: &str, of: &str, unique: u64, number: &str, date: &str| {
        let of = of.parse().unwrap();
        let ksef_number = KsefNumber::assemble(of, facts.issue_date, unique);
        format!(
            "<Dokument><NipSprzedawcy>{seller}</NipSprzedawcy><NumerKSeFDokumentu>{ksef_number}</NumerKSeFDokumentu>\
             <NumerFaktury>{number}</NumerFaktury><DataWystawieniaFaktury>{date}</DataWystawieniaFaktury>\
             <DataPrzeslaniaDokumentu>2026-11-22T10:00:00Z</DataPrzeslaniaDokumentu>\
             <DataNadaniaNumeruKSeF>2026-11-22T10:00:01Z</DataNadaniaNumeruKSeF>\
             <SkrotDokumentu>{}</SkrotDokumentu><TrybWysylki>Offline</TrybWysylki></Dokument>",
            invoice().hash()
        )
    };
    let failed = |entries: &str| -> Vec<&'static str> {
        let xml = format!(
            "<Potwierdzenie xmlns=\"{}\"><NumerReferencyjnySesji>20250916-SB-9D5A28B000-47C899773E-69\
             </NumerReferencyjnySesji>{entries}</Potwierdzenie>",
            receipt::UPO_NAMESPACE
        );
        let signed = sign_enveloped(xml.as_bytes(), &p256(), now()).unwrap();
        let report = receipt::examine(&signed, Some(invoice().bytes()), now());
        let checks = report.checks().iter().filter(|check| !check.passed);
        let failed: Vec<_> = checks.map(|check| check.name).collect();
        assert_eq!(report.result().is_err(), !failed.is_empty());
        failed
    };
    let seller = facts.seller.to_string();
    let (number, date) = (facts.number.as_str(), facts.issue_date.to_string());
    let other = if seller == "5265877635" {
        "1111111111"
    } else {
        "5265877635"
    };
    let good = entry(&seller, &seller, 1, number, &date);
    let second = entry(&seller, &seller, 2, number, &date);
    assert!(failed(&good).is_empty());
    assert!(failed(&good.repeat(2)).is_empty());
    assert_eq!(failed(&format!("{good}{second}")), ["invoice"]);
    let cases = [
        (entry(other, other, 1, number, &date), "seller"),
        (entry(&seller, other, 1, number, &date), "ksef-number"),
        (entry(&seller, &seller, 1, "X", &date), "invoice-number"),
        (
            entry(&seller, &seller, 1, number, "2020-01-01"),
            "issue-date",
        ),
    ];
    for (entry, check) in cases {
        assert_eq!(failed(&entry), [check]);
    }
}
