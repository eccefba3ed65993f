//! XAdES over an invoice, and its verification.
//!
//! What it adds to the operations of the key: the bench `issue`.
#![allow(missing_docs, reason = "criterion writes functions without")]
#![allow(clippy::unwrap_used, reason = "a bench that fails cannot go on")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ksef_offline_benches::{certificates, document, now};
use ksef_offline_core::signature::{
    Profile, Xades, sign_detached, sign_enveloping, verify_detached, verify_enveloping,
};

fn signature(criterion: &mut Criterion) {
    let document = document(1);
    let mut group = criterion.benchmark_group("signature");
    for (key, certificate) in certificates() {
        let signer = certificate.signer();
        for (profile, how) in [
            ("bes", Xades::default()),
            ("baseline-b", Xades::default().profile(Profile::BaselineB)),
        ] {
            group.bench_function(format!("prepare-detached/{profile}/{key}"), |bencher| {
                bencher.iter(|| {
                    let certificate = certificate.certificate();
                    how.detached(black_box(&document), "1.xml", certificate, now())
                        .unwrap()
                });
            });
        }
        let detached = || sign_detached(&document, "1.xml", signer, now()).unwrap();
        let enveloping = || sign_enveloping(&document, signer, now()).unwrap();
        group.bench_function(format!("sign-detached/{key}"), |b| b.iter(detached));
        group.bench_function(format!("sign-enveloping/{key}"), |b| b.iter(enveloping));
        let (detached, enveloping) = (detached(), enveloping());
        group.bench_function(format!("verify-detached/{key}"), |bencher| {
            bencher
                .iter(|| verify_detached(black_box(&detached), document.bytes(), now()).unwrap());
        });
        group.bench_function(format!("verify-enveloping/{key}"), |bencher| {
            bencher.iter(|| verify_enveloping(black_box(&enveloping), now()).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, signature);
criterion_main!(benches);
