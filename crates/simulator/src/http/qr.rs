//! The pages a buyer reaches by scanning CODE I and CODE II; JSON for programs, HTML for people.

use std::fmt::Write as _;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::{ACCEPT, HOST};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{Html, IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::civil::Date;
use ksef_offline_core::identifier::{
    CertificateSerial, ContextIdentifier, ContextKind, InvoiceHash, Nip,
};
use ksef_offline_core::key::{Certificate, HashAlgorithm, SignatureAlgorithm};
use serde::Serialize;

use super::payload::Params;
use crate::receipt::escaped;
use crate::state::{App, CertificateType, World};

/// What a page says.
#[derive(Serialize)]
struct Page {
    kind: &'static str,
    /// Whether every check passed.
    valid: bool,
    checks: Vec<Check>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ksef_number: Option<String>,
}

#[derive(Serialize)]
struct Check {
    name: &'static str,
    passed: bool,
    detail: &'static str,
}

impl Page {
    fn new(kind: &'static str) -> Self {
        Self {
            kind,
            valid: true,
            checks: vec![],
            ksef_number: None,
        }
    }

    fn check(&mut self, name: &'static str, passed: bool, good: &'static str, bad: &'static str) {
        self.valid &= passed;
        self.checks.push(Check {
            name,
            passed,
            detail: if passed { good } else { bad },
        });
    }

    /// The link has another form than KSeF gives it.
    fn malformed(kind: &'static str, headers: &HeaderMap) -> Response {
        let mut page = Self::new(kind);
        page.check("link", false, "", "Link ma nieprawidłową postać.");
        (StatusCode::BAD_REQUEST, page.answer(headers)).into_response()
    }

    fn answer(self, headers: &HeaderMap) -> Response {
        let wants_json = headers
            .get(ACCEPT)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.contains("json"));
        if wants_json {
            return Json(self).into_response();
        }
        let mut checks = String::new();
        for check in &self.checks {
            let mark = if check.passed { "✓" } else { "✗" };
            // Writing to a string cannot fail.
            let _ = write!(checks, "<li>{mark} {}</li>", escaped(check.detail));
        }
        let number = self
            .ksef_number
            .map(|number| format!("<p>Numer KSeF: {}</p>", escaped(&number)))
            .unwrap_or_default();
        let title = if self.valid {
            "Weryfikacja pomyślna"
        } else {
            "Weryfikacja niepomyślna"
        };
        Html(format!(
            "<!doctype html><html lang=\"pl\"><meta charset=\"utf-8\"><title>{title}</title>\
             <h1>{title}</h1><p>Symulator KSeF, bez skutków prawnych.</p>{number}<ul>{checks}</ul></html>"
        ))
        .into_response()
    }
}

pub(super) async fn code_one(
    State(app): State<App>,
    Path((nip, date, hash)): Path<(String, String, String)>,
    headers: HeaderMap,
) -> Response {
    const KIND: &str = "code-1";
    let (Ok(nip), Some(date), Ok(hash)) = (
        Nip::parse(&nip),
        issue_date(&date),
        InvoiceHash::from_base64url(&hash),
    ) else {
        return Page::malformed(KIND, &headers);
    };
    let mut page = Page::new(KIND);
    let world = app.world();
    // The code of a rejected invoice leads to its technical correction.
    let found = world
        .ledger
        .by_hash(&hash)
        .or_else(|| world.ledger.correction_of(&hash));
    page.check(
        "invoice-in-ksef",
        found.is_some(),
        "Faktura jest w KSeF.",
        "Faktury nie ma w KSeF albo jeszcze jej nie przesłano.",
    );
    if let Some((entry, document)) = found {
        let facts = document.facts();
        page.check(
            "seller",
            facts.seller == nip,
            "NIP sprzedawcy się zgadza.",
            "NIP sprzedawcy się nie zgadza.",
        );
        page.check(
            "issue-date",
            facts.issue_date == date,
            "Data wystawienia się zgadza.",
            "Data wystawienia się nie zgadza.",
        );
        page.ksef_number = page.valid.then(|| entry.ksef_number.to_string());
    }
    drop(world);
    page.answer(&headers)
}

/// `DD-MM-YYYY`.
fn issue_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let well_formed = bytes.len() == 10
        && bytes.iter().enumerate().all(|(index, byte)| match index {
            2 | 5 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if !well_formed {
        return None;
    }
    let (day, month, year) = (text.get(..2)?, text.get(3..5)?, text.get(6..)?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// A CODE II link, taken apart. The context in it is not compared with the certificate: a KSeF certificate is its
/// owner's, who may issue in many contexts.
struct CodeTwo {
    serial: CertificateSerial,
    hash: InvoiceHash,
    signature: Vec<u8>,
    /// Path from its first segment to the hash, without the leading slash.
    signed_path: String,
}

impl CodeTwo {
    fn parse(uri: &Uri, segments: &[String; 6]) -> Option<Self> {
        let [kind, value, nip, serial, hash, signature] = segments;
        Nip::parse(nip).ok()?;
        let kind = ContextKind::ALL
            .into_iter()
            .find(|known| known.name() == kind)?;
        ContextIdentifier::new(kind, value).ok()?;
        let (signed_path, _) = uri.path().trim_start_matches('/').rsplit_once('/')?;
        Some(Self {
            serial: CertificateSerial::parse(serial).ok()?,
            hash: InvoiceHash::from_base64url(hash).ok()?,
            // Refuses spare bits that are not zero: no signature has two spellings.
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
            signed_path: signed_path.to_owned(),
        })
    }

    fn is_signed_by(&self, certificate: &Certificate, hosts: &[&str]) -> bool {
        let key = certificate.public_key();
        hosts.iter().any(|host| {
            let text = format!("{host}/{}", self.signed_path);
            if key.is_rsa() {
                key.verify(
                    SignatureAlgorithm::RsaPss(HashAlgorithm::Sha256),
                    text.as_bytes(),
                    &self.signature,
                )
                .is_ok()
            } else {
                key.verify(
                    SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
                    text.as_bytes(),
                    &self.signature,
                )
                .or_else(|_| {
                    key.verify_ecdsa_der(HashAlgorithm::Sha256, text.as_bytes(), &self.signature)
                })
                .is_ok()
            }
        })
    }

    fn verify(&self, page: &mut Page, world: &World, hosts: &[&str]) {
        let now = world.clock.now();
        let record = world.certificates.get(self.serial.as_str());
        page.check(
            "certificate-known",
            record.is_some(),
            "Certyfikat wystawiono w KSeF.",
            "Certyfikatu o tym numerze nie wystawiono w KSeF.",
        );
        let Some(record) = record else { return };
        page.check(
            "certificate-type",
            record.kind == CertificateType::Offline,
            "Certyfikat jest typu Offline.",
            "Certyfikat nie jest typu Offline.",
        );
        page.check(
            "certificate-active",
            record.status(now) == "Active",
            "Certyfikat jest ważny.",
            "Certyfikat jest nieważny lub odwołany.",
        );
        page.check(
            "signature",
            record
                .parsed()
                .is_some_and(|certificate| self.is_signed_by(&certificate, hosts)),
            "Podpis linku jest prawidłowy.",
            "Podpis linku jest nieprawidłowy.",
        );
    }
}

/// Verifies CODE II. The signed text names a host: the one asked, the simulator's own, or the one given as `?host=`
/// where links were made for another.
pub(super) async fn code_two(
    State(app): State<App>,
    Path((kind, value, nip, serial, hash, signature)): Path<(
        String,
        String,
        String,
        String,
        String,
        String,
    )>,
    uri: Uri,
    params: Params,
    headers: HeaderMap,
) -> Response {
    const KIND: &str = "code-2";
    let Some(code) = CodeTwo::parse(&uri, &[kind, value, nip, serial, hash, signature]) else {
        return Page::malformed(KIND, &headers);
    };
    let asked = headers.get(HOST).and_then(|value| value.to_str().ok());
    let hosts: Vec<&str> = [Some(app.qr_host()), asked, params.value("host")]
        .into_iter()
        .flatten()
        .collect();
    let mut page = Page::new(KIND);
    let world = app.world();
    code.verify(&mut page, &world, &hosts);
    page.ksef_number = world
        .ledger
        .by_hash(&code.hash)
        .filter(|_| page.valid)
        .map(|(entry, _)| entry.ksef_number.to_string());
    drop(world);
    page.answer(&headers)
}
