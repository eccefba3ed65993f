//! Reading an invoice and judging it.
#![allow(missing_docs, reason = "criterion writes functions without")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;
use ksef_offline_core::identifier::InvoiceHash;
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_core::invoice::validate::{Rules, validate};

fn document(criterion: &mut Criterion) {
    measure(criterion, "document", ksef_offline_benches::invoice());
    measure(
        criterion,
        "large document",
        ksef_offline_benches::large_invoice(),
    );
}

fn measure(criterion: &mut Criterion, name: &str, bytes: Vec<u8>) {
    let bytes: Arc<[u8]> = bytes.into();
    let rules = Rules {
        enforce_nip_checksum: true,
        today: date(2027, 1, 1),
    };
    assert!(validate(&bytes, &rules).is_valid());
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("hash", |bencher| {
        bencher.iter(|| InvoiceHash::of(black_box(&bytes)));
    });
    group.bench_function("read", |bencher| {
        bencher.iter(|| InvoiceDocument::read(black_box(Arc::clone(&bytes))));
    });
    group.bench_function("validate", |bencher| {
        bencher.iter(|| validate(black_box(&bytes), &rules));
    });
    group.bench_function("read and validate", |bencher| {
        bencher.iter(|| InvoiceDocument::read_and_validate(black_box(Arc::clone(&bytes)), &rules));
    });
    group.finish();
}

criterion_group!(benches, document);
criterion_main!(benches);
