//! What a desk answers, as plain data.

use ksef_offline as desk;

use crate::code::Code;
use crate::error::{Bilingual, Fault};
use crate::sets::{CertificateKind, DeadlineState, InvoiceStatus, IssueMode, ProgressStage};
use crate::text::{Amount, Day, FilePath, Instant, path_text};

/// An invoice of a desk.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Invoice {
    /// Stable, unique, safe in a file name.
    pub id: String,
    /// Where it was issued from: a path, or the name it was given.
    pub source: Option<String>,
    /// The stored copy, byte for byte what KSeF gets.
    pub file: FilePath,
    /// Invoice number (`P_2`).
    pub number: String,
    /// Kind (`RodzajFaktury`).
    pub kind: String,
    /// Issue date (`P_1`).
    pub issue_date: Day,
    /// NIP of the seller.
    pub seller_nip: String,
    /// Name of the buyer, or the identifier where the invoice gives no name.
    pub buyer: Option<String>,
    /// Total to pay (`P_15`).
    pub gross: Amount,
    /// ISO 4217 code of its currency.
    pub currency: String,
    /// Where it is in its life.
    pub status: InvoiceStatus,
    /// How it was issued.
    pub mode: IssueMode,
    /// SHA-256 of the document, standard Base64.
    pub invoice_hash: String,
    /// The link of CODE I.
    pub code_one: Option<String>,
    /// The link of CODE II.
    pub code_two: Option<String>,
    /// The XAdES document.
    pub signature_file: Option<FilePath>,
    /// Until when it must reach KSeF.
    pub deadline: InvoiceDeadline,
    /// How the VAT ledger (JPK_V7) marks it: `OFF` while an invoice of the emergency mode has no KSeF number.
    pub ledger_marker: Option<String>,
    /// The session that carries it, or carried it with a result.
    pub batch_reference: Option<String>,
    /// The number KSeF gave.
    pub ksef_number: Option<String>,
    /// Why it was rejected.
    pub error: Option<KsefStatus>,
    /// Of a technical correction, the hash of the invoice it takes the place of.
    pub corrects_hash: Option<String>,
}

/// Shows which invoice it is, not what stands in it.
impl core::fmt::Debug for Invoice {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Invoice")
            .field("id", &self.id)
            .field("status", &self.status)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

impl From<desk::InvoiceView> for Invoice {
    fn from(view: desk::InvoiceView) -> Self {
        Self {
            id: view.id,
            source: view.source,
            file: path_text(&view.file),
            number: view.number,
            kind: view.kind.to_owned(),
            issue_date: view.issue_date,
            seller_nip: view.seller_nip,
            buyer: view.buyer,
            gross: view.gross,
            currency: view.currency,
            status: InvoiceStatus::named(view.status),
            mode: IssueMode::named(view.mode),
            invoice_hash: view.invoice_hash,
            code_one: view.code_one,
            code_two: view.code_two,
            signature_file: view.signature_file.as_deref().map(path_text),
            deadline: view.deadline.into(),
            ledger_marker: view.ledger_marker.map(str::to_owned),
            batch_reference: view.batch_reference,
            ksef_number: view.ksef_number,
            error: view.error.map(Into::into),
            corrects_hash: view.corrects_hash,
        }
    }
}

pub(crate) fn all<T, U: From<T>>(views: Vec<T>) -> Vec<U> {
    views.into_iter().map(U::from).collect()
}

/// Until when an invoice of a desk has to reach KSeF, by everything Latarnia ever announced.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct InvoiceDeadline {
    /// The last day in time, in Warsaw.
    pub due: Option<Day>,
    /// Whether there is a last day.
    pub state: DeadlineState,
    /// The article of the VAT Act.
    pub basis: String,
    /// The provisions behind this very deadline.
    pub provisions: String,
    /// Whether the last day is over and the invoice is not with KSeF.
    pub overdue: bool,
    /// Calendar days left, negative when overdue. None without a last day, and once it is sent.
    pub days_left: Option<i64>,
    /// Whether the law and the policy let it go to KSeF now.
    pub may_send: bool,
    /// Which outages and days were counted.
    pub explanation: Bilingual,
}

impl From<desk::DeadlineView> for InvoiceDeadline {
    fn from(view: desk::DeadlineView) -> Self {
        Self {
            due: view.due,
            state: DeadlineState::named(view.state),
            basis: view.basis.to_owned(),
            provisions: view.provisions.to_owned(),
            overdue: view.overdue,
            days_left: view.days_left,
            may_send: view.may_send,
            explanation: view.explanation.into(),
        }
    }
}

/// A status in KSeF's words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct KsefStatus {
    /// KSeF's number for it.
    pub code: i64,
    /// KSeF's description.
    pub description: String,
    /// KSeF's details.
    pub details: Vec<String>,
}

impl From<desk::ErrorView> for KsefStatus {
    fn from(view: desk::ErrorView) -> Self {
        Self {
            code: view.code.into(),
            description: view.description,
            details: view.details,
        }
    }
}

impl From<desk::StatusView> for KsefStatus {
    fn from(view: desk::StatusView) -> Self {
        Self {
            code: view.code,
            description: view.description,
            details: view.details,
        }
    }
}

/// How many invoices there are in each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct StatusCounts {
    /// Waiting for a signer.
    pub pending: u64,
    /// Waiting to be sent.
    pub signed: u64,
    /// In a session with KSeF.
    pub processing: u64,
    /// Accepted.
    pub sent: u64,
    /// Rejected.
    pub error: u64,
}

/// A page of invoices.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct InvoicePage {
    /// The invoices.
    pub invoices: Vec<Invoice>,
    /// Where the next page begins; None on the last.
    pub next: Option<String>,
    /// How many there are in each status; of a search only those that are sent are counted.
    pub counts: StatusCounts,
}

impl From<desk::ListView> for InvoicePage {
    fn from(view: desk::ListView) -> Self {
        let count = |status: desk::InvoiceStatus| view.counts.get(status.name()).copied();
        Self {
            counts: StatusCounts {
                pending: count(desk::InvoiceStatus::Pending).unwrap_or_default(),
                signed: count(desk::InvoiceStatus::Signed).unwrap_or_default(),
                processing: count(desk::InvoiceStatus::Processing).unwrap_or_default(),
                sent: count(desk::InvoiceStatus::Sent).unwrap_or_default(),
                error: count(desk::InvoiceStatus::Error).unwrap_or_default(),
            },
            invoices: all(view.invoices),
            next: view.next,
        }
    }
}

/// One line of an invoice's history.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct HistoryLine {
    /// When.
    pub at: Instant,
    /// What happened, in kebab-case.
    pub event: String,
    /// The status after it. None where it left the queue.
    pub status: Option<InvoiceStatus>,
    /// Why.
    pub cause: String,
}

impl From<desk::HistoryView> for HistoryLine {
    fn from(view: desk::HistoryView) -> Self {
        Self {
            at: view.at,
            event: view.event.to_owned(),
            status: view.status.map(InvoiceStatus::named),
            cause: view.cause,
        }
    }
}

/// On what evidence the mode of an invoice was chosen. What was not asked is None.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Evidence {
    /// When the mode was decided.
    pub at: Instant,
    /// The mode somebody asked for; None when it was found out.
    pub chosen: Option<String>,
    /// `reachable` or `unreachable`.
    pub ksef: Option<String>,
    /// The word of Latarnia, `unreachable`, or `not-asked` where KSeF answered.
    pub latarnia: Option<String>,
    /// The mode that followed.
    pub mode: Option<String>,
    /// `announced`, `unannounced` or `own-network`.
    pub cause: Option<String>,
    /// The same in words.
    pub reason: Option<Bilingual>,
    /// The numbers of the messages Latarnia showed.
    pub messages: Vec<String>,
}

impl From<desk::EvidenceView> for Evidence {
    fn from(view: desk::EvidenceView) -> Self {
        Self {
            at: view.at,
            chosen: view.chosen,
            ksef: view.ksef,
            latarnia: view.latarnia,
            mode: view.mode,
            cause: view.cause,
            reason: view.reason.map(Into::into),
            messages: view.messages,
        }
    }
}

/// A file, or an invoice, that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct FailedFile {
    /// Where it came from; the id of an invoice that was not signed.
    pub file: String,
    /// Everything that is wrong with it.
    pub errors: Vec<Fault>,
}

impl From<desk::FailedFile> for FailedFile {
    fn from(view: desk::FailedFile) -> Self {
        Self {
            file: view.file,
            errors: all(view.errors),
        }
    }
}

/// What looks wrong in a file that was issued nonetheless: KSeF does not refuse it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct FileWarnings {
    /// Where it came from.
    pub file: String,
    /// What a person should look at.
    pub warnings: Vec<Fault>,
}

/// What became of files that were to be issued.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct IssueReport {
    /// The invoices that are in the queue now, those that were there before among them.
    pub issued: Vec<Invoice>,
    /// The files that were refused, and why.
    pub failed: Vec<FailedFile>,
    /// What looks wrong in files that were issued.
    pub warnings: Vec<FileWarnings>,
}

impl From<desk::IssueReport> for IssueReport {
    fn from(view: desk::IssueReport) -> Self {
        let warnings = view.warnings.into_iter();
        Self {
            issued: all(view.issued),
            failed: all(view.failed),
            warnings: warnings
                .map(|file| FileWarnings {
                    file: file.file,
                    warnings: all(file.warnings),
                })
                .collect(),
        }
    }
}

/// What signing came to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SignReport {
    /// The invoices that are signed now.
    pub invoices: Vec<Invoice>,
    /// Those that are not, by id, and why.
    pub failed: Vec<FailedFile>,
}

impl From<desk::SignReport> for SignReport {
    fn from(view: desk::SignReport) -> Self {
        Self {
            invoices: all(view.invoices),
            failed: all(view.failed),
        }
    }
}

/// A session that was opened or followed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SessionLine {
    /// Its reference number.
    pub reference_number: String,
    /// `opened`, `uploading`, `closed`, `completed`, `failed` or `abandoned`.
    pub state: String,
}

/// An invoice that was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Skipped {
    /// Its id.
    pub id: String,
    /// Why.
    pub reason: Fault,
}

/// What sending came to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SendReport {
    /// The sessions that were opened or followed.
    pub sessions: Vec<SessionLine>,
    /// How many invoices were accepted.
    pub sent: u64,
    /// How many were rejected.
    pub rejected: u64,
    /// How many are still in processing, or had a session that came to nothing and wait to be sent again.
    pub processing: u64,
    /// All of them.
    pub invoices: Vec<Invoice>,
    /// Invoices that were not sent, and why.
    pub skipped: Vec<Skipped>,
}

impl From<desk::SendReport> for SendReport {
    fn from(view: desk::SendReport) -> Self {
        let sessions = view.sessions.into_iter();
        let skipped = view.skipped.into_iter();
        Self {
            sessions: sessions
                .map(|session| SessionLine {
                    reference_number: session.reference_number,
                    state: session.state.to_owned(),
                })
                .collect(),
            sent: view.sent as u64,
            rejected: view.rejected as u64,
            processing: view.processing as u64,
            invoices: all(view.invoices),
            skipped: skipped
                .map(|skipped| Skipped {
                    id: skipped.id,
                    reason: skipped.reason.into(),
                })
                .collect(),
        }
    }
}

/// What refreshing came to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct RefreshReport {
    /// Invoices whose status changed or whose receipt came.
    pub changed: Vec<Invoice>,
}

/// How far a call has come, for a progress bar: `done` of `total` steps of this stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Progress {
    /// What it is at.
    pub stage: ProgressStage,
    /// What is done: parts that are uploaded, invoices that are judged or corrected.
    pub done: u64,
    /// Of how many.
    pub total: u64,
    /// While uploading, the bytes that are there; else 0.
    pub bytes_done: u64,
    /// While uploading, all bytes; else 0.
    pub bytes_total: u64,
}

impl From<desk::Progress> for Progress {
    fn from(progress: desk::Progress) -> Self {
        let (stage, done, total) = match progress {
            desk::Progress::Packing { invoices } => (ProgressStage::Packing, 0, invoices),
            desk::Progress::Uploading { done, parts, .. } => {
                (ProgressStage::Uploading, done, parts)
            }
            desk::Progress::Correcting { done, invoices } => {
                (ProgressStage::Correcting, done, invoices)
            }
            desk::Progress::Processing { judged, invoices } => {
                (ProgressStage::Processing, judged, invoices)
            }
            desk::Progress::Receipts => (ProgressStage::Receipts, 0, 0),
            _ => (ProgressStage::Other, 0, 0),
        };
        let (bytes_done, bytes_total) = match progress {
            desk::Progress::Uploading {
                bytes_done, bytes, ..
            } => (bytes_done, bytes),
            _ => (0, 0),
        };
        Self {
            stage,
            done: done as u64,
            total: total as u64,
            bytes_done,
            bytes_total,
        }
    }
}

/// An invoice of a session, as KSeF tells it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SessionInvoice {
    /// Its place, from 1.
    pub ordinal: u32,
    /// Its number (`P_2`), once KSeF has read it.
    pub invoice_number: Option<String>,
    /// Its hash, standard Base64.
    pub invoice_hash: String,
    /// The number KSeF gave.
    pub ksef_number: Option<String>,
    /// Its status.
    pub status: KsefStatus,
}

/// A session and its invoices, as KSeF tells them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SessionReport {
    /// Its reference number.
    pub reference_number: String,
    /// Its status.
    pub status: KsefStatus,
    /// How many invoices it has, as far as KSeF tells.
    pub invoice_count: Option<u32>,
    /// How many of them were accepted, as far as KSeF tells.
    pub accepted_count: Option<u32>,
    /// How many were rejected, as far as KSeF tells.
    pub rejected_count: Option<u32>,
    /// Its invoices.
    pub invoices: Vec<SessionInvoice>,
}

impl From<desk::SessionView> for SessionReport {
    fn from(view: desk::SessionView) -> Self {
        let count = |name| view.counts.get(name).copied();
        let invoices = view.invoices.into_iter();
        Self {
            invoice_count: count("invoices"),
            accepted_count: count("accepted"),
            rejected_count: count("rejected"),
            reference_number: view.reference_number,
            status: view.status.into(),
            invoices: invoices
                .map(|invoice| SessionInvoice {
                    ordinal: invoice.ordinal,
                    invoice_number: invoice.invoice_number,
                    invoice_hash: invoice.invoice_hash,
                    ksef_number: invoice.ksef_number,
                    status: invoice.status.into(),
                })
                .collect(),
        }
    }
}

/// An outage of KSeF, by what Latarnia announced.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Outage {
    /// The numbers of its messages.
    pub name: String,
    /// `FAILURE`, `TOTAL_FAILURE`, `MAINTENANCE`, or a word this version does not know.
    pub category: String,
    /// Its start.
    pub start: Instant,
    /// Its end, if announced.
    pub end: Option<Instant>,
    /// Whether it goes on now, as far as is known.
    pub running: bool,
    /// Whether Latarnia no longer shows it, though no end of it was seen.
    pub withdrawn: bool,
}

impl From<desk::OutageView> for Outage {
    fn from(view: desk::OutageView) -> Self {
        Self {
            name: view.name,
            category: view.category,
            start: view.start,
            end: view.end,
            running: view.running,
            withdrawn: view.withdrawn,
        }
    }
}

/// A message of Latarnia.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Announcement {
    /// Its number, for example `K/2026/AWR/01`.
    pub id: String,
    /// `FAILURE`, `TOTAL_FAILURE`, `MAINTENANCE`, or a word this version does not know.
    pub category: String,
    /// `FAILURE_START`, `FAILURE_END`, `MAINTENANCE_ANNOUNCEMENT`, or a word this version does not know.
    pub kind: String,
    /// The headline.
    pub title: String,
    /// The full text.
    pub text: String,
    /// When the outage began or will begin.
    pub start: Instant,
    /// When it ended or will end, if announced.
    pub end: Option<Instant>,
}

/// The Offline certificate in use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OfflineCertificate {
    /// 16 hexadecimal digits.
    pub serial_number: String,
    /// End of validity.
    pub valid_to: Instant,
    /// Whether fewer than 30 days are left.
    pub expires_soon: bool,
    /// KSeF's word for its state when it was last asked, `NotListed` when it knew none such; None when it was never asked.
    pub status: Option<String>,
    /// When that was.
    pub status_seen: Option<Instant>,
    /// Why KSeF could not be asked now.
    pub status_fault: Option<Fault>,
    /// The NIP in the certificate, when it is neither the context's nor one of the sellers'.
    pub foreign_nip: Option<String>,
}

/// Whether KSeF is there, what Latarnia says, and what follows.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Availability {
    /// Whether KSeF answers.
    pub ksef_reachable: bool,
    /// The word of Latarnia (`AVAILABLE`, `MAINTENANCE`, `FAILURE`, `TOTAL_FAILURE`), or `unreachable`.
    pub latarnia: String,
    /// The mode an invoice would be issued in now.
    pub mode: IssueMode,
    /// Why that mode.
    pub reason: Bilingual,
    /// What keeps KSeF away: `announced`, `unannounced` or `own-network`; None while it answers.
    pub cause: Option<String>,
    /// Whether a fit Offline certificate is at hand.
    pub can_issue_offline: bool,
    /// That certificate.
    pub offline_certificate: Option<OfflineCertificate>,
    /// Why there is none.
    pub offline_certificate_fault: Option<Fault>,
    /// What keeps the configured login from being tried.
    pub authentication_fault: Option<Fault>,
    /// One line for a red box when KSeF cannot be reached; None when all is well.
    pub banner: Option<Bilingual>,
    /// What Latarnia announces now.
    pub messages: Vec<Announcement>,
    /// Outages that go on or are to come, by all that was ever announced.
    pub outages: Vec<Outage>,
    /// Numbers of messages whose kind this version does not know: they move no deadline.
    pub unrecognised: Vec<String>,
    /// How many messages of Latarnia could not be read. Somebody should look: one may announce an outage.
    pub unreadable: u32,
}

impl From<&desk::Availability> for Availability {
    fn from(found: &desk::Availability) -> Self {
        let view = found.view();
        let messages = view.messages.into_iter();
        Self {
            ksef_reachable: found.ksef.is_reachable(),
            latarnia: view.latarnia,
            mode: IssueMode::named(view.mode),
            reason: view.reason.into(),
            cause: view.cause.map(str::to_owned),
            can_issue_offline: view.can_issue_offline,
            offline_certificate: view.offline_certificate.map(|view| OfflineCertificate {
                serial_number: view.serial_number,
                valid_to: view.valid_to,
                expires_soon: view.expires_soon,
                status: view.status,
                status_seen: view.status_seen,
                status_fault: view.status_fault.map(Into::into),
                foreign_nip: view.foreign_nip,
            }),
            offline_certificate_fault: view.offline_certificate_fault.map(Into::into),
            authentication_fault: view.authentication_fault.map(Into::into),
            banner: view.banner.map(Into::into),
            messages: messages
                .map(|message| Announcement {
                    category: message.category.name().to_owned(),
                    kind: message.kind.name().to_owned(),
                    start: message.start.to_string(),
                    end: message.end.map(|end| end.to_string()),
                    id: message.id,
                    title: message.title,
                    text: message.text,
                })
                .collect(),
            outages: all(view.outages),
            unrecognised: view.unrecognised,
            unreadable: view.unreadable.len() as u32,
        }
    }
}

/// The codes that belong on an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct InvoiceCodes {
    /// CODE I: captioned `OFFLINE` until the KSeF number is known, then with that number.
    pub one: Code,
    /// CODE II, on offline invoices that KSeF has not numbered yet.
    pub two: Option<Code>,
}

/// Pictures of codes that were written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CodeFiles {
    /// The files, CODE I first.
    pub files: Vec<FilePath>,
    /// The link of CODE I.
    pub code_one: String,
    /// The link of CODE II, if there is a picture of it.
    pub code_two: Option<String>,
}

impl From<desk::CodeFiles> for CodeFiles {
    fn from(view: desk::CodeFiles) -> Self {
        Self {
            files: view.files.iter().map(|file| path_text(file)).collect(),
            code_one: view.code_one,
            code_two: view.code_two,
        }
    }
}

/// A receipt (UPO) that was written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ReceiptFile {
    /// The file.
    pub file: FilePath,
    /// Whether signature, hash and KSeF number hold.
    pub verified: bool,
    /// Whether the signer's certificate leads to one that is trusted; None where none is known.
    pub trusted: Option<bool>,
}

/// The files of one exported invoice.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ExportedInvoice {
    /// Its id.
    pub id: String,
    /// Its number (`P_2`).
    pub number: String,
    /// The number KSeF gave.
    pub ksef_number: Option<String>,
    /// The invoice.
    pub file: FilePath,
    /// Its signature, if it was issued offline.
    pub signature_file: Option<FilePath>,
    /// Its receipt, once it has come.
    pub receipt_file: Option<FilePath>,
}

/// A part of the archive that was written to a folder.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ArchiveExport {
    /// The folder.
    pub folder: FilePath,
    /// The invoices in it.
    pub invoices: Vec<ExportedInvoice>,
}

impl From<desk::ArchiveExportView> for ArchiveExport {
    fn from(view: desk::ArchiveExportView) -> Self {
        let invoices = view.invoices.into_iter();
        Self {
            folder: path_text(&view.out),
            invoices: invoices
                .map(|invoice| ExportedInvoice {
                    id: invoice.id,
                    number: invoice.number,
                    ksef_number: invoice.ksef_number,
                    file: path_text(&invoice.file),
                    signature_file: invoice.signature_file.as_deref().map(path_text),
                    receipt_file: invoice.receipt_file.as_deref().map(path_text),
                })
                .collect(),
        }
    }
}

/// A certificate that was enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct EnrolledCertificate {
    /// 16 hexadecimal digits.
    pub serial_number: String,
    /// What it is for.
    pub kind: CertificateKind,
    /// Its name at KSeF.
    pub name: String,
    /// The file with the certificate, PEM.
    pub certificate: FilePath,
    /// The file with the key, PKCS#8 PEM, readable by its owner only.
    pub key: FilePath,
    /// Start of validity.
    pub valid_from: Instant,
    /// End of validity.
    pub valid_to: Instant,
}

impl From<desk::EnrolledView> for EnrolledCertificate {
    fn from(view: desk::EnrolledView) -> Self {
        Self {
            serial_number: view.serial_number,
            kind: CertificateKind::named(view.kind),
            name: view.name,
            certificate: path_text(&view.certificate),
            key: path_text(&view.key),
            valid_from: view.valid_from,
            valid_to: view.valid_to,
        }
    }
}

/// A certificate at KSeF.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CertificateLine {
    /// 16 hexadecimal digits.
    pub serial_number: String,
    /// What it is for.
    pub kind: CertificateKind,
    /// Its name.
    pub name: String,
    /// KSeF's word for its state, for example `Active`.
    pub status: String,
    /// Start of validity.
    pub valid_from: Instant,
    /// End of validity.
    pub valid_to: Instant,
}

impl From<desk::CertificateLine> for CertificateLine {
    fn from(view: desk::CertificateLine) -> Self {
        Self {
            serial_number: view.serial_number,
            kind: CertificateKind::named(view.kind),
            name: view.name,
            status: view.status,
            valid_from: view.valid_from,
            valid_to: view.valid_to,
        }
    }
}

/// When a waiting technical correction can be with KSeF at the earliest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CorrectionForecast {
    /// The id of the correction.
    pub id: String,
    /// When it can be sent, if the first one goes now.
    pub earliest: Instant,
    /// The last day in time; None while that is open, or when nothing is due.
    pub due: Option<Day>,
    /// Whether it comes too late even then.
    pub misses_deadline: bool,
}

impl From<desk::CorrectionForecast> for CorrectionForecast {
    fn from(view: desk::CorrectionForecast) -> Self {
        Self {
            id: view.id,
            earliest: view.earliest,
            due: view.due,
            misses_deadline: view.misses_deadline,
        }
    }
}

/// A home that was made.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct HomeFiles {
    /// The folder.
    pub home: FilePath,
    /// The configuration in it.
    pub config: FilePath,
}
