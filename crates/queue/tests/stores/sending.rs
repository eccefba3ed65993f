//! Leases, sessions and what comes of them.

use jiff::SignedDuration;
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::deadline::{IssueMode, OfflineMode};
use ksef_offline_core::identifier::ReferenceNumber;
use ksef_offline_queue::{
    ArchiveQuery, Change, Event, InvoiceStatus, NewEntry, NewReceipt, NewSession, Outcome, Queue,
    QueueError, SessionKind, SessionProgress, SessionState,
};

use crate::fixture::{
    accepted, at, batch, becomes, context, day, issue, ksef_number, lease, other_context, pending,
    session_reference, signed, status,
};

pub(crate) fn a_batch_goes_through_to_its_receipt(queue: &Queue) {
    let good = issue(queue, &signed("FV/1"));
    let bad = issue(queue, &signed("FV/2"));
    let lease = lease(queue);
    let new = batch(1, &[&good, &bad]);
    let session = queue.begin_session(&lease, &new, at(1)).unwrap();
    assert_eq!(session.state, SessionState::Opened);
    assert_eq!(queue.session(&new.reference).unwrap(), session);
    let invoices = queue.session_invoices(&new.reference).unwrap();
    assert_eq!(
        invoices
            .iter()
            .map(|i| (i.ordinal, &i.entry))
            .collect::<Vec<_>>(),
        [(1, &good.id), (2, &bad.id)]
    );
    let processing = queue.entry(&good.id).unwrap();
    assert_eq!(processing.status, InvoiceStatus::Processing);
    assert_eq!(processing.session.as_ref(), Some(&new.reference));
    assert_eq!(processing.attempts, 1);

    // Parts arrive in any order and may be reported twice.
    for ordinal in [2, 1, 2] {
        queue
            .part_uploaded(&lease, &new.reference, ordinal, at(2))
            .unwrap();
    }
    assert_eq!(queue.session(&new.reference).unwrap().uploaded, [1, 2]);
    for ordinal in [0, 3] {
        let refused = queue.part_uploaded(&lease, &new.reference, ordinal, at(2));
        assert_eq!(refused.unwrap_err(), QueueError::NoSuchPart { ordinal });
    }
    let closed = becomes(SessionState::Closed);
    queue
        .settle(&lease, &new.reference, &[], Some(&closed), at(3))
        .unwrap();
    assert_eq!(
        queue.open_sessions(None).unwrap(),
        [queue.session(&new.reference).unwrap()]
    );

    let outcomes = [
        (good.id.clone(), accepted(7)),
        (bad.id.clone(), Outcome::Rejected(status(440))),
    ];
    let done = SessionProgress {
        state: SessionState::Completed,
        status: Some(status(200)),
    };
    let changed = queue
        .settle(&lease, &new.reference, &outcomes, Some(&done), at(4))
        .unwrap();
    assert_eq!(changed.len(), 2);
    let sent = queue.entry(&good.id).unwrap();
    assert_eq!(sent.status, InvoiceStatus::Sent);
    assert_eq!(sent.ksef_number, Some(ksef_number(7)));
    assert_eq!(
        sent.acquisition_date.unwrap().to_string(),
        "2026-11-23T08:00:00.1234567Z"
    );
    assert_eq!(sent.archived, Some(at(4)));
    assert_eq!(sent.rejection(), None);
    // What was printed stays known.
    assert_eq!(sent.code_two, good.code_two);
    let rejected = queue.entry(&bad.id).unwrap();
    assert_eq!(rejected.status, InvoiceStatus::Error);
    assert_eq!(rejected.rejection(), Some(&status(440)));
    let session = queue.session(&new.reference).unwrap();
    assert_eq!(session.status, Some(status(200)));
    assert_eq!(session.secrets, None);
    assert_eq!(queue.open_sessions(None).unwrap(), []);

    let receipt = NewReceipt {
        bytes: b"<Potwierdzenie/>".to_vec(),
        session: Some(new.reference.clone()),
        entries: vec![good.id.clone()],
    };
    let id = queue.store_receipt(&receipt, at(5)).unwrap();
    assert_eq!(queue.store_receipt(&receipt, at(6)).unwrap(), id);
    let stored = queue.receipt(&good.id).unwrap().unwrap();
    assert_eq!(
        (stored.bytes, stored.stored, stored.session),
        (receipt.bytes, at(5), receipt.session)
    );
    assert_eq!(queue.receipt(&bad.id).unwrap(), None);
    let changes: Vec<Change> = queue
        .history(&good.id)
        .unwrap()
        .iter()
        .map(|line| line.change)
        .collect();
    assert_eq!(
        changes,
        [
            Change::Moved(Event::IssueSigned),
            Change::Moved(Event::Claim),
            Change::Moved(Event::Accept),
            Change::ReceiptStored
        ]
    );
    queue.check().unwrap();
}

pub(crate) fn a_claim_takes_all_or_none(queue: &Queue) {
    let one = issue(queue, &signed("FV/1"));
    let unsigned = issue(queue, &pending("FV/2"));
    let lease = lease(queue);
    let refused = queue.begin_session(&lease, &batch(1, &[&one, &unsigned]), at(1));
    assert_eq!(refused.unwrap_err().code(), "illegal-move");
    assert_eq!(queue.entry(&one.id).unwrap(), one);
    assert_eq!(
        queue.session(&session_reference(1)).unwrap_err().code(),
        "not-found"
    );
    for bad in [batch(1, &[]), batch(1, &[&one, &one])] {
        let refused = queue.begin_session(&lease, &bad, at(1));
        assert_eq!(refused.unwrap_err(), QueueError::BadSelection);
    }
    queue
        .begin_session(&lease, &batch(1, &[&one]), at(1))
        .unwrap();
    let refused = queue.begin_session(&lease, &batch(2, &[&one]), at(1));
    assert_eq!(refused.unwrap_err().code(), "illegal-move");
    let two = issue(queue, &signed("FV/3"));
    let refused = queue.begin_session(&lease, &batch(1, &[&two]), at(1));
    assert_eq!(refused.unwrap_err(), QueueError::SessionExists);
}

pub(crate) fn invoices_that_do_not_belong_in_a_session_are_refused(queue: &Queue) {
    let foreign = issue(
        queue,
        &NewEntry {
            context: other_context(),
            ..signed("FV/1")
        },
    );
    let online = issue(
        queue,
        &NewEntry {
            mode: IssueMode::Online,
            due: None,
            ..signed("FV/2")
        },
    );
    let never_sent = issue(
        queue,
        &NewEntry {
            mode: IssueMode::Offline(OfflineMode::TotalFailure),
            ..signed("FV/3")
        },
    );
    let lease = lease(queue);
    for (entry, error) in [
        (&foreign, QueueError::OtherContext(foreign.id.clone())),
        (&online, QueueError::MixedModes(online.id.clone())),
        (&never_sent, QueueError::NotToBeSent(never_sent.id.clone())),
    ] {
        let refused = queue.begin_session(&lease, &batch(1, &[entry]), at(1));
        assert_eq!(refused.unwrap_err(), error);
        assert_eq!(&queue.entry(&entry.id).unwrap(), entry);
    }
    let session = NewSession {
        offline: false,
        ..batch(1, &[&online])
    };
    queue.begin_session(&lease, &session, at(1)).unwrap();
}

pub(crate) fn a_failed_session_gives_its_invoices_back_unchanged(queue: &Queue) {
    let entry = issue(queue, &signed("FV/1"));
    let lease = lease(queue);
    let first = batch(1, &[&entry]);
    queue.begin_session(&lease, &first, at(1)).unwrap();
    let released = [(entry.id.clone(), Outcome::Released(Some(status(405))))];
    let failed = becomes(SessionState::Failed);
    queue
        .settle(&lease, &first.reference, &released, Some(&failed), at(2))
        .unwrap();
    let back = queue.entry(&entry.id).unwrap();
    assert_eq!(back.status, InvoiceStatus::Signed);
    assert_eq!((back.session, back.attempts), (None, 1));
    assert_eq!(back.hash, entry.hash);
    let document = queue.document(&entry.id).unwrap();
    assert_eq!(document, signed("FV/1").document.bytes());
    let second = batch(2, &[&entry]);
    queue.begin_session(&lease, &second, at(3)).unwrap();
    assert_eq!(queue.entry(&entry.id).unwrap().attempts, 2);
    // The first session no longer carries it.
    let late = queue.settle(
        &lease,
        &first.reference,
        &[(entry.id.clone(), accepted(1))],
        None,
        at(4),
    );
    assert_eq!(late.unwrap_err(), QueueError::NotInSession(entry.id));
}

pub(crate) fn a_session_cannot_end_while_invoices_are_in_processing(queue: &Queue) {
    let one = issue(queue, &signed("FV/1"));
    let two = issue(queue, &signed("FV/2"));
    let lease = lease(queue);
    let new = batch(1, &[&one, &two]);
    queue.begin_session(&lease, &new, at(1)).unwrap();
    let outcomes = [(one.id.clone(), accepted(1))];
    for state in [
        SessionState::Completed,
        SessionState::Failed,
        SessionState::Abandoned,
    ] {
        let refused = queue.settle(
            &lease,
            &new.reference,
            &outcomes,
            Some(&becomes(state)),
            at(2),
        );
        assert_eq!(
            refused.unwrap_err(),
            QueueError::SessionUnfinished { processing: 1 }
        );
    }
    // Nothing of the refused step was kept.
    assert_eq!(
        queue.entry(&one.id).unwrap().status,
        InvoiceStatus::Processing
    );
    assert_eq!(
        queue.session(&new.reference).unwrap().state,
        SessionState::Opened
    );
    assert_eq!(queue.open_sessions(Some(&context())).unwrap().len(), 1);
    assert_eq!(queue.open_sessions(Some(&other_context())).unwrap(), []);
}

pub(crate) fn settling_the_same_again_changes_nothing(queue: &Queue) {
    let one = issue(queue, &signed("FV/1"));
    let two = issue(queue, &signed("FV/2"));
    let lease = lease(queue);
    let new = batch(1, &[&one, &two]);
    queue.begin_session(&lease, &new, at(1)).unwrap();
    let outcomes = [
        (one.id.clone(), accepted(1)),
        (two.id.clone(), Outcome::Rejected(status(450))),
    ];
    let settle = |second| {
        queue
            .settle(&lease, &new.reference, &outcomes, None, at(second))
            .unwrap()
    };
    assert_eq!(settle(2).len(), 2);
    let before = queue.entries(&[one.id.clone(), two.id.clone()]).unwrap();
    assert_eq!(settle(3), []);
    assert_eq!(
        queue.entries(&[one.id.clone(), two.id.clone()]).unwrap(),
        before
    );
    assert_eq!(queue.history(&one.id).unwrap().len(), 3);
}

pub(crate) fn a_contradicting_outcome_is_refused(queue: &Queue) {
    let entry = issue(queue, &signed("FV/1"));
    let lease = lease(queue);
    let new = batch(1, &[&entry]);
    queue.begin_session(&lease, &new, at(1)).unwrap();
    let settle = |outcome: Outcome| {
        queue.settle(
            &lease,
            &new.reference,
            &[(entry.id.clone(), outcome)],
            None,
            at(2),
        )
    };
    settle(accepted(1)).unwrap();
    for outcome in [
        accepted(2),
        Outcome::Rejected(status(450)),
        Outcome::Released(None),
    ] {
        assert_eq!(settle(outcome).unwrap_err().code(), "illegal-move");
    }
    let ksef_number = queue.entry(&entry.id).unwrap().ksef_number;
    assert_eq!(ksef_number, Some(crate::fixture::ksef_number(1)));
    let missing = signed("FV/9").id;
    let refused = queue.settle(
        &lease,
        &new.reference,
        &[(missing, accepted(1))],
        None,
        at(2),
    );
    assert_eq!(refused.unwrap_err().code(), "not-found");
}

pub(crate) fn an_unknown_status_moves_nothing(queue: &Queue) {
    let entry = issue(queue, &signed("FV/1"));
    let lease = lease(queue);
    let new = batch(1, &[&entry]);
    queue.begin_session(&lease, &new, at(1)).unwrap();
    let seen = [(entry.id.clone(), Outcome::InProgress(status(777)))];
    let settle = || queue.settle(&lease, &new.reference, &seen, None, at(2));
    assert_eq!(settle().unwrap().len(), 1);
    assert_eq!(settle().unwrap(), []);
    let shown = queue.entry(&entry.id).unwrap();
    assert_eq!(shown.status, InvoiceStatus::Processing);
    assert_eq!(shown.answer, Some(status(777)));
    assert_eq!(shown.rejection(), None);
    assert_eq!(queue.history(&entry.id).unwrap().len(), 2);
}

pub(crate) fn two_live_senders_never_hold_one_context(queue: &Queue) {
    let minute = SignedDuration::from_mins(1);
    let acquire = |owner: &str, second| queue.acquire_sender(&context(), owner, at(second), minute);
    let first = acquire("first", 0).unwrap();
    assert_eq!(acquire("second", 59).unwrap_err().code(), "sender-busy");
    // Another context is not held up.
    queue
        .acquire_sender(&other_context(), "second", at(0), minute)
        .unwrap();
    let renewed = queue.renew_sender(&first, at(59), minute).unwrap();
    assert_eq!(renewed.number, first.number);
    assert_eq!(acquire("second", 61).unwrap_err().code(), "sender-busy");
    queue.release_sender(&renewed, at(62)).unwrap();
    let second = acquire("second", 62).unwrap();
    assert!(second.number > first.number);
    // Releasing or renewing what was lost does not touch the new holder.
    queue.release_sender(&renewed, at(63)).unwrap();
    let lost = queue.renew_sender(&renewed, at(63), minute).unwrap_err();
    assert_eq!(lost.code(), "sender-lease-lost");
    assert_eq!(acquire("first", 63).unwrap_err().code(), "sender-busy");
}

pub(crate) fn a_sender_that_slept_past_its_lease_changes_nothing(queue: &Queue) {
    let one = issue(queue, &signed("FV/1"));
    let two = issue(queue, &signed("FV/2"));
    let minute = SignedDuration::from_mins(1);
    let slept = queue
        .acquire_sender(&context(), "slept", at(0), minute)
        .unwrap();
    let new = batch(1, &[&one]);
    queue.begin_session(&slept, &new, at(1)).unwrap();
    let attempts = |second| {
        [
            queue
                .begin_session(&slept, &batch(2, &[&two]), at(second))
                .map(drop),
            queue
                .part_uploaded(&slept, &new.reference, 1, at(second))
                .map(drop),
            queue
                .settle(
                    &slept,
                    &new.reference,
                    &[(one.id.clone(), accepted(1))],
                    None,
                    at(second),
                )
                .map(drop),
        ]
    };
    let all_lost = |second| {
        attempts(second)
            .into_iter()
            .all(|result| result == Err(QueueError::LeaseLost))
    };
    assert!(all_lost(60));
    let awake = queue
        .acquire_sender(&context(), "awake", at(60), minute)
        .unwrap();
    assert!(all_lost(61));
    // Even its own clock being behind does not help it.
    assert!(all_lost(2));
    assert_eq!(queue.entry(&two.id).unwrap(), two);
    let settled = queue.settle(
        &awake,
        &new.reference,
        &[(one.id.clone(), accepted(1))],
        None,
        at(61),
    );
    assert_eq!(settled.unwrap().len(), 1);
    assert_eq!(
        queue
            .archive(&ArchiveQuery::default())
            .unwrap()
            .entries
            .len(),
        1
    );
}

pub(crate) fn an_interactive_session_keeps_the_reference_of_each_invoice(queue: &Queue) {
    let one = issue(queue, &signed("FV/1"));
    let two = issue(queue, &signed("FV/2"));
    let lease = lease(queue);
    let new = NewSession {
        kind: SessionKind::Interactive,
        parts: 0,
        ..batch(1, &[&one])
    };
    queue.begin_session(&lease, &new, at(1)).unwrap();
    let reference = ReferenceNumber::assemble(day(23), "EE", 5);
    queue
        .invoice_uploaded(&lease, &new.reference, &one.id, &reference, at(2))
        .unwrap();
    assert_eq!(
        queue.session_invoices(&new.reference).unwrap()[0].reference,
        Some(reference.clone())
    );
    assert_eq!(
        queue.session(&new.reference).unwrap().state,
        SessionState::Uploading
    );
    let refused = queue.invoice_uploaded(&lease, &new.reference, &two.id, &reference, at(2));
    assert_eq!(refused.unwrap_err(), QueueError::NotInSession(two.id));
    let refused = queue.part_uploaded(&lease, &new.reference, 1, at(2));
    assert_eq!(refused.unwrap_err(), QueueError::NoSuchPart { ordinal: 1 });
    let foreign = queue
        .acquire_sender(
            &other_context(),
            "other",
            at(0),
            SignedDuration::from_mins(5),
        )
        .unwrap();
    let refused = queue.settle(&foreign, &new.reference, &[], None, at(2));
    assert_eq!(refused.unwrap_err().code(), "not-found");
}
