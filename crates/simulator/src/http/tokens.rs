//! KSeF tokens: making, listing, revoking.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use ksef_offline_core::identifier::ContextKind;
use serde::Deserialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::payload::{Page, Params, Payload, checked_reference};
use crate::clock::instant;
use crate::control::{new_token, report_simulator};
use crate::error::ApiError;
use crate::state::{App, KsefToken};

const PERMISSIONS: [&str; 8] = [
    "InvoiceRead",
    "InvoiceWrite",
    "CredentialsRead",
    "CredentialsManage",
    "SubunitManage",
    "EnforcementOperations",
    "Introspection",
    "CollectiveIdentifierManage",
];

#[derive(Deserialize)]
pub(super) struct Generate {
    permissions: Vec<String>,
    description: String,
}

pub(super) async fn generate(
    State(app): State<App>,
    caller: Caller,
    Payload(request): Payload<Generate>,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    if !(5..=256).contains(&request.description.chars().count()) {
        return Err(ApiError::invalid("description: od 5 do 256 znaków"));
    }
    let all_known = request
        .permissions
        .iter()
        .all(|permission| PERMISSIONS.contains(&permission.as_str()));
    if request.permissions.is_empty() || !all_known {
        return Err(ApiError::invalid("permissions"));
    }
    if !matches!(
        caller.context.kind(),
        ContextKind::Nip | ContextKind::InternalId
    ) {
        return Err(ApiError::code(
            26002,
            caller.context.kind().name().to_owned(),
        ));
    }
    let mut world = app.world();
    let now = world.clock.now();
    let (token, record) = new_token(
        &caller.context,
        &request.description,
        request.permissions,
        now,
    )
    .map_err(|error| {
        report_simulator(&error);
        ApiError::internal("Nie udało się utworzyć tokena.")
    })?;
    let reference = record.reference.clone();
    world.tokens.insert(reference.clone(), record);
    drop(world);
    app.touch();
    // EXPOSE: a token is shown once, to the one who made it.
    let answer = json!({ "referenceNumber": reference, "token": token });
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

fn shown(record: &KsefToken) -> Value {
    let author = record
        .context
        .company()
        .map_or_else(|| record.context.value().to_owned(), |nip| nip.to_string());
    let mut value = json!({
        "referenceNumber": record.reference,
        "authorIdentifier": { "type": "Nip", "value": author },
        "contextIdentifier": { "type": record.context.kind().name(), "value": record.context.value() },
        "description": record.description,
        "requestedPermissions": record.permissions,
        "dateCreated": instant(record.created),
        "status": status_name(record),
    });
    if let Some(used) = record.last_used {
        value["lastUseDate"] = json!(instant(used));
    }
    value
}

fn status_name(record: &KsefToken) -> &'static str {
    if record.revoked { "Revoked" } else { "Active" }
}

pub(super) async fn list(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    params: Params,
) -> Result<Json<Value>, ApiError> {
    let page = Page::of(&headers, &params, 100)?;
    let statuses: Vec<&str> = params.values("status").collect();
    let known = ["Pending", "Active", "Revoking", "Revoked", "Failed"];
    if statuses.iter().any(|status| !known.contains(status)) {
        return Err(ApiError::invalid("status"));
    }
    let description = params
        .value("description")
        .unwrap_or_default()
        .to_lowercase();
    let world = app.world();
    let mut tokens: Vec<&KsefToken> = world
        .tokens
        .values()
        .filter(|record| record.context == caller.context)
        .filter(|record| statuses.is_empty() || statuses.contains(&status_name(record)))
        .filter(|record| record.description.to_lowercase().contains(&description))
        .collect();
    tokens.sort_by(|a, b| {
        b.created
            .cmp(&a.created)
            .then_with(|| a.reference.cmp(&b.reference))
    });
    let (tokens, next) = page.cut(tokens.into_iter().map(shown));
    let mut answer = json!({ "tokens": tokens });
    if let Some(next) = next {
        answer["continuationToken"] = json!(next);
    }
    Ok(Json(answer))
}

pub(super) async fn status(
    State(app): State<App>,
    caller: Caller,
    Path(reference): Path<String>,
) -> Result<Json<Value>, ApiError> {
    checked_reference(&reference)?;
    let world = app.world();
    world
        .tokens
        .get(&reference)
        .filter(|record| record.context == caller.context)
        .map(|record| Json(shown(record)))
        .ok_or_else(|| ApiError::invalid("Nie ma tokena o tym numerze."))
}

pub(super) async fn revoke(
    State(app): State<App>,
    caller: Caller,
    Path(reference): Path<String>,
) -> Result<StatusCode, ApiError> {
    checked_reference(&reference)?;
    let mut world = app.world();
    let record = world
        .tokens
        .get_mut(&reference)
        .filter(|record| record.context == caller.context)
        .ok_or_else(|| ApiError::invalid("Nie ma tokena o tym numerze."))?;
    record.revoked = true;
    drop(world);
    app.touch();
    Ok(StatusCode::NO_CONTENT)
}
