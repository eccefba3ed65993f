//! The two QR codes of an invoice: their links, their captions, their pictures, and reading a link back.
//!
//! CODE I stands on every invoice and leads to the invoice in KSeF. CODE II stands on offline invoices only and carries
//! a signature of the issuer's Offline certificate, so that a buyer can check who issued it before KSeF knows it.

mod caption;
mod code_one;
mod code_two;
mod error;
#[cfg(feature = "image")]
pub mod image;
mod link;
mod verify;

pub use caption::Caption;
pub use code_one::{CodeOne, ParsedCodeOne};
pub use code_two::{CodeTwo, CodeTwoDraft, EcdsaEncoding, ParsedCodeTwo};
pub use error::CodeError;
pub use link::Link;
pub use verify::{CodeKind, CodeReport, Evidence, verify};
