//! Verifying signatures. No fuzzer makes a valid one over bytes of its own; whatever verifies must at least not verify
//! over other bytes.
#![no_main]

use ksef_offline_core::signature::{verify_detached, verify_enveloped};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = verify_enveloped(bytes);
    if verify_detached(bytes, b"one").is_ok() {
        assert!(verify_detached(bytes, b"another").is_err());
    }
});
