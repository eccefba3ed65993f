//! Limits, rate limits, and the right to send attachments.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ksef_offline_core::identifier::Nip;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::certificates::{MAX_CERTIFICATES, MAX_ENROLLMENTS};
use super::payload::Payload;
use crate::clock::instant;
use crate::error::ApiError;
use crate::limits::{Group, RateLimit};
use crate::session::MAX_INVOICES;
use crate::state::App;

pub(super) async fn context_limits(_: Caller) -> Json<Value> {
    let session = json!({
        "maxInvoiceSizeInMB": 1,
        "maxInvoiceWithAttachmentSizeInMB": 3,
        "maxInvoices": MAX_INVOICES,
    });
    Json(json!({
        "onlineSession": session,
        "batchSession": session,
        "collectiveIdentifier": { "maxInvoices": 100 },
    }))
}

pub(super) async fn subject_limits(_: Caller) -> Json<Value> {
    Json(json!({
        "enrollment": { "maxEnrollments": MAX_ENROLLMENTS },
        "certificate": { "maxCertificates": MAX_CERTIFICATES },
    }))
}

pub(super) async fn rate_limits(State(app): State<App>, _: Caller) -> Json<Value> {
    let world = app.world();
    let of = |group| values(world.limiter.announced(group));
    Json(json!({
        "onlineSession": of(Group::OnlineSession),
        "onlineSessionClose": of(Group::OnlineSessionClose),
        "batchSession": of(Group::BatchSession),
        "batchSessionClose": of(Group::BatchSessionClose),
        "invoiceSend": of(Group::InvoiceSend),
        "invoiceStatus": of(Group::InvoiceStatus),
        "sessionList": of(Group::SessionList),
        "sessionInvoiceList": of(Group::SessionInvoiceList),
        "sessionMisc": of(Group::SessionMisc),
        "invoiceMetadata": of(Group::InvoiceMetadata),
        "invoiceExport": of(Group::Other),
        "invoiceExportStatus": of(Group::Other),
        "invoiceDownload": of(Group::InvoiceDownload),
        "collectiveIdentifier": of(Group::Other),
        "other": of(Group::Other),
        "anonymous": of(Group::Anonymous),
        // Not limited here: more than all endpoints together allow.
        "global": values(RateLimit::new(1000, 10_000, 100_000)),
    }))
}

fn values(limit: RateLimit) -> Value {
    json!({
        "perSecond": limit.per_second,
        "perMinute": limit.per_minute,
        "perHour": limit.per_hour,
    })
}

pub(super) async fn attachment_status(State(app): State<App>, caller: Caller) -> Json<Value> {
    let world = app.world();
    let now = world.clock.now();
    let company = caller.context.company();
    let mut answer = json!({
        "isAttachmentAllowed": company.is_some_and(|nip| world.may_attach(nip, now)),
    });
    let revoked = company.and_then(|nip| *world.settings.attachments.get(&nip)?);
    if let Some(revoked) = revoked {
        answer["revokedDate"] = json!(instant(revoked));
    }
    Json(answer)
}

#[derive(Deserialize)]
pub(super) struct Grant {
    nip: String,
}

pub(super) async fn grant_attachment(
    State(app): State<App>,
    Payload(request): Payload<Grant>,
) -> Result<StatusCode, ApiError> {
    let nip = nip(&request.nip)?;
    app.world().settings.attachments.insert(nip, None);
    app.touch();
    Ok(StatusCode::OK)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RevokeGrant {
    nip: String,
    #[serde(default)]
    expected_end_date: Option<Date>,
}

pub(super) async fn revoke_attachment(
    State(app): State<App>,
    Payload(request): Payload<RevokeGrant>,
) -> Result<StatusCode, ApiError> {
    let nip = nip(&request.nip)?;
    let mut world = app.world();
    let now = world.clock.now();
    let end = request
        .expected_end_date
        .and_then(|date| date.to_zoned(TimeZone::get("Europe/Warsaw").ok()?).ok())
        .map_or(now, |midnight| midnight.timestamp());
    world.settings.attachments.insert(nip, Some(end));
    drop(world);
    app.touch();
    Ok(StatusCode::OK)
}

fn nip(text: &str) -> Result<Nip, ApiError> {
    Nip::parse(text).map_err(|_| ApiError::invalid("nip"))
}
