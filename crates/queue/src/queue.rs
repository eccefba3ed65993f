//! The queue: every operation as one transaction on a store, with the rules that hold for all stores.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use ksef_offline_core::deadline::LatarniaMessage;

use crate::asking::{TIMELINE_VERSION, version};
use crate::entry::{Codes, Corrects, Entry, EntryId, NewEntry, Resolution};
use crate::error::QueueError;
use crate::history::{Change, HistoryLine};
use crate::receipt::{NewReceipt, Receipt, ReceiptId};
use crate::status::{Event, InvoiceStatus, transition};
use crate::store::{Changes, Contents, QueueStore, Rows, TimelineMessage};

/// A durable queue of invoices and its archive, on any [`QueueStore`]. Cloning shares the store.
#[derive(Clone)]
pub struct Queue {
    store: Arc<dyn QueueStore>,
}

/// Shows nothing: what stands in a queue is content.
impl core::fmt::Debug for Queue {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Queue(…)")
    }
}

/// What became of an invoice that was to be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The invoice as it is in the queue or the archive.
    pub entry: Entry,
    /// Whether the same bytes were there before, and nothing was changed.
    pub was_there: bool,
}

impl Queue {
    /// A queue on `store`.
    pub fn new(store: Arc<dyn QueueStore>) -> Self {
        Self { store }
    }

    /// A queue that is gone when the last clone is dropped.
    pub fn in_memory() -> Self {
        Self::new(Arc::new(crate::MemoryStore::default()))
    }

    /// A queue in the SQLite file at `path`, which is made if it is not there.
    ///
    /// # Errors
    /// [`QueueError::NewerVersion`], [`QueueError::ForeignFile`], or what the disk says.
    #[cfg(feature = "sqlite")]
    pub fn open(path: &Path) -> Result<Self, QueueError> {
        Ok(Self::new(Arc::new(crate::SqliteStore::open(path)?)))
    }

    /// Checks the SQLite file at `path`, such as a backup, as [`Self::check`] does, and leaves it as it is.
    ///
    /// # Errors
    /// [`QueueError::Corrupt`] with the first fault; [`QueueError::Lost`] when there is no file or it is empty;
    /// [`QueueError::ForeignFile`]; [`QueueError::NewerVersion`], and [`QueueError::NotSupported`] for an older version,
    /// which has to be opened once to be brought up to this one.
    #[cfg(feature = "sqlite")]
    pub fn check_file(path: &Path) -> Result<(), QueueError> {
        crate::SqliteStore::check_file(path)
    }

    /// The queue in the SQLite file at `path`, which was there before.
    ///
    /// # Errors
    /// [`QueueError::Lost`] when it is gone or empty, and those of [`Self::open`].
    #[cfg(feature = "sqlite")]
    pub fn open_existing(path: &Path) -> Result<Self, QueueError> {
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.len() > 0 => Self::open(path),
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Self::open(path),
            Ok(_) | Err(_) => Err(QueueError::Lost),
        }
    }

    /// A queue on a PostgreSQL server, whose schema is made if it is not there.
    ///
    /// # Errors
    /// [`QueueError::Unreachable`], [`QueueError::NewerVersion`], [`QueueError::ForeignFile`], or what the server says.
    #[cfg(feature = "postgres")]
    pub fn connect(address: &crate::PostgresAddress) -> Result<Self, QueueError> {
        Ok(Self::new(Arc::new(crate::PostgresStore::connect(address)?)))
    }

    pub(crate) fn read<T>(
        &self,
        work: impl Fn(&dyn Rows) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        let mut answer = None;
        self.store.read(&mut |rows| {
            answer = Some(work(rows)?);
            Ok(())
        })?;
        answer.ok_or_else(did_not_run)
    }

    pub(crate) fn write<T>(
        &self,
        work: impl Fn(&mut dyn Changes) -> Result<T, QueueError>,
    ) -> Result<T, QueueError> {
        let mut answer = None;
        self.store.write(&mut |changes| {
            answer = Some(work(changes)?);
            Ok(())
        })?;
        answer.ok_or_else(did_not_run)
    }

    /// Takes a new invoice in: Pending when it has no codes, otherwise Signed. When this returns, the invoice survives
    /// the loss of power. The same bytes again change nothing and return what is there.
    ///
    /// # Errors
    /// [`QueueError::DuplicateNumber`] for another document with the same seller, kind and number.
    pub fn issue(&self, new: &NewEntry, at: Timestamp) -> Result<Issued, QueueError> {
        self.write(|changes| issue(changes, new, None, at))
    }

    /// Takes many invoices in with one commit, which is many times faster. Each has a result of its own: a refused
    /// one does not hold up the others.
    ///
    /// # Errors
    /// What the disk says; then none was taken in.
    pub fn issue_many(
        &self,
        new: &[NewEntry],
        at: Timestamp,
    ) -> Result<Vec<Result<Issued, QueueError>>, QueueError> {
        self.write(|changes| {
            new.iter()
                .map(|new| match issue(changes, new, None, at) {
                    Ok(issued) => Ok(Ok(issued)),
                    // Refusals are decided before anything is written; all else concerns the store.
                    Err(
                        refused @ (QueueError::DuplicateNumber { .. } | QueueError::IdTaken(_)),
                    ) => Ok(Err(refused)),
                    Err(fault) => Err(fault),
                })
                .collect()
        })
    }

    /// Gives Pending invoices their signature and codes. All or none.
    ///
    /// # Errors
    /// [`QueueError::NotFound`]; [`QueueError::IllegalMove`] for one that is not Pending.
    pub fn sign(
        &self,
        signed: &[(EntryId, Codes)],
        at: Timestamp,
    ) -> Result<Vec<Entry>, QueueError> {
        self.write(|changes| {
            let mut entries = Vec::with_capacity(signed.len());
            for (id, codes) in signed {
                let mut entry = one(changes, id)?;
                entry.sign(codes, at)?;
                changes.update_entries(std::slice::from_ref(&entry))?;
                let cause = match &codes.proof {
                    Some(proof) => {
                        changes.insert_signature(id, &proof.signature)?;
                        format!("certificate {}", proof.certificate)
                    }
                    None => String::new(),
                };
                changes.append_history(&[line(&entry, Event::Sign, at, cause)])?;
                entries.push(entry);
            }
            Ok(entries)
        })
    }

    /// Removes an invoice in Error. Its history stays.
    ///
    /// # Errors
    /// [`QueueError::NotFound`]; [`QueueError::IllegalMove`] in any other status; [`QueueError::AlreadySettled`] while a
    /// technical correction of it is on its way.
    pub fn delete(&self, id: &EntryId, at: Timestamp) -> Result<(), QueueError> {
        self.write(|changes| {
            let entry = one(changes, id)?;
            let status = transition(Some(entry.status), Event::Delete)?;
            if let Some(Resolution::Corrected(correction)) = &entry.resolution
                && let Some(correction) = changes.entries(std::slice::from_ref(correction))?.pop()
                && !matches!(
                    correction.status,
                    InvoiceStatus::Sent | InvoiceStatus::Error
                )
            {
                return Err(QueueError::AlreadySettled {
                    successor: correction.id,
                });
            }
            changes.delete_entry(id)?;
            changes.append_history(&[HistoryLine {
                entry: id.clone(),
                at,
                change: Change::Moved(Event::Delete),
                status,
                cause: String::new(),
            }])
        })
    }

    /// Stores the days newly computed, which order the queue. Only invoices whose day differs are touched; those that
    /// are no longer in the queue are passed over. Returns how many moved.
    ///
    /// # Errors
    /// What the store says.
    pub fn set_deadlines(
        &self,
        days: &[(EntryId, Option<Date>)],
        at: Timestamp,
    ) -> Result<usize, QueueError> {
        let ids: Vec<EntryId> = days.iter().map(|(id, _)| id.clone()).collect();
        let days: std::collections::HashMap<&EntryId, Option<Date>> =
            days.iter().map(|(id, due)| (id, *due)).collect();
        self.write(|changes| {
            let mut moved = changes.entries(&ids)?;
            moved.retain_mut(|entry| {
                let due = days.get(&entry.id).copied().unwrap_or(entry.due);
                let moves = due != entry.due && entry.status != InvoiceStatus::Sent;
                entry.due = due;
                entry.updated = at;
                moves
            });
            changes.update_entries(&moved)?;
            let lines: Vec<HistoryLine> = moved
                .iter()
                .map(|entry| HistoryLine {
                    entry: entry.id.clone(),
                    at,
                    change: Change::DeadlineMoved,
                    status: Some(entry.status),
                    cause: entry
                        .due
                        .map_or_else(|| "open".to_owned(), |due| due.to_string()),
                })
                .collect();
            changes.append_history(&lines)?;
            Ok(moved.len())
        })
    }

    /// Stores a receipt and links it to the invoices it covers. The same again changes nothing.
    ///
    /// # Errors
    /// [`QueueError::NotFound`]; [`QueueError::NotAccepted`] when one of them is not Sent.
    pub fn store_receipt(
        &self,
        receipt: &NewReceipt,
        at: Timestamp,
    ) -> Result<ReceiptId, QueueError> {
        let id = ReceiptId::of(&receipt.bytes);
        self.write(|changes| {
            let mut entries = all(changes, &receipt.entries)?;
            if let Some(entry) = entries
                .iter()
                .find(|entry| entry.status != InvoiceStatus::Sent)
            {
                return Err(QueueError::NotAccepted(entry.id.clone()));
            }
            changes.insert_receipt(&Receipt {
                id,
                bytes: receipt.bytes.clone(),
                session: receipt.session.clone(),
                stored: at,
            })?;
            entries.retain_mut(|entry| {
                let new = entry.receipt != Some(id);
                entry.receipt = Some(id);
                entry.updated = at;
                new
            });
            changes.update_entries(&entries)?;
            let lines: Vec<HistoryLine> = entries
                .iter()
                .map(|entry| HistoryLine {
                    entry: entry.id.clone(),
                    at,
                    change: Change::ReceiptStored,
                    status: Some(entry.status),
                    cause: id.to_string(),
                })
                .collect();
            changes.append_history(&lines)?;
            Ok(id)
        })
    }

    /// Takes messages of Latarnia in; of several versions of one message the latest stays, whatever the order they
    /// come in. Returns whether anything changed.
    ///
    /// # Errors
    /// What the store says.
    pub fn merge_timeline(&self, messages: &[TimelineMessage]) -> Result<bool, QueueError> {
        self.write(|changes| {
            let mut known: std::collections::BTreeMap<String, TimelineMessage> = changes
                .timeline()?
                .into_iter()
                .map(|message| (message.id.clone(), message))
                .collect();
            let mut changed = false;
            for message in messages {
                let is_newer = known
                    .get(&message.id)
                    .is_none_or(|stored| replaces(message, stored));
                if is_newer {
                    changes.put_message(message)?;
                    known.insert(message.id.clone(), message.clone());
                    changed = true;
                }
            }
            if changed {
                let version = version(changes)?.saturating_add(1).to_string();
                changes.put_value(TIMELINE_VERSION, Some(&version))?;
            }
            Ok(changed)
        })
    }

    /// Sets a value that has to outlive the process, such as the time until which KSeF asked not to be called; `None`
    /// removes it. Not for secrets.
    ///
    /// # Errors
    /// What the store says.
    pub fn set_value(&self, key: &str, value: Option<&str>) -> Result<(), QueueError> {
        self.write(|changes| changes.put_value(key, value))
    }

    /// Puts what `change` makes of a value in its place, in one transaction that nothing comes between. Not for secrets.
    ///
    /// # Errors
    /// What the store says.
    pub fn update_value(
        &self,
        key: &str,
        change: &mut dyn FnMut(Option<&str>) -> Option<String>,
    ) -> Result<(), QueueError> {
        self.store.write(&mut |changes| {
            let before = changes.value(key)?;
            let after = change(before.as_deref());
            if after == before {
                return Ok(());
            }
            changes.put_value(key, after.as_deref())
        })
    }

    /// Checks all that is stored, contents against their hashes included.
    ///
    /// # Errors
    /// [`QueueError::Corrupt`] with the first fault.
    pub fn check(&self) -> Result<(), QueueError> {
        self.store.check()
    }

    /// Writes a copy of everything to a new file while work goes on.
    ///
    /// # Errors
    /// [`QueueError::BackupExists`], [`QueueError::NotSupported`], or what the disk says.
    pub fn backup(&self, to: &Path) -> Result<(), QueueError> {
        self.store.backup(to)
    }
}

pub(crate) const NO_INVOICE: QueueError = QueueError::NotFound { what: "invoice" };

/// Takes one invoice in, as what it is or as the technical correction of another.
pub(crate) fn issue(
    changes: &mut dyn Changes,
    new: &NewEntry,
    corrects: Option<Corrects>,
    at: Timestamp,
) -> Result<Issued, QueueError> {
    if let Some(entry) = changes.entry_by_hash(&new.document.hash())? {
        return Ok(Issued {
            entry,
            was_there: true,
        });
    }
    let facts = new.document.facts();
    if let Some(entry) = changes.entry_by_number(facts.seller, facts.kind, &facts.number)? {
        // Another process may have issued the same bytes between the two questions.
        if entry.hash == new.document.hash() {
            return Ok(Issued {
                entry,
                was_there: true,
            });
        }
        return Err(QueueError::DuplicateNumber { existing: entry.id });
    }
    if !changes.entries(std::slice::from_ref(&new.id))?.is_empty() {
        return Err(QueueError::IdTaken(new.id.clone()));
    }
    let mut entry = Entry::issued(new, at)?;
    entry.corrects = corrects;
    let proof = new.codes.as_ref().and_then(|codes| codes.proof.as_ref());
    changes.insert_entry(
        &entry,
        &Contents {
            document: new.document.bytes(),
            signature: proof.map(|proof| proof.signature.as_slice()),
            evidence: &new.evidence,
        },
    )?;
    let event = match new.codes {
        Some(_) => Event::IssueSigned,
        None => Event::IssueUnsigned,
    };
    let cause = new.mode.name().to_owned();
    changes.append_history(&[line(&entry, event, at, cause)])?;
    Ok(Issued {
        entry,
        was_there: false,
    })
}

pub(crate) fn one(rows: &(impl Rows + ?Sized), id: &EntryId) -> Result<Entry, QueueError> {
    rows.entries(std::slice::from_ref(id))?
        .pop()
        .ok_or(NO_INVOICE)
}

/// The entries with these ids, each of which must be there and named once.
pub(crate) fn all(rows: &(impl Rows + ?Sized), ids: &[EntryId]) -> Result<Vec<Entry>, QueueError> {
    let distinct: HashSet<&EntryId> = ids.iter().collect();
    if distinct.len() != ids.len() {
        return Err(QueueError::BadSelection);
    }
    let entries = rows.entries(ids)?;
    if entries.len() != ids.len() {
        return Err(NO_INVOICE);
    }
    Ok(entries)
}

pub(crate) fn line(entry: &Entry, event: Event, at: Timestamp, cause: String) -> HistoryLine {
    HistoryLine {
        entry: entry.id.clone(),
        at,
        change: Change::Moved(event),
        status: Some(entry.status),
        cause,
    }
}

/// Whether `message` is to stand where `stored` stood, by the rule of the timeline. What is no message of Latarnia goes by
/// version, then by text, so that even two texts of one version end the same in any order.
fn replaces(message: &TimelineMessage, stored: &TimelineMessage) -> bool {
    if message.json == stored.json {
        return false;
    }
    let read = |text| serde_json::from_str::<LatarniaMessage>(text).ok();
    match (read(&message.json), read(&stored.json)) {
        (Some(message), Some(stored)) => message.replaces(&stored),
        (message_read, stored_read) => {
            (stored_read.is_some(), stored.version, &stored.json)
                < (message_read.is_some(), message.version, &message.json)
        }
    }
}

fn did_not_run() -> QueueError {
    QueueError::Io {
        what: "the store did not run its work".to_owned(),
    }
}
