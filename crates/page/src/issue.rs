//! Issuing: files chosen or dropped, judged and signed, and a report with every violation of each.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;
use ksef_offline::core::deadline::{IssueMode, OfflineMode};
use ksef_offline::{DeskError, FaultView, IssueOptions};
use maud::{Markup, html};

use crate::app::App;
use crate::fault::{self, Fault};
use crate::guard::see;
use crate::input::{MAX_FILES, MAX_UPLOAD, Upload};
use crate::layout::{self, Place, csrf};
use crate::table::{self, Columns};
use crate::visitor::Visitor;
use crate::words::{FILES, Words};

/// `GET /issue`
pub(crate) async fn page(visitor: Visitor) -> Markup {
    let words = visitor.words;
    let title = words.say("Wystaw faktury", "Issue invoices");
    let body = html! {
        h1 { (title) }
        p { (words.say(
            "Każdy plik FA(3) zostanie najpierw sprawdzony tak, jak sprawdzi go KSeF. Bezbłędne faktury zostaną \
             podpisane i otrzymają kody QR; z wadliwych nic nie zostanie zapisane.",
            "Each FA(3) file is first judged as KSeF will judge it. Faultless invoices are signed and get their QR codes; \
             of faulty ones nothing is stored.",
        )) }
        div.card { (form(&visitor)) }
    };
    layout::page(&visitor, Place::Issue, title, &body)
}

/// The form, which the queue shows too.
pub(crate) fn form(visitor: &Visitor) -> Markup {
    let words = visitor.words;
    html! {
        form.issue method="post" action="/issue" enctype="multipart/form-data" data-busy=(words.say("Sprawdzanie i podpisywanie…", "Judging and signing…")) {
            (csrf(visitor))
            label.drop for="files" {
                strong { (words.say("Pliki faktur FA(3), XML", "FA(3) invoice files, XML")) }
                span.with-script { (words.say("Upuść pliki tutaj albo wybierz je:", "Drop files here, or choose them:")) }
                input #files type="file" name="files" accept=".xml,application/xml,text/xml" multiple required
                    data-most=(MAX_FILES) data-bytes=(MAX_UPLOAD)
                    data-refused=(words.say("Za dużo plików naraz.", "Too many files at once."));
                small {
                    (words.say("najwyżej", "at most")) " " (words.count(MAX_FILES as u64, &FILES)) ", "
                    (MAX_UPLOAD / 1_000_000) " MB"
                }
            }
            div.row {
                label for="mode" { (words.say("Tryb", "Mode")) }
                select #mode name="mode" {
                    option value="auto" selected { (words.say("ustal automatycznie", "find out by itself")) }
                    @for mode in [IssueMode::Online].into_iter().chain(OfflineMode::ALL.map(IssueMode::Offline)) {
                        option value=(mode.name()) { (words.mode(mode.name())) }
                    }
                }
                label.check { input type="checkbox" name="sign_later" value="yes"; " " (words.say("podpisz później", "sign later")) }
                button.button.primary type="submit" { (words.say("Wystaw", "Issue")) }
            }
        }
    }
}

/// `POST /issue`
pub(crate) async fn issue(State(app): State<App>, upload: Upload) -> Result<Response, Fault> {
    if upload.files.is_empty() {
        return Err(Fault::NO_FILES);
    }
    let options = IssueOptions {
        mode: IssueMode::from_name(upload.text("mode")),
        sign_later: upload.text("sign_later") == "yes",
    };
    let desk = Arc::clone(&app.desk);
    // On its own: a browser that goes away does not stop it half-way.
    let issued = tokio::spawn(async move { desk.issue(&upload.files, options).await }).await;
    let report = issued.map_err(|_| DeskError::Interrupted)??;
    app.look_soon();
    Ok(see(&format!("/issued/{}", app.keep_report(report)?)))
}

/// `GET /issued/{report}`
pub(crate) async fn report(
    State(app): State<App>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Markup, Fault> {
    let words = visitor.words;
    let report = app.report(&name).ok_or(Fault::NO_REPORT)?;
    let ids: Vec<String> = report
        .issued
        .iter()
        .map(|invoice| invoice.id.clone())
        .collect();
    // As they are now; one that was deleted meanwhile is left out.
    let issued = app
        .at_desk(move |desk| {
            Ok(ids
                .iter()
                .filter_map(|id| desk.show(id).ok())
                .collect::<Vec<_>>())
        })
        .await?;
    let title = words.say("Wynik wystawiania", "Result of issuing");
    let body = html! {
        h1 { (title) }
        p.result {
            (words.say("Wystawione:", "Issued:")) " " strong { (report.issued.len()) } ", "
            (words.say("odrzucone:", "refused:")) " " strong { (report.failed.len()) }
        }
        @if !report.failed.is_empty() {
            h2 { (words.say("Odrzucone pliki", "Refused files")) }
            @for file in &report.failed {
                section.card.refused {
                    h3 { (file.file) }
                    (fault::list(words, &file.errors))
                }
            }
        }
        @if !report.warnings.is_empty() {
            h2 { (words.say("Wystawione, ale warto sprawdzić", "Issued, but worth a look")) }
            @for file in &report.warnings { (warnings(words, &file.file, &file.warnings)) }
        }
        @if !issued.is_empty() {
            h2 { (words.say("Wystawione faktury", "Issued invoices")) }
            (table::invoices(words, title, Columns::Queue, &issued))
        }
        p.buttons {
            a.button href="/issue" { (words.say("Wystaw następne", "Issue more")) }
            a.button href="/" { (words.say("Do kolejki", "To the queue")) }
        }
    };
    Ok(layout::page(&visitor, Place::Issue, title, &body))
}

fn warnings(words: Words, file: &str, faults: &[FaultView]) -> Markup {
    html! {
        section.card.warned {
            h3 { (file) }
            (fault::list(words, faults))
        }
    }
}
