//! Both codes of an invoice: pictures with captions, links as text, files to print.

use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use ksef_offline::core::code::image::Options;
use ksef_offline::{Code, PictureFormat, PreviewContent, PreviewFormat};
use maud::{Markup, html};
use std::collections::BTreeMap;

use crate::app::App;
use crate::fault::Fault;
use crate::layout::{self, Place};
use crate::preview::download;
use crate::visitor::Visitor;

/// `GET /invoices/{id}/codes`, with `?original` as they were handed to the buyer.
pub(crate) async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Result<Markup, Fault> {
    let words = visitor.words;
    let original = asked.contains_key("original");
    let (invoice, codes) = app
        .at_desk(move |desk| Ok((desk.show(&id)?, desk.codes(&id, original)?)))
        .await?;
    let title = format!(
        "{} {}",
        words.say("Kody QR faktury", "QR codes of invoice"),
        invoice.number
    );
    let address = |file: &str| {
        let query = if original { "?original" } else { "" };
        format!("/invoices/{}/codes/{file}{query}", invoice.id)
    };
    let figure = |place: u8, code: &Code, name: &str| {
        html! {
            section.card.code aria-label=(name) {
                h2 { (name) }
                img src=(address(&format!("code-{place}.svg"))) width="260"
                    alt=(format!("{name}, {}", words.say("podpis pod kodem:", "caption:"))
                        + " " + &code.caption.to_string());
                p.link { a href=(code.url) rel="noreferrer" target="_blank" { (code.url) } }
                ul.actions {
                    @for (format, text) in [("png", "PNG"), ("svg", "SVG")] {
                        li { a href=(address(&format!("code-{place}.{format}"))) download=(format!("{}-code-{place}.{format}", invoice.id))
                            aria-label=(format!("{} {text}: {name}", words.say("Pobierz", "Download"))) {
                            (words.say("Pobierz", "Download")) " " (text)
                        } }
                    }
                }
            }
        }
    };
    let body = html! {
        h1 { (title) }
        p.buttons {
            a.button.primary href=(format!("/invoices/{}/codes/codes.pdf", invoice.id)) download {
                (words.say("Arkusz do druku (PDF)", "Sheet for printing (PDF)"))
            }
            a.button href=(format!("/invoices/{}", invoice.id)) { (words.say("Szczegóły", "Details")) }
            @if invoice.ksef_number.is_some() && !original {
                a.button href=(format!("/invoices/{}/codes?original", invoice.id)) {
                    (words.say("Kody wydane nabywcy", "Codes as the buyer got them"))
                }
            }
        }
        div.columns {
            (figure(1, &codes.one, words.say("KOD I – sprawdzenie faktury", "CODE I – checks the invoice")))
            @if let Some(two) = &codes.two {
                (figure(2, two, words.say("KOD II – sprawdzenie wystawcy", "CODE II – checks the issuer")))
            }
        }
        @if codes.two.is_none() && invoice.ksef_number.is_some() {
            p { (words.say(
                "Faktura ma już numer KSeF: kod II nie jest potrzebny.",
                "The invoice has its KSeF number: CODE II is not needed any more.",
            )) }
        }
    };
    Ok(layout::page(&visitor, Place::Queue, &title, &body))
}

/// `GET /invoices/{id}/codes/{file}`
pub(crate) async fn file(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Result<Response, Fault> {
    let original = asked.contains_key("original");
    if file == "codes.pdf" {
        let (asked, language) = (id.clone(), visitor.words.0);
        let sheet = app
            .at_desk(move |desk| {
                desk.preview(&asked, PreviewContent::Codes, PreviewFormat::Pdf, language)
            })
            .await?;
        return Ok(download(
            "application/pdf",
            &format!("{id}-codes.pdf"),
            sheet,
        ));
    }
    let (kind, format) = match file.rsplit_once('.') {
        Some((_, "png")) => ("image/png", PictureFormat::Png),
        Some((_, "svg")) => ("image/svg+xml", PictureFormat::Svg),
        _ => return Err(Fault::NO_SUCH_PAGE),
    };
    let place = match file.split('.').next() {
        Some("code-1") => 1,
        Some("code-2") => 2,
        _ => return Err(Fault::NO_SUCH_PAGE),
    };
    let picture = app
        .at_desk(move |desk| {
            let codes = desk.codes(&id, original)?;
            let code = if place == 1 {
                Some(codes.one)
            } else {
                codes.two
            };
            code.map(|code| code.picture(format, &Options::default()))
                .transpose()
        })
        .await?
        .ok_or(Fault::NO_SUCH_PAGE)?;
    Ok(([(CONTENT_TYPE, kind)], picture).into_response())
}
