//! The storage behind pre-signed links: it knows nothing of logins, and refuses who sends it one.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use http_body_util::BodyExt as _;
use ksef_offline_core::identifier::InvoiceHash;
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::batch::PART_HEADER;
use super::links;
use super::payload::Params;
use super::status::receipt_of;
use crate::session::{MAX_ENCRYPTED_PART_SIZE, Received};
use crate::state::App;

/// A refusal in the words of the storage, which speaks XML.
fn refused(status: StatusCode, code: &str) -> Response {
    let body =
        format!("<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code></Error>");
    (status, [(CONTENT_TYPE, "application/xml")], body).into_response()
}

/// Whether a request may pass: a signed link, and no token of the API.
#[expect(
    clippy::result_large_err,
    reason = "the error is the answer, made once a request"
)]
fn check(app: &App, path: &str, params: &Params, headers: &HeaderMap) -> Result<(), Response> {
    if headers.contains_key(AUTHORIZATION) {
        return Err(refused(StatusCode::FORBIDDEN, "AuthenticationFailed"));
    }
    if links::allows(app, path, params.value("se"), params.value("sig")) {
        Ok(())
    } else {
        Err(refused(StatusCode::FORBIDDEN, "AuthenticationFailed"))
    }
}

/// Takes a part in, whatever its bytes: only closing the session compares them with what was declared.
pub(super) async fn upload(
    State(app): State<App>,
    Path((session, ordinal)): Path<(String, usize)>,
    uri: Uri,
    params: Params,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err(refusal) = check(&app, uri.path(), &params, &headers) {
        return refusal;
    }
    let expected = {
        let world = app.world();
        world
            .sessions
            .get(&session)
            .filter(|session| session.is_open())
            .and_then(|session| session.batch.as_ref()?.parts.get(ordinal.checked_sub(1)?))
            .map(|part| part.header.clone())
    };
    let Some(expected) = expected else {
        return refused(StatusCode::NOT_FOUND, "BlobNotFound");
    };
    let is = |name: &str, value: &str| {
        headers
            .get(name)
            .is_some_and(|given| given.as_bytes() == value.as_bytes())
    };
    if !is("x-ms-blob-type", "BlockBlob") || !is(PART_HEADER, &expected) {
        return refused(StatusCode::BAD_REQUEST, "MissingRequiredHeader");
    }
    let Some(length) = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok())
    else {
        return refused(StatusCode::LENGTH_REQUIRED, "MissingContentLengthHeader");
    };
    if length > MAX_ENCRYPTED_PART_SIZE {
        return refused(StatusCode::PAYLOAD_TOO_LARGE, "RequestBodyTooLarge");
    }
    let Some(received) = receive(body, length).await else {
        return refused(StatusCode::BAD_REQUEST, "RequestBodyIncomplete");
    };
    let mut world = app.world();
    let now = world.clock.now();
    let part = world.sessions.get_mut(&session).and_then(|session| {
        session.updated = now;
        session
            .batch
            .as_mut()?
            .parts
            .get_mut(ordinal.checked_sub(1)?)
    });
    match part {
        Some(part) => {
            part.received = Some(received);
            StatusCode::CREATED.into_response()
        }
        None => refused(StatusCode::NOT_FOUND, "BlobNotFound"),
    }
}

/// Streams a body into a file without a name; `None` when it breaks off or the disk is full.
async fn receive(mut body: Body, length: u64) -> Option<Received> {
    let file = tokio::task::spawn_blocking(tempfile::tempfile)
        .await
        .ok()?
        .ok()?;
    let mut file = tokio::fs::File::from_std(file);
    let mut hash = Sha256::new();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else {
            continue;
        };
        hash.update(&data);
        size += data.len() as u64;
        file.write_all(&data).await.ok()?;
    }
    file.flush().await.ok()?;
    (size == length).then_some(())?;
    Some(Received {
        file: Arc::new(file.into_std().await),
        size,
        hash: InvoiceHash::from_bytes(hash.finalize().into()),
    })
}

/// Gives a receipt out to whoever holds its link.
pub(super) async fn download(
    State(app): State<App>,
    Path((session, document)): Path<(String, String)>,
    uri: Uri,
    params: Params,
    headers: HeaderMap,
) -> Response {
    if let Err(refusal) = check(&app, uri.path(), &params, &headers) {
        return refusal;
    }
    match receipt_of(&app, &session, &document).await {
        Some(xml) => xml_document(xml),
        None => refused(StatusCode::NOT_FOUND, "BlobNotFound"),
    }
}

/// An XML document with the hash of its bytes in a header.
pub(super) fn xml_document(bytes: impl Into<Vec<u8>>) -> Response {
    let bytes = bytes.into();
    let hash = InvoiceHash::of(&bytes).to_base64();
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    if let Ok(value) = HeaderValue::from_str(&hash) {
        headers.insert("x-ms-meta-hash", value);
    }
    response
}
