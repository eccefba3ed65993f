//! `/sessions`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::StatusInfo;
use super::instant::Instant;

/// `FormCode`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Form<'a> {
    pub(crate) system_code: &'a str,
    pub(crate) schema_version: &'a str,
    pub(crate) value: &'a str,
}

/// `EncryptionInfo`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Encryption<'a> {
    pub(crate) encrypted_symmetric_key: String,
    pub(crate) initialization_vector: String,
    pub(crate) public_key_id: &'a str,
}

/// `OpenBatchSessionRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenBatch<'a> {
    pub(crate) form_code: Form<'a>,
    pub(crate) batch_file: BatchFile,
    pub(crate) encryption: Encryption<'a>,
    pub(crate) offline_mode: bool,
}

/// `BatchFileInfo`.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchFile {
    pub(crate) file_size: u64,
    pub(crate) file_hash: String,
    pub(crate) compression_type: &'static str,
    pub(crate) file_parts: Vec<FilePart>,
}

/// `BatchFilePartInfo`.
#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FilePart {
    pub(crate) ordinal_number: u32,
    pub(crate) file_size: u64,
    pub(crate) file_hash: String,
}

/// `OpenBatchSessionResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchOpened {
    pub(crate) reference_number: String,
    pub(crate) part_upload_requests: Vec<PartUploadRequest>,
}

/// `PartUploadRequest`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PartUploadRequest {
    pub(crate) ordinal_number: u32,
    pub(crate) method: String,
    pub(crate) url: String,
    #[serde(default)]
    pub(crate) headers: Option<BTreeMap<String, Option<String>>>,
}

/// `OpenOnlineSessionRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OpenOnline<'a> {
    pub(crate) form_code: Form<'a>,
    pub(crate) encryption: Encryption<'a>,
}

/// `OpenOnlineSessionResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct OnlineOpened {
    pub(crate) reference_number: String,
    pub(crate) valid_until: Instant,
}

/// `SendInvoiceRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SendInvoice {
    pub(crate) invoice_hash: String,
    pub(crate) invoice_size: u64,
    pub(crate) encrypted_invoice_hash: String,
    pub(crate) encrypted_invoice_size: u64,
    pub(crate) encrypted_invoice_content: String,
    pub(crate) offline_mode: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) hash_of_corrected_invoice: Option<String>,
}

/// `SendInvoiceResponse`, `EnrollCertificateResponse` and other answers of which the number alone is needed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Referenced {
    pub(crate) reference_number: String,
}

/// `SessionStatusResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionStatus {
    pub(crate) status: StatusInfo,
    pub(crate) date_created: Instant,
    pub(crate) date_updated: Instant,
    pub(crate) valid_until: Option<Instant>,
    pub(crate) upo: Option<Upo>,
    pub(crate) invoice_count: Option<u32>,
    pub(crate) successful_invoice_count: Option<u32>,
    pub(crate) failed_invoice_count: Option<u32>,
}

/// `UpoResponse`.
#[derive(Deserialize)]
pub(crate) struct Upo {
    pub(crate) pages: Vec<UpoPage>,
}

/// `UpoPageResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct UpoPage {
    pub(crate) reference_number: String,
    pub(crate) download_url: String,
    pub(crate) download_url_expiration_date: Instant,
}

/// `SessionInvoicesResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvoicePage {
    pub(crate) continuation_token: Option<String>,
    pub(crate) invoices: Vec<InvoiceStatus>,
}

/// `SessionInvoiceStatusResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InvoiceStatus {
    pub(crate) ordinal_number: u32,
    pub(crate) invoice_number: Option<String>,
    pub(crate) ksef_number: Option<String>,
    pub(crate) reference_number: String,
    pub(crate) invoice_hash: String,
    pub(crate) invoice_file_name: Option<String>,
    pub(crate) acquisition_date: Option<Instant>,
    pub(crate) invoicing_date: Instant,
    pub(crate) permanent_storage_date: Option<Instant>,
    pub(crate) upo_download_url: Option<String>,
    pub(crate) upo_download_url_expiration_date: Option<Instant>,
    pub(crate) invoicing_mode: Option<String>,
    pub(crate) status: StatusInfo,
}

/// `SessionsQueryResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionPage {
    pub(crate) continuation_token: Option<String>,
    pub(crate) sessions: Vec<SessionItem>,
}

/// `SessionsQueryResponseItem`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionItem {
    pub(crate) reference_number: String,
    pub(crate) status: StatusInfo,
    pub(crate) date_created: Instant,
    pub(crate) date_updated: Instant,
    pub(crate) valid_until: Option<Instant>,
    pub(crate) total_invoice_count: u32,
    pub(crate) successful_invoice_count: u32,
    pub(crate) failed_invoice_count: u32,
}
