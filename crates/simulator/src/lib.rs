//! A KSeF 2.0 and a Latarnia on loopback, for tests, demos and integrators without the internet.
//!
//! It speaks the Ministry's HTTP contract for everything an offline day needs: logging in by XAdES and by token, public
//! keys, batch and interactive sessions, statuses, receipts, certificates, Latarnia, and the pages behind CODE I and
//! CODE II. Nothing is pretended: signatures are verified, packages decrypted and unpacked, invoices judged, duplicates
//! found, numbers given with their checksum, receipts sealed. What is simulated is the authority: the certificates come
//! from the simulator's own root, and nothing that happens here has any effect outside.
//!
//! [`Control`] decides when KSeF is down, how slow it is, what it rejects; the same over HTTP under `/control`.
//!
//! ```no_run
//! use ksef_offline_simulator::{Downtime, DowntimeKind, Simulator};
//!
//! # async fn run() -> Result<(), ksef_offline_simulator::SimulatorError> {
//! let simulator = Simulator::builder().port(0).start().await?;
//! println!("{} {}", simulator.api(), simulator.latarnia());
//! simulator.control().begin_downtime(&Downtime::now(DowntimeKind::Failure));
//! simulator.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod authority;
mod clock;
mod control;
mod error;
mod http;
mod latarnia;
mod ledger;
mod limits;
mod login;
mod processing;
mod receipt;
mod remote;
mod server;
mod session;
mod state;
mod store;
mod text;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use ksef_offline_core::key::KeyError;
use ksef_offline_core::random::RandomError;
use ksef_offline_core::{Bilingual, Diagnostic, Retry};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use authority::{Authority, EncryptionKey, generate_keys};
use state::{App, Shared, World};
use store::DataDirectory;

pub use control::{
    Control, ControlState, IssuedCertificate, IssuedType, LedgerEntry, LoggedRequest, Rejection,
};
pub use latarnia::{Downtime, DowntimeKind};
pub use limits::RateLimit;
pub use remote::{Credentials, RemoteSimulator};

/// A running simulator. Dropped without [`Self::shutdown`] it stops serving, and what changed in the last moment may
/// be missing from the data directory.
#[derive(Debug)]
pub struct Simulator {
    control: Control,
    server: JoinHandle<()>,
}

/// How to start a [`Simulator`].
#[derive(Debug, Clone, Default)]
pub struct Builder {
    port: u16,
    data: Option<PathBuf>,
}

impl Builder {
    /// The port on 127.0.0.1; 0 (the default) for a free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// A directory where keys and ledger survive a restart; without one everything ends with the process.
    #[must_use]
    pub fn data_dir(mut self, path: Option<PathBuf>) -> Self {
        self.data = path;
        self
    }

    /// Starts the simulator inside the current tokio runtime.
    ///
    /// # Errors
    /// [`SimulatorError::PortInUse`], and what is wrong with the data directory.
    pub async fn start(self) -> Result<Simulator, SimulatorError> {
        let listener = TcpListener::bind(("127.0.0.1", self.port))
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::AddrInUse => SimulatorError::PortInUse(self.port),
                _ => SimulatorError::Listen(error),
            })?;
        let address = listener.local_addr().map_err(SimulatorError::Listen)?;
        let base = format!("http://{address}");
        let app = tokio::task::spawn_blocking(move || prepare(base, self.data))
            .await
            .map_err(|_| SimulatorError::Interrupted)??;
        let keeper = Arc::clone(&app);
        app.spawn(async move { store::keep(keeper).await });
        processing::resume(&app);
        app.touch();
        let server = tokio::spawn(server::run(listener, Arc::clone(&app)));
        Ok(Simulator {
            control: Control::new(app),
            server,
        })
    }
}

fn prepare(base: String, data: Option<PathBuf>) -> Result<App, SimulatorError> {
    let data = data.map(|path| DataDirectory::open(&path)).transpose()?;
    let stored = match &data {
        Some(data) => data.keys()?,
        None => None,
    };
    let (authority, keys): (Authority, Vec<EncryptionKey>) = if let Some(stored) = stored {
        stored
    } else {
        let now = Timestamp::now();
        let authority = Authority::create(now)?;
        let keys = generate_keys(&authority, now)?;
        (authority, keys.into())
    };
    let mut world = World::new(keys.into_iter().map(Arc::new).collect());
    if let Some(data) = &data {
        data.restore(&mut world)?;
    }
    Ok(Shared::new(base, authority, data, world)?)
}

impl Simulator {
    /// Begins to describe a simulator.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Base address of the API, version included.
    pub fn api(&self) -> String {
        format!("{}/v2", self.control.app().base)
    }

    /// Base address of Latarnia.
    pub fn latarnia(&self) -> String {
        format!("{}/latarnia", self.control.app().base)
    }

    /// Host of CODE I and CODE II links. The links say `https`; the pages answer over plain `http`.
    pub fn qr_host(&self) -> String {
        self.control.app().qr_host().to_owned()
    }

    /// Base address of the control endpoint.
    pub fn control_url(&self) -> String {
        format!("{}/control", self.control.app().base)
    }

    /// The same from inside this process.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops serving, ends the background work and writes the data directory.
    pub async fn shutdown(mut self) {
        let app = Arc::clone(self.control.app());
        app.stop().await;
        if let Err(error) = (&mut self.server).await {
            tracing::error!(%error, "the server ended badly");
        }
        store::save(&app).await;
    }

    /// Completes when the server ends by itself, which it does only if listening fails for good.
    pub async fn wait(&mut self) {
        // A server task that was aborted or panicked has ended as well.
        let _ = (&mut self.server).await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Why a simulator does not start, or cannot do what it was told.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SimulatorError {
    /// Another program listens there.
    #[error("port {0} is in use; choose another one, or 0 for a free one")]
    PortInUse(u16),
    /// Listening failed.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(#[source] io::Error),
    /// The data directory cannot be read or written.
    #[error("the data directory of the simulator cannot be used: {0}")]
    Data(#[source] io::Error),
    /// A file in the data directory is damaged.
    #[error(
        "a file in the data directory of the simulator is damaged; remove the directory to begin anew"
    )]
    DataCorrupt,
    /// The data directory is of a newer version.
    #[error("the data directory was written by a newer version of the simulator")]
    DataVersion,
    /// A key or a certificate could not be made or read.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A context without a company.
    #[error("a certificate is issued for a company; a Peppol provider has none")]
    NoCompany,
    /// Nothing there answers like a simulator.
    #[error("no simulator answers at this address; give the one that `simulate` prints")]
    NotASimulator,
    /// The runtime is shutting down.
    #[error("the simulator was stopped while it started")]
    Interrupted,
}

impl Diagnostic for SimulatorError {
    fn code(&self) -> &'static str {
        match self {
            Self::PortInUse(_) => "port-in-use",
            Self::Listen(_) => "cannot-listen",
            Self::Data(_) => "simulator-data-io",
            Self::DataCorrupt => "simulator-data-corrupt",
            Self::DataVersion => "simulator-data-newer-version",
            Self::Key(error) => error.code(),
            Self::Random(error) => error.code(),
            Self::NoCompany => "context-without-company",
            Self::NotASimulator => "simulator-not-found",
            Self::Interrupted => "simulator-interrupted",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::PortInUse(port) => format!("port {port} jest zajęty; wybierz inny albo 0, czyli dowolny wolny"),
            Self::Listen(error) => format!("nie można nasłuchiwać na 127.0.0.1: {error}"),
            Self::Data(error) => format!("katalogu danych symulatora nie da się użyć: {error}"),
            Self::DataCorrupt => {
                "plik w katalogu danych symulatora jest uszkodzony; usuń katalog, aby zacząć od nowa".into()
            }
            Self::DataVersion => "katalog danych zapisała nowsza wersja symulatora".into(),
            Self::Key(error) => return error.message(),
            Self::Random(error) => return error.message(),
            Self::NoCompany => "certyfikat wystawia się firmie; dostawca Peppol jej nie ma".into(),
            Self::NotASimulator => {
                "pod tym adresem nie odpowiada symulator; podaj adres, który wypisuje `simulate`".into()
            }
            Self::Interrupted => "symulator zatrzymano podczas uruchamiania".into(),
        };
        Bilingual::new(pl, self.to_string())
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Random(error) => error.retry(),
            _ => Retry::Never,
        }
    }
}
