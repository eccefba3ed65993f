//! What became of sessions and invoices.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ksef_offline_core::identifier::{InvoiceHash, KsefNumber, ReferenceNumber};

use crate::client::KsefClient;
use crate::error::{ClientError, StatusRefusal};
use crate::pages::{InvoicePages, MAX_PAGES, PAGE_SIZE, advances, endless};
use crate::retry::Operation;
use crate::session::reference;
use crate::transport::Method;
use crate::wire::instant::{self, Instant};
use crate::wire::{StatusInfo, sessions as wire};

/// A status: code, fixed description and details. Codes that this version does not know are kept as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The code: below 200 in progress, 200 success, above a final failure.
    pub code: i64,
    /// Its description.
    pub description: String,
    /// What exactly is wrong.
    pub details: Vec<String>,
    /// Further data: `originalKsefNumber` and `originalSessionReferenceNumber` of a duplicate (440).
    pub extensions: BTreeMap<String, String>,
}

impl Status {
    /// Whether KSeF is still working on it. Only codes below 200 say so: everything else, known or not, is final.
    pub fn is_in_progress(&self) -> bool {
        self.code < 200
    }

    /// Whether it ended well.
    pub fn is_success(&self) -> bool {
        self.code == 200
    }
}

impl From<StatusInfo> for Status {
    fn from(info: StatusInfo) -> Self {
        Self {
            code: info.code,
            description: info.description.unwrap_or_default(),
            details: info.details.unwrap_or_default(),
            extensions: info
                .extensions
                .unwrap_or_default()
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
        }
    }
}

impl From<Status> for StatusRefusal {
    fn from(status: Status) -> Self {
        Self {
            code: status.code,
            description: status.description,
            details: status.details,
        }
    }
}

/// Status of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionStatus {
    /// The status.
    pub status: Status,
    /// When the session was opened.
    pub created: Timestamp,
    /// When something last happened in it.
    pub updated: Timestamp,
    /// Until when it stays open.
    pub valid_until: Option<Timestamp>,
    /// Pages of the collective receipt, once it is made.
    pub receipts: Vec<UpoPage>,
    /// How many invoices KSeF took in.
    pub invoices: Option<u32>,
    /// How many it accepted.
    pub accepted: Option<u32>,
    /// How many it rejected.
    pub rejected: Option<u32>,
}

impl From<wire::SessionStatus> for SessionStatus {
    fn from(answer: wire::SessionStatus) -> Self {
        let pages = answer.upo.map(|upo| upo.pages).unwrap_or_default();
        Self {
            status: answer.status.into(),
            created: answer.date_created.0,
            updated: answer.date_updated.0,
            valid_until: at(answer.valid_until),
            receipts: pages.into_iter().map(UpoPage::from).collect(),
            invoices: answer.invoice_count,
            accepted: answer.successful_invoice_count,
            rejected: answer.failed_invoice_count,
        }
    }
}

/// One page of the collective receipt (UPO) of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpoPage {
    /// Its number as KSeF wrote it.
    pub reference: String,
    /// Pre-signed address: no token, no rate limit, see [`KsefClient::download_receipt`].
    pub download_url: String,
    /// Until when the address works.
    pub expires: Timestamp,
}

impl From<wire::UpoPage> for UpoPage {
    fn from(page: wire::UpoPage) -> Self {
        Self {
            reference: page.reference_number,
            download_url: page.download_url,
            expires: page.download_url_expiration_date.0,
        }
    }
}

/// Status of an invoice in a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceStatus {
    /// Place in the session, from 1.
    pub ordinal: u32,
    /// Number the seller gave, where KSeF could read it.
    pub invoice_number: Option<String>,
    /// Number KSeF gave, once accepted.
    pub ksef_number: Option<KsefNumber>,
    /// Number of the invoice in the session.
    pub reference: ReferenceNumber,
    /// Hash of its bytes: by this it is matched to a local document.
    pub hash: InvoiceHash,
    /// Name of its file in the package; only informative.
    pub file_name: Option<String>,
    /// When the KSeF number was given.
    pub acquired: Option<Timestamp>,
    /// When KSeF took it in.
    pub received: Timestamp,
    /// When it was stored for good.
    pub stored: Option<Timestamp>,
    /// Pre-signed address of its receipt: no token, no rate limit, see [`KsefClient::download_receipt`].
    pub receipt_url: Option<String>,
    /// Until when that address works.
    pub receipt_url_expires: Option<Timestamp>,
    /// `Online` or `Offline`, as KSeF holds it.
    pub mode: Option<String>,
    /// The status.
    pub status: Status,
}

impl InvoiceStatus {
    /// Of a duplicate (440), the number of the invoice that is already there.
    pub fn original_ksef_number(&self) -> Option<KsefNumber> {
        KsefNumber::parse(self.status.extensions.get("originalKsefNumber")?).ok()
    }

    /// Of a duplicate (440), the session the invoice that is already there came with.
    pub fn original_session(&self) -> Option<ReferenceNumber> {
        ReferenceNumber::parse(
            self.status
                .extensions
                .get("originalSessionReferenceNumber")?,
        )
        .ok()
    }
}

impl TryFrom<wire::InvoiceStatus> for InvoiceStatus {
    type Error = ClientError;

    fn try_from(answer: wire::InvoiceStatus) -> Result<Self, ClientError> {
        let contract = |what| ClientError::Contract { what };
        Ok(Self {
            ordinal: answer.ordinal_number,
            invoice_number: answer.invoice_number,
            ksef_number: answer
                .ksef_number
                .map(|number| KsefNumber::parse(&number))
                .transpose()
                .map_err(|_| contract("a KSeF number"))?,
            reference: reference(&answer.reference_number)?,
            hash: InvoiceHash::from_base64(&answer.invoice_hash)
                .map_err(|_| contract("an invoice hash"))?,
            file_name: answer.invoice_file_name,
            acquired: at(answer.acquisition_date),
            received: answer.invoicing_date.0,
            stored: at(answer.permanent_storage_date),
            receipt_url: answer.upo_download_url,
            receipt_url_expires: at(answer.upo_download_url_expiration_date),
            mode: answer.invoicing_mode,
            status: answer.status.into(),
        })
    }
}

/// The two kinds of session; closed by the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// One invoice at a time.
    Interactive,
    /// A package.
    Batch,
}

impl SessionKind {
    fn name(self) -> &'static str {
        match self {
            Self::Interactive => "Online",
            Self::Batch => "Batch",
        }
    }
}

/// Coarse status to filter sessions by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SessionPhase {
    /// Open or being processed.
    InProgress,
    /// Processed; single invoices may have been rejected.
    Succeeded,
    /// Failed as a whole.
    Failed,
    /// Cancelled: the window passed, or nothing was sent.
    Cancelled,
}

impl SessionPhase {
    fn name(self) -> &'static str {
        match self {
            Self::InProgress => "InProgress",
            Self::Succeeded => "Succeeded",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// Which sessions to list. Ends of periods are inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFilter {
    /// The kind; the API wants one.
    pub kind: SessionKind,
    /// The session of this number alone.
    pub reference: Option<ReferenceNumber>,
    /// Opened at or after.
    pub created_from: Option<Timestamp>,
    /// Opened at or before.
    pub created_to: Option<Timestamp>,
    /// Closed at or after.
    pub closed_from: Option<Timestamp>,
    /// Closed at or before.
    pub closed_to: Option<Timestamp>,
    /// Last changed at or after.
    pub modified_from: Option<Timestamp>,
    /// Last changed at or before.
    pub modified_to: Option<Timestamp>,
    /// In one of these phases; empty for all.
    pub phases: Vec<SessionPhase>,
}

impl SessionFilter {
    /// All sessions of a kind.
    pub fn all(kind: SessionKind) -> Self {
        Self {
            kind,
            reference: None,
            created_from: None,
            created_to: None,
            closed_from: None,
            closed_to: None,
            modified_from: None,
            modified_to: None,
            phases: Vec::new(),
        }
    }
}

/// A session in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionSummary {
    /// Its number.
    pub reference: ReferenceNumber,
    /// Its status.
    pub status: Status,
    /// When it was opened.
    pub created: Timestamp,
    /// When something last happened in it.
    pub updated: Timestamp,
    /// Until when it stays open.
    pub valid_until: Option<Timestamp>,
    /// How many invoices KSeF took in.
    pub invoices: u32,
    /// How many it accepted.
    pub accepted: u32,
    /// How many it rejected.
    pub rejected: u32,
}

impl KsefClient {
    /// Status of a session of either kind.
    ///
    /// # Errors
    /// Code `session-not-found` (21173), network failures.
    pub async fn session_status(
        &self,
        session: &ReferenceNumber,
    ) -> Result<SessionStatus, ClientError> {
        let request = self.api(
            "session status",
            Method::Get,
            &format!("/sessions/{session}"),
        );
        let answer: wire::SessionStatus = self
            .call(Operation::Read, &request)
            .await?
            .json("the status of a session")?;
        Ok(answer.into())
    }

    /// All invoices of a session with their statuses, a thousand a call.
    ///
    /// # Errors
    /// Code `session-not-found` (21173), network failures.
    pub async fn session_invoices(
        &self,
        session: &ReferenceNumber,
    ) -> Result<Vec<InvoiceStatus>, ClientError> {
        self.invoices("session invoices", format!("/sessions/{session}/invoices"))
            .await
    }

    /// The rejected invoices of a session, a thousand a call.
    ///
    /// # Errors
    /// Code `session-not-found` (21173), network failures.
    pub async fn failed_invoices(
        &self,
        session: &ReferenceNumber,
    ) -> Result<Vec<InvoiceStatus>, ClientError> {
        self.invoices(
            "failed invoices",
            format!("/sessions/{session}/invoices/failed"),
        )
        .await
    }

    /// Status of one invoice.
    ///
    /// # Errors
    /// Refusals for unknown numbers, network failures.
    pub async fn invoice_status(
        &self,
        session: &ReferenceNumber,
        invoice: &ReferenceNumber,
    ) -> Result<InvoiceStatus, ClientError> {
        let request = self.api(
            "invoice status",
            Method::Get,
            &format!("/sessions/{session}/invoices/{invoice}"),
        );
        let answer: wire::InvoiceStatus = self
            .call(Operation::Read, &request)
            .await?
            .json("the status of an invoice")?;
        answer.try_into()
    }

    /// The sessions of this context that match, newest first.
    ///
    /// # Errors
    /// Network failures and refusals.
    pub async fn sessions(
        &self,
        filter: &SessionFilter,
    ) -> Result<Vec<SessionSummary>, ClientError> {
        let mut request = self
            .api("list sessions", Method::Get, "/sessions")
            .query("pageSize", PAGE_SIZE)
            .query("sessionType", filter.kind.name())
            .query_if(
                "referenceNumber",
                filter.reference.as_ref().map(ReferenceNumber::as_str),
            );
        for (name, time) in [
            ("dateCreatedFrom", filter.created_from),
            ("dateCreatedTo", filter.created_to),
            ("dateClosedFrom", filter.closed_from),
            ("dateClosedTo", filter.closed_to),
            ("dateModifiedFrom", filter.modified_from),
            ("dateModifiedTo", filter.modified_to),
        ] {
            request = request.query_if(name, time.map(instant::text));
        }
        for phase in &filter.phases {
            request = request.query("statuses", phase.name());
        }
        let mut sessions = Vec::new();
        let mut token = None;
        for _ in 0..MAX_PAGES {
            let request = request.clone().continuation(token.clone());
            let page: wire::SessionPage = self
                .call(Operation::Read, &request)
                .await?
                .json("the list of sessions")?;
            for item in page.sessions {
                sessions.push(SessionSummary {
                    reference: reference(&item.reference_number)?,
                    status: item.status.into(),
                    created: item.date_created.0,
                    updated: item.date_updated.0,
                    valid_until: at(item.valid_until),
                    invoices: item.total_invoice_count,
                    accepted: item.successful_invoice_count,
                    rejected: item.failed_invoice_count,
                });
            }
            if !advances(&mut token, page.continuation_token)? {
                return Ok(sessions);
            }
        }
        Err(endless())
    }

    /// The invoices of a session with their statuses, a page of a thousand at a time.
    pub fn session_invoice_pages(&self, session: &ReferenceNumber) -> InvoicePages {
        let path = format!("/sessions/{session}/invoices");
        InvoicePages::new(self, self.api("session invoices", Method::Get, &path))
    }

    async fn invoices(
        &self,
        name: &'static str,
        path: String,
    ) -> Result<Vec<InvoiceStatus>, ClientError> {
        let mut pages = InvoicePages::new(self, self.api(name, Method::Get, &path));
        let mut invoices = Vec::new();
        while let Some(page) = pages.next().await? {
            invoices.extend(page);
        }
        Ok(invoices)
    }
}

fn at(instant: Option<Instant>) -> Option<Timestamp> {
    instant.map(|instant| instant.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invoice(json: &str) -> Result<InvoiceStatus, ClientError> {
        serde_json::from_str::<wire::InvoiceStatus>(json)
            .unwrap()
            .try_into()
    }

    #[test]
    fn a_duplicate_names_the_original() {
        let status = invoice(
            r#"{"ordinalNumber":2,"invoiceNumber":"FV/1","referenceNumber":"20250626-EE-2F20AD2000-242386DF86-52",
                "invoiceHash":"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=","invoicingDate":"2025-07-11T12:24:16.0154302+00:00",
                "status":{"code":440,"description":"Duplikat faktury","details":["x"],
                "extensions":{"originalSessionReferenceNumber":"20250626-SO-2F14610000-242991F8C9-B4",
                "originalKsefNumber":"5265877635-20250826-0100001AF629-AF","other":null}},"futureProperty":{}}"#,
        )
        .unwrap();
        assert_eq!(
            status.original_ksef_number().unwrap().as_str(),
            "5265877635-20250826-0100001AF629-AF"
        );
        assert!(status.original_session().is_some());
        assert!(!status.status.is_in_progress() && !status.status.is_success());
    }

    #[test]
    fn nulls_and_unknown_codes_and_modes_survive() {
        let status = invoice(
            r#"{"ordinalNumber":1,"invoiceNumber":null,"ksefNumber":null,"referenceNumber":"20250626-EE-2F20AD2000-242386DF86-52",
                "invoiceHash":"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=","invoicingDate":"2025-07-11T12:24:16Z",
                "acquisitionDate":null,"invoicingMode":"Hybrid","status":{"code":777,"description":"?","details":null,"extensions":null}}"#,
        )
        .unwrap();
        assert_eq!(status.status.code, 777);
        assert!(!status.status.is_in_progress());
        assert_eq!(status.mode.as_deref(), Some("Hybrid"));
    }

    #[test]
    fn a_ksef_number_with_a_wrong_checksum_breaks_the_contract() {
        let result = invoice(
            r#"{"ordinalNumber":1,"ksefNumber":"5265877635-20250826-0100001AF629-AE","referenceNumber":"20250626-EE-2F20AD2000-242386DF86-52",
                "invoiceHash":"ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=","invoicingDate":"2025-07-11T12:24:16Z",
                "status":{"code":200,"description":"Sukces"}}"#,
        );
        assert!(matches!(result, Err(ClientError::Contract { .. })));
    }

    #[test]
    fn a_session_status_is_read_without_its_optional_parts() {
        let answer: wire::SessionStatus = serde_json::from_str(
            r#"{"status":{"code":100,"description":"Sesja wsadowa rozpoczęta"},
                "dateCreated":"2025-09-18T15:00:30+00:00","dateUpdated":"2025-09-18T15:01:20.1234567+00:00"}"#,
        )
        .unwrap();
        let status = SessionStatus::from(answer);
        assert!(status.status.is_in_progress());
        assert!(status.receipts.is_empty());
        assert_eq!(status.invoices, None);
    }
}
