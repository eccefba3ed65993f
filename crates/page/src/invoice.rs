//! One invoice with everything that is known of it.

use axum::extract::{Path, State};
use ksef_offline::InvoiceView;
use maud::{Markup, html};

use crate::app::App;
use crate::fault::Fault;
use crate::format::{amount, instant};
use crate::layout::{self, Place};
use crate::table;
use crate::visitor::Visitor;
use crate::words::Words;

/// `GET /invoices/{id}`
pub(crate) async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Markup, Fault> {
    let words = visitor.words;
    let (invoice, evidence, history) = app
        .at_desk(move |desk| Ok((desk.show(&id)?, desk.evidence(&id)?, desk.history(&id)?)))
        .await?;
    let title = format!("{} {}", words.say("Faktura", "Invoice"), invoice.number);
    let body = html! {
        div.headline {
            h1 { (title) }
            (table::pill(words, invoice.status))
        }
        (table::row_actions(words, &invoice))
        (rejection(words, &invoice))
        div.columns {
            section.card aria-labelledby="what" {
                h2 #what { (words.say("Faktura", "Invoice")) }
                (facts(words, &invoice))
            }
            section.card aria-labelledby="when" {
                h2 #when { (words.say("Termin i tryb", "Deadline and mode")) }
                dl.facts {
                    (fact(words.say("Termin wysłania", "Send by"), &table::deadline(words, &invoice)))
                    (fact(words.say("Dlaczego", "Why"), &html! {
                        (words.text(&invoice.deadline.explanation)) " (" span lang="pl" { (invoice.deadline.provisions) } ")"
                    }))
                    (fact(words.say("Tryb", "Mode"), &html! { (words.mode(invoice.mode)) }))
                    @if let Some(reason) = evidence.as_ref().and_then(|evidence| evidence.reason.as_ref()) {
                        (fact(words.say("Podstawa trybu", "Reason for the mode"), &html! { (words.text(reason)) }))
                    }
                    @if let Some(marker) = invoice.ledger_marker {
                        (fact("JPK_V7", &html! { (marker) }))
                    }
                }
            }
        }
        section.card aria-labelledby="files" {
            h2 #files { (words.say("Pliki", "Files")) }
            (files(words, &invoice))
        }
        section.card aria-labelledby="history" {
            h2 #history { (words.say("Historia", "History")) }
            table.history {
                caption.hidden { (words.say("Historia faktury", "History of the invoice")) }
                thead { tr {
                    th scope="col" { (words.say("Kiedy", "When")) }
                    th scope="col" { (words.say("Co", "What")) }
                    th scope="col" { (words.say("Dlaczego", "Why")) }
                } }
                tbody {
                    @for line in &history {
                        tr {
                            td data-label=(words.say("Kiedy", "When")) { (instant(&line.at)) }
                            th scope="row" { (words.event(line.event)) }
                            td data-label=(words.say("Dlaczego", "Why")) { (words.cause(&line.cause)) }
                        }
                    }
                }
            }
        }
    };
    Ok(layout::page(&visitor, Place::Queue, &title, &body))
}

fn rejection(words: Words, invoice: &InvoiceView) -> Markup {
    html! {
        @if let Some(error) = &invoice.error {
            div.banner {
                p {
                    strong { (words.say("KSeF odrzucił tę fakturę", "KSeF rejected this invoice")) ": " }
                    (error.code) " " span lang="pl" { (error.description) }
                }
                @if !error.details.is_empty() {
                    ul lang="pl" { @for detail in &error.details { li { (detail) } } }
                }
            }
        }
    }
}

fn facts(words: Words, invoice: &InvoiceView) -> Markup {
    html! {
        dl.facts {
            (fact(words.say("Numer", "Number"), &html! { (invoice.number) }))
            (fact(words.say("Rodzaj", "Kind"), &html! { (invoice.kind) }))
            (fact(words.say("Data wystawienia", "Issue date"), &html! { (invoice.issue_date) }))
            (fact(words.say("NIP sprzedawcy", "Seller's NIP"), &html! { (invoice.seller_nip) }))
            @if let Some(buyer) = &invoice.buyer {
                (fact(words.say("Nabywca", "Buyer"), &html! { (buyer) }))
            }
            (fact(words.say("Brutto", "Gross"), &html! { (amount(words, &invoice.gross, &invoice.currency)) }))
            @if let Some(number) = &invoice.ksef_number {
                (fact(words.say("Numer KSeF", "KSeF number"), &html! { code { (number) } }))
            }
            (fact(words.say("Skrót SHA-256", "SHA-256 hash"), &html! { code { (invoice.invoice_hash) } }))
            @if let Some(corrects) = &invoice.corrects_hash {
                (fact(words.say("Koryguje fakturę o skrócie", "Corrects the invoice with the hash"), &html! { code { (corrects) } }))
            }
            @if let Some(reference) = &invoice.batch_reference {
                (fact(words.say("Paczka", "Batch"), &html! {
                    a.reference href=(format!("/sessions/{reference}")) { (reference) }
                }))
            }
            @if let Some(source) = &invoice.source {
                (fact(words.say("Plik źródłowy", "Source file"), &html! { (source) }))
            }
        }
    }
}

fn fact(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn files(words: Words, invoice: &InvoiceView) -> Markup {
    let link = |file: &str, text: &str| {
        html! { li { a href=(format!("/invoices/{}/files/{file}", invoice.id)) download { (text) } } }
    };
    html! {
        ul.plain.files {
            (link("preview.pdf", words.say("Wizualizacja (PDF)", "Preview (PDF)")))
            (link("invoice.xml", words.say("Faktura (XML, dokładnie to, co dostaje KSeF)", "Invoice (XML, exactly what KSeF gets)")))
            @if invoice.signature_file.is_some() {
                (link("signature.xml", words.say("Podpis (XAdES)", "Signature (XAdES)")))
                (link("invoice.asics", words.say("Faktura i podpis (ASiC-S)", "Invoice and signature (ASiC-S)")))
            }
            @if invoice.status == "sent" {
                (link("receipt.xml", "UPO (XML)"))
            }
        }
    }
}
