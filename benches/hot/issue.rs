//! What issuing costs beside the private key: XAdES, CODE I and CODE II for an invoice in memory, against the two
//! operations of the key alone; and the key's operations by each implementation.
//!
//! The ratios that are promised: `benches/compare`.
#![allow(missing_docs, reason = "criterion writes functions without")]
#![allow(clippy::unwrap_used, reason = "a bench that fails cannot go on")]
#![allow(clippy::print_stdout, reason = "the ratios are the result")]

use std::time::{Duration, Instant};

use criterion::Criterion;
use ksef_offline_benches::{Provider, certificates_of, document, issue, key_operations, now};

fn main() {
    let document = document(1);
    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("issue");
    for provider in Provider::ALL {
        for (key, certificate) in certificates_of(provider) {
            let name = format!("{}/{key}", provider.name());
            group.bench_function(format!("whole/{name}"), |bencher| {
                bencher.iter(|| issue(&document, &certificate, now()));
            });
            group.bench_function(format!("key-alone/{name}"), |bencher| {
                bencher.iter(|| key_operations(&certificate));
            });
        }
    }
    group.finish();
    criterion.final_summary();

    println!("\nprovider  key       whole       key alone   ratio  signatures/s");
    for provider in Provider::ALL {
        for (key, certificate) in certificates_of(provider) {
            // Turn by turn, so that whatever else the machine does falls on both.
            let (mut whole, mut alone) = (Vec::new(), Vec::new());
            for _ in 0..9 {
                whole.push(per_call(|| issue(&document, &certificate, now())));
                alone.push(per_call(|| key_operations(&certificate)));
            }
            let (whole, alone) = (median(&mut whole), median(&mut alone));
            println!(
                "{:<9} {key:<9} {:>8.1} µs {:>10.1} µs {:>7.3} {:>13.0}",
                provider.name(),
                whole.as_secs_f64() * 1e6,
                alone.as_secs_f64() * 1e6,
                whole.as_secs_f64() / alone.as_secs_f64(),
                2.0 / alone.as_secs_f64(),
            );
        }
    }
}

/// The mean over some 60 ms.
fn per_call(mut work: impl FnMut()) -> Duration {
    let start = Instant::now();
    let mut calls = 0;
    while start.elapsed() < Duration::from_millis(60) {
        work();
        calls += 1;
    }
    start.elapsed() / calls
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
