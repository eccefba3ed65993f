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
use rsa::{Oaep, Pss, RsaPrivateKey};
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use super::public_key::{ELLIPTIC_CURVE, P256, P384, RSA, check_rsa_modulus, pkcs1v15};
use super::{HashAlgorithm, KeyError, PublicKey, SignatureAlgorithm};
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

/// A private key: RSA of 2048 to 8192 bits, P-256 or P-384. Neither `Clone` nor `Debug` gives anything of it away, and its memory is
/// wiped when it is dropped.
pub struct PrivateKey(Kind);

enum Kind {
    Rsa(Box<RsaPrivateKey>),
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
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
        match info.algorithm.oid {
            RSA => Self::from_pkcs1(info.private_key.as_bytes()),
            ELLIPTIC_CURVE => match info.algorithm.parameters_oid() {
                Ok(P256) => p256::SecretKey::try_from(info)
                    .map(|key| Self(Kind::P256(key.into())))
                    .map_err(|_| KeyError::KeyMalformed),
                Ok(P384) => p384::SecretKey::try_from(info)
                    .map(|key| Self(Kind::P384(key.into())))
                    .map_err(|_| KeyError::KeyMalformed),
                _ => Err(KeyError::AlgorithmUnsupported),
            },
            _ => Err(KeyError::AlgorithmUnsupported),
        }
    }

    fn from_sec1(der: &[u8]) -> Result<Self, KeyError> {
        let key = sec1::EcPrivateKey::from_der(der).map_err(|_| KeyError::KeyMalformed)?;
        match (
            key.parameters.and_then(sec1::EcParameters::named_curve),
            key.private_key.len(),
        ) {
            (Some(P256), _) | (None, 32) => p256::SecretKey::from_sec1_der(der)
                .map(|key| Self(Kind::P256(key.into())))
                .map_err(|_| KeyError::KeyMalformed),
            (Some(P384), _) | (None, 48) => p384::SecretKey::from_sec1_der(der)
                .map(|key| Self(Kind::P384(key.into())))
                .map_err(|_| KeyError::KeyMalformed),
            _ => Err(KeyError::AlgorithmUnsupported),
        }
    }

    fn from_pkcs1(der: &[u8]) -> Result<Self, KeyError> {
        let parts = pkcs1::RsaPrivateKeyRef::from_der(der).map_err(|_| KeyError::KeyMalformed)?;
        check_rsa_modulus(parts.modulus.as_bytes())?;
        RsaPrivateKey::from_pkcs1_der(der)
            .map(|key| Self(Kind::Rsa(Box::new(key))))
            .map_err(|_| KeyError::KeyMalformed)
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
            Kind::P384(key) => key.to_pkcs8_der(),
        };
        document
            .map(|document| document.to_bytes())
            .map_err(|_| KeyError::OperationFailed)
    }

    /// The public key that belongs to it.
    pub fn public_key(&self) -> PublicKey {
        match &self.0 {
            Kind::Rsa(key) => PublicKey::rsa(key.to_public_key()),
            Kind::P256(key) => PublicKey::p256(*key.verifying_key()),
            Kind::P384(key) => PublicKey::p384(*key.verifying_key()),
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
            Kind::P384(key) => key.verifying_key().to_public_key_der(),
        };
        document
            .map(der::Document::into_vec)
            .map_err(|_| KeyError::OperationFailed)
    }

    /// Signs `message`. ECDSA signatures are `r||s`, 64 bytes on P-256 and 96 on P-384, and deterministic (RFC 6979).
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
        let digest = algorithm.hash().digest(message);
        match (&self.0, algorithm) {
            (Kind::Rsa(key), SignatureAlgorithm::RsaPkcs1(hash)) => key
                .sign_with_rng(&mut seeded(random)?, pkcs1v15(hash), &digest)
                .map_err(|_| KeyError::OperationFailed),
            (Kind::Rsa(key), SignatureAlgorithm::RsaPss(hash)) => {
                let rng = &mut seeded(random)?;
                match hash {
                    HashAlgorithm::Sha256 => {
                        key.sign_with_rng(rng, Pss::<Sha256>::new_blinded(), &digest)
                    }
                    HashAlgorithm::Sha384 => {
                        key.sign_with_rng(rng, Pss::<Sha384>::new_blinded(), &digest)
                    }
                    HashAlgorithm::Sha512 => {
                        key.sign_with_rng(rng, Pss::<Sha512>::new_blinded(), &digest)
                    }
                }
                .map_err(|_| KeyError::OperationFailed)
            }
            (Kind::P256(key), SignatureAlgorithm::Ecdsa(_)) => {
                let signature: Result<p256::ecdsa::Signature, _> = key.sign_prehash(&digest);
                signature
                    .map(|signature| signature.to_bytes().to_vec())
                    .map_err(|_| KeyError::OperationFailed)
            }
            (Kind::P384(key), SignatureAlgorithm::Ecdsa(_)) => {
                let signature: Result<p384::ecdsa::Signature, _> = key.sign_prehash(&digest);
                signature
                    .map(|signature| signature.to_bytes().to_vec())
                    .map_err(|_| KeyError::OperationFailed)
            }
            _ => Err(KeyError::AlgorithmMismatch),
        }
    }

    /// Decrypts what [`PublicKey::encrypt_oaep`] made.
    ///
    /// # Errors
    /// [`KeyError::AlgorithmMismatch`] for an elliptic-curve key, [`KeyError::DecryptionFailed`], [`KeyError::Random`].
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
