//! Receipts: fetched a session at a time where that can be, checked, archived, and given out.

use std::collections::BTreeSet;
use std::path::Path;

use jiff::Timestamp;
use ksef_offline_client::{ClientError, KsefClient};
use ksef_offline_core::identifier::ReferenceNumber;
use ksef_offline_core::receipt::{self, VerifiedReceipt};
use ksef_offline_core::signature::asic_s;
use ksef_offline_queue::{Entry, EntryId, InvoiceStatus, NewReceipt};
use serde::Serialize;

use crate::desk::Desk;
use crate::error::DeskError;
use crate::home::{absolute, document_name, write_whole};

/// Invoices looked after in one run.
const MISSING_AT_ONCE: usize = 20_000;
/// Sessions asked for their receipts in one run; each is at least one call of 1200 an hour.
const SESSIONS_AT_ONCE: usize = 50;
/// No receipt is lost because the clock of this machine is slow: it comes from KSeF itself.
const CLOCK_NOT_ASKED: Timestamp = Timestamp::MAX;
/// Invoices whose receipt is asked for singly in one run.
const SINGLY_AT_ONCE: usize = 100;

/// A receipt that was written to a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceiptView {
    /// The file.
    pub file: std::path::PathBuf,
    /// Whether signature, hash and KSeF number hold.
    pub verified: bool,
    /// Whether the signer's certificate chains to a known anchor; `None` where none is known.
    pub trusted: Option<bool>,
}

impl Desk {
    /// Fetches what is missing and tells whose receipts came. Pages of a whole session first: a few calls instead of
    /// thousands. What cannot be had is asked for again by every run, the newest first, and holds up nothing else.
    pub(crate) async fn fetch_receipts(
        &self,
        client: &KsefClient,
    ) -> Result<Vec<EntryId>, DeskError> {
        let missing = self.missing_receipts()?;
        let mut fetched = Vec::new();
        let mut sessions: Vec<ReferenceNumber> = Vec::new();
        for session in missing
            .iter()
            .rev()
            .filter_map(|entry| entry.session.as_ref())
        {
            if sessions.len() < SESSIONS_AT_ONCE && !sessions.contains(session) {
                sessions.push(session.clone());
            }
        }
        for session in sessions {
            let Some(status) = found(client.session_status(&session).await)? else {
                continue;
            };
            for page in status.receipts {
                let bytes = match client.download_receipt(&page.download_url).await {
                    Ok(bytes) => bytes,
                    // The link has run out, or the storage has its own trouble: the API has the same bytes.
                    Err(_) => match found(client.session_receipt(&session, &page).await)? {
                        Some(bytes) => bytes,
                        None => continue,
                    },
                };
                fetched.extend(self.archive_receipt(bytes, Some(session.clone()))?);
            }
        }
        for entry in missing.iter().rev().take(SINGLY_AT_ONCE) {
            if self.queue().entry(&entry.id)?.receipt.is_some() {
                continue;
            }
            if let Some((bytes, session)) = self.single_receipt(client, entry).await? {
                fetched.extend(self.archive_receipt(bytes, Some(session))?);
            }
        }
        Ok(fetched)
    }

    /// The receipt of one invoice: from its session or, when KSeF took it in an earlier one, from that.
    async fn single_receipt(
        &self,
        client: &KsefClient,
        entry: &Entry,
    ) -> Result<Option<(Vec<u8>, ReferenceNumber)>, DeskError> {
        let (Some(number), Some(session)) = (&entry.ksef_number, &entry.session) else {
            return Ok(None);
        };
        if let Some(bytes) = found(client.invoice_receipt_by_ksef_number(session, number).await)? {
            return Ok(Some((bytes, session.clone())));
        }
        let known = found(client.session_invoices(session).await)?.unwrap_or_default();
        let original = known
            .iter()
            .find(|invoice| invoice.hash == entry.hash)
            .and_then(ksef_offline_client::InvoiceStatus::original_session);
        match original {
            Some(original) => Ok(found(
                client
                    .invoice_receipt_by_ksef_number(&original, number)
                    .await,
            )?
            .map(|bytes| (bytes, original))),
            None => Ok(None),
        }
    }

    fn missing_receipts(&self) -> Result<Vec<Entry>, DeskError> {
        let context = Some(&self.config().context);
        Ok(self
            .queue()
            .without_receipt_up_to(context, MISSING_AT_ONCE)?)
    }

    /// Stores a receipt for the invoices it names with the right hash and number and that have none yet.
    fn archive_receipt(
        &self,
        bytes: Vec<u8>,
        session: Option<ReferenceNumber>,
    ) -> Result<Vec<EntryId>, DeskError> {
        let receipt = receipt::verify(&bytes, CLOCK_NOT_ASKED)?.upo;
        let mut entries = BTreeSet::new();
        for document in &receipt.documents {
            let entry = self.queue().by_hash(&document.hash)?.filter(|entry| {
                entry.receipt.is_none()
                    && entry.status == InvoiceStatus::Sent
                    && entry.ksef_number.as_ref() == Some(&document.ksef_number)
            });
            entries.extend(entry.map(|entry| entry.id));
        }
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let entries: Vec<EntryId> = entries.into_iter().collect();
        self.queue().store_receipt(
            &NewReceipt {
                bytes,
                session,
                entries: entries.clone(),
            },
            self.now(),
        )?;
        Ok(entries)
    }

    /// The receipt of an accepted invoice, byte for byte as KSeF gave it.
    ///
    /// # Errors
    /// [`DeskError::WrongStatus`] when the invoice is not accepted, [`DeskError::NoReceipt`] when its receipt has not
    /// come yet.
    pub fn receipt(&self, id: &str) -> Result<Vec<u8>, DeskError> {
        Ok(self.receipt_of(id)?.1)
    }

    fn receipt_of(&self, id: &str) -> Result<(Entry, Vec<u8>), DeskError> {
        let entry = self.queue().entry(&EntryId::parse(id)?)?;
        if entry.status != InvoiceStatus::Sent {
            return Err(DeskError::WrongStatus(entry.status.name()));
        }
        let receipt = self.queue().receipt(&entry.id)?;
        let receipt = receipt.ok_or(DeskError::NoReceipt)?;
        Ok((entry, receipt.bytes))
    }

    /// Writes the receipt of an accepted invoice to `path`, and says whether it holds.
    ///
    /// # Errors
    /// [`DeskError::WrongStatus`] when the invoice is not accepted, [`DeskError::NoReceipt`] when its receipt has not
    /// come yet, [`DeskError::File`].
    pub fn write_receipt(&self, id: &str, path: &Path) -> Result<ReceiptView, DeskError> {
        let (entry, bytes) = self.receipt_of(id)?;
        let anchors = self.config().trust_anchors()?;
        let checked = receipt::verify(&bytes, CLOCK_NOT_ASKED);
        let trusted = match &checked {
            Ok(VerifiedReceipt { signature, .. }) => signature.trusted(&anchors),
            Err(_) => (!anchors.is_empty()).then_some(false),
        };
        let verified = checked
            .and_then(|receipt| {
                receipt
                    .confirm(&entry.hash, entry.ksef_number.as_ref())
                    .map(|_| ())
            })
            .is_ok();
        write_whole(path, &bytes)?;
        Ok(ReceiptView {
            file: absolute(path)?,
            verified,
            trusted,
        })
    }

    /// Invoice and signature as one ASiC-S container.
    ///
    /// # Errors
    /// [`DeskError::NotSigned`] when the invoice has no signature.
    pub fn container(&self, id: &str) -> Result<Vec<u8>, DeskError> {
        let id = EntryId::parse(id)?;
        let document = self.queue().document(&id)?;
        let signature = self.queue().signature(&id)?.ok_or(DeskError::NotSigned)?;
        Ok(asic_s(&document_name(&id), &document, &signature)?)
    }

    /// Writes what [`Self::container`] gives to `path`; gives the absolute path.
    ///
    /// # Errors
    /// As [`Self::container`]; [`DeskError::File`].
    pub fn export(&self, id: &str, path: &Path) -> Result<std::path::PathBuf, DeskError> {
        write_whole(path, &self.container(id)?)?;
        absolute(path)
    }
}

/// What KSeF has; a refusal means it has it not, or not yet.
fn found<T>(answer: Result<T, ClientError>) -> Result<Option<T>, DeskError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(ClientError::Ksef(refusal)) if refusal.status < 500 => Ok(None),
        Err(ClientError::Gone) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
