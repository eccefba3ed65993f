//! The checks KSeF makes on a file before it looks at the invoice: encoding, characters, size, no DTD, no processing
//! instruction, the namespace of FA(3).

use super::error::{InvoiceError, Position};
use super::names;
use super::scan::{Element, Namespace, Scanner, Token};

/// Largest invoice without attachment, in bytes.
pub const MAX_SIZE: usize = 1_000_000;
/// Largest invoice with attachment, in bytes.
pub const MAX_SIZE_WITH_ATTACHMENT: usize = 3_000_000;
/// Most attributes of one element, namespace declarations included; FA(3) needs a handful.
pub(super) const MAX_ATTRIBUTES: usize = 256;

/// Makes the checks of the file level alone: encoding, characters, size, no DTD, no processing instruction, the
/// namespace of FA(3).
///
/// # Errors
/// The first fault found, with its position.
pub fn check_file(bytes: &[u8]) -> Result<(), InvoiceError> {
    checked_file(bytes).map(|_| ())
}

/// The text of a file that passes [`check_file`].
pub(super) fn checked_file(bytes: &[u8]) -> Result<&str, InvoiceError> {
    let text = checked_text(bytes)?;
    let mut scanner = Scanner::new(text)?;
    let mut sight = Sight::default();
    while let Some(token) = scanner.token()? {
        sight.take(&token, scanner.offset());
    }
    sight.judge(text).map(|_| text)
}

/// What the file level wants to know of the elements that pass by.
#[derive(Default)]
pub(super) struct Sight<'d> {
    root: Option<(Element<'d>, usize)>,
    has_attachment: bool,
}

impl<'d> Sight<'d> {
    /// Takes note of a token at this byte offset.
    pub(super) fn take(&mut self, token: &Token<'d>, at: usize) {
        if let Token::Start(element) | Token::Empty(element) | Token::Leaf(element, _) = *token {
            self.root.get_or_insert((element, at));
            self.has_attachment |=
                element.local == names::ATTACHMENT && element.namespace == Namespace::Invoice;
        }
    }

    /// Whether there is an attachment, once all of `text` has passed by.
    pub(super) fn judge(&self, text: &str) -> Result<bool, InvoiceError> {
        if !self.has_attachment && text.len() > MAX_SIZE {
            return Err(InvoiceError::TooLarge {
                size: text.len(),
                limit: MAX_SIZE,
            });
        }
        let namespace = self.root.filter(|(root, _)| root.local == names::INVOICE);
        match namespace.map(|(root, _)| root.namespace) {
            Some(Namespace::Invoice) => Ok(self.has_attachment),
            Some(Namespace::Fa2) => Err(InvoiceError::FormerForm { form: "FA(2)" }),
            Some(Namespace::Fa1) => Err(InvoiceError::FormerForm { form: "FA(1)" }),
            _ => {
                let at = self.root.map_or(0, |(_, at)| at);
                Err(InvoiceError::WrongNamespace(Position::of(text, at)))
            }
        }
    }
}

/// The text of a file whose size, encoding and characters KSeF takes.
pub(super) fn checked_text(bytes: &[u8]) -> Result<&str, InvoiceError> {
    if bytes.is_empty() {
        return Err(InvoiceError::Empty);
    }
    if bytes.len() > MAX_SIZE_WITH_ATTACHMENT {
        return Err(InvoiceError::TooLarge {
            size: bytes.len(),
            limit: MAX_SIZE_WITH_ATTACHMENT,
        });
    }
    let marks: [&[u8]; 3] = [b"\xEF\xBB\xBF", b"\xFE\xFF", b"\xFF\xFE"];
    if marks.iter().any(|mark| bytes.starts_with(mark)) {
        return Err(InvoiceError::ByteOrderMark);
    }
    let text = core::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        InvoiceError::NotUtf8(Position::of(&valid, valid.len()))
    })?;
    // One pass over bytes settles the usual case: no character that could be refused is in sight.
    if !begins_only_allowed(bytes)
        && let Some((offset, character)) = text.char_indices().find(|(_, c)| !is_allowed(*c))
    {
        return Err(InvoiceError::Character {
            code_point: character.into(),
            position: Position::of(text, offset),
        });
    }
    Ok(text)
}

/// Whether each byte belongs to allowed characters only. Goes in steps without early exits, which the compiler turns into
/// vector instructions.
fn begins_only_allowed(bytes: &[u8]) -> bool {
    let is_suspect = |byte: u8| {
        let control = byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r');
        control || byte == 0x7F || byte == 0xC2 || byte > 0xEE
    };
    bytes
        .chunks(256)
        .all(|step| !step.iter().fold(false, |any, byte| any | is_suspect(*byte)))
}

/// XML 1.0 characters less the discouraged ones KSeF refuses.
pub(super) fn is_allowed(character: char) -> bool {
    match u32::from(character) {
        0x09
        | 0x0A
        | 0x0D
        | 0x20..=0x7E
        | 0x85
        | 0xA0..=0xD7FF
        | 0xE000..=0xFDCF
        | 0xFDF0..=0xFFFD => true,
        code @ 0x1_0000.. => code & 0xFFFE != 0xFFFE,
        _ => false,
    }
}
