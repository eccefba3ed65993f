//! Pages of the queue.

use jiff::civil::Date;
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::deadline::{IssueMode, OfflineMode};
use ksef_offline_queue::{
    ArchiveQuery, Change, Codes, Cursor, Entry, EntryId, InvoiceStatus, ListQuery, NewEntry, Queue,
};

use crate::fixture::{archive, at, context, day, issue, other_context, pending, signed};

fn ids(entries: &[Entry]) -> Vec<EntryId> {
    entries.iter().map(|entry| entry.id.clone()).collect()
}

fn due(number: &str, due: Option<Date>) -> NewEntry {
    NewEntry {
        due,
        ..signed(number)
    }
}

pub(crate) fn the_queue_is_sorted_by_day_and_id_with_open_ones_last(queue: &Queue) {
    let open = issue(queue, &due("FV/1", None));
    let late = issue(queue, &due("FV/2", Some(day(30))));
    let early = issue(queue, &due("FV/3", Some(day(24))));
    let second = issue(queue, &due("FV/4", Some(day(24))));
    let page = queue.list(&ListQuery::default()).unwrap();
    assert_eq!(page.entries, [early, second, late, open]);
    assert_eq!(page.next, None);
}

pub(crate) fn pages_follow_each_other_without_gap_or_repetition(queue: &Queue) {
    let new: Vec<NewEntry> = (0..25_i8)
        .map(|n| {
            let date = (n % 4 != 0).then(|| day(24 + n % 3));
            due(&format!("FV/{n}"), date)
        })
        .collect();
    queue.issue_many(&new, at(0)).unwrap();
    let whole = queue.list(&ListQuery::default()).unwrap();
    assert_eq!(whole.entries.len(), 25);
    let mut found = Vec::new();
    let mut after: Option<Cursor> = None;
    loop {
        let page = queue
            .list(&ListQuery {
                limit: 4,
                after,
                ..ListQuery::default()
            })
            .unwrap();
        assert!(page.entries.len() <= 4);
        found.extend(page.entries);
        // A cursor travels as text, and an invoice that comes or goes in between does not disturb it.
        match page.next {
            Some(next) => after = Some(next.to_string().parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(found, whole.entries);
}

pub(crate) fn filters_hold_and_counts_agree(queue: &Queue) {
    let one = issue(queue, &signed("FV/1"));
    let two = issue(queue, &pending("FV/2"));
    let foreign = issue(
        queue,
        &NewEntry {
            context: other_context(),
            ..signed("FV/3")
        },
    );
    let never_sent = issue(
        queue,
        &NewEntry {
            mode: IssueMode::Offline(OfflineMode::TotalFailure),
            codes: Some(Codes {
                code_one: None,
                proof: None,
            }),
            ..signed("FV/4")
        },
    );
    let sent = archive(queue, 1, &[signed("FV/5")], 9).pop().unwrap();
    let list = |query: ListQuery| ids(&queue.list(&query).unwrap().entries);
    assert_eq!(
        list(ListQuery::default()),
        ids(&[
            one.clone(),
            two.clone(),
            foreign.clone(),
            never_sent.clone()
        ])
    );
    let signed_only = ListQuery {
        status: Some(InvoiceStatus::Signed),
        ..ListQuery::default()
    };
    assert_eq!(
        list(signed_only.clone()),
        ids(&[one.clone(), foreign.clone(), never_sent])
    );
    assert_eq!(
        list(ListQuery {
            context: Some(other_context()),
            ..signed_only
        }),
        ids(std::slice::from_ref(&foreign))
    );
    let ready = queue.ready(&context(), 10, None).unwrap();
    assert_eq!(ready.entries, [one]);
    let counts = queue.counts(None).unwrap();
    assert_eq!(
        InvoiceStatus::ALL.map(|status| counts.of(status)),
        [1, 3, 0, 1, 0]
    );
    let counts = queue.counts(Some(&other_context())).unwrap();
    assert_eq!((counts.signed, counts.sent), (1, 0));
    assert_eq!(
        queue.archive(&ArchiveQuery::default()).unwrap().entries,
        [sent]
    );
}

pub(crate) fn a_cursor_of_the_other_list_is_refused(queue: &Queue) {
    let queued = issue(queue, &signed("FV/1"));
    let sent = archive(queue, 1, &[signed("FV/2")], 9).pop().unwrap();
    let wrong = ListQuery {
        after: Some(Cursor::of(&sent)),
        ..ListQuery::default()
    };
    assert_eq!(queue.list(&wrong).unwrap_err().code(), "cursor-malformed");
    let wrong = ArchiveQuery {
        after: Some(Cursor::of(&queued)),
        ..ArchiveQuery::default()
    };
    assert_eq!(
        queue.archive(&wrong).unwrap_err().code(),
        "cursor-malformed"
    );
}

pub(crate) fn moved_deadlines_reorder_the_queue(queue: &Queue) {
    let one = issue(queue, &signed("FV/1"));
    let two = issue(queue, &signed("FV/2"));
    let sent = archive(queue, 1, &[signed("FV/3")], 9).pop().unwrap();
    let days = [
        (one.id.clone(), None),
        (two.id.clone(), two.due),
        (sent.id.clone(), None),
        (signed("FV/9").id, Some(day(25))),
    ];
    assert_eq!(queue.set_deadlines(&days, at(20)).unwrap(), 1);
    let page = queue.list(&ListQuery::default()).unwrap();
    assert_eq!(ids(&page.entries), ids(&[two.clone(), one.clone()]));
    assert_eq!(page.entries[0], two);
    assert_eq!(page.entries[1].updated, at(20));
    let last = queue.history(&one.id).unwrap().pop().unwrap();
    assert_eq!(
        (last.change, last.cause.as_str()),
        (Change::DeadlineMoved, "open")
    );
    assert_eq!(queue.entry(&sent.id).unwrap(), sent);
}
