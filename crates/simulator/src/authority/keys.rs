//! The RSA keys that clients encrypt for: session keys with one, KSeF tokens with the other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::key::{Certificate, KeyError, KeyKind, PrivateKey};
use ksef_offline_core::random::OsRandom;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Authority, Usage, pem, request};

const KEY_VALIDITY: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

/// What a key is for, in the words of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum KeyUsage {
    KsefTokenEncryption,
    SymmetricKeyEncryption,
}

/// A key of KSeF with its certificate.
pub(crate) struct EncryptionKey {
    pub(crate) usage: KeyUsage,
    pub(crate) certificate: Certificate,
    /// Base64 of the SHA-256 of the public key: what requests name it by.
    pub(crate) id: String,
    key: PrivateKey,
    stored: StoredKey,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredKey {
    usage: KeyUsage,
    key: String,
    certificate: String,
}

impl EncryptionKey {
    fn generate(usage: KeyUsage, authority: &Authority, now: Timestamp) -> Result<Self, KeyError> {
        let key = PrivateKey::generate(KeyKind::Rsa2048, &OsRandom)?;
        let name = match usage {
            KeyUsage::KsefTokenEncryption => "KSeF Simulator Token Encryption",
            KeyUsage::SymmetricKeyEncryption => "KSeF Simulator Symmetric Key Encryption",
        };
        let certificate =
            authority.issue(&request(name, &key)?, Usage::Encryption, now, KEY_VALIDITY)?;
        Self::restore(StoredKey {
            usage,
            key: pem(&key)?,
            certificate: certificate.to_pem(),
        })
    }

    pub(crate) fn restore(stored: StoredKey) -> Result<Self, KeyError> {
        let key = PrivateKey::from_bytes(stored.key.as_bytes(), None)?;
        Ok(Self {
            usage: stored.usage,
            certificate: Certificate::from_bytes(stored.certificate.as_bytes())?,
            id: STANDARD.encode(Sha256::digest(key.public_key_der()?)),
            key,
            stored,
        })
    }

    pub(crate) fn stored(&self) -> &StoredKey {
        &self.stored
    }

    /// Undoes RSA-OAEP; `None` when the ciphertext was not made for this key.
    pub(crate) fn decrypt(&self, ciphertext: &[u8]) -> Option<Vec<u8>> {
        // EXPOSE: session keys and tokens of a simulator, needed in clear to open what was sent.
        self.key
            .decrypt_oaep(ciphertext, &OsRandom)
            .ok()
            .map(|plain| plain.to_vec())
    }
}

/// Makes a fresh key for each usage, in parallel: each takes a moment.
pub(crate) fn generate_keys(
    authority: &Authority,
    now: Timestamp,
) -> Result<[EncryptionKey; 2], KeyError> {
    std::thread::scope(|scope| {
        let token =
            scope.spawn(|| EncryptionKey::generate(KeyUsage::KsefTokenEncryption, authority, now));
        let symmetric = EncryptionKey::generate(KeyUsage::SymmetricKeyEncryption, authority, now)?;
        let token = token.join().map_err(|_| KeyError::OperationFailed)??;
        Ok([token, symmetric])
    })
}
