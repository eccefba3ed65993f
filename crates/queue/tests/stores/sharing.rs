//! Many workers on one queue: each asks for a context that has work and is nobody else's.

use jiff::SignedDuration;
use ksef_offline_core::identifier::ContextIdentifier;
use ksef_offline_queue::{Lease, NewEntry, NewReceipt, Queue};

use crate::fixture::{archive, at, context, issue, other_context, pending, signed};

const MINUTE: SignedDuration = SignedDuration::from_secs(60);

fn of(context: &ContextIdentifier, number: &str) -> NewEntry {
    NewEntry {
        context: context.clone(),
        ..signed(number)
    }
}

fn claim(queue: &Queue, owner: &str, second: i64) -> Option<Lease> {
    queue.claim_sender(&[], owner, at(second), MINUTE).unwrap()
}

pub(crate) fn workers_get_different_contexts_the_longest_unserved_first(queue: &Queue) {
    let third = ContextIdentifier::parse("Nip:7251804426").unwrap();
    let contexts = [other_context(), context(), third];
    for (place, context) in contexts.iter().enumerate() {
        issue(queue, &of(context, &format!("FV/{place}")));
    }
    let leases: Vec<Lease> = ["a", "b", "c"]
        .into_iter()
        .map(|owner| claim(queue, owner, 0).unwrap())
        .collect();
    let mut given: Vec<_> = leases.iter().map(|lease| lease.context.clone()).collect();
    given.sort();
    let mut all = contexts.to_vec();
    all.sort();
    assert_eq!(given, all);
    assert_eq!(claim(queue, "d", 1), None);
    // Given back in this order: they are served again in this order.
    for (second, place) in [(10, 2), (11, 0), (12, 1)] {
        queue.release_sender(&leases[place], at(second)).unwrap();
    }
    assert_eq!(claim(queue, "d", 20).unwrap().context, leases[2].context);
    // Only among those asked for.
    let among = [leases[2].context.clone(), leases[1].context.clone()];
    let next = queue.claim_sender(&among, "e", at(20), MINUTE).unwrap();
    let next = next.unwrap();
    assert_eq!(next.context, leases[1].context);
    assert_eq!(next.number, leases[1].number + 1);
    assert_eq!(
        queue.claim_sender(&among, "f", at(20), MINUTE).unwrap(),
        None
    );
    // A worker that died is followed when its lease is over.
    let followed = queue.claim_sender(&among, "f", at(80), MINUTE).unwrap();
    assert!(followed.is_some());
}

pub(crate) fn a_context_without_work_is_not_given_out(queue: &Queue) {
    assert_eq!(claim(queue, "a", 0), None);
    // Waiting for a signer is work, and so is a receipt that has not come.
    let waiting = NewEntry {
        context: other_context(),
        ..pending("FV/1")
    };
    issue(queue, &waiting);
    let lease = claim(queue, "a", 0).unwrap();
    assert_eq!(lease.context, other_context());
    let sent = archive(queue, 1, &[signed("FV/2")], 9).pop().unwrap();
    let later = at(4000).duration_since(at(0)).as_secs();
    let lease = queue
        .claim_sender(&[context()], "a", at(later), MINUTE)
        .unwrap();
    assert!(lease.is_some());
    queue.release_sender(&lease.unwrap(), at(later)).unwrap();
    let receipt = NewReceipt {
        bytes: b"<Potwierdzenie/>".to_vec(),
        session: None,
        entries: vec![sent.id],
    };
    queue.store_receipt(&receipt, at(later)).unwrap();
    assert_eq!(
        queue
            .claim_sender(&[context()], "a", at(later), MINUTE)
            .unwrap(),
        None
    );
}
