//! KSeF certificates: enrolled with a key made here, listed, revoked.

use std::path::{Path, PathBuf};
use std::time::Duration;

use ksef_offline_client::{CertificateFilter, CertificateKind, RevocationReason};
use ksef_offline_core::identifier::CertificateSerial;
use ksef_offline_core::key::request::certificate_request;
use ksef_offline_core::key::{CertificateStatus, KeyKind, PrivateKey};
use ksef_offline_core::random::OsRandom;
use serde::Serialize;

use crate::desk::Desk;
use crate::error::DeskError;
use crate::home::{absolute, create_folder, write_secret, write_whole};
use crate::keys;

/// How long KSeF may take to issue a certificate.
const PATIENCE: Duration = Duration::from_mins(2);

/// What to enrol.
#[derive(Debug, Clone)]
pub struct Enrollment {
    /// What the certificate is for.
    pub kind: CertificateKind,
    /// The name KSeF shows for it: 5 to 100 letters, digits, blanks, dashes and underscores.
    pub name: String,
    /// Kind of the key.
    pub key: KeyKind,
    /// Where certificate and key are written.
    pub folder: PathBuf,
    /// The environment variable with the password that encrypts the key; `None` writes it plain, mode 0600.
    pub password_variable: Option<String>,
    /// Whether to enter the files in `config.toml`.
    pub enter: bool,
}

/// A certificate that was enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EnrolledView {
    /// 16 hexadecimal digits.
    pub serial_number: String,
    /// `offline` or `authentication`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name at KSeF.
    pub name: String,
    /// The file with the certificate, PEM.
    pub certificate: PathBuf,
    /// The file with the key, PKCS#8 PEM.
    pub key: PathBuf,
    /// Start of validity, RFC 3339.
    pub valid_from: String,
    /// End of validity, RFC 3339.
    pub valid_to: String,
}

/// A certificate at KSeF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertificateLine {
    /// 16 hexadecimal digits.
    pub serial_number: String,
    /// `offline` or `authentication`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// KSeF's word for its state, for example `Active`.
    pub status: String,
    /// Start of validity, RFC 3339.
    pub valid_from: String,
    /// End of validity, RFC 3339.
    pub valid_to: String,
}

fn kind_name(kind: CertificateKind) -> &'static str {
    match kind {
        CertificateKind::Offline => "offline",
        CertificateKind::Authentication => "authentication",
    }
}

impl Desk {
    /// Makes a key, has KSeF certify it, and writes both. The key is on the disk before KSeF is asked, so that no
    /// certificate is ever issued whose key is lost; it gets its final name, with the serial number, afterwards.
    ///
    /// # Errors
    /// [`DeskError::VariableMissing`] when the password is not set, [`DeskError::File`], refusals of KSeF.
    pub async fn enroll(&self, enrollment: &Enrollment) -> Result<EnrolledView, DeskError> {
        let password = enrollment
            .password_variable
            .as_deref()
            .map(keys::secret)
            .transpose()?;
        let folder = absolute(&enrollment.folder)?;
        create_folder(&folder)?;
        let client = self.client()?;
        client.probe().await.map_err(DeskError::KsefUnreachable)?;
        let subject = client.enrollment_data().await?;
        let key = PrivateKey::generate(enrollment.key, &OsRandom)?;
        let request = certificate_request(&subject, &key, &OsRandom)?;
        let pem = key.to_pkcs8_pem(password.as_deref().map(String::as_str), &OsRandom)?;
        let kind = kind_name(enrollment.kind);
        let waiting = folder.join(format!(
            "{kind}-{}.key.pending",
            self.now().as_millisecond()
        ));
        write_secret(&waiting, pem.as_bytes())?;

        let (name, public_key) = (enrollment.name.as_str(), key.public_key());
        let record = client
            .certify(name, enrollment.kind, &request, &public_key, PATIENCE)
            .await?;
        if *record.certificate.public_key() != key.public_key() {
            return Err(DeskError::Contract(
                "the certificate is not for the key that was sent",
            ));
        }
        let certificate_path = folder.join(format!("{kind}-{}.pem", record.serial));
        let key_path = folder.join(format!("{kind}-{}.key", record.serial));
        write_whole(&certificate_path, record.certificate.to_pem().as_bytes())?;
        std::fs::rename(&waiting, &key_path).map_err(|error| DeskError::file(&key_path, &error))?;
        if enrollment.enter {
            self.enter_in_config(enrollment, &certificate_path, &key_path)?;
        }
        self.note_status(&record.serial, CertificateStatus::Active.name())?;
        Ok(EnrolledView {
            serial_number: record.serial.to_string(),
            kind,
            name: record.name,
            certificate: certificate_path,
            key: key_path,
            valid_from: record.certificate.not_before().to_string(),
            valid_to: record.certificate.not_after().to_string(),
        })
    }

    fn enter_in_config(
        &self,
        enrollment: &Enrollment,
        certificate: &Path,
        key: &Path,
    ) -> Result<(), DeskError> {
        let path = self.home().config();
        let text =
            std::fs::read_to_string(&path).map_err(|error| DeskError::file(&path, &error))?;
        let mut file: toml_edit::DocumentMut = text
            .parse()
            .map_err(|_| DeskError::config("the file changed and is no TOML any more"))?;
        let section = kind_name(enrollment.kind);
        let table = file[section].or_insert(toml_edit::table());
        if enrollment.kind == CertificateKind::Authentication {
            table["method"] = toml_edit::value("xades");
        }
        table["certificate"] = toml_edit::value(certificate.display().to_string());
        table["key"] = toml_edit::value(key.display().to_string());
        if let Some(table) = table.as_table_like_mut() {
            table.remove("pkcs12");
            table.remove("pkcs11");
            table.remove("password_env");
        }
        if let Some(variable) = &enrollment.password_variable {
            table["password_env"] = toml_edit::value(variable.as_str());
        }
        write_whole(&path, file.to_string().as_bytes())
    }

    /// All certificates of the context's subject at KSeF.
    ///
    /// # Errors
    /// [`DeskError::KsefUnreachable`], refusals of KSeF.
    pub async fn certificates(&self) -> Result<Vec<CertificateLine>, DeskError> {
        let client = self.client()?;
        client.probe().await.map_err(DeskError::KsefUnreachable)?;
        let lines = client.certificates(&CertificateFilter::default()).await?;
        self.note_statuses(&lines)?;
        if let Some(serial) = self.offline_serial() {
            self.note_absence(&serial, &lines)?;
        }
        Ok(lines
            .into_iter()
            .map(|line| CertificateLine {
                serial_number: line.serial.to_string(),
                kind: kind_name(line.kind),
                name: line.name,
                status: line.status,
                valid_from: line.valid_from.to_string(),
                valid_to: line.valid_to.to_string(),
            })
            .collect())
    }

    /// Revokes a certificate for good.
    ///
    /// # Errors
    /// `certificate-serial-malformed`; as [`Self::certificates`].
    pub async fn revoke_certificate(&self, serial: &str) -> Result<CertificateSerial, DeskError> {
        let serial = CertificateSerial::parse(serial)?;
        let client = self.client()?;
        client.probe().await.map_err(DeskError::KsefUnreachable)?;
        client
            .revoke_certificate(&serial, RevocationReason::Unspecified)
            .await?;
        self.note_status(&serial, CertificateStatus::Revoked.name())?;
        Ok(serial)
    }
}
