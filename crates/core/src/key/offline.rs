//! The certificate that signs offline invoices.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Certificate, CertificateUsage, KeyError, SignatureAlgorithm, Signer};
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
    /// [`KeyError::NotOffline`] when keyUsage is not nonRepudiation alone, [`KeyError::NotYetValid`],
    /// [`KeyError::Expired`], [`KeyError::SerialNumber`].
    pub fn new(signer: Arc<dyn Signer>, now: Timestamp) -> Result<Self, KeyError> {
        let certificate = signer.certificate();
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

    /// The algorithm CODE II uses with this key: RSASSA-PSS or ECDSA.
    pub fn code_algorithm(&self) -> SignatureAlgorithm {
        if self.certificate().public_key().is_rsa() {
            SignatureAlgorithm::RsaPssSha256
        } else {
            SignatureAlgorithm::EcdsaP256Sha256
        }
    }
}

impl core::fmt::Debug for OfflineCertificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("OfflineCertificate")
            .field("serial", &self.serial)
            .finish_non_exhaustive()
    }
}
