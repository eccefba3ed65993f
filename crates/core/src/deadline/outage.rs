//! What Latarnia has announced, kept as one history of outages.
//!
//! Latarnia forgets: an event leaves its list some time after it is over. The [`Timeline`] merges lists that were
//! fetched at different times, in any order and as often as one likes, so that a deadline can still be explained when
//! the event behind it is gone from the list. The timeline is stored in the JSON of `GET /messages`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::calendar::warsaw_date;
use super::event::Event;
use super::message::{Category, LatarniaMessage, MessageList};

/// One outage as far as the messages tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Latarnia's number of the event. A failure that became a total failure under the same number is two outages, and so
    /// is one that began again after its end.
    pub event_id: i64,
    /// Its kind.
    pub category: Category,
    /// When it began or will begin.
    pub start: Timestamp,
    /// The announced end, which may lie in the future; `None` while none has been announced.
    pub end: Option<Timestamp>,
    /// Whether the announced end lies before the beginning, which was taken for the end then.
    pub is_end_mistaken: bool,
    /// Whether Latarnia was seen to show none of its messages any more, though no end of it was ever seen
    /// ([`Timeline::compare`]). It may be over; nobody has said so.
    pub is_withdrawn: bool,
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
///
/// Messages about one event are joined by its number: the announcement published last says when it began and, until a
/// `FAILURE_END` comes, when it ends. The end that counts is the announced one, however late it was announced. A failure
/// that becomes a total failure under its own number ends with it; under a number of its own each has an end of its own.
/// An announcement whose beginning lies after the known end of its event tells of a further outage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    messages: BTreeMap<String, LatarniaMessage>,
    /// The numbers of what Latarnia showed last, where that is known.
    shown: Option<BTreeSet<String>>,
    /// Follows from the messages.
    outages: Vec<Outage>,
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
        if changed {
            self.outages = self.joined();
        }
        changed
    }

    /// Compares with the whole list that Latarnia showed last, given by the numbers of its messages: an outage without an
    /// end that is not in it is withdrawn. Deadlines do not move by that, but are explained.
    pub fn compare(&mut self, shown: BTreeSet<String>) {
        self.shown = Some(shown);
        self.outages = self.joined();
    }

    /// The messages in force, ordered by their number.
    pub fn messages(&self) -> impl Iterator<Item = &LatarniaMessage> {
        self.messages.values()
    }

    /// Messages of a category or type this version does not know: worth showing, but they move no deadline.
    pub fn unrecognised(&self) -> impl Iterator<Item = &LatarniaMessage> {
        self.messages().filter(|message| !message.is_recognised())
    }

    /// The outages the messages tell of, ordered by their beginning.
    pub fn outages(&self) -> &[Outage] {
        &self.outages
    }

    fn joined(&self) -> Vec<Outage> {
        let mut events: BTreeMap<i64, Event<'_>> = BTreeMap::new();
        for message in self.messages().filter(|message| message.is_of_known_kind()) {
            events.entry(message.event_id).or_default().add(message);
        }
        let mut outages: Vec<Outage> = events.values().flat_map(Event::outages).collect();
        if let Some(shown) = &self.shown {
            for outage in &mut outages {
                outage.is_withdrawn =
                    outage.end.is_none() && !outage.message_ids.iter().any(|id| shown.contains(id));
            }
        }
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

/// From any JSON array, as a [`MessageList`]: elements that are no messages are passed over.
impl<'de> Deserialize<'de> for Timeline {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let list = MessageList::deserialize(input)?;
        Ok(list.messages.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timeline(json: &str) -> Timeline {
        serde_json::from_str(json).unwrap()
    }

    fn outages(json: &str) -> Vec<Outage> {
        timeline(json).outages().to_vec()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    const START: &str = r#"{"id":"K/2026/AWR/01","eventId":7,"category":"FAILURE","type":"FAILURE_START","title":"Awaria","text":"…","start":"2026-03-02T08:00:00+01:00","version":1,"published":"2026-03-02T08:05:00.1234567+01:00","extra":{"a":[1]}}"#;
    const END: &str = r#"{"id":"K/2026/AWR/02","eventId":7,"category":"FAILURE","type":"FAILURE_END","title":"Koniec","text":"…","start":"2026-03-02T08:00:00+01:00","end":"2026-03-04T12:00:00+01:00","version":1,"published":"2026-03-05T09:00:00+01:00"}"#;

    #[test]
    fn start_and_end_are_joined_by_their_event() {
        let outages = outages(&format!("[{START},{END}]"));
        assert_eq!(outages.len(), 1);
        assert_eq!(outages[0].start, at("2026-03-02T07:00:00Z"));
        assert_eq!(outages[0].end, Some(at("2026-03-04T11:00:00Z")));
        assert_eq!(outages[0].name(), "K/2026/AWR/01 (K/2026/AWR/02)");
    }

    #[test]
    fn an_event_is_known_by_its_end_alone() {
        let outages = outages(&format!("[{END}]"));
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
            let outages = outages(&json);
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
        let outages = outages(&format!("[{second},{first}]"));
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
        let outages = outages(&format!("[{START},{total},{end}]"));
        assert_eq!(outages.len(), 2);
        assert!(
            outages
                .iter()
                .all(|outage| outage.end == Some(at("2026-03-04T11:00:00Z"))),
            "{outages:?}"
        );
    }

    #[test]
    fn a_total_failure_under_a_number_of_its_own_ends_by_itself() {
        let total = START
            .replace(r#""FAILURE","#, r#""TOTAL_FAILURE","#)
            .replace("AWR/01", "AC/01")
            .replace(":7", ":8");
        let end = END
            .replace(r#""FAILURE","#, r#""TOTAL_FAILURE","#)
            .replace("AWR/02", "AC/02")
            .replace(":7", ":8");
        let outages = outages(&format!("[{START},{total},{end}]"));
        let ends: Vec<bool> = outages.iter().map(|outage| outage.end.is_some()).collect();
        assert_eq!(ends, [false, true]);
    }

    #[test]
    fn lists_fetched_at_different_times_become_one_history() {
        let read = |json: &str| -> MessageList { serde_json::from_str(json).unwrap() };
        let later = START
            .replace("AWR/01", "AWR/07")
            .replace(":7", ":8")
            .replace("2026-03-02T08:00", "2026-05-02T08:00");
        // The start alone; then the end alone, the start having left the list; then neither.
        let mut history = Timeline::default();
        for list in [
            format!("[{START}]"),
            format!("[{END}]"),
            "[]".to_owned(),
            format!("[{later}]"),
        ] {
            history.merge(&read(&list).messages);
        }
        assert_eq!(history.outages().len(), 2);
        assert_eq!(history.outages()[0].end, Some(at("2026-03-04T11:00:00Z")));
        assert_eq!(history.outages()[1].end, None);
        assert_eq!(history, timeline(&format!("[{later},{END},{START}]")));
    }

    #[test]
    fn nested_and_overlapping_outages_stay_apart_and_in_order() {
        let other = |number: &str, event: &str, start: &str, end: &str| {
            format!(
                r#"{{"id":"{number}","eventId":{event},"category":"FAILURE","type":"FAILURE_END","start":"{start}","end":"{end}"}}"#
            )
        };
        let nested = other("K/3", "8", "2026-03-03T08:00:00Z", "2026-03-03T09:00:00Z");
        let overlapping = other("K/4", "9", "2026-03-04T08:00:00Z", "2026-03-06T09:00:00Z");
        let known = outages(&format!("[{overlapping},{START},{nested},{END}]"));
        let events: Vec<i64> = known.iter().map(|outage| outage.event_id).collect();
        assert_eq!(events, [7, 8, 9]);
    }

    #[test]
    fn an_end_announced_days_later_counts_from_when_it_took_effect() {
        let late = END.replace("2026-03-05T09:00:00+01:00", "2026-03-20T09:00:00+01:00");
        let outages = outages(&format!("[{START},{late}]"));
        assert_eq!(outages[0].end, Some(at("2026-03-04T11:00:00Z")));
        assert!(!outages[0].is_running(at("2026-03-10T00:00:00Z")));
    }

    #[test]
    fn an_end_that_says_nothing_at_all_leaves_the_outage_open() {
        let silent = END
            .replace(r#""end":"2026-03-04T12:00:00+01:00","#, "")
            .replace(r#","published":"2026-03-05T09:00:00+01:00""#, "");
        assert_eq!(outages(&format!("[{START},{silent}]"))[0].end, None);
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
        .outages()[0]
            .clone();
        assert_eq!(outage.name(), "[31mK");
        let nameless =
            timeline(&format!("[{}]", START.replace("K/2026/AWR/01", ""))).outages()[0].clone();
        assert_eq!(nameless.name(), "#7");
    }

    const AGAIN: &str = r#"{"id":"K/2026/AWR/03","eventId":7,"category":"FAILURE","type":"FAILURE_START","start":"2026-03-06T08:00:00+01:00","published":"2026-03-06T08:05:00+01:00"}"#;

    #[test]
    fn a_failure_that_begins_again_under_its_number_is_a_further_one() {
        let (first, second) = ("2026-03-04T11:00:00Z", "2026-03-07T09:00:00Z");
        let end_again = END
            .replace("AWR/02", "AWR/04")
            .replace("2026-03-02T08:00:00+01:00", "2026-03-06T08:00:00+01:00")
            .replace("2026-03-04T12:00:00+01:00", "2026-03-07T10:00:00+01:00");
        let marked = end_again.replace(r#""end":"2026-03-07T10:00:00+01:00","#, "");
        let marked_by_start = marked.replace(
            r#""start":"2026-03-06T08:00:00+01:00""#,
            r#""start":"2026-03-07T10:00:00+01:00""#,
        );
        let ends = |messages: &[&str]| -> Vec<(String, Option<Timestamp>)> {
            let mut messages = messages.to_vec();
            let forward = timeline(&format!("[{}]", messages.join(",")));
            messages.reverse();
            assert_eq!(timeline(&format!("[{}]", messages.join(","))), forward);
            let outages = forward.outages();
            outages.iter().map(|o| (o.name(), o.end)).collect()
        };
        assert_eq!(
            ends(&[START, END, AGAIN]),
            [
                ("K/2026/AWR/01 (K/2026/AWR/02)".to_owned(), Some(at(first))),
                ("K/2026/AWR/03".to_owned(), None)
            ]
        );
        // Its first announcement was never seen.
        let known = ends(&[END, AGAIN]);
        assert_eq!((known[0].1, known[1].1), (Some(at(first)), None));
        for closing in [&end_again, &marked_by_start] {
            let known = ends(&[START, END, AGAIN, closing]);
            let expected = ("K/2026/AWR/03 (K/2026/AWR/04)".to_owned(), Some(at(second)));
            assert_eq!((known.len(), &known[1]), (2, &expected), "{closing}");
        }
    }

    #[test]
    fn an_announcement_that_moves_while_it_runs_or_is_cancelled_is_no_further_outage() {
        let corrected = AGAIN.replace("2026-03-06T08:00", "2026-03-03T08:00");
        assert_eq!(outages(&format!("[{START},{corrected},{END}]")).len(), 1);
        assert_eq!(outages(&format!("[{START},{AGAIN}]")).len(), 1);
        let cancelled = END
            .replace(r#""end":"2026-03-04T12:00:00+01:00","#, "")
            .replace("2026-03-02T08:00", "2026-03-05T09:00");
        let known = outages(&format!("[{AGAIN},{cancelled}]"));
        assert_eq!((known.len(), known[0].end), (1, Some(known[0].start)));
    }

    #[test]
    fn an_end_before_the_beginning_is_known_to_be_mistaken() {
        let slip = END.replace("2026-03-04T12:00", "2026-03-01T12:00");
        let known = outages(&format!("[{START},{slip}]"));
        assert_eq!((known.len(), known[0].end), (1, Some(known[0].start)));
        assert!(known[0].is_end_mistaken);
        assert!(!outages(&format!("[{START},{END}]"))[0].is_end_mistaken);
    }
}
