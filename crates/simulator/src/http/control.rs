//! The control endpoint: [`Control`] over HTTP, in snake_case JSON.

use std::time::Duration;

use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use axum::{Json, Router};
use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::Diagnostic;
use ksef_offline_core::identifier::{ContextIdentifier, Nip};
use ksef_offline_core::invoice::InvoiceKind;
use ksef_offline_core::key::KeyKind;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::control::{Control, IssuedType, LedgerEntry, LoggedRequest, Rejection};
use crate::latarnia::Downtime;
use crate::limits::RateLimit;
use crate::state::App;
use crate::text;

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/state", get(state))
        .route("/downtime", post(begin_downtime).delete(end_downtime))
        .route("/latarnia", put(silence))
        .route("/announcements", put(announce))
        .route("/clock", put(clock))
        .route("/processing", put(processing))
        .route("/rate-limits", put(rate_limits))
        .route("/sellers", post(allow_seller).delete(forbid_seller))
        .route("/attachments", put(attachments))
        .route("/grants", post(grant))
        .route("/nip-checksum", put(nip_checksum))
        .route("/taken-numbers", post(take_number))
        .route("/rejections", post(reject))
        .route("/keys/rotate", post(rotate))
        .route("/certificates", post(certificate))
        .route("/tokens", post(token))
        .route("/root-certificate", get(root_certificate))
        .route("/ledger", get(ledger))
        .route("/requests", get(requests).delete(clear_requests))
}

/// A refusal in the form the command line uses too.
struct Refused {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refused {
    fn of(error: &dyn Diagnostic) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: error.code(),
            message: error.to_string(),
        }
    }

    fn malformed(message: impl Into<String>) -> Self {
        Self {
            status: StatusCode::BAD_REQUEST,
            code: "control-malformed",
            message: message.into(),
        }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code, "message": self.message } });
        (self.status, Json(body)).into_response()
    }
}

/// A JSON body, whatever its content type says: operators use `curl`.
struct Order<T>(T);

impl<T: DeserializeOwned> FromRequest<App> for Order<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &App) -> Result<Self, Refused> {
        let bytes = axum::body::Bytes::from_request(request, app)
            .await
            .map_err(|_| Refused::malformed("the body cannot be read"))?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| Refused::malformed(error.to_string()))
    }
}

const DONE: StatusCode = StatusCode::NO_CONTENT;

async fn state(State(app): State<App>) -> Json<Value> {
    let world = app.world();
    let now = world.clock.now();
    Json(json!({
        "now": now,
        "clock_offset_seconds": world.clock.offset().as_secs(),
        "ksef": if world.latarnia.outage(now).is_some() { "down" } else { "up" },
        "latarnia": world.latarnia.status(now),
        "latarnia_silent": world.latarnia.silent,
        "latarnia_failing": world.latarnia.failing,
        "announcements": world.latarnia.verbatim.len(),
        "processing_delay_ms": world.settings.processing_delay.as_millis(),
        "login_delay_ms": world.settings.login_delay.as_millis(),
        "rate_limits": { "enabled": world.limiter.enabled, "custom": world.limiter.custom },
        "sessions": world.sessions.len(),
        "accepted": world.ledger.entries().len(),
        "certificates": world.certificates.len(),
        "pending_rejections": world.settings.rejections.len(),
    }))
}

async fn begin_downtime(State(app): State<App>, Order(downtime): Order<Downtime>) -> Json<Value> {
    Json(json!({ "event_id": Control::new(app).begin_downtime(&downtime) }))
}

async fn end_downtime(State(app): State<App>) -> StatusCode {
    Control::new(app).end_downtime();
    DONE
}

#[derive(Deserialize)]
struct Silence {
    silent: bool,
    /// Answers 503.
    #[serde(default)]
    failing: bool,
}

async fn silence(State(app): State<App>, Order(order): Order<Silence>) -> StatusCode {
    let control = Control::new(app);
    control.silence_latarnia(order.silent);
    control.fail_latarnia(order.failing);
    DONE
}

async fn announce(State(app): State<App>, Order(messages): Order<Vec<Value>>) -> StatusCode {
    Control::new(app).announce(messages);
    DONE
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClockOrder {
    /// Seconds from the system's clock.
    OffsetSeconds(i64),
    /// What time it is to be now.
    Now(Timestamp),
}

async fn clock(State(app): State<App>, Order(order): Order<ClockOrder>) -> StatusCode {
    let offset = match order {
        ClockOrder::OffsetSeconds(seconds) => SignedDuration::from_secs(seconds),
        ClockOrder::Now(now) => now.duration_since(Timestamp::now()),
    };
    Control::new(app).set_clock_offset(offset);
    DONE
}

#[derive(Deserialize)]
struct Delays {
    #[serde(default)]
    delay_ms: Option<u64>,
    #[serde(default)]
    login_delay_ms: Option<u64>,
}

async fn processing(State(app): State<App>, Order(order): Order<Delays>) -> StatusCode {
    let control = Control::new(app);
    if let Some(delay) = order.delay_ms {
        control.set_processing_delay(Duration::from_millis(delay));
    }
    if let Some(delay) = order.login_delay_ms {
        control.set_login_delay(Duration::from_millis(delay));
    }
    DONE
}

#[derive(Deserialize)]
struct RateLimits {
    enabled: bool,
    #[serde(default)]
    custom: Option<RateLimit>,
}

async fn rate_limits(State(app): State<App>, Order(order): Order<RateLimits>) -> StatusCode {
    Control::new(app).set_rate_limits(order.enabled, order.custom);
    DONE
}

#[derive(Deserialize)]
struct Seller {
    #[serde(default, deserialize_with = "text::optional")]
    context: Option<ContextIdentifier>,
    #[serde(with = "text")]
    nip: Nip,
}

async fn allow_seller(State(app): State<App>, Order(order): Order<Seller>) -> StatusCode {
    Control::new(app).allow_seller(order.context, order.nip);
    DONE
}

async fn forbid_seller(State(app): State<App>, Order(order): Order<Seller>) -> StatusCode {
    Control::new(app).forbid_seller(order.context, order.nip);
    DONE
}

#[derive(Deserialize)]
struct Attachments {
    #[serde(with = "text")]
    nip: Nip,
    allowed: bool,
}

async fn attachments(State(app): State<App>, Order(order): Order<Attachments>) -> StatusCode {
    Control::new(app).allow_attachments(order.nip, order.allowed);
    DONE
}

#[derive(Deserialize)]
struct Grant {
    #[serde(with = "text")]
    context: ContextIdentifier,
    identifier: String,
}

async fn grant(State(app): State<App>, Order(order): Order<Grant>) -> StatusCode {
    Control::new(app).grant_login(order.context, order.identifier);
    DONE
}

#[derive(Deserialize)]
struct Enforce {
    enforce: bool,
}

async fn nip_checksum(State(app): State<App>, Order(order): Order<Enforce>) -> StatusCode {
    Control::new(app).enforce_nip_checksum(order.enforce);
    DONE
}

#[derive(Deserialize)]
struct Taken {
    #[serde(with = "text")]
    seller: Nip,
    kind: String,
    number: String,
}

async fn take_number(
    State(app): State<App>,
    Order(order): Order<Taken>,
) -> Result<Json<Value>, Refused> {
    let kind = InvoiceKind::from_code(&order.kind).ok_or_else(|| {
        Refused::malformed("kind is one of VAT, KOR, ZAL, ROZ, UPR, KOR_ZAL, KOR_ROZ")
    })?;
    let number = Control::new(app)
        .take_number(order.seller, kind, &order.number)
        .map_err(|error| Refused::of(&error))?;
    Ok(Json(json!({ "ksef_number": number.as_str() })))
}

async fn reject(
    State(app): State<App>,
    Order(rejection): Order<Rejection>,
) -> Result<StatusCode, Refused> {
    if rejection.code <= 200 {
        return Err(Refused::malformed("a rejection has a code above 200"));
    }
    Control::new(app).reject(rejection);
    Ok(DONE)
}

async fn rotate(State(app): State<App>) -> Result<StatusCode, Refused> {
    blocking(app, Control::rotate_keys).await?;
    Ok(DONE)
}

#[derive(Deserialize)]
struct Certificate {
    #[serde(with = "text")]
    context: ContextIdentifier,
    #[serde(rename = "type")]
    issued_type: IssuedType,
    #[serde(default)]
    key: Key,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum Key {
    #[default]
    P256,
    Rsa,
}

async fn certificate(
    State(app): State<App>,
    Order(order): Order<Certificate>,
) -> Result<Response, Refused> {
    let kind = match order.key {
        Key::P256 => KeyKind::P256,
        Key::Rsa => KeyKind::Rsa2048,
    };
    let issued = blocking(app, move |control| {
        control.issue_certificate(&order.context, order.issued_type, kind)
    })
    .await?;
    Ok(Json(issued).into_response())
}

/// Runs what makes RSA keys where it holds nobody up.
async fn blocking<T: Send + 'static>(
    app: App,
    work: impl FnOnce(&Control) -> Result<T, crate::SimulatorError> + Send + 'static,
) -> Result<T, Refused> {
    tokio::task::spawn_blocking(move || work(&Control::new(app)))
        .await
        .map_err(|_| Refused::malformed("the work was interrupted"))?
        .map_err(|error| Refused::of(&error))
}

#[derive(Deserialize)]
struct TokenOrder {
    #[serde(with = "text")]
    context: ContextIdentifier,
}

async fn token(
    State(app): State<App>,
    Order(order): Order<TokenOrder>,
) -> Result<Json<Value>, Refused> {
    let token = Control::new(app)
        .issue_token(&order.context)
        .map_err(|error| Refused::of(&error))?;
    // EXPOSE: a token is shown once, to the one who asked for it.
    Ok(Json(json!({ "token": token })))
}

async fn root_certificate(State(app): State<App>) -> String {
    Control::new(app).root_certificate()
}

async fn ledger(State(app): State<App>) -> Json<Vec<LedgerEntry>> {
    Json(Control::new(app).ledger())
}

async fn requests(State(app): State<App>) -> Json<Vec<LoggedRequest>> {
    Json(Control::new(app).requests())
}

async fn clear_requests(State(app): State<App>) -> StatusCode {
    Control::new(app).clear_requests();
    DONE
}
