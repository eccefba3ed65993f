//! What a batch session carries: invoices in an archive, the archive cut into parts, each part encrypted, and the
//! plan that spreads invoices over sessions.
//!
//! Everything streams over [`std::io`]: [`pack`] reads one invoice after the other, and only buffers of a fixed size
//! lie between an invoice and the sink its ciphertext goes to, however large the package grows.

pub mod archive;
pub mod envelope;
pub mod parts;
mod pipeline;
pub mod plan;

use std::io;

use thiserror::Error;

pub use archive::{ArchiveWriter, Compression, DeflateLevel, ReadLimits, read_archive};
pub use envelope::{Encryptor, SessionKey};
pub use parts::{MemoryParts, Package, PackageWriter, PartInfo, PartSink};
pub use plan::{PlanItem, PlannedSession, plan};

use crate::diagnostic::{Bilingual, Diagnostic, Retry};
use crate::invoice::names::{FA_FORM_VALUE, FA3_SCHEMA_VERSION, FA3_SYSTEM_CODE};
use crate::random::RandomError;

/// What KSeF takes in one batch session. The default holds the published values; a context may have been given others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackageLimits {
    /// Most invoices in a package.
    pub invoices: usize,
    /// Most bytes of the archive before it is split.
    pub archive_size: u64,
    /// Most parts.
    pub parts: u32,
    /// Most bytes of a part before encryption. A hundred million, not 100 MiB: KSeF refuses parts of the latter size.
    pub part_size: u64,
    /// Most bytes of an invoice without attachment.
    pub invoice_size: u64,
    /// Most bytes of an invoice with attachment.
    pub invoice_size_with_attachment: u64,
}

impl Default for PackageLimits {
    fn default() -> Self {
        Self {
            invoices: 10_000,
            archive_size: 5_000_000_000,
            parts: 50,
            part_size: 100_000_000,
            invoice_size: 1_000_000,
            invoice_size_with_attachment: 3_000_000,
        }
    }
}

/// Which schema the invoices of a session follow, as the API names it. One session takes one form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FormCode {
    /// `systemCode`, for example `FA (3)`.
    pub system_code: Box<str>,
    /// `schemaVersion`, for example `1-0E`.
    pub schema_version: Box<str>,
    /// `value`, for example `FA`.
    pub value: Box<str>,
}

impl FormCode {
    /// The form of FA(3).
    pub fn fa3() -> Self {
        Self {
            system_code: FA3_SYSTEM_CODE.into(),
            schema_version: FA3_SCHEMA_VERSION.into(),
            value: FA_FORM_VALUE.into(),
        }
    }
}

impl Default for FormCode {
    fn default() -> Self {
        Self::fa3()
    }
}

/// Archives, splits, encrypts and hashes `invoices` (file name and bytes) in one pass; the ciphertext goes to `sink`,
/// which is handed back beside the description of the package. The archive is made on the calling thread, the rest on
/// one that ends with this call.
///
/// # Errors
/// [`PackageError::EntryName`] and [`PackageError::DuplicateEntry`] for names KSeF could not report back,
/// [`PackageError::TooManyEntries`], [`PackageError::ArchiveTooLarge`] and [`PackageError::TooManyParts`] beyond
/// `limits`, [`PackageError::Empty`] without invoices, [`PackageError::Io`] when the sink fails.
pub fn pack<N, B, S>(
    compression: Compression,
    level: DeflateLevel,
    invoices: impl IntoIterator<Item = (N, B)>,
    key: &SessionKey,
    limits: &PackageLimits,
    sink: S,
) -> Result<(Package, S), PackageError>
where
    N: AsRef<str>,
    B: AsRef<[u8]>,
    S: PartSink + Send,
    S::Part: Send,
{
    let parts = PackageWriter::new(compression, key, limits, sink);
    pipeline::sealed(parts, |feeder| {
        let mut archive = ArchiveWriter::new(feeder, compression, level);
        for (name, bytes) in invoices {
            if archive.entries() >= limits.invoices {
                return Err(PackageError::TooManyEntries {
                    limit: limits.invoices,
                });
            }
            archive.add(name.as_ref(), bytes.as_ref())?;
        }
        if archive.entries() == 0 {
            return Err(PackageError::Empty);
        }
        archive.finish()
    })
}

/// Why a package could not be made or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PackageError {
    /// No invoice at all.
    #[error("a package holds at least one invoice")]
    Empty,
    /// A file name that is no plain name.
    #[error("a file name in a package has 1 to 128 characters and no path separators")]
    EntryName,
    /// The same file name twice.
    #[error("two files of a package have the same name")]
    DuplicateEntry,
    /// More files than allowed.
    #[error("the package holds more than {limit} files")]
    TooManyEntries {
        /// The most files allowed.
        limit: usize,
    },
    /// One file of an archive is larger than allowed.
    #[error("a file of the package has more than {limit} bytes")]
    EntryTooLarge {
        /// The most bytes allowed.
        limit: u64,
    },
    /// The archive, or all its files together, are larger than allowed.
    #[error("the package has more than {limit} bytes")]
    ArchiveTooLarge {
        /// The most bytes allowed.
        limit: u64,
    },
    /// The archive needs more parts than allowed.
    #[error("the package needs more than {limit} parts")]
    TooManyParts {
        /// The most parts allowed.
        limit: u32,
    },
    /// No archive of the expected kind, or a damaged one.
    #[error("the archive cannot be read: it is damaged or of another kind")]
    MalformedArchive,
    /// An archive feature that invoices do not need: links, devices, passwords, unknown compression.
    #[error("the archive uses a feature that packages of invoices may not use")]
    UnsupportedArchive,
    /// A key or initialization vector of another length.
    #[error("a session key has 32 bytes and its initialization vector 16")]
    KeyLength,
    /// The ciphertext was not made with this key and vector, or it was cut off.
    #[error("the ciphertext does not open with this key")]
    Decryption,
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Reading or writing failed.
    #[error("reading or writing the package failed: {}", .0.kind())]
    Io(#[source] io::Error),
}

impl Diagnostic for PackageError {
    fn code(&self) -> &'static str {
        match self {
            Self::Empty => "package-empty",
            Self::EntryName => "package-file-name",
            Self::DuplicateEntry => "package-duplicate-file-name",
            Self::TooManyEntries { .. } => "package-too-many-files",
            Self::EntryTooLarge { .. } => "package-file-too-large",
            Self::ArchiveTooLarge { .. } => "package-too-large",
            Self::TooManyParts { .. } => "package-too-many-parts",
            Self::MalformedArchive => "package-malformed",
            Self::UnsupportedArchive => "package-unsupported",
            Self::KeyLength => "session-key-length",
            Self::Decryption => "package-decryption",
            Self::Random(error) => error.code(),
            Self::Io(error) if error.kind() == io::ErrorKind::StorageFull => "disk-full",
            Self::Io(_) => "package-io",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::Empty => "pakiet zawiera co najmniej jedną fakturę".to_owned(),
            Self::EntryName => {
                "nazwa pliku w pakiecie ma od 1 do 128 znaków i nie zawiera ścieżki".to_owned()
            }
            Self::DuplicateEntry => "dwa pliki pakietu mają tę samą nazwę".to_owned(),
            Self::TooManyEntries { limit } => format!("pakiet zawiera więcej plików niż {limit}"),
            Self::EntryTooLarge { limit } => {
                format!("plik w pakiecie ma więcej bajtów niż {limit}")
            }
            Self::ArchiveTooLarge { limit } => format!("pakiet ma więcej bajtów niż {limit}"),
            Self::TooManyParts { limit } => format!("pakiet wymaga więcej części niż {limit}"),
            Self::MalformedArchive => {
                "archiwum nie daje się odczytać: jest uszkodzone lub innego rodzaju".to_owned()
            }
            Self::UnsupportedArchive => {
                "archiwum używa funkcji niedozwolonej w pakietach faktur".to_owned()
            }
            Self::KeyLength => {
                "klucz sesji ma 32 bajty, a jego wektor inicjujący 16 bajtów".to_owned()
            }
            Self::Decryption => "szyfrogramu nie da się otworzyć tym kluczem".to_owned(),
            Self::Random(error) => return error.message(),
            Self::Io(error) => {
                format!("odczyt lub zapis pakietu nie powiódł się: {}", error.kind())
            }
        };
        Bilingual::new(pl, self.to_string())
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Random(error) => error.retry(),
            Self::Io(_) => Retry::Now,
            _ => Retry::Never,
        }
    }
}

/// Takes back out what [`PackageWriter`] had to send through the archive writers as an I/O error.
impl From<io::Error> for PackageError {
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(own) => own,
            Err(error) => Self::Io(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn invoices(count: usize) -> Vec<(String, Vec<u8>)> {
        // Bytes that do not compress, so that small limits are reached by few files.
        let mut state = 7_u32;
        (0..count)
            .map(|index| {
                let bytes = (0..700)
                    .map(|_| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        (state >> 24) as u8
                    })
                    .collect();
                (format!("invoice-{index}.xml"), bytes)
            })
            .collect()
    }

    fn key() -> SessionKey {
        SessionKey::from_key_and_iv(&[3; 32], &[9; 16]).unwrap()
    }

    #[test]
    fn many_parts_join_to_the_archive_that_was_hashed() {
        for compression in [Compression::Zip, Compression::TarGz] {
            let limits = PackageLimits {
                part_size: 1000,
                ..PackageLimits::default()
            };
            let invoices = invoices(9);
            let (package, MemoryParts(parts)) = pack(
                compression,
                DeflateLevel::default(),
                invoices.iter().map(|(name, bytes)| (name, bytes)),
                &key(),
                &limits,
                MemoryParts::default(),
            )
            .unwrap();
            assert!(package.parts.len() > 5);
            let archive: Vec<u8> = parts
                .iter()
                .flat_map(|part| key().decrypt(part).unwrap())
                .collect();
            assert_eq!(archive.len() as u64, package.archive_size);
            assert_eq!(
                crate::identifier::InvoiceHash::of(&archive).as_bytes(),
                &package.archive_hash
            );
            let mut read = Vec::new();
            read_archive(
                Cursor::new(archive),
                compression,
                &ReadLimits::default(),
                |name, bytes| {
                    read.push((name, bytes));
                    Ok::<_, PackageError>(())
                },
            )
            .unwrap();
            assert_eq!(read, invoices);
        }
    }

    #[test]
    fn the_same_invoices_give_the_same_package() {
        for compression in [Compression::Zip, Compression::TarGz] {
            let make = || {
                pack(
                    compression,
                    DeflateLevel::default(),
                    invoices(3),
                    &key(),
                    &PackageLimits::default(),
                    MemoryParts::default(),
                )
                .unwrap()
            };
            assert_eq!(make().0, make().0);
        }
    }

    #[test]
    fn a_limit_that_breaks_inside_the_archive_writer_is_reported_as_itself() {
        for compression in [Compression::Zip, Compression::TarGz] {
            let attempt = |limits: PackageLimits| {
                pack(
                    compression,
                    DeflateLevel::default(),
                    invoices(9),
                    &key(),
                    &limits,
                    MemoryParts::default(),
                )
                .map(|_| ())
                .unwrap_err()
            };
            let limits = PackageLimits {
                part_size: 1000,
                parts: 2,
                ..PackageLimits::default()
            };
            assert!(matches!(
                attempt(limits),
                PackageError::TooManyParts { limit: 2 }
            ));
            let limits = PackageLimits {
                archive_size: 1500,
                ..PackageLimits::default()
            };
            assert!(matches!(
                attempt(limits),
                PackageError::ArchiveTooLarge { limit: 1500 }
            ));
            let limits = PackageLimits {
                invoices: 8,
                ..PackageLimits::default()
            };
            assert!(matches!(
                attempt(limits),
                PackageError::TooManyEntries { limit: 8 }
            ));
        }
    }

    #[test]
    fn a_sink_that_fails_in_the_middle_is_the_error_whichever_thread_notices() {
        struct SecondPartFails;
        impl PartSink for SecondPartFails {
            type Part = Vec<u8>;
            fn open(&mut self, ordinal: u32) -> io::Result<Vec<u8>> {
                if ordinal > 1 {
                    return Err(io::ErrorKind::StorageFull.into());
                }
                Ok(Vec::new())
            }
            fn complete(&mut self, _: u32, _: Vec<u8>) -> io::Result<()> {
                Ok(())
            }
        }
        let limits = PackageLimits {
            part_size: 1_000_000,
            ..PackageLimits::default()
        };
        for compression in [Compression::Zip, Compression::TarGz] {
            let error = pack(
                compression,
                DeflateLevel::default(),
                invoices(9000),
                &key(),
                &limits,
                SecondPartFails,
            )
            .map(|_| ())
            .unwrap_err();
            assert_eq!(error.code(), "disk-full");
        }
    }

    #[test]
    fn an_empty_package_is_refused() {
        let result = pack(
            Compression::Zip,
            DeflateLevel::default(),
            Vec::<(String, Vec<u8>)>::new(),
            &key(),
            &PackageLimits::default(),
            MemoryParts::default(),
        );
        assert!(matches!(result, Err(PackageError::Empty)));
    }
}
