//! What the messages about one event come to: announcements, ends, and each time it ran.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::message::{Category, LatarniaMessage, MessageKind};
use super::outage::Outage;

/// The messages about one event.
#[derive(Default)]
pub(super) struct Event<'a> {
    categories: BTreeMap<&'a Category, Messages<'a>>,
}

/// The messages about one event in one category.
#[derive(Default)]
struct Messages<'a> {
    openings: Vec<&'a LatarniaMessage>,
    closings: Vec<&'a LatarniaMessage>,
}

impl<'a> Event<'a> {
    pub(super) fn add(&mut self, message: &'a LatarniaMessage) {
        let messages = self.categories.entry(&message.category).or_default();
        match message.kind {
            MessageKind::FailureEnd => messages.closings.push(message),
            _ => messages.openings.push(message),
        }
    }

    /// The outages they tell of: one for each category and each time it ran.
    pub(super) fn outages(&self) -> Vec<Outage> {
        let episodes: Vec<Messages<'_>> = self
            .categories
            .values()
            .flat_map(Messages::episodes)
            .collect();
        let known_start = episodes
            .iter()
            .filter_map(Messages::opening)
            .map(|message| message.start)
            .min();
        let mut outages: Vec<Outage> = episodes
            .iter()
            .filter_map(|messages| messages.outage(known_start))
            .collect();
        // A failure may become a total failure under one number, and then one end stands for both.
        let ends: Vec<Timestamp> = outages.iter().filter_map(|outage| outage.end).collect();
        for outage in &mut outages {
            if outage.end.is_none() {
                let start = outage.start;
                outage.end = ends.iter().copied().filter(|end| *end > start).min();
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

    /// The messages of each time it ran: one that begins after an end told of an earlier run opens a further one.
    fn episodes(&self) -> Vec<Self> {
        let mut openings = self.openings.clone();
        openings.sort_by_key(|message| message.start);
        let mut episodes = vec![Self::default()];
        let mut before: Option<Timestamp> = None;
        for opening in openings {
            let is_over = self.closings.iter().any(|closing| {
                self.end_told(closing).is_some_and(|end| {
                    // Without an earlier announcement the message must itself say when the earlier run began.
                    let began = before.or(closing.end.map(|_| closing.start));
                    end < opening.start
                        && began.is_some_and(|began| began <= end)
                        && (closing.end.is_none() || closing.start <= end)
                })
            });
            match episodes.last_mut() {
                Some(current) if !is_over => current.openings.push(opening),
                _ => episodes.push(Self {
                    openings: vec![opening],
                    closings: Vec::new(),
                }),
            }
            before = Some(opening.start);
        }
        for closing in &self.closings {
            let reach = self
                .end_told(closing)
                .map_or(closing.start, |end| end.max(closing.start));
            let begun = |episode: &Self| episode.openings.iter().any(|m| m.start <= reach);
            let place = episodes.iter().rposition(begun).unwrap_or_default();
            if let Some(episode) = episodes.get_mut(place) {
                episode.closings.push(closing);
            }
        }
        episodes
    }

    /// The end a closing message tells, whichever run it closes: without `end` its own start, unless that repeats an
    /// announced beginning or lies before all of them.
    fn end_told(&self, closing: &LatarniaMessage) -> Option<Timestamp> {
        let announced = || self.openings.iter().map(|message| message.start);
        let marks_the_end = announced().any(|start| start < closing.start)
            && !announced().any(|start| start == closing.start);
        closing.end.or(if marks_the_end {
            Some(closing.start)
        } else {
            closing.published
        })
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
            is_withdrawn: false,
            is_end_mistaken: end.is_some_and(|end| end < start),
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
