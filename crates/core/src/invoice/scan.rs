//! A strict reader of plain XML: what it reads to the end is well-formed, namespaces included.
//!
//! It takes a part of XML 1.0 that every ordinary invoice stays within and that can be checked in one pass without
//! building anything. Of the rest (names beyond ASCII, references in attribute values, namespace declarations below the
//! root, processing instructions, document types, and whatever is malformed) it says [`Doubt`]: then the full parser has
//! the word. So it may doubt too much but must never trust too much.

use super::file::is_allowed;

/// Deepest nesting that is vouched for; FA(3) needs less than fifteen.
const MAX_DEPTH: usize = 32;
/// Most attributes of one element that are vouched for: each is compared with all others.
const MAX_ATTRIBUTES: usize = 16;

/// The document has something that the scanner does not vouch for; it may be well-formed nevertheless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Doubt;

/// One piece of a document. Comments and the XML declaration are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'d> {
    /// `<name …>`; the attributes are those of [`Scanner::attributes`].
    Start(&'d str),
    /// `<name …/>`, likewise.
    Empty(&'d str),
    /// `<name>text</name>`, with neither attributes nor references.
    Leaf(&'d str, &'d str),
    /// `</name>`
    End,
    /// Text without references, as it stands in the document; or the content of a CDATA section.
    Text(&'d str),
    /// A reference, resolved.
    Character(char),
}

/// Reads a document that has passed the checks of [`super::file::checked_text`].
pub(super) struct Scanner<'d> {
    text: &'d str,
    /// Where the next token begins.
    at: usize,
    /// Where the last token began.
    start: usize,
    /// Names of the elements that are open.
    open: Vec<&'d str>,
    has_root: bool,
    /// Prefixes declared by the root.
    prefixes: Vec<&'d str>,
    /// What follows the name in the last start tag, blanks included.
    attributes: &'d str,
    /// The names of these attributes.
    attribute_names: Vec<&'d str>,
}

impl<'d> Scanner<'d> {
    pub(super) fn new(text: &'d str) -> Result<Self, Doubt> {
        Ok(Self {
            text,
            at: declaration(text.as_bytes())?,
            start: 0,
            open: Vec::with_capacity(MAX_DEPTH),
            has_root: false,
            prefixes: Vec::new(),
            attributes: "",
            attribute_names: Vec::new(),
        })
    }

    /// The byte offset of the last token.
    pub(super) fn offset(&self) -> usize {
        self.start
    }

    /// What follows the name in the last start tag, blanks included.
    pub(super) fn attributes(&self) -> &'d str {
        self.attributes
    }

    /// Passes over white space where it means nothing.
    pub(super) fn skip_space(&mut self) {
        let bytes = self.text.as_bytes();
        // Indentation goes in larger steps.
        while bytes[self.at..].starts_with(b"        ") {
            self.at += 8;
        }
        while bytes.get(self.at).copied().is_some_and(is_space) {
            self.at += 1;
        }
    }

    /// The next token; `None` at the end of a document that is well-formed from end to end.
    pub(super) fn token(&mut self) -> Result<Option<Token<'d>>, Doubt> {
        loop {
            self.start = self.at;
            match &self.text.as_bytes()[self.at..] {
                [b'<', b'/', ..] => return self.end_tag().map(Some),
                [b'<', b'!', b'-', b'-', ..] => self.comment()?,
                [b'<', b'!', b'[', ..] => return self.character_data().map(Some),
                [b'<', b'!' | b'?', ..] => return Err(Doubt),
                [b'<', ..] => return self.start_tag().map(Some),
                [b'&', ..] => return self.reference().map(Some),
                [_, ..] => {
                    let text = self.run()?;
                    if !self.open.is_empty() {
                        return Ok(Some(Token::Text(text)));
                    }
                    // Around the root element only white space may stand.
                    if !text.bytes().all(is_space) {
                        return Err(Doubt);
                    }
                }
                [] => {
                    let complete = self.has_root && self.open.is_empty();
                    return if complete { Ok(None) } else { Err(Doubt) };
                }
            }
        }
    }

    fn start_tag(&mut self) -> Result<Token<'d>, Doubt> {
        if (self.has_root && self.open.is_empty()) || self.open.len() == MAX_DEPTH {
            return Err(Doubt);
        }
        let bytes = self.text.as_bytes();
        let name = name_at(self.text, self.at + 1)?;
        let after_name = self.at + 1 + name.text.len();
        let mut end = after_name;
        if !matches!(bytes.get(end), Some(b'>' | b'/')) {
            end = self.read_attributes(end)?;
        }
        if let Some(prefix) = name.prefix {
            self.ensure_declared(prefix)?;
        }
        self.has_root = true;
        self.attributes = &self.text[after_name..end];
        match &bytes[end..] {
            [b'>', ..] => {
                self.at = end + 1;
                if self.attributes.is_empty()
                    && let Some(text) = self.leaf(name.text)
                {
                    return Ok(Token::Leaf(name.text, text));
                }
                self.open.push(name.text);
                Ok(Token::Start(name.text))
            }
            [b'/', b'>', ..] => {
                self.at = end + 2;
                Ok(Token::Empty(name.text))
            }
            _ => Err(Doubt),
        }
    }

    /// The text from here to the end tag of this name, if there is nothing else before it.
    fn leaf(&mut self, name: &str) -> Option<&'d str> {
        let bytes = self.text.as_bytes();
        // Most elements with children begin with a line break.
        if bytes.get(self.at) == Some(&b'\n') {
            return None;
        }
        let end = self.at + plain_length(&bytes[self.at..]);
        let rest = bytes[end..].strip_prefix(b"</")?;
        let rest = rest.strip_prefix(name.as_bytes())?;
        if rest.first() != Some(&b'>') {
            return None;
        }
        let text = &self.text[self.at..end];
        self.at = bytes.len() - rest.len() + 1;
        Some(text)
    }

    /// Checks the attributes that begin at `at`, the white space before them included; answers where they end.
    fn read_attributes(&mut self, mut at: usize) -> Result<usize, Doubt> {
        let bytes = self.text.as_bytes();
        self.attribute_names.clear();
        let mut foreign = None;
        loop {
            let before = at;
            at = after_space(bytes, at);
            if matches!(bytes.get(at), Some(b'>' | b'/')) {
                break;
            }
            if at == before || self.attribute_names.len() == MAX_ATTRIBUTES {
                return Err(Doubt);
            }
            let name = name_at(self.text, at)?;
            if self.attribute_names.contains(&name.text) {
                return Err(Doubt);
            }
            self.attribute_names.push(name.text);
            at = after_space(bytes, at + name.text.len());
            if bytes.get(at) != Some(&b'=') {
                return Err(Doubt);
            }
            at = after_space(bytes, at + 1);
            let Some(quote @ (b'"' | b'\'')) = bytes.get(at) else {
                return Err(Doubt);
            };
            let from = at + 1;
            at = from;
            loop {
                match bytes.get(at) {
                    Some(byte) if byte == quote => break,
                    Some(b'<' | b'&') | None => return Err(Doubt),
                    Some(_) => at += 1,
                }
            }
            let value = &self.text[from..at];
            at += 1;
            match name.prefix {
                None if name.text == "xmlns" => self.declare(None, value)?,
                None => {}
                Some("xmlns") => self.declare(Some(name.local), value)?,
                // Two prefixes may stand for one namespace: only one such attribute is surely no duplicate.
                Some(_) if foreign.is_some() || name.local == "xmlns" => return Err(Doubt),
                Some(prefix) => foreign = Some(prefix),
            }
        }
        if let Some(prefix) = foreign {
            self.ensure_declared(prefix)?;
        }
        Ok(at)
    }

    /// Takes in a namespace declaration, of the root only.
    fn declare(&mut self, prefix: Option<&'d str>, uri: &str) -> Result<(), Doubt> {
        let reserved = uri.contains("www.w3.org/XML/1998") || uri.contains("www.w3.org/2000/xmlns");
        if self.has_root || uri.is_empty() || reserved || matches!(prefix, Some("xml" | "xmlns")) {
            return Err(Doubt);
        }
        self.prefixes.extend(prefix);
        Ok(())
    }

    fn ensure_declared(&self, prefix: &str) -> Result<(), Doubt> {
        if self.prefixes.contains(&prefix) {
            Ok(())
        } else {
            Err(Doubt)
        }
    }

    fn end_tag(&mut self) -> Result<Token<'d>, Doubt> {
        let bytes = self.text.as_bytes();
        let name = self.open.pop().ok_or(Doubt)?;
        let rest = bytes[self.at + 2..].strip_prefix(name.as_bytes());
        let after_name = match rest {
            Some([b'>', ..]) => self.at + 2 + name.len(),
            Some(_) => after_space(bytes, self.at + 2 + name.len()),
            None => return Err(Doubt),
        };
        if bytes.get(after_name) != Some(&b'>') {
            return Err(Doubt);
        }
        self.at = after_name + 1;
        Ok(Token::End)
    }

    /// Text up to the next markup or reference.
    fn run(&mut self) -> Result<&'d str, Doubt> {
        let bytes = self.text.as_bytes();
        let mut end = self.at;
        loop {
            end += plain_length(&bytes[end..]);
            match &bytes[end..] {
                [b']', b']', b'>', ..] => return Err(Doubt),
                [b']', ..] => end += 1,
                _ => break,
            }
        }
        let text = &self.text[self.at..end];
        self.at = end;
        Ok(text)
    }

    fn comment(&mut self) -> Result<(), Doubt> {
        let rest = &self.text[self.at + "<!--".len()..];
        let (comment, after) = rest.split_once("--").ok_or(Doubt)?;
        // Readers differ about `<!-->` and `<!--->`.
        if comment.starts_with(['-', '>']) || !after.starts_with('>') {
            return Err(Doubt);
        }
        self.at = self.text.len() - after.len() + 1;
        Ok(())
    }

    fn character_data(&mut self) -> Result<Token<'d>, Doubt> {
        const START: &str = "<![CDATA[";
        const END: &str = "]]>";
        let rest = self.text[self.at..].strip_prefix(START).ok_or(Doubt)?;
        let (data, _) = rest.split_once(END).ok_or(Doubt)?;
        if self.open.is_empty() {
            return Err(Doubt);
        }
        self.at += START.len() + data.len() + END.len();
        Ok(Token::Text(data))
    }

    fn reference(&mut self) -> Result<Token<'d>, Doubt> {
        /// A code point has at most seven digits; more zeros before them mean no good.
        const LONGEST: usize = "#x10FFFF".len();
        let rest = &self.text.as_bytes()[self.at + 1..];
        let length = rest.iter().take(LONGEST + 1).position(|b| *b == b';');
        let name = &rest[..length.ok_or(Doubt)?];
        let character = match name {
            b"amp" => '&',
            b"lt" => '<',
            b"gt" => '>',
            b"quot" => '"',
            b"apos" => '\'',
            [b'#', b'x', digits @ ..] => code_point(digits, 16)?,
            [b'#', digits @ ..] => code_point(digits, 10)?,
            _ => return Err(Doubt),
        };
        if self.open.is_empty() || !is_allowed(character) {
            return Err(Doubt);
        }
        self.at += name.len() + "&;".len();
        Ok(Token::Character(character))
    }
}

fn code_point(digits: &[u8], radix: u32) -> Result<char, Doubt> {
    if digits.is_empty() {
        return Err(Doubt);
    }
    let code = digits.iter().try_fold(0_u32, |code, digit| {
        let digit = char::from(*digit).to_digit(radix)?;
        code.checked_mul(radix)?.checked_add(digit)
    });
    code.and_then(char::from_u32).ok_or(Doubt)
}

/// The length of the XML declaration, if there is one; it must be written the ordinary way.
fn declaration(bytes: &[u8]) -> Result<usize, Doubt> {
    let Some(rest) = bytes.strip_prefix(b"<?xml") else {
        return Ok(0);
    };
    // The parser takes a declaration with other white space here for a processing instruction.
    if rest.first() != Some(&b' ') {
        return Err(Doubt);
    }
    let (version, rest) = pseudo_attribute(rest, b"version").ok_or(Doubt)?;
    let (encoding, rest) = pseudo_attribute(rest, b"encoding").unwrap_or((b"utf-8", rest));
    let (standalone, rest) = pseudo_attribute(rest, b"standalone").unwrap_or((b"no", rest));
    let legal = version == b"1.0"
        && encoding.eq_ignore_ascii_case(b"utf-8")
        && matches!(standalone, b"yes" | b"no");
    let end = after_space(rest, 0);
    if legal && rest[end..].starts_with(b"?>") {
        Ok(bytes.len() - rest.len() + end + "?>".len())
    } else {
        Err(Doubt)
    }
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

/// A qualified name.
struct Name<'d> {
    /// As it is written.
    text: &'d str,
    prefix: Option<&'d str>,
    local: &'d str,
}

fn name_at(text: &str, from: usize) -> Result<Name<'_>, Doubt> {
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
    let name = if classes & COLON == 0 {
        Name {
            text,
            prefix: None,
            local: text,
        }
    } else {
        let (prefix, local) = text.split_once(':').ok_or(Doubt)?;
        if !begins_name(prefix) || local.contains(':') {
            return Err(Doubt);
        }
        Name {
            text,
            prefix: Some(prefix),
            local,
        }
    };
    if begins_name(name.local) {
        Ok(name)
    } else {
        Err(Doubt)
    }
}

fn begins_name(part: &str) -> bool {
    part.bytes()
        .next()
        .is_some_and(|byte| CLASSES[usize::from(byte)] == LETTER)
}

const LETTER: u8 = 1;
const INNER: u8 = 2;
const COLON: u8 = 4;

/// What each byte is in a name; 0 for bytes that end it. Beyond ASCII all end it, and since nothing that may follow a
/// name begins so, they end in doubt.
const CLASSES: [u8; 256] = {
    let mut classes = [0; 256];
    let mut byte = 0;
    while byte < classes.len() {
        classes[byte] = match byte as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'_' => LETTER,
            b'0'..=b'9' | b'-' | b'.' => INNER,
            b':' => COLON,
            _ => 0,
        };
        byte += 1;
    }
    classes
};

/// The number of bytes before the first `<`, `&` or `]`.
fn plain_length(bytes: &[u8]) -> usize {
    /// In each byte the highest bit where `word` has `byte`; above the first such byte there may be bits too many.
    fn find(word: u64, byte: u8) -> u64 {
        const ONES: u64 = u64::from_le_bytes([1; 8]);
        let difference = word ^ (ONES * u64::from(byte));
        difference.wrapping_sub(ONES) & !difference & ONES << 7
    }
    let mut length = 0;
    while let Some(word) = bytes[length..].first_chunk() {
        let word = u64::from_le_bytes(*word);
        let found = find(word, b'<') | find(word, b'&') | find(word, b']');
        if found != 0 {
            return length + found.trailing_zeros() as usize / 8;
        }
        length += 8;
    }
    let rest = &bytes[length..];
    let found = rest.iter().position(|b| matches!(b, b'<' | b'&' | b']'));
    length + found.unwrap_or(rest.len())
}

fn after_space(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).copied().is_some_and(is_space) {
        at += 1;
    }
    at
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, Doubt> {
        let mut scanner = Scanner::new(text)?;
        let mut tokens = Vec::new();
        while let Some(token) = scanner.token()? {
            tokens.push(token);
        }
        Ok(tokens)
    }

    #[test]
    fn plain_documents_are_read_to_the_end() {
        assert_eq!(tokens("<a/>"), Ok(vec![Token::Empty("a")]));
        assert_eq!(
            tokens("<?xml version='1.0' encoding='utf-8' standalone='no' ?>\n<!-- - --><a>b</a>\n"),
            Ok(vec![Token::Leaf("a", "b")])
        );
        assert_eq!(
            tokens("<a><b>c</b>d&amp;e<![CDATA[<f>]]><g\n/></a >"),
            Ok(vec![
                Token::Start("a"),
                Token::Leaf("b", "c"),
                Token::Text("d"),
                Token::Character('&'),
                Token::Text("e"),
                Token::Text("<f>"),
                Token::Empty("g"),
                Token::End,
            ])
        );
        assert_eq!(
            tokens("<p:a xmlns:p='urn:p' b = \"'>\"><p:c>]]</p:c></p:a>"),
            Ok(vec![
                Token::Start("p:a"),
                Token::Start("p:c"),
                Token::Text("]]"),
                Token::End,
                Token::End
            ])
        );
    }

    #[test]
    fn offsets_and_attributes_are_those_of_the_last_token() {
        let mut scanner = Scanner::new("<a b='c'>\n  <d/></a>").unwrap();
        assert_eq!(scanner.token(), Ok(Some(Token::Start("a"))));
        assert_eq!((scanner.offset(), scanner.attributes()), (0, " b='c'"));
        scanner.skip_space();
        assert_eq!(scanner.token(), Ok(Some(Token::Empty("d"))));
        assert_eq!((scanner.offset(), scanner.attributes()), (12, ""));
        assert_eq!(scanner.token(), Ok(Some(Token::End)));
        assert_eq!(scanner.offset(), 16);
    }

    #[test]
    fn whatever_is_out_of_the_ordinary_is_doubted() {
        for text in [
            "",
            " ",
            "a",
            "<",
            "<a",
            "<a>",
            "<a/",
            "</a>",
            "<a></b>",
            "<a></a",
            "<a></aa>",
            "<aa></a>",
            "<a/><b/>",
            "<a/>b",
            "b<a/>",
            "<a/>&amp;",
            "&amp;<a/>",
            "<a/><![CDATA[]]>",
            "<a>&b;</a>",
            "<a>&#0;</a>",
            "<a>&#x7F;</a>",
            "<a>&</a>",
            "<a>]]></a>",
            "<a>b]]></a>",
            "<a>]]]></a>",
            "<a b></a>",
            "<a b=c/>",
            "<a b='c/>",
            "<a b='<'/>",
            "<a b='&amp;'/>",
            "<a b='c'd='e'/>",
            "<a b='c' b='c'/>",
            "<a / >",
            "< a/>",
            "<1/>",
            "<é/>",
            "<aé/>",
            "<a é='b'/>",
            "<a:b/>",
            "<a:b:c xmlns:a='b'/>",
            "<:a/>",
            "<a xmlns:=''/>",
            "<a b:c='d'/>",
            "<a xmlns:b=''/>",
            "<a xmlns=''/>",
            "<a xmlns:xml='b'/>",
            "<a xmlns:xmlns='b'/>",
            "<a xmlns:b='http://www.w3.org/2000/xmlns/'/>",
            "<a><b xmlns='c'/></a>",
            "<a><b xmlns:c='d'/></a>",
            "<?b?><a/>",
            "<a><?b?></a>",
            "<!DOCTYPE a><a/>",
            "<!----><!--><a/>",
            "<!-- -- --><a/>",
            "<!-- ---><a/>",
            "<a><!-- </a>",
            "<a><![CDATA[</a>",
            "<a><!b></a>",
            "<?xml?><a/>",
            "<?xml\tversion='1.0'?><a/>",
            "<?xml version='1.1'?><a/>",
            "<?xml version='1.0' encoding='latin1'?><a/>",
            "<?xml version='1.0'encoding='utf-8'?><a/>",
            "<?xml encoding='utf-8' version='1.0'?><a/>",
            "<?xml version='1.0' standalone='maybe'?><a/>",
            "<?xml version='1.0' a='b'?><a/>",
            " <?xml version='1.0'?><a/>",
        ] {
            assert_eq!(tokens(text), Err(Doubt), "{text:?}");
        }
        let deep = "<a>".repeat(MAX_DEPTH + 1) + &"</a>".repeat(MAX_DEPTH + 1);
        assert_eq!(tokens(&deep), Err(Doubt));
        let many: String = (0..=MAX_ATTRIBUTES).map(|i| format!(" a{i}=''")).collect();
        assert_eq!(tokens(&format!("<a{many}/>")), Err(Doubt));
    }

    #[test]
    fn the_first_special_byte_is_found_wherever_it_stands() {
        for byte in [b'<', b'&', b']'] {
            for length in 0..40 {
                let mut bytes = vec![0xFF; length];
                // Neighbours of the special bytes, and zero.
                bytes
                    .iter_mut()
                    .zip([b';', b'=', b'%', b'\'', b'\\', b'^', 0].iter().cycle())
                    .for_each(|(b, n)| *b = *n);
                assert_eq!(plain_length(&bytes), length);
                bytes.push(byte);
                bytes.extend_from_slice(b"]<&=;");
                assert_eq!(plain_length(&bytes), length);
            }
        }
    }
}
