//! A store that dies at a named step. It wraps the real one, so nothing of this is compiled into the library.
//!
//! A step is one transaction of the queue; every call to KSeF lies between two of them. So a death just before a step is
//! committed, or just after, leaves behind every state that a death anywhere can leave.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use ksef_offline::core::identifier::{ContextIdentifier, InvoiceHash, Nip, ReferenceNumber};
use ksef_offline::core::invoice::InvoiceKind;
use ksef_offline_queue::store::{
    Changes, Contents, QueueStore, ReadWork, Rows, TimelineMessage, WriteWork,
};
use ksef_offline_queue::{
    ArchiveQuery, Counts, Entry, EntryId, HistoryLine, InvoiceStatus, Lease, ListQuery, QueueError,
    Receipt, ReceiptId, SessionInvoice, SessionRecord, SessionState,
};

/// Where to die: `step/before` or `step/after`, the first time it is come to.
pub(crate) struct DyingStore<S> {
    inner: S,
    at: Option<(String, String)>,
    reached: AtomicU32,
}

impl<S> DyingStore<S> {
    /// Dies where the variable `CRASH_AT` says, or nowhere.
    pub(crate) fn new(inner: S) -> Self {
        let at = std::env::var("CRASH_AT").ok().and_then(|at| {
            let (step, moment) = at.split_once('/')?;
            Some((step.to_owned(), moment.to_owned()))
        });
        Self {
            inner,
            at,
            reached: AtomicU32::new(0),
        }
    }

    fn reach(&self, step: Option<&str>, moment: &str) {
        if let (Some((at, when)), Some(step)) = (&self.at, step)
            && at == step
            && when == moment
            && self.reached.fetch_add(1, Ordering::Relaxed) == 0
        {
            // No destructor runs, no buffer is written, no lock is given back.
            std::process::abort();
        }
    }
}

impl<S: QueueStore> QueueStore for DyingStore<S> {
    fn read(&self, work: &mut ReadWork<'_>) -> Result<(), QueueError> {
        self.inner.read(work)
    }

    fn write(&self, work: &mut WriteWork<'_>) -> Result<(), QueueError> {
        let mut step = None;
        self.inner.write(&mut |changes| {
            let mut watched = Watched {
                inner: changes,
                step: None,
            };
            work(&mut watched)?;
            step = watched.step;
            self.reach(step, "before");
            Ok(())
        })?;
        self.reach(step, "after");
        Ok(())
    }

    fn check(&self) -> Result<(), QueueError> {
        self.inner.check()
    }

    fn backup(&self, to: &Path) -> Result<(), QueueError> {
        self.inner.backup(to)
    }
}

/// Tells which step a transaction is by what it writes.
struct Watched<'a> {
    inner: &'a mut dyn Changes,
    step: Option<&'static str>,
}

impl Watched<'_> {
    /// The first name stays: what says most is written first.
    fn is(&mut self, step: &'static str) {
        self.step.get_or_insert(step);
    }
}

impl Changes for Watched<'_> {
    fn insert_entry(&mut self, entry: &Entry, contents: &Contents<'_>) -> Result<(), QueueError> {
        self.is("issue");
        self.inner.insert_entry(entry, contents)
    }

    fn update_entries(&mut self, entries: &[Entry]) -> Result<(), QueueError> {
        self.inner.update_entries(entries)
    }

    fn insert_signature(&mut self, id: &EntryId, signature: &[u8]) -> Result<(), QueueError> {
        self.is("sign");
        self.inner.insert_signature(id, signature)
    }

    fn delete_entry(&mut self, id: &EntryId) -> Result<(), QueueError> {
        self.is("delete");
        self.inner.delete_entry(id)
    }

    fn append_history(&mut self, lines: &[HistoryLine]) -> Result<(), QueueError> {
        self.inner.append_history(lines)
    }

    fn insert_session(
        &mut self,
        session: &SessionRecord,
        invoices: &[SessionInvoice],
    ) -> Result<(), QueueError> {
        self.is("begin-session");
        self.inner.insert_session(session, invoices)
    }

    fn update_session(&mut self, session: &SessionRecord) -> Result<(), QueueError> {
        self.is(match session.state {
            SessionState::Opened | SessionState::Uploading => "part",
            SessionState::Closed => "closed",
            SessionState::Completed | SessionState::Failed => "settled",
            SessionState::Abandoned => "abandoned",
        });
        self.inner.update_session(session)
    }

    fn set_invoice_reference(
        &mut self,
        session: &ReferenceNumber,
        entry: &EntryId,
        reference: &ReferenceNumber,
    ) -> Result<(), QueueError> {
        self.inner.set_invoice_reference(session, entry, reference)
    }

    fn insert_receipt(&mut self, receipt: &Receipt) -> Result<(), QueueError> {
        self.is("receipt");
        self.inner.insert_receipt(receipt)
    }

    fn delete_unused(&mut self) -> Result<(), QueueError> {
        self.inner.delete_unused()
    }

    fn claim_idle(
        &mut self,
        contexts: &[ContextIdentifier],
        owner: &str,
        now: jiff::Timestamp,
    ) -> Result<Option<ContextIdentifier>, QueueError> {
        self.inner.claim_idle(contexts, owner, now)
    }

    fn put_lease(&mut self, lease: &Lease) -> Result<(), QueueError> {
        self.is("lease");
        self.inner.put_lease(lease)
    }

    fn put_message(&mut self, message: &TimelineMessage) -> Result<(), QueueError> {
        self.inner.put_message(message)
    }

    fn put_value(&mut self, key: &str, value: Option<&str>) -> Result<(), QueueError> {
        self.inner.put_value(key, value)
    }
}

impl Rows for Watched<'_> {
    fn entries(&self, ids: &[EntryId]) -> Result<Vec<Entry>, QueueError> {
        self.inner.entries(ids)
    }

    fn entry_by_hash(&self, hash: &InvoiceHash) -> Result<Option<Entry>, QueueError> {
        self.inner.entry_by_hash(hash)
    }

    fn entry_by_number(
        &self,
        seller: Nip,
        kind: InvoiceKind,
        number: &str,
    ) -> Result<Option<Entry>, QueueError> {
        self.inner.entry_by_number(seller, kind, number)
    }

    fn document(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError> {
        self.inner.document(id)
    }

    fn signature(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError> {
        self.inner.signature(id)
    }

    fn evidence(&self, id: &EntryId) -> Result<Option<String>, QueueError> {
        self.inner.evidence(id)
    }

    fn list(&self, query: &ListQuery) -> Result<Vec<Entry>, QueueError> {
        self.inner.list(query)
    }

    fn archive(&self, query: &ArchiveQuery) -> Result<Vec<Entry>, QueueError> {
        self.inner.archive(query)
    }

    fn replaced_by(&self, ids: &[EntryId]) -> Result<Vec<(EntryId, EntryId)>, QueueError> {
        self.inner.replaced_by(ids)
    }
    fn indexed(
        &self,
        context: &ContextIdentifier,
        status: InvoiceStatus,
    ) -> Result<u64, QueueError> {
        self.inner.indexed(context, status)
    }
    fn counts(&self, context: Option<&ContextIdentifier>) -> Result<Counts, QueueError> {
        self.inner.counts(context)
    }

    fn history(&self, id: &EntryId) -> Result<Vec<HistoryLine>, QueueError> {
        self.inner.history(id)
    }

    fn session(&self, reference: &ReferenceNumber) -> Result<Option<SessionRecord>, QueueError> {
        self.inner.session(reference)
    }

    fn session_invoices(
        &self,
        reference: &ReferenceNumber,
    ) -> Result<Vec<SessionInvoice>, QueueError> {
        self.inner.session_invoices(reference)
    }

    fn processing_in(&self, reference: &ReferenceNumber) -> Result<usize, QueueError> {
        self.inner.processing_in(reference)
    }

    fn open_sessions(
        &self,
        context: Option<&ContextIdentifier>,
    ) -> Result<Vec<SessionRecord>, QueueError> {
        self.inner.open_sessions(context)
    }

    fn receipt(&self, id: &ReceiptId) -> Result<Option<Receipt>, QueueError> {
        self.inner.receipt(id)
    }

    fn without_receipt(
        &self,
        context: Option<&ContextIdentifier>,
        limit: usize,
    ) -> Result<Vec<Entry>, QueueError> {
        self.inner.without_receipt(context, limit)
    }

    fn lease(&self, context: &ContextIdentifier) -> Result<Option<Lease>, QueueError> {
        self.inner.lease(context)
    }

    fn timeline(&self) -> Result<Vec<TimelineMessage>, QueueError> {
        self.inner.timeline()
    }

    fn value(&self, key: &str) -> Result<Option<String>, QueueError> {
        self.inner.value(key)
    }
}
