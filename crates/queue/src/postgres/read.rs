//! Reading rows.

use std::collections::HashMap;

use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, Nip, ReferenceNumber};
use ksef_offline_core::invoice::InvoiceKind;

use super::fault::told;
use super::rows::{DIALECT, PostgresRows};
use crate::entry::{Entry, EntryId};
use crate::error::QueueError;
use crate::history::HistoryLine;
use crate::lease::Lease;
use crate::query::{ArchiveQuery, Counts, ListQuery};
use crate::receipt::{Receipt, ReceiptId};
use crate::rows::{FEW_BUYERS, history, in_archive, in_queue, message, newest_of, number_of};
use crate::session::{SessionInvoice, SessionRecord};
use crate::status::InvoiceStatus;
use crate::store::{Rows, TimelineMessage};

/// Keys of advisory locks that stand for rows which may not be there yet.
const SETTINGS: i32 = 1;

impl Rows for PostgresRows<'_> {
    fn entries(&self, ids: &[EntryId]) -> Result<Vec<Entry>, QueueError> {
        let names: Vec<&str> = ids.iter().map(EntryId::as_str).collect();
        // Locked in one order, whatever order they are asked for in: no two transactions wait for each other in a ring.
        let rest = format!("WHERE id = ANY($1) ORDER BY id{}", self.lock());
        let found: Vec<Entry> = self.records(&rest, &[&names])?;
        let mut found: HashMap<EntryId, Entry> = found
            .into_iter()
            .map(|entry| (entry.id.clone(), entry))
            .collect();
        Ok(ids
            .iter()
            .filter_map(|id| match found.get(id) {
                // The same id twice is answered twice.
                Some(entry) if ids.len() > found.len() => Some(entry.clone()),
                _ => found.remove(id),
            })
            .collect())
    }

    fn entry_by_hash(&self, hash: &InvoiceHash) -> Result<Option<Entry>, QueueError> {
        self.record("hash = $1", &[&hash.as_bytes().as_slice()])
    }

    fn entry_by_number(
        &self,
        seller: Nip,
        kind: InvoiceKind,
        number: &str,
    ) -> Result<Option<Entry>, QueueError> {
        self.record(
            "seller = $1 AND kind = $2 AND number = $3 AND (resolution IS NULL OR status <> 'error')",
            &[&seller.as_str(), &kind.code(), &number],
        )
    }

    fn replaced_by(&self, ids: &[EntryId]) -> Result<Vec<(EntryId, EntryId)>, QueueError> {
        let names: Vec<&str> = ids.iter().map(EntryId::as_str).collect();
        let sql = "SELECT resolution_text, id FROM entries WHERE resolution = 'replaced' AND resolution_text = ANY($1)";
        let id = |text: &str| EntryId::parse(text).map_err(|_| QueueError::corrupt("an id"));
        self.query(sql, &[&names])?
            .iter()
            .map(|row| {
                let texts: (&str, &str) = (
                    row.try_get(0).map_err(|error| told(&error))?,
                    row.try_get(1).map_err(|error| told(&error))?,
                );
                Ok((id(texts.0)?, id(texts.1)?))
            })
            .collect()
    }

    fn document(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError> {
        let sql = "SELECT hash, document FROM entries JOIN contents ON entry = id WHERE id = $1";
        let rows = self.query(sql, &[&id.as_str()])?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let hash: &[u8] = row.try_get(0).map_err(|error| told(&error))?;
        let bytes: Vec<u8> = row.try_get(1).map_err(|error| told(&error))?;
        if InvoiceHash::of(&bytes).as_bytes() == hash {
            Ok(Some(bytes))
        } else {
            Err(QueueError::corrupt(format!("the document of {id}")))
        }
    }

    fn signature(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError> {
        let sql = "SELECT signature FROM contents WHERE entry = $1";
        let rows = self.query(sql, &[&id.as_str()])?;
        match rows.first() {
            Some(row) => row.try_get(0).map_err(|error| told(&error)),
            None => Ok(None),
        }
    }

    fn evidence(&self, id: &EntryId) -> Result<Option<String>, QueueError> {
        let sql = "SELECT evidence FROM contents WHERE entry = $1";
        let rows = self.query(sql, &[&id.as_str()])?;
        rows.first()
            .map(|row| row.try_get(0).map_err(|error| told(&error)))
            .transpose()
    }

    fn list(&self, query: &ListQuery) -> Result<Vec<Entry>, QueueError> {
        self.select(&in_queue(&DIALECT, query)?)
    }

    fn archive(&self, query: &ArchiveQuery) -> Result<Vec<Entry>, QueueError> {
        if let Some(part) = query.searched_buyer()
            && let Some(buyers) = self.buyers_with(&part)?
        {
            return newest_of(query, &buyers, |buyer| {
                self.select(&in_archive(&DIALECT, query, "", Some(buyer))?)
            });
        }
        // The server knows how common a value is, and finds the index itself.
        self.select(&in_archive(&DIALECT, query, "", None)?)
    }

    fn counts(&self, context: Option<&ContextIdentifier>) -> Result<Counts, QueueError> {
        const SUM: &str = "SELECT status, sum(entries)::bigint FROM counts";
        let rows = match context {
            Some(context) => self.query(
                &format!("{SUM} WHERE context = $1 GROUP BY status"),
                &[&context.as_str()],
            ),
            None => self.query(&format!("{SUM} GROUP BY status"), &[]),
        }?;
        let mut counts = Counts::default();
        for row in rows {
            let fault = || QueueError::corrupt("the counts of the statuses");
            let name: &str = row.try_get(0).map_err(|_| fault())?;
            let count: i64 = row.try_get(1).map_err(|_| fault())?;
            let status = InvoiceStatus::from_name(name).ok_or_else(fault)?;
            counts.add(status, u64::try_from(count).map_err(|_| fault())?);
        }
        Ok(counts)
    }

    fn indexed(
        &self,
        context: &ContextIdentifier,
        status: InvoiceStatus,
    ) -> Result<u64, QueueError> {
        let sql =
            "SELECT count(*) FROM entries WHERE context = $1 AND status = $2 AND status <> 'sent'";
        let rows = self.query(sql, &[&context.as_str(), &status.name()])?;
        let count: i64 = match rows.first() {
            Some(row) => row.try_get(0).map_err(|error| told(&error))?,
            None => 0,
        };
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn history(&self, id: &EntryId) -> Result<Vec<HistoryLine>, QueueError> {
        self.rows(
            &history::TABLE,
            "WHERE entry = $1 ORDER BY line",
            &[&id.as_str()],
        )?
        .into_iter()
        .map(history::from_cells)
        .collect()
    }

    fn session(&self, reference: &ReferenceNumber) -> Result<Option<SessionRecord>, QueueError> {
        self.record("reference = $1", &[&reference.as_str()])
    }

    fn session_invoices(
        &self,
        reference: &ReferenceNumber,
    ) -> Result<Vec<SessionInvoice>, QueueError> {
        let found: Vec<(ReferenceNumber, SessionInvoice)> = self.records(
            "WHERE session = $1 ORDER BY ordinal",
            &[&reference.as_str()],
        )?;
        Ok(found.into_iter().map(|(_, invoice)| invoice).collect())
    }

    fn processing_in(&self, reference: &ReferenceNumber) -> Result<usize, QueueError> {
        let sql = "SELECT count(*) FROM entries WHERE status = 'processing' AND session = $1";
        let rows = self.query(sql, &[&reference.as_str()])?;
        let count: i64 = match rows.first() {
            Some(row) => row.try_get(0).map_err(|error| told(&error))?,
            None => 0,
        };
        Ok(usize::try_from(count).unwrap_or(0))
    }

    fn open_sessions(
        &self,
        context: Option<&ContextIdentifier>,
    ) -> Result<Vec<SessionRecord>, QueueError> {
        const OPEN: &str = "WHERE state IN ('opened', 'uploading', 'closed')";
        match context {
            Some(context) => self.records(
                &format!("{OPEN} AND context = $1 ORDER BY opened, reference"),
                &[&context.as_str()],
            ),
            None => self.records(&format!("{OPEN} ORDER BY opened, reference"), &[]),
        }
    }

    fn receipt(&self, id: &ReceiptId) -> Result<Option<Receipt>, QueueError> {
        self.record("id = $1", &[&id.as_bytes().as_slice()])
    }

    fn without_receipt(
        &self,
        context: Option<&ContextIdentifier>,
        limit: usize,
    ) -> Result<Vec<Entry>, QueueError> {
        const MISSING: &str = "WHERE status = 'sent' AND receipt IS NULL";
        let limit = number_of(limit);
        match context {
            Some(context) => self.records(
                &format!("{MISSING} AND context = $1 ORDER BY id LIMIT $2"),
                &[&context.as_str(), &limit],
            ),
            None => self.records(&format!("{MISSING} ORDER BY id LIMIT $1"), &[&limit]),
        }
    }

    fn lease(&self, context: &ContextIdentifier) -> Result<Option<Lease>, QueueError> {
        if self.locks() {
            // There is a row to be locked even before the first lease.
            self.execute(ADD_SENDER, &[&context.as_str()])?;
        }
        let rest = format!("WHERE context = $1 AND number > 0{}", self.lock());
        if let Some(lease) = self.records(&rest, &[&context.as_str()])?.pop() {
            return Ok(Some(lease));
        }
        if self.locks() {
            let sql = "SELECT 1 FROM senders WHERE context = $1 FOR UPDATE";
            self.query(sql, &[&context.as_str()])?;
            // Whoever had it until now may have made the first lease.
            return Ok(self.records(&rest, &[&context.as_str()])?.pop());
        }
        Ok(None)
    }

    fn timeline(&self) -> Result<Vec<TimelineMessage>, QueueError> {
        if self.locks() {
            self.run("LOCK TABLE timeline IN SHARE ROW EXCLUSIVE MODE")?;
        }
        self.rows(&message::TABLE, "ORDER BY id", &[])?
            .into_iter()
            .map(message::from_cells)
            .collect()
    }

    fn value(&self, key: &str) -> Result<Option<String>, QueueError> {
        if self.locks() {
            let sql = "SELECT pg_advisory_xact_lock($1, hashtext($2))";
            self.query(sql, &[&SETTINGS, &key])?;
        }
        let rows = self.query("SELECT value FROM settings WHERE key = $1", &[&key])?;
        rows.first()
            .map(|row| row.try_get(0).map_err(|error| told(&error)))
            .transpose()
    }
}

impl PostgresRows<'_> {
    /// The buyers whose folded text has this part; `None` where they are many.
    fn buyers_with(&self, part: &str) -> Result<Option<Vec<String>>, QueueError> {
        let grams = if part.chars().count() < 3 {
            ""
        } else {
            "buyer_grams(folded) @> buyer_grams($1) AND "
        };
        let sql = format!("SELECT folded FROM buyers WHERE {grams}strpos(folded, $1) > 0 LIMIT $2");
        let found = self.query(&sql, &[&part, &number_of(FEW_BUYERS + 1)])?;
        if found.len() > FEW_BUYERS {
            return Ok(None);
        }
        found
            .iter()
            .map(|row| row.try_get(0).map_err(|error| told(&error)))
            .collect::<Result<_, _>>()
            .map(Some)
    }
}

/// A context that has an invoice is one that workers look at.
pub(super) const ADD_SENDER: &str = "INSERT INTO senders (context, owner, number, expires) VALUES ($1, '', 0, '') ON CONFLICT DO NOTHING";
