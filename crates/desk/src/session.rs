//! A session as KSeF tells it.

use std::collections::BTreeMap;

use ksef_offline_core::identifier::ReferenceNumber;
use ksef_offline_queue::QueueError;
use serde::Serialize;

use crate::desk::Desk;
use crate::error::DeskError;
use crate::view::InvoiceView;

/// A session and its invoices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionView {
    /// Its reference number.
    pub reference_number: String,
    /// Its status.
    pub status: StatusView,
    /// `invoices`, `accepted` and `rejected`, as far as KSeF tells.
    pub counts: BTreeMap<&'static str, u32>,
    /// Its invoices.
    pub invoices: Vec<SessionInvoiceView>,
}

/// A status in KSeF's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatusView {
    /// The code.
    pub code: i64,
    /// The description.
    pub description: String,
    /// The details.
    pub details: Vec<String>,
}

impl From<ksef_offline_client::Status> for StatusView {
    fn from(status: ksef_offline_client::Status) -> Self {
        Self {
            code: status.code,
            description: status.description,
            details: status.details,
        }
    }
}

/// An invoice of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionInvoiceView {
    /// Its place, from 1.
    pub ordinal: u32,
    /// Its number (`P_2`), once KSeF has read it.
    pub invoice_number: Option<String>,
    /// Its hash.
    pub invoice_hash: String,
    /// The number KSeF gave.
    pub ksef_number: Option<String>,
    /// Its status.
    pub status: StatusView,
}

/// A session as the queue knows it, whether KSeF answers or not.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StoredSessionView {
    /// Its reference number.
    pub reference_number: String,
    /// `batch` or `interactive`.
    pub kind: &'static str,
    /// `opened`, `uploading`, `closed`, `completed`, `failed` or `abandoned`.
    pub state: &'static str,
    /// When it was opened, RFC 3339.
    pub opened: String,
    /// Its invoices as they are now; those deleted since are left out.
    pub invoices: Vec<InvoiceView>,
}

impl Desk {
    /// What the queue knows of a session of the context.
    ///
    /// # Errors
    /// `reference-number-malformed`, `not-found` and other errors of the queue.
    pub fn stored_session(&self, reference: &str) -> Result<StoredSessionView, DeskError> {
        let reference = ReferenceNumber::parse(reference)?;
        let record = self.queue().session(&reference)?;
        if record.context != self.config().context {
            return Err(QueueError::NotFound { what: "session" }.into());
        }
        let mut entries = Vec::new();
        for invoice in self.queue().session_invoices(&reference)? {
            match self.queue().entry(&invoice.entry) {
                Ok(entry) => entries.push(entry),
                Err(QueueError::NotFound { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(StoredSessionView {
            reference_number: reference.to_string(),
            kind: record.kind.name(),
            state: record.state.name(),
            opened: record.opened.to_string(),
            invoices: self.views(&entries)?,
        })
    }

    /// Asks KSeF about a session of the context.
    ///
    /// # Errors
    /// `reference-number-malformed`, [`DeskError::KsefUnreachable`], refusals of KSeF: no such session, or its status is
    /// past its retention.
    pub async fn session(&self, reference: &str) -> Result<SessionView, DeskError> {
        let reference = ReferenceNumber::parse(reference)?;
        let client = self.client()?;
        client.probe().await.map_err(DeskError::KsefUnreachable)?;
        let session = client.session_status(&reference).await?;
        let invoices = client.session_invoices(&reference).await?;
        let counts = [
            ("invoices", session.invoices),
            ("accepted", session.accepted),
            ("rejected", session.rejected),
        ];
        Ok(SessionView {
            reference_number: reference.to_string(),
            status: session.status.into(),
            counts: counts
                .into_iter()
                .filter_map(|(name, count)| Some((name, count?)))
                .collect(),
            invoices: invoices
                .into_iter()
                .map(|invoice| SessionInvoiceView {
                    ordinal: invoice.ordinal,
                    invoice_number: invoice.invoice_number,
                    invoice_hash: invoice.hash.to_base64(),
                    ksef_number: invoice.ksef_number.map(|number| number.to_string()),
                    status: invoice.status.into(),
                })
                .collect(),
        })
    }
}
