//! Invoices: the document whose bytes never change, and what is read from it.

mod amount;
pub mod document;
mod facts;
mod kind;
pub mod names;
pub mod validate;

pub use amount::{Amount, AmountError};
pub use document::{InvoiceDocument, InvoiceError, Position};
pub use facts::{Buyer, InvoiceFacts};
pub use kind::InvoiceKind;
