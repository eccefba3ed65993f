//! Senders killed at random moments, again and again, and one that is let live.

use std::collections::BTreeMap;
use std::process::Child;
use std::time::{Duration, Instant};

use ksef_offline_simulator::LoggedRequest;

use crate::dice::Dice;
use crate::world::World;

/// Kills of an ordinary `cargo test`, those at named steps among them.
const KILLS: usize = 50;
/// A sender that has not come to its end by then never will.
const PATIENCE: Duration = Duration::from_mins(2);

/// Every named step, and where one has to have died before that.
const STEPS: [&[&str]; 17] = [
    &["issue/before"],
    &["issue/after"],
    &["lease/before"],
    &["lease/after"],
    // KSeF has an open session that nobody here knows of.
    &["begin-session/before"],
    &["begin-session/after"],
    &["part/before"],
    &["part/after"],
    // Closed at KSeF, and its answer is lost here.
    &["closed/before"],
    &["closed/after"],
    &["settled/before"],
    &["settled/after"],
    &["receipt/before"],
    &["receipt/after"],
    // The one that was to clear up dies over it: a session is given up only when what was packed is gone.
    &["begin-session/after", "abandoned/before"],
    &["begin-session/after", "abandoned/after"],
    &["closed/before", "settled/before"],
];

#[test]
fn whenever_a_sender_is_killed_every_invoice_arrives_once() {
    let enough = std::env::var("CRASH_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(KILLS);
    let mut dice = Dice::from_environment();
    let mut world = World::new();
    let whole = undisturbed(&mut world);
    println!(
        "an undisturbed sender takes {:?} and {} requests",
        whole.time, whole.requests
    );
    let mut kills = at_every_step(&mut world);
    let mut hits: BTreeMap<&str, usize> = BTreeMap::new();
    let mut round = STEPS.len();
    while kills < enough {
        round += 1;
        world.prepare(round);
        let mut story = format!("round {round}");
        for _ in 0..=dice.below(3) {
            world.forget_requests();
            let phase = killed(&world, &mut dice, &whole);
            *hits.entry(phase).or_default() += 1;
            story = format!("{story}, killed {phase}");
            kills += usize::from(phase != ENDED);
        }
        world.forget_requests();
        finish(world.sender(), &story);
        world.check(&story);
    }
    world.check_all("in the end");
    println!("{kills} kills; those at random by what the sender had last asked KSeF:");
    for (phase, count) in &hits {
        println!("  {count:4} {phase}");
    }
    println!("invoices answered 440: {}", world.duplicates());
}

/// Dies once at every named step; how often it died.
fn at_every_step(world: &mut World) -> usize {
    use std::os::unix::process::ExitStatusExt as _;
    let mut kills = 0;
    for (place, steps) in STEPS.iter().enumerate() {
        world.prepare(place + 1);
        for step in *steps {
            if step.starts_with("abandoned/") {
                world.lose_parts();
            }
            let output = world.dying_sender(step).wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            // A step that is never come to is no step.
            assert!(output.status.signal().is_some(), "{step}: {said}");
            kills += 1;
        }
        world.forget_requests();
        let story = steps.join(", then ");
        finish(world.sender(), &story);
        world.check(&story);
    }
    kills
}

/// What a sender takes that nobody kills.
struct Whole {
    time: Duration,
    requests: usize,
}

/// Lets one sender live.
fn undisturbed(world: &mut World) -> Whole {
    world.prepare(0);
    world.forget_requests();
    let start = Instant::now();
    finish(world.sender(), "round 0");
    let whole = Whole {
        time: start.elapsed(),
        requests: world.requests().len(),
    };
    world.check("round 0");
    whole
}

const ENDED: &str = "after it had ended";

/// Starts a sender and kills it: one in four after a random time, the others after a random number of requests, because
/// those crowd together; of these every second one before it has the answer. Says how far it had come.
fn killed(world: &World, dice: &mut Dice, whole: &Whole) -> &'static str {
    let mut sender = world.sender();
    if dice.below(4) == 0 {
        let micros = u64::try_from(whole.time.as_micros()).unwrap();
        std::thread::sleep(Duration::from_micros(dice.below(micros)));
    } else {
        let enough = 1 + dice.below(u64::try_from(whole.requests).unwrap());
        let enough = usize::try_from(enough).unwrap();
        let start = Instant::now();
        while world.requests().len() < enough
            && sender.try_wait().unwrap().is_none()
            && start.elapsed() < PATIENCE
        {
            std::thread::sleep(Duration::from_micros(100));
        }
        if dice.below(2) == 0 {
            std::thread::sleep(Duration::from_micros(dice.below(5000)));
        }
    }
    let ended = sender.try_wait().unwrap().is_some();
    sender.kill().unwrap();
    sender.wait().unwrap();
    if ended {
        ENDED
    } else {
        phase(&world.requests())
    }
}

/// The last thing that KSeF heard of a sender, other than a look at a status.
fn phase(requests: &[LoggedRequest]) -> &'static str {
    requests
        .iter()
        .rev()
        .find_map(|request| {
            let path = request.path.as_str();
            if path.starts_with("/storage/upo") || path.contains("/upo") {
                Some("while it fetched receipts")
            } else if path.starts_with("/storage/parts") {
                Some("after an upload")
            } else if path == "/v2/sessions/batch" {
                Some("after a session was opened")
            } else if path.ends_with("/close") {
                Some("after a session was closed")
            } else if path.contains("/invoices") {
                Some("while it followed a session")
            } else if path.starts_with("/v2/auth") {
                Some("while it logged in")
            } else {
                None
            }
        })
        .unwrap_or("before it logged in")
}

fn finish(mut sender: Child, told: &str) {
    let start = Instant::now();
    while sender.try_wait().unwrap().is_none() {
        if start.elapsed() > PATIENCE {
            sender.kill().unwrap();
            sender.wait().unwrap();
            panic!("{told}: the sender that was let live does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = sender.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}: {}: {said}", output.status);
}
