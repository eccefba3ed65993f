//! A desk and a simulator whose common clock is set from outside: one order a line on standard input, JSON in, JSON out.
//!
//! ```text
//! {"now":"2027-05-24T08:00:00Z"}                 sets both clocks, has the desk look, answers with mode and deadlines
//! {"downtime":{"kind":"failure"}}                as POST /control/downtime
//! {"restore":true}                               as DELETE /control/downtime
//! {"announce":[…]}                               as PUT /control/announcements
//! {"latarnia":{"silent":true,"failing":false}}   as PUT /control/latarnia
//! {"issue":"FV/1"}                               issues an invoice of today in the mode the desk finds out
//! ```
//!
//! The conformance tests live through a fortnight with it and compare every deadline with a calculation that is not ours.

#![allow(clippy::print_stdout)] // A program prints.
#![allow(clippy::unwrap_used)] // Only the tests run it.
#![allow(unreachable_pub)] // Shared with the tests.

#[path = "../tests/world/mod.rs"]
mod world;

use std::collections::BTreeMap;
use std::io::BufRead as _;

use ksef_offline::{Desk, IssueOptions};
use ksef_offline_simulator::Downtime;
use serde::Deserialize;
use serde_json::{Value, json};
use world::{World, invoice};

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    Now(String),
    Downtime(Downtime),
    Restore(bool),
    Announce(Vec<Value>),
    Latarnia { silent: bool, failing: bool },
    Issue(String),
}

#[tokio::main]
async fn main() {
    let mut lines = std::io::stdin().lock().lines();
    let first: Order = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let Order::Now(now) = first else {
        panic!("the first order sets the clock")
    };
    let world = World::at(&now).await;
    let desk = world.desk("");
    println!("{}", look(&desk).await);
    for line in lines {
        let answer = match serde_json::from_str(&line.unwrap()).unwrap() {
            Order::Now(now) => {
                world.set_now(&now);
                look(&desk).await
            }
            Order::Issue(number) => {
                let options = IssueOptions::default();
                let report = desk
                    .issue(&[invoice(&desk, &number)], options)
                    .await
                    .unwrap();
                assert!(report.failed.is_empty(), "{:?}", report.failed);
                json!({ "mode": report.issued[0].mode, "issued": report.issued[0].issue_date })
            }
            order => {
                steer(&world, order);
                Value::Null
            }
        };
        println!("{answer}");
    }
    world.simulator.shutdown().await;
}

fn steer(world: &World, order: Order) {
    let control = world.control();
    match order {
        Order::Downtime(downtime) => {
            control.begin_downtime(&downtime);
        }
        Order::Restore(restore) => {
            if restore {
                control.end_downtime();
            }
        }
        Order::Announce(messages) => control.announce(messages),
        Order::Latarnia { silent, failing } => {
            control.silence_latarnia(silent);
            control.fail_latarnia(failing);
        }
        Order::Now(_) | Order::Issue(_) => {}
    }
}

/// Asks as a watcher does, and gives the mode and every waiting invoice's deadline: as shown, and as the queue is ordered.
async fn look(desk: &Desk) -> Value {
    let found = desk.availability().await.unwrap().view();
    let listed = desk.list(None, 1000, None).unwrap();
    let order: Vec<&str> = listed
        .invoices
        .iter()
        .map(|invoice| invoice.number.as_str())
        .collect();
    let deadlines: BTreeMap<&str, Value> = listed
        .invoices
        .iter()
        .map(|invoice| {
            let deadline = &invoice.deadline;
            let told = json!({ "mode": invoice.mode, "state": deadline.state, "due": deadline.due,
                "overdue": deadline.overdue, "days_left": deadline.days_left, "explanation": deadline.explanation.en });
            (invoice.number.as_str(), told)
        })
        .collect();
    json!({ "mode": found.mode, "cause": found.cause, "reason": found.reason.en, "order": order, "deadlines": deadlines })
}
