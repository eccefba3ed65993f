//! Queues written by every earlier schema version open, and tell the same story as one that is filled today.

use std::path::{Path, PathBuf};

use ksef_offline_queue::{
    ArchiveQuery, EntryId, ListQuery, NewEntry, NewReceipt, Outcome, Queue, QueueError,
    SessionState, TimelineMessage,
};

use crate::fixture::{
    accepted, at, batch, becomes, context, day, document, lease, other_context, pending,
    session_reference, signed, status,
};

/// The schema versions whose queues lie in `tests/stored/`, each as `v1.db`, `v2.db` and so on.
const STORED: [i64; 2] = [1, 2];

fn stored(version: i64) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/stored/v{version}.db"))
}

/// Ids that are the same in every run.
fn id(place: u8) -> EntryId {
    EntryId::parse(&format!("20261123-070000123-{place:06x}0123456789")).unwrap()
}

fn named(new: NewEntry, place: u8) -> NewEntry {
    NewEntry {
        id: id(place),
        ..new
    }
}

/// One invoice in each status, one that was deleted, a session that ended and one that is open, a receipt, messages of
/// Latarnia, a value, and two contexts: all that schema version 1 can hold.
pub(crate) fn fill(queue: &Queue) {
    let new = [
        named(pending("FV/0"), 0),
        named(signed("FV/1"), 1),
        named(signed("FV/2"), 2),
        named(signed("FV/3"), 3),
        named(signed("FV/4"), 4),
        named(signed("FV/5"), 5),
        named(
            NewEntry {
                document: document("FV/6", "Ktoś inny", day(22)),
                context: other_context(),
                due: None,
                source: None,
                ..signed("FV/6")
            },
            6,
        ),
    ];
    for issued in queue.issue_many(&new, at(0)).unwrap() {
        assert!(!issued.unwrap().was_there);
    }
    let lease = lease(queue);
    let entries = |places: &[u8]| {
        let ids: Vec<EntryId> = places.iter().map(|place| id(*place)).collect();
        queue.entries(&ids).unwrap()
    };
    let first = entries(&[2, 3, 4]);
    let session = batch(1, &first.iter().collect::<Vec<_>>());
    queue.begin_session(&lease, &session, at(1)).unwrap();
    queue
        .part_uploaded(&lease, &session.reference, 2, at(2))
        .unwrap();
    let outcomes = [
        (id(2), accepted(7)),
        (id(3), Outcome::Rejected(status(450))),
        (id(4), Outcome::Rejected(status(440))),
    ];
    let done = becomes(SessionState::Completed);
    queue
        .settle(&lease, &session.reference, &outcomes, Some(&done), at(3))
        .unwrap();
    queue.delete(&id(4), at(4)).unwrap();
    let receipt = NewReceipt {
        bytes: b"<Potwierdzenie/>".to_vec(),
        session: Some(session.reference),
        entries: vec![id(2)],
    };
    queue.store_receipt(&receipt, at(5)).unwrap();
    let second = entries(&[5]);
    let open = batch(2, &second.iter().collect::<Vec<_>>());
    queue.begin_session(&lease, &open, at(6)).unwrap();
    queue.set_deadlines(&[(id(1), None)], at(7)).unwrap();
    let message = TimelineMessage {
        id: "K/2026/AWR/01".to_owned(),
        version: 3,
        json: "{\"title\":\"Awaria\"}".to_owned(),
    };
    queue.merge_timeline(&[message]).unwrap();
    queue.set_value("deadlines-at", Some("2026")).unwrap();
}

/// Everything that can be asked of such a queue.
pub(crate) fn story(queue: &Queue) -> Result<String, QueueError> {
    use core::fmt::Write as _;
    let mut told = String::new();
    let mut all = queue.list(&ListQuery::default())?.entries;
    all.extend(queue.archive(&ArchiveQuery::default())?.entries);
    for entry in all {
        let id = &entry.id;
        let facts = (&entry.facts.number, &entry.facts.buyer, &entry.facts.gross);
        let codes = (&entry.code_one, &entry.code_two, &entry.certificate);
        let times = (entry.created, entry.updated, entry.archived);
        let answers = (&entry.answer, &entry.ksef_number, &entry.source);
        writeln!(told, "{entry:?} {facts:?} {codes:?} {times:?} {answers:?}").unwrap();
        writeln!(
            told,
            "{:?} {:?} {:?} {:?} {:?}",
            queue.document(id)?,
            queue.signature(id)?,
            queue.evidence(id)?,
            queue.receipt(id)?.map(|receipt| receipt.bytes),
            queue.by_hash(&entry.hash)?.map(|found| found.id)
        )
        .unwrap();
    }
    for place in 0..7 {
        writeln!(told, "{:?}", queue.history(&id(place))?).unwrap();
    }
    for number in 1..3 {
        let reference = session_reference(number);
        writeln!(told, "{:?}", queue.session(&reference)?).unwrap();
        writeln!(told, "{:?}", queue.session_invoices(&reference)?).unwrap();
    }
    writeln!(told, "{:?}", queue.counts(None)?).unwrap();
    writeln!(told, "{:?}", queue.counts(Some(&context()))?).unwrap();
    writeln!(told, "{:?}", queue.open_sessions(None)?).unwrap();
    writeln!(told, "{:?}", queue.timeline()?).unwrap();
    writeln!(told, "{:?}", queue.value("deadlines-at")?).unwrap();
    Ok(told)
}

#[test]
fn a_queue_of_every_earlier_version_tells_the_same_story() {
    let fresh = Queue::in_memory();
    fill(&fresh);
    for version in STORED {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("queue.db");
        std::fs::copy(stored(version), &path).unwrap();
        let queue = Queue::open(&path).unwrap();
        assert_eq!(
            story(&queue).unwrap(),
            story(&fresh).unwrap(),
            "version {version}"
        );
        queue.check().unwrap();
        queue.check_waiting(&context()).unwrap();
        for (buyer, found) in [("ćwik", 1), ("ĆW", 1), ("Ktoś inny", 0)] {
            let query = ArchiveQuery {
                buyer: Some(buyer.to_owned()),
                ..ArchiveQuery::default()
            };
            let page = queue.archive(&query).unwrap();
            assert_eq!(page.entries.len(), found, "{buyer}");
        }
        // It is a queue like any other: what was interrupted goes on, and the old rules of numbers hold.
        let taken = queue.issue(&signed("FV/0"), at(9)).unwrap();
        assert!(taken.was_there);
        let clash = NewEntry {
            document: document("FV/1", "Ktoś trzeci", day(23)),
            ..signed("FV/1")
        };
        let refused = queue.issue(&clash, at(9)).unwrap_err();
        assert_eq!(refused, QueueError::DuplicateNumber { existing: id(1) });
        let outcomes = [(id(5), accepted(8))];
        let done = becomes(SessionState::Completed);
        let settled = queue
            .settle(
                &lease(&queue),
                &session_reference(2),
                &outcomes,
                Some(&done),
                at(10),
            )
            .unwrap();
        assert_eq!(settled.len(), 1);
        drop(queue);
        let again = Queue::open(&path).unwrap();
        assert_eq!(again.counts(None).unwrap().sent, 2);
        again.check().unwrap();
    }
}

/// To be run once when a schema version is finished, before the next one is begun:
/// `cargo test -p ksef-offline-queue --test stores -- --ignored stored`.
#[test]
#[ignore = "writes the queue of the present schema version into tests/stored/"]
fn write_the_queue_of_the_present_version() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let queue = Queue::open(&path).unwrap();
    fill(&queue);
    let copy = folder.path().join("copy.db");
    queue.backup(&copy).unwrap();
    let target = stored(i64::try_from(STORED.len()).unwrap() + 1);
    assert!(!target.exists(), "{} is there already", target.display());
    std::fs::copy(&copy, target).unwrap();
}
