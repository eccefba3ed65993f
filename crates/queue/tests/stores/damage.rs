//! Copies of a queue that were cut off or changed by a fault of the disk: never taken for whole, never read as
//! something else.

use std::path::Path;

use ksef_offline_queue::{EntryId, Queue, QueueError};

use crate::fixture::context;
use crate::stored::{fill, story};

/// Damaged copies of each kind in an ordinary run; `DAMAGE_ROUNDS` makes it more.
const ROUNDS: u64 = 150;

fn rounds() -> u64 {
    std::env::var("DAMAGE_ROUNDS")
        .ok()
        .and_then(|rounds| rounds.parse().ok())
        .unwrap_or(ROUNDS)
}

/// SplitMix64: a run can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % end as u64).unwrap()
    }
}

/// The bytes of a whole queue and what it tells.
fn whole() -> (Vec<u8>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let queue = Queue::open(&path).unwrap();
    fill(&queue);
    let copy = folder.path().join("copy.db");
    queue.backup(&copy).unwrap();
    (std::fs::read(&copy).unwrap(), story(&queue).unwrap())
}

/// What a damaged file says when it is read, and when it is checked.
fn examine(path: &Path) -> (Result<String, QueueError>, Result<(), QueueError>) {
    match Queue::open(path) {
        Ok(queue) => (story(&queue), queue.check()),
        Err(error) => (Err(error.clone()), Err(error)),
    }
}

fn damage(kind: &str, change: impl Fn(&mut Vec<u8>, &mut Dice)) {
    let (bytes, told) = whole();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let (mut found, mut harmless, mut only_by_check) = (0, 0, 0);
    for round in 0..rounds() {
        let mut damaged = bytes.clone();
        change(&mut damaged, &mut Dice(round));
        for companion in ["queue.db-wal", "queue.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(companion));
        }
        std::fs::write(&path, &damaged).unwrap();
        match examine(&path) {
            // The change hit what nothing stands in.
            (Ok(read), Ok(())) => {
                assert_eq!(read, told, "{kind} {round}: read silently");
                harmless += 1;
            }
            (Ok(read), Err(_)) if read != told => only_by_check += 1,
            (_, Err(_)) => found += 1,
            (Err(error), Ok(())) => panic!("{kind} {round}: passed its check, but {error}"),
        }
    }
    println!(
        "{kind}: {found} noticed, {only_by_check} by the check alone, {harmless} in unused space"
    );
    assert!(found > 0);
    // An index that leads nowhere hides a row; whatever else is changed is noticed by whoever reads it.
    assert!(only_by_check * 5 < rounds(), "{only_by_check}");
}

#[test]
fn a_flipped_bit_is_noticed() {
    damage("flipped bits", |bytes, dice| {
        let place = dice.below(bytes.len());
        bytes[place] ^= 1 << dice.below(8);
    });
}

#[test]
fn a_torn_page_is_noticed() {
    damage("torn pages", |bytes, dice| {
        let sectors = bytes.len() / 512;
        let start = dice.below(sectors) * 512;
        let other = dice.below(sectors) * 512;
        let stale = bytes[other..other + 512].to_vec();
        bytes[start..start + 512].copy_from_slice(&stale);
    });
}

#[test]
fn a_file_that_was_cut_off_is_noticed() {
    damage("cut off", |bytes, dice| {
        // To nothing it is not a damaged queue but none: that is for whoever remembers that there was one.
        let length = 1 + dice.below(bytes.len() - 1);
        bytes.truncate(length);
    });
}

#[test]
fn a_changed_value_is_refused_by_whoever_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let queue = Queue::open(&path).unwrap();
    fill(&queue);
    let copy = folder.path().join("copy.db");
    queue.backup(&copy).unwrap();
    let mut bytes = std::fs::read(&copy).unwrap();
    // One digit of the sum of every invoice: the structure of the file is whole, and no hash covers this column.
    let mut changed = 0;
    for place in 0..bytes.len() - 7 {
        if &bytes[place..place + 7] == b"1173.90" && &bytes[place + 7..place + 10] == b"PLN" {
            bytes[place] = b'2';
            changed += 1;
        }
    }
    assert!(changed > 0);
    std::fs::write(&copy, &bytes).unwrap();
    let queue = Queue::open(&copy).unwrap();
    let id = EntryId::parse("20261123-070000123-0000010123456789").unwrap();
    let refused = queue.entry(&id).unwrap_err();
    assert!(matches!(refused, QueueError::Corrupt { .. }), "{refused}");
    assert!(queue.check().is_err());
}

#[test]
fn an_index_that_leads_past_a_waiting_invoice_is_noticed_before_sending() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    let queue = Queue::open(&path).unwrap();
    fill(&queue);
    queue.check_waiting(&context()).unwrap();
    let copy = folder.path().join("copy.db");
    queue.backup(&copy).unwrap();
    drop(queue);
    let bytes = std::fs::read(&copy).unwrap();
    // Keys of the index by context, status and day: the seal of the row does not cover them.
    let key = b"Nip:5265877635signed";
    let places: Vec<usize> = (0..bytes.len() - key.len())
        .filter(|place| &bytes[*place..*place + key.len()] == key)
        .collect();
    let mut noticed = 0;
    for place in places {
        let mut damaged = bytes.clone();
        damaged[place + key.len() - 1] = b'x';
        std::fs::write(&path, &damaged).unwrap();
        for companion in ["queue.db-wal", "queue.db-shm"] {
            let _ = std::fs::remove_file(folder.path().join(companion));
        }
        let queue = Queue::open(&path).unwrap();
        let listed = queue.ready(&context(), 10, None).unwrap().entries.len();
        let checked = queue.check_waiting(&context());
        // The same words may stand in the counts, or where another index has them.
        if listed == 0 {
            assert!(matches!(checked, Err(QueueError::Corrupt { .. })));
            noticed += 1;
        }
    }
    assert!(noticed > 0);
}
