//! Cutting an archive into parts while it is being written: each byte is hashed as plain archive, encrypted as
//! content of its part and hashed as ciphertext in the same pass.

use std::io::{self, Write};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Compression, Encryptor, PackageError, PackageLimits, SessionKey};

/// A package as `POST /sessions/batch` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Kind of the archive.
    pub compression: Compression,
    /// Size of the whole archive before it was split and encrypted, in bytes.
    pub archive_size: u64,
    /// SHA-256 of the whole archive before it was split and encrypted.
    pub archive_hash: [u8; 32],
    /// The parts in their order; never empty.
    pub parts: Vec<PartInfo>,
}

/// One part of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartInfo {
    /// Place of the part, from 1.
    pub ordinal: u32,
    /// Bytes of the archive in this part.
    pub plain_size: u64,
    /// Size of the ciphertext in bytes: what is uploaded.
    pub cipher_size: u64,
    /// SHA-256 of the ciphertext.
    pub cipher_hash: [u8; 32],
}

/// Where the ciphertext of parts goes: files, memory, a test.
pub trait PartSink {
    /// What one part is written to.
    type Part: Write;

    /// Begins the part with this ordinal, from 1. Parts come one after the other.
    ///
    /// # Errors
    /// When the part cannot be stored.
    fn open(&mut self, ordinal: u32) -> io::Result<Self::Part>;

    /// Takes back a part that is complete; the place to flush and to sync it.
    ///
    /// # Errors
    /// When the part could not be stored.
    fn complete(&mut self, ordinal: u32, part: Self::Part) -> io::Result<()>;
}

/// Keeps the ciphertext of each part in memory.
#[derive(Debug, Default)]
pub struct MemoryParts(pub Vec<Vec<u8>>);

impl PartSink for MemoryParts {
    type Part = Vec<u8>;

    fn open(&mut self, _: u32) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn complete(&mut self, _: u32, part: Vec<u8>) -> io::Result<()> {
        self.0.push(part);
        Ok(())
    }
}

/// Takes the bytes of an archive and makes a [`Package`] of them.
pub struct PackageWriter<'a, S: PartSink> {
    compression: Compression,
    key: &'a SessionKey,
    limits: PackageLimits,
    sink: S,
    archive: Sha256,
    archive_size: u64,
    open: Option<OpenPart<S::Part>>,
    parts: Vec<PartInfo>,
}

struct OpenPart<P: Write> {
    ordinal: u32,
    plain_size: u64,
    encryptor: Encryptor<Hashing<P>>,
}

impl<'a, S: PartSink> PackageWriter<'a, S> {
    /// Begins a package. `compression` is only recorded: the archive comes ready.
    pub fn new(
        compression: Compression,
        key: &'a SessionKey,
        limits: &PackageLimits,
        sink: S,
    ) -> Self {
        Self {
            compression,
            key,
            limits: *limits,
            sink,
            archive: Sha256::new(),
            archive_size: 0,
            open: None,
            parts: Vec::new(),
        }
    }

    /// Completes the last part and gives the description and the sink.
    ///
    /// # Errors
    /// [`PackageError::Empty`] if nothing was written, otherwise what the sink gave.
    pub fn finish(mut self) -> Result<(Package, S), PackageError> {
        self.complete_part()?;
        if self.parts.is_empty() {
            return Err(PackageError::Empty);
        }
        let package = Package {
            compression: self.compression,
            archive_size: self.archive_size,
            archive_hash: self.archive.finalize().into(),
            parts: self.parts,
        };
        Ok((package, self.sink))
    }

    fn complete_part(&mut self) -> io::Result<()> {
        let Some(part) = self.open.take() else {
            return Ok(());
        };
        let hashing = part.encryptor.finish()?;
        self.sink.complete(part.ordinal, hashing.inner)?;
        self.parts.push(PartInfo {
            ordinal: part.ordinal,
            plain_size: part.plain_size,
            cipher_size: hashing.size,
            cipher_hash: hashing.hash.finalize().into(),
        });
        Ok(())
    }

    fn open_part(&mut self) -> io::Result<OpenPart<S::Part>> {
        let ordinal = self.parts.len() as u32 + 1;
        if ordinal > self.limits.parts {
            return Err(io::Error::other(PackageError::TooManyParts {
                limit: self.limits.parts,
            }));
        }
        let inner = Hashing {
            inner: self.sink.open(ordinal)?,
            hash: Sha256::new(),
            size: 0,
        };
        Ok(OpenPart {
            ordinal,
            plain_size: 0,
            encryptor: self.key.encryptor(inner),
        })
    }
}

impl<S: PartSink> Write for PackageWriter<'_, S> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        if self
            .open
            .as_ref()
            .is_some_and(|part| part.plain_size >= self.limits.part_size)
        {
            self.complete_part()?;
        }
        let mut part = match self.open.take() {
            Some(part) => part,
            None => self.open_part()?,
        };
        let room = self.limits.part_size - part.plain_size;
        let length = usize::try_from(room).map_or(buffer.len(), |room| room.min(buffer.len()));
        let piece = &buffer[..length];
        if self.archive_size + length as u64 > self.limits.archive_size {
            return Err(io::Error::other(PackageError::ArchiveTooLarge {
                limit: self.limits.archive_size,
            }));
        }
        part.encryptor.write_all(piece)?;
        part.plain_size += length as u64;
        self.archive.update(piece);
        self.archive_size += length as u64;
        self.open = Some(part);
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Hashes and counts what passes through.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
    size: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.size += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(size: usize, part_size: u64) -> (Package, Vec<Vec<u8>>) {
        let key = SessionKey::from_key_and_iv(&[1; 32], &[2; 16]).unwrap();
        let limits = PackageLimits {
            part_size,
            ..PackageLimits::default()
        };
        let mut writer =
            PackageWriter::new(Compression::Zip, &key, &limits, MemoryParts::default());
        writer.write_all(&vec![5; size]).unwrap();
        let (package, MemoryParts(parts)) = writer.finish().unwrap();
        (package, parts)
    }

    #[test]
    fn a_part_is_full_at_the_limit_and_not_before() {
        for (size, expected) in [
            (1, vec![1]),
            (99, vec![99]),
            (100, vec![100]),
            (101, vec![100, 1]),
            (200, vec![100, 100]),
            (201, vec![100, 100, 1]),
        ] {
            let (package, parts) = split(size, 100);
            let sizes: Vec<u64> = package.parts.iter().map(|part| part.plain_size).collect();
            assert_eq!(sizes, expected, "{size}");
            for (index, (info, bytes)) in package.parts.iter().zip(&parts).enumerate() {
                assert_eq!(info.ordinal as usize, index + 1);
                assert_eq!(info.cipher_size, bytes.len() as u64);
                assert_eq!(info.cipher_hash, <[u8; 32]>::from(Sha256::digest(bytes)));
                assert_eq!(
                    info.cipher_size,
                    SessionKey::ciphertext_size(info.plain_size)
                );
            }
        }
    }

    #[test]
    fn every_part_is_encrypted_on_its_own() {
        // Equal plain parts under the same key and vector give equal ciphertexts.
        let (package, parts) = split(64, 32);
        assert_eq!(parts[0], parts[1]);
        assert_eq!(package.parts[0].cipher_hash, package.parts[1].cipher_hash);
    }

    #[test]
    fn a_sink_without_room_is_an_error() {
        struct Full;
        impl PartSink for Full {
            type Part = Vec<u8>;
            fn open(&mut self, _: u32) -> io::Result<Vec<u8>> {
                Err(io::ErrorKind::StorageFull.into())
            }
            fn complete(&mut self, _: u32, _: Vec<u8>) -> io::Result<()> {
                Ok(())
            }
        }
        use crate::diagnostic::Diagnostic as _;
        let key = SessionKey::from_key_and_iv(&[1; 32], &[2; 16]).unwrap();
        let mut writer =
            PackageWriter::new(Compression::Zip, &key, &PackageLimits::default(), Full);
        let error = PackageError::from(writer.write_all(b"x").unwrap_err());
        assert_eq!(error.code(), "disk-full");
    }
}
