//! Between rows and values. What a row says that no value can be is damage, and is reported as such.

use core::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use ksef_offline_core::deadline::IssueMode;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, Nip, ReferenceNumber};
use ksef_offline_core::invoice::{Amount, Buyer, InvoiceFacts, InvoiceKind};
use rusqlite::Row;
use rusqlite::types::FromSql;

use super::fault::Told as _;
use crate::entry::{Entry, EntryId, KsefStatus};
use crate::error::QueueError;
use crate::history::{Change, HistoryLine};
use crate::lease::Lease;
use crate::receipt::{Receipt, ReceiptId};
use crate::session::{SessionInvoice, SessionKind, SessionRecord, SessionState};
use crate::status::InvoiceStatus;

/// The columns of [`entry`], in its order.
pub(super) const ENTRY: &str = "id, context, status, mode, source, seller, kind, number, issue_date, buyer_identifier, \
    buyer_name, gross, currency, has_attachment, hash, size, code_one, code_two, certificate, due, ksef_number, \
    acquisition_date, archived, answer, session, receipt, attempts, created, updated, corrects";

/// An open due date: sorts after every day.
const OPEN: &str = "~";

pub(super) fn entry(row: &Row<'_>) -> Result<Entry, QueueError> {
    let due: String = raw(row, 19)?;
    Ok(Entry {
        id: parsed(row, 0)?,
        context: parsed::<ContextIdentifier>(row, 1)?,
        status: named(row, 2, InvoiceStatus::from_name)?,
        mode: named(row, 3, IssueMode::from_name)?,
        source: raw(row, 4)?,
        facts: InvoiceFacts {
            seller: parsed::<Nip>(row, 5)?,
            kind: named(row, 6, InvoiceKind::from_code)?,
            number: raw(row, 7)?,
            issue_date: parsed::<Date>(row, 8)?,
            buyer: Buyer {
                identifier: raw(row, 9)?,
                name: raw(row, 10)?,
            },
            gross: parsed::<Amount>(row, 11)?,
            currency: raw(row, 12)?,
            has_attachment: raw(row, 13)?,
        },
        hash: InvoiceHash::from_bytes(raw(row, 14)?),
        size: raw(row, 15)?,
        code_one: raw(row, 16)?,
        code_two: raw(row, 17)?,
        certificate: optional(row, 18)?,
        due: if due == OPEN {
            None
        } else {
            Some(due.parse().map_err(|_| damaged(19))?)
        },
        ksef_number: optional(row, 20)?,
        acquisition_date: optional(row, 21)?,
        archived: optional(row, 22)?,
        answer: answer(row, 23)?,
        session: optional(row, 24)?,
        receipt: raw::<Option<[u8; 32]>>(row, 25)?.map(ReceiptId::from_bytes),
        corrects: raw::<Option<[u8; 32]>>(row, 29)?.map(InvoiceHash::from_bytes),
        attempts: raw(row, 26)?,
        created: parsed(row, 27)?,
        updated: parsed(row, 28)?,
    })
}

/// The columns of [`session`], in its order.
pub(super) const SESSION: &str =
    "reference, context, kind, offline, state, parts, uploaded, secrets, status, opened, updated";

pub(super) fn session(row: &Row<'_>) -> Result<SessionRecord, QueueError> {
    let uploaded: String = raw(row, 6)?;
    Ok(SessionRecord {
        reference: parsed(row, 0)?,
        context: parsed(row, 1)?,
        kind: named(row, 2, SessionKind::from_name)?,
        offline: raw(row, 3)?,
        state: named(row, 4, SessionState::from_name)?,
        parts: raw(row, 5)?,
        uploaded: serde_json::from_str(&uploaded).map_err(|_| damaged(6))?,
        secrets: raw(row, 7)?,
        status: answer(row, 8)?,
        opened: parsed(row, 9)?,
        updated: parsed(row, 10)?,
    })
}

/// Columns `ordinal, entry, file_name, reference`.
pub(super) fn session_invoice(row: &Row<'_>) -> Result<SessionInvoice, QueueError> {
    Ok(SessionInvoice {
        ordinal: raw(row, 0)?,
        entry: parsed(row, 1)?,
        file_name: raw(row, 2)?,
        reference: optional(row, 3)?,
    })
}

/// Columns `entry, at, change, status, cause`.
pub(super) fn history_line(row: &Row<'_>) -> Result<HistoryLine, QueueError> {
    let status: Option<String> = raw(row, 3)?;
    Ok(HistoryLine {
        entry: parsed::<EntryId>(row, 0)?,
        at: parsed(row, 1)?,
        change: named(row, 2, Change::from_name)?,
        status: match status {
            Some(name) => Some(InvoiceStatus::from_name(&name).ok_or_else(|| damaged(3))?),
            None => None,
        },
        cause: raw(row, 4)?,
    })
}

/// Columns `id, bytes, session, stored`.
pub(super) fn receipt(row: &Row<'_>) -> Result<Receipt, QueueError> {
    Ok(Receipt {
        id: ReceiptId::from_bytes(raw(row, 0)?),
        bytes: raw(row, 1)?,
        session: optional::<ReferenceNumber>(row, 2)?,
        stored: parsed(row, 3)?,
    })
}

/// Columns `context, owner, number, expires`.
pub(super) fn lease(row: &Row<'_>) -> Result<Lease, QueueError> {
    Ok(Lease {
        context: parsed(row, 0)?,
        owner: raw(row, 1)?,
        number: raw(row, 2)?,
        expires: parsed(row, 3)?,
    })
}

pub(super) fn due_text(due: Option<Date>) -> String {
    due.map_or_else(|| OPEN.to_owned(), |due| due.to_string())
}

/// RFC 3339 with nine digits of fraction: texts of one width sort like the instants.
pub(super) fn instant_text(at: Timestamp) -> String {
    format!("{at:.9}")
}

pub(super) fn answer_text(answer: Option<&KsefStatus>) -> Result<Option<String>, QueueError> {
    answer
        .map(serde_json::to_string)
        .transpose()
        .map_err(|_| QueueError::Io {
            what: "a status of KSeF cannot be written".to_owned(),
        })
}

fn answer(row: &Row<'_>, column: usize) -> Result<Option<KsefStatus>, QueueError> {
    raw::<Option<String>>(row, column)?
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|_| damaged(column))
}

fn raw<T: FromSql>(row: &Row<'_>, column: usize) -> Result<T, QueueError> {
    row.get(column).told()
}

fn parsed<T: FromStr>(row: &Row<'_>, column: usize) -> Result<T, QueueError> {
    let text: String = raw(row, column)?;
    text.parse().map_err(|_| damaged(column))
}

fn optional<T: FromStr>(row: &Row<'_>, column: usize) -> Result<Option<T>, QueueError> {
    raw::<Option<String>>(row, column)?
        .map(|text| text.parse())
        .transpose()
        .map_err(|_| damaged(column))
}

fn named<T>(
    row: &Row<'_>,
    column: usize,
    from_name: impl Fn(&str) -> Option<T>,
) -> Result<T, QueueError> {
    let name: String = raw(row, column)?;
    from_name(&name).ok_or_else(|| damaged(column))
}

fn damaged(column: usize) -> QueueError {
    QueueError::corrupt(format!("a value of column {column}"))
}
