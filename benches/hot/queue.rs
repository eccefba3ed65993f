//! Issuing into the durable queue, one at a time and in groups; each commit waits for the disk.
#![allow(missing_docs, reason = "criterion writes functions without")]
#![allow(clippy::unwrap_used, reason = "a bench that fails cannot go on")]

use std::cell::Cell;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use ksef_offline_benches::{SIGNATURE, document, new_entry, now};
use ksef_offline_queue::Queue;

const GROUP: usize = 100;

fn queue(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let queue = Queue::open(&folder.path().join("queue.db")).unwrap();
    let number = Cell::new(0);
    let next = || {
        number.set(number.get() + 1);
        new_entry(number.get(), document(number.get()), SIGNATURE)
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
