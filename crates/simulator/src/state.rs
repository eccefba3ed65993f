//! Everything the simulator remembers, behind one lock, and what its parts share.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, Nip, ReferenceNumber};
use ksef_offline_core::key::Certificate;
use ksef_offline_core::login::IpRule;
use ksef_offline_core::random::{OsRandom, RandomError, RandomSource as _};
use serde::{Deserialize, Serialize};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::authority::{Authority, EncryptionKey, KeyUsage};
use crate::clock::{Clock, warsaw_date};
use crate::control::Rejection;
use crate::latarnia::Latarnia;
use crate::ledger::Ledger;
use crate::limits::Limiter;
use crate::session::{LoginProof, Session, Status};
use crate::store::DataDirectory;
use crate::text;

/// What request handlers and background tasks share.
pub(crate) struct Shared {
    /// `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    pub(crate) authority: Authority,
    pub(crate) data: Option<DataDirectory>,
    /// Wakes the task that writes the data directory.
    pub(crate) dirty: Notify,
    /// Signs the links of uploads and downloads.
    pub(crate) link_secret: [u8; 32],
    world: Mutex<World>,
    tasks: Mutex<JoinSet<()>>,
    shutdown: watch::Sender<bool>,
}

pub(crate) type App = Arc<Shared>;

impl Shared {
    pub(crate) fn new(
        base: String,
        authority: Authority,
        data: Option<DataDirectory>,
        world: World,
    ) -> Result<App, RandomError> {
        Ok(Arc::new(Self {
            base,
            authority,
            data,
            dirty: Notify::new(),
            link_secret: random()?,
            world: Mutex::new(world),
            tasks: Mutex::new(JoinSet::new()),
            shutdown: watch::channel(false).0,
        }))
    }

    /// The state. Never held across an await.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        // A handler that panicked cannot leave a state the others could not live with.
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world().clock.now()
    }

    /// The host of QR links.
    pub(crate) fn qr_host(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// Says that something worth keeping has changed.
    pub(crate) fn touch(&self) {
        if self.data.is_some() {
            self.dirty.notify_one();
        }
    }

    /// Runs a task that ends at shutdown.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut shutdown = self.shutdown.subscribe();
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            tokio::select! {
                _ = shutdown.wait_for(|down| *down) => {}
                () = task => {}
            }
        });
    }

    /// Completes when the simulator is to stop.
    pub(crate) async fn stopped(&self) {
        let mut shutdown = self.shutdown.subscribe();
        // The sender lives as long as `self`: an error cannot come.
        let _ = shutdown.wait_for(|down| *down).await;
    }

    /// Tells everything to stop and waits for the background tasks.
    pub(crate) async fn stop(&self) {
        self.shutdown.send_replace(true);
        let mut tasks =
            std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        while tasks.join_next().await.is_some() {}
    }
}

/// Random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    OsRandom.fill(&mut bytes)?;
    Ok(bytes)
}

/// Random bytes written as lower-case hexadecimal digits.
pub(crate) fn random_hex<const N: usize>() -> Result<String, RandomError> {
    let bytes: [u8; N] = random()?;
    Ok(bytes.map(|byte| format!("{byte:02x}")).concat())
}

/// A fresh reference number of a kind.
pub(crate) fn reference(kind: &str, now: Timestamp) -> Result<String, RandomError> {
    let unique = u128::from_be_bytes(random()?);
    Ok(ReferenceNumber::assemble(warsaw_date(now), kind, unique)
        .as_str()
        .to_owned())
}

/// The state.
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) settings: Settings,
    pub(crate) latarnia: Latarnia,
    pub(crate) limiter: Limiter,
    /// When each challenge was given; used ones are gone.
    pub(crate) challenges: HashMap<String, Timestamp>,
    pub(crate) logins: HashMap<String, Login>,
    pub(crate) bearers: HashMap<String, Bearer>,
    pub(crate) tokens: BTreeMap<String, KsefToken>,
    pub(crate) certificates: BTreeMap<String, Enrolled>,
    pub(crate) enrollments: HashMap<String, Enrollment>,
    pub(crate) keys: Vec<Arc<EncryptionKey>>,
    pub(crate) sessions: BTreeMap<String, Session>,
    /// References of all sessions in the order of their opening.
    pub(crate) session_order: Vec<String>,
    pub(crate) ledger: Ledger,
    /// Receipts of single invoices by the invoice's reference, made when first asked for.
    pub(crate) receipts: HashMap<String, Arc<str>>,
    pub(crate) log: VecDeque<crate::control::LoggedRequest>,
}

/// What the operator chose.
#[derive(Default)]
pub(crate) struct Settings {
    /// How long KSeF takes for a package, an invoice, an enrolment.
    pub(crate) processing_delay: Duration,
    /// How long a login stays in progress.
    pub(crate) login_delay: Duration,
    /// Sellers a context may issue for beside its own NIP; `None` stands for every context.
    pub(crate) sellers: BTreeSet<(Option<ContextIdentifier>, Nip)>,
    /// Companies that may send attachments, with the moment the right was taken away again.
    pub(crate) attachments: BTreeMap<Nip, Option<Timestamp>>,
    /// Identifiers (`VATPL-…`, `PNOPL-…`, fingerprints in hexadecimal) that may log in to a context beside the company itself.
    pub(crate) grants: BTreeSet<(ContextIdentifier, String)>,
    pub(crate) rejections: Vec<Rejection>,
    /// Whether wrong NIP check digits are errors, as on production.
    pub(crate) enforce_nip_checksum: bool,
}

impl World {
    pub(crate) fn new(keys: Vec<Arc<EncryptionKey>>) -> Self {
        Self {
            clock: Clock::default(),
            settings: Settings::default(),
            latarnia: Latarnia::default(),
            limiter: Limiter::default(),
            challenges: HashMap::new(),
            logins: HashMap::new(),
            bearers: HashMap::new(),
            tokens: BTreeMap::new(),
            certificates: BTreeMap::new(),
            enrollments: HashMap::new(),
            keys,
            sessions: BTreeMap::new(),
            session_order: vec![],
            ledger: Ledger::default(),
            receipts: HashMap::new(),
            log: VecDeque::new(),
        }
    }

    /// The keys in use for `usage`; a named one only if it is among them.
    pub(crate) fn keys_for(&self, usage: KeyUsage, id: Option<&str>) -> Vec<Arc<EncryptionKey>> {
        self.keys
            .iter()
            .filter(|key| key.usage == usage && id.is_none_or(|id| id == key.id))
            .cloned()
            .collect()
    }

    /// The session of a context, with its time limits applied.
    pub(crate) fn session(
        &mut self,
        context: &ContextIdentifier,
        reference: &str,
    ) -> Option<&mut Session> {
        let now = self.clock.now();
        let session = self
            .sessions
            .get_mut(reference)
            .filter(|session| session.context == *context)?;
        session.settle(now);
        Some(session)
    }

    pub(crate) fn may_attach(&self, nip: Nip, now: Timestamp) -> bool {
        self.settings
            .attachments
            .get(&nip)
            .is_some_and(|until| until.is_none_or(|until| now < until))
    }

    pub(crate) fn may_sell(&self, context: &ContextIdentifier, seller: Nip) -> bool {
        let sellers = &self.settings.sellers;
        context.company() == Some(seller)
            || sellers.contains(&(None, seller))
            || sellers.contains(&(Some(context.clone()), seller))
    }
}

/// A login, from its start to the end of its refresh token.
pub(crate) struct Login {
    pub(crate) context: ContextIdentifier,
    pub(crate) method: LoginMethod,
    pub(crate) proof: LoginProof,
    pub(crate) started: Timestamp,
    /// When the outcome may be seen; until then it is in progress.
    pub(crate) ready: Timestamp,
    pub(crate) outcome: Status,
    pub(crate) redeemed: bool,
    pub(crate) refreshed: Option<Timestamp>,
    pub(crate) refresh_until: Option<Timestamp>,
    /// Addresses the login was bound to; empty for all.
    pub(crate) allowed_ips: Vec<IpRule>,
}

/// How someone logged in.
pub(crate) enum LoginMethod {
    /// By a certificate, enrolled here or not.
    Certificate {
        certificate: Certificate,
        enrolled: bool,
    },
    /// By a KSeF token.
    Token,
}

impl Login {
    pub(crate) fn status(&self, now: Timestamp) -> Status {
        if now < self.ready {
            Status::new(100, "Uwierzytelnianie w toku")
        } else {
            self.outcome.clone()
        }
    }

    /// Whether the rules of the login admit 127.0.0.1, from where all requests come.
    pub(crate) fn may_come_from_here(&self) -> bool {
        let here = u32::from(Ipv4Addr::LOCALHOST);
        let admits = |rule: &IpRule| match *rule {
            IpRule::Address(address) => u32::from(address) == here,
            IpRule::Range(first, last) => (u32::from(first)..=u32::from(last)).contains(&here),
            IpRule::Mask(network, bits) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
                u32::from(network) & mask == here & mask
            }
        };
        self.allowed_ips.is_empty() || self.allowed_ips.iter().any(admits)
    }
}

/// What a bearer token allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bearer {
    pub(crate) kind: BearerKind,
    pub(crate) login: String,
    pub(crate) expires: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BearerKind {
    /// Follows one login to its end.
    Authentication,
    Access,
    Refresh,
}

/// A KSeF token.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KsefToken {
    pub(crate) reference: String,
    /// SHA-256 of the token: the token itself is shown once and not kept.
    #[serde(with = "text::hash")]
    pub(crate) digest: InvoiceHash,
    #[serde(with = "text")]
    pub(crate) context: ContextIdentifier,
    pub(crate) description: String,
    pub(crate) permissions: Vec<String>,
    pub(crate) created: Timestamp,
    pub(crate) last_used: Option<Timestamp>,
    pub(crate) revoked: bool,
}

/// A certificate the simulator issued.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Enrolled {
    pub(crate) serial: String,
    pub(crate) name: String,
    /// `Authentication` or `Offline`.
    pub(crate) kind: CertificateType,
    #[serde(with = "text")]
    pub(crate) context: ContextIdentifier,
    /// PEM.
    pub(crate) certificate: String,
    pub(crate) valid_from: Timestamp,
    pub(crate) valid_to: Timestamp,
    pub(crate) requested: Timestamp,
    pub(crate) last_used: Option<Timestamp>,
    pub(crate) revoked: Option<Timestamp>,
}

impl Enrolled {
    pub(crate) fn status(&self, now: Timestamp) -> &'static str {
        if self.revoked.is_some() {
            "Revoked"
        } else if self.valid_to < now {
            "Expired"
        } else {
            "Active"
        }
    }

    pub(crate) fn parsed(&self) -> Option<Certificate> {
        Certificate::from_bytes(self.certificate.as_bytes()).ok()
    }
}

/// The two types of KSeF certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum CertificateType {
    Authentication,
    Offline,
}

/// A request for a certificate on its way.
pub(crate) struct Enrollment {
    pub(crate) context: ContextIdentifier,
    pub(crate) requested: Timestamp,
    pub(crate) ready: Timestamp,
    pub(crate) outcome: Status,
    pub(crate) serial: Option<String>,
}
