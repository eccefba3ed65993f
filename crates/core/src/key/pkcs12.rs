//! PKCS#12 stores: a key and its certificate in one file.

use p12_keystore::{KeyStore, Pkcs12ImportPolicy};

use super::{Certificate, KeyError, PrivateKey};

/// Reads the private key and its certificate from a PKCS#12 (PFX) file.
///
/// # Errors
/// [`KeyError::Pkcs12Malformed`] when the file has no such pair or does not open with the password (the format does
/// not always tell the two apart: then [`KeyError::PasswordWrong`]); the errors of [`Certificate::from_bytes`] and
/// [`PrivateKey::from_bytes`] for what is inside.
pub fn read_pkcs12(bytes: &[u8], password: &str) -> Result<(Certificate, PrivateKey), KeyError> {
    let store =
        KeyStore::from_pkcs12(bytes, password, Pkcs12ImportPolicy::Relaxed).map_err(|error| {
            match error {
                p12_keystore::error::Error::MacError(_) => KeyError::PasswordWrong,
                _ => KeyError::Pkcs12Malformed,
            }
        })?;
    let (_, chain) = store.private_key_chain().ok_or(KeyError::Pkcs12Malformed)?;
    let certificate = chain.certs().first().ok_or(KeyError::Pkcs12Malformed)?;
    let key = PrivateKey::from_pkcs8(chain.key().as_der())?;
    Ok((Certificate::from_bytes(certificate.as_der())?, key))
}
