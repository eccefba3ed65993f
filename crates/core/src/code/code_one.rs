//! CODE I: the link that leads to the invoice in KSeF.

use core::fmt;

use jiff::civil::Date;

use super::error::CodeError;
use super::link::Link;
use crate::environment::Environment;
use crate::identifier::{InvoiceHash, Nip};

/// The link of CODE I: `https://HOST/invoice/SELLER/DD-MM-YYYY/HASH`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodeOne {
    url: Box<str>,
}

impl CodeOne {
    /// The link of the invoice with this hash that `seller` issued on `issue_date` (`P_1`, never today's date: a printed
    /// code with another date leads nowhere).
    pub fn new(
        environment: &Environment,
        seller: Nip,
        issue_date: Date,
        hash: &InvoiceHash,
    ) -> Self {
        let (host, hash) = (environment.qr_host(), hash.to_base64url());
        let (day, month, year) = (issue_date.day(), issue_date.month(), issue_date.year());
        let url = format!("https://{host}/invoice/{seller}/{day:02}-{month:02}-{year:04}/{hash}");
        Self { url: url.into() }
    }

    /// The text of the QR code.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl fmt::Display for CodeOne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

/// What a CODE I link says, read by [`Link::parse`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedCodeOne {
    pub(super) host: Box<str>,
    pub(super) seller: Nip,
    pub(super) issue_date: Date,
    pub(super) hash: InvoiceHash,
}

impl ParsedCodeOne {
    /// Reads a link and demands that it is CODE I.
    ///
    /// # Errors
    /// Those of [`Link::parse`], and [`CodeError::LinkMalformed`] for CODE II.
    pub fn parse(url: &str) -> Result<Self, CodeError> {
        match Link::parse(url)? {
            Link::One(code) => Ok(code),
            Link::Two(_) => Err(CodeError::LinkMalformed),
        }
    }

    /// The host the link leads to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The seller.
    pub fn seller(&self) -> Nip {
        self.seller
    }

    /// The issue date.
    pub fn issue_date(&self) -> Date {
        self.issue_date
    }

    /// The hash of the invoice.
    pub fn hash(&self) -> &InvoiceHash {
        &self.hash
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_ministrys_vector_comes_out() {
        let hash =
            InvoiceHash::from_base64url("UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE").unwrap();
        let seller = Nip::parse("1111111111").unwrap();
        let code = CodeOne::new(&Environment::test(), seller, date(2026, 2, 1), &hash);
        assert_eq!(
            code.url(),
            "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE"
        );
    }
}
