//! Packing, and its stages alone.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use ksef_offline_benches::{Provider, certificates_of, key_operations};
use ksef_offline_client::FileParts;
use ksef_offline_core::identifier::InvoiceHash;
use ksef_offline_core::package::{Compression, DeflateLevel, PackageLimits, SessionKey, pack};
use ksef_offline_core::random::OsRandom;
use serde_json::{Value, json};

use crate::clock::{Watch, memory, middle};

/// What packing takes where nobody asks.
const LEVEL: u32 = 6;
/// Bytes of invoices on which the stages are measured one by one.
const SAMPLE: u64 = 200_000_000;

/// The files of a folder in the order of their names.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// Packs and encrypts the invoices of a folder into files, one invoice in memory at a time.
pub fn pack_folder(folder: &Path, out: &Path) -> Value {
    let files = files(folder);
    let key = SessionKey::generate(&OsRandom).unwrap();
    let idle = memory("VmRSS");
    let mut size = 0;
    let watch = Watch::start();
    let invoices = files.iter().enumerate().map(|(place, file)| {
        let bytes = std::fs::read(file).unwrap();
        size += bytes.len();
        (format!("{place}.xml"), bytes)
    });
    let (level, limits) = (DeflateLevel::default(), PackageLimits::default());
    let (compression, sink) = (Compression::TarGz, FileParts::new(out));
    let (package, _) = pack(compression, level, invoices, &key, &limits, sink).unwrap();
    json!({
        "bytes": size,
        "archive_bytes": package.archive_size,
        "wall": watch.wall(),
        "processor": watch.processor(),
        "peak_above_idle": memory("VmHWM").zip(idle).map(|(peak, idle)| peak.saturating_sub(idle)),
    })
}

/// The bare work on the invoices of a folder: the same deflate at the same level, hashing of the invoices, of the archive and
/// of its ciphertext, encryption, and two signatures an invoice. Seconds of the processor, and what they are for.
pub fn stages(folder: &Path) -> Value {
    let (mut plain, mut invoices) = (Vec::new(), 0_u32);
    for file in files(folder) {
        plain.push(std::fs::read(file).unwrap());
        invoices += 1;
        if plain.iter().map(|bytes| bytes.len() as u64).sum::<u64>() > SAMPLE {
            break;
        }
    }
    let size: usize = plain.iter().map(Vec::len).sum();
    let mut archive = Vec::new();
    let deflate = usual(|| {
        let level = flate2::Compression::new(LEVEL);
        let mut encoder = GzEncoder::new(Vec::new(), level);
        for bytes in &plain {
            encoder.write_all(bytes).unwrap();
        }
        archive = encoder.finish().unwrap();
    });
    let hash_archive = usual(|| {
        std::hint::black_box(InvoiceHash::of(&archive));
    });
    let hash_invoices = usual(|| {
        for bytes in &plain {
            std::hint::black_box(InvoiceHash::of(bytes));
        }
    });
    let key = SessionKey::generate(&OsRandom).unwrap();
    let encrypt = usual(|| {
        let mut encryptor = key.encryptor(io::sink());
        encryptor.write_all(&archive).unwrap();
        encryptor.finish().unwrap();
    });
    let certificate = certificates_of(Provider::Fast).remove(0).1;
    let sign = usual(|| {
        for _ in 0..invoices.min(2000) {
            key_operations(&certificate);
        }
    });
    json!({
        "bytes": size,
        "invoices": invoices,
        "archive_bytes": archive.len(),
        "deflate": deflate,
        "hash_archive": hash_archive,
        "hash_invoices": hash_invoices,
        "encrypt": encrypt,
        "sign": sign / f64::from(invoices.min(2000)) * f64::from(invoices),
    })
}

/// The middle of three rounds, in seconds of the processor.
fn usual(mut work: impl FnMut()) -> f64 {
    let mut rounds: Vec<f64> = (0..3)
        .map(|_| {
            let watch = Watch::start();
            work();
            watch.processor()
        })
        .collect();
    middle(&mut rounds)
}
