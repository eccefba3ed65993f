//! `config.toml` as it is written: its sections, and what each comes to.

use std::path::{Path, PathBuf};

use ksef_offline_core::package::Compression;
use serde::{Deserialize, Serialize};

use super::{DeviceKey, KeyFiles, KeyName, KeySource, Network, TokenName};
use crate::error::DeskError;

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
    pub(super) fn keys(&self) -> KeySection {
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
    pub(super) fn files(&self, section: &str, home: &Path) -> Result<KeyFiles, DeskError> {
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
    pub(crate) proxy_password_env: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timeout_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) deadline_seconds: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) part_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) compression: Option<String>,
}

impl NetworkSection {
    pub(super) fn read(self, home: &Path) -> Result<Network, DeskError> {
        let largest = Network::default().part_size;
        let part_size = self.part_size.unwrap_or(largest);
        if part_size == 0 || part_size > largest {
            return Err(DeskError::config_in_both(
                format!("network.part_size: od 1 do {largest} bajtów"),
                format!("network.part_size: 1 to {largest} bytes"),
            ));
        }
        let compression = match &self.compression {
            None => Network::default().compression,
            Some(name) => Compression::from_name(name).ok_or_else(|| {
                DeskError::config_in_both(
                    "network.compression: TarGz albo Zip",
                    "network.compression: TarGz or Zip",
                )
            })?,
        };
        for (name, seconds) in [
            ("timeout_seconds", self.timeout_seconds),
            ("deadline_seconds", self.deadline_seconds),
        ] {
            if seconds == Some(0) {
                return Err(DeskError::config_in_both(
                    format!("network.{name}: co najmniej 1"),
                    format!("network.{name}: at least 1"),
                ));
            }
        }
        if self.proxy_password_env.is_some() && self.proxy.is_none() {
            return Err(DeskError::config_in_both(
                "network.proxy_password_env: tylko razem z network.proxy",
                "network.proxy_password_env: only with network.proxy",
            ));
        }
        Ok(Network {
            proxy: self.proxy,
            proxy_password_variable: self.proxy_password_env,
            root_certificates: self
                .root_certificates
                .iter()
                .map(|path| home.join(path))
                .collect(),
            timeout: self.timeout_seconds,
            deadline: self.deadline_seconds,
            part_size,
            compression,
        })
    }
}
