//! Offline invoices as a person reads them: bytes in, bytes out.
//!
//! A page is one HTML file that holds everything it shows: no scripts, no fonts, no pictures from elsewhere, and a policy
//! in its head that forbids them. It says all that the document says. Elements this version does not know are shown too,
//! under their names in words.

mod codes;
mod error;
mod fields;
mod html;
mod invoice;
mod schema;
mod value;

pub use codes::{Code, codes_sheet_html};
pub use error::RenderError;
pub use invoice::invoice_html;
