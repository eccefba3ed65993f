//! Each record of the queue as a row, and back.

use jiff::Timestamp;
use jiff::civil::Date;
use ksef_offline_core::deadline::IssueMode;
use ksef_offline_core::identifier::{CertificateSerial, InvoiceHash, KsefNumber, ReferenceNumber};
use ksef_offline_core::invoice::{Buyer, InvoiceFacts, InvoiceKind};

use super::{Cells, Table, Value, damaged};
use crate::entry::{Corrects, Entry, EntryId, KsefStatus, Resolution};
use crate::error::QueueError;
use crate::history::{Change, HistoryLine};
use crate::lease::Lease;
use crate::query::folded_buyer;
use crate::receipt::{Receipt, ReceiptId};
use crate::session::{SessionInvoice, SessionKind, SessionRecord, SessionState};
use crate::status::InvoiceStatus;
use crate::store::TimelineMessage;

/// A record that is a row of a table.
pub(crate) trait Record: Sized {
    const TABLE: Table;
    fn cells(&self) -> Result<Vec<Value>, QueueError>;
    fn from_cells(cells: Cells) -> Result<Self, QueueError>;
}

/// An open due date: sorts after every day.
const OPEN: &str = "~";

const CORRECTED: &str = "corrected";
const REPLACED: &str = "replaced";
const GIVEN_UP: &str = "given-up";

/// The columns up to `size` never change.
impl Record for Entry {
    const TABLE: Table = Table {
        name: "entries",
        columns: &[
            "id",
            "context",
            "mode",
            "source",
            "seller",
            "kind",
            "number",
            "issue_date",
            "buyer_identifier",
            "buyer_name",
            "buyer_folded",
            "gross",
            "currency",
            "has_attachment",
            "hash",
            "size",
            "created",
            "corrects",
            "corrects_hash",
            "status",
            "code_one",
            "code_two",
            "certificate",
            "due",
            "ksef_number",
            "acquisition_date",
            "archived",
            "answer",
            "session",
            "receipt",
            "resolution",
            "resolution_text",
            "attempts",
            "updated",
        ],
        keys: 1,
    };

    fn cells(&self) -> Result<Vec<Value>, QueueError> {
        let facts = &self.facts;
        let (resolution, resolution_text) = match &self.resolution {
            None => (None, None),
            Some(Resolution::Corrected(id)) => (Some(CORRECTED), Some(id.as_str())),
            Some(Resolution::Replaced(id)) => (Some(REPLACED), Some(id.as_str())),
            Some(Resolution::GivenUp(note)) => (Some(GIVEN_UP), Some(note.as_str())),
        };
        Ok(vec![
            self.id.as_str().into(),
            self.context.as_str().into(),
            self.mode.name().into(),
            self.source.as_deref().into(),
            facts.seller.as_str().into(),
            facts.kind.code().into(),
            facts.number.as_str().into(),
            facts.issue_date.to_string().into(),
            facts.buyer.identifier.as_deref().into(),
            facts.buyer.name.as_deref().into(),
            folded_buyer(self).into(),
            facts.gross.to_string().into(),
            facts.currency.as_str().into(),
            i64::from(facts.has_attachment).into(),
            self.hash.as_bytes().as_slice().into(),
            i64::try_from(self.size).unwrap_or(i64::MAX).into(),
            instant_text(self.created).into(),
            self.corrects
                .as_ref()
                .map(|corrects| corrects.original.as_str())
                .into(),
            self.corrects
                .as_ref()
                .map(|corrects| corrects.hash.as_bytes().as_slice())
                .into(),
            self.status.name().into(),
            self.code_one.as_deref().into(),
            self.code_two.as_deref().into(),
            self.certificate
                .as_ref()
                .map(CertificateSerial::as_str)
                .into(),
            due_text(self.due).into(),
            self.ksef_number.as_ref().map(KsefNumber::as_str).into(),
            self.acquisition_date.map(instant_text).into(),
            self.archived.map(instant_text).into(),
            answer_text(self.answer.as_ref())?.into(),
            self.session.as_ref().map(ReferenceNumber::as_str).into(),
            self.receipt
                .as_ref()
                .map(|receipt| receipt.as_bytes().as_slice())
                .into(),
            resolution.into(),
            resolution_text.into(),
            i64::from(self.attempts).into(),
            instant_text(self.updated).into(),
        ])
    }

    fn from_cells(mut cells: Cells) -> Result<Self, QueueError> {
        let due = cells.text(23)?;
        let corrects = match (
            cells.optional(17)?,
            cells.optional_digest(18)?.map(InvoiceHash::from_bytes),
        ) {
            (Some(original), Some(hash)) => Some(Corrects { original, hash }),
            (None, None) => None,
            _ => return Err(damaged(18)),
        };
        let successor = |text: Option<String>| -> Result<EntryId, QueueError> {
            EntryId::parse(&text.unwrap_or_default()).map_err(|_| damaged(31))
        };
        let (resolution, text) = (cells.optional_text(30)?, cells.optional_text(31)?);
        let resolution = match resolution.as_deref() {
            None => None,
            Some(CORRECTED) => Some(Resolution::Corrected(successor(text)?)),
            Some(REPLACED) => Some(Resolution::Replaced(successor(text)?)),
            Some(GIVEN_UP) => Some(Resolution::GivenUp(text.ok_or_else(|| damaged(31))?)),
            Some(_) => return Err(damaged(30)),
        };
        Ok(Self {
            id: cells.parsed(0)?,
            context: cells.parsed(1)?,
            mode: cells.named(2, IssueMode::from_name)?,
            source: cells.optional_text(3)?,
            facts: InvoiceFacts {
                seller: cells.parsed(4)?,
                kind: cells.named(5, InvoiceKind::from_code)?,
                number: cells.text(6)?,
                issue_date: cells.parsed(7)?,
                buyer: Buyer {
                    identifier: cells.optional_text(8)?,
                    name: cells.optional_text(9)?,
                },
                gross: cells.parsed(11)?,
                currency: cells.text(12)?,
                has_attachment: cells.truth(13)?,
            },
            hash: InvoiceHash::from_bytes(cells.digest(14)?),
            size: cells.number(15)?,
            created: cells.parsed(16)?,
            corrects,
            status: cells.named(19, InvoiceStatus::from_name)?,
            code_one: cells.optional_text(20)?,
            code_two: cells.optional_text(21)?,
            certificate: cells.optional(22)?,
            due: if due == OPEN {
                None
            } else {
                Some(due.parse().map_err(|_| damaged(23))?)
            },
            ksef_number: cells.optional(24)?,
            acquisition_date: cells.optional(25)?,
            archived: cells.optional(26)?,
            answer: answer(&mut cells, 27)?,
            session: cells.optional(28)?,
            receipt: cells.optional_digest(29)?.map(ReceiptId::from_bytes),
            resolution,
            attempts: cells.number(32)?,
            updated: cells.parsed(33)?,
        })
    }
}

impl Record for SessionRecord {
    const TABLE: Table = Table {
        name: "sessions",
        columns: &[
            "reference",
            "context",
            "kind",
            "offline",
            "state",
            "parts",
            "uploaded",
            "secrets",
            "status",
            "opened",
            "updated",
        ],
        keys: 1,
    };

    fn cells(&self) -> Result<Vec<Value>, QueueError> {
        let uploaded =
            serde_json::to_string(&self.uploaded).map_err(|_| unwritable("the list of parts"))?;
        Ok(vec![
            self.reference.as_str().into(),
            self.context.as_str().into(),
            self.kind.name().into(),
            i64::from(self.offline).into(),
            self.state.name().into(),
            i64::from(self.parts).into(),
            uploaded.into(),
            self.secrets.as_deref().into(),
            answer_text(self.status.as_ref())?.into(),
            instant_text(self.opened).into(),
            instant_text(self.updated).into(),
        ])
    }

    fn from_cells(mut cells: Cells) -> Result<Self, QueueError> {
        Ok(Self {
            reference: cells.parsed(0)?,
            context: cells.parsed(1)?,
            kind: cells.named(2, SessionKind::from_name)?,
            offline: cells.truth(3)?,
            state: cells.named(4, SessionState::from_name)?,
            parts: cells.number(5)?,
            uploaded: serde_json::from_str(&cells.text(6)?).map_err(|_| damaged(6))?,
            secrets: cells.optional_bytes(7)?,
            status: answer(&mut cells, 8)?,
            opened: cells.parsed(9)?,
            updated: cells.parsed(10)?,
        })
    }
}

/// An invoice with the session it is of.
impl Record for (ReferenceNumber, SessionInvoice) {
    const TABLE: Table = Table {
        name: "session_invoices",
        columns: &["session", "ordinal", "entry", "file_name", "reference"],
        keys: 2,
    };

    fn cells(&self) -> Result<Vec<Value>, QueueError> {
        let (session, invoice) = self;
        Ok(vec![
            session.as_str().into(),
            i64::from(invoice.ordinal).into(),
            invoice.entry.as_str().into(),
            invoice.file_name.as_str().into(),
            invoice
                .reference
                .as_ref()
                .map(ReferenceNumber::as_str)
                .into(),
        ])
    }

    fn from_cells(mut cells: Cells) -> Result<Self, QueueError> {
        let session = cells.parsed(0)?;
        let invoice = SessionInvoice {
            ordinal: cells.number(1)?,
            entry: cells.parsed(2)?,
            file_name: cells.text(3)?,
            reference: cells.optional(4)?,
        };
        Ok((session, invoice))
    }
}

impl Record for Receipt {
    const TABLE: Table = Table {
        name: "receipts",
        columns: &["id", "bytes", "session", "stored"],
        keys: 1,
    };

    fn cells(&self) -> Result<Vec<Value>, QueueError> {
        Ok(vec![
            self.id.as_bytes().as_slice().into(),
            self.bytes.as_slice().into(),
            self.session.as_ref().map(ReferenceNumber::as_str).into(),
            instant_text(self.stored).into(),
        ])
    }

    fn from_cells(mut cells: Cells) -> Result<Self, QueueError> {
        let receipt = Self {
            id: ReceiptId::from_bytes(cells.digest(0)?),
            bytes: cells.bytes(1)?,
            session: cells.optional(2)?,
            stored: cells.parsed(3)?,
        };
        if ReceiptId::of(&receipt.bytes) != receipt.id {
            return Err(QueueError::corrupt(format!("the receipt {}", receipt.id)));
        }
        Ok(receipt)
    }
}

impl Record for Lease {
    const TABLE: Table = Table {
        name: "senders",
        columns: &["context", "owner", "number", "expires"],
        keys: 1,
    };

    fn cells(&self) -> Result<Vec<Value>, QueueError> {
        Ok(vec![
            self.context.as_str().into(),
            self.owner.as_str().into(),
            i64::try_from(self.number).unwrap_or(i64::MAX).into(),
            instant_text(self.expires).into(),
        ])
    }

    fn from_cells(mut cells: Cells) -> Result<Self, QueueError> {
        Ok(Self {
            context: cells.parsed(0)?,
            owner: cells.text(1)?,
            number: cells.number(2)?,
            expires: cells.parsed(3)?,
        })
    }
}

/// A line with its place in the history of its invoice.
pub(crate) mod history {
    use super::{
        Cells, Change, EntryId, HistoryLine, InvoiceStatus, QueueError, Table, Value, damaged,
        instant_text,
    };

    pub(crate) const TABLE: Table = Table {
        name: "history",
        columns: &["entry", "line", "at", "change", "status", "cause"],
        keys: 2,
    };

    pub(crate) fn cells(line: &HistoryLine, place: i64) -> Vec<Value> {
        vec![
            line.entry.as_str().into(),
            place.into(),
            instant_text(line.at).into(),
            line.change.name().into(),
            line.status.map(InvoiceStatus::name).into(),
            line.cause.as_str().into(),
        ]
    }

    pub(crate) fn from_cells(mut cells: Cells) -> Result<HistoryLine, QueueError> {
        Ok(HistoryLine {
            entry: cells.parsed::<EntryId>(0)?,
            at: cells.parsed(2)?,
            change: cells.named(3, Change::from_name)?,
            status: cells
                .optional_text(4)?
                .map(|name| InvoiceStatus::from_name(&name).ok_or_else(|| damaged(4)))
                .transpose()?,
            cause: cells.text(5)?,
        })
    }
}

/// Signature and evidence; the document stands beside them and is checked by its hash.
pub(crate) mod contents {
    use super::{Table, Value};

    pub(crate) const TABLE: Table = Table {
        name: "contents",
        columns: &["entry", "signature", "evidence"],
        keys: 1,
    };

    pub(crate) fn cells(entry: &str, signature: Option<&[u8]>, evidence: &str) -> Vec<Value> {
        vec![entry.into(), signature.into(), evidence.into()]
    }
}

pub(crate) mod message {
    use super::{Cells, QueueError, Table, TimelineMessage, Value};

    pub(crate) const TABLE: Table = Table {
        name: "timeline",
        columns: &["id", "version", "json"],
        keys: 1,
    };

    pub(crate) fn cells(message: &TimelineMessage) -> Vec<Value> {
        vec![
            message.id.as_str().into(),
            message.version.into(),
            message.json.as_str().into(),
        ]
    }

    pub(crate) fn from_cells(mut cells: Cells) -> Result<TimelineMessage, QueueError> {
        Ok(TimelineMessage {
            id: cells.text(0)?,
            version: cells.number(1)?,
            json: cells.text(2)?,
        })
    }
}

pub(crate) mod setting {
    use super::Table;

    pub(crate) const TABLE: Table = Table {
        name: "settings",
        columns: &["key", "value"],
        keys: 1,
    };
}

pub(crate) fn due_text(due: Option<Date>) -> String {
    due.map_or_else(|| OPEN.to_owned(), |due| due.to_string())
}

/// RFC 3339 with nine digits of fraction: texts of one width sort like the instants.
pub(crate) fn instant_text(at: Timestamp) -> String {
    format!("{at:.9}")
}

fn answer_text(answer: Option<&KsefStatus>) -> Result<Option<String>, QueueError> {
    answer
        .map(serde_json::to_string)
        .transpose()
        .map_err(|_| unwritable("a status of KSeF"))
}

fn answer(cells: &mut Cells, column: usize) -> Result<Option<KsefStatus>, QueueError> {
    cells
        .optional_text(column)?
        .map(|json| serde_json::from_str(&json))
        .transpose()
        .map_err(|_| damaged(column))
}

fn unwritable(what: &str) -> QueueError {
    QueueError::Io {
        what: format!("{what} cannot be written"),
    }
}
