//! What needs no login: public keys, and Latarnia.

use axum::Json;
use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use crate::authority::KeyUsage;
use crate::clock::instant;
use crate::latarnia::{Message, Status};
use crate::state::App;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListedKey {
    certificate: String,
    certificate_id: String,
    public_key_id: String,
    valid_from: String,
    valid_to: String,
    usage: [KeyUsage; 1],
}

pub(super) async fn keys(State(app): State<App>) -> Json<Vec<ListedKey>> {
    let world = app.world();
    let keys = world.keys.iter().map(|key| ListedKey {
        certificate: key.certificate.to_base64(),
        certificate_id: STANDARD.encode(key.certificate.fingerprint()),
        public_key_id: key.id.clone(),
        valid_from: instant(key.certificate.not_before()),
        valid_to: instant(key.certificate.not_after()),
        usage: [key.usage],
    });
    Json(keys.collect())
}

pub(super) async fn latarnia_status(State(app): State<App>) -> Json<Status> {
    let world = app.world();
    Json(world.latarnia.status(world.clock.now()))
}

/// The messages of the downtimes, then what the operator put there.
pub(super) async fn latarnia_messages(State(app): State<App>) -> Json<Vec<Announcement>> {
    let world = app.world();
    let own = world.latarnia.messages(world.clock.now());
    let verbatim = world.latarnia.verbatim.iter().cloned();
    Json(
        own.into_iter()
            .map(Announcement::Own)
            .chain(verbatim.map(Announcement::Verbatim))
            .collect(),
    )
}

/// An element of Latarnia's list.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Announcement {
    Own(Message),
    Verbatim(serde_json::Value),
}
