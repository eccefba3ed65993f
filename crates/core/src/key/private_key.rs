//! Private keys: read once, checked once, wiped from memory when dropped.

use der::asn1::OctetStringRef;
use der::pem::LineEnding;
use der::{Decode as _, Sequence};
use p256::ecdsa::signature::hazmat::PrehashSigner as _;
use p256::elliptic_curve::Generate as _;
use pkcs1::DecodeRsaPrivateKey as _;
use pkcs5::pbes2::Kdf;
use pkcs8::{
    EncodePrivateKey as _, EncodePublicKey as _, EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef,
};
use rsa::{Oaep, Pss, RsaPrivateKey};
use sha2::{Sha256, Sha384, Sha512};
use spki::AlgorithmIdentifierRef;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use super::pem::{self, Content};
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

/// A private key: RSA of 2048 to 8192 bits, P-256 or P-384. It cannot be cloned or
/// printed, and its memory is wiped when it is dropped.
///
/// ```compile_fail,E0277
/// fn printed(key: &ksef_offline_core::key::PrivateKey) -> String { format!("{key:?}") }
/// ```
///
/// ```compile_fail,E0277
/// fn cloned<T: Clone>() {}
/// cloned::<ksef_offline_core::key::PrivateKey>();
/// ```
pub struct PrivateKey(Kind);

enum Kind {
    Rsa(Box<RsaPrivateKey>),
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
}

impl PrivateKey {
    /// Reads a key in PEM or DER: PKCS#8, plain or encrypted by PBES2 (PBKDF2 or scrypt; AES or 3DES), SEC1 or PKCS#1.
    /// Of a PEM file the first private key is taken; certificates and text around it do not matter.
    ///
    /// `password` is used only when the key is encrypted.
    ///
    /// # Errors
    /// [`KeyError::PasswordMissing`], [`KeyError::PasswordWrong`] and [`KeyError::EncryptionUnsupported`] for
    /// encrypted keys; [`KeyError::FormatUnsupported`] for the forms of OpenSSL's traditional encryption and of OpenSSH;
    /// [`KeyError::AlgorithmUnsupported`], [`KeyError::KeyTooShort`] and [`KeyError::KeyTooLong`] for keys of other kinds;
    /// [`KeyError::KeyMalformed`] for everything else.
    pub fn from_bytes(bytes: &[u8], password: Option<&str>) -> Result<Self, KeyError> {
        let blocks = match pem::read(bytes) {
            Content::Der(der) => return Self::from_der(&der, password),
            Content::Pem(blocks) => blocks,
        };
        let block = blocks
            .iter()
            .find(|block| block.label.ends_with("PRIVATE KEY"))
            .ok_or(KeyError::KeyMalformed)?;
        if block.has_headers {
            return Err(KeyError::FormatUnsupported(
                "\"Proc-Type: 4,ENCRYPTED\" (OpenSSL's traditional encryption)",
            ));
        }
        let der = block.der.as_ref().ok_or(KeyError::KeyMalformed)?;
        match block.label.as_str() {
            "PRIVATE KEY" => Self::from_pkcs8(der),
            "ENCRYPTED PRIVATE KEY" => Self::from_encrypted(der, password),
            "EC PRIVATE KEY" => Self::from_sec1(der),
            "RSA PRIVATE KEY" => Self::from_pkcs1(der),
            "OPENSSH PRIVATE KEY" => Err(KeyError::FormatUnsupported("of OpenSSH")),
            _ => Err(KeyError::AlgorithmUnsupported),
        }
    }

    fn from_der(der: &[u8], password: Option<&str>) -> Result<Self, KeyError> {
        // The outer shapes are disjoint: only an encrypted key is an algorithm and an octet string, and only PKCS#8 has
        // an algorithm in the second place.
        if EncryptedShape::from_der(der).is_ok() {
            Self::from_encrypted(der, password)
        } else if PrivateKeyInfoRef::from_der(der).is_ok() {
            Self::from_pkcs8(der)
        } else if sec1::EcPrivateKey::from_der(der).is_ok() {
            Self::from_sec1(der)
        } else {
            Self::from_pkcs1(der)
        }
    }

    fn from_encrypted(der: &[u8], password: Option<&str>) -> Result<Self, KeyError> {
        EncryptedShape::from_der(der).map_err(|_| KeyError::KeyMalformed)?;
        let encrypted = EncryptedPrivateKeyInfoRef::from_der(der)
            .map_err(|_| KeyError::EncryptionUnsupported)?;
        let scheme = encrypted
            .encryption_algorithm
            .pbes2()
            .filter(|scheme| is_affordable(&scheme.kdf))
            .ok_or(KeyError::EncryptionUnsupported)?;
        let password = password.ok_or(KeyError::PasswordMissing)?;
        let plain = scheme
            .decrypt(password, encrypted.encrypted_data.as_bytes())
            .map(Zeroizing::new)
            .map_err(|error| match error {
                pkcs5::Error::DecryptFailed => KeyError::PasswordWrong,
                _ => KeyError::EncryptionUnsupported,
            })?;
        // A wrong password passes the padding check once in 256 times and then yields no key.
        match Self::from_pkcs8(&plain) {
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

/// Every kind of key inside wipes itself; a test holds that.
impl ZeroizeOnDrop for PrivateKey {}

/// An encrypted key whatever its scheme.
#[derive(Sequence)]
struct EncryptedShape<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    data: &'a OctetStringRef,
}

/// Whether a password can be tried in some seconds and 256 MB: a file must not be able to ask for more.
fn is_affordable(derivation: &Kdf) -> bool {
    const MAX_ITERATIONS: u32 = 10_000_000;
    const MAX_MEMORY: u64 = 256 << 20;
    const MAX_PARALLEL: u16 = 16;
    match derivation {
        Kdf::Pbkdf2(parameters) => parameters.iteration_count <= MAX_ITERATIONS,
        Kdf::Scrypt(parameters) => {
            let memory = parameters
                .cost_parameter
                .checked_mul(128 * u64::from(parameters.block_size));
            memory.is_some_and(|memory| memory <= MAX_MEMORY)
                && parameters.parallelization <= MAX_PARALLEL
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_key_is_wiped_when_it_is_dropped() {
        fn wiped<T: ZeroizeOnDrop>() {}
        wiped::<RsaPrivateKey>();
        wiped::<p256::ecdsa::SigningKey>();
        wiped::<p384::ecdsa::SigningKey>();
    }
}
