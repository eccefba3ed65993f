//! Who looks: the language, and the address that the language switch leads back to.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;

use crate::app::App;
use crate::words::Words;

/// The visitor of one request.
#[derive(Clone)]
pub(crate) struct Visitor {
    pub(crate) app: App,
    pub(crate) words: Words,
    /// The path, with its query.
    pub(crate) here: String,
}

impl Visitor {
    pub(crate) fn of(app: &App, words: Words, uri: &Uri) -> Self {
        Self {
            app: Arc::clone(app),
            words,
            here: uri
                .path_and_query()
                .map_or("/", |here| here.as_str())
                .to_owned(),
        }
    }
}

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let words = Words(crate::language::of(app, &parts.headers));
        Ok(Self::of(app, words, &parts.uri))
    }
}
