//! Writing rows.

use ksef_offline_core::identifier::{CertificateSerial, InvoiceHash, KsefNumber, ReferenceNumber};
use rusqlite::params;

use super::codec::{answer_text, due_text, instant_text};
use super::read::SqliteRows;
use crate::entry::{Entry, EntryId};
use crate::error::QueueError;
use crate::history::HistoryLine;
use crate::lease::Lease;
use crate::query::folded_buyer;
use crate::queue::NO_INVOICE;
use crate::receipt::{Receipt, ReceiptId};
use crate::session::{SessionInvoice, SessionRecord};
use crate::status::InvoiceStatus;
use crate::store::{Changes, Contents, TimelineMessage};

impl Changes for SqliteRows<'_> {
    fn insert_entry(&mut self, entry: &Entry, contents: &Contents<'_>) -> Result<(), QueueError> {
        let facts = &entry.facts;
        self.execute(
            "INSERT INTO entries (id, context, status, mode, source, seller, kind, number, issue_date, \
             buyer_identifier, buyer_name, buyer_folded, gross, currency, has_attachment, hash, size, due, attempts, \
             created, updated, corrects) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, \
             ?22)",
            params![
                entry.id.as_str(),
                entry.context.as_str(),
                entry.status.name(),
                entry.mode.name(),
                entry.source,
                facts.seller.as_str(),
                facts.kind.code(),
                facts.number,
                facts.issue_date.to_string(),
                facts.buyer.identifier,
                facts.buyer.name,
                folded_buyer(entry),
                facts.gross.to_string(),
                facts.currency,
                facts.has_attachment,
                entry.hash.as_bytes(),
                entry.size,
                due_text(entry.due),
                entry.attempts,
                instant_text(entry.created),
                instant_text(entry.updated),
                entry.corrects.as_ref().map(InvoiceHash::as_bytes),
            ],
        )?;
        self.execute(
            "INSERT INTO contents (entry, document, signature, evidence) VALUES (?1, ?2, ?3, ?4)",
            params![
                entry.id.as_str(),
                contents.document,
                contents.signature,
                contents.evidence
            ],
        )?;
        // What can change is written in one place only.
        self.update_entries(std::slice::from_ref(entry))
    }

    fn update_entries(&mut self, entries: &[Entry]) -> Result<(), QueueError> {
        for entry in entries {
            let changed = self.execute(
                "UPDATE entries SET status = ?2, code_one = ?3, code_two = ?4, certificate = ?5, due = ?6, \
                 ksef_number = ?7, acquisition_date = ?8, archived = ?9, answer = ?10, session = ?11, receipt = ?12, \
                 attempts = ?13, updated = ?14 WHERE id = ?1",
                params![
                    entry.id.as_str(),
                    entry.status.name(),
                    entry.code_one,
                    entry.code_two,
                    entry.certificate.as_ref().map(CertificateSerial::as_str),
                    due_text(entry.due),
                    entry.ksef_number.as_ref().map(KsefNumber::as_str),
                    entry.acquisition_date.map(instant_text),
                    entry.archived.map(instant_text),
                    answer_text(entry.answer.as_ref())?,
                    entry.session.as_ref().map(ReferenceNumber::as_str),
                    entry.receipt.as_ref().map(ReceiptId::as_bytes),
                    entry.attempts,
                    instant_text(entry.updated),
                ],
            )?;
            must_be_one(changed)?;
        }
        Ok(())
    }

    fn insert_signature(&mut self, id: &EntryId, signature: &[u8]) -> Result<(), QueueError> {
        let changed = self.execute(
            "UPDATE contents SET signature = ?2 WHERE entry = ?1",
            params![id.as_str(), signature],
        )?;
        must_be_one(changed)
    }

    fn delete_entry(&mut self, id: &EntryId) -> Result<(), QueueError> {
        must_be_one(self.execute("DELETE FROM entries WHERE id = ?1", [id.as_str()])?)
    }

    fn append_history(&mut self, lines: &[HistoryLine]) -> Result<(), QueueError> {
        for line in lines {
            self.execute(
                "INSERT INTO history (entry, line, at, change, status, cause) VALUES \
                 (?1, (SELECT coalesce(max(line), 0) + 1 FROM history WHERE entry = ?1), ?2, ?3, ?4, ?5)",
                params![
                    line.entry.as_str(),
                    instant_text(line.at),
                    line.change.name(),
                    line.status.map(InvoiceStatus::name),
                    line.cause,
                ],
            )?;
        }
        Ok(())
    }

    fn insert_session(
        &mut self,
        session: &SessionRecord,
        invoices: &[SessionInvoice],
    ) -> Result<(), QueueError> {
        self.execute(
            "INSERT INTO sessions (reference, context, kind, offline, state, parts, uploaded, opened, updated) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, '[]', ?7, ?7)",
            params![
                session.reference.as_str(),
                session.context.as_str(),
                session.kind.name(),
                session.offline,
                session.state.name(),
                session.parts,
                instant_text(session.opened),
            ],
        )?;
        self.update_session(session)?;
        for invoice in invoices {
            self.execute(
                "INSERT INTO session_invoices (session, ordinal, entry, file_name, reference) \
                 VALUES (?1, ?2, ?3, ?4, ?5)",
                params![
                    session.reference.as_str(),
                    invoice.ordinal,
                    invoice.entry.as_str(),
                    invoice.file_name,
                    invoice.reference.as_ref().map(ReferenceNumber::as_str),
                ],
            )?;
        }
        Ok(())
    }

    fn update_session(&mut self, session: &SessionRecord) -> Result<(), QueueError> {
        let uploaded = serde_json::to_string(&session.uploaded).map_err(|_| QueueError::Io {
            what: "the list of parts cannot be written".to_owned(),
        })?;
        let changed = self.execute(
            "UPDATE sessions SET state = ?2, uploaded = ?3, secrets = ?4, status = ?5, updated = ?6 WHERE reference = ?1",
            params![
                session.reference.as_str(),
                session.state.name(),
                uploaded,
                session.secrets,
                answer_text(session.status.as_ref())?,
                instant_text(session.updated),
            ],
        )?;
        must_be_one(changed)
    }

    fn set_invoice_reference(
        &mut self,
        session: &ReferenceNumber,
        entry: &EntryId,
        reference: &ReferenceNumber,
    ) -> Result<(), QueueError> {
        let changed = self.execute(
            "UPDATE session_invoices SET reference = ?3 WHERE session = ?1 AND entry = ?2",
            [session.as_str(), entry.as_str(), reference.as_str()],
        )?;
        must_be_one(changed)
    }

    fn insert_receipt(&mut self, receipt: &Receipt) -> Result<(), QueueError> {
        self.execute(
            "INSERT INTO receipts (id, bytes, session, stored) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
            params![
                receipt.id.as_bytes(),
                receipt.bytes,
                receipt.session.as_ref().map(ReferenceNumber::as_str),
                instant_text(receipt.stored),
            ],
        )?;
        Ok(())
    }

    fn put_lease(&mut self, lease: &Lease) -> Result<(), QueueError> {
        self.execute(
            "INSERT OR REPLACE INTO senders (context, owner, number, expires) VALUES (?1, ?2, ?3, ?4)",
            params![
                lease.context.as_str(),
                lease.owner,
                lease.number,
                instant_text(lease.expires),
            ],
        )?;
        Ok(())
    }

    fn put_message(&mut self, message: &TimelineMessage) -> Result<(), QueueError> {
        self.execute(
            "INSERT OR REPLACE INTO timeline (id, version, json) VALUES (?1, ?2, ?3)",
            params![message.id, message.version, message.json],
        )?;
        Ok(())
    }

    fn put_value(&mut self, key: &str, value: Option<&str>) -> Result<(), QueueError> {
        match value {
            Some(value) => self.execute(
                "INSERT OR REPLACE INTO settings (key, value) VALUES (?1, ?2)",
                [key, value],
            )?,
            None => self.execute("DELETE FROM settings WHERE key = ?1", [key])?,
        };
        Ok(())
    }
}

fn must_be_one(changed: usize) -> Result<(), QueueError> {
    if changed == 1 {
        Ok(())
    } else {
        Err(NO_INVOICE)
    }
}
