//! Links of CODE I and CODE II, and their pictures.
#![allow(missing_docs, reason = "criterion writes functions without")]
#![allow(clippy::unwrap_used, reason = "a bench that fails cannot go on")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use ksef_offline_benches::{certificates, document};
use ksef_offline_core::code::image::{Options, render_png, render_svg};
use ksef_offline_core::code::{Caption, CodeOne, CodeTwo, EcdsaEncoding, Link};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::ContextIdentifier;
use ksef_offline_core::key::OfflineCertificate;

fn code_two(certificate: &OfflineCertificate) -> impl Fn() -> CodeTwo {
    let document = document(1);
    let (environment, context) = (
        Environment::test(),
        ContextIdentifier::nip(document.facts().seller),
    );
    move || {
        CodeTwo::prepare(&document, &context, certificate, &environment)
            .sign(EcdsaEncoding::P1363)
            .unwrap()
    }
}

fn links(criterion: &mut Criterion) {
    let document = document(1);
    let environment = Environment::test();
    let context = ContextIdentifier::nip(document.facts().seller);
    let mut group = criterion.benchmark_group("link");
    group.bench_function("code-1", |bencher| {
        bencher.iter(|| CodeOne::new(black_box(&document), &environment));
    });
    for (key, certificate) in certificates() {
        let make = code_two(&certificate);
        let url = make().url().to_owned();
        group.bench_function(format!("code-2-unsigned/{key}"), |bencher| {
            bencher.iter(|| {
                CodeTwo::prepare(black_box(&document), &context, &certificate, &environment)
            });
        });
        group.bench_function(format!("code-2/{key}"), |bencher| bencher.iter(&make));
        group.bench_function(format!("parse/code-2/{key}"), |bencher| {
            bencher.iter(|| Link::parse(black_box(&url)).unwrap());
        });
    }
    group.finish();
}

fn pictures(criterion: &mut Criterion) {
    let mut links = vec![(
        "code-1".to_owned(),
        CodeOne::new(&document(1), &Environment::test())
            .url()
            .to_owned(),
        Caption::Offline,
    )];
    for (key, certificate) in certificates() {
        let url = code_two(&certificate)().url().to_owned();
        links.push((format!("code-2/{key}"), url, Caption::Certificate));
    }
    let options = Options::default();
    let mut group = criterion.benchmark_group("picture");
    for (name, url, caption) in &links {
        group.bench_function(format!("png/{name}"), |bencher| {
            bencher.iter(|| render_png(black_box(url), caption, &options).unwrap());
        });
        group.bench_function(format!("svg/{name}"), |bencher| {
            bencher.iter(|| render_svg(black_box(url), caption, &options).unwrap());
        });
    }
    group.finish();
}

criterion_group!(benches, links, pictures);
criterion_main!(benches);
