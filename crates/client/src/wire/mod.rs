//! The bodies of API 2.9, property by property as its OpenAPI names them. Private: the contract may change, the public
//! types of this crate do not change with it. Unknown properties are ignored, unknown codes and words survive.

// The contract names the properties.
#![allow(clippy::struct_field_names)]

pub(crate) mod auth;
pub(crate) mod certificates;
pub(crate) mod failure;
pub(crate) mod instant;
pub(crate) mod limits;
pub(crate) mod security;
pub(crate) mod sessions;

use serde::Deserialize;

/// `StatusInfo` and `InvoiceStatusInfo`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StatusInfo {
    pub(crate) code: i64,
    #[serde(default)]
    pub(crate) description: Option<String>,
    #[serde(default)]
    pub(crate) details: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) extensions: Option<std::collections::BTreeMap<String, Option<String>>>,
}
