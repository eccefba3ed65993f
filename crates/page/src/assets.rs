//! The style sheet, the script and the icon: files of our own, part of the program.

use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};

use crate::fault::Fault;

/// `GET /assets/{file}`
pub(crate) async fn file(Path(file): Path<String>) -> Result<Response, Fault> {
    let (kind, content) = match file.as_str() {
        "style.css" => (
            "text/css; charset=utf-8",
            include_str!("../assets/style.css"),
        ),
        "page.js" => (
            "text/javascript; charset=utf-8",
            include_str!("../assets/page.js"),
        ),
        "icon.svg" => ("image/svg+xml", include_str!("../assets/icon.svg")),
        _ => return Err(Fault::NO_SUCH_PAGE),
    };
    Ok(([(CONTENT_TYPE, kind)], content).into_response())
}
