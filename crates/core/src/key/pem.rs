//! Key and certificate files as people have them: PEM with anything around its blocks, Base64 without any marks as an
//! API gives it, or DER; saved by any editor on any system.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
/// Most blocks of a file that are looked at: a bundle of authorities is no certificate file.
const MAX_BLOCKS: usize = 100;

/// What a file holds.
pub(super) enum Content {
    /// Blocks between BEGIN and END.
    Pem(Vec<Block>),
    /// Anything else, taken for DER.
    Der(Zeroizing<Vec<u8>>),
}

/// A block of a PEM file.
pub(super) struct Block {
    /// What stands after BEGIN.
    pub(super) label: String,
    /// Whether the block has header lines (`Proc-Type:`), as OpenSSL's traditional encryption writes them.
    pub(super) has_headers: bool,
    /// What the Base64 means; `None` when it is none.
    pub(super) der: Option<Zeroizing<Vec<u8>>>,
}

/// Splits a file. Line ends, indentation, byte order marks and text around the blocks do not matter; a block without
/// an end is passed over.
pub(super) fn read(bytes: &[u8]) -> Content {
    let text = single_byte_text(bytes);
    let mut blocks = Vec::new();
    let mut rest = text.as_slice();
    while let Some(begin) = find(rest, BEGIN) {
        rest = &rest[begin + BEGIN.len()..];
        let Some(block) = Block::read(rest) else {
            continue;
        };
        blocks.push(block);
        if blocks.len() == MAX_BLOCKS {
            break;
        }
    }
    if blocks.is_empty() {
        Content::Der(decode(&text).unwrap_or(text))
    } else {
        Content::Pem(blocks)
    }
}

impl Block {
    /// Reads a block whose label starts with `text`.
    fn read(text: &[u8]) -> Option<Self> {
        let label_end = find(text, DASHES)?;
        let label = core::str::from_utf8(&text[..label_end]).ok()?;
        let body = &text[label_end + DASHES.len()..];
        let end = [END, label.as_bytes(), DASHES].concat();
        let body = &body[..find(body, &end)?];
        let has_headers = body.contains(&b':');
        Some(Self {
            label: label.to_owned(),
            has_headers,
            der: if has_headers { None } else { decode(body) },
        })
    }
}

/// The file without a byte order mark and, where Windows saved it as UTF-16, as the ASCII it means.
fn single_byte_text(bytes: &[u8]) -> Zeroizing<Vec<u8>> {
    let from_utf16 = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (units, _) = bytes.as_chunks::<2>();
        units
            .iter()
            .map(|pair| u8::try_from(unit(*pair)).unwrap_or(b'?'))
            .collect()
    };
    Zeroizing::new(match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => rest.to_vec(),
        [0xFF, 0xFE, rest @ ..] => from_utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => from_utf16(rest, u16::from_be_bytes),
        _ => bytes.to_vec(),
    })
}

fn decode(base64: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut dense = Zeroizing::new(Vec::with_capacity(base64.len()));
    dense.extend(base64.iter().filter(|byte| !byte.is_ascii_whitespace()));
    if dense.is_empty() {
        return None;
    }
    BASE64.decode(dense.as_slice()).ok().map(Zeroizing::new)
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels_and_bytes(text: &[u8]) -> Vec<(String, Option<Vec<u8>>)> {
        match read(text) {
            Content::Pem(blocks) => blocks
                .into_iter()
                .map(|block| (block.label, block.der.map(|der| der.to_vec())))
                .collect(),
            Content::Der(der) => vec![("DER".to_owned(), Some(der.to_vec()))],
        }
    }

    #[test]
    fn blocks_are_found_whatever_stands_around_them() {
        let expected = vec![
            ("A B".to_owned(), Some(b"one".to_vec())),
            ("C".to_owned(), Some(b"twoo".to_vec())),
        ];
        let text = "Bag Attributes\n    friendlyName: x\n-----BEGIN A B-----\nb25l\n-----END A B-----\n\
                    subject=/CN=y\n  -----BEGIN C-----\n  dHdv\n  bw==  \n  -----END C-----";
        assert_eq!(labels_and_bytes(text.as_bytes()), expected);
        for changed in [text.replace('\n', "\r\n"), text.replace('\n', "\r")] {
            assert_eq!(labels_and_bytes(changed.as_bytes()), expected);
        }
        let with_mark = format!("\u{feff}{text}");
        assert_eq!(labels_and_bytes(with_mark.as_bytes()), expected);
        let little: Vec<u8> = with_mark
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let big: Vec<u8> = with_mark
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(labels_and_bytes(&little), expected);
        assert_eq!(labels_and_bytes(&big), expected);
    }

    #[test]
    fn what_has_no_block_is_base64_or_der() {
        assert_eq!(
            labels_and_bytes(b" b25l\r\n "),
            [("DER".to_owned(), Some(b"one".to_vec()))]
        );
        for other in [&b"\x30\x00\xFF"[..], b"-----BEGIN A-----\nb25l\n", b""] {
            assert_eq!(
                labels_and_bytes(other),
                [("DER".to_owned(), Some(other.to_vec()))]
            );
        }
    }

    #[test]
    fn headers_and_broken_base64_are_told_apart() {
        let Content::Pem(blocks) = read(
            b"-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\n\nb25l\n-----END X-----\n\
              -----BEGIN X-----\n!\n-----END X-----",
        ) else {
            unreachable!("there are two blocks");
        };
        assert!(blocks[0].has_headers && blocks[0].der.is_none());
        assert!(!blocks[1].has_headers && blocks[1].der.is_none());
    }
}
