//! Removing an invoice in Error from the queue, after a question.

use axum::extract::{Path, State};
use axum::response::Response;
use ksef_offline::DeskError;
use maud::{Markup, html};

use crate::app::App;
use crate::fault::Fault;
use crate::guard::see;
use crate::input::Order;
use crate::layout::{self, Place, csrf};
use crate::visitor::Visitor;

/// `GET /invoices/{id}/delete`
pub(crate) async fn confirm(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Markup, Fault> {
    let words = visitor.words;
    let invoice = app.at_desk(move |desk| desk.show(&id)).await?;
    if invoice.status != "error" {
        return Err(DeskError::WrongStatus(invoice.status).into());
    }
    let title = format!(
        "{} {}?",
        words.say("Usunąć fakturę", "Delete invoice"),
        invoice.number
    );
    let body = html! {
        h1 { (title) }
        div.card.narrow {
            p { (words.say(
                "KSeF ją odrzucił. Po usunięciu zniknie z kolejki razem z plikiem, podpisem i kodami; jej historia zostanie.",
                "KSeF rejected it. Deleted, it is gone from the queue, with its file, signature and codes; its history stays.",
            )) }
            @if let Some(error) = &invoice.error { p.reason lang="pl" { (error.code) " " (error.description) } }
            form.buttons method="post" action=(format!("/invoices/{}/delete", invoice.id)) {
                (csrf(&visitor))
                button.button.danger type="submit" { (words.say("Usuń", "Delete")) }
                a.button href=(format!("/invoices/{}", invoice.id)) { (words.say("Zostaw", "Keep")) }
            }
        }
    };
    Ok(layout::page(&visitor, Place::Queue, &title, &body))
}

/// `POST /invoices/{id}/delete`
pub(crate) async fn delete(
    State(app): State<App>,
    Path(id): Path<String>,
    _order: Order,
) -> Result<Response, Fault> {
    app.at_desk(move |desk| desk.delete(&id)).await?;
    Ok(see("/?notice=deleted"))
}
