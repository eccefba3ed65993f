//! Reading and verifying receipts.
#![no_main]

use ksef_offline_core::receipt::{Upo, verify};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let read = Upo::parse(bytes);
    if verify(bytes, jiff::Timestamp::MAX).is_ok() {
        assert!(read.is_ok(), "a receipt that verifies cannot be read");
    }
});
