//! What KSeF was last seen to say of certificates, kept beside the queue: a certificate that was revoked unnoticed
//! spoils every CODE II printed since.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ksef_offline_client::{CertificateFilter, CertificateListing};
use ksef_offline_core::identifier::{CertificateSerial, Nip};
use ksef_offline_core::key::{CertificateStatus, OfflineCertificate, SeenStatus};
use serde::{Deserialize, Serialize};

use crate::config::Config;
use crate::desk::Desk;
use crate::error::DeskError;
use crate::view::FaultView;

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
    /// KSeF's word for its state when it was last asked, or `NotListed` when it knew no such certificate among those of
    /// the subject that logged in; `None` when it was never asked.
    pub status: Option<String>,
    /// When that was, RFC 3339.
    pub status_seen: Option<String>,
    /// Why KSeF could not be asked now; `None` when it was, or did not have to be.
    pub status_fault: Option<FaultView>,
    /// The NIP in the certificate, when it is neither the context's nor one of the sellers'.
    pub foreign_nip: Option<String>,
}

impl OfflineCertificateView {
    pub(crate) fn of(certificate: &OfflineCertificate, config: &Config, now: Timestamp) -> Self {
        Self {
            serial_number: certificate.serial().to_string(),
            valid_to: certificate.expires_at().to_string(),
            expires_soon: certificate.expires_soon(now),
            status: certificate.seen().map(|seen| seen.status.to_string()),
            status_seen: certificate.seen().map(|seen| seen.at.to_string()),
            status_fault: None,
            foreign_nip: foreign_nip(certificate, config).map(|nip| nip.to_string()),
        }
    }
}

/// The NIP of the certificate's subject (`VATPL-…`, `TINPL-…`) if the context may not issue for it.
fn foreign_nip(certificate: &OfflineCertificate, config: &Config) -> Option<Nip> {
    let identifier = certificate.certificate().tax_identifier()?;
    let digits = ["VATPL-", "TINPL-"]
        .iter()
        .find_map(|kind| identifier.strip_prefix(kind))?;
    let nip = Nip::parse(digits).ok()?;
    (config.context.company().is_some() && !config.may_issue_for(nip)).then_some(nip)
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

    /// Keeps that KSeF lists no certificate of this number, unless it is known to have been revoked or blocked.
    pub(crate) fn note_absence(
        &self,
        serial: &CertificateSerial,
        listings: &[CertificateListing],
    ) -> Result<(), DeskError> {
        let listed = listings.iter().any(|listing| listing.serial == *serial);
        let spoilt = self
            .seen_status(serial)?
            .is_some_and(|seen| seen.check().is_err());
        if listed || spoilt {
            return Ok(());
        }
        self.note_status(serial, CertificateStatus::NotListed.name())
    }

    /// Says aloud that KSeF lists no such certificate. It is no reason to refuse: KSeF lists those of the subject that
    /// logged in, and the Offline one may be another person's of the company.
    pub(crate) fn warn_if_not_listed(certificate: &OfflineCertificate) {
        if let Some(seen) = certificate.seen()
            && seen.status == CertificateStatus::NotListed
        {
            tracing::warn!(
                serial = %certificate.serial(),
                asked = %seen.at,
                "KSeF lists no such Offline certificate for the subject that logs in; if it is nobody else's, no CODE II \
                 made with it will ever verify"
            );
        }
    }

    /// Asks KSeF about the Offline certificate, unless that was done within the hour. KSeF not answering stops nothing:
    /// the status then stays as old as it is, and why is given back.
    ///
    /// # Errors
    /// The queue's errors.
    pub(crate) async fn look_at_certificate(&self) -> Result<Option<FaultView>, DeskError> {
        let Some(serial) = self.offline_serial() else {
            return Ok(None);
        };
        if let Some(seen) = self.seen_status(&serial)?
            && seen.status != CertificateStatus::NotListed
            && self.now().duration_since(seen.at).abs() < FRESH
        {
            return Ok(None);
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
            Ok(Ok(listings)) => {
                self.note_statuses(&listings)?;
                self.note_absence(&serial, &listings)?;
                Ok(None)
            }
            Ok(Err(error)) => {
                tracing::debug!(error = %error, "the status of the Offline certificate is not known anew");
                Ok(Some(FaultView::of(&error)))
            }
            Err(_) => Ok(Some(FaultView::of(&DeskError::Contract(
                "no answer about the certificate in time",
            )))),
        }
    }
}
