//! The administrator's panel over a simulator. The page knows no simulator: whoever opens it hands in something that can
//! be steered.

use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use ksef_offline::{DeskError, IssueFile, IssueOptions};
use maud::{Markup, html};
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::app::App;
use crate::fault::Fault;
use crate::format::clock_with_seconds;
use crate::guard::see;
use crate::input::Order;
use crate::layout::{self, Place, csrf};
use crate::visitor::Visitor;
use crate::words::{FILES, INVOICES, Words};

/// A simulator of KSeF and Latarnia that the page can steer.
pub trait Simulation: Send + Sync {
    /// How it is now.
    fn state(&self) -> SimulationState;

    /// Does what the administrator wants. Takes no time worth mentioning.
    fn apply(&self, order: &SimulationOrder);

    /// Invoices to begin with, issued today by the clock of the simulator; none where there are none.
    fn examples(&self) -> Vec<IssueFile>;
}

/// How a simulator is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimulationState {
    /// Its time, which is also the desk's.
    pub now: Timestamp,
    /// By how much it is ahead of the system's clock.
    pub ahead: SignedDuration,
    /// The outages that go on.
    pub outages: Vec<OutageKind>,
    /// How Latarnia behaves.
    pub latarnia: LatarniaMood,
    /// How long invoices stay in processing.
    pub processing: Duration,
    /// How many invoices to come will be rejected.
    pub rejections: usize,
    /// Invoices accepted so far.
    pub accepted: usize,
}

/// Why KSeF does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutageKind {
    /// Announced maintenance.
    Maintenance,
    /// An announced failure.
    Failure,
    /// A failure announced in the mass media.
    TotalFailure,
    /// Nothing is announced, and nothing answers.
    Unreachable,
}

impl OutageKind {
    const ALL: [Self; 4] = [
        Self::Failure,
        Self::Maintenance,
        Self::TotalFailure,
        Self::Unreachable,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Maintenance => "maintenance",
            Self::Failure => "failure",
            Self::TotalFailure => "total-failure",
            Self::Unreachable => "unreachable",
        }
    }

    fn words(self, words: Words) -> &'static str {
        match self {
            Self::Maintenance => words.say(
                "Niedostępność (prace serwisowe)",
                "Unavailability (maintenance)",
            ),
            Self::Failure => words.say("Awaria", "Failure"),
            Self::TotalFailure => words.say("Awaria całkowita", "Total failure"),
            Self::Unreachable => words.say(
                "Brak połączenia, nic nie ogłoszono",
                "No connection, nothing announced",
            ),
        }
    }
}

/// How Latarnia behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatarniaMood {
    /// It answers.
    Answering,
    /// It answers with an error of the server.
    Failing,
    /// It does not answer.
    Silent,
}

impl LatarniaMood {
    const ALL: [Self; 3] = [Self::Answering, Self::Failing, Self::Silent];

    fn name(self) -> &'static str {
        match self {
            Self::Answering => "answering",
            Self::Failing => "failing",
            Self::Silent => "silent",
        }
    }

    fn words(self, words: Words) -> &'static str {
        match self {
            Self::Answering => words.say("odpowiada", "answers"),
            Self::Failing => words.say("odpowiada błędem", "answers with an error"),
            Self::Silent => words.say("nie odpowiada", "does not answer"),
        }
    }
}

/// An outage to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StartedOutage {
    /// Why.
    pub kind: OutageKind,
    /// When it begins, from now.
    pub after: Duration,
    /// How long it lasts; until it is ended when `None`.
    pub lasting: Option<Duration>,
}

/// What the administrator wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SimulationOrder {
    /// An outage begins, now or later.
    Begin(StartedOutage),
    /// Every outage that goes on ends.
    End,
    /// Latarnia behaves so.
    Latarnia(LatarniaMood),
    /// Invoices stay in processing for so long.
    Processing(Duration),
    /// The next invoice is rejected with this code.
    RejectNext(u16),
    /// The clock is set so far ahead of the system's.
    Clock(SignedDuration),
}

/// Reasons KSeF has; the first three can be mended by a technical correction.
const REJECTIONS: [(u16, &str, &str); 5] = [
    (440, "numer zajęty (duplikat)", "number taken (duplicate)"),
    (450, "błąd weryfikacji treści", "content does not verify"),
    (430, "błąd weryfikacji pliku", "file does not verify"),
    (410, "brak uprawnień", "no right"),
    (550, "przerwane przez system", "interrupted by the system"),
];
/// Steps of the clock, in hours.
const STEPS: [(i64, &str, &str); 4] = [
    (1, "+1 godzina", "+1 hour"),
    (24, "+1 dzień", "+1 day"),
    (168, "+7 dni", "+7 days"),
    (-24, "−1 dzień", "−1 day"),
];
const MAX_DELAY_SECONDS: u64 = 3600;
const MAX_HOURS: u64 = 24 * 365;

fn simulation(app: &App) -> Result<&Arc<dyn Simulation>, Fault> {
    app.simulation.as_ref().ok_or(Fault::NO_SUCH_PAGE)
}

/// `GET /simulator`
pub(crate) async fn page(
    State(app): State<App>,
    visitor: Visitor,
    Query(asked): Query<BTreeMap<String, String>>,
) -> Result<Markup, Fault> {
    let simulation = simulation(&app)?;
    let (words, state, examples) = (
        visitor.words,
        simulation.state(),
        simulation.examples().len(),
    );
    let title = words.say("Symulator KSeF", "KSeF simulator");
    let body = html! {
        h1 { (title) }
        (layout::notice(words, asked.get("notice").map(String::as_str)))
        p { (words.say(
            "Ten panel steruje symulatorem, nie prawdziwym KSeF. Skutki widać od razu w trybie, terminach i wysyłaniu.",
            "This panel steers the simulator, not the real KSeF. Modes, deadlines and sending show the effect at once.",
        )) }
        (facts(words, &state))
        div.columns {
            (outage_card(&visitor, &state))
            (clock_card(&visitor))
            (processing_card(&visitor, &state))
            (latarnia_card(&visitor, &state))
            @if examples > 0 {
                section.card aria-labelledby="examples-title" {
                    h2 #examples-title { (words.say("Przykładowe faktury", "Example invoices")) }
                    p { (words.say("Wszystkie rodzaje, wystawione dzisiaj:", "All kinds, issued today:")) " "
                        (words.count(examples as u64, &FILES)) }
                    (order(&visitor, "examples", &html! {
                        button.button type="submit" { (words.say("Wystaw przykłady", "Issue the examples")) }
                    }))
                }
            }
        }
    };
    Ok(layout::page(&visitor, Place::Simulator, title, &body))
}

fn facts(words: Words, state: &SimulationState) -> Markup {
    html! {
        dl.facts.card {
            div { dt { (words.say("Czas", "Time")) } dd {
                (clock_with_seconds(state.now))
                @if state.ahead.as_secs().abs() > 1 { " (" (words.say("przestawiony", "moved")) ")" }
            } }
            div { dt { "KSeF" } dd {
                @if state.outages.is_empty() { (words.say("działa", "works")) }
                @for kind in &state.outages { span.pill.error { (kind.words(words)) } " " }
            } }
            div { dt { "Latarnia" } dd { (state.latarnia.words(words)) } }
            div { dt { (words.say("Czas przetwarzania", "Processing takes")) } dd { (state.processing.as_secs_f64()) " s" } }
            div { dt { (words.say("Zaplanowane odrzucenia", "Rejections to come")) } dd { (state.rejections) } }
            div { dt { (words.say("Przyjęto", "Accepted")) } dd { (words.count(state.accepted as u64, &INVOICES)) } }
        }
    }
}

fn order(visitor: &Visitor, what: &str, body: &Markup) -> Markup {
    html! {
        form.panel method="post" action="/simulator" {
            (csrf(visitor))
            input type="hidden" name="what" value=(what);
            (body)
        }
    }
}

fn outage_card(visitor: &Visitor, state: &SimulationState) -> Markup {
    let words = visitor.words;
    html! {
        section.card aria-labelledby="outage-title" {
            h2 #outage-title { (words.say("Przerwa w działaniu", "Outage")) }
            (order(visitor, "begin", &html! {
                div.field {
                    label for="kind" { (words.say("Rodzaj", "Kind")) }
                    select #kind name="kind" {
                        @for kind in OutageKind::ALL { option value=(kind.name()) { (kind.words(words)) } }
                    }
                }
                div.field {
                    label for="after" { (words.say("Za ile godzin (0 = teraz)", "In how many hours (0 = now)")) }
                    input #after name="after" type="number" min="0" max=(MAX_HOURS) value="0" required;
                }
                div.field {
                    label for="lasting" { (words.say("Ile godzin (puste = do odwołania)", "For how many hours (empty = until ended)")) }
                    input #lasting name="lasting" type="number" min="1" max=(MAX_HOURS);
                }
                button.button.danger type="submit" { (words.say("Rozpocznij", "Begin")) }
            }))
            @if !state.outages.is_empty() {
                (order(visitor, "end", &html! {
                    button.button.primary #end-outage type="submit" { (words.say("Zakończ przerwę", "End the outage")) }
                }))
            }
        }
    }
}

fn clock_card(visitor: &Visitor) -> Markup {
    let words = visitor.words;
    html! {
        section.card aria-labelledby="clock-title" {
            h2 #clock-title { (words.say("Zegar", "Clock")) }
            (order(visitor, "move-clock", &html! {
                div.buttons {
                    @for (hours, pl, en) in STEPS {
                        button.button type="submit" name="hours" value=(hours) { (words.say(pl, en)) }
                    }
                }
            }))
            (order(visitor, "reset-clock", &html! {
                button.button type="submit" { (words.say("Prawdziwy czas", "Real time")) }
            }))
        }
    }
}

fn processing_card(visitor: &Visitor, state: &SimulationState) -> Markup {
    let words = visitor.words;
    html! {
        section.card aria-labelledby="processing-title" {
            h2 #processing-title { (words.say("Przetwarzanie i odrzucenia", "Processing and rejections")) }
            (order(visitor, "processing", &html! {
                div.field {
                    label for="seconds" { (words.say("Czas przetwarzania (sekundy)", "Processing takes (seconds)")) }
                    input #seconds name="seconds" type="number" min="0" max=(MAX_DELAY_SECONDS) value=(state.processing.as_secs()) required;
                }
                button.button type="submit" { (words.say("Ustaw", "Set")) }
            }))
            (order(visitor, "reject", &html! {
                div.field {
                    label for="code" { (words.say("Odrzuć następną fakturę", "Reject the next invoice")) }
                    select #code name="code" {
                        @for (code, pl, en) in REJECTIONS {
                            option value=(code) { (code) " – " (words.say(pl, en)) }
                        }
                    }
                }
                button.button type="submit" { (words.say("Odrzuć", "Reject")) }
            }))
        }
    }
}

fn latarnia_card(visitor: &Visitor, state: &SimulationState) -> Markup {
    let words = visitor.words;
    html! {
        section.card aria-labelledby="latarnia-title" {
            h2 #latarnia-title { "Latarnia" }
            (order(visitor, "latarnia", &html! {
                div.field {
                    label for="mood" { (words.say("Latarnia", "Latarnia")) }
                    select #mood name="mood" {
                        @for mood in LatarniaMood::ALL {
                            option value=(mood.name()) selected[mood == state.latarnia] { (mood.words(words)) }
                        }
                    }
                }
                button.button type="submit" { (words.say("Ustaw", "Set")) }
            }))
        }
    }
}

/// `POST /simulator`
pub(crate) async fn order_given(State(app): State<App>, order: Order) -> Result<Response, Fault> {
    let simulation = Arc::clone(simulation(&app)?);
    if order.text("what") == "examples" {
        let (desk, files) = (Arc::clone(&app.desk), simulation.examples());
        let issued = tokio::spawn(async move { desk.issue(&files, IssueOptions::default()).await });
        let report = issued.await.map_err(|_| DeskError::Interrupted)??;
        return Ok(see(&format!("/issued/{}", app.keep_report(report)?)));
    }
    simulation.apply(&read(&order, &simulation.state()).ok_or(Fault::MALFORMED)?);
    app.look_again().await;
    Ok(see("/simulator?notice=simulator"))
}

fn read(order: &Order, state: &SimulationState) -> Option<SimulationOrder> {
    let hours = |name: &str| {
        let hours: u64 = order
            .text(name)
            .parse()
            .ok()
            .filter(|hours| *hours <= MAX_HOURS)?;
        Some(Duration::from_hours(hours))
    };
    Some(match order.text("what") {
        "begin" => SimulationOrder::Begin(StartedOutage {
            kind: OutageKind::ALL
                .into_iter()
                .find(|kind| kind.name() == order.text("kind"))?,
            after: hours("after")?,
            lasting: match order.text("lasting") {
                "" => None,
                _ => Some(hours("lasting")?),
            },
        }),
        "end" => SimulationOrder::End,
        "latarnia" => SimulationOrder::Latarnia(
            LatarniaMood::ALL
                .into_iter()
                .find(|mood| mood.name() == order.text("mood"))?,
        ),
        "processing" => {
            let seconds: u64 = order.text("seconds").parse().ok()?;
            SimulationOrder::Processing(Duration::from_secs(seconds.min(MAX_DELAY_SECONDS)))
        }
        "reject" => {
            let code: u16 = order.text("code").parse().ok()?;
            SimulationOrder::RejectNext(REJECTIONS.iter().find(|known| known.0 == code)?.0)
        }
        "move-clock" => {
            let hours: i64 = order.text("hours").parse().ok()?;
            let (step, ..) = *STEPS.iter().find(|step| step.0 == hours)?;
            SimulationOrder::Clock(state.ahead.checked_add(SignedDuration::from_hours(step))?)
        }
        "reset-clock" => SimulationOrder::Clock(SignedDuration::ZERO),
        _ => return None,
    })
}
