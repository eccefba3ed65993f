#![doc = include_str!("../../../README.md")]

mod archive;
mod availability;
mod certificate_status;
mod certificates;
mod codes;
pub mod config;
mod convert;
mod correction;
mod deadlines;
mod desk;
mod dispatch;
mod error;
mod evidence;
mod groups;
mod home;
mod interactive;
mod issue_run;
mod issuing;
mod json_form;
mod keys;
mod office;
mod outages;
mod outcome;
#[cfg(feature = "pkcs11")]
mod pkcs11;
mod preview;
mod receipts;
mod sending;
mod sending_right;
mod session;
mod settling;
mod setup;
mod upload;
mod verifying;
mod view;
mod watch;

pub use archive::{ArchiveExportView, ExportedInvoice, check_backup};
pub use availability::{Availability, AvailabilityView, OutageView};
pub use certificate_status::OfflineCertificateView;
pub use certificates::{CertificateLine, EnrolledView, Enrollment};
pub use codes::{Code, CodeFiles, InvoiceCodes, PictureFormat};
pub use config::Config;
pub use convert::{ConvertError, JsonFault, invoice_from_json, invoice_to_json};
pub use correction::{CorrectionFault, CorrectionForecast};
pub use desk::{Clock, Desk};
pub use error::DeskError;
pub use evidence::EvidenceView;
pub use home::{Home, write_whole};
pub use issuing::{
    FailedFile, FileVerdict, FileWarnings, IssueFile, IssueOptions, IssueReport, SignReport, judge,
};
pub use json_form::invoice_schema;
pub use keys::software_signer;
pub use office::{CompanyReport, Office, OfficeReport};
pub use outages::OutageFault;
#[cfg(feature = "pkcs11")]
pub use pkcs11::Pkcs11Signer;
pub use preview::{PreviewContent, PreviewFormat, draw_preview};
pub use receipts::ReceiptView;
pub use sending::{
    OnProgress, Outgoing, Progress, RefreshReport, SendOptions, SendReport, SessionLine, Skipped,
};
pub use session::{SessionInvoiceView, SessionView, StatusView, StoredSessionView};
pub use setup::{CustomAddresses, LoginFiles, Setup, SetupView};
pub use verifying::{read_trust_anchors, verify_code, verify_receipt, verify_signature};
pub use view::{DeadlineView, ErrorView, FaultView, HistoryView, InvoiceView, ListView};
pub use watch::{WatchEvent, WatchOptions, Watcher};

pub use ksef_offline_client::{CertificateKind, ClientError, WatchPace};
pub use ksef_offline_core as core;
pub use ksef_offline_queue::{ArchiveQuery, Cursor, InvoiceStatus};
