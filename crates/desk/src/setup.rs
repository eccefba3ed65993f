//! Making a home: the first `config.toml`.

use std::path::PathBuf;

use ksef_offline_core::identifier::ContextIdentifier;
use serde::Serialize;

use crate::config::{
    AuthenticationSection, Config, ConfigFile, CustomSection, DeadlineSection, QueueSection,
    TrustSection,
};
use crate::error::DeskError;
use crate::home::{Home, create_home, write_secret, write_whole};

/// What a new home begins with.
#[derive(Clone)]
pub struct Setup {
    /// In whose name to work.
    pub context: ContextIdentifier,
    /// `test`, `demo`, `production` or `custom`.
    pub environment: String,
    /// The addresses of a custom environment.
    pub custom: Option<CustomAddresses>,
    /// A certificate to log in with.
    pub login: Option<LoginFiles>,
    /// Trust anchors, PEM.
    pub anchors: Option<String>,
}

/// The addresses of a custom environment.
#[derive(Debug, Clone)]
pub struct CustomAddresses {
    /// Base address of the API.
    pub api: String,
    /// Base address of Latarnia.
    pub latarnia: String,
    /// Host of QR links.
    pub qr_host: String,
}

/// A certificate and its key as text.
#[derive(Clone)]
pub struct LoginFiles {
    /// PEM.
    pub certificate: String,
    /// PKCS#8 PEM.
    pub key: String,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetupView {
    /// The folder.
    pub home: PathBuf,
    /// The configuration in it.
    pub config: PathBuf,
}

impl Home {
    /// Makes the folder and writes `config.toml`, which must not be there yet.
    ///
    /// # Errors
    /// [`DeskError::Exists`], [`DeskError::Config`] for a setup that could not be read back, [`DeskError::File`].
    pub fn set_up(&self, setup: &Setup) -> Result<SetupView, DeskError> {
        let config = self.config();
        if config.exists() {
            return Err(DeskError::Exists(config));
        }
        let file = ConfigFile {
            environment: setup.environment.clone(),
            context: setup.context.to_string(),
            sellers: Vec::new(),
            custom: setup.custom.as_ref().map(|custom| CustomSection {
                api: custom.api.clone(),
                latarnia: custom.latarnia.clone(),
                qr_host: custom.qr_host.clone(),
            }),
            authentication: Some(AuthenticationSection {
                method: Some("xades".into()),
                certificate: Some("authentication.pem".into()),
                key: Some("authentication.key".into()),
                pkcs12: None,
                password_env: setup.login.is_none().then(|| "KSEF_AUTH_PASSWORD".into()),
                token_env: None,
                pkcs11: None,
            }),
            offline: None,
            deadline: Some(DeadlineSection {
                policy: "statutory".into(),
            }),
            queue: Some(QueueSection {
                url: "sqlite:queue.db".into(),
                lease_seconds: None,
            }),
            archive: None,
            network: None,
            trust: setup.anchors.as_ref().map(|_| TrustSection {
                anchors: vec!["anchors.pem".into()],
            }),
        };
        let text =
            toml::to_string(&file).map_err(|_| DeskError::config("the setup cannot be written"))?;
        // What is written must be what `Config::load` takes.
        Config::parse(&text, self.root())?;
        create_home(self.root())?;
        if let Some(login) = &setup.login {
            write_whole(
                &self.root().join("authentication.pem"),
                login.certificate.as_bytes(),
            )?;
            write_secret(
                &self.root().join("authentication.key"),
                login.key.as_bytes(),
            )?;
        }
        if let Some(anchors) = &setup.anchors {
            write_whole(&self.root().join("anchors.pem"), anchors.as_bytes())?;
        }
        write_whole(&config, text.as_bytes())?;
        Ok(SetupView {
            home: self.root().to_owned(),
            config,
        })
    }
}
