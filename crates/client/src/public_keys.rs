//! The public keys of KSeF: which one to encrypt for, kept until they expire, and thrown away when KSeF withdraws one.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ksef_offline_core::key::{Certificate, PublicKey};
use ksef_offline_core::package::SessionKey;
use tokio::sync::Mutex;

use crate::client::KsefClient;
use crate::error::{ClientError, PUBLIC_KEY_WITHDRAWN};
use crate::retry::Operation;
use crate::transport::{Answer, Method, Request};
use crate::wire::security as wire;
use crate::wire::sessions::Encryption;

/// Longest time a list is trusted, so that a rotation does not have to announce itself by a refusal.
const MAX_AGE: Duration = Duration::from_hours(24);

/// What a public key of KSeF is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyUsage {
    /// Encrypting a KSeF token at login.
    KsefTokenEncryption,
    /// Wrapping the key of a session.
    SymmetricKeyEncryption,
}

impl KeyUsage {
    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::KsefTokenEncryption => "KsefTokenEncryption",
            Self::SymmetricKeyEncryption => "SymmetricKeyEncryption",
        }
    }
}

/// A public key of KSeF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KsefPublicKey {
    /// Its identifier in the API (`publicKeyId`).
    pub id: String,
    /// The key.
    pub key: PublicKey,
    /// From when it is used.
    pub valid_from: Timestamp,
    /// Until when it is used.
    pub valid_to: Timestamp,
    /// What for, by the names of the API.
    pub usages: Vec<String>,
}

/// The list that was fetched last.
#[derive(Default)]
pub(crate) struct PublicKeys {
    cached: Mutex<Option<(Vec<KsefPublicKey>, Instant)>>,
}

impl KsefClient {
    /// Fetches the public keys of KSeF. No login is needed.
    ///
    /// # Errors
    /// Network failures, and [`ClientError::Contract`] for a list that holds no certificates.
    pub async fn public_keys(&self) -> Result<Vec<KsefPublicKey>, ClientError> {
        let request = self.api(
            "public keys",
            Method::Get,
            "/security/public-key-certificates",
        );
        let list: Vec<wire::PublicKeyCertificate> = self
            .call_public(Operation::Read, &request)
            .await?
            .json("the list of public keys")?;
        list.into_iter().map(read).collect()
    }

    /// The key to encrypt with now.
    pub(crate) async fn public_key(&self, usage: KeyUsage) -> Result<KsefPublicKey, ClientError> {
        let mut guard = self.inner.public_keys.cached.lock().await;
        if let Some((keys, fetched)) = guard.as_ref()
            && fetched.elapsed() < MAX_AGE
            && let Some(key) = select(keys, usage, self.now())
        {
            return Ok(key.clone());
        }
        let keys = self.public_keys().await?;
        let selected = select(&keys, usage, self.now()).cloned();
        *guard = Some((keys, Instant::now()));
        selected.ok_or(ClientError::NoPublicKey {
            usage: usage.name(),
        })
    }

    /// Forgets the list: KSeF said that a key of it is withdrawn.
    pub(crate) async fn forget_public_keys(&self) {
        *self.inner.public_keys.cached.lock().await = None;
    }

    /// Makes a call whose body carries a wrapped session key. When KSeF has withdrawn the key it was wrapped with, the
    /// list is fetched again, the key wrapped again and the call made once more.
    pub(crate) async fn call_wrapped(
        &self,
        operation: Operation,
        key: &SessionKey,
        mut request: impl FnMut(Encryption<'_>) -> Result<Request, ClientError>,
    ) -> Result<Answer, ClientError> {
        let mut rotated = false;
        loop {
            let recipient = self.public_key(KeyUsage::SymmetricKeyEncryption).await?;
            let wrapped = key.wrap(&recipient.key, self.inner.random.as_ref())?;
            let request = request(Encryption {
                encrypted_symmetric_key: STANDARD.encode(wrapped),
                initialization_vector: STANDARD.encode(key.initialization_vector()),
                public_key_id: &recipient.id,
            })?;
            match self.call(operation, &request).await {
                Err(error) if !rotated && error.ksef_code() == Some(PUBLIC_KEY_WITHDRAWN) => {
                    tracing::info!("the public key was withdrawn; fetching the new one");
                    rotated = true;
                    self.forget_public_keys().await;
                }
                result => return result,
            }
        }
    }
}

fn read(item: wire::PublicKeyCertificate) -> Result<KsefPublicKey, ClientError> {
    let certificate = STANDARD
        .decode(&item.certificate)
        .ok()
        .and_then(|der| Certificate::from_bytes(&der).ok())
        .ok_or(ClientError::Contract {
            what: "a public key certificate",
        })?;
    Ok(KsefPublicKey {
        id: item.public_key_id,
        key: certificate.public_key().clone(),
        valid_from: item.valid_from.0,
        valid_to: item.valid_to.0,
        usages: item.usage,
    })
}

/// Of the keys for `usage` that are valid now, the one that became valid last.
fn select(keys: &[KsefPublicKey], usage: KeyUsage, now: Timestamp) -> Option<&KsefPublicKey> {
    keys.iter()
        .filter(|key| {
            key.usages.iter().any(|name| name == usage.name())
                && key.valid_from <= now
                && now < key.valid_to
        })
        .max_by_key(|key| key.valid_from)
}

#[cfg(test)]
mod tests {
    use ksef_offline_core::key::{KeyKind, PrivateKey};
    use ksef_offline_core::random::OsRandom;

    use super::*;

    fn key(id: &str, from: &str, to: &str, usages: &[KeyUsage]) -> KsefPublicKey {
        let private = PrivateKey::generate(KeyKind::P256, &OsRandom).unwrap();
        KsefPublicKey {
            id: id.to_owned(),
            key: private.public_key(),
            valid_from: from.parse().unwrap(),
            valid_to: to.parse().unwrap(),
            usages: usages.iter().map(|usage| usage.name().to_owned()).collect(),
        }
    }

    #[test]
    fn the_key_valid_now_that_began_last_is_taken() {
        const BOTH: &[KeyUsage] = &[
            KeyUsage::KsefTokenEncryption,
            KeyUsage::SymmetricKeyEncryption,
        ];
        let keys = [
            key(
                "expired",
                "2025-01-01T00:00:00Z",
                "2026-01-01T00:00:00Z",
                BOTH,
            ),
            key("old", "2025-06-01T00:00:00Z", "2027-01-01T00:00:00Z", BOTH),
            key(
                "new",
                "2026-06-01T00:00:00Z",
                "2028-01-01T00:00:00Z",
                &BOTH[1..],
            ),
            key(
                "future",
                "2027-06-01T00:00:00Z",
                "2029-01-01T00:00:00Z",
                BOTH,
            ),
        ];
        let now = "2026-11-22T20:00:00Z".parse().unwrap();
        let select = |usage| select(&keys, usage, now).map(|key| key.id.as_str());
        assert_eq!(select(KeyUsage::SymmetricKeyEncryption), Some("new"));
        assert_eq!(select(KeyUsage::KsefTokenEncryption), Some("old"));
    }
}
