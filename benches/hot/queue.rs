//! Issuing into the durable queue, one at a time and in groups; each commit waits for the disk.
#![allow(missing_docs, reason = "criterion writes functions without")]
#![allow(clippy::unwrap_used, reason = "a bench that fails cannot go on")]

use std::cell::Cell;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ksef_offline_benches::{document, now};
use ksef_offline_core::deadline::{IssueMode, OfflineMode};
use ksef_offline_core::identifier::{CertificateSerial, ContextIdentifier};
use ksef_offline_core::random::OsRandom;
use ksef_offline_queue::{Codes, EntryId, NewEntry, OfflineProof, Queue};

const GROUP: usize = 100;

fn entry(number: usize) -> NewEntry {
    let document = document(number);
    NewEntry {
        id: EntryId::generate(now(), number, &OsRandom).unwrap(),
        context: ContextIdentifier::nip(document.facts().seller),
        document,
        mode: IssueMode::Offline(OfflineMode::Offline24),
        evidence: "{\"ksef\":\"unreachable\"}".into(),
        source: Some(format!("/in/{number}.xml")),
        due: None,
        codes: Some(Codes {
            code_one: Some(format!("https://qr.example/invoice/{number:0>90}")),
            // As long as the real ones are.
            proof: Some(OfflineProof {
                signature: vec![b'x'; 4000],
                code_two: format!("https://qr.example/certificate/{number:0>250}"),
                certificate: CertificateSerial::parse("01635E98D9669239").unwrap(),
            }),
        }),
    }
}

fn queue(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let queue = Queue::open(&folder.path().join("queue.db")).unwrap();
    let number = Cell::new(0);
    let next = || {
        number.set(number.get() + 1);
        entry(number.get())
    };
    let mut group = criterion.benchmark_group("queue");
    group.throughput(Throughput::Elements(1));
    group.bench_function("issue/1", |bencher| {
        bencher.iter_batched(
            next,
            |entry| queue.issue(&entry, now()).unwrap(),
            BatchSize::SmallInput,
        );
    });
    group.sample_size(20);
    group.throughput(Throughput::Elements(GROUP as u64));
    group.bench_function(format!("issue/{GROUP}"), |bencher| {
        bencher.iter_batched(
            || (0..GROUP).map(|_| next()).collect::<Vec<_>>(),
            |entries| {
                for issued in queue.issue_many(&entries, now()).unwrap() {
                    assert!(!issued.unwrap().was_there);
                }
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group!(benches, queue);
criterion_main!(benches);
