//! Writing rows, each kind in one round trip for any number of them.

use std::collections::HashMap;

use jiff::Timestamp;
use ksef_offline_core::identifier::{ContextIdentifier, ReferenceNumber};

use super::fault::told;
use super::read::ADD_SENDER;
use super::rows::PostgresRows;
use crate::entry::{Entry, EntryId};
use crate::error::QueueError;
use crate::history::HistoryLine;
use crate::lease::Lease;
use crate::queue::NO_INVOICE;
use crate::receipt::Receipt;
use crate::rows::{Record as _, Value, history, instant_text, message, setting};
use crate::session::{SessionInvoice, SessionRecord};
use crate::store::{Changes, Contents, TimelineMessage};

impl Changes for PostgresRows<'_> {
    fn insert_entry(&mut self, entry: &Entry, large: &Contents<'_>) -> Result<(), QueueError> {
        self.insert(&Entry::TABLE, &[entry.cells()?], "")?;
        let sql =
            "INSERT INTO contents (entry, signature, evidence, document) VALUES ($1, $2, $3, $4)";
        self.execute(
            sql,
            &[
                &entry.id.as_str(),
                &large.signature,
                &large.evidence,
                &large.document,
            ],
        )?;
        self.execute(ADD_SENDER, &[&entry.context.as_str()])?;
        Ok(())
    }

    fn update_entries(&mut self, entries: &[Entry]) -> Result<(), QueueError> {
        let rows: Vec<Vec<Value>> = entries.iter().map(Entry::cells).collect::<Result<_, _>>()?;
        must(self.update(&Entry::TABLE, &rows, "status")?, rows.len())
    }

    fn insert_signature(&mut self, id: &EntryId, signature: &[u8]) -> Result<(), QueueError> {
        let sql = "UPDATE contents SET signature = $2 WHERE entry = $1";
        must(self.execute(sql, &[&id.as_str(), &signature])?, 1)
    }

    fn delete_entry(&mut self, id: &EntryId) -> Result<(), QueueError> {
        must(
            self.execute("DELETE FROM entries WHERE id = $1", &[&id.as_str()])?,
            1,
        )
    }

    fn append_history(&mut self, lines: &[HistoryLine]) -> Result<(), QueueError> {
        if lines.is_empty() {
            return Ok(());
        }
        let mut ids: Vec<&str> = lines.iter().map(|line| line.entry.as_str()).collect();
        ids.sort_unstable();
        ids.dedup();
        let last = "SELECT entry, max(line) FROM history WHERE entry = ANY($1) GROUP BY entry";
        let mut last: HashMap<String, i64> = self
            .query(last, &[&ids])?
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect::<Result<_, tokio_postgres::Error>>()
            .map_err(|error| told(&error))?;
        let rows: Vec<Vec<Value>> = lines
            .iter()
            .map(|line| {
                let place = last.entry(line.entry.as_str().to_owned()).or_default();
                *place += 1;
                history::cells(line, *place)
            })
            .collect();
        self.insert(&history::TABLE, &rows, "").map(drop)
    }

    fn insert_session(
        &mut self,
        session: &SessionRecord,
        invoices: &[SessionInvoice],
    ) -> Result<(), QueueError> {
        self.insert(&SessionRecord::TABLE, &[session.cells()?], "")?;
        let rows: Vec<Vec<Value>> = invoices
            .iter()
            .map(|invoice| (session.reference.clone(), invoice.clone()).cells())
            .collect::<Result<_, _>>()?;
        self.insert(&<(ReferenceNumber, SessionInvoice)>::TABLE, &rows, "")
            .map(drop)
    }

    fn update_session(&mut self, session: &SessionRecord) -> Result<(), QueueError> {
        let rows = [session.cells()?];
        must(self.update(&SessionRecord::TABLE, &rows, "state")?, 1)
    }

    fn set_invoice_reference(
        &mut self,
        session: &ReferenceNumber,
        entry: &EntryId,
        reference: &ReferenceNumber,
    ) -> Result<(), QueueError> {
        let sql = "UPDATE session_invoices SET reference = $3 WHERE session = $1 AND entry = $2";
        let values = [session.as_str(), entry.as_str(), reference.as_str()];
        must(self.execute(sql, &[&values[0], &values[1], &values[2]])?, 1)
    }

    fn insert_receipt(&mut self, receipt: &Receipt) -> Result<(), QueueError> {
        let sql = "INSERT INTO receipts (id, bytes, session, stored) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        let cells = receipt.cells()?;
        self.execute(sql, &[&cells[0], &cells[1], &cells[2], &cells[3]])
            .map(drop)
    }

    fn delete_unused(&mut self) -> Result<(), QueueError> {
        // Without an index on it, so that nothing else pays for what is done once a year.
        let sql = "DELETE FROM receipts WHERE id NOT IN (SELECT receipt FROM entries WHERE receipt IS NOT NULL)";
        self.execute(sql, &[])?;
        let sql = "DELETE FROM buyers b WHERE NOT EXISTS (SELECT 1 FROM entries WHERE buyer_folded = b.folded)";
        self.execute(sql, &[]).map(drop)
    }

    fn claim_idle(
        &mut self,
        contexts: &[ContextIdentifier],
        owner: &str,
        now: Timestamp,
    ) -> Result<Option<ContextIdentifier>, QueueError> {
        let among: Vec<&str> = contexts.iter().map(ContextIdentifier::as_str).collect();
        let sql = "SELECT s.context FROM senders s WHERE (s.expires <= $1 OR s.owner = $3) \
             AND (cardinality($2::text[]) = 0 OR s.context = ANY($2)) AND (EXISTS (SELECT 1 FROM entries e \
             WHERE e.context = s.context AND e.status IN ('pending', 'signed', 'processing') AND e.status <> 'sent' \
             AND e.mode <> 'total-failure' AND e.resolution IS NULL) \
             OR EXISTS (SELECT 1 FROM entries e WHERE e.context = s.context AND e.status = 'sent' AND e.receipt IS NULL)) \
             ORDER BY s.expires, s.context LIMIT 1 FOR UPDATE OF s SKIP LOCKED";
        let rows = self.query(sql, &[&instant_text(now), &among, &owner])?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let text: &str = row.try_get(0).map_err(|error| told(&error))?;
        text.parse()
            .map(Some)
            .map_err(|_| QueueError::corrupt("a context"))
    }

    fn put_lease(&mut self, lease: &Lease) -> Result<(), QueueError> {
        let replace = "ON CONFLICT (context) DO UPDATE SET owner = excluded.owner, number = excluded.number, \
                       expires = excluded.expires";
        self.insert(&Lease::TABLE, &[lease.cells()?], replace)
            .map(drop)
    }

    fn put_message(&mut self, message: &TimelineMessage) -> Result<(), QueueError> {
        let replace =
            "ON CONFLICT (id) DO UPDATE SET version = excluded.version, json = excluded.json";
        self.insert(&message::TABLE, &[message::cells(message)], replace)
            .map(drop)
    }

    fn put_value(&mut self, key: &str, value: Option<&str>) -> Result<(), QueueError> {
        match value {
            Some(value) => {
                let replace = "ON CONFLICT (key) DO UPDATE SET value = excluded.value";
                self.insert(&setting::TABLE, &[vec![key.into(), value.into()]], replace)
            }
            None => self.execute("DELETE FROM settings WHERE key = $1", &[&key]),
        }
        .map(drop)
    }
}

fn must(changed: u64, expected: usize) -> Result<(), QueueError> {
    if changed == expected as u64 {
        Ok(())
    } else {
        Err(NO_INVOICE)
    }
}
