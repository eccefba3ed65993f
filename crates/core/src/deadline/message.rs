//! The messages of Latarnia, the status service of KSeF, in the JSON of `GET /messages`, and lists of them as they
//! come: a message that breaks the contract hides no other.

use jiff::Timestamp;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};

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
    /// Whether `self` is to stand where `other`, with the same `id`, stood: the later version, and of one version what was
    /// published later. Total, so that the order in which two messages arrive never matters, even when both claim the
    /// same version.
    pub fn replaces(&self, other: &Self) -> bool {
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

    /// Whether this version knows both its type and its category. Otherwise it is kept and worth showing, and moves no
    /// deadline.
    pub fn is_recognised(&self) -> bool {
        self.is_of_known_kind() && !matches!(self.category, Category::Other(_))
    }

    pub(super) fn is_of_known_kind(&self) -> bool {
        !matches!(self.kind, MessageKind::Other(_))
    }
}

/// A list of messages as it comes: those that could be read, and word of those that could not.
///
/// It is read from any JSON array. What is no message of Latarnia in it, because a property is missing or has a form
/// the contract does not know, takes nothing away from the others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MessageList {
    /// The messages that could be read, in the order of the list.
    pub messages: Vec<LatarniaMessage>,
    /// The elements that could not. Somebody should look at them: one may announce an outage.
    pub unreadable: Vec<UnreadableMessage>,
}

impl MessageList {
    /// Takes the messages of another list in that are not there yet. Both lists come from one moment.
    pub fn join(&mut self, other: Self) {
        for message in other.messages {
            if !self.messages.contains(&message) {
                self.messages.push(message);
            }
        }
        for unreadable in other.unreadable {
            let known = |seen: &UnreadableMessage| match &unreadable.id {
                Some(id) => seen.id.as_ref() == Some(id),
                None => *seen == unreadable,
            };
            if !self.unreadable.iter().any(known) {
                self.unreadable.push(unreadable);
            }
        }
    }
}

/// An element of a list that is no message this version can read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct UnreadableMessage {
    /// Its place in the list, from 1.
    pub position: usize,
    /// Its number, where it has one.
    pub id: Option<String>,
}

impl<'de> Deserialize<'de> for MessageList {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        /// In this order: what is no message may still have a number, and is something in any case.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Element {
            Message(Box<LatarniaMessage>),
            Named { id: String },
            Other(IgnoredAny),
        }
        let mut list = Self::default();
        for (position, element) in (1..).zip(Vec::<Element>::deserialize(input)?) {
            let id = match element {
                Element::Message(message) => {
                    list.messages.push(*message);
                    continue;
                }
                Element::Named { id } => Some(id),
                Element::Other(_) => None,
            };
            list.unreadable.push(UnreadableMessage { position, id });
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(json: &str) -> MessageList {
        serde_json::from_str(json).unwrap()
    }

    const WHOLE: &str = r#"{"id":"K/1","eventId":1,"category":"FAILURE","type":"FAILURE_START","start":"2026-03-01T00:00:00Z"}"#;

    #[test]
    fn a_message_that_breaks_the_contract_hides_no_other_and_is_told_by_place_and_number() {
        for broken in [
            r#"{"id":"K/2","category":"FAILURE"}"#.to_owned(),
            WHOLE
                .replace("K/1", "K/2")
                .replace("2026-03-01T00:00:00Z", "yesterday"),
            WHOLE.replace("K/1", "K/2").replace(":1,", ":1.5,"),
            WHOLE
                .replace("K/1", "K/2")
                .replace(r#""FAILURE","#, "null,"),
        ] {
            let found = list(&format!("[{broken},{WHOLE}]"));
            assert_eq!(found.messages.len(), 1, "{broken}");
            assert_eq!(found.messages[0].id, "K/1");
            let unreadable = UnreadableMessage {
                position: 1,
                id: Some("K/2".into()),
            };
            assert_eq!(found.unreadable, [unreadable], "{broken}");
        }
        let nameless = list(&format!(r#"[{WHOLE},7,null,"x",[],{{"id":5}}]"#));
        let places: Vec<usize> = nameless.unreadable.iter().map(|one| one.position).collect();
        assert_eq!((nameless.messages.len(), places), (1, vec![2, 3, 4, 5, 6]));
        assert!(nameless.unreadable.iter().all(|one| one.id.is_none()));
    }

    #[test]
    fn what_is_no_list_is_an_error() {
        for text in ["{}", "null", "7", "[", WHOLE] {
            assert!(serde_json::from_str::<MessageList>(text).is_err(), "{text}");
        }
        assert_eq!(list("[]"), MessageList::default());
    }

    #[test]
    fn instants_come_with_offsets_and_up_to_nine_digits_of_fraction() {
        for (written, instant) in [
            (
                "2026-11-22T10:00:00.1234567+01:00",
                "2026-11-22T09:00:00.1234567Z",
            ),
            ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"),
            (
                "2026-11-22T10:00:00.123456789+00:00",
                "2026-11-22T10:00:00.123456789Z",
            ),
        ] {
            let found = list(&format!(
                "[{}]",
                WHOLE.replace("2026-03-01T00:00:00Z", written)
            ));
            assert_eq!(
                found.messages[0].start,
                instant.parse().unwrap(),
                "{written}"
            );
        }
    }

    #[test]
    fn two_lists_of_one_moment_are_joined_without_repetition() {
        let broken = r#"{"id":"K/2"}"#;
        let mut status = list(&format!("[{WHOLE},{broken}]"));
        status.join(list(&format!(
            "[3,{broken},{WHOLE},{}]",
            WHOLE.replace("K/1", "K/3")
        )));
        assert_eq!(status.messages.len(), 2);
        assert_eq!(status.unreadable.len(), 2);
    }
}
