//! Lists that come in pages: read one after the other, so that memory does not grow with a session of 10 000 invoices.

use crate::client::KsefClient;
use crate::error::ClientError;
use crate::retry::Operation;
use crate::status::InvoiceStatus;
use crate::transport::Request;
use crate::wire::sessions as wire;

/// Largest page; the default of the API is ten, which would exhaust the hourly limit on a large session.
pub(crate) const PAGE_SIZE: &str = "1000";
/// Most pages that are read; a server that never stops is broken.
pub(crate) const MAX_PAGES: usize = 1000;

/// The invoices of a session, a page of up to 1000 at a time; see [`KsefClient::session_invoice_pages`].
pub struct InvoicePages {
    client: KsefClient,
    request: Request,
    token: Option<String>,
    read: usize,
    ended: bool,
}

/// Shows how far it has come.
impl core::fmt::Debug for InvoicePages {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("InvoicePages")
            .field("read", &self.read)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}

impl InvoicePages {
    pub(crate) fn new(client: &KsefClient, request: Request) -> Self {
        Self {
            client: client.clone(),
            request: request.query("pageSize", PAGE_SIZE),
            token: None,
            read: 0,
            ended: false,
        }
    }

    /// The next page; `None` after the last. After an error the same page can be asked for again.
    ///
    /// # Errors
    /// Code `session-not-found` (21173), network failures, [`ClientError::Contract`] for a list without end.
    pub async fn next(&mut self) -> Result<Option<Vec<InvoiceStatus>>, ClientError> {
        if self.ended {
            return Ok(None);
        }
        if self.read >= MAX_PAGES {
            return Err(endless());
        }
        let request = self.request.clone().continuation(self.token.clone());
        let page: wire::InvoicePage = self
            .client
            .call(Operation::Read, &request)
            .await?
            .json("the invoices of a session")?;
        let invoices = page
            .invoices
            .into_iter()
            .map(InvoiceStatus::try_from)
            .collect::<Result<Vec<_>, ClientError>>()?;
        self.ended = !advances(&mut self.token, page.continuation_token)?;
        self.read += 1;
        Ok(Some(invoices))
    }
}

/// Moves on to the next page; `false` when there is none.
pub(crate) fn advances(
    token: &mut Option<String>,
    next: Option<String>,
) -> Result<bool, ClientError> {
    match next.filter(|next| !next.is_empty()) {
        None => Ok(false),
        Some(next) if token.as_ref() == Some(&next) => Err(endless()),
        Some(next) => {
            *token = Some(next);
            Ok(true)
        }
    }
}

pub(crate) fn endless() -> ClientError {
    ClientError::Contract {
        what: "the pages of a list do not end",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_continuation_token_that_stands_still_is_an_error() {
        let mut token = None;
        assert!(advances(&mut token, Some("a".to_owned())).unwrap());
        assert!(advances(&mut token, Some("b".to_owned())).unwrap());
        assert!(advances(&mut token, Some("b".to_owned())).is_err());
        assert!(!advances(&mut token, None).unwrap());
        assert!(!advances(&mut token, Some(String::new())).unwrap());
    }
}
