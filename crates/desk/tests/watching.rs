//! The watcher of the desk: each change told once, also over a restart, and nothing ends it.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]
#![allow(
    unreachable_pub,
    dead_code,
    reason = "the world is shared with other programs"
)]

mod world;

use std::time::Duration;

use jiff::SignedDuration;
use ksef_offline::core::deadline::{IssueMode, OfflineMode};
use ksef_offline::{Desk, IssueOptions, WatchEvent, WatchOptions, WatchPace, Watcher};
use ksef_offline_simulator::{Downtime, DowntimeKind};
use serde_json::{Value, json};
use world::{World, invoice};

fn watch(desk: &Desk) -> Watcher<'_> {
    desk.watcher(WatchOptions {
        pace: WatchPace::every(Duration::from_millis(20)),
        due_within: SignedDuration::from_hours(24),
    })
    .unwrap()
}

/// What is told until nothing new comes for a while, as JSON.
async fn told(watcher: &mut Watcher<'_>) -> Vec<Value> {
    let mut events = Vec::new();
    while let Ok(event) = tokio::time::timeout(Duration::from_millis(700), watcher.next()).await {
        assert!(!event.words().en.is_empty() && !event.words().pl.is_empty());
        assert!(event.at().parse::<jiff::Timestamp>().is_ok());
        events.push(serde_json::to_value(&event).unwrap());
    }
    events
}

fn names(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn loss_announcement_end_and_return_are_each_told_once() {
    let world = World::at("2027-03-02T10:00:00Z").await;
    let desk = world.desk("");
    let control = world.control();
    let mut watcher = watch(&desk);
    let start = told(&mut watcher).await;
    assert_eq!(names(&start), ["started"]);
    assert_eq!(
        (&start[0]["mode"], &start[0]["ksef"]),
        (&json!("online"), &json!("reachable"))
    );

    control.begin_downtime(&Downtime::now(DowntimeKind::Unreachable));
    let lost = told(&mut watcher).await;
    assert_eq!(names(&lost), ["lost"]);
    assert_eq!(
        (&lost[0]["mode"], &lost[0]["cause"]),
        (&json!("offline24"), &json!("unannounced"))
    );

    control.begin_downtime(&Downtime::now(DowntimeKind::Failure));
    let announced = told(&mut watcher).await;
    assert_eq!(names(&announced), ["mode-changed", "outage-announced"]);
    assert_eq!(announced[0]["mode"], "emergency");
    assert_eq!(
        (&announced[1]["category"], &announced[1]["end"]),
        (&json!("FAILURE"), &Value::Null)
    );

    control.end_downtime();
    let over = told(&mut watcher).await;
    assert_eq!(names(&over), ["restored", "outage-ended"]);
    assert_eq!(over[1]["name"], "K/2027/AWR/01 (K/2027/AWR/02)");
    assert!(told(&mut watcher).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_announcement_that_moves_begins_and_ends_is_told_step_by_step() {
    let world = World::at("2027-03-02T10:00:00Z").await;
    let desk = world.desk("");
    let maintenance = |version: u32, start: &str, end: &str| {
        json!({"id": "K/2027/NI/01", "eventId": 9, "category": "MAINTENANCE", "type": "MAINTENANCE_ANNOUNCEMENT",
            "start": start, "end": end, "version": version})
    };
    world.control().announce(vec![maintenance(
        1,
        "2027-03-06T20:00:00+01:00",
        "2027-03-07T06:00:00+01:00",
    )]);
    let mut watcher = watch(&desk);
    assert_eq!(
        names(&told(&mut watcher).await),
        ["started", "outage-announced"]
    );
    world.control().announce(vec![maintenance(
        2,
        "2027-03-13T20:00:00+01:00",
        "2027-03-14T06:00:00+01:00",
    )]);
    let moved = told(&mut watcher).await;
    assert_eq!(names(&moved), ["outage-moved"]);
    assert_eq!(moved[0]["start_before"], "2027-03-06T19:00:00Z");
    assert_eq!(moved[0]["start"], "2027-03-13T19:00:00Z");
    world.set_now("2027-03-13T19:30:00Z");
    assert_eq!(names(&told(&mut watcher).await), ["outage-began"]);
    world.set_now("2027-03-14T05:30:00Z");
    assert_eq!(names(&told(&mut watcher).await), ["outage-ended"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn due_dates_are_told_before_and_after_and_again_when_a_later_day_comes_near() {
    let world = World::at("2027-03-01T08:00:00Z").await;
    let desk = world.desk("");
    let options = IssueOptions {
        mode: Some(IssueMode::Offline(OfflineMode::Offline24)),
        ..IssueOptions::default()
    };
    desk.issue(&[invoice(&desk, "W/1")], options).await.unwrap();
    let mut watcher = watch(&desk);
    assert_eq!(names(&told(&mut watcher).await), ["started"]);
    world.set_now("2027-03-02T08:00:00Z");
    let soon = told(&mut watcher).await;
    assert_eq!(names(&soon), ["due-soon"]);
    assert_eq!(
        (&soon[0]["due"], &soon[0]["number"]),
        (&json!("2027-03-02"), &json!("W/1"))
    );
    assert!(soon[0]["hours_left"].as_i64().unwrap() >= 14);
    // A failure on the due date moves it to the 12th.
    world.control().announce(vec![
        json!({"id": "K/1", "eventId": 1, "category": "FAILURE", "type": "FAILURE_START",
        "start": "2027-03-02T08:30:00+01:00", "end": "2027-03-03T08:00:00+01:00"}),
    ]);
    assert_eq!(names(&told(&mut watcher).await), ["outage-announced"]);
    world.set_now("2027-03-03T23:30:00Z");
    assert_eq!(names(&told(&mut watcher).await), ["outage-ended"]);
    world.set_now("2027-03-12T08:00:00Z");
    let again = told(&mut watcher).await;
    assert_eq!(
        (names(&again), &again[0]["due"]),
        (vec!["due-soon"], &json!("2027-03-12"))
    );
    world.set_now("2027-03-12T23:30:00Z");
    let over = told(&mut watcher).await;
    assert_eq!(
        (names(&over), &over[0]["still_sent"]),
        (vec!["overdue"], &json!(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_that_starts_again_goes_on_where_the_last_one_ended() {
    let world = World::at("2027-03-02T10:00:00Z").await;
    let desk = world.desk("");
    let control = world.control();
    control.begin_downtime(&Downtime::now(DowntimeKind::Failure));
    {
        let mut watcher = watch(&desk);
        assert_eq!(
            names(&told(&mut watcher).await),
            ["started", "lost", "outage-announced"]
        );
    }
    // The desk is opened anew, as by another process.
    let desk = world.desk("");
    {
        let mut watcher = watch(&desk);
        let start = told(&mut watcher).await;
        assert_eq!(
            (names(&start), &start[0]["mode"]),
            (vec!["started"], &json!("emergency"))
        );
    }
    // While nobody watches the failure ends, and another one comes and goes.
    control.end_downtime();
    control.begin_downtime(&Downtime::now(DowntimeKind::Failure));
    world.set_now("2027-03-02T12:00:00Z");
    control.end_downtime();
    {
        let mut watcher = watch(&desk);
        let late = told(&mut watcher).await;
        assert_eq!(
            names(&late),
            [
                "started",
                "restored",
                "outage-ended",
                "outage-announced",
                "outage-ended"
            ]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_handed_over_just_before_the_end_is_told_again_and_none_is_lost() {
    let world = World::at("2027-03-02T10:00:00Z").await;
    let desk = world.desk("");
    world
        .control()
        .begin_downtime(&Downtime::now(DowntimeKind::Failure));
    {
        let mut watcher = watch(&desk);
        assert!(matches!(watcher.next().await, WatchEvent::Started { .. }));
        assert!(matches!(watcher.next().await, WatchEvent::Lost { .. }));
        // Ends here: the announcement was found and not handed over.
    }
    let mut watcher = watch(&desk);
    assert_eq!(
        names(&told(&mut watcher).await),
        ["started", "lost", "outage-announced"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_over_before_anybody_watched_is_history() {
    let world = World::at("2027-03-02T10:00:00Z").await;
    let desk = world.desk("");
    world
        .control()
        .begin_downtime(&Downtime::now(DowntimeKind::Failure));
    world.set_now("2027-03-02T11:00:00Z");
    world.control().end_downtime();
    desk.availability().await.unwrap();
    let mut watcher = watch(&desk);
    assert_eq!(names(&told(&mut watcher).await), ["started"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_understood_is_told_once_and_a_failing_latarnia_withdraws_nothing() {
    let world = World::at("2027-03-02T10:00:00Z").await;
    let desk = world.desk("");
    let control = world.control();
    control.announce(vec![
        json!({"id": "K/1"}),
        json!({"id": "K/2", "eventId": 2, "category": "FAILURE", "type": "FAILURE_NEWS", "start": "2027-03-02T09:00:00Z"}),
    ]);
    let mut watcher = watch(&desk);
    assert_eq!(
        names(&told(&mut watcher).await),
        ["started", "message-unrecognised", "message-unreadable"]
    );
    control.fail_latarnia(true);
    assert!(told(&mut watcher).await.is_empty());
    control.silence_latarnia(true);
    assert!(told(&mut watcher).await.is_empty());
    control.silence_latarnia(false);
    control.fail_latarnia(false);
    assert!(told(&mut watcher).await.is_empty());
}
