//! `/auth`.

use serde::{Deserialize, Deserializer, Serialize};
use zeroize::Zeroizing;

use super::StatusInfo;
use super::instant::Instant;

/// `AuthenticationChallengeResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Challenge {
    pub(crate) challenge: String,
    pub(crate) timestamp: Instant,
    pub(crate) timestamp_ms: i64,
}

/// `InitTokenAuthenticationRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenLogin<'a> {
    pub(crate) challenge: &'a str,
    pub(crate) context_identifier: Context<'a>,
    pub(crate) encrypted_token: String,
    pub(crate) public_key_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) authorization_policy: Option<AuthorizationPolicy>,
}

/// `AuthenticationContextIdentifier`.
#[derive(Serialize)]
pub(crate) struct Context<'a> {
    pub(crate) r#type: &'static str,
    pub(crate) value: &'a str,
}

/// `AuthorizationPolicy`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuthorizationPolicy {
    pub(crate) allowed_ips: AllowedIps,
}

/// `AllowedIps`.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AllowedIps {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ip4_addresses: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ip4_ranges: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) ip4_masks: Vec<String>,
}

/// `AuthenticationInitResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Begun {
    pub(crate) reference_number: String,
    pub(crate) authentication_token: TokenInfo,
}

/// `TokenInfo`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TokenInfo {
    #[serde(deserialize_with = "secret")]
    pub(crate) token: Zeroizing<String>,
    pub(crate) valid_until: Instant,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}

/// `AuthenticationOperationStatusResponse`.
#[derive(Deserialize)]
pub(crate) struct OperationStatus {
    pub(crate) status: StatusInfo,
}

/// `AuthenticationTokensResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tokens {
    pub(crate) access_token: TokenInfo,
    pub(crate) refresh_token: TokenInfo,
}

/// `AuthenticationTokenRefreshResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Refreshed {
    pub(crate) access_token: TokenInfo,
}

/// `AuthenticationListResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoginList {
    pub(crate) continuation_token: Option<String>,
    pub(crate) items: Vec<LoginItem>,
}

/// `AuthenticationListItem`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LoginItem {
    pub(crate) reference_number: String,
    pub(crate) start_date: Instant,
    pub(crate) status: StatusInfo,
    pub(crate) refresh_token_valid_until: Option<Instant>,
    #[serde(default)]
    pub(crate) is_current: Option<bool>,
}
