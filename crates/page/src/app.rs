//! What all requests share: the desk, the secrets of this page, the last look at KSeF, the work under way, and what came
//! of the last uploads.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use ksef_offline::core::Language;
use ksef_offline::core::random::{OsRandom, RandomError, RandomSource as _};
use ksef_offline::{AvailabilityView, Desk, DeskError, FaultView, IssueReport};
use subtle::ConstantTimeEq as _;
use tokio::sync::{Notify, watch};

use crate::PageOptions;
use crate::fault::Fault;
use crate::job::{Job, Work};
use crate::simulation::Simulation;

/// How many reports of uploads are kept; an older one is gone, its invoices are not.
const REPORTS: usize = 50;
/// How long an action waits for the new look at KSeF; a dead host takes longer and is shown when it is known.
const PATIENCE: Duration = Duration::from_secs(3);

pub(crate) type App = Arc<Shared>;

pub(crate) struct Shared {
    pub(crate) desk: Arc<Desk>,
    pub(crate) language: Language,
    pub(crate) simulation: Option<Arc<dyn Simulation>>,
    port: u16,
    token: Secret,
    session: Secret,
    csrf: Secret,
    look: Mutex<Option<Look>>,
    look_again: Notify,
    looked: watch::Sender<u64>,
    job: Mutex<Option<Job>>,
    reports: Mutex<VecDeque<(String, Arc<IssueReport>)>>,
}

/// What was found when KSeF was last asked.
#[derive(Clone)]
pub(crate) struct Look {
    pub(crate) at: Timestamp,
    pub(crate) found: Result<AvailabilityView, FaultView>,
}

/// 256 random bits as text, compared in constant time.
struct Secret(String);

impl Secret {
    fn generate() -> Result<Self, RandomError> {
        Ok(Self(random_name::<32>()?))
    }

    fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// A name nobody can guess, safe in an address.
pub(crate) fn random_name<const BYTES: usize>() -> Result<String, RandomError> {
    let mut bytes = [0; BYTES];
    OsRandom.fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

impl Shared {
    pub(crate) fn new(desk: Desk, port: u16, options: &PageOptions) -> Result<Self, RandomError> {
        Ok(Self {
            desk: Arc::new(desk),
            language: options.language,
            simulation: options.simulation.clone(),
            port,
            token: Secret::generate()?,
            session: Secret::generate()?,
            csrf: Secret::generate()?,
            look: Mutex::default(),
            look_again: Notify::new(),
            looked: watch::Sender::new(0),
            job: Mutex::default(),
            reports: Mutex::default(),
        })
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// EXPOSE: stands in the address that opens the page.
    pub(crate) fn token(&self) -> &str {
        &self.token.0
    }

    pub(crate) fn is_token(&self, given: &str) -> bool {
        self.token.is(given)
    }

    /// EXPOSE: the value of the cookie.
    pub(crate) fn session(&self) -> &str {
        &self.session.0
    }

    pub(crate) fn is_session(&self, given: &str) -> bool {
        self.session.is(given)
    }

    /// EXPOSE: stands in each form.
    pub(crate) fn csrf(&self) -> &str {
        &self.csrf.0
    }

    pub(crate) fn is_csrf(&self, given: &str) -> bool {
        self.csrf.is(given)
    }

    /// Does work that touches the disk where it holds up no other request.
    pub(crate) async fn at_desk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Desk) -> Result<T, DeskError> + Send + 'static,
    ) -> Result<T, Fault> {
        let desk = Arc::clone(&self.desk);
        let done = tokio::task::spawn_blocking(move || work(&desk)).await;
        Ok(done.map_err(|_| DeskError::Interrupted)??)
    }

    /// What was found when KSeF was last asked; `None` until the first answer.
    pub(crate) fn look(&self) -> Option<Look> {
        lock(&self.look).clone()
    }

    /// Has KSeF asked again, and waits a moment for the answer.
    pub(crate) async fn look_again(&self) {
        let mut looked = self.looked.subscribe();
        looked.mark_unchanged();
        self.look_again.notify_one();
        let _ = tokio::time::timeout(PATIENCE, looked.changed()).await;
    }

    /// Has KSeF asked again, and waits for nothing.
    pub(crate) fn look_soon(&self) {
        self.look_again.notify_one();
    }

    /// The work under way, or the last that was done.
    pub(crate) fn job(&self) -> Option<Job> {
        lock(&self.job).clone()
    }

    /// Begins `work` unless some is under way, or this very order was carried out before: `once` is the name of the form.
    /// Whether it was begun.
    pub(crate) fn begin(self: &Arc<Self>, work: Work, once: &str) -> bool {
        let mut job = lock(&self.job);
        if job
            .as_ref()
            .is_some_and(|job| job.is_running() || (!once.is_empty() && job.once == once))
        {
            return false;
        }
        *job = Some(Job::begin(Arc::clone(self), work, once.to_owned()));
        true
    }

    /// Takes down how the work goes on.
    pub(crate) fn tell_job(&self, change: impl FnOnce(&mut Job)) {
        if let Some(job) = lock(&self.job).as_mut() {
            change(job);
        }
    }

    /// Stops the work under way where it is.
    pub(crate) fn end_job(&self) {
        if let Some(job) = lock(&self.job).as_ref() {
            job.abort();
        }
    }

    /// Keeps a report for the page that shows it, and gives its name.
    pub(crate) fn keep_report(&self, report: IssueReport) -> Result<String, RandomError> {
        let name = random_name::<16>()?;
        let mut reports = lock(&self.reports);
        if reports.len() == REPORTS {
            reports.pop_front();
        }
        reports.push_back((name.clone(), Arc::new(report)));
        Ok(name)
    }

    pub(crate) fn report(&self, name: &str) -> Option<Arc<IssueReport>> {
        let reports = lock(&self.reports);
        let found = reports.iter().find(|(kept, _)| kept == name);
        found.map(|(_, report)| Arc::clone(report))
    }
}

/// Asks KSeF and Latarnia how things stand, at this pace and whenever somebody wants to know.
pub(crate) async fn keep_looking(app: App, pace: Duration, mut stopped: watch::Receiver<bool>) {
    loop {
        let found = app.desk.availability().await;
        *lock(&app.look) = Some(Look {
            at: app.desk.now(),
            found: found
                .map(|found| found.view())
                .map_err(|error| FaultView::of(&error)),
        });
        app.looked.send_modify(|times| *times += 1);
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            () = app.look_again.notified() => {}
            () = tokio::time::sleep(pace) => {}
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Secrets stay out of logs.
impl core::fmt::Debug for Shared {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Shared")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}
