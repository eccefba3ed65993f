//! The embedded store: one SQLite file in WAL mode, synced at every commit.
//!
//! One connection writes, a second reads, so a long list never holds up issuing. Other processes may have the same file
//! open: writers wait for each other.

mod fault;
mod read;
mod rows;
mod schema;
mod write;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::QueueError;
use crate::store::{QueueStore, ReadWork, WriteWork};

use fault::Told as _;
use rows::SqliteRows;

/// How long one waits for other processes before giving up with `queue-busy`.
const PATIENCE: Duration = Duration::from_mins(1);

/// Keeps the queue in one SQLite file (with its `-wal` and `-shm` beside it while open).
///
/// The file is readable by its owner only, since it holds invoices and what is needed to resume sessions.
pub struct SqliteStore {
    path: PathBuf,
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

impl SqliteStore {
    /// Opens the file, making it or bringing it up to the present schema where needed. The folder must be there.
    ///
    /// # Errors
    /// [`QueueError::NewerVersion`] and [`QueueError::ForeignFile`], both without touching the file;
    /// [`QueueError::Corrupt`], [`QueueError::ReadOnly`], [`QueueError::DiskFull`], [`QueueError::Io`].
    pub fn open(path: &Path) -> Result<Self, QueueError> {
        make_private(path)?;
        let mut writer = connect(path)?;
        schema::prepare(&mut writer)?;
        let reader = connect(path)?;
        reader.pragma_update(None, "query_only", true).told()?;
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(writer),
            reader: Mutex::new(reader),
        })
    }
}

/// Shows nothing: what stands in a queue is content.
impl core::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("SqliteStore(…)")
    }
}

impl QueueStore for SqliteStore {
    fn read(&self, work: &mut ReadWork<'_>) -> Result<(), QueueError> {
        let mut connection = lock(&self.reader);
        let transaction = connection.transaction().told()?;
        work(&SqliteRows::new(&transaction))
    }

    fn write(&self, work: &mut WriteWork<'_>) -> Result<(), QueueError> {
        let mut connection = lock(&self.writer);
        // Immediate: the lock is taken, and waited for, before anything is read. A transaction that reads first and
        // wants to write later can be refused without waiting.
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .told()?;
        work(&mut SqliteRows::new(&transaction))?;
        transaction.commit().told()
    }

    fn check(&self) -> Result<(), QueueError> {
        let connection = lock(&self.reader);
        let verdict: String = connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))
            .told()?;
        if verdict != "ok" {
            return Err(QueueError::corrupt("the pages of the database"));
        }
        let orphans: i64 = connection
            .query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| {
                row.get(0)
            })
            .told()?;
        if orphans != 0 {
            return Err(QueueError::corrupt("rows without the rows they belong to"));
        }
        read::check_contents(&connection)
    }

    fn backup(&self, to: &Path) -> Result<(), QueueError> {
        if to.try_exists().map_err(fault::of_disk)? {
            return Err(QueueError::BackupExists);
        }
        let partial = partial_name(to)?;
        let copied = self.copy_to(&partial).and_then(|()| {
            // A link refuses to overwrite what came into being meanwhile; not every file system has links.
            match std::fs::hard_link(&partial, to) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                    Err(QueueError::BackupExists)
                }
                Err(_) => std::fs::rename(&partial, to).map_err(fault::of_disk),
                Ok(()) => Ok(()),
            }
        });
        // Renamed, linked or failed: what may be left under this name is of no use.
        let _ = std::fs::remove_file(&partial);
        copied?;
        sync_folder(to)
    }
}

impl SqliteStore {
    fn copy_to(&self, partial: &Path) -> Result<(), QueueError> {
        // What a crash may have left; VACUUM INTO takes an empty file only.
        let _ = std::fs::remove_file(partial);
        make_private(partial)?;
        let name = partial.to_str().ok_or_else(|| QueueError::Io {
            what: "the name of the backup is not UTF-8".to_owned(),
        })?;
        // On a connection of its own: a long copy holds up neither reading nor writing.
        connect(&self.path)?
            .execute("VACUUM INTO ?1", [name])
            .told()?;
        std::fs::File::open(partial)
            .and_then(|file| file.sync_all())
            .map_err(fault::of_disk)
    }
}

fn lock(connection: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    // A panic inside the work rolled its transaction back on the way out; the connection is good.
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(path: &Path) -> Result<Connection, QueueError> {
    // Neither URI names nor creation: `make_private` has made the file.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).told()?;
    connection.busy_timeout(PATIENCE).told()?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Makes an empty file that only its owner reads; SQLite gives its companions the same permissions.
fn make_private(path: &Path) -> Result<(), QueueError> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path).map(|_| ()).map_err(fault::of_disk)
}

fn partial_name(to: &Path) -> Result<PathBuf, QueueError> {
    let name = to.file_name().ok_or_else(|| QueueError::Io {
        what: "the backup needs a file name".to_owned(),
    })?;
    let mut partial = name.to_os_string();
    partial.push(format!(".{}.partial", std::process::id()));
    Ok(to.with_file_name(partial))
}

/// Makes the name of a new file survive the loss of power; only Unix lets one open a folder.
fn sync_folder(file: &Path) -> Result<(), QueueError> {
    #[cfg(unix)]
    {
        let folder = match file.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        std::fs::File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(fault::of_disk)?;
    }
    #[cfg(not(unix))]
    let _ = file;
    Ok(())
}

#[cfg(test)]
mod tests;
