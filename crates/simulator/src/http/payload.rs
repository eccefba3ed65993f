//! Reads bodies, queries and headers as strictly as KSeF does.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ksef_offline_core::identifier::InvoiceHash;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::error::ApiError;
use crate::state::App;

/// A JSON body. Unknown properties are ignored, wrong types are not.
pub(super) struct Payload<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<App> for Payload<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, app: &App) -> Result<Self, ApiError> {
        let is_json = request
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| {
                let media = value.split(';').next().unwrap_or_default().trim();
                media.eq_ignore_ascii_case("application/json")
            });
        if !is_json {
            return Err(ApiError::code(
                21001,
                String::from("Content-Type: application/json"),
            ));
        }
        let bytes = Bytes::from_request(request, app)
            .await
            .map_err(|_| ApiError::code(21001, None))?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| match error.classify() {
                Category::Data => ApiError::invalid(format!(
                    "wiersz {}, kolumna {}",
                    error.line(),
                    error.column()
                )),
                _ => ApiError::code(21001, None),
            })
    }
}

/// The query, repeated parameters kept.
pub(super) struct Params(Vec<(String, String)>);

impl FromRequestParts<App> for Params {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Query(pairs) = Query::<Vec<(String, String)>>::from_request_parts(parts, app)
            .await
            .map_err(|_| ApiError::invalid("query"))?;
        Ok(Self(pairs))
    }
}

impl Params {
    /// The first value of a parameter; names are compared without case, as the Ministry's framework does.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// A number within bounds.
    pub(super) fn number(
        &self,
        name: &str,
        default: usize,
        least: usize,
        most: usize,
    ) -> Result<usize, ApiError> {
        match self.value(name) {
            None => Ok(default),
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| (least..=most).contains(number))
                .ok_or_else(|| ApiError::invalid(format!("{name}: od {least} do {most}"))),
        }
    }

    pub(super) fn instant(&self, name: &str) -> Result<Option<Timestamp>, ApiError> {
        self.value(name)
            .map(|text| {
                text.replace(' ', "+")
                    .parse()
                    .map_err(|_| ApiError::invalid(name))
            })
            .transpose()
    }
}

/// One page of a list that is walked with a continuation token.
pub(super) struct Page {
    start: usize,
    size: usize,
}

impl Page {
    /// Reads header and page size.
    pub(super) fn of(headers: &HeaderMap, params: &Params, most: usize) -> Result<Self, ApiError> {
        let start = match headers.get("x-continuation-token") {
            None => 0,
            Some(token) => STANDARD
                .decode(token.as_bytes())
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .and_then(|text| text.strip_prefix("next:")?.parse().ok())
                .ok_or_else(|| ApiError::code(21418, None))?,
        };
        Ok(Self {
            start,
            size: params.number("pageSize", 10, 10, most)?,
        })
    }

    /// Cuts the page out of all items and says how to get the next one.
    pub(super) fn cut<T>(&self, items: impl Iterator<Item = T>) -> (Vec<T>, Option<String>) {
        let mut rest = items.skip(self.start);
        let page: Vec<T> = rest.by_ref().take(self.size).collect();
        let next = rest
            .next()
            .map(|_| STANDARD.encode(format!("next:{}", self.start + self.size)));
        (page, next)
    }
}

/// A reference number in a path: 36 characters.
pub(super) fn checked_reference(text: &str) -> Result<&str, ApiError> {
    if text.len() == 36 {
        Ok(text)
    } else {
        Err(ApiError::invalid("numer referencyjny ma 36 znaków"))
    }
}

/// Standard Base64 of a property.
pub(super) fn base64(text: &str, property: &str) -> Result<Vec<u8>, ApiError> {
    STANDARD
        .decode(text)
        .map_err(|_| ApiError::invalid(property))
}

/// A SHA-256 in standard Base64.
pub(super) fn hash(text: &str, property: &str) -> Result<InvoiceHash, ApiError> {
    InvoiceHash::from_base64(text).map_err(|_| ApiError::invalid(property))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gaps() {
        let params = Params(vec![("pageSize".into(), "10".into())]);
        let mut headers = HeaderMap::new();
        let mut seen = vec![];
        loop {
            let page = Page::of(&headers, &params, 1000).unwrap();
            let (items, next) = page.cut(0..25);
            seen.extend(items);
            let Some(next) = next else { break };
            headers.insert("x-continuation-token", next.parse().unwrap());
        }
        assert_eq!(seen, (0..25).collect::<Vec<_>>());
    }

    #[test]
    fn bounds_and_tokens_are_checked() {
        let params = Params(vec![("pageSize".into(), "9".into())]);
        assert!(Page::of(&HeaderMap::new(), &params, 1000).is_err());
        let mut headers = HeaderMap::new();
        headers.insert("x-continuation-token", "nonsense".parse().unwrap());
        assert!(Page::of(&headers, &Params(vec![]), 1000).is_err());
    }
}
