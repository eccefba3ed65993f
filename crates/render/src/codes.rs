//! The codes of an invoice on a page: picture, caption and the link in words.

use ksef_offline_core::Language;
use ksef_offline_core::code::Caption;
use ksef_offline_core::code::image::{ErrorCorrection, Options, render_svg};
use ksef_offline_core::invoice::InvoiceDocument;

use crate::error::RenderError;
use crate::html::Html;
use crate::schema::{self, pick};

/// One code to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Code {
    /// Its link.
    pub link: String,
    /// What stands beneath it, which also tells CODE I from CODE II.
    pub caption: Caption,
}

/// Links lead to invoices: they are not shown.
impl core::fmt::Debug for Code {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Code")
            .field("caption", &self.caption)
            .finish_non_exhaustive()
    }
}

/// 0.51 mm a module: half as much again as a 300 dpi printer needs.
const PICTURE: Options = Options {
    scale: 6,
    correction: ErrorCorrection::M,
};

/// A page with the codes of one or more invoices, to be handed out beside documents that have no room for them.
///
/// # Errors
/// [`RenderError::Code`] when a link is too long for a symbol.
pub fn codes_sheet_html(
    invoices: &[(&InvoiceDocument, &[Code])],
    language: Language,
) -> Result<String, RenderError> {
    let title = pick(language, "Kody weryfikujące", "Verification codes");
    let mut html = Html::begin(pick(language, "pl", "en"), title);
    html.raw("<header>");
    html.element("h1", title);
    html.raw("</header>\n");
    for (document, codes) in invoices {
        let facts = document.facts();
        html.raw("<section class=\"sheet\"><h2>");
        html.text(&facts.number);
        html.raw("</h2><dl>");
        let rows = [
            (schema::ISSUE_DATE, facts.issue_date.to_string()),
            (
                schema::KIND,
                schema::kind_title(facts.kind, language).to_owned(),
            ),
            (schema::PARTIES[0], format!("NIP {}", facts.seller)),
        ];
        for (name, value) in rows {
            html.element("dt", &schema::label(name, language));
            html.element("dd", &value);
        }
        html.raw("</dl>\n");
        write(&mut html, codes, language)?;
        html.raw("</section>\n");
    }
    Ok(html.end())
}

pub(crate) fn write(
    html: &mut Html,
    codes: &[Code],
    language: Language,
) -> Result<(), RenderError> {
    if codes.is_empty() {
        return Ok(());
    }
    html.raw("<div class=\"codes\">\n");
    for code in codes {
        html.raw("<figure class=\"code\">");
        html.raw(&render_svg(&code.link, &code.caption, &PICTURE)?);
        html.raw("<figcaption>");
        html.element("strong", title(&code.caption, language));
        html.element("span", code.caption.text());
        html.raw("<br>");
        html.element("span", &code.link);
        html.raw("</figcaption></figure>\n");
    }
    html.raw("</div>\n");
    Ok(())
}

fn title(caption: &Caption, language: Language) -> &'static str {
    match caption {
        Caption::Offline | Caption::KsefNumber(_) => pick(
            language,
            "KOD I: sprawdź fakturę w KSeF",
            "CODE I: check the invoice in KSeF",
        ),
        Caption::Certificate => pick(
            language,
            "KOD II: sprawdź wystawcę",
            "CODE II: check the issuer",
        ),
    }
}
