//! Reading rows.

use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, Nip, ReferenceNumber};
use ksef_offline_core::invoice::InvoiceKind;
use rusqlite::types::{ToSql, Value};
use rusqlite::{Connection, OptionalExtension as _, Params, Row, params, params_from_iter};

use super::codec::{self, ENTRY, SESSION, due_text, instant_text};
use super::fault::Told as _;
use super::receipt_matches;
use crate::entry::{Entry, EntryId};
use crate::error::QueueError;
use crate::history::HistoryLine;
use crate::lease::Lease;
use crate::query::{ArchiveQuery, Counts, ListQuery};
use crate::receipt::{Receipt, ReceiptId};
use crate::session::{SessionInvoice, SessionRecord};
use crate::status::InvoiceStatus;
use crate::store::{Rows, TimelineMessage};

/// The rows within one transaction of a connection.
pub(super) struct SqliteRows<'a> {
    pub(super) connection: &'a Connection,
}

impl<'a> SqliteRows<'a> {
    pub(super) fn new(connection: &'a Connection) -> Self {
        Self { connection }
    }

    pub(super) fn execute(&self, sql: &str, values: impl Params) -> Result<usize, QueueError> {
        let mut statement = self.connection.prepare_cached(sql).told()?;
        statement.execute(values).told()
    }

    fn first<T>(
        &self,
        sql: &str,
        values: impl Params,
        decode: impl Fn(&Row<'_>) -> Result<T, QueueError>,
    ) -> Result<Option<T>, QueueError> {
        let mut statement = self.connection.prepare_cached(sql).told()?;
        let mut rows = statement.query(values).told()?;
        match rows.next().told()? {
            Some(row) => decode(row).map(Some),
            None => Ok(None),
        }
    }

    fn every<T>(
        &self,
        sql: &str,
        values: impl Params,
        decode: impl Fn(&Row<'_>) -> Result<T, QueueError>,
    ) -> Result<Vec<T>, QueueError> {
        let mut statement = self.connection.prepare_cached(sql).told()?;
        let mut rows = statement.query(values).told()?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().told()? {
            found.push(decode(row)?);
        }
        Ok(found)
    }

    fn select(&self, selection: &Selection) -> Result<Vec<Entry>, QueueError> {
        let values = selection.values.iter().map(|value| value as &dyn ToSql);
        self.every(&selection.sql, params_from_iter(values), codec::entry)
    }

    /// One column of one row, `None` when there is no such row.
    fn value_of<T: rusqlite::types::FromSql>(
        &self,
        sql: &str,
        values: impl Params,
    ) -> Result<Option<T>, QueueError> {
        let mut statement = self.connection.prepare_cached(sql).told()?;
        statement
            .query_row(values, |row| row.get(0))
            .optional()
            .told()
    }
}

impl Rows for SqliteRows<'_> {
    fn entries(&self, ids: &[EntryId]) -> Result<Vec<Entry>, QueueError> {
        let sql = format!("SELECT {ENTRY} FROM entries WHERE id = ?1");
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            found.extend(self.first(&sql, [id.as_str()], codec::entry)?);
        }
        Ok(found)
    }

    fn entry_by_hash(&self, hash: &InvoiceHash) -> Result<Option<Entry>, QueueError> {
        let sql = format!("SELECT {ENTRY} FROM entries WHERE hash = ?1");
        self.first(&sql, [hash.as_bytes()], codec::entry)
    }

    fn entries_by_number(
        &self,
        seller: Nip,
        kind: InvoiceKind,
        number: &str,
    ) -> Result<Vec<Entry>, QueueError> {
        let sql = format!(
            "SELECT {ENTRY} FROM entries WHERE seller = ?1 AND kind = ?2 AND number = ?3 ORDER BY id"
        );
        self.every(&sql, [seller.as_str(), kind.code(), number], codec::entry)
    }

    fn corrections_of(&self, hash: &InvoiceHash) -> Result<Vec<Entry>, QueueError> {
        let sql = format!("SELECT {ENTRY} FROM entries WHERE corrects = ?1 ORDER BY id");
        self.every(&sql, [hash.as_bytes()], codec::entry)
    }

    fn document(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError> {
        let sql = "SELECT hash, document FROM entries JOIN contents ON entry = id WHERE id = ?1";
        let found = self.first(sql, [id.as_str()], |row| {
            Ok((
                row.get::<_, [u8; 32]>(0).told()?,
                row.get::<_, Vec<u8>>(1).told()?,
            ))
        })?;
        match found {
            Some((hash, bytes)) if InvoiceHash::of(&bytes) == InvoiceHash::from_bytes(hash) => {
                Ok(Some(bytes))
            }
            Some(_) => Err(QueueError::corrupt(format!("the document of {id}"))),
            None => Ok(None),
        }
    }

    fn signature(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError> {
        let sql = "SELECT signature FROM contents WHERE entry = ?1";
        let found: Option<Option<Vec<u8>>> = self.value_of(sql, [id.as_str()])?;
        Ok(found.flatten())
    }

    fn evidence(&self, id: &EntryId) -> Result<Option<String>, QueueError> {
        self.value_of(
            "SELECT evidence FROM contents WHERE entry = ?1",
            [id.as_str()],
        )
    }

    fn list(&self, query: &ListQuery) -> Result<Vec<Entry>, QueueError> {
        self.select(&in_queue(query)?)
    }

    fn archive(&self, query: &ArchiveQuery) -> Result<Vec<Entry>, QueueError> {
        self.select(&in_archive(query)?)
    }

    fn counts(&self, context: Option<&ContextIdentifier>) -> Result<Counts, QueueError> {
        let sql = "SELECT status, entries FROM counts WHERE ?1 IS NULL OR context = ?1";
        let rows = self.every(sql, [context.map(ContextIdentifier::as_str)], |row| {
            let name: String = row.get(0).told()?;
            let status = InvoiceStatus::from_name(&name)
                .ok_or_else(|| QueueError::corrupt("the counts of the statuses"))?;
            Ok((status, row.get::<_, u64>(1).told()?))
        })?;
        let mut counts = Counts::default();
        for (status, count) in rows {
            counts.add(status, count);
        }
        Ok(counts)
    }

    fn history(&self, id: &EntryId) -> Result<Vec<HistoryLine>, QueueError> {
        self.every(
            "SELECT entry, at, change, status, cause FROM history WHERE entry = ?1 ORDER BY line",
            [id.as_str()],
            codec::history_line,
        )
    }

    fn session(&self, reference: &ReferenceNumber) -> Result<Option<SessionRecord>, QueueError> {
        let sql = format!("SELECT {SESSION} FROM sessions WHERE reference = ?1");
        self.first(&sql, [reference.as_str()], codec::session)
    }

    fn session_invoices(
        &self,
        reference: &ReferenceNumber,
    ) -> Result<Vec<SessionInvoice>, QueueError> {
        self.every(
            "SELECT ordinal, entry, file_name, reference FROM session_invoices \
             WHERE session = ?1 ORDER BY ordinal",
            [reference.as_str()],
            codec::session_invoice,
        )
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
        let sql = format!(
            "SELECT {SESSION} FROM sessions WHERE state IN ('opened', 'uploading', 'closed') \
             AND (?1 IS NULL OR context = ?1) ORDER BY opened, reference"
        );
        self.every(
            &sql,
            [context.map(ContextIdentifier::as_str)],
            codec::session,
        )
    }

    fn receipt(&self, id: &ReceiptId) -> Result<Option<Receipt>, QueueError> {
        let sql = "SELECT id, bytes, session, stored FROM receipts WHERE id = ?1";
        match self.first(sql, [id.as_bytes()], codec::receipt)? {
            Some(receipt) if !receipt_matches(id, &receipt.bytes) => {
                Err(QueueError::corrupt(format!("the receipt {id}")))
            }
            found => Ok(found),
        }
    }

    fn without_receipt(
        &self,
        context: Option<&ContextIdentifier>,
        limit: usize,
    ) -> Result<Vec<Entry>, QueueError> {
        let sql = format!(
            "SELECT {ENTRY} FROM entries WHERE status = 'sent' AND receipt IS NULL \
             AND (?1 IS NULL OR context = ?1) ORDER BY id LIMIT ?2"
        );
        let values = params![context.map(ContextIdentifier::as_str), sql_limit(limit)];
        self.every(&sql, values, codec::entry)
    }

    fn lease(&self, context: &ContextIdentifier) -> Result<Option<Lease>, QueueError> {
        let sql = "SELECT context, owner, number, expires FROM senders WHERE context = ?1";
        self.first(sql, [context.as_str()], codec::lease)
    }

    fn timeline(&self) -> Result<Vec<TimelineMessage>, QueueError> {
        let sql = "SELECT id, version, json FROM timeline ORDER BY id";
        self.every(sql, [], |row| {
            Ok(TimelineMessage {
                id: row.get(0).told()?,
                version: row.get(1).told()?,
                json: row.get(2).told()?,
            })
        })
    }

    fn value(&self, key: &str) -> Result<Option<String>, QueueError> {
        self.value_of("SELECT value FROM settings WHERE key = ?1", [key])
    }
}

pub(super) fn in_queue(query: &ListQuery) -> Result<Selection, QueueError> {
    let mut selection = Selection::new("status <> 'sent'");
    if let Some(status) = query.status {
        selection.and("status = ?", status.name().to_owned());
    }
    if let Some(context) = &query.context {
        selection.and("context = ?", context.as_str().to_owned());
    }
    if query.sendable {
        selection.sql.push_str(" AND mode <> 'total-failure'");
    }
    if let Some(cursor) = &query.after {
        let (due, id) = cursor.in_queue()?;
        selection.and("(due, id) > (?, ?)", due_text(due));
        selection.values.push(id.as_str().to_owned().into());
    }
    Ok(selection.sorted("due, id", query.limit))
}

pub(super) fn in_archive(query: &ArchiveQuery) -> Result<Selection, QueueError> {
    let mut selection = Selection::new("status = 'sent'");
    if let Some(context) = &query.context {
        selection.and("context = ?", context.as_str().to_owned());
    }
    if let Some(start) = &query.number {
        selection.and("number >= ?", start.clone());
        // The greatest text that begins with `start`, as far as characters go.
        selection.and("number <= ?", format!("{start}\u{10FFFF}"));
    }
    if let Some(part) = &query.buyer {
        selection.and("instr(buyer_folded, ?) > 0", part.to_lowercase());
    }
    if let Some(from) = query.from {
        selection.and("issue_date >= ?", from.to_string());
    }
    if let Some(to) = query.to {
        selection.and("issue_date <= ?", to.to_string());
    }
    if let Some(number) = &query.ksef_number {
        selection.and("ksef_number = ?", number.as_str().to_owned());
    }
    if let Some(hash) = &query.hash {
        selection.and("hash = ?", hash.as_bytes().to_vec());
    }
    if let Some(cursor) = &query.after {
        let (archived, id) = cursor.in_archive()?;
        selection.and("(archived, id) < (?, ?)", instant_text(archived));
        selection.values.push(id.as_str().to_owned().into());
    }
    Ok(selection.sorted("archived DESC, id DESC", query.limit))
}

/// A query for entries, put together from fixed texts, with the values beside it.
pub(super) struct Selection {
    pub(super) sql: String,
    pub(super) values: Vec<Value>,
}

impl Selection {
    fn new(condition: &'static str) -> Self {
        Self {
            sql: format!("SELECT {ENTRY} FROM entries WHERE {condition}"),
            values: Vec::new(),
        }
    }

    fn and(&mut self, condition: &'static str, value: impl Into<Value>) {
        self.sql.push_str(" AND ");
        self.sql.push_str(condition);
        self.values.push(value.into());
    }

    fn sorted(mut self, order: &'static str, limit: usize) -> Self {
        self.sql.push_str(" ORDER BY ");
        self.sql.push_str(order);
        self.sql.push_str(" LIMIT ?");
        self.values.push(sql_limit(limit).into());
        self
    }
}

fn sql_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Reads every document and receipt and compares it with its hash, one in memory at a time.
pub(super) fn check_contents(connection: &Connection) -> Result<(), QueueError> {
    let rows = SqliteRows::new(connection);
    let bare: Option<i64> = rows.value_of(
        "SELECT count(*) FROM entries LEFT JOIN contents ON entry = id WHERE entry IS NULL",
        [],
    )?;
    if bare != Some(0) {
        return Err(QueueError::corrupt("an invoice without its document"));
    }
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
    let mut statement = connection
        .prepare("SELECT id, bytes FROM receipts")
        .told()?;
    let mut receipts = statement.query([]).told()?;
    while let Some(row) = receipts.next().told()? {
        let id = ReceiptId::from_bytes(row.get(0).told()?);
        let bytes = row.get_ref(1).told()?;
        if !receipt_matches(&id, bytes.as_blob().unwrap_or_default()) {
            return Err(QueueError::corrupt(format!("the receipt {id}")));
        }
    }
    let sql = format!("SELECT {ENTRY} FROM entries");
    let mut statement = connection.prepare(&sql).told()?;
    let mut entries = statement.query([]).told()?;
    while let Some(row) = entries.next().told()? {
        codec::entry(row)?;
    }
    Ok(())
}
