//! Technical corrections: entries of their own that take the place of a rejected one.

use ksef_offline_core::Diagnostic as _;
use ksef_offline_queue::{
    Change, Entry, Event, InvoiceStatus, NewEntry, NewSession, Outcome, Queue, SessionKind,
    SessionProgress, SessionState,
};

use crate::fixture::{
    accepted, at, batch, day, document, issue, lease, session_reference, signed, status,
};

/// Sends `entry` in a session of its own that ends with `outcome`.
fn end(queue: &Queue, entry: &Entry, number: u128, outcome: Outcome) {
    let lease = lease(queue);
    let session = NewSession {
        kind: match entry.corrects {
            Some(_) => SessionKind::Interactive,
            None => SessionKind::Batch,
        },
        ..batch(number, &[entry])
    };
    queue.begin_session(&lease, &session, at(1)).unwrap();
    let progress = SessionProgress {
        state: SessionState::Completed,
        status: None,
    };
    queue
        .settle(
            &lease,
            &session.reference,
            &[(entry.id.clone(), outcome)],
            Some(&progress),
            at(2),
        )
        .unwrap();
}

fn rejected(queue: &Queue, number: &str) -> Entry {
    let entry = issue(queue, &signed(number));
    end(queue, &entry, 1, Outcome::Rejected(status(450)));
    queue.entry(&entry.id).unwrap()
}

/// The same invoice with other bytes.
fn fixed(original: &Entry, spelling: &str) -> NewEntry {
    NewEntry {
        document: document(&original.facts.number, spelling, day(23)),
        corrects: Some(original.hash),
        ..signed(&original.facts.number)
    }
}

pub(crate) fn a_correction_takes_the_number_of_what_was_rejected_and_only_that(queue: &Queue) {
    let original = rejected(queue, "FV/1");
    let other = issue(queue, &signed("FV/2"));
    let unlinked = NewEntry {
        corrects: None,
        ..fixed(&original, "first")
    };
    assert_eq!(
        queue.issue(&unlinked, at(3)).unwrap_err().code(),
        "duplicate-number"
    );
    let foreign_number = NewEntry {
        document: document("FV/2", "first", day(23)),
        ..fixed(&original, "first")
    };
    assert_eq!(
        queue.issue(&foreign_number, at(3)).unwrap_err().code(),
        "duplicate-number"
    );
    let of_what_is_not_rejected = NewEntry {
        corrects: Some(other.hash),
        ..fixed(&original, "first")
    };
    assert_eq!(
        queue
            .issue(&of_what_is_not_rejected, at(3))
            .unwrap_err()
            .code(),
        "illegal-move"
    );
    let new = fixed(&original, "first");
    let correction = queue.issue(&new, at(3)).unwrap().entry;
    assert_eq!(correction.status, InvoiceStatus::Signed);
    assert_eq!(correction.corrects, Some(original.hash));
    assert_eq!(queue.entry(&correction.id).unwrap(), correction);
    assert_eq!(
        queue.corrections(&original.hash).unwrap(),
        std::slice::from_ref(&correction)
    );
    let original = queue.entry(&original.id).unwrap();
    assert_eq!(original.status, InvoiceStatus::Error);
    assert_eq!(original.rejection(), Some(&status(450)));
    let history = queue.history(&original.id).unwrap();
    let last = history.last().unwrap();
    assert_eq!(last.change, Change::Moved(Event::Correct));
    assert_eq!(last.cause, correction.id.to_string());
    let again = NewEntry {
        id: signed("FV/1").id,
        ..new
    };
    assert!(queue.issue(&again, at(4)).unwrap().was_there);
}

pub(crate) fn there_is_one_live_correction_at_a_time(queue: &Queue) {
    let original = rejected(queue, "FV/1");
    let first = queue
        .issue(&fixed(&original, "first"), at(3))
        .unwrap()
        .entry;
    let second = fixed(&original, "second");
    assert_eq!(
        queue.issue(&second, at(4)).unwrap_err().code(),
        "correction-exists"
    );
    end(queue, &first, 2, Outcome::Rejected(status(450)));
    // The second one is of the invoice that was handed out, too, also when that was removed meanwhile.
    queue.delete(&original.id, at(5)).unwrap();
    let second = queue.issue(&second, at(6)).unwrap().entry;
    end(queue, &second, 3, accepted(1));
    let third = fixed(&original, "third");
    assert_eq!(
        queue.issue(&third, at(7)).unwrap_err().code(),
        "correction-exists"
    );
    assert_eq!(queue.corrections(&original.hash).unwrap().len(), 2);
}

pub(crate) fn a_correction_goes_by_interactive_session_only(queue: &Queue) {
    let original = rejected(queue, "FV/1");
    let correction = queue
        .issue(&fixed(&original, "first"), at(3))
        .unwrap()
        .entry;
    let lease = lease(queue);
    let mut session = batch(9, &[&correction]);
    assert_eq!(
        queue
            .begin_session(&lease, &session, at(4))
            .unwrap_err()
            .code(),
        "interactive-only"
    );
    session.kind = SessionKind::Interactive;
    queue.begin_session(&lease, &session, at(4)).unwrap();
    let carried = queue.session_invoices(&session_reference(9)).unwrap();
    assert_eq!(carried[0].entry, correction.id);
}
