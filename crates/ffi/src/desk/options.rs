//! What may be said when a desk is asked, and may be left out.

use std::sync::Arc;

use jiff::SignedDuration;
use ksef_offline::core::identifier::{InvoiceHash, KsefNumber};
use ksef_offline::{self as desk, ArchiveQuery};

use crate::error::KsefOfflineError;
use crate::sets::{
    CertificateKind, HomeEnvironment, InvoiceStatus, IssueMode, KeyKind, Language, PreviewContent,
};
use crate::signer::Signer;
use crate::text::{Day, FilePath, parse_day};

/// How a desk is opened.
#[derive(Debug, Clone, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct DeskOptions {
    /// Signs offline invoices in place of the key that `config.toml` names.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub signer: Option<Arc<Signer>>,
    /// Logs in in place of the key that `config.toml` names.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub login: Option<Arc<Signer>>,
}

/// The addresses of an environment of one's own, such as a simulator.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CustomAddresses {
    /// Base address of the API. Plain `http` on loopback only.
    pub api: String,
    /// Base address of Latarnia.
    pub latarnia: String,
    /// Host of QR links, without scheme.
    pub qr_host: String,
}

/// What a new home begins with.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct HomeOptions {
    /// In whose name to work: `Nip:…`, `InternalId:…`, `NipVatUe:…` or `PeppolId:…`.
    pub context: String,
    /// Where.
    pub environment: HomeEnvironment,
    /// The addresses of a custom environment.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub addresses: Option<CustomAddresses>,
    /// A certificate to log in with, PEM. Goes with `login_key`.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub login_certificate: Option<String>,
    /// Its key, PKCS#8 PEM. It is written to the home, readable by its owner only.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub login_key: Option<String>,
    /// Certificates that receipts are to lead to, PEM.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub trust_anchors: Option<String>,
}

/// The key is not shown.
impl core::fmt::Debug for HomeOptions {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("HomeOptions")
            .field("context", &self.context)
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}

/// A file that is to be issued: a path, or bytes under a name.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct IssueFile {
    /// The path to read, or the name under which reports speak of `bytes`.
    pub source: FilePath,
    /// The bytes; None reads `source`.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub bytes: Option<Vec<u8>>,
}

/// The content is not shown.
impl core::fmt::Debug for IssueFile {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("IssueFile")
            .field("source", &self.source)
            .finish_non_exhaustive()
    }
}

impl From<IssueFile> for desk::IssueFile {
    fn from(file: IssueFile) -> Self {
        match file.bytes {
            Some(bytes) => Self {
                source: file.source,
                bytes: Ok(bytes),
            },
            None => Self::read(file.source.as_ref()),
        }
    }
}

/// How to issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct IssueOptions {
    /// The mode. None asks KSeF, and Latarnia for the reason if KSeF does not answer.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub mode: Option<IssueMode>,
    /// Leaves offline invoices pending until they are signed.
    #[cfg_attr(feature = "uniffi", uniffi(default = false))]
    pub sign_later: bool,
}

impl From<IssueOptions> for desk::IssueOptions {
    fn from(options: IssueOptions) -> Self {
        Self {
            mode: options.mode.map(Into::into),
            sign_later: options.sign_later,
        }
    }
}

/// Which invoices to list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct ListOptions {
    /// Only those in this status; `sent` is the archive, newest first. None: the queue by due date, open ones last.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub status: Option<InvoiceStatus>,
    /// Most invoices on a page. None: 100.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub after: Option<String>,
}

pub(super) const PAGE: u32 = 100;

/// How to send.
#[derive(Debug, Clone, PartialEq, Hash, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SendOptions {
    /// Whether to wait for KSeF's verdict.
    #[cfg_attr(feature = "uniffi", uniffi(default = true))]
    pub wait: bool,
    /// For how many seconds. None: 600.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub timeout_seconds: Option<u32>,
}

impl From<SendOptions> for desk::SendOptions {
    fn from(options: SendOptions) -> Self {
        let default = Self::default();
        Self {
            wait: options.wait,
            timeout: options.timeout_seconds.map_or(default.timeout, |seconds| {
                std::time::Duration::from_secs(seconds.into())
            }),
        }
    }
}

/// Which invoices of the archive. All that is given must hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct SearchOptions {
    /// The invoice number or its beginning.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub number: Option<String>,
    /// A part of the buyer's name or identifier, whatever the case.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub buyer: Option<String>,
    /// Earliest issue date.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub issued_from: Option<Day>,
    /// Latest issue date.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub issued_to: Option<Day>,
    /// The number KSeF gave.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub ksef_number: Option<String>,
    /// The hash of the document, standard Base64.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub invoice_hash: Option<String>,
    /// Most invoices on a page; an export is whole whatever it says. None: 100.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub limit: Option<u32>,
    /// `next` of the page before.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub after: Option<String>,
}

impl SearchOptions {
    pub(super) fn query(&self) -> Result<ArchiveQuery, KsefOfflineError> {
        let day = |text: &Option<Day>| text.as_deref().map(parse_day).transpose();
        let number = self.ksef_number.as_deref().map(KsefNumber::parse);
        let hash = self.invoice_hash.as_deref().map(InvoiceHash::from_base64);
        let after = self.after.as_deref().map(|cursor| {
            let cursor: Result<desk::Cursor, _> = cursor.parse();
            cursor.map_err(desk::DeskError::from)
        });
        Ok(ArchiveQuery {
            context: None,
            number: self.number.clone(),
            buyer: self.buyer.clone(),
            from: day(&self.issued_from)?,
            to: day(&self.issued_to)?,
            ksef_number: number.transpose()?,
            hash: hash.transpose()?,
            limit: self.limit.unwrap_or(PAGE) as usize,
            after: after.transpose()?,
        })
    }
}

/// Which codes, and how their pictures are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct QrOptions {
    /// Gives the codes as they were handed to the buyer, also after acceptance.
    #[cfg_attr(feature = "uniffi", uniffi(default = false))]
    pub original: bool,
    /// Pixels a module, 1 to 64; from 4 on it scans from paper printed at 300 dpi. None: 6.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub scale: Option<u32>,
}

/// What a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct PreviewOptions {
    /// None: the invoice and its codes.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub content: Option<PreviewContent>,
    /// None: Polish.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub language: Option<Language>,
}

/// What to enrol.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct EnrollOptions {
    /// What the certificate is for.
    pub kind: CertificateKind,
    /// The name KSeF shows for it: 5 to 100 letters, digits, blanks, dashes and underscores.
    pub name: String,
    /// Where certificate and key are written.
    pub folder: FilePath,
    /// The kind of key. None: P-256.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub key: Option<KeyKind>,
    /// The environment variable with the password that encrypts the key. None writes it plain, readable by its owner only.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub password_variable: Option<String>,
    /// Whether to enter the files in `config.toml`. A desk that is open goes on with the old ones: open it again.
    #[cfg_attr(feature = "uniffi", uniffi(default = false))]
    pub enter: bool,
}

impl From<EnrollOptions> for desk::Enrollment {
    fn from(options: EnrollOptions) -> Self {
        Self {
            kind: options.kind.into(),
            name: options.name,
            key: options.key.unwrap_or(KeyKind::P256).into(),
            folder: options.folder.into(),
            password_variable: options.password_variable,
            enter: options.enter,
        }
    }
}

/// How to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct WatchOptions {
    /// Seconds between two rounds while KSeF answers. None: 60; less than 30 is more than KSeF allows.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub interval_seconds: Option<u32>,
    /// How many hours before the end of its last day an invoice is told to be due soon. None: 24.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub due_within_hours: Option<u32>,
}

impl From<WatchOptions> for desk::WatchOptions {
    fn from(options: WatchOptions) -> Self {
        let default = Self::default();
        Self {
            pace: options.interval_seconds.map_or(default.pace, |seconds| {
                desk::WatchPace::every(std::time::Duration::from_secs(u64::from(seconds).max(1)))
            }),
            due_within: options
                .due_within_hours
                .map_or(default.due_within, |hours| {
                    SignedDuration::from_hours(hours.into())
                }),
        }
    }
}
