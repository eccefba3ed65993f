//! Writing rows.

use jiff::Timestamp;
use ksef_offline_core::identifier::{ContextIdentifier, ReferenceNumber};
use rusqlite::params;

use super::rows::SqliteRows;
use crate::entry::{Entry, EntryId};
use crate::error::QueueError;
use crate::history::HistoryLine;
use crate::lease::Lease;
use crate::queue::NO_INVOICE;
use crate::receipt::{Receipt, ReceiptId};
use crate::rows::{Record, contents, history, instant_text, message, seal, setting};
use crate::session::{SessionInvoice, SessionRecord};
use crate::store::{Changes, Contents, Rows as _, TimelineMessage};

impl Changes for SqliteRows<'_> {
    fn insert_entry(&mut self, entry: &Entry, large: &Contents<'_>) -> Result<(), QueueError> {
        self.put(&Entry::TABLE, &entry.cells()?, false)?;
        let cells = contents::cells(entry.id.as_str(), large.signature, large.evidence);
        self.execute(
            "INSERT INTO contents (entry, signature, evidence, seal, document) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![
                entry.id.as_str(),
                large.signature,
                large.evidence,
                seal(contents::TABLE.name, &cells),
                large.document
            ],
        )
        .map(drop)
    }

    fn update_entries(&mut self, entries: &[Entry]) -> Result<(), QueueError> {
        for entry in entries {
            self.change(entry, "status")?;
        }
        Ok(())
    }

    fn insert_signature(&mut self, id: &EntryId, signature: &[u8]) -> Result<(), QueueError> {
        let evidence = self.evidence(id)?.ok_or(NO_INVOICE)?;
        let cells = contents::cells(id.as_str(), Some(signature), &evidence);
        must(self.update(&contents::TABLE, &cells, 1)?)
    }

    fn delete_entry(&mut self, id: &EntryId) -> Result<(), QueueError> {
        must(self.execute("DELETE FROM entries WHERE id = ?1", [id.as_str()])? == 1)
    }

    fn append_history(&mut self, lines: &[HistoryLine]) -> Result<(), QueueError> {
        for line in lines {
            let last: Option<i64> = self
                .value_of(
                    "SELECT max(line) FROM history WHERE entry = ?1",
                    [line.entry.as_str()],
                )?
                .flatten();
            let cells = history::cells(line, last.unwrap_or(0) + 1);
            self.put(&history::TABLE, &cells, false)?;
        }
        Ok(())
    }

    fn insert_session(
        &mut self,
        session: &SessionRecord,
        invoices: &[SessionInvoice],
    ) -> Result<(), QueueError> {
        self.put(&SessionRecord::TABLE, &session.cells()?, false)?;
        for invoice in invoices {
            let row = (session.reference.clone(), invoice.clone());
            self.put(
                &<(ReferenceNumber, SessionInvoice)>::TABLE,
                &row.cells()?,
                false,
            )?;
        }
        Ok(())
    }

    fn update_session(&mut self, session: &SessionRecord) -> Result<(), QueueError> {
        self.change(session, "state")
    }

    fn set_invoice_reference(
        &mut self,
        session: &ReferenceNumber,
        entry: &EntryId,
        reference: &ReferenceNumber,
    ) -> Result<(), QueueError> {
        let mut carried = self.session_invoices(session)?;
        carried.retain(|invoice| invoice.entry == *entry);
        let mut invoice = carried.pop().ok_or(NO_INVOICE)?;
        invoice.reference = Some(reference.clone());
        self.change(&(session.clone(), invoice), "reference")
    }

    fn insert_receipt(&mut self, receipt: &Receipt) -> Result<(), QueueError> {
        if self.receipt(&ReceiptId::of(&receipt.bytes))?.is_some() {
            return Ok(());
        }
        self.put(&Receipt::TABLE, &receipt.cells()?, false)
    }

    fn delete_unused(&mut self) -> Result<(), QueueError> {
        // Without an index on it, so that nothing else pays for what is done once a year.
        let sql = "DELETE FROM receipts WHERE id NOT IN (SELECT receipt FROM entries WHERE receipt IS NOT NULL)";
        self.execute(sql, [])?;
        let sql = "DELETE FROM buyers WHERE folded NOT IN (SELECT buyer_folded FROM entries)";
        self.execute(sql, []).map(drop)
    }

    fn claim_idle(
        &mut self,
        contexts: &[ContextIdentifier],
        owner: &str,
        now: Timestamp,
    ) -> Result<Option<ContextIdentifier>, QueueError> {
        self.idle(contexts, owner, &instant_text(now))
    }

    fn put_lease(&mut self, lease: &Lease) -> Result<(), QueueError> {
        self.put(&Lease::TABLE, &lease.cells()?, true)
    }

    fn put_message(&mut self, message: &TimelineMessage) -> Result<(), QueueError> {
        self.put(&message::TABLE, &message::cells(message), true)
    }

    fn put_value(&mut self, key: &str, value: Option<&str>) -> Result<(), QueueError> {
        match value {
            Some(value) => self.put(&setting::TABLE, &[key.into(), value.into()], true),
            None => self
                .execute("DELETE FROM settings WHERE key = ?1", [key])
                .map(drop),
        }
    }
}

impl SqliteRows<'_> {
    /// Replaces what can change of a record that is there: the columns from `first` on.
    fn change<T: Record>(&self, record: &T, first: &str) -> Result<(), QueueError> {
        let first = T::TABLE
            .columns
            .iter()
            .position(|column| *column == first)
            .unwrap_or(T::TABLE.keys);
        must(self.update(&T::TABLE, &record.cells()?, first)?)
    }
}

fn must(there: bool) -> Result<(), QueueError> {
    if there { Ok(()) } else { Err(NO_INVOICE) }
}
