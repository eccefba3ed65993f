//! Sending: who may send, what is in which session, and what became of it. Each step is stored before the next one
//! talks to the network.

use std::collections::HashMap;

use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::deadline::IssueMode;
use ksef_offline_core::identifier::{ContextIdentifier, ReferenceNumber};

use crate::entry::{Entry, EntryId};
use crate::error::QueueError;
use crate::history::HistoryLine;
use crate::lease::Lease;
use crate::query::{Cursor, ListQuery, Only, Page};
use crate::queue::{Queue, all, line};
use crate::session::{
    NewSession, Outcome, SessionInvoice, SessionKind, SessionProgress, SessionRecord, SessionState,
};
use crate::status::{Event, IllegalMove, InvoiceStatus};
use crate::store::Changes;

impl Queue {
    /// Asks for the right to send for `context` until `now + ttl`. The owner that has it gets it prolonged.
    ///
    /// # Errors
    /// [`QueueError::SenderBusy`] while another owner has it.
    pub fn acquire_sender(
        &self,
        context: &ContextIdentifier,
        owner: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<Lease, QueueError> {
        self.write(|changes| {
            let current = changes.lease(context)?;
            let lease = Lease::next(current.as_ref(), context, owner, now, ttl)?;
            changes.put_lease(&lease)?;
            Ok(lease)
        })
    }

    /// Prolongs a lease until `now + ttl`.
    ///
    /// # Errors
    /// [`QueueError::LeaseLost`] when its time is over or it passed on: what was being done must stop.
    pub fn renew_sender(
        &self,
        lease: &Lease,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<Lease, QueueError> {
        self.write(|changes| {
            check_lease(changes, lease, now)?;
            let renewed = Lease {
                expires: now.saturating_add(ttl).unwrap_or(Timestamp::MAX),
                ..lease.clone()
            };
            changes.put_lease(&renewed)?;
            Ok(renewed)
        })
    }

    /// Gives the right to send back, so that the next sender need not wait. A lease that was lost is left alone.
    ///
    /// # Errors
    /// What the store says.
    pub fn release_sender(&self, lease: &Lease, now: Timestamp) -> Result<(), QueueError> {
        self.write(|changes| {
            if check_lease(changes, lease, now).is_err() {
                return Ok(());
            }
            // The row stays: its number must never be given twice.
            changes.put_lease(&Lease {
                expires: now,
                ..lease.clone()
            })
        })
    }

    /// Asks for the right to send for any one of `contexts`, or of all when it is empty, that has something to do:
    /// invoices waiting or in processing, or receipts to be fetched. Of those, the one nobody has served for the longest
    /// time. Workers that ask at the same moment get different contexts and do not wait for each other. `None` when
    /// there is nothing to do, or others do it.
    ///
    /// # Errors
    /// What the store says.
    pub fn claim_sender(
        &self,
        contexts: &[ContextIdentifier],
        owner: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<Option<Lease>, QueueError> {
        self.write(|changes| {
            let Some(context) = changes.claim_idle(contexts, owner, now)? else {
                return Ok(None);
            };
            let current = changes.lease(&context)?;
            let lease = Lease::next(current.as_ref(), &context, owner, now, ttl)?;
            changes.put_lease(&lease)?;
            Ok(Some(lease))
        })
    }

    /// A page of what a batch can take now for `context`, the most urgent first.
    ///
    /// # Errors
    /// What the store says.
    pub fn ready(
        &self,
        context: &ContextIdentifier,
        limit: usize,
        after: Option<Cursor>,
    ) -> Result<Page, QueueError> {
        self.signed(context, Only::ForBatch, limit, after)
    }

    /// A page of the technical corrections that wait to be sent for `context`, each in an interactive session.
    ///
    /// # Errors
    /// What the store says.
    pub fn ready_corrections(
        &self,
        context: &ContextIdentifier,
        limit: usize,
        after: Option<Cursor>,
    ) -> Result<Page, QueueError> {
        self.signed(context, Only::Corrections, limit, after)
    }

    fn signed(
        &self,
        context: &ContextIdentifier,
        only: Only,
        limit: usize,
        after: Option<Cursor>,
    ) -> Result<Page, QueueError> {
        self.list(&ListQuery {
            status: Some(InvoiceStatus::Signed),
            context: Some(context.clone()),
            only,
            limit,
            after,
        })
    }

    /// Records a session that KSeF has just opened and moves its invoices from Signed to Processing, all in one
    /// transaction. Only when this has returned may the first byte be uploaded.
    ///
    /// # Errors
    /// [`QueueError::LeaseLost`]; [`QueueError::SessionExists`]; and, naming the first invoice that cannot go,
    /// [`QueueError::IllegalMove`], [`QueueError::OtherContext`], [`QueueError::MixedModes`],
    /// [`QueueError::NotToBeSent`], [`QueueError::CorrectionInBatch`]. Nothing is claimed then.
    pub fn begin_session(
        &self,
        lease: &Lease,
        new: &NewSession,
        at: Timestamp,
    ) -> Result<SessionRecord, QueueError> {
        let ids: Vec<EntryId> = new.invoices.iter().map(|(id, _)| id.clone()).collect();
        self.write(|changes| {
            check_lease(changes, lease, at)?;
            if changes.session(&new.reference)?.is_some() {
                return Err(QueueError::SessionExists);
            }
            if ids.is_empty() {
                return Err(QueueError::BadSelection);
            }
            let mut entries = all(changes, &ids)?;
            for entry in &mut entries {
                check_membership(entry, &lease.context, new)?;
                entry.claim(&new.reference, at)?;
            }
            let session = SessionRecord {
                reference: new.reference.clone(),
                context: lease.context.clone(),
                kind: new.kind,
                offline: new.offline,
                state: SessionState::Opened,
                parts: new.parts,
                uploaded: Vec::new(),
                secrets: new.secrets.clone(),
                status: None,
                opened: at,
                updated: at,
            };
            changes.insert_session(&session, &numbered(&new.invoices))?;
            changes.update_entries(&entries)?;
            let cause = format!("session {}", new.reference);
            let lines: Vec<HistoryLine> = entries
                .iter()
                .map(|entry| line(entry, Event::Claim, at, cause.clone()))
                .collect();
            changes.append_history(&lines)?;
            Ok(session)
        })
    }

    /// Records that a part of a batch is uploaded.
    ///
    /// # Errors
    /// [`QueueError::LeaseLost`], [`QueueError::NotFound`], [`QueueError::NoSuchPart`]; [`QueueError::SessionState`]
    /// when the session is past uploading.
    pub fn part_uploaded(
        &self,
        lease: &Lease,
        reference: &ReferenceNumber,
        ordinal: u32,
        at: Timestamp,
    ) -> Result<SessionRecord, QueueError> {
        self.write(|changes| {
            let mut session = held_session(changes, lease, reference, at)?;
            if session.kind != SessionKind::Batch || ordinal == 0 || ordinal > session.parts {
                return Err(QueueError::NoSuchPart { ordinal });
            }
            session.advance(SessionState::Uploading, at)?;
            if let Err(place) = session.uploaded.binary_search(&ordinal) {
                session.uploaded.insert(place, ordinal);
            }
            changes.update_session(&session)?;
            Ok(session)
        })
    }

    /// Records the reference KSeF gave to one invoice of an interactive session.
    ///
    /// # Errors
    /// [`QueueError::LeaseLost`], [`QueueError::NotFound`], [`QueueError::NotInSession`];
    /// [`QueueError::SessionState`] when the session is past uploading.
    pub fn invoice_uploaded(
        &self,
        lease: &Lease,
        session: &ReferenceNumber,
        entry: &EntryId,
        reference: &ReferenceNumber,
        at: Timestamp,
    ) -> Result<(), QueueError> {
        self.write(|changes| {
            let mut record = held_session(changes, lease, session, at)?;
            let carried = changes
                .session_invoices(session)?
                .iter()
                .any(|invoice| invoice.entry == *entry);
            if !carried {
                return Err(QueueError::NotInSession(entry.clone()));
            }
            record.advance(SessionState::Uploading, at)?;
            changes.update_session(&record)?;
            changes.set_invoice_reference(session, entry, reference)
        })
    }

    /// Records what is newly known of a session and of its invoices in one transaction: accepted ones go to the
    /// archive, rejected ones to Error, released ones back to Signed. What is known already changes nothing, so the
    /// whole list of a session may be given again and again. Returns the invoices that changed.
    ///
    /// # Errors
    /// [`QueueError::LeaseLost`], [`QueueError::NotFound`]; [`QueueError::NotInSession`] for an invoice that the
    /// session does not carry now; [`QueueError::SessionUnfinished`] when the session is to end while invoices of it
    /// are in processing; [`QueueError::IllegalMove`] for an outcome that contradicts the one stored.
    pub fn settle(
        &self,
        lease: &Lease,
        reference: &ReferenceNumber,
        outcomes: &[(EntryId, Outcome)],
        progress: Option<&SessionProgress>,
        at: Timestamp,
    ) -> Result<Vec<Entry>, QueueError> {
        let ids: Vec<EntryId> = outcomes.iter().map(|(id, _)| id.clone()).collect();
        let outcomes: HashMap<&EntryId, &Outcome> =
            outcomes.iter().map(|(id, outcome)| (id, outcome)).collect();
        self.write(|changes| {
            let mut session = held_session(changes, lease, reference, at)?;
            let mut changed = Vec::new();
            let mut lines = Vec::new();
            for mut entry in all(changes, &ids)? {
                if entry.session.as_ref() != Some(reference) {
                    return Err(QueueError::NotInSession(entry.id));
                }
                let Some(outcome) = outcomes.get(&entry.id) else {
                    continue;
                };
                if let Applied::Changed(moved) = apply(&mut entry, outcome, at)? {
                    lines.extend(moved.map(|(event, cause)| line(&entry, event, at, cause)));
                    changed.push(entry);
                }
            }
            changes.update_entries(&changed)?;
            changes.append_history(&lines)?;
            if let Some(progress) = progress {
                if progress.state.is_final() {
                    let processing = changes.processing_in(reference)?;
                    if processing > 0 {
                        return Err(QueueError::SessionUnfinished { processing });
                    }
                }
                session.advance(progress.state, at)?;
                if progress.status.is_some() {
                    session.status.clone_from(&progress.status);
                }
                changes.update_session(&session)?;
            }
            Ok(changed)
        })
    }

    /// One session, or [`QueueError::NotFound`].
    ///
    /// # Errors
    /// What the store says.
    pub fn session(&self, reference: &ReferenceNumber) -> Result<SessionRecord, QueueError> {
        self.read(|rows| rows.session(reference)?.ok_or(NO_SESSION))
    }

    /// The invoices of a session as it was opened.
    ///
    /// # Errors
    /// What the store says.
    pub fn session_invoices(
        &self,
        reference: &ReferenceNumber,
    ) -> Result<Vec<SessionInvoice>, QueueError> {
        self.read(|rows| rows.session_invoices(reference))
    }

    /// The sessions to be followed up, the oldest first. Every invoice in Processing belongs to one of them.
    ///
    /// # Errors
    /// What the store says.
    pub fn open_sessions(
        &self,
        context: Option<&ContextIdentifier>,
    ) -> Result<Vec<SessionRecord>, QueueError> {
        self.read(|rows| rows.open_sessions(context))
    }
}

const NO_SESSION: QueueError = QueueError::NotFound { what: "session" };

fn check_lease(changes: &dyn Changes, lease: &Lease, now: Timestamp) -> Result<(), QueueError> {
    lease.check(changes.lease(&lease.context)?.as_ref(), now)
}

/// The session, if the lease is good and of its context.
fn held_session(
    changes: &dyn Changes,
    lease: &Lease,
    reference: &ReferenceNumber,
    now: Timestamp,
) -> Result<SessionRecord, QueueError> {
    check_lease(changes, lease, now)?;
    changes
        .session(reference)?
        .filter(|session| session.context == lease.context)
        .ok_or(NO_SESSION)
}

fn check_membership(
    entry: &Entry,
    context: &ContextIdentifier,
    session: &NewSession,
) -> Result<(), QueueError> {
    if entry.context != *context {
        Err(QueueError::OtherContext(entry.id.clone()))
    } else if !entry.may_go() {
        Err(QueueError::NotToBeSent(entry.id.clone()))
    } else if (entry.mode == IssueMode::Online) == session.offline {
        Err(QueueError::MixedModes(entry.id.clone()))
    } else if entry.corrects.is_some() && session.kind == SessionKind::Batch {
        Err(QueueError::CorrectionInBatch(entry.id.clone()))
    } else {
        Ok(())
    }
}

fn numbered(invoices: &[(EntryId, String)]) -> Vec<SessionInvoice> {
    (1..)
        .zip(invoices)
        .map(|(ordinal, (entry, file_name))| SessionInvoice {
            ordinal,
            entry: entry.clone(),
            file_name: file_name.clone(),
            reference: None,
        })
        .collect()
}

enum Applied {
    Nothing,
    Changed(Option<(Event, String)>),
}

fn apply(entry: &mut Entry, outcome: &Outcome, at: Timestamp) -> Result<Applied, IllegalMove> {
    let moved = match outcome {
        Outcome::Accepted { ksef_number, .. }
            if entry.status == InvoiceStatus::Sent
                && entry.ksef_number.as_ref() == Some(ksef_number) =>
        {
            return Ok(Applied::Nothing);
        }
        Outcome::Rejected(_) if entry.status == InvoiceStatus::Error => {
            return Ok(Applied::Nothing);
        }
        Outcome::Accepted {
            ksef_number,
            acquisition_date,
        } => {
            entry.accept(ksef_number, *acquisition_date, at)?;
            Some((Event::Accept, ksef_number.to_string()))
        }
        Outcome::Rejected(answer) => {
            entry.reject(answer, at)?;
            Some((Event::Reject, format!("status {}", answer.code)))
        }
        Outcome::Released(answer) => {
            entry.release(answer.as_ref(), at)?;
            let cause = answer
                .as_ref()
                .map(|answer| format!("status {}", answer.code));
            Some((Event::Release, cause.unwrap_or_default()))
        }
        Outcome::InProgress(answer) => {
            if entry.status != InvoiceStatus::Processing || entry.answer.as_ref() == Some(answer) {
                return Ok(Applied::Nothing);
            }
            entry.answer = Some(answer.clone());
            entry.updated = at;
            None
        }
    };
    Ok(Applied::Changed(moved))
}
