//! The tables and how older files are brought up to them.
//!
//! Migrations are numbered and never change once released; `user_version` is the number of the last one
//! that was run. `application_id` tells a queue from any other SQLite file.

use rusqlite::functions::FunctionFlags;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, TransactionBehavior};

use super::fault::Told as _;
use crate::error::QueueError;
use crate::rows::{Value, seal};

/// `KSOQ` in ASCII.
const APPLICATION_ID: i64 = 0x4B53_4F51;

/// Each schema version and the script that leads to it from the one before, in ascending order.
const MIGRATIONS: &[(i64, &str)] = &[(1, VERSION_1), (2, VERSION_2), (3, VERSION_3)];

/// The newest version known here.
pub(super) const NEWEST: i64 = 3;

/// Brings a connection to the modes and its file to the schema the store works with.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), QueueError> {
    // Judged before anything is changed: a newer or foreign file is left exactly as it is.
    judge_alone(connection)?;
    let mode = switch_to_wal(connection)?;
    if mode != "wal" {
        return Err(QueueError::Io {
            what: "the file system does not allow a write-ahead log".to_owned(),
        });
    }
    connection
        .pragma_update(None, "synchronous", "FULL")
        .told()?;
    connection
        .pragma_update(None, "foreign_keys", true)
        .told()?;
    if judge_alone(connection)? == NEWEST {
        return Ok(());
    }
    // All missing versions in one transaction; another process may have run them while this one waited.
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .told()?;
    let version = judge(&transaction)?;
    know_seals(&transaction)?;
    for (number, script) in MIGRATIONS {
        if *number > version {
            tracing::info!(version = *number, "bringing the queue to a new schema");
            transaction.execute_batch(script).told()?;
        }
    }
    transaction
        .pragma_update(None, "application_id", APPLICATION_ID)
        .told()?;
    transaction
        .pragma_update(None, "user_version", NEWEST)
        .told()?;
    transaction.commit().told()
}

/// Turns the write-ahead log on and gives the mode the file is in then. Of several processes that do so to a new file at
/// the same moment SQLite refuses all but one at once, whatever the time limit: it fears a deadlock. They look again.
fn switch_to_wal(connection: &Connection) -> Result<String, QueueError> {
    let mut left = 200;
    loop {
        let switched = connection
            .query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))
            .told();
        match switched {
            Err(QueueError::Busy) if left > 0 => {
                left -= 1;
                std::thread::sleep(std::time::Duration::from_millis(25));
            }
            told => return told,
        }
    }
}

/// Teaches the connection the function `seal`, which migrations seal older rows with: the name of the table, then the
/// values of the row.
fn know_seals(connection: &Connection) -> Result<(), QueueError> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection
        .create_scalar_function("seal", -1, flags, |context| {
            let table = context.get::<String>(0)?;
            let cells = (1..context.len())
                .map(|place| match context.get_raw(place) {
                    ValueRef::Null => Ok(Value::Null),
                    ValueRef::Integer(number) => Ok(Value::Int(number)),
                    value @ ValueRef::Text(_) => Ok(Value::from(value.as_str()?)),
                    ValueRef::Blob(bytes) => Ok(Value::from(bytes)),
                    ValueRef::Real(_) => Err(rusqlite::Error::InvalidQuery),
                })
                .collect::<rusqlite::Result<Vec<_>>>()?;
            Ok(seal(&table, &cells))
        })
        .told()
}

/// [`judge`] on one state of the file: between two looks another process could have made its tables.
fn judge_alone(connection: &mut Connection) -> Result<i64, QueueError> {
    let transaction = connection.transaction().told()?;
    let version = judge(&transaction)?;
    transaction.finish().told()?;
    Ok(version)
}

/// The version of the file, 0 for an empty one. Looks several times: only within a transaction.
pub(super) fn judge(connection: &Connection) -> Result<i64, QueueError> {
    let pragma = |name: &str| -> Result<i64, QueueError> {
        connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get(0))
            .told()
    };
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .told()?;
    match application {
        APPLICATION_ID if version > NEWEST => Err(QueueError::NewerVersion {
            found: version,
            known: NEWEST,
        }),
        APPLICATION_ID if version > 0 => Ok(version),
        0 if version == 0 && tables == 0 => Ok(0),
        _ => Err(QueueError::ForeignFile),
    }
}

/// Instants are texts of fixed width, so that they sort and lose nothing. `due` is `~` while open: it sorts last.
/// Large contents stand in a table of their own, so that lists read only what they show.
const VERSION_1: &str = "
CREATE TABLE entries (
    id TEXT PRIMARY KEY NOT NULL,
    context TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'signed', 'processing', 'sent', 'error')),
    mode TEXT NOT NULL,
    source TEXT,
    seller TEXT NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    issue_date TEXT NOT NULL,
    buyer_identifier TEXT,
    buyer_name TEXT,
    buyer_folded TEXT NOT NULL,
    gross TEXT NOT NULL,
    currency TEXT NOT NULL,
    has_attachment INTEGER NOT NULL,
    hash BLOB NOT NULL,
    size INTEGER NOT NULL,
    code_one TEXT,
    code_two TEXT,
    certificate TEXT,
    due TEXT NOT NULL,
    ksef_number TEXT,
    acquisition_date TEXT,
    archived TEXT,
    answer TEXT,
    session TEXT,
    receipt BLOB,
    attempts INTEGER NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX entries_hash ON entries (hash);
CREATE UNIQUE INDEX entries_number ON entries (seller, kind, number);
CREATE UNIQUE INDEX entries_ksef_number ON entries (ksef_number) WHERE ksef_number IS NOT NULL;
CREATE INDEX queue_all ON entries (due, id) WHERE status <> 'sent';
CREATE INDEX queue_context ON entries (context, due, id) WHERE status <> 'sent';
CREATE INDEX queue_status ON entries (status, due, id) WHERE status <> 'sent';
CREATE INDEX queue_context_status ON entries (context, status, due, id) WHERE status <> 'sent';
CREATE INDEX queue_session ON entries (session) WHERE status = 'processing';
CREATE INDEX archive_all ON entries (archived, id) WHERE status = 'sent';
CREATE INDEX archive_context ON entries (context, archived, id) WHERE status = 'sent';
CREATE INDEX archive_number ON entries (number) WHERE status = 'sent';
CREATE INDEX archive_issue_date ON entries (issue_date) WHERE status = 'sent';
CREATE INDEX archive_without_receipt ON entries (id) WHERE status = 'sent' AND receipt IS NULL;

CREATE TABLE contents (
    entry TEXT PRIMARY KEY NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    document BLOB NOT NULL,
    signature BLOB,
    evidence TEXT NOT NULL
) STRICT;

CREATE TABLE counts (
    context TEXT NOT NULL,
    status TEXT NOT NULL,
    entries INTEGER NOT NULL,
    PRIMARY KEY (context, status)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER count_inserted AFTER INSERT ON entries BEGIN
    INSERT INTO counts VALUES (new.context, new.status, 1)
        ON CONFLICT DO UPDATE SET entries = entries + 1;
END;
CREATE TRIGGER count_deleted AFTER DELETE ON entries BEGIN
    UPDATE counts SET entries = entries - 1 WHERE context = old.context AND status = old.status;
END;
CREATE TRIGGER count_moved AFTER UPDATE OF status ON entries WHEN old.status <> new.status BEGIN
    UPDATE counts SET entries = entries - 1 WHERE context = old.context AND status = old.status;
    INSERT INTO counts VALUES (new.context, new.status, 1)
        ON CONFLICT DO UPDATE SET entries = entries + 1;
END;

CREATE TABLE history (
    entry TEXT NOT NULL,
    line INTEGER NOT NULL,
    at TEXT NOT NULL,
    change TEXT NOT NULL,
    status TEXT,
    cause TEXT NOT NULL,
    PRIMARY KEY (entry, line)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    reference TEXT PRIMARY KEY NOT NULL,
    context TEXT NOT NULL,
    kind TEXT NOT NULL,
    offline INTEGER NOT NULL,
    state TEXT NOT NULL,
    parts INTEGER NOT NULL,
    uploaded TEXT NOT NULL,
    secrets BLOB,
    status TEXT,
    opened TEXT NOT NULL,
    updated TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_open ON sessions (opened, reference)
    WHERE state IN ('opened', 'uploading', 'closed');

CREATE TABLE session_invoices (
    session TEXT NOT NULL REFERENCES sessions (reference),
    ordinal INTEGER NOT NULL,
    entry TEXT NOT NULL,
    file_name TEXT NOT NULL,
    reference TEXT,
    PRIMARY KEY (session, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX session_invoices_entry ON session_invoices (session, entry);

CREATE TABLE receipts (
    id BLOB PRIMARY KEY NOT NULL,
    bytes BLOB NOT NULL,
    session TEXT,
    stored TEXT NOT NULL
) STRICT;

CREATE TABLE senders (
    context TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    number INTEGER NOT NULL,
    expires TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE timeline (
    id TEXT PRIMARY KEY NOT NULL,
    version INTEGER NOT NULL,
    json TEXT NOT NULL
) STRICT;

CREATE TABLE settings (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;
";

/// Technical corrections and what a person did about a rejection; seals over the values of each row.
const VERSION_2: &str = "
ALTER TABLE entries ADD COLUMN corrects TEXT;
ALTER TABLE entries ADD COLUMN corrects_hash BLOB;
ALTER TABLE entries ADD COLUMN resolution TEXT CHECK (resolution IN ('corrected', 'replaced', 'given-up'));
ALTER TABLE entries ADD COLUMN resolution_text TEXT;
ALTER TABLE entries ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
DROP INDEX entries_number;
CREATE UNIQUE INDEX entries_number ON entries (seller, kind, number) WHERE resolution IS NULL;
DROP INDEX archive_without_receipt;
CREATE INDEX archive_without_receipt ON entries (context, id) WHERE status = 'sent' AND receipt IS NULL;
UPDATE entries SET seal = seal('entries', id, context, mode, source, seller, kind, number, issue_date,
    buyer_identifier, buyer_name, buyer_folded, gross, currency, has_attachment, hash, size, created, corrects,
    corrects_hash, status, code_one, code_two, certificate, due, ksef_number, acquisition_date, archived, answer,
    session, receipt, resolution, resolution_text, attempts, updated);

-- The seal leaves the document out: that has its own hash.
CREATE TABLE contents_2 (
    entry TEXT PRIMARY KEY NOT NULL REFERENCES entries (id) ON DELETE CASCADE,
    evidence TEXT NOT NULL,
    seal INTEGER NOT NULL,
    signature BLOB,
    document BLOB NOT NULL
) STRICT;
INSERT INTO contents_2 (entry, evidence, seal, signature, document)
    SELECT entry, evidence, seal('contents', entry, signature, evidence), signature, document FROM contents;
DROP TABLE contents;
ALTER TABLE contents_2 RENAME TO contents;

ALTER TABLE history ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE history SET seal = seal('history', entry, line, at, change, status, cause);
ALTER TABLE sessions ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE sessions SET seal = seal('sessions', reference, context, kind, offline, state, parts, uploaded, secrets,
    status, opened, updated);
ALTER TABLE session_invoices ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE session_invoices SET seal = seal('session_invoices', session, ordinal, entry, file_name, reference);
ALTER TABLE receipts ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE receipts SET seal = seal('receipts', id, bytes, session, stored);
ALTER TABLE senders ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE senders SET seal = seal('senders', context, owner, number, expires);
ALTER TABLE timeline ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE timeline SET seal = seal('timeline', id, version, json);
ALTER TABLE settings ADD COLUMN seal INTEGER NOT NULL DEFAULT 0;
UPDATE settings SET seal = seal('settings', key, value);
";

/// Given-up invoices that were not rejected keep their number; replaced ones are found by their successor; buyers are found
/// by any part of their name: each text once, and the places of every three characters in it.
const VERSION_3: &str = "
DROP INDEX entries_number;
CREATE UNIQUE INDEX entries_number ON entries (seller, kind, number)
    WHERE resolution IS NULL OR status <> 'error';
CREATE INDEX entries_replaced ON entries (resolution_text) WHERE resolution = 'replaced';
CREATE INDEX archive_buyer ON entries (buyer_folded, archived, id) WHERE status = 'sent';

CREATE TABLE buyers (
    id INTEGER PRIMARY KEY,
    folded TEXT NOT NULL UNIQUE
) STRICT;
CREATE VIRTUAL TABLE buyers_text USING fts5(
    folded, content='buyers', content_rowid='id', tokenize='trigram case_sensitive 1'
);
CREATE TRIGGER buyer_seen AFTER INSERT ON entries BEGIN
    INSERT INTO buyers (folded) VALUES (new.buyer_folded) ON CONFLICT DO NOTHING;
END;
CREATE TRIGGER buyer_added AFTER INSERT ON buyers BEGIN
    INSERT INTO buyers_text (rowid, folded) VALUES (new.id, new.folded);
END;
CREATE TRIGGER buyer_removed AFTER DELETE ON buyers BEGIN
    INSERT INTO buyers_text (buyers_text, rowid, folded) VALUES ('delete', old.id, old.folded);
END;
INSERT INTO buyers (folded) SELECT DISTINCT buyer_folded FROM entries ORDER BY buyer_folded;
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_lead_to_the_newest_version_without_a_gap() {
        let numbers: Vec<i64> = MIGRATIONS.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (1..=NEWEST).collect::<Vec<_>>());
    }
}
