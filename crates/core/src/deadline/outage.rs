//! What Latarnia, the status service of KSeF, has announced, kept as one history of outages.
//!
//! Latarnia forgets: an event leaves its list some time after it is over. The [`Timeline`] merges lists that were
//! fetched at different times, in any order and as often as one likes, so that a deadline can still be explained when
//! the event behind it is gone from the list. Message lists come in the JSON of `GET /messages`, and the timeline is
//! stored in the same form.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::calendar::warsaw_date;

/// What kind of outage a message is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Category {
    /// `FAILURE`: a failure of KSeF (art. 106nf).
    Failure,
    /// `TOTAL_FAILURE`: a failure announced in the mass media (art. 106ne).
    TotalFailure,
    /// `MAINTENANCE`: an announced unavailability (art. 106nh).
    Maintenance,
    /// A word this version does not know. It is kept and reported, and moves no deadline.
    Other(String),
}

impl Category {
    /// The word in Latarnia's JSON.
    pub fn name(&self) -> &str {
        match self {
            Self::Failure => "FAILURE",
            Self::TotalFailure => "TOTAL_FAILURE",
            Self::Maintenance => "MAINTENANCE",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for Category {
    fn from(name: String) -> Self {
        match name.as_str() {
            "FAILURE" => Self::Failure,
            "TOTAL_FAILURE" => Self::TotalFailure,
            "MAINTENANCE" => Self::Maintenance,
            _ => Self::Other(name),
        }
    }
}

impl From<Category> for String {
    fn from(category: Category) -> Self {
        match category {
            Category::Other(name) => name,
            known => known.name().to_owned(),
        }
    }
}

/// What a message says about its event: `type` in Latarnia's JSON.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum MessageKind {
    /// `FAILURE_START`: it has begun.
    FailureStart,
    /// `FAILURE_END`: it is over.
    FailureEnd,
    /// `MAINTENANCE_ANNOUNCEMENT`: it is planned, with a beginning and an end.
    MaintenanceAnnouncement,
    /// A word this version does not know. The message is kept and reported, and moves no deadline.
    Other(String),
}

impl MessageKind {
    /// The word in Latarnia's JSON.
    pub fn name(&self) -> &str {
        match self {
            Self::FailureStart => "FAILURE_START",
            Self::FailureEnd => "FAILURE_END",
            Self::MaintenanceAnnouncement => "MAINTENANCE_ANNOUNCEMENT",
            Self::Other(name) => name,
        }
    }
}

impl From<String> for MessageKind {
    fn from(name: String) -> Self {
        match name.as_str() {
            "FAILURE_START" => Self::FailureStart,
            "FAILURE_END" => Self::FailureEnd,
            "MAINTENANCE_ANNOUNCEMENT" => Self::MaintenanceAnnouncement,
            _ => Self::Other(name),
        }
    }
}

impl From<MessageKind> for String {
    fn from(kind: MessageKind) -> Self {
        match kind {
            MessageKind::Other(name) => name,
            known => known.name().to_owned(),
        }
    }
}

/// One message of Latarnia, in the JSON shape of `GET /messages`. Unknown properties are ignored; a missing or null
/// `title`, `text` or `version` reads as empty or 0.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LatarniaMessage {
    /// The number of the message, for example `K/2026/AWR/01`.
    pub id: String,
    /// Joins all messages about one event.
    pub event_id: i64,
    /// What kind of outage it is about.
    pub category: Category,
    /// What it says about the event.
    #[serde(rename = "type")]
    pub kind: MessageKind,
    /// The headline.
    #[serde(default, deserialize_with = "null_as_default")]
    pub title: String,
    /// The full text.
    #[serde(default, deserialize_with = "null_as_default")]
    pub text: String,
    /// When the outage began or will begin; of a `FAILURE_END` without `end`, usually when it ended.
    pub start: Timestamp,
    /// When the outage ended or will end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
    /// A later version of a message with the same `id` replaces the earlier one.
    #[serde(default, deserialize_with = "null_as_default")]
    pub version: i64,
    /// When the message was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Timestamp>,
}

fn null_as_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(
    input: D,
) -> Result<T, D::Error> {
    Option::<T>::deserialize(input).map(Option::unwrap_or_default)
}

impl LatarniaMessage {
    /// Whether `self` is to stand where `other`, with the same `id`, stood. Total, so that the order in which two
    /// messages arrive never matters, even when both claim the same version.
    fn replaces(&self, other: &Self) -> bool {
        let rank = |message: &Self| {
            (
                (
                    message.version,
                    message.published,
                    message.end,
                    message.start,
                ),
                (
                    message.event_id,
                    message.category.clone(),
                    message.kind.clone(),
                ),
                (message.title.clone(), message.text.clone()),
            )
        };
        rank(self) > rank(other)
    }

    fn is_of_known_kind(&self) -> bool {
        !matches!(self.kind, MessageKind::Other(_))
    }
}

/// One outage as far as the messages tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Latarnia's number of the event. A failure that became a total failure under the same number is two outages.
    pub event_id: i64,
    /// Its kind.
    pub category: Category,
    /// When it began or will begin.
    pub start: Timestamp,
    /// The announced end, which may lie in the future; `None` while none has been announced.
    pub end: Option<Timestamp>,
    /// The numbers of the messages about it, the first being that of its announcement where that is known.
    pub message_ids: Vec<String>,
}

impl Outage {
    /// What people call it: the number of its announcement, those of further messages in brackets, and the event's
    /// number where messages have none. Control characters are left out.
    pub fn name(&self) -> String {
        let mut ids = self
            .message_ids
            .iter()
            .map(|id| printable(id))
            .filter(|id| !id.is_empty());
        match (ids.next(), ids.collect::<Vec<_>>()) {
            (None, _) => format!("#{}", self.event_id),
            (Some(first), others) if others.is_empty() => first,
            (Some(first), others) => format!("{first} ({})", others.join(", ")),
        }
    }

    /// The calendar day in Warsaw on which it began.
    pub fn first_day(&self) -> Date {
        warsaw_date(self.start)
    }

    /// The calendar day in Warsaw on which it ended or will end.
    pub fn last_day(&self) -> Option<Date> {
        self.end.map(warsaw_date)
    }

    /// Whether it has begun and not ended at `now`.
    pub fn is_running(&self, now: Timestamp) -> bool {
        self.start <= now && self.end.is_none_or(|end| now < end)
    }
}

fn printable(id: &str) -> String {
    id.chars().filter(|c| !c.is_control()).take(40).collect()
}

/// Everything Latarnia has ever been seen to announce. Serialised as the list of its messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    messages: BTreeMap<String, LatarniaMessage>,
}

impl Timeline {
    /// Takes in messages, whatever their order and however often they were seen before. Whether anything was new.
    pub fn merge(&mut self, messages: &[LatarniaMessage]) -> bool {
        let mut changed = false;
        for message in messages {
            let known = self.messages.get(&message.id);
            if known.is_none_or(|known| message.replaces(known)) {
                self.messages.insert(message.id.clone(), message.clone());
                changed = true;
            }
        }
        changed
    }

    /// The messages in force, ordered by their number.
    pub fn messages(&self) -> impl Iterator<Item = &LatarniaMessage> {
        self.messages.values()
    }

    /// Messages of a category or type this version does not know: worth showing, but they move no deadline.
    pub fn unrecognised(&self) -> impl Iterator<Item = &LatarniaMessage> {
        self.messages().filter(|message| {
            !message.is_of_known_kind() || matches!(message.category, Category::Other(_))
        })
    }

    /// The outages the messages tell of, ordered by their beginning.
    pub fn outages(&self) -> Vec<Outage> {
        let mut events: BTreeMap<i64, Event<'_>> = BTreeMap::new();
        for message in self.messages().filter(|message| message.is_of_known_kind()) {
            events.entry(message.event_id).or_default().add(message);
        }
        let mut outages: Vec<Outage> = events.values().flat_map(Event::outages).collect();
        outages.sort_by(|a, b| {
            (a.start, a.event_id, &a.category).cmp(&(b.start, b.event_id, &b.category))
        });
        outages
    }
}

impl FromIterator<LatarniaMessage> for Timeline {
    fn from_iter<I: IntoIterator<Item = LatarniaMessage>>(messages: I) -> Self {
        let mut timeline = Self::default();
        timeline.merge(&messages.into_iter().collect::<Vec<_>>());
        timeline
    }
}

impl Serialize for Timeline {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.collect_seq(self.messages())
    }
}

impl<'de> Deserialize<'de> for Timeline {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        Ok(Vec::<LatarniaMessage>::deserialize(input)?
            .into_iter()
            .collect())
    }
}

/// The messages about one event.
#[derive(Default)]
struct Event<'a> {
    categories: BTreeMap<&'a Category, Messages<'a>>,
}

/// The messages about one event in one category.
#[derive(Default)]
struct Messages<'a> {
    openings: Vec<&'a LatarniaMessage>,
    closings: Vec<&'a LatarniaMessage>,
}

impl<'a> Event<'a> {
    fn add(&mut self, message: &'a LatarniaMessage) {
        let messages = self.categories.entry(&message.category).or_default();
        match message.kind {
            MessageKind::FailureEnd => messages.closings.push(message),
            _ => messages.openings.push(message),
        }
    }

    fn outages(&self) -> Vec<Outage> {
        let known_start = self
            .categories
            .values()
            .filter_map(Messages::opening)
            .map(|m| m.start)
            .min();
        let mut outages: Vec<Outage> = self
            .categories
            .values()
            .filter_map(|m| m.outage(known_start))
            .collect();
        // A failure may become a total failure under one number, and then one end stands for both.
        let last_end = outages.iter().filter_map(|outage| outage.end).max();
        for outage in &mut outages {
            if outage.end.is_none() {
                outage.end = last_end.filter(|end| *end > outage.start);
            }
        }
        outages
    }
}

impl<'a> Messages<'a> {
    /// The announcement in force: announcements move, and the one published last counts.
    fn opening(&self) -> Option<&'a LatarniaMessage> {
        latest(&self.openings)
    }

    /// `known_start` is the beginning of the event as announced in any category.
    fn outage(&self, known_start: Option<Timestamp>) -> Option<Outage> {
        let (opening, closing) = (self.opening(), latest(&self.closings));
        let known_start = opening.map(|message| message.start).or(known_start);
        let (start, end) = match (opening, closing) {
            (None, None) => return None,
            (Some(opening), None) => (opening.start, opening.end),
            (_, Some(closing)) => {
                let start = known_start.unwrap_or(closing.start);
                match closing.end {
                    Some(end) => (start.min(closing.start), Some(end)),
                    // Without `end` the message itself marks the end: by its start, unless that repeats the event's.
                    None if known_start.is_some_and(|known| closing.start > known) => {
                        (start, Some(closing.start))
                    }
                    None => (start, closing.published),
                }
            }
        };
        let mut message_ids: Vec<String> = Vec::new();
        for message in opening
            .into_iter()
            .chain(closing)
            .chain(self.openings.iter().copied())
        {
            if !message_ids.contains(&message.id) {
                message_ids.push(message.id.clone());
            }
        }
        let any = opening.or(closing)?;
        Some(Outage {
            event_id: any.event_id,
            category: any.category.clone(),
            start,
            // An end before the beginning is a slip of the pen, but says that it is over.
            end: end.map(|end| end.max(start)),
            message_ids,
        })
    }
}

/// The message published last, by version and number where that does not decide.
fn latest<'a>(messages: &[&'a LatarniaMessage]) -> Option<&'a LatarniaMessage> {
    messages
        .iter()
        .copied()
        .max_by(|a, b| (a.published, a.version, &a.id).cmp(&(b.published, b.version, &b.id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(json: &str) -> Timeline {
        serde_json::from_str(json).unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const START: &str = r#"{"id":"K/2026/AWR/01","eventId":7,"category":"FAILURE","type":"FAILURE_START","title":"Awaria","text":"…","start":"2026-03-02T08:00:00+01:00","version":1,"published":"2026-03-02T08:05:00.1234567+01:00","extra":{"a":[1]}}"#;
    const END: &str = r#"{"id":"K/2026/AWR/02","eventId":7,"category":"FAILURE","type":"FAILURE_END","title":"Koniec","text":"…","start":"2026-03-02T08:00:00+01:00","end":"2026-03-04T12:00:00+01:00","version":1,"published":"2026-03-05T09:00:00+01:00"}"#;

    #[test]
    fn start_and_end_are_joined_by_their_event() {
        let outages = timeline(&format!("[{START},{END}]")).outages();
        assert_eq!(outages.len(), 1);
        assert_eq!(outages[0].start, at("2026-03-02T07:00:00Z"));
        assert_eq!(outages[0].end, Some(at("2026-03-04T11:00:00Z")));
        assert_eq!(outages[0].name(), "K/2026/AWR/01 (K/2026/AWR/02)");
    }

    #[test]
    fn an_event_is_known_by_its_end_alone() {
        let outages = timeline(&format!("[{END}]")).outages();
        assert_eq!(
            (outages[0].start, outages[0].end),
            (at("2026-03-02T07:00:00Z"), Some(at("2026-03-04T11:00:00Z")))
        );
    }

    #[test]
    fn an_end_without_end_is_where_its_start_is_or_when_it_was_published() {
        let marked = END
            .replace(r#""end":"2026-03-04T12:00:00+01:00","#, "")
            .replace(
                r#""start":"2026-03-02T08:00:00+01:00""#,
                r#""start":"2026-03-04T12:00:00+01:00","end":null"#,
            );
        assert_eq!(
            timeline(&format!("[{START},{marked}]")).outages()[0].end,
            Some(at("2026-03-04T11:00:00Z"))
        );
        let repeated = END.replace(r#""end":"2026-03-04T12:00:00+01:00","#, "");
        assert_eq!(
            timeline(&format!("[{START},{repeated}]")).outages()[0].end,
            Some(at("2026-03-05T08:00:00Z"))
        );
    }

    #[test]
    fn a_later_version_replaces_an_earlier_one_in_any_order() {
        let first = r#"{"id":"K/2026/NI/01","eventId":9,"category":"MAINTENANCE","type":"MAINTENANCE_ANNOUNCEMENT","title":"","text":"","start":"2026-04-11T20:00:00+02:00","end":"2026-04-12T06:00:00+02:00","version":1,"published":"2026-04-01T10:00:00Z"}"#;
        let moved = first
            .replace("04-11T20", "04-18T20")
            .replace("04-12T06", "04-19T06")
            .replace(r#""version":1"#, r#""version":2"#);
        for json in [
            format!("[{first},{moved}]"),
            format!("[{moved},{first}]"),
            format!("[{moved},{first},{moved}]"),
        ] {
            let outages = timeline(&json).outages();
            assert_eq!(outages.len(), 1);
            assert_eq!(outages[0].start, at("2026-04-18T18:00:00Z"));
        }
        let mut known = timeline(&format!("[{moved}]"));
        let old: LatarniaMessage = serde_json::from_str(first).unwrap();
        assert!(!known.merge(&[old]));
    }

    #[test]
    fn an_announcement_moved_by_a_message_of_its_own_counts_as_published_last() {
        let first = r#"{"id":"K/2026/NI/01","eventId":9,"category":"MAINTENANCE","type":"MAINTENANCE_ANNOUNCEMENT","start":"2026-04-11T20:00:00+02:00","end":"2026-04-12T06:00:00+02:00","version":1,"published":"2026-04-01T10:00:00Z"}"#;
        let second = first
            .replace("NI/01", "NI/02")
            .replace("04-12T06", "04-12T10")
            .replace("04-01T10", "04-02T10");
        let outages = timeline(&format!("[{second},{first}]")).outages();
        assert_eq!(
            (outages.len(), outages[0].end),
            (1, Some(at("2026-04-12T08:00:00Z")))
        );
    }

    #[test]
    fn unknown_words_are_kept_and_reported_and_nothing_else() {
        let odd = START
            .replace("FAILURE_START", "FAILURE_NEWS")
            .replace("AWR/01", "AWR/09");
        let category = START
            .replace(r#""FAILURE","#, r#""DEGRADATION","#)
            .replace("AWR/01", "AWR/10")
            .replace(":7", ":8");
        let known = timeline(&format!("[{odd},{category}]"));
        assert_eq!(known.unrecognised().count(), 2);
        let outages = known.outages();
        assert_eq!(outages.len(), 1);
        assert_eq!(outages[0].category, Category::Other("DEGRADATION".into()));
    }

    #[test]
    fn a_failure_that_became_total_under_its_own_number_ends_once() {
        let total = START
            .replace(r#""FAILURE","#, r#""TOTAL_FAILURE","#)
            .replace("AWR/01", "AC/01")
            .replace("02T08:00", "03T08:00");
        let end = END
            .replace(r#""FAILURE","#, r#""TOTAL_FAILURE","#)
            .replace("02T08:00", "03T08:00");
        let outages = timeline(&format!("[{START},{total},{end}]")).outages();
        assert_eq!(outages.len(), 2);
        assert!(
            outages
                .iter()
                .all(|outage| outage.end == Some(at("2026-03-04T11:00:00Z"))),
            "{outages:?}"
        );
    }

    #[test]
    fn a_timeline_is_stored_as_its_messages() {
        let known = timeline(&format!("[{START},{END}]"));
        let stored = serde_json::to_string(&known).unwrap();
        assert!(
            stored.contains(r#""eventId":7,"category":"FAILURE","type":"FAILURE_START""#),
            "{stored}"
        );
        assert!(!stored.contains("null"));
        assert_eq!(timeline(&stored), known);
        assert_eq!(
            known.messages().next().unwrap().published,
            Some(at("2026-03-02T07:05:00.1234567Z"))
        );
    }

    #[test]
    fn names_carry_no_control_characters() {
        let outage = timeline(&format!(
            "[{}]",
            START.replace("K/2026/AWR/01", "\\u001b[31mK")
        ))
        .outages()
        .remove(0);
        assert_eq!(outage.name(), "[31mK");
        let nameless = timeline(&format!("[{}]", START.replace("K/2026/AWR/01", "")))
            .outages()
            .remove(0);
        assert_eq!(nameless.name(), "#7");
    }
}
