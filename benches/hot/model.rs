//! The typed invoice: from bytes, to bytes, to and from JSON.
#![allow(missing_docs, reason = "criterion writes functions without")]
#![allow(
    clippy::unwrap_used,
    reason = "a bench without its material cannot go on"
)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use ksef_offline_core::invoice::Invoice;

fn model(criterion: &mut Criterion) {
    measure(criterion, "model", &ksef_offline_benches::invoice());
    measure(
        criterion,
        "large model",
        &ksef_offline_benches::large_invoice(),
    );
}

fn measure(criterion: &mut Criterion, name: &str, bytes: &[u8]) {
    let invoice = Invoice::read(bytes).unwrap();
    let (_, layout) = Invoice::read_with_layout(bytes).unwrap();
    let json = serde_json::to_string(&invoice).unwrap();
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("read", |bencher| {
        bencher.iter(|| Invoice::read(black_box(bytes)));
    });
    group.bench_function("read with layout", |bencher| {
        bencher.iter(|| Invoice::read_with_layout(black_box(bytes)));
    });
    group.bench_function("write", |bencher| {
        bencher.iter(|| black_box(&invoice).write());
    });
    group.bench_function("write with layout", |bencher| {
        bencher.iter(|| black_box(&invoice).write_with_layout(&layout));
    });
    group.bench_function("to JSON", |bencher| {
        bencher.iter(|| serde_json::to_string(black_box(&invoice)));
    });
    group.bench_function("from JSON", |bencher| {
        bencher.iter(|| serde_json::from_str::<Invoice>(black_box(&json)));
    });
    group.finish();
}

criterion_group!(benches, model);
criterion_main!(benches);
