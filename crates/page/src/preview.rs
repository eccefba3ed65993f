//! The invoice as a person reads it, in a frame without rights; and everything of it as files.

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use ksef_offline::{DeskError, PreviewContent, PreviewFormat};
use maud::{Markup, html};

use crate::app::App;
use crate::fault::Fault;
use crate::guard::framed;
use crate::layout::{self, Place};
use crate::visitor::Visitor;

/// `GET /invoices/{id}/preview`
pub(crate) async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Markup, Fault> {
    let words = visitor.words;
    let invoice = app.at_desk(move |desk| desk.show(&id)).await?;
    let title = format!(
        "{} {}",
        words.say("Podgląd faktury", "Preview of invoice"),
        invoice.number
    );
    let file = |name: &str| format!("/invoices/{}/files/{name}", invoice.id);
    let body = html! {
        h1 { (title) }
        p.buttons {
            a.button.primary href=(file("preview.pdf")) download { (words.say("Pobierz PDF", "Download PDF")) }
            a.button href=(file("preview.html")) target="_blank" rel="noopener" {
                (words.say("Otwórz w nowej karcie", "Open in a new tab"))
            }
            a.button href=(format!("/invoices/{}", invoice.id)) { (words.say("Szczegóły", "Details")) }
        }
        iframe.preview src=(file("preview.html")) title=(title) sandbox="allow-popups allow-popups-to-escape-sandbox" {}
    };
    Ok(layout::page(&visitor, Place::Queue, &title, &body))
}

/// `GET /invoices/{id}/files/{file}`
pub(crate) async fn file(
    State(app): State<App>,
    visitor: Visitor,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let language = visitor.words.0;
    let drawn = |format| {
        let id = id.clone();
        app.at_desk(move |desk| desk.preview(&id, PreviewContent::Invoice, format, language))
    };
    match file.as_str() {
        "preview.html" => {
            let page = drawn(PreviewFormat::Html).await?;
            let mut response = ([(CONTENT_TYPE, "text/html; charset=utf-8")], page).into_response();
            framed(&mut response);
            Ok(response)
        }
        "preview.pdf" => {
            let pdf = drawn(PreviewFormat::Pdf).await?;
            Ok(download("application/pdf", &format!("{id}.pdf"), pdf))
        }
        "invoice.xml" => {
            let path = app.at_desk({
                let id = id.clone();
                move |desk| read(&desk.show(&id)?.file)
            });
            Ok(download(
                "application/xml",
                &format!("{id}.xml"),
                path.await?,
            ))
        }
        "signature.xml" => {
            let signature = app.at_desk({
                let id = id.clone();
                move |desk| read(&desk.show(&id)?.signature_file.ok_or(DeskError::NotSigned)?)
            });
            Ok(download(
                "application/xml",
                &format!("{id}.xades.xml"),
                signature.await?,
            ))
        }
        "invoice.asics" => {
            let container = app.at_desk({
                let id = id.clone();
                move |desk| desk.container(&id)
            });
            let kind = "application/vnd.etsi.asic-s+zip";
            Ok(download(kind, &format!("{id}.asics"), container.await?))
        }
        "receipt.xml" => {
            let receipt = app.at_desk({
                let id = id.clone();
                move |desk| desk.receipt(&id)
            });
            Ok(download(
                "application/xml",
                &format!("{id}.upo.xml"),
                receipt.await?,
            ))
        }
        _ => Err(Fault::NO_SUCH_PAGE),
    }
}

fn read(path: &std::path::Path) -> Result<Vec<u8>, DeskError> {
    std::fs::read(path).map_err(|error| DeskError::file(path, &error))
}

/// A file to be kept. Its name is made of an id, which is safe in one.
pub(crate) fn download(kind: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    (
        [
            (CONTENT_TYPE, kind.to_owned()),
            (CONTENT_DISPOSITION, disposition),
        ],
        bytes,
    )
        .into_response()
}
