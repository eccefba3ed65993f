//! Two senders on one home at the same time.

use crate::world::World;

#[test]
fn two_senders_at_once_send_every_invoice_once() {
    let mut world = World::new();
    for round in 0..3 {
        world.issue(round);
        for sender in [world.sender(), world.sender()] {
            let output = sender.wait_with_output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {told}", output.status);
        }
        world.check(&format!("round {round}"));
    }
    assert_eq!(world.duplicates(), 0, "one of them sent blindly");
}
