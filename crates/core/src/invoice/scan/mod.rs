//! The reader of XML behind the verdict: one pass that builds nothing. What it reads to the end is well-formed XML 1.0,
//! namespaces included, and keeps the rules KSeF adds: no document type, no processing instruction, no discouraged
//! character by reference. Whatever else it meets is an error with its place.
//!
//! Its memory is that of the open elements and their declarations, which are bounded, whatever the document.

mod attribute;
mod declaration;
mod name;
mod namespace;
mod plain;
mod reference;

pub(super) use self::attribute::Attribute;
use self::name::Name;
pub(super) use self::name::is_same;
pub(super) use self::namespace::Namespace;
use self::namespace::Scopes;
use self::plain::plain_length;
use super::InvoiceError;
use super::error::Position;

/// Deepest nesting that is read; FA(3) needs less than fifteen.
const MAX_DEPTH: usize = 64;

/// One piece of a document. Comments and the XML declaration are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'d> {
    /// `<name …>`; the attributes are those of [`Scanner::attributes`].
    Start(Element<'d>),
    /// `<name …/>`, likewise.
    Empty(Element<'d>),
    /// `<name>text</name>`, with neither attributes nor references.
    Leaf(Element<'d>, &'d str),
    /// `</name>`
    End,
    /// Text without references, as it stands in the document; or the content of a CDATA section.
    Text(&'d str),
    /// A reference, resolved.
    Character(char),
}

/// The name of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element<'d> {
    pub(super) namespace: Namespace,
    pub(super) local: &'d str,
}

/// Reads a document that has passed the checks of [`super::file::checked_text`].
pub(super) struct Scanner<'d> {
    text: &'d str,
    /// Where the next token begins.
    at: usize,
    /// Where the last token began.
    start: usize,
    /// Where the text of the last leaf began.
    leaf_at: usize,
    /// Names of the elements that are open.
    open: Vec<&'d str>,
    has_root: bool,
    scopes: Scopes<'d>,
    /// Those of the last start tag, declarations of namespaces left out.
    attributes: Vec<Attribute<'d>>,
}

impl<'d> Scanner<'d> {
    /// # Errors
    /// The XML declaration is none, or names another encoding than UTF-8.
    pub(super) fn new(text: &'d str) -> Result<Self, InvoiceError> {
        Ok(Self {
            text,
            at: declaration::length(text)?,
            start: 0,
            leaf_at: 0,
            open: Vec::with_capacity(16),
            has_root: false,
            scopes: Scopes::new(),
            attributes: Vec::new(),
        })
    }

    /// The byte offset of the last token.
    pub(super) fn offset(&self) -> usize {
        self.start
    }

    /// The byte offset of the text of the last [`Token::Leaf`].
    pub(super) fn leaf_offset(&self) -> usize {
        self.leaf_at
    }

    /// The attributes of the last start tag, declarations of namespaces left out.
    pub(super) fn attributes(&self) -> &[Attribute<'d>] {
        &self.attributes
    }

    /// The namespace of a qualified name in an attribute of the last start tag.
    pub(super) fn namespace_of_value(&self, prefix: Option<&str>) -> Option<Namespace> {
        self.scopes.of_value(prefix.unwrap_or_default())
    }

    /// Passes over white space where it means nothing.
    pub(super) fn skip_space(&mut self) {
        let bytes = self.text.as_bytes();
        // Indentation goes in larger steps.
        while bytes[self.at..].starts_with(b"        ") {
            self.at += 8;
        }
        self.at = after_space(bytes, self.at);
    }

    /// The next token; `None` at the end of a document that is well-formed from end to end.
    ///
    /// # Errors
    /// The document is malformed here, or has something KSeF does not take.
    pub(super) fn token(&mut self) -> Result<Option<Token<'d>>, InvoiceError> {
        loop {
            self.start = self.at;
            match &self.text.as_bytes()[self.at..] {
                [b'<', b'/', ..] => return self.end_tag().map(Some),
                [b'<', b'!', ..] => {
                    if let Some(data) = self.comment_or_data()? {
                        return Ok(Some(Token::Text(data)));
                    }
                }
                [b'<', b'?', ..] => return Err(self.instruction()),
                [b'<', ..] => return self.start_tag().map(Some),
                [b'&', ..] if self.open.is_empty() => return Err(self.malformed(self.at)),
                [b'&', ..] => {
                    let (character, end) = self.reference(self.at)?;
                    self.at = end;
                    return Ok(Some(Token::Character(character)));
                }
                [_, ..] => {
                    let text = self.run()?;
                    if !self.open.is_empty() {
                        return Ok(Some(Token::Text(text)));
                    }
                    // Around the root element only white space may stand.
                    if let Some(at) = text.bytes().position(|byte| !is_space(byte)) {
                        return Err(self.malformed(self.start + at));
                    }
                }
                [] => {
                    let complete = self.has_root && self.open.is_empty();
                    return if complete {
                        Ok(None)
                    } else {
                        Err(self.malformed(self.at))
                    };
                }
            }
        }
    }

    fn start_tag(&mut self) -> Result<Token<'d>, InvoiceError> {
        if self.has_root && self.open.is_empty() {
            return Err(self.malformed(self.at));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(InvoiceError::TooDeep(self.position(self.at)));
        }
        self.scopes.leave(self.open.len());
        self.attributes.clear();
        let bytes = self.text.as_bytes();
        let name = self.name_at(self.at + 1)?;
        let after_name = self.at + 1 + name.text.len();
        let mut end = after_name;
        if !matches!(bytes.get(end), Some(b'>' | b'/')) {
            end = self.read_attributes(end)?;
        }
        let Some(namespace) = self.scopes.of_element(name.prefix) else {
            return Err(self.malformed(self.start));
        };
        let element = Element {
            namespace,
            local: name.local,
        };
        self.has_root = true;
        match &bytes[end..] {
            [b'>', ..] => {
                self.at = end + 1;
                if end == after_name
                    && let Some(text) = self.leaf(name.text)
                {
                    return Ok(Token::Leaf(element, text));
                }
                self.open.push(name.text);
                Ok(Token::Start(element))
            }
            [b'/', b'>', ..] => {
                self.at = end + 2;
                Ok(Token::Empty(element))
            }
            _ => Err(self.malformed(end + 1)),
        }
    }

    /// The text from here to the end tag of this name, if there is nothing else before it.
    fn leaf(&mut self, name: &str) -> Option<&'d str> {
        let bytes = self.text.as_bytes();
        // Most elements with children begin with a line break.
        if matches!(bytes.get(self.at), Some(b'\n' | b'\r')) {
            return None;
        }
        let end = self.at + plain_length(&bytes[self.at..]);
        let after_name = end + "</".len() + name.len();
        let is_end_tag = bytes[end..].starts_with(b"</")
            && bytes.get(after_name) == Some(&b'>')
            && is_same(self.text.get(end + "</".len()..after_name)?, name);
        if !is_end_tag {
            return None;
        }
        let text = &self.text[self.at..end];
        self.leaf_at = self.at;
        self.at = after_name + 1;
        Some(text)
    }

    fn end_tag(&mut self) -> Result<Token<'d>, InvoiceError> {
        let bytes = self.text.as_bytes();
        let rest = &bytes[self.at + 2..];
        let Some(name) = self.open.pop() else {
            return Err(self.malformed(self.at));
        };
        let Some(rest) = rest.strip_prefix(name.as_bytes()) else {
            let is_cut_off = name.as_bytes().starts_with(rest);
            return Err(self.malformed(if is_cut_off { bytes.len() } else { self.at }));
        };
        let after_name = bytes.len() - rest.len();
        let end = after_space(bytes, after_name);
        match bytes.get(end) {
            Some(b'>') => {
                self.at = end + 1;
                Ok(Token::End)
            }
            // Another name, which begins like the right one.
            Some(_) if end == after_name => Err(self.malformed(self.at)),
            _ => Err(self.malformed(end)),
        }
    }

    /// Text up to the next markup or reference.
    fn run(&mut self) -> Result<&'d str, InvoiceError> {
        let bytes = self.text.as_bytes();
        let mut end = self.at;
        loop {
            end += plain_length(&bytes[end..]);
            match &bytes[end..] {
                [b']', b']', b'>', ..] => return Err(self.malformed(end)),
                [b']', ..] => end += 1,
                _ => break,
            }
        }
        let text = &self.text[self.at..end];
        self.at = end;
        Ok(text)
    }

    /// Passes over a comment, or answers what stands in a CDATA section.
    fn comment_or_data(&mut self) -> Result<Option<&'d str>, InvoiceError> {
        const DATA: &str = "<![CDATA[";
        const DATA_END: &str = "]]>";
        let rest = &self.text[self.at..];
        if let Some(rest) = rest.strip_prefix("<!--") {
            let Some((_, after)) = rest.split_once("--") else {
                return Err(self.malformed(self.text.len()));
            };
            let end = self.text.len() - after.len();
            if !after.starts_with('>') {
                return Err(self.malformed(end));
            }
            self.at = end + 1;
            return Ok(None);
        }
        if let Some(rest) = rest.strip_prefix(DATA).filter(|_| !self.open.is_empty()) {
            let Some((data, _)) = rest.split_once(DATA_END) else {
                return Err(self.malformed(self.text.len()));
            };
            self.at += DATA.len() + data.len() + DATA_END.len();
            return Ok(Some(data));
        }
        if rest.starts_with("<!DOCTYPE") && !self.has_root {
            return Err(InvoiceError::Dtd(self.position(self.at)));
        }
        Err(self.malformed(self.at))
    }

    /// What to say of `<?`.
    fn instruction(&self) -> InvoiceError {
        match Name::at(self.text, self.at + 2) {
            Ok(name) if !name.text.eq_ignore_ascii_case("xml") => {
                InvoiceError::ProcessingInstruction(self.position(self.at))
            }
            _ => self.malformed(self.at),
        }
    }

    fn name_at(&self, from: usize) -> Result<Name<'d>, InvoiceError> {
        Name::at(self.text, from).map_err(|at| self.malformed(at))
    }

    fn position(&self, at: usize) -> Position {
        Position::of(self.text, at)
    }

    #[cold]
    fn malformed(&self, at: usize) -> InvoiceError {
        InvoiceError::Malformed(self.position(at))
    }
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
mod agreement;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostic as _;

    fn tokens(text: &str) -> Result<Vec<Token<'_>>, InvoiceError> {
        let mut scanner = Scanner::new(text)?;
        let mut tokens = Vec::new();
        while let Some(token) = scanner.token()? {
            tokens.push(token);
        }
        Ok(tokens)
    }

    fn element(local: &str) -> Element<'_> {
        Element {
            namespace: Namespace::Other,
            local,
        }
    }

    #[test]
    fn documents_are_read_to_the_end() {
        assert_eq!(tokens("<a/>"), Ok(vec![Token::Empty(element("a"))]));
        assert_eq!(
            tokens("<?xml version='1.0' encoding='utf-8' standalone='no' ?>\n<!-- - --><a>b</a>\n"),
            Ok(vec![Token::Leaf(element("a"), "b")])
        );
        assert_eq!(
            tokens("<a><b>c</b>d&amp;e<![CDATA[<f>]]><g\n/></a >"),
            Ok(vec![
                Token::Start(element("a")),
                Token::Leaf(element("b"), "c"),
                Token::Text("d"),
                Token::Character('&'),
                Token::Text("e"),
                Token::Text("<f>"),
                Token::Empty(element("g")),
                Token::End,
            ])
        );
        assert_eq!(
            tokens("<p:a xmlns:p='urn:p' b = \"'>\"><p:c>]]</p:c></p:a>"),
            Ok(vec![
                Token::Start(element("a")),
                Token::Start(element("c")),
                Token::Text("]]"),
                Token::End,
                Token::End
            ])
        );
    }

    #[test]
    fn what_is_unusual_but_legal_is_read() {
        for text in [
            "<!----><a/><!-->--><!--->-->",
            "<ą ę='ż'/>",
            "<a>&#x10FFFD;&#0000000000065;&#x41;</a>",
            "<a xmlns:b='urn:b' b:c='' xmlns:d='urn:d' d:c='' c=''/>",
            "<a xmlns='c'><b xmlns=''/></a>",
            "<a><b:c xmlns:b='d'/></a>",
            "<xml:a xml:lang='pl'/>",
            "<a xmlns:xml='http://www.w3.org/XML/1998/namespace'/>",
            "<a b='&lt;&#10;&quot;>'/>",
            "<a b:xmlns='' xmlns:b='urn:b'/>",
            "<?xml\tversion='1.1'?><a/>",
        ] {
            assert!(tokens(text).is_ok(), "{text:?}");
        }
        let deep = "<a>".repeat(MAX_DEPTH) + &"</a>".repeat(MAX_DEPTH);
        assert!(tokens(&deep).is_ok());
    }

    #[test]
    fn offsets_and_attributes_are_those_of_the_last_token() {
        let text = "<a b='c\td\r\ne&amp;'>\n  <d/><e>f</e></a>";
        let mut scanner = Scanner::new(text).unwrap();
        assert_eq!(scanner.token(), Ok(Some(Token::Start(element("a")))));
        let [attribute] = scanner.attributes() else {
            panic!("one attribute");
        };
        assert_eq!((attribute.local, &*attribute.value), ("b", "c d e&"));
        assert_eq!(scanner.offset(), 0);
        scanner.skip_space();
        assert_eq!(scanner.token(), Ok(Some(Token::Empty(element("d")))));
        assert!(scanner.attributes().is_empty());
        assert_eq!(scanner.offset(), text.find("<d/>").unwrap());
        assert_eq!(scanner.token(), Ok(Some(Token::Leaf(element("e"), "f"))));
        assert_eq!(scanner.leaf_offset(), text.find('f').unwrap());
        assert_eq!(scanner.token(), Ok(Some(Token::End)));
        assert_eq!(scanner.offset(), text.find("</a>").unwrap());
    }

    /// The code of the fault, and the byte offset of its place in a document of one line.
    fn fault(text: &str) -> (&'static str, usize) {
        let error = tokens(text).unwrap_err();
        let column = error.position().map_or(0, |at| at.column) as usize;
        let before: usize = text.chars().take(column - 1).map(char::len_utf8).sum();
        (error.code(), before)
    }

    #[test]
    fn what_is_malformed_is_refused_where_it_goes_wrong() {
        // The place is that of the first `§`, which is taken out.
        for marked in [
            "§",
            " §",
            "§a",
            "<§",
            "<a§",
            "<a>§",
            "<a/§",
            "§</a>",
            "<a>§</b>",
            "<a></a§",
            "<a>§</aa>",
            "<aa>§</a>",
            "<a></a §b>",
            "<a/>§<b/>",
            "<a/>§b",
            "§b<a/>",
            "<a/>§&amp;",
            "§&amp;<a/>",
            "<a/>§<![CDATA[]]>",
            "<a>§&b;</a>",
            "<a>§&#;</a>",
            "<a>§&#x;</a>",
            "<a>§&#X41;</a>",
            "<a>§&#x110000;</a>",
            "<a>§&#xD800;</a>",
            "<a>§&#99999999999;</a>",
            "<a>§&</a>",
            "<a>§&amp</a>",
            "<a>§&",
            "<a>§]]></a>",
            "<a>b§]]></a>",
            "<a>]§]]></a>",
            "<a b§></a>",
            "<a b=§c/>",
            "<a b='c/>§",
            "<a b='§<'/>",
            "<a b='§&c;'/>",
            "<a b='c'§d='e'/>",
            "§<a b='c' b='c'/>",
            "<a /§ >",
            "<§ a/>",
            "<§1/>",
            "<a§×/>",
            "§<a:b/>",
            "<§a:b:c xmlns:a='b'/>",
            "<§:a/>",
            "<§a:/>",
            "<a §xmlns:=''/>",
            "§<a b:c='d'/>",
            "<a>§<a b:c='d'/></a>",
            "<a><b xmlns:c='d'/>§<c:a/></a>",
            "§<a xmlns:b='c' xmlns:d='c' b:e='' d:e=''/>",
            "§<a xmlns:b=''/>",
            "§<a xmlns='b' xmlns='b'/>",
            "§<a xmlns:xml='b'/>",
            "§<a xmlns:xmlns='b'/>",
            "§<xmlns:a/>",
            "<!-- --§ --><a/>",
            "<!-- --§-><a/>",
            "<a><!-- </a>§",
            "<a><![CDATA[</a>§",
            "<a>§<![cdata[]]></a>",
            "<a>§<!b></a>",
            "<a/>§<!DOCTYPE a>",
            " §<?xml version='1.0'?><a/>",
            "<a>§<?XML?></a>",
            "<a>§<? b?></a>",
        ] {
            let at = marked.find('§').unwrap();
            let text = marked.replace('§', "");
            assert_eq!(fault(&text), ("file-not-well-formed", at), "{text:?}");
        }
    }

    #[test]
    fn what_ksef_does_not_take_has_a_code_of_its_own() {
        assert_eq!(fault(" <!DOCTYPE a><a/>"), ("file-dtd", 1));
        assert_eq!(fault("<a><?b?></a>"), ("file-processing-instruction", 3));
        assert_eq!(fault("<?b?><a/>"), ("file-processing-instruction", 0));
        for reference in ["&#0;", "&#x7F;", "&#xFFFE;", "&#x1FFFF;"] {
            assert_eq!(fault(&format!("<a>{reference}</a>")), ("file-character", 3));
            let attribute = format!("<a b='{reference}'/>");
            assert_eq!(fault(&attribute), ("file-character", 6));
        }
        let deep = "<a>".repeat(MAX_DEPTH);
        assert_eq!(fault(&format!("{deep}<b/>")), ("file-too-deep", deep.len()));
        let many: String = (0..=256).map(|i| format!(" a{i}=''")).collect();
        assert_eq!(
            fault(&format!("<b><a{many}/></b>")),
            ("file-too-many-attributes", 3)
        );
    }
}
