//! Everything that can go wrong at the desk: its own errors and those of the crates it joins.

use std::path::{Path, PathBuf};

use ksef_offline_client::ClientError;
use ksef_offline_core::code::CodeError;
use ksef_offline_core::identifier::IdentifierError;
use ksef_offline_core::invoice::InvoiceError;
use ksef_offline_core::key::{KeyError, SignerError};
use ksef_offline_core::package::PackageError;
use ksef_offline_core::package::plan::PlanError;
use ksef_offline_core::random::RandomError;
use ksef_offline_core::receipt::ReceiptError;
use ksef_offline_core::signature::SignatureError;
use ksef_offline_core::{Bilingual, Diagnostic, Retry};
use ksef_offline_queue::QueueError;
use ksef_offline_render::RenderError;
use thiserror::Error;

use crate::correction::CorrectionFault;
use crate::outages::OutageFault;
use crate::view::FaultView;

/// Why the desk did not do what it was asked to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DeskError {
    /// There is no `config.toml`.
    #[error("there is no configuration at {}; make one with `ksef-offline init`", .0.display())]
    ConfigMissing(PathBuf),
    /// Something in `config.toml` is wrong.
    #[error("config.toml: {}", .0.en)]
    Config(Bilingual),
    /// There is a configuration already.
    #[error("{} exists already; it is not overwritten", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {reason}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The words of the system.
        reason: String,
        /// The kind of fault.
        kind: std::io::ErrorKind,
    },
    /// No Offline certificate is configured.
    #[error(
        "no Offline certificate is configured; enrol one with `ksef-offline certificate enroll --type offline --use`"
    )]
    NoOfflineCertificate,
    /// No login is configured.
    #[error("no login is configured: section [authentication] of config.toml")]
    NoAuthentication,
    /// An environment variable that should hold a secret is not set.
    #[error("the environment variable {0} is not set")]
    VariableMissing(String),
    /// A file that `config.toml` names cannot be read.
    #[error("{}: {reason} (named in config.toml)", .path.display())]
    KeyFileUnreadable {
        /// The file.
        path: PathBuf,
        /// The words of the system.
        reason: String,
        /// The kind of fault.
        kind: std::io::ErrorKind,
    },
    /// A key or certificate file cannot be used.
    #[error("{}: {error}", .path.display())]
    KeyFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: KeyError,
    },
    /// KSeF cannot be reached.
    #[error("KSeF cannot be reached: {0}. Nothing is lost; try again later")]
    KsefUnreachable(ClientError),
    /// The seller of the invoice is not the context's.
    #[error(
        "the seller of the invoice is neither the company of the context nor listed in `sellers` of config.toml"
    )]
    ForeignSeller,
    /// Only invoices in Error may be deleted, only sent ones have receipts, and so on.
    #[error("this is not possible for an invoice in status {0}")]
    WrongStatus(&'static str),
    /// An invoice that has to be sent was to be given up.
    #[error(
        "this invoice has to be sent: only one that was rejected, or that nobody has to send any more, can be given up"
    )]
    StillDue,
    /// The file is no invoice that KSeF would take.
    #[error("the file is not an invoice that KSeF would take")]
    Refused(Vec<FaultView>),
    /// A technical correction is not possible, or the file is none.
    #[error(transparent)]
    Correction(#[from] CorrectionFault),
    /// The end of an outage cannot be entered by hand.
    #[error(transparent)]
    Outage(#[from] OutageFault),
    /// The receipt is not there yet.
    #[error("the receipt of this invoice has not been fetched yet; run `ksef-offline refresh`")]
    NoReceipt,
    /// The invoice is not signed.
    #[error("the invoice is not signed yet, so there is nothing to export")]
    NotSigned,
    /// The invoice has no codes.
    #[error(
        "this invoice has no codes: it is not signed yet, or it was issued during a total failure"
    )]
    NoCodes,
    /// The policy does not let the invoice go any more.
    #[error(
        "the last day of this invoice{} is over, and the policy {policy} does not send it any more",
        .due.map_or(String::new(), |due| format!(", {due},"))
    )]
    PastDeadline {
        /// The last day, in Warsaw.
        due: Option<jiff::civil::Date>,
        /// The name of the policy.
        policy: String,
    },
    /// The operation is not offered for this.
    #[error("{0}")]
    Unsupported(&'static str),
    /// The enrolment ended without a certificate.
    #[error("the enrolment was refused: {code} {description}")]
    EnrollmentRefused {
        /// KSeF's status code.
        code: i32,
        /// KSeF's words.
        description: String,
    },
    /// KSeF's answer does not hold together.
    #[error("the answer of KSeF cannot be used: {0}")]
    Contract(&'static str),
    /// The program is ending.
    #[error("the program was ended while it worked; nothing is lost, the next call goes on")]
    Interrupted,
    /// Another process on this machine is sending.
    #[error("another process is sending from this home; try again when it is done")]
    SendInProgress,
    /// Error of the client.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Error of the queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The file is no invoice.
    #[error(transparent)]
    Invoice(#[from] InvoiceError),
    /// An identifier is malformed.
    #[error(transparent)]
    Identifier(#[from] IdentifierError),
    /// Signing failed.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A code cannot be made or read.
    #[error(transparent)]
    Code(#[from] CodeError),
    /// A package cannot be made.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// The invoices do not fit into sessions.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// A receipt cannot be read.
    #[error(transparent)]
    Receipt(#[from] ReceiptError),
    /// A page cannot be drawn.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// No randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl From<SignerError> for DeskError {
    fn from(error: SignerError) -> Self {
        Self::Signature(SignatureError::Signer(error))
    }
}

impl DeskError {
    /// A fault whose words are the same in both languages: names of the file and values.
    pub(crate) fn config(fault: impl Into<String>) -> Self {
        let fault = fault.into();
        Self::Config(Bilingual::new(fault.clone(), fault))
    }

    pub(crate) fn config_in_both(pl: impl Into<String>, en: impl Into<String>) -> Self {
        Self::Config(Bilingual::new(pl.into(), en.into()))
    }

    /// A fault of the file system at `path`. A full disk of the queue and one of a folder look the same to the user.
    pub fn file(path: &Path, error: &std::io::Error) -> Self {
        Self::File {
            path: path.to_owned(),
            reason: error.to_string(),
            kind: error.kind(),
        }
    }

    /// Whether KSeF cannot be reached, as opposed to having answered something.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::KsefUnreachable(_))
            || matches!(self, Self::Client(error) if error.is_unreachable())
    }

    fn inner(&self) -> Option<&dyn Diagnostic> {
        match self {
            Self::Client(error) => Some(error),
            Self::Queue(error) => Some(error),
            Self::Correction(fault) => Some(fault),
            Self::Outage(fault) => Some(fault),
            Self::Invoice(error) => Some(error),
            Self::Identifier(error) => Some(error),
            Self::Signature(error) => Some(error),
            Self::Key(error) => Some(error),
            Self::Code(error) => Some(error),
            Self::Package(error) => Some(error),
            Self::Plan(error) => Some(error),
            Self::Receipt(error) => Some(error),
            Self::Render(error) => Some(error),
            Self::Random(error) => Some(error),
            _ => None,
        }
    }
}

impl Diagnostic for DeskError {
    fn code(&self) -> &'static str {
        match self {
            Self::ConfigMissing(_) => "config-missing",
            Self::Config(_) => "config-invalid",
            Self::Exists(_) => "file-exists",
            Self::File { kind, .. } | Self::KeyFileUnreadable { kind, .. } => match kind {
                std::io::ErrorKind::NotFound => "file-not-found",
                std::io::ErrorKind::PermissionDenied => "file-permission",
                std::io::ErrorKind::StorageFull
                | std::io::ErrorKind::QuotaExceeded
                | std::io::ErrorKind::FileTooLarge => "disk-full",
                _ => "file-error",
            },
            Self::NoOfflineCertificate => "offline-certificate-missing",
            Self::NoAuthentication => "authentication-missing",
            Self::VariableMissing(_) => "variable-missing",
            Self::KeyFile { error, .. } => error.code(),
            Self::KsefUnreachable(_) => "ksef-unreachable",
            Self::ForeignSeller => "seller-not-allowed",
            Self::WrongStatus(_) => "wrong-status",
            Self::StillDue => "still-due",
            Self::Refused(_) => "invoice-refused",
            Self::NoReceipt => "receipt-missing",
            Self::NotSigned => "not-signed",
            Self::NoCodes => "no-codes",
            Self::PastDeadline { .. } => "past-deadline",
            Self::Unsupported(_) => "unsupported",
            Self::EnrollmentRefused { .. } => "enrollment-refused",
            Self::Contract(_) => "ksef-contract",
            Self::Interrupted => "interrupted",
            Self::SendInProgress => "send-in-progress",
            other => other.inner().map_or("internal", Diagnostic::code),
        }
    }

    fn message(&self) -> Bilingual {
        let pl: String = match self {
            Self::ConfigMissing(path) => {
                format!("nie ma konfiguracji w {}; utwórz ją: `ksef-offline init`", path.display())
            }
            Self::Config(fault) => format!("config.toml: {}", fault.pl),
            Self::Exists(path) => format!("{} już istnieje i nie zostanie nadpisany", path.display()),
            Self::File { path, reason, .. } => format!("{}: {reason}", path.display()),
            Self::NoOfflineCertificate => "nie skonfigurowano certyfikatu Offline; uzyskaj go: `ksef-offline \
                 certificate enroll --type offline --use`"
                .into(),
            Self::NoAuthentication => "nie skonfigurowano logowania: sekcja [authentication] w config.toml".into(),
            Self::VariableMissing(name) => format!("zmienna środowiskowa {name} nie jest ustawiona"),
            Self::KeyFileUnreadable { path, reason, .. } => {
                format!("{}: {reason} (wskazany w config.toml)", path.display())
            }
            Self::KeyFile { path, error } => format!("{}: {}", path.display(), error.message().pl),
            Self::KsefUnreachable(error) => format!(
                "nie można połączyć się z KSeF: {}. Nic nie zginęło; spróbuj później",
                error.message().pl
            ),
            Self::ForeignSeller => {
                "sprzedawcą na fakturze nie jest firma z kontekstu ani żadna z listy `sellers` w config.toml".into()
            }
            Self::WrongStatus(status) => format!("to niemożliwe dla faktury w statusie {status}"),
            Self::StillDue => {
                "tę fakturę trzeba wysłać: zamknąć można tylko odrzuconą albo taką, której wysłać już nie trzeba".into()
            }
            Self::Refused(_) => "plik nie jest fakturą, którą przyjąłby KSeF".into(),
            Self::NoReceipt => "UPO tej faktury nie zostało jeszcze pobrane; uruchom `ksef-offline refresh`".into(),
            Self::NotSigned => "faktura nie jest jeszcze podpisana, nie ma czego eksportować".into(),
            Self::NoCodes => {
                "ta faktura nie ma kodów: nie jest podpisana albo wystawiono ją podczas awarii całkowitej".into()
            }
            Self::PastDeadline { due, policy } => {
                let due = due.map_or(String::new(), |due| format!(", {due},"));
                format!("ostatni dzień tej faktury{due} minął, a zasada {policy} nie pozwala jej już wysłać")
            }
            Self::Unsupported(what) => (*what).to_owned(),
            Self::EnrollmentRefused { code, description } => {
                format!("wniosek o certyfikat odrzucono: {code} {description}")
            }
            Self::Contract(what) => format!("odpowiedzi KSeF nie da się użyć: {what}"),
            Self::Interrupted => {
                "program zakończono w trakcie pracy; nic nie zginęło, następne wywołanie ją dokończy".into()
            }
            Self::SendInProgress => {
                "inny proces wysyła już z tego katalogu; spróbuj, gdy skończy".into()
            }
            other => {
                return other.inner().map_or_else(
                    || Bilingual::new(other.to_string(), other.to_string()),
                    Diagnostic::message,
                );
            }
        };
        Bilingual::new(pl, self.to_string())
    }

    fn retry(&self) -> Retry {
        match self {
            Self::KsefUnreachable(error) => error.retry(),
            Self::SendInProgress | Self::Interrupted => Retry::Now,
            other => other.inner().map_or(Retry::Never, Diagnostic::retry),
        }
    }
}
