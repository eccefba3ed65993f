//! `config.toml`: which environment, in whose name, with which keys, and where the queue lies.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::SignedDuration;
use ksef_offline_client::Timeouts;
use ksef_offline_core::Diagnostic;
use ksef_offline_core::deadline::Policy;
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::{ContextIdentifier, Nip};
use ksef_offline_core::key::KeyError;
use ksef_offline_core::package::PackageLimits;
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Network {
    /// A proxy for everything, as `http://host:port`; without it the one that the environment variables name.
    pub proxy: Option<String>,
    /// PEM files with further root certificates, as of a company whose proxy looks into connections.
    pub root_certificates: Vec<PathBuf>,
    /// Most seconds for one call of the API, its answer included.
    pub timeout: Option<u64>,
    /// Most bytes of a part before encryption. Smaller parts lose less when a connection breaks.
    pub part_size: u64,
}

impl Default for Network {
    /// No proxy of its own, the system's roots, the client's time limits, parts as large as KSeF takes.
    fn default() -> Self {
        Self {
            proxy: None,
            root_certificates: Vec::new(),
            timeout: None,
            part_size: PackageLimits::default().part_size,
        }
    }
}

impl Network {
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

/// The file as it is written.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigFile {
    pub(crate) environment: String,
    pub(crate) context: String,
    #[serde(default)]
    pub(crate) sellers: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custom: Option<CustomSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) authentication: Option<AuthenticationSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) offline: Option<KeySection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deadline: Option<DeadlineSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) queue: Option<QueueSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) archive: Option<ArchiveSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) trust: Option<TrustSection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) network: Option<NetworkSection>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ArchiveSection {
    pub(crate) retention_years: u16,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CustomSection {
    pub(crate) api: String,
    pub(crate) latarnia: String,
    pub(crate) qr_host: String,
}

/// `[authentication]`. Keys of both methods may stand in it; the method decides which count.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AuthenticationSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pkcs12: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password_env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token_env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pkcs11: Option<DeviceSection>,
}

impl AuthenticationSection {
    fn keys(&self) -> KeySection {
        KeySection {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            pkcs12: self.pkcs12.clone(),
            password_env: self.password_env.clone(),
            pkcs11: self.pkcs11.clone(),
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeySection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) certificate: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pkcs12: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password_env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pkcs11: Option<DeviceSection>,
}

/// `pkcs11 = { module, token | slot, label | id, pin_env }`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceSection {
    pub(crate) module: PathBuf,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) slot: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pin_env: Option<String>,
}

impl DeviceSection {
    fn key(&self, section: &str, home: &Path) -> Result<DeviceKey, DeskError> {
        let fault = |pl, en| {
            Err(DeskError::config_in_both(
                format!("{section}.pkcs11: {pl}"),
                format!("{section}.pkcs11: {en}"),
            ))
        };
        let token = match (&self.token, self.slot) {
            (Some(label), None) => TokenName::Label(label.clone()),
            (None, Some(number)) => TokenName::Slot(number),
            _ => {
                return fault(
                    "albo token (jego etykieta), albo slot (numer)",
                    "either token (its label) or slot (a number)",
                );
            }
        };
        let key = match (&self.label, &self.id) {
            (Some(label), None) => KeyName::Label(label.clone()),
            (None, Some(id)) => match from_hex(id) {
                Some(id) => KeyName::Id(id),
                None => {
                    return fault(
                        "id: cyfry szesnastkowe, dwie na bajt",
                        "id: hexadecimal digits, two a byte",
                    );
                }
            },
            _ => {
                return fault(
                    "albo label, albo id klucza",
                    "either label or id of the key",
                );
            }
        };
        Ok(DeviceKey {
            module: home.join(&self.module),
            token,
            key,
            pin_variable: self.pin_env.clone(),
        })
    }
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else {
        return None;
    };
    let nibble = |digit: u8| char::from(digit).to_digit(16);
    pairs
        .iter()
        .map(|[high, low]| Some((nibble(*high)? * 16 + nibble(*low)?) as u8))
        .collect()
}

impl KeySection {
    fn files(&self, section: &str, home: &Path) -> Result<KeyFiles, DeskError> {
        let source = match (&self.certificate, &self.key, &self.pkcs12, &self.pkcs11) {
            (Some(certificate), None, None, Some(device)) => KeySource::Device {
                certificate: home.join(certificate),
                key: device.key(section, home)?,
            },
            (Some(certificate), Some(key), None, None) => KeySource::Pair {
                certificate: home.join(certificate),
                key: home.join(key),
            },
            (None, None, Some(store), None) => KeySource::Pkcs12(home.join(store)),
            _ => {
                return Err(DeskError::config_in_both(
                    format!(
                        "{section}: albo certificate i key, albo pkcs12, albo certificate i pkcs11"
                    ),
                    format!(
                        "{section}: either certificate and key, or pkcs12, or certificate and pkcs11"
                    ),
                ));
            }
        };
        Ok(KeyFiles {
            source,
            password_variable: self.password_env.clone(),
        })
    }
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeadlineSection {
    pub(crate) policy: String,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct QueueSection {
    pub(crate) url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) lease_seconds: Option<u32>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TrustSection {
    #[serde(default)]
    pub(crate) anchors: Vec<PathBuf>,
}

#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NetworkSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) proxy: Option<String>,
    #[serde(default)]
    pub(crate) root_certificates: Vec<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) part_size: Option<u64>,
}

impl NetworkSection {
    fn read(self, home: &Path) -> Result<Network, DeskError> {
        let largest = Network::default().part_size;
        let part_size = self.part_size.unwrap_or(largest);
        if part_size == 0 || part_size > largest {
            return Err(DeskError::config_in_both(
                format!("network.part_size: od 1 do {largest} bajtów"),
                format!("network.part_size: 1 to {largest} bytes"),
            ));
        }
        if self.timeout_seconds == Some(0) {
            return Err(DeskError::config_in_both(
                "network.timeout_seconds: co najmniej 1",
                "network.timeout_seconds: at least 1",
            ));
        }
        Ok(Network {
            proxy: self.proxy,
            root_certificates: self
                .root_certificates
                .iter()
                .map(|path| home.join(path))
                .collect(),
            timeout: self.timeout_seconds,
            part_size,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = r#"
environment = "custom"
context = "Nip:5265877635"
sellers = ["1111111111"]
[custom]
api = "http://127.0.0.1:8080/v2"
latarnia = "http://127.0.0.1:8080/latarnia"
qr_host = "qr-test.ksef.mf.gov.pl"
[authentication]
method = "xades"
certificate = "auth.pem"
key = "auth.key"
password_env = "KSEF_AUTH_PASSWORD"
token_env = "KSEF_TOKEN"
[offline]
pkcs12 = "/keys/offline.p12"
[deadline]
policy = "seven-days"
[queue]
url = "sqlite:queue.db"
[trust]
anchors = ["ca.pem"]
[network]
proxy = "http://proxy.example:3128"
root_certificates = ["company.pem"]
timeout_seconds = 30
part_size = 5000000
"#;

    #[test]
    fn the_example_of_the_contract_is_read() {
        let config = Config::parse(EXAMPLE, Path::new("/home/x")).unwrap();
        assert!(config.may_issue_for(Nip::parse("5265877635").unwrap()));
        assert!(config.may_issue_for(Nip::parse("1111111111").unwrap()));
        assert!(!config.may_issue_for(Nip::parse("1111111112").unwrap()));
        assert_eq!(config.policy, Policy::SevenDays);
        assert_eq!(
            config.queue,
            QueueLocation::Sqlite("/home/x/queue.db".into())
        );
        assert_eq!(
            config.offline.unwrap().source,
            KeySource::Pkcs12("/keys/offline.p12".into())
        );
        assert_eq!(config.anchors, [Path::new("/home/x/ca.pem")]);
        assert_eq!(
            config.network.root_certificates,
            [Path::new("/home/x/company.pem")]
        );
        assert_eq!(config.network.timeouts().request.as_secs(), 30);
        assert_eq!(config.network.part_size, 5_000_000);
    }

    #[test]
    fn a_key_may_be_on_a_device() {
        let text = EXAMPLE.replace(
            "pkcs12 = \"/keys/offline.p12\"",
            "certificate = \"offline.pem\"\n\
             pkcs11 = { module = \"/usr/lib/card.so\", token = \"Card\", id = \"0aFF\", pin_env = \"PIN\" }",
        );
        let config = Config::parse(&text, Path::new("/home/x")).unwrap();
        assert_eq!(
            config.offline.unwrap().source,
            KeySource::Device {
                certificate: "/home/x/offline.pem".into(),
                key: DeviceKey {
                    module: "/usr/lib/card.so".into(),
                    token: TokenName::Label("Card".to_owned()),
                    key: KeyName::Id(vec![0x0A, 0xFF]),
                    pin_variable: Some("PIN".to_owned()),
                },
            }
        );
    }

    #[test]
    fn faults_name_their_place_and_quote_nothing() {
        for (from, to, part) in [
            ("\"custom\"", "\"prod\"", "environment: test"),
            ("\"custom\"", "\"test\"", "[custom]"),
            ("127.0.0.1:8080/v2", "10.0.0.1/v2", "loopback"),
            ("seven-days", "never", "deadline.policy"),
            ("Nip:5265877635", "Nip:1", "context"),
            (
                "method = \"xades\"",
                "method = \"magic\"",
                "authentication.method",
            ),
            ("sqlite:queue.db", "mysql://x", "queue.url"),
            (
                "[deadline]",
                "[archive]\nretention_years = 1\n[deadline]",
                "retention_years",
            ),
            ("part_size = 5000000", "part_size = 100000001", "part_size"),
            (
                "timeout_seconds = 30",
                "timeout_seconds = 0",
                "timeout_seconds",
            ),
            ("sqlite:queue.db", "postgres://u:hunter2@h:x/", "queue.url"),
            (
                "\"sqlite:queue.db\"",
                "\"sqlite:queue.db\"\nlease_seconds = 1",
                "lease_seconds",
            ),
            ("[deadline]", "secret = \"hunter2\"\n[deadline]", "line"),
            ("key = \"auth.key\"", "", "certificate and key"),
            (
                "key = \"auth.key\"",
                "pkcs11 = { module = \"x.so\", label = \"k\" }",
                "authentication.pkcs11: either token",
            ),
            (
                "key = \"auth.key\"",
                "pkcs11 = { module = \"x.so\", slot = 1, id = \"0g\" }",
                "authentication.pkcs11: id",
            ),
        ] {
            assert!(EXAMPLE.contains(from), "{from}");
            let text = EXAMPLE.replace(from, to);
            let Err(error) = Config::parse(&text, Path::new("/")) else {
                panic!("{to} was accepted")
            };
            assert_eq!(error.code(), "config-invalid");
            assert!(error.to_string().contains(part), "{error}");
            assert!(!error.to_string().contains("hunter2"));
            assert!(!error.message().pl.contains("hunter2"));
        }
    }

    #[test]
    fn faults_are_told_in_polish_too() {
        for (from, to, pl) in [
            (
                "key = \"auth.key\"",
                "",
                "authentication: albo certificate i key",
            ),
            (
                "[deadline]",
                "[trust]\nkotwice = 1\n[deadline]",
                "nieznane pole `kotwice`",
            ),
            ("context = \"Nip:5265877635\"", "", "brakuje pola `context`"),
            ("\"custom\"", "\"prod\"", "production albo custom"),
        ] {
            let text = EXAMPLE
                .replace("[trust]\nanchors = [\"ca.pem\"]", "")
                .replace(from, to);
            let Err(error) = Config::parse(&text, Path::new("/")) else {
                panic!("{to} was accepted")
            };
            assert!(error.message().pl.contains(pl), "{}", error.message().pl);
        }
    }
}
