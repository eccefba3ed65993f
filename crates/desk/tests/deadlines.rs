//! Deadlines at the desk: they follow what Latarnia says and the policy, order the queue, and decide what is sent first.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
#![allow(
    unreachable_pub,
    dead_code,
    reason = "the world is shared with other programs"
)]

mod world;

use std::sync::Arc;

use jiff::civil::Date;
use ksef_offline::core::deadline::{
    AfterDue, Deadline, DeadlinePolicy, DeadlineState, IssueMode, OfflineMode,
};
use ksef_offline::core::package::PackageLimits;
use ksef_offline::{Desk, IssueOptions, SendOptions};
use ksef_offline_simulator::{Downtime, DowntimeKind};
use serde_json::json;
use world::{World, invoice};

async fn issue(desk: &Desk, number: &str, mode: Option<OfflineMode>) -> String {
    let options = IssueOptions {
        mode: mode.map(IssueMode::Offline),
        ..IssueOptions::default()
    };
    let report = desk.issue(&[invoice(desk, number)], options).await.unwrap();
    assert!(report.failed.is_empty(), "{:?}", report.failed);
    report.issued[0].id.clone()
}

fn due(desk: &Desk, id: &str) -> (String, Option<String>) {
    let deadline = desk.show(id).unwrap().deadline;
    (deadline.state.to_owned(), deadline.due)
}

fn day(text: &str) -> (String, Option<String>) {
    ("due".to_owned(), Some(text.to_owned()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_evidence_stays_with_the_invoice() {
    let world = World::at("2027-03-02T10:00:00Z").await;
    let desk = world.desk("");
    world
        .control()
        .begin_downtime(&Downtime::now(DowntimeKind::Failure));
    let failure = issue(&desk, "E/1", None).await;
    world.control().end_downtime();
    world
        .control()
        .begin_downtime(&Downtime::now(DowntimeKind::Unreachable));
    let unannounced = issue(&desk, "E/2", None).await;
    world.control().silence_latarnia(true);
    let own_network = issue(&desk, "E/3", None).await;
    let chosen = issue(&desk, "E/4", Some(OfflineMode::Offline24)).await;

    let evidence = |id: &str| desk.evidence(id).unwrap().unwrap();
    let first = evidence(&failure);
    assert_eq!(first.latarnia.as_deref(), Some("FAILURE"));
    assert_eq!(
        (first.mode.as_deref(), first.cause.as_deref()),
        (Some("emergency"), Some("announced"))
    );
    assert_eq!(first.messages, ["K/2027/AWR/01"]);
    assert_eq!(
        first.reason.unwrap().en,
        "KSeF answers with an error, and Latarnia has announced a failure (K/2027/AWR/01)."
    );
    let second = evidence(&unannounced);
    assert_eq!(
        (second.mode.as_deref(), second.cause.as_deref()),
        (Some("offline24"), Some("unannounced"))
    );
    let third = evidence(&own_network);
    assert_eq!(
        (third.mode.as_deref(), third.cause.as_deref()),
        (Some("offline24"), Some("own-network"))
    );
    assert_eq!(evidence(&chosen).chosen.as_deref(), Some("offline24"));

    let marker = |id: &str| desk.show(id).unwrap().ledger_marker;
    assert_eq!(
        (marker(&failure), marker(&unannounced)),
        (Some("OFF"), None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ksef_that_answers_is_used_without_waiting_for_latarnia() {
    let world = World::at("2027-03-02T10:00:00Z").await;
    let desk = world.desk("");
    world.control().clear_requests();
    let id = issue(&desk, "O/1", None).await;
    assert_eq!(desk.show(&id).unwrap().mode, "online");
    assert_eq!(
        desk.evidence(&id).unwrap().unwrap().latarnia.as_deref(),
        Some("not-asked")
    );
    let asked = world.control().requests();
    assert!(
        asked
            .iter()
            .all(|request| !request.path.contains("latarnia")),
        "{asked:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_is_ordered_anew_when_an_outage_begins_or_the_policy_changes() {
    let world = World::at("2027-03-02T10:00:00Z").await;
    let desk = world.desk("");
    // Announced on Tuesday for Wednesday. The invoice of Tuesday is due on Wednesday, that of Wednesday on Thursday.
    let failure = json!({"id": "K/7", "eventId": 7, "category": "FAILURE", "type": "FAILURE_START", "version": 1,
        "start": "2027-03-03T20:00:00+01:00", "end": "2027-03-04T04:00:00+01:00"});
    world.control().announce(vec![failure]);
    let tuesday = issue(&desk, "T/1", Some(OfflineMode::Offline24)).await;
    desk.availability().await.unwrap();
    assert_eq!(due(&desk, &tuesday), day("2027-03-03"));
    assert_eq!(
        desk.list(None, 10, None).unwrap().invoices[0]
            .deadline
            .due
            .as_deref(),
        Some("2027-03-03")
    );
    // It begins, and nobody reports that.
    world.set_now("2027-03-03T20:00:00Z");
    let listed = desk.list(None, 10, None).unwrap();
    assert_eq!(
        listed.invoices[0].deadline.due.as_deref(),
        Some("2027-03-15")
    );
    let stored = desk.queue().entries(&[tuesday.parse().unwrap()]).unwrap();
    assert_eq!(stored[0].due, Some("2027-03-15".parse().unwrap()));
    let moves = desk.history(&tuesday).unwrap();
    assert_eq!(
        moves
            .iter()
            .filter(|line| line.cause == "2027-03-15")
            .count(),
        1
    );

    let strict = world.desk("[deadline]\npolicy = \"seven-days\"\n");
    strict.list(None, 10, None).unwrap();
    let stored = strict.queue().entries(&[tuesday.parse().unwrap()]).unwrap();
    assert_eq!(stored[0].due, Some("2027-03-09".parse().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_message_hides_no_other_from_the_desk() {
    let world = World::at("2027-03-02T10:00:00Z").await;
    let desk = world.desk("");
    world.control().announce(vec![
        json!({"id": "K/1", "category": "FAILURE"}),
        json!({"id": "K/2", "eventId": 2, "category": "DEGRADATION", "type": "FAILURE_START", "start": "2027-03-02T09:00:00Z"}),
        json!({"id": "K/3", "eventId": 3, "category": "FAILURE", "type": "FAILURE_START", "start": "2027-03-02T09:00:00Z"}),
    ]);
    let found = desk.availability().await.unwrap().view();
    assert_eq!(found.messages.len(), 2);
    assert_eq!(found.unrecognised, ["K/2"]);
    assert_eq!(found.unreadable[0].id.as_deref(), Some("K/1"));
    assert_eq!((found.mode, found.ksef), ("online", "reachable"));
    assert!(
        found
            .outages
            .iter()
            .any(|outage| outage.name == "K/3" && outage.running)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn seven_days_are_over_and_the_invoice_stays_and_says_why() {
    let world = World::at("2027-03-01T10:00:00Z").await;
    let desk = world.desk("[deadline]\npolicy = \"seven-days\"\n");
    let late = issue(&desk, "S/1", Some(OfflineMode::Offline24)).await;
    world.set_now("2027-03-08T12:00:00Z");
    let fresh = issue(&desk, "S/2", Some(OfflineMode::Offline24)).await;
    world.set_now("2027-03-08T23:30:00Z");
    let sent = desk.send(SendOptions::default(), &|_| ()).await.unwrap();
    assert_eq!(sent.sent, 1);
    assert_eq!(sent.skipped.len(), 1);
    assert_eq!(
        (
            sent.skipped[0].id.as_str(),
            sent.skipped[0].reason.code.as_str()
        ),
        (late.as_str(), "past-deadline")
    );
    assert!(
        sent.skipped[0].reason.message.en.contains("2027-03-08"),
        "{}",
        sent.skipped[0].reason.message
    );
    let shown = desk.show(&late).unwrap();
    assert_eq!(
        (
            shown.status,
            shown.deadline.overdue,
            shown.deadline.may_send
        ),
        ("signed", true, false)
    );
    assert_eq!(desk.show(&fresh).unwrap().status, "sent");
    // The law still wants it: under the statutory policy it goes.
    let lawful = world.desk("");
    assert!(lawful.show(&late).unwrap().deadline.overdue);
    assert_eq!(
        lawful
            .send(SendOptions::default(), &|_| ())
            .await
            .unwrap()
            .sent,
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_brings_a_policy_of_its_own() {
    struct SameDay;
    impl DeadlinePolicy for SameDay {
        fn name(&self) -> &'static str {
            "same-day"
        }
        fn apply(&self, issue_date: Date, statutory: Deadline) -> Deadline {
            Deadline {
                state: DeadlineState::Due,
                due: Some(issue_date),
                after_due: AfterDue::NotSent,
                ..statutory
            }
        }
    }
    let world = World::at("2027-03-01T10:00:00Z").await;
    let desk = world.desk("").with_policy(Arc::new(SameDay));
    let id = issue(&desk, "P/1", Some(OfflineMode::Offline24)).await;
    assert_eq!(due(&desk, &id), day("2027-03-01"));
    let asked = desk.deadline(
        OfflineMode::Emergency,
        "2027-03-01".parse().unwrap(),
        None,
        None,
    );
    assert_eq!(asked.unwrap().due, Some("2027-03-01".parse().unwrap()));
    world.set_now("2027-03-02T10:00:00Z");
    let sent = desk.send(SendOptions::default(), &|_| ()).await.unwrap();
    assert_eq!((sent.sent, sent.skipped.len()), (0, 1));
    assert!(sent.skipped[0].reason.message.en.contains("same-day"));
    // A total failure lifts the duty under this policy, too.
    world.control().announce(vec![
        json!({"id": "K/1", "eventId": 1, "category": "TOTAL_FAILURE", "type": "FAILURE_START",
        "start": "2027-03-01T20:00:00+01:00", "end": "2027-03-01T21:00:00+01:00"}),
    ]);
    desk.availability().await.unwrap();
    world.set_now("2027-03-02T10:00:00Z");
    assert_eq!(due(&desk, &id).0, "due", "it ended on the day of issue");
    world.control().announce(vec![
        json!({"id": "K/1", "eventId": 1, "category": "TOTAL_FAILURE", "type": "FAILURE_START",
        "version": 2, "start": "2027-03-01T20:00:00+01:00", "end": "2027-03-02T01:00:00+01:00"}),
    ]);
    desk.availability().await.unwrap();
    assert_eq!(due(&desk, &id), ("lifted".to_owned(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_limit_forces_several_sessions_the_most_urgent_go_first() {
    let world = World::at("2027-03-02T10:00:00Z").await;
    let desk = world.desk("").with_package_limits(PackageLimits {
        invoices: 2,
        ..PackageLimits::default()
    });
    // The failure ends on Tuesday: its invoices are due on the 11th, the later ones on the 5th and on the 8th.
    world
        .control()
        .begin_downtime(&Downtime::now(DowntimeKind::Failure));
    for number in ["U/1", "U/2"] {
        issue(&desk, number, None).await;
    }
    world.set_now("2027-03-02T12:00:00Z");
    world.control().end_downtime();
    desk.availability().await.unwrap();
    for (now, number) in [
        ("2027-03-05T10:00:00Z", "U/3"),
        ("2027-03-04T10:00:00Z", "U/4"),
        ("2027-03-04T11:00:00Z", "U/5"),
    ] {
        world.set_now(now);
        issue(&desk, number, Some(OfflineMode::Offline24)).await;
    }
    world.set_now("2027-03-05T12:00:00Z");
    let order: Vec<(String, Option<String>)> = desk
        .list(None, 10, None)
        .unwrap()
        .invoices
        .into_iter()
        .map(|invoice| (invoice.number, invoice.deadline.due))
        .collect();
    let expected = [
        ("U/4", "2027-03-05"),
        ("U/5", "2027-03-05"),
        ("U/3", "2027-03-08"),
        ("U/1", "2027-03-11"),
        ("U/2", "2027-03-11"),
    ];
    let expected: Vec<(String, Option<String>)> = expected
        .map(|(number, due)| (number.to_owned(), Some(due.to_owned())))
        .into();
    assert_eq!(order, expected);
    let sent = desk.send(SendOptions::default(), &|_| ()).await.unwrap();
    assert_eq!((sent.sessions.len(), sent.sent), (3, 5));
    let carried: Vec<Vec<String>> = sent
        .sessions
        .iter()
        .map(|session| {
            let mut numbers: Vec<String> = sent
                .invoices
                .iter()
                .filter(|invoice| {
                    invoice.batch_reference.as_ref() == Some(&session.reference_number)
                })
                .map(|invoice| invoice.number.clone())
                .collect();
            numbers.sort();
            numbers
        })
        .collect();
    assert_eq!(
        carried,
        [vec!["U/4", "U/5"], vec!["U/1", "U/3"], vec!["U/2"]]
    );
}
