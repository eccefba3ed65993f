//! The tables and how older queues are brought up to them.
//!
//! Migrations are numbered and never change once released; `schema_version` holds the number of the last one that was
//! run. Processes that start together wait for one another at an advisory lock.

use super::connection::{Connection, wait};
use super::fault::told;
use crate::error::QueueError;

/// Each schema version and the script that leads to it from the one before, in ascending order. They stand in step with
/// those of SQLite: version 1 of that had no PostgreSQL.
const MIGRATIONS: &[(i64, &str)] = &[(2, VERSION_2), (3, VERSION_3)];

/// The newest version known here.
pub(super) const NEWEST: i64 = 3;

/// Brings the schema of this name up to the present version.
pub(super) fn prepare(connection: &Connection, schema: &str) -> Result<(), QueueError> {
    let client = &connection.client;
    let run = |sql: &str| wait(client.batch_execute(sql)).map_err(|error| told(&error));
    let encoding =
        wait(client.query_one("SHOW server_encoding", &[])).map_err(|error| told(&error))?;
    if encoding.try_get::<_, &str>(0).ok() != Some("UTF8") {
        return Err(QueueError::Io {
            what: "the encoding of the database is not UTF8".to_owned(),
        });
    }
    if judge(connection, schema)? == NEWEST {
        return Ok(());
    }
    run("BEGIN")?;
    let migrated = (|| {
        // One number for all queues of the database: migrations are rare and short.
        run("SELECT pg_catalog.pg_advisory_xact_lock(5426754521470087505)")?;
        let version = judge(connection, schema)?;
        if version == 0 {
            let exists = "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1";
            if wait(client.query_opt(exists, &[&schema]))
                .map_err(|error| told(&error))?
                .is_none()
            {
                run(&format!("CREATE SCHEMA {schema}"))?;
            }
        }
        run(&format!("SET LOCAL search_path = {schema}, pg_catalog"))?;
        for (number, script) in MIGRATIONS {
            if *number > version {
                tracing::info!(version = *number, "bringing the queue to a new schema");
                // Texts sort by their bytes, whatever the language of the database.
                run(&script.replace(" TEXT", " TEXT COLLATE \"C\""))?;
            }
        }
        run(&format!("UPDATE schema_version SET version = {NEWEST}"))?;
        run("COMMIT")
    })();
    if migrated.is_err() {
        let _ = run("ROLLBACK");
    }
    migrated
}

/// The version of the schema, 0 where there is nothing.
fn judge(connection: &Connection, schema: &str) -> Result<i64, QueueError> {
    let client = &connection.client;
    let tables = "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n \
                  ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm')";
    let tables = wait(client.query(tables, &[&schema])).map_err(|error| told(&error))?;
    let ours = tables
        .iter()
        .any(|row| row.try_get::<_, &str>(0).ok() == Some("schema_version"));
    if !ours {
        return if tables.is_empty() {
            Ok(0)
        } else {
            Err(QueueError::ForeignFile)
        };
    }
    let version = format!("SELECT version FROM {schema}.schema_version");
    let row = wait(client.query_opt(&version, &[]))
        .map_err(|error| told(&error))?
        .ok_or(QueueError::ForeignFile)?;
    let found = row.try_get(0).map_err(|error| told(&error))?;
    if found > NEWEST {
        Err(QueueError::NewerVersion {
            found,
            known: NEWEST,
        })
    } else {
        Ok(found)
    }
}

/// As in SQLite, but for seals, which the server's own checksums stand for, and for the counts: they are kept in 16
/// shards, so that transactions of several connections do not wait for each other at one row.
const VERSION_2: &str = "
CREATE TABLE schema_version (version BIGINT NOT NULL);
INSERT INTO schema_version VALUES (0);

CREATE TABLE entries (
    id TEXT PRIMARY KEY,
    context TEXT NOT NULL,
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
    has_attachment BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    size BIGINT NOT NULL,
    created TEXT NOT NULL,
    corrects TEXT,
    corrects_hash BYTEA,
    status TEXT NOT NULL CHECK (status IN ('pending', 'signed', 'processing', 'sent', 'error')),
    code_one TEXT,
    code_two TEXT,
    certificate TEXT,
    due TEXT NOT NULL,
    ksef_number TEXT,
    acquisition_date TEXT,
    archived TEXT,
    answer TEXT,
    session TEXT,
    receipt BYTEA,
    resolution TEXT CHECK (resolution IN ('corrected', 'replaced', 'given-up')),
    resolution_text TEXT,
    attempts BIGINT NOT NULL,
    updated TEXT NOT NULL
);
CREATE UNIQUE INDEX entries_hash ON entries (hash);
CREATE UNIQUE INDEX entries_number ON entries (seller, kind, number) WHERE resolution IS NULL;
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
CREATE INDEX archive_without_receipt ON entries (context, id) WHERE status = 'sent' AND receipt IS NULL;

CREATE TABLE contents (
    entry TEXT PRIMARY KEY REFERENCES entries (id) ON DELETE CASCADE,
    signature BYTEA,
    evidence TEXT NOT NULL,
    document BYTEA NOT NULL
);

CREATE TABLE counts (
    context TEXT NOT NULL,
    status TEXT NOT NULL,
    shard BIGINT NOT NULL,
    entries BIGINT NOT NULL,
    PRIMARY KEY (context, status, shard)
);
CREATE FUNCTION count_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO counts AS c SELECT context, status, pg_backend_pid() % 16, count(*)
            FROM added GROUP BY context, status ORDER BY context, status
            ON CONFLICT (context, status, shard) DO UPDATE SET entries = c.entries + excluded.entries;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO counts AS c SELECT context, status, pg_backend_pid() % 16, -count(*)
            FROM removed GROUP BY context, status ORDER BY context, status
            ON CONFLICT (context, status, shard) DO UPDATE SET entries = c.entries + excluded.entries;
    ELSE
        INSERT INTO counts AS c SELECT context, status, pg_backend_pid() % 16, sum(n)
            FROM (SELECT context, status, 1 AS n FROM added UNION ALL SELECT context, status, -1 FROM removed) moved
            GROUP BY context, status HAVING sum(n) <> 0 ORDER BY context, status
            ON CONFLICT (context, status, shard) DO UPDATE SET entries = c.entries + excluded.entries;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_inserted AFTER INSERT ON entries
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_changes();
CREATE TRIGGER count_deleted AFTER DELETE ON entries
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_changes();
CREATE TRIGGER count_moved AFTER UPDATE ON entries
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_changes();

CREATE TABLE history (
    entry TEXT NOT NULL,
    line BIGINT NOT NULL,
    at TEXT NOT NULL,
    change TEXT NOT NULL,
    status TEXT,
    cause TEXT NOT NULL,
    PRIMARY KEY (entry, line)
);

CREATE TABLE sessions (
    reference TEXT PRIMARY KEY,
    context TEXT NOT NULL,
    kind TEXT NOT NULL,
    offline BIGINT NOT NULL,
    state TEXT NOT NULL,
    parts BIGINT NOT NULL,
    uploaded TEXT NOT NULL,
    secrets BYTEA,
    status TEXT,
    opened TEXT NOT NULL,
    updated TEXT NOT NULL
);
CREATE INDEX sessions_open ON sessions (opened, reference) WHERE state IN ('opened', 'uploading', 'closed');

CREATE TABLE session_invoices (
    session TEXT NOT NULL REFERENCES sessions (reference),
    ordinal BIGINT NOT NULL,
    entry TEXT NOT NULL,
    file_name TEXT NOT NULL,
    reference TEXT,
    PRIMARY KEY (session, ordinal)
);
CREATE INDEX session_invoices_entry ON session_invoices (session, entry);

CREATE TABLE receipts (
    id BYTEA PRIMARY KEY,
    bytes BYTEA NOT NULL,
    session TEXT,
    stored TEXT NOT NULL
);

-- A row for each context that ever had an invoice, so that workers find them; number 0 until the first lease.
CREATE TABLE senders (
    context TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    number BIGINT NOT NULL,
    expires TEXT NOT NULL
);

CREATE TABLE timeline (
    id TEXT PRIMARY KEY,
    version BIGINT NOT NULL,
    json TEXT NOT NULL
);

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
);
";

/// As in SQLite; the places of every three characters of a buyer are in an index of the server's own kind.
const VERSION_3: &str = "
DROP INDEX entries_number;
CREATE UNIQUE INDEX entries_number ON entries (seller, kind, number) WHERE resolution IS NULL OR status <> 'error';
CREATE INDEX entries_replaced ON entries (resolution_text) WHERE resolution = 'replaced';
CREATE INDEX archive_buyer ON entries (buyer_folded, archived, id) WHERE status = 'sent';

CREATE TABLE buyers (folded TEXT PRIMARY KEY);
CREATE FUNCTION buyer_grams(folded text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(folded, n, 3)), '{}'::text[])
    FROM generate_series(1, char_length(folded) - 2) n
$$;
CREATE INDEX buyers_grams ON buyers USING gin (buyer_grams(folded));
CREATE FUNCTION note_buyers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO buyers SELECT DISTINCT buyer_folded FROM added ORDER BY buyer_folded ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER buyer_seen AFTER INSERT ON entries
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION note_buyers();
INSERT INTO buyers SELECT DISTINCT buyer_folded FROM entries ORDER BY buyer_folded;
";
