//! Answers questions about deadlines, one a line: JSON in, JSON out.
//!
//! ```text
//! {"mode":"offline24","issued":"2026-03-02","policy":"statutory","now":"2026-03-03T10:00:00Z","messages":[…]}
//! {"state":"due","due":"2026-03-12","basis":"art. 106nda","unreadable":0}
//! ```
//!
//! `messages` is the JSON of Latarnia's `GET /messages`; with `batches` in its place, an array of such arrays, each is
//! merged into one history in turn. The conformance tests compare this with a calculation that is not ours.

#![allow(clippy::print_stdout, clippy::print_stderr)] // A program prints.

use std::io::BufRead as _;
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::Date;
use ksef_offline_core::deadline::{MessageList, OfflineMode, Policy, Timeline, deadline};
use serde::Deserialize;

#[derive(Deserialize)]
struct Question {
    mode: String,
    issued: Date,
    policy: String,
    now: Timestamp,
    #[serde(default)]
    messages: MessageList,
    #[serde(default)]
    batches: Vec<MessageList>,
}

fn main() -> ExitCode {
    for line in std::io::stdin().lock().lines() {
        let answer = line
            .map_err(|error| error.to_string())
            .and_then(|line| answer(&line));
        match answer {
            Ok(answer) => println!("{answer}"),
            Err(fault) => {
                eprintln!("{fault}");
                return ExitCode::from(2);
            }
        }
    }
    ExitCode::SUCCESS
}

fn answer(line: &str) -> Result<serde_json::Value, String> {
    let question: Question = serde_json::from_str(line).map_err(|error| error.to_string())?;
    let mode = OfflineMode::from_name(&question.mode).ok_or("an unknown mode")?;
    let policy = Policy::from_name(&question.policy).ok_or("an unknown policy")?;
    let mut timeline = Timeline::default();
    let mut unreadable = 0;
    for list in question.batches.iter().chain([&question.messages]) {
        timeline.merge(&list.messages);
        unreadable += list.unreadable.len();
    }
    let found = deadline(mode, question.issued, &timeline, &policy, question.now);
    Ok(serde_json::json!({
        "state": found.state.name(),
        "due": found.due,
        "basis": found.basis,
        "provisions": found.provisions,
        "explanation": { "pl": found.explanation.pl, "en": found.explanation.en },
        "unreadable": unreadable,
    }))
}
