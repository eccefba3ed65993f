//! Logging in: challenge, signed document or token, status, access and refresh tokens, sessions of the login.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::identifier::{ContextIdentifier, ContextKind, InvoiceHash};
use ksef_offline_core::login::AuthTokenRequest;
use ksef_offline_core::signature::{SignatureError, verify_enveloped, verify_enveloping};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::caller::{Caller, Following, Refreshing};
use super::payload::{Page, Params, Payload, base64, checked_reference};
use crate::authority::KeyUsage;
use crate::clock::instant;
use crate::error::ApiError;
use crate::login::{judge_certificate, judge_token, refused_signature};
use crate::session::{LoginProof, Status};
use crate::state::{App, Bearer, BearerKind, Login, LoginMethod, World, random_hex, reference};

const CHALLENGE_VALIDITY: SignedDuration = SignedDuration::from_mins(10);
const AUTHENTICATION_VALIDITY: SignedDuration = SignedDuration::from_mins(45);
const ACCESS_VALIDITY: SignedDuration = SignedDuration::from_mins(15);
const REFRESH_VALIDITY: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ChallengeGiven {
    challenge: String,
    timestamp: String,
    timestamp_ms: i64,
    client_ip: &'static str,
}

pub(super) async fn challenge(State(app): State<App>) -> Result<Json<ChallengeGiven>, ApiError> {
    let mut world = app.world();
    let now = world.clock.now();
    world
        .challenges
        .retain(|_, given| now.duration_since(*given) <= CHALLENGE_VALIDITY);
    let challenge = reference("CR", now)?;
    world.challenges.insert(challenge.clone(), now);
    Ok(Json(ChallengeGiven {
        challenge,
        timestamp: instant(now),
        timestamp_ms: now.as_millisecond(),
        client_ip: "127.0.0.1",
    }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenInfo {
    token: String,
    valid_until: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Started {
    reference_number: String,
    authentication_token: TokenInfo,
}

pub(super) async fn by_signature(
    State(app): State<App>,
    body: Bytes,
) -> Result<(StatusCode, Json<Started>), ApiError> {
    // The clock here can be set back, and the signer has another: that the time has come is not judged.
    let verified = match verify_enveloped(&body, Timestamp::MAX) {
        Err(SignatureError::WrongReferences) => verify_enveloping(&body, Timestamp::MAX),
        verified => verified,
    }
    .map_err(|error| refused_signature(&error, &body))?;
    let signed = verified.content.as_deref().unwrap_or(&body);
    let request = AuthTokenRequest::parse(signed)
        .map_err(|error| ApiError::code(21401, error.message().pl.into_owned()))?;
    let mut world = app.world();
    let now = world.clock.now();
    take_challenge(&mut world, request.challenge.as_str(), now)?;
    let (outcome, enrolled) = judge_certificate(&mut world, &request, &verified.certificate, now);
    let login = Login {
        context: request.context,
        method: LoginMethod::Certificate {
            certificate: verified.certificate,
            enrolled,
        },
        proof: LoginProof::Document(InvoiceHash::of(&body)),
        started: now,
        ready: later(now, &world),
        outcome,
        redeemed: false,
        refreshed: None,
        refresh_until: None,
        allowed_ips: request.allowed_ips,
    };
    start(&app, &mut world, login, now)
}

/// Uses a challenge up: each is good once, for ten minutes.
fn take_challenge(
    world: &mut World,
    challenge: &str,
    now: Timestamp,
) -> Result<Timestamp, ApiError> {
    world
        .challenges
        .remove(challenge)
        .filter(|given| now.duration_since(*given) <= CHALLENGE_VALIDITY)
        .ok_or_else(|| ApiError::code(21111, None))
}

fn later(now: Timestamp, world: &World) -> Timestamp {
    let delay = SignedDuration::try_from(world.settings.login_delay).unwrap_or_default();
    now.checked_add(delay).unwrap_or(now)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenLogin {
    challenge: String,
    context_identifier: ContextParts,
    encrypted_token: String,
    #[serde(default)]
    public_key_id: Option<String>,
}

/// A context as JSON splits it.
#[derive(Deserialize)]
pub(super) struct ContextParts {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

impl ContextParts {
    fn context(&self) -> Result<ContextIdentifier, ApiError> {
        let kind = ContextKind::ALL
            .into_iter()
            .find(|kind| kind.name() == self.kind)
            .ok_or_else(|| ApiError::invalid("contextIdentifier.type"))?;
        ContextIdentifier::new(kind, &self.value)
            .map_err(|error| ApiError::invalid(error.message().pl))
    }
}

pub(super) async fn by_token(
    State(app): State<App>,
    Payload(request): Payload<TokenLogin>,
) -> Result<(StatusCode, Json<Started>), ApiError> {
    let context = request.context_identifier.context()?;
    checked_reference(&request.challenge)?;
    let encrypted = base64(&request.encrypted_token, "encryptedToken")?;
    let mut world = app.world();
    let now = world.clock.now();
    let keys = world.keys_for(
        KeyUsage::KsefTokenEncryption,
        request.public_key_id.as_deref(),
    );
    if keys.is_empty() {
        return Err(ApiError::code(21470, request.public_key_id));
    }
    let given = take_challenge(&mut world, &request.challenge, now)?;
    let plain = keys.iter().find_map(|key| key.decrypt(&encrypted));
    let (outcome, reference) = judge_token(&mut world, plain, &context, given, now);
    let login = Login {
        context,
        method: LoginMethod::Token,
        proof: LoginProof::Token(reference),
        started: now,
        ready: later(now, &world),
        outcome,
        redeemed: false,
        refreshed: None,
        refresh_until: None,
        allowed_ips: vec![],
    };
    start(&app, &mut world, login, now)
}

fn start(
    app: &App,
    world: &mut World,
    login: Login,
    now: Timestamp,
) -> Result<(StatusCode, Json<Started>), ApiError> {
    let reference_number = reference("AU", now)?;
    let context = login.context.clone();
    world.logins.insert(reference_number.clone(), login);
    let authentication_token = bearer(
        app,
        world,
        BearerKind::Authentication,
        &reference_number,
        &context,
        AUTHENTICATION_VALIDITY,
    )?;
    let started = Started {
        reference_number,
        authentication_token,
    };
    Ok((StatusCode::ACCEPTED, Json(started)))
}

/// Issues a bearer token for a login.
fn bearer(
    app: &App,
    world: &mut World,
    kind: BearerKind,
    login: &str,
    context: &ContextIdentifier,
    validity: SignedDuration,
) -> Result<TokenInfo, ApiError> {
    let now = world.clock.now();
    let expires = now.checked_add(validity).unwrap_or(now);
    let unique = random_hex::<16>()?;
    let token = app.authority.bearer_token(&json!({
        "jti": unique,
        "typ": match kind {
            BearerKind::Authentication => "OperationToken",
            BearerKind::Access => "ContextToken",
            BearerKind::Refresh => "RefreshToken",
        },
        "iss": "ksef-offline-simulator",
        "ref": login,
        "cit": context.kind().name(),
        "civ": context.value(),
        "iat": now.as_second(),
        "exp": expires.as_second(),
    }));
    world.bearers.retain(|_, bearer| bearer.expires > now);
    world.bearers.insert(
        token.clone(),
        Bearer {
            kind,
            login: login.to_owned(),
            expires,
        },
    );
    Ok(TokenInfo {
        token,
        valid_until: instant(expires),
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Operation {
    start_date: String,
    authentication_method: &'static str,
    authentication_method_info: MethodInfo,
    status: Status,
    is_token_redeemed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_token_refresh_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_valid_until: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MethodInfo {
    category: &'static str,
    code: &'static str,
    display_name: &'static str,
}

impl Operation {
    fn of(login: &Login, now: Timestamp) -> Self {
        let (method, category, code, display_name) = match &login.method {
            LoginMethod::Token => ("Token", "Token", "token.ksef", "Token KSeF"),
            LoginMethod::Certificate { enrolled: true, .. } => (
                "InternalCertificate",
                "XadesSignature",
                "xades.ksef",
                "Certyfikat KSeF",
            ),
            LoginMethod::Certificate { .. } => (
                "QualifiedSeal",
                "XadesSignature",
                "xades.qualified",
                "Pieczęć kwalifikowana",
            ),
        };
        Self {
            start_date: instant(login.started),
            authentication_method: method,
            authentication_method_info: MethodInfo {
                category,
                code,
                display_name,
            },
            status: login.status(now),
            is_token_redeemed: login.redeemed,
            last_token_refresh_date: login.refreshed.map(instant),
            refresh_token_valid_until: login.refresh_until.map(instant),
        }
    }
}

pub(super) async fn status(
    State(app): State<App>,
    Path(reference): Path<String>,
    Following(login): Following,
) -> Result<Json<Operation>, ApiError> {
    checked_reference(&reference)?;
    let world = app.world();
    let now = world.clock.now();
    let record = world
        .logins
        .get(&reference)
        .filter(|_| login == reference)
        .ok_or_else(|| ApiError::code(21304, format!("Nie ma operacji {reference}.")))?;
    Ok(Json(Operation::of(record, now)))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Tokens {
    access_token: TokenInfo,
    refresh_token: TokenInfo,
}

pub(super) async fn redeem(
    State(app): State<App>,
    Following(login): Following,
) -> Result<Json<Tokens>, ApiError> {
    let mut world = app.world();
    let now = world.clock.now();
    let record = world
        .logins
        .get_mut(&login)
        .ok_or_else(|| ApiError::code(21304, None))?;
    let code = record.status(now).code;
    if code != 200 {
        return Err(ApiError::code(
            21301,
            format!("Stan uwierzytelniania: {code}."),
        ));
    }
    if record.redeemed {
        return Err(ApiError::code(21301, String::from("Tokeny już pobrano.")));
    }
    record.redeemed = true;
    record.refresh_until = now.checked_add(REFRESH_VALIDITY).ok();
    let context = record.context.clone();
    let access_token = bearer(
        &app,
        &mut world,
        BearerKind::Access,
        &login,
        &context,
        ACCESS_VALIDITY,
    )?;
    let refresh_token = bearer(
        &app,
        &mut world,
        BearerKind::Refresh,
        &login,
        &context,
        REFRESH_VALIDITY,
    )?;
    Ok(Json(Tokens {
        access_token,
        refresh_token,
    }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Refreshed {
    access_token: TokenInfo,
}

pub(super) async fn refresh(
    State(app): State<App>,
    Refreshing(login): Refreshing,
) -> Result<Json<Refreshed>, ApiError> {
    let mut world = app.world();
    let now = world.clock.now();
    let record = world
        .logins
        .get_mut(&login)
        .ok_or_else(|| ApiError::code(21304, None))?;
    if record.outcome.code != 200 {
        return Err(ApiError::code(
            21301,
            String::from("Uwierzytelnienie unieważniono."),
        ));
    }
    record.refreshed = Some(now);
    let context = record.context.clone();
    let access_token = bearer(
        &app,
        &mut world,
        BearerKind::Access,
        &login,
        &context,
        ACCESS_VALIDITY,
    )?;
    Ok(Json(Refreshed { access_token }))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct LoginList {
    #[serde(skip_serializing_if = "Option::is_none")]
    continuation_token: Option<String>,
    items: Vec<LoginItem>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LoginItem {
    #[serde(flatten)]
    operation: Operation,
    reference_number: String,
    is_current: bool,
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    params: Params,
) -> Result<Json<LoginList>, ApiError> {
    let page = Page::of(&headers, &params, 100)?;
    let world = app.world();
    let now = world.clock.now();
    let mut logins: Vec<(&String, &Login)> = world
        .logins
        .iter()
        .filter(|(_, login)| {
            login.context == caller.context && login.redeemed && login.outcome.code == 200
        })
        .filter(|(_, login)| login.refresh_until.is_some_and(|until| now < until))
        .collect();
    logins.sort_by(|(a, first), (b, second)| (second.started, b).cmp(&(first.started, a)));
    let (items, continuation_token) =
        page.cut(logins.into_iter().map(|(reference, login)| LoginItem {
            operation: Operation::of(login, now),
            reference_number: reference.clone(),
            is_current: *reference == caller.login,
        }));
    Ok(Json(LoginList {
        continuation_token,
        items,
    }))
}

pub(super) async fn revoke_current(State(app): State<App>, caller: Caller) -> StatusCode {
    withdraw(&mut app.world(), &caller.login);
    StatusCode::NO_CONTENT
}

pub(super) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(reference): Path<String>,
) -> Result<StatusCode, ApiError> {
    checked_reference(&reference)?;
    let mut world = app.world();
    if world
        .logins
        .get(&reference)
        .is_some_and(|login| login.context == caller.context)
    {
        withdraw(&mut world, &reference);
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a login: its refresh token works no longer. An access token lives on for its few minutes, as at KSeF.
fn withdraw(world: &mut World, reference: &str) {
    if let Some(login) = world.logins.get_mut(reference) {
        login.refresh_until = None;
    }
    world
        .bearers
        .retain(|_, bearer| bearer.login != reference || bearer.kind == BearerKind::Access);
}
