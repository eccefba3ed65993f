//! The home folder: `config.toml`, the queue, and readable copies of what the queue holds.
//!
//! The queue's database is the truth. The files in `documents/` are written from it, whole or not at all, and written
//! again when one is found missing or different.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use ksef_offline_core::identifier::{InvoiceHash, ReferenceNumber};
use ksef_offline_queue::{Entry, EntryId, NewEntry, Queue};
use tempfile::NamedTempFile;

use crate::config::QueueLocation;
use crate::error::DeskError;

/// Names the file of the queue once there has been one.
const MARKER: &str = "queue.db.made";
/// How the names of folders begin in which a package is made.
const SENDING: &str = "sending-";
/// How the names of folders with the parts of an open session begin; its reference follows.
const PARTS: &str = "parts-";
/// Up to this size in bytes the content of a copy is compared with the queue's each time it is shown; beyond, its size.
const COMPARED: u64 = 65_536;

/// Where everything of one installation lies.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// The home at this folder, which need not exist yet.
    ///
    /// # Errors
    /// [`DeskError::File`] when the working directory, to which a relative path is relative, is gone.
    pub fn at(root: &Path) -> Result<Self, DeskError> {
        let root = absolute(root)?;
        Ok(Self { root })
    }

    /// The folder, as an absolute path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the configuration is.
    pub fn config(&self) -> PathBuf {
        self.root.join(crate::config::FILE_NAME)
    }

    /// The stored copy of an invoice: byte for byte what KSeF gets.
    pub fn document(&self, id: &EntryId) -> PathBuf {
        self.documents().join(document_name(id))
    }

    /// The signature beside it.
    pub fn signature(&self, id: &EntryId) -> PathBuf {
        self.documents().join(format!("{id}.xades.xml"))
    }

    fn documents(&self) -> PathBuf {
        self.root.join("documents")
    }

    /// Opens the queue, and remembers that there is one: a file that was there and is gone or empty is a loss, and never
    /// begun anew in silence.
    ///
    /// # Errors
    /// [`QueueError::Lost`](ksef_offline_queue::QueueError::Lost) and the other errors of the queue.
    pub(crate) fn open_queue(&self, location: &QueueLocation) -> Result<Queue, DeskError> {
        match location {
            QueueLocation::Sqlite(path) => {
                let (marker, name) = (self.root.join(MARKER), path.as_os_str().as_encoded_bytes());
                let known = std::fs::read(&marker).is_ok_and(|known| known == name);
                if known {
                    return Ok(Queue::open_existing(path)?);
                }
                let queue = Queue::open(path)?;
                write_whole(&marker, name)?;
                Ok(queue)
            }
            #[cfg(feature = "postgres")]
            QueueLocation::Postgres(address) => Ok(Queue::connect(address)?),
        }
    }

    /// Sees to it that the files of `entry` are there and are those of the queue.
    pub(crate) fn materialise(&self, queue: &Queue, entry: &Entry) -> Result<(), DeskError> {
        let document = self.document(&entry.id);
        if !holds(&document, entry.size, &entry.hash) {
            self.create_documents()?;
            write_copy(&document, &queue.document(&entry.id)?)?;
        }
        let signature = self.signature(&entry.id);
        if entry.code_two.is_some()
            && !is_whole_signature(&signature)
            && let Some(bytes) = queue.signature(&entry.id)?
        {
            write_copy(&signature, &bytes)?;
        }
        Ok(())
    }

    /// Makes the folder of the copies.
    pub(crate) fn create_documents(&self) -> Result<(), DeskError> {
        create_folder(&self.documents())
    }

    /// Writes the copies of an invoice that the queue has just taken in, into the folder that is there.
    pub(crate) fn copy(&self, new: &NewEntry) -> Result<(), DeskError> {
        write_copy(&self.document(&new.id), new.document.bytes())?;
        match new.codes.as_ref().and_then(|codes| codes.proof.as_ref()) {
            Some(proof) => write_copy(&self.signature(&new.id), &proof.signature),
            None => Ok(()),
        }
    }

    /// Makes a folder for the parts of a package; it is gone when it is dropped.
    pub(crate) fn sending_folder(&self) -> Result<tempfile::TempDir, DeskError> {
        tempfile::Builder::new()
            .prefix(SENDING)
            .tempdir_in(&self.root)
            .map_err(|error| DeskError::file(&self.root, &error))
    }

    /// The folder with the parts of an open session.
    pub(crate) fn parts(&self, session: &ReferenceNumber) -> PathBuf {
        self.root.join(format!("{PARTS}{session}"))
    }

    /// Keeps a package, with the file `name` beside its parts, until its session is closed. The file is readable by its
    /// owner only.
    pub(crate) fn keep_parts(
        &self,
        folder: tempfile::TempDir,
        session: &ReferenceNumber,
        name: &str,
        bytes: &[u8],
    ) -> Result<(), DeskError> {
        write_secret(&folder.path().join(name), bytes)?;
        let place = self.parts(session);
        std::fs::rename(folder.path(), &place).map_err(|error| DeskError::file(&place, &error))?;
        // It has another name now: there is nothing left to remove under the first one.
        let _ = folder.keep();
        Ok(())
    }

    /// Removes the parts of a session that needs them no more.
    pub(crate) fn remove_parts(&self, session: &ReferenceNumber) {
        let _ = std::fs::remove_dir_all(self.parts(session));
    }

    /// Removes the parts of all sessions but these.
    pub(crate) fn remove_parts_but<'a>(&self, sessions: impl Iterator<Item = &'a ReferenceNumber>) {
        let kept: Vec<String> = sessions
            .map(|session| format!("{PARTS}{session}"))
            .collect();
        self.remove_folders(|name| name.starts_with(PARTS) && !kept.iter().any(|k| k == name));
    }

    /// Removes what a killed sender left behind. Only who holds the sending lock may do this.
    fn remove_abandoned_folders(&self) {
        self.remove_folders(|name| name.starts_with(SENDING));
    }

    fn remove_folders(&self, unwanted: impl Fn(&str) -> bool) {
        let entries = std::fs::read_dir(&self.root)
            .into_iter()
            .flatten()
            .flatten();
        for entry in entries.filter(|entry| unwanted(&entry.file_name().to_string_lossy())) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }

    /// Removes the files of a deleted invoice. The queue forgot it already: what cannot be removed is only untidy.
    pub(crate) fn forget(&self, id: &EntryId) {
        let _ = std::fs::remove_file(self.document(id));
        let _ = std::fs::remove_file(self.signature(id));
    }

    /// The right of this process alone to send from this home, `None` while another one has it. The lock is the
    /// system's: it ends with the process that holds it, however that ends.
    pub(crate) fn try_lock_sending(&self) -> Result<Option<SendingLock>, DeskError> {
        let path = self.root.join("sending.lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|error| DeskError::file(&path, &error))?;
        match file.try_lock() {
            Ok(()) => {
                self.remove_abandoned_folders();
                Ok(Some(SendingLock { _file: file }))
            }
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(DeskError::file(&path, &error)),
        }
    }
}

/// Held while sending.
pub(crate) struct SendingLock {
    _file: File,
}

/// The bare name of the stored copy: what the signature's Reference URI says.
pub(crate) fn document_name(id: &EntryId) -> String {
    format!("{id}.xml")
}

/// Whether the file is there with this size; its content is compared only when it is small enough for that to cost
/// nothing beside opening it.
fn holds(path: &Path, size: u64, hash: &InvoiceHash) -> bool {
    let Ok(metadata) = std::fs::metadata(path) else {
        return false;
    };
    metadata.len() == size
        && (size > COMPARED
            || std::fs::read(path).is_ok_and(|bytes| InvoiceHash::of(&bytes) == *hash))
}

/// Whether a detached signature is there and ends as one does: copies are not synced, and a loss of power may leave one
/// empty, cut off or full of zeros.
fn is_whole_signature(path: &Path) -> bool {
    const END: &[u8; 16] = b"</ds:Signature>\n";
    let end = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(-16))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok(end)
    };
    end().is_ok_and(|end| end == END)
}

/// Makes a home, readable by its owner only: it holds invoices and keys. One that is there keeps its permissions.
pub(crate) fn create_home(path: &Path) -> Result<(), DeskError> {
    #[cfg(unix)]
    if !path.exists() {
        use std::os::unix::fs::DirBuilderExt as _;
        return std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(|error| DeskError::file(path, &error));
    }
    create_folder(path)
}

/// The path as an absolute one.
pub(crate) fn absolute(path: &Path) -> Result<PathBuf, DeskError> {
    std::path::absolute(path).map_err(|error| DeskError::file(path, &error))
}

/// Makes a folder and those above it.
pub(crate) fn create_folder(path: &Path) -> Result<(), DeskError> {
    std::fs::create_dir_all(path).map_err(|error| DeskError::file(path, &error))
}

/// Writes a file whole or not at all: beside it, to the disk, then in its place.
///
/// # Errors
/// [`DeskError::File`]; nothing of the new content stays behind.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), DeskError> {
    let file = written_beside(path, bytes, 0o644)?;
    synced_in_place(file, path)
}

/// The same for a secret: readable by its owner only.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> Result<(), DeskError> {
    let file = written_beside(path, bytes, 0o600)?;
    synced_in_place(file, path)
}

/// Writes a copy of what the queue holds. Nobody sees a part of it; but only a large one is waited for until it is on the
/// disk: what a loss of power does to the others is seen and repaired when they are next shown (ADR 0021).
fn write_copy(path: &Path, bytes: &[u8]) -> Result<(), DeskError> {
    let file = written_beside(path, bytes, 0o644)?;
    if bytes.len() as u64 > COMPARED {
        synced_in_place(file, path)
    } else {
        in_place(file, path)
    }
}

fn written_beside(path: &Path, bytes: &[u8], mode: u32) -> Result<NamedTempFile, DeskError> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let fault = |error: std::io::Error| DeskError::file(path, &error);
    // A temporary file of this crate is readable by its owner only, until it is told otherwise.
    let mut file = NamedTempFile::new_in(folder).map_err(fault)?;
    file.write_all(bytes).map_err(fault)?;
    #[cfg(unix)]
    if mode != 0o600 {
        use std::os::unix::fs::PermissionsExt as _;
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(mode))
            .map_err(fault)?;
    }
    #[cfg(not(unix))]
    let _ = mode;
    Ok(file)
}

fn synced_in_place(file: NamedTempFile, path: &Path) -> Result<(), DeskError> {
    file.as_file()
        .sync_all()
        .map_err(|error| DeskError::file(path, &error))?;
    in_place(file, path)
}

fn in_place(file: NamedTempFile, path: &Path) -> Result<(), DeskError> {
    file.persist(path)
        .map(drop)
        .map_err(|error| DeskError::file(path, &error.error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_replaced_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        write_whole(&path, b"one").unwrap();
        write_whole(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(write_whole(&folder.path().join("no/such"), b"x").is_err());
    }

    #[test]
    fn a_signature_that_was_cut_off_or_is_zeros_is_not_taken_for_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.xades");
        assert!(!is_whole_signature(&path));
        let whole = b"<ds:Signature><ds:Object></ds:Object></ds:Signature>\n".as_slice();
        for (bytes, is_whole) in [
            (whole, true),
            (&whole[..whole.len() - 1], false),
            (&[], false),
            (&[0; 60], false),
        ] {
            write_copy(&path, bytes).unwrap();
            assert_eq!(is_whole_signature(&path), is_whole, "{bytes:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key");
        write_secret(&path, b"x").unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_queue_that_was_there_is_never_begun_anew_in_silence() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path()).unwrap();
        let path = folder.path().join("queue.db");
        let location = QueueLocation::Sqlite(path.clone());
        drop(home.open_queue(&location).unwrap());
        drop(home.open_queue(&location).unwrap());
        std::fs::write(&path, b"").unwrap();
        for _ in 0..2 {
            let lost = home.open_queue(&location).unwrap_err();
            assert_eq!(ksef_offline_core::Diagnostic::code(&lost), "queue-lost");
            // The empty file is left as it is, and so is the place of one that is gone.
            assert!(std::fs::metadata(&path).map_or(0, |metadata| metadata.len()) == 0);
            let _ = std::fs::remove_file(&path);
        }
        // Another file is another queue.
        let other = QueueLocation::Sqlite(folder.path().join("other.db"));
        home.open_queue(&other).unwrap();
    }

    #[test]
    fn one_sender_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let home = Home::at(folder.path()).unwrap();
        let lock = home.try_lock_sending().unwrap();
        assert!(lock.is_some());
        assert!(home.try_lock_sending().unwrap().is_none());
        drop(lock);
        assert!(home.try_lock_sending().unwrap().is_some());
    }
}
