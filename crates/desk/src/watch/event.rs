//! What a watcher tells, as data and in words.

use ksef_offline_core::Bilingual;
use ksef_offline_core::deadline::calendar::warsaw_time;
use serde::Serialize;

use crate::availability::OutageView;

/// Something that happened. In JSON `event` names it; `at` is when it was found. Instants are RFC 3339, days
/// `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum WatchEvent {
    /// The first of a watcher: how things stand.
    Started {
        /// When.
        at: String,
        /// `reachable` or `unreachable`.
        ksef: &'static str,
        /// The word of Latarnia, or `unreachable`.
        latarnia: String,
        /// The mode invoices are issued in now.
        mode: &'static str,
        /// Why.
        reason: Bilingual,
        /// Outages that go on or are to come.
        outages: Vec<OutageView>,
        /// Invoices whose last day ends soon.
        due_soon: usize,
        /// Invoices whose last day is over.
        overdue: usize,
    },
    /// KSeF stopped answering.
    Lost {
        /// When.
        at: String,
        /// The mode invoices are issued in now.
        mode: &'static str,
        /// `announced`, `unannounced` or `own-network`.
        cause: Option<&'static str>,
        /// Why.
        reason: Bilingual,
    },
    /// KSeF does not answer still, and invoices are issued in another mode now: an outage was announced, or is over.
    ModeChanged {
        /// When.
        at: String,
        /// The mode before.
        from: String,
        /// The mode now.
        mode: &'static str,
        /// Why.
        reason: Bilingual,
    },
    /// KSeF answers again.
    Restored {
        /// When.
        at: String,
        /// What Latarnia says to it.
        reason: Bilingual,
    },
    /// Latarnia announced an outage, one that goes on or one that is to come.
    OutageAnnounced {
        /// When.
        at: String,
        /// The outage.
        #[serde(flatten)]
        outage: OutageView,
    },
    /// An outage that was announced ahead has begun. From now on it counts.
    OutageBegan {
        /// When.
        at: String,
        /// The outage.
        #[serde(flatten)]
        outage: OutageView,
    },
    /// The announced start or end of an outage changed.
    OutageMoved {
        /// When.
        at: String,
        /// The outage as it is announced now.
        #[serde(flatten)]
        outage: OutageView,
        /// Its start as told before.
        start_before: String,
        /// Its end as told before.
        end_before: Option<String>,
    },
    /// An outage ended.
    OutageEnded {
        /// When.
        at: String,
        /// The outage.
        #[serde(flatten)]
        outage: OutageView,
    },
    /// Latarnia no longer shows an outage of which no end was seen. Deadlines stay open.
    OutageWithdrawn {
        /// When.
        at: String,
        /// The outage.
        #[serde(flatten)]
        outage: OutageView,
    },
    /// Latarnia shows a message of a type or category this version does not know. It moves no deadline.
    MessageUnrecognised {
        /// When.
        at: String,
        /// Its number.
        id: String,
        /// Its category.
        category: String,
        /// Its type.
        #[serde(rename = "type")]
        kind: String,
        /// Its headline.
        title: String,
    },
    /// Latarnia shows something that cannot be read.
    MessageUnreadable {
        /// When.
        at: String,
        /// Its number, where it has one.
        id: Option<String>,
        /// Its place in the list, from 1.
        position: usize,
    },
    /// The last day of an invoice ends soon.
    DueSoon {
        /// When.
        at: String,
        /// The invoice.
        id: String,
        /// Its number.
        number: String,
        /// Its last day.
        due: String,
        /// Whole hours to the end of that day in Warsaw.
        hours_left: i64,
    },
    /// The last day of an invoice is over.
    Overdue {
        /// When.
        at: String,
        /// The invoice.
        id: String,
        /// Its number.
        number: String,
        /// Its last day.
        due: String,
        /// Whether it is sent all the same: by law yes, by the policy `seven-days` no.
        still_sent: bool,
    },
    /// The queue could not be read or written. Told once until it works again; watching goes on.
    Trouble {
        /// When.
        at: String,
        /// The stable code of the error.
        code: &'static str,
        /// The error.
        message: Bilingual,
    },
}

impl WatchEvent {
    /// When it was found, RFC 3339.
    pub fn at(&self) -> &str {
        match self {
            Self::Started { at, .. }
            | Self::Lost { at, .. }
            | Self::ModeChanged { at, .. }
            | Self::Restored { at, .. }
            | Self::OutageAnnounced { at, .. }
            | Self::OutageBegan { at, .. }
            | Self::OutageMoved { at, .. }
            | Self::OutageEnded { at, .. }
            | Self::OutageWithdrawn { at, .. }
            | Self::MessageUnrecognised { at, .. }
            | Self::MessageUnreadable { at, .. }
            | Self::DueSoon { at, .. }
            | Self::Overdue { at, .. }
            | Self::Trouble { at, .. } => at,
        }
    }

    /// The event in a line for people, without its time.
    pub fn words(&self) -> Bilingual {
        match self {
            Self::Started {
                mode,
                reason,
                due_soon,
                overdue,
                ..
            } => Bilingual::new(
                format!(
                    "Tryb {mode}. {} Kończy się termin: {due_soon}, po terminie: {overdue}.",
                    reason.pl
                ),
                format!(
                    "Mode {mode}. {} Due soon: {due_soon}, overdue: {overdue}.",
                    reason.en
                ),
            ),
            Self::Lost { mode, reason, .. } => Bilingual::new(
                format!("Utrata połączenia, tryb {mode}: {}", reason.pl),
                format!("Connection lost, mode {mode}: {}", reason.en),
            ),
            Self::ModeChanged {
                from, mode, reason, ..
            } => Bilingual::new(
                format!("Tryb {mode} zamiast {from}: {}", reason.pl),
                format!("Mode {mode} in place of {from}: {}", reason.en),
            ),
            Self::Restored { reason, .. } => Bilingual::new(
                format!("Powrót połączenia: {}", reason.pl),
                format!("Connection restored: {}", reason.en),
            ),
            Self::OutageAnnounced { outage, .. } => told_of(outage, "Ogłoszono", "Announced"),
            Self::OutageBegan { outage, .. } => told_of(outage, "Rozpoczęła się", "Began"),
            Self::OutageMoved { outage, .. } => told_of(outage, "Zmieniono termin", "Moved"),
            Self::OutageEnded { outage, .. } => told_of(outage, "Zakończyła się", "Ended"),
            Self::OutageWithdrawn { outage, .. } => told_of(
                outage,
                "Latarnia już nie pokazuje, a końca nie widziano",
                "Latarnia no longer shows, and no end was seen",
            ),
            Self::MessageUnrecognised {
                id,
                category,
                kind,
                title,
                ..
            } => Bilingual::new(
                format!(
                    "Komunikat Latarni nieznanego rodzaju, bez wpływu na terminy: {id} {category} {kind} {title}"
                ),
                format!(
                    "Message of Latarnia of an unknown kind, moves no deadline: {id} {category} {kind} {title}"
                ),
            ),
            Self::MessageUnreadable { id, position, .. } => {
                let id = id.as_deref().unwrap_or("–");
                Bilingual::new(
                    format!("Nieczytelny komunikat Latarni, pozycja {position}: {id}"),
                    format!("Unreadable message of Latarnia, place {position}: {id}"),
                )
            }
            Self::DueSoon {
                id,
                number,
                due,
                hours_left,
                ..
            } => Bilingual::new(
                format!(
                    "Kończy się termin faktury {number} ({id}): {due}, pozostało godzin: {hours_left}"
                ),
                format!("Invoice {number} ({id}) is due on {due}, hours left: {hours_left}"),
            ),
            Self::Overdue {
                id,
                number,
                due,
                still_sent,
                ..
            } => {
                let (pl, en) = if *still_sent {
                    ("", "")
                } else {
                    ("; nie będzie już wysłana", "; it is not sent any more")
                };
                Bilingual::new(
                    format!("Faktura {number} ({id}) po terminie: {due}{pl}"),
                    format!("Invoice {number} ({id}) is overdue since {due}{en}"),
                )
            }
            Self::Trouble { code, message, .. } => Bilingual::new(
                format!("Błąd kolejki [{code}]: {}", message.pl),
                format!("Trouble with the queue [{code}]: {}", message.en),
            ),
        }
    }
}

fn told_of(outage: &OutageView, verb_pl: &str, verb_en: &str) -> Bilingual {
    let (kind_pl, kind_en) = match outage.category.as_str() {
        "FAILURE" => ("awaria", "failure"),
        "TOTAL_FAILURE" => ("awaria całkowita", "total failure"),
        _ => ("niedostępność", "unavailability"),
    };
    let (end_pl, end_en) = match &outage.end {
        Some(end) => (clock(end), clock(end)),
        None => (
            "końca nie ogłoszono".to_owned(),
            "no end announced".to_owned(),
        ),
    };
    let (name, start) = (&outage.name, clock(&outage.start));
    Bilingual::new(
        format!("{verb_pl}: {kind_pl} {name}, {start} – {end_pl}"),
        format!("{verb_en}: {kind_en} {name}, {start} – {end_en}"),
    )
}

/// An instant as the clocks in Warsaw show it.
fn clock(instant: &str) -> String {
    instant.parse().map_or_else(
        |_| instant.to_owned(),
        |instant| warsaw_time(instant).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}
