//! Deadlines computed by hand (tests/vectors/deadlines.json), and how they are explained.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::Deserialize;

use super::*;

mod properties;

#[derive(Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    mode: String,
    issued: Date,
    #[serde(default)]
    policy: Option<String>,
    /// Long after everything where absent.
    #[serde(default)]
    now: Option<Timestamp>,
    #[serde(default)]
    outages: Vec<Event>,
    state: String,
    due: Option<Date>,
}

#[derive(Deserialize, Debug)]
struct Event {
    category: Category,
    start: Timestamp,
    end: Option<Timestamp>,
}

fn timeline(events: &[Event]) -> Timeline {
    (1..)
        .zip(events)
        .flat_map(|(event_id, event)| {
            let message = |kind, number: &str, end| LatarniaMessage {
                id: format!("K/{event_id}/{number}"),
                event_id,
                category: event.category.clone(),
                kind,
                title: String::new(),
                text: String::new(),
                start: event.start,
                end,
                version: 1,
                published: None,
            };
            match event.category {
                Category::Maintenance => vec![message(
                    MessageKind::MaintenanceAnnouncement,
                    "NI",
                    event.end,
                )],
                _ => core::iter::once(message(MessageKind::FailureStart, "AWR", None))
                    .chain(
                        event
                            .end
                            .map(|end| message(MessageKind::FailureEnd, "END", Some(end))),
                    )
                    .collect(),
            }
        })
        .collect()
}

#[test]
fn every_case_computed_by_hand_comes_out() {
    let vectors: Vectors =
        serde_json::from_str(include_str!("../../../../../tests/vectors/deadlines.json")).unwrap();
    assert!(vectors.cases.len() >= 60, "{}", vectors.cases.len());
    let mut wrong = Vec::new();
    for case in &vectors.cases {
        let mode = OfflineMode::from_name(&case.mode).unwrap();
        let policy = case
            .policy
            .as_deref()
            .map_or(Policy::Statutory, |name| Policy::from_name(name).unwrap());
        let now = case
            .now
            .unwrap_or_else(|| "2099-01-01T00:00:00Z".parse().unwrap());
        let result = deadline(mode, case.issued, &timeline(&case.outages), &policy, now);
        let expected = (DeadlineState::from_name(&case.state).unwrap(), case.due);
        if (result.state, result.due) != expected {
            wrong.push(format!(
                "{}: {:?} {:?}: {}",
                case.name, result.state, result.due, result.explanation
            ));
        }
        assert_eq!(result.basis, mode.legal_basis(), "{}", case.name);
        assert_eq!(
            result.due.is_some(),
            result.state == DeadlineState::Due,
            "{}",
            case.name
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn explain(
    mode: OfflineMode,
    issued: Date,
    events: &[(&str, &str, Option<&str>)],
    now: &str,
) -> (String, String) {
    let events: Vec<Event> = events
        .iter()
        .map(|(category, start, end)| Event {
            category: Category::from((*category).to_owned()),
            start: start.parse().unwrap(),
            end: end.map(|end| end.parse().unwrap()),
        })
        .collect();
    let told = deadline(
        mode,
        issued,
        &timeline(&events),
        &Policy::Statutory,
        now.parse().unwrap(),
    )
    .explanation;
    (told.en.into_owned(), told.pl.into_owned())
}

#[test]
fn the_ministrys_example_is_explained_in_both_languages() {
    let failure = (
        "FAILURE",
        "2025-07-10T08:00:00+02:00",
        Some("2025-07-12T16:00:00+02:00"),
    );
    let (en, pl) = explain(
        OfflineMode::Emergency,
        date(2025, 7, 11),
        &[failure],
        "2025-07-14T08:00:00Z",
    );
    assert_eq!(
        en,
        "Failure K/1/AWR (K/1/END) ended on Saturday 2025-07-12; the seventh business day after it is Tuesday 2025-07-22."
    );
    assert_eq!(
        pl,
        "Awaria K/1/AWR (K/1/END) zakończyła się w sobotę 2025-07-12; siódmy dzień roboczy po niej to wtorek 2025-07-22."
    );
}

#[test]
fn a_move_by_a_failure_names_both_ends_and_the_holidays_left_out() {
    let failure = (
        "FAILURE",
        "2026-04-28T08:00:00+02:00",
        Some("2026-04-29T16:00:00+02:00"),
    );
    let (en, pl) = explain(
        OfflineMode::Offline24,
        date(2026, 4, 27),
        &[failure],
        "2026-05-01T08:00:00Z",
    );
    assert_eq!(
        en,
        "Issued on Monday 2026-04-27; the next business day after it is Tuesday 2026-04-28. Failure K/1/AWR (K/1/END) \
         began on Tuesday 2026-04-28, while the invoice was waiting, and ended on Wednesday 2026-04-29; the seventh \
         business day after it is Monday 2026-05-11. Public holidays left out: 2026-05-01."
    );
    assert_eq!(
        pl,
        "Wystawiono w poniedziałek 2026-04-27; następny dzień roboczy to wtorek 2026-04-28. Awaria K/1/AWR (K/1/END) \
         rozpoczęła się we wtorek 2026-04-28, gdy faktura czekała na wysłanie, i zakończyła się w środę 2026-04-29; \
         siódmy dzień roboczy po niej to poniedziałek 2026-05-11. Pominięto święta: 2026-05-01."
    );
}

#[test]
fn an_unavailability_in_the_window_is_said_to_move_nothing() {
    let maintenance = (
        "MAINTENANCE",
        "2026-03-03T01:00:00+01:00",
        Some("2026-03-03T05:00:00+01:00"),
    );
    let (en, pl) = explain(
        OfflineMode::Offline24,
        date(2026, 3, 2),
        &[maintenance],
        "2026-03-03T08:00:00Z",
    );
    assert!(
        en.ends_with("Unavailability K/1/NI moves nothing: the law names failures only."),
        "{en}"
    );
    assert!(
        pl.ends_with("Niedostępność K/1/NI niczego nie przesuwa: przepisy mówią tylko o awariach."),
        "{pl}"
    );
}

#[test]
fn open_and_lifted_deadlines_say_why() {
    let running = ("FAILURE", "2026-03-02T08:00:00+01:00", None);
    let (en, pl) = explain(
        OfflineMode::Emergency,
        date(2026, 3, 2),
        &[running],
        "2026-03-03T08:00:00Z",
    );
    assert_eq!(
        en,
        "Failure K/1/AWR began on Monday 2026-03-02 and has no announced end: the deadline is open."
    );
    assert_eq!(
        pl,
        "Awaria K/1/AWR rozpoczęła się w poniedziałek 2026-03-02 i nie ma ogłoszonego końca: termin jest otwarty."
    );
    let (en, pl) = explain(
        OfflineMode::Unavailability,
        date(2026, 3, 2),
        &[],
        "2026-03-03T08:00:00Z",
    );
    assert_eq!(
        en,
        "No known unavailability explains the mode on Monday 2026-03-02: the deadline stays open until its end is known."
    );
    assert!(
        pl.starts_with("Żadna znana niedostępność nie trwała w poniedziałek 2026-03-02:"),
        "{pl}"
    );
    let total = ("TOTAL_FAILURE", "2026-03-03T08:00:00+01:00", None);
    let (en, pl) = explain(
        OfflineMode::Offline24,
        date(2026, 3, 2),
        &[total],
        "2026-03-03T08:00:00Z",
    );
    assert!(
        en.ends_with("Total failure K/1/AWR began on Tuesday 2026-03-03, while the invoice was waiting: it need not be sent to KSeF."),
        "{en}"
    );
    assert!(
        pl.contains("Awaria całkowita K/1/AWR rozpoczęła się we wtorek 2026-03-03"),
        "{pl}"
    );
}

#[test]
fn an_end_still_to_come_is_told_in_the_future() {
    let maintenance = (
        "MAINTENANCE",
        "2026-03-07T20:00:00+01:00",
        Some("2026-03-08T06:00:00+01:00"),
    );
    let (en, pl) = explain(
        OfflineMode::Unavailability,
        date(2026, 3, 7),
        &[maintenance],
        "2026-03-07T22:00:00Z",
    );
    assert_eq!(
        en,
        "Unavailability K/1/NI ends on Sunday 2026-03-08; the next business day after it is Monday 2026-03-09."
    );
    assert!(
        pl.starts_with(
            "Niedostępność K/1/NI zakończy się w niedzielę 2026-03-08; następny dzień roboczy"
        ),
        "{pl}"
    );
}

#[test]
fn days_left_and_overdue_follow_warsaw_midnight() {
    let due = |now: &str| {
        let now = now.parse().unwrap();
        let deadline = deadline(
            OfflineMode::Offline24,
            date(2026, 3, 2),
            &Timeline::default(),
            &Policy::Statutory,
            now,
        );
        (
            deadline.days_left(now).unwrap(),
            deadline.overdue(now),
            deadline.may_send(now),
        )
    };
    assert_eq!(due("2026-03-02T12:00:00Z"), (1, false, true));
    assert_eq!(due("2026-03-03T22:59:59Z"), (0, false, true));
    assert_eq!(due("2026-03-03T23:00:00Z"), (-1, true, true));
}

#[test]
fn days_left_are_calendar_days_over_both_clock_changes() {
    for (issued, now, left) in [
        // Friday; clocks go forward on Sunday. Due on Monday 30 March.
        (date(2026, 3, 27), "2026-03-27T22:59:59Z", 3),
        (date(2026, 3, 27), "2026-03-28T23:00:00Z", 1),
        (date(2026, 3, 27), "2026-03-29T21:59:59Z", 1),
        (date(2026, 3, 27), "2026-03-29T22:00:00Z", 0),
        (date(2026, 3, 27), "2026-03-30T21:59:59Z", 0),
        (date(2026, 3, 27), "2026-03-30T22:00:00Z", -1),
        // Friday; clocks go back on Sunday. Due on Monday 26 October.
        (date(2026, 10, 23), "2026-10-24T22:00:00Z", 1),
        (date(2026, 10, 23), "2026-10-25T22:59:59Z", 1),
        (date(2026, 10, 23), "2026-10-25T23:00:00Z", 0),
        (date(2026, 10, 23), "2026-10-26T23:00:00Z", -1),
    ] {
        let now = now.parse().unwrap();
        let deadline = deadline(
            OfflineMode::Offline24,
            issued,
            &Timeline::default(),
            &Policy::Statutory,
            now,
        );
        assert_eq!(deadline.days_left(now), Some(left), "{now}");
        assert_eq!(deadline.overdue(now), left < 0, "{now}");
        assert_eq!(deadline.ends_at().unwrap() <= now, left < 0, "{now}");
    }
}

#[test]
fn the_seven_days_policy_stops_sending_after_its_day() {
    let may_send = |now: &str| {
        let now = now.parse().unwrap();
        let timeline = Timeline::default();
        let deadline = deadline(
            OfflineMode::Emergency,
            date(2026, 3, 2),
            &timeline,
            &Policy::SevenDays,
            now,
        );
        assert_eq!(deadline.due, Some(date(2026, 3, 9)));
        assert!(
            deadline
                .explanation
                .en
                .contains("to be sent by Monday 2026-03-09 at the latest, and not sent after that"),
            "{}",
            deadline.explanation
        );
        deadline.may_send(now)
    };
    assert!(may_send("2026-03-09T22:59:59Z"));
    assert!(!may_send("2026-03-09T23:00:00Z"));
}

#[test]
fn a_lifted_duty_does_not_reopen_what_the_seven_days_policy_has_closed() {
    let total = [Event {
        category: Category::TotalFailure,
        start: "2026-03-03T08:00:00+01:00".parse().unwrap(),
        end: None,
    }];
    let may_send = |policy, now: &str| {
        let now = now.parse().unwrap();
        let found = deadline(
            OfflineMode::Offline24,
            date(2026, 3, 2),
            &timeline(&total),
            &policy,
            now,
        );
        assert_eq!(found.state, DeadlineState::Lifted);
        (
            found.may_send(now),
            found
                .explanation
                .en
                .contains("until Monday 2026-03-09, and is not sent after that"),
        )
    };
    assert_eq!(
        may_send(Policy::SevenDays, "2026-03-09T22:59:59Z"),
        (true, true)
    );
    assert_eq!(
        may_send(Policy::SevenDays, "2026-03-09T23:00:00Z"),
        (false, true)
    );
    assert_eq!(
        may_send(Policy::Statutory, "2026-03-09T23:00:00Z"),
        (true, false)
    );
}

#[test]
fn a_total_failure_that_lifts_nothing_is_named_with_the_reason() {
    let total = ("TOTAL_FAILURE", "2026-03-04T08:00:00+01:00", None);
    let now = "2026-03-05T08:00:00Z";
    let (en, pl) = explain(OfflineMode::Emergency, date(2026, 3, 2), &[total], now);
    assert!(
        en.ends_with("Total failure K/1/AWR began on Wednesday 2026-03-04, but it is not known whether the invoice was still waiting in time, so it is not taken to lift the duty to send."),
        "{en}"
    );
    assert!(
        pl.ends_with("więc przyjęto, że nie znosi ona obowiązku przesłania."),
        "{pl}"
    );
    let (en, pl) = explain(OfflineMode::Offline24, date(2026, 3, 2), &[total], now);
    assert!(
        en.ends_with("Total failure K/1/AWR began on Wednesday 2026-03-04, after the last day, and lifts nothing."),
        "{en}"
    );
    assert!(
        pl.ends_with("Awaria całkowita K/1/AWR rozpoczęła się w środę 2026-03-04, po ostatnim dniu, i niczego nie znosi."),
        "{pl}"
    );
}

#[test]
fn what_began_after_the_duty_was_lifted_is_left_out() {
    let total = (
        "TOTAL_FAILURE",
        "2026-03-03T08:00:00+01:00",
        Some("2026-03-03T10:00:00+01:00"),
    );
    let later = ("FAILURE", "2026-03-03T12:00:00+01:00", None);
    let now = "2026-03-05T08:00:00Z";
    let (en, pl) = explain(
        OfflineMode::Offline24,
        date(2026, 3, 2),
        &[total, later],
        now,
    );
    assert!(!en.contains("K/2") && !pl.contains("K/2"), "{en} {pl}");
    assert!(en.ends_with("it need not be sent to KSeF."), "{en}");
    // The failure came first, and is told first.
    let earlier = ("FAILURE", "2026-03-03T06:00:00+01:00", None);
    let (en, _) = explain(
        OfflineMode::Offline24,
        date(2026, 3, 2),
        &[earlier, total],
        now,
    );
    assert!(
        en.find("K/1") < en.find("K/2") && en.contains("K/2"),
        "{en}"
    );
}

#[test]
fn a_failure_from_before_the_issue_or_without_an_end_is_told_in_whole_sentences() {
    let now = "2026-03-05T08:00:00Z";
    let long = (
        "FAILURE",
        "2026-03-01T08:00:00+01:00",
        Some("2026-03-03T10:00:00+01:00"),
    );
    let (en, pl) = explain(OfflineMode::Offline24, date(2026, 3, 2), &[long], now);
    assert!(
        en.contains("Failure K/1/AWR (K/1/END), which began on Sunday 2026-03-01, before the invoice was issued, ended on Tuesday 2026-03-03;"),
        "{en}"
    );
    assert!(
        pl.contains("Awaria K/1/AWR (K/1/END), która rozpoczęła się w niedzielę 2026-03-01, przed wystawieniem faktury, zakończyła się we wtorek 2026-03-03;"),
        "{pl}"
    );
    let running = ("FAILURE", "2026-03-03T08:00:00+01:00", None);
    let (en, pl) = explain(OfflineMode::Offline24, date(2026, 3, 2), &[running], now);
    assert!(
        en.ends_with("began on Tuesday 2026-03-03, while the invoice was waiting, and has no announced end: the deadline is open."),
        "{en}"
    );
    assert!(
        pl.ends_with(
            "gdy faktura czekała na wysłanie, i nie ma ogłoszonego końca: termin jest otwarty."
        ),
        "{pl}"
    );
    let slip = (
        "FAILURE",
        "2026-03-02T08:00:00+01:00",
        Some("2026-03-01T08:00:00+01:00"),
    );
    let (en, pl) = explain(OfflineMode::Emergency, date(2026, 3, 2), &[slip], now);
    assert!(en.contains("so the beginning is taken for the end"), "{en}");
    assert!(pl.contains("więc za koniec przyjęto początek"), "{pl}");
}

#[test]
fn a_total_failure_that_nobody_announced_here_is_said_to_be_unknown() {
    let now = "2026-03-05T08:00:00Z";
    let (en, pl) = explain(OfflineMode::TotalFailure, date(2026, 3, 2), &[], now);
    assert!(
        en.contains("No announcement of a total failure on Monday 2026-03-02 is known here"),
        "{en}"
    );
    assert!(
        pl.contains("Żadna ogłoszona awaria całkowita nie jest tu znana"),
        "{pl}"
    );
    let total = ("TOTAL_FAILURE", "2026-03-02T08:00:00+01:00", None);
    let (en, pl) = explain(OfflineMode::TotalFailure, date(2026, 3, 2), &[total], now);
    assert!(
        en.ends_with("Total failure K/1/AWR was in force on Monday 2026-03-02."),
        "{en}"
    );
    assert!(
        pl.ends_with("Awaria całkowita K/1/AWR trwała w poniedziałek 2026-03-02."),
        "{pl}"
    );
}

#[test]
fn an_invoice_of_a_total_failure_is_never_sent() {
    let now = "2026-03-02T12:00:00Z".parse().unwrap();
    for policy in Policy::ALL {
        let deadline = deadline(
            OfflineMode::TotalFailure,
            date(2026, 3, 2),
            &Timeline::default(),
            &policy,
            now,
        );
        assert_eq!(
            (deadline.state, deadline.due),
            (DeadlineState::NotRequired, None)
        );
        assert!(!deadline.may_send(now));
    }
}

#[test]
fn a_policy_of_ones_own_sees_the_law_and_decides() {
    struct DayBefore;
    impl DeadlinePolicy for DayBefore {
        fn name(&self) -> &'static str {
            "day-before"
        }
        fn apply(&self, issue_date: Date, statutory: Deadline) -> Deadline {
            let due = statutory
                .due
                .and_then(|due| due.yesterday().ok())
                .map(|due| due.max(issue_date));
            Deadline { due, ..statutory }
        }
    }
    let now = "2026-03-07T12:00:00Z".parse().unwrap();
    let result = deadline(
        OfflineMode::Offline24,
        date(2026, 3, 6),
        &Timeline::default(),
        &DayBefore,
        now,
    );
    assert_eq!(result.due, Some(date(2026, 3, 8)));
}

#[test]
fn what_a_policy_contradicts_itself_in_is_put_right() {
    struct Careless(DeadlineState, Option<Date>);
    impl DeadlinePolicy for Careless {
        fn name(&self) -> &'static str {
            "careless"
        }
        fn apply(&self, _: Date, statutory: Deadline) -> Deadline {
            Deadline {
                state: self.0,
                due: self.1,
                ..statutory
            }
        }
    }
    let day = Some(date(2026, 3, 20));
    for (said, due, state, kept) in [
        (DeadlineState::Due, None, DeadlineState::Open, None),
        (DeadlineState::Open, day, DeadlineState::Open, None),
        (
            DeadlineState::NotRequired,
            day,
            DeadlineState::NotRequired,
            None,
        ),
        (DeadlineState::Due, day, DeadlineState::Due, day),
    ] {
        let found = deadline(
            OfflineMode::Offline24,
            date(2026, 3, 6),
            &Timeline::default(),
            &Careless(said, due),
            "2026-03-07T12:00:00Z".parse().unwrap(),
        );
        assert_eq!((found.state, found.due), (state, kept));
    }
}
