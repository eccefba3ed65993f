//! Reading archives: the limits hold, whatever the archive claims.
#![no_main]

use std::io::Cursor;

use ksef_offline_core::package::{Compression, PackageError, ReadLimits, read_archive};
use libfuzzer_sys::fuzz_target;

const LIMITS: ReadLimits = ReadLimits {
    entries: 20,
    entry_size: 10_000,
    total_size: 50_000,
};

fuzz_target!(|bytes: &[u8]| {
    for compression in [Compression::Zip, Compression::TarGz] {
        let (mut entries, mut total) = (0, 0);
        let _ = read_archive(Cursor::new(bytes), compression, &LIMITS, |_, content| {
            entries += 1;
            total += content.len() as u64;
            assert!(content.len() as u64 <= LIMITS.entry_size);
            assert!(entries <= LIMITS.entries && total <= LIMITS.total_size);
            Ok::<(), PackageError>(())
        });
    }
});
