//! Public keys: verifying, and encrypting for KSeF.

use der::Decode as _;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{Oaep, Pkcs1v15Sign, Pss, RsaPublicKey};
use sha2::{Digest as _, Sha256};
use spki::SubjectPublicKeyInfoRef;

use super::{KeyError, SignatureAlgorithm};
use crate::random::{RandomSource, seeded};

const RSA: &str = "1.2.840.113549.1.1.1";
const ELLIPTIC_CURVE: &str = "1.2.840.10045.2.1";
const P256: &str = "1.2.840.10045.3.1.7";

/// A public key of the two kinds KSeF works with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Rsa(Box<RsaPublicKey>),
    P256(p256::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`KeyError::AlgorithmUnsupported`] for another algorithm or curve, [`KeyError::KeyTooShort`] for RSA below
    /// 2048 bits, [`KeyError::KeyMalformed`] for anything that does not parse.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(|_| KeyError::KeyMalformed)?;
        match info.algorithm.oid.to_string().as_str() {
            RSA => {
                let key =
                    RsaPublicKey::from_public_key_der(der).map_err(|_| KeyError::KeyMalformed)?;
                Self::rsa(key)
            }
            ELLIPTIC_CURVE => {
                let curve = info
                    .algorithm
                    .parameters_oid()
                    .map_err(|_| KeyError::AlgorithmUnsupported)?;
                if curve.to_string() != P256 {
                    return Err(KeyError::AlgorithmUnsupported);
                }
                let key = p256::ecdsa::VerifyingKey::from_public_key_der(der)
                    .map_err(|_| KeyError::KeyMalformed)?;
                Ok(Self(Kind::P256(key)))
            }
            _ => Err(KeyError::AlgorithmUnsupported),
        }
    }

    fn rsa(key: RsaPublicKey) -> Result<Self, KeyError> {
        let bits = key.size() * 8;
        if bits < 2048 {
            return Err(KeyError::KeyTooShort { bits });
        }
        Ok(Self(Kind::Rsa(Box::new(key))))
    }

    /// For the public half of a private key whose length was checked already.
    pub(super) fn rsa_unchecked(key: RsaPublicKey) -> Self {
        Self(Kind::Rsa(Box::new(key)))
    }

    pub(super) fn p256(key: p256::ecdsa::VerifyingKey) -> Self {
        Self(Kind::P256(key))
    }

    /// Whether this is an RSA key; else it is a P-256 key.
    pub fn is_rsa(&self) -> bool {
        matches!(self.0, Kind::Rsa(_))
    }

    /// Whether `signature` was made over `message` by the private key that belongs to this one.
    ///
    /// # Errors
    /// [`KeyError::AlgorithmMismatch`] when the algorithm is for the other kind of key, otherwise
    /// [`KeyError::SignatureInvalid`].
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), KeyError> {
        let digest = Sha256::digest(message);
        let holds = match (&self.0, algorithm) {
            (Kind::Rsa(key), SignatureAlgorithm::RsaPkcs1Sha256) => key
                .verify(Pkcs1v15Sign::new::<Sha256>(), &digest, signature)
                .is_ok(),
            (Kind::Rsa(key), SignatureAlgorithm::RsaPssSha256) => {
                key.verify(Pss::<Sha256>::new(), &digest, signature).is_ok()
            }
            (Kind::P256(key), SignatureAlgorithm::EcdsaP256Sha256) => {
                p256::ecdsa::Signature::from_slice(signature)
                    .is_ok_and(|s| key.verify_prehash(&digest, &s).is_ok())
            }
            _ => return Err(KeyError::AlgorithmMismatch),
        };
        if holds {
            Ok(())
        } else {
            Err(KeyError::SignatureInvalid)
        }
    }

    /// The same for a P-256 signature in ASN.1 DER, which CODE II allows beside `r||s`.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_ecdsa_der(&self, message: &[u8], signature: &[u8]) -> Result<(), KeyError> {
        let signature =
            p256::ecdsa::Signature::from_der(signature).map_err(|_| KeyError::SignatureInvalid)?;
        self.verify(
            SignatureAlgorithm::EcdsaP256Sha256,
            message,
            &signature.to_bytes(),
        )
    }

    /// Encrypts by RSA-OAEP with SHA-256 and MGF1-SHA-256: session keys and tokens for KSeF.
    ///
    /// # Errors
    /// [`KeyError::AlgorithmMismatch`] for a P-256 key, [`KeyError::OperationFailed`] when `plaintext` is too long
    /// for the key (190 bytes with 2048 bits), [`KeyError::Random`].
    pub fn encrypt_oaep(
        &self,
        plaintext: &[u8],
        random: &dyn RandomSource,
    ) -> Result<Vec<u8>, KeyError> {
        let Kind::Rsa(key) = &self.0 else {
            return Err(KeyError::AlgorithmMismatch);
        };
        key.encrypt(&mut seeded(random)?, Oaep::<Sha256>::new(), plaintext)
            .map_err(|_| KeyError::OperationFailed)
    }
}
