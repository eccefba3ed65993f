//! Latarnia's messages, and the history of outages that deadlines rest on.

use axum::extract::State;
use jiff::Timestamp;
use ksef_offline::core::deadline::{LatarniaMessage, Outage};
use maud::{Markup, html};

use crate::app::App;
use crate::fault::Fault;
use crate::format::clock;
use crate::layout::{self, Place};
use crate::visitor::Visitor;
use crate::words::Words;

/// `GET /outages`
pub(crate) async fn page(State(app): State<App>, visitor: Visitor) -> Result<Markup, Fault> {
    let words = visitor.words;
    let (timeline, now) = app
        .at_desk(|desk| Ok((desk.timeline()?, desk.now())))
        .await?;
    let shown = app.look().and_then(|look| look.found.ok());
    let title = words.say("Przerwy w działaniu KSeF", "Outages of KSeF");
    let mut outages: Vec<&Outage> = timeline.outages().iter().collect();
    outages.sort_by_key(|outage| std::cmp::Reverse(outage.start));
    let mut messages: Vec<&LatarniaMessage> = timeline.messages().collect();
    messages.sort_by_key(|message| std::cmp::Reverse(message.published));
    let body = html! {
        h1 { (title) }
        p { (words.say(
            "Wszystko, co kiedykolwiek ogłosiła Latarnia i co ten program widział. Na tym opierają się tryby i terminy.",
            "Everything that Latarnia ever announced and this program saw. Modes and deadlines rest on it.",
        )) }
        div data-live="5" #outages {
            h2 { (words.say("Przerwy", "Outages")) }
            @if outages.is_empty() {
                p.empty { (words.say("Żadnej przerwy nie ogłoszono.", "No outage was ever announced.")) }
            } @else { (outage_table(words, &outages, now)) }
            h2 { (words.say("Komunikaty Latarni", "Messages of Latarnia")) }
            @if messages.is_empty() {
                p.empty { (words.say("Nie ma żadnych komunikatów.", "There are no messages.")) }
            }
            @for message in &messages { (drawn(words, message)) }
            @if let Some(found) = &shown {
                @for unreadable in &found.unreadable {
                    p.hint {
                        (words.say("Nieczytelny komunikat, pozycja na liście:", "Message that cannot be read, place in the list:"))
                        " " (unreadable.position)
                        @if let Some(id) = &unreadable.id { " (" (id) ")" }
                    }
                }
            }
        }
    };
    Ok(layout::page(&visitor, Place::Outages, title, &body))
}

fn outage_table(words: Words, outages: &[&Outage], now: Timestamp) -> Markup {
    let start = words.say("Początek", "Start");
    let end = words.say("Koniec", "End");
    let state = words.say("Stan", "State");
    html! {
        table {
            caption.hidden { (words.say("Przerwy", "Outages")) }
            thead { tr {
                th scope="col" { (words.say("Rodzaj i numer", "Kind and number")) }
                th scope="col" { (start) }
                th scope="col" { (end) }
                th scope="col" { (state) }
            } }
            tbody {
                @for outage in outages {
                    tr {
                        th scope="row" {
                            (words.outage(outage.category.name()))
                            div.buyer { (outage.name()) }
                        }
                        td data-label=(start) { (clock(outage.start)) }
                        td data-label=(end) {
                            @match outage.end {
                                Some(end) => (clock(end)),
                                None => (words.say("nie ogłoszono", "not announced")),
                            }
                        }
                        td data-label=(state) { div {
                            @if outage.is_running(now) {
                                span.pill.error { span aria-hidden="true" { "●" } " " (words.say("trwa", "goes on")) }
                            } @else if outage.start > now {
                                span.pill.processing { span aria-hidden="true" { "○" } " " (words.say("zapowiedziana", "to come")) }
                            } @else {
                                span.pill.sent { span aria-hidden="true" { "✓" } " " (words.say("zakończona", "over")) }
                            }
                            @if outage.is_withdrawn {
                                div.reason { (words.say(
                                    "Latarnia już jej nie pokazuje, a końca nie widziano",
                                    "Latarnia no longer shows it, and no end was seen",
                                )) }
                            }
                        } }
                    }
                }
            }
        }
    }
}

fn drawn(words: Words, message: &LatarniaMessage) -> Markup {
    html! {
        article.card.message {
            h3 lang="pl" { (message.title) }
            p lang="pl" { (message.text) }
            p.left {
                code { (message.id) } " · " (words.outage(message.category.name())) " · "
                @if let Some(published) = message.published {
                    (words.say("ogłoszono", "published")) " " (clock(published)) " · "
                }
                (words.say("od", "from")) " " (clock(message.start))
                @if let Some(end) = message.end { " " (words.say("do", "until")) " " (clock(end)) }
            }
            @if !message.is_recognised() {
                p.hint { (words.say(
                    "Nieznany rodzaj komunikatu: nie zmienia żadnego terminu.",
                    "A message of an unknown kind: it moves no deadline.",
                )) }
            }
        }
    }
}
