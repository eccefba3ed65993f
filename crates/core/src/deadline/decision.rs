//! How the mode is decided from what KSeF and Latarnia answer.

use jiff::Timestamp;

use super::evidence::{Evidence, LatarniaAnswer, LatarniaStatus, Reachability};
use super::message::Category;
use super::mode::{IssueMode, OfflineMode};
use super::outage::Outage;
use crate::diagnostic::Bilingual;

/// Why KSeF cannot be used, as far as the evidence tells. Closed: there is no fourth finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OfflineCause {
    /// Latarnia has announced it.
    Announced,
    /// The connection works, since something answered, and nothing is announced: the cause lies with KSeF or on the way
    /// to it.
    Unannounced,
    /// Neither KSeF nor Latarnia answers, and nothing that was announced explains it: probably one's own network.
    OwnNetwork,
}

impl OfflineCause {
    /// The stable kebab-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Announced => "announced",
            Self::Unannounced => "unannounced",
            Self::OwnNetwork => "own-network",
        }
    }
}

/// The mode to issue in and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The mode.
    pub mode: IssueMode,
    /// What keeps KSeF away; `None` while it answers.
    pub cause: Option<OfflineCause>,
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
    let outages = evidence.timeline.outages();
    if evidence.ksef == Reachability::Reachable {
        return Decision {
            mode: IssueMode::Online,
            cause: None,
            reason: answers(evidence),
        };
    }
    let said = match &evidence.latarnia {
        LatarniaAnswer::Status(LatarniaStatus::Maintenance) => Some(Category::Maintenance),
        LatarniaAnswer::Status(LatarniaStatus::Failure) => Some(Category::Failure),
        LatarniaAnswer::Status(LatarniaStatus::TotalFailure) => Some(Category::TotalFailure),
        LatarniaAnswer::Status(LatarniaStatus::Available | LatarniaStatus::Unknown(_))
        | LatarniaAnswer::Failing
        | LatarniaAnswer::Silent => None,
    }
    // A status that can only mean an event still to come leaves the question to what else is known.
    .filter(|category| !lies_ahead(category, outages, evidence.now));
    let available = evidence.latarnia == LatarniaAnswer::Status(LatarniaStatus::Available);
    let has_status = matches!(evidence.latarnia, LatarniaAnswer::Status(_));
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
        let may_be_over = !has_status
            && category == Category::TotalFailure
            && running.is_some_and(|outage| outage.end.is_none());
        let in_force = match &said {
            Some(said) => *said == category,
            None => running.is_some() && !may_be_over,
        };
        in_force.then(|| Decision {
            mode: IssueMode::Offline(mode),
            cause: Some(OfflineCause::Announced),
            reason: announced(&category, running, evidence),
        })
    })
    .unwrap_or_else(|| {
        let (cause, reason) = unannounced(evidence);
        Decision {
            mode: IssueMode::Offline(OfflineMode::Offline24),
            cause: Some(cause),
            reason,
        }
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

/// What a running outage of this category is, as the object of a sentence.
fn kind(category: &Category) -> (&'static str, &'static str) {
    match category {
        Category::TotalFailure => ("awarię całkowitą", "a total failure"),
        Category::Failure => ("awarię", "a failure"),
        Category::Maintenance => ("niedostępność", "an unavailability"),
        Category::Other(_) => ("przerwę nieznanego rodzaju", "an outage of an unknown kind"),
    }
}

/// Of a running outage, the words for one of which nobody has seen the end.
fn of_kind(category: &Category) -> (&'static str, &'static str) {
    match category {
        Category::TotalFailure => ("awarii całkowitej", "the total failure"),
        Category::Failure => ("awarii", "the failure"),
        Category::Maintenance => ("niedostępności", "the unavailability"),
        Category::Other(_) => (
            "przerwy nieznanego rodzaju",
            "the outage of an unknown kind",
        ),
    }
}

/// What is still to be said of an outage that was announced, has no known end, and yet does not decide.
fn without_end(evidence: &Evidence<'_>) -> Option<Bilingual> {
    let outages = evidence.timeline.outages();
    let outage = outages
        .iter()
        .rfind(|outage| outage.is_running(evidence.now) && outage.end.is_none())?;
    let ((kind_pl, kind_en), name) = (of_kind(&outage.category), outage.name());
    Some(if outage.is_withdrawn {
        Bilingual::new(
            format!("Latarnia nie pokazuje już {kind_pl} {name}, a jej końca nie widziano."),
            format!("Latarnia no longer shows {kind_en} ({name}), and no end of it was seen."),
        )
    } else {
        Bilingual::new(
            format!("Końca ogłoszonej wcześniej {kind_pl} {name} nie widziano."),
            format!("No end was seen of {kind_en} ({name}), announced earlier."),
        )
    })
}

fn answers(evidence: &Evidence<'_>) -> Bilingual {
    let running = evidence
        .timeline
        .outages()
        .iter()
        .rfind(|outage| outage.is_running(evidence.now));
    let is_available = evidence.latarnia == LatarniaAnswer::Status(LatarniaStatus::Available);
    match running {
        // Latarnia itself says that it is over.
        Some(_) if is_available => match without_end(evidence) {
            Some(open) => Bilingual::new(
                format!("KSeF odpowiada. {}", open.pl),
                format!("KSeF answers. {}", open.en),
            ),
            None => Bilingual::new("KSeF odpowiada.", "KSeF answers."),
        },
        Some(outage) => {
            let ((kind_pl, kind_en), name) = (kind(&outage.category), outage.name());
            Bilingual::new(
                format!("KSeF odpowiada, choć Latarnia ogłosiła {kind_pl} {name}."),
                format!("KSeF answers, although Latarnia has announced {kind_en} ({name})."),
            )
        }
        None => Bilingual::new("KSeF odpowiada.", "KSeF answers."),
    }
}

/// How a sentence about an absent KSeF begins.
fn no_answer(ksef: Reachability) -> (&'static str, &'static str) {
    match ksef {
        Reachability::Failing => ("KSeF odpowiada błędem", "KSeF answers with an error"),
        Reachability::Reachable | Reachability::Unreachable => {
            ("KSeF nie odpowiada", "KSeF does not answer")
        }
    }
}

fn announced(category: &Category, cause: Option<&Outage>, evidence: &Evidence<'_>) -> Bilingual {
    let (kind_pl, kind_en) = kind(category);
    let (name_pl, name_en) = cause.map_or_else(Default::default, |outage| {
        let name = outage.name();
        (format!(" {name}"), format!(" ({name})"))
    });
    let (earlier_pl, earlier_en) = match &evidence.latarnia {
        LatarniaAnswer::Silent => (
            " Teraz Latarnia nie odpowiada.",
            " Latarnia does not answer now.",
        ),
        LatarniaAnswer::Failing => (
            " Teraz Latarnia odpowiada błędem.",
            " Latarnia answers with an error now.",
        ),
        LatarniaAnswer::Status(_) => ("", ""),
    };
    let (begin_pl, begin_en) = no_answer(evidence.ksef);
    Bilingual::new(
        format!("{begin_pl}, a Latarnia ogłosiła {kind_pl}{name_pl}.{earlier_pl}"),
        format!("{begin_en}, and Latarnia has announced {kind_en}{name_en}.{earlier_en}"),
    )
}

fn unannounced(evidence: &Evidence<'_>) -> (OfflineCause, Bilingual) {
    let (cause, reason) = unexplained(evidence);
    let reason = match without_end(evidence) {
        Some(open) => Bilingual::new(
            format!("{} {}", reason.pl, open.pl),
            format!("{} {}", reason.en, open.en),
        ),
        None => reason,
    };
    (cause, reason)
}

fn unexplained(evidence: &Evidence<'_>) -> (OfflineCause, Bilingual) {
    let (begin_pl, begin_en) = no_answer(evidence.ksef);
    let is_something_running = evidence
        .timeline
        .outages()
        .iter()
        .any(|outage| outage.is_running(evidence.now));
    let (rest_pl, rest_en) = match (&evidence.latarnia, evidence.ksef) {
        (LatarniaAnswer::Silent, Reachability::Unreachable) => {
            let reason = Bilingual::new(
                "Nie odpowiada ani KSeF, ani Latarnia, a żadna znana zapowiedź tego nie wyjaśnia: prawdopodobnie zawiodło własne łącze.",
                "Neither KSeF nor Latarnia answers, and no known announcement explains it: probably the own network is down.",
            );
            return (OfflineCause::OwnNetwork, reason);
        }
        (LatarniaAnswer::Silent, _) => (
            "a Latarnia milczy; żadna znana zapowiedź tego nie wyjaśnia",
            "and Latarnia is silent; no known announcement explains it",
        ),
        (LatarniaAnswer::Failing, _) => (
            "a Latarnia odpowiada błędem; łącze działa, a żadna znana zapowiedź tego nie wyjaśnia",
            "and Latarnia answers with an error; the connection works, and no known announcement explains it",
        ),
        (LatarniaAnswer::Status(LatarniaStatus::Available), _) if is_something_running => (
            "choć Latarnia zgłasza, że KSeF działa: łącze działa, a przyczyna leży po stronie KSeF albo na drodze do niego",
            "although Latarnia says that KSeF works: the connection works, and the cause lies with KSeF or on the way to it",
        ),
        (LatarniaAnswer::Status(LatarniaStatus::Available), _) => (
            "choć Latarnia odpowiada i niczego nie ogłosiła: łącze działa, a przyczyna leży po stronie KSeF albo na drodze do niego",
            "although Latarnia answers and has announced nothing: the connection works, and the cause lies with KSeF or on the way to it",
        ),
        (LatarniaAnswer::Status(_), _) => (
            "a Latarnia nie ogłosiła przerwy, która już trwa",
            "and Latarnia has announced no outage that has begun",
        ),
    };
    let reason = Bilingual::new(
        format!("{begin_pl}, {rest_pl}."),
        format!("{begin_en}, {rest_en}."),
    );
    (OfflineCause::Unannounced, reason)
}

#[cfg(test)]
mod tests {
    use super::super::message::LatarniaMessage;
    use super::super::outage::Timeline;
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

    fn finding(ksef: Reachability, latarnia: LatarniaAnswer) -> (Option<&'static str>, String) {
        let decision = decide(&Evidence {
            ksef,
            latarnia,
            timeline: &Timeline::default(),
            now: "2026-03-02T12:00:00Z".parse().unwrap(),
        });
        let cause = decision.cause.map(OfflineCause::name);
        (cause, decision.reason.to_string())
    }

    #[test]
    fn ones_own_network_is_told_from_a_ksef_that_is_down() {
        let cases = [
            (
                DOWN,
                LatarniaAnswer::Silent,
                "own-network",
                "probably the own network is down",
            ),
            (
                DOWN,
                status("AVAILABLE"),
                "unannounced",
                "the connection works",
            ),
            (
                DOWN,
                status("FAILURE"),
                "announced",
                "has announced a failure",
            ),
            (
                DOWN,
                LatarniaAnswer::Failing,
                "unannounced",
                "the connection works",
            ),
            (
                Reachability::Failing,
                LatarniaAnswer::Silent,
                "unannounced",
                "KSeF answers with an error",
            ),
            (
                Reachability::Failing,
                status("AVAILABLE"),
                "unannounced",
                "KSeF answers with an error",
            ),
            (
                Reachability::Failing,
                status("MAINTENANCE"),
                "announced",
                "KSeF answers with an error",
            ),
        ];
        for (ksef, latarnia, cause, words) in cases {
            let (found, reason) = finding(ksef, latarnia.clone());
            assert_eq!(found, Some(cause), "{ksef:?} {latarnia:?}");
            assert!(reason.contains(words), "{reason}");
        }
        assert_eq!(finding(UP, LatarniaAnswer::Silent).0, None);
    }

    #[test]
    fn an_error_in_the_place_of_ksef_is_no_ksef_and_one_of_latarnia_no_announcement() {
        let running = timeline("FAILURE", "2026-03-02T10:00:00Z", None);
        assert_eq!(
            mode(Reachability::Failing, status("FAILURE"), &running),
            "emergency"
        );
        assert_eq!(
            mode(Reachability::Failing, LatarniaAnswer::Failing, &running),
            "emergency"
        );
        let none = Timeline::default();
        assert_eq!(
            mode(Reachability::Failing, LatarniaAnswer::Failing, &none),
            "offline24"
        );
        let total = timeline("TOTAL_FAILURE", "2026-03-02T10:00:00Z", None);
        assert_eq!(mode(DOWN, LatarniaAnswer::Failing, &total), "offline24");
    }

    #[test]
    fn a_ksef_that_works_during_an_announced_failure_is_said_to() {
        let failure = timeline("FAILURE", "2026-03-02T08:00:00Z", None);
        let decision = decide(&Evidence {
            ksef: UP,
            latarnia: status("FAILURE"),
            timeline: &failure,
            now: "2026-03-02T12:00:00Z".parse().unwrap(),
        });
        assert_eq!(decision.mode, IssueMode::Online);
        assert_eq!(
            decision.reason.en,
            "KSeF answers, although Latarnia has announced a failure (K/1)."
        );
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

    #[test]
    fn an_outage_whose_end_nobody_saw_is_named_where_latarnia_says_that_ksef_works() {
        let mut failure = timeline("FAILURE", "2026-03-02T08:00:00Z", None);
        let reason = |timeline: &Timeline, ksef| {
            decide(&Evidence {
                ksef,
                latarnia: status("AVAILABLE"),
                timeline,
                now: "2026-03-02T12:00:00Z".parse().unwrap(),
            })
            .reason
        };
        assert_eq!(
            reason(&failure, UP).en,
            "KSeF answers. No end was seen of the failure (K/1), announced earlier."
        );
        failure.compare(std::collections::BTreeSet::new());
        let found = reason(&failure, UP);
        assert_eq!(
            (&*found.en, &*found.pl),
            (
                "KSeF answers. Latarnia no longer shows the failure (K/1), and no end of it was seen.",
                "KSeF odpowiada. Latarnia nie pokazuje już awarii K/1, a jej końca nie widziano."
            )
        );
        let found = reason(&failure, DOWN);
        assert!(
            found.en.contains("although Latarnia says that KSeF works"),
            "{found}"
        );
        assert!(found.en.ends_with("no end of it was seen."), "{found}");
        assert!(
            !found.en.contains("announced nothing") && !found.pl.contains("niczego nie ogłosiła")
        );
        assert!(
            reason(&Timeline::default(), DOWN)
                .en
                .contains("announced nothing")
        );
    }
}
