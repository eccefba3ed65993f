//! What holds for every deadline, whatever was announced and in whatever order it came.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::super::calendar::{self, is_business_day};
use super::super::*;
use super::{Event, timeline};

fn instant() -> impl Strategy<Value = Timestamp> {
    (0_i64..90 * 24).prop_map(|hours| {
        "2026-11-20T00:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_hours(hours)
    })
}

fn event() -> impl Strategy<Value = Event> {
    let category = prop_oneof![
        4 => Just(Category::Failure),
        2 => Just(Category::Maintenance),
        1 => Just(Category::TotalFailure),
    ];
    (
        category,
        instant(),
        proptest::option::weighted(0.9, 0_i64..120),
    )
        .prop_map(|(category, start, hours)| Event {
            category,
            start,
            end: hours.map(|hours| start + SignedDuration::from_hours(hours)),
        })
}

fn offline_mode() -> impl Strategy<Value = OfflineMode> {
    prop_oneof![
        Just(OfflineMode::Offline24),
        Just(OfflineMode::Unavailability),
        Just(OfflineMode::Emergency),
    ]
}

/// Any message: few numbers and events, so that versions and moves meet; words nobody knows among them.
fn any_message() -> impl Strategy<Value = LatarniaMessage> {
    let category = prop_oneof![
        4 => Just("FAILURE"), 2 => Just("TOTAL_FAILURE"), 2 => Just("MAINTENANCE"), 1 => Just("DEGRADATION"),
    ];
    let kind = prop_oneof![
        3 => Just("FAILURE_START"), 3 => Just("FAILURE_END"), 2 => Just("MAINTENANCE_ANNOUNCEMENT"), 1 => Just("NEWS"),
    ];
    let number = (0_u8..6, 0_i64..4, 0_i64..3);
    let times = (
        instant(),
        proptest::option::of(instant()),
        proptest::option::of(instant()),
    );
    (number, category, kind, times).prop_map(
        |((id, event_id, version), category, kind, (start, end, published))| LatarniaMessage {
            id: format!("K/{id}"),
            event_id,
            category: Category::from(category.to_owned()),
            kind: MessageKind::from(kind.to_owned()),
            title: String::new(),
            text: String::new(),
            start,
            end,
            version,
            published,
        },
    )
}

proptest! {
    #[test]
    fn a_deadline_is_a_business_day_and_not_before_the_issue_date(
        mode in offline_mode(), issued in instant(), events in proptest::collection::vec(event(), 0..6), now in instant(),
    ) {
        let issued = calendar::warsaw_date(issued);
        let result = deadline(mode, issued, &timeline(&events), &Policy::Statutory, now);
        if let Some(due) = result.due {
            prop_assert!(is_business_day(due));
            prop_assert!(due > issued);
        }
    }

    #[test]
    fn a_later_outage_never_moves_a_deadline_forward(
        mode in offline_mode(), issued in instant(), mut events in proptest::collection::vec(event(), 1..6),
    ) {
        events.sort_by_key(|event| event.start);
        let issued = calendar::warsaw_date(issued);
        let now = "2099-01-01T00:00:00Z".parse().unwrap();
        let all = deadline(mode, issued, &timeline(&events), &Policy::Statutory, now);
        events.pop();
        let before = deadline(mode, issued, &timeline(&events), &Policy::Statutory, now);
        match (before.due, all.due) {
            (Some(before), Some(all)) => prop_assert!(all >= before),
            (Some(_), None) => prop_assert!(all.state != DeadlineState::Due),
            // A new outage can explain a mode that nothing explained; a lifted duty stays lifted.
            (None, _) => prop_assert!(before.state != DeadlineState::Lifted || all.state == DeadlineState::Lifted),
        }
    }

    #[test]
    fn the_order_in_which_messages_arrive_does_not_matter(
        mode in offline_mode(), issued in instant(), now in instant(),
        events in proptest::collection::vec(event(), 0..6).prop_flat_map(|events| {
            let messages: Vec<LatarniaMessage> = timeline(&events).messages().cloned().collect();
            (Just(messages.clone()), Just(messages).prop_shuffle())
        }),
    ) {
        let (messages, shuffled) = events;
        let at_once: Timeline = messages.iter().cloned().collect();
        let mut one_by_one = Timeline::default();
        for message in shuffled.iter().chain(&messages) {
            one_by_one.merge(core::slice::from_ref(message));
        }
        prop_assert_eq!(&at_once, &one_by_one);
        let issued = calendar::warsaw_date(issued);
        prop_assert_eq!(
            deadline(mode, issued, &at_once, &Policy::Statutory, now),
            deadline(mode, issued, &one_by_one, &Policy::Statutory, now)
        );
    }

    #[test]
    fn neither_does_it_among_versions_that_move_and_messages_nobody_understands(
        mode in offline_mode(), issued in instant(), now in instant(),
        messages in proptest::collection::vec(any_message(), 0..12)
            .prop_flat_map(|messages| (Just(messages.clone()), Just(messages).prop_shuffle())),
        cut in 0_usize..12,
    ) {
        let (messages, shuffled) = messages;
        let at_once: Timeline = messages.iter().cloned().collect();
        let (first, rest) = shuffled.split_at(cut.min(shuffled.len()));
        let mut in_two = Timeline::default();
        in_two.merge(first);
        in_two.merge(rest);
        prop_assert_eq!(&at_once, &in_two);
        prop_assert!(!in_two.merge(&messages));
        let stored = serde_json::to_string(&at_once).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Timeline>(&stored).unwrap(), &at_once);
        let issued = calendar::warsaw_date(issued);
        let found = deadline(mode, issued, &at_once, &Policy::Statutory, now);
        prop_assert_eq!(&found, &deadline(mode, issued, &in_two, &Policy::Statutory, now));
        prop_assert_eq!(found.due.is_some(), found.state == DeadlineState::Due);
        if let Some(due) = found.due {
            prop_assert!(is_business_day(due) && due > issued);
        }
    }

    #[test]
    fn an_outage_announced_for_later_changes_nothing_before_it_begins(
        mode in offline_mode(), issued in instant(), now in instant(),
        mut events in proptest::collection::vec(event(), 1..6),
    ) {
        let issued = calendar::warsaw_date(issued);
        prop_assume!(issued <= calendar::warsaw_date(now));
        let all = deadline(mode, issued, &timeline(&events), &Policy::Statutory, now);
        events.retain(|event| event.start <= now);
        let begun = deadline(mode, issued, &timeline(&events), &Policy::Statutory, now);
        prop_assert_eq!((all.state, all.due), (begun.state, begun.due));
    }
}
