//! CODE I: the link that leads to the invoice in KSeF.

use core::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;

use super::error::CodeError;
use super::link::Link;
use crate::environment::Environment;
use crate::identifier::{InvoiceHash, Nip};
use crate::invoice::InvoiceDocument;

/// The link of CODE I: `https://HOST/invoice/SELLER/DD-MM-YYYY/HASH`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CodeOne {
    url: Box<str>,
}

impl CodeOne {
    /// The link of an invoice.
    pub fn new(invoice: &InvoiceDocument, at: &Environment) -> Self {
        let facts = invoice.facts();
        Self::from_parts(at, facts.seller, facts.issue_date, &invoice.hash())
    }

    /// The link of the invoice with this hash that `seller` issued on `issue_date` (`P_1`, never today's date: a printed
    /// code with another date leads nowhere). For who has the facts but not the document.
    pub fn from_parts(at: &Environment, seller: Nip, issue_date: Date, hash: &InvoiceHash) -> Self {
        let host = at.qr_host();
        let mut url = String::with_capacity(
            host.len() + "https:///invoice/NNNNNNNNNN/DD-MM-YYYY/".len() + 43,
        );
        url.push_str("https://");
        url.push_str(host);
        url.push_str("/invoice/");
        url.push_str(seller.as_str());
        url.push('/');
        push_number(&mut url, issue_date.day().unsigned_abs().into(), 2);
        url.push('-');
        push_number(&mut url, issue_date.month().unsigned_abs().into(), 2);
        url.push('-');
        push_number(&mut url, issue_date.year().unsigned_abs(), 4);
        url.push('/');
        URL_SAFE_NO_PAD.encode_string(hash.as_bytes(), &mut url);
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

/// The last `digits` digits of a number. Formatting costs more than all the rest of the link.
fn push_number(text: &mut String, number: u16, digits: u32) {
    for place in (0..digits).rev() {
        let digit = number / 10_u16.pow(place) % 10;
        text.push(char::from(b'0' + digit as u8));
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
        let code = CodeOne::from_parts(&Environment::test(), seller, date(2026, 2, 1), &hash);
        assert_eq!(
            code.url(),
            "https://qr-test.ksef.mf.gov.pl/invoice/1111111111/01-02-2026/UtQp9Gpc51y-u3xApZjIjgkpZ01js-J8KflSPW8WzIE"
        );
    }
}
