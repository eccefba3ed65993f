//! Deadlines over a short and a long history of outages, and the merging of what Latarnia shows into it.
//!
//! The long history is ten years of a failure every fortnight and a maintenance every month, 380 outages in 640 messages.
//! What to compare: a deadline over it with one over a single outage, and a merge that brings nothing new with one that
//! builds everything.
#![allow(missing_docs, reason = "criterion writes functions without")]
#![allow(clippy::unwrap_used, reason = "a bench that fails cannot go on")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::deadline::{
    Category, LatarniaMessage, MessageKind, OfflineMode, Policy, Timeline, deadline,
};

const YEARS: i64 = 10;

fn message(
    event_id: i64,
    category: Category,
    kind: MessageKind,
    start: Timestamp,
    end: Option<Timestamp>,
) -> LatarniaMessage {
    LatarniaMessage {
        id: format!("K/{event_id}/{}", kind.name()),
        event_id,
        category,
        kind,
        title: "Awaria KSeF".into(),
        text: "KSeF nie działa. Faktury można wystawiać w trybie awaryjnym.".into(),
        start,
        end,
        version: 1,
        published: Some(start),
    }
}

/// Outages from the beginning of 2026 on, the last one in force at its end.
fn history() -> Vec<LatarniaMessage> {
    let begin: Timestamp = "2026-01-05T07:00:00Z".parse().unwrap();
    let day = |number: i64| begin + SignedDuration::from_hours(24 * number);
    let failures = (0..YEARS * 365 / 14).flat_map(|event| {
        let (start, end) = (day(event * 14), day(event * 14 + 1));
        [
            message(
                event,
                Category::Failure,
                MessageKind::FailureStart,
                start,
                None,
            ),
            message(
                event,
                Category::Failure,
                MessageKind::FailureEnd,
                start,
                Some(end),
            ),
        ]
    });
    let maintenances = (0..YEARS * 12).map(|event| {
        let start = day(event * 30 + 5);
        let end = start + SignedDuration::from_hours(8);
        message(
            100_000 + event,
            Category::Maintenance,
            MessageKind::MaintenanceAnnouncement,
            start,
            Some(end),
        )
    });
    failures.chain(maintenances).collect()
}

fn deadlines(criterion: &mut Criterion) {
    let messages = history();
    let long: Timeline = messages.iter().cloned().collect();
    let last = long
        .outages()
        .iter()
        .rfind(|outage| outage.category == Category::Failure)
        .unwrap()
        .clone();
    let short: Timeline = messages
        .iter()
        .filter(|message| {
            message.event_id == last.event_id && message.category == Category::Failure
        })
        .cloned()
        .collect();
    let (recent, now) = (
        last.first_day(),
        last.start + SignedDuration::from_hours(72),
    );
    let mut group = criterion.benchmark_group("deadline");
    for (name, timeline, issued) in [
        ("one_outage", &short, recent),
        ("ten_years/issued_now", &long, recent),
        ("ten_years/issued_at_the_beginning", &long, date(2026, 1, 5)),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                deadline(
                    OfflineMode::Emergency,
                    issued,
                    timeline,
                    &Policy::Statutory,
                    now,
                )
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("timeline");
    group.throughput(Throughput::Elements(messages.len() as u64));
    group.bench_function("ten_years/built", |bencher| {
        bencher.iter(|| messages.iter().cloned().collect::<Timeline>());
    });
    group.bench_function("ten_years/nothing_new", |bencher| {
        let mut timeline = long.clone();
        bencher.iter(|| assert!(!timeline.merge(&messages)));
    });
    group.finish();
}

criterion_group!(benches, deadlines);
criterion_main!(benches);
