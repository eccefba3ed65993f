//! Who signs: keys of this library's, and keys of anybody else's.

use std::sync::Arc;

use ksef_offline::core::key::{self, Certificate, Identity, KeyAlgorithm, PrivateKey, SignerError};
use thiserror::Error;

use crate::error::KsefOfflineError;
use crate::sets::{CertificateKind, SignatureAlgorithm};
use crate::text::Instant;

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CertificateInfo {
    /// The serial number as CODE II carries it: 16 hexadecimal digits. None for one that KSeF does not give.
    pub serial_number: Option<String>,
    /// What KSeF issued it for. None for a certificate that is neither.
    pub kind: Option<CertificateKind>,
    /// Whom it is of, in the form of RFC 4514.
    pub subject: String,
    /// Who issued it, in the form of RFC 4514.
    pub issuer: String,
    /// The kind of its key: `rsa-2048` (with the bits of the key), `p256` or `p384`.
    pub key: String,
    /// SHA-256 of the certificate, 64 hexadecimal digits.
    pub fingerprint: String,
    /// Start of validity.
    pub valid_from: Instant,
    /// End of validity.
    pub valid_to: Instant,
}

impl From<&Certificate> for CertificateInfo {
    fn from(certificate: &Certificate) -> Self {
        Self {
            serial_number: certificate.serial().ok().map(|serial| serial.to_string()),
            kind: match certificate.usage() {
                key::CertificateUsage::Offline => Some(CertificateKind::Offline),
                key::CertificateUsage::Authentication => Some(CertificateKind::Authentication),
                _ => None,
            },
            subject: certificate.subject(),
            issuer: certificate.issuer(),
            key: match certificate.public_key().algorithm() {
                KeyAlgorithm::Rsa { bits } => format!("rsa-{bits}"),
                KeyAlgorithm::P256 => "p256".to_owned(),
                KeyAlgorithm::P384 => "p384".to_owned(),
                _ => "other".to_owned(),
            },
            fingerprint: certificate
                .fingerprint()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            valid_from: certificate.not_before().to_string(),
            valid_to: certificate.not_after().to_string(),
        }
    }
}

/// What a certificate says, in PEM or DER. Of several in one PEM file the first.
///
/// # Errors
/// The codes of a file that is no certificate, `certificate-malformed` among them.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn read_certificate(certificate: Vec<u8>) -> Result<CertificateInfo, KsefOfflineError> {
    Ok((&Certificate::from_bytes(&certificate)?).into())
}

/// Why a foreign key gave no signature.
///
/// Whatever else it raises counts as `Failed`. The reason is shown to people: it must carry no secret.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Error))]
pub enum SigningFault {
    /// It refused or broke.
    #[error("{reason}")]
    Failed {
        /// Why.
        reason: String,
    },
    /// It is not there: a card that was taken out, a phone that is locked.
    #[error("{reason}")]
    Missing {
        /// Why.
        reason: String,
    },
    /// It did not take the PIN. It is not asked again.
    #[error("{reason}")]
    PinRefused {
        /// Why.
        reason: String,
    },
}

#[cfg(feature = "uniffi")]
impl From<uniffi::UnexpectedUniFFICallbackError> for SigningFault {
    fn from(error: uniffi::UnexpectedUniFFICallbackError) -> Self {
        Self::Failed {
            reason: error.reason,
        }
    }
}

/// A private key outside this library: in an HSM, on a card, in the keystore of a phone, behind a service.
///
/// It may block, and is called from any thread, also from several at once. What it gives is verified against the
/// certificate before anything is made of it: a wrong signature is the error `signer-signature-does-not-verify`.
#[cfg_attr(feature = "uniffi", uniffi::export(with_foreign))]
pub trait SigningKey: Send + Sync {
    /// The signature of `bytes` (not of their digest) by `algorithm`.
    ///
    /// # Errors
    /// What the key or its device says.
    fn sign(&self, algorithm: SignatureAlgorithm, bytes: Vec<u8>) -> Result<Vec<u8>, SigningFault>;
}

/// A certificate and whoever signs with its key.
#[derive(Clone)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Signer {
    signer: Arc<dyn key::Signer>,
}

// Exported methods own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
impl Signer {
    /// A certificate and its key from the bytes of their files: PEM or DER; the key as PKCS#8 (plain or encrypted), SEC1
    /// or PKCS#1. `password` matters only when the key is encrypted.
    ///
    /// # Errors
    /// `key-mismatch` when the two do not belong together, and what makes either unreadable.
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub fn from_files(
        certificate: Vec<u8>,
        key: Vec<u8>,
        password: Option<String>,
    ) -> Result<Arc<Self>, KsefOfflineError> {
        let key = PrivateKey::from_bytes(&key, password.as_deref())?;
        Self::of(Identity::from_certificate_file(&certificate, key)?)
    }

    /// A certificate and its key from the bytes of a PKCS#12 store.
    ///
    /// # Errors
    /// `key-password-wrong`, and what makes a store unreadable.
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub fn from_pkcs12(store: Vec<u8>, password: String) -> Result<Arc<Self>, KsefOfflineError> {
        Self::of(Identity::from_pkcs12(&store, &password)?)
    }

    /// A certificate (PEM or DER) whose key is somewhere else.
    ///
    /// # Errors
    /// What makes a certificate unreadable.
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub fn foreign(
        certificate: Vec<u8>,
        key: Arc<dyn SigningKey>,
    ) -> Result<Arc<Self>, KsefOfflineError> {
        let certificate = Certificate::from_bytes(&certificate)?;
        Ok(Arc::new(Self {
            signer: Arc::new(Foreign { certificate, key }),
        }))
    }

    /// What the certificate says.
    pub fn certificate(&self) -> CertificateInfo {
        self.signer.certificate().into()
    }
}

impl Signer {
    fn of(identity: Identity) -> Result<Arc<Self>, KsefOfflineError> {
        Ok(Arc::new(Self {
            signer: ksef_offline::software_signer(identity)?,
        }))
    }

    pub(crate) fn signer(&self) -> Arc<dyn key::Signer> {
        Arc::clone(&self.signer)
    }
}

impl core::fmt::Debug for Signer {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Signer").finish_non_exhaustive()
    }
}

struct Foreign {
    certificate: Certificate,
    key: Arc<dyn SigningKey>,
}

impl key::Signer for Foreign {
    fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    fn sign(
        &self,
        algorithm: key::SignatureAlgorithm,
        message: &[u8],
    ) -> Result<Vec<u8>, SignerError> {
        let algorithm = SignatureAlgorithm::of(algorithm)
            .ok_or_else(|| SignerError::Device("unknown algorithm".to_owned()))?;
        self.key
            .sign(algorithm, message.to_vec())
            .map_err(|fault| match fault {
                SigningFault::Failed { reason } => SignerError::Device(reason),
                SigningFault::Missing { reason } => SignerError::DeviceMissing(reason),
                SigningFault::PinRefused { reason } => SignerError::PinRefused(reason),
            })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use ksef_offline::core::key::HashAlgorithm;
    use ksef_offline::core::random::OsRandom;

    use super::*;
    use crate::code::{ContextOptions, code_two, prepare_code_two};
    use crate::sets::{Environment, Packaging};
    use crate::signature::{prepare_signature, sign_invoice};
    use crate::verify::{
        CodeEvidenceOptions, SignedEvidenceOptions, verify_code, verify_signature,
    };

    const CERTIFICATE: &[u8] = include_bytes!("../../../tests/vectors/keys/p256-offline.crt");
    const KEY: &[u8] = include_bytes!("../../../tests/vectors/keys/p256-pkcs8.pem");
    const INVOICE: &[u8] = include_bytes!("../../../examples/invoices/01-vat-domestic.xml");

    /// A key of another language's, as far as this library can tell.
    struct Elsewhere(Mutex<Result<Vec<u8>, SigningFault>>);

    impl SigningKey for Elsewhere {
        fn sign(
            &self,
            algorithm: SignatureAlgorithm,
            bytes: Vec<u8>,
        ) -> Result<Vec<u8>, SigningFault> {
            assert_eq!(algorithm, SignatureAlgorithm::EcdsaSha256);
            let answer = self.0.lock().unwrap().clone()?;
            Ok(if answer.is_empty() {
                signed(&bytes)
            } else {
                answer
            })
        }
    }

    fn signed(bytes: &[u8]) -> Vec<u8> {
        let key = PrivateKey::from_bytes(KEY, None).unwrap();
        let algorithm = key::SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256);
        key.sign(algorithm, bytes, &OsRandom).unwrap()
    }

    fn signer(answer: Result<Vec<u8>, SigningFault>) -> Arc<Signer> {
        let key = Arc::new(Elsewhere(Mutex::new(answer)));
        Signer::foreign(CERTIFICATE.to_vec(), key).unwrap()
    }

    fn code_by(signer: Arc<Signer>) -> Result<String, KsefOfflineError> {
        let options = ContextOptions::default();
        Ok(code_two(Environment::Test, INVOICE.to_vec(), signer, options)?.link)
    }

    fn holds(link: String) -> bool {
        let evidence = CodeEvidenceOptions {
            invoice: Some(INVOICE.to_vec()),
            certificate: Some(CERTIFICATE.to_vec()),
            ..CodeEvidenceOptions::default()
        };
        verify_code(link, evidence).unwrap().valid
    }

    #[test]
    fn a_key_elsewhere_signs_as_one_in_memory_does() {
        let own = Signer::from_files(CERTIFICATE.to_vec(), KEY.to_vec(), None).unwrap();
        for signer in [own, signer(Ok(Vec::new()))] {
            assert!(holds(code_by(Arc::clone(&signer)).unwrap()));
            let name = "invoice.xml".to_owned();
            let signature =
                sign_invoice(INVOICE.to_vec(), signer, Packaging::Detached, name).unwrap();
            let evidence = SignedEvidenceOptions {
                invoice: Some(INVOICE.to_vec()),
                ..SignedEvidenceOptions::default()
            };
            assert!(verify_signature(signature, evidence).unwrap().valid);
        }
    }

    #[test]
    fn what_a_key_elsewhere_says_arrives_and_a_wrong_signature_does_not() {
        let reason = || "card taken out".to_owned();
        for (answer, code) in [
            (Ok(vec![7; 64]), "signer-signature-does-not-verify"),
            (
                Err(SigningFault::Failed { reason: reason() }),
                "signer-failed",
            ),
            (
                Err(SigningFault::Missing { reason: reason() }),
                "signer-device-missing",
            ),
            (
                Err(SigningFault::PinRefused { reason: reason() }),
                "signer-pin-refused",
            ),
        ] {
            let is_fault = answer.is_err();
            let refused = code_by(signer(answer)).unwrap_err();
            assert_eq!(refused.code(), code);
            assert_eq!(refused.to_string().contains("card taken out"), is_fault);
        }
    }

    #[test]
    fn two_steps_give_what_one_gives_and_a_draft_is_finished_once() {
        let unused = signer(Err(SigningFault::Failed {
            reason: "never asked".to_owned(),
        }));
        let options = ContextOptions::default();
        let draft = prepare_code_two(Environment::Test, INVOICE.to_vec(), unused, options).unwrap();
        let code = draft.attach(signed(&draft.bytes_to_sign())).unwrap();
        assert!(holds(code.link));
        assert_eq!(draft.attach(vec![0; 64]).unwrap_err().code(), "draft-spent");

        let name = "invoice.xml".to_owned();
        let draft = prepare_signature(
            INVOICE.to_vec(),
            CERTIFICATE.to_vec(),
            Packaging::Enveloping,
            name,
        )
        .unwrap();
        assert_eq!(draft.algorithm().unwrap(), SignatureAlgorithm::EcdsaSha256);
        let signature = draft.attach(signed(&draft.bytes_to_sign())).unwrap();
        let evidence = SignedEvidenceOptions::default();
        assert!(verify_signature(signature, evidence).unwrap().valid);
    }

    #[test]
    fn a_certificate_tells_what_it_is_for() {
        let info = read_certificate(CERTIFICATE.to_vec()).unwrap();
        assert_eq!(info.kind, Some(CertificateKind::Offline));
        assert_eq!(info.key, "p256");
        assert_eq!(info.fingerprint.len(), 64);
        assert!(info.valid_from < info.valid_to);
    }
}
