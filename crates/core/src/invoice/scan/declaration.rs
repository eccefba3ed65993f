//! The XML declaration, if a document begins with one.

use super::{after_space, is_space};
use crate::invoice::InvoiceError;
use crate::invoice::error::Position;

/// The length of the declaration; 0 without one.
///
/// # Errors
/// It names another encoding than UTF-8, or is not what XML 1.0 makes of a declaration.
pub(super) fn length(text: &str) -> Result<usize, InvoiceError> {
    let bytes = text.as_bytes();
    // `<?xml-stylesheet` and the like are processing instructions.
    let Some(rest) = bytes
        .strip_prefix(b"<?xml")
        .filter(|rest| rest.first().copied().is_some_and(is_space))
    else {
        return Ok(0);
    };
    let malformed = InvoiceError::Malformed(Position { line: 1, column: 1 });
    let Some((version, rest)) = pseudo_attribute(rest, b"version") else {
        return Err(malformed);
    };
    let (encoding, rest) = pseudo_attribute(rest, b"encoding").unwrap_or((b"utf-8", rest));
    if !encoding.eq_ignore_ascii_case(b"utf-8") {
        return Err(InvoiceError::Encoding);
    }
    let (standalone, rest) = pseudo_attribute(rest, b"standalone").unwrap_or((b"no", rest));
    let end = after_space(rest, 0);
    let is_legal = is_version(version) && matches!(standalone, b"yes" | b"no");
    if is_legal && rest[end..].starts_with(b"?>") {
        Ok(bytes.len() - rest.len() + end + "?>".len())
    } else {
        Err(malformed)
    }
}

/// `1.` and a number: a reader of 1.0 takes them all for 1.0.
fn is_version(version: &[u8]) -> bool {
    version
        .strip_prefix(b"1.")
        .is_some_and(|minor| !minor.is_empty() && minor.iter().all(u8::is_ascii_digit))
}

/// The value of ` name="value"` and what follows it.
fn pseudo_attribute<'a>(bytes: &'a [u8], name: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let from = after_space(bytes, 0);
    let rest = bytes[from..].strip_prefix(name).filter(|_| from > 0)?;
    let rest = rest[after_space(rest, 0)..].strip_prefix(b"=")?;
    let (quote, rest) = rest[after_space(rest, 0)..].split_first()?;
    let length = rest.iter().position(|byte| byte == quote)?;
    matches!(quote, b'"' | b'\'').then(|| (&rest[..length], &rest[length + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic as _;

    #[test]
    fn declarations_are_taken_as_xml_writes_them() {
        for declaration in [
            "",
            "<?xml version='1.0'?>",
            "<?xml\tversion = \"1.1\"\r\nencoding='Utf-8' standalone=\"no\" ?>",
            "<?xml version='1.0' standalone='yes'?>",
        ] {
            let text = format!("{declaration}<a/>");
            assert_eq!(length(&text), Ok(declaration.len()), "{declaration}");
        }
        assert_eq!(length("<?xml-stylesheet?><a/>"), Ok(0));
    }

    #[test]
    fn others_are_refused() {
        for declaration in [
            "<?xml ?>",
            "<?xml version=1.0?>",
            "<?xml version='2.0'?>",
            "<?xml version='1.'?>",
            "<?xml version='1.0\"?>",
            "<?xml version='1.0'encoding='utf-8'?>",
            "<?xml encoding='utf-8'?>",
            "<?xml encoding='utf-8' version='1.0'?>",
            "<?xml version='1.0' standalone='no' encoding='utf-8'?>",
            "<?xml version='1.0' standalone='maybe'?>",
            "<?xml version='1.0' a='b'?>",
            "<?xml version='1.0'>",
            "<?xml version='1.0'",
        ] {
            let error = length(declaration).unwrap_err();
            assert_eq!(error.code(), "file-not-well-formed", "{declaration}");
        }
        for encoding in ["iso-8859-2", "UTF-16", "utf8", "", "utf-8 "] {
            let text = format!("<?xml version='1.0' encoding='{encoding}'?>");
            assert_eq!(length(&text), Err(InvoiceError::Encoding), "{encoding}");
        }
    }
}
