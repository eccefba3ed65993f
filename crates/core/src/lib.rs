//! Everything about an offline KSeF invoice that needs no input or output: reading and judging FA(3)
//! documents, signatures, QR codes, deadlines, packages and receipts.
//!
//! Nothing here reads a clock, a file, the environment or the network, and randomness comes in as a
//! [`random::RandomSource`]. The same calls therefore give the same results on a server, on a phone and in a test.

pub mod check;
pub mod code;
pub mod deadline;
pub mod diagnostic;
pub mod environment;
pub mod identifier;
pub mod invoice;
pub mod key;
pub mod login;
pub mod package;
pub mod random;
pub mod receipt;
pub mod signature;
mod xml;

pub use diagnostic::{Bilingual, Diagnostic, Language, Retry};
