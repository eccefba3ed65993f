//! How long programs take to start.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use ksef_offline_queue::Queue;
use serde_json::{Value, json};

use crate::clock::middle;

/// `true`, the program's version, its list of the queue at `home`, and the opening of that queue's file in this process, in
/// turns; the middle of all rounds.
pub fn measure(rounds: usize, home: &Path, program: &str) -> Value {
    let home_text = home.to_str().unwrap();
    let list = ["--json", "--home", home_text, "list"];
    let mut times: [Vec<f64>; 4] = Default::default();
    for _ in 0..rounds {
        times[0].push(timed(|| run("true", &[])));
        times[1].push(timed(|| run(program, &["--version"])));
        times[2].push(timed(|| run(program, &list)));
        times[3].push(timed(|| drop(Queue::open(&home.join("queue.db")).unwrap())));
    }
    let [bare, version, list, open] = times.map(|mut times| middle(&mut times));
    json!({ "true": bare, "version": version, "list": list, "open": open })
}

fn run(program: &str, arguments: &[&str]) {
    let mut command = Command::new(program);
    command.args(arguments).stdout(Stdio::null());
    assert!(command.status().unwrap().success());
}

fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    start.elapsed().as_secs_f64()
}
