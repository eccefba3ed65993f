//! Latarnia: the downtimes an operator announced, and the messages and the status that follow from them at a moment.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::clock::{warsaw_date, warsaw_instant};

/// Why KSeF does not work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DowntimeKind {
    /// Announced maintenance: the API answers 503, Latarnia shows `MAINTENANCE`.
    Maintenance,
    /// An announced failure: the API answers 503, Latarnia shows `FAILURE`.
    Failure,
    /// A total failure: the API answers 503, Latarnia shows `TOTAL_FAILURE`.
    TotalFailure,
    /// Nothing is announced; connections to the API are dropped without an answer.
    Unreachable,
}

/// A downtime of KSeF, at once or planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Downtime {
    /// What it is.
    pub kind: DowntimeKind,
    /// When it begins; now when absent.
    #[serde(default)]
    pub start: Option<Timestamp>,
    /// When it ends; open when absent. Maintenance is always announced with an end: four hours when absent.
    #[serde(default)]
    pub end: Option<Timestamp>,
    /// Drop connections instead of answering 503, whatever the kind.
    #[serde(default)]
    pub drop_connections: bool,
}

impl Downtime {
    /// A downtime that begins now and has no known end.
    pub fn now(kind: DowntimeKind) -> Self {
        Self {
            kind,
            start: None,
            end: None,
            drop_connections: false,
        }
    }

    /// Sets the beginning.
    #[must_use]
    pub fn starting(mut self, start: Timestamp) -> Self {
        self.start = Some(start);
        self
    }

    /// Sets the end.
    #[must_use]
    pub fn ending(mut self, end: Timestamp) -> Self {
        self.end = Some(end);
        self
    }
}

/// How the API behaves while it is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outage {
    /// It answers 503, until then if that is known.
    Answers(Option<Timestamp>),
    /// It drops connections.
    Drops,
}

/// What Latarnia knows.
#[derive(Debug, Default)]
pub(crate) struct Latarnia {
    events: Vec<Event>,
    /// Numbers used up in the two series of message ids.
    failures: u32,
    maintenances: u32,
    /// Whether Latarnia itself drops connections.
    pub(crate) silent: bool,
    /// Whether Latarnia itself answers 503.
    pub(crate) failing: bool,
    /// What an operator has Latarnia show beside its own messages, as given.
    pub(crate) verbatim: Vec<serde_json::Value>,
}

#[derive(Debug)]
struct Event {
    id: i64,
    kind: DowntimeKind,
    start: Timestamp,
    end: Option<Timestamp>,
    published: Timestamp,
    drop_connections: bool,
    /// Number among the announcements of its kind, as it stands in message ids.
    sequence: u32,
    /// Raised whenever what was announced changes.
    version: u32,
}

/// A message in the JSON of Latarnia.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    id: String,
    event_id: i64,
    category: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    title: String,
    text: String,
    start: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end: Option<String>,
    version: u32,
    published: String,
}

/// The status in the JSON of Latarnia.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Status {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    messages: Option<Vec<Message>>,
}

const MAINTENANCE_HOURS: i64 = 4;

impl Latarnia {
    /// Enters a downtime and returns its event number.
    pub(crate) fn enter(&mut self, downtime: &Downtime, now: Timestamp) -> i64 {
        let start = downtime.start.unwrap_or(now);
        let end = match downtime.kind {
            DowntimeKind::Maintenance => downtime.end.or_else(|| {
                start
                    .checked_add(jiff::SignedDuration::from_hours(MAINTENANCE_HOURS))
                    .ok()
            }),
            _ => downtime.end,
        };
        // A failure takes two numbers, one for each of its messages.
        let sequence = match downtime.kind {
            DowntimeKind::Maintenance => {
                self.maintenances += 1;
                self.maintenances
            }
            DowntimeKind::Failure | DowntimeKind::TotalFailure => {
                self.failures += 2;
                self.failures - 1
            }
            DowntimeKind::Unreachable => 0,
        };
        let id = 1001 + i64::try_from(self.events.len()).unwrap_or_default();
        self.events.push(Event {
            id,
            kind: downtime.kind,
            start,
            end: end.filter(|end| *end > start),
            published: now.min(start),
            drop_connections: downtime.drop_connections
                || downtime.kind == DowntimeKind::Unreachable,
            sequence,
            version: 1,
        });
        id
    }

    /// Ends everything that is going on, and withdraws nothing that was only planned.
    pub(crate) fn end_now(&mut self, now: Timestamp) {
        for event in self.events.iter_mut().filter(|event| event.is_active(now)) {
            event.end = Some(now);
            event.version += 1;
        }
    }

    /// The kinds of what goes on now, the oldest first.
    pub(crate) fn going_on(&self, now: Timestamp) -> Vec<DowntimeKind> {
        let active = self.events.iter().filter(|event| event.is_active(now));
        active.map(|event| event.kind).collect()
    }

    /// How the API behaves now; `None` when it works.
    pub(crate) fn outage(&self, now: Timestamp) -> Option<Outage> {
        let mut outage = None;
        for event in self.events.iter().filter(|event| event.is_active(now)) {
            if event.drop_connections {
                return Some(Outage::Drops);
            }
            outage = Some(Outage::Answers(event.end));
        }
        outage
    }

    /// Everything published until now, oldest first.
    pub(crate) fn messages(&self, now: Timestamp) -> Vec<Message> {
        self.events
            .iter()
            .flat_map(|event| event.messages(now))
            .collect()
    }

    pub(crate) fn status(&self, now: Timestamp) -> Status {
        let active: Vec<&Event> = self
            .events
            .iter()
            .filter(|event| event.is_active(now) && event.kind != DowntimeKind::Unreachable)
            .collect();
        let is = |kind| active.iter().any(|event| event.kind == kind);
        let status = if is(DowntimeKind::TotalFailure) {
            "TOTAL_FAILURE"
        } else if is(DowntimeKind::Failure) {
            "FAILURE"
        } else if is(DowntimeKind::Maintenance) {
            "MAINTENANCE"
        } else {
            "AVAILABLE"
        };
        let messages: Vec<Message> = active
            .iter()
            .flat_map(|event| event.messages(now))
            .collect();
        Status {
            status,
            messages: (!messages.is_empty()).then_some(messages),
        }
    }
}

impl Event {
    fn is_active(&self, now: Timestamp) -> bool {
        self.start <= now && self.end.is_none_or(|end| now < end)
    }

    fn messages(&self, now: Timestamp) -> Vec<Message> {
        match self.kind {
            DowntimeKind::Unreachable => vec![],
            DowntimeKind::Maintenance => vec![self.maintenance()],
            // The mass media announce a total failure ahead; nobody can announce a failure before it happens.
            DowntimeKind::Failure if now < self.start => vec![],
            DowntimeKind::Failure | DowntimeKind::TotalFailure => {
                let mut messages = vec![self.failure_start()];
                messages.extend(
                    self.end
                        .filter(|end| *end <= now)
                        .map(|end| self.failure_end(end)),
                );
                messages
            }
        }
    }

    fn maintenance(&self) -> Message {
        self.message(
            "NI",
            self.sequence,
            "MAINTENANCE_ANNOUNCEMENT",
            "Planowana niedostępność KSeF",
            "W podanym czasie trwają prace serwisowe i KSeF nie przyjmuje faktur.",
            self.end,
            self.version,
            self.published,
        )
    }

    fn failure_start(&self) -> Message {
        let total = self.kind == DowntimeKind::TotalFailure;
        let (title, text) = if total {
            (
                "Awaria całkowita KSeF",
                "Ogłoszono awarię całkowitą KSeF. Faktur nie trzeba przesyłać do systemu.",
            )
        } else {
            (
                "Awaria KSeF",
                "KSeF nie działa. Faktury można wystawiać w trybie awaryjnym.",
            )
        };
        self.message(
            "AWR",
            self.sequence,
            "FAILURE_START",
            title,
            text,
            None,
            1,
            self.published,
        )
    }

    fn failure_end(&self, end: Timestamp) -> Message {
        self.message(
            "AWR",
            self.sequence + 1,
            "FAILURE_END",
            "Koniec awarii KSeF",
            "KSeF znów działa.",
            Some(end),
            1,
            end,
        )
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one argument for each property that differs"
    )]
    fn message(
        &self,
        series: &str,
        sequence: u32,
        kind: &'static str,
        title: &str,
        text: &str,
        end: Option<Timestamp>,
        version: u32,
        published: Timestamp,
    ) -> Message {
        Message {
            id: format!(
                "K/{}/{series}/{sequence:02}",
                warsaw_date(self.start).year()
            ),
            event_id: self.id,
            category: match self.kind {
                DowntimeKind::Maintenance => "MAINTENANCE",
                DowntimeKind::TotalFailure => "TOTAL_FAILURE",
                DowntimeKind::Failure | DowntimeKind::Unreachable => "FAILURE",
            },
            kind,
            title: title.into(),
            text: text.into(),
            start: warsaw_instant(self.start),
            end: end.map(warsaw_instant),
            version,
            published: warsaw_instant(published),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: u8) -> Timestamp {
        format!("2026-11-20T{hour:02}:00:00Z").parse().unwrap()
    }

    #[test]
    fn a_failure_has_a_start_message_and_later_an_end_message() {
        let mut latarnia = Latarnia::default();
        latarnia.enter(&Downtime::now(DowntimeKind::Failure), at(8));
        assert_eq!(latarnia.outage(at(9)), Some(Outage::Answers(None)));
        assert_eq!(latarnia.status(at(9)).status, "FAILURE");
        let running = latarnia.messages(at(9));
        assert_eq!(running.len(), 1);
        assert_eq!((running[0].kind, &running[0].end), ("FAILURE_START", &None));
        latarnia.end_now(at(10));
        assert_eq!(latarnia.outage(at(10)), None);
        let over = latarnia.messages(at(11));
        assert_eq!(over.len(), 2);
        assert_eq!(over[1].kind, "FAILURE_END");
        assert_eq!(over[0].event_id, over[1].event_id);
        assert_ne!(over[0].id, over[1].id);
        assert_eq!(
            latarnia.status(at(11)),
            Status {
                status: "AVAILABLE",
                messages: None
            }
        );
    }

    #[test]
    fn planned_maintenance_is_announced_before_it_begins() {
        let mut latarnia = Latarnia::default();
        let plan = Downtime::now(DowntimeKind::Maintenance)
            .starting(at(12))
            .ending(at(14));
        latarnia.enter(&plan, at(8));
        assert_eq!(latarnia.status(at(9)).status, "AVAILABLE");
        assert_eq!(latarnia.messages(at(9)).len(), 1);
        assert_eq!(latarnia.status(at(13)).status, "MAINTENANCE");
        latarnia.end_now(at(13));
        let message = &latarnia.messages(at(13))[0];
        assert_eq!(message.version, 2);
        assert_eq!(
            message.end.as_deref(),
            Some("2026-11-20T14:00:00.000+01:00")
        );
    }

    #[test]
    fn plain_unreachability_is_announced_nowhere() {
        let mut latarnia = Latarnia::default();
        latarnia.enter(&Downtime::now(DowntimeKind::Unreachable), at(8));
        assert_eq!(latarnia.outage(at(9)), Some(Outage::Drops));
        assert_eq!(latarnia.status(at(9)).status, "AVAILABLE");
        assert!(latarnia.messages(at(9)).is_empty());
    }

    #[test]
    fn no_two_messages_share_an_id() {
        let mut latarnia = Latarnia::default();
        for hour in 0..4 {
            latarnia.enter(&Downtime::now(DowntimeKind::Failure), at(hour * 2));
            latarnia.end_now(at(hour * 2 + 1));
        }
        latarnia.enter(&Downtime::now(DowntimeKind::Maintenance), at(9));
        latarnia.enter(&Downtime::now(DowntimeKind::TotalFailure), at(10));
        let mut ids: Vec<String> = latarnia
            .messages(at(20))
            .into_iter()
            .map(|m| m.id)
            .collect();
        let count = ids.len();
        ids.sort();
        ids.dedup();
        assert_eq!((ids.len(), count), (10, 10));
    }
}
