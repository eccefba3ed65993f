//! How bytes are hashed and signed, and with what kinds of keys.

use sha2::{Digest as _, Sha256, Sha384, Sha512};

/// A hash function of the SHA-2 family. Weaker ones are neither written nor accepted anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HashAlgorithm {
    /// 32 bytes.
    Sha256,
    /// 48 bytes.
    Sha384,
    /// 64 bytes.
    Sha512,
}

impl HashAlgorithm {
    /// Every one of them.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// The digest of `bytes`.
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// Length of a digest in bytes.
    pub const fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }
}

/// How bytes are signed: a scheme with the hash it signs. The curve of ECDSA is that of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// RSASSA-PKCS1-v1_5: XAdES with RSA keys.
    RsaPkcs1(HashAlgorithm),
    /// RSASSA-PSS, MGF1 with the same hash, salt as long as the digest: CODE II with RSA keys, by SHA-256.
    RsaPss(HashAlgorithm),
    /// ECDSA, the signature as `r||s`: 64 bytes on P-256, 96 on P-384.
    Ecdsa(HashAlgorithm),
}

impl SignatureAlgorithm {
    /// The hash that is signed.
    pub const fn hash(self) -> HashAlgorithm {
        match self {
            Self::RsaPkcs1(hash) | Self::RsaPss(hash) | Self::Ecdsa(hash) => hash,
        }
    }
}

/// What kind of key a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// RSA.
    Rsa {
        /// Length of the modulus in bits, 2048 to 8192.
        bits: usize,
    },
    /// The elliptic curve P-256 (secp256r1), the only one KSeF certifies.
    P256,
    /// The elliptic curve P-384 (secp384r1), which qualified certificates use.
    P384,
}
