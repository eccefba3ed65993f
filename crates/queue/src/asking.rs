//! What can be asked of the queue; nothing here changes anything or waits for a writer.

use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash};

use crate::entry::{Entry, EntryId};
use crate::error::QueueError;
use crate::history::HistoryLine;
use crate::query::{ArchiveQuery, Counts, Cursor, ListQuery, PAGE, Page};
use crate::queue::{NO_INVOICE, Queue, one};
use crate::receipt::Receipt;
use crate::status::InvoiceStatus;
use crate::store::{Rows, TimelineMessage};

#[allow(
    clippy::missing_errors_doc,
    reason = "all share the errors of the store"
)]
impl Queue {
    /// One invoice, or [`QueueError::NotFound`].
    pub fn entry(&self, id: &EntryId) -> Result<Entry, QueueError> {
        self.read(|rows| one(rows, id))
    }

    /// These invoices in this order; missing ones are left out.
    pub fn entries(&self, ids: &[EntryId]) -> Result<Vec<Entry>, QueueError> {
        self.read(|rows| rows.entries(ids))
    }

    /// Those of these invoices that were issued in the place of a rejected one, each with the id of that. One that took
    /// the place of several is there several times.
    pub fn replaced_by(&self, ids: &[EntryId]) -> Result<Vec<(EntryId, EntryId)>, QueueError> {
        self.read(|rows| rows.replaced_by(ids))
    }

    /// The invoice with this document.
    pub fn by_hash(&self, hash: &InvoiceHash) -> Result<Option<Entry>, QueueError> {
        self.read(|rows| rows.entry_by_hash(hash))
    }

    /// The invoice that stands in the way of `document`: the same bytes, or the same seller, kind and number.
    pub fn conflict_of(
        &self,
        document: &ksef_offline_core::invoice::InvoiceDocument,
    ) -> Result<Option<Entry>, QueueError> {
        self.read(|rows| {
            if let Some(entry) = rows.entry_by_hash(&document.hash())? {
                return Ok(Some(entry));
            }
            let facts = document.facts();
            rows.entry_by_number(facts.seller, facts.kind, &facts.number)
        })
    }

    /// The exact bytes of an invoice, checked against its hash.
    pub fn document(&self, id: &EntryId) -> Result<Vec<u8>, QueueError> {
        self.read(|rows| rows.document(id)?.ok_or(NO_INVOICE))
    }

    /// The detached signature; `None` for pending and online invoices.
    pub fn signature(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError> {
        self.read(|rows| rows.signature(id))
    }

    /// Why the invoice was issued in its mode.
    pub fn evidence(&self, id: &EntryId) -> Result<String, QueueError> {
        self.read(|rows| rows.evidence(id)?.ok_or(NO_INVOICE))
    }

    /// A page of the queue: all but Sent, by due date, open ones last, then by id.
    pub fn list(&self, query: &ListQuery) -> Result<Page, QueueError> {
        let more = ListQuery {
            limit: query.limit.saturating_add(1),
            ..query.clone()
        };
        self.read(|rows| Ok(page(rows.list(&more)?, query.limit)))
    }

    /// A page of the archive, newest first.
    pub fn archive(&self, query: &ArchiveQuery) -> Result<Page, QueueError> {
        let more = ArchiveQuery {
            limit: query.limit.saturating_add(1),
            ..query.clone()
        };
        self.read(|rows| Ok(page(rows.archive(&more)?, query.limit)))
    }

    /// How many invoices stand in each status, of one context or of all.
    pub fn counts(&self, context: Option<&ContextIdentifier>) -> Result<Counts, QueueError> {
        self.read(|rows| rows.counts(context))
    }

    /// Whether every invoice of a context that waits can be found: an index that a fault of the disk changed may lead past
    /// one, which would miss its day in silence. Compares the indexes by which waiting invoices and open sessions are found
    /// with the counts, in time proportional to what waits; [`Self::check`] looks at everything.
    ///
    /// # Errors
    /// [`QueueError::Corrupt`].
    pub fn check_waiting(&self, context: &ContextIdentifier) -> Result<(), QueueError> {
        self.read(|rows| {
            let counts = rows.counts(Some(context))?;
            let waiting = [
                InvoiceStatus::Pending,
                InvoiceStatus::Signed,
                InvoiceStatus::Processing,
                InvoiceStatus::Error,
            ];
            for status in waiting {
                if rows.indexed(context, status)? != counts.of(status) {
                    return Err(QueueError::corrupt("an index or the counts of the queue"));
                }
            }
            let mut carried = 0;
            for session in rows.open_sessions(Some(context))? {
                carried += rows.processing_in(&session.reference)? as u64;
            }
            if carried == counts.processing {
                Ok(())
            } else {
                Err(QueueError::corrupt(
                    "the sessions of invoices in processing",
                ))
            }
        })
    }

    /// Every change of one invoice, the oldest first; also of one that was deleted.
    pub fn history(&self, id: &EntryId) -> Result<Vec<HistoryLine>, QueueError> {
        self.read(|rows| rows.history(id))
    }

    /// The receipt of an invoice, once stored.
    pub fn receipt(&self, id: &EntryId) -> Result<Option<Receipt>, QueueError> {
        self.read(|rows| match one(rows, id)?.receipt {
            Some(receipt) => rows.receipt(&receipt),
            None => Ok(None),
        })
    }

    /// Accepted invoices whose receipt is still to be fetched, at most 100 at once.
    pub fn without_receipt(
        &self,
        context: Option<&ContextIdentifier>,
    ) -> Result<Vec<Entry>, QueueError> {
        self.without_receipt_up_to(context, PAGE)
    }

    /// Accepted invoices whose receipt is still to be fetched, the oldest first, at most `limit`.
    pub fn without_receipt_up_to(
        &self,
        context: Option<&ContextIdentifier>,
        limit: usize,
    ) -> Result<Vec<Entry>, QueueError> {
        self.read(|rows| rows.without_receipt(context, limit))
    }

    /// All messages of Latarnia by id, each in its latest version.
    pub fn timeline(&self) -> Result<Vec<TimelineMessage>, QueueError> {
        self.read(|rows| rows.timeline())
    }

    /// A number that grows whenever [`Self::merge_timeline`] changes anything.
    pub fn timeline_version(&self) -> Result<u64, QueueError> {
        self.read(|rows| version(rows))
    }

    /// A value set by [`Self::set_value`].
    pub fn value(&self, key: &str) -> Result<Option<String>, QueueError> {
        self.read(|rows| rows.value(key))
    }
}

/// The key of the timeline's version.
pub(crate) const TIMELINE_VERSION: &str = "timeline-version";

/// What [`Queue::timeline_version`] answers.
pub(crate) fn version(rows: &(impl Rows + ?Sized)) -> Result<u64, QueueError> {
    let kept = rows.value(TIMELINE_VERSION)?;
    Ok(kept.and_then(|kept| kept.parse().ok()).unwrap_or(0))
}

/// Cuts the one entry more that tells whether there is a next page.
fn page(mut entries: Vec<Entry>, limit: usize) -> Page {
    let next = (entries.len() > limit)
        .then(|| {
            entries.truncate(limit);
            entries.last().map(Cursor::of)
        })
        .flatten();
    Page { entries, next }
}
