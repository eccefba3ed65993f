//! XAdES over an invoice, and its verification.
//!
//! `offline/key-alone` is the measure of the group `offline`: what the two operations of the private key cost by
//! themselves. All that is added to an invoice offline (signature, CODE I, CODE II) is to stay within 1.1 times that
//! with RSA-2048 and within 2 times with P-256.
#![allow(missing_docs, reason = "criterion writes functions without")]
#![allow(clippy::unwrap_used, reason = "a bench that fails cannot go on")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ksef_offline_benches::{certificates, document, now};
use ksef_offline_core::code::{CodeOne, CodeTwo, EcdsaEncoding};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::ContextIdentifier;
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
            bencher.iter(|| verify_detached(black_box(&detached), document.bytes()).unwrap());
        });
        group.bench_function(format!("verify-enveloping/{key}"), |bencher| {
            bencher.iter(|| verify_enveloping(black_box(&enveloping)).unwrap());
        });
    }
    group.finish();
}

fn offline(criterion: &mut Criterion) {
    let document = document(1);
    let environment = Environment::test();
    let context = ContextIdentifier::nip(document.facts().seller);
    let mut group = criterion.benchmark_group("offline");
    for (key, certificate) in certificates() {
        let signer = certificate.signer();
        let draft = Xades::default()
            .detached(&document, "1.xml", signer.certificate(), now())
            .unwrap();
        let (algorithm, bytes) = (draft.algorithm(), draft.bytes_to_sign().to_vec());
        let text = vec![b'a'; 160];
        group.bench_function(format!("key-alone/{key}"), |bencher| {
            bencher.iter(|| {
                let first = signer.sign(algorithm, black_box(&bytes)).unwrap();
                (first, certificate.sign_code(black_box(&text)).unwrap())
            });
        });
        group.bench_function(format!("signature-and-codes/{key}"), |bencher| {
            bencher.iter(|| {
                let signed = sign_detached(black_box(&document), "1.xml", signer, now()).unwrap();
                let one = CodeOne::new(&document, &environment);
                let two = CodeTwo::prepare(&document, &context, &certificate, &environment)
                    .sign(EcdsaEncoding::P1363)
                    .unwrap();
                (signed, one, two)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, signature, offline);
criterion_main!(benches);
