//! ASiC-S containers (ETSI EN 319 162-1): an invoice and its signature in one file that signature tools open.

use core::fmt;
use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::verify::{ASIC, verify_contained};
use super::{ContainerFault, SignatureError};
use crate::xml;

/// The media type, which is the first entry of every container, uncompressed.
pub const ASIC_S_MEDIA_TYPE: &str = "application/vnd.etsi.asic-s+zip";
const MEDIA_TYPE_ENTRY: &str = "mimetype";
const SIGNATURES_ENTRY: &str = "META-INF/signatures.xml";
/// Longest name of a document in a container, in bytes.
const MAX_NAME: usize = 200;
/// Most entries of a container that is read.
const MAX_ENTRIES: usize = 16;
/// Largest document or signature file in a container that is read, in bytes.
const MAX_SIZE: u64 = 32_000_000;

/// Joins a document and the detached signature over it. `file_name` is the name the signature refers to.
///
/// # Errors
/// [`SignatureError::ContainerName`] for a name with a path, control characters or a meaning of its own in containers;
/// every error of verifying, since what does not verify inside the container is not handed out: a signature over
/// another document, one that refers to another name, or one whose canonical form is inclusive and so changes when it
/// is moved into the container; [`SignatureError::Container`] when writing fails.
pub fn asic_s(
    file_name: &str,
    document: &[u8],
    signature: &[u8],
) -> Result<Vec<u8>, SignatureError> {
    if !is_bare_name(file_name) {
        return Err(SignatureError::ContainerName);
    }
    let text = xml::Lines::as_written(signature);
    let parsed = xml::parse(&text, 100_000).ok_or(SignatureError::Malformed)?;
    let element = &parsed.input_text()[parsed.root_element().range()];
    let signatures = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <asic:XAdESSignatures xmlns:asic=\"{ASIC}\">{element}</asic:XAdESSignatures>\n"
    );
    verify_contained(signatures.as_bytes(), file_name, document)?;
    let stored = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let deflated = stored.compression_method(CompressionMethod::Deflated);
    let write = || -> zip::result::ZipResult<Vec<u8>> {
        let mut container = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content, options) in [
            (MEDIA_TYPE_ENTRY, ASIC_S_MEDIA_TYPE.as_bytes(), stored),
            (file_name, document, deflated),
            (SIGNATURES_ENTRY, signatures.as_bytes(), deflated),
        ] {
            container.start_file(name, options)?;
            container.write_all(content)?;
        }
        Ok(container.finish()?.into_inner())
    };
    write().map_err(|_| SignatureError::Container(ContainerFault::Write))
}

/// Whether this is a file name without a path, and one that no reader takes for something else.
pub(super) fn is_bare_name(name: &str) -> bool {
    let is_bad = |character: char| {
        character.is_control() || matches!(character, '/' | '\\' | ':' | '"' | '<' | '>' | '|')
    };
    let reserved = [".", "..", MEDIA_TYPE_ENTRY, "META-INF"];
    !name.is_empty()
        && name.len() <= MAX_NAME
        && !name.chars().any(is_bad)
        && name.trim() == name
        && !reserved
            .iter()
            .any(|reserved| name.eq_ignore_ascii_case(reserved))
}

/// A container that was opened. What is in it is not verified by that: [`super::examine`] does.
#[derive(Clone, PartialEq, Eq)]
pub struct AsicS {
    name: String,
    document: Vec<u8>,
    signature: Vec<u8>,
}

impl AsicS {
    /// Whether a file begins as a ZIP archive does.
    pub fn is_container(file: &[u8]) -> bool {
        file.starts_with(b"PK\x03\x04")
    }

    /// Opens a container. Everything that could make two programs see different documents is refused: two entries of
    /// one name, names that differ between the archive's two lists, data before the archive, a second document, a second
    /// signature.
    ///
    /// # Errors
    /// [`SignatureError::Container`], [`SignatureError::ContainerName`].
    pub fn open(file: &[u8]) -> Result<Self, SignatureError> {
        let names = listed(file).ok_or(SignatureError::Container(ContainerFault::Archive))?;
        let is_meta = |name: &str| {
            name.strip_prefix("META-INF/")
                .is_some_and(|rest| rest.is_empty() || is_bare_name(rest))
        };
        let mut documents = names
            .iter()
            .filter(|name| *name != MEDIA_TYPE_ENTRY && !is_meta(name));
        let (Some(name), None) = (documents.next(), documents.next()) else {
            return Err(SignatureError::Container(ContainerFault::Documents));
        };
        if !is_bare_name(name) {
            return Err(SignatureError::ContainerName);
        }
        let mut archive = ZipArchive::new(Cursor::new(file))
            .map_err(|_| SignatureError::Container(ContainerFault::Archive))?;
        if archive.len() != names.len() || archive.offset() != 0 {
            return Err(SignatureError::Container(ContainerFault::Archive));
        }
        let mut read = |name: &str| -> Result<Vec<u8>, SignatureError> {
            let fault = |_| SignatureError::Container(ContainerFault::Archive);
            let entry = archive.by_name(name).map_err(fault)?;
            let mut content = Vec::new();
            entry
                .take(MAX_SIZE + 1)
                .read_to_end(&mut content)
                .map_err(|_| SignatureError::Container(ContainerFault::Archive))?;
            if content.len() as u64 > MAX_SIZE {
                return Err(SignatureError::Container(ContainerFault::Size));
            }
            Ok(content)
        };
        if names.iter().any(|name| name == MEDIA_TYPE_ENTRY) {
            let first = names.first().is_some_and(|name| name == MEDIA_TYPE_ENTRY);
            if !first || read(MEDIA_TYPE_ENTRY)? != ASIC_S_MEDIA_TYPE.as_bytes() {
                return Err(SignatureError::Container(ContainerFault::MediaType));
            }
        }
        let mut evidence = names.iter().filter(|name| is_evidence(name));
        if evidence.next().is_none_or(|name| name != SIGNATURES_ENTRY) || evidence.next().is_some()
        {
            return Err(SignatureError::Container(ContainerFault::Signatures));
        }
        Ok(Self {
            document: read(name)?,
            signature: read(SIGNATURES_ENTRY)?,
            name: name.clone(),
        })
    }

    /// Name of the document.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The document.
    pub fn document(&self) -> &[u8] {
        &self.document
    }

    /// The document, without a copy.
    pub fn into_document(self) -> Vec<u8> {
        self.document
    }

    /// `META-INF/signatures.xml`.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

/// Shows sizes, nothing of the document.
impl fmt::Debug for AsicS {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsicS")
            .field("document", &self.document.len())
            .field("signature", &self.signature.len())
            .finish_non_exhaustive()
    }
}

/// Whether another program may take an entry for a signature or a time-stamp over the document (ETSI EN 319 162-1,
/// 4.3.3.2 and 4.4.3.2).
fn is_evidence(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.strip_prefix("meta-inf/").is_some_and(|name| {
        ["signature", "timestamp"]
            .iter()
            .any(|word| name.contains(word))
    })
}

/// The names in the central directory, in the order of their data. `None` when it contradicts the local headers or
/// itself, or needs ZIP64.
fn listed(file: &[u8]) -> Option<Vec<String>> {
    const END: &[u8] = b"PK\x05\x06";
    const CENTRAL: &[u8] = b"PK\x01\x02";
    const LOCAL: &[u8] = b"PK\x03\x04";
    let number = |at: usize, length: usize| -> Option<usize> {
        let bytes = file.get(at..at + length)?;
        Some(
            bytes
                .iter()
                .rev()
                .fold(0, |number, byte| number << 8 | usize::from(*byte)),
        )
    };
    // The end record is the last whose comment reaches exactly to the end of the file.
    let end = (file.len().saturating_sub(22 + 0xFFFF)..=file.len().checked_sub(22)?)
        .rev()
        .find(|at| {
            file[*at..].starts_with(END)
                && number(at + 20, 2).is_some_and(|comment| at + 22 + comment == file.len())
        })?;
    let count = number(end + 10, 2)?;
    if count > MAX_ENTRIES || number(end + 8, 2)? != count {
        return None;
    }
    let mut at = number(end + 16, 4)?;
    let mut entries: Vec<(usize, String)> = Vec::new();
    for _ in 0..count {
        if !file.get(at..)?.starts_with(CENTRAL) {
            return None;
        }
        let name_length = number(at + 28, 2)?;
        let name = file.get(at + 46..at + 46 + name_length)?;
        let local = number(at + 42, 4)?;
        let local_name =
            number(local + 26, 2).and_then(|length| file.get(local + 30..local + 30 + length));
        if !file.get(local..)?.starts_with(LOCAL) || local_name != Some(name) {
            return None;
        }
        let name = core::str::from_utf8(name).ok()?.to_owned();
        // A folder is listed by some writers and says nothing.
        let known = |(_, other): &(usize, String)| other.eq_ignore_ascii_case(&name);
        if entries.iter().any(known) {
            return None;
        }
        entries.push((local, name));
        at += 46 + name_length + number(at + 30, 2)? + number(at + 32, 2)?;
    }
    entries.sort_unstable();
    let starts_at_once = entries.first().is_some_and(|(local, _)| *local == 0);
    (at == end && starts_at_once).then(|| entries.into_iter().map(|(_, name)| name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_something_else_to_a_reader_are_refused() {
        for good in ["a.xml", "faktura ł 1.xml", "FV%2F1.xml", "..a"] {
            assert!(is_bare_name(good), "{good}");
        }
        let long = "x".repeat(201);
        for bad in [
            "", ".", "..", "../a", "a/b", "a\\b", "C:a", "mimetype", "MimeType", "META-INF", " a",
            "a\n", "a\0", &long,
        ] {
            assert!(!is_bare_name(bad), "{bad:?}");
            assert_eq!(
                asic_s(bad, b"<a/>", b"<s/>").unwrap_err(),
                SignatureError::ContainerName
            );
        }
    }
}
