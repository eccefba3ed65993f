//! References: numbers of characters and the five names XML knows without a document type.

use super::Scanner;
use crate::invoice::InvoiceError;
use crate::invoice::file::is_allowed;

impl Scanner<'_> {
    /// The character the reference at `at` stands for, and where the reference ends.
    pub(super) fn reference(&self, at: usize) -> Result<(char, usize), InvoiceError> {
        let rest = &self.text.as_bytes()[at + 1..];
        // What the text goes on with after a number or a name that is no reference is the fault of what stands here.
        let length = rest
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'#'));
        let Some(length) = length.filter(|length| rest[*length] == b';') else {
            return Err(self.malformed(at));
        };
        let character = match &rest[..length] {
            b"amp" => Some('&'),
            b"lt" => Some('<'),
            b"gt" => Some('>'),
            b"quot" => Some('"'),
            b"apos" => Some('\''),
            [b'#', b'x', digits @ ..] => character(digits, 16),
            [b'#', digits @ ..] => character(digits, 10),
            _ => None,
        };
        match character {
            Some(character) if is_allowed(character) => Ok((character, at + length + "&;".len())),
            Some(character) => Err(InvoiceError::Character {
                code_point: character.into(),
                position: self.position(at),
            }),
            None => Err(self.malformed(at)),
        }
    }
}

fn character(digits: &[u8], radix: u32) -> Option<char> {
    if digits.is_empty() {
        return None;
    }
    let code = digits.iter().try_fold(0_u32, |code, digit| {
        let digit = char::from(*digit).to_digit(radix)?;
        code.checked_mul(radix)?.checked_add(digit)
    });
    code.and_then(char::from_u32)
}
