//! Invoices: the document whose bytes never change, and what is read from it.

mod amount;
pub mod builder;
mod document;
mod error;
mod facts;
pub mod file;
mod kind;
mod layout;
pub mod model;
pub mod names;
mod read;
mod scan;
pub mod validate;
mod write;

pub use amount::{Amount, AmountError};
pub use document::InvoiceDocument;
pub use error::{InvoiceError, Position};
pub use facts::{Buyer, InvoiceFacts};
pub use kind::InvoiceKind;
pub use layout::Layout;
pub use model::Invoice;
pub use read::ReadError;
