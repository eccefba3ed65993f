//! `/security`.

use serde::Deserialize;

use super::instant::Instant;

/// `PublicKeyCertificate`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PublicKeyCertificate {
    pub(crate) certificate: String,
    pub(crate) public_key_id: String,
    pub(crate) valid_from: Instant,
    pub(crate) valid_to: Instant,
    pub(crate) usage: Vec<String>,
}
