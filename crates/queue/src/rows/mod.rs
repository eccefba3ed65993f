//! What the stores in SQL share: records as rows of plain values, and queries put together from fixed texts.

mod record;
mod select;

use core::str::FromStr;

#[cfg(feature = "sqlite")]
use sha2::{Digest as _, Sha256};

use crate::error::QueueError;

use record::due_text;
pub(crate) use record::{Record, contents, history, instant_text, message, setting};
#[cfg(feature = "sqlite")]
pub(crate) use select::end_of;
pub(crate) use select::{Dialect, FEW_BUYERS, Selection, in_archive, in_queue, newest_of};

/// A value of a column. Instants, days, amounts and names are texts that sort as what they say; truth is 0 or 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A table: its columns in the order of a record's cells; the first `keys` of them are the primary key.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: &'static [&'static str],
    pub(crate) keys: usize,
}

impl Table {
    pub(crate) fn list(&self) -> String {
        self.columns.join(", ")
    }
}

/// A short digest of a row's values: it tells a row that was written so from one that a fault of the disk changed.
/// It is no protection against people.
#[cfg(feature = "sqlite")]
pub(crate) fn seal(table: &str, cells: &[Value]) -> i64 {
    let mut digest = Sha256::new();
    digest.update(table);
    digest.update([0]);
    for cell in cells {
        let (tag, bytes): (u8, &[u8]) = match cell {
            Value::Null => (0, &[]),
            Value::Int(number) => (1, &number.to_be_bytes()),
            Value::Text(text) => (2, text.as_bytes()),
            Value::Bytes(bytes) => (3, bytes),
        };
        digest.update([tag]);
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(bytes);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&digest.finalize()[..8]);
    i64::from_be_bytes(first)
}

/// The values of a row that was read, each taken once. What no value can be is damage, and is reported as such.
pub(crate) struct Cells(pub(crate) Vec<Value>);

impl Cells {
    fn take(&mut self, column: usize) -> Result<Value, QueueError> {
        let cell = self.0.get_mut(column).ok_or_else(|| damaged(column))?;
        Ok(std::mem::replace(cell, Value::Null))
    }

    pub(crate) fn text(&mut self, column: usize) -> Result<String, QueueError> {
        self.optional_text(column)?.ok_or_else(|| damaged(column))
    }

    pub(crate) fn optional_text(&mut self, column: usize) -> Result<Option<String>, QueueError> {
        match self.take(column)? {
            Value::Text(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            Value::Int(_) | Value::Bytes(_) => Err(damaged(column)),
        }
    }

    pub(crate) fn bytes(&mut self, column: usize) -> Result<Vec<u8>, QueueError> {
        self.optional_bytes(column)?.ok_or_else(|| damaged(column))
    }

    pub(crate) fn optional_bytes(&mut self, column: usize) -> Result<Option<Vec<u8>>, QueueError> {
        match self.take(column)? {
            Value::Bytes(bytes) => Ok(Some(bytes)),
            Value::Null => Ok(None),
            Value::Int(_) | Value::Text(_) => Err(damaged(column)),
        }
    }

    /// A number of any width that holds it.
    pub(crate) fn number<T: TryFrom<i64>>(&mut self, column: usize) -> Result<T, QueueError> {
        match self.take(column)? {
            Value::Int(number) => T::try_from(number).map_err(|_| damaged(column)),
            Value::Null | Value::Text(_) | Value::Bytes(_) => Err(damaged(column)),
        }
    }

    pub(crate) fn truth(&mut self, column: usize) -> Result<bool, QueueError> {
        match self.number::<i64>(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(damaged(column)),
        }
    }

    pub(crate) fn parsed<T: FromStr>(&mut self, column: usize) -> Result<T, QueueError> {
        self.text(column)?.parse().map_err(|_| damaged(column))
    }

    pub(crate) fn optional<T: FromStr>(&mut self, column: usize) -> Result<Option<T>, QueueError> {
        self.optional_text(column)?
            .map(|text| text.parse())
            .transpose()
            .map_err(|_| damaged(column))
    }

    pub(crate) fn named<T>(
        &mut self,
        column: usize,
        from_name: impl Fn(&str) -> Option<T>,
    ) -> Result<T, QueueError> {
        let name = self.text(column)?;
        from_name(&name).ok_or_else(|| damaged(column))
    }

    pub(crate) fn digest(&mut self, column: usize) -> Result<[u8; 32], QueueError> {
        let bytes = self.bytes(column)?;
        bytes.try_into().map_err(|_| damaged(column))
    }

    pub(crate) fn optional_digest(
        &mut self,
        column: usize,
    ) -> Result<Option<[u8; 32]>, QueueError> {
        self.optional_bytes(column)?
            .map(|bytes| bytes.try_into().map_err(|_| damaged(column)))
            .transpose()
    }
}

pub(crate) fn damaged(column: usize) -> QueueError {
    QueueError::corrupt(format!("a value of column {column}"))
}

pub(crate) fn number_of(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;

    #[test]
    fn a_seal_tells_values_types_and_places_apart() {
        let seals = [
            vec![Value::Null, Value::from("a")],
            vec![Value::from("a"), Value::Null],
            vec![Value::from(""), Value::from("a")],
            vec![Value::from("a"), Value::from("")],
            vec![Value::from("1"), Value::from("a")],
            vec![Value::from(1), Value::from("a")],
            vec![Value::from("1a")],
            vec![Value::from(&b"1"[..]), Value::from("a")],
        ]
        .map(|cells| seal("t", &cells));
        let distinct: std::collections::HashSet<_> = seals.iter().collect();
        assert_eq!(distinct.len(), seals.len());
    }
}
