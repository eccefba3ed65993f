//! Watching: what changes at KSeF, at Latarnia and with deadlines, as a series of events.

use std::collections::HashSet;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use ksef_offline_core::deadline::{IssueMode, Reachability};
use ksef_offline_queue::ListQuery;
use serde::Serialize;

use crate::desk::Desk;
use crate::error::DeskError;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum WatchEvent {
    /// KSeF stopped answering.
    Lost {
        /// When it was found, RFC 3339.
        at: String,
        /// The mode invoices are issued in now.
        mode: &'static str,
    },
    /// KSeF answers again.
    Restored {
        /// When it was found, RFC 3339.
        at: String,
    },
    /// Latarnia announced an outage.
    OutageAnnounced {
        /// When it was found, RFC 3339.
        at: String,
        /// Its name.
        name: String,
        /// `FAILURE`, `TOTAL_FAILURE` or `MAINTENANCE`.
        category: String,
        /// Its start, RFC 3339.
        start: String,
        /// Its end, if announced, RFC 3339.
        end: Option<String>,
    },
    /// An outage ended.
    OutageEnded {
        /// When it was found, RFC 3339.
        at: String,
        /// Its name.
        name: String,
        /// Its end, RFC 3339.
        end: String,
    },
    /// The last day of an invoice ends soon.
    DueSoon {
        /// When it was found, RFC 3339.
        at: String,
        /// The invoice.
        id: String,
        /// Its last day.
        due: String,
    },
    /// The last day of an invoice is over.
    Overdue {
        /// When it was found, RFC 3339.
        at: String,
        /// The invoice.
        id: String,
        /// Its last day.
        due: String,
    },
}

/// Looks again and again, and tells each change once.
#[derive(Debug)]
pub struct Watcher<'a> {
    desk: &'a Desk,
    due_within: SignedDuration,
    reachable: Option<bool>,
    announced: HashSet<(i64, String)>,
    ended: HashSet<(i64, String)>,
    due_soon: HashSet<String>,
    overdue: HashSet<String>,
}

impl Desk {
    /// A watcher that begins to look now. Events that lie before its first look are told by it, except that KSeF answers.
    pub fn watcher(&self, due_within: SignedDuration) -> Watcher<'_> {
        Watcher {
            desk: self,
            due_within,
            reachable: None,
            announced: HashSet::new(),
            ended: HashSet::new(),
            due_soon: HashSet::new(),
            overdue: HashSet::new(),
        }
    }
}

impl Watcher<'_> {
    /// Looks once and gives what is new since the look before.
    ///
    /// # Errors
    /// The queue's errors. That KSeF or Latarnia does not answer is an event, not an error.
    pub async fn look(&mut self) -> Result<Vec<WatchEvent>, DeskError> {
        let found = self.desk.availability().await?;
        let at = found.at.to_string();
        let mut events = Vec::new();
        let reachable = found.ksef == Reachability::Reachable;
        if self.reachable.unwrap_or(true) != reachable {
            events.push(match found.decision.mode {
                IssueMode::Online => WatchEvent::Restored { at: at.clone() },
                mode @ IssueMode::Offline(_) => WatchEvent::Lost {
                    at: at.clone(),
                    mode: mode.name(),
                },
            });
        }
        self.reachable = Some(reachable);
        self.outages(&at, found.at, &mut events)?;
        self.deadlines(&at, found.at, &mut events)?;
        Ok(events)
    }

    fn outages(
        &mut self,
        at: &str,
        now: Timestamp,
        events: &mut Vec<WatchEvent>,
    ) -> Result<(), DeskError> {
        for outage in self.desk.timeline()?.outages() {
            let key = (outage.event_id, outage.category.name().to_owned());
            if self.announced.insert(key.clone()) {
                events.push(WatchEvent::OutageAnnounced {
                    at: at.to_owned(),
                    name: outage.name(),
                    category: outage.category.name().to_owned(),
                    start: outage.start.to_string(),
                    end: outage.end.map(|end| end.to_string()),
                });
            }
            match outage.end {
                Some(end) if end <= now && self.ended.insert(key) => {
                    events.push(WatchEvent::OutageEnded {
                        at: at.to_owned(),
                        name: outage.name(),
                        end: end.to_string(),
                    });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn deadlines(
        &mut self,
        at: &str,
        now: Timestamp,
        events: &mut Vec<WatchEvent>,
    ) -> Result<(), DeskError> {
        let mut query = ListQuery {
            context: Some(self.desk.config().context.clone()),
            limit: 1000,
            ..ListQuery::default()
        };
        loop {
            let page = self.desk.queue().list(&query)?;
            for entry in page.entries {
                let Some(due) = entry.due else { return Ok(()) };
                // The last day ends when the next one begins in Warsaw.
                let end = due
                    .checked_add(1.day())
                    .and_then(|next| next.to_zoned(TimeZone::get("Europe/Warsaw")?))
                    .map_or(Timestamp::MAX, |midnight| midnight.timestamp());
                let (id, due) = (entry.id.to_string(), due.to_string());
                if now >= end {
                    if self.overdue.insert(id.clone()) {
                        events.push(WatchEvent::Overdue {
                            at: at.to_owned(),
                            id,
                            due,
                        });
                    }
                } else if end.duration_since(now) <= self.due_within {
                    if self.due_soon.insert(id.clone()) {
                        events.push(WatchEvent::DueSoon {
                            at: at.to_owned(),
                            id,
                            due,
                        });
                    }
                } else {
                    // By due date: all that follow are later.
                    return Ok(());
                }
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => return Ok(()),
            }
        }
    }
}
