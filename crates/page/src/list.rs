//! The queue: what waits, what is under way, what went wrong, and what can be done.

use std::collections::BTreeMap;

use axum::extract::{Query, State};
use ksef_offline::{InvoiceStatus, Outgoing};
use maud::{Markup, html};

use crate::app::App;
use crate::fault::Fault;
use crate::format::query;
use crate::issue;
use crate::layout::{self, Place, csrf};
use crate::table::{self, Columns};
use crate::visitor::Visitor;
use crate::words::Words;

/// Invoices on a page.
const PAGE: usize = 50;

/// `GET /`
pub(crate) async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Result<Markup, Fault> {
    let words = visitor.words;
    let status = asked
        .get("status")
        .and_then(|name| InvoiceStatus::from_name(name));
    let after = asked.get("after").cloned();
    let (list, outgoing) = app
        .at_desk(move |desk| Ok((desk.list(status, PAGE, after.as_deref())?, desk.outgoing()?)))
        .await?;
    let columns = if status == Some(InvoiceStatus::Sent) {
        Columns::Archive
    } else {
        Columns::Queue
    };
    let title = words.say("Faktury w kolejce", "Invoices in the queue");
    let body = html! {
        div.headline { h1 { (title) } }
        (layout::notice(words, asked.get("notice").map(String::as_str)))
        div #queue data-live="3" {
            (toolbar(&visitor, outgoing))
            (filters(words, status, &list.counts))
            @if list.invoices.is_empty() {
                p.empty { (empty(words, status)) }
            } @else {
                (table::invoices(words, title, columns, &list.invoices))
            }
            @if let Some(next) = &list.next {
                @let filter = status.map_or(String::new(), |status| format!("status={}&", status.name()));
                p.pages { a.button href=(format!("/?{filter}after={}", query(next))) {
                    (words.say("Następna strona", "Next page"))
                } }
            }
        }
        section.card aria-labelledby="issue-title" {
            h2 #issue-title { (words.say("Wystaw faktury", "Issue invoices")) }
            (issue::form(&visitor))
        }
    };
    let running = app.job().is_some_and(|job| job.is_running());
    Ok(layout::moving_page(
        &visitor,
        Place::Queue,
        title,
        running.then_some(3),
        &body,
    ))
}

fn toolbar(visitor: &Visitor, outgoing: Outgoing) -> Markup {
    let words = visitor.words;
    let waiting = outgoing.all();
    html! {
        div.toolbar {
            @if waiting > 0 {
                a.button.primary #send href="/send" {
                    (words.say("Wyślij paczkę", "Send batch")) " (" (waiting) ")"
                }
            } @else {
                span.button.off #send {
                    (words.say("Wyślij paczkę: nic nie czeka", "Send batch: nothing waits"))
                }
            }
            form method="post" action="/refresh" {
                (csrf(visitor))
                button.button #refresh type="submit" { (words.say("Odśwież", "Refresh")) }
            }
        }
    }
}

fn filters(
    words: Words,
    chosen: Option<InvoiceStatus>,
    counts: &BTreeMap<&'static str, u64>,
) -> Markup {
    let queued: u64 = counts
        .iter()
        .filter(|(name, _)| **name != "sent")
        .map(|(_, count)| count)
        .sum();
    html! {
        nav.filters aria-label=(words.say("Statusy", "Statuses")) {
            ul {
                li { a href="/" aria-current=[chosen.is_none().then_some("true")] {
                    (words.say("W kolejce", "In the queue")) " " b { (queued) }
                } }
                @for status in InvoiceStatus::ALL {
                    li { a class=(status.name()) href=(format!("/?status={}", status.name()))
                        aria-current=[(chosen == Some(status)).then_some("true")] {
                        (words.status(status.name())) " " b { (counts.get(status.name()).copied().unwrap_or_default()) }
                    } }
                }
            }
        }
    }
}

fn empty(words: Words, status: Option<InvoiceStatus>) -> &'static str {
    match status {
        None => words.say(
            "Kolejka jest pusta: wszystko, co wystawiono, jest w KSeF.",
            "The queue is empty: everything that was issued is in KSeF.",
        ),
        Some(_) => words.say(
            "Nie ma faktur o tym statusie.",
            "There are no invoices in this status.",
        ),
    }
}
