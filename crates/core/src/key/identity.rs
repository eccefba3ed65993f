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

    /// Reads a PKCS#12 (PFX) file in DER with a private key, its certificate and any number of others: what OpenSSL,
    /// Windows and `keytool` of today write (PBES2), and what they wrote before (3DES, and RC2 with 40 bits for the
    /// certificates), sealed by HMAC with SHA-1 or SHA-2, or not at all. Of several keys it is the first that has a
    /// certificate.
    ///
    /// What other programs need and this does not read is named by the error, with the commands of OpenSSL that write such
    /// a file anew.
    ///
    /// The reader of the format keeps decrypted copies that it does not wipe; files in PKCS#8 leave none.
    ///
    /// # Errors
    /// [`KeyError::Pkcs12Malformed`], [`KeyError::Pkcs12Ber`], [`KeyError::Pkcs12Encryption`],
    /// [`KeyError::PasswordWrong`]; [`KeyError::Pkcs12Incomplete`] when there is no key or no certificate in it,
    /// [`KeyError::KeyMismatch`] when none of the certificates is the key's; the errors of [`PrivateKey::from_bytes`]
    /// for the key inside.
    pub fn from_pkcs12(bytes: &[u8], password: &str) -> Result<Self, KeyError> {
        let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(|error| match error {
            Pkcs12Error::MacError(_) | Pkcs12Error::UnpadError | Pkcs12Error::Pkcs5Error(_) => {
                KeyError::PasswordWrong
            }
            Pkcs12Error::UnsupportedEncryptionScheme | Pkcs12Error::UnsupportedMacAlgorithm => {
                KeyError::Pkcs12Encryption
            }
            _ if is_ber(bytes) => KeyError::Pkcs12Ber,
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

/// Whether a PKCS#12 file leaves a length open, or its content is a string in pieces: legal in BER and not in DER.
fn is_ber(file: &[u8]) -> bool {
    /// The type `data` and the tag of its content.
    const DATA: &[u8] = b"\x06\x09\x2A\x86\x48\x86\xF7\x0D\x01\x07\x01\xA0";
    let head = &file[..file.len().min(48)];
    let place = head.windows(DATA.len()).position(|bytes| bytes == DATA);
    let Some((length, content)) = place.and_then(|at| head[at + DATA.len()..].split_first()) else {
        return false;
    };
    let more = if *length < 0x80 { 0 } else { length & 0x7F };
    head.starts_with(b"\x30\x80")
        || *length == 0x80
        || content.get(usize::from(more)) == Some(&0x24)
}
