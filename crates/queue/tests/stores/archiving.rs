//! The archive and its receipts.

use ksef_offline_core::Diagnostic as _;
use ksef_offline_queue::{ArchiveQuery, Change, Entry, NewEntry, NewReceipt, Queue, QueueError};

use crate::fixture::{
    archive, at, context, day, document, issue, ksef_number, other_context, signed,
};

pub(crate) fn the_archive_is_newest_first_and_searchable(queue: &Queue) {
    let invoice = |number: &str, buyer: &str, issued| NewEntry {
        document: document(number, buyer, issued),
        ..signed(number)
    };
    let old = archive(
        queue,
        1,
        &[
            invoice("FV/2026/10/1", "Hotel Gołębi Młyn", day(2)),
            invoice("FV/2026/10/2", "ŻÓŁTA ŁÓDKA", day(3)),
        ],
        10,
    );
    let new = archive(
        queue,
        2,
        &[invoice("FV/2026/11/1", "hotel gołębi młyn", day(9))],
        20,
    );
    issue(queue, &signed("FV/queued"));
    let (first, second, third) = (&old[0], &old[1], &new[0]);
    let search = |query: ArchiveQuery| queue.archive(&query).unwrap().entries;
    let all = |entries: &[&Entry]| entries.iter().map(|e| (*e).clone()).collect::<Vec<_>>();

    assert_eq!(
        search(ArchiveQuery::default()),
        all(&[third, second, first])
    );
    let page = queue
        .archive(&ArchiveQuery {
            limit: 2,
            ..ArchiveQuery::default()
        })
        .unwrap();
    assert_eq!(page.entries, all(&[third, second]));
    let rest = ArchiveQuery {
        after: Some(page.next.unwrap().to_string().parse().unwrap()),
        ..ArchiveQuery::default()
    };
    assert_eq!(search(rest), all(&[first]));

    let number = |text: &str| ArchiveQuery {
        number: Some(text.to_owned()),
        ..ArchiveQuery::default()
    };
    assert_eq!(search(number("FV/2026/10")), all(&[second, first]));
    assert_eq!(search(number("FV/2026/11/1")), all(&[third]));
    assert_eq!(search(number("2026/11/1")), []);
    let buyer = |text: &str| ArchiveQuery {
        buyer: Some(text.to_owned()),
        ..ArchiveQuery::default()
    };
    assert_eq!(search(buyer("GOŁĘBI")), all(&[third, first]));
    assert_eq!(search(buyer("żółta łódka")), all(&[second]));
    assert_eq!(search(buyer("7251804426")).len(), 3);
    assert_eq!(search(buyer("%")), []);
    let between = ArchiveQuery {
        from: Some(day(3)),
        to: Some(day(9)),
        ..ArchiveQuery::default()
    };
    assert_eq!(search(between), all(&[third, second]));
    let by_ksef_number = ArchiveQuery {
        ksef_number: Some(ksef_number(1001)),
        ..ArchiveQuery::default()
    };
    assert_eq!(search(by_ksef_number), all(&[second]));
    let by_hash = ArchiveQuery {
        hash: Some(first.hash),
        ..ArchiveQuery::default()
    };
    assert_eq!(search(by_hash), all(&[first]));
    let foreign = ArchiveQuery {
        context: Some(other_context()),
        ..ArchiveQuery::default()
    };
    assert_eq!(search(foreign), []);
}

pub(crate) fn a_buyer_is_found_by_any_part_of_the_name_however_many_there_are(queue: &Queue) {
    let invoice = |number: usize, buyer: &str| NewEntry {
        document: document(&format!("FV/{number}"), buyer, day(2)),
        ..signed("x")
    };
    // More buyers than are looked up one by one, and one who buys again and again.
    let many: Vec<NewEntry> = (0..60)
        .map(|n| invoice(n, &format!("Sklep \"Pod {n:02}\"")))
        .collect();
    let many = archive(queue, 1, &many, 10);
    let usual: Vec<NewEntry> = (60..65).map(|n| invoice(n, "O'Hara Źdźbło")).collect();
    let usual = archive(queue, 2, &usual, 20);
    let search = |buyer: &str, limit| {
        let query = ArchiveQuery {
            buyer: Some(buyer.to_owned()),
            limit,
            ..ArchiveQuery::default()
        };
        queue.archive(&query).unwrap()
    };
    assert_eq!(search("SKLEP", 100).entries.len(), 60);
    assert_eq!(search("\"pod 07\"", 100).entries, [many[7].clone()]);
    assert_eq!(search("07", 100).entries, [many[7].clone()]);
    assert_eq!(search("'hara ŹDŹ", 100).entries.len(), 5);
    for nobody in ["nikt taki", "pod 7", "\"", "źdźbła", "sklep * OR pod"] {
        let found = search(nobody, 100).entries;
        let expected = if nobody == "\"" { 60 } else { 0 };
        assert_eq!(found.len(), expected, "{nobody}");
    }
    assert_eq!(search("", 100).entries.len(), 65);
    // Pages of several buyers together, newest first.
    let mut all = Vec::new();
    let mut query = ArchiveQuery {
        buyer: Some("o".to_owned()),
        limit: 7,
        ..ArchiveQuery::default()
    };
    loop {
        let page = queue.archive(&query).unwrap();
        all.extend(page.entries);
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    let newest = queue.archive(&ArchiveQuery::default()).unwrap().entries;
    assert_eq!(all, newest);
    let two = ArchiveQuery {
        buyer: Some("pod 0".to_owned()),
        limit: 4,
        ..ArchiveQuery::default()
    };
    let page = queue.archive(&two).unwrap();
    let mut of_ten = many[..10].to_vec();
    of_ten.sort_by(|a, b| b.id.cmp(&a.id));
    assert_eq!(page.entries, of_ten[..4]);
    let rest = ArchiveQuery {
        after: page.next,
        limit: 100,
        ..two
    };
    assert_eq!(queue.archive(&rest).unwrap().entries, of_ten[4..]);
    assert_eq!(usual.len(), 5);
    queue.check().unwrap();
}

pub(crate) fn a_receipt_belongs_to_accepted_invoices_only(queue: &Queue) {
    let waiting = issue(queue, &signed("FV/1"));
    let receipt = NewReceipt {
        bytes: b"<Potwierdzenie/>".to_vec(),
        session: None,
        entries: vec![waiting.id.clone()],
    };
    assert_eq!(
        queue.store_receipt(&receipt, at(5)).unwrap_err(),
        QueueError::NotAccepted(waiting.id.clone())
    );
    assert_eq!(queue.receipt(&waiting.id).unwrap(), None);
    let unknown = NewReceipt {
        entries: vec![signed("FV/9").id],
        ..receipt
    };
    let refused = queue.store_receipt(&unknown, at(5)).unwrap_err();
    assert_eq!(refused.code(), "not-found");
}

pub(crate) fn accepted_invoices_without_receipt_are_listed(queue: &Queue) {
    let sent = archive(queue, 1, &[signed("FV/1"), signed("FV/2")], 10);
    assert_eq!(queue.without_receipt(Some(&context())).unwrap(), sent);
    assert_eq!(queue.without_receipt(Some(&other_context())).unwrap(), []);
    let receipt = NewReceipt {
        bytes: b"<Potwierdzenie/>".to_vec(),
        session: None,
        entries: vec![sent[0].id.clone()],
    };
    queue.store_receipt(&receipt, at(11)).unwrap();
    assert_eq!(queue.without_receipt(None).unwrap(), sent[1..]);
}

pub(crate) fn what_was_kept_long_enough_goes_with_its_receipt_and_its_history_stays(queue: &Queue) {
    let of = |number: &str, issued| NewEntry {
        document: document(number, "Kupiec", issued),
        ..signed(number)
    };
    let new = [
        of("FV/1", day(1)),
        of("FV/2", day(2)),
        of("FV/3", day(3)),
        of("FV/4", day(2)),
    ];
    let sent = archive(queue, 1, &new, 10);
    let receipt = |bytes: &[u8], entries: &[&Entry]| NewReceipt {
        bytes: bytes.to_vec(),
        session: None,
        entries: entries.iter().map(|entry| entry.id.clone()).collect(),
    };
    // The first has a receipt of its own, two share one, the last has none yet.
    queue
        .store_receipt(&receipt(b"<A/>", &[&sent[0]]), at(11))
        .unwrap();
    queue
        .store_receipt(&receipt(b"<B/>", &[&sent[1], &sent[2]]), at(11))
        .unwrap();
    assert_eq!(queue.expire(&other_context(), day(2), at(20)).unwrap(), []);
    let mut removed = queue.expire(&context(), day(2), at(20)).unwrap();
    removed.sort();
    assert_eq!(removed, [sent[0].id.clone(), sent[1].id.clone()]);
    let left = queue.archive(&ArchiveQuery::default()).unwrap().entries;
    assert_eq!(left.len(), 2);
    assert_eq!(queue.counts(None).unwrap().sent, 2);
    assert_eq!(queue.document(&sent[0].id).unwrap_err().code(), "not-found");
    assert_eq!(queue.receipt(&sent[2].id).unwrap().unwrap().bytes, b"<B/>");
    let last = queue.history(&sent[0].id).unwrap().pop().unwrap();
    assert_eq!((last.change, last.status), (Change::Expired, None));
    assert_eq!(last.cause, "issued 2026-11-01");
    assert_eq!(queue.expire(&context(), day(2), at(21)).unwrap(), []);
    queue.check().unwrap();
}
