//! Where KSeF is: the three environments of the Ministry, and custom ones for simulators.

use thiserror::Error;

use crate::diagnostic::{Bilingual, Diagnostic};

/// Which environment one works in. Production enforces NIP checksums, only Test lets self-signed certificates in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EnvironmentKind {
    /// `ksef-test`: for development, self-signed certificates allowed.
    Test,
    /// `ksef-demo`: production rules, no legal effect.
    Demo,
    /// The real system.
    Production,
    /// Any other address, as of a simulator.
    Custom,
}

impl EnvironmentKind {
    /// The lower-case name used in configuration files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Demo => "demo",
            Self::Production => "production",
            Self::Custom => "custom",
        }
    }
}

/// The addresses of one environment: its API, its QR links, and the status service Latarnia.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    kind: EnvironmentKind,
    api: Box<str>,
    latarnia: Box<str>,
    qr_host: Box<str>,
}

impl Environment {
    /// The test environment.
    pub fn test() -> Self {
        Self::official(
            EnvironmentKind::Test,
            "https://api-test.ksef.mf.gov.pl/v2",
            "https://api-latarnia-test.ksef.mf.gov.pl",
            "qr-test.ksef.mf.gov.pl",
        )
    }

    /// The demo environment. It shares its Latarnia with the test environment.
    pub fn demo() -> Self {
        Self::official(
            EnvironmentKind::Demo,
            "https://api-demo.ksef.mf.gov.pl/v2",
            "https://api-latarnia-test.ksef.mf.gov.pl",
            "qr-demo.ksef.mf.gov.pl",
        )
    }

    /// The production environment.
    pub fn production() -> Self {
        Self::official(
            EnvironmentKind::Production,
            "https://api.ksef.mf.gov.pl/v2",
            "https://api-latarnia.ksef.mf.gov.pl",
            "qr.ksef.mf.gov.pl",
        )
    }

    fn official(kind: EnvironmentKind, api: &str, latarnia: &str, qr_host: &str) -> Self {
        Self {
            kind,
            api: api.into(),
            latarnia: latarnia.into(),
            qr_host: qr_host.into(),
        }
    }

    /// Another environment, for example a simulator. A trailing slash of the two addresses is dropped.
    ///
    /// # Errors
    /// [`EnvironmentError::InsecureAddress`] for `http` outside loopback, [`EnvironmentError::MalformedAddress`] for
    /// what is no `http(s)` address, [`EnvironmentError::MalformedHost`] for a QR host with a scheme, a path or blanks.
    pub fn custom(api: &str, latarnia: &str, qr_host: &str) -> Result<Self, EnvironmentError> {
        let legal_host = !qr_host.is_empty()
            && qr_host.bytes().all(|b| {
                b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':' | b'[' | b']')
            });
        if !legal_host {
            return Err(EnvironmentError::MalformedHost);
        }
        Ok(Self {
            kind: EnvironmentKind::Custom,
            api: checked_address(api)?.into(),
            latarnia: checked_address(latarnia)?.into(),
            qr_host: qr_host.into(),
        })
    }

    /// Which environment it is.
    pub fn kind(&self) -> EnvironmentKind {
        self.kind
    }

    /// Base address of the API, version included, without a trailing slash.
    pub fn api(&self) -> &str {
        &self.api
    }

    /// Base address of Latarnia without a trailing slash.
    pub fn latarnia(&self) -> &str {
        &self.latarnia
    }

    /// Host of CODE I and CODE II links.
    pub fn qr_host(&self) -> &str {
        &self.qr_host
    }
}

fn checked_address(address: &str) -> Result<&str, EnvironmentError> {
    let address = address.trim_end_matches('/');
    let (scheme, rest) = address
        .split_once("://")
        .ok_or(EnvironmentError::MalformedAddress)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() || authority.contains('@') || rest.contains(char::is_whitespace) {
        return Err(EnvironmentError::MalformedAddress);
    }
    match scheme {
        "https" => Ok(address),
        "http" if is_loopback(authority) => Ok(address),
        "http" => Err(EnvironmentError::InsecureAddress),
        _ => Err(EnvironmentError::MalformedAddress),
    }
}

fn is_loopback(authority: &str) -> bool {
    use std::net::{Ipv4Addr, Ipv6Addr};
    if let Some(rest) = authority.strip_prefix('[') {
        let host = rest.split(']').next().unwrap_or_default();
        return host
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback());
    }
    let host = authority.split(':').next().unwrap_or_default();
    host == "localhost"
        || host
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

/// An address that cannot be used for a custom environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// Plain `http` to another machine.
    #[error("plain http is allowed on loopback only; use https")]
    InsecureAddress,
    /// No `http` or `https` address.
    #[error("an address has the form https://host[:port][/path], without user name")]
    MalformedAddress,
    /// No host name.
    #[error("the QR host is a bare host name without scheme and path")]
    MalformedHost,
}

impl Diagnostic for EnvironmentError {
    fn code(&self) -> &'static str {
        match self {
            Self::InsecureAddress => "insecure-address",
            Self::MalformedAddress => "malformed-address",
            Self::MalformedHost => "malformed-host",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::InsecureAddress => {
                "zwykłe http wolno stosować tylko w pętli zwrotnej; użyj https"
            }
            Self::MalformedAddress => {
                "adres ma postać https://host[:port][/ścieżka], bez nazwy użytkownika"
            }
            Self::MalformedHost => "host kodów QR to sama nazwa hosta, bez schematu i ścieżki",
        };
        Bilingual::new(pl, self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_loopback() {
        for good in [
            "http://127.0.0.1:8080/v2",
            "http://localhost:1/v2/",
            "http://[::1]:5/v2",
            "https://ksef.example/v2",
        ] {
            assert!(
                Environment::custom(good, good, "qr.example").is_ok(),
                "{good}"
            );
        }
        for bad in [
            "http://192.168.0.1/v2",
            "http://localhost.example/v2",
            "http://127.0.0.1.example/v2",
            "http://[::2]/",
        ] {
            assert_eq!(
                Environment::custom(bad, bad, "qr.example"),
                Err(EnvironmentError::InsecureAddress),
                "{bad}"
            );
        }
        for bad in ["", "ftp://x", "https://", "https://user@host/", "localhost"] {
            assert_eq!(
                Environment::custom(bad, bad, "qr.example"),
                Err(EnvironmentError::MalformedAddress),
                "{bad}"
            );
        }
    }

    #[test]
    fn a_qr_host_is_a_bare_host() {
        let api = "https://ksef.example/v2";
        assert!(Environment::custom(api, api, "127.0.0.1:8080").is_ok());
        assert_eq!(
            Environment::custom(api, api, "https://qr.example"),
            Err(EnvironmentError::MalformedHost)
        );
        assert_eq!(
            Environment::custom(api, api, "qr.example/x"),
            Err(EnvironmentError::MalformedHost)
        );
    }
}
