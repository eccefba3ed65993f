//! Sending a batch: the question before, the progress, the result. And refreshing, which is followed the same way.

use axum::extract::State;
use axum::response::Response;
use ksef_offline::Desk;
use maud::{Markup, html};

use crate::app::{App, random_name};
use crate::fault::{self, Fault};
use crate::format::clock_with_seconds;
use crate::guard::see;
use crate::input::Order;
use crate::job::{self, Job, Kind, Outcome, State as JobState, Work};
use crate::layout::{self, Place, csrf};
use crate::table::{self, Columns};
use crate::visitor::Visitor;
use crate::words::{CORRECTIONS_SENT, INVOICES, INVOICES_SENT, Words};

/// `GET /send`
pub(crate) async fn confirm(State(app): State<App>, visitor: Visitor) -> Result<Markup, Fault> {
    let words = visitor.words;
    let outgoing = app.at_desk(Desk::outgoing).await?;
    let once = random_name::<16>()?;
    let title = words.say("Wysłać paczkę do KSeF?", "Send the batch to KSeF?");
    let unreachable = app
        .look()
        .and_then(|look| look.found.ok())
        .is_some_and(|found| found.ksef != "reachable");
    let busy = app.job().is_some_and(|job| job.is_running());
    let body = html! {
        h1 { (title) }
        div.card.narrow {
            @if outgoing.all() == 0 {
                p { (words.say("Nic nie czeka na wysłanie.", "Nothing waits to be sent.")) }
            } @else {
                p.question {
                    (words.say("Do KSeF pójdzie:", "This goes to KSeF:")) " "
                    strong #how-many { (words.count(outgoing.batch as u64, &INVOICES_SENT)) } "."
                }
                ul {
                    @if outgoing.unsigned > 0 {
                        li {
                            (words.say("z tego podpisanych zostanie najpierw:", "of these signed first:"))
                            " " (outgoing.unsigned)
                        }
                    }
                    @if outgoing.corrections > 0 {
                        li {
                            (words.say("osobno, po jednej:", "one by one beside the batch:")) " "
                            (words.count(outgoing.corrections as u64, &CORRECTIONS_SENT))
                        }
                    }
                    @if outgoing.held > 0 {
                        li {
                            (words.say(
                                "nie zostaną wysłane, bo ich termin minął albo nie podlegają wysłaniu:",
                                "not sent, because their last day is over or they never go to KSeF:",
                            )) " " (outgoing.held)
                        }
                    }
                }
                p { (words.say(
                    "Najpilniejsze idą pierwsze. Wysyłanie można przerwać: nic nie ginie i nic nie idzie dwa razy.",
                    "The most urgent go first. Sending may be interrupted: nothing is lost, and nothing goes twice.",
                )) }
                @if unreachable {
                    p.hint { (words.say(
                        "KSeF teraz nie odpowiada; faktury zostaną w kolejce, dopóki nie odpowie.",
                        "KSeF does not answer now; the invoices stay in the queue until it does.",
                    )) }
                }
                @if busy {
                    p.hint { (words.say(
                        "Inna praca jest w toku; poczekaj, aż się skończy.",
                        "Other work is under way; wait until it is done.",
                    )) }
                }
            }
            form.buttons method="post" action="/send" {
                (csrf(&visitor))
                input type="hidden" name="once" value=(once);
                @if outgoing.all() > 0 {
                    button.button.primary type="submit" { (words.say("Wyślij", "Send")) }
                }
                a.button href="/" { (words.say("Wróć", "Back")) }
            }
        }
    };
    Ok(layout::page(&visitor, Place::Queue, title, &body))
}

/// `POST /send`: sent twice, it is carried out once.
pub(crate) async fn send(State(app): State<App>, order: Order) -> Response {
    app.begin(Work::Send, order.text("once"));
    see("/work")
}

/// `POST /refresh`
pub(crate) async fn refresh(State(app): State<App>, _order: Order) -> Response {
    if app.begin(Work::Refresh, "") {
        see("/")
    } else {
        see("/?notice=busy")
    }
}

/// `GET /work`
pub(crate) async fn work(State(app): State<App>, visitor: Visitor) -> Markup {
    let words = visitor.words;
    let job = app.job();
    let title = job.as_ref().map_or(
        words.say("Nic nie jest w toku", "Nothing is under way"),
        |job| job::title(words, job),
    );
    let running = job.as_ref().is_some_and(Job::is_running);
    let body = html! {
        h1 { (title) }
        div #progress role="status" data-live="1" {
            @if let Some(job) = &job { (drawn(words, job)) }
        }
        p { a.button href="/" { (words.say("Do kolejki", "To the queue")) } }
    };
    layout::moving_page(&visitor, Place::Queue, title, running.then_some(2), &body)
}

fn drawn(words: Words, job: &Job) -> Markup {
    html! {
        @match &job.state {
            JobState::Running(progress) if job.is_running() => {
                @if job.kind != Kind::Refresh { (steps(words, job::place(*progress))) }
                p.step { (job::step(words, *progress)) }
                (job::bar(words, *progress))
                p.left { (words.say("rozpoczęto", "begun")) " " (clock_with_seconds(job.started)) }
            }
            JobState::Running(_) => p { (words.say("Przerwano.", "Interrupted.")) },
            JobState::Failed(at, faults) => {
                div.banner role="alert" {
                    p { strong { (words.say("Praca zakończyła się błędem.", "The work ended with an error.")) } }
                    (fault::list(words, faults))
                }
                p { (words.say(
                    "To, co zrobiono wcześniej, jest zapisane; następne wysłanie pójdzie dalej.",
                    "What was done before is recorded; the next sending goes on from there.",
                )) }
                p.left { (clock_with_seconds(*at)) }
            }
            JobState::Done(at, outcome) => {
                p.result { strong { (job::summary(words, outcome)) } }
                (result(words, outcome))
                p.left { (words.say("zakończono", "done")) " " (clock_with_seconds(*at)) }
            }
        }
    }
}

fn steps(words: Words, now: usize) -> Markup {
    let names = [
        words.say("Pakowanie", "Packing"),
        words.say("Przesyłanie", "Uploading"),
        words.say("KSeF przetwarza", "KSeF processes"),
        "UPO",
    ];
    html! {
        ol.steps {
            @for (place, name) in names.into_iter().enumerate() {
                li.past[place < now] aria-current=[(place == now).then_some("step")] { (name) }
            }
        }
    }
}

fn result(words: Words, outcome: &Outcome) -> Markup {
    let (invoices, sessions, skipped) = match outcome {
        Outcome::Sent(report) => (
            report.invoices.as_slice(),
            report.sessions.as_slice(),
            report.skipped.as_slice(),
        ),
        Outcome::Refreshed(report) => (report.changed.as_slice(), [].as_slice(), [].as_slice()),
        Outcome::Corrected(invoice) => (
            std::slice::from_ref(&**invoice),
            [].as_slice(),
            [].as_slice(),
        ),
    };
    // More would make a page nobody reads; all of them stand in the session and in the queue.
    let shown = &invoices[..invoices.len().min(100)];
    html! {
        @if !sessions.is_empty() {
            h2 { (words.say("Sesje", "Sessions")) }
            ul.plain {
                @for session in sessions {
                    li {
                        a.reference href=(format!("/sessions/{}", session.reference_number)) { (session.reference_number) }
                        " – " (words.session_state(session.state))
                    }
                }
            }
        }
        @if !skipped.is_empty() {
            h2 { (words.say("Pominięte", "Skipped")) }
            ul.faults {
                @for skipped in skipped {
                    li {
                        a href=(format!("/invoices/{}", skipped.id)) { (skipped.id) } " "
                        code { (skipped.reason.code) } br;
                        (words.text(&skipped.reason.message))
                    }
                }
            }
        }
        @if !shown.is_empty() {
            (table::invoices(words, words.say("Wynik", "Result"), Columns::Archive, shown))
            @if shown.len() < invoices.len() {
                p.left {
                    (words.say("pokazano pierwsze 100 z", "the first 100 are shown of")) " "
                    (words.count(invoices.len() as u64, &INVOICES))
                }
            }
        }
    }
}
