//! The HTTP face: one router for the API, the storage behind pre-signed links, Latarnia, the pages behind the codes, and
//! the control endpoint.

mod auth;
mod batch;
mod caller;
mod certificates;
mod control;
mod invoices;
mod links;
mod misc;
mod online;
mod payload;
mod public;
mod qr;
mod status;
mod storage;
mod tokens;

use std::time::Instant;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{delete, get, post, put};
use jiff::Timestamp;

use crate::control::LoggedRequest;
use crate::error::ApiError;
use crate::latarnia::Outage;
use crate::state::{App, World, random_hex};

/// Where the API begins.
const API: &str = "/v2";
/// Largest body but for uploads: an encrypted invoice with attachment in Base64, with room to spare.
const MAX_BODY: usize = 16_000_000;
/// Most requests that are remembered.
const MAX_LOG: usize = 10_000;

/// Everything the simulator answers.
pub(crate) fn router(app: App) -> Router {
    let api = Router::new()
        .route("/auth/challenge", post(auth::challenge))
        .route("/auth/xades-signature", post(auth::by_signature))
        .route("/auth/ksef-token", post(auth::by_token))
        .route("/auth/token/redeem", post(auth::redeem))
        .route("/auth/token/refresh", post(auth::refresh))
        .route("/auth/sessions", get(auth::list))
        .route("/auth/sessions/current", delete(auth::revoke_current))
        .route("/auth/sessions/{reference}", delete(auth::revoke))
        .route("/auth/{reference}", get(auth::status))
        .route("/security/public-key-certificates", get(public::keys))
        .route("/sessions", get(status::list))
        .route("/sessions/batch", post(batch::open))
        .route("/sessions/batch/{reference}/close", post(batch::close))
        .route("/sessions/online", post(online::open))
        .route("/sessions/online/{reference}/invoices", post(online::send))
        .route("/sessions/online/{reference}/close", post(online::close))
        .route("/sessions/{reference}", get(status::session))
        .route("/sessions/{reference}/invoices", get(status::invoices))
        .route("/sessions/{reference}/invoices/failed", get(status::failed))
        .route(
            "/sessions/{reference}/invoices/{invoice}",
            get(status::invoice),
        )
        .route(
            "/sessions/{reference}/invoices/{invoice}/upo",
            get(status::invoice_receipt),
        )
        .route(
            "/sessions/{reference}/invoices/ksef/{number}/upo",
            get(status::receipt_by_number),
        )
        .route(
            "/sessions/{reference}/upo/{page}",
            get(status::session_receipt),
        )
        .route("/invoices/ksef/{number}", get(invoices::download))
        .route("/invoices/query/metadata", post(invoices::query))
        .route("/certificates/limits", get(certificates::limits))
        .route("/certificates/enrollments/data", get(certificates::data))
        .route("/certificates/enrollments", post(certificates::enroll))
        .route(
            "/certificates/enrollments/{reference}",
            get(certificates::enrollment),
        )
        .route("/certificates/retrieve", post(certificates::retrieve))
        .route("/certificates/query", post(certificates::query))
        .route("/certificates/{serial}/revoke", post(certificates::revoke))
        .route("/tokens", get(tokens::list).post(tokens::generate))
        .route(
            "/tokens/{reference}",
            get(tokens::status).delete(tokens::revoke),
        )
        .route("/limits/context", get(misc::context_limits))
        .route("/limits/subject", get(misc::subject_limits))
        .route("/rate-limits", get(misc::rate_limits))
        .route(
            "/permissions/attachments/status",
            get(misc::attachment_status),
        )
        .route("/testdata/attachment", post(misc::grant_attachment))
        .route("/testdata/attachment/revoke", post(misc::revoke_attachment));
    Router::new()
        .nest(API, api)
        .nest("/control", control::router())
        .route("/storage/parts/{session}/{ordinal}", put(storage::upload))
        .route("/storage/upo/{session}/{document}", get(storage::download))
        .route("/latarnia/status", get(public::latarnia_status))
        .route("/latarnia/messages", get(public::latarnia_messages))
        .route("/invoice/{nip}/{date}/{hash}", get(qr::code_one))
        .route(
            "/certificate/{kind}/{value}/{nip}/{serial}/{hash}/{signature}",
            get(qr::code_two),
        )
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(from_fn_with_state(app.clone(), frame))
        .with_state(app)
}

/// Whether a path belongs to what goes down with KSeF.
pub(crate) fn is_ksef(path: &str) -> bool {
    path.starts_with("/v2/") || path.starts_with("/storage/")
}

/// What every request goes through: downtime, rate limits, the writing of refusals, the log.
async fn frame(State(app): State<App>, request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let headers = request.headers().clone();
    let admitted = admit(&app, &method, &path, &headers);
    let mut response = match admitted {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let now = app.now();
    if let Some(refusal) = response.extensions_mut().remove::<ApiError>() {
        let trace_id = random_hex::<16>().unwrap_or_default();
        response = refusal.render(&headers, &path, now, &trace_id);
    }
    let mut world = app.world();
    let authorized = headers.contains_key(AUTHORIZATION);
    log(
        &mut world,
        &method,
        &path,
        response.status().as_u16(),
        authorized,
        now,
    );
    response
}

fn admit(app: &App, method: &Method, path: &str, headers: &HeaderMap) -> Result<(), ApiError> {
    let mut world = app.world();
    if path.starts_with("/latarnia") && world.latarnia.failing {
        return Err(ApiError::unavailable(None));
    }
    if !is_ksef(path) {
        return Ok(());
    }
    let now = world.clock.now();
    if let Some(Outage::Answers(end)) = world.latarnia.outage(now) {
        let seconds = end.map(|end| {
            u64::try_from(end.duration_since(now).as_secs())
                .unwrap_or(0)
                .max(1)
        });
        return Err(ApiError::unavailable(seconds));
    }
    let Some(path) = path.strip_prefix(API) else {
        return Ok(());
    };
    let caller = caller::bearer(headers)
        .and_then(|token| world.bearers.get(token))
        .and_then(|bearer| world.logins.get(&bearer.login))
        .map_or_else(|| "anonymous".to_owned(), |login| login.context.to_string());
    world
        .limiter
        .count(&caller, method, path, Instant::now())
        .map_err(ApiError::too_many)
}

/// Remembers a request; the control endpoint's own are left out.
pub(crate) fn log(
    world: &mut World,
    method: &Method,
    path: &str,
    status: u16,
    authorized: bool,
    at: Timestamp,
) {
    if path.starts_with("/control") {
        return;
    }
    if world.log.len() >= MAX_LOG {
        world.log.pop_front();
    }
    world.log.push_back(LoggedRequest {
        at,
        method: method.to_string(),
        path: path.to_owned(),
        status,
        authorized,
    });
}
