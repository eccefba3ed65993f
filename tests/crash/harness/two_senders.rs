//! Two senders on one home at the same time.

use std::process::Child;
use std::time::Duration;

use crate::dice::Dice;
use crate::world::World;

#[test]
fn two_senders_at_once_send_every_invoice_once() {
    let mut world = World::new();
    for round in 0..3 {
        world.prepare(round);
        for sender in [world.sender(), world.sender()] {
            succeeds(sender);
        }
        world.check(&format!("round {round}"));
    }
    assert_eq!(world.duplicates(), 0, "one of them sent blindly");
}

#[test]
fn a_sender_that_waits_takes_over_when_the_other_one_is_killed() {
    let mut dice = Dice::from_environment();
    let mut world = World::new();
    for round in 0..5 {
        world.prepare(round);
        let mut first = world.sender();
        std::thread::sleep(Duration::from_millis(50));
        let second = world.sender();
        std::thread::sleep(Duration::from_millis(dice.below(600)));
        first.kill().unwrap();
        first.wait().unwrap();
        succeeds(second);
        world.check(&format!("round {round}"));
    }
}

fn succeeds(sender: Child) {
    let output = sender.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {told}", output.status);
}
