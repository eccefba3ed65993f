//! Interactive sessions: invoices sent one by one, and technical corrections.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ksef_offline_core::identifier::{InvoiceHash, ReferenceNumber};
use ksef_offline_core::package::{FormCode, SessionKey};

use crate::client::KsefClient;
use crate::error::ClientError;
use crate::retry::{Operation, Repeats};
use crate::session::reference;
use crate::transport::{Method, Request};
use crate::wire::sessions as wire;

/// An invoice on its way into an interactive session.
#[derive(Clone, Copy)]
pub struct OutgoingInvoice<'a> {
    /// Its exact bytes.
    pub bytes: &'a [u8],
    /// Whether it was issued in an offline mode.
    pub offline: bool,
    /// For a technical correction, the hash of the rejected invoice it takes the place of; it must be `offline` then.
    pub corrects: Option<InvoiceHash>,
}

/// Shows the hash.
impl fmt::Debug for OutgoingInvoice<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingInvoice")
            .field("hash", &InvoiceHash::of(self.bytes))
            .field("offline", &self.offline)
            .field("corrects", &self.corrects)
            .finish()
    }
}

/// An open interactive session with its key.
pub struct InteractiveSession {
    client: KsefClient,
    reference: ReferenceNumber,
    valid_until: Option<Timestamp>,
    key: SessionKey,
}

/// Shows the number.
impl fmt::Debug for InteractiveSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InteractiveSession")
            .field("reference", &self.reference)
            .field("valid_until", &self.valid_until)
            .finish_non_exhaustive()
    }
}

impl KsefClient {
    /// Opens an interactive session for invoices of `form`. KSeF closes it by itself after twelve hours.
    ///
    /// # Errors
    /// Network failures and refusals. A session whose answer was lost stays empty and is cancelled by KSeF.
    pub async fn open_interactive(
        &self,
        form: &FormCode,
    ) -> Result<InteractiveSession, ClientError> {
        let key = SessionKey::generate(self.inner.random.as_ref())?;
        let answer: wire::OnlineOpened = self
            .call_wrapped(Operation::Change, &key, |encryption| {
                self.api("open interactive session", Method::Post, "/sessions/online")
                    .json(&wire::OpenOnline {
                        form_code: form.into(),
                        encryption,
                    })
            })
            .await?
            .json("the answer to opening an interactive session")?;
        let reference = reference(&answer.reference_number)?;
        tracing::info!(%reference, "interactive session opened");
        Ok(InteractiveSession {
            client: self.clone(),
            reference,
            valid_until: Some(answer.valid_until.0),
            key,
        })
    }

    /// Takes up an interactive session that was opened before, with its stored key.
    pub fn resume_interactive(
        &self,
        session: ReferenceNumber,
        key: SessionKey,
    ) -> InteractiveSession {
        InteractiveSession {
            client: self.clone(),
            reference: session,
            valid_until: None,
            key,
        }
    }

    /// Closes an interactive session of which only the number is known.
    ///
    /// # Errors
    /// As [`InteractiveSession::close`].
    pub async fn close_interactive(&self, session: &ReferenceNumber) -> Result<(), ClientError> {
        self.close(
            "close interactive session",
            &format!("/sessions/online/{session}/close"),
        )
        .await
    }
}

impl InteractiveSession {
    /// Number of the session. Write it down before the first invoice.
    pub fn reference(&self) -> &ReferenceNumber {
        &self.reference
    }

    /// Until when KSeF keeps it open; unknown for one that was taken up again.
    pub fn valid_until(&self) -> Option<Timestamp> {
        self.valid_until
    }

    /// The key of the session, for storing it encrypted.
    pub fn key(&self) -> &SessionKey {
        &self.key
    }

    /// Sends one invoice and gives its number in the session. Whether it is accepted shows in
    /// [`KsefClient::invoice_status`].
    ///
    /// # Errors
    /// Codes `already-corrected` (21166), `original-accepted` (21167), `session-state` (21180), `session-invoice-limit`
    /// (21155) and network failures. A lost answer is resolved by asking which invoices the session has; only when KSeF
    /// does not answer that either is it an error with [`ClientError::may_have_happened`].
    pub async fn send(
        &self,
        invoice: &OutgoingInvoice<'_>,
    ) -> Result<ReferenceNumber, ClientError> {
        let request = self
            .client
            .api(
                "send invoice",
                Method::Post,
                &format!("/sessions/online/{}/invoices", self.reference),
            )
            .json(&send_invoice(invoice, &self.key))?;
        let hash = InvoiceHash::of(invoice.bytes);
        let mut repeats = Repeats::of(self.client.inner.retry.deadline);
        loop {
            let lost = match self.send_once(&request).await {
                Err(error) if error.may_have_happened() => error,
                result => return result,
            };
            match self.find(&hash).await {
                Ok(Some(known)) => return Ok(known),
                // KSeF never got it.
                Ok(None) => {
                    self.client
                        .wait_or_give_up(Operation::Read, request.name, lost, &mut repeats)
                        .await?;
                }
                Err(error) => {
                    tracing::warn!(%error, "whether the invoice arrived could not be asked");
                    return Err(lost);
                }
            }
        }
    }

    async fn send_once(&self, request: &Request) -> Result<ReferenceNumber, ClientError> {
        let answer: wire::Referenced = self
            .client
            .call(Operation::Change, request)
            .await?
            .json("the answer to sending an invoice")?;
        reference(&answer.reference_number)
    }

    /// The number in the session of the invoice with this hash.
    async fn find(&self, hash: &InvoiceHash) -> Result<Option<ReferenceNumber>, ClientError> {
        let known = self.client.session_invoices(&self.reference).await?;
        Ok(known
            .into_iter()
            .find(|invoice| invoice.hash == *hash)
            .map(|invoice| invoice.reference))
    }

    /// Closes the session, which begins the making of its collective receipt. Closing twice does no harm.
    ///
    /// # Errors
    /// Code `session-state` (21180) when it was closed or cancelled before, and network failures.
    pub async fn close(&self) -> Result<(), ClientError> {
        self.client.close_interactive(&self.reference).await
    }
}

fn send_invoice(invoice: &OutgoingInvoice<'_>, key: &SessionKey) -> wire::SendInvoice {
    let encrypted = key.encrypt(invoice.bytes);
    wire::SendInvoice {
        invoice_hash: InvoiceHash::of(invoice.bytes).to_base64(),
        invoice_size: invoice.bytes.len() as u64,
        encrypted_invoice_hash: InvoiceHash::of(&encrypted).to_base64(),
        encrypted_invoice_size: encrypted.len() as u64,
        encrypted_invoice_content: STANDARD.encode(&encrypted),
        offline_mode: invoice.offline,
        hash_of_corrected_invoice: invoice.corrects.map(|hash| hash.to_base64()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_is_sent_with_both_hashes_and_sizes() {
        let key = SessionKey::from_key_and_iv(&[1; 32], &[2; 16]).unwrap();
        let mut invoice = OutgoingInvoice {
            bytes: b"<Faktura/>",
            offline: true,
            corrects: None,
        };
        let encrypted = key.encrypt(invoice.bytes);
        let body = serde_json::to_value(send_invoice(&invoice, &key)).unwrap();
        assert_eq!(
            body,
            serde_json::json!({
                "invoiceHash": InvoiceHash::of(b"<Faktura/>").to_base64(),
                "invoiceSize": 10,
                "encryptedInvoiceHash": InvoiceHash::of(&encrypted).to_base64(),
                "encryptedInvoiceSize": 16,
                "encryptedInvoiceContent": STANDARD.encode(&encrypted),
                "offlineMode": true,
            })
        );
        invoice.corrects = Some(InvoiceHash::of(b"x"));
        let body = serde_json::to_value(send_invoice(&invoice, &key)).unwrap();
        assert_eq!(
            body["hashOfCorrectedInvoice"],
            InvoiceHash::of(b"x").to_base64()
        );
    }
}
