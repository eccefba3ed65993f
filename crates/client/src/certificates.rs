//! KSeF certificates: limits, retrieval, listing, revocation.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ksef_offline_core::identifier::CertificateSerial;
use ksef_offline_core::key::Certificate;

use crate::client::KsefClient;
use crate::error::ClientError;
use crate::retry::{Operation, Repeats};
use crate::transport::Method;
use crate::wire::certificates as wire;
use crate::wire::instant;

/// Most certificates one call retrieves.
const RETRIEVE_AT_ONCE: usize = 10;
/// Largest page of a list of certificates.
const PAGE_SIZE: &str = "50";
/// The status of a certificate that was revoked.
const REVOKED: &str = "Revoked";
/// Most pages that are read; a server that never stops is broken.
const MAX_PAGES: u32 = 200;

/// The two types of certificate; closed by the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CertificateKind {
    /// For logging in.
    Authentication,
    /// For signing offline invoices and CODE II.
    Offline,
}

impl CertificateKind {
    /// The name in the API.
    pub fn name(self) -> &'static str {
        match self {
            Self::Authentication => "Authentication",
            Self::Offline => "Offline",
        }
    }

    fn read(name: &str) -> Result<Self, ClientError> {
        [Self::Authentication, Self::Offline]
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or(ClientError::Contract {
                what: "the type of a certificate",
            })
    }
}

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateLimit {
    /// How many are left.
    pub remaining: i64,
    /// How many there are in all.
    pub limit: i64,
}

/// How many certificates may still be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateLimits {
    /// Whether one can be enrolled now.
    pub can_request: bool,
    /// Enrolments.
    pub enrollments: CertificateLimit,
    /// Certificates.
    pub certificates: CertificateLimit,
}

/// A certificate as retrieved.
#[derive(Debug, Clone)]
pub struct CertificateRecord {
    /// Its serial number.
    pub serial: CertificateSerial,
    /// The name given at enrolment.
    pub name: String,
    /// Its type.
    pub kind: CertificateKind,
    /// The certificate.
    pub certificate: Certificate,
}

/// A certificate in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateListing {
    /// Its serial number.
    pub serial: CertificateSerial,
    /// The name given at enrolment.
    pub name: String,
    /// Its type.
    pub kind: CertificateKind,
    /// Common name of its subject.
    pub common_name: String,
    /// `Active`, `Blocked`, `Revoked`, `Expired` or a later word.
    pub status: String,
    /// From when it is valid.
    pub valid_from: Timestamp,
    /// Until when it is valid.
    pub valid_to: Timestamp,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
    /// When it was asked for.
    pub requested: Timestamp,
}

/// Which certificates to list; empty for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CertificateFilter {
    /// With this serial number.
    pub serial: Option<CertificateSerial>,
    /// With this text in the name.
    pub name: Option<String>,
    /// Of this type.
    pub kind: Option<CertificateKind>,
    /// In this status: `Active`, `Blocked`, `Revoked` or `Expired`.
    pub status: Option<String>,
    /// That expire later than this.
    pub expires_after: Option<Timestamp>,
}

/// Why a certificate is revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevocationReason {
    /// No reason given.
    Unspecified,
    /// Another took its place.
    Superseded,
    /// Somebody else may have the key.
    KeyCompromise,
}

impl RevocationReason {
    fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "Unspecified",
            Self::Superseded => "Superseded",
            Self::KeyCompromise => "KeyCompromise",
        }
    }
}

impl KsefClient {
    /// How many certificates may still be had.
    ///
    /// # Errors
    /// As every call with a login.
    pub async fn certificate_limits(&self) -> Result<CertificateLimits, ClientError> {
        let request = self.api("certificate limits", Method::Get, "/certificates/limits");
        let answer: wire::Limits = self
            .call(Operation::Read, &request)
            .await?
            .json("the certificate limits")?;
        let limit = |limit: wire::Limit| CertificateLimit {
            remaining: limit.remaining,
            limit: limit.limit,
        };
        Ok(CertificateLimits {
            can_request: answer.can_request,
            enrollments: limit(answer.enrollment),
            certificates: limit(answer.certificate),
        })
    }

    /// Retrieves certificates by serial number.
    ///
    /// # Errors
    /// As every call with a login.
    pub async fn retrieve_certificates(
        &self,
        serials: &[CertificateSerial],
    ) -> Result<Vec<CertificateRecord>, ClientError> {
        let mut records = Vec::with_capacity(serials.len());
        for serials in serials.chunks(RETRIEVE_AT_ONCE) {
            let request = self
                .api(
                    "retrieve certificates",
                    Method::Post,
                    "/certificates/retrieve",
                )
                .json(&wire::Retrieve {
                    certificate_serial_numbers: serials
                        .iter()
                        .map(CertificateSerial::as_str)
                        .collect(),
                })?;
            let answer: wire::Retrieved = self
                .call(Operation::Read, &request)
                .await?
                .json("the retrieved certificates")?;
            for item in answer.certificates {
                let der = STANDARD.decode(&item.certificate);
                let der = der.map_err(|_| ClientError::Contract {
                    what: "a certificate is not in Base64",
                })?;
                records.push(CertificateRecord {
                    serial: serial(&item.certificate_serial_number)?,
                    name: item.certificate_name,
                    kind: CertificateKind::read(&item.certificate_type)?,
                    certificate: Certificate::from_bytes(&der)?,
                });
            }
        }
        Ok(records)
    }

    /// The certificates that match, the one asked for last first.
    ///
    /// # Errors
    /// As every call with a login.
    pub async fn certificates(
        &self,
        filter: &CertificateFilter,
    ) -> Result<Vec<CertificateListing>, ClientError> {
        let mut listings = Vec::new();
        for page in 0..MAX_PAGES {
            let request = self
                .api("query certificates", Method::Post, "/certificates/query")
                .query("pageSize", PAGE_SIZE)
                .query("pageOffset", page.to_string())
                .json(&wire::Query {
                    certificate_serial_number: filter
                        .serial
                        .as_ref()
                        .map(CertificateSerial::as_str),
                    name: filter.name.as_deref(),
                    r#type: filter.kind.map(CertificateKind::name),
                    status: filter.status.as_deref(),
                    expires_after: filter.expires_after.map(instant::text),
                })?;
            let answer: wire::Found = self
                .call(Operation::Read, &request)
                .await?
                .json("the list of certificates")?;
            for item in answer.certificates {
                listings.push(CertificateListing {
                    serial: serial(&item.certificate_serial_number)?,
                    name: item.name,
                    kind: CertificateKind::read(&item.r#type)?,
                    common_name: item.common_name,
                    status: item.status,
                    valid_from: item.valid_from.0,
                    valid_to: item.valid_to.0,
                    last_used: item.last_use_date.map(|time| time.0),
                    requested: item.request_date.0,
                });
            }
            if !answer.has_more {
                return Ok(listings);
            }
        }
        Err(ClientError::Contract {
            what: "the pages of a list do not end",
        })
    }

    /// Revokes a certificate for good. Whether it is revoked is asked when the answer got lost.
    ///
    /// # Errors
    /// Refusals for unknown or already revoked certificates; as every call with a login.
    pub async fn revoke_certificate(
        &self,
        certificate: &CertificateSerial,
        reason: RevocationReason,
    ) -> Result<(), ClientError> {
        let request = self
            .api(
                "revoke certificate",
                Method::Post,
                &format!("/certificates/{certificate}/revoke"),
            )
            .json(&wire::Revoke {
                revocation_reason: reason.name(),
            })?;
        let filter = CertificateFilter {
            serial: Some(*certificate),
            ..CertificateFilter::default()
        };
        let mut repeats = Repeats::of(self.inner.retry.deadline);
        loop {
            let lost = match self.call(Operation::Change, &request).await {
                Err(error) if error.may_have_happened() => error,
                result => return result.map(drop),
            };
            let known = self.certificates(&filter).await?;
            if known.iter().any(|listing| listing.status == REVOKED) {
                return Ok(());
            }
            self.wait_or_give_up(Operation::Read, request.name, lost, &mut repeats)
                .await?;
        }
    }
}

pub(crate) fn serial(text: &str) -> Result<CertificateSerial, ClientError> {
    CertificateSerial::parse(text).map_err(|_| ClientError::Contract {
        what: "the serial number of a certificate",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_filter_is_an_empty_object() {
        let body = wire::Query {
            certificate_serial_number: None,
            name: None,
            r#type: None,
            status: None,
            expires_after: None,
        };
        assert_eq!(serde_json::to_string(&body).unwrap(), "{}");
    }
}
