//! ASiC-S containers, and archives that pass for them.

use std::io::{Cursor, Write as _};

use ksef_offline_core::signature::{AsicS, ContainerFault, asic_s};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

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
    let bomb = vec![b' '; 32_000_001];
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
        (
            "a path out of the folder of signatures",
            vec![kind, document, signed, ("META-INF/../../b.xml", b"x")],
        ),
        (
            "a second signature",
            vec![
                kind,
                document,
                signed,
                ("META-INF/signatures2.xml", &signatures),
            ],
        ),
        (
            "a signature of another kind",
            vec![kind, document, ("META-INF/signature.p7s", b"x"), signed],
        ),
        (
            "another time-stamp",
            vec![kind, document, signed, ("META-INF/timestamp.tst", b"x")],
        ),
        ("a bomb", vec![kind, ("a.xml", &bomb), signed]),
    ] {
        let report = examine(&pack(&entries), None);
        assert!(!report.checks()[0].passed, "{case}");
        assert_eq!(report.checks()[0].name, "container", "{case}");
    }
    // The writer refuses to write a name twice.
    let mut twice = pack(&[kind, document, ("b.xml", b"<evil/>"), signed]);
    while let Some(at) = twice.windows(5).position(|window| window == b"b.xml") {
        twice[at] = b'a';
    }
    let report = examine(&twice, None);
    let fault = SignatureError::Container(ContainerFault::Archive);
    assert_eq!(report.fault(), Some(&fault));
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
