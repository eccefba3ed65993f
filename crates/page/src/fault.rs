//! What goes wrong, as a page: the stable code and the text in the visitor's language.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use ksef_offline::core::random::RandomError;
use ksef_offline::core::{Bilingual, Diagnostic as _};
use ksef_offline::{DeskError, FaultView};
use maud::{Markup, html};

use crate::input::{MAX_FILES, MAX_UPLOAD};
use crate::layout::{self, Place};
use crate::visitor::Visitor;
use crate::words::Words;

/// Why a request was not done.
#[derive(Debug, Clone)]
pub(crate) enum Fault {
    /// The page's own refusal.
    Own(StatusCode, Own),
    /// The desk's.
    Desk(StatusCode, Vec<FaultView>),
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Own {
    Foreign,
    Malformed,
    TooLarge,
    TooMany,
    NoSuchPage,
    NoSuchMethod,
    NoFiles,
    NoReport,
}

impl Fault {
    pub(crate) const FOREIGN: Self = Self::Own(StatusCode::FORBIDDEN, Own::Foreign);
    pub(crate) const MALFORMED: Self = Self::Own(StatusCode::BAD_REQUEST, Own::Malformed);
    pub(crate) const TOO_LARGE: Self = Self::Own(StatusCode::PAYLOAD_TOO_LARGE, Own::TooLarge);
    pub(crate) const TOO_MANY: Self = Self::Own(StatusCode::PAYLOAD_TOO_LARGE, Own::TooMany);
    pub(crate) const NO_SUCH_PAGE: Self = Self::Own(StatusCode::NOT_FOUND, Own::NoSuchPage);
    pub(crate) const NO_FILES: Self = Self::Own(StatusCode::BAD_REQUEST, Own::NoFiles);
    pub(crate) const NO_REPORT: Self = Self::Own(StatusCode::NOT_FOUND, Own::NoReport);

    /// What to tell, one line for each fault.
    pub(crate) fn views(&self) -> Vec<FaultView> {
        match self {
            Self::Own(_, own) => vec![own.view()],
            Self::Desk(_, views) => views.clone(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::Own(status, _) | Self::Desk(status, _) => *status,
        }
    }
}

impl Own {
    fn view(self) -> FaultView {
        let megabytes = MAX_UPLOAD / 1_000_000;
        let (code, pl, en): (&str, String, String) = match self {
            Self::Foreign => (
                "form-token-missing",
                "formularz nie pochodzi z tej strony albo jest sprzed ponownego uruchomienia programu; otwórz stronę na nowo".into(),
                "the form does not come from this page, or is from before the program was started again; open the page anew".into(),
            ),
            Self::Malformed => (
                "request-malformed",
                "tego żądania nie da się odczytać".into(),
                "this request cannot be read".into(),
            ),
            Self::TooLarge => (
                "upload-too-large",
                format!("przesłane pliki mają razem ponad {megabytes} MB; podziel je na mniejsze części"),
                format!("the files have more than {megabytes} MB together; upload them in smaller parts"),
            ),
            Self::TooMany => (
                "upload-too-many",
                format!("naraz można przesłać najwyżej {MAX_FILES} plików"),
                format!("at most {MAX_FILES} files can be uploaded at once"),
            ),
            Self::NoSuchPage => (
                "no-such-page",
                "nie ma tu takiej strony".into(),
                "there is no such page here".into(),
            ),
            Self::NoSuchMethod => (
                "no-such-method",
                "ta strona nie przyjmuje takiego żądania".into(),
                "this page takes no request of this kind".into(),
            ),
            Self::NoFiles => (
                "no-files",
                "nie wybrano żadnego pliku".into(),
                "no file was chosen".into(),
            ),
            Self::NoReport => (
                "report-gone",
                "tego zestawienia już nie ma; wystawione faktury są w kolejce".into(),
                "this report is gone; the invoices that were issued are in the queue".into(),
            ),
        };
        FaultView {
            path: None,
            line: None,
            code: code.into(),
            message: Bilingual::new(pl, en),
        }
    }
}

impl From<DeskError> for Fault {
    fn from(error: DeskError) -> Self {
        let status = match error.code() {
            "not-found"
            | "id-malformed"
            | "reference-number-malformed"
            | "no-codes"
            | "receipt-missing"
            | "not-signed" => StatusCode::NOT_FOUND,
            "wrong-status" | "illegal-move" | "already-settled" | "send-in-progress" => {
                StatusCode::CONFLICT
            }
            _ if error.is_unreachable() => StatusCode::SERVICE_UNAVAILABLE,
            _ => match &error {
                DeskError::Refused(_)
                | DeskError::Correction(_)
                | DeskError::Identifier(_)
                | DeskError::Invoice(_) => StatusCode::UNPROCESSABLE_ENTITY,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            },
        };
        let mut views = vec![FaultView::of(&error)];
        if let DeskError::Refused(faults) = error {
            views.extend(faults);
        }
        Self::Desk(status, views)
    }
}

impl From<RandomError> for Fault {
    fn from(error: RandomError) -> Self {
        Self::from(DeskError::from(error))
    }
}

/// The page is drawn later, by [`explained`], where the visitor is known.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Draws the page of a fault.
pub(crate) fn explained(visitor: &Visitor, response: Response) -> Response {
    let Some(fault) = response.extensions().get::<Fault>().cloned() else {
        return response;
    };
    let words = visitor.words;
    let title = words.say("Nie udało się", "That did not work");
    let body = html! {
        h1 { (title) }
        (list(words, &fault.views()))
        p { a href="/" { (words.say("Do kolejki faktur", "To the queue of invoices")) } }
    };
    let mut page = (
        fault.status(),
        layout::page(visitor, Place::Elsewhere, title, &body),
    )
        .into_response();
    if let Some(allow) = response.headers().get(axum::http::header::ALLOW) {
        page.headers_mut()
            .insert(axum::http::header::ALLOW, allow.clone());
    }
    page
}

/// Faults one below the other, each with its code.
pub(crate) fn list(words: Words, faults: &[FaultView]) -> Markup {
    html! {
        ul.faults {
            @for fault in faults {
                li {
                    code { (fault.code) }
                    @if let Some(line) = fault.line {
                        " " span.place { (words.say("wiersz", "line")) " " (line) }
                    }
                    @if let Some(path) = &fault.path { " " span.place { (path) } }
                    br;
                    (words.text(&fault.message))
                }
            }
        }
    }
}

pub(crate) async fn no_such_page() -> Fault {
    Fault::NO_SUCH_PAGE
}

pub(crate) async fn no_such_method() -> Fault {
    Fault::Own(StatusCode::METHOD_NOT_ALLOWED, Own::NoSuchMethod)
}
