//! Pages of real invoices.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a test that cannot go on has failed"
)]

use std::path::Path;

use ksef_offline_core::Language;
use ksef_offline_core::code::Caption;
use ksef_offline_core::identifier::KsefNumber;
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_render::{Code, codes_sheet_html, invoice_html};

fn examples() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/invoices");
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "xml"))
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect();
    files.sort();
    assert!(files.len() >= 12);
    files
}

fn codes() -> Vec<Code> {
    vec![
        Code {
            link: format!(
                "https://qr.example/invoice/5265877635/02-10-2026/{}",
                "a".repeat(43)
            ),
            caption: Caption::Offline,
        },
        Code {
            link: format!(
                "https://qr.example/certificate/Nip/5265877635/{}",
                "b".repeat(200)
            ),
            caption: Caption::Certificate,
        },
    ]
}

/// An HTML file of ours is well-formed but for the doctype, `meta` and `br`.
fn parsed_as_xml(html: &str) -> String {
    let html = html
        .replace("<!DOCTYPE html>\n", "")
        .replace("<br>", "<br/>");
    let mut lines = Vec::new();
    for line in html.lines() {
        if line.starts_with("<meta") {
            lines.push(line.replace('>', "/>"));
        } else {
            lines.push(line.to_owned());
        }
    }
    lines.join("\n")
}

/// All texts and all values that stand beside them for machines, white space aside.
fn told(html: &str) -> String {
    let xml = parsed_as_xml(html);
    let page = roxmltree::Document::parse(&xml).unwrap();
    let mut told = String::new();
    for node in page.descendants() {
        told.push_str(node.text().filter(|_| node.is_text()).unwrap_or_default());
        told.push_str(node.attribute("value").unwrap_or_default());
        told.push_str(node.attribute("datetime").unwrap_or_default());
        told.push('\n');
    }
    bare(&told)
}

/// `2026-11-20` as `20.11.2026`; other texts any way.
fn polish_date(text: &str) -> String {
    let parts: Vec<&str> = text.split('-').rev().collect();
    parts.join(".")
}

fn bare(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

#[test]
fn every_example_says_all_that_its_elements_say() {
    for (name, bytes) in examples() {
        let document = InvoiceDocument::read(bytes.clone()).unwrap();
        for language in [Language::Pl, Language::En] {
            let told = told(&invoice_html(&document, &codes(), language).unwrap());
            let xml = roxmltree::Document::parse(core::str::from_utf8(&bytes).unwrap()).unwrap();
            for node in xml.descendants().filter(roxmltree::Node::is_text) {
                let (text, element) = (node.text().unwrap().trim(), node.parent_element().unwrap());
                // Marks are told in words; the words are the business of the tests of the schema.
                if !matches!(text, "1" | "2") {
                    let found = told.contains(&bare(text)) || told.contains(&polish_date(text));
                    assert!(found, "{name}: {element:?}");
                }
            }
        }
    }
}

#[test]
fn pages_are_well_formed_and_load_nothing() {
    for (name, bytes) in examples() {
        let document = InvoiceDocument::read(bytes).unwrap();
        let html = invoice_html(&document, &codes(), Language::Pl).unwrap();
        let xml = parsed_as_xml(&html);
        let page =
            roxmltree::Document::parse(&xml).unwrap_or_else(|error| panic!("{name}: {error}"));
        for node in page.descendants().filter(roxmltree::Node::is_element) {
            let tag = node.tag_name().name();
            assert!(
                !matches!(
                    tag,
                    "script" | "link" | "img" | "iframe" | "object" | "base" | "form"
                ),
                "{name}: {tag}"
            );
            for attribute in node.attributes() {
                let attribute = attribute.name();
                assert!(
                    !matches!(attribute, "src" | "style") && !attribute.starts_with("on"),
                    "{name}: {attribute}"
                );
            }
        }
    }
}

/// A document that is no invoice by the schema; `body` stands in `Fa`.
fn odd(number: &str, name: &str, body: &str) -> InvoiceDocument {
    let xml = format!(
        "<Faktura xmlns=\"http://crd.gov.pl/wzor/2025/06/25/13775/\">\
        <Podmiot1><DaneIdentyfikacyjne><NIP>5265877635</NIP><Nazwa>{name}</Nazwa>\
        </DaneIdentyfikacyjne></Podmiot1>\
        <Fa><KodWaluty>PLN</KodWaluty><P_1>2026-11-20</P_1><P_2>{number}</P_2><P_15>1234.50</P_15>\
        <RodzajFaktury>VAT</RodzajFaktury>{body}</Fa></Faktura>"
    );
    InvoiceDocument::read(xml.as_bytes()).unwrap()
}

#[test]
fn content_cannot_become_markup_and_unknown_elements_are_shown() {
    let document = odd(
        "&lt;b&gt; \"A\" &amp; 'B'",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "<NowePole>stray<Inne>wartość &lt;i&gt;</Inne></NowePole><P_15 a=\"x\">2</P_15>",
    );
    let html = invoice_html(&document, &[], Language::Pl).unwrap();
    assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("<i>"));
    assert!(html.contains("&lt;b&gt; &quot;A&quot; &amp; &#39;B&#39;"));
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(html.contains("Nowe pole") && html.contains("wartość &lt;i&gt;"));
    assert!(html.contains("stray") && html.contains("(a: x)"));
    assert!(html.contains("1\u{A0}234,50"));
    roxmltree::Document::parse(&parsed_as_xml(&html)).unwrap();
}

#[test]
fn characters_that_turn_text_around_are_spelt_out() {
    let document = odd("1\u{202E}2", "Firma \u{2066}x\u{2069}", "");
    let html = invoice_html(&document, &[], Language::Pl).unwrap();
    assert!(!html.contains(['\u{202E}', '\u{2066}', '\u{2069}']));
    assert!(html.contains("1[U+202E]2") && html.contains("Firma [U+2066]x[U+2069]"));
}

#[test]
fn codes_stand_with_caption_and_link() {
    let (_, bytes) = examples().remove(0);
    let document = InvoiceDocument::read(bytes).unwrap();
    let number = KsefNumber::parse("5265877635-20250826-0100001AF629-AF").unwrap();
    let accepted = Code {
        caption: Caption::KsefNumber(number.clone()),
        ..codes().remove(0)
    };
    let html = invoice_html(&document, std::slice::from_ref(&accepted), Language::En).unwrap();
    assert!(html.contains(
        "<dt>KSeF number</dt><dd class=\"strong\">5265877635-20250826-0100001AF629-AF</dd>"
    ));
    assert!(!html.contains("OFFLINE"));
    assert_eq!(html.matches("<svg").count(), 1);
    let both = codes();
    let sheet = codes_sheet_html(
        &[
            (&document, &both),
            (&document, std::slice::from_ref(&accepted)),
        ],
        Language::Pl,
    )
    .unwrap();
    assert_eq!(sheet.matches("<svg").count(), 3);
    for code in &both {
        assert!(sheet.contains(&format!("href=\"{}\"", code.link)));
        assert!(sheet.contains(code.caption.text()));
    }
    roxmltree::Document::parse(&parsed_as_xml(&sheet)).unwrap();
}

#[test]
fn only_links_of_the_web_can_be_followed() {
    let (_, bytes) = examples().remove(0);
    let document = InvoiceDocument::read(bytes).unwrap();
    let code = Code {
        link: "javascript:alert(1)".to_owned(),
        caption: Caption::Offline,
    };
    let html = invoice_html(&document, &[code], Language::En).unwrap();
    assert!(html.contains("javascript:alert(1)") && !html.contains("href"));
}

#[test]
fn a_link_too_long_for_a_symbol_is_an_error() {
    use ksef_offline_core::Diagnostic as _;
    let (_, bytes) = examples().remove(0);
    let document = InvoiceDocument::read(bytes).unwrap();
    let code = Code {
        link: "x".repeat(10_000),
        caption: Caption::Offline,
    };
    let error = invoice_html(&document, &[code], Language::En).unwrap_err();
    assert!(!error.code().is_empty());
}

#[cfg(feature = "pdf")]
mod pdf {
    use super::*;
    use ksef_offline_render::{codes_sheet_pdf, invoice_pdf};

    #[test]
    fn the_same_invoice_gives_the_same_file() {
        let (_, bytes) = examples().remove(0);
        let document = InvoiceDocument::read(bytes).unwrap();
        let once = invoice_pdf(&document, &codes(), Language::Pl).unwrap();
        assert!(once.starts_with(b"%PDF-1.7"));
        assert_eq!(
            once,
            invoice_pdf(&document, &codes(), Language::Pl).unwrap()
        );
        assert_ne!(
            once,
            invoice_pdf(&document, &codes(), Language::En).unwrap()
        );
        let both = codes();
        let sheet = codes_sheet_pdf(&[(&document, &both)], Language::Pl).unwrap();
        assert!(sheet.len() < once.len());
    }

    /// What the validators of the PDF library refuse is an error: these are the texts most likely to be refused.
    #[test]
    fn odd_texts_have_a_place_in_a_pdf() {
        for text in [
            "中文 公司 \u{1F600}",
            "\u{E000}\u{F8FF}",
            "\u{202E}odwrócone\u{202C}",
            "\u{200B}\u{FEFF}\u{200D}",
            "שלום עולם مرحبا",
            "e\u{301}\u{FE0F}",
            "\u{AD}\u{2028}\u{2029}\t",
        ] {
            let long = text.repeat(60);
            for name in [text, long.as_str()] {
                let document = odd(
                    "1",
                    name,
                    &format!("<FaWiersz><P_7>{name}</P_7><P_11>1</P_11></FaWiersz>"),
                );
                invoice_pdf(&document, &codes(), Language::Pl).unwrap();
            }
        }
    }

    /// More columns with longer heads than a sheet has room for, in an attached table.
    #[test]
    fn heads_higher_than_a_sheet_have_a_place_in_a_pdf() {
        let head = format!("<Kol Typ=\"txt\"><NKom>{}</NKom></Kol>", "Ż".repeat(256)).repeat(20);
        let cells = format!("<WKom>{}</WKom>", "W".repeat(256)).repeat(20);
        let attachment = format!(
            "</Fa><Zalacznik><BlokDanych><Tabela><TNaglowek>{head}</TNaglowek><Wiersz>{cells}</Wiersz>\
            </Tabela></BlokDanych></Zalacznik><Fa>"
        );
        let document = odd("1", "x", &attachment);
        invoice_pdf(&document, &[], Language::Pl).unwrap();
    }

    /// Without spaces, with columns that fit no paper.
    #[test]
    fn texts_of_any_length_have_a_place_in_a_pdf() {
        let wide = "W".repeat(5_000);
        let columns = format!("<A>{wide}</A><B>{wide}</B><C>{}</C>", "9".repeat(400));
        let row = format!(
            "<Rzecz>{columns}{}</Rzecz>",
            columns.replace('A', "D").replace('B', "E")
        );
        let document = odd(
            "1",
            &wide,
            &format!("{row}{row}<FaWiersz><P_7>{wide}</P_7></FaWiersz>"),
        );
        invoice_pdf(&document, &[], Language::Pl).unwrap();
    }
}
