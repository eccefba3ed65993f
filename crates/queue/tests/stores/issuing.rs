//! Issuing, signing, deleting, and what is kept beside invoices.

use ksef_offline_core::Diagnostic as _;
use ksef_offline_queue::{
    Change, Event, InvoiceStatus, NewEntry, Outcome, Queue, QueueError, TimelineMessage,
};

use crate::fixture::{
    at, batch, codes, day, document, issue, lease, other_context, pending, signed, status,
};

pub(crate) fn what_was_issued_comes_back_whole(queue: &Queue) {
    let new = signed("FV/1");
    let issued = issue(queue, &new);
    let entry = queue.entry(&new.id).unwrap();
    assert_eq!(entry, issued);
    assert_eq!(entry.status, InvoiceStatus::Signed);
    assert_eq!(&entry.facts, new.document.facts());
    assert_eq!(entry.facts.gross.to_string(), "1173.90");
    assert_eq!((entry.mode, entry.due), (new.mode, new.due));
    assert_eq!((entry.created, entry.updated), (at(0), at(0)));
    assert_eq!(entry.size, new.document.bytes().len() as u64);
    let proof = new.codes.unwrap().proof.unwrap();
    assert_eq!(entry.code_two, Some(proof.code_two));
    assert_eq!(entry.certificate, Some(proof.certificate));
    assert_eq!(queue.document(&new.id).unwrap(), new.document.bytes());
    assert_eq!(queue.signature(&new.id).unwrap(), Some(proof.signature));
    assert_eq!(queue.evidence(&new.id).unwrap(), new.evidence);
    assert_eq!(queue.by_hash(&new.document.hash()).unwrap(), Some(entry));
    let history = queue.history(&new.id).unwrap();
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].change, Change::Moved(Event::IssueSigned));
    assert_eq!(history[0].cause, "offline24");
    let unknown = signed("FV/2").id;
    assert_eq!(queue.entry(&unknown).unwrap_err().code(), "not-found");
    assert_eq!(queue.document(&unknown).unwrap_err().code(), "not-found");
}

pub(crate) fn the_same_bytes_return_what_is_there(queue: &Queue) {
    let first = issue(queue, &signed("FV/1"));
    let again = NewEntry {
        context: other_context(),
        due: Some(day(30)),
        ..pending("FV/1")
    };
    assert_eq!(
        queue.conflict_of(&again.document).unwrap().as_ref(),
        Some(&first)
    );
    let issued = queue.issue(&again, at(9)).unwrap();
    assert!(issued.was_there);
    assert_eq!(issued.entry, first);
    assert_eq!(queue.history(&first.id).unwrap().len(), 1);
    assert_eq!(queue.counts(None).unwrap().signed, 1);
}

pub(crate) fn another_document_with_the_same_number_is_refused(queue: &Queue) {
    let first = issue(queue, &signed("FV/1"));
    let other = NewEntry {
        document: document("FV/1", "Somebody else", day(23)),
        ..signed("FV/1")
    };
    let refused = queue.issue(&other, at(1)).unwrap_err();
    assert_eq!(
        refused,
        QueueError::DuplicateNumber {
            existing: first.id.clone()
        }
    );
    assert_eq!(refused.code(), "duplicate-number");
    assert_eq!(
        queue.conflict_of(&other.document).unwrap(),
        Some(first.clone())
    );
    let same_id = NewEntry {
        id: first.id.clone(),
        ..signed("FV/2")
    };
    assert_eq!(
        queue.issue(&same_id, at(1)).unwrap_err(),
        QueueError::IdTaken(first.id)
    );
}

pub(crate) fn one_refusal_does_not_hold_up_the_others(queue: &Queue) {
    let clash = NewEntry {
        document: document("FV/1", "Somebody else", day(23)),
        ..signed("FV/1")
    };
    let new = [signed("FV/1"), clash, signed("FV/1"), pending("FV/2")];
    let results = queue.issue_many(&new, at(0)).unwrap();
    assert!(!results[0].as_ref().unwrap().was_there);
    assert_eq!(results[1].as_ref().unwrap_err().code(), "duplicate-number");
    assert!(results[2].as_ref().unwrap().was_there);
    assert_eq!(
        results[3].as_ref().unwrap().entry.status,
        InvoiceStatus::Pending
    );
    let counts = queue.counts(None).unwrap();
    assert_eq!((counts.signed, counts.pending), (1, 1));
}

pub(crate) fn a_pending_invoice_is_signed_once(queue: &Queue) {
    let entry = issue(queue, &pending("FV/1"));
    assert_eq!((&entry.code_one, &entry.code_two), (&None, &None));
    assert_eq!(queue.signature(&entry.id).unwrap(), None);
    let signed = queue.sign(&[(entry.id.clone(), codes())], at(5)).unwrap();
    assert_eq!(signed, [queue.entry(&entry.id).unwrap()]);
    assert_eq!(signed[0].status, InvoiceStatus::Signed);
    assert_eq!(signed[0].updated, at(5));
    assert_eq!(
        queue.signature(&entry.id).unwrap(),
        Some(codes().proof.unwrap().signature)
    );
    let history = queue.history(&entry.id).unwrap();
    assert_eq!(history[1].change, Change::Moved(Event::Sign));
    assert_eq!(history[1].cause, "certificate 01635E98D9669239");
    let again = queue.sign(&[(entry.id, codes())], at(6)).unwrap_err();
    assert_eq!(again.code(), "illegal-move");
}

pub(crate) fn signing_is_all_or_none(queue: &Queue) {
    let one = issue(queue, &pending("FV/1"));
    let two = issue(queue, &signed("FV/2"));
    let both = [(one.id.clone(), codes()), (two.id.clone(), codes())];
    assert_eq!(queue.sign(&both, at(5)).unwrap_err().code(), "illegal-move");
    assert_eq!(queue.entry(&one.id).unwrap(), one);
    assert_eq!(queue.signature(&one.id).unwrap(), None);
    assert_eq!(queue.history(&one.id).unwrap().len(), 1);
}

pub(crate) fn only_an_invoice_in_error_can_be_deleted(queue: &Queue) {
    let entry = issue(queue, &signed("FV/1"));
    let refused = queue.delete(&entry.id, at(1)).unwrap_err();
    assert_eq!(refused.code(), "illegal-move");
    let lease = lease(queue);
    let session = batch(1, &[&entry]);
    queue.begin_session(&lease, &session, at(1)).unwrap();
    assert!(queue.delete(&entry.id, at(1)).is_err());
    let rejected = [(entry.id.clone(), Outcome::Rejected(status(450)))];
    queue
        .settle(&lease, &session.reference, &rejected, None, at(2))
        .unwrap();
    queue.delete(&entry.id, at(3)).unwrap();
    assert_eq!(queue.entry(&entry.id).unwrap_err().code(), "not-found");
    assert_eq!(queue.document(&entry.id).unwrap_err().code(), "not-found");
    assert_eq!(queue.counts(None).unwrap().error, 0);
    let last = queue.history(&entry.id).unwrap().pop().unwrap();
    assert_eq!(last.change, Change::Moved(Event::Delete));
    assert_eq!(last.status, None);
    // Its number and its bytes are free again, and the session's own list still names it.
    issue(queue, &signed("FV/1"));
    assert_eq!(
        queue.session_invoices(&session.reference).unwrap()[0].entry,
        entry.id
    );
}

pub(crate) fn failed_work_leaves_nothing_behind(queue: &Queue) {
    let one = issue(queue, &pending("FV/1"));
    let missing = signed("FV/9").id;
    let refused = queue.sign(&[(one.id.clone(), codes()), (missing, codes())], at(5));
    assert_eq!(refused.unwrap_err().code(), "not-found");
    assert_eq!(queue.entry(&one.id).unwrap(), one);
    assert_eq!(queue.counts(None).unwrap().pending, 1);
    queue.check().unwrap();
}

pub(crate) fn values_are_kept_and_removed(queue: &Queue) {
    queue
        .update_value("counted", &mut |before| {
            assert_eq!(before, None);
            Some("1".to_owned())
        })
        .unwrap();
    queue
        .update_value("counted", &mut |before| before.map(|one| format!("{one}2")))
        .unwrap();
    assert_eq!(queue.value("counted").unwrap().as_deref(), Some("12"));
    queue.update_value("counted", &mut |_| None).unwrap();
    assert_eq!(queue.value("counted").unwrap(), None);
    assert_eq!(queue.value("limit").unwrap(), None);
    queue.set_value("limit", Some("2026")).unwrap();
    queue.set_value("limit", Some("2027")).unwrap();
    assert_eq!(queue.value("limit").unwrap().as_deref(), Some("2027"));
    queue.set_value("limit", None).unwrap();
    assert_eq!(queue.value("limit").unwrap(), None);
}

pub(crate) fn the_latest_version_of_a_message_stays_in_any_order(queue: &Queue) {
    let message = |id: &str, version: i64, json: &str| TimelineMessage {
        id: id.to_owned(),
        version,
        json: json.to_owned(),
    };
    let old = message("K/2026/AWR/01", 1, "{\"v\":1}");
    let new = message("K/2026/AWR/01", 2, "{\"v\":2}");
    let other = message("K/2026/NI/01", 1, "{}");
    assert!(
        queue
            .merge_timeline(&[new.clone(), old.clone(), other.clone()])
            .unwrap()
    );
    assert!(!queue.merge_timeline(&[old, new.clone()]).unwrap());
    assert_eq!(queue.timeline().unwrap(), [new.clone(), other.clone()]);
    // Of two texts of one version the one published later stays, as in the timeline of core.
    let published = |hour: u8, title: &str| {
        let json = format!(
            r#"{{"id":"K/2026/AWR/05","eventId":5,"category":"FAILURE","type":"FAILURE_START","title":"{title}","start":"2026-03-02T08:00:00Z","version":1,"published":"2026-03-02T0{hour}:00:00Z"}}"#
        );
        message("K/2026/AWR/05", 1, &json)
    };
    let (early, late) = (published(8, "z"), published(9, "a"));
    assert!(queue.merge_timeline(std::slice::from_ref(&early)).unwrap());
    assert!(queue.merge_timeline(std::slice::from_ref(&late)).unwrap());
    assert!(!queue.merge_timeline(&[early, late.clone()]).unwrap());
    assert_eq!(queue.timeline().unwrap(), [new, late, other]);
}
