//! Names as XML and Namespaces in XML write them.

/// A qualified name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Name<'d> {
    /// As it is written.
    pub(super) text: &'d str,
    pub(super) prefix: Option<&'d str>,
    pub(super) local: &'d str,
}

impl<'d> Name<'d> {
    /// The name that begins at `from`; if there is none, the byte offset at which it fails.
    pub(super) fn at(text: &'d str, from: usize) -> Result<Self, usize> {
        let bytes = text.as_bytes();
        let mut classes = 0;
        let mut end = from;
        while let Some(class) = bytes.get(end).map(|byte| CLASSES[usize::from(*byte)])
            && class != 0
        {
            classes |= class;
            end += 1;
        }
        let text = &text[from..end];
        if classes & WIDE != 0
            && let Some((at, _)) = text.char_indices().find(|(_, c)| !is_inner(*c))
        {
            return Err(from + at);
        }
        let (prefix, local) = if classes & COLON == 0 {
            (None, text)
        } else {
            let (prefix, local) = text.split_once(':').ok_or(from)?;
            if !begins_name(prefix) || local.contains(':') {
                return Err(from);
            }
            (Some(prefix), local)
        };
        if begins_name(local) {
            Ok(Self {
                text,
                prefix,
                local,
            })
        } else {
            Err(from)
        }
    }
}

/// Whether two names are the same. Names are short: a call of the general comparison costs more than looking at their first
/// and last bytes as words.
#[inline]
pub(in crate::invoice) fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let word = |bytes: Option<&[u8; 8]>| bytes.map(|bytes| u64::from_le_bytes(*bytes));
    let half = |bytes: Option<&[u8; 4]>| bytes.map(|bytes| u32::from_le_bytes(*bytes));
    match one.len() {
        0..4 => one.iter().eq(other),
        4..8 => {
            half(one.first_chunk()) == half(other.first_chunk())
                && half(one.last_chunk()) == half(other.last_chunk())
        }
        length => {
            word(one.first_chunk()) == word(other.first_chunk())
                && word(one.last_chunk()) == word(other.last_chunk())
                && (length <= 16 || one == other)
        }
    }
}

fn begins_name(part: &str) -> bool {
    match part.as_bytes().first() {
        Some(byte) if byte.is_ascii() => CLASSES[usize::from(*byte)] == LETTER,
        _ => part.starts_with(is_start),
    }
}

/// `NameStartChar` of XML 1.0, fifth edition, beyond ASCII.
fn is_start(character: char) -> bool {
    matches!(character,
        '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}'
        | '\u{2C00}'..='\u{2FEF}' | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}'
        | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}

/// `NameChar` of XML 1.0, fifth edition. What is in ASCII has been looked up before.
fn is_inner(character: char) -> bool {
    character.is_ascii()
        || is_start(character)
        || matches!(character, '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

const LETTER: u8 = 1;
const INNER: u8 = 2;
const COLON: u8 = 4;
const WIDE: u8 = 8;

/// What each byte is in a name; 0 for bytes that end it. Beyond ASCII the characters are looked at one by one.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => LETTER,
            b'0'..=b'9' | b'-' | b'.' => INNER,
            b':' => COLON,
            0x80.. => WIDE,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_length_are_compared_to_the_last_byte() {
        let name = "abcdefghijklmnopqrstuvwxyz";
        for length in 0..name.len() {
            let one = &name[..length];
            assert!(is_same(one, &String::from(one)));
            assert!(!is_same(one, &name[..=length]));
            for at in 0..length {
                let mut other = String::from(one);
                other.replace_range(at..=at, "~");
                assert!(!is_same(one, &other), "{one} {other}");
            }
        }
    }

    #[test]
    fn names_end_where_xml_ends_them() {
        for (text, length) in [
            ("a>", 1),
            ("P_13_1 b", 6),
            ("_.-9/", 4),
            ("łódź=", 7),
            ("a·\u{300}>", 5),
            ("\u{10000}", 4),
        ] {
            let name = Name::at(text, 0).unwrap();
            assert_eq!((name.text.len(), name.prefix), (length, None), "{text}");
        }
        let name = Name::at("<ą:ę/>", 1).unwrap();
        assert_eq!((name.prefix, name.local), (Some("ą"), "ę"));
    }

    #[test]
    fn what_is_no_name_fails_where_it_begins_or_at_the_character() {
        for text in [
            "", ">", "1", "-a", ".a", "·a", ":a", "a:", "a:b:c", "a:1", "1:a",
        ] {
            assert_eq!(Name::at(text, 0), Err(0), "{text}");
        }
        for text in ["a×", "a\u{A0}", "a\u{2028}b", "a😀\u{F0000}"] {
            let outside = text.char_indices().find(|(_, c)| !is_inner(*c)).unwrap().0;
            assert_eq!(Name::at(text, 0), Err(outside), "{text}");
        }
    }
}
