//! An office: the homes of several companies in one folder, served side by side.
//!
//! Each company has a home of its own, with its context, its login and its certificates; nothing of one is known to
//! another. What they share is the queue, when their `config.toml` name the same one. Several processes, on one machine or
//! many, may serve one office at the same time: each asks the queue for a company that has something to do and that
//! nobody else serves.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use jiff::Timestamp;
use ksef_offline_core::identifier::ContextIdentifier;
use ksef_offline_queue::{Lease, Queue};
use serde::Serialize;

use crate::config::{Config, FILE_NAME, QueueLocation};
use crate::desk::{Clock, Desk};
use crate::error::DeskError;
use crate::home::Home;
use crate::sending::{SendOptions, SendReport};
use crate::view::FaultView;

/// The desks of the companies in one folder.
pub struct Office {
    companies: Vec<Company>,
}

struct Company {
    home: PathBuf,
    desk: Desk,
}

/// What serving an office came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OfficeReport {
    /// The companies that had something to do and were served by this process, as they ended.
    pub companies: Vec<CompanyReport>,
}

/// What sending for one company came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CompanyReport {
    /// Its home.
    pub home: PathBuf,
    /// Its context.
    pub context: String,
    /// What was sent; `None` when it failed.
    pub report: Option<SendReport>,
    /// Why it failed.
    pub error: Option<FaultView>,
}

impl Office {
    /// Opens the home of every company in `folder`: each folder in it that has a `config.toml`. Companies that name the
    /// same queue share one connection to it.
    ///
    /// # Errors
    /// [`DeskError::File`] when the folder cannot be read; and what [`Desk::open`] says of one of the homes: an office is
    /// opened whole, so that no company is forgotten in silence.
    pub fn open(folder: &Path) -> Result<Self, DeskError> {
        Self::with(folder, Arc::new(Timestamp::now))
    }

    /// The same with another clock.
    ///
    /// # Errors
    /// As [`Self::open`], and [`DeskError::Config`] when two homes are of the same context on the same queue.
    pub fn with(folder: &Path, clock: Clock) -> Result<Self, DeskError> {
        let fault = |error: &std::io::Error| DeskError::file(folder, error);
        let mut homes = Vec::new();
        for entry in std::fs::read_dir(folder).map_err(|error| fault(&error))? {
            let path = entry.map_err(|error| fault(&error))?.path();
            if path.join(FILE_NAME).is_file() {
                homes.push(path);
            }
        }
        homes.sort();
        let mut queues: Vec<(QueueLocation, Queue)> = Vec::new();
        let mut companies: Vec<Company> = Vec::with_capacity(homes.len());
        for path in homes {
            let home = Home::at(&path)?;
            let config = Config::load(home.root())?;
            let known = queues
                .iter()
                .find(|(location, _)| *location == config.queue)
                .map(|(_, queue)| queue.clone());
            let queue = match known {
                Some(queue) => queue,
                None => {
                    let queue = home.open_queue(&config.queue)?;
                    queues.push((config.queue.clone(), queue.clone()));
                    queue
                }
            };
            let twice = companies.iter().find(|company| {
                let other = company.desk.config();
                other.context == config.context && other.queue == config.queue
            });
            if let Some(other) = twice {
                return Err(DeskError::config(format!(
                    "{} and {} are of the same context",
                    other.home.display(),
                    path.display()
                )));
            }
            companies.push(Company {
                home: home.root().to_owned(),
                desk: Desk::on(home, config, queue, Arc::clone(&clock)),
            });
        }
        Ok(Self { companies })
    }

    /// The desks, by the names of their folders.
    pub fn desks(&self) -> impl Iterator<Item = &Desk> {
        self.companies.iter().map(|company| &company.desk)
    }

    /// Sends for every company that has something to do, up to `parallel` of them at the same time; on a server the one
    /// longest unserved first. A company that fails, or waits for KSeF, holds up no other; one that another process serves is left
    /// to that.
    ///
    /// # Errors
    /// The queue's errors. What goes wrong with one company stands in its report.
    pub async fn send(
        &self,
        options: SendOptions,
        parallel: usize,
    ) -> Result<OfficeReport, DeskError> {
        let mut waiting = self.by_queue();
        let mut running = FuturesUnordered::new();
        let mut companies = Vec::new();
        loop {
            while running.len() < parallel.max(1)
                && let Some((company, lease)) = self.claim(&mut waiting)?
            {
                running
                    .push(async move { (company, company.serve(options, lease.as_ref()).await) });
            }
            match running.next().await {
                // Another process was quicker; it is being served.
                Some((_, Err(DeskError::SendInProgress))) => {}
                Some((company, result)) => companies.push(company.report(result)),
                None => return Ok(OfficeReport { companies }),
            }
        }
    }

    /// The companies still to be asked for, by queue: one claim for all of a queue.
    fn by_queue(&self) -> Vec<HashMap<ContextIdentifier, &Company>> {
        let mut queues: Vec<(&QueueLocation, HashMap<ContextIdentifier, &Company>)> = Vec::new();
        for company in &self.companies {
            let config = company.desk.config();
            let context = config.context.clone();
            match queues
                .iter_mut()
                .find(|(location, _)| **location == config.queue)
            {
                Some((_, companies)) => {
                    companies.insert(context, company);
                }
                None => queues.push((&config.queue, HashMap::from([(context, company)]))),
            }
        }
        queues.into_iter().map(|(_, companies)| companies).collect()
    }

    /// The next company to be served. Each is asked for once.
    fn claim<'a>(
        &'a self,
        waiting: &mut Vec<HashMap<ContextIdentifier, &'a Company>>,
    ) -> Result<Option<(&'a Company, Option<Lease>)>, DeskError> {
        while let Some(companies) = waiting.last_mut() {
            let contexts: Vec<ContextIdentifier> = companies.keys().cloned().collect();
            let claimed = match contexts.first().and_then(|first| companies.get(first)) {
                Some(first) => claim_of(&first.desk, contexts)?,
                None => None,
            };
            if let Some((context, lease)) = claimed
                && let Some(company) = companies.remove(&context)
            {
                return Ok(Some((company, lease)));
            }
            waiting.pop();
        }
        Ok(None)
    }
}

/// One of the contexts with something to do on the queue of `desk`, which all of them share. On a server it comes with
/// the right to send, so that processes which ask at the same moment get different ones; a file has few processes, and
/// sending itself finds out.
fn claim_of(
    desk: &Desk,
    contexts: Vec<ContextIdentifier>,
) -> Result<Option<(ContextIdentifier, Option<Lease>)>, DeskError> {
    match desk.config().queue {
        QueueLocation::Sqlite(_) => Ok(contexts.into_iter().min().map(|context| (context, None))),
        #[cfg(feature = "postgres")]
        QueueLocation::Postgres(_) => {
            let owner = crate::sending_right::owner(desk)?;
            let ttl = desk.config().lease;
            let lease = desk
                .queue()
                .claim_sender(&contexts, &owner, desk.now(), ttl)?;
            Ok(lease.map(|lease| (lease.context.clone(), Some(lease))))
        }
    }
}

impl Company {
    async fn serve(
        &self,
        options: SendOptions,
        claim: Option<&Lease>,
    ) -> Result<SendReport, DeskError> {
        let sent = self.desk.send(options, &|_| ()).await;
        // What was claimed is given back even where sending did not come to take it over.
        if let Some(claim) = claim
            && let Err(error) = self.desk.queue().release_sender(claim, self.desk.now())
        {
            tracing::debug!(%error, "a claim was not given back; it runs out by itself");
        }
        sent
    }

    fn report(&self, result: Result<SendReport, DeskError>) -> CompanyReport {
        let (report, error) = match result {
            Ok(report) => (Some(report), None),
            Err(error) => (None, Some(FaultView::of(&error))),
        };
        CompanyReport {
            home: self.home.clone(),
            context: self.desk.config().context.to_string(),
            report,
            error,
        }
    }
}

impl core::fmt::Debug for Office {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Office")
            .field("companies", &self.companies.len())
            .finish()
    }
}
