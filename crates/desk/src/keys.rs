//! Loading certificates and keys from where `config.toml` says they are.

use std::path::Path;
use std::sync::Arc;

use ksef_offline_core::key::{Certificate, Identity, KeyError, PrivateKey, Signer};
use ksef_offline_core::random::OsRandom;
use zeroize::Zeroizing;

use crate::config::{DeviceKey, KeyFiles, KeySource};
use crate::error::DeskError;

/// Reads a certificate and its key, or opens the device that holds the key. A password variable that is not set matters
/// only when a key turns out to be encrypted.
pub(crate) fn load(files: &KeyFiles) -> Result<Arc<dyn Signer>, DeskError> {
    let variable = files.password_variable.as_deref();
    let password = variable.and_then(|name| secret(name).ok());
    let password = password.as_deref().map(String::as_str);
    let fault = |path: &Path, error| match (error, variable) {
        (KeyError::PasswordMissing, Some(name)) => DeskError::VariableMissing(name.to_owned()),
        (error, _) => DeskError::KeyFile {
            path: path.to_owned(),
            error,
        },
    };
    let (identity, place) = match &files.source {
        KeySource::Pair { certificate, key } => {
            let certificates = read(certificate)?;
            let bytes = Zeroizing::new(read(key)?);
            let loaded =
                PrivateKey::from_bytes(&bytes, password).map_err(|error| fault(key, error))?;
            let identity = Identity::from_certificate_file(&certificates, loaded)
                .map_err(|error| fault(certificate, error))?;
            (identity, key)
        }
        KeySource::Pkcs12(store) => {
            let bytes = Zeroizing::new(read(store)?);
            let opened = Identity::from_pkcs12(&bytes, password.unwrap_or_default());
            let identity = opened.map_err(|error| match error {
                // The empty password was tried, since none was given.
                KeyError::PasswordWrong if password.is_none() => {
                    fault(store, KeyError::PasswordMissing)
                }
                error => fault(store, error),
            })?;
            (identity, store)
        }
        KeySource::Device { certificate, key } => {
            let loaded = Certificate::from_bytes(&read(certificate)?)
                .map_err(|error| fault(certificate, error))?;
            return device(loaded, key);
        }
    };
    software_signer(identity).map_err(|error| fault(place, error))
}

/// Signs with a key in memory, by the fastest means of this build.
///
/// # Errors
/// What the provider says of a key it does not take.
#[cfg(feature = "aws-lc")]
pub fn software_signer(identity: Identity) -> Result<Arc<dyn Signer>, KeyError> {
    let signer = ksef_offline_core::key::AwsLcSigner::new(identity, Arc::new(OsRandom))?;
    Ok(Arc::new(signer))
}

/// Signs with a key in memory, by the fastest means of this build.
///
/// # Errors
/// What the provider says of a key it does not take.
#[cfg(not(feature = "aws-lc"))]
pub fn software_signer(identity: Identity) -> Result<Arc<dyn Signer>, KeyError> {
    let signer = ksef_offline_core::key::SoftwareSigner::of(identity, Arc::new(OsRandom));
    Ok(Arc::new(signer))
}

#[cfg(feature = "pkcs11")]
fn device(certificate: Certificate, key: &DeviceKey) -> Result<Arc<dyn Signer>, DeskError> {
    let pin = key.pin_variable.as_deref().map(secret).transpose()?;
    let signer = crate::pkcs11::Pkcs11Signer::open(certificate, key.clone(), pin)?;
    Ok(Arc::new(signer))
}

#[cfg(not(feature = "pkcs11"))]
fn device(_: Certificate, _: &DeviceKey) -> Result<Arc<dyn Signer>, DeskError> {
    Err(DeskError::config("pkcs11: this build knows no devices"))
}

/// The value of an environment variable that holds a secret.
pub(crate) fn secret(variable: &str) -> Result<Zeroizing<String>, DeskError> {
    std::env::var(variable)
        .map(Zeroizing::new)
        .map_err(|_| DeskError::VariableMissing(variable.to_owned()))
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, DeskError> {
    std::fs::read(path).map_err(|error| DeskError::KeyFileUnreadable {
        path: path.to_owned(),
        reason: error.to_string(),
        kind: error.kind(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_whose_password_was_not_given_asks_for_it() {
        let store = |name: &str| {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors/keys");
            KeySource::Pkcs12(folder.join(name))
        };
        let mut files = KeyFiles {
            source: store("p256.p12"),
            password_variable: Some("KSEF_OFFLINE_NO_SUCH_VARIABLE".to_owned()),
        };
        let error = load(&files).err();
        assert!(
            matches!(&error, Some(DeskError::VariableMissing(name)) if name.ends_with("SUCH_VARIABLE")),
            "{error:?}"
        );
        files.password_variable = None;
        let error = load(&files).err();
        assert!(
            matches!(
                &error,
                Some(DeskError::KeyFile {
                    error: KeyError::PasswordMissing,
                    ..
                })
            ),
            "{error:?}"
        );
    }
}
