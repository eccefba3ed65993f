//! What can go wrong between this client and KSeF, told apart by what the caller can do about it.

use core::fmt;
use std::time::Duration;

use ksef_offline_core::key::KeyError;
use ksef_offline_core::package::PackageError;
use ksef_offline_core::random::RandomError;
use ksef_offline_core::signature::SignatureError;
use ksef_offline_core::{Bilingual, Diagnostic, Retry};
use thiserror::Error;

/// Exception code: the public key the session key was wrapped with has been withdrawn.
pub(crate) const PUBLIC_KEY_WITHDRAWN: i64 = 21_470;
/// Exception code: the state of the session forbids the operation.
pub(crate) const SESSION_STATE: i64 = 21_180;

/// Everything a call can fail with.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError {
    /// No answer came.
    #[error("{kind} ({cause})")]
    Network {
        /// Where it failed.
        kind: NetworkKind,
        /// What the system said.
        cause: String,
    },
    /// An HTTP status without a body that KSeF's contract knows, as from a proxy or a load balancer.
    #[error("the server answered with HTTP status {status}")]
    Http {
        /// The status.
        status: u16,
        /// How long the server asks to be left alone (`Retry-After`), where it says so.
        retry_after: Option<Duration>,
    },
    /// KSeF refused, with its reasons.
    #[error(transparent)]
    Ksef(Box<KsefRefusal>),
    /// Too many requests (429), and the wait is longer than this call's patience. Waiting less lengthens the block.
    #[error("too many requests; KSeF takes the next one in {} s", .retry_after.as_secs())]
    RateLimited {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The status asked for is past its retention (410).
    #[error("KSeF no longer keeps this status")]
    Gone,
    /// An answer that breaks the contract of the API.
    #[error("the answer of the server breaks the contract: {what}")]
    Contract {
        /// Which part of the contract.
        what: &'static str,
    },
    /// The login was examined and turned down.
    #[error("KSeF refused the login: {}", .0)]
    LoginRefused(Box<StatusRefusal>),
    /// The login is still being examined, as with a qualified certificate whose revocation check takes long.
    #[error("KSeF is still examining the login")]
    LoginPending,
    /// No credentials were given to the builder, and the call needs a login.
    #[error("this call needs a login, and the client has no credentials")]
    NoCredentials,
    /// The certificate was not issued.
    #[error("KSeF did not issue the certificate: {}", .0)]
    EnrollmentRefused(Box<StatusRefusal>),
    /// The certificate is still being made.
    #[error("KSeF is still working on the certificate")]
    EnrollmentPending,
    /// KSeF published no key for this use that is valid now.
    #[error("KSeF publishes no valid public key for {usage}")]
    NoPublicKey {
        /// The use, as the API names it.
        usage: &'static str,
    },
    /// The storage did not take a part.
    #[error("the storage answered the upload with HTTP status {status}")]
    UploadRefused {
        /// The status.
        status: u16,
        /// How long the storage asks to be left alone (`Retry-After`), where it says so.
        retry_after: Option<Duration>,
    },
    /// A part is not the one the package describes.
    #[error("part {ordinal} is not the one the package describes")]
    PartMismatch {
        /// Its ordinal.
        ordinal: u32,
    },
    /// A part could not be read from its file.
    #[error("part {ordinal} cannot be read ({kind})")]
    PartUnreadable {
        /// Its ordinal.
        ordinal: u32,
        /// Why.
        kind: std::io::ErrorKind,
    },
    /// KSeF gave an address that must not be used.
    #[error(
        "KSeF gave an upload or download address that must not be used: not https, or inside a private network"
    )]
    InsecureAddress,
    /// A receipt whose hash is not the one the storage names.
    #[error("the downloaded receipt does not have the hash its storage names")]
    ReceiptDamaged,
    /// A setting of the builder that cannot be used.
    #[error("the client cannot be set up: {what}")]
    Configuration {
        /// Which setting.
        what: &'static str,
    },
    /// The login document could not be signed.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// A key could not be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A package could not be used.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl ClientError {
    /// Whether the server may have acted on the request although this error came back. When it may, a call that
    /// changes something must not be repeated before KSeF has been asked what it has.
    pub fn may_have_happened(&self) -> bool {
        match self {
            Self::Network { kind, .. } => !kind.before_request(),
            Self::Http { status, .. } => *status >= 500,
            Self::Ksef(refusal) => refusal.status >= 500,
            Self::Contract { .. } => true,
            _ => false,
        }
    }

    /// Whether this says that KSeF (or what stands before it) does not work, as opposed to refusing.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::Network { .. } => true,
            Self::Http { status, .. } | Self::UploadRefused { status, .. } => *status >= 500,
            Self::Ksef(refusal) => refusal.status >= 500,
            _ => false,
        }
    }

    /// Whether it passes by itself: KSeF or its storage does not work, or wants to be left alone for a while.
    pub fn is_passing(&self) -> bool {
        self.is_unreachable() || matches!(self, Self::RateLimited { .. })
    }

    /// How long the server asks to be left alone, where it says so: with 429 always, with an error of its own sometimes.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            Self::Http { retry_after, .. } | Self::UploadRefused { retry_after, .. } => {
                *retry_after
            }
            Self::Ksef(refusal) => refusal.retry_after,
            _ => None,
        }
    }

    /// The first exception code of KSeF, where it gave one.
    pub fn ksef_code(&self) -> Option<i64> {
        match self {
            Self::Ksef(refusal) => refusal.code(),
            _ => None,
        }
    }
}

/// Where on the way a call was lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Error)]
#[non_exhaustive]
pub enum NetworkKind {
    /// The name of the server is not known.
    #[error("the name of the server cannot be resolved")]
    Dns,
    /// No connection.
    #[error("no connection to the server")]
    Connect,
    /// No secure connection.
    #[error("no secure connection to the server")]
    Tls,
    /// No answer in time.
    #[error("the server did not answer in time")]
    Timeout,
    /// The connection broke off after the request had been begun.
    #[error("the connection to the server broke off")]
    Interrupted,
}

impl NetworkKind {
    /// Whether the failure came before the first byte of the request was sent.
    pub fn before_request(self) -> bool {
        match self {
            Self::Dns | Self::Connect | Self::Tls => true,
            Self::Timeout | Self::Interrupted => false,
        }
    }

    fn polish(self) -> &'static str {
        match self {
            Self::Dns => "nie można ustalić adresu serwera",
            Self::Connect => "brak połączenia z serwerem",
            Self::Tls => "brak bezpiecznego połączenia z serwerem",
            Self::Timeout => "serwer nie odpowiedział na czas",
            Self::Interrupted => "połączenie z serwerem zostało przerwane",
        }
    }

    fn code(self) -> &'static str {
        match self {
            Self::Dns => "network-dns",
            Self::Connect => "network-connect",
            Self::Tls => "network-tls",
            Self::Timeout => "network-timeout",
            Self::Interrupted => "network-interrupted",
        }
    }
}

/// A refusal by KSeF: the classic exception and problem details in one shape.
#[derive(Clone, PartialEq, Eq, Error)]
#[error("KSeF refused the request (HTTP {status}{}{})", Prefixed(", ", self.code()), Prefixed(": ", self.description()))]
pub struct KsefRefusal {
    /// The HTTP status.
    pub status: u16,
    /// What the problem says as a whole, where there are no single errors; a text for people.
    pub detail: Option<String>,
    /// The single errors, in the order of the answer.
    pub errors: Vec<KsefErrorItem>,
    /// Why access was denied, such as `missing-permissions` or `ip-not-allowed`; with 403 only.
    pub reason_code: Option<String>,
    /// The number to quote to the Ministry's support.
    pub trace_id: Option<String>,
    /// How long KSeF asks to be left alone (`Retry-After`); with 5xx only, and where it says so.
    pub retry_after: Option<Duration>,
}

impl KsefRefusal {
    /// The first exception code.
    pub fn code(&self) -> Option<i64> {
        self.errors.first().map(|error| error.code)
    }

    /// The first description, else the detail of the whole.
    pub fn description(&self) -> Option<&str> {
        match self.errors.first() {
            Some(error) => Some(&error.description),
            None => self.detail.as_deref(),
        }
    }
}

/// Hides the details: they may quote what was sent.
impl fmt::Debug for KsefRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KsefRefusal")
            .field("status", &self.status)
            .field("errors", &self.errors)
            .field("reason_code", &self.reason_code)
            .field("trace_id", &self.trace_id)
            .finish_non_exhaustive()
    }
}

/// One error of a refusal.
#[derive(Clone, PartialEq, Eq)]
pub struct KsefErrorItem {
    /// The exception code.
    pub code: i64,
    /// Its fixed description.
    pub description: String,
    /// What exactly is wrong; may quote what was sent.
    pub details: Vec<String>,
}

/// Hides the details: they may quote what was sent.
impl fmt::Debug for KsefErrorItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KsefErrorItem")
            .field("code", &self.code)
            .field("description", &self.description)
            .finish_non_exhaustive()
    }
}

/// A final status that is no success.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRefusal {
    /// The status code.
    pub code: i64,
    /// Its description.
    pub description: String,
    /// What exactly is wrong.
    pub details: Vec<String>,
}

impl fmt::Display for StatusRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.description, self.code)?;
        if !self.details.is_empty() {
            write!(f, ": {}", self.details.join("; "))?;
        }
        Ok(())
    }
}

struct Prefixed<T>(&'static str, Option<T>);

impl<T: fmt::Display> fmt::Display for Prefixed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.1 {
            Some(value) => write!(f, "{}{value}", self.0),
            None => Ok(()),
        }
    }
}

impl Diagnostic for KsefRefusal {
    fn code(&self) -> &'static str {
        match (self.status, KsefRefusal::code(self)) {
            (_, Some(21_155)) => "session-invoice-limit",
            (_, Some(21_157)) => "part-size-differs",
            (_, Some(21_161)) => "too-many-parts",
            (_, Some(21_166)) => "already-corrected",
            (_, Some(21_167)) => "original-accepted",
            (_, Some(21_173)) => "session-not-found",
            (_, Some(21_178)) => "receipt-not-ready",
            (_, Some(SESSION_STATE)) => "session-state",
            (_, Some(21_184)) => "session-in-maintenance",
            (_, Some(21_205)) => "part-missing",
            (_, Some(21_208)) => "upload-window-passed",
            (_, Some(PUBLIC_KEY_WITHDRAWN)) => "public-key-withdrawn",
            (401, _) => "unauthorized",
            (403, _) => "forbidden",
            _ => "ksef-refused",
        }
    }

    fn message(&self) -> Bilingual {
        Bilingual::new(
            format!(
                "KSeF odrzucił żądanie (HTTP {}{}{})",
                self.status,
                Prefixed(", ", KsefRefusal::code(self)),
                Prefixed(": ", self.description())
            ),
            self.to_string(),
        )
    }

    fn retry(&self) -> Retry {
        match KsefRefusal::code(self) {
            Some(21_178 | 21_184 | PUBLIC_KEY_WITHDRAWN) => Retry::Now,
            _ if self.status >= 500 => self.retry_after.map_or(Retry::Now, Retry::After),
            _ => Retry::Never,
        }
    }
}

impl Diagnostic for ClientError {
    fn code(&self) -> &'static str {
        match self {
            Self::Network { kind, .. } => kind.code(),
            Self::Http { .. } => "http-status",
            Self::Ksef(refusal) => Diagnostic::code(refusal.as_ref()),
            Self::RateLimited { .. } => "rate-limited",
            Self::Gone => "status-gone",
            Self::Contract { .. } => "contract-broken",
            Self::LoginRefused(_) => "login-refused",
            Self::LoginPending => "login-pending",
            Self::NoCredentials => "no-credentials",
            Self::EnrollmentRefused(_) => "enrollment-refused",
            Self::EnrollmentPending => "enrollment-pending",
            Self::NoPublicKey { .. } => "no-public-key",
            Self::UploadRefused { .. } => "upload-refused",
            Self::PartMismatch { .. } => "part-mismatch",
            Self::PartUnreadable { .. } => "part-unreadable",
            Self::InsecureAddress => "insecure-upload-address",
            Self::ReceiptDamaged => "receipt-damaged",
            Self::Configuration { .. } => "client-configuration",
            Self::Signature(error) => error.code(),
            Self::Key(error) => error.code(),
            Self::Package(error) => error.code(),
            Self::Random(error) => error.code(),
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::Network { kind, cause } => format!("{} ({cause})", kind.polish()),
            Self::Http { status, .. } => format!("serwer odpowiedział statusem HTTP {status}"),
            Self::Ksef(refusal) => return refusal.message(),
            Self::RateLimited { retry_after } => format!(
                "za dużo żądań; KSeF przyjmie następne za {} s",
                retry_after.as_secs()
            ),
            Self::Gone => "KSeF nie przechowuje już tego statusu".to_owned(),
            Self::Contract { what } => format!("odpowiedź serwera łamie kontrakt: {what}"),
            Self::LoginRefused(status) => format!("KSeF odrzucił logowanie: {status}"),
            Self::LoginPending => "KSeF nadal sprawdza logowanie".to_owned(),
            Self::NoCredentials => {
                "to wywołanie wymaga zalogowania, a klient nie ma danych logowania".to_owned()
            }
            Self::EnrollmentRefused(status) => format!("KSeF nie wydał certyfikatu: {status}"),
            Self::EnrollmentPending => "KSeF nadal przygotowuje certyfikat".to_owned(),
            Self::NoPublicKey { usage } => {
                format!("KSeF nie publikuje ważnego klucza publicznego do {usage}")
            }
            Self::UploadRefused { status, .. } => {
                format!("magazyn odpowiedział na wysyłkę części statusem HTTP {status}")
            }
            Self::PartMismatch { ordinal } => {
                format!("część {ordinal} nie jest tą, którą opisuje pakiet")
            }
            Self::PartUnreadable { ordinal, kind } => {
                format!("nie można odczytać części {ordinal} ({kind})")
            }
            Self::InsecureAddress => {
                "KSeF podał adres wysyłki lub pobrania, którego nie wolno użyć: nie jest https albo leży w sieci prywatnej"
                    .to_owned()
            }
            Self::ReceiptDamaged => "pobrane UPO ma inny skrót, niż podaje jego magazyn".to_owned(),
            Self::Configuration { what } => format!("klienta nie da się skonfigurować: {what}"),
            Self::Signature(error) => return error.message(),
            Self::Key(error) => return error.message(),
            Self::Package(error) => return error.message(),
            Self::Random(error) => return error.message(),
        };
        Bilingual::new(pl, self.to_string())
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Network { .. }
            | Self::LoginPending
            | Self::EnrollmentPending
            | Self::ReceiptDamaged => Retry::Now,
            Self::Http {
                status,
                retry_after,
            }
            | Self::UploadRefused {
                status,
                retry_after,
            } if *status >= 500 || *status == 408 => retry_after.map_or(Retry::Now, Retry::After),
            Self::RateLimited { retry_after } => Retry::After(*retry_after),
            Self::Ksef(refusal) => refusal.retry(),
            Self::Signature(error) => error.retry(),
            Self::Key(error) => error.retry(),
            Self::Package(error) => error.retry(),
            Self::Random(error) => error.retry(),
            _ => Retry::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal() -> KsefRefusal {
        KsefRefusal {
            status: 400,
            detail: Some("Żądanie jest nieprawidłowe.".to_owned()),
            errors: vec![KsefErrorItem {
                code: 21_405,
                description: "Błąd walidacji danych wejściowych.".to_owned(),
                details: vec!["secret content".to_owned()],
            }],
            reason_code: None,
            trace_id: None,
            retry_after: None,
        }
    }

    #[test]
    fn details_appear_neither_in_display_nor_in_debug() {
        let error = ClientError::Ksef(Box::new(refusal()));
        for text in [
            error.to_string(),
            format!("{error:?}"),
            error.message().pl.into(),
        ] {
            assert!(!text.contains("secret"), "{text}");
            assert!(text.contains("21405"), "{text}");
        }
    }

    #[test]
    fn an_error_says_whether_the_server_may_have_acted() {
        let network = |kind| ClientError::Network {
            kind,
            cause: String::new(),
        };
        assert!(!network(NetworkKind::Connect).may_have_happened());
        assert!(network(NetworkKind::Timeout).may_have_happened());
        let gateway = ClientError::Http {
            status: 502,
            retry_after: None,
        };
        assert!(gateway.may_have_happened());
        assert!(!ClientError::Ksef(Box::new(refusal())).may_have_happened());
    }
}
