//! Who calls: the bearer token of a request and the login behind it.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use jiff::Timestamp;
use ksef_offline_core::identifier::ContextIdentifier;

use crate::error::ApiError;
use crate::session::LoginProof;
use crate::state::{App, BearerKind, LoginMethod};

/// The token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A caller with an access token.
pub(super) struct Caller {
    pub(super) login: String,
    pub(super) context: ContextIdentifier,
    pub(super) proof: LoginProof,
    /// Whether the login was made by a KSeF token: some operations are not for those.
    pub(super) by_token: bool,
}

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let login = login_behind(&parts.headers, app, BearerKind::Access)?;
        let world = app.world();
        let record = world.logins.get(&login).ok_or(ApiError::unauthorized(
            "Sesja uwierzytelnienia nie istnieje.",
        ))?;
        if record.outcome.code != 200 {
            return Err(ApiError::unauthorized("Uwierzytelnienie unieważniono."));
        }
        if !record.may_come_from_here() {
            return Err(ApiError::forbidden(
                "ip-not-allowed",
                "Adres IP nie należy do wskazanych podczas uwierzytelnienia.",
            ));
        }
        Ok(Self {
            context: record.context.clone(),
            proof: record.proof.clone(),
            by_token: matches!(record.method, LoginMethod::Token),
            login,
        })
    }
}

/// The login that is followed with an authentication token.
pub(super) struct Following(pub(super) String);

impl FromRequestParts<App> for Following {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        login_behind(&parts.headers, app, BearerKind::Authentication).map(Self)
    }
}

/// The login whose access is refreshed.
pub(super) struct Refreshing(pub(super) String);

impl FromRequestParts<App> for Refreshing {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        login_behind(&parts.headers, app, BearerKind::Refresh).map(Self)
    }
}

fn login_behind(headers: &HeaderMap, app: &App, kind: BearerKind) -> Result<String, ApiError> {
    let token = bearer(headers).ok_or(ApiError::unauthorized("Brak tokena."))?;
    let world = app.world();
    let now: Timestamp = world.clock.now();
    let bearer = world
        .bearers
        .get(token)
        .filter(|bearer| bearer.kind == kind)
        .ok_or(ApiError::unauthorized("Token jest nieprawidłowy."))?;
    if bearer.expires <= now {
        return Err(ApiError::unauthorized("Token wygasł."));
    }
    Ok(bearer.login.clone())
}
