//! Interactive sessions: opening, sending one invoice after the other, closing.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use ksef_offline_core::identifier::InvoiceHash;
use serde::{Deserialize, Serialize};

use super::batch::{Encryption, FormCode};
use super::caller::Caller;
use super::payload::{Payload, base64, checked_reference, hash};
use crate::clock::instant;
use crate::error::ApiError;
use crate::processing;
use crate::session::{MAX_INVOICES, ONLINE_VALIDITY, Session, SessionInvoice, SessionKind, Status};
use crate::state::{App, World, reference};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OpenOnline {
    form_code: FormCode,
    encryption: Encryption,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opened {
    reference_number: String,
    valid_until: String,
}

pub(super) async fn open(
    State(app): State<App>,
    caller: Caller,
    Payload(request): Payload<OpenOnline>,
) -> Result<(StatusCode, Json<Opened>), ApiError> {
    request.form_code.check()?;
    let mut world = app.world();
    let now = world.clock.now();
    let key = request.encryption.open(&world)?;
    let reference_number = reference("SO", now)?;
    let valid_until = now.checked_add(ONLINE_VALIDITY).unwrap_or(now);
    // A key that does not open ends an interactive session at once: there is nothing it could still receive.
    let code = if key.is_some() { 100 } else { 415 };
    let session = Session {
        reference: reference_number.clone(),
        kind: SessionKind::Online,
        context: caller.context,
        proof: caller.proof,
        created: now,
        updated: now,
        closed: None,
        valid_until,
        status: Status::of_session(SessionKind::Online, code),
        offline: false,
        batch: None,
        invoices: vec![],
        receipt: None,
        key,
    };
    world.session_order.push(reference_number.clone());
    world.sessions.insert(reference_number.clone(), session);
    drop(world);
    app.touch();
    let opened = Opened {
        reference_number,
        valid_until: instant(valid_until),
    };
    Ok((StatusCode::CREATED, Json(opened)))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SendInvoice {
    invoice_hash: String,
    invoice_size: u64,
    encrypted_invoice_hash: String,
    encrypted_invoice_size: u64,
    encrypted_invoice_content: String,
    #[serde(default)]
    offline_mode: bool,
    #[serde(default)]
    hash_of_corrected_invoice: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sent {
    reference_number: String,
}

pub(super) async fn send(
    State(app): State<App>,
    caller: Caller,
    Path(session_reference): Path<String>,
    Payload(request): Payload<SendInvoice>,
) -> Result<(StatusCode, Json<Sent>), ApiError> {
    checked_reference(&session_reference)?;
    let invoice_hash = hash(&request.invoice_hash, "invoiceHash")?;
    let encrypted_hash = hash(&request.encrypted_invoice_hash, "encryptedInvoiceHash")?;
    let encrypted = base64(
        &request.encrypted_invoice_content,
        "encryptedInvoiceContent",
    )?;
    let correction_of = request
        .hash_of_corrected_invoice
        .as_deref()
        .map(|text| hash(text, "hashOfCorrectedInvoice"))
        .transpose()?;
    let mut world = app.world();
    let now = world.clock.now();
    let session = world
        .session(&caller.context, &session_reference)
        .filter(|session| session.kind == SessionKind::Online)
        .ok_or_else(|| ApiError::code(21173, format!("Nie ma sesji {session_reference}.")))?;
    if !session.is_open() {
        return Err(ApiError::code(
            21180,
            format!(
                "Stan sesji {} nie pozwala przesyłać faktur.",
                session.status.code
            ),
        ));
    }
    if !processing::has_room(session) {
        return Err(ApiError::code(
            21155,
            format!("Limit faktur w sesji: {MAX_INVOICES}."),
        ));
    }
    if encrypted.len() as u64 != request.encrypted_invoice_size {
        return Err(ApiError::code(21402, None));
    }
    if InvoiceHash::of(&encrypted) != encrypted_hash {
        return Err(ApiError::code(21403, None));
    }
    let plain = session
        .key
        .as_ref()
        .and_then(|key| key.decrypt(&encrypted).ok());
    if let Some(corrected) = correction_of {
        check_correction(&world, &corrected, request.offline_mode)?;
    }
    let reference_number = reference("EE", now)?;
    let status = match &plain {
        None => Status::of_invoice(435),
        Some(plain) if plain.len() as u64 != request.invoice_size => {
            Status::of_invoice(430).detail("Rozmiar faktury różni się od zadeklarowanego.")
        }
        Some(plain) if InvoiceHash::of(plain) != invoice_hash => {
            Status::of_invoice(430).detail("Skrót faktury różni się od zadeklarowanego.")
        }
        Some(_) => Status::of_invoice(100),
    };
    let is_judged = status.code >= 200;
    let mut index = 0;
    if let Some(session) = world.sessions.get_mut(&session_reference) {
        session.updated = now;
        index = session.invoices.len();
        session.invoices.push(SessionInvoice {
            reference: reference_number.clone(),
            hash: invoice_hash,
            file_name: None,
            received: now,
            offline: request.offline_mode,
            correction_of,
            status,
            number: None,
            accepted: None,
        });
    }
    drop(world);
    app.touch();
    if let Some(plain) = plain.filter(|_| !is_judged) {
        processing::start_invoice(&app, session_reference, index, plain);
    }
    Ok((StatusCode::ACCEPTED, Json(Sent { reference_number })))
}

/// A technical correction is for offline invoices that were rejected for technical reasons, once.
fn check_correction(world: &World, corrected: &InvoiceHash, offline: bool) -> Result<(), ApiError> {
    if !offline {
        return Err(ApiError::invalid(
            "hashOfCorrectedInvoice: tylko razem z offlineMode = true",
        ));
    }
    if world.ledger.is_corrected(corrected) {
        return Err(ApiError::code(
            21166,
            String::from("Faktura ma już przyjętą korektę techniczną."),
        ));
    }
    if world.ledger.by_hash(corrected).is_some() {
        return Err(ApiError::code(
            21167,
            String::from("Fakturę przyjęto; nie ma czego poprawiać."),
        ));
    }
    if world.ledger.rejection(corrected) == Some(410) {
        return Err(ApiError::code(
            21167,
            String::from("Fakturę odrzucono z powodu uprawnień."),
        ));
    }
    Ok(())
}

pub(super) async fn close(
    State(app): State<App>,
    caller: Caller,
    Path(reference): Path<String>,
) -> Result<StatusCode, ApiError> {
    checked_reference(&reference)?;
    let mut world = app.world();
    let now = world.clock.now();
    let session = world
        .session(&caller.context, &reference)
        .filter(|session| session.kind == SessionKind::Online)
        .ok_or_else(|| ApiError::code(21173, format!("Nie ma sesji {reference}.")))?;
    if !session.is_open() {
        return Err(ApiError::code(
            21180,
            format!(
                "Stan sesji {} nie pozwala jej zamknąć.",
                session.status.code
            ),
        ));
    }
    session.close_online(now);
    drop(world);
    app.touch();
    processing::start_finishing(&app, reference);
    Ok(StatusCode::NO_CONTENT)
}
