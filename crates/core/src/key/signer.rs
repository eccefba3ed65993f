//! The one door to private-key operations: a key in memory, in an HSM, on a card or on a phone looks the same here.

use std::sync::Arc;

use thiserror::Error;

use super::{Certificate, KeyError, PrivateKey, SignatureAlgorithm};
use crate::diagnostic::{Bilingual, Diagnostic, Retry};
use crate::random::RandomSource;

/// Something that signs with the private key of a certificate.
///
/// Implementations outside this library are not trusted: what they return is verified before it is used.
pub trait Signer: Send + Sync {
    /// The certificate whose key signs.
    fn certificate(&self) -> &Certificate;

    /// Signs `message` (not its digest).
    ///
    /// # Errors
    /// [`SignerError`] when the device refuses or is not there.
    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, SignerError>;

    /// Whether a signature needs no verifying before it is used, because it was made by this library's own code.
    fn is_trusted(&self) -> bool {
        false
    }
}

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
    /// What came back is no signature of the certificate's key.
    #[error("the signing device gave a signature that does not verify against its certificate")]
    Unverified,
}

impl Diagnostic for SignerError {
    fn code(&self) -> &'static str {
        match self {
            Self::Key(error) => error.code(),
            Self::Device(_) => "signer-failed",
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
            Self::Unverified => Bilingual::new(
                "urządzenie podpisujące dało podpis, który nie zgadza się z jego certyfikatem",
                self.to_string(),
            ),
        }
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Key(error) => error.retry(),
            Self::Device(_) => Retry::Now,
            Self::Unverified => Retry::Never,
        }
    }
}

/// Signs and, when the signer is not this library's own, verifies what came back.
pub(crate) fn sign_verified(
    signer: &dyn Signer,
    algorithm: SignatureAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, SignerError> {
    let signature = signer.sign(algorithm, message)?;
    if !signer.is_trusted() {
        signer
            .certificate()
            .public_key()
            .verify(algorithm, message, &signature)
            .map_err(|_| SignerError::Unverified)?;
    }
    Ok(signature)
}

/// A key in memory together with its certificate. The pair is checked once, when it is made.
pub struct SoftwareSigner {
    certificate: Certificate,
    key: PrivateKey,
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
        if *certificate.public_key() != key.public_key() {
            return Err(KeyError::KeyMismatch);
        }
        Ok(Self {
            certificate,
            key,
            random,
        })
    }
}

impl Signer for SoftwareSigner {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        Ok(self.key.sign(algorithm, message, self.random.as_ref())?)
    }

    fn is_trusted(&self) -> bool {
        true
    }
}

impl core::fmt::Debug for SoftwareSigner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("SoftwareSigner")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}
