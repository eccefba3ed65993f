//! The history of outages and the deadlines that follow from it: what Latarnia says is kept, and every waiting invoice is
//! dated anew when that changes anything, or when an announced outage begins.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use ksef_offline_core::deadline::{
    Deadline, DeadlinePolicy, IssueMode, LatarniaMessage, MessageList, OfflineMode, Timeline,
    deadline,
};
use ksef_offline_queue::{ListQuery, TimelineMessage};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::view::ruling_mode;

/// The key under which the queue keeps when, from which timeline and by which policy the deadlines of a context were last
/// computed: `TIME VERSION POLICY`. The context follows behind a space.
const DEADLINES_AT: &str = "deadlines-at";
/// The key under which the queue keeps the numbers of the messages that Latarnia showed last.
const SHOWN: &str = "latarnia-shown";

impl Desk {
    /// Everything Latarnia was ever seen to announce, compared with what it showed last.
    ///
    /// # Errors
    /// The queue's errors.
    pub fn timeline(&self) -> Result<Timeline, DeskError> {
        let mut timeline: Timeline = self
            .queue()
            .timeline()?
            .iter()
            .filter_map(|message| serde_json::from_str::<LatarniaMessage>(&message.json).ok())
            .collect();
        let shown = self.queue().value(SHOWN)?;
        if let Some(shown) = shown.and_then(|kept| serde_json::from_str(&kept).ok()) {
            timeline.compare(shown);
        }
        Ok(timeline)
    }

    /// The deadline of an invoice issued in `mode` on `issued`, by `timeline` or else by all that Latarnia was ever seen
    /// to announce, and by `policy` or else by that of this desk.
    ///
    /// # Errors
    /// The queue's errors.
    pub fn deadline(
        &self,
        mode: OfflineMode,
        issued: Date,
        timeline: Option<&Timeline>,
        policy: Option<&dyn DeadlinePolicy>,
    ) -> Result<Deadline, DeskError> {
        let stored;
        let timeline = if let Some(timeline) = timeline {
            timeline
        } else {
            stored = self.timeline()?;
            &stored
        };
        let policy = policy.unwrap_or_else(|| self.policy());
        Ok(deadline(mode, issued, timeline, policy, self.now()))
    }

    pub(crate) fn deadline_in(
        &self,
        timeline: &Timeline,
        mode: IssueMode,
        issued: Date,
        now: Timestamp,
    ) -> Deadline {
        deadline(ruling_mode(mode), issued, timeline, self.policy(), now)
    }

    /// Keeps what Latarnia says and computes every waiting invoice's deadline anew if that changed anything.
    pub(crate) fn remember(&self, messages: &[LatarniaMessage]) -> Result<(), DeskError> {
        let records: Vec<TimelineMessage> = messages
            .iter()
            .filter_map(|message| {
                Some(TimelineMessage {
                    id: message.id.clone(),
                    version: message.version,
                    json: serde_json::to_string(message).ok()?,
                })
            })
            .collect();
        if !records.is_empty() && self.queue().merge_timeline(&records)? {
            self.recompute_deadlines()?;
        }
        Ok(())
    }

    /// Keeps which messages the whole list of Latarnia holds now. What cannot be read is there all the same.
    pub(crate) fn remember_list(&self, list: &MessageList) -> Result<(), DeskError> {
        let readable = list.messages.iter().map(|message| &message.id);
        let unreadable = list.unreadable.iter().filter_map(|one| one.id.as_ref());
        let shown: BTreeSet<&String> = readable.chain(unreadable).collect();
        let shown = serde_json::to_string(&shown).unwrap_or_default();
        if self.queue().value(SHOWN)?.as_ref() != Some(&shown) {
            self.queue().set_value(SHOWN, Some(&shown))?;
        }
        Ok(())
    }

    /// Computes stored deadlines anew if that was last done by another policy, or if an outage has begun since: an
    /// announcement counts from its start, which nobody reports.
    pub(crate) fn refresh_deadlines(&self) -> Result<(), DeskError> {
        let version = self.queue().timeline_version()?;
        let (timeline, now) = (self.timeline()?, self.now());
        let kept = self.queue().value(&self.deadlines_key())?;
        let last: Option<Timestamp> = kept
            .as_deref()
            .and_then(|kept| kept.split_once(' '))
            .filter(|(_, way)| *way == format!("{version} {}", self.policy().name()))
            .and_then(|(at, _)| at.parse().ok());
        let is_current = last.is_some_and(|last| {
            let begun = |start: Timestamp| start > last && start <= now;
            !timeline.outages().iter().any(|outage| begun(outage.start))
        });
        if !is_current {
            self.recompute_deadlines()?;
        }
        Ok(())
    }

    /// The work is that of what waits here: neither the archive nor other companies, which may have another policy, are
    /// looked at, and only invoices whose day differs are written.
    fn recompute_deadlines(&self) -> Result<(), DeskError> {
        // Asked before the timeline is read: what is announced in between makes it compute again.
        let version = self.queue().timeline_version()?;
        let (timeline, now) = (self.timeline()?, self.now());
        let days: Vec<_> = self
            .every(ListQuery {
                context: Some(self.config().context.clone()),
                ..ListQuery::default()
            })?
            .into_iter()
            .map(|entry| {
                let due = self
                    .deadline_in(&timeline, entry.mode, entry.facts.issue_date, now)
                    .due;
                (entry.id, due)
            })
            .collect();
        self.queue().set_deadlines(&days, now)?;
        let kept = format!("{now} {version} {}", self.policy().name());
        Ok(self.queue().set_value(&self.deadlines_key(), Some(&kept))?)
    }

    fn deadlines_key(&self) -> String {
        format!("{DEADLINES_AT} {}", self.config().context)
    }
}
