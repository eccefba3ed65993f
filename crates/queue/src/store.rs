//! What a store has to do: keep rows in transactions. All rules of the queue live above it, in
//! [`Queue`](crate::Queue), so a store decides nothing.

use std::path::Path;

use jiff::Timestamp;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, Nip, ReferenceNumber};
use ksef_offline_core::invoice::InvoiceKind;

use crate::entry::{Entry, EntryId};
use crate::error::QueueError;
use crate::history::HistoryLine;
use crate::lease::Lease;
use crate::query::{ArchiveQuery, Counts, ListQuery};
use crate::receipt::{Receipt, ReceiptId};
use crate::session::{SessionInvoice, SessionRecord};
use crate::status::InvoiceStatus;

/// Keeps the rows of a queue.
///
/// # The contract
/// - [`write`](Self::write) runs its work in one transaction. When it returns `Ok`, all that was written is on the
///   disk and survives the loss of power; when it returns `Err`, for whatever reason, nothing was written. The same
///   holds for a process that dies in between.
/// - Writing transactions happen one after the other as far as the rows they ask for by key are concerned: such a row
///   stays as it is until the transaction ends, and where there was none, a second one is never added. Pages, counts and
///   other lists are of one state, which may be past when the transaction ends. A store whose transactions can fail for
///   being concurrent runs the work again, so the work may be called more than once, and only its last run counts.
/// - A transaction that has to wait for another process waits; it ends with [`QueueError::Busy`] only after many
///   seconds.
/// - [`read`](Self::read) sees one state of the store from its beginning to its end and never waits for a writer.
/// - Neither may be called from inside the work of the other.
/// - Rows come back as they were written, to the nanosecond and the byte. What is damaged is reported as
///   [`QueueError::Corrupt`], never returned.
/// - Calls block; an asynchronous caller gives them a thread.
pub trait QueueStore: Send + Sync {
    /// Runs `work` on one state of the store.
    ///
    /// # Errors
    /// Those of `work` and of the store.
    fn read(&self, work: &mut ReadWork<'_>) -> Result<(), QueueError>;

    /// Runs `work` in one transaction.
    ///
    /// # Errors
    /// Those of `work` and of the store; nothing is written then.
    fn write(&self, work: &mut WriteWork<'_>) -> Result<(), QueueError>;

    /// Checks everything that is stored, contents against their hashes included. Takes time in proportion to the size.
    ///
    /// # Errors
    /// [`QueueError::Corrupt`] with the first fault.
    fn check(&self) -> Result<(), QueueError>;

    /// Writes a copy of the whole store to a new file while others go on working.
    ///
    /// # Errors
    /// [`QueueError::BackupExists`] when there is something at `to`; [`QueueError::NotSupported`] from stores that
    /// are no file.
    fn backup(&self, to: &Path) -> Result<(), QueueError>;
}

/// Work that reads.
pub type ReadWork<'a> = dyn FnMut(&dyn Rows) -> Result<(), QueueError> + 'a;
/// Work that writes.
pub type WriteWork<'a> = dyn FnMut(&mut dyn Changes) -> Result<(), QueueError> + 'a;

/// Reads the rows of a store within a transaction. Every method can fail as the store can.
#[allow(
    clippy::missing_errors_doc,
    reason = "all share the errors of the store"
)]
pub trait Rows {
    /// The entries with these ids, in their order; missing ones are left out.
    fn entries(&self, ids: &[EntryId]) -> Result<Vec<Entry>, QueueError>;
    /// The entry with this document.
    fn entry_by_hash(&self, hash: &InvoiceHash) -> Result<Option<Entry>, QueueError>;
    /// The entry with this seller, kind and number. Rejected ones that a person settled do not count.
    fn entry_by_number(
        &self,
        seller: Nip,
        kind: InvoiceKind,
        number: &str,
    ) -> Result<Option<Entry>, QueueError>;
    /// Each of these entries that took the place of a rejected one by [`Resolution::Replaced`](crate::Resolution), with the
    /// id of that, in any order.
    fn replaced_by(&self, ids: &[EntryId]) -> Result<Vec<(EntryId, EntryId)>, QueueError>;
    /// The exact bytes of the document, checked against its hash.
    fn document(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError>;
    /// The detached signature.
    fn signature(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError>;
    /// Why the invoice was issued in its mode.
    fn evidence(&self, id: &EntryId) -> Result<Option<String>, QueueError>;
    /// At most `query.limit` entries of the queue, in the order of [`ListQuery`].
    fn list(&self, query: &ListQuery) -> Result<Vec<Entry>, QueueError>;
    /// At most `query.limit` entries of the archive, in the order of [`ArchiveQuery`].
    fn archive(&self, query: &ArchiveQuery) -> Result<Vec<Entry>, QueueError>;
    /// How many entries stand in each status, of one context or of all.
    fn counts(&self, context: Option<&ContextIdentifier>) -> Result<Counts, QueueError>;
    /// How many entries of a context the index leads to by which those in `status`, which is not Sent, are found.
    fn indexed(
        &self,
        context: &ContextIdentifier,
        status: InvoiceStatus,
    ) -> Result<u64, QueueError>;
    /// The history of one invoice in the order it was written.
    fn history(&self, id: &EntryId) -> Result<Vec<HistoryLine>, QueueError>;
    /// One session.
    fn session(&self, reference: &ReferenceNumber) -> Result<Option<SessionRecord>, QueueError>;
    /// The invoices of a session by their ordinal.
    fn session_invoices(
        &self,
        reference: &ReferenceNumber,
    ) -> Result<Vec<SessionInvoice>, QueueError>;
    /// How many entries are in processing with this session.
    fn processing_in(&self, reference: &ReferenceNumber) -> Result<usize, QueueError>;
    /// The sessions that have not ended, the oldest first, of one context or of all.
    fn open_sessions(
        &self,
        context: Option<&ContextIdentifier>,
    ) -> Result<Vec<SessionRecord>, QueueError>;
    /// A receipt, checked against its id.
    fn receipt(&self, id: &ReceiptId) -> Result<Option<Receipt>, QueueError>;
    /// At most `limit` accepted entries that have no receipt yet, by id, of one context or of all.
    fn without_receipt(
        &self,
        context: Option<&ContextIdentifier>,
        limit: usize,
    ) -> Result<Vec<Entry>, QueueError>;
    /// The last lease given for a context, live or not.
    fn lease(&self, context: &ContextIdentifier) -> Result<Option<Lease>, QueueError>;
    /// All messages of Latarnia by id.
    fn timeline(&self) -> Result<Vec<TimelineMessage>, QueueError>;
    /// The value of a key.
    fn value(&self, key: &str) -> Result<Option<String>, QueueError>;
}

/// Writes rows within a transaction. Every method can fail as the store can; the transaction is lost then.
#[allow(
    clippy::missing_errors_doc,
    reason = "all share the errors of the store"
)]
pub trait Changes: Rows {
    /// Adds an entry with its contents. Id, hash, and seller, kind and number together are unique; the latter among
    /// those that were not settled by a person.
    fn insert_entry(&mut self, entry: &Entry, contents: &Contents<'_>) -> Result<(), QueueError>;
    /// Replaces the rows of entries that are there; their facts and contents never change.
    fn update_entries(&mut self, entries: &[Entry]) -> Result<(), QueueError>;
    /// Sets the signature of an entry that is there.
    fn insert_signature(&mut self, id: &EntryId, signature: &[u8]) -> Result<(), QueueError>;
    /// Removes an entry and its contents, not its history.
    fn delete_entry(&mut self, id: &EntryId) -> Result<(), QueueError>;
    /// Adds to the history.
    fn append_history(&mut self, lines: &[HistoryLine]) -> Result<(), QueueError>;
    /// Adds a session and its invoices.
    fn insert_session(
        &mut self,
        session: &SessionRecord,
        invoices: &[SessionInvoice],
    ) -> Result<(), QueueError>;
    /// Replaces the record of a session that is there; the list of its invoices stays.
    fn update_session(&mut self, session: &SessionRecord) -> Result<(), QueueError>;
    /// Stores the reference KSeF gave to one invoice of a session.
    fn set_invoice_reference(
        &mut self,
        session: &ReferenceNumber,
        entry: &EntryId,
        reference: &ReferenceNumber,
    ) -> Result<(), QueueError>;
    /// Adds a receipt; one with the same id stays as it is.
    fn insert_receipt(&mut self, receipt: &Receipt) -> Result<(), QueueError>;
    /// Removes the receipts that no entry names any more, and what is kept for finding buyers without invoices.
    fn delete_unused(&mut self) -> Result<(), QueueError>;
    /// Of `contexts`, or of all when it is empty: the one with work whose lease ended the longest time before `now`, or
    /// never had one; a lease of `owner` itself is in nobody's way. What another transaction is just taking is passed over, never waited for. Work is an invoice that
    /// is in Processing, or Pending or Signed, neither of a total failure nor given up, or Sent and without its receipt.
    fn claim_idle(
        &mut self,
        contexts: &[ContextIdentifier],
        owner: &str,
        now: Timestamp,
    ) -> Result<Option<ContextIdentifier>, QueueError>;
    /// Replaces the lease of its context.
    fn put_lease(&mut self, lease: &Lease) -> Result<(), QueueError>;
    /// Replaces the message with the same id.
    fn put_message(&mut self, message: &TimelineMessage) -> Result<(), QueueError>;
    /// Sets a key, or removes it.
    fn put_value(&mut self, key: &str, value: Option<&str>) -> Result<(), QueueError>;
}

/// The large contents of an entry.
#[derive(Clone, Copy)]
pub struct Contents<'a> {
    /// The exact bytes of the document.
    pub document: &'a [u8],
    /// The detached signature.
    pub signature: Option<&'a [u8]>,
    /// Why it was issued in its mode.
    pub evidence: &'a str,
}

/// One message of Latarnia as it came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimelineMessage {
    /// Its id.
    pub id: String,
    /// Its version; a later one replaces the earlier.
    pub version: i64,
    /// The message in the JSON of Latarnia.
    pub json: String,
}
