//! What a person can do about a rejected invoice: correct it technically, replace it, or give it up with a note.
//!
//! Whatever is done, the rejected invoice stays in Error and keeps its reasons and its history; it remembers what took
//! its place ([`Resolution`]), and its number becomes free for that. An invoice that waits can be given up too, when
//! nobody has to send it: it stays what it is, keeps its number, and is never sent.

use jiff::Timestamp;

use crate::entry::{Corrects, Entry, EntryId, NewEntry, Resolution};
use crate::error::QueueError;
use crate::queue::{Issued, Queue, issue, line, one};
use crate::status::{Event, InvoiceStatus, transition};
use crate::store::Changes;

/// The longest note, in characters.
pub const NOTE: usize = 500;

impl Queue {
    /// Takes in a technical correction of a rejected invoice, and links the two. The correction may have the number of
    /// the original. It is sent alone, in an interactive session ([`Self::ready_corrections`]), with the hash in its
    /// [`Entry::corrects`]: that of the invoice the buyer got, also when an earlier correction of it was rejected and
    /// this one corrects that. Whether KSeF admits a technical correction of this rejection is the caller's to judge.
    ///
    /// The same bytes again return the correction that is there.
    ///
    /// # Errors
    /// [`QueueError::NotFound`]; [`QueueError::IllegalMove`] for an original that is not in Error;
    /// [`QueueError::OtherContext`]; [`QueueError::AlreadySettled`] while an earlier successor is not rejected itself;
    /// [`QueueError::DuplicateNumber`] and [`QueueError::IdTaken`] as in issuing.
    pub fn correct(
        &self,
        original: &EntryId,
        new: &NewEntry,
        at: Timestamp,
    ) -> Result<Issued, QueueError> {
        self.succeed(original, new, &Resolution::Corrected(new.id.clone()), at)
    }

    /// Takes in a new invoice, which may have the number of the rejected one, in its place. Nothing of it tells KSeF
    /// about the rejected one.
    ///
    /// # Errors
    /// As [`Self::correct`].
    pub fn replace(
        &self,
        original: &EntryId,
        new: &NewEntry,
        at: Timestamp,
    ) -> Result<Issued, QueueError> {
        self.succeed(original, new, &Resolution::Replaced(new.id.clone()), at)
    }

    /// Records that nothing more will be done about an invoice that was rejected or waits, and why. The note is the cause
    /// in its history. Whether one that waits has to be sent is the caller's to judge.
    ///
    /// # Errors
    /// [`QueueError::NotFound`]; [`QueueError::IllegalMove`] for one in Processing or Sent; [`QueueError::AlreadySettled`];
    /// [`QueueError::BadNote`] unless it has 1 to [`NOTE`] characters.
    pub fn give_up(&self, id: &EntryId, note: &str, at: Timestamp) -> Result<Entry, QueueError> {
        let note = note.trim();
        if note.is_empty() || note.chars().count() > NOTE {
            return Err(QueueError::BadNote { max: NOTE });
        }
        self.write(|changes| {
            let entry = unsettled(changes, id, Event::GiveUp)?;
            let resolution = Resolution::GivenUp(note.to_owned());
            settle(changes, entry, resolution, note.to_owned(), at)
        })
    }

    fn succeed(
        &self,
        original: &EntryId,
        new: &NewEntry,
        resolution: &Resolution,
        at: Timestamp,
    ) -> Result<Issued, QueueError> {
        let correction = matches!(resolution, Resolution::Corrected(_));
        let event = if correction {
            Event::Correct
        } else {
            Event::Replace
        };
        self.write(|changes| {
            let known = changes.entry_by_hash(&new.document.hash())?;
            let rejected = one(changes, original)?;
            if let Some(entry) = known
                && rejected.resolution.as_ref().and_then(Resolution::successor) == Some(&entry.id)
            {
                return Ok(Issued {
                    entry,
                    was_there: true,
                });
            }
            let rejected = unsettled(changes, original, event)?;
            if rejected.context != new.context {
                return Err(QueueError::OtherContext(rejected.id));
            }
            let corrects = correction.then(|| {
                // The buyer has the codes of the first one.
                rejected.corrects.clone().unwrap_or(Corrects {
                    original: rejected.id.clone(),
                    hash: rejected.hash,
                })
            });
            // Everything the new one takes the place of: the number has to be free before it is taken.
            let mut places = vec![rejected];
            let first = corrects.as_ref().map(|corrects| corrects.original.clone());
            let failed = places[0]
                .resolution
                .as_ref()
                .and_then(Resolution::successor)
                .cloned();
            for other in first.into_iter().chain(failed) {
                if places.iter().all(|place| place.id != other) {
                    places.extend(changes.entries(std::slice::from_ref(&other))?);
                }
            }
            for place in places {
                settle(changes, place, resolution.clone(), new.id.to_string(), at)?;
            }
            let issued = issue(changes, new, corrects, at)?;
            if issued.was_there {
                // Bytes that stand elsewhere in the queue are no successor of this invoice.
                return Err(QueueError::DuplicateNumber {
                    existing: issued.entry.id,
                });
            }
            Ok(issued)
        })
    }
}

/// The rejected invoice, if no successor of it is on its way or accepted.
fn unsettled(changes: &dyn Changes, id: &EntryId, event: Event) -> Result<Entry, QueueError> {
    let entry = one(changes, id)?;
    transition(Some(entry.status), event)?;
    if let Some(successor) = entry.resolution.as_ref().and_then(Resolution::successor)
        && let Some(successor) = changes.entries(std::slice::from_ref(successor))?.pop()
        && successor.status != InvoiceStatus::Error
    {
        return Err(QueueError::AlreadySettled {
            successor: successor.id,
        });
    }
    Ok(entry)
}

fn settle(
    changes: &mut dyn Changes,
    mut entry: Entry,
    resolution: Resolution,
    cause: String,
    at: Timestamp,
) -> Result<Entry, QueueError> {
    let event = entry.resolve(resolution, at)?;
    changes.update_entries(std::slice::from_ref(&entry))?;
    changes.append_history(&[line(&entry, event, at, cause)])?;
    Ok(entry)
}
