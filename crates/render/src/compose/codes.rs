//! The codes of an invoice, on its page and on a sheet of their own.

use ksef_offline_core::Language;
use ksef_offline_core::code::Caption;
use ksef_offline_core::code::image::{ErrorCorrection, Symbol};
use ksef_offline_core::invoice::InvoiceDocument;

use super::{issued, marking};
use crate::code::Code;
use crate::error::RenderError;
use crate::page::text::{Text, pick};
use crate::page::{Block, Field, Figure, Masthead, Page, Section};
use crate::schema::{self, plan};

/// The pictures of `codes` with what stands around them.
pub(super) fn figures(codes: &[Code], language: Language) -> Result<Vec<Figure>, RenderError> {
    codes
        .iter()
        .map(|code| {
            let (title, alt) = words(&code.caption, language);
            Ok(Figure {
                title: title.to_owned(),
                caption: code.caption.text().to_owned(),
                link: code.link.clone(),
                alt: format!("{alt}: {}", code.caption.text()),
                symbol: Symbol::encode(&code.link, ErrorCorrection::M)?,
            })
        })
        .collect()
}

fn words(caption: &Caption, language: Language) -> (&'static str, &'static str) {
    match caption {
        Caption::Offline | Caption::KsefNumber(_) => (
            pick(
                language,
                "Sprawdź, czy Twoja faktura znajduje się w KSeF",
                "Check whether your invoice is in KSeF",
            ),
            pick(language, "Kod QR I", "QR code I"),
        ),
        Caption::Certificate => (
            pick(
                language,
                "Zweryfikuj wystawcę faktury",
                "Verify the issuer of the invoice",
            ),
            pick(language, "Kod QR II", "QR code II"),
        ),
    }
}

/// The page with the codes of one or more invoices.
pub(crate) fn sheet(
    invoices: &[(&InvoiceDocument, &[Code])],
    language: Language,
) -> Result<Page, RenderError> {
    let title = pick(
        language,
        "Kody weryfikujące faktury",
        "Verification codes of invoices",
    );
    let mut sections = Vec::with_capacity(invoices.len());
    for (document, codes) in invoices {
        let facts = document.facts();
        let label = |name| schema::label(name, language);
        let mut fields = vec![
            Field::new(
                label(plan::ISSUE_DATE),
                Text::date(&facts.issue_date.to_string(), language),
            ),
            Field::new(
                label(plan::SELLER),
                Text::plain(&format!("NIP {}", facts.seller)),
            ),
        ];
        if let Some(marking) = marking(codes) {
            let label = pick(language, "Numer KSeF", "KSeF number");
            fields.push(Field::new(label, Text::plain(marking)));
        }
        sections.push(Section::new(
            format!(
                "{} {}",
                schema::kind_title(facts.kind, language),
                Text::plain(&facts.number).shown
            ),
            vec![
                Block::Fields(fields),
                Block::Codes(figures(codes, language)?),
            ],
        ));
    }
    Ok(Page {
        language,
        title: title.to_owned(),
        issued: invoices
            .iter()
            .map(|(document, _)| issued(document))
            .max()
            .unwrap_or((2026, 2, 1)),
        masthead: Masthead {
            above: pick(
                language,
                "Krajowy System e-Faktur",
                "National e-Invoicing System (KSeF)",
            )
            .to_owned(),
            kind: title.to_owned(),
            number: None,
            fields: Vec::new(),
        },
        sections,
        running_foot: title.to_owned(),
    })
}
