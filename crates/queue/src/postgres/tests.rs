//! Against a server of their own, which only Unix can start.
#![cfg(unix)]

use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};

use ksef_offline_core::Diagnostic as _;
use ksef_offline_test_postgres::Server;

use super::connection::{Connection, Pool, wait};
use super::{Attempt, PostgresAddress, PostgresStore, begin};
use crate::error::QueueError;
use crate::store::QueueStore;

const HANDLES: usize = 8;

fn address() -> Option<PostgresAddress> {
    Some(Server::shared()?.fresh_url().parse().unwrap())
}

fn value(store: &PostgresStore, key: &str) -> Option<String> {
    let mut found = None;
    store
        .read(&mut |rows| {
            found = rows.value(key)?;
            Ok(())
        })
        .unwrap();
    found
}

fn set(store: &PostgresStore, key: &str, value: &str) -> Result<(), QueueError> {
    store.write(&mut |changes| changes.put_value(key, Some(value)))
}

/// A connection beside the store's, on the same schema.
fn beside(address: &PostgresAddress) -> (Pool, Connection) {
    let pool = Pool::new(address).unwrap();
    let connection = pool.take().unwrap();
    (pool, connection)
}

fn run(connection: &Connection, sql: &str) {
    wait(connection.client.batch_execute(sql)).unwrap();
}

fn text(connection: &Connection, sql: &str) -> String {
    wait(connection.client.query_one(sql, &[])).unwrap().get(0)
}

#[test]
fn many_handles_count_together_without_losing_any() {
    let Some(address) = address() else { return };
    drop(PostgresStore::connect(&address).unwrap());
    std::thread::scope(|scope| {
        for _ in 0..HANDLES {
            scope.spawn(|| {
                let store = PostgresStore::connect(&address).unwrap();
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
    let store = PostgresStore::connect(&address).unwrap();
    assert_eq!(value(&store, "n").as_deref(), Some("160"));
}

#[test]
fn processes_that_start_together_make_the_schema_once() {
    let Some(address) = address() else { return };
    let together = Barrier::new(HANDLES);
    std::thread::scope(|scope| {
        for place in 0..HANDLES {
            let (address, together) = (&address, &together);
            scope.spawn(move || {
                together.wait();
                let store = PostgresStore::connect(address).unwrap();
                set(&store, &place.to_string(), "here").unwrap();
            });
        }
    });
}

#[test]
fn a_connection_that_breaks_in_the_middle_loses_nothing_and_stores_nothing_twice() {
    let Some(address) = address() else { return };
    let store = PostgresStore::connect(&address).unwrap();
    let (_pool, other) = beside(&address);
    set(&store, "n", "0").unwrap();
    let runs = AtomicU32::new(0);
    store
        .write(&mut |changes| {
            let count: u32 = changes.value("n")?.unwrap().parse().unwrap();
            changes.put_value("n", Some(&(count + 1).to_string()))?;
            if runs.fetch_add(1, Ordering::Relaxed) == 0 {
                run(
                    &other,
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE state = 'idle in transaction' AND query LIKE '%settings%'",
                );
            }
            changes.put_value("after", Some("it")).map(drop)
        })
        .unwrap();
    assert_eq!(runs.into_inner(), 2);
    assert_eq!(value(&store, "n").as_deref(), Some("1"));
}

#[test]
fn work_that_goes_on_after_a_fault_is_no_success() {
    let Some(address) = address() else { return };
    let store = PostgresStore::connect(&address).unwrap();
    let refused = store.write(&mut |changes| {
        changes.put_value("a", Some("b"))?;
        // No text of the server's can hold this.
        let _ = changes.put_value("c", Some("\0"));
        Ok(())
    });
    assert!(refused.is_err());
    assert_eq!(value(&store, "a"), None);
}

#[test]
fn the_server_tells_what_became_of_a_commit_whose_answer_was_lost() {
    let Some(address) = address() else { return };
    let store = PostgresStore::connect(&address).unwrap();
    let (_pool, other) = beside(&address);
    let committed = begin(&other).unwrap();
    run(&other, "COMMIT");
    assert!(matches!(store.find_out(&committed), Attempt::Done(Ok(()))));
    let undone = begin(&other).unwrap();
    run(&other, "ROLLBACK");
    assert!(matches!(store.find_out(&undone), Attempt::Again(_)));
}

#[test]
fn a_newer_or_foreign_schema_is_refused_and_left_as_it_is() {
    let Some(address) = address() else { return };
    drop(PostgresStore::connect(&address).unwrap());
    let (_pool, other) = beside(&address);
    run(&other, "UPDATE schema_version SET version = 99");
    let refused = PostgresStore::connect(&address).unwrap_err();
    assert_eq!(refused.code(), "queue-newer-version");
    assert_eq!(
        text(&other, "SELECT version::text FROM schema_version"),
        "99"
    );
    run(&other, "DROP TABLE schema_version");
    let refused = PostgresStore::connect(&address).unwrap_err();
    assert_eq!(refused, QueueError::ForeignFile);
}

#[test]
fn what_is_committed_waits_for_the_disk_whatever_the_server_is_set_to() {
    let Some(server) = Server::shared() else {
        return;
    };
    let url = format!(
        "{}&options=-c%20synchronous_commit%3Doff",
        server.fresh_url()
    );
    let address: PostgresAddress = url.parse().unwrap();
    let (_pool, connection) = beside(&address);
    assert_eq!(text(&connection, "SHOW synchronous_commit"), "on");
}

#[test]
fn nobody_there_is_told_as_such() {
    let Some(server) = Server::shared() else {
        return;
    };
    for url in [
        "postgres://tests@127.0.0.1:1/postgres?connect_timeout=1".to_owned(),
        "postgres://tests@%2Fnowhere/postgres".to_owned(),
        server.fresh_url().replace("/postgres?", "/nothing?"),
    ] {
        let refused = PostgresStore::connect(&url.parse().unwrap()).unwrap_err();
        assert_eq!(refused.code(), "queue-unreachable", "{url}");
    }
}

#[test]
fn a_blocking_call_may_come_from_an_asynchronous_program() {
    let Some(address) = address() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let store = PostgresStore::connect(&address).unwrap();
        set(&store, "a", "b").unwrap();
        assert_eq!(value(&store, "a").as_deref(), Some("b"));
    });
}

#[test]
fn damage_is_found() {
    let Some(address) = address() else { return };
    let store = PostgresStore::connect(&address).unwrap();
    store.check().unwrap();
    let (_pool, other) = beside(&address);
    run(
        &other,
        "INSERT INTO receipts (id, bytes, stored) VALUES (decode(repeat('07', 32), 'hex'), 'x', '2026')",
    );
    assert_eq!(store.check().unwrap_err().code(), "queue-corrupt");
}

/// What version 3 added, undone: a queue as version 2 left it.
const BACK_TO_2: &str = "
DROP TRIGGER buyer_seen ON entries;
DROP FUNCTION note_buyers();
DROP TABLE buyers;
DROP FUNCTION buyer_grams(text);
DROP INDEX entries_replaced, archive_buyer, entries_number;
CREATE UNIQUE INDEX entries_number ON entries (seller, kind, number) WHERE resolution IS NULL;
UPDATE schema_version SET version = 2;
";

#[test]
fn a_queue_of_the_version_before_is_brought_up_and_its_buyers_are_found() {
    let Some(address) = address() else { return };
    let store = PostgresStore::connect(&address).unwrap();
    let (_pool, other) = beside(&address);
    run(
        &other,
        "INSERT INTO entries SELECT * FROM json_populate_record(NULL::entries, '{\"id\": \"20261123-070000123-0000000123456789\",
         \"context\": \"Nip:5265877635\", \"mode\": \"offline24\", \"seller\": \"5265877635\", \"kind\": \"VAT\",
         \"number\": \"FV/1\", \"issue_date\": \"2026-11-23\", \"buyer_name\": \"Ćwik\", \"buyer_folded\": \"ćwik\\n\",
         \"gross\": \"1.00\", \"currency\": \"PLN\", \"has_attachment\": 0, \"size\": 4, \"status\": \"sent\",
         \"created\": \"2026-11-23T07:00:00.000000000Z\", \"updated\": \"2026-11-23T07:00:00.000000000Z\",
         \"archived\": \"2026-11-23T08:00:00.000000000Z\", \"due\": \"~\", \"attempts\": 1,
         \"hash\": \"\\\\x8d8a45ceb30af6372ed1e9c0e5c7e1ac3a0e60ba2ad3fd8e6fd2ec98c9e0a1ab\"}'::json)",
    );
    run(&other, BACK_TO_2);
    drop(store);
    let store = PostgresStore::connect(&address).unwrap();
    let found = |buyer: &str| {
        let query = crate::ArchiveQuery {
            buyer: Some(buyer.to_owned()),
            ..crate::ArchiveQuery::default()
        };
        let mut count = 0;
        store
            .read(&mut |rows| {
                count = rows.archive(&query)?.len();
                Ok(())
            })
            .unwrap();
        count
    };
    assert_eq!((found("ĆWI"), found("ćw"), found("nikt")), (1, 1, 0));
    assert_eq!(
        text(&other, "SELECT version::text FROM schema_version"),
        "3"
    );
}
