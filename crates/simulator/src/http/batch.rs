//! Batch sessions: opening and closing.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::package::{Compression, SessionKey};
use serde::{Deserialize, Serialize};

use super::caller::Caller;
use super::links;
use super::payload::{Payload, base64, checked_reference, hash};
use crate::authority::KeyUsage;
use crate::error::ApiError;
use crate::processing;
use crate::session::{
    Batch, MAX_ENCRYPTED_PART_SIZE, MAX_PARTS, Part, Session, SessionKind, Status, UPLOAD_WINDOW,
};
use crate::state::{App, World, random_hex, reference};

/// Largest archive before splitting, in bytes.
const MAX_ARCHIVE_SIZE: u64 = 5_000_000_000;
/// The header every upload must carry; its value differs from part to part.
pub(super) const PART_HEADER: &str = "x-ms-meta-part";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FormCode {
    system_code: String,
    schema_version: String,
    value: String,
}

impl FormCode {
    /// Only FA(3) is taken here.
    pub(super) fn check(&self) -> Result<(), ApiError> {
        use ksef_offline_core::invoice::names::{
            FA_FORM_VALUE, FA3_SCHEMA_VERSION, FA3_SYSTEM_CODE,
        };
        let given = (
            self.system_code.as_str(),
            self.schema_version.as_str(),
            self.value.as_str(),
        );
        if given == (FA3_SYSTEM_CODE, FA3_SCHEMA_VERSION, FA_FORM_VALUE) {
            Ok(())
        } else {
            Err(ApiError::invalid(
                "formCode: symulator przyjmuje FA (3) 1-0E",
            ))
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Encryption {
    encrypted_symmetric_key: String,
    initialization_vector: String,
    #[serde(default)]
    public_key_id: Option<String>,
}

impl Encryption {
    /// Opens the session's key. A key that does not open is no refusal here: it ends the session later, with 415.
    pub(super) fn open(&self, world: &World) -> Result<Option<Arc<SessionKey>>, ApiError> {
        let wrapped = base64(
            &self.encrypted_symmetric_key,
            "encryption.encryptedSymmetricKey",
        )?;
        let vector = base64(
            &self.initialization_vector,
            "encryption.initializationVector",
        )?;
        if vector.len() != 16 {
            return Err(ApiError::invalid(
                "encryption.initializationVector: 16 bajtów",
            ));
        }
        let keys = world.keys_for(
            KeyUsage::SymmetricKeyEncryption,
            self.public_key_id.as_deref(),
        );
        if keys.is_empty() {
            return Err(ApiError::code(21470, self.public_key_id.clone()));
        }
        Ok(keys
            .iter()
            .find_map(|key| key.decrypt(&wrapped))
            .and_then(|key| SessionKey::from_key_and_iv(&key, &vector).ok())
            .map(Arc::new))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct OpenBatch {
    form_code: FormCode,
    batch_file: BatchFile,
    encryption: Encryption,
    #[serde(default)]
    offline_mode: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchFile {
    file_size: u64,
    file_hash: String,
    #[serde(default)]
    compression_type: Option<String>,
    file_parts: Vec<FilePart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FilePart {
    ordinal_number: u64,
    file_size: u64,
    file_hash: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Opened {
    reference_number: String,
    part_upload_requests: Vec<Upload>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Upload {
    ordinal_number: usize,
    method: &'static str,
    url: String,
    headers: BTreeMap<&'static str, String>,
}

pub(super) async fn open(
    State(app): State<App>,
    caller: Caller,
    Payload(request): Payload<OpenBatch>,
) -> Result<(StatusCode, Json<Opened>), ApiError> {
    request.form_code.check()?;
    let batch = request.batch_file.check()?;
    let mut world = app.world();
    let now = world.clock.now();
    let key = request.encryption.open(&world)?;
    let reference_number = reference("SB", now)?;
    let window = UPLOAD_WINDOW * i32::try_from(batch.parts.len()).unwrap_or(i32::MAX);
    let valid_until = now.checked_add(window).unwrap_or(now);
    let session = Session {
        reference: reference_number.clone(),
        kind: SessionKind::Batch,
        context: caller.context,
        proof: caller.proof,
        created: now,
        updated: now,
        closed: None,
        valid_until,
        status: Status::of_session(SessionKind::Batch, 100),
        offline: request.offline_mode,
        batch: Some(batch),
        invoices: vec![],
        receipt: None,
        key,
    };
    let parts: Vec<String> = session
        .batch
        .iter()
        .flat_map(|batch| batch.parts.iter().map(|part| part.header.clone()))
        .collect();
    world.session_order.push(reference_number.clone());
    world.sessions.insert(reference_number.clone(), session);
    // Links look at the clock under the same lock.
    drop(world);
    app.touch();
    let part_upload_requests = parts
        .into_iter()
        .enumerate()
        .map(|(index, header)| upload(&app, &reference_number, index + 1, header, valid_until))
        .collect();
    let opened = Opened {
        reference_number,
        part_upload_requests,
    };
    Ok((StatusCode::CREATED, Json(opened)))
}

fn upload(app: &App, session: &str, ordinal: usize, header: String, until: Timestamp) -> Upload {
    // A little longer than the session, so that a late upload is answered and close can say 21208.
    let until = until
        .checked_add(SignedDuration::from_hours(1))
        .unwrap_or(until);
    Upload {
        ordinal_number: ordinal,
        method: "PUT",
        url: links::signed(app, &format!("/storage/parts/{session}/{ordinal}"), until),
        headers: BTreeMap::from([
            ("x-ms-blob-type", "BlockBlob".into()),
            (PART_HEADER, header),
        ]),
    }
}

impl BatchFile {
    fn check(&self) -> Result<Batch, ApiError> {
        let compression = match &self.compression_type {
            None => Compression::Zip,
            Some(name) => {
                Compression::from_name(name).ok_or_else(|| ApiError::invalid("compressionType"))?
            }
        };
        if !(1..=MAX_ARCHIVE_SIZE).contains(&self.file_size) {
            return Err(ApiError::invalid("batchFile.fileSize: od 1 do 5000000000"));
        }
        if self.file_parts.is_empty() {
            return Err(ApiError::invalid(
                "batchFile.fileParts: co najmniej jedna część",
            ));
        }
        if self.file_parts.len() > MAX_PARTS {
            return Err(ApiError::code(
                21161,
                format!("Najwięcej {MAX_PARTS} części."),
            ));
        }
        let mut parts: Vec<&FilePart> = self.file_parts.iter().collect();
        parts.sort_by_key(|part| part.ordinal_number);
        let parts = (1_u64..)
            .zip(parts)
            .map(|(ordinal, part)| {
                if part.ordinal_number != ordinal {
                    return Err(ApiError::invalid(
                        "fileParts.ordinalNumber: kolejne liczby od 1",
                    ));
                }
                if !(1..=MAX_ENCRYPTED_PART_SIZE).contains(&part.file_size) {
                    return Err(ApiError::code(
                        21157,
                        format!("Część {ordinal} ma {} bajtów.", part.file_size),
                    ));
                }
                let unique = random_hex::<8>()?;
                Ok(Part {
                    size: part.file_size,
                    hash: hash(&part.file_hash, "fileParts.fileHash")?,
                    header: format!("{ordinal}-{unique}"),
                    received: None,
                })
            })
            .collect::<Result<_, ApiError>>()?;
        Ok(Batch {
            compression,
            size: self.file_size,
            hash: hash(&self.file_hash, "batchFile.fileHash")?,
            parts,
        })
    }
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
        .filter(|session| session.kind == SessionKind::Batch)
        .ok_or_else(|| ApiError::code(21173, format!("Nie ma sesji {reference}.")))?;
    if session.status.code == 440 && session.closed.is_none() {
        return Err(ApiError::code(
            21208,
            String::from("Sesję anulowano, minął czas wysyłki."),
        ));
    }
    if !session.is_open() {
        return Err(ApiError::code(
            21180,
            format!(
                "Stan sesji {} nie pozwala jej zamknąć.",
                session.status.code
            ),
        ));
    }
    for (ordinal, part) in (1..).zip(session.batch.iter().flat_map(|batch| &batch.parts)) {
        match &part.received {
            None => {
                return Err(ApiError::code(
                    21205,
                    format!("Nie przesłano części {ordinal}."),
                ));
            }
            Some(received) if received.size != part.size => {
                return Err(ApiError::code(
                    21157,
                    format!("Część {ordinal} ma inny rozmiar niż zadeklarowany."),
                ));
            }
            Some(_) => {}
        }
    }
    session.closed = Some(now);
    session.set_status(Status::of_session(SessionKind::Batch, 150), now);
    drop(world);
    app.touch();
    processing::start_batch(&app, reference);
    Ok(StatusCode::NO_CONTENT)
}
