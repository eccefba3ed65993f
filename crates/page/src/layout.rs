//! What every page has around it: head, navigation, the state of KSeF, the language switch.

use jiff::Timestamp;
use ksef_offline::AvailabilityView;
use maud::{DOCTYPE, Markup, html};

use crate::app::Look;
use crate::fault;
use crate::format::clock_with_seconds;
use crate::job;
use crate::visitor::Visitor;
use crate::words::Words;

/// Where in the navigation a page belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Queue,
    Issue,
    Archive,
    Outages,
    Simulator,
    Elsewhere,
}

/// A page that stays as it is until somebody asks again.
pub(crate) fn page(visitor: &Visitor, place: Place, title: &str, body: &Markup) -> Markup {
    moving_page(visitor, place, title, None, body)
}

/// A page about something that moves: without the script it is loaded again after some seconds.
pub(crate) fn moving_page(
    visitor: &Visitor,
    place: Place,
    title: &str,
    seconds: Option<u32>,
    body: &Markup,
) -> Markup {
    let words = visitor.words;
    html! {
        (DOCTYPE)
        html lang=(words.code()) {
            head {
                (head(words, title))
                @if let Some(seconds) = seconds {
                    noscript { meta http-equiv="refresh" content=(seconds); }
                }
                script src="/assets/page.js" defer {}
            }
            body {
                a.skip href="#main" { (words.say("Przejdź do treści", "Skip to the content")) }
                (masthead(visitor, place))
                div.wrap {
                    (state(visitor))
                    @if place != Place::Elsewhere { (work(visitor, place)) }
                    main #main tabindex="-1" { (body) }
                }
                footer.foot {
                    div.wrap {
                        p {
                            "ksef-offline " (env!("CARGO_PKG_VERSION")) " · "
                            (visitor.app.desk.config().context) " · "
                            (environment(visitor))
                            @if visitor.app.simulation.is_some() {
                                " · " (words.say("symulator", "simulator"))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A page for those who are not in.
pub(crate) fn bare(words: Words, lead_to: Option<&str>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(words.code()) {
            head {
                meta charset="utf-8";
                title { (words.say("Faktury offline", "Offline Invoices")) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if let Some(to) = lead_to {
                    meta http-equiv="refresh" content=(format!("0;url={to}"));
                }
            }
            body { main { (body) } }
        }
    }
}

fn head(words: Words, title: &str) -> Markup {
    html! {
        meta charset="utf-8";
        title { (title) " · " (words.say("Faktury offline", "Offline Invoices")) }
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light";
        link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
        link rel="stylesheet" href="/assets/style.css";
    }
}

fn masthead(visitor: &Visitor, place: Place) -> Markup {
    let words = visitor.words;
    let link = |to: &str, here: Place, text: &str| {
        html! {
            li { a href=(to) aria-current=[(place == here).then_some("page")] { (text) } }
        }
    };
    html! {
        header.masthead {
            div.wrap {
                a.brand href="/" {
                    img src="/assets/icon.svg" alt="" width="28" height="28";
                    span { (words.say("Faktury offline", "Offline Invoices")) }
                }
                nav aria-label=(words.say("Główne menu", "Main menu")) {
                    ul {
                        (link("/", Place::Queue, words.say("Kolejka", "Queue")))
                        (link("/issue", Place::Issue, words.say("Wystawianie", "Issuing")))
                        (link("/archive", Place::Archive, words.say("Archiwum", "Archive")))
                        (link("/outages", Place::Outages, words.say("Przerwy KSeF", "KSeF outages")))
                        @if visitor.app.simulation.is_some() {
                            (link("/simulator", Place::Simulator, words.say("Symulator", "Simulator")))
                        }
                    }
                }
                form.languages method="post" action="/language" {
                    (csrf(visitor))
                    input type="hidden" name="back" value=(visitor.here);
                    @for (code, name) in [("pl", "Polski"), ("en", "English")] {
                        button type="submit" name="language" value=(code) lang=(code)
                            aria-pressed=(if words.code() == code { "true" } else { "false" }) { (name) }
                    }
                }
            }
        }
    }
}

/// The token that each of our forms carries.
pub(crate) fn csrf(visitor: &Visitor) -> Markup {
    // EXPOSE: goes to the one who is in.
    html! { input type="hidden" name="csrf_token" value=(visitor.app.csrf()); }
}

fn environment(visitor: &Visitor) -> String {
    let words = visitor.words;
    let kind = visitor.app.desk.config().environment.kind();
    let name = match kind.name() {
        "test" => words.say("środowisko testowe", "test environment"),
        "demo" => words.say("środowisko demo", "demo environment"),
        "production" => words.say("środowisko produkcyjne", "production environment"),
        _ => words.say("własne środowisko", "custom environment"),
    };
    name.to_owned()
}

/// How KSeF is: red when it cannot be reached, quiet else.
fn state(visitor: &Visitor) -> Markup {
    let words = visitor.words;
    html! {
        section #state aria-label=(words.say("Stan KSeF", "State of KSeF")) data-live="5" {
            @match visitor.app.look() {
                None => p.state { (words.say("Sprawdzanie, czy KSeF odpowiada…", "Asking whether KSeF answers…")) },
                Some(Look { at, found: Ok(found) }) => (found_state(words, at, &found)),
                Some(Look { found: Err(fault), .. }) => div.banner role="alert" { (fault::list(words, &[fault])) },
            }
        }
    }
}

fn found_state(words: Words, at: Timestamp, found: &AvailabilityView) -> Markup {
    let checked = html! {
        span.checked { (words.say("sprawdzono", "checked")) " " time { (clock_with_seconds(at)) } }
    };
    html! {
        @if let Some(banner) = &found.banner {
            div.banner role="alert" {
                p { strong { (words.text(banner)) } }
                p {
                    (words.say("Tryb", "Mode")) ": " b { (words.mode(found.mode)) } ". "
                    (words.text(&found.reason)) " "
                    (words.say("Latarnia", "Latarnia")) ": " (words.latarnia(&found.latarnia)) " · " (checked)
                }
            }
        } @else {
            p.state {
                span.dot aria-hidden="true" {}
                (words.say("KSeF odpowiada", "KSeF answers")) " · Latarnia: " (words.latarnia(&found.latarnia))
                " · " (words.say("tryb", "mode")) " " (words.mode(found.mode)) " · " (checked)
            }
        }
        @if found.banner.is_none() && let Some(fault) = &found.offline_certificate_fault {
            div.hint {
                strong { (words.say("Brak certyfikatu Offline.", "No Offline certificate.")) } " "
                (words.text(&fault.message))
            }
        }
        @if let Some(certificate) = &found.offline_certificate && certificate.expires_soon {
            p.hint {
                (words.say("Certyfikat Offline wkrótce wygaśnie:", "The Offline certificate expires soon:")) " "
                (certificate.valid_to)
            }
        }
        @if !found.unreadable.is_empty() || !found.unrecognised.is_empty() {
            p.hint {
                (words.say(
                    "Latarnia pokazuje komunikaty, których nie da się zrozumieć.",
                    "Latarnia shows messages that cannot be understood.",
                )) " "
                a href="/outages" { (words.say("Zobacz", "See them")) }
            }
        }
    }
}

/// The work under way, in a line; on the queue also the last that was done.
fn work(visitor: &Visitor, place: Place) -> Markup {
    let job = visitor
        .app
        .job()
        .filter(|job| visitor.here != "/work" && (job.is_running() || place == Place::Queue));
    html! {
        div #work role="status" data-live="1" {
            @if let Some(job) = job { (job::line(visitor.words, &job)) }
        }
    }
}

/// A remark about what was just done, by the name in the address.
pub(crate) fn notice(words: Words, name: Option<&str>) -> Markup {
    let text = match name {
        Some("deleted") => words.say(
            "Faktura została usunięta z kolejki.",
            "The invoice was removed from the queue.",
        ),
        Some("simulator") => words.say("Zrobione.", "Done."),
        Some("busy") => words.say(
            "Inna praca jest w toku; nic nowego nie rozpoczęto.",
            "Other work is under way; nothing new was begun.",
        ),
        _ => return html! {},
    };
    html! { p.notice role="status" { (text) } }
}
