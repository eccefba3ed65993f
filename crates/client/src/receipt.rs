//! Fetching receipts (UPO) and accepted invoices. What a receipt says is read and verified by the core.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ksef_offline_core::identifier::{InvoiceHash, KsefNumber, ReferenceNumber};

use crate::client::KsefClient;
use crate::error::ClientError;
use crate::retry::{Operation, Repeats};
use crate::status::UpoPage;
use crate::transport::{Answer, Method};

impl KsefClient {
    /// One page of the collective receipt of a session, through the API. The page's pre-signed address
    /// ([`Self::download_receipt`]) gives the same without counting against the rate limit.
    ///
    /// # Errors
    /// Code `receipt-not-ready` (21178), [`ClientError::ReceiptDamaged`] when the hash the storage names does not match,
    /// network failures.
    pub async fn session_receipt(
        &self,
        session: &ReferenceNumber,
        page: &UpoPage,
    ) -> Result<Vec<u8>, ClientError> {
        // The number comes from the network and goes into a path.
        let page = crate::session::reference(&page.reference)?;
        self.receipt(&format!("/sessions/{session}/upo/{page}"))
            .await
    }

    /// The receipt of one invoice by its number in the session.
    ///
    /// # Errors
    /// As [`Self::session_receipt`].
    pub async fn invoice_receipt(
        &self,
        session: &ReferenceNumber,
        invoice: &ReferenceNumber,
    ) -> Result<Vec<u8>, ClientError> {
        self.receipt(&format!("/sessions/{session}/invoices/{invoice}/upo"))
            .await
    }

    /// The receipt of one invoice by its KSeF number.
    ///
    /// # Errors
    /// As [`Self::session_receipt`].
    pub async fn invoice_receipt_by_ksef_number(
        &self,
        session: &ReferenceNumber,
        invoice: &KsefNumber,
    ) -> Result<Vec<u8>, ClientError> {
        self.receipt(&format!("/sessions/{session}/invoices/ksef/{invoice}/upo"))
            .await
    }

    /// A receipt from a pre-signed address. No token goes there.
    ///
    /// # Errors
    /// [`ClientError::InsecureAddress`] for an address that is neither https nor on this machine,
    /// [`ClientError::ReceiptDamaged`], [`ClientError::Http`] when the address has expired, network failures.
    pub async fn download_receipt(&self, url: &str) -> Result<Vec<u8>, ClientError> {
        let mut repeats = Repeats::of(self.inner.transport.timeouts().transfer);
        loop {
            let error = match self.inner.transport.download(url).await {
                Ok(answer) => return checked(answer),
                Err(error) => error,
            };
            self.wait_or_give_up(Operation::Read, "download receipt", error, &mut repeats)
                .await?;
        }
    }

    /// An accepted invoice, byte for byte.
    ///
    /// # Errors
    /// Refusals for numbers this context may not see, [`ClientError::ReceiptDamaged`], network failures.
    pub async fn invoice(&self, number: &KsefNumber) -> Result<Vec<u8>, ClientError> {
        self.receipt(&format!("/invoices/ksef/{number}")).await
    }

    async fn receipt(&self, path: &str) -> Result<Vec<u8>, ClientError> {
        let request = self.api("document", Method::Get, path).document();
        checked(self.call(Operation::Read, &request).await?)
    }
}

/// Compares the document with the hash its storage names, where it names one.
fn checked(answer: Answer) -> Result<Vec<u8>, ClientError> {
    if answer.body.is_empty() {
        return Err(ClientError::Contract {
            what: "an empty document",
        });
    }
    if let Some(expected) = &answer.storage_hash {
        let hash = InvoiceHash::of(&answer.body);
        if STANDARD.decode(expected).ok().as_deref() != Some(hash.as_bytes().as_slice()) {
            return Err(ClientError::ReceiptDamaged);
        }
    }
    Ok(answer.body.into())
}
