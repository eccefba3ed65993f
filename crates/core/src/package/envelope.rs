//! The encryption of a session: one AES-256 key and one initialization vector, with which each part of a batch and
//! each invoice of an interactive session is encrypted on its own in CBC mode with PKCS#7 padding.
//!
//! The ciphertext stands bare. The Ministry's prose speaks of the vector as a prefix, its own clients give it in
//! `encryption.initializationVector` only, and so does this module.

use std::io::{self, Write};

use aes::Aes256;
use cipher::block_padding::Pkcs7;
use cipher::{Array, BlockModeDecrypt as _, BlockModeEncrypt as _, KeyIvInit as _};
use zeroize::{Zeroize as _, Zeroizing};

use super::PackageError;
use crate::key::{KeyError, PublicKey};
use crate::random::{RandomError, RandomSource};

type Cipher = cbc::Encryptor<Aes256>;
type Decipher = cbc::Decryptor<Aes256>;
type Block = Array<u8, cipher::consts::U16>;

/// Size of an AES block in bytes.
const BLOCK: usize = 16;
/// Bytes encrypted at once.
const CHUNK: usize = 64 * 1024;

/// The secret of one session. Fresh for each, gone from memory when dropped, shown by nothing.
pub struct SessionKey {
    secret: Zeroizing<[u8; 48]>,
}

impl SessionKey {
    /// A fresh key and vector.
    ///
    /// # Errors
    /// [`RandomError`] when `random` does not answer.
    pub fn generate(random: &dyn RandomSource) -> Result<Self, RandomError> {
        let mut secret = Zeroizing::new([0; 48]);
        random.fill(secret.as_mut_slice())?;
        Ok(Self { secret })
    }

    /// Reads back what [`Self::expose`] gave.
    ///
    /// # Errors
    /// [`PackageError::KeyLength`] unless there are 48 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PackageError> {
        let mut secret = Zeroizing::new([0; 48]);
        if bytes.len() != secret.len() {
            return Err(PackageError::KeyLength);
        }
        secret.copy_from_slice(bytes);
        Ok(Self { secret })
    }

    /// Joins a key and a vector, as the receiving side does.
    ///
    /// # Errors
    /// [`PackageError::KeyLength`] unless they have 32 and 16 bytes.
    pub fn from_key_and_iv(key: &[u8], iv: &[u8]) -> Result<Self, PackageError> {
        if key.len() != 32 || iv.len() != BLOCK {
            return Err(PackageError::KeyLength);
        }
        let mut secret = Zeroizing::new([0; 48]);
        secret[..32].copy_from_slice(key);
        secret[32..].copy_from_slice(iv);
        Ok(Self { secret })
    }

    /// The 32 bytes of the key and the 16 of the vector.
    ///
    /// EXPOSE: for storing them, encrypted, so that an interrupted session can go on after a crash.
    pub fn expose(&self) -> &[u8; 48] {
        &self.secret
    }

    /// Encrypts the key under a public key of KSeF (RSA-OAEP with SHA-256 and MGF1-SHA-256), as
    /// `encryption.encryptedSymmetricKey` wants it.
    ///
    /// # Errors
    /// [`KeyError`] when the public key is no RSA key, or the random source does not answer.
    pub fn wrap(
        &self,
        recipient: &PublicKey,
        random: &dyn RandomSource,
    ) -> Result<Vec<u8>, KeyError> {
        recipient.encrypt_oaep(self.key(), random)
    }

    /// The initialization vector. It is no secret: it travels in clear.
    pub fn initialization_vector(&self) -> &[u8] {
        &self.secret[32..]
    }

    /// Encrypts `plain`. The result is 1 to 16 bytes longer.
    pub fn encrypt(&self, plain: &[u8]) -> Vec<u8> {
        self.cipher().encrypt_padded_vec::<Pkcs7>(plain)
    }

    /// Decrypts what [`Self::encrypt`] made.
    ///
    /// # Errors
    /// [`PackageError::Decryption`] when the length or the padding is wrong. Another key shows itself only with
    /// probability 255/256: the hash of the content has to be checked in any case.
    pub fn decrypt(&self, ciphertext: &[u8]) -> Result<Vec<u8>, PackageError> {
        Decipher::new_from_slices(self.key(), self.initialization_vector())
            .map_err(|_| PackageError::KeyLength)?
            .decrypt_padded_vec::<Pkcs7>(ciphertext)
            .map_err(|_| PackageError::Decryption)
    }

    /// Encrypts everything written to the result on its way to `inner`.
    pub fn encryptor<W: Write>(&self, inner: W) -> Encryptor<W> {
        Encryptor {
            inner,
            cipher: self.cipher(),
            pending: Zeroizing::new([0; BLOCK]),
            pending_length: 0,
            chunk: vec![0; CHUNK],
        }
    }

    /// Size of the ciphertext of `plain_size` bytes.
    pub fn ciphertext_size(plain_size: u64) -> u64 {
        (plain_size / BLOCK as u64 + 1) * BLOCK as u64
    }

    fn key(&self) -> &[u8] {
        &self.secret[..32]
    }

    fn cipher(&self) -> Cipher {
        let mut key = Array::default();
        let mut iv = Block::default();
        key.copy_from_slice(self.key());
        iv.copy_from_slice(self.initialization_vector());
        let cipher = Cipher::new(&key, &iv);
        key.as_mut_slice().zeroize();
        cipher
    }
}

/// Encrypts a stream. Only [`Self::finish`] writes the padding: a stream that is dropped before it is not complete.
pub struct Encryptor<W: Write> {
    inner: W,
    cipher: Cipher,
    /// The bytes of a block that is not full yet.
    pending: Zeroizing<[u8; BLOCK]>,
    pending_length: usize,
    chunk: Vec<u8>,
}

impl<W: Write> Encryptor<W> {
    /// Pads and encrypts the last block and gives the inner writer back.
    ///
    /// # Errors
    /// What writing to the inner writer gave.
    pub fn finish(mut self) -> io::Result<W> {
        let plain = &self.pending[..self.pending_length];
        let last = self.cipher.encrypt_padded_vec::<Pkcs7>(plain);
        self.inner.write_all(&last)?;
        Ok(self.inner)
    }

    fn encrypt_blocks(&mut self, plain: &[u8]) -> io::Result<()> {
        for piece in plain.chunks(CHUNK) {
            let out = &mut self.chunk[..piece.len()];
            let (blocks_in, _) = Block::slice_as_chunks(piece);
            let (blocks_out, _) = Block::slice_as_chunks_mut(out);
            self.cipher
                .encrypt_blocks_b2b(blocks_in, blocks_out)
                .map_err(io::Error::other)?;
            self.inner.write_all(out)?;
        }
        Ok(())
    }
}

impl<W: Write> Write for Encryptor<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let mut rest = buffer;
        if self.pending_length > 0 {
            let (head, tail) = rest.split_at(rest.len().min(BLOCK - self.pending_length));
            self.pending[self.pending_length..][..head.len()].copy_from_slice(head);
            self.pending_length += head.len();
            rest = tail;
            if self.pending_length == BLOCK {
                let block = self.pending.clone();
                self.pending_length = 0;
                self.encrypt_blocks(block.as_slice())?;
            }
        }
        let (whole, tail) = rest.split_at(rest.len() - rest.len() % BLOCK);
        self.encrypt_blocks(whole)?;
        if !tail.is_empty() {
            self.pending[..tail.len()].copy_from_slice(tail);
            self.pending_length = tail.len();
        }
        Ok(buffer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> SessionKey {
        SessionKey::from_key_and_iv(&[7; 32], &[1; 16]).unwrap()
    }

    #[test]
    fn the_stream_gives_what_the_slice_gives_at_every_boundary() {
        let plain: Vec<u8> = (0..CHUNK + 40).map(|i| i as u8).collect();
        for size in (0..50).chain([CHUNK - 1, CHUNK, CHUNK + 1, CHUNK + 40]) {
            for step in [1, 5, 15, 16, 17, 1000, CHUNK + 3] {
                let mut encryptor = key().encryptor(Vec::new());
                for piece in plain[..size].chunks(step) {
                    encryptor.write_all(piece).unwrap();
                }
                let ciphertext = encryptor.finish().unwrap();
                assert_eq!(
                    ciphertext,
                    key().encrypt(&plain[..size]),
                    "{size} by {step}"
                );
                assert_eq!(
                    ciphertext.len() as u64,
                    SessionKey::ciphertext_size(size as u64)
                );
            }
        }
    }

    #[test]
    fn a_vector_of_the_standard_holds() {
        // NIST SP 800-38A, F.2.5 CBC-AES256.Encrypt, first block.
        let key = [
            0x60, 0x3d, 0xeb, 0x10, 0x15, 0xca, 0x71, 0xbe, 0x2b, 0x73, 0xae, 0xf0, 0x85, 0x7d,
            0x77, 0x81, 0x1f, 0x35, 0x2c, 0x07, 0x3b, 0x61, 0x08, 0xd7, 0x2d, 0x98, 0x10, 0xa3,
            0x09, 0x14, 0xdf, 0xf4,
        ];
        let iv: Vec<u8> = (0..16).collect();
        let plain = [
            0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93,
            0x17, 0x2a,
        ];
        let key = SessionKey::from_key_and_iv(&key, &iv).unwrap();
        assert_eq!(
            key.encrypt(&plain)[..16],
            [
                0xf5, 0x8c, 0x4c, 0x04, 0xd6, 0xe5, 0xf1, 0xba, 0x77, 0x9e, 0xab, 0xfb, 0x5f, 0x7b,
                0xfb, 0xd6
            ]
        );
    }

    #[test]
    fn decryption_refuses_what_was_cut_or_changed() {
        let ciphertext = key().encrypt(b"0123456789abcdef0");
        assert_eq!(key().decrypt(&ciphertext).unwrap(), b"0123456789abcdef0");
        for cut in [0, 1, 15, 31] {
            assert!(matches!(
                key().decrypt(&ciphertext[..cut]),
                Err(PackageError::Decryption)
            ));
        }
        let mut changed = ciphertext;
        changed[15] ^= 0xFF;
        assert!(key().decrypt(&changed).is_err());
    }

    #[test]
    fn the_receiver_unwraps_the_key() {
        use crate::key::{KeyKind, PrivateKey};
        use crate::random::OsRandom;
        let receiver = PrivateKey::generate(KeyKind::Rsa2048, &OsRandom).unwrap();
        let wrapped = key().wrap(&receiver.public_key(), &OsRandom).unwrap();
        let unwrapped = receiver.decrypt_oaep(&wrapped, &OsRandom).unwrap();
        let again = SessionKey::from_key_and_iv(&unwrapped, key().initialization_vector()).unwrap();
        assert_eq!(again.expose(), key().expose());
    }

    #[test]
    fn a_key_is_stored_and_read_back() {
        let again = SessionKey::from_bytes(key().expose()).unwrap();
        assert_eq!(again.encrypt(b"x"), key().encrypt(b"x"));
        assert!(SessionKey::from_bytes(&[0; 47]).is_err());
        assert!(SessionKey::from_key_and_iv(&[0; 16], &[0; 16]).is_err());
    }
}
