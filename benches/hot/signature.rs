//! Detached XAdES over an invoice, and its verification.
#![allow(missing_docs, reason = "criterion writes functions without")]
#![allow(clippy::unwrap_used, reason = "a bench that fails cannot go on")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ksef_offline_benches::{certificates, document, now};
use ksef_offline_core::signature::{sign_detached, verify_detached};

fn signature(criterion: &mut Criterion) {
    let document = document(1);
    let mut group = criterion.benchmark_group("signature");
    for (key, certificate) in certificates() {
        let sign = || sign_detached(&document, "1.xml", certificate.signer(), now()).unwrap();
        let signature = sign();
        group.bench_function(format!("sign/{key}"), |bencher| bencher.iter(sign));
        group.bench_function(format!("verify/{key}"), |bencher| {
            bencher.iter(|| verify_detached(black_box(&signature), document.bytes()).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, signature);
criterion_main!(benches);
