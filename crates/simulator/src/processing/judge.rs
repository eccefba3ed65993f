//! Judges one invoice: the file, the content, the right to issue it, the attachment, the number.

use jiff::Timestamp;
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, KsefNumber};
use ksef_offline_core::invoice::validate::{Rules, Verdict};
use ksef_offline_core::invoice::{InvoiceDocument, InvoiceError};
use ksef_offline_core::receipt::SendingMode;

use crate::clock::warsaw_date;
use crate::ledger::{Entry, InvoiceKey};
use crate::session::{Acceptance, Session, SessionInvoice, SessionKind, Status};
use crate::state::{App, World, random};

/// At most this many faults of an invoice are told.
const MAX_DETAILS: usize = 20;

/// What judging needs to know of an invoice beside its bytes.
pub(super) struct Candidate {
    session: String,
    index: usize,
    reference: String,
    kind: SessionKind,
    context: ContextIdentifier,
    hash: InvoiceHash,
    offline: bool,
    /// When the session was opened: in a batch the day that decides whether an invoice is sent late.
    opened: Timestamp,
    received: Timestamp,
    correction_of: Option<InvoiceHash>,
}

impl Candidate {
    /// The invoice at `index` of a session; a session only ever grows, so the place stays its own.
    pub(super) fn of(session: &Session, index: usize) -> Option<Self> {
        let invoice = session.invoices.get(index)?;
        Some(Self {
            session: session.reference.clone(),
            index,
            reference: invoice.reference.clone(),
            kind: session.kind,
            context: session.context.clone(),
            hash: invoice.hash,
            offline: invoice.offline,
            opened: session.created,
            received: invoice.received,
            correction_of: invoice.correction_of,
        })
    }

    /// Judges the invoice and enters the outcome.
    pub(super) fn judge(self, app: &App, bytes: Vec<u8>) {
        let (rules, now) = {
            let world = app.world();
            let now = world.clock.now();
            let rules = Rules {
                enforce_nip_checksum: world.settings.enforce_nip_checksum,
                today: warsaw_date(now),
            };
            (rules, now)
        };
        let read = read(bytes, rules);
        let mut world = app.world();
        let number = read
            .as_ref()
            .ok()
            .map(|document| document.facts().number.clone());
        let outcome = match self.rejection(&mut world, number.as_deref()) {
            Some(status) => Err(status),
            None => read.and_then(|document| self.accept(&mut world, document, now)),
        };
        if let Err(status) = &outcome {
            world.ledger.reject(self.hash, status.code);
        }
        let Some(session) = world.sessions.get_mut(&self.session) else {
            return;
        };
        session.updated = now;
        if let Some(invoice) = session.invoices.get_mut(self.index) {
            enter(invoice, number, outcome);
        }
    }

    /// What the operator ordered for this invoice, if anything.
    fn rejection(&self, world: &mut World, number: Option<&str>) -> Option<Status> {
        let rejections = &mut world.settings.rejections;
        let index = rejections
            .iter()
            .position(|rejection| rejection.hits(&self.hash, number))?;
        let rejection = rejections.remove(index);
        let mut status = Status::of_invoice(rejection.code);
        if let Some(description) = rejection.description {
            status.description = description;
        }
        status.details = rejection.details;
        Some(status)
    }

    fn accept(
        &self,
        world: &mut World,
        document: InvoiceDocument,
        now: Timestamp,
    ) -> Result<Acceptance, Status> {
        let facts = document.facts();
        if !world.may_sell(&self.context, facts.seller) {
            return Err(Status::of_invoice(410)
                .detail("Kontekst nie ma prawa wystawiać faktur tego sprzedawcy."));
        }
        if facts.has_attachment {
            if self.kind == SessionKind::Online && self.correction_of.is_none() {
                return Err(Status::of_invoice(415)
                    .detail("Faktury z załącznikiem przesyła się tylko wsadowo."));
            }
            if !world.may_attach(facts.seller, now) {
                return Err(Status::of_invoice(415)
                    .detail("Sprzedawca nie zgłosił zamiaru przesyłania załączników."));
            }
        }
        if let Some(original) = world.ledger.original(&InvoiceKey::of(&document)) {
            return Err(Status::of_invoice(440)
                .detail("Faktura o tym numerze tego sprzedawcy już jest w KSeF.")
                .extension("originalKsefNumber", original.ksef_number.as_str())
                .extension("originalSessionReferenceNumber", &original.session));
        }
        let unique = random().map_err(|error| {
            tracing::error!(code = error.code(), "no random bytes");
            Status::of_invoice(500)
        })?;
        let sending_day = match self.kind {
            SessionKind::Batch => warsaw_date(self.opened),
            SessionKind::Online => warsaw_date(self.received),
        };
        let mode = if self.offline || facts.issue_date < sending_day {
            SendingMode::Offline
        } else {
            SendingMode::Online
        };
        let acceptance = Acceptance {
            ksef_number: KsefNumber::assemble(
                facts.seller,
                warsaw_date(now),
                u64::from_be_bytes(unique),
            ),
            seller: facts.seller,
            number: facts.number.clone(),
            issue_date: facts.issue_date,
            at: now,
            mode,
        };
        let entry = Entry {
            ksef_number: acceptance.ksef_number.clone(),
            hash: self.hash,
            session: self.session.clone(),
            reference: self.reference.clone(),
            context: self.context.clone(),
            received: self.received,
            accepted: now,
            mode,
            correction_of: self.correction_of,
        };
        world.ledger.accept(entry, document);
        Ok(acceptance)
    }
}

/// The checks that need the document alone.
fn read(bytes: Vec<u8>, rules: Rules) -> Result<InvoiceDocument, Status> {
    let (document, verdict) = InvoiceDocument::read_and_validate(bytes, &rules);
    let document = match document {
        Ok(document) => document,
        Err(error @ (InvoiceError::Empty | InvoiceError::TooLarge { .. })) => {
            return Err(Status::of_invoice(430).detail(error.message().pl));
        }
        Err(error) if verdict.is_valid() => {
            return Err(Status::of_invoice(450).detail(error.message().pl));
        }
        Err(_) => return Err(rejected(&verdict)),
    };
    if verdict.is_valid() {
        Ok(document)
    } else {
        Err(rejected(&verdict))
    }
}

fn rejected(verdict: &Verdict) -> Status {
    let mut status = Status::of_invoice(450);
    status.details = verdict
        .errors
        .iter()
        .take(MAX_DETAILS)
        .map(|violation| {
            let at = format!("wiersz {}, kolumna {}", violation.line, violation.column);
            // A fault of the file has no path.
            if violation.path.is_empty() {
                format!("{at}: {}", violation.message.pl)
            } else {
                format!("{} ({at}): {}", violation.path, violation.message.pl)
            }
        })
        .collect();
    status
}

fn enter(
    invoice: &mut SessionInvoice,
    number: Option<String>,
    outcome: Result<Acceptance, Status>,
) {
    invoice.number = number.filter(|number| number.chars().count() <= 256);
    match outcome {
        Ok(acceptance) => {
            invoice.status = Status::of_invoice(200);
            invoice.accepted = Some(acceptance);
        }
        Err(status) => invoice.status = status,
    }
}
