//! How long the archive keeps.

use jiff::Timestamp;
use jiff::civil::Date;
use ksef_offline_core::identifier::ContextIdentifier;

use crate::entry::{Entry, EntryId};
use crate::error::QueueError;
use crate::history::{Change, HistoryLine};
use crate::query::ArchiveQuery;
use crate::queue::Queue;

/// Removed in one transaction, so that others need not wait for long.
const STEP: usize = 500;

impl Queue {
    /// Removes the archived invoices of a context that were issued on `last` or before, with their contents and the
    /// receipts and names of buyers that nothing else needs. Those whose receipt has not come stay, and so does every history. Returns whose
    /// were removed.
    ///
    /// # Errors
    /// What the store says; what was removed until then stays removed.
    pub fn expire(
        &self,
        context: &ContextIdentifier,
        last: Date,
        at: Timestamp,
    ) -> Result<Vec<EntryId>, QueueError> {
        let mut query = ArchiveQuery {
            context: Some(context.clone()),
            to: Some(last),
            limit: STEP,
            ..ArchiveQuery::default()
        };
        let mut removed = Vec::new();
        loop {
            let page = self.archive(&query)?;
            let mut entries = page.entries;
            entries.retain(|entry| entry.receipt.is_some());
            if !entries.is_empty() {
                self.remove(&entries, at)?;
            }
            removed.extend(entries.into_iter().map(|entry| entry.id));
            // The cursor names a place in the order, so it does not matter that what stood there is gone.
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        if !removed.is_empty() {
            self.write(|changes| changes.delete_unused())?;
        }
        Ok(removed)
    }

    fn remove(&self, entries: &[Entry], at: Timestamp) -> Result<(), QueueError> {
        let lines: Vec<HistoryLine> = entries
            .iter()
            .map(|entry| HistoryLine {
                entry: entry.id.clone(),
                at,
                change: Change::Expired,
                status: None,
                cause: format!("issued {}", entry.facts.issue_date),
            })
            .collect();
        self.write(|changes| {
            for entry in entries {
                changes.delete_entry(&entry.id)?;
            }
            changes.append_history(&lines)
        })
    }
}
