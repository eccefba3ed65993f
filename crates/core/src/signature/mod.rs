//! XAdES signatures: made over the exact bytes of an invoice or inside a document that allows it, and verified.
//!
//! Making one takes two steps, so that the key can be anywhere: [`Xades::detached`], [`Xades::enveloping`] and
//! [`Xades::enveloped`] prepare, [`XadesDraft::bytes_to_sign`] goes to the key, [`XadesDraft::attach`] completes.
//! [`sign_detached`] and its sisters do both with a [`Signer`] at hand.
//!
//! An invoice is signed detached or enveloping; FA(3) has no place for an enveloped signature, which is for login
//! documents. [`asic_s`] joins an invoice and its detached signature in one file.
//!
//! Verifying looks at everything a signature says: [`examine`] gives every check by name, [`verify_detached`] and its
//! sisters a `Result`.

mod algorithm;
mod asic;
mod draft;
mod error;
mod properties;
mod verify;
mod xades;

use jiff::Timestamp;

pub use crate::xml::Canonicalization;
pub use asic::{ASIC_S_MEDIA_TYPE, AsicS, asic_s};
pub use draft::XadesDraft;
pub use error::{ContainerFault, SignatureError};
pub use verify::{
    Evidence, SignatureReport, VerifiedSignature, examine, signed_file_name, verify_detached,
    verify_enveloped, verify_enveloping,
};
pub use xades::{ProductionPlace, Profile, SignaturePolicy, Xades};

use crate::invoice::InvoiceDocument;
use crate::key::Signer;

/// Where a signature and what it signs are to each other. Closed: XML signatures know no fourth way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Packaging {
    /// The document is another file, beside the signature or with it in an ASiC container.
    Detached,
    /// The document is inside the signature.
    Enveloping,
    /// The signature is inside the document.
    Enveloped,
}

/// Signs the exact bytes of an invoice by [`Xades::default`]: a document of its own that refers to `file_name`.
///
/// # Errors
/// [`SignatureError::Signer`].
pub fn sign_detached(
    invoice: &InvoiceDocument,
    file_name: &str,
    signer: &dyn Signer,
    at: Timestamp,
) -> Result<Vec<u8>, SignatureError> {
    Xades::default()
        .detached(invoice, file_name, signer.certificate(), at)?
        .sign(signer)
}

/// Signs the exact bytes of an invoice by [`Xades::default`]: a document of its own that carries them.
///
/// # Errors
/// [`SignatureError::Signer`].
pub fn sign_enveloping(
    invoice: &InvoiceDocument,
    signer: &dyn Signer,
    at: Timestamp,
) -> Result<Vec<u8>, SignatureError> {
    Xades::default()
        .enveloping(invoice, signer.certificate(), at)?
        .sign(signer)
}

/// Puts a signature by [`Xades::default`] over the whole document in front of the end of its root element.
///
/// # Errors
/// [`SignatureError::DocumentMalformed`], [`SignatureError::DocumentSigned`], [`SignatureError::Signer`].
pub fn sign_enveloped(
    xml: &[u8],
    signer: &dyn Signer,
    at: Timestamp,
) -> Result<Vec<u8>, SignatureError> {
    Xades::default()
        .enveloped(xml, signer.certificate(), at)?
        .sign(signer)
}
