//! The ledger: accepted invoices, the numbers that are taken, and the corrections of rejected ones.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, KsefNumber, Nip};
use ksef_offline_core::invoice::{InvoiceDocument, InvoiceKind};
use ksef_offline_core::receipt::SendingMode;
use serde::{Deserialize, Serialize};

use crate::session::mode;
use crate::text;

/// What makes an invoice unique in KSeF.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct InvoiceKey {
    pub(crate) seller: Nip,
    pub(crate) kind: InvoiceKind,
    pub(crate) number: String,
}

impl InvoiceKey {
    pub(crate) fn of(document: &InvoiceDocument) -> Self {
        let facts = document.facts();
        Self {
            seller: facts.seller,
            kind: facts.kind,
            number: facts.number.clone(),
        }
    }
}

/// Where the first invoice with a number went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Original {
    pub(crate) ksef_number: KsefNumber,
    pub(crate) session: String,
}

/// An accepted invoice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Entry {
    #[serde(with = "text")]
    pub(crate) ksef_number: KsefNumber,
    #[serde(with = "text::hash")]
    pub(crate) hash: InvoiceHash,
    pub(crate) session: String,
    pub(crate) reference: String,
    #[serde(with = "text")]
    pub(crate) context: ContextIdentifier,
    pub(crate) received: Timestamp,
    pub(crate) accepted: Timestamp,
    #[serde(with = "mode")]
    pub(crate) mode: SendingMode,
    #[serde(with = "text::optional_hash")]
    pub(crate) correction_of: Option<InvoiceHash>,
}

/// A number the operator declared taken by another system.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TakenNumber {
    #[serde(with = "text")]
    pub(crate) seller: Nip,
    pub(crate) kind: String,
    pub(crate) number: String,
    #[serde(with = "text")]
    pub(crate) ksef_number: KsefNumber,
    pub(crate) session: String,
}

/// All accepted invoices, with their documents.
#[derive(Default)]
pub(crate) struct Ledger {
    entries: Vec<(Entry, InvoiceDocument)>,
    by_hash: HashMap<InvoiceHash, usize>,
    by_number: BTreeMap<KsefNumber, usize>,
    taken: HashMap<InvoiceKey, Original>,
    declared: Vec<TakenNumber>,
    /// Rejected invoices by hash, with the code: what technical corrections may refer to.
    rejected: HashMap<InvoiceHash, u16>,
    /// Hashes whose technical correction was accepted.
    corrected: BTreeSet<InvoiceHash>,
}

impl Ledger {
    /// The accepted invoice that holds this number.
    pub(crate) fn original(&self, key: &InvoiceKey) -> Option<&Original> {
        self.taken.get(key)
    }

    /// Enters an accepted invoice.
    pub(crate) fn accept(&mut self, entry: Entry, document: InvoiceDocument) {
        let index = self.entries.len();
        self.by_hash.insert(entry.hash, index);
        self.by_number.insert(entry.ksef_number.clone(), index);
        self.taken.insert(
            InvoiceKey::of(&document),
            Original {
                ksef_number: entry.ksef_number.clone(),
                session: entry.session.clone(),
            },
        );
        self.rejected.remove(&entry.hash);
        if let Some(corrected) = entry.correction_of {
            self.corrected.insert(corrected);
        }
        self.entries.push((entry, document));
    }

    /// Remembers a rejection.
    pub(crate) fn reject(&mut self, hash: InvoiceHash, code: u16) {
        if !self.by_hash.contains_key(&hash) {
            self.rejected.insert(hash, code);
        }
    }

    /// Declares a number taken by another system. A number already held stays with its holder.
    pub(crate) fn declare_taken(&mut self, taken: TakenNumber) {
        let Some(kind) = InvoiceKind::from_code(&taken.kind) else {
            return;
        };
        let key = InvoiceKey {
            seller: taken.seller,
            kind,
            number: taken.number.clone(),
        };
        if self.taken.contains_key(&key) {
            return;
        }
        self.taken.insert(
            key,
            Original {
                ksef_number: taken.ksef_number.clone(),
                session: taken.session.clone(),
            },
        );
        self.declared.push(taken);
    }

    pub(crate) fn declared(&self) -> &[TakenNumber] {
        &self.declared
    }

    pub(crate) fn by_hash(&self, hash: &InvoiceHash) -> Option<&(Entry, InvoiceDocument)> {
        self.entries.get(*self.by_hash.get(hash)?)
    }

    pub(crate) fn by_number(&self, number: &KsefNumber) -> Option<&(Entry, InvoiceDocument)> {
        self.entries.get(*self.by_number.get(number)?)
    }

    /// The accepted technical correction of a rejected invoice.
    pub(crate) fn correction_of(&self, hash: &InvoiceHash) -> Option<&(Entry, InvoiceDocument)> {
        self.entries
            .iter()
            .find(|(entry, _)| entry.correction_of == Some(*hash))
    }

    pub(crate) fn is_corrected(&self, hash: &InvoiceHash) -> bool {
        self.corrected.contains(hash)
    }

    /// The code an invoice was rejected with.
    pub(crate) fn rejection(&self, hash: &InvoiceHash) -> Option<u16> {
        self.rejected.get(hash).copied()
    }

    pub(crate) fn entries(&self) -> &[(Entry, InvoiceDocument)] {
        &self.entries
    }

    pub(crate) fn rejections(&self) -> impl Iterator<Item = (&InvoiceHash, u16)> {
        self.rejected.iter().map(|(hash, code)| (hash, *code))
    }
}
