//! Verifying signatures and containers. No fuzzer makes a valid signature over bytes of its own; whatever verifies must
//! at least not verify over other bytes, and a report must agree with its checks.
#![no_main]

use ksef_offline_core::signature::{
    AsicS, Canonicalization, Evidence, SignatureReport, examine, signed_file_name, verify_detached,
    verify_enveloped, verify_enveloping,
};
use libfuzzer_sys::fuzz_target;

fn agrees(report: SignatureReport) -> bool {
    let all_hold = report.checks().iter().all(|check| check.passed);
    !report.checks().is_empty() && all_hold == report.result().is_ok()
}

fuzz_target!(|bytes: &[u8]| {
    let at = jiff::Timestamp::MAX;
    let _ = verify_enveloped(bytes, at);
    let _ = verify_enveloping(bytes, at);
    let _ = signed_file_name(bytes);
    if verify_detached(bytes, b"one", at).is_ok() {
        assert!(verify_detached(bytes, b"another", at).is_err());
    }
    assert!(agrees(examine(bytes, Evidence::at(at))));
    let evidence = Evidence {
        invoice: Some(b"<a/>"),
        ..Evidence::at(at)
    };
    assert!(agrees(examine(bytes, evidence)));
    let _ = AsicS::open(bytes);
    for form in Canonicalization::ALL {
        if let Some(canonical) = form.document(bytes) {
            // What is canonical stays as it is.
            assert_eq!(form.document(&canonical).as_ref(), Some(&canonical));
        }
    }
});
