//! What this reader makes of a document is what another makes of it: tried on damaged documents against `roxmltree`.

use roxmltree::{Document, Node};

use super::*;
use crate::diagnostic::Diagnostic as _;
use crate::invoice::file;

const DOCUMENTS: [&str; 4] = [
    include_str!("../../../../../examples/invoices/05-vat-intra-community-supply.xml"),
    include_str!("../../../../../examples/invoices/10-vat-attachment.xml"),
    include_str!("../../../../../examples/invoices/11-kor-returned-goods.xml"),
    include_str!("../../../../../examples/invoices/17-upr-simplified.xml"),
];

/// What XML, namespaces, the file level and the schema have opinions about.
const FRAGMENTS: &[&str] = &[
    "<",
    ">",
    "&",
    "'",
    "\"",
    "=",
    "/",
    ":",
    "-",
    "--",
    "]",
    "]]>",
    "]]",
    "!",
    "?",
    ";",
    "#",
    " ",
    "\t",
    "\n",
    "\r",
    "\r\n",
    "\u{FEFF}",
    "\u{0}",
    "\u{1}",
    "\u{7F}",
    "\u{85}",
    "\u{90}",
    "\u{A0}",
    "\u{FFFE}",
    "\u{FDD0}",
    "\u{1F600}",
    "ą",
    "x",
    "1",
    "<!---->",
    "<!-- a -->",
    "<!-- a -- b -->",
    "<!--->",
    "<!--->-->",
    "<!-->-->",
    "<!-- --->",
    "<!--",
    "-->",
    "<![CDATA[]]>",
    "<![CDATA[ <a>&b; ]]>",
    "<![CDATA[ ]]]]>",
    "<![CDATA[",
    "<![cdata[]]>",
    "<?a?>",
    "<?xml?>",
    "<?xml version=\"1.0\"?>",
    "<?xml version='1.1' encoding='UTF-8'?>",
    "<!DOCTYPE Faktura>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "&amp;",
    "&lt;",
    "&gt;",
    "&apos;",
    "&quot;",
    "&b;",
    "&#38;",
    "&#60;",
    "&#x41;",
    "&#X41;",
    "&#x;",
    "&#;",
    "&#0;",
    "&#10;",
    "&#13;",
    "&#32;",
    "&#xD800;",
    "&#xFFFE;",
    "&#x7F;",
    "&#x10FFFF;",
    "&#x110000;",
    "&#0000000000065;",
    "&#+65;",
    "& amp;",
    "&amp",
    "]]&gt;",
    "<a>",
    "</a>",
    "<a/>",
    "<a b='c'/>",
    "<a b=c/>",
    "<a b/>",
    "<a b='c'd='e'/>",
    "<a b='c' b='d'/>",
    "<a b='<'/>",
    "<a b='&lt;'/>",
    "<a b='>'/>",
    "<a  />",
    "<a / >",
    "< a/>",
    "<1/>",
    "<-a/>",
    "<a.b-c_d/>",
    "<ą/>",
    "<a:b/>",
    "<xsi:b/>",
    "<:a/>",
    "<a:/>",
    "<a:b:c/>",
    "<xml:a/>",
    "<xmlns:a/>",
    "<P_7/>",
    "<P_2> </P_2>",
    "</Fa>",
    "<Fa>",
    "</Fa >",
    "</ Fa>",
    "<Zalacznik/>",
    "<Faktura/>",
    " xmlns=\"\"",
    " xmlns='urn:x'",
    " xmlns:a='urn:a'",
    " xmlns:a=''",
    " xmlns:xml='urn:x'",
    " xmlns:xml='http://www.w3.org/XML/1998/namespace'",
    " xmlns:xmlns='urn:x'",
    " xmlns:a='http://www.w3.org/2000/xmlns/'",
    " xmlns:b='http://www.w3.org/2001/XMLSchema-instance'",
    " xmlns:c='http://crd.gov.pl/wzor/2025/06/25/13775/'",
    " a='b'",
    " a='b' a='b'",
    " a:b='c'",
    " xml:lang='pl'",
    " xsi:nil='true'",
    " xsi:type='TKwotowy'",
    " xsi:xmlns='urn:x'",
    " xsi:schemaLocation='a b' b:schemaLocation='a b'",
    " xsi:schemaLocation='a b'",
    "2026-11-31",
    "2027-01-01",
    "0.001",
    "PLN",
];

/// A small generator of pseudorandom numbers (xorshift): the same seed gives the same damage.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % bound.max(1)
    }

    /// A place in `text` between two characters, often one beside markup.
    fn place(&mut self, text: &str) -> usize {
        let mut at = self.below(text.len() + 1);
        if self.below(3) > 0 {
            let next = text.as_bytes()[at..]
                .iter()
                .position(|b| matches!(b, b'<' | b'>' | b' ' | b'/'));
            at += next.unwrap_or(0) + self.below(2);
        }
        text.floor_char_boundary(at.min(text.len()))
    }

    fn damage(&mut self, text: &mut String) {
        let from = self.place(text);
        let length = match self.below(3) {
            0 => self.below(200),
            _ => self.below(12),
        };
        let to = text.floor_char_boundary((from + length).min(text.len()));
        let to = to.max(from);
        let fragment = FRAGMENTS[self.below(FRAGMENTS.len())];
        match self.below(5) {
            0 => text.replace_range(from..to, ""),
            1 => text.replace_range(from..to, fragment),
            2 => {
                let copy = text[from..to].to_owned();
                let at = self.place(text);
                text.insert_str(at, &copy);
            }
            _ => text.insert_str(from, fragment),
        }
    }
}

/// One event of a document, as it looks from outside.
#[derive(Debug, PartialEq, Eq)]
enum Event {
    Start(String, Vec<(String, String)>),
    End,
    Text(String),
}

/// Reads a document as this reader does.
fn scanned(text: &str) -> Result<Vec<Event>, InvoiceError> {
    let mut scanner = Scanner::new(text)?;
    let mut events = Vec::new();
    while let Some(token) = scanner.token()? {
        match token {
            Token::Start(element) | Token::Empty(element) | Token::Leaf(element, _) => {
                let uri =
                    |attribute: &Attribute<'_>| attribute.expanded(&scanner).0.map(Into::into);
                let attributes = scanner
                    .attributes()
                    .iter()
                    .map(|a| (full_name(uri(a), a.local), a.value.to_string()))
                    .collect();
                let namespace = format!("{:?}", element.namespace);
                events.push(Event::Start(
                    full_name(Some(namespace), element.local),
                    attributes,
                ));
                if let Token::Leaf(_, text) = token {
                    push_text(&mut events, &normalised(text));
                }
                if !matches!(token, Token::Start(_)) {
                    events.push(Event::End);
                }
            }
            Token::End => events.push(Event::End),
            Token::Text(text) => push_text(&mut events, &normalised(text)),
            Token::Character(character) => push_text(&mut events, &character.to_string()),
        }
    }
    Ok(events)
}

fn normalised(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

fn full_name(namespace: Option<String>, local: &str) -> String {
    format!("{{{}}}{local}", namespace.unwrap_or_default())
}

fn push_text(events: &mut Vec<Event>, text: &str) {
    match events.last_mut() {
        Some(Event::Text(before)) => before.push_str(text),
        _ if text.is_empty() => {}
        _ => events.push(Event::Text(text.to_owned())),
    }
}

/// Reads a node as the other reader does.
fn parsed(node: Node<'_, '_>, events: &mut Vec<Event>) {
    if let Some(text) = node.text().filter(|_| node.is_text()) {
        push_text(events, text);
    }
    if node.is_element() {
        let namespace = Namespace::of(node.tag_name().namespace().unwrap_or_default());
        let attributes = node
            .attributes()
            .map(|a| {
                (
                    full_name(a.namespace().map(Into::into), a.name()),
                    a.value().to_owned(),
                )
            })
            .collect();
        let name = full_name(Some(format!("{namespace:?}")), node.tag_name().name());
        events.push(Event::Start(name, attributes));
        node.children().for_each(|child| parsed(child, events));
        events.push(Event::End);
    }
}

/// Whether the document is read; both readers agree on that and on what it says.
fn is_read(document: &str) -> bool {
    let Ok(text) = file::checked_text(document.as_bytes()) else {
        return false;
    };
    let theirs = Document::parse(text);
    match (scanned(text), theirs) {
        (Ok(ours), Ok(theirs)) => {
            let mut events = Vec::new();
            parsed(theirs.root_element(), &mut events);
            assert_eq!(ours, events, "{document}");
            true
        }
        // It takes a declaration that goes on with a tab for a processing instruction, and forgets that `xml` need not be
        // declared for elements. Both are legal, and libxml2 says so.
        (Ok(_), Err(error)) => {
            let is_known = document.starts_with("<?xml\t") || document.contains("<xml:");
            assert!(is_known, "{error} {document}");
            true
        }
        (Err(error), Ok(theirs)) => {
            let is_refused_by_us_alone = match error.code() {
                "file-encoding" | "file-character" | "file-too-deep" | "file-dtd" => true,
                "file-processing-instruction" => theirs.descendants().any(|node| node.is_pi()),
                // What it lets pass: declarations of XML and of namespaces that are none, and names without prefix before a
                // colon.
                _ => ["<?xml", "xmlns", "<:"]
                    .iter()
                    .any(|known| document.contains(known)),
            };
            assert!(is_refused_by_us_alone, "{error} {document}");
            false
        }
        (Err(_), Err(_)) => false,
    }
}

#[test]
fn the_examples_are_read() {
    for document in DOCUMENTS {
        assert!(is_read(document));
        assert!(is_read(&document.replace('\n', "\r\n")));
        assert!(is_read(&document.replace('\n', "")));
        let prefixed = document
            .replace('<', "<f:")
            .replace("<f:/", "</f:")
            .replace("<f:?", "<?")
            .replace("xmlns=", "xmlns:f=");
        assert!(is_read(&prefixed));
    }
}

#[test]
fn both_readers_agree_on_damaged_documents() {
    let mut chance = Chance(2026);
    let (mut read, rounds) = (0, 5_000);
    for _ in 0..rounds {
        let mut text = DOCUMENTS[chance.below(DOCUMENTS.len())].to_owned();
        for _ in 0..=chance.below(3) {
            chance.damage(&mut text);
        }
        read += usize::from(is_read(&text));
    }
    // Both outcomes must be common, else agreement says little.
    assert!((rounds / 10..rounds * 9 / 10).contains(&read), "{read}");
}

#[test]
fn both_readers_agree_on_every_fragment_at_every_kind_of_place() {
    let places = [
        "<?xml",
        "<Faktura",
        " xmlns",
        ">\n",
        "<Podmiot1>",
        "<NIP>",
        "52",
        "</NIP>",
        "<P_2>",
        "</P_2>",
        "</Fa>",
        "</Faktura>",
    ];
    for place in places {
        let document = DOCUMENTS[0];
        let at = document.find(place).unwrap_or_else(|| panic!("{place}"));
        for at in [at, at + 1, at + place.len()] {
            for fragment in FRAGMENTS {
                let mut text = document.to_owned();
                text.insert_str(at, fragment);
                is_read(&text);
            }
        }
    }
    for fragment in FRAGMENTS {
        is_read(&format!("{}{fragment}", DOCUMENTS[0]));
        is_read(fragment);
    }
}
