//! The watcher of KSeF and Latarnia: what it finds, how often it asks, and that nothing ends it.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[allow(dead_code, reason = "shared with tests that look closer at requests")]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use ksef_offline_client::{KsefClient, Timeouts, WatchPace};
use ksef_offline_core::deadline::{LatarniaAnswer, LatarniaStatus, Reachability};
use serde_json::json;
use server::{Server, answer, context};

const SIGN: &str = "GET /v2/security/public-key-certificates";
const QUICK: Duration = Duration::from_millis(20);

fn client(server: &Server) -> KsefClient {
    KsefClient::builder(server.environment(), context())
        .timeouts(Timeouts {
            probe: Duration::from_millis(500),
            ..Timeouts::default()
        })
        .build()
        .unwrap()
}

fn available() -> Response {
    answer(200, &json!({"status": "AVAILABLE"}))
}

fn told(wait: u32) -> Response {
    (
        StatusCode::TOO_MANY_REQUESTS,
        [("retry-after", wait.to_string())],
        "",
    )
        .into_response()
}

#[tokio::test]
async fn loss_and_return_are_found_and_each_error_is_only_a_finding() {
    let down = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&down);
    let server = Server::start(move |asked, _| {
        let down = seen.load(Ordering::SeqCst);
        match asked.line().as_str() {
            SIGN if down => Some((StatusCode::SERVICE_UNAVAILABLE, "<html>").into_response()),
            "GET /latarnia/status" if down => Some(StatusCode::BAD_GATEWAY.into_response()),
            "GET /latarnia/status" => Some(available()),
            "GET /latarnia/messages" => Some(answer(200, &json!([{"id": "K/1"}]))),
            _ => None,
        }
    })
    .await;
    let mut watcher = client(&server).watcher(WatchPace::every(QUICK));
    let up = watcher.next().await;
    assert_eq!(up.ksef, Reachability::Reachable);
    assert_eq!(
        up.latarnia,
        LatarniaAnswer::Status(LatarniaStatus::Available)
    );
    assert_eq!(up.messages.unreadable.len(), 1);
    down.store(true, Ordering::SeqCst);
    for _ in 0..3 {
        let lost = watcher.next().await;
        assert_eq!(
            (lost.ksef, lost.latarnia),
            (Reachability::Failing, LatarniaAnswer::Failing)
        );
    }
    down.store(false, Ordering::SeqCst);
    assert_eq!(watcher.next().await.ksef, Reachability::Reachable);
}

#[tokio::test]
async fn one_call_in_vain_is_no_loss() {
    let server = Server::start(|asked, before| match asked.line().as_str() {
        // The second and the fifth call fail.
        SIGN if before % 3 == 1 => Some(StatusCode::BAD_GATEWAY.into_response()),
        "GET /latarnia/status" => Some(available()),
        _ => None,
    })
    .await;
    let mut watcher = client(&server).watcher(WatchPace::every(QUICK));
    for _ in 0..4 {
        assert_eq!(watcher.next().await.ksef, Reachability::Reachable);
    }
    assert_eq!(server.count(SIGN), 6);
}

#[tokio::test]
async fn who_asks_to_be_left_alone_is_and_the_other_is_asked_on() {
    let server = Server::start(|asked, _| match asked.line().as_str() {
        SIGN => Some(told(3600)),
        "GET /latarnia/status" => Some(available()),
        "GET /latarnia/messages" => Some(answer(200, &json!([]))),
        _ => None,
    })
    .await;
    let mut watcher = client(&server).watcher(WatchPace::every(QUICK));
    for _ in 0..4 {
        // A refusal for too many calls comes from a KSeF that works.
        assert_eq!(watcher.next().await.ksef, Reachability::Reachable);
    }
    assert_eq!(server.count(SIGN), 1);
    assert_eq!(server.count("GET /latarnia/status"), 4);
}

#[tokio::test]
async fn a_latarnia_that_asks_to_be_left_alone_is_too_and_keeps_its_last_word() {
    let server = Server::start(|asked, before| match asked.line().as_str() {
        "GET /latarnia/status" if before == 0 => Some(available()),
        "GET /latarnia/status" => Some(told(3600)),
        "GET /latarnia/messages" => Some(answer(200, &json!([]))),
        _ => None,
    })
    .await;
    let mut watcher = client(&server).watcher(WatchPace::every(QUICK));
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(watcher.next().await.latarnia);
    }
    assert_eq!(
        answers[0],
        LatarniaAnswer::Status(LatarniaStatus::Available)
    );
    assert!(
        answers[1..]
            .iter()
            .all(|answer| *answer == LatarniaAnswer::Failing)
    );
    assert_eq!(server.count("GET /latarnia/status"), 2);
    assert_eq!(server.count(SIGN), 4);
}

#[tokio::test]
async fn rounds_are_as_far_apart_as_the_pace_says_and_farther_in_vain() {
    let server = Server::start(|asked, _| {
        (asked.line() == SIGN).then(|| StatusCode::BAD_GATEWAY.into_response())
    })
    .await;
    let pace = WatchPace {
        jitter: 0,
        ..WatchPace::every(Duration::from_millis(60))
    };
    let mut watcher = client(&server).watcher(pace);
    let began = Instant::now();
    watcher.next().await;
    let first = began.elapsed();
    watcher.next().await;
    watcher.next().await;
    // The first round looked twice. Then one wait of 60 ms, one of 120 ms.
    assert!(began.elapsed() >= first + Duration::from_millis(180));
}

#[tokio::test]
async fn a_watcher_that_is_stopped_while_it_waits_loses_nothing() {
    let server = Server::start(|_, _| None).await;
    let mut watcher = client(&server).watcher(WatchPace::every(Duration::from_hours(1)));
    watcher.next().await;
    let stopped = tokio::time::timeout(Duration::from_millis(50), watcher.next()).await;
    assert!(stopped.is_err());
    assert_eq!(server.count(SIGN), 1);
}

#[tokio::test]
async fn nobody_answering_is_no_error_and_told_from_a_server_that_fails() {
    let nobody = ksef_offline_core::environment::Environment::custom(
        "http://127.0.0.1:1/v2",
        "http://127.0.0.1:1",
        "qr.example",
    );
    let client = KsefClient::builder(nobody.unwrap(), context())
        .build()
        .unwrap();
    let found = client.observe().await;
    assert_eq!(
        (found.ksef, found.latarnia),
        (Reachability::Unreachable, LatarniaAnswer::Silent)
    );
    assert!(found.messages.messages.is_empty());
}
