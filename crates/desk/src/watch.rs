//! Watching: what changes at KSeF, at Latarnia and with deadlines, as a series of events.
//!
//! The client's watcher asks; here what it finds is kept, deadlines are dated anew, and each change is told once. What
//! was told is kept in the queue, so that a watcher that is started again goes on where the last one ended: an outage
//! that came while nobody watched is told late, and nothing is told twice. An event counts as told when the caller comes
//! back for the next; one that was handed over just before the process died is told again.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use ksef_offline_client::WatchPace;
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::deadline::calendar::end_of_day;
use ksef_offline_core::deadline::{AfterDue, IssueMode, OfflineCause, Outage, Timeline};
use ksef_offline_queue::{Entry, InvoiceStatus, ListQuery};

use crate::availability::{Availability, OutageView, is_known};
use crate::desk::Desk;
use crate::error::DeskError;
use crate::evidence::{reachability, word};

mod event;
mod told;

pub use event::WatchEvent;
use told::{Told, ToldOutage};

/// The key under which the queue keeps what was told.
const TOLD: &str = "watch-told";
/// An outage that ended longer ago is not told any more, and not remembered as told.
const NEWS: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How to watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchOptions {
    /// How often to ask.
    pub pace: WatchPace,
    /// How long before the end of an invoice's last day it is told to be due soon.
    pub due_within: SignedDuration,
}

impl Default for WatchOptions {
    /// Every minute; a day before.
    fn default() -> Self {
        Self {
            pace: WatchPace::default(),
            due_within: SignedDuration::from_hours(24),
        }
    }
}

/// Asks KSeF and Latarnia again and again, and tells each change once.
#[derive(Debug)]
pub struct Watcher<'a> {
    desk: &'a Desk,
    client: ksef_offline_client::Watcher,
    due_within: SignedDuration,
    told: Told,
    kept: Told,
    trouble: Option<&'static str>,
    /// Whether the first round is over.
    started: bool,
    waiting: VecDeque<WatchEvent>,
}

impl Desk {
    /// A watcher. Its first event says how things stand; then come the changes since anybody watched last. At the very
    /// first time that is everything that is not over.
    ///
    /// ```no_run
    /// # use ksef_offline::{Desk, DeskError, WatchOptions};
    /// # async fn example(desk: &Desk) -> Result<(), DeskError> {
    /// let mut watcher = desk.watcher(WatchOptions::default())?;
    /// loop {
    ///     let event = watcher.next().await;
    ///     println!("{} {}", event.at(), event.words().en);
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// The queue's errors.
    pub fn watcher(&self, options: WatchOptions) -> Result<Watcher<'_>, DeskError> {
        let told: Told = self
            .queue()
            .value(TOLD)?
            .and_then(|kept| serde_json::from_str(&kept).ok())
            .unwrap_or_default();
        Ok(Watcher {
            desk: self,
            client: self.anonymous_client()?.watcher(options.pace),
            due_within: options.due_within,
            kept: told.clone(),
            told,
            trouble: None,
            started: false,
            waiting: VecDeque::new(),
        })
    }
}

impl Watcher<'_> {
    /// The next event, however long it takes. Nothing ends the series: what goes wrong with the queue is an event, told
    /// once until it is over.
    ///
    /// The future may be dropped at any moment; what it would have told is told by the next call.
    pub async fn next(&mut self) -> WatchEvent {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return event;
            }
            self.keep();
            let observation = self.client.next().await;
            let mut told = self.told.clone();
            let judged = self.desk.judge_observation(observation);
            match judged.and_then(|found| self.changes(&found, &mut told)) {
                Ok(events) => {
                    // Reading works. Whether writing does is seen when there is something to keep.
                    if self.told == self.kept {
                        self.trouble = None;
                    }
                    self.waiting.extend(events);
                    self.told = told;
                    self.started = true;
                }
                Err(error) => self.wail(&error),
            }
        }
    }

    /// Everything told until now has been handed over.
    fn keep(&mut self) {
        if self.told == self.kept {
            return;
        }
        let text = serde_json::to_string(&self.told).unwrap_or_default();
        match self.desk.queue().set_value(TOLD, Some(&text)) {
            Ok(()) => {
                self.kept = self.told.clone();
                self.trouble = None;
            }
            Err(error) => self.wail(&error.into()),
        }
    }

    fn wail(&mut self, error: &DeskError) {
        if self.trouble.replace(error.code()) != Some(error.code()) {
            self.waiting.push_back(WatchEvent::Trouble {
                at: self.desk.now().to_string(),
                code: error.code(),
                message: error.message(),
            });
        }
    }

    fn changes(&self, found: &Availability, told: &mut Told) -> Result<Vec<WatchEvent>, DeskError> {
        self.desk.refresh_deadlines()?;
        let mut events = Vec::new();
        connection(found, told, &mut events);
        let timeline = self.desk.timeline()?;
        let is_first_ever = told.mode.is_none();
        outages(
            timeline.outages(),
            found.at,
            is_first_ever,
            told,
            &mut events,
        );
        oddities(found, told, &mut events);
        let (due_soon, overdue) = self.deadlines(&timeline, found.at, told, &mut events)?;
        told.mode = Some(found.decision.mode.name().to_owned());
        if !self.started {
            let state = WatchEvent::Started {
                at: found.at.to_string(),
                ksef: reachability(found.ksef),
                latarnia: word(&found.latarnia),
                mode: found.decision.mode.name(),
                reason: found.decision.reason.clone(),
                outages: found
                    .outages
                    .iter()
                    .map(|outage| OutageView::of(outage, found.at))
                    .collect(),
                due_soon,
                overdue,
            };
            events.insert(0, state);
        }
        Ok(events)
    }

    /// Tells what is due soon or overdue, and counts it.
    fn deadlines(
        &self,
        timeline: &Timeline,
        now: Timestamp,
        told: &mut Told,
        events: &mut Vec<WatchEvent>,
    ) -> Result<(usize, usize), DeskError> {
        let mut query = ListQuery {
            context: Some(self.desk.config().context.clone()),
            limit: 1000,
            ..ListQuery::default()
        };
        let (mut soon, mut over) = (Told::default(), 0);
        'pages: loop {
            let page = self.desk.queue().list(&query)?;
            for entry in page.entries {
                // By due date, open ones last: all that follow are later.
                let Some(due) = entry.due else { break 'pages };
                let end = end_of_day(due);
                if now < end && end.duration_since(now) > self.due_within {
                    break 'pages;
                }
                if entry.status == InvoiceStatus::Processing {
                    continue;
                }
                let (id, due) = (entry.id.to_string(), due.to_string());
                if now < end {
                    if told.due_soon.get(&id) != Some(&due) {
                        events.push(due_event(&entry, now, end, &due));
                    }
                    soon.due_soon.insert(id, due);
                } else {
                    over += 1;
                    if told.overdue.get(&id) != Some(&due) {
                        events.push(self.overdue_event(timeline, &entry, now, &due));
                    }
                    soon.overdue.insert(id, due);
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => break,
            }
        }
        // What left the queue, or was given a later day, is forgotten: should it come near again, that is news.
        let due_soon = soon.due_soon.len();
        (told.due_soon, told.overdue) = (soon.due_soon, soon.overdue);
        Ok((due_soon, over))
    }

    fn overdue_event(
        &self,
        timeline: &Timeline,
        entry: &Entry,
        now: Timestamp,
        due: &str,
    ) -> WatchEvent {
        let deadline = self
            .desk
            .deadline_in(timeline, entry.mode, entry.facts.issue_date, now);
        WatchEvent::Overdue {
            at: now.to_string(),
            id: entry.id.to_string(),
            number: entry.facts.number.clone(),
            due: due.to_owned(),
            still_sent: deadline.after_due == AfterDue::StillSent,
        }
    }
}

fn due_event(entry: &Entry, now: Timestamp, end: Timestamp, due: &str) -> WatchEvent {
    WatchEvent::DueSoon {
        at: now.to_string(),
        id: entry.id.to_string(),
        number: entry.facts.number.clone(),
        due: due.to_owned(),
        hours_left: end.duration_since(now).as_hours(),
    }
}

fn connection(found: &Availability, told: &mut Told, events: &mut Vec<WatchEvent>) {
    let at = found.at.to_string();
    let mode = found.decision.mode;
    let reason = found.decision.reason.clone();
    let was_online = told
        .mode
        .as_deref()
        .is_none_or(|mode| mode == IssueMode::Online.name());
    match (was_online, mode) {
        (true, IssueMode::Online) => {}
        (false, IssueMode::Online) => events.push(WatchEvent::Restored { at, reason }),
        (true, IssueMode::Offline(_)) => events.push(WatchEvent::Lost {
            at,
            mode: mode.name(),
            cause: found.decision.cause.map(OfflineCause::name),
            reason,
        }),
        (false, IssueMode::Offline(_)) => {
            if let Some(before) = told.mode.clone().filter(|before| before != mode.name()) {
                events.push(WatchEvent::ModeChanged {
                    at,
                    from: before,
                    mode: mode.name(),
                    reason,
                });
            }
        }
    }
}

fn outages(
    outages: &[Outage],
    now: Timestamp,
    is_first_ever: bool,
    told: &mut Told,
    events: &mut Vec<WatchEvent>,
) {
    let at = now.to_string();
    let is_old = |end: Option<Timestamp>| end.is_some_and(|end| now.duration_since(end) > NEWS);
    let before = std::mem::take(&mut told.outages);
    let mut times = BTreeMap::new();
    for outage in outages.iter().filter(|outage| is_known(&outage.category)) {
        // One event can have begun again after its end: each time is told for itself.
        let event = format!("{} {}", outage.event_id, outage.category.name());
        let time = times.entry(event.clone()).or_insert(0_usize);
        *time += 1;
        let key = if *time == 1 {
            event
        } else {
            format!("{event} {time}")
        };
        if is_old(outage.end) {
            continue;
        }
        let current = ToldOutage {
            start: outage.start,
            end: outage.end,
            begun: outage.start <= now,
            ended: outage.end.is_some_and(|end| end <= now),
            withdrawn: outage.is_withdrawn,
        };
        let view = || OutageView::of(outage, now);
        match before.get(&key) {
            // What was over before anybody watched is history.
            None if is_first_ever && current.ended => {}
            None => {
                events.push(WatchEvent::OutageAnnounced {
                    at: at.clone(),
                    outage: view(),
                });
                if current.ended {
                    events.push(WatchEvent::OutageEnded {
                        at: at.clone(),
                        outage: view(),
                    });
                }
            }
            Some(known) => {
                let moved = (known.start, known.end) != (current.start, current.end);
                let ends = current.ended && !known.ended;
                // An end that is told as such need not be told as a change, too.
                if moved && !(ends && known.start == current.start) {
                    events.push(WatchEvent::OutageMoved {
                        at: at.clone(),
                        outage: view(),
                        start_before: known.start.to_string(),
                        end_before: known.end.map(|end| end.to_string()),
                    });
                }
                if current.begun && !known.begun && !current.ended {
                    events.push(WatchEvent::OutageBegan {
                        at: at.clone(),
                        outage: view(),
                    });
                }
                if ends {
                    events.push(WatchEvent::OutageEnded {
                        at: at.clone(),
                        outage: view(),
                    });
                }
            }
        }
        if current.withdrawn && before.get(&key).is_none_or(|known| !known.withdrawn) {
            events.push(WatchEvent::OutageWithdrawn {
                at: at.clone(),
                outage: view(),
            });
        }
        told.outages.insert(key, current);
    }
}

/// Messages that decide nothing, each told once while Latarnia shows it.
fn oddities(found: &Availability, told: &mut Told, events: &mut Vec<WatchEvent>) {
    let before = std::mem::take(&mut told.oddities);
    let at = found.at.to_string();
    for message in found
        .messages
        .messages
        .iter()
        .filter(|message| !message.is_recognised())
    {
        let key = format!("{} {}", message.id, message.version);
        if !before.contains(&key) {
            events.push(WatchEvent::MessageUnrecognised {
                at: at.clone(),
                id: message.id.clone(),
                category: message.category.name().to_owned(),
                kind: message.kind.name().to_owned(),
                title: message.title.clone(),
            });
        }
        told.oddities.insert(key);
    }
    for message in &found.messages.unreadable {
        let key = message
            .id
            .clone()
            .unwrap_or_else(|| format!("#{}", message.position));
        if !before.contains(&key) {
            events.push(WatchEvent::MessageUnreadable {
                at: at.clone(),
                id: message.id.clone(),
                position: message.position,
            });
        }
        told.oddities.insert(key);
    }
    // A Latarnia that does not answer has withdrawn nothing.
    if found.messages.messages.is_empty() && found.messages.unreadable.is_empty() {
        told.oddities = before;
    }
}
