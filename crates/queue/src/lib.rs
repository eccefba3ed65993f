//! Durable queue of offline invoices: statuses, stores, archive.
//!
//! # The protocol
//! An invoice is issued into the queue and from then on is never lost: its exact bytes, signature, codes, mode and the
//! evidence for it are stored before [`Queue::issue`] returns. It is [`Pending`](InvoiceStatus::Pending) until someone
//! signs it and [`Signed`](InvoiceStatus::Signed) until it is sent.
//!
//! Sending keeps one rule: store first, then act.
//! 1. The sender takes the lease of its context ([`Queue::acquire_sender`]). Everything it stores from here on presents
//!    that lease and is refused when the lease has ended or passed to another sender.
//! 2. It lets KSeF open a session. Should it die now, KSeF holds an empty session that runs out by itself, and the
//!    queue knows nothing of it: the invoices are still Signed, and nothing of them was uploaded.
//! 3. [`Queue::begin_session`] stores the session's reference and moves its invoices to
//!    [`Processing`](InvoiceStatus::Processing) in one transaction. Only now is anything uploaded, and each uploaded part
//!    is recorded.
//! 4. [`Queue::settle`] stores what KSeF says of the session and of each invoice: accepted ones become
//!    [`Sent`](InvoiceStatus::Sent) with their number and leave the queue for the archive, rejected ones become
//!    [`Error`](InvoiceStatus::Error) with the reasons, and those whose session came to nothing become Signed again.
//!
//! A session can end only when none of its invoices is in processing any more. So after a crash at any moment the list
//! of open sessions ([`Queue::open_sessions`]) leads to every invoice whose fate is not known: the sender asks KSeF what
//! it has and settles, and never sends blindly again. Receipts are stored when the invoice is Sent;
//! [`Queue::without_receipt`] lists those still to be fetched.
//!
//! The rules stand once, in [`status::transition`] and [`Queue`]. Stores ([`QueueStore`]) only keep rows in
//! transactions: [`MemoryStore`] for tests and demonstrations, `SqliteStore` for one machine, `PostgresStore` for many
//! workers on many machines.

pub mod status;
pub mod store;

mod entry;
mod error;
mod history;
mod lease;
mod memory;
#[cfg(feature = "postgres")]
mod postgres;
mod query;
mod queue;
mod receipt;
mod rejection;
#[cfg(any(feature = "sqlite", feature = "postgres"))]
mod rows;
mod sending;
mod session;
#[cfg(feature = "sqlite")]
mod sqlite;

pub use entry::{Codes, Corrects, Entry, EntryId, KsefStatus, NewEntry, OfflineProof, Resolution};
pub use error::QueueError;
pub use history::{Change, HistoryLine};
pub use lease::Lease;
pub use memory::MemoryStore;
#[cfg(feature = "postgres")]
pub use postgres::{PostgresAddress, PostgresStore};
pub use query::{ArchiveQuery, Counts, Cursor, ListQuery, Only, PAGE, Page, folded_buyer};
pub use queue::{Issued, Queue};
pub use receipt::{NewReceipt, Receipt, ReceiptId};
pub use rejection::NOTE;
pub use session::{
    NewSession, Outcome, SessionInvoice, SessionKind, SessionProgress, SessionRecord, SessionState,
};
#[cfg(feature = "sqlite")]
pub use sqlite::SqliteStore;
pub use status::{Event, IllegalMove, InvoiceStatus};
pub use store::{QueueStore, TimelineMessage};
