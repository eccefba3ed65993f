//! Reading rows.

use jiff::civil::Date;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, Nip, ReferenceNumber};
use ksef_offline_core::invoice::InvoiceKind;
use rusqlite::{Connection, params, params_from_iter};

use super::fault::Told as _;
use super::rows::{DIALECT, SqliteRows};
use crate::entry::{Entry, EntryId};
use crate::error::QueueError;
use crate::history::HistoryLine;
use crate::lease::Lease;
use crate::query::{ArchiveQuery, Counts, ListQuery};
use crate::receipt::{Receipt, ReceiptId};
use crate::rows::{
    FEW_BUYERS, Record, contents, end_of, history, in_archive, in_queue, message, newest_of,
    number_of, setting,
};
use crate::session::{SessionInvoice, SessionRecord};
use crate::status::InvoiceStatus;
use crate::store::{Rows, TimelineMessage};

const BY_NUMBER: &str = " INDEXED BY archive_number";
const BY_BUYER: &str = " INDEXED BY archive_buyer";
const BY_DATE: &str = " INDEXED BY archive_issue_date";
/// So many matches are read and sorted sooner than they are found from the newest end.
const FEW: i64 = 1000;

impl Rows for SqliteRows<'_> {
    fn entries(&self, ids: &[EntryId]) -> Result<Vec<Entry>, QueueError> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(entry) = self.record::<Entry>("WHERE id = ?1", [id.as_str()])? {
                answers(entry.id == *id)?;
                found.push(entry);
            }
        }
        Ok(found)
    }

    fn entry_by_hash(&self, hash: &InvoiceHash) -> Result<Option<Entry>, QueueError> {
        let found = self.record::<Entry>("WHERE hash = ?1", [hash.as_bytes()])?;
        answers(found.as_ref().is_none_or(|entry| entry.hash == *hash))?;
        Ok(found)
    }

    fn entry_by_number(
        &self,
        seller: Nip,
        kind: InvoiceKind,
        number: &str,
    ) -> Result<Option<Entry>, QueueError> {
        let found = self.record::<Entry>(
            "WHERE seller = ?1 AND kind = ?2 AND number = ?3 AND (resolution IS NULL OR status <> 'error')",
            [seller.as_str(), kind.code(), number],
        )?;
        answers(
            found
                .as_ref()
                .is_none_or(|entry| entry.facts.number == number),
        )?;
        Ok(found)
    }

    fn replaced_by(&self, ids: &[EntryId]) -> Result<Vec<(EntryId, EntryId)>, QueueError> {
        let mut found = Vec::new();
        for id in ids {
            let replaced = self.records::<Entry>(
                "WHERE resolution = 'replaced' AND resolution_text = ?1",
                [id.as_str()],
            )?;
            found.extend(replaced.into_iter().map(|entry| (id.clone(), entry.id)));
        }
        Ok(found)
    }

    fn document(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError> {
        let sql = "SELECT hash, document FROM entries JOIN contents ON entry = id WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql).told()?;
        let mut rows = statement.query([id.as_str()]).told()?;
        let Some(row) = rows.next().told()? else {
            return Ok(None);
        };
        let (hash, bytes): ([u8; 32], Vec<u8>) = (row.get(0).told()?, row.get(1).told()?);
        if InvoiceHash::of(&bytes) == InvoiceHash::from_bytes(hash) {
            Ok(Some(bytes))
        } else {
            Err(QueueError::corrupt(format!("the document of {id}")))
        }
    }

    fn signature(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError> {
        match self.first(&contents::TABLE, "WHERE entry = ?1", [id.as_str()])? {
            Some(mut cells) => cells.optional_bytes(1),
            None => Ok(None),
        }
    }

    fn evidence(&self, id: &EntryId) -> Result<Option<String>, QueueError> {
        let found = self.first(&contents::TABLE, "WHERE entry = ?1", [id.as_str()])?;
        found.map(|mut cells| cells.text(2)).transpose()
    }

    fn list(&self, query: &ListQuery) -> Result<Vec<Entry>, QueueError> {
        self.select(&in_queue(&DIALECT, query)?)
    }

    fn archive(&self, query: &ArchiveQuery) -> Result<Vec<Entry>, QueueError> {
        if let Some(part) = query.searched_buyer()
            && let Some(buyers) = self.buyers_with(&part)?
        {
            return newest_of(query, &buyers, |buyer| {
                self.select(&in_archive(&DIALECT, query, BY_BUYER, Some(buyer))?)
            });
        }
        self.select(&in_archive(&DIALECT, query, self.way(query)?, None)?)
    }

    fn counts(&self, context: Option<&ContextIdentifier>) -> Result<Counts, QueueError> {
        let sql = "SELECT status, entries FROM counts WHERE ?1 IS NULL OR context = ?1";
        let mut statement = self.connection.prepare_cached(sql).told()?;
        let mut rows = statement
            .query([context.map(ContextIdentifier::as_str)])
            .told()?;
        let mut counts = Counts::default();
        while let Some(row) = rows.next().told()? {
            let name: String = row.get(0).told()?;
            let status = InvoiceStatus::from_name(&name)
                .ok_or_else(|| QueueError::corrupt("the counts of the statuses"))?;
            counts.add(status, row.get(1).told()?);
        }
        Ok(counts)
    }

    fn indexed(
        &self,
        context: &ContextIdentifier,
        status: InvoiceStatus,
    ) -> Result<u64, QueueError> {
        let sql = "SELECT count(*) FROM entries INDEXED BY queue_context_status \
                   WHERE context = ?1 AND status = ?2 AND status <> 'sent'";
        let count: Option<u64> = self.value_of(sql, [context.as_str(), status.name()])?;
        Ok(count.unwrap_or(0))
    }

    fn history(&self, id: &EntryId) -> Result<Vec<HistoryLine>, QueueError> {
        let rest = "WHERE entry = ?1 ORDER BY line";
        self.every(&history::TABLE, rest, [id.as_str()], history::from_cells)
    }

    fn session(&self, reference: &ReferenceNumber) -> Result<Option<SessionRecord>, QueueError> {
        let found = self.record::<SessionRecord>("WHERE reference = ?1", [reference.as_str()])?;
        answers(
            found
                .as_ref()
                .is_none_or(|session| session.reference == *reference),
        )?;
        Ok(found)
    }

    fn session_invoices(
        &self,
        reference: &ReferenceNumber,
    ) -> Result<Vec<SessionInvoice>, QueueError> {
        let rest = "WHERE session = ?1 ORDER BY ordinal";
        let found =
            self.records::<(ReferenceNumber, SessionInvoice)>(rest, [reference.as_str()])?;
        Ok(found.into_iter().map(|(_, invoice)| invoice).collect())
    }

    fn processing_in(&self, reference: &ReferenceNumber) -> Result<usize, QueueError> {
        let sql = "SELECT count(*) FROM entries WHERE status = 'processing' AND session = ?1";
        let count: Option<usize> = self.value_of(sql, [reference.as_str()])?;
        Ok(count.unwrap_or(0))
    }

    fn open_sessions(
        &self,
        context: Option<&ContextIdentifier>,
    ) -> Result<Vec<SessionRecord>, QueueError> {
        let rest = "WHERE state IN ('opened', 'uploading', 'closed') AND (?1 IS NULL OR context = ?1) \
                    ORDER BY opened, reference";
        self.records(rest, [context.map(ContextIdentifier::as_str)])
    }

    fn receipt(&self, id: &ReceiptId) -> Result<Option<Receipt>, QueueError> {
        let found = self.record::<Receipt>("WHERE id = ?1", [id.as_bytes()])?;
        answers(found.as_ref().is_none_or(|receipt| receipt.id == *id))?;
        Ok(found)
    }

    fn without_receipt(
        &self,
        context: Option<&ContextIdentifier>,
        limit: usize,
    ) -> Result<Vec<Entry>, QueueError> {
        let limit = number_of(limit);
        match context {
            Some(context) => self.records(
                "WHERE status = 'sent' AND receipt IS NULL AND context = ?1 ORDER BY id LIMIT ?2",
                params![context.as_str(), limit],
            ),
            None => self.records(
                "WHERE status = 'sent' AND receipt IS NULL ORDER BY id LIMIT ?1",
                [limit],
            ),
        }
    }

    fn lease(&self, context: &ContextIdentifier) -> Result<Option<Lease>, QueueError> {
        let found = self.record::<Lease>("WHERE context = ?1", [context.as_str()])?;
        answers(found.as_ref().is_none_or(|lease| lease.context == *context))?;
        Ok(found)
    }

    fn timeline(&self) -> Result<Vec<TimelineMessage>, QueueError> {
        self.every(&message::TABLE, "ORDER BY id", [], message::from_cells)
    }

    fn value(&self, key: &str) -> Result<Option<String>, QueueError> {
        let found = self.first(&setting::TABLE, "WHERE key = ?1", [key])?;
        found.map(|mut cells| cells.text(1)).transpose()
    }
}

impl SqliteRows<'_> {
    fn record<T: Record>(
        &self,
        rest: &str,
        values: impl rusqlite::Params,
    ) -> Result<Option<T>, QueueError> {
        self.first(&T::TABLE, rest, values)?
            .map(T::from_cells)
            .transpose()
    }

    fn records<T: Record>(
        &self,
        rest: &str,
        values: impl rusqlite::Params,
    ) -> Result<Vec<T>, QueueError> {
        self.every(&T::TABLE, rest, values, T::from_cells)
    }

    /// The buyers whose folded text has this part; `None` where they are many.
    fn buyers_with(&self, part: &str) -> Result<Option<Vec<String>>, QueueError> {
        let most = number_of(FEW_BUYERS + 1);
        let mut found: Vec<String> = Vec::new();
        let mut collect = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<(), QueueError> {
            let mut statement = self.connection.prepare_cached(sql).told()?;
            let mut rows = statement.query(values).told()?;
            while let Some(row) = rows.next().told()? {
                found.push(row.get(0).told()?);
            }
            Ok(())
        };
        if part.chars().count() < 3 {
            let sql = "SELECT folded FROM buyers WHERE instr(folded, ?1) > 0 LIMIT ?2";
            collect(sql, &[&part, &most])?;
        } else {
            let phrase = format!("\"{}\"", part.replace('"', "\"\""));
            let sql = "SELECT b.folded FROM buyers_text t JOIN buyers b ON b.id = t.rowid \
                       WHERE t.buyers_text MATCH ?1 AND instr(b.folded, ?2) > 0 LIMIT ?3";
            collect(sql, &[&phrase, &part, &most])?;
        }
        Ok((found.len() <= FEW_BUYERS).then_some(found))
    }

    /// By which index to search the archive. Left to itself SQLite reads the archive from its newest end and waits for
    /// matches, which is right where there are many; where there are few it is to read those and sort them.
    fn way(&self, query: &ArchiveQuery) -> Result<&'static str, QueueError> {
        let (index, column, from, to) = if let Some(start) = &query.number {
            (BY_NUMBER, "number", start.clone(), end_of(start))
        } else if query.from.is_some() || query.to.is_some() {
            let text = |day: Option<Date>| day.map(|day| day.to_string());
            let end = text(query.to).unwrap_or_else(|| end_of(""));
            (
                BY_DATE,
                "issue_date",
                text(query.from).unwrap_or_default(),
                end,
            )
        } else {
            return Ok("");
        };
        if query.ksef_number.is_some() || query.hash.is_some() {
            return Ok("");
        }
        let sql = format!(
            "SELECT count(*) FROM (SELECT 1 FROM entries{index} WHERE status = 'sent' AND {column} >= ?1 \
             AND {column} <= ?2 LIMIT {})",
            FEW + 1
        );
        let found: Option<i64> = self.value_of(&sql, [from, to])?;
        Ok(if found.unwrap_or(0) <= FEW { index } else { "" })
    }

    /// The context with work that was served the longest time ago, and whose lease is over.
    pub(super) fn idle(
        &self,
        contexts: &[ContextIdentifier],
        owner: &str,
        now: &str,
    ) -> Result<Option<ContextIdentifier>, QueueError> {
        let places: Vec<String> = (0..contexts.len()).map(|n| format!("?{}", n + 3)).collect();
        let among = if contexts.is_empty() {
            String::new()
        } else {
            format!("AND c.context IN ({})", places.join(", "))
        };
        let sql = format!(
            "SELECT c.context FROM (SELECT DISTINCT context FROM counts) c \
             LEFT JOIN senders s ON s.context = c.context \
             WHERE (s.expires IS NULL OR s.expires <= ?1 OR s.owner = ?2) {among} AND (EXISTS (SELECT 1 FROM entries e \
             WHERE e.context = c.context AND e.status IN ('pending', 'signed', 'processing') AND e.status <> 'sent' \
             AND e.mode <> 'total-failure' AND e.resolution IS NULL) \
             OR EXISTS (SELECT 1 FROM entries e WHERE e.context = c.context AND e.status = 'sent' AND e.receipt IS NULL)) \
             ORDER BY s.expires NULLS FIRST, c.context LIMIT 1"
        );
        let values = [now, owner]
            .into_iter()
            .chain(contexts.iter().map(ContextIdentifier::as_str));
        let found: Option<String> = self.value_of(&sql, params_from_iter(values))?;
        found
            .map(|text| text.parse())
            .transpose()
            .map_err(|_| QueueError::corrupt("a context"))
    }
}

/// An index that leads to another row than the one asked for is damaged.
fn answers(asked: bool) -> Result<(), QueueError> {
    if asked {
        Ok(())
    } else {
        Err(QueueError::corrupt("an index"))
    }
}

/// Reads every row, document and receipt and compares them with their seals and hashes, one in memory at a time.
pub(super) fn check_contents(connection: &Connection) -> Result<(), QueueError> {
    let rows = SqliteRows::new(connection);
    none(
        &rows,
        "SELECT count(*) FROM entries LEFT JOIN contents ON entry = id WHERE entry IS NULL",
        "an invoice without its document",
    )?;
    none(
        &rows,
        "SELECT count(*) FROM (SELECT context, status, count(*) AS n FROM entries GROUP BY context, status) e \
         FULL JOIN (SELECT * FROM counts WHERE entries <> 0) c ON e.context = c.context AND e.status = c.status \
         WHERE e.n IS NOT c.entries",
        "the counts of the statuses",
    )?;
    none(
        &rows,
        "SELECT count(*) FROM entries LEFT JOIN buyers ON folded = buyer_folded WHERE folded IS NULL",
        "the list of buyers",
    )?;
    let mut statement = connection
        .prepare("SELECT id, hash, document FROM entries JOIN contents ON entry = id")
        .told()?;
    let mut documents = statement.query([]).told()?;
    while let Some(row) = documents.next().told()? {
        let hash = InvoiceHash::from_bytes(row.get(1).told()?);
        let bytes = row.get_ref(2).told()?;
        if InvoiceHash::of(bytes.as_blob().unwrap_or_default()) != hash {
            let id: String = row.get(0).told()?;
            return Err(QueueError::corrupt(format!("the document of {id}")));
        }
    }
    rows.walk(&Entry::TABLE, |cells| Entry::from_cells(cells).map(drop))?;
    rows.walk(&contents::TABLE, |_| Ok(()))?;
    rows.walk(&Receipt::TABLE, |cells| {
        Receipt::from_cells(cells).map(drop)
    })?;
    rows.walk(&SessionRecord::TABLE, |cells| {
        SessionRecord::from_cells(cells).map(drop)
    })?;
    rows.walk(&<(ReferenceNumber, SessionInvoice)>::TABLE, |cells| {
        <(ReferenceNumber, SessionInvoice)>::from_cells(cells).map(drop)
    })?;
    rows.walk(&Lease::TABLE, |cells| Lease::from_cells(cells).map(drop))?;
    rows.walk(&history::TABLE, |cells| {
        history::from_cells(cells).map(drop)
    })?;
    rows.walk(&message::TABLE, |cells| {
        message::from_cells(cells).map(drop)
    })?;
    rows.walk(&setting::TABLE, |_| Ok(()))
}

/// A count that must be 0.
fn none(rows: &SqliteRows<'_>, count: &str, fault: &str) -> Result<(), QueueError> {
    match rows.value_of::<i64>(count, [])? {
        Some(0) => Ok(()),
        _ => Err(QueueError::corrupt(fault)),
    }
}
