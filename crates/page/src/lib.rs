//! The Offline Invoices page: a desk seen and worked from a browser on the same machine.
//!
//! Server-rendered HTML, one form for each change, nothing that needs JavaScript; a small script makes it livelier. Every
//! rule about invoices stands in the desk: what is here draws it and hands orders on.
//!
//! A program that has a [`Desk`] opens the page beside it:
//!
//! ```no_run
//! use ksef_offline::Desk;
//! use ksef_offline_page::{Page, PageOptions};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let desk = Desk::open("/var/lib/ksef-offline".as_ref())?;
//! let page = Page::start(desk, PageOptions::default()).await?;
//! println!("{}", page.url()); // The token in it is the key to the page.
//! page.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! Who may do what is decided in `guard.rs`: loopback only, a token of 256 bits that is exchanged for a cookie, the host
//! and the origin of each request, a token in each form, and a content policy without exceptions for scripts.

mod app;
mod archive;
mod assets;
mod codes;
mod correct;
mod delete;
mod fault;
mod format;
mod guard;
mod input;
mod invoice;
mod issue;
mod job;
mod language;
mod layout;
mod list;
mod outages;
mod preview;
mod send;
mod session;
mod simulation;
mod table;
mod visitor;
mod words;

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use ksef_offline::Desk;
use ksef_offline::core::random::RandomError;
use ksef_offline::core::{Bilingual, Diagnostic, Language, Retry};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use app::{App, Shared};

pub use simulation::{
    LatarniaMood, OutageKind, Simulation, SimulationOrder, SimulationState, StartedOutage,
};

/// How to open a [`Page`].
#[derive(Clone)]
pub struct PageOptions {
    /// The port on 127.0.0.1; 0 (the default) for a free one.
    pub port: u16,
    /// The language for those who have not chosen one.
    pub language: Language,
    /// How often KSeF and Latarnia are asked how things stand, beside every refresh.
    pub pace: Duration,
    /// The simulator that stands in for KSeF, for the administrator's panel; none of a real desk.
    pub simulation: Option<Arc<dyn Simulation>>,
}

impl Default for PageOptions {
    /// A free port, English, once a minute, no simulator.
    fn default() -> Self {
        Self {
            port: 0,
            language: Language::En,
            pace: Duration::from_mins(1),
            simulation: None,
        }
    }
}

/// A page that is open. Dropped without [`Self::shutdown`] it stops serving at once.
#[derive(Debug)]
pub struct Page {
    app: App,
    server: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Page {
    /// Opens the page inside the current tokio runtime.
    ///
    /// # Errors
    /// [`PageError::PortInUse`], [`PageError::Listen`], [`PageError::Random`].
    pub async fn start(desk: Desk, options: PageOptions) -> Result<Self, PageError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::AddrInUse => PageError::PortInUse(options.port),
                _ => PageError::Listen(error),
            })?;
        let port = listener.local_addr().map_err(PageError::Listen)?.port();
        let app: App = Arc::new(Shared::new(desk, port, &options)?);
        let (stop, stopped) = watch::channel(false);
        tokio::spawn(app::keep_looking(
            Arc::clone(&app),
            options.pace,
            stopped.clone(),
        ));
        let router = router(&app);
        let server = tokio::spawn(async move {
            let mut stopped = stopped;
            let served = axum::serve(listener, router)
                .with_graceful_shutdown(async move {
                    let _ = stopped.wait_for(|stop| *stop).await;
                })
                .await;
            if let Err(error) = served {
                tracing::error!(%error, "the page is no longer served");
            }
        });
        Ok(Self { app, server, stop })
    }

    /// Where it is, with the token that opens it. Whoever has this address works at the desk.
    pub fn url(&self) -> String {
        // EXPOSE: the address is handed to the one who opened the page.
        format!("{}/?token={}", self.app.origin(), self.app.token())
    }

    /// Stops serving. Sending that is under way stops where it is: nothing is lost, the next `send` goes on.
    pub async fn shutdown(mut self) {
        self.app.end_job();
        let _ = self.stop.send(true);
        // A browser that keeps a connection open holds up nobody.
        let _ = tokio::time::timeout(Duration::from_secs(2), &mut self.server).await;
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.app.end_job();
        let _ = self.stop.send(true);
        self.server.abort();
    }
}

fn router(app: &App) -> Router {
    Router::new()
        .route("/", get(list::page))
        .route("/issue", get(issue::page).post(issue::issue))
        .route("/issued/{report}", get(issue::report))
        .route("/send", get(send::confirm).post(send::send))
        .route("/refresh", post(send::refresh))
        .route("/work", get(send::work))
        .route("/invoices/{id}", get(invoice::page))
        .route("/invoices/{id}/preview", get(preview::page))
        .route("/invoices/{id}/files/{file}", get(preview::file))
        .route("/invoices/{id}/codes", get(codes::page))
        .route("/invoices/{id}/codes/{file}", get(codes::file))
        .route(
            "/invoices/{id}/delete",
            get(delete::confirm).post(delete::delete),
        )
        .route(
            "/invoices/{id}/correct",
            get(correct::page).post(correct::correct),
        )
        .route("/sessions/{reference}", get(session::page))
        .route("/archive", get(archive::page))
        .route("/outages", get(outages::page))
        .route(
            "/simulator",
            get(simulation::page).post(simulation::order_given),
        )
        .route("/language", post(language::choose))
        .route("/assets/{file}", get(assets::file))
        .fallback(fault::no_such_page)
        .method_not_allowed_fallback(fault::no_such_method)
        .layer(axum::middleware::from_fn_with_state(
            Arc::clone(app),
            guard::guard,
        ))
        .with_state(Arc::clone(app))
}

/// Why a page does not open.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PageError {
    /// Another program listens there.
    #[error("port {0} is in use; choose another one, or 0 for a free one")]
    PortInUse(u16),
    /// Listening failed.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(#[source] io::Error),
    /// No random bytes for the token.
    #[error(transparent)]
    Random(#[from] RandomError),
}

impl Diagnostic for PageError {
    fn code(&self) -> &'static str {
        match self {
            Self::PortInUse(_) => "port-in-use",
            Self::Listen(_) => "cannot-listen",
            Self::Random(error) => error.code(),
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::PortInUse(port) => {
                format!("port {port} jest zajęty; wybierz inny albo 0, czyli dowolny wolny")
            }
            Self::Listen(error) => format!("nie można nasłuchiwać na 127.0.0.1: {error}"),
            Self::Random(error) => return error.message(),
        };
        Bilingual::new(pl, self.to_string())
    }

    fn retry(&self) -> Retry {
        match self {
            Self::Random(error) => error.retry(),
            Self::PortInUse(_) | Self::Listen(_) => Retry::Never,
        }
    }
}
