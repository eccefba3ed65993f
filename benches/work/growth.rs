//! How time grows with the queue.

use std::path::Path;

use ksef_offline::IssueFile;
use ksef_offline_benches::{claim_and_release, invoice_numbered, lease, now};
use serde_json::{Value, json};

use crate::clock::{Watch, middle};
use crate::desk::{OFFLINE24, at};

/// Invoices issued by one call: enough that what is done once a call does not count.
const CALL: usize = 1000;
/// Each question is asked this often; the middle counts.
const TIMES: usize = 15;

/// Issues until there are `most`, ten times more again and again from 100 on. At each size: the time of the processor that
/// one of the next invoices takes, and the time of a list and of picking, claiming and releasing 100.
pub fn measure(home: &Path, most: usize) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let desk = at(home);
    let mut number = 0;
    let mut issue = |count: usize| {
        let files: Vec<IssueFile> = (0..count)
            .map(|_| {
                number += 1;
                IssueFile {
                    source: format!("/in/{number}.xml"),
                    bytes: Ok(invoice_numbered(number)),
                }
            })
            .collect();
        let watch = Watch::start();
        let report = runtime.block_on(desk.issue(&files, OFFLINE24)).unwrap();
        assert_eq!(report.issued.len(), count);
        watch.processor() / count as f64
    };
    let (mut sizes, mut there, mut size) = (Vec::new(), 0, 100);
    while size <= most {
        while there < size {
            let count = CALL.min(size - there);
            issue(count);
            there += count;
        }
        let mut calls: Vec<f64> = (0..3).map(|_| issue(CALL)).collect();
        there += 3 * CALL;
        let mut lists: Vec<f64> = (0..TIMES)
            .map(|_| timed(|| drop(desk.list(None, 100, None).unwrap())))
            .collect();
        let mut round = size as u128 * 1000;
        let mut claims: Vec<f64> = (0..TIMES)
            .map(|_| {
                round += 1;
                timed(|| claim(&desk, round))
            })
            .collect();
        sizes.push(json!({
            "invoices": size,
            "issue": middle(&mut calls),
            "list": middle(&mut lists),
            "claim": middle(&mut claims),
        }));
        size *= 10;
    }
    json!({ "sizes": sizes })
}

fn timed(mut work: impl FnMut()) -> f64 {
    let watch = Watch::start();
    work();
    watch.wall()
}

/// Leases the context, picks 100, claims them for a session, and gives all back.
fn claim(desk: &ksef_offline::Desk, round: u128) {
    let (queue, context) = (desk.queue(), &desk.config().context);
    let lease = lease(queue, context);
    claim_and_release(queue, &lease, context, round);
    queue.release_sender(&lease, now()).unwrap();
}
