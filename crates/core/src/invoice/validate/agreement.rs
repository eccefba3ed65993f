//! The verdict in one pass is that of the parser and the walk, or there is none: tried on damaged documents.

use jiff::civil::date;

use super::*;
use crate::invoice::facts::InvoiceFacts;

const RULES: Rules = Rules {
    enforce_nip_checksum: true,
    today: date(2026, 11, 22),
};

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

/// Whether the one pass vouches for the document; if so, everything it says is compared.
fn is_vouched_for(document: &str) -> bool {
    let Ok(text) = file::checked_text(document.as_bytes()) else {
        return false;
    };
    let mut draft = Draft::default();
    let Ok(verdict) = plain_verdict(text, &RULES, Some(&mut draft)) else {
        return false;
    };
    let parsed = match file::checked_document(text) {
        Ok(parsed) => parsed,
        Err(error) => {
            assert_eq!(verdict, Verdict::of_file(&error), "{document}");
            return true;
        }
    };
    assert_eq!(verdict, walked_verdict(text, &RULES), "{document}");
    if verdict.is_valid()
        && let Ok(facts) = draft.into_facts()
    {
        assert!(Ok(facts) == InvoiceFacts::read(&parsed), "{document}");
    }
    true
}

#[test]
fn the_examples_are_judged_in_one_pass() {
    for document in DOCUMENTS {
        assert!(is_vouched_for(document));
        assert!(is_vouched_for(&document.replace('\n', "\r\n")));
        assert!(is_vouched_for(&document.replace('\n', "")));
        let prefixed = document
            .replace('<', "<f:")
            .replace("<f:/", "</f:")
            .replace("<f:?", "<?")
            .replace("xmlns=", "xmlns:f=");
        assert!(is_vouched_for(&prefixed));
    }
}

#[test]
fn large_and_very_faulty_documents_are_judged_in_one_pass() {
    let faulty = |extra: &str| DOCUMENTS[0].replacen("<P_2>", &format!("{extra}<P_2>"), 1);
    for document in [
        faulty(&"<GV>2</GV>".repeat(12_000)),
        faulty(&"<GV>2</GV>".repeat(100_000)),
        faulty(&("<GV>2</GV>".repeat(100_000) + "<Zalacznik/>")),
        faulty(&("<GV>2</GV>".repeat(100_000) + "<Zalacznik2/><Zalacznik></Zalacznik>")),
        faulty(&("<!-- -->".repeat(130_000) + "<Zalacznik/>")),
        faulty(&"<!-- -->".repeat(130_000)),
    ] {
        assert!(is_vouched_for(&document));
    }
}

#[test]
fn one_pass_agrees_with_the_parser_on_damaged_documents() {
    let mut chance = Chance(2026);
    let (mut vouched, mut rounds) = (0, 0);
    while rounds < 5_000 {
        let mut text = DOCUMENTS[chance.below(DOCUMENTS.len())].to_owned();
        for _ in 0..=chance.below(3) {
            chance.damage(&mut text);
        }
        vouched += usize::from(is_vouched_for(&text));
        rounds += 1;
    }
    // Both outcomes must be common, else agreement says little.
    assert!(
        (rounds / 10..rounds * 9 / 10).contains(&vouched),
        "{vouched}"
    );
}

#[test]
fn one_pass_agrees_with_the_parser_on_every_fragment_at_every_kind_of_place() {
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
                is_vouched_for(&text);
            }
        }
    }
    for fragment in FRAGMENTS {
        is_vouched_for(&format!("{}{fragment}", DOCUMENTS[0]));
        is_vouched_for(fragment);
    }
}
