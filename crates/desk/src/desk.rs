//! The desk: one configuration, one queue, one way to KSeF, joined.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use ksef_offline_client::{ClientBuilder, Credentials, KsefClient, LimiterStore};
use ksef_offline_core::deadline::DeadlinePolicy;
use ksef_offline_core::identifier::CertificateSerial;
use ksef_offline_core::key::{KeyError, OfflineCertificate, Signer};
use ksef_offline_core::package::PackageLimits;
use ksef_offline_queue::{ArchiveQuery, Cursor, Entry, EntryId, InvoiceStatus, ListQuery, Queue};

use crate::config::{Authentication, Config};
use crate::error::DeskError;
use crate::evidence::EvidenceView;
use crate::home::Home;
use crate::keys;
use crate::view::{HistoryView, InvoiceView, ListView};

/// Tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Issues invoices, keeps them, and delivers them. Everything a person or a program does goes through here.
///
/// Methods that talk to KSeF or Latarnia are async and need a Tokio runtime; all others return when the disk has what
/// they did.
pub struct Desk {
    home: Home,
    config: Config,
    queue: Queue,
    clock: Clock,
    policy: Arc<dyn DeadlinePolicy>,
    limits: PackageLimits,
    client: OnceLock<KsefClient>,
    /// In place of the keys that `config.toml` names.
    offline: Option<Arc<dyn Signer>>,
    login: Option<Arc<dyn Signer>>,
}

impl Desk {
    /// Opens the desk of the home folder at `root`.
    ///
    /// # Errors
    /// [`DeskError::ConfigMissing`] and [`DeskError::Config`]; the queue's errors when its file is of a newer version,
    /// damaged or cannot be opened.
    pub fn open(root: &Path) -> Result<Self, DeskError> {
        let home = Home::at(root)?;
        let config = Config::load(home.root())?;
        Self::with(home, config, Arc::new(Timestamp::now))
    }

    /// Joins the parts by hand: another clock for tests, a configuration from elsewhere.
    ///
    /// # Errors
    /// The queue's errors.
    pub fn with(home: Home, config: Config, clock: Clock) -> Result<Self, DeskError> {
        let queue = home.open_queue(&config.queue)?;
        Ok(Self::on(home, config, queue, clock))
    }

    /// The same on a queue that is open already, such as one that several companies share.
    pub fn on(home: Home, config: Config, queue: Queue, clock: Clock) -> Self {
        Self {
            home,
            policy: Arc::new(config.policy),
            config,
            queue,
            clock,
            limits: PackageLimits::default(),
            client: OnceLock::new(),
            offline: None,
            login: None,
        }
    }

    /// Works by a policy of one's own in place of the configured one. Its name tells it from others: when it is not the
    /// one by which the queue was last ordered, all waiting invoices are dated anew.
    #[must_use]
    pub fn with_policy(mut self, policy: Arc<dyn DeadlinePolicy>) -> Self {
        self.policy = policy;
        self
    }

    /// Makes packages by other limits than the published ones, which KSeF can set lower for a context.
    #[must_use]
    pub fn with_package_limits(mut self, limits: PackageLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Signs offline invoices with this signer in place of the key that `config.toml` names: one that lives elsewhere. Its
    /// certificate is checked as that one is.
    #[must_use]
    pub fn with_offline_signer(mut self, signer: Arc<dyn Signer>) -> Self {
        self.offline = Some(signer);
        self
    }

    /// Logs in with this signer in place of the key or token that `config.toml` names.
    #[must_use]
    pub fn with_login_signer(mut self, signer: Arc<dyn Signer>) -> Self {
        self.login = Some(signer);
        self
    }

    /// The policy deadlines are judged by.
    pub fn policy(&self) -> &dyn DeadlinePolicy {
        &*self.policy
    }

    pub(crate) fn package_limits(&self) -> &PackageLimits {
        &self.limits
    }

    /// The folder the desk works in.
    pub fn home(&self) -> &Home {
        &self.home
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The queue itself, for what the desk does not offer.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(crate) fn clock(&self) -> Clock {
        Arc::clone(&self.clock)
    }

    /// The time by the desk's clock.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The certificate for offline invoices, loaded and checked now.
    ///
    /// # Errors
    /// [`DeskError::NoOfflineCertificate`], [`DeskError::KeyFile`] and what makes a certificate unfit:
    /// `certificate-not-offline`, `certificate-expired`, `certificate-not-yet-valid`, `certificate-revoked` and
    /// `certificate-blocked` when KSeF was seen to say so.
    pub fn offline_certificate(&self) -> Result<OfflineCertificate, DeskError> {
        let unfit = |error: KeyError| match (&self.offline, &self.config.offline) {
            (None, Some(files)) => files.unfit(error),
            _ => error.into(),
        };
        let certificate =
            OfflineCertificate::new(self.offline_signer()?, self.now()).map_err(unfit)?;
        Ok(match self.seen_status(&certificate.serial())? {
            Some(seen) => certificate.with_status(seen).map_err(unfit)?,
            None => certificate,
        })
    }

    fn offline_signer(&self) -> Result<Arc<dyn Signer>, DeskError> {
        match (&self.offline, &self.config.offline) {
            (Some(signer), _) => Ok(Arc::clone(signer)),
            (None, Some(files)) => keys::load(files),
            (None, None) => Err(DeskError::NoOfflineCertificate),
        }
    }

    /// The serial number of the Offline certificate, fit or not; `None` when there is none to read.
    pub(crate) fn offline_serial(&self) -> Option<CertificateSerial> {
        self.offline_signer().ok()?.certificate().serial().ok()
    }

    /// The client of KSeF and Latarnia, made on first use. It logs in when a call needs it.
    ///
    /// # Errors
    /// [`DeskError::NoAuthentication`], [`DeskError::VariableMissing`], [`DeskError::KeyFile`], an expired certificate.
    pub(crate) fn client(&self) -> Result<&KsefClient, DeskError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let credentials = self.credentials()?;
        let client = self.client_builder()?.credentials(credentials).build()?;
        Ok(self.client.get_or_init(|| client))
    }

    fn credentials(&self) -> Result<Credentials, DeskError> {
        if let Some(signer) = &self.login {
            signer.certificate().check_for_login(self.now())?;
            return Ok(Credentials::Xades(Arc::clone(signer)));
        }
        let authentication = self.config.authentication.as_ref();
        Ok(match authentication.ok_or(DeskError::NoAuthentication)? {
            Authentication::Xades(files) => {
                let signer = keys::load(files)?;
                signer
                    .certificate()
                    .check_for_login(self.now())
                    .map_err(|error| files.unfit(error))?;
                Credentials::Xades(signer)
            }
            Authentication::Token { variable } => Credentials::Token(keys::secret(variable)?),
        })
    }

    /// What every client of this desk has in common. The count of calls is kept in the queue, so that programs that run one
    /// after the other are one client, as they are for KSeF.
    fn client_builder(&self) -> Result<ClientBuilder, DeskError> {
        let network = &self.config.network;
        let mut builder =
            KsefClient::builder(self.config.environment.clone(), self.config.context.clone())
                .timeouts(network.timeouts())
                .retry(network.retry())
                .limiter_store(Arc::new(CallsInQueue(self.queue.clone())));
        if let Some(proxy) = &network.proxy {
            builder = builder.proxy(proxy);
        }
        if let Some(variable) = &network.proxy_password_variable {
            builder = builder.proxy_password(keys::secret(variable)?);
        }
        for path in &network.root_certificates {
            builder = builder.root_certificates(keys::read(path)?);
        }
        Ok(builder)
    }

    /// A client that cannot log in: enough to ask whether KSeF answers and what Latarnia says.
    pub(crate) fn anonymous_client(&self) -> Result<KsefClient, DeskError> {
        Ok(self.client_builder()?.build()?)
    }

    /// All entries that `query` finds, page by page.
    pub(crate) fn every(&self, query: ListQuery) -> Result<Vec<Entry>, DeskError> {
        let mut query = ListQuery {
            limit: 1000,
            ..query
        };
        let mut all = Vec::new();
        loop {
            let page = self.queue.list(&query)?;
            all.extend(page.entries);
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(all),
            }
        }
    }

    /// A page of the queue by due date, or with `status` sent of the archive, newest first.
    ///
    /// # Errors
    /// The queue's errors, `cursor-malformed` among them.
    pub fn list(
        &self,
        status: Option<InvoiceStatus>,
        limit: usize,
        after: Option<&str>,
    ) -> Result<ListView, DeskError> {
        let after: Option<Cursor> = after.map(str::parse).transpose()?;
        self.refresh_deadlines()?;
        let context = Some(self.config.context.clone());
        let page = if status == Some(InvoiceStatus::Sent) {
            self.queue.archive(&ArchiveQuery {
                context,
                limit,
                after,
                ..ArchiveQuery::default()
            })?
        } else {
            self.queue.list(&ListQuery {
                status,
                context,
                limit,
                after,
                ..ListQuery::default()
            })?
        };
        let counts = self.queue.counts(Some(&self.config.context))?;
        Ok(ListView {
            invoices: self.views(&page.entries)?,
            next: page.next.map(|cursor| cursor.to_string()),
            counts: InvoiceStatus::ALL
                .into_iter()
                .map(|status| (status.name(), counts.of(status)))
                .collect(),
        })
    }

    /// A page of the archive, newest first.
    ///
    /// # Errors
    /// The queue's errors.
    pub fn search(&self, query: &ArchiveQuery) -> Result<ListView, DeskError> {
        let query = ArchiveQuery {
            context: Some(self.config.context.clone()),
            ..query.clone()
        };
        let page = self.queue.archive(&query)?;
        let counts = self.queue.counts(query.context.as_ref())?;
        Ok(ListView {
            invoices: self.views(&page.entries)?,
            next: page.next.map(|cursor| cursor.to_string()),
            counts: [(InvoiceStatus::Sent.name(), counts.of(InvoiceStatus::Sent))].into(),
        })
    }

    /// One invoice.
    ///
    /// # Errors
    /// `id-malformed`, `not-found` and other errors of the queue.
    pub fn show(&self, id: &str) -> Result<InvoiceView, DeskError> {
        self.view(&self.queue.entry(&EntryId::parse(id)?)?, self.now())
    }

    /// The exact bytes of an invoice.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub fn document(&self, id: &str) -> Result<Vec<u8>, DeskError> {
        Ok(self.queue.document(&EntryId::parse(id)?)?)
    }

    /// On what evidence the mode of an invoice was chosen; `None` for a record that this version cannot read.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub fn evidence(&self, id: &str) -> Result<Option<EvidenceView>, DeskError> {
        let kept = self.queue.evidence(&EntryId::parse(id)?)?;
        Ok(serde_json::from_str(&kept).ok())
    }

    /// Everything that happened to an invoice, oldest first.
    ///
    /// # Errors
    /// As [`Self::show`].
    pub fn history(&self, id: &str) -> Result<Vec<HistoryView>, DeskError> {
        let id = EntryId::parse(id)?;
        self.queue.entry(&id)?;
        Ok(self
            .queue
            .history(&id)?
            .iter()
            .map(HistoryView::from)
            .collect())
    }

    /// Removes an invoice in Error from the queue. Its history stays.
    ///
    /// # Errors
    /// `illegal-move` in every other status, `not-found`.
    pub fn delete(&self, id: &str) -> Result<(), DeskError> {
        let id = EntryId::parse(id)?;
        self.queue.delete(&id, self.now())?;
        self.home.forget(&id);
        Ok(())
    }

    /// Writes a copy of the whole queue, consistent in itself, to a new file.
    ///
    /// # Errors
    /// [`DeskError::Exists`] when there is a file already, the queue's errors.
    pub fn backup(&self, to: &Path) -> Result<(), DeskError> {
        if to.exists() {
            return Err(DeskError::Exists(to.to_owned()));
        }
        Ok(self.queue.backup(to)?)
    }
}

/// Keeps the count of calls in the queue.
struct CallsInQueue(Queue);

impl LimiterStore for CallsInQueue {
    fn update(
        &self,
        key: &str,
        change: &mut dyn FnMut(Option<&str>) -> Option<String>,
    ) -> std::io::Result<()> {
        self.0
            .update_value(key, change)
            .map_err(std::io::Error::other)
    }
}

impl core::fmt::Debug for Desk {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Desk")
            .field("home", &self.home)
            .finish_non_exhaustive()
    }
}
