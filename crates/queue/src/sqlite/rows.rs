//! Between the rows of SQLite and those of the queue: each row carries a seal over its values, because SQLite itself
//! does not notice when a fault of the disk changes them.

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Params, Row, params_from_iter};

use super::fault::Told as _;
use crate::error::QueueError;
use crate::rows::{Cells, Dialect, Record, Selection, Table, Value, seal};

pub(super) const DIALECT: Dialect = Dialect {
    parameter: '?',
    place_of: "instr",
    also: ", seal",
};

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Int(number) => ValueRef::Integer(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

/// The rows within one transaction of a connection.
pub(super) struct SqliteRows<'a> {
    pub(super) connection: &'a Connection,
}

impl<'a> SqliteRows<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self { connection }
    }

    pub(super) fn execute(&self, sql: &str, values: impl Params) -> Result<usize, QueueError> {
        let mut statement = self.connection.prepare_cached(sql).told()?;
        statement.execute(values).told()
    }

    /// Adds the row with its seal; one with the same key is in the way, or is replaced.
    pub(super) fn put(
        &self,
        table: &Table,
        cells: &[Value],
        replace: bool,
    ) -> Result<(), QueueError> {
        let places: Vec<String> = (1..=cells.len() + 1).map(|n| format!("?{n}")).collect();
        let sql = format!(
            "INSERT {}INTO {} ({}, seal) VALUES ({})",
            if replace { "OR REPLACE " } else { "" },
            table.name,
            table.list(),
            places.join(", ")
        );
        let seal = Value::Int(seal(table.name, cells));
        self.execute(&sql, params_from_iter(cells.iter().chain([&seal])))
            .map(drop)
    }

    /// Replaces the columns from `first` on, and the seal, of the row with the key of `cells`. Whether it was there.
    pub(super) fn update(
        &self,
        table: &Table,
        cells: &[Value],
        first: usize,
    ) -> Result<bool, QueueError> {
        let set = |(place, column): (usize, &&str)| format!("{column} = ?{}", place + 1);
        let columns: Vec<String> = table
            .columns
            .iter()
            .enumerate()
            .skip(first)
            .map(set)
            .collect();
        let keys: Vec<String> = table.columns[..table.keys]
            .iter()
            .enumerate()
            .map(set)
            .collect();
        let sql = format!(
            "UPDATE {} SET {}, seal = ?{} WHERE {}",
            table.name,
            columns.join(", "),
            cells.len() + 1,
            keys.join(" AND ")
        );
        let seal = Value::Int(seal(table.name, cells));
        Ok(self.execute(&sql, params_from_iter(cells.iter().chain([&seal])))? == 1)
    }

    /// The first row of a table that `rest` finds.
    pub(super) fn first(
        &self,
        table: &Table,
        rest: &str,
        values: impl Params,
    ) -> Result<Option<Cells>, QueueError> {
        let sql = format!("SELECT {}, seal FROM {} {rest}", table.list(), table.name);
        let mut statement = self.connection.prepare_cached(&sql).told()?;
        let mut rows = statement.query(values).told()?;
        rows.next()
            .told()?
            .map(|row| sealed(table, row))
            .transpose()
    }

    /// Every row of a table that `rest` finds.
    pub(super) fn every<T>(
        &self,
        table: &Table,
        rest: &str,
        values: impl Params,
        decode: impl Fn(Cells) -> Result<T, QueueError>,
    ) -> Result<Vec<T>, QueueError> {
        let sql = format!("SELECT {}, seal FROM {} {rest}", table.list(), table.name);
        let mut statement = self.connection.prepare_cached(&sql).told()?;
        let mut rows = statement.query(values).told()?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().told()? {
            found.push(decode(sealed(table, row)?)?);
        }
        Ok(found)
    }

    pub(super) fn select<T: Record>(&self, selection: &Selection) -> Result<Vec<T>, QueueError> {
        let mut statement = self.connection.prepare_cached(&selection.sql).told()?;
        let mut rows = statement
            .query(params_from_iter(&selection.values))
            .told()?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().told()? {
            found.push(T::from_cells(sealed(&T::TABLE, row)?)?);
        }
        Ok(found)
    }

    /// Goes through a whole table, one row in memory at a time.
    pub(super) fn walk(
        &self,
        table: &Table,
        mut check: impl FnMut(Cells) -> Result<(), QueueError>,
    ) -> Result<(), QueueError> {
        let sql = format!("SELECT {}, seal FROM {}", table.list(), table.name);
        let mut statement = self.connection.prepare(&sql).told()?;
        let mut rows = statement.query([]).told()?;
        while let Some(row) = rows.next().told()? {
            check(sealed(table, row)?)?;
        }
        Ok(())
    }

    /// One value of one row, `None` when there is no such row.
    pub(super) fn value_of<T: rusqlite::types::FromSql>(
        &self,
        sql: &str,
        values: impl Params,
    ) -> Result<Option<T>, QueueError> {
        use rusqlite::OptionalExtension as _;
        let mut statement = self.connection.prepare_cached(sql).told()?;
        statement
            .query_row(values, |row| row.get(0))
            .optional()
            .told()
    }
}

/// The values of a row of `table` that ends with its seal.
fn sealed(table: &Table, row: &Row<'_>) -> Result<Cells, QueueError> {
    let mut cells = Vec::with_capacity(table.columns.len());
    for column in 0..table.columns.len() {
        cells.push(match row.get_ref(column).told()? {
            ValueRef::Null => Value::Null,
            ValueRef::Integer(number) => Value::Int(number),
            ValueRef::Text(bytes) => Value::Text(
                String::from_utf8(bytes.to_vec())
                    .map_err(|_| QueueError::corrupt("a text that is not UTF-8"))?,
            ),
            ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
            ValueRef::Real(_) => return Err(QueueError::corrupt("a number with a fraction")),
        });
    }
    let stored: i64 = row.get(cells.len()).told()?;
    if stored != seal(table.name, &cells) {
        return Err(QueueError::corrupt(format!("a row of {}", table.name)));
    }
    Ok(Cells(cells))
}
