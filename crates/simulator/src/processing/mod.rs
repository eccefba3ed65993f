//! What KSeF does after it has answered: opening packages, judging invoices, finishing sessions.
//!
//! A package is opened half-way through the processing delay and its invoices are judged at the end of it, so that both
//! states can be observed. The work runs outside the lock; only its results are entered under it.

mod judge;
mod package;

use std::sync::Arc;

use jiff::Timestamp;
use ksef_offline_core::identifier::InvoiceHash;

use crate::control::report;
use crate::receipt;
use crate::session::{MAX_INVOICES, Receipt, Session, SessionInvoice, SessionKind, Status};
use crate::state::{App, reference};

use judge::Candidate;
use package::Opened;

/// Processes a closed batch in the background.
pub(crate) fn start_batch(app: &App, session: String) {
    let worker = Arc::clone(app);
    app.spawn(async move {
        let half = worker.world().settings.processing_delay / 2;
        tokio::time::sleep(half).await;
        let opening = Arc::clone(&worker);
        let name = session.clone();
        let Some(opened) = blocking(move || open_batch(&opening, &name))
            .await
            .flatten()
        else {
            return;
        };
        tokio::time::sleep(half).await;
        let judging = Arc::clone(&worker);
        blocking(move || judge_batch(&judging, &session, opened)).await;
    });
}

/// Judges the invoice at a place of an interactive session in the background.
pub(crate) fn start_invoice(app: &App, session: String, invoice: usize, bytes: Vec<u8>) {
    let worker = Arc::clone(app);
    app.spawn(async move {
        let delay = worker.world().settings.processing_delay;
        tokio::time::sleep(delay).await;
        blocking(move || {
            judge_one(&worker, &session, invoice, bytes);
            finish_online(&worker, &session);
        })
        .await;
    });
}

/// Finishes an interactive session just closed, when nothing in it waits for its judgement.
pub(crate) fn start_finishing(app: &App, session: String) {
    let worker = Arc::clone(app);
    app.spawn(async move {
        blocking(move || finish_online(&worker, &session)).await;
    });
}

/// Finishes sessions that were interrupted between their last invoice and their receipt.
pub(crate) fn resume(app: &App) {
    let waiting: Vec<String> = app
        .world()
        .sessions
        .values()
        .filter(|session| session.status.code == 170)
        .map(|session| session.reference.clone())
        .collect();
    let worker = Arc::clone(app);
    if !waiting.is_empty() {
        app.spawn(async move {
            blocking(move || waiting.iter().for_each(|session| finish(&worker, session))).await;
        });
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}

/// Opens the package and lists its invoices; a package that does not open ends the session.
fn open_batch(app: &App, name: &str) -> Option<Opened> {
    let sealed = package::Sealed::of(app.world().sessions.get(name)?)?;
    let outcome = sealed.open();
    let mut world = app.world();
    let now = world.clock.now();
    let session = world.sessions.get_mut(name)?;
    let opened = match outcome {
        Ok(opened) => opened,
        Err(code) => {
            let mut status = Status::of_session(SessionKind::Batch, code);
            if code == 440 {
                status = status.detail("Nie przesłano faktur.");
            }
            session.set_status(status, now);
            drop(world);
            app.touch();
            return None;
        }
    };
    for file in &opened.files {
        let Ok(reference) = reference("EE", now) else {
            session.set_status(Status::of_session(SessionKind::Batch, 500), now);
            return None;
        };
        session.invoices.push(SessionInvoice {
            reference,
            hash: file.hash,
            file_name: Some(file.name.chars().take(128).collect()),
            received: now,
            offline: session.offline,
            correction_of: None,
            status: Status::of_invoice(150),
            number: None,
            accepted: None,
        });
    }
    session.updated = now;
    Some(opened)
}

/// Judges the invoices of an opened package one after the other, in the order of the archive.
fn judge_batch(app: &App, name: &str, opened: Opened) {
    let mut index = 0;
    let read = opened.visit(|bytes| {
        judge_one(app, name, index, bytes);
        index += 1;
    });
    if read.is_err() {
        let mut world = app.world();
        let now = world.clock.now();
        if let Some(session) = world.sessions.get_mut(name) {
            session.abandon_invoices();
            session.set_status(Status::of_session(SessionKind::Batch, 500), now);
        }
        return;
    }
    finish(app, name);
}

fn judge_one(app: &App, session: &str, invoice: usize, bytes: Vec<u8>) {
    let Some(candidate) = app
        .world()
        .sessions
        .get(session)
        .and_then(|session| Candidate::of(session, invoice))
    else {
        return;
    };
    candidate.judge(app, bytes);
    app.touch();
}

/// Finishes an interactive session that is closed and whose invoices are all judged.
fn finish_online(app: &App, name: &str) {
    let ready = app
        .world()
        .sessions
        .get(name)
        .is_some_and(|session| session.status.code == 170 && session.is_judged());
    if ready {
        finish(app, name);
    }
}

/// Gives a judged session its receipt and its last status: 200 with at least one accepted invoice, else 445.
fn finish(app: &App, name: &str) {
    let (receipt, now) = {
        let world = app.world();
        let now = world.clock.now();
        let Some(session) = world.sessions.get(name) else {
            return;
        };
        // A copy without what only the open session needs: sealing ten thousand invoices takes a while.
        let copy = Session {
            reference: session.reference.clone(),
            kind: session.kind,
            context: session.context.clone(),
            proof: session.proof.clone(),
            created: session.created,
            updated: session.updated,
            closed: session.closed,
            valid_until: session.valid_until,
            status: session.status.clone(),
            offline: session.offline,
            batch: None,
            invoices: session.invoices.clone(),
            receipt: None,
            key: None,
        };
        drop(world);
        (seal(app, &copy, now), now)
    };
    let mut world = app.world();
    let Some(session) = world.sessions.get_mut(name) else {
        return;
    };
    let code = match receipt {
        _ if session.successful() == 0 => 445,
        Some(receipt) => {
            session.receipt = Some(receipt);
            200
        }
        None => 500,
    };
    session.set_status(Status::of_session(session.kind, code), now);
    session.key = None;
    drop(world);
    app.touch();
}

fn seal(app: &App, session: &Session, now: Timestamp) -> Option<Receipt> {
    if session.successful() == 0 {
        return None;
    }
    let xml = receipt::of_session(session, app.authority.seal(), now)
        .inspect_err(|error| report(error))
        .ok()?;
    Some(Receipt {
        reference: reference("UP", now).ok()?,
        xml,
    })
}

/// Whether a session may take one more invoice.
pub(crate) fn has_room(session: &Session) -> bool {
    session.invoices.len() < MAX_INVOICES
}

/// One file of a package.
struct PackedFile {
    name: String,
    hash: InvoiceHash,
}
