//! Opens the package of a batch: checks hashes, decrypts, joins, unpacks.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use ksef_offline_core::identifier::InvoiceHash;
use ksef_offline_core::package::{Compression, PackageError, ReadLimits, SessionKey, read_archive};
use sha2::{Digest as _, Sha256};

use super::PackedFile;
use crate::session::{MAX_INVOICES, Received, Session};

/// A file in an archive may be larger than an invoice may be: such an invoice is refused by itself, not with its
/// package. Beyond this the package is.
const MAX_FILE_SIZE: u64 = 10_000_000;

/// What was uploaded, still encrypted.
pub(super) struct Sealed {
    parts: Vec<(Received, InvoiceHash)>,
    key: Option<Arc<SessionKey>>,
    compression: Compression,
    size: u64,
    hash: InvoiceHash,
}

/// An archive in clear, in a file that has no name, and what it holds.
pub(super) struct Opened {
    archive: File,
    compression: Compression,
    pub(super) files: Vec<PackedFile>,
}

impl Sealed {
    /// What a session has received; `None` when a part is missing.
    pub(super) fn of(session: &Session) -> Option<Self> {
        let batch = session.batch.as_ref()?;
        Some(Self {
            parts: batch
                .parts
                .iter()
                .map(|part| Some((part.received.clone()?, part.hash)))
                .collect::<Option<_>>()?,
            key: session.key.clone(),
            compression: batch.compression,
            size: batch.size,
            hash: batch.hash,
        })
    }

    /// Opens the package, or says with which code the session ends.
    pub(super) fn open(self) -> Result<Opened, u16> {
        if self
            .parts
            .iter()
            .any(|(received, declared)| received.hash != *declared)
        {
            return Err(405);
        }
        let key = self.key.as_ref().ok_or(415_u16)?;
        let mut archive = tempfile::tempfile().map_err(|_| 500_u16)?;
        let mut hash = Sha256::new();
        let mut size = 0;
        {
            let mut out = BufWriter::new(&mut archive);
            for (received, _) in &self.parts {
                let plain = key.decrypt(&contents(received)?).map_err(|_| 435_u16)?;
                hash.update(&plain);
                size += plain.len() as u64;
                out.write_all(&plain).map_err(|_| 500_u16)?;
            }
            out.flush().map_err(|_| 500_u16)?;
        }
        let opened = Opened::list(archive, self.compression)?;
        // Compared only now: a wrong key or vector shows itself as an archive that does not open (430).
        let hash = InvoiceHash::from_bytes(hash.finalize().into());
        if size != self.size || hash != self.hash {
            return Err(405);
        }
        if opened.files.is_empty() {
            return Err(440);
        }
        Ok(opened)
    }
}

fn contents(received: &Received) -> Result<Vec<u8>, u16> {
    let mut file = received.file.try_clone().map_err(|_| 500_u16)?;
    file.seek(SeekFrom::Start(0)).map_err(|_| 500_u16)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(|_| 500_u16)?;
    Ok(bytes)
}

impl Opened {
    fn list(archive: File, compression: Compression) -> Result<Self, u16> {
        let mut opened = Self {
            archive,
            compression,
            files: vec![],
        };
        let mut files = vec![];
        opened
            .each(|name, bytes| {
                files.push(PackedFile {
                    name,
                    hash: InvoiceHash::of(&bytes),
                });
            })
            .map_err(|error| match error {
                PackageError::TooManyEntries { .. } => 420_u16,
                PackageError::Io(_) => 500,
                _ => 430,
            })?;
        opened.files = files;
        Ok(opened)
    }

    /// Hands over the bytes of each file in the order of [`Self::files`].
    pub(super) fn visit(mut self, mut visit: impl FnMut(Vec<u8>)) -> Result<(), PackageError> {
        self.each(|_, bytes| visit(bytes))
    }

    fn each(&mut self, mut visit: impl FnMut(String, Vec<u8>)) -> Result<(), PackageError> {
        let limits = ReadLimits {
            entries: MAX_INVOICES,
            entry_size: MAX_FILE_SIZE,
            ..ReadLimits::default()
        };
        self.archive.seek(SeekFrom::Start(0))?;
        read_archive(
            BufReader::new(&mut self.archive),
            self.compression,
            &limits,
            |name, bytes| {
                visit(name, bytes);
                Ok(())
            },
        )
    }
}
