//! Reading an invoice and judging it. What the file check refuses, neither reader may take; what the verdict finds good,
//! the reader must take.
#![no_main]

use jiff::civil::date;
use ksef_offline_core::identifier::InvoiceHash;
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_core::invoice::file::check_file;
use ksef_offline_core::invoice::validate::{Rules, validate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let rules = Rules {
        enforce_nip_checksum: true,
        today: date(2026, 11, 22),
    };
    let verdict = validate(bytes, &rules);
    let read = InvoiceDocument::read(bytes);
    if check_file(bytes).is_err() {
        assert!(!verdict.is_valid());
        assert!(read.is_err());
    }
    if verdict.is_valid() {
        assert!(read.is_ok(), "a valid document is refused: {read:?}");
    }
    if let Ok(document) = read {
        assert_eq!(document.bytes(), bytes);
        assert_eq!(document.hash(), InvoiceHash::of(bytes));
    }
});
