//! In which mode an invoice is issued, and how that is decided from what KSeF and Latarnia answer.

use jiff::Timestamp;

use super::outage::{Category, Outage, Timeline};
use crate::diagnostic::Bilingual;

/// The four ways to issue an invoice without KSeF; closed by the VAT Act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OfflineMode {
    /// The taxpayer's choice; needs no announcement.
    Offline24,
    /// During an announced unavailability (maintenance).
    Unavailability,
    /// During an announced failure.
    Emergency,
    /// During a failure announced in the mass media: no QR codes, nothing to send later.
    TotalFailure,
}

impl OfflineMode {
    /// All four, the mildest first.
    pub const ALL: [Self; 4] = [
        Self::Offline24,
        Self::Unavailability,
        Self::Emergency,
        Self::TotalFailure,
    ];

    /// The stable kebab-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Offline24 => "offline24",
            Self::Unavailability => "unavailability",
            Self::Emergency => "emergency",
            Self::TotalFailure => "total-failure",
        }
    }

    /// The mode of this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// The article of the VAT Act that allows the mode and sets its deadline.
    pub fn legal_basis(self) -> &'static str {
        match self {
            Self::Offline24 => "art. 106nda",
            Self::Unavailability => "art. 106nh",
            Self::Emergency => "art. 106nf",
            Self::TotalFailure => "art. 106ne",
        }
    }

    /// How the VAT ledger (JPK_V7) marks an invoice of this mode while it has no KSeF number.
    pub fn ledger_marker(self) -> Option<&'static str> {
        match self {
            Self::Emergency => Some("OFF"),
            Self::Offline24 | Self::Unavailability | Self::TotalFailure => None,
        }
    }
}

/// How an invoice is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IssueMode {
    /// Sent to KSeF at once.
    Online,
    /// Handed to the buyer first.
    Offline(OfflineMode),
}

impl IssueMode {
    /// The stable kebab-case name: `online` or that of the offline mode.
    pub fn name(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Offline(mode) => mode.name(),
        }
    }

    /// The mode of this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "online" => Some(Self::Online),
            _ => OfflineMode::from_name(name).map(Self::Offline),
        }
    }

    /// The offline mode, if it is one.
    pub fn offline(self) -> Option<OfflineMode> {
        match self {
            Self::Online => None,
            Self::Offline(mode) => Some(mode),
        }
    }
}

/// Whether KSeF answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reachability {
    /// It does.
    Reachable,
    /// It does not, for whatever reason.
    Unreachable,
}

/// `status` of Latarnia's `GET /status`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LatarniaStatus {
    /// `AVAILABLE`.
    Available,
    /// `MAINTENANCE`.
    Maintenance,
    /// `FAILURE`.
    Failure,
    /// `TOTAL_FAILURE`.
    TotalFailure,
    /// A word this version does not know; it decides nothing.
    Unknown(String),
}

impl LatarniaStatus {
    /// Reads the word in Latarnia's JSON.
    pub fn from_name(name: &str) -> Self {
        match name {
            "AVAILABLE" => Self::Available,
            "MAINTENANCE" => Self::Maintenance,
            "FAILURE" => Self::Failure,
            "TOTAL_FAILURE" => Self::TotalFailure,
            _ => Self::Unknown(name.to_owned()),
        }
    }

    /// The word in Latarnia's JSON.
    pub fn name(&self) -> &str {
        match self {
            Self::Available => "AVAILABLE",
            Self::Maintenance => "MAINTENANCE",
            Self::Failure => "FAILURE",
            Self::TotalFailure => "TOTAL_FAILURE",
            Self::Unknown(name) => name,
        }
    }
}

/// What Latarnia said when it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LatarniaAnswer {
    /// It gave this status.
    Status(LatarniaStatus),
    /// It gave none: not reachable, an error, or not asked. That is no announcement and stops nothing.
    Silent,
}

/// All that the choice of a mode rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// Whether KSeF answers.
    pub ksef: Reachability,
    /// What Latarnia answered.
    pub latarnia: LatarniaAnswer,
    /// What Latarnia has announced, now or before.
    pub timeline: &'a Timeline,
    /// The time of the question.
    pub now: Timestamp,
}

/// The mode to issue in and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The mode.
    pub mode: IssueMode,
    /// One or two sentences that name the evidence.
    pub reason: Bilingual,
}

/// Decides the mode. The first of these that holds: KSeF answers, so online; a total failure is in force; a failure;
/// an unavailability; otherwise Offline24.
///
/// An outage is in force when Latarnia's status says so, unless the only announcements of that kind lie in the future
/// (a total failure may be announced ahead). Where Latarnia gives no status, or one this version does not know,
/// announcements seen earlier count from their start to their end. One exception: a total failure without a known end
/// needs Latarnia's word of now, since an invoice issued in it has no codes and is never sent; a silent Latarnia may have
/// announced the end meanwhile. A status that says otherwise overrules them: of two
/// answers the one with the earlier deadline is safe.
pub fn decide(evidence: &Evidence<'_>) -> Decision {
    if evidence.ksef == Reachability::Reachable {
        return Decision {
            mode: IssueMode::Online,
            reason: Bilingual::new("KSeF odpowiada.", "KSeF answers."),
        };
    }
    let outages = evidence.timeline.outages();
    let said = match &evidence.latarnia {
        LatarniaAnswer::Status(LatarniaStatus::Maintenance) => Some(Category::Maintenance),
        LatarniaAnswer::Status(LatarniaStatus::Failure) => Some(Category::Failure),
        LatarniaAnswer::Status(LatarniaStatus::TotalFailure) => Some(Category::TotalFailure),
        LatarniaAnswer::Status(LatarniaStatus::Available | LatarniaStatus::Unknown(_))
        | LatarniaAnswer::Silent => None,
    }
    // A status that can only mean an event still to come leaves the question to what else is known.
    .filter(|category| !lies_ahead(category, &outages, evidence.now));
    let available = evidence.latarnia == LatarniaAnswer::Status(LatarniaStatus::Available);
    [
        (Category::TotalFailure, OfflineMode::TotalFailure),
        (Category::Failure, OfflineMode::Emergency),
        (Category::Maintenance, OfflineMode::Unavailability),
    ]
    .into_iter()
    .filter(|_| !available)
    .find_map(|(category, mode)| {
        let running = outages
            .iter()
            .rfind(|outage| outage.category == category && outage.is_running(evidence.now));
        let may_be_over = evidence.latarnia == LatarniaAnswer::Silent
            && category == Category::TotalFailure
            && running.is_some_and(|outage| outage.end.is_none());
        let in_force = match &said {
            Some(said) => *said == category,
            None => running.is_some() && !may_be_over,
        };
        in_force.then(|| Decision {
            mode: IssueMode::Offline(mode),
            reason: announced(&category, running, &evidence.latarnia),
        })
    })
    .unwrap_or_else(|| Decision {
        mode: IssueMode::Offline(OfflineMode::Offline24),
        reason: unannounced(&evidence.latarnia),
    })
}

/// Whether outages of `category` are known, and all of them begin after `now`.
fn lies_ahead(category: &Category, outages: &[Outage], now: Timestamp) -> bool {
    let mut announcements = outages
        .iter()
        .filter(|outage| outage.category == *category)
        .peekable();
    announcements.peek().is_some() && announcements.all(|outage| outage.start > now)
}

fn announced(category: &Category, cause: Option<&Outage>, latarnia: &LatarniaAnswer) -> Bilingual {
    let (kind_pl, kind_en) = match category {
        Category::TotalFailure => ("awarię całkowitą", "a total failure"),
        Category::Failure => ("awarię", "a failure"),
        Category::Maintenance | Category::Other(_) => ("niedostępność", "an unavailability"),
    };
    let (name_pl, name_en) = cause.map_or_else(Default::default, |outage| {
        let name = outage.name();
        (format!(" {name}"), format!(" ({name})"))
    });
    let (earlier_pl, earlier_en) = match latarnia {
        LatarniaAnswer::Silent => (
            " Teraz Latarnia nie odpowiada.",
            " Latarnia does not answer now.",
        ),
        LatarniaAnswer::Status(_) => ("", ""),
    };
    Bilingual::new(
        format!("KSeF nie odpowiada, a Latarnia ogłosiła {kind_pl}{name_pl}.{earlier_pl}"),
        format!("KSeF does not answer, and Latarnia has announced {kind_en}{name_en}.{earlier_en}"),
    )
}

fn unannounced(latarnia: &LatarniaAnswer) -> Bilingual {
    match latarnia {
        LatarniaAnswer::Silent => Bilingual::new(
            "KSeF nie odpowiada, Latarnia też nie, a żadna znana zapowiedź tego nie wyjaśnia.",
            "KSeF does not answer, neither does Latarnia, and no known announcement explains it.",
        ),
        LatarniaAnswer::Status(LatarniaStatus::Available) => Bilingual::new(
            "KSeF nie odpowiada, choć według Latarni działa: przyczyną może być własne łącze.",
            "KSeF does not answer although Latarnia calls it available: the cause may be the own connection.",
        ),
        LatarniaAnswer::Status(_) => Bilingual::new(
            "KSeF nie odpowiada, a Latarnia nie ogłosiła przerwy, która już trwa.",
            "KSeF does not answer, and Latarnia has announced no outage that has begun.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::outage::LatarniaMessage;
    use super::*;

    fn timeline(category: &str, start: &str, end: Option<&str>) -> Timeline {
        let end = end.map_or(String::new(), |end| format!(r#""end":"{end}","#));
        serde_json::from_str(&format!(
            r#"[{{"id":"K/1","eventId":1,"category":"{category}","type":"FAILURE_START",{end}"start":"{start}"}}]"#
        ))
        .unwrap()
    }

    fn mode(ksef: Reachability, latarnia: LatarniaAnswer, timeline: &Timeline) -> &'static str {
        let now = "2026-03-02T12:00:00Z".parse().unwrap();
        decide(&Evidence {
            ksef,
            latarnia,
            timeline,
            now,
        })
        .mode
        .name()
    }

    const UP: Reachability = Reachability::Reachable;
    const DOWN: Reachability = Reachability::Unreachable;

    fn status(name: &str) -> LatarniaAnswer {
        LatarniaAnswer::Status(LatarniaStatus::from_name(name))
    }

    #[test]
    fn names_come_back() {
        for mode in OfflineMode::ALL {
            assert_eq!(
                IssueMode::from_name(mode.name()),
                Some(IssueMode::Offline(mode))
            );
        }
        assert_eq!(IssueMode::from_name("online"), Some(IssueMode::Online));
        assert_eq!(IssueMode::from_name("Online"), None);
    }

    #[test]
    fn a_ksef_that_answers_is_used_whatever_is_announced() {
        let failure = timeline("TOTAL_FAILURE", "2026-03-01T00:00:00Z", None);
        assert_eq!(mode(UP, status("TOTAL_FAILURE"), &failure), "online");
        assert_eq!(
            mode(UP, LatarniaAnswer::Silent, &Timeline::default()),
            "online"
        );
    }

    #[test]
    fn the_status_names_the_mode() {
        let none = Timeline::default();
        for (name, expected) in [
            ("TOTAL_FAILURE", "total-failure"),
            ("FAILURE", "emergency"),
            ("MAINTENANCE", "unavailability"),
            ("AVAILABLE", "offline24"),
            ("SOMETHING_NEW", "offline24"),
        ] {
            assert_eq!(mode(DOWN, status(name), &none), expected, "{name}");
        }
        assert_eq!(mode(DOWN, LatarniaAnswer::Silent, &none), "offline24");
    }

    #[test]
    fn a_total_failure_announced_for_later_is_not_in_force() {
        let ahead = timeline("TOTAL_FAILURE", "2026-03-02T18:00:00Z", None);
        assert_eq!(mode(DOWN, status("TOTAL_FAILURE"), &ahead), "offline24");
        assert_eq!(mode(DOWN, LatarniaAnswer::Silent, &ahead), "offline24");
        let mut both = ahead.clone();
        both.merge(&[LatarniaMessage {
            id: "K/2".into(),
            event_id: 2,
            category: Category::Failure,
            ..ahead.messages().next().unwrap().clone()
        }]);
        assert_eq!(mode(DOWN, status("TOTAL_FAILURE"), &both), "offline24");
        let started: Vec<LatarniaMessage> = both
            .messages()
            .map(|message| match message.category {
                Category::Failure => LatarniaMessage {
                    start: "2026-03-02T08:00:00Z".parse().unwrap(),
                    version: 2,
                    ..message.clone()
                },
                _ => message.clone(),
            })
            .collect();
        both.merge(&started);
        assert_eq!(mode(DOWN, status("TOTAL_FAILURE"), &both), "emergency");
    }

    #[test]
    fn what_was_announced_earlier_counts_while_latarnia_is_silent_or_speaks_in_riddles() {
        let running = timeline(
            "MAINTENANCE",
            "2026-03-02T10:00:00Z",
            Some("2026-03-02T14:00:00Z"),
        );
        assert_eq!(
            mode(DOWN, LatarniaAnswer::Silent, &running),
            "unavailability"
        );
        assert_eq!(
            mode(DOWN, status("SOMETHING_NEW"), &running),
            "unavailability"
        );
        let over = timeline(
            "MAINTENANCE",
            "2026-03-02T10:00:00Z",
            Some("2026-03-02T12:00:00Z"),
        );
        assert_eq!(mode(DOWN, LatarniaAnswer::Silent, &over), "offline24");
    }

    #[test]
    fn a_total_failure_without_end_is_not_taken_from_memory() {
        let open = timeline("TOTAL_FAILURE", "2026-03-02T10:00:00Z", None);
        assert_eq!(mode(DOWN, LatarniaAnswer::Silent, &open), "offline24");
        assert_eq!(mode(DOWN, status("TOTAL_FAILURE"), &open), "total-failure");
        let bounded = timeline(
            "TOTAL_FAILURE",
            "2026-03-02T10:00:00Z",
            Some("2026-03-02T14:00:00Z"),
        );
        assert_eq!(
            mode(DOWN, LatarniaAnswer::Silent, &bounded),
            "total-failure"
        );
    }

    #[test]
    fn a_clear_status_overrules_what_was_announced_earlier() {
        let stale = timeline("FAILURE", "2026-02-01T10:00:00Z", None);
        assert_eq!(mode(DOWN, status("AVAILABLE"), &stale), "offline24");
        assert_eq!(mode(DOWN, status("MAINTENANCE"), &stale), "unavailability");
    }

    #[test]
    fn the_reason_names_the_announcement() {
        let failure = timeline("FAILURE", "2026-03-02T08:00:00Z", None);
        let evidence = Evidence {
            ksef: DOWN,
            latarnia: status("FAILURE"),
            timeline: &failure,
            now: "2026-03-02T12:00:00Z".parse().unwrap(),
        };
        let reason = decide(&evidence).reason;
        assert_eq!(
            reason.en,
            "KSeF does not answer, and Latarnia has announced a failure (K/1)."
        );
        assert_eq!(
            reason.pl,
            "KSeF nie odpowiada, a Latarnia ogłosiła awarię K/1."
        );
    }
}
