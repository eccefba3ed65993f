//! What a person can do about a rejected invoice.

use jiff::SignedDuration;
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::deadline::{IssueMode, OfflineMode};
use ksef_offline_queue::{
    Change, Corrects, Entry, Event, InvoiceStatus, ListQuery, NewEntry, NewSession, Only, Outcome,
    Queue, QueueError, Resolution, SessionKind, SessionState,
};

use crate::fixture::{
    accepted, archive, at, batch, becomes, context, day, document, issue, lease, other_context,
    pending, signed, status,
};

/// Issues and sends an invoice that KSeF rejects.
fn rejected(queue: &Queue, session: u128, new: &NewEntry) -> Entry {
    let entry = issue(queue, new);
    fail(queue, session, SessionKind::Batch, &entry)
}

fn fail(queue: &Queue, session: u128, kind: SessionKind, entry: &Entry) -> Entry {
    let lease = lease(queue);
    let new = NewSession {
        kind,
        parts: 0,
        ..batch(session, &[entry])
    };
    queue.begin_session(&lease, &new, at(1)).unwrap();
    let outcomes = [(entry.id.clone(), Outcome::Rejected(status(450)))];
    let done = becomes(SessionState::Completed);
    queue
        .settle(&lease, &new.reference, &outcomes, Some(&done), at(2))
        .unwrap()
        .pop()
        .unwrap()
}

/// The invoice FV/1 with another buyer's name: other bytes under the same number.
fn fixed(buyer: &str) -> NewEntry {
    NewEntry {
        document: document("FV/1", buyer, day(23)),
        ..signed("FV/1")
    }
}

pub(crate) fn a_technical_correction_is_linked_and_goes_alone(queue: &Queue) {
    let original = rejected(queue, 1, &signed("FV/1"));
    let new = fixed("Delikatesy Cwik");
    let issued = queue.correct(&original.id, &new, at(3)).unwrap();
    let correction = issued.entry;
    assert!(!issued.was_there);
    assert_eq!(
        correction.corrects,
        Some(Corrects {
            original: original.id.clone(),
            hash: original.hash
        })
    );
    assert_eq!(queue.entry(&correction.id).unwrap(), correction);
    let settled = queue.entry(&original.id).unwrap();
    assert_eq!(settled.status, InvoiceStatus::Error);
    assert_eq!(settled.rejection(), Some(&status(450)));
    assert_eq!(
        settled.resolution,
        Some(Resolution::Corrected(correction.id.clone()))
    );
    let last = queue.history(&original.id).unwrap().pop().unwrap();
    assert_eq!(last.change, Change::Moved(Event::Correct));
    assert_eq!(
        (last.at, last.cause.as_str()),
        (at(3), correction.id.as_str())
    );
    // The same again changes nothing.
    let again = queue.correct(&original.id, &new, at(4)).unwrap();
    assert!(again.was_there);
    assert_eq!(again.entry, correction);

    // A batch neither finds nor takes it.
    assert_eq!(queue.ready(&context(), 10, None).unwrap().entries, []);
    let ready = queue.ready_corrections(&context(), 10, None).unwrap();
    assert_eq!(ready.entries, std::slice::from_ref(&correction));
    let lease = lease(queue);
    let refused = queue.begin_session(&lease, &batch(2, &[&correction]), at(5));
    assert_eq!(
        refused.unwrap_err(),
        QueueError::CorrectionInBatch(correction.id.clone())
    );
    let alone = NewSession {
        kind: SessionKind::Interactive,
        parts: 0,
        ..batch(2, &[&correction])
    };
    queue.begin_session(&lease, &alone, at(5)).unwrap();
    let outcomes = [(correction.id.clone(), accepted(1))];
    let done = becomes(SessionState::Completed);
    queue
        .settle(&lease, &alone.reference, &outcomes, Some(&done), at(6))
        .unwrap();
    // The number is the correction's now.
    let clash = queue.issue(&fixed("Ktoś trzeci"), at(7)).unwrap_err();
    assert_eq!(
        clash,
        QueueError::DuplicateNumber {
            existing: correction.id
        }
    );
}

pub(crate) fn a_rejected_correction_is_corrected_again_for_the_first_invoice(queue: &Queue) {
    let original = rejected(queue, 1, &signed("FV/1"));
    let first = queue
        .correct(&original.id, &fixed("Pierwsza"), at(3))
        .unwrap()
        .entry;
    let first = fail(queue, 2, SessionKind::Interactive, &first);
    // By way of the rejected correction, or of the invoice itself: it is the printed hash that counts.
    let second = queue
        .correct(&first.id, &fixed("Druga"), at(4))
        .unwrap()
        .entry;
    assert_eq!(second.corrects.as_ref().unwrap().hash, original.hash);
    let second = fail(queue, 3, SessionKind::Interactive, &second);
    let third = queue
        .correct(&original.id, &fixed("Trzecia"), at(5))
        .unwrap()
        .entry;
    assert_eq!(third.corrects.as_ref().unwrap().hash, original.hash);
    for entry in [&original, &second] {
        assert_eq!(
            queue.entry(&entry.id).unwrap().resolution,
            Some(Resolution::Corrected(third.id.clone()))
        );
    }
}

pub(crate) fn a_replacement_takes_the_number_and_goes_in_a_batch(queue: &Queue) {
    let original = rejected(queue, 1, &signed("FV/1"));
    let plain = queue.issue(&fixed("Inna"), at(3)).unwrap_err();
    assert_eq!(plain.code(), "duplicate-number");
    let new = queue
        .replace(&original.id, &fixed("Inna"), at(3))
        .unwrap()
        .entry;
    assert_eq!(new.corrects, None);
    assert_eq!(
        queue.ready(&context(), 10, None).unwrap().entries,
        std::slice::from_ref(&new)
    );
    assert_eq!(
        queue.entry(&original.id).unwrap().resolution,
        Some(Resolution::Replaced(new.id.clone()))
    );
    // Either leads to the other.
    assert_eq!(
        queue
            .replaced_by(&[original.id.clone(), new.id.clone()])
            .unwrap(),
        [(new.id.clone(), original.id.clone())]
    );
    // Deleting the replaced one takes nothing from its successor.
    queue.delete(&original.id, at(4)).unwrap();
    let clash = queue.issue(&fixed("Ktoś trzeci"), at(5)).unwrap_err();
    assert_eq!(clash, QueueError::DuplicateNumber { existing: new.id });
}

pub(crate) fn what_is_given_up_keeps_its_reasons_and_says_why(queue: &Queue) {
    let original = rejected(queue, 1, &signed("FV/1"));
    for bad in ["", "  \n", "x".repeat(501).as_str()] {
        let refused = queue.give_up(&original.id, bad, at(3)).unwrap_err();
        assert_eq!(refused.code(), "bad-note");
    }
    let given_up = queue
        .give_up(&original.id, " Wystawiona omyłkowo ", at(3))
        .unwrap();
    assert_eq!(given_up, queue.entry(&original.id).unwrap());
    assert_eq!(given_up.rejection(), Some(&status(450)));
    assert_eq!(
        given_up.resolution,
        Some(Resolution::GivenUp("Wystawiona omyłkowo".to_owned()))
    );
    let last = queue.history(&original.id).unwrap().pop().unwrap();
    assert_eq!(last.change, Change::Moved(Event::GiveUp));
    assert_eq!(last.cause, "Wystawiona omyłkowo");
    // One may think better of it.
    queue
        .correct(&original.id, &fixed("Jednak"), at(4))
        .unwrap();
    queue.check().unwrap();
}

pub(crate) fn an_invoice_is_settled_once(queue: &Queue) {
    let waiting = issue(queue, &signed("FV/9"));
    let sent = archive(queue, 9, &[signed("FV/8")], 1).pop().unwrap();
    let refused = queue.give_up(&sent.id, "nie", at(1)).unwrap_err();
    assert_eq!(refused.code(), "illegal-move");
    let refused = queue.correct(&waiting.id, &fixed("x"), at(1)).unwrap_err();
    assert_eq!(refused.code(), "illegal-move");
    let original = rejected(queue, 1, &signed("FV/1"));
    let foreign = NewEntry {
        context: other_context(),
        ..fixed("Obca")
    };
    let refused = queue.correct(&original.id, &foreign, at(3)).unwrap_err();
    assert_eq!(refused, QueueError::OtherContext(original.id.clone()));
    let known = signed("FV/9");
    let refused = queue.replace(&original.id, &known, at(3)).unwrap_err();
    assert_eq!(
        refused,
        QueueError::DuplicateNumber {
            existing: waiting.id.clone()
        }
    );
    // What was refused left nothing behind.
    assert_eq!(queue.entry(&original.id).unwrap(), original);
    let correction = queue
        .correct(&original.id, &fixed("Korekta"), at(3))
        .unwrap()
        .entry;
    let settled = QueueError::AlreadySettled {
        successor: correction.id.clone(),
    };
    let refused = queue.replace(&original.id, &fixed("Zamiast"), at(4));
    assert_eq!(refused.unwrap_err(), settled);
    let refused = queue.give_up(&original.id, "nie", at(4));
    assert_eq!(refused.unwrap_err(), settled);
    let listed = queue.list(&ListQuery::default()).unwrap().entries;
    assert_eq!(listed.len(), 3);
}

pub(crate) fn what_waits_and_is_given_up_is_never_sent_and_keeps_its_number(queue: &Queue) {
    let hour = SignedDuration::from_hours(1);
    let claim = |second| {
        let lease = queue.claim_sender(&[], "worker", at(second), hour).unwrap();
        lease.inspect(|lease| queue.release_sender(lease, at(second)).unwrap())
    };
    let total = NewEntry {
        mode: IssueMode::Offline(OfflineMode::TotalFailure),
        due: None,
        ..signed("FV/1")
    };
    let total = issue(queue, &total);
    // It waits for nobody, so it is no work for a worker.
    assert_eq!(claim(1), None);
    let lifted = issue(queue, &signed("FV/2"));
    let pending = issue(queue, &pending("FV/3"));
    assert!(claim(2).is_some());
    for entry in [&total, &lifted, &pending] {
        let closed = queue.give_up(&entry.id, "awaria całkowita", at(3)).unwrap();
        assert_eq!(closed.status, entry.status);
        assert_eq!(closed, queue.entry(&entry.id).unwrap());
    }
    assert_eq!(claim(4), None);
    assert_eq!(queue.ready(&context(), 10, None).unwrap().entries, []);
    let unsettled = ListQuery {
        only: Only::Unsettled,
        ..ListQuery::default()
    };
    assert_eq!(queue.list(&unsettled).unwrap().entries, []);
    assert_eq!(queue.list(&ListQuery::default()).unwrap().entries.len(), 3);
    let lease = queue
        .acquire_sender(&context(), "tests", at(5), hour)
        .unwrap();
    let refused = queue.begin_session(&lease, &batch(1, &[&lifted]), at(5));
    assert_eq!(
        refused.unwrap_err(),
        QueueError::NotToBeSent(lifted.id.clone())
    );
    let clash = queue.issue(&fixed("Inna"), at(6)).unwrap_err();
    assert_eq!(clash, QueueError::DuplicateNumber { existing: total.id });
    queue.check().unwrap();
}

pub(crate) fn an_original_is_not_deleted_under_its_correction(queue: &Queue) {
    let original = rejected(queue, 1, &signed("FV/1"));
    let correction = queue
        .correct(&original.id, &fixed("Korekta"), at(3))
        .unwrap()
        .entry;
    let refused = queue.delete(&original.id, at(4)).unwrap_err();
    assert_eq!(
        refused,
        QueueError::AlreadySettled {
            successor: correction.id.clone()
        }
    );
    let failed = fail(queue, 2, SessionKind::Interactive, &correction);
    queue.delete(&failed.id, at(5)).unwrap();
    // Its correction is gone: a new one may come, or it goes as well.
    queue.correct(&original.id, &fixed("Druga"), at(6)).unwrap();
}
