//! What KSeF grants this context: sizes of sessions, certificates, and requests per time.

use std::collections::BTreeMap;
use std::time::Duration;

use ksef_offline_core::package::PackageLimits;

use crate::client::KsefClient;
use crate::error::ClientError;
use crate::retry::Operation;
use crate::transport::Method;
use crate::wire::limits as wire;

/// Bytes in a megabyte as KSeF counts.
const MEGABYTE: u64 = 1_000_000;

/// Limits of sessions in this context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContextLimits {
    /// Of a batch session.
    pub batch: PackageLimits,
    /// Most invoices in an interactive session.
    pub interactive_invoices: u64,
    /// Most bytes of an invoice without attachment in an interactive session.
    pub interactive_invoice_size: u64,
    /// Most bytes of an invoice with attachment in an interactive session.
    pub interactive_invoice_size_with_attachment: u64,
}

/// Limits of the subject that is logged in; `None` where it has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectLimits {
    /// Most enrolments.
    pub enrollments: Option<u32>,
    /// Most certificates.
    pub certificates: Option<u32>,
}

/// How many requests of a group KSeF takes, each in a sliding window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// In a second.
    pub per_second: u32,
    /// In a minute.
    pub per_minute: u32,
    /// In an hour.
    pub per_hour: u32,
}

impl RateLimit {
    /// How long the call at this `place`, from 0, has to wait when all calls before it are made as early as the windows
    /// of a minute and an hour let them, the first now.
    pub fn wait_of(&self, place: u32) -> Duration {
        let (hours, within) = split(place, self.per_hour);
        let (minutes, _) = split(within, self.per_minute);
        Duration::from_hours(u64::from(hours)) + Duration::from_mins(u64::from(minutes))
    }
}

/// How many whole windows come before this place, and its place in the next; a limit of 0 is none.
fn split(place: u32, most: u32) -> (u32, u32) {
    match (place.checked_div(most), place.checked_rem(most)) {
        (Some(windows), Some(rest)) => (windows, rest),
        _ => (0, place),
    }
}

/// The limits of every group, by the group's name in the API (`batchSession`, `invoiceSend`, `other` …).
pub type RateLimits = BTreeMap<String, RateLimit>;

impl KsefClient {
    /// The limits of sessions in this context.
    ///
    /// # Errors
    /// As every call with a login.
    pub async fn context_limits(&self) -> Result<ContextLimits, ClientError> {
        let request = self.api("context limits", Method::Get, "/limits/context");
        let answer: wire::ContextLimits = self
            .call(Operation::Read, &request)
            .await?
            .json("the limits of the context")?;
        Ok(context_limits(&answer))
    }

    /// The limits of the subject that is logged in.
    ///
    /// # Errors
    /// As every call with a login.
    pub async fn subject_limits(&self) -> Result<SubjectLimits, ClientError> {
        let request = self.api("subject limits", Method::Get, "/limits/subject");
        let answer: wire::SubjectLimits = self
            .call(Operation::Read, &request)
            .await?
            .json("the limits of the subject")?;
        Ok(SubjectLimits {
            enrollments: answer.enrollment.and_then(|limit| limit.max_enrollments),
            certificates: answer.certificate.and_then(|limit| limit.max_certificates),
        })
    }

    /// How many requests KSeF takes from this context and address.
    ///
    /// # Errors
    /// As every call with a login.
    pub async fn rate_limits(&self) -> Result<RateLimits, ClientError> {
        let request = self.api("rate limits", Method::Get, "/rate-limits");
        let answer: wire::RateLimits = self
            .call(Operation::Read, &request)
            .await?
            .json("the rate limits")?;
        Ok(answer
            .into_iter()
            .map(|(group, limit)| {
                let limit = RateLimit {
                    per_second: limit.per_second,
                    per_minute: limit.per_minute,
                    per_hour: limit.per_hour,
                };
                (group, limit)
            })
            .collect())
    }
}

fn context_limits(answer: &wire::ContextLimits) -> ContextLimits {
    let batch = &answer.batch_session;
    let online = &answer.online_session;
    ContextLimits {
        batch: PackageLimits {
            invoices: usize::try_from(batch.invoices).unwrap_or(usize::MAX),
            invoice_size: batch.invoice_megabytes.saturating_mul(MEGABYTE),
            invoice_size_with_attachment: batch
                .invoice_with_attachment_megabytes
                .saturating_mul(MEGABYTE),
            ..PackageLimits::default()
        },
        interactive_invoices: online.invoices,
        interactive_invoice_size: online.invoice_megabytes.saturating_mul(MEGABYTE),
        interactive_invoice_size_with_attachment: online
            .invoice_with_attachment_megabytes
            .saturating_mul(MEGABYTE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_windows_decide_when_the_thousandth_can_go() {
        let rate = RateLimit {
            per_second: 10,
            per_minute: 30,
            per_hour: 180,
        };
        for (place, minutes) in [(0, 0), (29, 0), (30, 1), (179, 5), (180, 60), (1000, 303)] {
            assert_eq!(rate.wait_of(place), Duration::from_mins(minutes), "{place}");
        }
        let unlimited = RateLimit {
            per_second: 60,
            per_minute: 0,
            per_hour: 0,
        };
        assert_eq!(unlimited.wait_of(5000), Duration::ZERO);
    }

    #[test]
    fn megabytes_are_millions_of_bytes() {
        let answer: wire::ContextLimits = serde_json::from_str(
            r#"{"onlineSession":{"maxInvoiceSizeInMB":1,"maxInvoiceWithAttachmentSizeInMB":3,"maxInvoices":10000},
                "batchSession":{"maxInvoiceSizeInMB":2,"maxInvoiceWithAttachmentSizeInMB":5,"maxInvoices":500},
                "collectiveIdentifier":{"maxInvoices":100}}"#,
        )
        .unwrap();
        let limits = context_limits(&answer);
        assert_eq!(limits.batch.invoice_size, 2_000_000);
        assert_eq!(limits.batch.invoices, 500);
        assert_eq!(limits.interactive_invoice_size_with_attachment, 3_000_000);
    }
}
