//! Invoices as the outside sees them: plain data with stable names, the same for the command line, for pages and for
//! other languages.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use jiff::civil::Date;
use ksef_offline_core::deadline::calendar::warsaw_date;
use ksef_offline_core::deadline::{Deadline, IssueMode, OfflineMode, Timeline};
use ksef_offline_core::{Bilingual, Diagnostic};
use ksef_offline_queue::{Change, Entry, EntryId, HistoryLine, KsefStatus, Resolution};
use serde::Serialize;

use crate::desk::Desk;
use crate::error::DeskError;

/// An invoice. Amounts are decimal strings, dates `YYYY-MM-DD`, hashes standard Base64.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InvoiceView {
    /// Stable, unique, safe in a file name.
    pub id: String,
    /// The path it was issued from.
    pub source: Option<String>,
    /// The stored copy, byte for byte what KSeF gets.
    pub file: PathBuf,
    /// Invoice number (`P_2`).
    pub number: String,
    /// Kind (`RodzajFaktury`).
    pub kind: &'static str,
    /// Issue date (`P_1`).
    pub issue_date: String,
    /// NIP of the seller.
    pub seller_nip: String,
    /// Name of the buyer, or the identifier where the invoice gives no name.
    pub buyer: Option<String>,
    /// Total to pay (`P_15`), as written.
    pub gross: String,
    /// ISO 4217 code.
    pub currency: String,
    /// `pending`, `signed`, `processing`, `sent` or `error`.
    pub status: &'static str,
    /// `online` or an offline mode.
    pub mode: &'static str,
    /// SHA-256 of the document.
    pub invoice_hash: String,
    /// The link of CODE I.
    pub code_one: Option<String>,
    /// The link of CODE II.
    pub code_two: Option<String>,
    /// The XAdES document.
    pub signature_file: Option<PathBuf>,
    /// Until when it must reach KSeF.
    pub deadline: DeadlineView,
    /// How the VAT ledger (JPK_V7) marks it: `OFF` while an invoice of the emergency mode has no KSeF number.
    pub ledger_marker: Option<&'static str>,
    /// The session that carries it, or carried it with a result.
    pub batch_reference: Option<String>,
    /// The number KSeF gave.
    pub ksef_number: Option<String>,
    /// Why it was rejected.
    pub error: Option<ErrorView>,
    /// Of a technical correction, the hash of the invoice it takes the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects_hash: Option<String>,
    /// Of a technical correction, the id of the invoice it takes the place of. It may have been deleted since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<String>,
    /// Of a rejected invoice, the id of its technical correction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrected_by: Option<String>,
    /// Of an invoice that was issued in the place of a rejected one, the id of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    /// Of a rejected invoice, the id of the one issued in its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Why nothing more is done about it, in a person's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_up: Option<String>,
}

/// A deadline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DeadlineView {
    /// The last day in time.
    pub due: Option<String>,
    /// `due`, `open`, `lifted` or `not-required`.
    pub state: &'static str,
    /// The article of the VAT Act.
    pub basis: &'static str,
    /// The provisions behind this very deadline.
    pub provisions: &'static str,
    /// Whether the last day is over and the invoice is not with KSeF.
    pub overdue: bool,
    /// Calendar days left, negative when overdue.
    pub days_left: Option<i64>,
    /// Whether the law and the policy let it go to KSeF now.
    pub may_send: bool,
    /// Names the events and days that were counted.
    pub explanation: Bilingual,
}

/// A rejection in KSeF's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorView {
    /// KSeF's status code.
    pub code: i32,
    /// Its description.
    pub description: String,
    /// Its details.
    pub details: Vec<String>,
}

impl From<&KsefStatus> for ErrorView {
    fn from(status: &KsefStatus) -> Self {
        Self {
            code: status.code,
            description: status.description.clone(),
            details: status.details.clone(),
        }
    }
}

/// A page of invoices.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListView {
    /// The invoices.
    pub invoices: Vec<InvoiceView>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
    /// How many invoices each status has.
    pub counts: BTreeMap<&'static str, u64>,
}

/// One line of an invoice's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HistoryView {
    /// When, RFC 3339.
    pub at: String,
    /// What happened.
    pub event: &'static str,
    /// The status after it.
    pub status: Option<&'static str>,
    /// Why.
    pub cause: String,
}

impl From<&HistoryLine> for HistoryView {
    fn from(line: &HistoryLine) -> Self {
        Self {
            at: line.at.to_string(),
            event: Change::name(line.change),
            status: line.status.map(ksef_offline_queue::InvoiceStatus::name),
            cause: line.cause.clone(),
        }
    }
}

/// A fault of a file, as `issue` and `validate` report it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FaultView {
    /// Where in the document, in schema names; `None` for what concerns the file as a whole.
    pub path: Option<String>,
    /// Line from 1.
    pub line: Option<u32>,
    /// Stable code.
    pub code: String,
    /// What is wrong.
    pub message: Bilingual,
}

impl FaultView {
    /// An error that concerns the file as a whole.
    pub fn of(error: &dyn Diagnostic) -> Self {
        Self {
            path: None,
            line: None,
            code: error.code().to_owned(),
            message: error.message(),
        }
    }
}

impl Desk {
    /// Shows an entry and sees to it that its files are there.
    pub(crate) fn view(&self, entry: &Entry, now: Timestamp) -> Result<InvoiceView, DeskError> {
        let replaces = self.replaced(std::slice::from_ref(entry))?;
        self.home().materialise(self.queue(), entry)?;
        Ok(self.view_in(&self.timeline()?, &replaces, entry, now))
    }

    /// Shows many entries; the timeline is read once.
    pub(crate) fn views(&self, entries: &[Entry]) -> Result<Vec<InvoiceView>, DeskError> {
        let (timeline, now) = (self.timeline()?, self.now());
        let replaces = self.replaced(entries)?;
        entries
            .iter()
            .map(|entry| {
                self.home().materialise(self.queue(), entry)?;
                Ok(self.view_in(&timeline, &replaces, entry, now))
            })
            .collect()
    }

    /// Which invoice each of these was issued in the place of: the first, where it took that of several.
    fn replaced(&self, entries: &[Entry]) -> Result<BTreeMap<EntryId, EntryId>, DeskError> {
        let ids: Vec<EntryId> = entries.iter().map(|entry| entry.id.clone()).collect();
        let mut first = BTreeMap::new();
        for (successor, original) in self.queue().replaced_by(&ids)? {
            let place = first.entry(successor).or_insert_with(|| original.clone());
            if original < *place {
                *place = original;
            }
        }
        Ok(first)
    }

    /// An entry whose files are there, by a timeline at hand.
    pub(crate) fn view_in(
        &self,
        timeline: &Timeline,
        replaces: &BTreeMap<EntryId, EntryId>,
        entry: &Entry,
        now: Timestamp,
    ) -> InvoiceView {
        let facts = &entry.facts;
        let (corrected_by, replaced_by, given_up) = match &entry.resolution {
            None => (None, None, None),
            Some(Resolution::Corrected(id)) => (Some(id.to_string()), None, None),
            Some(Resolution::Replaced(id)) => (None, Some(id.to_string()), None),
            Some(Resolution::GivenUp(note)) => (None, None, Some(note.clone())),
        };
        InvoiceView {
            id: entry.id.to_string(),
            source: entry.source.clone(),
            file: self.home().document(&entry.id),
            number: facts.number.clone(),
            kind: facts.kind.code(),
            issue_date: facts.issue_date.to_string(),
            seller_nip: facts.seller.to_string(),
            buyer: facts
                .buyer
                .name
                .clone()
                .or_else(|| facts.buyer.identifier.clone()),
            gross: facts.gross.to_string(),
            currency: facts.currency.clone(),
            status: entry.status.name(),
            mode: entry.mode.name(),
            invoice_hash: entry.hash.to_base64(),
            code_one: entry.code_one.clone(),
            code_two: entry.code_two.clone(),
            signature_file: entry
                .code_two
                .as_ref()
                .map(|_| self.home().signature(&entry.id)),
            deadline: deadline_view(
                &self.deadline_in(timeline, entry.mode, facts.issue_date, now),
                entry,
                now,
            ),
            ledger_marker: entry
                .mode
                .offline()
                .filter(|_| entry.ksef_number.is_none())
                .and_then(OfflineMode::ledger_marker),
            batch_reference: entry.session.as_ref().map(ToString::to_string),
            ksef_number: entry.ksef_number.as_ref().map(ToString::to_string),
            error: entry.rejection().map(ErrorView::from),
            corrects_hash: entry
                .corrects
                .as_ref()
                .map(|corrects| corrects.hash.to_base64()),
            corrects: entry
                .corrects
                .as_ref()
                .map(|corrects| corrects.original.to_string()),
            corrected_by,
            replaces: replaces.get(&entry.id).map(ToString::to_string),
            replaced_by,
            given_up,
        }
    }
}

fn deadline_view(deadline: &Deadline, entry: &Entry, now: Timestamp) -> DeadlineView {
    let sent = entry.ksef_number.is_some();
    DeadlineView {
        due: deadline.due.map(|due: Date| due.to_string()),
        state: deadline.state.name(),
        basis: deadline.basis,
        provisions: deadline.provisions,
        overdue: match entry.acquisition_date {
            // What arrived in time stays in time.
            Some(arrived) => deadline.due.is_some_and(|due| warsaw_date(arrived) > due),
            None => deadline.overdue(now),
        },
        days_left: deadline.days_left(now).filter(|_| !sent),
        may_send: !sent && deadline.may_send(now),
        explanation: deadline.explanation.clone(),
    }
}

/// An invoice that is sent at once has the deadline of an Offline24 one: when it reaches KSeF on a later day than `P_1`,
/// KSeF marks it so by itself.
pub(crate) fn ruling_mode(mode: IssueMode) -> OfflineMode {
    mode.offline().unwrap_or(OfflineMode::Offline24)
}
