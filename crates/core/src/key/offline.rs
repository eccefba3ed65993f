//! The certificate that signs offline invoices.

use std::sync::Arc;

use jiff::Timestamp;

use super::signer::sign_verified;
use super::{
    Certificate, CertificateUsage, HashAlgorithm, KeyAlgorithm, KeyError, SignatureAlgorithm,
    Signer, SignerError,
};
use crate::identifier::CertificateSerial;

/// A signer that was found fit for offline invoices: its certificate is of type Offline, valid, and has a serial
/// number as KSeF gives. Nothing that prints a CODE II takes any other signer.
#[derive(Clone)]
pub struct OfflineCertificate {
    signer: Arc<dyn Signer>,
    serial: CertificateSerial,
}

impl OfflineCertificate {
    /// Checks the certificate of `signer` for use at `now`.
    ///
    /// # Errors
    /// [`KeyError::CurveNotCertified`], [`KeyError::NotOffline`] when keyUsage is not nonRepudiation alone, [`KeyError::NotYetValid`],
    /// [`KeyError::Expired`], [`KeyError::SerialNumber`].
    pub fn new(signer: Arc<dyn Signer>, now: Timestamp) -> Result<Self, KeyError> {
        let certificate = signer.certificate();
        if certificate.public_key().algorithm() == KeyAlgorithm::P384 {
            return Err(KeyError::CurveNotCertified);
        }
        if certificate.usage() != CertificateUsage::Offline {
            return Err(KeyError::NotOffline);
        }
        certificate.check_validity(now)?;
        let serial = certificate.serial()?;
        Ok(Self { signer, serial })
    }

    /// The checked signer.
    pub fn signer(&self) -> &dyn Signer {
        self.signer.as_ref()
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        self.signer.certificate()
    }

    /// The serial number as CODE II carries it.
    pub fn serial(&self) -> CertificateSerial {
        self.serial
    }

    /// Signs the text of a CODE II link: RSASSA-PSS with an RSA key, ECDSA as `r||s` with a P-256 key.
    ///
    /// # Errors
    /// [`SignerError`], also when an external signer gave something that does not verify.
    pub fn sign_code(&self, text: &[u8]) -> Result<Vec<u8>, SignerError> {
        let algorithm = if self.certificate().public_key().is_rsa() {
            SignatureAlgorithm::RsaPss(HashAlgorithm::Sha256)
        } else {
            SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256)
        };
        sign_verified(self.signer(), algorithm, text)
    }
}

impl core::fmt::Debug for OfflineCertificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("OfflineCertificate")
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}
