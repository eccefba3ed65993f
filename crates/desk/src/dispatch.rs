//! The dispatcher: it joins queue and client, and is the only place that does.
//!
//! Before each step that talks to KSeF the queue holds a durable record of what is about to be tried, and after it one
//! of what came of it. A session's reference is on the disk before its first part is uploaded. Whatever was interrupted
//! is found again as an open session, and KSeF is asked what it has before anything is sent once more.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use ksef_offline_client::{ClientError, KsefClient, SessionStatus};
use ksef_offline_core::identifier::ReferenceNumber;
use ksef_offline_queue::{
    Entry, EntryId, KsefStatus, Outcome, SessionKind, SessionProgress, SessionRecord, SessionState,
};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::outcome::{Ruling, accepted, is_final, ksef_status, ruling};
use crate::sending::{OnProgress, Progress, SendOptions, SendReport, SessionLine, Skipped};
use crate::sending_right::SendingRight;

/// How long receipts are waited for at least; the next run fetches what is missing.
const RECEIPTS: Duration = Duration::from_secs(30);
/// Least time between two lists of the invoices of a session in processing.
const BETWEEN_LISTS: Duration = Duration::from_secs(30);
/// The session is unknown to KSeF.
const NO_SUCH_SESSION: i64 = 21_173;
/// Answers to a close that prove that the session will never be processed: unknown, a part that differs, a part that is
/// missing, the window passed.
const NEVER_COMPLETE: [i64; 4] = [NO_SUCH_SESSION, 21_157, 21_205, 21_208];

/// One run of sending or refreshing.
pub(crate) struct Dispatcher<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) right: &'a SendingRight,
    pub(crate) progress: OnProgress<'a>,
    sessions: Vec<ReferenceNumber>,
    touched: Vec<EntryId>,
    /// When the invoices of a session in processing were last listed, and how many were judged then.
    listed: HashMap<ReferenceNumber, (u32, Instant)>,
}

impl<'a> Dispatcher<'a> {
    pub(crate) fn new(desk: &'a Desk, right: &'a SendingRight, progress: OnProgress<'a>) -> Self {
        Self {
            desk,
            right,
            progress,
            sessions: Vec::new(),
            touched: Vec::new(),
            listed: HashMap::new(),
        }
    }

    /// Settles what an earlier run left open.
    pub(crate) async fn resume(&mut self, client: &KsefClient) -> Result<(), DeskError> {
        for session in self
            .desk
            .queue()
            .open_sessions(Some(&self.desk.config().context))?
        {
            self.sessions.push(session.reference.clone());
            if session.state == SessionState::Closed {
                self.look(client, &session.reference).await?;
            } else {
                self.upload_rest(client, &session).await?;
                self.finish_interrupted(client, &session).await?;
            }
        }
        let open = self
            .desk
            .queue()
            .open_sessions(Some(&self.desk.config().context))?;
        self.desk
            .home()
            .remove_parts_but(open.iter().map(|session| &session.reference));
        Ok(())
    }

    /// A session that was open when its sender died. If all its parts are there by now, closing it is all that was
    /// missing. Otherwise it will never be processed: its invoices go out in another one.
    async fn finish_interrupted(
        &mut self,
        client: &KsefClient,
        session: &SessionRecord,
    ) -> Result<(), DeskError> {
        let closed = match session.kind {
            SessionKind::Batch => client.close_batch(&session.reference).await,
            SessionKind::Interactive => client.close_interactive(&session.reference).await,
        };
        match closed {
            Ok(()) => {
                self.advance(&session.reference, SessionState::Closed)?;
                self.look(client, &session.reference).await?;
                Ok(())
            }
            Err(error)
                if error
                    .ksef_code()
                    .is_some_and(|code| NEVER_COMPLETE.contains(&code)) =>
            {
                tracing::warn!(reference = %session.reference, %error, "interrupted session given up");
                self.abandon(client, &session.reference).await
            }
            // Closed or cancelled already, or no proof of anything: its status decides.
            Err(ClientError::Ksef(refusal)) if refusal.status < 500 => {
                self.look(client, &session.reference).await?;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn abandon(
        &mut self,
        client: &KsefClient,
        reference: &ReferenceNumber,
    ) -> Result<(), DeskError> {
        let known = match client.session_invoices(reference).await {
            Ok(known) => known,
            Err(ClientError::Ksef(refusal)) if refusal.status < 500 => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let outcomes = self.outcomes(client, reference, &known, true).await?;
        self.settle(reference, &outcomes, SessionState::Abandoned, None)
    }

    /// Waits until every session of this run has ended, or the time is up. A network fault in between is waited out.
    pub(crate) async fn follow(
        &mut self,
        client: &KsefClient,
        timeout: Duration,
    ) -> Result<(), DeskError> {
        let start = Instant::now();
        let mut look = 0;
        loop {
            let mut open = false;
            for reference in self.sessions.clone() {
                if self.desk.queue().session(&reference)?.state.is_final() {
                    continue;
                }
                match self.look(client, &reference).await {
                    Ok(ended) => open |= !ended,
                    Err(DeskError::Client(error)) if error.is_passing() => open = true,
                    Err(error) => return Err(error),
                }
            }
            let wait = ksef_offline_client::retry::poll_wait(look);
            if !open || start.elapsed() + wait > timeout {
                return Ok(());
            }
            tokio::time::sleep(wait).await;
            look += 1;
        }
    }

    /// Asks KSeF about a session and records what it says of it and of its invoices; whether it has ended.
    async fn look(
        &mut self,
        client: &KsefClient,
        reference: &ReferenceNumber,
    ) -> Result<bool, DeskError> {
        let status = match client.session_status(reference).await {
            Ok(status) => status,
            Err(error) if error.ksef_code() == Some(NO_SUCH_SESSION) => {
                self.abandon(client, reference).await?;
                return Ok(true);
            }
            // Past its retention: nothing more will be learnt, and nothing may be assumed.
            Err(ClientError::Gone) => return Ok(true),
            Err(error) => return Err(error.into()),
        };
        self.tell(&status);
        let code = status.status.code;
        let ended = is_final(code);
        if status.status.is_in_progress() && !self.is_worth_listing(reference, &status) {
            self.settle(
                reference,
                &[],
                SessionState::Closed,
                Some(ksef_status(&status.status)),
            )?;
            return Ok(false);
        }
        let known = match client.session_invoices(reference).await {
            Ok(known) => known,
            Err(ClientError::Ksef(refusal)) if ended && refusal.status < 500 => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        let outcomes = self.outcomes(client, reference, &known, ended).await?;
        let unsettled = outcomes
            .iter()
            .any(|(_, outcome)| matches!(outcome, Outcome::InProgress(_)));
        let state = match (ended && !unsettled, code) {
            (false, _) => SessionState::Closed,
            (true, 200) => SessionState::Completed,
            (true, _) => SessionState::Failed,
        };
        self.settle(
            reference,
            &outcomes,
            state,
            Some(ksef_status(&status.status)),
        )?;
        // A final code that this version does not know: waiting longer tells nothing more, and nothing is assumed.
        let is_unknown = !ended && !status.status.is_in_progress();
        Ok(state.is_final() || is_unknown)
    }

    /// Whether the list of a session in processing says anything new: KSeF has judged more of its invoices, and the last
    /// list is not of just now. A list of 10 000 is ten calls, and the limit is 20 a minute.
    fn is_worth_listing(&mut self, reference: &ReferenceNumber, status: &SessionStatus) -> bool {
        let judged = judged(status);
        if judged == 0 {
            return false;
        }
        let last = self.listed.get(reference);
        let worth =
            last.is_none_or(|(before, at)| *before < judged && at.elapsed() >= BETWEEN_LISTS);
        if worth {
            self.listed
                .insert(reference.clone(), (judged, Instant::now()));
        }
        worth
    }

    fn tell(&self, status: &SessionStatus) {
        let judged = judged(status);
        let invoices = status.invoices.unwrap_or(0).max(judged);
        (self.progress)(Progress::Processing {
            judged: judged as usize,
            invoices: invoices as usize,
        });
    }

    /// What KSeF's list of a session means for each of our invoices in it, matched by hash. Of an ended session, an
    /// invoice that is not on the list was never taken: it is released.
    async fn outcomes(
        &self,
        client: &KsefClient,
        reference: &ReferenceNumber,
        known: &[ksef_offline_client::InvoiceStatus],
        ended: bool,
    ) -> Result<Vec<(EntryId, Outcome)>, DeskError> {
        let queue = self.desk.queue();
        let ids: Vec<EntryId> = queue
            .session_invoices(reference)?
            .into_iter()
            .map(|invoice| invoice.entry)
            .collect();
        let by_hash: HashMap<_, _> = known
            .iter()
            .map(|invoice| (invoice.hash, invoice))
            .collect();
        let mut outcomes = Vec::with_capacity(ids.len());
        for entry in queue.entries(&ids)? {
            let is_ours = entry.session.as_ref() == Some(reference);
            if entry.status != ksef_offline_queue::InvoiceStatus::Processing || !is_ours {
                continue;
            }
            let outcome = match by_hash.get(&entry.hash) {
                Some(invoice) => match ruling(invoice) {
                    Ruling::Settled(outcome) => outcome,
                    Ruling::Duplicate => self.duplicate(client, &entry, invoice).await?,
                },
                None if ended => Outcome::Released(None),
                None => continue,
            };
            outcomes.push((entry.id, outcome));
        }
        Ok(outcomes)
    }

    /// A 440 is success when the original is our own earlier upload: the session is one of ours that carried this very
    /// invoice, or the bytes KSeF holds under that number are the same.
    async fn duplicate(
        &self,
        client: &KsefClient,
        entry: &Entry,
        invoice: &ksef_offline_client::InvoiceStatus,
    ) -> Result<Outcome, DeskError> {
        let rejected = Outcome::Rejected(ksef_status(&invoice.status));
        let Some(number) = invoice.original_ksef_number() else {
            return Ok(rejected);
        };
        let carried = invoice
            .original_session()
            .and_then(|session| self.desk.queue().session_invoices(&session).ok())
            .is_some_and(|invoices| invoices.iter().any(|carried| carried.entry == entry.id));
        if carried {
            return Ok(accepted(&number, invoice));
        }
        match client.invoice(&number).await {
            Ok(bytes) if ksef_offline_core::identifier::InvoiceHash::of(&bytes) == entry.hash => {
                Ok(accepted(&number, invoice))
            }
            Ok(_) => Ok(rejected),
            // No right to read it, or not there for us: somebody else's.
            Err(ClientError::Ksef(refusal)) if refusal.status < 500 => Ok(rejected),
            Err(error) => {
                tracing::warn!(%error, "the original of a duplicate could not be compared yet");
                Ok(Outcome::InProgress(ksef_status(&invoice.status)))
            }
        }
    }

    /// Remembers what this run has opened, for following and for the report.
    pub(crate) fn took<'e>(
        &mut self,
        session: &ReferenceNumber,
        entries: impl IntoIterator<Item = &'e Entry>,
    ) {
        self.sessions.push(session.clone());
        self.touched
            .extend(entries.into_iter().map(|entry| entry.id.clone()));
    }

    pub(crate) fn advance(
        &self,
        reference: &ReferenceNumber,
        state: SessionState,
    ) -> Result<(), DeskError> {
        let progress = SessionProgress {
            state,
            status: None,
        };
        self.desk.queue().settle(
            &self.right.lease(),
            reference,
            &[],
            Some(&progress),
            self.desk.now(),
        )?;
        if state >= SessionState::Closed {
            self.desk.home().remove_parts(reference);
        }
        Ok(())
    }

    pub(crate) fn settle(
        &mut self,
        reference: &ReferenceNumber,
        outcomes: &[(EntryId, Outcome)],
        state: SessionState,
        status: Option<KsefStatus>,
    ) -> Result<(), DeskError> {
        let progress = SessionProgress { state, status };
        let changed = self.desk.queue().settle(
            &self.right.lease(),
            reference,
            outcomes,
            Some(&progress),
            self.desk.now(),
        )?;
        self.touched
            .extend(changed.into_iter().map(|entry| entry.id));
        if state >= SessionState::Closed {
            self.desk.home().remove_parts(reference);
        }
        Ok(())
    }

    /// Follows the sessions to their end, as far as the caller waits, and fetches receipts.
    pub(crate) async fn finish(
        &mut self,
        client: &KsefClient,
        options: SendOptions,
    ) -> Result<(), DeskError> {
        if options.wait {
            let following = self.follow(client, options.timeout);
            // KSeF may ask to be left alone for longer than the caller waits.
            if let Ok(followed) = tokio::time::timeout(options.timeout, following).await {
                followed?;
            }
        }
        let receipts = self.receipts(client);
        let _ = tokio::time::timeout(options.timeout.max(RECEIPTS), receipts).await;
        Ok(())
    }

    /// Fetches receipts that are missing. One that cannot be had now is fetched by the next run.
    pub(crate) async fn receipts(&mut self, client: &KsefClient) {
        (self.progress)(Progress::Receipts);
        match self.desk.fetch_receipts(client).await {
            Ok(ids) => self.touched.extend(ids),
            Err(error) => tracing::warn!(%error, "receipts are still missing"),
        }
    }

    pub(crate) fn touched_entries(&self) -> Result<Vec<Entry>, DeskError> {
        let mut ids = self.touched.clone();
        ids.sort();
        ids.dedup();
        Ok(self.desk.queue().entries(&ids)?)
    }

    pub(crate) fn report(&self, skipped: Vec<Skipped>) -> Result<SendReport, DeskError> {
        let entries = self.touched_entries()?;
        let count = |status| {
            entries
                .iter()
                .filter(|entry| entry.status == status)
                .count()
        };
        let mut sessions = Vec::with_capacity(self.sessions.len());
        for reference in &self.sessions {
            sessions.push(SessionLine {
                reference_number: reference.to_string(),
                state: self.desk.queue().session(reference)?.state.name(),
            });
        }
        let (sent, rejected) = (
            count(ksef_offline_queue::InvoiceStatus::Sent),
            count(ksef_offline_queue::InvoiceStatus::Error),
        );
        Ok(SendReport {
            sessions,
            sent,
            rejected,
            processing: entries.len() - sent - rejected,
            invoices: self.desk.views(&entries)?,
            skipped,
        })
    }
}

fn judged(status: &SessionStatus) -> u32 {
    status.accepted.unwrap_or(0) + status.rejected.unwrap_or(0)
}
