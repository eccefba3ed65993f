//! What a person adds to the history of outages: the end of one that left Latarnia's list without a word.
//!
//! Deadlines of its invoices would stay open for ever. The end is kept as a message beside those of Latarnia, under a
//! number of its own, with who entered it, when and why. Whatever Latarnia itself says of the end later, or said before,
//! counts more.

use jiff::Timestamp;
use ksef_offline_core::deadline::{LatarniaMessage, MessageKind, Outage};
use ksef_offline_core::{Bilingual, Diagnostic, Retry};
use thiserror::Error;

use crate::availability::OutageView;
use crate::desk::Desk;
use crate::error::DeskError;

/// What the numbers of such messages begin with. Latarnia's own look like `K/2026/AWR/01`.
const BY_HAND: &str = "by-hand";
/// Most characters of a name and of a reason.
const LONGEST: usize = 500;

/// Why the end of an outage cannot be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OutageFault {
    /// No outage has this number.
    #[error("no outage with the number {0} is known")]
    Unknown(i64),
    /// Latarnia has told its end.
    #[error("Latarnia has told the end of this outage")]
    EndKnown,
    /// Latarnia still shows it, or was not asked since.
    #[error("Latarnia still shows this outage: its end is for Latarnia to tell")]
    StillShown,
    /// The end is not between the beginning and now.
    #[error("an outage ends after it began and, entered by hand, not after now")]
    OutOfRange,
    /// Nobody says who enters it, or why.
    #[error("who enters the end and from where it is known, in up to 500 characters each")]
    Unfounded,
}

impl Diagnostic for OutageFault {
    fn code(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "outage-unknown",
            Self::EndKnown => "outage-end-known",
            Self::StillShown => "outage-still-shown",
            Self::OutOfRange => "outage-end-out-of-range",
            Self::Unfounded => "outage-end-unfounded",
        }
    }

    fn message(&self) -> Bilingual {
        let pl = match self {
            Self::Unknown(event) => format!("nie jest znana awaria ani przerwa o numerze {event}"),
            Self::EndKnown => "Latarnia podała koniec tej awarii".to_owned(),
            Self::StillShown => {
                "Latarnia nadal pokazuje tę awarię: jej koniec poda Latarnia".to_owned()
            }
            Self::OutOfRange => {
                "awaria kończy się po swoim początku, a wpisany ręcznie koniec nie leży w przyszłości"
                    .to_owned()
            }
            Self::Unfounded => {
                "kto wpisuje koniec i skąd go zna, każde do 500 znaków".to_owned()
            }
        };
        Bilingual::new(pl, self.to_string())
    }

    fn retry(&self) -> Retry {
        Retry::Never
    }
}

impl Desk {
    /// Enters the end of an outage that Latarnia stopped showing without telling one, and computes deadlines anew. `by`
    /// says who enters it and `because` from where it is known; both are kept with it. Entered again, the later word counts.
    ///
    /// # Errors
    /// [`DeskError::Outage`], and the queue's errors.
    pub fn enter_outage_end(
        &self,
        event_id: i64,
        end: Timestamp,
        by: &str,
        because: &str,
    ) -> Result<Vec<OutageView>, DeskError> {
        let (now, timeline) = (self.now(), self.timeline()?);
        if ![by, because].into_iter().all(is_said) {
            return Err(OutageFault::Unfounded.into());
        }
        let of_event = |outage: &&Outage| outage.event_id == event_id;
        if !timeline.outages().iter().any(|outage| of_event(&outage)) {
            return Err(OutageFault::Unknown(event_id).into());
        }
        let open: Vec<&Outage> = timeline
            .outages()
            .iter()
            .filter(of_event)
            .filter(|outage| outage.end.is_none() || is_by_hand(outage))
            .collect();
        if open.is_empty() {
            return Err(OutageFault::EndKnown.into());
        }
        let mut entered = Vec::with_capacity(open.len());
        for outage in open {
            if outage.end.is_none() && !outage.is_withdrawn {
                return Err(OutageFault::StillShown.into());
            }
            if end <= outage.start || end > now {
                return Err(OutageFault::OutOfRange.into());
            }
            let id = format!("{BY_HAND}/{event_id}/{}", outage.category.name());
            let known = timeline.messages().find(|message| message.id == id);
            entered.push(LatarniaMessage {
                version: known.map_or(1, |known| known.version + 1),
                id,
                event_id,
                category: outage.category.clone(),
                kind: MessageKind::FailureEnd,
                title: format!("Entered by hand by {by} at {now}"),
                text: because.to_owned(),
                start: outage.start,
                end: Some(end),
                // Earlier than any word of Latarnia on the end, so that the latter counts.
                published: Some(outage.start),
            });
        }
        self.remember(&entered)?;
        tracing::info!(event_id, %end, "the end of an outage was entered by hand");
        Ok(self
            .timeline()?
            .outages()
            .iter()
            .filter(of_event)
            .map(|outage| OutageView::of(outage, now))
            .collect())
    }
}

fn is_said(text: &str) -> bool {
    !text.trim().is_empty()
        && text.chars().count() <= LONGEST
        && !text.chars().any(char::is_control)
}

/// Whether its end is known from a person alone.
fn is_by_hand(outage: &Outage) -> bool {
    // Of the messages that tell an end, the one that counts alone is among these.
    outage.message_ids.iter().any(|id| id.starts_with(BY_HAND))
}
