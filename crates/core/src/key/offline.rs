//! The certificate that signs offline invoices.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::signer::{Seal, sign_verified_for};
use super::{
    Certificate, CertificateUsage, HashAlgorithm, KeyAlgorithm, KeyError, SeenStatus,
    SignatureAlgorithm, Signer, SignerError,
};
use crate::identifier::CertificateSerial;

/// How long before its end a certificate should be replaced: KSeF issues them for two years, and an office closes over
/// holidays.
const EXPIRY_WARNING: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A signer that was found fit for offline invoices: its certificate is of type Offline, for an RSA or P-256 key, valid,
/// not known to be revoked, and has a serial number as KSeF gives. Nothing that prints a CODE II takes any other signer.
///
/// It is a [`Signer`] itself. What an external signer gives back is verified against the certificate that was checked,
/// before anybody sees it. Cloning is cheap.
#[derive(Clone)]
pub struct OfflineCertificate {
    signer: Arc<dyn Signer>,
    certificate: Certificate,
    serial: CertificateSerial,
    seen: Option<SeenStatus>,
}

impl OfflineCertificate {
    /// Checks the certificate of `signer` for use at `now`: once for a run of work, and again for one that begins later.
    ///
    /// # Errors
    /// [`KeyError::NotOffline`] for a certificate of type Authentication, [`KeyError::UsageUnfit`] when keyUsage is
    /// anything else than nonRepudiation alone, [`KeyError::CurveNotCertified`], [`KeyError::NotYetValid`],
    /// [`KeyError::Expired`], [`KeyError::SerialNumber`].
    pub fn new(signer: Arc<dyn Signer>, now: Timestamp) -> Result<Self, KeyError> {
        let certificate = signer.certificate().clone();
        match certificate.usage() {
            CertificateUsage::Offline => {}
            CertificateUsage::Authentication => return Err(KeyError::NotOffline),
            CertificateUsage::Other => return Err(KeyError::UsageUnfit),
        }
        if certificate.public_key().algorithm() == KeyAlgorithm::P384 {
            return Err(KeyError::CurveNotCertified);
        }
        certificate.check_validity(now)?;
        let serial = certificate.serial()?;
        Ok(Self {
            signer,
            certificate,
            serial,
            seen: None,
        })
    }

    /// The same certificate with what KSeF was last seen to say of it. KSeF refuses every CODE II that a revoked
    /// certificate signed, also one that was printed before anybody noticed: ask often.
    ///
    /// # Errors
    /// [`KeyError::Revoked`], [`KeyError::Blocked`].
    pub fn with_status(mut self, seen: SeenStatus) -> Result<Self, KeyError> {
        seen.check()?;
        self.seen = Some(seen);
        Ok(self)
    }

    /// The checked signer.
    pub fn signer(&self) -> &dyn Signer {
        self
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The serial number as CODE II carries it.
    pub fn serial(&self) -> CertificateSerial {
        self.serial
    }

    /// What KSeF was last seen to say of it; `None` when nobody asked.
    pub fn seen(&self) -> Option<&SeenStatus> {
        self.seen.as_ref()
    }

    /// When it expires.
    pub fn expires_at(&self) -> Timestamp {
        self.certificate.not_after()
    }

    /// Whether fewer than 30 days are left at `now`: time to enrol the next one.
    pub fn expires_soon(&self, now: Timestamp) -> bool {
        self.expires_at().duration_since(now) < EXPIRY_WARNING
    }

    /// Signs the text of a CODE II link: RSASSA-PSS with an RSA key, ECDSA as `r||s` with a P-256 key.
    ///
    /// # Errors
    /// [`SignerError`], also when an external signer gave something that does not verify.
    pub fn sign_code(&self, text: &[u8]) -> Result<Vec<u8>, SignerError> {
        let algorithm = if self.certificate.public_key().is_rsa() {
            SignatureAlgorithm::RsaPss(HashAlgorithm::Sha256)
        } else {
            SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256)
        };
        self.sign(algorithm, text)
    }
}

impl Signer for OfflineCertificate {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        sign_verified_for(&self.certificate, self.signer.as_ref(), algorithm, message)
    }

    fn needs_no_verifying(&self, _: Seal) -> bool {
        true
    }
}

impl core::fmt::Debug for OfflineCertificate {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("OfflineCertificate")
            .field("serial", &self.serial)
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}
