//! How the queue behaves as it grows: the time of each question and the size of the file, at 10³ rows and ten times more
//! again and again, and the durable commits a second beside what the same disk does by itself.
//!
//! `QUEUE_ROWS=1000000 cargo bench -p ksef-offline-benches --bench queue_growth` goes to a million archived invoices and
//! 100 000 in the queue; without it the tables end at 10⁴. A folder for the files may be named by `QUEUE_FOLDER`. With
//! `QUEUE_SLIM` invoices are as short as can be and have no signature: a million then take 3 GB instead of 11, and no
//! question but those for a single document reads either.
#![allow(missing_docs, reason = "a bench is no library")]
#![allow(clippy::unwrap_used, reason = "a bench that fails cannot go on")]
#![allow(clippy::print_stdout, reason = "it prints its tables")]

use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use ksef_offline_benches::{
    SIGNATURE, claim_and_release, document, lease, new_entry, now, session,
};
use ksef_offline_core::identifier::KsefNumber;
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_queue::{
    ArchiveQuery, Entry, EntryId, InvoiceStatus, ListQuery, NewEntry, NewReceipt, Outcome, Queue,
    SessionProgress, SessionState,
};

/// Invoices in one session of the archive.
const BATCH: usize = 1000;
/// Each question is asked this often; the middle answer counts.
const TIMES: usize = 21;

fn main() {
    let most = std::env::var("QUEUE_ROWS")
        .ok()
        .and_then(|rows| rows.parse().ok())
        .unwrap_or(10_000);
    let folder = match std::env::var_os("QUEUE_FOLDER") {
        Some(folder) => tempfile::tempdir_in(folder).unwrap(),
        None => tempfile::tempdir().unwrap(),
    };
    durable(folder.path());
    growth(folder.path(), most);
}

/// Commits a second: of the bare disk, of single invoices, of groups.
fn durable(folder: &Path) {
    let path = folder.join("raw");
    let mut file = std::fs::File::create(&path).unwrap();
    let block = [7_u8; 16_384];
    file.write_all(&block).unwrap();
    file.sync_all().unwrap();
    let raw = rate(300, || {
        file.rewind().unwrap();
        file.write_all(&block).unwrap();
        file.sync_data().unwrap();
    });
    std::fs::remove_file(&path).unwrap();
    let queue = Queue::open(&folder.join("durable.db")).unwrap();
    let mut number = 0;
    let mut next = || {
        number += 1;
        entry(number)
    };
    let singles: Vec<NewEntry> = (0..300).map(|_| next()).collect();
    let mut singles = singles.iter();
    let single = rate(300, || {
        queue.issue(singles.next().unwrap(), now()).unwrap();
    });
    let groups: Vec<Vec<NewEntry>> = (0..30)
        .map(|_| (0..100).map(|_| next()).collect())
        .collect();
    let mut groups = groups.iter();
    let grouped = rate(30, || {
        queue.issue_many(groups.next().unwrap(), now()).unwrap();
    });
    println!("durable, a second         rate   of the disk");
    println!("writes of 16 kB, synced {raw:6.0}");
    println!(
        "invoices one by one     {single:6.0}   {:8.2}",
        single / raw
    );
    println!(
        "invoices in groups, 100 {:6.0}   {:8.2}",
        grouped * 100.0,
        grouped * 100.0 / raw
    );
    println!(
        "groups                  {grouped:6.0}   {:8.2}",
        grouped / raw
    );
}

fn rate(times: u32, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    for _ in 0..times {
        work();
    }
    f64::from(times) / start.elapsed().as_secs_f64()
}

/// The questions, and how long each took at the last size.
struct Table {
    sizes: Vec<usize>,
    rows: Vec<(&'static str, Vec<Duration>)>,
    bytes: Vec<u64>,
}

impl Table {
    fn ask<T>(&mut self, question: &'static str, mut ask: impl FnMut() -> T) -> T {
        let mut times = Vec::with_capacity(TIMES);
        let mut answer = ask();
        for _ in 0..TIMES {
            let start = Instant::now();
            answer = ask();
            times.push(start.elapsed());
        }
        times.sort();
        self.put(question, times[TIMES / 2]);
        answer
    }

    fn put(&mut self, question: &'static str, time: Duration) {
        match self.rows.iter_mut().find(|(known, _)| *known == question) {
            Some((_, times)) => times.push(time),
            None => self.rows.push((question, vec![time])),
        }
    }

    fn print(&self) {
        print!("\n{:44}", "archived invoices");
        for size in &self.sizes {
            print!("{size:>12}");
        }
        println!("   growth");
        for (question, times) in &self.rows {
            print!("{question:44}");
            for time in times {
                print!("{:>9.3} ms", time.as_secs_f64() * 1000.0);
            }
            let growth = times.last().unwrap().as_secs_f64() / times[0].as_secs_f64();
            println!("{growth:>9.1}");
        }
        print!("{:44}", "bytes of file an invoice");
        for bytes in &self.bytes {
            print!("{bytes:>12}");
        }
        println!("{:>8}%", self.bytes.last().unwrap() * 100 / self.bytes[0]);
    }
}

/// A queue that grows: `size` invoices in the archive and a tenth of that waiting.
fn growth(folder: &Path, most: usize) {
    let path = folder.join("growth.db");
    let queue = Queue::open(&path).unwrap();
    let mut table = Table {
        sizes: Vec::new(),
        rows: Vec::new(),
        bytes: Vec::new(),
    };
    let (mut archived, mut number) = (0, 0);
    let mut waiting = Vec::new();
    let mut size = 1000;
    while size <= most {
        while archived < size {
            let entries = issue(&queue, &mut number, BATCH);
            archive(&queue, &entries, archived / BATCH);
            archived += BATCH;
        }
        let more = size / 10 - waiting.len();
        waiting.extend(issue(&queue, &mut number, more));
        table.sizes.push(size);
        questions(&queue, &mut table, &waiting);
        let bytes: u64 = ["", "-wal"]
            .iter()
            .map(|end| PathBuf::from(format!("{}{end}", path.display())))
            .filter_map(|path| std::fs::metadata(path).ok())
            .map(|metadata| metadata.len())
            .sum();
        table.bytes.push(bytes / (archived + waiting.len()) as u64);
        size *= 10;
        table.print();
    }
}

fn questions(queue: &Queue, table: &mut Table, waiting: &[Entry]) {
    let context = waiting[0].context.clone();
    let of = |status| ListQuery {
        status,
        context: Some(context.clone()),
        ..ListQuery::default()
    };
    table.ask("a page of the queue, with counts", || {
        let page = queue.list(&of(None)).unwrap();
        (page, queue.counts(Some(&context)).unwrap())
    });
    table.ask("a page of what is signed", || {
        queue.list(&of(Some(InvoiceStatus::Signed))).unwrap()
    });
    let search = |query: ArchiveQuery| {
        queue
            .archive(&ArchiveQuery {
                context: Some(context.clone()),
                ..query
            })
            .unwrap()
            .entries
    };
    let page = table.ask("a page of the archive", || search(ArchiveQuery::default()));
    let known = page.last().unwrap();
    let one = |found: Vec<Entry>| assert!(found.contains(known));
    one(table.ask("search by number", || {
        search(ArchiveQuery {
            number: Some(known.facts.number.clone()),
            ..ArchiveQuery::default()
        })
    }));
    one(table.ask("search by KSeF number", || {
        search(ArchiveQuery {
            ksef_number: known.ksef_number.clone(),
            ..ArchiveQuery::default()
        })
    }));
    one(table.ask("search by hash", || {
        search(ArchiveQuery {
            hash: Some(known.hash),
            ..ArchiveQuery::default()
        })
    }));
    table.ask("search by date, a page of many", || {
        search(ArchiveQuery {
            from: Some(known.facts.issue_date),
            to: Some(known.facts.issue_date),
            ..ArchiveQuery::default()
        })
    });
    let absent = |query: ArchiveQuery| {
        let start = Instant::now();
        assert_eq!(search(query).len(), 0);
        start.elapsed()
    };
    let time = absent(ArchiveQuery {
        buyer: Some("nobody of this name".to_owned()),
        ..ArchiveQuery::default()
    });
    table.put("search by a buyer nobody knows, once", time);
    let minute = SignedDuration::from_secs(60);
    table.ask("claim a context and give it back", || {
        let lease = queue.claim_sender(&[], "bench", now(), minute).unwrap();
        queue.release_sender(&lease.unwrap(), now()).unwrap();
    });
    // Sending 100: picked, claimed into a session and released again.
    let lease = lease(queue, &context);
    let mut round = table.sizes.len() as u128 * 1000;
    table.ask("pick and claim 100, release them", || {
        round += 1;
        claim_and_release(queue, &lease, &context, 500_000 + round);
    });
    queue.release_sender(&lease, now()).unwrap();
}

fn issue(queue: &Queue, number: &mut usize, count: usize) -> Vec<Entry> {
    let new: Vec<NewEntry> = (0..count)
        .map(|_| {
            *number += 1;
            entry(*number)
        })
        .collect();
    let mut entries = Vec::with_capacity(count);
    for group in new.chunks(BATCH) {
        for issued in queue.issue_many(group, now()).unwrap() {
            entries.push(issued.unwrap().entry);
        }
    }
    entries
}

/// Sends these: one session, each accepted, one receipt.
fn archive(queue: &Queue, entries: &[Entry], place: usize) {
    let lease = lease(queue, &entries[0].context);
    let new = session(place as u128, entries);
    queue.begin_session(&lease, &new, now()).unwrap();
    let seller = entries[0].facts.seller;
    let outcomes: Vec<(EntryId, Outcome)> = (0_u64..)
        .zip(entries)
        .map(|(n, entry)| {
            let unique = (place * BATCH) as u64 + n;
            let accepted = Outcome::Accepted {
                ksef_number: KsefNumber::assemble(seller, entry.facts.issue_date, unique),
                acquisition_date: Some(now()),
            };
            (entry.id.clone(), accepted)
        })
        .collect();
    let done = SessionProgress {
        state: SessionState::Completed,
        status: None,
    };
    queue
        .settle(&lease, &new.reference, &outcomes, Some(&done), now())
        .unwrap();
    let receipt = NewReceipt {
        // As long as a page of a session's receipt is: 400 bytes an invoice and a seal.
        bytes: format!("{place}{}", "x".repeat(400 * entries.len() + 8000)).into_bytes(),
        session: Some(new.reference),
        entries: entries.iter().map(|entry| entry.id.clone()).collect(),
    };
    queue.store_receipt(&receipt, now()).unwrap();
}

/// The shortest document that has what the queue reads of one.
fn slim(number: usize) -> InvoiceDocument {
    let xml = format!(
        "<Faktura xmlns=\"http://crd.gov.pl/wzor/2025/06/25/13775/\">\
         <Podmiot1><DaneIdentyfikacyjne><NIP>5265877635</NIP><Nazwa>A</Nazwa></DaneIdentyfikacyjne></Podmiot1>\
         <Podmiot2><DaneIdentyfikacyjne><NIP>7251804426</NIP><Nazwa>B</Nazwa></DaneIdentyfikacyjne></Podmiot2>\
         <Fa><KodWaluty>PLN</KodWaluty><P_1>2026-11-23</P_1><P_2>BENCH/{number}</P_2><P_15>1.00</P_15>\
         <RodzajFaktury>VAT</RodzajFaktury></Fa></Faktura>"
    );
    InvoiceDocument::read(xml.into_bytes()).unwrap()
}

fn entry(number: usize) -> NewEntry {
    if std::env::var_os("QUEUE_SLIM").is_some() {
        new_entry(number, slim(number), 1)
    } else {
        new_entry(number, document(number), SIGNATURE)
    }
}
