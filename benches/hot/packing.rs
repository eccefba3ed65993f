//! Packing beside its own stages and beside OpenSSL, all in one run on the same bytes: `cargo bench -p
//! ksef-offline-benches --bench packing`. The goal is a ratio: packing at least 0.7 of its slowest stage alone.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement prints, and one that fails cannot go on"
)]

use std::io::Write as _;
use std::process::Command;
use std::time::Instant;

use ksef_offline_benches::invoices;
use ksef_offline_core::identifier::InvoiceHash;
use ksef_offline_core::package::{
    ArchiveWriter, Compression, DeflateLevel, MemoryParts, PackageLimits, SessionKey, pack,
};
use ksef_offline_core::random::OsRandom;

/// Rounds; the best counts, since a shared machine only makes things slower.
const ROUNDS: usize = 5;
/// Invoices of a package.
const INVOICES: usize = 2000;

fn main() {
    // `cargo test` runs benches, too, to see that they work.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let alike: Vec<Vec<u8>> = invoices(INVOICES);
    measure("invoices alike", &alike);
    // What does not compress: attachments in Base64 of data that is compressed already.
    let mut state = 7_u64;
    let noise: Vec<Vec<u8>> = (0..200)
        .map(|_| {
            (0..250_000)
                .map(|_| {
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1);
                    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                        [(state >> 58) as usize]
                })
                .collect()
        })
        .collect();
    measure("attachments", &noise);
    openssl("aes-256-cbc");
    openssl("sha256");
}

fn measure(what: &str, files: &[Vec<u8>]) {
    let size: usize = files.iter().map(Vec::len).sum();
    let key = SessionKey::generate(&OsRandom).unwrap();
    let limits = PackageLimits::default();
    for compression in [Compression::Zip, Compression::TarGz] {
        let archived = || {
            let mut writer = ArchiveWriter::new(Vec::new(), compression, DeflateLevel::default());
            for (place, bytes) in files.iter().enumerate() {
                writer.add(&format!("{place}.xml"), bytes).unwrap();
            }
            writer.finish().unwrap()
        };
        let archive = archived();
        let stages = [
            ("archive", best(|| drop(archived()))),
            (
                "hash of the archive",
                best(|| {
                    std::hint::black_box(InvoiceHash::of(&archive));
                }),
            ),
            (
                "encryption",
                best(|| {
                    let mut encryptor = key.encryptor(std::io::sink());
                    encryptor.write_all(&archive).unwrap();
                    encryptor.finish().unwrap();
                }),
            ),
        ];
        let packing = best(|| {
            let files = files
                .iter()
                .enumerate()
                .map(|(place, bytes)| (format!("{place}.xml"), bytes));
            let sink = MemoryParts::default();
            drop(
                pack(
                    compression,
                    DeflateLevel::default(),
                    files,
                    &key,
                    &limits,
                    sink,
                )
                .unwrap(),
            );
        });
        println!(
            "{what}, {}: {} MB in {} MB",
            compression.name(),
            size / 1_000_000,
            archive.len() / 1_000_000
        );
        for (stage, seconds) in stages {
            println!(
                "  {stage:22} {:8.0} MB/s of invoices",
                size as f64 / seconds / 1e6
            );
        }
        let slowest = stages.iter().map(|(_, s)| *s).fold(0.0, f64::max);
        println!(
            "  packing                {:8.0} MB/s of invoices, {:.2} of the slowest stage",
            size as f64 / packing / 1e6,
            slowest / packing
        );
        println!(
            "  encryption             {:8.0} MB/s of ciphertext, hash {:.0} MB/s",
            archive.len() as f64 / stages[2].1 / 1e6,
            archive.len() as f64 / stages[1].1 / 1e6
        );
    }
}

fn best(work: impl Fn()) -> f64 {
    (0..ROUNDS)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

/// OpenSSL's own figure for one algorithm on blocks of 64 KiB.
fn openssl(algorithm: &str) {
    let told = Command::new("openssl")
        .args([
            "speed", "-seconds", "2", "-bytes", "65536", "-evp", algorithm,
        ])
        .output();
    match told {
        Ok(told) if told.status.success() => {
            let text = String::from_utf8_lossy(&told.stdout);
            println!("OpenSSL {}", text.lines().last().unwrap_or_default());
        }
        _ => println!("OpenSSL is not here: no figure for {algorithm}"),
    }
}
