//! Invoices in a table; on a phone each row is a card.

use ksef_offline::InvoiceView;
use maud::{Markup, html};

use crate::format::amount;
use crate::words::{DAYS, Words};

/// Which columns there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Columns {
    /// With deadline and batch.
    Queue,
    /// With the number of KSeF.
    Archive,
}

pub(crate) fn invoices(
    words: Words,
    caption: &str,
    columns: Columns,
    list: &[InvoiceView],
) -> Markup {
    let number = words.say("Numer i nabywca", "Number and buyer");
    let issued = words.say("Wystawiona", "Issued");
    let gross = words.say("Brutto", "Gross");
    let mode = words.say("Tryb", "Mode");
    let due = words.say("Termin wysłania", "Send by");
    let batch = words.say("Paczka", "Batch");
    let ksef = words.say("Numer KSeF", "KSeF number");
    let actions = words.say("Działania", "Actions");
    html! {
        table.invoices {
            caption.hidden { (caption) }
            thead {
                tr {
                    th scope="col" { (number) }
                    th scope="col" { (issued) }
                    th.amount scope="col" { (gross) }
                    th scope="col" { (mode) }
                    th scope="col" { "Status" }
                    @match columns {
                        Columns::Queue => {
                            th scope="col" { (due) }
                            th scope="col" { (batch) }
                        }
                        Columns::Archive => th scope="col" { (ksef) },
                    }
                    th scope="col" { (actions) }
                }
            }
            tbody {
                @for invoice in list {
                    tr.overdue[is_late(invoice)] {
                        th scope="row" {
                            a href=(format!("/invoices/{}", invoice.id)) { (invoice.number) }
                            @if let Some(buyer) = &invoice.buyer { div.buyer { (buyer) } }
                        }
                        td data-label=(issued) { div { time datetime=(invoice.issue_date) { (invoice.issue_date) } " " span.kind { (invoice.kind) } } }
                        td.amount data-label=(gross) { (amount(words, &invoice.gross, &invoice.currency)) }
                        td data-label=(mode) { (words.mode(invoice.mode)) }
                        td data-label="Status" { div { (status(words, invoice)) } }
                        @match columns {
                            Columns::Queue => {
                                td data-label=(due) { div { (deadline(words, invoice)) } }
                                td data-label=(batch) { (batch_link(invoice)) }
                            }
                            Columns::Archive => td data-label=(ksef) {
                                @if let Some(number) = &invoice.ksef_number { code { (number) } } @else { "–" }
                            },
                        }
                        td.actions data-label=(actions) { (row_actions(words, invoice)) }
                    }
                }
            }
        }
    }
}

fn is_late(invoice: &InvoiceView) -> bool {
    invoice.deadline.overdue && invoice.status != "sent"
}

/// The status in its colour, with a sign of its own for those who see none.
pub(crate) fn status(words: Words, invoice: &InvoiceView) -> Markup {
    html! {
        (pill(words, invoice.status))
        @if let Some(error) = &invoice.error {
            div.reason lang="pl" { (error.code) " " (error.description) }
        }
    }
}

pub(crate) fn pill(words: Words, status: &str) -> Markup {
    let sign = match status {
        "pending" => "○",
        "signed" => "✎",
        "processing" => "↻",
        "sent" => "✓",
        _ => "✕",
    };
    html! {
        span class=(format!("pill {status}")) {
            span aria-hidden="true" { (sign) } " " (words.status(status))
        }
    }
}

/// The last day and what is left until then, or why there is none.
pub(crate) fn deadline(words: Words, invoice: &InvoiceView) -> Markup {
    let deadline = &invoice.deadline;
    let stopped = !deadline.may_send && invoice.status != "sent";
    html! {
        @match (&deadline.due, deadline.state) {
            (Some(due), _) => {
                time datetime=(due) { (due) }
                @if deadline.overdue {
                    div { span.pill.late {
                        span aria-hidden="true" { "!" } " " (words.say("po terminie", "overdue"))
                    } }
                    @if stopped {
                        div.reason { (words.say("nie będzie już wysłana", "not sent any more")) }
                    }
                } @else if let Some(left) = deadline.days_left {
                    div.left.soon[left <= 1] {
                        @match left {
                            0 => (words.say("dziś ostatni dzień", "today is the last day")),
                            _ => {
                                (words.say("pozostało:", "left:")) " "
                                (words.count(u64::try_from(left).unwrap_or_default(), &DAYS))
                            }
                        }
                    }
                }
            }
            (None, "open") => {
                (words.say("otwarty", "open"))
                div.left { (words.say("koniec przerwy nieznany", "end of the outage not known")) }
            }
            (None, "lifted") => (words.say("zniesiony", "lifted")),
            (None, _) => (words.say("nie dotyczy", "not required")),
        }
    }
}

fn batch_link(invoice: &InvoiceView) -> Markup {
    html! {
        @if let Some(reference) = &invoice.batch_reference {
            a.reference href=(format!("/sessions/{reference}")) { (reference) }
        } @else { "–" }
    }
}

/// What can be done with an invoice. What only its status allows is offered only then; the desk has the last word.
pub(crate) fn row_actions(words: Words, invoice: &InvoiceView) -> Markup {
    let id = &invoice.id;
    let link = |what: &str, pl: &'static str, en: &'static str| {
        let text = words.say(pl, en);
        html! {
            li { a href=(format!("/invoices/{id}/{what}")) aria-label=(format!("{text}: {}", invoice.number)) { (text) } }
        }
    };
    html! {
        ul.actions {
            (link("preview", "Podgląd", "Preview"))
            @if invoice.code_one.is_some() { (link("codes", "Kody QR", "QR codes")) }
            @if invoice.status == "error" {
                (link("correct", "Skoryguj", "Correct"))
                (link("delete", "Usuń", "Delete"))
            }
        }
    }
}
