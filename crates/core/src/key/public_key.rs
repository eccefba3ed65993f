//! Public keys: verifying, and encrypting for KSeF.

use der::Decode as _;
use der::oid::ObjectIdentifier;
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use pkcs8::DecodePublicKey as _;
use rsa::traits::PublicKeyParts as _;
use rsa::{Oaep, Pkcs1v15Sign, Pss, RsaPublicKey};
use sha2::{Sha256, Sha384, Sha512};
use spki::SubjectPublicKeyInfoRef;

use super::{HashAlgorithm, KeyAlgorithm, KeyError, SignatureAlgorithm};
use crate::random::{RandomSource, seeded};

pub(super) const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
pub(super) const ELLIPTIC_CURVE: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
pub(super) const P256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
pub(super) const P384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.34");
/// Lengths of RSA moduli in bits: shorter ones are unsafe, longer ones slower than any use here allows.
const RSA_BITS: core::ops::RangeInclusive<usize> = 2048..=8192;

/// A public key: RSA of 2048 to 8192 bits, P-256 or P-384.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Rsa(Box<RsaPublicKey>),
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo in DER.
    ///
    /// # Errors
    /// [`KeyError::AlgorithmUnsupported`] for another algorithm or curve, [`KeyError::KeyTooShort`] for RSA below
    /// 2048 bits, [`KeyError::KeyTooLong`] above 8192, [`KeyError::PublicKeyMalformed`] for anything that does not
    /// parse.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let malformed = |_| KeyError::PublicKeyMalformed;
        let info =
            SubjectPublicKeyInfoRef::from_der(der).map_err(|_| KeyError::PublicKeyMalformed)?;
        match info.algorithm.oid {
            RSA => {
                let parts = info
                    .subject_public_key
                    .as_bytes()
                    .and_then(|bytes| pkcs1::RsaPublicKeyRef::from_der(bytes).ok())
                    .ok_or(KeyError::PublicKeyMalformed)?;
                check_rsa_modulus(parts.modulus.as_bytes())?;
                let key = RsaPublicKey::from_public_key_der(der).map_err(malformed)?;
                Ok(Self::rsa(key))
            }
            ELLIPTIC_CURVE => match info.algorithm.parameters_oid() {
                Ok(P256) => p256::ecdsa::VerifyingKey::from_public_key_der(der)
                    .map(Self::p256)
                    .map_err(malformed),
                Ok(P384) => p384::ecdsa::VerifyingKey::from_public_key_der(der)
                    .map(Self::p384)
                    .map_err(malformed),
                _ => Err(KeyError::AlgorithmUnsupported),
            },
            _ => Err(KeyError::AlgorithmUnsupported),
        }
    }

    pub(super) fn rsa(key: RsaPublicKey) -> Self {
        Self(Kind::Rsa(Box::new(key)))
    }

    pub(super) fn p256(key: p256::ecdsa::VerifyingKey) -> Self {
        Self(Kind::P256(key))
    }

    pub(super) fn p384(key: p384::ecdsa::VerifyingKey) -> Self {
        Self(Kind::P384(key))
    }

    /// What kind of key this is.
    pub fn algorithm(&self) -> KeyAlgorithm {
        match &self.0 {
            Kind::Rsa(key) => KeyAlgorithm::Rsa {
                bits: key.n().bits() as usize,
            },
            Kind::P256(_) => KeyAlgorithm::P256,
            Kind::P384(_) => KeyAlgorithm::P384,
        }
    }

    /// Whether this is an RSA key; else it lies on an elliptic curve.
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
        let digest = algorithm.hash().digest(message);
        let holds = match (&self.0, algorithm) {
            (Kind::Rsa(key), SignatureAlgorithm::RsaPkcs1(hash)) => {
                key.verify(pkcs1v15(hash), &digest, signature).is_ok()
            }
            (Kind::Rsa(key), SignatureAlgorithm::RsaPss(hash)) => match hash {
                HashAlgorithm::Sha256 => key.verify(Pss::<Sha256>::new(), &digest, signature),
                HashAlgorithm::Sha384 => key.verify(Pss::<Sha384>::new(), &digest, signature),
                HashAlgorithm::Sha512 => key.verify(Pss::<Sha512>::new(), &digest, signature),
            }
            .is_ok(),
            (Kind::P256(key), SignatureAlgorithm::Ecdsa(_)) => {
                p256::ecdsa::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok())
            }
            (Kind::P384(key), SignatureAlgorithm::Ecdsa(_)) => {
                p384::ecdsa::Signature::from_slice(signature)
                    .is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok())
            }
            _ => return Err(KeyError::AlgorithmMismatch),
        };
        if holds {
            Ok(())
        } else {
            Err(KeyError::SignatureInvalid)
        }
    }

    /// The same for an ECDSA signature in ASN.1 DER, which certificates carry and CODE II allows beside `r||s`.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_ecdsa_der(
        &self,
        hash: HashAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), KeyError> {
        let fixed = match &self.0 {
            Kind::Rsa(_) => return Err(KeyError::AlgorithmMismatch),
            Kind::P256(_) => p256::ecdsa::Signature::from_der(signature)
                .map(|signature| signature.to_bytes().to_vec()),
            Kind::P384(_) => p384::ecdsa::Signature::from_der(signature)
                .map(|signature| signature.to_bytes().to_vec()),
        }
        .map_err(|_| KeyError::SignatureInvalid)?;
        self.verify(SignatureAlgorithm::Ecdsa(hash), message, &fixed)
    }

    /// Encrypts by RSA-OAEP with SHA-256 and MGF1-SHA-256: session keys and tokens for KSeF.
    ///
    /// # Errors
    /// [`KeyError::AlgorithmMismatch`] for an elliptic-curve key, [`KeyError::OperationFailed`] when `plaintext` is too long
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

pub(super) fn pkcs1v15(hash: HashAlgorithm) -> Pkcs1v15Sign {
    match hash {
        HashAlgorithm::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
        HashAlgorithm::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
        HashAlgorithm::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
    }
}

/// Judges an RSA key by its modulus (big endian) before anything is computed with it.
pub(super) fn check_rsa_modulus(modulus: &[u8]) -> Result<(), KeyError> {
    let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
    let first = modulus.get(zeros).copied().unwrap_or(0);
    let bits = ((modulus.len() - zeros) * 8).saturating_sub(first.leading_zeros() as usize);
    if bits < *RSA_BITS.start() {
        Err(KeyError::KeyTooShort { bits })
    } else if bits > *RSA_BITS.end() {
        Err(KeyError::KeyTooLong { bits })
    } else {
        Ok(())
    }
}
