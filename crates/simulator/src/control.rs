//! What an operator can do to the simulator beside the API: downtimes, delays, limits, rights, rejections, keys,
//! ready-made credentials, and a look into the ledger. The same over HTTP under `/control`.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, KsefNumber, Nip};
use ksef_offline_core::invoice::InvoiceKind;
use ksef_offline_core::key::request::CertificateSubject;
use ksef_offline_core::key::{Certificate, KeyKind, PrivateKey};
use ksef_offline_core::random::OsRandom;
use serde::{Deserialize, Serialize};

use crate::SimulatorError;
use crate::authority::{CERTIFICATE_VALIDITY, Usage, generate_keys, request_for};
use crate::clock::warsaw_date;
use crate::latarnia::{Downtime, DowntimeKind};
use crate::ledger::TakenNumber;
use crate::limits::RateLimit;
use crate::state::{App, CertificateType, Enrolled, KsefToken, random, random_hex, reference};
use crate::text;

/// Steers a running simulator from the same process. Cloning is cheap.
#[derive(Clone)]
pub struct Control {
    app: App,
}

/// Which invoices to reject, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rejection {
    /// Only the invoice with this number (`P_2`).
    #[serde(default)]
    pub number: Option<String>,
    /// Only the invoice with this hash (standard Base64 in JSON).
    #[serde(default, with = "text::optional_hash")]
    pub invoice_hash: Option<InvoiceHash>,
    /// Status code the invoice gets: 405 and up.
    pub code: u16,
    /// Description; the usual one of the code when absent.
    #[serde(default)]
    pub description: Option<String>,
    /// Details.
    #[serde(default)]
    pub details: Vec<String>,
}

impl Rejection {
    /// Rejects the next invoice, whichever it is.
    pub fn next(code: u16) -> Self {
        Self {
            number: None,
            invoice_hash: None,
            code,
            description: None,
            details: vec![],
        }
    }

    /// Rejects the next invoice with this number.
    pub fn of_number(number: impl Into<String>, code: u16) -> Self {
        Self {
            number: Some(number.into()),
            ..Self::next(code)
        }
    }

    /// Rejects the next invoice with this hash.
    pub fn of_hash(hash: InvoiceHash, code: u16) -> Self {
        Self {
            invoice_hash: Some(hash),
            ..Self::next(code)
        }
    }

    /// Adds a detail.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    pub(crate) fn hits(&self, hash: &InvoiceHash, number: Option<&str>) -> bool {
        self.invoice_hash.is_none_or(|wanted| wanted == *hash)
            && self
                .number
                .as_deref()
                .is_none_or(|wanted| number == Some(wanted))
    }
}

/// An accepted invoice as the ledger shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LedgerEntry {
    /// SHA-256 of the invoice.
    #[serde(with = "text::hash")]
    pub invoice_hash: InvoiceHash,
    /// Number KSeF gave.
    #[serde(with = "text")]
    pub ksef_number: KsefNumber,
    /// Session it came in.
    pub session: String,
    /// `Online` or `Offline`.
    pub mode: &'static str,
    /// When it was accepted.
    pub accepted: Timestamp,
}

/// A request that reached the simulator; without query, headers and body, so without secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct LoggedRequest {
    /// When it came.
    pub at: Timestamp,
    /// HTTP method.
    pub method: String,
    /// Path.
    pub path: String,
    /// Status of the answer; 0 where the connection was dropped.
    pub status: u16,
    /// Whether it carried a bearer token.
    pub authorized: bool,
}

/// How the simulator is at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ControlState {
    /// Its time.
    pub now: Timestamp,
    /// By how much that is ahead of the system's clock.
    pub clock_offset: SignedDuration,
    /// The downtimes that go on, the oldest first.
    pub downtimes: Vec<DowntimeKind>,
    /// Whether Latarnia drops connections.
    pub latarnia_silent: bool,
    /// Whether Latarnia answers with an error of the server.
    pub latarnia_failing: bool,
    /// How long invoices stay in processing.
    pub processing_delay: Duration,
    /// Rejections that no invoice has met yet.
    pub pending_rejections: usize,
    /// Invoices accepted so far.
    pub accepted: usize,
}

/// A certificate and its key, ready to be written to files.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct IssuedCertificate {
    /// PEM.
    pub certificate: String,
    /// PKCS#8 PEM, not encrypted: it is good for this simulator only.
    pub key: String,
    /// 16 hexadecimal digits.
    pub serial_number: String,
}

/// The key stays out of logs.
impl std::fmt::Debug for IssuedCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedCertificate")
            .field("serial_number", &self.serial_number)
            .finish_non_exhaustive()
    }
}

/// The type of a certificate to issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IssuedType {
    /// For logging in.
    Authentication,
    /// For CODE II.
    Offline,
}

impl Control {
    pub(crate) fn new(app: App) -> Self {
        Self { app }
    }

    /// How things are now.
    pub fn state(&self) -> ControlState {
        let world = self.app.world();
        let now = world.clock.now();
        ControlState {
            now,
            clock_offset: world.clock.offset(),
            downtimes: world.latarnia.going_on(now),
            latarnia_silent: world.latarnia.silent,
            latarnia_failing: world.latarnia.failing,
            processing_delay: world.settings.processing_delay,
            pending_rejections: world.settings.rejections.len(),
            accepted: world.ledger.entries().len(),
        }
    }

    /// Takes KSeF down, now or as planned, and announces it as its kind asks. Returns the event number in Latarnia.
    pub fn begin_downtime(&self, downtime: &Downtime) -> i64 {
        let mut world = self.app.world();
        let now = world.clock.now();
        world.latarnia.enter(downtime, now)
    }

    /// Ends every downtime that is going on.
    pub fn end_downtime(&self) {
        let mut world = self.app.world();
        let now = world.clock.now();
        world.latarnia.end_now(now);
    }

    /// Makes Latarnia itself drop connections, or answer again.
    pub fn silence_latarnia(&self, silent: bool) {
        self.app.world().latarnia.silent = silent;
    }

    /// Makes Latarnia itself answer with an error of the server, or work again.
    pub fn fail_latarnia(&self, failing: bool) {
        self.app.world().latarnia.failing = failing;
    }

    /// Has Latarnia show these elements in its list of messages, exactly as given, after those of the downtimes. They
    /// replace what was given before, and change neither its status nor whether KSeF works: the way to announcements that
    /// move, ends announced late, words nobody knows, and messages that break the contract.
    pub fn announce(&self, messages: Vec<serde_json::Value>) {
        self.app.world().latarnia.verbatim = messages;
    }

    /// Moves the simulator's clock to `offset` from the system's.
    pub fn set_clock_offset(&self, offset: SignedDuration) {
        self.app.world().clock.set_offset(offset);
    }

    /// The simulator's time.
    pub fn now(&self) -> Timestamp {
        self.app.now()
    }

    /// How long packages, invoices and enrolments stay in processing. Zero to begin with.
    pub fn set_processing_delay(&self, delay: Duration) {
        self.app.world().settings.processing_delay = delay;
    }

    /// How long logins stay in progress. Zero to begin with.
    pub fn set_login_delay(&self, delay: Duration) {
        self.app.world().settings.login_delay = delay;
    }

    /// Turns rate limits on or off (off to begin with); `custom` replaces the published ones for every endpoint.
    pub fn set_rate_limits(&self, enabled: bool, custom: Option<RateLimit>) {
        let limiter = &mut self.app.world().limiter;
        limiter.enabled = enabled;
        limiter.custom = custom;
        limiter.forget();
    }

    /// Lets a context issue for a further seller; every context when `context` is `None`.
    pub fn allow_seller(&self, context: Option<ContextIdentifier>, seller: Nip) {
        self.app.world().settings.sellers.insert((context, seller));
        self.app.touch();
    }

    /// Takes that right away again.
    pub fn forbid_seller(&self, context: Option<ContextIdentifier>, seller: Nip) {
        self.app.world().settings.sellers.remove(&(context, seller));
        self.app.touch();
    }

    /// Lets a company send attachments, or not.
    pub fn allow_attachments(&self, nip: Nip, allowed: bool) {
        let mut world = self.app.world();
        let now = world.clock.now();
        world
            .settings
            .attachments
            .insert(nip, (!allowed).then_some(now));
        drop(world);
        self.app.touch();
    }

    /// Lets someone log in to a context beside the company itself: an identifier such as `PNOPL-…` or `VATPL-…`, or
    /// the SHA-256 fingerprint of a certificate in hexadecimal.
    pub fn grant_login(&self, context: ContextIdentifier, identifier: impl Into<String>) {
        self.app
            .world()
            .settings
            .grants
            .insert((context, identifier.into()));
    }

    /// Makes wrong NIP check digits errors as on production, or tolerates them as on Test (the beginning).
    pub fn enforce_nip_checksum(&self, enforce: bool) {
        self.app.world().settings.enforce_nip_checksum = enforce;
    }

    /// Declares a number taken by another system of the company and returns the KSeF number it holds.
    ///
    /// # Errors
    /// [`SimulatorError::Random`] when the system gives no random bytes.
    pub fn take_number(
        &self,
        seller: Nip,
        kind: InvoiceKind,
        number: &str,
    ) -> Result<KsefNumber, SimulatorError> {
        let mut world = self.app.world();
        let now = world.clock.now();
        let ksef_number =
            KsefNumber::assemble(seller, warsaw_date(now), u64::from_be_bytes(random()?));
        world.ledger.declare_taken(TakenNumber {
            seller,
            kind: kind.code().into(),
            number: number.into(),
            ksef_number: ksef_number.clone(),
            session: reference("SB", now)?,
        });
        drop(world);
        self.app.touch();
        Ok(ksef_number)
    }

    /// Rejects an invoice that is still to come. Used up by the first invoice it hits.
    pub fn reject(&self, rejection: Rejection) {
        self.app.world().settings.rejections.push(rejection);
    }

    /// Replaces both public keys; the old ones are withdrawn at once. Takes a moment: new RSA keys are made.
    ///
    /// # Errors
    /// [`SimulatorError::Key`] when no key could be made.
    pub fn rotate_keys(&self) -> Result<(), SimulatorError> {
        let keys = generate_keys(&self.app.authority, self.app.now())?;
        self.app.world().keys = keys.into_iter().map(Arc::new).collect();
        self.app.touch();
        Ok(())
    }

    /// Issues a certificate for a context without enrolment, as `init --from-simulator` needs one to begin with.
    ///
    /// # Errors
    /// [`SimulatorError::NoCompany`] for a Peppol provider, [`SimulatorError::Key`] when no key could be made.
    pub fn issue_certificate(
        &self,
        context: &ContextIdentifier,
        issued_type: IssuedType,
        kind: KeyKind,
    ) -> Result<IssuedCertificate, SimulatorError> {
        let company = context.company().ok_or(SimulatorError::NoCompany)?;
        let subject = CertificateSubject {
            country_name: Some("PL".into()),
            organization_name: Some(format!("Firma {company}")),
            organization_identifier: Some(format!("VATPL-{company}")),
            common_name: Some(format!("Firma {company}")),
            ..CertificateSubject::default()
        };
        let key = PrivateKey::generate(kind, &OsRandom)?;
        let request = request_for(&subject, &key)?;
        let (usage, certificate_type) = match issued_type {
            IssuedType::Authentication => (Usage::Authentication, CertificateType::Authentication),
            IssuedType::Offline => (Usage::Offline, CertificateType::Offline),
        };
        let now = self.app.now();
        // Valid from yesterday: the caller's clock may be behind.
        let from = now - SignedDuration::from_hours(24);
        let certificate = self
            .app
            .authority
            .issue(&request, usage, from, CERTIFICATE_VALIDITY)?;
        let enrolled = enrolled(
            &certificate,
            "Certyfikat symulatora",
            certificate_type,
            context,
            now,
        )?;
        let serial_number = enrolled.serial.clone();
        self.app
            .world()
            .certificates
            .insert(serial_number.clone(), enrolled);
        self.app.touch();
        Ok(IssuedCertificate {
            certificate: certificate.to_pem(),
            // EXPOSE: handed to whoever asked for a test certificate, on loopback.
            key: key.to_pkcs8_pem(None, &OsRandom)?.to_string(),
            serial_number,
        })
    }

    /// Makes an active KSeF token with all rights in a context.
    ///
    /// # Errors
    /// [`SimulatorError::Random`] when the system gives no random bytes.
    pub fn issue_token(&self, context: &ContextIdentifier) -> Result<String, SimulatorError> {
        let now = self.app.now();
        let (token, record) = new_token(
            context,
            "Token symulatora",
            vec!["InvoiceRead".into(), "InvoiceWrite".into()],
            now,
        )?;
        self.app
            .world()
            .tokens
            .insert(record.reference.clone(), record);
        self.app.touch();
        Ok(token)
    }

    /// The root certificate, PEM: the anchor that receipts chain to.
    pub fn root_certificate(&self) -> String {
        self.app.authority.certificate().to_pem()
    }

    /// All accepted invoices in the order of acceptance.
    pub fn ledger(&self) -> Vec<LedgerEntry> {
        self.app
            .world()
            .ledger
            .entries()
            .iter()
            .map(|(entry, _)| LedgerEntry {
                invoice_hash: entry.hash,
                ksef_number: entry.ksef_number.clone(),
                session: entry.session.clone(),
                mode: entry.mode.code(),
                accepted: entry.accepted,
            })
            .collect()
    }

    /// The latest requests, oldest first; at most 10 000 are kept.
    pub fn requests(&self) -> Vec<LoggedRequest> {
        self.app.world().log.iter().cloned().collect()
    }

    /// Forgets the logged requests.
    pub fn clear_requests(&self) {
        self.app.world().log.clear();
    }

    pub(crate) fn app(&self) -> &App {
        &self.app
    }
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control")
            .field("base", &self.app.base)
            .finish_non_exhaustive()
    }
}

/// The record of a certificate just issued.
pub(crate) fn enrolled(
    certificate: &Certificate,
    name: &str,
    kind: CertificateType,
    context: &ContextIdentifier,
    requested: Timestamp,
) -> Result<Enrolled, SimulatorError> {
    Ok(Enrolled {
        serial: certificate.serial()?.as_str().to_owned(),
        name: name.into(),
        kind,
        context: context.clone(),
        certificate: certificate.to_pem(),
        valid_from: certificate.not_before(),
        valid_to: certificate.not_after(),
        requested,
        last_used: None,
        revoked: None,
    })
}

/// A fresh token and its record.
pub(crate) fn new_token(
    context: &ContextIdentifier,
    description: &str,
    permissions: Vec<String>,
    now: Timestamp,
) -> Result<(String, KsefToken), SimulatorError> {
    let reference = reference("EC", now).map_err(SimulatorError::Random)?;
    let secret = random_hex::<32>().map_err(SimulatorError::Random)?;
    let token = format!("{reference}|{}|{secret}", context.value());
    let record = KsefToken {
        digest: InvoiceHash::of(token.as_bytes()),
        reference,
        context: context.clone(),
        description: description.into(),
        permissions,
        created: now,
        last_used: None,
        revoked: false,
    };
    Ok((token, record))
}

/// Logs why something in core failed, by its code.
pub(crate) fn report(error: &dyn ksef_offline_core::Diagnostic) {
    tracing::warn!(code = error.code(), "a request failed");
}

/// Logs a [`SimulatorError`].
pub(crate) fn report_simulator(error: &SimulatorError) {
    tracing::error!(code = error.code(), "the simulator failed");
}
