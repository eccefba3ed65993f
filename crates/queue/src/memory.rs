//! A store in memory: for tests and demonstrations, gone with the process.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use jiff::Timestamp;
use jiff::civil::Date;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, Nip, ReferenceNumber};
use ksef_offline_core::invoice::InvoiceKind;

use crate::entry::{Entry, EntryId, Resolution};
use crate::error::QueueError;
use crate::history::HistoryLine;
use crate::lease::Lease;
use crate::query::{ArchiveQuery, Counts, ListQuery, Only, folded_buyer};
use crate::queue::NO_INVOICE;
use crate::receipt::{Receipt, ReceiptId};
use crate::session::{SessionInvoice, SessionRecord};
use crate::status::InvoiceStatus;
use crate::store::{Changes, Contents, QueueStore, ReadWork, Rows, TimelineMessage, WriteWork};

/// Keeps everything in memory. Transactions are real: what fails leaves nothing behind.
#[derive(Default)]
pub struct MemoryStore {
    tables: RwLock<Tables>,
}

/// Shows nothing: what stands in a queue is content.
impl core::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("MemoryStore(…)")
    }
}

impl QueueStore for MemoryStore {
    fn read(&self, work: &mut ReadWork<'_>) -> Result<(), QueueError> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        work(&*tables)
    }

    fn write(&self, work: &mut WriteWork<'_>) -> Result<(), QueueError> {
        let mut tables = self.tables.write().unwrap_or_else(PoisonError::into_inner);
        let mut transaction = Transaction {
            tables: &mut tables,
            committed: false,
        };
        work(transaction.tables)?;
        transaction.committed = true;
        Ok(())
    }

    fn check(&self) -> Result<(), QueueError> {
        Ok(())
    }

    fn backup(&self, _to: &Path) -> Result<(), QueueError> {
        Err(QueueError::NotSupported { what: "backup" })
    }
}

/// Undoes everything unless committed, also when the work panics.
struct Transaction<'a> {
    tables: &'a mut Tables,
    committed: bool,
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        self.tables.end(self.committed);
    }
}

/// A map that remembers how to undo what was done since the last [`Table::end`].
struct Table<K, V> {
    rows: BTreeMap<K, V>,
    undo: Vec<(K, Option<V>)>,
}

impl<K, V> Default for Table<K, V> {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            undo: Vec::new(),
        }
    }
}

impl<K: Ord + Clone, V> Table<K, V> {
    fn put(&mut self, key: K, value: V) {
        let before = self.rows.insert(key.clone(), value);
        self.undo.push((key, before));
    }

    fn remove(&mut self, key: &K) {
        if let Some(before) = self.rows.remove(key) {
            self.undo.push((key.clone(), Some(before)));
        }
    }

    fn end(&mut self, committed: bool) {
        let undo = std::mem::take(&mut self.undo);
        if committed {
            return;
        }
        for (key, before) in undo.into_iter().rev() {
            match before {
                Some(value) => self.rows.insert(key, value),
                None => self.rows.remove(&key),
            };
        }
    }
}

#[derive(Clone)]
struct StoredContents {
    document: Vec<u8>,
    signature: Option<Vec<u8>>,
    evidence: String,
}

type Number = (Nip, InvoiceKind, String);

#[derive(Default)]
struct Tables {
    entries: Table<EntryId, Entry>,
    contents: Table<EntryId, StoredContents>,
    by_hash: Table<InvoiceHash, EntryId>,
    by_number: Table<Number, EntryId>,
    history: Table<(EntryId, u64), HistoryLine>,
    sessions: Table<ReferenceNumber, SessionRecord>,
    invoices: Table<(ReferenceNumber, u32), SessionInvoice>,
    receipts: Table<ReceiptId, Receipt>,
    leases: Table<ContextIdentifier, Lease>,
    messages: Table<String, TimelineMessage>,
    values: Table<String, String>,
    lines: u64,
}

impl Tables {
    fn end(&mut self, committed: bool) {
        self.entries.end(committed);
        self.contents.end(committed);
        self.by_hash.end(committed);
        self.by_number.end(committed);
        self.history.end(committed);
        self.sessions.end(committed);
        self.invoices.end(committed);
        self.receipts.end(committed);
        self.leases.end(committed);
        self.messages.end(committed);
        self.values.end(committed);
    }

    fn find(&self, matches: impl Fn(&Entry) -> bool) -> Vec<&Entry> {
        self.entries
            .rows
            .values()
            .filter(|entry| matches(entry))
            .collect()
    }
}

fn of(context: Option<&ContextIdentifier>, candidate: &ContextIdentifier) -> bool {
    context.is_none_or(|context| context == candidate)
}

fn number_of(entry: &Entry) -> Number {
    let facts = &entry.facts;
    (facts.seller, facts.kind, facts.number.clone())
}

/// Open ones last, then by id.
fn urgency(due: Option<Date>, id: &EntryId) -> (bool, Option<Date>, &EntryId) {
    (due.is_none(), due, id)
}

impl Rows for Tables {
    fn entries(&self, ids: &[EntryId]) -> Result<Vec<Entry>, QueueError> {
        Ok(ids
            .iter()
            .filter_map(|id| self.entries.rows.get(id).cloned())
            .collect())
    }

    fn entry_by_hash(&self, hash: &InvoiceHash) -> Result<Option<Entry>, QueueError> {
        let id = self.by_hash.rows.get(hash);
        Ok(id.and_then(|id| self.entries.rows.get(id).cloned()))
    }

    fn entry_by_number(
        &self,
        seller: Nip,
        kind: InvoiceKind,
        number: &str,
    ) -> Result<Option<Entry>, QueueError> {
        let id = self.by_number.rows.get(&(seller, kind, number.to_owned()));
        Ok(id.and_then(|id| self.entries.rows.get(id).cloned()))
    }

    fn replaced_by(&self, ids: &[EntryId]) -> Result<Vec<(EntryId, EntryId)>, QueueError> {
        let replaced = self.entries.rows.values().filter_map(|entry| {
            let Some(Resolution::Replaced(successor)) = &entry.resolution else {
                return None;
            };
            ids.contains(successor)
                .then(|| (successor.clone(), entry.id.clone()))
        });
        Ok(replaced.collect())
    }

    fn document(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError> {
        let contents = self.contents.rows.get(id);
        Ok(contents.map(|contents| contents.document.clone()))
    }

    fn signature(&self, id: &EntryId) -> Result<Option<Vec<u8>>, QueueError> {
        let contents = self.contents.rows.get(id);
        Ok(contents.and_then(|contents| contents.signature.clone()))
    }

    fn evidence(&self, id: &EntryId) -> Result<Option<String>, QueueError> {
        let contents = self.contents.rows.get(id);
        Ok(contents.map(|contents| contents.evidence.clone()))
    }

    fn list(&self, query: &ListQuery) -> Result<Vec<Entry>, QueueError> {
        let after = match &query.after {
            Some(cursor) => Some(cursor.in_queue()?),
            None => None,
        };
        let mut found = self.find(|entry| {
            entry.status != InvoiceStatus::Sent
                && query.status.is_none_or(|status| status == entry.status)
                && of(query.context.as_ref(), &entry.context)
                && match query.only {
                    Only::Everything => true,
                    Only::Unsettled => entry.resolution.is_none(),
                    Only::ForBatch => entry.may_go() && entry.corrects.is_none(),
                    Only::Corrections => entry.may_go() && entry.corrects.is_some(),
                }
                && after.is_none_or(|(due, id)| urgency(entry.due, &entry.id) > urgency(due, id))
        });
        found.sort_by_key(|entry| urgency(entry.due, &entry.id));
        Ok(found.into_iter().take(query.limit).cloned().collect())
    }

    fn archive(&self, query: &ArchiveQuery) -> Result<Vec<Entry>, QueueError> {
        let after = match &query.after {
            Some(cursor) => Some(cursor.in_archive()?),
            None => None,
        };
        let buyer = query.buyer.as_ref().map(|buyer| buyer.to_lowercase());
        let mut found = self.find(|entry| {
            let facts = &entry.facts;
            entry.status == InvoiceStatus::Sent
                && of(query.context.as_ref(), &entry.context)
                && query
                    .number
                    .as_ref()
                    .is_none_or(|start| facts.number.starts_with(start.as_str()))
                && buyer
                    .as_ref()
                    .is_none_or(|part| folded_buyer(entry).contains(part.as_str()))
                && query.from.is_none_or(|from| facts.issue_date >= from)
                && query.to.is_none_or(|to| facts.issue_date <= to)
                && query
                    .ksef_number
                    .as_ref()
                    .is_none_or(|number| entry.ksef_number.as_ref() == Some(number))
                && query.hash.is_none_or(|hash| entry.hash == hash)
                && after
                    .is_none_or(|(archived, id)| (entry.archived, &entry.id) < (Some(archived), id))
        });
        found.sort_by(|a, b| (b.archived, &b.id).cmp(&(a.archived, &a.id)));
        Ok(found.into_iter().take(query.limit).cloned().collect())
    }

    fn counts(&self, context: Option<&ContextIdentifier>) -> Result<Counts, QueueError> {
        let mut counts = Counts::default();
        for entry in self.find(|entry| of(context, &entry.context)) {
            counts.add(entry.status, 1);
        }
        Ok(counts)
    }

    fn indexed(
        &self,
        context: &ContextIdentifier,
        status: InvoiceStatus,
    ) -> Result<u64, QueueError> {
        Ok(self.counts(Some(context))?.of(status))
    }

    fn history(&self, id: &EntryId) -> Result<Vec<HistoryLine>, QueueError> {
        Ok(self
            .history
            .rows
            .range((id.clone(), 0)..=(id.clone(), u64::MAX))
            .map(|(_, line)| line.clone())
            .collect())
    }

    fn session(&self, reference: &ReferenceNumber) -> Result<Option<SessionRecord>, QueueError> {
        Ok(self.sessions.rows.get(reference).cloned())
    }

    fn session_invoices(
        &self,
        reference: &ReferenceNumber,
    ) -> Result<Vec<SessionInvoice>, QueueError> {
        Ok(self
            .invoices
            .rows
            .range((reference.clone(), 0)..=(reference.clone(), u32::MAX))
            .map(|(_, invoice)| invoice.clone())
            .collect())
    }

    fn processing_in(&self, reference: &ReferenceNumber) -> Result<usize, QueueError> {
        Ok(self
            .find(|entry| {
                entry.status == InvoiceStatus::Processing
                    && entry.session.as_ref() == Some(reference)
            })
            .len())
    }

    fn open_sessions(
        &self,
        context: Option<&ContextIdentifier>,
    ) -> Result<Vec<SessionRecord>, QueueError> {
        let mut open: Vec<SessionRecord> = self
            .sessions
            .rows
            .values()
            .filter(|session| !session.state.is_final() && of(context, &session.context))
            .cloned()
            .collect();
        // A stable sort: sessions of one instant stay in the order of their references.
        open.sort_by_key(|session| session.opened);
        Ok(open)
    }

    fn receipt(&self, id: &ReceiptId) -> Result<Option<Receipt>, QueueError> {
        Ok(self.receipts.rows.get(id).cloned())
    }

    fn without_receipt(
        &self,
        context: Option<&ContextIdentifier>,
        limit: usize,
    ) -> Result<Vec<Entry>, QueueError> {
        let found = self.find(|entry| {
            entry.status == InvoiceStatus::Sent
                && entry.receipt.is_none()
                && of(context, &entry.context)
        });
        Ok(found.into_iter().take(limit).cloned().collect())
    }

    fn lease(&self, context: &ContextIdentifier) -> Result<Option<Lease>, QueueError> {
        Ok(self.leases.rows.get(context).cloned())
    }

    fn timeline(&self) -> Result<Vec<TimelineMessage>, QueueError> {
        Ok(self.messages.rows.values().cloned().collect())
    }

    fn value(&self, key: &str) -> Result<Option<String>, QueueError> {
        Ok(self.values.rows.get(key).cloned())
    }
}

impl Changes for Tables {
    fn insert_entry(&mut self, entry: &Entry, contents: &Contents<'_>) -> Result<(), QueueError> {
        self.by_hash.put(entry.hash, entry.id.clone());
        self.by_number.put(number_of(entry), entry.id.clone());
        self.contents.put(
            entry.id.clone(),
            StoredContents {
                document: contents.document.to_vec(),
                signature: contents.signature.map(<[u8]>::to_vec),
                evidence: contents.evidence.to_owned(),
            },
        );
        self.entries.put(entry.id.clone(), entry.clone());
        Ok(())
    }

    fn update_entries(&mut self, entries: &[Entry]) -> Result<(), QueueError> {
        for entry in entries {
            if !entry.holds_number() {
                let number = number_of(entry);
                if self.by_number.rows.get(&number) == Some(&entry.id) {
                    self.by_number.remove(&number);
                }
            }
            self.entries.put(entry.id.clone(), entry.clone());
        }
        Ok(())
    }

    fn insert_signature(&mut self, id: &EntryId, signature: &[u8]) -> Result<(), QueueError> {
        let mut contents = self.contents.rows.get(id).cloned().ok_or(NO_INVOICE)?;
        contents.signature = Some(signature.to_vec());
        self.contents.put(id.clone(), contents);
        Ok(())
    }

    fn delete_entry(&mut self, id: &EntryId) -> Result<(), QueueError> {
        let entry = self.entries.rows.get(id).cloned().ok_or(NO_INVOICE)?;
        self.by_hash.remove(&entry.hash);
        if entry.holds_number() {
            self.by_number.remove(&number_of(&entry));
        }
        self.contents.remove(id);
        self.entries.remove(id);
        Ok(())
    }

    fn append_history(&mut self, lines: &[HistoryLine]) -> Result<(), QueueError> {
        for line in lines {
            self.lines += 1;
            self.history
                .put((line.entry.clone(), self.lines), line.clone());
        }
        Ok(())
    }

    fn insert_session(
        &mut self,
        session: &SessionRecord,
        invoices: &[SessionInvoice],
    ) -> Result<(), QueueError> {
        self.update_session(session)?;
        for invoice in invoices {
            self.invoices.put(
                (session.reference.clone(), invoice.ordinal),
                invoice.clone(),
            );
        }
        Ok(())
    }

    fn update_session(&mut self, session: &SessionRecord) -> Result<(), QueueError> {
        self.sessions
            .put(session.reference.clone(), session.clone());
        Ok(())
    }

    fn set_invoice_reference(
        &mut self,
        session: &ReferenceNumber,
        entry: &EntryId,
        reference: &ReferenceNumber,
    ) -> Result<(), QueueError> {
        for mut invoice in self.session_invoices(session)? {
            if invoice.entry == *entry {
                invoice.reference = Some(reference.clone());
                self.invoices
                    .put((session.clone(), invoice.ordinal), invoice);
            }
        }
        Ok(())
    }

    fn insert_receipt(&mut self, receipt: &Receipt) -> Result<(), QueueError> {
        if !self.receipts.rows.contains_key(&receipt.id) {
            self.receipts.put(receipt.id, receipt.clone());
        }
        Ok(())
    }

    fn delete_unused(&mut self) -> Result<(), QueueError> {
        let used: BTreeSet<ReceiptId> = self
            .entries
            .rows
            .values()
            .filter_map(|entry| entry.receipt)
            .collect();
        let all: Vec<ReceiptId> = self.receipts.rows.keys().copied().collect();
        for id in all.iter().filter(|id| !used.contains(id)) {
            self.receipts.remove(id);
        }
        Ok(())
    }

    fn claim_idle(
        &mut self,
        contexts: &[ContextIdentifier],
        owner: &str,
        now: Timestamp,
    ) -> Result<Option<ContextIdentifier>, QueueError> {
        let busy = self.find(|entry| match entry.status {
            InvoiceStatus::Pending | InvoiceStatus::Signed => entry.may_go(),
            InvoiceStatus::Processing => true,
            InvoiceStatus::Sent => entry.receipt.is_none(),
            InvoiceStatus::Error => false,
        });
        Ok(busy
            .into_iter()
            .map(|entry| &entry.context)
            .filter(|context| contexts.is_empty() || contexts.contains(context))
            .map(|context| (self.leases.rows.get(context), context))
            .filter(|(lease, _)| {
                lease.is_none_or(|lease| lease.expires <= now || lease.owner == owner)
            })
            .min_by_key(|(lease, context)| (lease.map(|lease| lease.expires), *context))
            .map(|(_, context)| context.clone()))
    }

    fn put_lease(&mut self, lease: &Lease) -> Result<(), QueueError> {
        self.leases.put(lease.context.clone(), lease.clone());
        Ok(())
    }

    fn put_message(&mut self, message: &TimelineMessage) -> Result<(), QueueError> {
        self.messages.put(message.id.clone(), message.clone());
        Ok(())
    }

    fn put_value(&mut self, key: &str, value: Option<&str>) -> Result<(), QueueError> {
        match value {
            Some(value) => self.values.put(key.to_owned(), value.to_owned()),
            None => self.values.remove(&key.to_owned()),
        }
        Ok(())
    }
}
