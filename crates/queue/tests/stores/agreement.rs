//! Any sequence of operations has the same results on every store, and the invariants hold after each.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use ksef_offline_queue::{
    ArchiveQuery, Codes, Entry, EntryId, InvoiceStatus, Lease, ListQuery, NewEntry, Outcome, Queue,
    QueueError, SessionState,
};
use proptest::prelude::*;

use crate::fixture::{
    accepted, at, batch, becomes, codes, context, day, document, pending, signed, status,
};

#[derive(Debug, Clone)]
enum Step {
    Issue {
        number: u8,
        ready: bool,
    },
    Sign(usize),
    Delete(usize),
    Deadline {
        entry: usize,
        day: Option<i8>,
    },
    Begin {
        session: u8,
        first: usize,
        count: usize,
    },
    Settle {
        session: u8,
        entry: usize,
        kind: u8,
        state: Option<u8>,
    },
    Resolve {
        entry: usize,
        number: u8,
        kind: u8,
    },
    Takeover,
}

fn step() -> impl Strategy<Value = Step> {
    let entry = 0..6_usize;
    prop_oneof![
        4 => (0..6_u8, any::<bool>()).prop_map(|(number, ready)| Step::Issue { number, ready }),
        1 => entry.clone().prop_map(Step::Sign),
        1 => entry.clone().prop_map(Step::Delete),
        1 => (entry.clone(), prop::option::of(20..30_i8))
            .prop_map(|(entry, day)| Step::Deadline { entry, day }),
        4 => (0..4_u8, entry.clone(), 1..4_usize)
            .prop_map(|(session, first, count)| Step::Begin { session, first, count }),
        6 => (0..4_u8, entry, 0..4_u8, prop::option::of(0..6_u8))
            .prop_map(|(session, entry, kind, state)| Step::Settle { session, entry, kind, state }),
        2 => (0..6_usize, 0..6_u8, 0..3_u8)
            .prop_map(|(entry, number, kind)| Step::Resolve { entry, number, kind }),
        1 => Just(Step::Takeover),
    ]
}

/// Runs one step; the text is all that a caller could see of its result.
fn run(queue: &Queue, lease: &mut Lease, ids: &[EntryId], step: &Step, second: i64) -> String {
    let at = at(second);
    match step {
        Step::Issue { number, ready } => {
            let new = NewEntry {
                id: ids[usize::from(*number)].clone(),
                codes: ready.then(codes),
                ..pending(&format!("FV/{number}"))
            };
            format!("{:?}", queue.issue(&new, at))
        }
        Step::Sign(entry) => {
            let signed: [(EntryId, Codes); 1] = [(ids[*entry].clone(), codes())];
            format!("{:?}", queue.sign(&signed, at))
        }
        Step::Delete(entry) => format!("{:?}", queue.delete(&ids[*entry], at)),
        Step::Deadline { entry, day: due } => {
            let days = [(ids[*entry].clone(), due.map(day))];
            format!("{:?}", queue.set_deadlines(&days, at))
        }
        Step::Begin {
            session,
            first,
            count,
        } => {
            let chosen: Vec<Entry> = queue
                .entries(&ids[*first..ids.len().min(first + count)])
                .unwrap();
            let new = batch(u128::from(*session), &chosen.iter().collect::<Vec<_>>());
            format!("{:?}", queue.begin_session(lease, &new, at))
        }
        Step::Settle {
            session,
            entry,
            kind,
            state,
        } => {
            let outcome = match kind {
                0 => accepted(*entry as u64),
                1 => Outcome::Rejected(status(450)),
                2 => Outcome::Released(None),
                _ => Outcome::InProgress(status(150)),
            };
            let reference = crate::fixture::session_reference(u128::from(*session));
            let progress = state.map(|n| becomes(SessionState::ALL[usize::from(n)]));
            let outcomes = [(ids[*entry].clone(), outcome)];
            let settled = queue.settle(lease, &reference, &outcomes, progress.as_ref(), at);
            format!("{settled:?}")
        }
        Step::Resolve {
            entry,
            number,
            kind,
        } => {
            let rejected = &ids[*entry];
            let new = NewEntry {
                id: ids[usize::from(*number)].clone(),
                document: document(&format!("FV/{number}"), "Poprawiona", day(23)),
                ..signed("x")
            };
            match kind {
                0 => format!("{:?}", queue.correct(rejected, &new, at)),
                1 => format!("{:?}", queue.replace(rejected, &new, at)),
                _ => format!("{:?}", queue.give_up(rejected, "nic z tego", at)),
            }
        }
        Step::Takeover => {
            let lost = lease.clone();
            queue.release_sender(lease, at).unwrap();
            *lease = queue
                .acquire_sender(&context(), "next", at, SignedDuration::from_hours(9))
                .unwrap();
            let late = queue.part_uploaded(&lost, &crate::fixture::session_reference(1), 1, at);
            assert_eq!(late, Err(QueueError::LeaseLost));
            format!("{lease:?}")
        }
    }
}

/// Everything a caller can read.
fn whole(queue: &Queue, ids: &[EntryId]) -> impl PartialEq + core::fmt::Debug + use<> {
    (
        queue.list(&ListQuery::default()).unwrap(),
        queue.archive(&ArchiveQuery::default()).unwrap(),
        queue.counts(None).unwrap(),
        queue.open_sessions(None).unwrap(),
        BTreeSet::from_iter(queue.replaced_by(ids).unwrap()),
        ids.iter()
            .map(|id| queue.history(id).unwrap())
            .collect::<Vec<_>>(),
    )
}

fn check_invariants(queue: &Queue) {
    let open: Vec<_> = queue
        .open_sessions(None)
        .unwrap()
        .into_iter()
        .map(|session| session.reference)
        .collect();
    queue.check_waiting(&context()).unwrap();
    for entry in queue.list(&ListQuery::default()).unwrap().entries {
        // What is in processing can always be found again through an open session.
        if entry.status == InvoiceStatus::Processing {
            assert!(open.contains(entry.session.as_ref().unwrap()));
        }
        assert_eq!(
            entry.rejection().is_some(),
            entry.status == InvoiceStatus::Error
        );
        let last = queue.history(&entry.id).unwrap().pop().unwrap();
        assert_eq!(last.status, Some(entry.status));
    }
}

/// Runs the same steps on both queues: each has the same result, and in the end they tell the same story.
fn agree(one: &Queue, other: &Queue, steps: &[Step]) -> Result<(), TestCaseError> {
    let ids: Vec<EntryId> = (0..6).map(|_| signed("x").id).collect();
    let hours = SignedDuration::from_hours(9);
    let lease = |queue: &Queue| {
        queue
            .acquire_sender(&context(), "one", at(0), hours)
            .unwrap()
    };
    let (mut one_lease, mut other_lease) = (lease(one), lease(other));
    for (second, step) in (1..).zip(steps) {
        let first = run(one, &mut one_lease, &ids, step, second);
        let second = run(other, &mut other_lease, &ids, step, second);
        prop_assert_eq!(first, second);
    }
    check_invariants(one);
    prop_assert_eq!(whole(one, &ids), whole(other, &ids));
    one.check().unwrap();
    Ok(())
}

#[cfg(feature = "sqlite")]
proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_file_and_memory_tell_the_same_story(steps in prop::collection::vec(step(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let file = Queue::open(&folder.path().join("queue.db")).unwrap();
        agree(&file, &Queue::in_memory(), &steps)?;
    }
}

#[cfg(all(feature = "postgres", unix))]
proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_server_and_memory_tell_the_same_story(steps in prop::collection::vec(step(), 1..40)) {
        let Some(server) = ksef_offline_test_postgres::Server::shared() else {
            return Ok(());
        };
        let shared = Queue::connect(&server.fresh_url().parse().unwrap()).unwrap();
        agree(&shared, &Queue::in_memory(), &steps)?;
    }
}
