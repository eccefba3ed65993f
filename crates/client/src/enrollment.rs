//! Enrolling KSeF certificates: what goes into the request, asking, waiting, and never two for one wish.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ksef_offline_core::identifier::{CertificateSerial, ReferenceNumber};
use ksef_offline_core::key::PublicKey;
use ksef_offline_core::key::request::CertificateSubject;

use crate::certificates::{CertificateFilter, CertificateKind, CertificateRecord, serial};
use crate::client::KsefClient;
use crate::error::ClientError;
use crate::retry::{Operation, Repeats, poll_wait};
use crate::session::reference;
use crate::status::Status;
use crate::transport::Method;
use crate::wire::{certificates as wire, sessions::Referenced};

/// How often a certificate is looked for whose enrolment was not answered: some five seconds.
const LOOKS_FOR_A_LOST_ONE: u32 = 6;

/// How far an enrolment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrollmentState {
    /// The status: 100 in progress, 200 issued, else final.
    pub status: Status,
    /// Serial number of the certificate, once issued.
    pub serial: Option<CertificateSerial>,
}

impl KsefClient {
    /// The subject that the certificate request must carry unchanged. Works only with a login by signature.
    ///
    /// # Errors
    /// A refusal with another kind of login; as every call with a login.
    pub async fn enrollment_data(&self) -> Result<CertificateSubject, ClientError> {
        let request = self.api(
            "enrollment data",
            Method::Get,
            "/certificates/enrollments/data",
        );
        let answer: wire::EnrollmentData = self
            .call(Operation::Read, &request)
            .await?
            .json("the enrollment data")?;
        Ok(subject(answer))
    }

    /// Asks for a certificate for the key that signed `request` (PKCS#10 in DER, made by
    /// [`certificate_request`](ksef_offline_core::key::request::certificate_request)). `name` has 5 to 100 letters, digits,
    /// blanks, dashes and underscores.
    ///
    /// # Errors
    /// Refusals for a wrong subject, key or signature and for exhausted limits; network failures. When
    /// [`ClientError::may_have_happened`] holds, [`Self::certificates`] shows whether it was issued.
    pub async fn enroll(
        &self,
        name: &str,
        kind: CertificateKind,
        request: &[u8],
    ) -> Result<ReferenceNumber, ClientError> {
        let request = self
            .api(
                "enroll certificate",
                Method::Post,
                "/certificates/enrollments",
            )
            .json(&wire::Enroll {
                certificate_name: name,
                certificate_type: kind.name(),
                csr: STANDARD.encode(request),
                valid_from: None,
            })?;
        let answer: Referenced = self
            .call(Operation::Change, &request)
            .await?
            .json("the answer to an enrollment")?;
        reference(&answer.reference_number)
    }

    /// Asks for a certificate for `key`, whose owner signed `request`, waits for it and retrieves it. A lost answer is
    /// resolved by asking for a certificate of this name that is for this key: no second one is made.
    ///
    /// # Errors
    /// As [`Self::enroll`] and [`Self::enrolled_certificate`].
    pub async fn certify(
        &self,
        name: &str,
        kind: CertificateKind,
        request: &[u8],
        key: &PublicKey,
        patience: Duration,
    ) -> Result<CertificateRecord, ClientError> {
        let mut repeats = Repeats::of(self.inner.retry.deadline);
        loop {
            let lost = match self.enroll(name, kind, request).await {
                Ok(reference) => {
                    let record = match self.enrolled_certificate(&reference, patience).await {
                        // It is being made; only the word of it was damaged on the way.
                        Err(error) if error.may_have_happened() => {
                            self.certificate_of(name, kind, key).await?.ok_or(error)?
                        }
                        result => result?,
                    };
                    return Ok(record);
                }
                Err(error) if error.may_have_happened() => error,
                Err(error) => return Err(error),
            };
            if let Some(record) = self.certificate_of(name, kind, key).await? {
                return Ok(record);
            }
            self.wait_or_give_up(Operation::Read, "enroll certificate", lost, &mut repeats)
                .await?;
        }
    }

    /// The certificate of this name and type that is for `key`. It is looked for a while: KSeF takes seconds to make one.
    async fn certificate_of(
        &self,
        name: &str,
        kind: CertificateKind,
        key: &PublicKey,
    ) -> Result<Option<CertificateRecord>, ClientError> {
        let filter = CertificateFilter {
            name: Some(name.to_owned()),
            kind: Some(kind),
            ..CertificateFilter::default()
        };
        for look in 0..LOOKS_FOR_A_LOST_ONE {
            tokio::time::sleep(poll_wait(look)).await;
            let found = self.certificates(&filter).await?;
            let serials: Vec<CertificateSerial> =
                found.into_iter().map(|listing| listing.serial).collect();
            let records = self.retrieve_certificates(&serials).await?;
            let ours = records
                .into_iter()
                .find(|record| record.certificate.public_key() == key);
            if ours.is_some() {
                return Ok(ours);
            }
        }
        Ok(None)
    }

    /// How far an enrolment is.
    ///
    /// # Errors
    /// [`ClientError::Gone`] long after it ended; as every call with a login.
    pub async fn enrollment_state(
        &self,
        enrollment: &ReferenceNumber,
    ) -> Result<EnrollmentState, ClientError> {
        let request = self.api(
            "enrollment status",
            Method::Get,
            &format!("/certificates/enrollments/{enrollment}"),
        );
        let answer: wire::EnrollmentStatus = self
            .call(Operation::Read, &request)
            .await?
            .json("the status of an enrollment")?;
        Ok(EnrollmentState {
            status: answer.status.into(),
            serial: answer
                .certificate_serial_number
                .as_deref()
                .map(serial)
                .transpose()?,
        })
    }

    /// Waits for an enrolment and retrieves the certificate.
    ///
    /// # Errors
    /// [`ClientError::EnrollmentRefused`] when it was turned down, [`ClientError::EnrollmentPending`] after `patience`;
    /// as every call with a login.
    pub async fn enrolled_certificate(
        &self,
        enrollment: &ReferenceNumber,
        patience: Duration,
    ) -> Result<CertificateRecord, ClientError> {
        let started = Instant::now();
        for look in 0.. {
            let state = self.enrollment_state(enrollment).await?;
            if state.status.is_success() {
                let serial = state.serial.ok_or(ClientError::Contract {
                    what: "an enrollment that succeeded without serial number",
                })?;
                return self.retrieve_certificates(&[serial]).await?.pop().ok_or(
                    ClientError::Contract {
                        what: "an issued certificate cannot be retrieved",
                    },
                );
            }
            if !state.status.is_in_progress() {
                return Err(ClientError::EnrollmentRefused(Box::new(
                    state.status.into(),
                )));
            }
            let wait = poll_wait(look);
            if started.elapsed() + wait > patience {
                break;
            }
            tokio::time::sleep(wait).await;
        }
        Err(ClientError::EnrollmentPending)
    }
}

fn subject(data: wire::EnrollmentData) -> CertificateSubject {
    CertificateSubject {
        common_name: data.common_name,
        country_name: data.country_name,
        given_names: data.given_name.into_iter().collect(),
        surname: data.surname,
        serial_number: data.serial_number,
        unique_identifier: data.unique_identifier,
        organization_name: data.organization_name,
        organization_identifier: data.organization_identifier,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enrollment_data_go_into_the_request_unchanged() {
        let data: wire::EnrollmentData = serde_json::from_str(
            r#"{"commonName":"Firma Kowalski Cert1","countryName":"PL","serialNumber":null,
                "organizationName":"Firma Kowalski Sp. z o.o","organizationIdentifier":"VATPL-1111111111"}"#,
        )
        .unwrap();
        let subject = subject(data);
        assert_eq!(subject.common_name.as_deref(), Some("Firma Kowalski Cert1"));
        assert_eq!(
            subject.organization_identifier.as_deref(),
            Some("VATPL-1111111111")
        );
        assert_eq!(subject.serial_number, None);
        assert!(subject.given_names.is_empty());
    }
}
