//! Work that takes longer than a request: sending, refreshing, correcting. One at a time; it goes on when the browser
//! goes away, and every page can show how far it is.

use std::sync::Arc;

use jiff::Timestamp;
use ksef_offline::{
    FaultView, InvoiceView, IssueFile, Progress, RefreshReport, SendOptions, SendReport,
};
use maud::{Markup, html};
use tokio::task::AbortHandle;

use crate::app::App;
use crate::fault::Fault;
use crate::format::clock_with_seconds;
use crate::words::{CORRECTIONS_SENT, INVOICES, Words};

/// What is to be done.
pub(crate) enum Work {
    Send,
    Refresh,
    Correct { id: String, file: IssueFile },
}

/// Work under way or done.
#[derive(Clone)]
pub(crate) struct Job {
    pub(crate) kind: Kind,
    /// The name of the form that ordered it.
    pub(crate) once: String,
    pub(crate) started: Timestamp,
    pub(crate) state: State,
    handle: AbortHandle,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Send,
    Refresh,
    Correct,
}

#[derive(Clone)]
pub(crate) enum State {
    Running(Option<Progress>),
    Done(Timestamp, Arc<Outcome>),
    Failed(Timestamp, Vec<FaultView>),
}

pub(crate) enum Outcome {
    Sent(SendReport),
    Refreshed(RefreshReport),
    Corrected(Box<InvoiceView>),
}

impl Outcome {
    /// Whether something did not go as wished.
    fn is_partial(&self) -> bool {
        match self {
            Self::Sent(report) => report.rejected > 0 || !report.skipped.is_empty(),
            Self::Refreshed(_) => false,
            Self::Corrected(invoice) => invoice.status != "sent",
        }
    }
}

impl Job {
    /// Begins the work on the runtime.
    pub(crate) fn begin(app: App, work: Work, once: String) -> Self {
        let kind = match &work {
            Work::Send => Kind::Send,
            Work::Refresh => Kind::Refresh,
            Work::Correct { .. } => Kind::Correct,
        };
        let started = app.desk.now();
        let handle = tokio::spawn(run(app, work)).abort_handle();
        Self {
            kind,
            once,
            started,
            state: State::Running(None),
            handle,
        }
    }

    pub(crate) fn is_running(&self) -> bool {
        matches!(self.state, State::Running(_)) && !self.handle.is_finished()
    }

    pub(crate) fn abort(&self) {
        self.handle.abort();
    }
}

async fn run(app: App, work: Work) {
    let progress = {
        let app = Arc::clone(&app);
        move |step| app.tell_job(|job| job.state = State::Running(Some(step)))
    };
    let options = SendOptions::default();
    let ended = match work {
        Work::Send => app.desk.send(options, &progress).await.map(Outcome::Sent),
        Work::Refresh => app.desk.refresh(&progress).await.map(Outcome::Refreshed),
        Work::Correct { id, file } => app
            .desk
            .correct(&id, &file, options, &progress)
            .await
            .map(|invoice| Outcome::Corrected(Box::new(invoice))),
    };
    app.look_again().await;
    let now = app.desk.now();
    app.tell_job(|job| {
        job.state = match ended {
            Ok(outcome) => State::Done(now, Arc::new(outcome)),
            Err(error) => State::Failed(now, Fault::from(error).views()),
        };
    });
}

/// The work in a line, for the top of every page.
pub(crate) fn line(words: Words, job: &Job) -> Markup {
    let details = html! { a href="/work" { (words.say("szczegóły", "details")) } };
    match &job.state {
        State::Running(progress) if job.is_running() => html! {
            p.work.running {
                b { (title(words, job)) } " "
                span { (step(words, *progress)) } " "
                (bar(words, *progress)) " " (details)
            }
        },
        State::Running(_) => html! {},
        State::Done(at, outcome) => html! {
            p.work.done.partly[outcome.is_partial()] {
                (summary(words, outcome)) " · " (clock_with_seconds(*at))
                " · " (details)
            }
        },
        State::Failed(at, faults) => html! {
            p.work.failed {
                b { (title(words, job)) } ": "
                @for fault in faults.iter().take(1) { (words.text(&fault.message)) }
                " · " (clock_with_seconds(*at)) " · " (details)
            }
        },
    }
}

pub(crate) fn title(words: Words, job: &Job) -> &'static str {
    let (pl, en) = match job.kind {
        Kind::Send => ("Wysyłanie paczki", "Sending the batch"),
        Kind::Refresh => ("Odświeżanie statusów", "Refreshing statuses"),
        Kind::Correct => (
            "Wysyłanie korekty technicznej",
            "Sending the technical correction",
        ),
    };
    words.say(pl, en)
}

/// What came of it.
pub(crate) fn summary(words: Words, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Sent(report) => {
            let mut text = format!(
                "{}: {}, {}: {}",
                words.say("Przyjęte", "Accepted"),
                report.sent,
                words.say("odrzucone", "rejected"),
                report.rejected,
            );
            if report.processing > 0 {
                let word = words.say("w przetwarzaniu", "in processing");
                text += &format!(", {word}: {}", report.processing);
            }
            if !report.skipped.is_empty() {
                let word = words.say("pominięte", "skipped");
                text += &format!(", {word}: {}", report.skipped.len());
            }
            text
        }
        Outcome::Refreshed(report) => format!(
            "{}: {}",
            words.say("Odświeżono, zmienione", "Refreshed, changed"),
            words.count(report.changed.len() as u64, &INVOICES),
        ),
        Outcome::Corrected(invoice) => format!(
            "{} {}: {}",
            words.say("Korekta techniczna", "Technical correction"),
            invoice.number,
            words.status(invoice.status),
        ),
    }
}

/// The step in words.
pub(crate) fn step(words: Words, progress: Option<Progress>) -> String {
    match progress {
        None => words.say("rozpoczęcie…", "beginning…").to_owned(),
        Some(Progress::Packing { invoices }) => format!(
            "{}: {}",
            words.say("pakowanie i szyfrowanie", "packing and encrypting"),
            words.count(invoices as u64, &INVOICES),
        ),
        Some(Progress::Uploading {
            done,
            parts,
            bytes_done,
            bytes,
        }) => format!(
            "{}: {done}/{parts} ({} / {} kB)",
            words.say("przesyłanie części", "uploading parts"),
            bytes_done.div_ceil(1000),
            bytes.div_ceil(1000),
        ),
        Some(Progress::Correcting { done, invoices }) => format!(
            "{done} / {}",
            words.count(invoices as u64, &CORRECTIONS_SENT)
        ),
        Some(Progress::Processing { judged, invoices }) => format!(
            "{}: {judged}/{invoices}",
            words.say("KSeF sprawdza faktury", "KSeF judges the invoices"),
        ),
        Some(_) => words
            .say("pobieranie UPO", "fetching receipts (UPO)")
            .to_owned(),
    }
}

/// The step as a bar; one that only moves where nobody knows how far it is.
pub(crate) fn bar(words: Words, progress: Option<Progress>) -> Markup {
    let label = words.say("Postęp", "Progress");
    let known = match progress {
        Some(Progress::Uploading {
            bytes_done, bytes, ..
        }) if bytes > 0 => Some((bytes_done, bytes)),
        Some(
            Progress::Correcting { done, invoices }
            | Progress::Processing {
                judged: done,
                invoices,
            },
        ) if invoices > 0 => Some((done as u64, invoices as u64)),
        _ => None,
    };
    html! {
        @match known {
            Some((done, all)) => progress aria-label=(label) max=(all) value=(done.min(all)) {},
            None => progress aria-label=(label) {},
        }
    }
}

/// The number of the step, from 0, for the list of steps.
pub(crate) fn place(progress: Option<Progress>) -> usize {
    match progress {
        None | Some(Progress::Packing { .. }) => 0,
        Some(Progress::Uploading { .. } | Progress::Correcting { .. }) => 1,
        Some(Progress::Processing { .. }) => 2,
        Some(_) => 3,
    }
}
