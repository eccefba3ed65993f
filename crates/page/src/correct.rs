//! A technical correction of a rejected invoice, from a file.

use axum::extract::{Path, State};
use axum::response::Response;
use maud::{Markup, html};

use crate::app::{App, random_name};
use crate::fault::Fault;
use crate::guard::see;
use crate::input::Upload;
use crate::job::Work;
use crate::layout::{self, Place, csrf};
use crate::visitor::Visitor;

/// `GET /invoices/{id}/correct`
pub(crate) async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Path(id): Path<String>,
) -> Result<Markup, Fault> {
    let words = visitor.words;
    let invoice = app.at_desk(move |desk| desk.show(&id)).await?;
    let once = random_name::<16>()?;
    let title = format!(
        "{} {}",
        words.say(
            "Korekta techniczna faktury",
            "Technical correction of invoice"
        ),
        invoice.number
    );
    let body = html! {
        h1 { (title) }
        div.card.narrow {
            p { (words.say(
                "Ta sama treść bez błędu technicznego, jako nowy plik. Idzie do KSeF od razu, w sesji interaktywnej; kod \
                 wydrukowany na pierwszej fakturze będzie prowadził do nowej.",
                "The same content without the technical fault, as a new file. It goes to KSeF at once, in an interactive \
                 session; the code printed on the first invoice will lead to the new one.",
            )) }
            @if let Some(error) = &invoice.error { p.reason lang="pl" { (error.code) " " (error.description) } }
            form.issue method="post" enctype="multipart/form-data" action=(format!("/invoices/{}/correct", invoice.id)) {
                (csrf(&visitor))
                input type="hidden" name="once" value=(once);
                label.drop for="file" {
                    strong { (words.say("Poprawiony plik FA(3), XML", "Mended FA(3) file, XML")) }
                    span.with-script { (words.say("Upuść plik tutaj albo wybierz go:", "Drop the file here, or choose it:")) }
                    input #file type="file" name="file" accept=".xml,application/xml,text/xml" required;
                }
                div.buttons {
                    button.button.primary type="submit" { (words.say("Wyślij korektę", "Send the correction")) }
                    a.button href=(format!("/invoices/{}", invoice.id)) { (words.say("Wróć", "Back")) }
                }
            }
        }
    };
    Ok(layout::page(&visitor, Place::Queue, &title, &body))
}

/// `POST /invoices/{id}/correct`
pub(crate) async fn correct(
    State(app): State<App>,
    Path(id): Path<String>,
    mut upload: Upload,
) -> Result<Response, Fault> {
    let file = upload.files.pop().ok_or(Fault::NO_FILES)?;
    let once = upload.text("once").to_owned();
    if app.begin(Work::Correct { id, file }, &once) {
        Ok(see("/work"))
    } else {
        Ok(see("/?notice=busy"))
    }
}
