//! Packing, splitting, encrypting and hashing.
#![allow(missing_docs, reason = "criterion writes functions without")]
#![allow(clippy::unwrap_used, reason = "a bench that fails cannot go on")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ksef_offline_benches::invoices;
use ksef_offline_core::package::{
    Compression, DeflateLevel, MemoryParts, PackageLimits, SessionKey, pack,
};
use ksef_offline_core::random::OsRandom;

const INVOICES: usize = 100;

fn package(criterion: &mut Criterion) {
    let files: Vec<(String, Vec<u8>)> = (1..)
        .zip(invoices(INVOICES))
        .map(|(place, bytes)| (format!("{place}.xml"), bytes))
        .collect();
    let size: usize = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let key = SessionKey::generate(&OsRandom).unwrap();
    let limits = PackageLimits::default();
    let mut group = criterion.benchmark_group("package");
    group.throughput(Throughput::Bytes(size as u64));
    for (name, compression) in [("zip", Compression::Zip), ("tar-gz", Compression::TarGz)] {
        group.bench_function(format!("{name}/{INVOICES}"), |bencher| {
            bencher.iter(|| {
                let files = files.iter().map(|(name, bytes)| (name, bytes));
                let sink = MemoryParts::default();
                pack(
                    compression,
                    DeflateLevel::default(),
                    files,
                    &key,
                    &limits,
                    sink,
                )
                .unwrap()
            });
        });
    }
    group.finish();

    let plain: Vec<u8> = files.into_iter().flat_map(|(_, bytes)| bytes).collect();
    let mut group = criterion.benchmark_group("envelope");
    group.throughput(Throughput::Bytes(size as u64));
    group.bench_function("encrypt", |bencher| bencher.iter(|| key.encrypt(&plain)));
    group.finish();
}

criterion_group!(benches, package);
criterion_main!(benches);
