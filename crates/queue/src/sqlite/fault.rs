//! What SQLite and the disk say, in the words of the queue. Only numbers are passed on: texts of the database can quote
//! what is stored.

use rusqlite::{ErrorCode, ffi};

use crate::error::QueueError;

/// Faults of writing that SQLite does not call a full disk although there is no room: the shared-memory file of the
/// write-ahead log cannot grow, or a quota or a file size limit stops a write.
const NO_ROOM: [i32; 2] = [ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_IOERR_WRITE];

/// Turns the answers of rusqlite into those of the queue.
pub(super) trait Told<T> {
    fn told(self) -> Result<T, QueueError>;
}

impl<T> Told<T> for rusqlite::Result<T> {
    fn told(self) -> Result<T, QueueError> {
        self.map_err(|error| of_database(&error))
    }
}

fn of_database(error: &rusqlite::Error) -> QueueError {
    let Some(failure) = error.sqlite_error() else {
        return match error {
            rusqlite::Error::FromSqlConversionFailure(column, ..)
            | rusqlite::Error::InvalidColumnType(column, ..)
            | rusqlite::Error::IntegralValueOutOfRange(column, _) => {
                QueueError::corrupt(format!("a value of column {column}"))
            }
            rusqlite::Error::Utf8Error(..) => QueueError::corrupt("a text that is not UTF-8"),
            _ => QueueError::Io {
                what: "the database refused a call".to_owned(),
            },
        };
    };
    match failure.code {
        ErrorCode::DiskFull => QueueError::DiskFull,
        ErrorCode::SystemIoFailure if NO_ROOM.contains(&failure.extended_code) => {
            QueueError::DiskFull
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => QueueError::Busy,
        ErrorCode::DatabaseCorrupt => QueueError::corrupt("the pages of the database"),
        ErrorCode::NotADatabase => QueueError::ForeignFile,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen => {
            QueueError::ReadOnly
        }
        _ => QueueError::Io {
            what: format!("SQLite {}", failure.extended_code),
        },
    }
}

#[allow(
    clippy::needless_pass_by_value,
    reason = "it is handed to map_err as it is"
)]
pub(super) fn of_disk(error: std::io::Error) -> QueueError {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => QueueError::DiskFull,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => QueueError::ReadOnly,
        kind => QueueError::Io {
            what: kind.to_string(),
        },
    }
}
