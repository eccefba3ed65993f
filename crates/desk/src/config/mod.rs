//! `config.toml`: which environment, in whose name, with which keys, and where the queue lies.

mod file;

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use ksef_offline_client::Timeouts;
use ksef_offline_client::retry::RetryPolicy;
use ksef_offline_core::Diagnostic;
use ksef_offline_core::deadline::Policy;
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::{ContextIdentifier, Nip};
use ksef_offline_core::key::KeyError;
use ksef_offline_core::package::{Compression, PackageLimits};

pub(crate) use file::{
    ArchiveSection, AuthenticationSection, ConfigFile, CustomSection, DeadlineSection,
    QueueSection, TrustSection,
};

use crate::error::DeskError;

/// The name of the file in a home folder.
pub const FILE_NAME: &str = "config.toml";

/// What `config.toml` says, checked. Paths are absolute.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Where KSeF is.
    pub environment: Environment,
    /// In whose name to work.
    pub context: ContextIdentifier,
    /// NIPs the context may issue for beside its own.
    pub sellers: Vec<Nip>,
    /// How to log in; `None` until it is configured.
    pub authentication: Option<Authentication>,
    /// The Offline certificate; `None` until there is one.
    pub offline: Option<KeyFiles>,
    /// What holds after the due date.
    pub policy: Policy,
    /// Where the queue is.
    pub queue: QueueLocation,
    /// How long a sender that died without a word holds up the next one on a shared queue.
    pub lease: SignedDuration,
    /// Years an accepted invoice is kept for, from the end of the year of issue; `None` keeps it for ever.
    pub retention_years: Option<u16>,
    /// PEM files with trust anchors.
    pub anchors: Vec<PathBuf>,
    /// The way to KSeF.
    pub network: Network,
}

/// `[network]`: the way to KSeF, for those who have no straight one.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Network {
    /// A proxy for everything, as `http://host:port` or `http://user@host:port`; without it the one that the environment
    /// variables name.
    pub proxy: Option<String>,
    /// The environment variable with the password for the proxy.
    pub proxy_password_variable: Option<String>,
    /// PEM files with further root certificates, as of a company whose proxy looks into connections.
    pub root_certificates: Vec<PathBuf>,
    /// Most seconds for one call of the API, its answer included.
    pub timeout: Option<u64>,
    /// Most seconds from the beginning of a call of the API to its last repetition.
    pub deadline: Option<u64>,
    /// Most bytes of a part before encryption. Smaller parts lose less when a connection breaks.
    pub part_size: u64,
    /// The kind of package. A TarGz is the smaller one (ADR 0019).
    pub compression: Compression,
}

impl Default for Network {
    /// No proxy of its own, the system's roots, the client's time limits, parts as large as KSeF takes, TarGz.
    fn default() -> Self {
        Self {
            proxy: None,
            proxy_password_variable: None,
            root_certificates: Vec::new(),
            timeout: None,
            deadline: None,
            part_size: PackageLimits::default().part_size,
            compression: Compression::TarGz,
        }
    }
}

/// Does not show the address of the proxy: a password may stand in it.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("has_proxy", &self.proxy.is_some())
            .field("root_certificates", &self.root_certificates)
            .field("timeout", &self.timeout)
            .field("deadline", &self.deadline)
            .field("part_size", &self.part_size)
            .field("compression", &self.compression)
            .finish_non_exhaustive()
    }
}

impl Network {
    pub(crate) fn retry(&self) -> RetryPolicy {
        let mut policy = RetryPolicy::default();
        if let Some(seconds) = self.deadline {
            policy.deadline = Duration::from_secs(seconds);
        }
        policy
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        let mut timeouts = Timeouts::default();
        if let Some(seconds) = self.timeout {
            timeouts.request = Duration::from_secs(seconds);
            timeouts.connect = timeouts.connect.min(timeouts.request);
            timeouts.probe = timeouts.probe.min(timeouts.request);
        }
        timeouts
    }
}

/// Where the queue lies.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum QueueLocation {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server, which many processes and machines share.
    #[cfg(feature = "postgres")]
    Postgres(Box<ksef_offline_queue::PostgresAddress>),
}

/// How to log in.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Authentication {
    /// By a signed document.
    Xades(KeyFiles),
    /// By a KSeF token in this environment variable.
    Token {
        /// Name of the variable.
        variable: String,
    },
}

/// Where a certificate and its key are. The password itself is never in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFiles {
    /// The files.
    pub source: KeySource,
    /// The environment variable with the password.
    pub password_variable: Option<String>,
}

impl KeyFiles {
    /// The file with the certificate.
    pub fn certificate_file(&self) -> &Path {
        match &self.source {
            KeySource::Pair { certificate, .. } | KeySource::Device { certificate, .. } => {
                certificate
            }
            KeySource::Pkcs12(store) => store,
        }
    }

    /// What keeps the certificate from its use, with the file that it is in.
    pub(crate) fn unfit(&self, error: KeyError) -> DeskError {
        DeskError::KeyFile {
            path: self.certificate_file().to_owned(),
            error,
        }
    }
}

/// The ways to keep a certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeySource {
    /// Two files, PEM or DER.
    Pair {
        /// The certificate.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// One PKCS#12 file.
    Pkcs12(PathBuf),
    /// The certificate in a file, the key on a device.
    Device {
        /// The certificate.
        certificate: PathBuf,
        /// Where the key is.
        key: DeviceKey,
    },
}

/// A private key that a PKCS#11 module leads to. The PIN itself is never in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceKey {
    /// The library of the device's maker.
    pub module: PathBuf,
    /// Which of its tokens.
    pub token: TokenName,
    /// Which of the token's keys.
    pub key: KeyName,
    /// The environment variable with the PIN; `None` when the device asks for it itself.
    pub pin_variable: Option<String>,
}

/// How a token is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenName {
    /// By its label.
    Label(String),
    /// By the number of its slot.
    Slot(u64),
}

/// How a key on a token is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyName {
    /// CKA_LABEL.
    Label(String),
    /// CKA_ID.
    Id(Vec<u8>),
}

impl Config {
    /// Reads `config.toml` in `home`.
    ///
    /// # Errors
    /// [`DeskError::ConfigMissing`] when there is none, [`DeskError::Config`] for anything in it that is unknown,
    /// contradictory, malformed or unreadable.
    pub fn load(home: &Path) -> Result<Self, DeskError> {
        let path = home.join(FILE_NAME);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Err(DeskError::ConfigMissing(path));
            }
            Err(error) => return Err(DeskError::config(error.to_string())),
        };
        Self::parse(&text, home)
    }

    /// Reads the text of a `config.toml`; relative paths are relative to `home`.
    ///
    /// # Errors
    /// [`DeskError::Config`].
    pub fn parse(text: &str, home: &Path) -> Result<Self, DeskError> {
        // The parser's own message may quote the line, which may hold a secret put there by mistake: place only.
        let file: ConfigFile = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            let said = first_line(error.message());
            DeskError::config_in_both(
                format!("wiersz {line}: {}", in_polish(said)),
                format!("line {line}: {said}"),
            )
        })?;
        let fault = |name: &str, error: &dyn Diagnostic| {
            let message = error.message();
            DeskError::config_in_both(
                format!("{name}: {}", message.pl),
                format!("{name}: {}", message.en),
            )
        };
        let environment = environment(&file)?;
        let context =
            ContextIdentifier::parse(&file.context).map_err(|error| fault("context", &error))?;
        let sellers = file
            .sellers
            .iter()
            .map(|nip| Nip::parse(nip).map_err(|error| fault("sellers", &error)))
            .collect::<Result<_, _>>()?;
        let policy = match &file.deadline {
            Some(section) => Policy::from_name(&section.policy).ok_or_else(|| {
                DeskError::config_in_both(
                    "deadline.policy: statutory albo seven-days",
                    "deadline.policy: statutory or seven-days",
                )
            })?,
            None => Policy::default(),
        };
        Ok(Self {
            environment,
            context,
            sellers,
            authentication: file
                .authentication
                .as_ref()
                .map(|section| authentication(section, home))
                .transpose()?,
            offline: file
                .offline
                .as_ref()
                .map(|section| section.files("offline", home))
                .transpose()?,
            policy,
            retention_years: retention(file.archive.as_ref())?,
            lease: lease(file.queue.as_ref())?,
            queue: queue(
                file.queue.as_ref().map(|section| section.url.as_str()),
                home,
            )?,
            network: file
                .network
                .map(|section| section.read(home))
                .transpose()?
                .unwrap_or_default(),
            anchors: file
                .trust
                .map(|section| section.anchors.iter().map(|path| home.join(path)).collect())
                .unwrap_or_default(),
        })
    }

    /// Whether an invoice of `seller` may be issued in this context.
    pub fn may_issue_for(&self, seller: Nip) -> bool {
        self.context.company() == Some(seller) || self.sellers.contains(&seller)
    }
}

fn first_line(message: &str) -> &str {
    message.lines().next().unwrap_or_default()
}

/// The words of the TOML reader that people meet most, in Polish; others stay as they are.
fn in_polish(message: &str) -> String {
    [
        ("unknown field", "nieznane pole"),
        ("missing field", "brakuje pola"),
        ("duplicate key", "powtórzony klucz"),
        ("invalid type:", "zły rodzaj wartości:"),
        (", expected one of ", ", możliwe: "),
        (", expected ", ", powinno być: "),
        (", there are no fields", ", nie ma tu żadnych pól"),
    ]
    .iter()
    .fold(message.to_owned(), |text, (en, pl)| text.replace(en, pl))
}

fn environment(file: &ConfigFile) -> Result<Environment, DeskError> {
    match (file.environment.as_str(), &file.custom) {
        ("test", None) => Ok(Environment::test()),
        ("demo", None) => Ok(Environment::demo()),
        ("production", None) => Ok(Environment::production()),
        ("custom", Some(custom)) => {
            Environment::custom(&custom.api, &custom.latarnia, &custom.qr_host)
                .map_err(|error| DeskError::config(format!("custom: {error}")))
        }
        ("custom", None) => Err(DeskError::config_in_both(
            "środowisko \"custom\" wymaga sekcji [custom]",
            "environment \"custom\" needs a section [custom]",
        )),
        ("test" | "demo" | "production", Some(_)) => Err(DeskError::config_in_both(
            "sekcja [custom] jest tylko dla environment = \"custom\"",
            "a section [custom] goes only with environment = \"custom\"",
        )),
        _ => Err(DeskError::config_in_both(
            "environment: test, demo, production albo custom",
            "environment: test, demo, production or custom",
        )),
    }
}

fn authentication(
    section: &AuthenticationSection,
    home: &Path,
) -> Result<Authentication, DeskError> {
    match section.method.as_deref().unwrap_or("xades") {
        "xades" => Ok(Authentication::Xades(
            section.keys().files("authentication", home)?,
        )),
        "token" => {
            let variable = section.token_env.clone().ok_or_else(|| {
                DeskError::config_in_both(
                    "authentication.token_env: zmienna środowiskowa z tokenem",
                    "authentication.token_env: the environment variable that holds the token",
                )
            })?;
            Ok(Authentication::Token { variable })
        }
        _ => Err(DeskError::config_in_both(
            "authentication.method: xades albo token",
            "authentication.method: xades or token",
        )),
    }
}

fn queue(url: Option<&str>, home: &Path) -> Result<QueueLocation, DeskError> {
    let url = url.unwrap_or("sqlite:queue.db");
    if let Some(path) = url.strip_prefix("sqlite:") {
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() {
            return Err(DeskError::config_in_both(
                "queue.url: po sqlite: potrzebna jest nazwa pliku",
                "queue.url: sqlite: needs a file name",
            ));
        }
        return Ok(QueueLocation::Sqlite(home.join(path)));
    }
    #[cfg(feature = "postgres")]
    if url.starts_with("postgres") {
        return match url.parse() {
            Ok(address) => Ok(QueueLocation::Postgres(Box::new(address))),
            Err(error) => Err(DeskError::config(format!("queue.url: {error}"))),
        };
    }
    Err(DeskError::config(if cfg!(feature = "postgres") {
        "queue.url: sqlite:FILE or postgres://…"
    } else {
        "queue.url: this build knows sqlite:FILE"
    }))
}

/// Nothing is thrown away earlier: an invoice has to be kept until the tax is barred by time, five years after the end of
/// the year in which it was due (Tax Ordinance, art. 86 and 70).
const LEAST_YEARS: u16 = 6;

fn retention(section: Option<&ArchiveSection>) -> Result<Option<u16>, DeskError> {
    match section.map(|section| section.retention_years) {
        None => Ok(None),
        Some(years @ LEAST_YEARS..=100) => Ok(Some(years)),
        Some(_) => Err(DeskError::config_in_both(
            "archive.retention_years: od 6 do 100",
            "archive.retention_years: 6 to 100",
        )),
    }
}

/// Long enough for a busy machine to renew it in time, several times over.
const LEASE_SECONDS: u32 = 90;

fn lease(section: Option<&QueueSection>) -> Result<SignedDuration, DeskError> {
    match section.and_then(|section| section.lease_seconds) {
        None => Ok(SignedDuration::from_secs(LEASE_SECONDS.into())),
        Some(seconds @ 2..=3600) => Ok(SignedDuration::from_secs(seconds.into())),
        Some(_) => Err(DeskError::config_in_both(
            "queue.lease_seconds: od 2 do 3600",
            "queue.lease_seconds: 2 to 3600",
        )),
    }
}

#[cfg(test)]
mod tests;
