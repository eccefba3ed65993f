//! Issue invoices while KSeF is away and deliver every one of them when it is back.
//!
//! The facade of ksef-offline: [`Desk`] joins the invoice rules of
//! [`ksef_offline_core`](https://docs.rs/ksef-offline-core), the client of KSeF and Latarnia, and the durable queue. It
//! issues, lists, signs, sends, refreshes, deletes and archives, and answers which mode an invoice is issued in, until
//! when it must be sent, and why.
//!
//! ```no_run
//! use ksef_offline::{Desk, IssueFile, IssueOptions, SendOptions};
//!
//! # async fn day() -> Result<(), ksef_offline::DeskError> {
//! let desk = Desk::open("/var/lib/ksef-offline".as_ref())?;
//! // KSeF is asked first, then Latarnia for the reason; the invoice is issued online or offline by itself.
//! let report = desk.issue(&[IssueFile::read("invoice.xml".as_ref())], IssueOptions::default()).await?;
//! for invoice in &report.issued {
//!     println!("{} must be sent by {:?}", invoice.number, invoice.deadline.due);
//! }
//! // Later: one batch, followed to its end. Nothing is lost if this fails half-way; the next call goes on.
//! desk.send(SendOptions::default(), &|_| ()).await?;
//! # Ok(())
//! # }
//! ```

mod archive;
mod availability;
mod certificates;
mod codes;
pub mod config;
mod desk;
mod dispatch;
mod error;
mod home;
mod issuing;
mod keys;
mod outcome;
mod receipts;
mod sender;
mod session;
mod setup;
mod view;
mod watch;

pub use archive::{ArchiveExportView, ExportedInvoice};
pub use availability::{Availability, AvailabilityView};
pub use certificates::{CertificateLine, EnrolledView, Enrollment};
pub use codes::{Code, CodeFiles, InvoiceCodes, PictureFormat};
pub use config::Config;
pub use desk::{Clock, Desk};
pub use dispatch::{
    OnProgress, Progress, RefreshReport, SendOptions, SendReport, SessionLine, Skipped,
};
pub use error::DeskError;
pub use home::{Home, write_whole};
pub use issuing::{
    FailedFile, FileVerdict, IssueFile, IssueOptions, IssueReport, SignReport, judge,
};
pub use receipts::ReceiptView;
pub use session::{SessionInvoiceView, SessionView, StatusView};
pub use setup::{CustomAddresses, LoginFiles, Setup, SetupView};
pub use view::{DeadlineView, ErrorView, FaultView, HistoryView, InvoiceView, ListView};
pub use watch::{WatchEvent, Watcher};

pub use ksef_offline_client::{CertificateKind, ClientError};
pub use ksef_offline_core as core;
pub use ksef_offline_queue::{ArchiveQuery, InvoiceStatus};
