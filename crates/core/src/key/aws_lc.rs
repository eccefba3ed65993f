//! Private-key operations by AWS-LC: several times faster than the pure implementation, and in constant time.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair,
};

use super::signer::Seal;
use super::{
    Certificate, HashAlgorithm, Identity, KeyAlgorithm, KeyError, SignatureAlgorithm, Signer,
    SignerError, SoftwareSigner,
};
use crate::random::RandomSource;

/// Signs as [`SoftwareSigner`] does, and the same algorithms, with AWS-LC instead of pure Rust. Its randomness is that
/// of AWS-LC.
///
/// The key is loaded into AWS-LC and checked there once, which costs as much as some signatures. ECDSA with another
/// hash than the curve's own, which AWS-LC does not offer, is left to the pure implementation.
pub struct AwsLcSigner {
    key: Key,
    random: SystemRandom,
    pure: SoftwareSigner,
}

enum Key {
    Rsa(RsaKeyPair),
    Ecdsa(EcdsaKeyPair, HashAlgorithm),
}

impl AwsLcSigner {
    /// Loads the key of `identity`. `random` serves what AWS-LC does not do.
    ///
    /// # Errors
    /// [`KeyError::KeyMalformed`] when AWS-LC refuses the key.
    pub fn new(identity: Identity, random: Arc<dyn RandomSource>) -> Result<Self, KeyError> {
        // EXPOSE: the only way into AWS-LC is a PKCS#8 document; it is wiped at the end of this function.
        let document = identity.key().to_pkcs8_der()?;
        let ecdsa = |algorithm: &'static EcdsaSigningAlgorithm, hash| {
            EcdsaKeyPair::from_pkcs8(algorithm, &document).map(|key| Key::Ecdsa(key, hash))
        };
        let key = match identity.certificate().public_key().algorithm() {
            KeyAlgorithm::Rsa { .. } => RsaKeyPair::from_pkcs8(&document).map(Key::Rsa),
            KeyAlgorithm::P256 => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING, HashAlgorithm::Sha256),
            KeyAlgorithm::P384 => ecdsa(&ECDSA_P384_SHA384_FIXED_SIGNING, HashAlgorithm::Sha384),
        }
        .map_err(|_| KeyError::KeyMalformed)?;
        Ok(Self {
            key,
            random: SystemRandom::new(),
            pure: SoftwareSigner::of(identity, random),
        })
    }
}

impl Signer for AwsLcSigner {
    fn certificate(&self) -> &Certificate {
        self.pure.certificate()
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let failed = |_| SignerError::Key(KeyError::OperationFailed);
        match (&self.key, algorithm) {
            (
                Key::Rsa(key),
                SignatureAlgorithm::RsaPkcs1(hash) | SignatureAlgorithm::RsaPss(hash),
            ) => {
                let encoding: &'static dyn RsaEncoding = match (algorithm, hash) {
                    (SignatureAlgorithm::RsaPss(_), HashAlgorithm::Sha256) => &RSA_PSS_SHA256,
                    (SignatureAlgorithm::RsaPss(_), HashAlgorithm::Sha384) => &RSA_PSS_SHA384,
                    (SignatureAlgorithm::RsaPss(_), HashAlgorithm::Sha512) => &RSA_PSS_SHA512,
                    (_, HashAlgorithm::Sha256) => &RSA_PKCS1_SHA256,
                    (_, HashAlgorithm::Sha384) => &RSA_PKCS1_SHA384,
                    (_, HashAlgorithm::Sha512) => &RSA_PKCS1_SHA512,
                };
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(encoding, &self.random, message, &mut signature)
                    .map_err(failed)?;
                Ok(signature)
            }
            (Key::Ecdsa(key, own), SignatureAlgorithm::Ecdsa(hash)) if hash == *own => key
                .sign(&self.random, message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(failed),
            _ => self.pure.sign(algorithm, message),
        }
    }

    fn needs_no_verifying(&self, _: Seal) -> bool {
        true
    }
}

impl core::fmt::Debug for AwsLcSigner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("AwsLcSigner")
            .field("certificate", self.certificate())
            .finish_non_exhaustive()
    }
}
