//! Rows of PostgreSQL: statements within one transaction, and values both ways.

use core::cell::Cell;

use tokio_postgres::Row;
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

use super::connection::{Connection, wait};
use super::fault::{Trouble, told, trouble};
use crate::error::QueueError;
use crate::rows::{Cells, Dialect, Record, Selection, Table, Value, damaged};

pub(super) const DIALECT: Dialect = Dialect {
    parameter: '$',
    place_of: "strpos",
    also: "",
};

type Parameter<'a> = &'a (dyn ToSql + Sync);

/// The rows within one transaction of a connection.
///
/// A transaction that writes locks every row it asks for by key, and where there is none the primary keys and unique
/// indexes stand in the way of a second one: the work is then begun anew and sees the first. So nothing that the work
/// decided on changes before it commits, and transactions that have no row in common do not wait for each other.
pub(super) struct PostgresRows<'a> {
    connection: &'a Connection,
    locks: bool,
    /// What went wrong, if trying again can help.
    pub(super) trouble: Cell<Option<Trouble>>,
}

impl<'a> PostgresRows<'a> {
    pub(super) fn new(connection: &'a Connection, locks: bool) -> Self {
        Self {
            connection,
            locks,
            trouble: Cell::new(None),
        }
    }

    pub(super) fn heard<T>(
        &self,
        answer: Result<T, tokio_postgres::Error>,
    ) -> Result<T, QueueError> {
        answer.map_err(|error| {
            self.trouble.set(trouble(&error));
            tracing::debug!(code = ?error.code(), "PostgreSQL");
            told(&error)
        })
    }

    pub(super) fn query(
        &self,
        sql: &str,
        values: &[Parameter<'_>],
    ) -> Result<Vec<Row>, QueueError> {
        let statement = self.heard(self.connection.prepared(sql))?;
        self.heard(wait(self.connection.client.query(&statement, values)))
    }

    pub(super) fn execute(&self, sql: &str, values: &[Parameter<'_>]) -> Result<u64, QueueError> {
        let statement = self.heard(self.connection.prepared(sql))?;
        self.heard(wait(self.connection.client.execute(&statement, values)))
    }

    /// Runs statements without parameters that begin or end something.
    pub(super) fn run(&self, sql: &str) -> Result<(), QueueError> {
        self.heard(wait(self.connection.client.batch_execute(sql)))
    }

    /// Whether this transaction writes, and so locks what it reads by key.
    pub(super) fn locks(&self) -> bool {
        self.locks
    }

    /// What locks the rows a query by key finds.
    pub(super) fn lock(&self) -> &'static str {
        if self.locks { " FOR UPDATE" } else { "" }
    }

    /// Every row of a table that `rest` finds.
    pub(super) fn rows(
        &self,
        table: &Table,
        rest: &str,
        values: &[Parameter<'_>],
    ) -> Result<Vec<Cells>, QueueError> {
        let sql = format!("SELECT {} FROM {} {rest}", table.list(), table.name);
        self.query(&sql, values)?
            .iter()
            .map(|row| cells(row, table.columns.len()))
            .collect()
    }

    pub(super) fn records<T: Record>(
        &self,
        rest: &str,
        values: &[Parameter<'_>],
    ) -> Result<Vec<T>, QueueError> {
        self.rows(&T::TABLE, rest, values)?
            .into_iter()
            .map(T::from_cells)
            .collect()
    }

    /// The record with this key, locked when this transaction writes.
    pub(super) fn record<T: Record>(
        &self,
        condition: &str,
        values: &[Parameter<'_>],
    ) -> Result<Option<T>, QueueError> {
        let rest = format!("WHERE {condition}{}", self.lock());
        Ok(self.records(&rest, values)?.pop())
    }

    pub(super) fn select<T: Record>(&self, selection: &Selection) -> Result<Vec<T>, QueueError> {
        let values: Vec<Parameter<'_>> = selection
            .values
            .iter()
            .map(|value| value as Parameter<'_>)
            .collect();
        self.query(&selection.sql, &values)?
            .iter()
            .map(|row| T::from_cells(cells(row, T::TABLE.columns.len())?))
            .collect()
    }

    /// Adds rows in one round trip; `conflict` says what happens to those whose key is taken.
    pub(super) fn insert(
        &self,
        table: &Table,
        rows: &[Vec<Value>],
        conflict: &str,
    ) -> Result<u64, QueueError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let list = table.list();
        let sql = format!(
            "INSERT INTO {name} ({list}) SELECT {list} FROM \
             json_populate_recordset(NULL::{name}, $1::text::json) {conflict}",
            name = table.name
        );
        self.execute(&sql, &[&json(table, rows)])
    }

    /// Replaces the columns from the one called `first` on, of rows that are there, in one round trip.
    pub(super) fn update(
        &self,
        table: &Table,
        rows: &[Vec<Value>],
        first: &str,
    ) -> Result<u64, QueueError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let set: Vec<String> = table
            .columns
            .iter()
            .skip_while(|column| **column != first)
            .map(|column| format!("{column} = r.{column}"))
            .collect();
        let keys: Vec<String> = table.columns[..table.keys]
            .iter()
            .map(|column| format!("t.{column} = r.{column}"))
            .collect();
        let sql = format!(
            "UPDATE {name} t SET {} FROM json_populate_recordset(NULL::{name}, $1::text::json) r WHERE {}",
            set.join(", "),
            keys.join(" AND "),
            name = table.name
        );
        self.execute(&sql, &[&json(table, rows)])
    }
}

/// Rows as the server reads them: one text for any number of them.
fn json(table: &Table, rows: &[Vec<Value>]) -> String {
    let objects = rows.iter().map(|row| {
        let members = table.columns.iter().zip(row).filter_map(|(column, cell)| {
            let member = match cell {
                Value::Null => return None,
                Value::Int(number) => (*number).into(),
                Value::Text(text) => text.as_str().into(),
                Value::Bytes(bytes) => hexadecimal(bytes).into(),
            };
            Some(((*column).to_owned(), member))
        });
        serde_json::Value::Object(members.collect())
    });
    serde_json::Value::Array(objects.collect()).to_string()
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("\\x");
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The first `count` values of a row.
pub(super) fn cells(row: &Row, count: usize) -> Result<Cells, QueueError> {
    (0..count)
        .map(|column| {
            let of = |error: &tokio_postgres::Error| {
                tracing::debug!(%error, "a column");
                damaged(column)
            };
            match *row.columns()[column].type_() {
                Type::INT8 => row.try_get::<_, Option<i64>>(column).map(Value::from),
                Type::BYTEA => row.try_get::<_, Option<&[u8]>>(column).map(Value::from),
                _ => row.try_get::<_, Option<&str>>(column).map(Value::from),
            }
            .map_err(|error| of(&error))
        })
        .collect::<Result<_, _>>()
        .map(Cells)
}

impl ToSql for Value {
    fn to_sql(
        &self,
        kind: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Self::Null => Ok(IsNull::Yes),
            Self::Int(number) => number.to_sql(kind, out),
            Self::Text(text) => text.to_sql(kind, out),
            Self::Bytes(bytes) => bytes.as_slice().to_sql(kind, out),
        }
    }

    fn accepts(kind: &Type) -> bool {
        matches!(*kind, Type::INT8 | Type::TEXT | Type::BYTEA)
    }

    to_sql_checked!();
}
