//! The archive of a package: writing it as a stream, and reading one that may have been made to do harm.
//!
//! What is written depends on names, bytes, kind and level alone: all times are fixed, so the same invoices give the
//! same archive and the same hash.

use std::collections::HashSet;
use std::io::{self, Read, Seek, Write};

use flate2::GzBuilder;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::PackageError;

/// Longest file name, in characters: what KSeF reports back as `invoiceFileName`.
const MAX_NAME: usize = 128;

/// The two kinds of archive KSeF takes. Closed by the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// ZIP with each file deflated on its own.
    Zip,
    /// A tar file compressed as a whole: more than ten times smaller for many similar invoices.
    TarGz,
}

impl Compression {
    /// The name in JSON (`compressionType`).
    pub fn name(self) -> &'static str {
        match self {
            Self::Zip => "Zip",
            Self::TarGz => "TarGz",
        }
    }

    /// The kind with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Zip, Self::TarGz]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// How hard deflate tries, from 1 (fast) to 9 (small). The default is 6; level 1 takes a third of its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeflateLevel(u8);

impl DeflateLevel {
    /// The level nearest to `level` between 1 and 9.
    pub fn new(level: u8) -> Self {
        Self(level.clamp(1, 9))
    }
}

impl Default for DeflateLevel {
    fn default() -> Self {
        Self(6)
    }
}

/// Writes an archive to `W`, which need not be seekable.
pub struct ArchiveWriter<W: Write> {
    format: Format<W>,
    names: HashSet<Box<str>>,
}

enum Format<W: Write> {
    Zip(Box<ZipWriter<StreamWriter<W>>>, SimpleFileOptions),
    TarGz(Box<tar::Builder<GzEncoder<W>>>),
}

impl<W: Write> ArchiveWriter<W> {
    /// Begins an archive.
    pub fn new(inner: W, compression: Compression, level: DeflateLevel) -> Self {
        let format = match compression {
            Compression::Zip => Format::Zip(
                Box::new(ZipWriter::new_stream(inner)),
                SimpleFileOptions::default()
                    .compression_method(CompressionMethod::Deflated)
                    .compression_level(Some(level.0.into()))
                    .last_modified_time(DateTime::DEFAULT)
                    .unix_permissions(0o644),
            ),
            Compression::TarGz => {
                // 255 says "unknown system": the byte must not depend on where the library runs.
                let gzip = GzBuilder::new()
                    .mtime(0)
                    .operating_system(255)
                    .write(inner, flate2::Compression::new(level.0.into()));
                Format::TarGz(Box::new(tar::Builder::new(gzip)))
            }
        };
        Self {
            format,
            names: HashSet::new(),
        }
    }

    /// How many files were added.
    pub fn entries(&self) -> usize {
        self.names.len()
    }

    /// Adds a file.
    ///
    /// # Errors
    /// [`PackageError::EntryName`] unless `name` is a plain file name of at most 128 characters,
    /// [`PackageError::DuplicateEntry`] if it was used before, otherwise what writing to the inner writer gave.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> Result<(), PackageError> {
        self.add_reader(name, bytes.len() as u64, bytes)
    }

    /// Adds a file of `size` bytes from a reader.
    ///
    /// # Errors
    /// As [`Self::add`]; [`PackageError::Io`] if the reader ends before `size` bytes. What comes after them is not read.
    pub fn add_reader(
        &mut self,
        name: &str,
        size: u64,
        reader: impl Read,
    ) -> Result<(), PackageError> {
        if !is_plain_name(name) {
            return Err(PackageError::EntryName);
        }
        if !self.names.insert(name.into()) {
            return Err(PackageError::DuplicateEntry);
        }
        let mut reader = reader.take(size);
        match &mut self.format {
            Format::Zip(zip, options) => {
                let options = options.large_file(size >= u64::from(u32::MAX));
                zip.start_file(name, options).map_err(writing)?;
                if io::copy(&mut reader, zip)? != size {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                }
            }
            Format::TarGz(tar) => {
                let mut header = tar::Header::new_ustar();
                header.set_mode(0o644);
                header.set_mtime(0);
                header.set_uid(0);
                header.set_gid(0);
                header.set_size(size);
                header.set_entry_type(tar::EntryType::Regular);
                tar.append_data(&mut header, name, &mut reader)?;
                if reader.limit() != 0 {
                    return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
                }
            }
        }
        Ok(())
    }

    /// Writes the end of the archive and gives the inner writer back.
    ///
    /// # Errors
    /// What writing to the inner writer gave.
    pub fn finish(self) -> Result<W, PackageError> {
        match self.format {
            Format::Zip(zip, _) => Ok(zip.finish().map_err(writing)?.into_inner()),
            Format::TarGz(tar) => Ok(tar.into_inner()?.finish()?),
        }
    }
}

fn is_plain_name(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
        && name.chars().count() <= MAX_NAME
        && !name
            .chars()
            .any(|c| c.is_control() || matches!(c, '/' | '\\' | ':'))
}

fn writing(error: ZipError) -> PackageError {
    match error {
        ZipError::Io(error) => error.into(),
        other => PackageError::Io(io::Error::other(other)),
    }
}

/// How much an archive of unknown origin may unpack to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadLimits {
    /// Most files.
    pub entries: usize,
    /// Most bytes of one file. This much memory is needed to read an archive.
    pub entry_size: u64,
    /// Most bytes of all files together.
    pub total_size: u64,
}

impl Default for ReadLimits {
    /// 10 000 files of at most 3 000 000 bytes, together at most 5 000 000 000.
    fn default() -> Self {
        Self {
            entries: 10_000,
            entry_size: 3_000_000,
            total_size: 5_000_000_000,
        }
    }
}

/// Hands every file of an archive to `visit`, one after the other, in the order of the archive. Folders are passed over.
///
/// Names are what the archive says: whoever made it may have written `../../etc/passwd`. They are for showing, never
/// for opening files. Sizes are counted while unpacking, not believed.
///
/// # Errors
/// [`PackageError::MalformedArchive`], [`PackageError::UnsupportedArchive`] for links, devices and passwords, one of
/// the limits, [`PackageError::Io`] when `reader` fails, or the error of `visit`.
pub fn read_archive<R, E>(
    reader: R,
    compression: Compression,
    limits: &ReadLimits,
    visit: impl FnMut(String, Vec<u8>) -> Result<(), E>,
) -> Result<(), E>
where
    R: Read + Seek,
    E: From<PackageError>,
{
    match compression {
        Compression::Zip => read_zip(reader, limits, visit),
        Compression::TarGz => read_tar_gz(reader, limits, visit),
    }
}

fn read_zip<R: Read + Seek, E: From<PackageError>>(
    reader: R,
    limits: &ReadLimits,
    mut visit: impl FnMut(String, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let mut archive = ZipArchive::new(reader).map_err(reading)?;
    let mut counter = Counter::new(limits);
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).map_err(reading)?;
        if entry.is_dir() {
            continue;
        }
        if entry.is_symlink() {
            return Err(PackageError::UnsupportedArchive.into());
        }
        let name = entry.name().map_err(reading)?.into_owned();
        let bytes = counter.read(&mut entry)?;
        visit(name, bytes)?;
    }
    Ok(())
}

fn read_tar_gz<R: Read, E: From<PackageError>>(
    reader: R,
    limits: &ReadLimits,
    mut visit: impl FnMut(String, Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let mut archive = tar::Archive::new(GzDecoder::new(reader));
    let mut counter = Counter::new(limits);
    for entry in archive.entries().map_err(unpacking)? {
        let mut entry = entry.map_err(unpacking)?;
        match entry.header().entry_type() {
            tar::EntryType::Regular | tar::EntryType::Continuous => {}
            tar::EntryType::Directory | tar::EntryType::XGlobalHeader | tar::EntryType::XHeader => {
                continue;
            }
            _ => return Err(PackageError::UnsupportedArchive.into()),
        }
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let bytes = counter.read(&mut entry)?;
        visit(name, bytes)?;
    }
    Ok(())
}

/// Counts what was unpacked and stops before it is too much.
struct Counter<'a> {
    limits: &'a ReadLimits,
    entries: usize,
    total: u64,
}

impl<'a> Counter<'a> {
    fn new(limits: &'a ReadLimits) -> Self {
        Self {
            limits,
            entries: 0,
            total: 0,
        }
    }

    fn read(&mut self, entry: &mut impl Read) -> Result<Vec<u8>, PackageError> {
        if self.entries >= self.limits.entries {
            return Err(PackageError::TooManyEntries {
                limit: self.limits.entries,
            });
        }
        self.entries += 1;
        let left = self.limits.total_size.saturating_sub(self.total);
        let most = self.limits.entry_size.min(left);
        let mut bytes = Vec::new();
        entry
            .take(most.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(unpacking)?;
        let size = bytes.len() as u64;
        if size > self.limits.entry_size {
            return Err(PackageError::EntryTooLarge {
                limit: self.limits.entry_size,
            });
        }
        if size > left {
            return Err(PackageError::ArchiveTooLarge {
                limit: self.limits.total_size,
            });
        }
        self.total += size;
        Ok(bytes)
    }
}

fn reading(error: ZipError) -> PackageError {
    match error {
        ZipError::Io(error) => unpacking(error),
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            PackageError::UnsupportedArchive
        }
        _ => PackageError::MalformedArchive,
    }
}

/// Decoders report damage as I/O errors; only what cannot be damage counts as a failing reader.
fn unpacking(error: io::Error) -> PackageError {
    match error.kind() {
        io::ErrorKind::InvalidData
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::Other => PackageError::MalformedArchive,
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn archive(compression: Compression, files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ArchiveWriter::new(Vec::new(), compression, DeflateLevel::default());
        for (name, bytes) in files {
            writer.add(name, bytes).unwrap();
        }
        writer.finish().unwrap()
    }

    fn read(
        bytes: &[u8],
        compression: Compression,
        limits: &ReadLimits,
    ) -> Result<Vec<(String, Vec<u8>)>, PackageError> {
        let mut files = Vec::new();
        read_archive(Cursor::new(bytes), compression, limits, |name, bytes| {
            files.push((name, bytes));
            Ok::<_, PackageError>(())
        })?;
        Ok(files)
    }

    const BOTH: [Compression; 2] = [Compression::Zip, Compression::TarGz];

    #[test]
    fn what_was_written_comes_back() {
        let long = format!("{}.xml", "ż".repeat(120));
        for compression in BOTH {
            let bytes = archive(
                compression,
                &[("a.xml", b"<a/>"), (&long, b""), ("c", b"c")],
            );
            let files = read(&bytes, compression, &ReadLimits::default()).unwrap();
            assert_eq!(files.len(), 3);
            assert_eq!(files[0], ("a.xml".to_owned(), b"<a/>".to_vec()));
            assert_eq!(files[1], (long.clone(), Vec::new()));
        }
    }

    #[test]
    fn a_tar_gz_is_smaller_than_a_zip_of_invoices_and_never_much_larger() {
        let alike = include_bytes!("../../../../examples/invoices/01-vat-domestic.xml").to_vec();
        let mut state = 7_u32;
        let mut noise = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        };
        for (count, size) in [
            (1, 1),
            (1, 100),
            (1, 5000),
            (1, 1_000_000),
            (2, 5000),
            (100, 5000),
            (10, 300_000),
        ] {
            let different: Vec<Vec<u8>> = (0..count)
                .map(|_| (0..size).map(|_| noise()).collect())
                .collect();
            let same = vec![alike.clone(); count];
            for (documents, is_alike) in [(different, false), (same, true)] {
                // Names as the queue gives them.
                let names: Vec<String> = (0..count)
                    .map(|place| format!("01890a5d-ac96-774b-bcce-b302099a{place:04}.xml"))
                    .collect();
                let files: Vec<(&str, &[u8])> = names
                    .iter()
                    .zip(&documents)
                    .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
                    .collect();
                let zip = archive(Compression::Zip, &files).len();
                let tar = archive(Compression::TarGz, &files).len();
                // A header where there is nothing to gain.
                let allowed = if is_alike && count > 1 {
                    zip - 1
                } else {
                    zip + 64 * count
                };
                assert!(tar <= allowed, "{count} of {size}: {tar} against {zip}");
            }
        }
    }

    #[test]
    fn names_that_are_paths_or_used_twice_are_refused() {
        for compression in BOTH {
            let mut writer = ArchiveWriter::new(Vec::new(), compression, DeflateLevel::default());
            for bad in [
                "",
                ".",
                "..",
                "a/b",
                "a\\b",
                "C:a",
                "a\nb",
                &"x".repeat(129),
            ] {
                assert!(matches!(writer.add(bad, b""), Err(PackageError::EntryName)));
            }
            writer.add("a.xml", b"1").unwrap();
            assert!(matches!(
                writer.add("a.xml", b"2"),
                Err(PackageError::DuplicateEntry)
            ));
        }
    }

    #[test]
    fn a_reader_that_ends_early_is_an_error_not_a_short_file() {
        for compression in BOTH {
            let mut writer = ArchiveWriter::new(Vec::new(), compression, DeflateLevel::default());
            assert!(matches!(
                writer.add_reader("a.xml", 10, &b"123"[..]),
                Err(PackageError::Io(_))
            ));
        }
    }

    #[test]
    fn a_bomb_stops_at_the_limits() {
        for compression in BOTH {
            let zeros = vec![0; 100_000];
            let bytes = archive(compression, &[("a", &zeros), ("b", &zeros), ("c", &zeros)]);
            let limits = ReadLimits {
                entries: 3,
                entry_size: 100_000,
                total_size: 300_000,
            };
            assert_eq!(read(&bytes, compression, &limits).unwrap().len(), 3);
            for (tighter, code) in [
                (
                    ReadLimits {
                        entries: 2,
                        ..limits
                    },
                    "package-too-many-files",
                ),
                (
                    ReadLimits {
                        entry_size: 99_999,
                        ..limits
                    },
                    "package-file-too-large",
                ),
                (
                    ReadLimits {
                        total_size: 299_999,
                        ..limits
                    },
                    "package-too-large",
                ),
            ] {
                use crate::diagnostic::Diagnostic as _;
                let error = read(&bytes, compression, &tighter).unwrap_err();
                assert_eq!(error.code(), code);
            }
        }
    }

    #[test]
    fn damage_is_named_as_such() {
        for compression in BOTH {
            let whole = archive(compression, &[("a", b"some text"), ("b", b"more text")]);
            for bytes in [&whole[..whole.len() / 2], b"", b"not an archive at all"] {
                assert!(matches!(
                    read(bytes, compression, &ReadLimits::default()),
                    Err(PackageError::MalformedArchive)
                ));
            }
        }
    }

    #[test]
    fn a_link_in_a_tar_file_is_refused() {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        tar.append_link(&mut header, "a.xml", "/etc/passwd")
            .unwrap();
        let bytes = tar.into_inner().unwrap().finish().unwrap();
        assert!(matches!(
            read(&bytes, Compression::TarGz, &ReadLimits::default()),
            Err(PackageError::UnsupportedArchive)
        ));
    }
}
