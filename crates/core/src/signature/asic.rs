//! ASiC-S containers (ETSI EN 319 162-1): an invoice and its signature in one file that signature tools open.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::SignatureError;
use crate::xml;

/// The media type, which is the first entry of every container, uncompressed.
pub const ASIC_S_MEDIA_TYPE: &str = "application/vnd.etsi.asic-s+zip";
const ASIC: &str = "http://uri.etsi.org/02918/v1.2.1#";

/// Joins a document and the detached signature over it. `file_name` is the name the signature refers to.
///
/// # Errors
/// [`SignatureError::Malformed`] when `signature` is no XML, [`SignatureError::Container`] when the two do not fit
/// into a container.
pub fn asic_s(
    file_name: &str,
    document: &[u8],
    signature: &[u8],
) -> Result<Vec<u8>, SignatureError> {
    let parsed = xml::parse(signature, 100_000).ok_or(SignatureError::Malformed)?;
    let element = &parsed.input_text()[parsed.root_element().range()];
    let signatures = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <asic:XAdESSignatures xmlns:asic=\"{ASIC}\">{element}</asic:XAdESSignatures>\n"
    );
    let stored = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default());
    let deflated = stored.compression_method(CompressionMethod::Deflated);
    let write = || -> zip::result::ZipResult<Vec<u8>> {
        let mut container = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content, options) in [
            ("mimetype", ASIC_S_MEDIA_TYPE.as_bytes(), stored),
            (file_name, document, deflated),
            ("META-INF/signatures.xml", signatures.as_bytes(), deflated),
        ] {
            container.start_file(name, options)?;
            container.write_all(content)?;
        }
        Ok(container.finish()?.into_inner())
    };
    write().map_err(|_| SignatureError::Container)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_media_type_stands_first_and_uncompressed() {
        let container = asic_s("a.xml", b"<a/>", b"<s xmlns=\"urn:s\"/>").unwrap();
        // A local header has 30 bytes, then the name; the content follows at once, so that tools can sniff it.
        assert_eq!(&container[30..38], b"mimetype");
        assert_eq!(
            &container[38..38 + ASIC_S_MEDIA_TYPE.len()],
            ASIC_S_MEDIA_TYPE.as_bytes()
        );
        let mut archive = zip::ZipArchive::new(Cursor::new(container)).unwrap();
        let mut text = String::new();
        archive
            .by_name("META-INF/signatures.xml")
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        assert!(text.contains("<s xmlns=\"urn:s\"/></asic:XAdESSignatures>"));
    }
}
