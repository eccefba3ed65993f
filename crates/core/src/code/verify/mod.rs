//! Verifying a code: its link by itself, CODE I and CODE II against the invoice, CODE II against the certificate it
//! names.
//!
//! Every point is a check of its own, with a name that never changes; one that fails stops none of the others that can
//! still be made.
//!
//! | Check | Codes | Holds when |
//! |---|---|---|
//! | `link` | I, II | `https://`, a host and exactly the segments of the code, nothing behind them |
//! | `host` | I, II | the host belongs to the Ministry, or to the custom environment given |
//! | `seller` | I, II | a NIP; with an invoice, the one of its seller (`Podmiot1`) |
//! | `issue-date` | I | a day written DD-MM-YYYY; with an invoice, its `P_1` |
//! | `hash` | I, II | 32 bytes in their only spelling; with an invoice, the SHA-256 of its bytes |
//! | `invoice` | I, II | the invoice given can be read as FA(3) |
//! | `context` | II | one of the four kinds with a value of its form |
//! | `certificate-serial` | II | 16 capital hexadecimal digits; with a certificate, its serial number |
//! | `signature-encoding` | II | canonical Base64URL: no padding, spare bits zero; a length that RSA or P-256 gives |
//! | `certificate` | II | the certificate given can be read |
//! | `certificate-key` | II | RSA of at least 2048 bits or P-256 |
//! | `certificate-usage` | II | KSeF type Offline: keyUsage nonRepudiation alone, no authority |
//! | `certificate-period` | II | it had not ended before the issue date of the invoice (a day in Warsaw) |
//! | `certificate-valid-now` | II | it is valid at the instant of the question |
//! | `signature` | II | the certificate's key signed the text from the host to the hash |
//!
//! Two times count. No certificate that ended before the issue date (`P_1`) can have signed the invoice; one that begins
//! after it can, since an invoice may be signed later than the day it bears, and the detail says so. And the certificate
//! has to be valid still, since the Ministry's own page refuses a code whose certificate is no longer active. Who looks
//! at an old invoice gives the instant at which it was received as `now`.
//!
//! What is not verified: whether KSeF issued the certificate and did not revoke it, whether the context may issue for the
//! seller (self-billing, VAT groups, representatives: KSeF's list, not in the link), and whether KSeF has the invoice.

mod invoice;
mod signed;

use std::borrow::Cow;

use jiff::Timestamp;

use self::invoice::Invoice;
use super::CodeError;
use super::link::{Parts, Segments, SegmentsOfTwo, parse_context, parse_date};
use crate::check::Check;
use crate::diagnostic::{Bilingual, Diagnostic as _};
use crate::environment::{Environment, EnvironmentKind};
use crate::identifier::{InvoiceHash, Nip};
use crate::key::{Certificate, TrustAnchors};

/// What a link is held against.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The bytes of the invoice that is said to belong to the code.
    pub invoice: Option<&'a [u8]>,
    /// The issuer's certificate, PEM or DER; of several in one PEM file the one that the link names
    /// and whose key signed it, else the one it names, else the first.
    pub certificate: Option<&'a [u8]>,
    /// An environment that counts beside the Ministry's three.
    pub custom: Option<&'a Environment>,
    /// The instant for which the question is asked.
    pub now: Timestamp,
}

/// Which code a link is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CodeKind {
    /// CODE I.
    One,
    /// CODE II.
    Two,
}

impl CodeKind {
    /// `code-1` or `code-2`.
    pub fn name(self) -> &'static str {
        match self {
            Self::One => "code-1",
            Self::Two => "code-2",
        }
    }
}

/// What came of verifying a link.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct CodeReport {
    kind: Option<CodeKind>,
    checks: Vec<Check>,
    certificates: Vec<Certificate>,
    now: Timestamp,
}

impl CodeReport {
    /// Which code it is; absent when the link is none of them.
    pub fn kind(&self) -> Option<CodeKind> {
        self.kind
    }

    /// The checks in the order in which they were made; at least one.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The certificate that a CODE II was held against.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.certificates.first()
    }

    /// Whether that certificate leads to one of `anchors`, also over others of its file; none where there is no
    /// certificate or nothing is trusted at all. A code that holds says nothing of it: anybody can make a certificate.
    pub fn trusted(&self, anchors: &TrustAnchors) -> Option<bool> {
        let (certificate, others) = self.certificates.split_first()?;
        (!anchors.is_empty()).then(|| anchors.trust(certificate, others, self.now))
    }

    /// The code, if every check holds.
    ///
    /// # Errors
    /// [`CodeError::CheckFailed`] with the first check that does not.
    pub fn result(&self) -> Result<CodeKind, CodeError> {
        match (self.checks.iter().find(|check| !check.passed), self.kind) {
            (Some(check), _) => Err(CodeError::CheckFailed { check: check.name }),
            (None, Some(kind)) => Ok(kind),
            (None, None) => Err(CodeError::LinkMalformed),
        }
    }
}

/// Verifies the link of a CODE I or CODE II.
///
/// Nothing has to be given beside the link: what cannot be compared is judged by its form, and the detail of the check
/// says so. Only the signature of a CODE II is never taken on its word: without a certificate it does not hold.
pub fn verify(url: &str, evidence: &Evidence<'_>) -> CodeReport {
    let tidy = tidied(url);
    let Some(parts) = Parts::of(&tidy) else {
        return CodeReport {
            kind: None,
            checks: vec![Check::failed("link", CodeError::LinkMalformed.message())],
            certificates: Vec::new(),
            now: evidence.now,
        };
    };
    let invoice = Invoice::given(evidence.invoice);
    let mut checks = Vec::with_capacity(15);
    let mut certificates = Vec::new();
    let kind = match parts.segments {
        Segments::One { .. } => CodeKind::One,
        Segments::Two(_) => CodeKind::Two,
    };
    checks.push(link(url == tidy, kind, evidence));
    checks.push(host(parts.host, evidence.custom));
    match parts.segments {
        Segments::One { seller, date, hash } => {
            checks.push(invoice.seller("seller", Nip::parse(seller)));
            checks.push(invoice.issue_date("issue-date", parse_date(date)));
            checks.push(invoice.hash("hash", InvoiceHash::from_base64url(hash)));
            checks.extend(invoice.check("invoice"));
        }
        Segments::Two(two) => {
            checks.push(context(&two));
            checks.push(invoice.seller("seller", Nip::parse(two.seller)));
            checks.push(invoice.hash("hash", InvoiceHash::from_base64url(two.hash)));
            checks.extend(invoice.check("invoice"));
            certificates = signed::check(&two, evidence, invoice.issued(), &mut checks);
        }
    }
    CodeReport {
        kind: Some(kind),
        checks,
        certificates,
        now: evidence.now,
    }
}

/// The link without what people and programs hang on it, so that the rest can still be judged; it does not hold then.
fn tidied(url: &str) -> Cow<'_, str> {
    let text = url.trim();
    let text = text
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .trim_end_matches('/');
    match text.split_once("://") {
        Some((scheme, rest))
            if scheme != "https"
                && ["http", "https"]
                    .iter()
                    .any(|known| scheme.eq_ignore_ascii_case(known)) =>
        {
            Cow::Owned(format!("https://{rest}"))
        }
        _ => Cow::Borrowed(text),
    }
}

fn link(whole: bool, kind: CodeKind, evidence: &Evidence<'_>) -> Check {
    if !whole {
        return Check::failed("link", CodeError::LinkMalformed.message());
    }
    let (mut pl, mut en) = match kind {
        CodeKind::One => ("link kodu I".to_owned(), "a link of CODE I".to_owned()),
        CodeKind::Two => ("link kodu II".to_owned(), "a link of CODE II".to_owned()),
    };
    if evidence.invoice.is_none() {
        pl.push_str("; nie podano faktury, z którą można go porównać");
        en.push_str("; no invoice was given to compare it with");
    }
    if kind == CodeKind::One && evidence.certificate.is_some() {
        pl.push_str("; kod I nie ma podpisu, więc podanego certyfikatu nie użyto");
        en.push_str("; CODE I has no signature, so the certificate given was not used");
    }
    Check::passed("link", Bilingual::new(pl, en))
}

fn host(host: &str, custom: Option<&Environment>) -> Check {
    let official = [
        Environment::test(),
        Environment::demo(),
        Environment::production(),
    ];
    let environment = official
        .iter()
        .chain(custom)
        .find(|known| known.qr_host() == host);
    let Some(environment) = environment else {
        return Check::failed("host", CodeError::HostUnknown.message());
    };
    let (pl, en) = match environment.kind() {
        EnvironmentKind::Production => (
            "środowisko produkcyjne KSeF",
            "the production environment of KSeF",
        ),
        EnvironmentKind::Demo => (
            "środowisko demo KSeF, bez skutków prawnych",
            "the demo environment of KSeF, without legal effect",
        ),
        EnvironmentKind::Test => (
            "środowisko testowe KSeF, bez skutków prawnych",
            "the test environment of KSeF, without legal effect",
        ),
        EnvironmentKind::Custom => (
            "środowisko własne, bez skutków prawnych",
            "the custom environment, without legal effect",
        ),
    };
    Check::passed("host", Bilingual::new(pl, en))
}

/// Whether a context may issue for another seller is for KSeF to know; the detail says which case it is.
fn context(two: &SegmentsOfTwo<'_>) -> Check {
    match parse_context(two.context_kind, two.context) {
        Err(error) => Check::failed("context", error.message()),
        Ok(context)
            if context
                .company()
                .is_some_and(|company| company.as_str() == two.seller) =>
        {
            Check::passed(
                "context",
                Bilingual::new("kontekst sprzedawcy", "the context of the seller"),
            )
        }
        Ok(_) => Check::passed(
            "context",
            Bilingual::new(
                "kontekst innego podmiotu niż sprzedawca; czy może wystawiać w jego imieniu, wie KSeF",
                "the context of another than the seller; whether it may issue in the seller's name, KSeF knows",
            ),
        ),
    }
}
