//! Certificates of KSeF: limits, enrolment, retrieval, revocation.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::caller::Caller;
use super::payload::{Params, Payload, base64, checked_reference};
use crate::authority::{CERTIFICATE_VALIDITY, Request, Subject, Usage, attribute};
use crate::clock::instant;
use crate::control::{enrolled, report, report_simulator};
use crate::error::ApiError;
use crate::session::Status;
use crate::state::{App, CertificateType, Enrolled, Enrollment, LoginMethod, World, reference};

/// How many requests and certificates a subject may have.
pub(super) const MAX_ENROLLMENTS: usize = 300;
pub(super) const MAX_CERTIFICATES: usize = 100;

fn counts(world: &World, caller: &Caller) -> (usize, usize) {
    let now = world.clock.now();
    let enrollments = world
        .enrollments
        .values()
        .filter(|enrollment| enrollment.context == caller.context)
        .count();
    let certificates = world
        .certificates
        .values()
        .filter(|record| record.context == caller.context && record.status(now) == "Active")
        .count();
    (enrollments, certificates)
}

pub(super) async fn limits(State(app): State<App>, caller: Caller) -> Json<Value> {
    let (enrollments, certificates) = counts(&app.world(), &caller);
    Json(json!({
        "canRequest": !caller.by_token && enrollments < MAX_ENROLLMENTS && certificates < MAX_CERTIFICATES,
        "enrollment": {
            "remaining": MAX_ENROLLMENTS.saturating_sub(enrollments),
            "limit": MAX_ENROLLMENTS,
        },
        "certificate": {
            "remaining": MAX_CERTIFICATES.saturating_sub(certificates),
            "limit": MAX_CERTIFICATES,
        },
    }))
}

/// The subject of the certificate the caller logged in with.
fn subject(world: &World, caller: &Caller, code: u32) -> Result<Subject, ApiError> {
    match world.logins.get(&caller.login).map(|login| &login.method) {
        Some(LoginMethod::Certificate { certificate, .. }) => {
            Ok(Subject::of_certificate(certificate))
        }
        _ => Err(ApiError::code(code, None)),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnrollmentData {
    common_name: String,
    country_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    surname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unique_identifier: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_identifier: Option<String>,
}

pub(super) async fn data(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<EnrollmentData>, ApiError> {
    let subject = subject(&app.world(), &caller, 25001)?;
    let value = |oid| subject.value(oid).map(str::to_owned);
    Ok(Json(EnrollmentData {
        common_name: value(attribute::COMMON_NAME).unwrap_or_default(),
        country_name: value(attribute::COUNTRY).unwrap_or_default(),
        given_name: subject.joined(attribute::GIVEN_NAME),
        surname: value(attribute::SURNAME),
        serial_number: value(attribute::SERIAL_NUMBER),
        unique_identifier: value(attribute::UNIQUE_IDENTIFIER),
        organization_name: value(attribute::ORGANIZATION),
        organization_identifier: value(attribute::ORGANIZATION_IDENTIFIER),
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Enroll {
    certificate_name: String,
    certificate_type: CertificateType,
    csr: String,
    #[serde(default)]
    valid_from: Option<Timestamp>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnrollmentStarted {
    reference_number: String,
    timestamp: String,
}

pub(super) async fn enroll(
    State(app): State<App>,
    caller: Caller,
    Payload(request): Payload<Enroll>,
) -> Result<(StatusCode, Json<EnrollmentStarted>), ApiError> {
    if !is_certificate_name(&request.certificate_name) {
        return Err(ApiError::invalid("certificateName"));
    }
    let der = base64(&request.csr, "csr")?;
    let expected = subject(&app.world(), &caller, 25002)?;
    let checked = Request::check(&der).map_err(|error| ApiError::code(error.code(), None))?;
    if !checked.subject().matches(&expected) {
        return Err(ApiError::code(25003, None));
    }
    let mut world = app.world();
    let now = world.clock.now();
    let (enrollments, certificates) = counts(&world, &caller);
    if enrollments >= MAX_ENROLLMENTS {
        return Err(ApiError::code(25006, None));
    }
    if certificates >= MAX_CERTIFICATES {
        return Err(ApiError::code(25007, None));
    }
    let reference_number = reference("CE", now)?;
    let from = request.valid_from.filter(|from| *from > now).unwrap_or(now);
    let usage = match request.certificate_type {
        CertificateType::Authentication => Usage::Authentication,
        CertificateType::Offline => Usage::Offline,
    };
    let (outcome, serial) = if belongs_to_another(&world, &caller, &checked) {
        let status =
            Status::new(400, "Wniosek odrzucony").detail("Klucz certyfikował już inny podmiot.");
        (status, None)
    } else {
        let certificate = app
            .authority
            .issue(&checked, usage, from, CERTIFICATE_VALIDITY)
            .map_err(|error| {
                report(&error);
                ApiError::internal("Nie udało się wystawić certyfikatu.")
            })?;
        let record = enrolled(
            &certificate,
            &request.certificate_name,
            request.certificate_type,
            &caller.context,
            now,
        )
        .map_err(|error| {
            report_simulator(&error);
            ApiError::internal("Nie udało się wystawić certyfikatu.")
        })?;
        let serial = record.serial.clone();
        world.certificates.insert(serial.clone(), record);
        (Status::new(200, "Wniosek obsłużony"), Some(serial))
    };
    let delay = SignedDuration::try_from(world.settings.processing_delay).unwrap_or_default();
    world.enrollments.insert(
        reference_number.clone(),
        Enrollment {
            context: caller.context,
            requested: now,
            ready: now.checked_add(delay).unwrap_or(now),
            outcome,
            serial,
        },
    );
    drop(world);
    app.touch();
    let started = EnrollmentStarted {
        reference_number,
        timestamp: instant(now),
    };
    Ok((StatusCode::ACCEPTED, Json(started)))
}

/// The pattern of the contract: 5 to 100 letters, Polish ones included, digits, blanks, dashes and underscores.
fn is_certificate_name(name: &str) -> bool {
    (5..=100).contains(&name.chars().count())
        && name.chars().all(|c| {
            c.is_ascii_alphanumeric()
                || matches!(c, '_' | '-' | ' ')
                || "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ".contains(c)
        })
}

fn belongs_to_another(world: &World, caller: &Caller, request: &Request) -> bool {
    let key = request.public_key();
    world
        .certificates
        .values()
        .filter(|record| record.context != caller.context)
        .filter_map(Enrolled::parsed)
        .any(|certificate| crate::authority::public_key_der(&certificate) == key)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct EnrollmentStatus {
    request_date: String,
    status: Status,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_serial_number: Option<String>,
}

pub(super) async fn enrollment(
    State(app): State<App>,
    caller: Caller,
    Path(reference): Path<String>,
) -> Result<Json<EnrollmentStatus>, ApiError> {
    checked_reference(&reference)?;
    let world = app.world();
    let now = world.clock.now();
    let enrollment = world
        .enrollments
        .get(&reference)
        .filter(|enrollment| enrollment.context == caller.context)
        .ok_or_else(|| ApiError::code(25005, None))?;
    let is_ready = enrollment.ready <= now;
    Ok(Json(EnrollmentStatus {
        request_date: instant(enrollment.requested),
        status: if is_ready {
            enrollment.outcome.clone()
        } else {
            Status::new(100, "Wniosek przyjęty do realizacji")
        },
        certificate_serial_number: enrollment.serial.clone().filter(|_| is_ready),
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Retrieve {
    certificate_serial_numbers: Vec<String>,
}

pub(super) async fn retrieve(
    State(app): State<App>,
    caller: Caller,
    Payload(request): Payload<Retrieve>,
) -> Result<Json<Value>, ApiError> {
    let serials = &request.certificate_serial_numbers;
    if !(1..=10).contains(&serials.len()) || !serials.iter().all(|serial| is_serial(serial)) {
        return Err(ApiError::invalid("certificateSerialNumbers"));
    }
    let world = app.world();
    let certificates: Vec<Value> = serials
        .iter()
        .filter_map(|serial| world.certificates.get(serial))
        .filter(|record| record.context == caller.context)
        .filter_map(|record| {
            Some(json!({
                "certificate": STANDARD.encode(record.parsed()?.der()),
                "certificateName": record.name,
                "certificateSerialNumber": record.serial,
                "certificateType": record.kind,
            }))
        })
        .collect();
    Ok(Json(json!({ "certificates": certificates })))
}

fn is_serial(text: &str) -> bool {
    ksef_offline_core::identifier::CertificateSerial::parse(text).is_ok()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Query {
    #[serde(default)]
    certificate_serial_number: Option<String>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default, rename = "type")]
    kind: Option<CertificateType>,
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    expires_after: Option<Timestamp>,
}

pub(super) async fn query(
    State(app): State<App>,
    caller: Caller,
    params: Params,
    Payload(query): Payload<Query>,
) -> Result<Json<Value>, ApiError> {
    let size = params.number("pageSize", 10, 10, 50)?;
    let offset = params.number("pageOffset", 0, 0, 10_000)?;
    let known = ["Active", "Blocked", "Revoked", "Expired"];
    if query
        .status
        .as_deref()
        .is_some_and(|status| !known.contains(&status))
    {
        return Err(ApiError::invalid("status"));
    }
    let world = app.world();
    let now = world.clock.now();
    let mut found: Vec<&Enrolled> = world
        .certificates
        .values()
        .filter(|record| record.context == caller.context)
        .filter(|record| {
            query
                .certificate_serial_number
                .as_ref()
                .is_none_or(|serial| *serial == record.serial)
        })
        .filter(|record| {
            query
                .name
                .as_ref()
                .is_none_or(|name| record.name.contains(name.as_str()))
        })
        .filter(|record| query.kind.is_none_or(|kind| kind == record.kind))
        .filter(|record| {
            query
                .status
                .as_deref()
                .is_none_or(|status| status == record.status(now))
        })
        .filter(|record| {
            query
                .expires_after
                .is_none_or(|after| record.valid_to > after)
        })
        .collect();
    found.sort_by(|a, b| {
        b.requested
            .cmp(&a.requested)
            .then_with(|| a.serial.cmp(&b.serial))
    });
    let certificates: Vec<Value> = found
        .iter()
        .skip(offset * size)
        .take(size)
        .map(|record| listed(record, now))
        .collect();
    Ok(Json(json!({
        "hasMore": found.len() > (offset + 1) * size,
        "certificates": certificates,
    })))
}

fn listed(record: &Enrolled, now: Timestamp) -> Value {
    let certificate = record.parsed();
    let identifier = match record.context.company() {
        Some(nip) => json!({ "type": "Nip", "value": nip.as_str() }),
        None => json!({
            "type": "Fingerprint",
            "value": certificate
                .as_ref()
                .map(|certificate| certificate.fingerprint().map(|byte| format!("{byte:02X}")).concat()),
        }),
    };
    let mut value = json!({
        "certificateSerialNumber": record.serial,
        "name": record.name,
        "type": record.kind,
        "commonName": certificate.and_then(|certificate| certificate.common_name()).unwrap_or_default(),
        "status": record.status(now),
        "subjectIdentifier": identifier,
        "validFrom": instant(record.valid_from),
        "validTo": instant(record.valid_to),
        "requestDate": instant(record.requested),
    });
    if let Some(used) = record.last_used {
        value["lastUseDate"] = json!(instant(used));
    }
    value
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Revoke {
    #[serde(default)]
    revocation_reason: Option<Reason>,
}

#[derive(Deserialize)]
enum Reason {
    Unspecified,
    Superseded,
    KeyCompromise,
}

pub(super) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(serial): Path<String>,
    Payload(request): Payload<Revoke>,
) -> Result<StatusCode, ApiError> {
    // The reason is read to refuse a wrong one; nothing here depends on it.
    match request.revocation_reason {
        None | Some(Reason::Unspecified | Reason::Superseded | Reason::KeyCompromise) => {}
    }
    if caller.by_token {
        return Err(ApiError::forbidden(
            "auth-method-not-allowed",
            "Operacja nie jest dostępna dla użytej metody uwierzytelnienia.",
        ));
    }
    if !is_serial(&serial) {
        return Err(ApiError::invalid("certificateSerialNumber"));
    }
    let mut world = app.world();
    let now = world.clock.now();
    let record = world
        .certificates
        .get_mut(&serial)
        .filter(|record| record.context == caller.context)
        .ok_or_else(|| ApiError::code(25008, None))?;
    if record.status(now) != "Active" {
        return Err(ApiError::code(25009, None));
    }
    record.revoked = Some(now);
    drop(world);
    app.touch();
    Ok(StatusCode::NO_CONTENT)
}
