//! Keys and certificates: loading them from files, the checks before use, and the signer that everything signed
//! goes through.

mod algorithm;
#[cfg(feature = "aws-lc")]
mod aws_lc;
mod certificate;
mod chain;
mod error;
mod extension;
mod identity;
mod name;
mod offline;
mod pem;
mod private_key;
mod public_key;
pub mod request;
mod signer;
mod status;

pub use algorithm::{HashAlgorithm, KeyAlgorithm, SignatureAlgorithm};
#[cfg(feature = "aws-lc")]
pub use aws_lc::AwsLcSigner;
pub use certificate::{Certificate, CertificateUsage};
pub use chain::TrustAnchors;
pub use error::KeyError;
pub use identity::Identity;
pub use offline::OfflineCertificate;
pub use private_key::{KeyKind, PrivateKey};
pub use public_key::PublicKey;
pub(crate) use signer::sign_verified;
pub use signer::{Signer, SignerError, SoftwareSigner};
pub use status::{CertificateStatus, SeenStatus};
