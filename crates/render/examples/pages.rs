//! Draws invoices in every form there is: `cargo run -p ksef-offline-render --example pages -- OUT FILE…` writes
//! `NAME.pl.html`, `NAME.en.html`, `NAME.pl.pdf` and `NAME.en.pdf` into OUT for each file, and `NAME.codes.html` and
//! `NAME.codes.pdf` with the codes alone. CODE I is the one of the Test environment; CODE II looks like one signed with P-256
//! and verifies nothing. With `--accepted NUMBER` CODE I carries that KSeF number and CODE II is left out.
#![allow(clippy::print_stderr, reason = "a program for people and tests")]

use std::error::Error;
use std::path::Path;

use ksef_offline_core::Language;
use ksef_offline_core::code::{Caption, CodeOne};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::KsefNumber;
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_render::{Code, codes_sheet_html, codes_sheet_pdf, invoice_html, invoice_pdf};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let accepted = match arguments.next_if(|argument| argument == "--accepted") {
        Some(_) => Some(KsefNumber::parse(&arguments.next().unwrap_or_default())?),
        None => None,
    };
    let out = arguments
        .next()
        .ok_or("pages [--accepted NUMBER] OUT FILE…")?;
    let out = Path::new(&out);
    std::fs::create_dir_all(out)?;
    for file in arguments {
        let file = Path::new(&file);
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        let document = InvoiceDocument::read(std::fs::read(file)?)?;
        let codes = codes(&document, accepted.as_ref());
        for (language, tag) in [(Language::Pl, "pl"), (Language::En, "en")] {
            let html = invoice_html(&document, &codes, language)?;
            std::fs::write(out.join(format!("{name}.{tag}.html")), html)?;
            let pdf = invoice_pdf(&document, &codes, language)?;
            std::fs::write(out.join(format!("{name}.{tag}.pdf")), pdf)?;
        }
        let sheet = [(&document, codes.as_slice())];
        let html = codes_sheet_html(&sheet, Language::Pl)?;
        std::fs::write(out.join(format!("{name}.codes.html")), html)?;
        let pdf = codes_sheet_pdf(&sheet, Language::Pl)?;
        std::fs::write(out.join(format!("{name}.codes.pdf")), pdf)?;
    }
    Ok(())
}

fn codes(document: &InvoiceDocument, accepted: Option<&KsefNumber>) -> Vec<Code> {
    let (facts, environment) = (document.facts(), Environment::test());
    let hash = document.hash();
    let one = CodeOne::from_parts(&environment, facts.seller, facts.issue_date, &hash);
    let one = |caption| Code {
        link: one.to_string(),
        caption,
    };
    if let Some(number) = accepted {
        return vec![one(Caption::KsefNumber(number.clone()))];
    }
    let (seller, hash) = (facts.seller, hash.to_base64url());
    let link = format!(
        "https://{}/certificate/Nip/{seller}/{seller}/01F20A5D352AE590/{hash}/{}",
        environment.qr_host(),
        "aB3_".repeat(22).get(..86).unwrap_or_default(),
    );
    vec![
        one(Caption::Offline),
        Code {
            link,
            caption: Caption::Certificate,
        },
    ]
}
