//! Invoices: the document whose bytes never change, and what is read from it.

mod amount;
mod document;
mod error;
mod facts;
pub mod file;
mod kind;
pub mod names;
pub mod validate;

pub use amount::{Amount, AmountError};
pub use document::InvoiceDocument;
pub use error::{InvoiceError, Position};
pub use facts::{Buyer, InvoiceFacts};
pub use kind::InvoiceKind;
