//! Async client of KSeF 2.0 (API 2.9) and of its status service Latarnia, for invoices issued offline.
//!
//! A [`KsefClient`] is built once for an environment and a context and shared by all tasks: it logs in when the first
//! call needs it, keeps the access token fresh for everybody, and starts over when the login has run out.
//!
//! ```no_run
//! # use std::sync::Arc;
//! # use ksef_offline_client::{ClientError, Credentials, KsefClient};
//! # use ksef_offline_core::environment::Environment;
//! # use ksef_offline_core::identifier::ContextIdentifier;
//! # use ksef_offline_core::key::Signer;
//! # async fn example(signer: Arc<dyn Signer>, context: ContextIdentifier) -> Result<(), ClientError> {
//! let client = KsefClient::builder(Environment::test(), context)
//!     .credentials(Credentials::Xades(signer))
//!     .build()?;
//! if client.probe().await.is_ok() {
//!     let limits = client.certificate_limits().await?;
//!     println!("{} certificates can be enrolled", limits.certificates.remaining);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Sending a batch
//! [`KsefClient::open_batch`] answers before a byte is uploaded: the caller writes the session's reference number down,
//! then uploads each part with [`KsefClient::upload_part`] and closes with [`KsefClient::close_batch`]. After a crash or
//! a lost answer the status of the session and the hashes of its invoices tell what KSeF has.
//!
//! # Is KSeF there?
//! [`KsefClient::observe`] asks KSeF and Latarnia once, and a [`Watcher`] again and again at a [`WatchPace`] that bothers
//! nobody. Neither ever fails: that nothing answers is what they are there to find.
//!
//! # What is repeated, and what is not
//! Calls that only read, uploads and closing are repeated after failures by the [`retry`] policy. A call that changes
//! something is never repeated when its answer was lost: [`ClientError::may_have_happened`] says so, and the caller asks.
//! Every call waits until it stays within KSeF's rate limits; a [`LimiterStore`] lets processes that follow each other
//! count as the one client they are for KSeF.

mod batch;
mod certificates;
mod client;
mod enrollment;
mod error;
mod interactive;
mod latarnia;
mod limiter;
mod limits;
mod pages;
mod parts;
mod public_keys;
mod receipt;
pub mod retry;
mod session;
mod status;
mod transport;
mod watch;
mod wire;

pub use batch::{OpenBatch, PartUpload};
pub use certificates::{
    CertificateFilter, CertificateKind, CertificateLimit, CertificateLimits, CertificateListing,
    CertificateRecord, RevocationReason,
};
pub use client::{ClientBuilder, Credentials, KsefClient};
pub use enrollment::EnrollmentState;
pub use error::{ClientError, KsefErrorItem, KsefRefusal, NetworkKind, StatusRefusal};
pub use interactive::{InteractiveSession, OutgoingInvoice};
pub use latarnia::LatarniaReport;
pub use limiter::LimiterStore;
pub use limits::{ContextLimits, RateLimit, RateLimits, SubjectLimits};
pub use pages::InvoicePages;
pub use parts::{FileParts, PartSource, SpooledPart, SpooledParts};
pub use public_keys::{KeyUsage, KsefPublicKey};
pub use session::Login;
pub use status::{
    InvoiceStatus, SessionFilter, SessionKind, SessionPhase, SessionStatus, SessionSummary, Status,
    UpoPage,
};
pub use transport::Timeouts;
pub use watch::{Observation, WatchPace, Watcher};
