//! The facade of ksef-offline in types that cross languages: text, numbers, bytes, and records of them.
//!
//! Every function, record, closed set, error and object that another language sees stands here, once. With the feature
//! `uniffi` they carry the derives that Kotlin and Swift are generated from; the build of `bindings/python` reads these
//! files and writes its classes and their stubs from them ([0016](../../../docs/adr/0016-python-from-the-facade.md)). A
//! binding holds no rule of its own: what is missing there is added here.
//!
//! # How things cross
//! - A day is `YYYY-MM-DD`, an instant RFC 3339, an amount a decimal number, a path a path: text with a name
//!   ([`Day`], [`Instant`], [`Amount`], [`FilePath`]). They come in as text and are parsed by a function that can refuse
//!   them, because a generated binding cannot refuse an argument.
//! - A closed set is an enum without data; where there is no such type, its variants in kebab-case.
//! - Text for people is [`Bilingual`]. Every failure is a [`KsefOfflineError`].
//! - Records whose name ends in `Options` hold what may be left out. Python takes their fields as keyword arguments.
//! - What takes long is async and runs on threads of this library whatever drives the future. It takes a
//!   [`CancelToken`]; a future that is dropped cancels too. Nothing is lost by that: the next call goes on.

mod call;
mod code;
mod deadline;
mod desk;
mod error;
mod invoice;
mod office;
mod preview;
mod records;
mod sets;
mod signature;
mod signer;
mod text;
mod verify;
mod watch;

pub use call::{CancelToken, Driven, block_on, drive, on_thread};
pub use code::{
    Code, CodeTwoDraft, ContextOptions, PictureOptions, code_one, code_one_link, code_picture,
    code_two, prepare_code_two,
};
pub use deadline::{
    Deadline, DeadlineOptions, deadline, is_business_day, next_business_day, today_in_warsaw,
};
pub use desk::options::{
    CustomAddresses, DeskOptions, EnrollOptions, HomeOptions, IssueFile, IssueOptions, ListOptions,
    PreviewOptions, QrOptions, SearchOptions, SendOptions, WatchOptions,
};
pub use desk::{Desk, ProgressListener, check_backup, create_home};
pub use error::{Bilingual, Fault, KsefOfflineError};
pub use invoice::{
    InvoiceSummary, Verdict, invoice_from_json, invoice_hash, invoice_schema, invoice_to_json,
    read_invoice, validate,
};
pub use office::{CompanyReport, Office, OfficeOptions, OfficeReport};
pub use preview::preview_invoice;
pub use records::{
    Announcement, ArchiveExport, Availability, CertificateLine, CodeFiles, CorrectionForecast,
    EnrolledCertificate, Evidence, ExportedInvoice, FailedFile, FileWarnings, HistoryLine,
    HomeFiles, Invoice, InvoiceCodes, InvoiceDeadline, InvoicePage, IssueReport, KsefStatus,
    OfflineCertificate, Outage, Progress, ReceiptFile, RefreshReport, SendReport, SessionInvoice,
    SessionLine, SessionReport, SignReport, Skipped, StatusCounts,
};
pub use sets::{
    CertificateKind, CodeFormat, DeadlinePolicy, DeadlineState, Environment, HomeEnvironment,
    InvoiceStatus, IssueMode, KeyKind, Language, OfflineMode, Packaging, PreviewContent,
    PreviewFormat, ProgressStage, SignatureAlgorithm, WatchEventKind,
};
pub use signature::{SignatureDraft, asic_container, prepare_signature, sign_invoice};
pub use signer::{CertificateInfo, Signer, SigningFault, SigningKey, read_certificate};
pub use text::{Amount, Day, FilePath, Instant};
pub use verify::{
    Check, CodeEvidenceOptions, SignedEvidenceOptions, Verification, verify_code, verify_receipt,
    verify_signature,
};
pub use watch::{WatchEvent, Watcher};

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!("ksef_offline");

/// The version of this library, for example `0.1.0`.
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
