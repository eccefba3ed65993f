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

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
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

#[test]
fn every_example_shows_its_number_its_total_and_every_filled_element() {
    for (name, bytes) in examples() {
        let document = InvoiceDocument::read(bytes.clone()).unwrap();
        for language in [Language::Pl, Language::En] {
            let html = invoice_html(&document, &codes(), language).unwrap();
            assert!(html.contains(&escaped(&document.facts().number)), "{name}");
            assert!(html.contains(&document.facts().gross.to_string()), "{name}");
            let xml = roxmltree::Document::parse(core::str::from_utf8(&bytes).unwrap()).unwrap();
            for node in xml.descendants().filter(roxmltree::Node::is_text) {
                let text = escaped(node.text().unwrap().trim());
                assert!(html.contains(&text), "{name}: {:?}", node.parent_element());
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
                !matches!(tag, "script" | "link" | "img" | "iframe" | "object" | "a"),
                "{name}: {tag}"
            );
            for attribute in node.attributes() {
                let attribute = attribute.name();
                assert!(
                    !matches!(attribute, "src" | "href") && !attribute.starts_with("on"),
                    "{name}: {attribute}"
                );
            }
        }
    }
}

#[test]
fn content_cannot_become_markup_and_unknown_elements_are_shown() {
    let xml = "<Faktura xmlns=\"http://crd.gov.pl/wzor/2025/06/25/13775/\">\
        <Podmiot1><DaneIdentyfikacyjne><NIP>5265877635</NIP><Nazwa>&lt;script&gt;alert(1)&lt;/script&gt;</Nazwa>\
        </DaneIdentyfikacyjne></Podmiot1>\
        <Fa><KodWaluty>PLN</KodWaluty><P_1>2026-11-20</P_1><P_2>&lt;b&gt; \"A\" &amp; 'B'</P_2><P_15>1234.50</P_15>\
        <RodzajFaktury>VAT</RodzajFaktury><NowePole><Inne>wartość &lt;i&gt;</Inne></NowePole></Fa></Faktura>";
    let document = InvoiceDocument::read(xml.as_bytes()).unwrap();
    let html = invoice_html(&document, &[], Language::Pl).unwrap();
    assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("<i>"));
    assert!(html.contains("&lt;b&gt; &quot;A&quot; &amp; &#39;B&#39;"));
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(html.contains("Nowe pole") && html.contains("wartość &lt;i&gt;"));
    assert!(html.contains("1\u{A0}234,50"));
    roxmltree::Document::parse(&parsed_as_xml(&html)).unwrap();
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
    assert!(html.contains("KSeF number: 5265877635-20250826-0100001AF629-AF"));
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
        assert!(sheet.contains(&code.link));
        assert!(sheet.contains(code.caption.text()));
    }
    roxmltree::Document::parse(&parsed_as_xml(&sheet)).unwrap();
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
