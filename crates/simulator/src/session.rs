//! Sessions and the invoices in them: what was declared, what arrived, what came of it.

use std::collections::BTreeMap;
use std::fs::File;
use std::sync::Arc;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, KsefNumber, Nip};
use ksef_offline_core::package::archive::Compression;
use ksef_offline_core::package::envelope::SessionKey;
use ksef_offline_core::receipt::SendingMode;
use serde::{Deserialize, Serialize};

use crate::text;

/// How long an interactive session stays open.
pub(crate) const ONLINE_VALIDITY: SignedDuration = SignedDuration::from_hours(12);
/// How long a batch session waits, for each of its parts.
pub(crate) const UPLOAD_WINDOW: SignedDuration = SignedDuration::from_mins(20);
/// Most invoices in a session.
pub(crate) const MAX_INVOICES: usize = 10_000;
/// Largest part before encryption, in bytes.
pub(crate) const MAX_PART_SIZE: u64 = 100_000_000;
/// Largest part after encryption: one block of padding more.
pub(crate) const MAX_ENCRYPTED_PART_SIZE: u64 = MAX_PART_SIZE + 16;
/// Most parts in a batch.
pub(crate) const MAX_PARTS: usize = 50;

/// Code, description and details of a session, an invoice, a login or an enrolment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Status {
    pub(crate) code: u16,
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) details: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub(crate) extensions: BTreeMap<String, String>,
}

impl Status {
    pub(crate) fn new(code: u16, description: impl Into<String>) -> Self {
        Self {
            code,
            description: description.into(),
            details: vec![],
            extensions: BTreeMap::new(),
        }
    }

    pub(crate) fn detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    pub(crate) fn extension(mut self, name: &str, value: impl Into<String>) -> Self {
        self.extensions.insert(name.into(), value.into());
        self
    }

    /// The status of an invoice by its code, in words of our own.
    pub(crate) fn of_invoice(code: u16) -> Self {
        let description = match code {
            100 => "Faktura przyjęta do przetworzenia",
            150 => "Trwa przetwarzanie",
            200 => "Sukces",
            405 => "Przetwarzanie przerwane błędem sesji",
            410 => "Nieprawidłowy zakres uprawnień",
            415 => "Nie można przesłać faktury z załącznikiem",
            430 => "Plik faktury jest nieprawidłowy",
            435 => "Pliku nie da się odszyfrować",
            440 => "Duplikat faktury",
            450 => "Treść faktury jest nieprawidłowa",
            500 => "Nieznany błąd",
            550 => "Operacja przerwana przez system",
            _ => "Faktura odrzucona",
        };
        Self::new(code, description)
    }

    /// The status of a session of `kind` by its code.
    pub(crate) fn of_session(kind: SessionKind, code: u16) -> Self {
        let description = match (code, kind) {
            (100, SessionKind::Batch) => "Sesja wsadowa rozpoczęta",
            (100, SessionKind::Online) => "Sesja interaktywna otwarta",
            (150, _) => "Trwa przetwarzanie",
            (170, _) => "Sesja interaktywna zamknięta",
            (200, _) => "Sesja przetworzona pomyślnie",
            (405, _) => "Elementy paczki są nieprawidłowe",
            (415, _) => "Klucza nie da się odszyfrować",
            (420, _) => "W sesji jest za dużo faktur",
            (430, _) => "Archiwum nie da się rozpakować",
            (435, _) => "Części archiwum nie da się odszyfrować",
            (440, _) => "Sesja anulowana",
            (445, _) => "Brak poprawnych faktur",
            _ => "Nieznany błąd",
        };
        Self::new(code, description)
    }
}

/// The two kinds of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum SessionKind {
    Batch,
    Online,
}

/// What the login of a session rested on, as receipts name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum LoginProof {
    /// Reference number of the KSeF token.
    Token(String),
    /// SHA-256 of the signed login document.
    Document(#[serde(with = "text::hash")] InvoiceHash),
}

/// A session of either kind.
#[derive(Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) reference: String,
    pub(crate) kind: SessionKind,
    #[serde(with = "text")]
    pub(crate) context: ContextIdentifier,
    pub(crate) proof: LoginProof,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) closed: Option<Timestamp>,
    pub(crate) valid_until: Timestamp,
    pub(crate) status: Status,
    /// `offlineMode` of a batch; each invoice of an interactive session has its own.
    pub(crate) offline: bool,
    pub(crate) batch: Option<Batch>,
    pub(crate) invoices: Vec<SessionInvoice>,
    pub(crate) receipt: Option<Receipt>,
    /// The secret of the session; lost with the process, like KSeF would never lose it.
    #[serde(skip)]
    pub(crate) key: Option<Arc<SessionKey>>,
}

/// What was declared of a batch and what was uploaded.
#[derive(Serialize, Deserialize)]
pub(crate) struct Batch {
    #[serde(with = "compression")]
    pub(crate) compression: Compression,
    pub(crate) size: u64,
    #[serde(with = "text::hash")]
    pub(crate) hash: InvoiceHash,
    pub(crate) parts: Vec<Part>,
}

/// One part of a batch.
#[derive(Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) size: u64,
    #[serde(with = "text::hash")]
    pub(crate) hash: InvoiceHash,
    /// Value of the header that must accompany the upload; no two parts have the same.
    pub(crate) header: String,
    #[serde(skip)]
    pub(crate) received: Option<Received>,
}

/// The bytes of a part as they arrived.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) file: Arc<File>,
    pub(crate) size: u64,
    pub(crate) hash: InvoiceHash,
}

/// An invoice in a session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SessionInvoice {
    pub(crate) reference: String,
    #[serde(with = "text::hash")]
    pub(crate) hash: InvoiceHash,
    pub(crate) file_name: Option<String>,
    pub(crate) received: Timestamp,
    pub(crate) offline: bool,
    #[serde(with = "text::optional_hash")]
    pub(crate) correction_of: Option<InvoiceHash>,
    pub(crate) status: Status,
    pub(crate) number: Option<String>,
    pub(crate) accepted: Option<Acceptance>,
}

/// What an accepted invoice got.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Acceptance {
    #[serde(with = "text")]
    pub(crate) ksef_number: KsefNumber,
    #[serde(with = "text")]
    pub(crate) seller: Nip,
    pub(crate) number: String,
    #[serde(with = "text")]
    pub(crate) issue_date: Date,
    pub(crate) at: Timestamp,
    #[serde(with = "mode")]
    pub(crate) mode: SendingMode,
}

/// A signed receipt.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) reference: String,
    pub(crate) xml: String,
}

impl Session {
    pub(crate) fn is_open(&self) -> bool {
        self.status.code == 100
    }

    pub(crate) fn set_status(&mut self, status: Status, now: Timestamp) {
        self.status = status;
        self.updated = now;
    }

    /// Ends a session whose time is over: a batch is cancelled, an interactive session is closed.
    pub(crate) fn settle(&mut self, now: Timestamp) {
        if !self.is_open() || now < self.valid_until {
            return;
        }
        match self.kind {
            SessionKind::Batch => {
                let status =
                    Status::of_session(self.kind, 440).detail("Minął czas na przesłanie paczki.");
                self.set_status(status, now);
            }
            SessionKind::Online => self.close_online(now),
        }
    }

    /// Closes an interactive session: 170 until its invoices are judged, 440 when there are none.
    pub(crate) fn close_online(&mut self, now: Timestamp) {
        self.closed = Some(now);
        let status = if self.invoices.is_empty() {
            Status::of_session(self.kind, 440).detail("Nie przesłano faktur.")
        } else {
            Status::of_session(self.kind, 170)
        };
        self.set_status(status, now);
    }

    pub(crate) fn successful(&self) -> usize {
        self.invoices
            .iter()
            .filter(|invoice| invoice.status.code == 200)
            .count()
    }

    pub(crate) fn failed(&self) -> usize {
        self.invoices
            .iter()
            .filter(|invoice| invoice.status.code > 200)
            .count()
    }

    /// Whether every invoice was judged.
    pub(crate) fn is_judged(&self) -> bool {
        self.invoices
            .iter()
            .all(|invoice| invoice.status.code >= 200)
    }

    /// Marks everything that was not judged as fallen with the session.
    pub(crate) fn abandon_invoices(&mut self) {
        for invoice in &mut self.invoices {
            if invoice.status.code < 200 {
                invoice.status = Status::of_invoice(405);
            }
        }
    }
}

impl SessionInvoice {
    pub(crate) fn is_failed(&self) -> bool {
        self.status.code > 200
    }
}

mod compression {
    use ksef_offline_core::package::archive::Compression;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde gives the field by reference"
    )]
    pub(super) fn serialize<S: Serializer>(
        value: &Compression,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.name())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Compression, D::Error> {
        let name = String::deserialize(deserializer)?;
        Compression::from_name(&name).ok_or_else(|| de::Error::custom("unknown compression"))
    }
}

pub(crate) mod mode {
    use ksef_offline_core::receipt::SendingMode;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde gives the field by reference"
    )]
    pub(crate) fn serialize<S: Serializer>(
        value: &SendingMode,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.code())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SendingMode, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "Online" => Ok(SendingMode::Online),
            "Offline" => Ok(SendingMode::Offline),
            _ => Err(de::Error::custom("unknown mode")),
        }
    }
}
