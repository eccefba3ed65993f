//! The shared store: a PostgreSQL server that many processes and machines work on at the same time.
//!
//! Reading sees one snapshot and waits for nobody. Writing locks the rows it asks for by key; where that comes into
//! conflict with another transaction, the work is run again. A connection that breaks in the middle of a transaction
//! stored nothing, and the work is run again on a new one; if it breaks in the moment of committing, the server is asked
//! what became of that transaction.

mod address;
mod connection;
mod fault;
mod read;
mod rows;
mod schema;
mod tls;
mod write;

use std::path::Path;
use std::time::{Duration, Instant};

use crate::entry::Entry;
use crate::error::QueueError;
use crate::rows::{Record, Table};
use crate::session::SessionRecord;
use crate::store::{QueueStore, ReadWork, WriteWork};

pub use address::PostgresAddress;
use connection::{Connection, Pool, wait};
use fault::{Trouble, told, trouble};
use rows::PostgresRows;

/// How long one tries again before giving up with `queue-busy` or `queue-unreachable`.
const PATIENCE: Duration = Duration::from_mins(1);
/// The first pause before trying again; it doubles up to the longest.
const PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// Keeps the queue in one schema of a PostgreSQL database (12 or newer).
///
/// Several connections are made as threads ask for them at the same time. What is committed is on the server's disk: a
/// server that is set not to wait for its disk (`synchronous_commit = off`) is told to for these connections.
pub struct PostgresStore {
    pool: Pool,
}

impl PostgresStore {
    /// Connects, and makes the schema or brings it up to the present version where needed.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`]; [`QueueError::NewerVersion`] and [`QueueError::ForeignFile`], both without changing
    /// anything; [`QueueError::ReadOnly`] when the user may not make tables.
    pub fn connect(address: &PostgresAddress) -> Result<Self, QueueError> {
        let pool = Pool::new(address)?;
        let connection = pool.bare()?;
        schema::prepare(&connection, &address.schema)?;
        Ok(Self { pool })
    }

    fn try_write(&self, work: &mut WriteWork<'_>) -> Attempt {
        let connection = match self.pool.take() {
            Ok(connection) => connection,
            Err(error @ QueueError::Unreachable { .. }) => return Attempt::Again(error),
            Err(error) => return Attempt::Done(Err(error)),
        };
        let mut rows = PostgresRows::new(&connection, true);
        let transaction = match begin(&connection) {
            Ok(transaction) => transaction,
            Err(error) => return failed(&error),
        };
        if let Err(error) = work(&mut rows).and_then(|()| rows.whole()) {
            let trouble = rows.trouble.get();
            if trouble != Some(Trouble::Lost) && rows.run("ROLLBACK").is_ok() {
                self.pool.give_back(connection);
            }
            return match trouble {
                Some(_) => Attempt::Again(error),
                None => Attempt::Done(Err(error)),
            };
        }
        match wait(connection.client.batch_execute("COMMIT")) {
            Ok(()) => {
                self.pool.give_back(connection);
                Attempt::Done(Ok(()))
            }
            Err(error) if trouble(&error) == Some(Trouble::Lost) => self.find_out(&transaction),
            Err(error) => failed(&error),
        }
    }

    /// The connection broke while committing: whether the transaction came through is the server's to say.
    fn find_out(&self, transaction: &str) -> Attempt {
        let end = Instant::now() + PATIENCE;
        tracing::warn!("the connection to the database broke while storing");
        while Instant::now() < end {
            if let Ok(connection) = self.pool.take() {
                let sql = format!("SELECT pg_catalog.pg_xact_status('{transaction}'::xid8)");
                let status = wait(connection.client.query_one(&sql, &[]))
                    .and_then(|row| row.try_get::<_, Option<String>>(0));
                match status.as_ref().map(|status| status.as_deref()) {
                    Ok(Some("committed")) => return Attempt::Done(Ok(())),
                    Ok(Some("aborted")) => {
                        return Attempt::Again(QueueError::Unreachable {
                            what: "the connection broke".to_owned(),
                        });
                    }
                    // In progress: the server has not noticed yet that we are gone.
                    Ok(_) | Err(_) => {}
                }
            }
            std::thread::sleep(LONGEST_PAUSE);
        }
        Attempt::Done(Err(QueueError::Unconfirmed))
    }

    fn try_read(&self, work: &mut ReadWork<'_>) -> Attempt {
        let connection = match self.pool.take() {
            Ok(connection) => connection,
            Err(error @ QueueError::Unreachable { .. }) => return Attempt::Again(error),
            Err(error) => return Attempt::Done(Err(error)),
        };
        let rows = PostgresRows::new(&connection, false);
        let begun = rows.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        let answer = begun.and_then(|()| work(&rows));
        let trouble = rows.trouble.get();
        if trouble != Some(Trouble::Lost) && rows.run("ROLLBACK").is_ok() {
            self.pool.give_back(connection);
        }
        match (answer, trouble) {
            (Err(error), Some(_)) => Attempt::Again(error),
            (answer, _) => Attempt::Done(answer),
        }
    }
}

/// What one run of the work came to.
enum Attempt {
    Done(Result<(), QueueError>),
    /// Nothing was stored, and another run may succeed; the error if none does.
    Again(QueueError),
}

fn failed(error: &tokio_postgres::Error) -> Attempt {
    match trouble(error) {
        Some(_) => Attempt::Again(told(error)),
        None => Attempt::Done(Err(told(error))),
    }
}

/// Begins a transaction that writes, and says its number on the server.
fn begin(connection: &Connection) -> Result<String, tokio_postgres::Error> {
    let number = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_catalog.pg_current_xact_id()::text";
    let messages = wait(connection.client.simple_query(number))?;
    Ok(messages
        .iter()
        .find_map(|message| match message {
            tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        })
        .unwrap_or_default())
}

/// Runs until it is done or patience is at its end, with pauses that grow and differ.
fn patiently(mut attempt: impl FnMut() -> Attempt) -> Result<(), QueueError> {
    let end = Instant::now() + PATIENCE;
    let mut pause = PAUSE;
    loop {
        match attempt() {
            Attempt::Done(result) => return result,
            Attempt::Again(error) if Instant::now() >= end => return Err(error),
            Attempt::Again(_) => {
                // Half fixed, half by the clock: transactions that collided do not collide again.
                let nanos = Instant::now().elapsed().subsec_nanos() ^ std::process::id();
                std::thread::sleep(pause / 2 + pause.mul_f64(f64::from(nanos % 1000) / 2000.0));
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

/// Shows nothing: what stands in a queue is content.
impl core::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("PostgresStore(…)")
    }
}

impl QueueStore for PostgresStore {
    fn read(&self, work: &mut ReadWork<'_>) -> Result<(), QueueError> {
        patiently(|| self.try_read(work))
    }

    fn write(&self, work: &mut WriteWork<'_>) -> Result<(), QueueError> {
        patiently(|| self.try_write(work))
    }

    fn check(&self) -> Result<(), QueueError> {
        self.read(&mut |_| Ok(()))?;
        let connection = self.pool.take()?;
        let rows = PostgresRows::new(&connection, false);
        rows.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        let checked = check_contents(&rows);
        rows.run("ROLLBACK")?;
        self.pool.give_back(connection);
        checked
    }

    fn backup(&self, _to: &Path) -> Result<(), QueueError> {
        // The server's own tools back up what many machines share.
        Err(QueueError::NotSupported { what: "backup" })
    }
}

/// Compares every content with its hash, on the server, and reads every row.
fn check_contents(rows: &PostgresRows<'_>) -> Result<(), QueueError> {
    let none = |sql: &str, fault: &str| -> Result<(), QueueError> {
        if rows.query(sql, &[])?.is_empty() {
            Ok(())
        } else {
            Err(QueueError::corrupt(fault))
        }
    };
    none(
        "SELECT 1 FROM entries LEFT JOIN contents ON entry = id WHERE entry IS NULL OR sha256(document) <> hash LIMIT 1",
        "the document of an invoice",
    )?;
    none(
        "SELECT 1 FROM receipts WHERE sha256(bytes) <> id LIMIT 1",
        "a receipt",
    )?;
    none(
        "SELECT 1 FROM (SELECT context, status, count(*) AS n FROM entries GROUP BY context, status) e \
         FULL JOIN (SELECT context, status, sum(entries) AS n FROM counts GROUP BY context, status) c \
         ON e.context = c.context AND e.status = c.status WHERE coalesce(e.n, 0) <> coalesce(c.n, 0) LIMIT 1",
        "the counts of the statuses",
    )?;
    none(
        "SELECT 1 FROM entries LEFT JOIN buyers ON folded = buyer_folded WHERE folded IS NULL LIMIT 1",
        "the list of buyers",
    )?;
    every::<Entry>(rows, "id")?;
    every::<SessionRecord>(rows, "reference")
}

/// Reads every record of a table, a thousand in memory at a time.
fn every<T: Record>(rows: &PostgresRows<'_>, key: &str) -> Result<(), QueueError> {
    const TABLE_KEY: usize = 0;
    let table: Table = T::TABLE;
    let rest = format!("WHERE {key} > $1 ORDER BY {key} LIMIT 1000");
    let mut after = String::new();
    loop {
        let page = rows.rows(&table, &rest, &[&after])?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        if let crate::rows::Value::Text(key) = &last.0[TABLE_KEY] {
            key.clone_into(&mut after);
        }
        for cells in page {
            T::from_cells(cells)?;
        }
    }
}

#[cfg(test)]
mod tests;
