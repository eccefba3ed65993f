//! `/certificates`.

use serde::{Deserialize, Serialize};

use super::StatusInfo;
use super::instant::Instant;

/// `CertificateLimitsResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Limits {
    pub(crate) can_request: bool,
    pub(crate) enrollment: Limit,
    pub(crate) certificate: Limit,
}

/// `CertificateLimit`.
#[derive(Deserialize)]
pub(crate) struct Limit {
    pub(crate) remaining: i64,
    pub(crate) limit: i64,
}

/// `CertificateEnrollmentDataResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnrollmentData {
    pub(crate) common_name: Option<String>,
    pub(crate) country_name: Option<String>,
    pub(crate) given_name: Option<String>,
    pub(crate) surname: Option<String>,
    pub(crate) serial_number: Option<String>,
    pub(crate) unique_identifier: Option<String>,
    pub(crate) organization_name: Option<String>,
    pub(crate) organization_identifier: Option<String>,
}

/// `EnrollCertificateRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Enroll<'a> {
    pub(crate) certificate_name: &'a str,
    pub(crate) certificate_type: &'static str,
    pub(crate) csr: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_from: Option<String>,
}

/// `CertificateEnrollmentStatusResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnrollmentStatus {
    pub(crate) status: StatusInfo,
    pub(crate) certificate_serial_number: Option<String>,
}

/// `RetrieveCertificatesRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Retrieve<'a> {
    pub(crate) certificate_serial_numbers: Vec<&'a str>,
}

/// `RetrieveCertificatesResponse`.
#[derive(Deserialize)]
pub(crate) struct Retrieved {
    pub(crate) certificates: Vec<RetrievedItem>,
}

/// `RetrieveCertificatesListItem`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RetrievedItem {
    pub(crate) certificate: String,
    pub(crate) certificate_name: String,
    pub(crate) certificate_serial_number: String,
    pub(crate) certificate_type: String,
}

/// `RevokeCertificateRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Revoke {
    pub(crate) revocation_reason: &'static str,
}

/// `QueryCertificatesRequest`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Query<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certificate_serial_number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) r#type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expires_after: Option<String>,
}

/// `QueryCertificatesResponse`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Found {
    pub(crate) certificates: Vec<FoundItem>,
    pub(crate) has_more: bool,
}

/// `CertificateListItem`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FoundItem {
    pub(crate) certificate_serial_number: String,
    pub(crate) name: String,
    pub(crate) r#type: String,
    pub(crate) common_name: String,
    pub(crate) status: String,
    pub(crate) valid_from: Instant,
    pub(crate) valid_to: Instant,
    pub(crate) last_use_date: Option<Instant>,
    pub(crate) request_date: Instant,
}
