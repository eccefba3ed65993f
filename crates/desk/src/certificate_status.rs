//! What KSeF was last seen to say of certificates, kept beside the queue: a certificate that was revoked unnoticed
//! spoils every CODE II printed since.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ksef_offline_client::{CertificateFilter, CertificateListing};
use ksef_offline_core::identifier::CertificateSerial;
use ksef_offline_core::key::{CertificateStatus, OfflineCertificate, SeenStatus};
use serde::{Deserialize, Serialize};

use crate::desk::Desk;
use crate::error::DeskError;

/// How old a status may be before KSeF is asked again on the way.
const FRESH: SignedDuration = SignedDuration::from_hours(1);
/// How long that may hold up what was really asked for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The Offline certificate in use, as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OfflineCertificateView {
    /// 16 hexadecimal digits.
    pub serial_number: String,
    /// End of validity, RFC 3339.
    pub valid_to: String,
    /// Whether fewer than 30 days are left.
    pub expires_soon: bool,
    /// KSeF's word for its state when it was last asked; `None` when it never was.
    pub status: Option<String>,
    /// When that was, RFC 3339.
    pub status_seen: Option<String>,
}

impl OfflineCertificateView {
    pub(crate) fn of(certificate: &OfflineCertificate, now: Timestamp) -> Self {
        Self {
            serial_number: certificate.serial().to_string(),
            valid_to: certificate.expires_at().to_string(),
            expires_soon: certificate.expires_soon(now),
            status: certificate.seen().map(|seen| seen.status.to_string()),
            status_seen: certificate.seen().map(|seen| seen.at.to_string()),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Record {
    status: String,
    at: Timestamp,
}

fn key(serial: &CertificateSerial) -> String {
    format!("certificate-status/{serial}")
}

impl Desk {
    /// What KSeF was last seen to say of a certificate.
    pub(crate) fn seen_status(
        &self,
        serial: &CertificateSerial,
    ) -> Result<Option<SeenStatus>, DeskError> {
        let Some(json) = self.queue().value(&key(serial))? else {
            return Ok(None);
        };
        // A record that cannot be read is one that a later version wrote: as good as none.
        Ok(serde_json::from_str(&json)
            .ok()
            .map(|record: Record| SeenStatus {
                status: CertificateStatus::from_name(&record.status),
                at: record.at,
            }))
    }

    pub(crate) fn note_status(
        &self,
        serial: &CertificateSerial,
        status: &str,
    ) -> Result<(), DeskError> {
        let record = Record {
            status: status.to_owned(),
            at: self.now(),
        };
        let json = serde_json::to_string(&record)
            .map_err(|_| DeskError::Contract("the status of a certificate"))?;
        Ok(self.queue().set_value(&key(serial), Some(&json))?)
    }

    pub(crate) fn note_statuses(&self, listings: &[CertificateListing]) -> Result<(), DeskError> {
        for listing in listings {
            self.note_status(&listing.serial, &listing.status)?;
        }
        Ok(())
    }

    /// Asks KSeF about the Offline certificate, unless that was done within the hour. KSeF not answering stops nothing:
    /// the status then stays as old as it is.
    ///
    /// # Errors
    /// The queue's errors.
    pub(crate) async fn look_at_certificate(&self) -> Result<(), DeskError> {
        let Some(serial) = self.offline_serial() else {
            return Ok(());
        };
        if let Some(seen) = self.seen_status(&serial)?
            && self.now().duration_since(seen.at).abs() < FRESH
        {
            return Ok(());
        }
        let asked = tokio::time::timeout(PATIENCE, async {
            let client = self.client()?;
            client.probe().await.map_err(DeskError::KsefUnreachable)?;
            let filter = CertificateFilter {
                serial: Some(serial),
                ..CertificateFilter::default()
            };
            Ok::<_, DeskError>(client.certificates(&filter).await?)
        });
        match asked.await {
            Ok(Ok(listings)) => self.note_statuses(&listings),
            Ok(Err(error)) => {
                tracing::debug!(error = %error, "the status of the Offline certificate is not known anew");
                Ok(())
            }
            Err(_) => Ok(()),
        }
    }
}
