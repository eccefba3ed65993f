//! `/limits` and `/rate-limits`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `EffectiveContextLimits`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ContextLimits {
    pub(crate) online_session: SessionLimits,
    pub(crate) batch_session: SessionLimits,
}

/// `OnlineSessionEffectiveContextLimits` and `BatchSessionEffectiveContextLimits`.
#[derive(Deserialize)]
pub(crate) struct SessionLimits {
    #[serde(rename = "maxInvoiceSizeInMB")]
    pub(crate) invoice_megabytes: u64,
    #[serde(rename = "maxInvoiceWithAttachmentSizeInMB")]
    pub(crate) invoice_with_attachment_megabytes: u64,
    #[serde(rename = "maxInvoices")]
    pub(crate) invoices: u64,
}

/// `EffectiveSubjectLimits`.
#[derive(Deserialize)]
pub(crate) struct SubjectLimits {
    pub(crate) enrollment: Option<EnrollmentLimit>,
    pub(crate) certificate: Option<CertificateLimit>,
}

/// `EnrollmentEffectiveSubjectLimits`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EnrollmentLimit {
    pub(crate) max_enrollments: Option<u32>,
}

/// `CertificateEffectiveSubjectLimits`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CertificateLimit {
    pub(crate) max_certificates: Option<u32>,
}

/// `EffectiveApiRateLimits`: the groups are read as a map, so that new ones survive.
pub(crate) type RateLimits = BTreeMap<String, RateLimit>;

/// `EffectiveApiRateLimitValues`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RateLimit {
    pub(crate) per_second: u32,
    pub(crate) per_minute: u32,
    pub(crate) per_hour: u32,
}
