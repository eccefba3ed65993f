//! A private key with its certificate, as they come out of files.

use p12_keystore::Pkcs12Archive;
use p12_keystore::error::Error as Pkcs12Error;

use super::{Certificate, KeyError, PrivateKey};

/// A private key and the certificate of its public half: what a signer in memory is made of.
pub struct Identity {
    pub(super) certificate: Certificate,
    pub(super) key: PrivateKey,
}

impl Identity {
    /// Joins a certificate and its key.
    ///
    /// # Errors
    /// [`KeyError::KeyMismatch`] when they do not belong together.
    pub fn new(certificate: Certificate, key: PrivateKey) -> Result<Self, KeyError> {
        if *certificate.public_key() == key.public_key() {
            Ok(Self { certificate, key })
        } else {
            Err(KeyError::KeyMismatch)
        }
    }

    /// Finds the certificate of `key` in a file: DER, or PEM with any number of certificates in any order.
    ///
    /// # Errors
    /// [`KeyError::KeyMismatch`] when none belongs to the key, and the errors of [`Certificate::from_bytes`] when one
    /// that cannot be read may be the one.
    pub fn from_certificate_file(bytes: &[u8], key: PrivateKey) -> Result<Self, KeyError> {
        let certificates = Certificate::each_from_bytes(bytes);
        if certificates.is_empty() {
            return Err(KeyError::CertificateMalformed);
        }
        Self::matching(certificates, key)
    }

    /// Reads a PKCS#12 (PFX) file with one private key, its certificate and any number of others: encrypted by PBES2
    /// or as older programs do, by 3DES or RC2 with 40 bits, or not encrypted at all. Files of OpenSSL 3 (also `-legacy`)
    /// and of Java's keytool (also its legacy form) were tried.
    ///
    /// The reader of the format keeps decrypted copies that it does not wipe; files in PKCS#8 leave none.
    ///
    /// # Errors
    /// [`KeyError::Pkcs12Malformed`], [`KeyError::PasswordWrong`], [`KeyError::EncryptionUnsupported`];
    /// [`KeyError::Pkcs12Incomplete`] when there is no key or no certificate in it, [`KeyError::KeyMismatch`] when
    /// none of the certificates is the key's; the errors of [`PrivateKey::from_bytes`] for the key inside.
    pub fn from_pkcs12(bytes: &[u8], password: &str) -> Result<Self, KeyError> {
        let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(|error| match error {
            Pkcs12Error::MacError(_) | Pkcs12Error::UnpadError | Pkcs12Error::Pkcs5Error(_) => {
                KeyError::PasswordWrong
            }
            Pkcs12Error::UnsupportedEncryptionScheme | Pkcs12Error::UnsupportedMacAlgorithm => {
                KeyError::EncryptionUnsupported
            }
            _ => KeyError::Pkcs12Malformed,
        })?;
        if archive.keys.is_empty() || archive.certs.is_empty() {
            return Err(KeyError::Pkcs12Incomplete);
        }
        let mut outcome = Err(KeyError::KeyMismatch);
        for bag in &archive.keys {
            let certificates = archive
                .certs
                .iter()
                .map(|bag| Certificate::from_der(bag.cert.as_der().to_vec()))
                .collect();
            outcome = PrivateKey::from_pkcs8(bag.key.as_der())
                .and_then(|key| Self::matching(certificates, key));
            if outcome.is_ok() {
                break;
            }
        }
        outcome
    }

    /// Of several certificates for the key, as after a renewal, the one that is valid longest.
    fn matching(
        certificates: Vec<Result<Certificate, KeyError>>,
        key: PrivateKey,
    ) -> Result<Self, KeyError> {
        let public = key.public_key();
        let mut fault = KeyError::KeyMismatch;
        let mut fitting: Option<Certificate> = None;
        for certificate in certificates {
            match certificate {
                Ok(certificate) if *certificate.public_key() == public => {
                    if fitting
                        .as_ref()
                        .is_none_or(|other| other.not_after() < certificate.not_after())
                    {
                        fitting = Some(certificate);
                    }
                }
                Ok(_) => {}
                Err(error) => fault = error,
            }
        }
        fitting
            .map(|certificate| Self { certificate, key })
            .ok_or(fault)
    }

    /// The certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The private key.
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }
}
