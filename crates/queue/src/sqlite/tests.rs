use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use ksef_offline_core::Diagnostic as _;
use rusqlite::Connection;

use super::{SqliteStore, rows, schema};
use crate::error::QueueError;
use crate::query::{ArchiveQuery, Cursor, ListQuery};
use crate::queue::Queue;
use crate::status::InvoiceStatus;
use crate::store::QueueStore;

fn set(store: &SqliteStore, key: &str, value: &str) -> Result<(), QueueError> {
    store.write(&mut |changes| changes.put_value(key, Some(value)))
}

fn value(store: &SqliteStore, key: &str) -> Option<String> {
    let mut found = None;
    store
        .read(&mut |rows| {
            found = rows.value(key)?;
            Ok(())
        })
        .unwrap();
    found
}

fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("queue.db");
    (folder, path)
}

fn version_of(path: &Path) -> i64 {
    Connection::open(path)
        .unwrap()
        .query_row("PRAGMA user_version", [], |row| row.get(0))
        .unwrap()
}

#[test]
fn what_was_committed_is_there_after_reopening_and_nothing_else() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    set(&store, "kept", "yes").unwrap();
    let failed = store.write(&mut |changes| {
        changes.put_value("kept", Some("no"))?;
        changes.put_value("lost", Some("yes"))?;
        Err(QueueError::BadSelection)
    });
    assert_eq!(failed, Err(QueueError::BadSelection));
    // A panic in the middle of the work is the nearest a test comes to a process that dies there.
    let died = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        store.write(&mut |changes| {
            changes.put_value("kept", Some("no"))?;
            panic!("in the middle of a transaction");
        })
    }));
    assert!(died.is_err());
    set(&store, "after", "works").unwrap();
    drop(store);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(value(&store, "kept").as_deref(), Some("yes"));
    assert_eq!(value(&store, "lost"), None);
    assert_eq!(value(&store, "after").as_deref(), Some("works"));
    store.check().unwrap();
    assert_eq!(version_of(&path), schema::NEWEST);
}

#[test]
fn commits_are_synced_and_logged_ahead() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    let connection = super::lock(&store.writer);
    let pragma = |name: &str| -> String {
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| {
                row.get::<_, rusqlite::types::Value>(0)
            })
            .map(|value| format!("{value:?}"))
            .unwrap()
    };
    assert_eq!(pragma("journal_mode"), "Text(\"wal\")");
    assert_eq!(pragma("synchronous"), "Integer(2)");
    assert_eq!(pragma("foreign_keys"), "Integer(1)");
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    set(&store, "a", "b").unwrap();
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
    }
}

#[test]
fn a_newer_queue_is_refused_and_left_as_it_is() {
    let (_folder, path) = folder();
    drop(SqliteStore::open(&path).unwrap());
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("PRAGMA journal_mode = DELETE; PRAGMA user_version = 99;")
        .unwrap();
    drop(connection);
    let before = std::fs::read(&path).unwrap();
    let refused = SqliteStore::open(&path).unwrap_err();
    assert_eq!(refused.code(), "queue-newer-version");
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_no_queue_is_refused_and_left_as_it_is() {
    let (folder, path) = folder();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch("CREATE TABLE mine (x)").unwrap();
    drop(connection);
    assert_eq!(
        SqliteStore::open(&path).unwrap_err(),
        QueueError::ForeignFile
    );
    let text = folder.path().join("letter.txt");
    std::fs::write(&text, "Dear Sir or Madam, ".repeat(100)).unwrap();
    assert_eq!(
        SqliteStore::open(&text).unwrap_err(),
        QueueError::ForeignFile
    );
    assert!(SqliteStore::open(&folder.path().join("none/queue.db")).is_err());
}

#[test]
fn a_full_disk_says_so_and_leaves_nothing_half_written() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    set(&store, "a", "small").unwrap();
    // The limit of pages makes SQLite answer as it does when the disk is full.
    super::lock(&store.writer)
        .execute_batch("PRAGMA max_page_count = 1")
        .unwrap();
    let refused = store.write(&mut |changes| {
        changes.put_value("b", Some("small"))?;
        changes.put_value("a", Some(&"large".repeat(100_000)))
    });
    assert_eq!(refused, Err(QueueError::DiskFull));
    assert_eq!(value(&store, "a").as_deref(), Some("small"));
    assert_eq!(value(&store, "b"), None);
    super::lock(&store.writer)
        .execute_batch("PRAGMA max_page_count = 1000000")
        .unwrap();
    set(&store, "a", &"large".repeat(100_000)).unwrap();
}

#[test]
fn a_second_handle_waits_for_the_first() {
    let (_folder, path) = folder();
    let first = SqliteStore::open(&path).unwrap();
    let (started, wait) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            first
                .write(&mut |changes| {
                    changes.put_value("n", Some("1"))?;
                    started.send(()).unwrap();
                    std::thread::sleep(Duration::from_millis(300));
                    Ok(())
                })
                .unwrap();
        });
        wait.recv().unwrap();
        // Opening and reading do not wait; writing does, and then sees what the first wrote.
        let second = SqliteStore::open(&path).unwrap();
        assert_eq!(value(&second, "n"), None);
        second
            .write(&mut |changes| {
                let seen = changes.value("n")?;
                changes.put_value("seen", seen.as_deref())
            })
            .unwrap();
        assert_eq!(value(&second, "seen").as_deref(), Some("1"));
    });
}

#[test]
fn many_handles_count_together_without_losing_any() {
    let (_folder, path) = folder();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                let store = SqliteStore::open(&path).unwrap();
                for _ in 0..20 {
                    store
                        .write(&mut |changes| {
                            let count: u32 =
                                changes.value("n")?.map_or(0, |text| text.parse().unwrap());
                            changes.put_value("n", Some(&(count + 1).to_string()))
                        })
                        .unwrap();
                }
            });
        }
    });
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(value(&store, "n").as_deref(), Some("120"));
}

#[test]
fn a_backup_is_a_whole_queue_and_overwrites_nothing() {
    let (folder, path) = folder();
    let queue = Queue::open(&path).unwrap();
    queue.set_value("a", Some("b")).unwrap();
    let copy = folder.path().join("copy.db");
    queue.backup(&copy).unwrap();
    assert_eq!(queue.backup(&copy), Err(QueueError::BackupExists));
    queue.set_value("a", Some("c")).unwrap();
    let restored = Queue::open(&copy).unwrap();
    restored.check().unwrap();
    assert_eq!(restored.value("a").unwrap().as_deref(), Some("b"));
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("partial"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
    // A damaged queue gives no backup that looks good.
    let damaged = b"<Potwierdzenie/>";
    super::connect(&path)
        .unwrap()
        .execute(
            "INSERT INTO receipts (id, bytes, stored) VALUES (?1, ?2, '2026-11-23T07:00:00.000000000Z')",
            rusqlite::params![[7_u8; 32], damaged],
        )
        .unwrap();
    let bad = folder.path().join("bad.db");
    assert_eq!(queue.backup(&bad).unwrap_err().code(), "queue-corrupt");
    assert!(!bad.exists());
    let nowhere = folder.path().join("none/copy.db");
    assert!(queue.backup(&nowhere).is_err());
}

#[test]
fn damage_is_found() {
    let (_folder, path) = folder();
    let queue = Queue::open(&path).unwrap();
    let receipt = b"<Potwierdzenie/>";
    drop(queue);
    let connection = Connection::open(&path).unwrap();
    connection
        .execute(
            "INSERT INTO receipts (id, bytes, stored) VALUES (?1, ?2, '2026-11-23T07:00:00.000000000Z')",
            rusqlite::params![[7_u8; 32], receipt],
        )
        .unwrap();
    drop(connection);
    let store = SqliteStore::open(&path).unwrap();
    assert_eq!(store.check().unwrap_err().code(), "queue-corrupt");
    let read = store.read(&mut |rows| {
        rows.receipt(&crate::ReceiptId::from_bytes([7; 32]))
            .map(drop)
    });
    assert_eq!(read.unwrap_err().code(), "queue-corrupt");
    drop(store);
    // A file that is cut off never opens as if it were whole.
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let cut = SqliteStore::open(&path).and_then(|store| store.check());
    assert_eq!(cut.unwrap_err().code(), "queue-corrupt");
}

/// How SQLite says it would run a query.
fn plan(store: &SqliteStore, selection: &crate::rows::Selection) -> String {
    let connection = super::lock(&store.reader);
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {}", selection.sql))
        .unwrap();
    let values = rusqlite::params_from_iter(&selection.values);
    let steps = statement
        .query_map(values, |row| row.get::<_, String>(3))
        .unwrap();
    steps.map(Result::unwrap).collect::<Vec<_>>().join("; ")
}

#[test]
fn pages_are_read_in_the_order_of_an_index_without_sorting() {
    let (_folder, path) = folder();
    let store = SqliteStore::open(&path).unwrap();
    let context =
        ksef_offline_core::identifier::ContextIdentifier::parse("Nip:5265877635").unwrap();
    let id = "20261122-204703123-ffffffffffffffff";
    for context in [None, Some(context)] {
        for after in [None, Some(format!("2026-11-24_{id}"))] {
            for status in [None, Some(InvoiceStatus::Signed)] {
                let query = ListQuery {
                    status,
                    context: context.clone(),
                    after: after.as_ref().map(|text| text.parse().unwrap()),
                    ..ListQuery::default()
                };
                let plan = plan(
                    &store,
                    &crate::rows::in_queue(&rows::DIALECT, &query).unwrap(),
                );
                assert!(plan.contains("queue_") && !plan.contains("TEMP"), "{plan}");
            }
        }
        for after in [None, Some(format!("2026-11-24T00:00:00Z_{id}"))] {
            let query = ArchiveQuery {
                context: context.clone(),
                after: after.map(|text| text.parse::<Cursor>().unwrap()),
                ..ArchiveQuery::default()
            };
            let plan = plan(
                &store,
                &crate::rows::in_archive(&rows::DIALECT, &query, "", None).unwrap(),
            );
            assert!(
                plan.contains("archive_") && !plan.contains("TEMP"),
                "{plan}"
            );
        }
    }
    let query = ArchiveQuery {
        number: Some("FV/2026".to_owned()),
        context: Some("Nip:5265877635".parse().unwrap()),
        ..ArchiveQuery::default()
    };
    let plan = plan(
        &store,
        &crate::rows::in_archive(&rows::DIALECT, &query, " INDEXED BY archive_number", None)
            .unwrap(),
    );
    assert!(plan.contains("archive_number"), "{plan}");
}
