//! Where the ciphertext of parts lies between packing and uploading: in files, or in memory as long as there is little.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use ksef_offline_core::package::PartSink;

/// Where the ciphertext of a part is.
#[derive(Clone)]
#[non_exhaustive]
pub enum PartSource {
    /// In memory.
    Memory(Bytes),
    /// In a file of exactly the part's size; it is streamed.
    File(PathBuf),
}

/// Shows where, not what.
impl fmt::Debug for PartSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory(bytes) => write!(f, "Memory({} bytes)", bytes.len()),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

/// Keeps the ciphertext of each part in a file of its own, so that a lost part can be sent again without packing again.
#[derive(Debug, Clone)]
pub struct FileParts {
    folder: PathBuf,
}

impl FileParts {
    /// Writes into `folder`, which must exist. The files stay until the caller deletes them.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    /// The file of a part.
    pub fn path(&self, ordinal: u32) -> PathBuf {
        self.folder.join(format!("part-{ordinal:03}.aes"))
    }

    /// The part as something to upload.
    pub fn source(&self, ordinal: u32) -> PartSource {
        PartSource::File(self.path(ordinal))
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl PartSink for FileParts {
    type Part = BufWriter<File>;

    fn open(&mut self, ordinal: u32) -> io::Result<Self::Part> {
        Ok(BufWriter::new(File::create(self.path(ordinal))?))
    }

    fn complete(&mut self, _: u32, mut part: Self::Part) -> io::Result<()> {
        part.flush()?;
        part.get_ref().sync_all()
    }
}

/// Keeps parts in memory as long as all of them together stay small, and the rest in files.
#[derive(Debug)]
pub struct SpooledParts {
    files: FileParts,
    /// Bytes of memory that are left.
    room: usize,
    sources: Vec<PartSource>,
}

impl SpooledParts {
    /// Holds up to `in_memory` bytes in memory and writes what does not fit into `folder`, which must exist. The files stay
    /// until the caller deletes them.
    pub fn new(folder: impl Into<PathBuf>, in_memory: usize) -> Self {
        Self {
            files: FileParts::new(folder),
            room: in_memory,
            sources: Vec::new(),
        }
    }

    /// The parts as something to upload, in their order.
    pub fn into_sources(self) -> Vec<PartSource> {
        self.sources
    }
}

impl PartSink for SpooledParts {
    type Part = SpooledPart;

    fn open(&mut self, ordinal: u32) -> io::Result<SpooledPart> {
        Ok(SpooledPart {
            place: Place::Memory(Vec::new()),
            path: self.files.path(ordinal),
            room: self.room,
        })
    }

    fn complete(&mut self, _: u32, part: SpooledPart) -> io::Result<()> {
        self.sources.push(match part.place {
            Place::Memory(bytes) => {
                self.room -= bytes.len();
                PartSource::Memory(bytes.into())
            }
            Place::File(mut file) => {
                file.flush()?;
                file.get_ref().sync_all()?;
                PartSource::File(part.path)
            }
        });
        Ok(())
    }
}

/// A part of [`SpooledParts`] that is being written.
#[derive(Debug)]
pub struct SpooledPart {
    place: Place,
    path: PathBuf,
    room: usize,
}

enum Place {
    Memory(Vec<u8>),
    File(BufWriter<File>),
}

/// Shows where, not what.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Memory(_) => "Memory",
            Self::File(_) => "File",
        })
    }
}

impl Write for SpooledPart {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Place::Memory(held) = &self.place
            && held.len() + bytes.len() > self.room
        {
            let mut file = BufWriter::new(File::create(&self.path)?);
            file.write_all(held)?;
            self.place = Place::File(file);
        }
        match &mut self.place {
            Place::Memory(held) => {
                held.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            Place::File(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.place {
            Place::Memory(_) => Ok(()),
            Place::File(file) => file.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use ksef_offline_core::package::{
        Compression, DeflateLevel, MemoryParts, PackageLimits, SessionKey, pack,
    };

    use super::*;

    fn packed<S: PartSink<Part: Send> + Send>(sink: S) -> S {
        let key = SessionKey::from_key_and_iv(&[1; 32], &[2; 16]).unwrap();
        let limits = PackageLimits {
            part_size: 100,
            ..PackageLimits::default()
        };
        let files = [("a.xml", [7; 3000].as_slice()), ("b.xml", b"<b/>")];
        let level = DeflateLevel::default();
        pack(Compression::Zip, level, files, &key, &limits, sink)
            .unwrap()
            .1
    }

    #[test]
    fn parts_stay_in_memory_until_that_is_full_and_are_the_same_wherever_they_are() {
        let MemoryParts(expected) = packed(MemoryParts::default());
        assert!(expected.len() > 2);
        let first = expected[0].len();
        let all = expected.iter().map(Vec::len).sum::<usize>();
        for (in_memory, fit) in [
            (0, 0),
            (first, 1),
            (first * 2 - 1, 1),
            (all, expected.len()),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let sources = packed(SpooledParts::new(folder.path(), in_memory)).into_sources();
            let held = sources
                .iter()
                .filter(|source| matches!(source, PartSource::Memory(_)));
            assert!(held.count() >= fit, "{in_memory}");
            let mut in_files = 0;
            for (source, expected) in sources.iter().zip(&expected) {
                match source {
                    PartSource::Memory(bytes) => assert_eq!(bytes, expected),
                    PartSource::File(path) => {
                        in_files += 1;
                        assert_eq!(&std::fs::read(path).unwrap(), expected);
                    }
                }
            }
            let written = std::fs::read_dir(folder.path()).unwrap().count();
            assert_eq!(in_files, written);
        }
    }
}
