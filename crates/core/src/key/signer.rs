//! The one door to private-key operations: a key in memory, in an HSM, on a card or on a phone looks the same here.

use std::sync::Arc;

use thiserror::Error;

use super::{Certificate, Identity, KeyError, PrivateKey, SignatureAlgorithm};
use crate::diagnostic::{Bilingual, Diagnostic, Retry};
use crate::random::RandomSource;

/// Something that signs with the private key of a certificate: a key in an HSM, on a smart card, in the keystore of a
/// phone, behind another program.
///
/// What an implementation outside this library returns is always verified against the certificate before it is used.
/// The exemption of the library's own signers cannot be claimed:
///
/// ```compile_fail,E0412
/// # use ksef_offline_core::key::{Certificate, SignatureAlgorithm, Signer, SignerError};
/// struct Careless(Certificate);
/// impl Signer for Careless {
///     fn certificate(&self) -> &Certificate { &self.0 }
///     fn sign(&self, _: SignatureAlgorithm, _: &[u8]) -> Result<Vec<u8>, SignerError> { Ok(Vec::new()) }
///     fn needs_no_verifying(&self, _: Seal) -> bool { true } // the type has no path from outside
/// }
/// ```
pub trait Signer: Send + Sync {
    /// The certificate whose key signs. Always the same one.
    fn certificate(&self) -> &Certificate;

    /// Signs `message` (not its digest). Signatures have the form that [`SignatureAlgorithm`] says.
    ///
    /// # Errors
    /// [`SignerError`] when the device refuses or is not there.
    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, SignerError>;

    /// Whether a signature was made, or verified, by this library's own code. Nobody outside can name the argument's
    /// type, and so nobody outside can answer anything but no.
    #[doc(hidden)]
    fn needs_no_verifying(&self, _: Seal) -> bool {
        false
    }
}

mod seal {
    /// Closes a method of a public trait to other crates.
    pub struct Seal;
}
pub(super) use seal::Seal;

/// A signer did not sign.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignerError {
    /// The key refused.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The device or the program that holds the key gave no signature. The text is the device's own; it must carry
    /// no secret.
    #[error("the signing device gave no signature: {0}")]
    Device(String),
    /// The device is not there: a card that was taken out, a reader that was unplugged, a session that cannot be opened
    /// again.
    #[error("the signing device is not there: {0}")]
    DeviceMissing(String),
    /// The device did not take the PIN. It is not tried again: devices lock after a few wrong ones.
    #[error("the signing device does not take the PIN: {0}")]
    PinRefused(String),
    /// What came back is no signature of the certificate's key.
    #[error("the signing device gave a signature that does not verify against its certificate")]
    Unverified,
}

impl Diagnostic for SignerError {
    fn code(&self) -> &'static str {
        match self {
            Self::Key(error) => error.code(),
            Self::Device(_) => "signer-failed",
            Self::DeviceMissing(_) => "signer-device-missing",
            Self::PinRefused(_) => "signer-pin-refused",
            Self::Unverified => "signer-signature-does-not-verify",
        }
    }

    fn message(&self) -> Bilingual {
        match self {
            Self::Key(error) => error.message(),
            Self::Device(reason) => Bilingual::new(
                format!("urządzenie podpisujące nie dało podpisu: {reason}"),
                self.to_string(),
            ),
            Self::DeviceMissing(reason) => Bilingual::new(
                format!("nie ma urządzenia podpisującego: {reason}"),
                self.to_string(),
            ),
            Self::PinRefused(reason) => Bilingual::new(
                format!("urządzenie podpisujące nie przyjmuje kodu PIN: {reason}"),
                self.to_string(),
            ),
            Self::Unverified => Bilingual::new(
                "urządzenie podpisujące dało podpis, który nie zgadza się z jego certyfikatem",
                self.to_string(),
            ),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Key(error) => error.retry(),
            Self::Device(_) | Self::DeviceMissing(_) => Retry::Now,
            Self::PinRefused(_) | Self::Unverified => Retry::Never,
        }
    }
}

/// Signs and, when the signer is not this library's own, verifies what came back.
pub(crate) fn sign_verified(
    signer: &dyn Signer,
    algorithm: SignatureAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, SignerError> {
    sign_verified_for(signer.certificate(), signer, algorithm, message)
}

/// The same for a certificate that was taken from the signer before.
pub(super) fn sign_verified_for(
    certificate: &Certificate,
    signer: &dyn Signer,
    algorithm: SignatureAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, SignerError> {
    let signature = signer.sign(algorithm, message)?;
    if !signer.needs_no_verifying(Seal) {
        certificate
            .public_key()
            .verify(algorithm, message, &signature)
            .map_err(|_| SignerError::Unverified)?;
    }
    Ok(signature)
}

/// A key in memory together with its certificate, in pure Rust. The pair is checked once, when it is made.
pub struct SoftwareSigner {
    identity: Identity,
    random: Arc<dyn RandomSource>,
}

impl SoftwareSigner {
    /// Joins a certificate and its key.
    ///
    /// # Errors
    /// [`KeyError::KeyMismatch`] when they do not belong together.
    pub fn new(
        certificate: Certificate,
        key: PrivateKey,
        random: Arc<dyn RandomSource>,
    ) -> Result<Self, KeyError> {
        Ok(Self::of(Identity::new(certificate, key)?, random))
    }

    /// Signs with an identity.
    pub fn of(identity: Identity, random: Arc<dyn RandomSource>) -> Self {
        Self { identity, random }
    }
}

impl Signer for SoftwareSigner {
    fn certificate(&self) -> &Certificate {
        &self.identity.certificate
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let key = &self.identity.key;
        Ok(key.sign(algorithm, message, self.random.as_ref())?)
    }

    fn needs_no_verifying(&self, _: Seal) -> bool {
        true
    }
}

impl core::fmt::Debug for SoftwareSigner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SoftwareSigner")
            .field("certificate", &self.identity.certificate)
            .finish_non_exhaustive()
    }
}
