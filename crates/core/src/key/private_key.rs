//! Private keys: read once, checked once, wiped from memory when dropped.

use core::fmt;

use der::Decode as _;
use der::pem::LineEnding;
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use p256::elliptic_curve::Generate as _;
use pkcs1::DecodeRsaPrivateKey as _;
use pkcs8::{
    EncodePrivateKey as _, EncodePublicKey as _, EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef,
};
use rsa::traits::PublicKeyParts as _;
use rsa::{Oaep, Pkcs1v15Sign, Pss, RsaPrivateKey};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{KeyError, PublicKey, SignatureAlgorithm};
use crate::random::{RandomSource, seeded};

/// Kinds of keys KSeF certifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA with 2048 bits.
    Rsa2048,
    /// The elliptic curve P-256, which KSeF recommends: signatures and links are shorter.
    P256,
}

/// A private key of a kind KSeF certifies. Neither `Clone` nor `Debug` gives anything of it away, and its memory is
/// wiped when it is dropped.
pub struct PrivateKey(Kind);

enum Kind {
    Rsa(Box<RsaPrivateKey>),
    P256(p256::ecdsa::SigningKey),
}

impl PrivateKey {
    /// Reads a key in PEM or DER: PKCS#8, plain or encrypted by PBES2, SEC1 or PKCS#1.
    ///
    /// `password` is used only when the key is encrypted.
    ///
    /// # Errors
    /// [`KeyError::PasswordMissing`], [`KeyError::PasswordWrong`] and [`KeyError::EncryptionUnsupported`] for
    /// encrypted keys; [`KeyError::AlgorithmUnsupported`] and [`KeyError::KeyTooShort`] for keys KSeF does not
    /// certify; [`KeyError::KeyMalformed`] for everything else.
    pub fn from_bytes(bytes: &[u8], password: Option<&str>) -> Result<Self, KeyError> {
        let Some(pem) = pem_block(bytes)? else {
            return Self::from_der(bytes, password);
        };
        if pem.windows(10).any(|window| window == b"Proc-Type:") {
            return Err(KeyError::EncryptionUnsupported);
        }
        let (label, der) = der::pem::decode_vec(pem).map_err(|_| KeyError::KeyMalformed)?;
        let der = Zeroizing::new(der);
        match label {
            "PRIVATE KEY" => Self::from_pkcs8(&der),
            "ENCRYPTED PRIVATE KEY" => Self::from_encrypted(&der, password),
            "EC PRIVATE KEY" => Self::from_sec1(&der),
            "RSA PRIVATE KEY" => Self::from_pkcs1(&der),
            _ => Err(KeyError::KeyMalformed),
        }
    }

    fn from_der(der: &[u8], password: Option<&str>) -> Result<Self, KeyError> {
        if EncryptedPrivateKeyInfoRef::from_der(der).is_ok() {
            return Self::from_encrypted(der, password);
        }
        if PrivateKeyInfoRef::from_der(der).is_ok() {
            return Self::from_pkcs8(der);
        }
        Self::from_sec1(der).or_else(|_| Self::from_pkcs1(der))
    }

    fn from_encrypted(der: &[u8], password: Option<&str>) -> Result<Self, KeyError> {
        let encrypted = EncryptedPrivateKeyInfoRef::from_der(der)
            .map_err(|_| KeyError::EncryptionUnsupported)?;
        let password = password.ok_or(KeyError::PasswordMissing)?;
        if encrypted.encryption_algorithm.pbes2().is_none() {
            return Err(KeyError::EncryptionUnsupported);
        }
        let plain = encrypted
            .decrypt(password)
            .map_err(|_| KeyError::PasswordWrong)?;
        // A wrong password passes the padding check once in 256 times and then yields no key.
        match Self::from_pkcs8(plain.as_bytes()) {
            Err(KeyError::KeyMalformed) => Err(KeyError::PasswordWrong),
            result => result,
        }
    }

    pub(super) fn from_pkcs8(der: &[u8]) -> Result<Self, KeyError> {
        let info = PrivateKeyInfoRef::from_der(der).map_err(|_| KeyError::KeyMalformed)?;
        match info.algorithm.oid.to_string().as_str() {
            "1.2.840.113549.1.1.1" => Self::checked_rsa(
                RsaPrivateKey::try_from(info).map_err(|_| KeyError::KeyMalformed)?,
            ),
            "1.2.840.10045.2.1" => {
                let curve = info
                    .algorithm
                    .parameters_oid()
                    .map_err(|_| KeyError::AlgorithmUnsupported)?;
                if curve.to_string() != "1.2.840.10045.3.1.7" {
                    return Err(KeyError::AlgorithmUnsupported);
                }
                let key = p256::SecretKey::try_from(info).map_err(|_| KeyError::KeyMalformed)?;
                Ok(Self(Kind::P256(key.into())))
            }
            _ => Err(KeyError::AlgorithmUnsupported),
        }
    }

    fn from_sec1(der: &[u8]) -> Result<Self, KeyError> {
        let key = sec1::EcPrivateKey::from_der(der).map_err(|_| KeyError::KeyMalformed)?;
        let curve = key.parameters.and_then(sec1::EcParameters::named_curve);
        if curve.is_some_and(|curve| curve.to_string() != "1.2.840.10045.3.1.7") {
            return Err(KeyError::AlgorithmUnsupported);
        }
        let key = p256::SecretKey::from_sec1_der(der).map_err(|_| KeyError::KeyMalformed)?;
        Ok(Self(Kind::P256(key.into())))
    }

    fn from_pkcs1(der: &[u8]) -> Result<Self, KeyError> {
        Self::checked_rsa(RsaPrivateKey::from_pkcs1_der(der).map_err(|_| KeyError::KeyMalformed)?)
    }

    fn checked_rsa(key: RsaPrivateKey) -> Result<Self, KeyError> {
        let bits = key.size() * 8;
        if bits < 2048 {
            return Err(KeyError::KeyTooShort { bits });
        }
        Ok(Self(Kind::Rsa(Box::new(key))))
    }

    /// Makes a new key. RSA takes up to some seconds.
    ///
    /// # Errors
    /// [`KeyError::Random`], [`KeyError::OperationFailed`].
    pub fn generate(kind: KeyKind, random: &dyn RandomSource) -> Result<Self, KeyError> {
        let mut rng = seeded(random)?;
        match kind {
            KeyKind::Rsa2048 => {
                let key =
                    RsaPrivateKey::new(&mut rng, 2048).map_err(|_| KeyError::OperationFailed)?;
                Ok(Self(Kind::Rsa(Box::new(key))))
            }
            KeyKind::P256 => Ok(Self(Kind::P256(
                p256::ecdsa::SigningKey::generate_from_rng(&mut rng),
            ))),
        }
    }

    /// The key as PKCS#8 in PEM; with a password encrypted by PBES2 (scrypt or PBKDF2, AES-256-CBC).
    ///
    /// # Errors
    /// [`KeyError::OperationFailed`], [`KeyError::Random`].
    pub fn to_pkcs8_pem(
        &self,
        password: Option<&str>,
        random: &dyn RandomSource,
    ) -> Result<Zeroizing<String>, KeyError> {
        let plain = self.to_pkcs8_der()?;
        let (label, der) = match password {
            None => ("PRIVATE KEY", plain),
            Some(password) => {
                let info =
                    PrivateKeyInfoRef::from_der(&plain).map_err(|_| KeyError::OperationFailed)?;
                let encrypted = info
                    .encrypt_with_rng(&mut seeded(random)?, password)
                    .map_err(|_| KeyError::OperationFailed)?;
                (
                    "ENCRYPTED PRIVATE KEY",
                    Zeroizing::new(encrypted.as_bytes().to_vec()),
                )
            }
        };
        der::pem::encode_string(label, LineEnding::LF, &der)
            .map(Zeroizing::new)
            .map_err(|_| KeyError::OperationFailed)
    }

    /// The key as plain PKCS#8 in DER.
    ///
    /// # Errors
    /// [`KeyError::OperationFailed`].
    pub fn to_pkcs8_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let document = match &self.0 {
            Kind::Rsa(key) => key.to_pkcs8_der(),
            Kind::P256(key) => key.to_pkcs8_der(),
        };
        document
            .map(|document| document.to_bytes())
            .map_err(|_| KeyError::OperationFailed)
    }

    /// The public key that belongs to it.
    pub fn public_key(&self) -> PublicKey {
        match &self.0 {
            Kind::Rsa(key) => PublicKey::rsa_unchecked(key.to_public_key()),
            Kind::P256(key) => PublicKey::p256(*key.verifying_key()),
        }
    }

    /// The public key as SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`KeyError::OperationFailed`].
    pub fn public_key_der(&self) -> Result<Vec<u8>, KeyError> {
        let document = match &self.0 {
            Kind::Rsa(key) => key.to_public_key().to_public_key_der(),
            Kind::P256(key) => key.verifying_key().to_public_key_der(),
        };
        document
            .map(der::Document::into_vec)
            .map_err(|_| KeyError::OperationFailed)
    }

    /// Signs `message`. ECDSA signatures are `r||s`, 64 bytes, and deterministic (RFC 6979).
    ///
    /// # Errors
    /// [`KeyError::AlgorithmMismatch`] when the algorithm is for the other kind of key, [`KeyError::Random`],
    /// [`KeyError::OperationFailed`].
    pub fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        random: &dyn RandomSource,
    ) -> Result<Vec<u8>, KeyError> {
        let digest = Sha256::digest(message);
        match (&self.0, algorithm) {
            (Kind::Rsa(key), SignatureAlgorithm::RsaPkcs1Sha256) => key
                .sign_with_rng(&mut seeded(random)?, Pkcs1v15Sign::new::<Sha256>(), &digest)
                .map_err(|_| KeyError::OperationFailed),
            (Kind::Rsa(key), SignatureAlgorithm::RsaPssSha256) => key
                .sign_with_rng(&mut seeded(random)?, Pss::<Sha256>::new_blinded(), &digest)
                .map_err(|_| KeyError::OperationFailed),
            (Kind::P256(key), SignatureAlgorithm::EcdsaP256Sha256) => {
                let signature: p256::ecdsa::Signature = key
                    .sign_prehash(&digest)
                    .map_err(|_| KeyError::OperationFailed)?;
                Ok(signature.to_bytes().to_vec())
            }
            _ => Err(KeyError::AlgorithmMismatch),
        }
    }

    /// Decrypts what [`PublicKey::encrypt_oaep`] made.
    ///
    /// # Errors
    /// [`KeyError::AlgorithmMismatch`] for a P-256 key, [`KeyError::DecryptionFailed`], [`KeyError::Random`].
    pub fn decrypt_oaep(
        &self,
        ciphertext: &[u8],
        random: &dyn RandomSource,
    ) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let Kind::Rsa(key) = &self.0 else {
            return Err(KeyError::AlgorithmMismatch);
        };
        key.decrypt_blinded(&mut seeded(random)?, Oaep::<Sha256>::new(), ciphertext)
            .map(Zeroizing::new)
            .map_err(|_| KeyError::DecryptionFailed)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

/// The first block of a PEM file whose label ends in `PRIVATE KEY`; `EC PARAMETERS` and certificates before it are
/// passed over.
fn pem_block(bytes: &[u8]) -> Result<Option<&[u8]>, KeyError> {
    let Ok(text) = core::str::from_utf8(bytes) else {
        return Ok(None);
    };
    let Some(label_end) = text.find("PRIVATE KEY-----") else {
        return if text.contains("-----BEGIN ") {
            Err(KeyError::KeyMalformed)
        } else {
            Ok(None)
        };
    };
    let start = text[..label_end]
        .rfind("-----BEGIN ")
        .ok_or(KeyError::KeyMalformed)?;
    let end_line = text[label_end..]
        .find("-----END ")
        .ok_or(KeyError::KeyMalformed)?
        + label_end;
    let end = text[end_line + 9..]
        .find("-----")
        .ok_or(KeyError::KeyMalformed)?
        + end_line
        + 9
        + 5;
    Ok(Some(&bytes[start..end]))
}
