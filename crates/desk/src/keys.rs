//! Loading certificates and keys from where `config.toml` says they are.

use std::path::Path;
use std::sync::Arc;

use ksef_offline_core::key::{Identity, KeyError, PrivateKey, SoftwareSigner};
use ksef_offline_core::random::OsRandom;
use zeroize::Zeroizing;

use crate::config::{KeyFiles, KeySource};
use crate::error::DeskError;

/// Reads the pair and checks that it belongs together. A password variable that is not set matters only when a key
/// turns out to be encrypted.
pub(crate) fn load(files: &KeyFiles) -> Result<SoftwareSigner, DeskError> {
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
    let identity = match &files.source {
        KeySource::Pair { certificate, key } => {
            let certificates = read(certificate)?;
            let bytes = Zeroizing::new(read(key)?);
            let key =
                PrivateKey::from_bytes(&bytes, password).map_err(|error| fault(key, error))?;
            Identity::from_certificate_file(&certificates, key)
                .map_err(|error| fault(certificate, error))?
        }
        KeySource::Pkcs12(store) => {
            let bytes = Zeroizing::new(read(store)?);
            Identity::from_pkcs12(&bytes, password.unwrap_or_default())
                .map_err(|error| fault(store, error))?
        }
    };
    Ok(SoftwareSigner::of(identity, Arc::new(OsRandom)))
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
