//! Sending and refreshing: what is asked of the desk, and what comes back.

use std::time::Duration;

use ksef_offline_client::KsefClient;
use ksef_offline_core::package::{PackageLimits, plan};
use ksef_offline_queue::{Cursor, Entry, InvoiceStatus, Page, QueueError};
use serde::Serialize;

use crate::desk::Desk;
use crate::dispatch::Dispatcher;
use crate::error::DeskError;
use crate::sending_right::SendingRight;
use crate::upload::plan_item;
use crate::view::{FaultView, InvoiceView};

/// How long another sender is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_mins(2);

/// How to send.
#[derive(Debug, Clone, Copy)]
pub struct SendOptions {
    /// Whether to wait for KSeF's verdict.
    pub wait: bool,
    /// For how long.
    pub timeout: Duration,
}

impl Default for SendOptions {
    /// Waits ten minutes.
    fn default() -> Self {
        Self {
            wait: true,
            timeout: Duration::from_mins(10),
        }
    }
}

/// How far sending has come, for a progress bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Progress {
    /// Invoices are packed and encrypted.
    Packing {
        /// How many.
        invoices: usize,
    },
    /// Packing has come so far; told some times a second.
    Packed {
        /// Invoices that are in the package.
        done: usize,
        /// All invoices of the package.
        invoices: usize,
    },
    /// Parts are uploaded.
    Uploading {
        /// Parts that are there.
        done: usize,
        /// All parts.
        parts: usize,
        /// Bytes that are there.
        bytes_done: u64,
        /// All bytes.
        bytes: u64,
    },
    /// Technical corrections are sent, one by one.
    Correcting {
        /// Corrections that KSeF has.
        done: usize,
        /// All corrections of the session.
        invoices: usize,
    },
    /// KSeF is at work.
    Processing {
        /// Invoices it has judged.
        judged: usize,
        /// All invoices of the session.
        invoices: usize,
    },
    /// Receipts are fetched.
    Receipts,
}

/// Is told of progress.
pub type OnProgress<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// What a `send` came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SendReport {
    /// The sessions that were opened or followed.
    pub sessions: Vec<SessionLine>,
    /// Invoices accepted.
    pub sent: usize,
    /// Invoices rejected.
    pub rejected: usize,
    /// Invoices still in processing, or whose session came to nothing and that wait to be sent again.
    pub processing: usize,
    /// All of them.
    pub invoices: Vec<InvoiceView>,
    /// Invoices that were not sent, by id, and why.
    pub skipped: Vec<Skipped>,
}

/// A session in a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SessionLine {
    /// Its reference number.
    pub reference_number: String,
    /// `opened`, `uploading`, `closed`, `completed`, `failed` or `abandoned`.
    pub state: &'static str,
}

/// An invoice that was not sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Its id.
    pub id: String,
    /// Why.
    pub reason: FaultView,
}

/// What a [`Desk::send`] would take along now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Outgoing {
    /// Invoices for the batch, those that are signed first among them.
    pub batch: usize,
    /// How many of them are not signed yet.
    pub unsigned: usize,
    /// Technical corrections, which go one by one.
    pub corrections: usize,
    /// Signed invoices that stay: their last day is over and the policy sends them no more, or they never go to KSeF.
    pub held: usize,
}

impl Outgoing {
    /// Everything that goes.
    pub fn all(&self) -> usize {
        self.batch + self.corrections
    }
}

/// What a `refresh` came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RefreshReport {
    /// Invoices whose status changed or whose receipt came.
    pub changed: Vec<InvoiceView>,
}

impl Desk {
    /// Signs what is pending, sends everything that is signed, the most urgent first, and follows it to its end.
    /// Sessions that a crash or a lost answer left open are settled before.
    ///
    /// # Errors
    /// [`DeskError::KsefUnreachable`] when KSeF does not answer: nothing changed then. Other errors may come in the
    /// middle; what was done until then is recorded and goes on with the next call.
    pub async fn send(
        &self,
        options: SendOptions,
        progress: OnProgress<'_>,
    ) -> Result<SendReport, DeskError> {
        let right = SendingRight::acquire(self, PATIENCE.min(options.timeout)).await?;
        self.queue().check_waiting(&self.config().context)?;
        if !self.pending()?.is_empty() {
            self.look_at_certificate().await?;
        }
        let mut skipped = self.sign_pending()?;
        let has_open = !self
            .queue()
            .open_sessions(Some(&self.config().context))?
            .is_empty();
        let has_more = has_open
            || !self.ready()?.is_empty()
            || !self.ready_corrections()?.is_empty()
            || !self
                .queue()
                .without_receipt(Some(&self.config().context))?
                .is_empty();
        let mut dispatcher = Dispatcher::new(self, &right, progress);
        if has_more {
            let client = self.reachable_client().await?;
            dispatcher.resume(client).await?;
            self.refresh_deadlines()?;
            let ready = self.sendable(self.ready()?, &mut skipped)?;
            let corrections = self.sendable(self.ready_corrections()?, &mut skipped)?;
            let limits = self.limits_of_a_session(client).await?;
            let ready = within(&limits, ready, &mut skipped);
            dispatcher.send(client, &ready, &limits).await?;
            dispatcher
                .send_corrections(client, &corrections, options.timeout)
                .await?;
            dispatcher.finish(client, options).await?;
            self.look_at_certificate().await?;
        }
        dispatcher.report(skipped)
    }

    /// How much [`Self::send`] would take along now.
    ///
    /// # Errors
    /// The queue's errors.
    pub fn outgoing(&self) -> Result<Outgoing, DeskError> {
        let going = |entries| -> Result<usize, DeskError> {
            Ok(self.sendable(entries, &mut Vec::new())?.len())
        };
        let unsigned = going(self.pending()?)?;
        let batch = unsigned + going(self.ready()?)?;
        let corrections = going(self.ready_corrections()?)?;
        let signed = self.queue().counts(Some(&self.config().context))?;
        let signed = signed.of(InvoiceStatus::Signed);
        let sendable = (batch - unsigned + corrections) as u64;
        Ok(Outgoing {
            batch,
            unsigned,
            corrections,
            held: usize::try_from(signed.saturating_sub(sendable)).unwrap_or(usize::MAX),
        })
    }

    /// Asks KSeF about everything in processing and records what it says; settles what was interrupted; fetches
    /// receipts that are missing.
    ///
    /// # Errors
    /// [`DeskError::KsefUnreachable`] when KSeF does not answer and there is something to ask.
    pub async fn refresh(&self, progress: OnProgress<'_>) -> Result<RefreshReport, DeskError> {
        let right = SendingRight::acquire(self, PATIENCE).await?;
        self.queue().check_waiting(&self.config().context)?;
        let context = Some(&self.config().context);
        let mut dispatcher = Dispatcher::new(self, &right, progress);
        let idle = self.queue().open_sessions(context)?.is_empty()
            && self.queue().without_receipt(context)?.is_empty();
        if !idle {
            let client = self.reachable_client().await?;
            dispatcher.resume(client).await?;
            dispatcher.receipts(client).await;
            self.look_at_certificate().await?;
        }
        Ok(RefreshReport {
            changed: self.views(&dispatcher.touched_entries()?)?,
        })
    }

    /// Signs what is pending. A certificate that is missing or unfit leaves those invoices pending and stops no others.
    fn sign_pending(&self) -> Result<Vec<Skipped>, DeskError> {
        match self.sign(&[]) {
            Ok(_) => Ok(Vec::new()),
            Err(error @ (DeskError::Queue(_) | DeskError::Random(_))) => Err(error),
            Err(error) => {
                let reason = FaultView::of(&error);
                let pending = self.pending()?;
                Ok(pending
                    .iter()
                    .map(|entry| Skipped {
                        id: entry.id.to_string(),
                        reason: reason.clone(),
                    })
                    .collect())
            }
        }
    }

    pub(crate) async fn reachable_client(&self) -> Result<&KsefClient, DeskError> {
        let client = self.client()?;
        client.probe().await.map_err(DeskError::KsefUnreachable)?;
        // An announcement can move or lift deadlines; no answer from Latarnia stops nothing.
        self.ask_latarnia(client).await?;
        client.learn_rate_limits().await;
        Ok(client)
    }

    /// What KSeF takes from this context in one session; the published values where it does not tell.
    async fn limits_of_a_session(&self, client: &KsefClient) -> Result<PackageLimits, DeskError> {
        let limits = match client.context_limits().await {
            Ok(limits) => limits.batch,
            Err(error) if error.is_passing() => return Err(error.into()),
            Err(error) => {
                tracing::info!(%error, "the published limits of a session hold");
                PackageLimits::default()
            }
        };
        // The desk may have been given tighter ones.
        let own = self.package_limits();
        Ok(PackageLimits {
            invoices: limits.invoices.min(own.invoices),
            archive_size: limits.archive_size.min(own.archive_size),
            parts: limits.parts.min(own.parts),
            part_size: limits
                .part_size
                .min(own.part_size)
                .min(self.config().network.part_size),
            invoice_size: limits.invoice_size.min(own.invoice_size),
            invoice_size_with_attachment: limits
                .invoice_size_with_attachment
                .min(own.invoice_size_with_attachment),
        })
    }

    fn ready(&self) -> Result<Vec<Entry>, DeskError> {
        every_page(|after| self.queue().ready(&self.config().context, 1000, after))
    }

    fn ready_corrections(&self) -> Result<Vec<Entry>, DeskError> {
        every_page(|after| {
            self.queue()
                .ready_corrections(&self.config().context, 1000, after)
        })
    }

    /// Everything signed that the policy still lets go, in the order of the queue: by due date.
    fn sendable(
        &self,
        ready: Vec<Entry>,
        skipped: &mut Vec<Skipped>,
    ) -> Result<Vec<Entry>, DeskError> {
        let (timeline, now) = (self.timeline()?, self.now());
        let mut sendable = Vec::new();
        for entry in ready {
            let deadline = self.deadline_in(&timeline, entry.mode, entry.facts.issue_date, now);
            match deadline.due {
                _ if deadline.may_send(now) => sendable.push(entry),
                due => skipped.push(Skipped {
                    id: entry.id.to_string(),
                    reason: FaultView::of(&DeskError::PastDeadline {
                        due,
                        policy: self.policy().name().to_owned(),
                    }),
                }),
            }
        }
        Ok(sendable)
    }
}

/// Those that fit into a session at all; one that is too large for the limits of this context stops no others.
fn within(limits: &PackageLimits, ready: Vec<Entry>, skipped: &mut Vec<Skipped>) -> Vec<Entry> {
    let mut fitting = Vec::with_capacity(ready.len());
    for entry in ready {
        match plan(&[plan_item(&entry)], limits) {
            Ok(_) => fitting.push(entry),
            Err(error) => skipped.push(Skipped {
                id: entry.id.to_string(),
                reason: FaultView::of(&error),
            }),
        }
    }
    fitting
}

fn every_page(
    page: impl Fn(Option<Cursor>) -> Result<Page, QueueError>,
) -> Result<Vec<Entry>, DeskError> {
    let mut all = Vec::new();
    let mut after = None;
    loop {
        let page = page(after)?;
        all.extend(page.entries);
        match page.next {
            Some(next) => after = Some(next),
            None => return Ok(all),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issuing::IssueFile;

    /// Compiles or does not; a program gives long work to its runtime.
    #[expect(dead_code, reason = "its types are what is tested")]
    fn long_work_can_be_given_to_a_runtime_of_many_threads(
        desk: &'static Desk,
        file: &'static IssueFile,
    ) {
        fn may_change_threads<T: Send + 'static>(_work: T) {}
        let options = SendOptions::default();
        may_change_threads(async move { desk.send(options, &|_| ()).await });
        may_change_threads(async move { desk.refresh(&|_| ()).await });
        may_change_threads(async move { desk.correct("", file, options, &|_| ()).await });
        may_change_threads(async move { desk.session("").await });
        may_change_threads(async move { desk.check().await });
    }
}
