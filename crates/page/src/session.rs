//! A session: what KSeF says of it, and what the queue knows of its invoices.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{Path, State};
use ksef_offline::{DeskError, FaultView, InvoiceView, SessionView, StatusView};
use maud::{Markup, html};

use crate::app::App;
use crate::fault::{self, Fault};
use crate::format::instant;
use crate::layout::{self, Place};
use crate::table::{self, Columns};
use crate::visitor::Visitor;
use crate::words::Words;

/// `GET /sessions/{reference}`
pub(crate) async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Path(reference): Path<String>,
) -> Result<Markup, Fault> {
    let words = visitor.words;
    let stored = {
        let reference = reference.clone();
        app.at_desk(move |desk| desk.stored_session(&reference))
            .await?
    };
    let desk = Arc::clone(&app.desk);
    let asked = tokio::spawn(async move { desk.session(&reference).await }).await;
    let told = asked.unwrap_or(Err(DeskError::Interrupted));
    let title = words.say("Sesja wysyłki", "Sending session");
    let known: HashMap<&str, &InvoiceView> = stored
        .invoices
        .iter()
        .map(|invoice| (invoice.invoice_hash.as_str(), invoice))
        .collect();
    let body = html! {
        h1 { (title) }
        p { code.reference { (stored.reference_number) } }
        dl.facts.card {
            div { dt { (words.say("Rodzaj", "Kind")) } dd {
                @if stored.kind == "batch" { (words.say("wsadowa (paczka)", "batch")) }
                @else { (words.say("interaktywna (korekty techniczne)", "interactive (technical corrections)")) }
            } }
            div { dt { (words.say("W kolejce", "In the queue")) } dd { (words.session_state(stored.state)) } }
            div { dt { (words.say("Otwarta", "Opened")) } dd { (instant(&stored.opened)) } }
            @if let Ok(told) = &told {
                div { dt { "KSeF" } dd { (status(&told.status)) } }
                (counts(words, told))
            }
        }
        @match &told {
            Ok(told) => {
                details open {
                    summary { h2 { (words.say("Faktury w tej paczce", "Invoices of this batch")) } }
                    (told_invoices(words, told, &known))
                }
            }
            Err(error) => {
                div.banner role="alert" {
                    p { strong { (words.say(
                        "KSeF nie powiedział, co z tą sesją; poniżej to, co wie kolejka.",
                        "KSeF did not tell how this session is; below is what the queue knows.",
                    )) } }
                    (fault::list(words, &[FaultView::of(error)]))
                }
                details open {
                    summary { h2 { (words.say("Faktury w tej paczce", "Invoices of this batch")) } }
                    (table::invoices(words, title, Columns::Queue, &stored.invoices))
                }
            }
        }
        p.buttons { a.button href="/" { (words.say("Do kolejki", "To the queue")) } }
    };
    Ok(layout::page(&visitor, Place::Queue, title, &body))
}

fn counts(words: Words, told: &SessionView) -> Markup {
    let count = |name: &str, text: &str| {
        html! {
            @if let Some(count) = told.counts.get(name) {
                div { dt { (text) } dd { (count) } }
            }
        }
    };
    html! {
        (count("invoices", words.say("Faktury", "Invoices")))
        (count("accepted", words.say("Przyjęte", "Accepted")))
        (count("rejected", words.say("Odrzucone", "Rejected")))
    }
}

fn told_invoices(words: Words, told: &SessionView, known: &HashMap<&str, &InvoiceView>) -> Markup {
    let number = words.say("Numer faktury", "Invoice number");
    let ksef = words.say("Numer KSeF", "KSeF number");
    let state = words.say("Status w KSeF", "Status at KSeF");
    html! {
        table.session {
            caption.hidden { (words.say("Faktury w tej paczce", "Invoices of this batch")) }
            thead { tr {
                th scope="col" { (words.say("Lp.", "No.")) }
                th scope="col" { (number) }
                th scope="col" { (ksef) }
                th scope="col" { (state) }
            } }
            tbody {
                @for invoice in &told.invoices {
                    @let here = known.get(invoice.invoice_hash.as_str());
                    @let name = invoice.invoice_number.as_deref()
                        .or(here.map(|here| here.number.as_str()))
                        .unwrap_or("–");
                    tr {
                        td data-label=(words.say("Lp.", "No.")) { (invoice.ordinal) }
                        th scope="row" {
                            @if let Some(here) = here { a href=(format!("/invoices/{}", here.id)) { (name) } }
                            @else { (name) }
                        }
                        td data-label=(ksef) {
                            @if let Some(number) = &invoice.ksef_number { code { (number) } } @else { "–" }
                        }
                        td data-label=(state) { div { (status(&invoice.status)) } }
                    }
                }
            }
        }
    }
}

/// KSeF speaks Polish.
fn status(status: &StatusView) -> Markup {
    let kind = match status.code {
        200 => "pill sent",
        ..200 => "pill processing",
        _ => "pill error",
    };
    html! {
        span class=(kind) { (status.code) }
        " " span lang="pl" { (status.description) }
        @if !status.details.is_empty() {
            ul.reason lang="pl" { @for detail in &status.details { li { (detail) } } }
        }
    }
}
