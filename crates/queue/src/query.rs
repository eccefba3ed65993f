//! Questions to the queue: pages of the queue and of the archive, their cursors, and counts.

use core::fmt;
use core::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash, KsefNumber};

use crate::entry::{Entry, EntryId};
use crate::error::QueueError;
use crate::status::InvoiceStatus;

/// Size of a page when nothing else is asked for.
pub const PAGE: usize = 100;

/// Asks for a page of the queue, by due date, open ones last, then by id.
#[derive(Debug, Clone)]
pub struct ListQuery {
    /// One status other than Sent; `None` for all but Sent.
    pub status: Option<InvoiceStatus>,
    /// One context; `None` for all.
    pub context: Option<ContextIdentifier>,
    /// Only some of them.
    pub only: Only,
    /// Most entries on the page.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

impl Default for ListQuery {
    fn default() -> Self {
        Self {
            status: None,
            context: None,
            only: Only::Everything,
            limit: PAGE,
            after: None,
        }
    }
}

/// Which invoices of the queue a list is of. Closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Only {
    /// All.
    #[default]
    Everything,
    /// Those that no person has settled.
    Unsettled,
    /// Those that a batch can take: neither those of a total failure or given up, which never go, nor technical
    /// corrections.
    ForBatch,
    /// Technical corrections, which go one by one in interactive sessions. None that was given up.
    Corrections,
}

/// Asks for a page of the archive, newest first. All that is given must hold.
#[derive(Clone)]
pub struct ArchiveQuery {
    /// One context; `None` for all.
    pub context: Option<ContextIdentifier>,
    /// The invoice number or its beginning.
    pub number: Option<String>,
    /// A part of the buyer's name or identifier, whatever the case.
    pub buyer: Option<String>,
    /// Earliest issue date.
    pub from: Option<Date>,
    /// Latest issue date.
    pub to: Option<Date>,
    /// The number KSeF gave.
    pub ksef_number: Option<KsefNumber>,
    /// The hash of the document.
    pub hash: Option<InvoiceHash>,
    /// Most entries on the page.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

impl Default for ArchiveQuery {
    fn default() -> Self {
        Self {
            context: None,
            number: None,
            buyer: None,
            from: None,
            to: None,
            ksef_number: None,
            hash: None,
            limit: PAGE,
            after: None,
        }
    }
}

impl ArchiveQuery {
    /// The folded part of a buyer, when nothing sharper is asked for.
    #[cfg(any(feature = "sqlite", feature = "postgres"))]
    pub(crate) fn searched_buyer(&self) -> Option<String> {
        let sharper = self.number.is_some() || self.ksef_number.is_some() || self.hash.is_some();
        self.buyer
            .as_ref()
            .filter(|_| !sharper)
            .map(|part| part.to_lowercase())
    }
}

/// Numbers and buyers are content.
impl fmt::Debug for ArchiveQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArchiveQuery")
            .field("limit", &self.limit)
            .field("after", &self.after)
            .finish_non_exhaustive()
    }
}

/// A page and the cursor of the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The entries.
    pub entries: Vec<Entry>,
    /// For [`ListQuery::after`] or [`ArchiveQuery::after`]; `None` on the last page.
    pub next: Option<Cursor>,
}

/// Where a page ended. It names a place in the order, not a row, so it stays good when invoices come and go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    pub(crate) place: Place,
    pub(crate) id: EntryId,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the queue.
    Due(Option<Date>),
    /// In the archive.
    Archived(Timestamp),
}

impl Cursor {
    /// The place of `entry` in the list it belongs to.
    pub fn of(entry: &Entry) -> Self {
        let place = match (entry.status, entry.archived) {
            (InvoiceStatus::Sent, Some(archived)) => Place::Archived(archived),
            _ => Place::Due(entry.due),
        };
        Self {
            place,
            id: entry.id.clone(),
        }
    }

    /// The due date and id of a cursor of the queue.
    ///
    /// # Errors
    /// [`QueueError::CursorMalformed`] for a cursor of the archive.
    pub fn in_queue(&self) -> Result<(Option<Date>, &EntryId), QueueError> {
        match self.place {
            Place::Due(due) => Ok((due, &self.id)),
            Place::Archived(_) => Err(QueueError::CursorMalformed),
        }
    }

    /// The time of acceptance and id of a cursor of the archive.
    ///
    /// # Errors
    /// [`QueueError::CursorMalformed`] for a cursor of the queue.
    pub fn in_archive(&self) -> Result<(Timestamp, &EntryId), QueueError> {
        match self.place {
            Place::Archived(archived) => Ok((archived, &self.id)),
            Place::Due(_) => Err(QueueError::CursorMalformed),
        }
    }
}

/// `2026-11-24_ID`, `open_ID` or `2026-11-22T20:47:03Z_ID`.
impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place {
            Place::Due(Some(due)) => write!(f, "{due}_{}", self.id),
            Place::Due(None) => write!(f, "open_{}", self.id),
            Place::Archived(at) => write!(f, "{at}_{}", self.id),
        }
    }
}

impl FromStr for Cursor {
    type Err = QueueError;

    fn from_str(text: &str) -> Result<Self, QueueError> {
        let (place, id) = text.rsplit_once('_').ok_or(QueueError::CursorMalformed)?;
        let id = EntryId::parse(id).map_err(|_| QueueError::CursorMalformed)?;
        let place = if place == "open" {
            Place::Due(None)
        } else if place.len() == 10 {
            Place::Due(Some(
                place.parse().map_err(|_| QueueError::CursorMalformed)?,
            ))
        } else {
            Place::Archived(place.parse().map_err(|_| QueueError::CursorMalformed)?)
        };
        Ok(Self { place, id })
    }
}

/// How many invoices stand in each status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Waiting for a signer.
    pub pending: u64,
    /// Waiting to be sent.
    pub signed: u64,
    /// In a session.
    pub processing: u64,
    /// In the archive.
    pub sent: u64,
    /// Rejected.
    pub error: u64,
}

impl Counts {
    /// The number in `status`.
    pub fn of(&self, status: InvoiceStatus) -> u64 {
        match status {
            InvoiceStatus::Pending => self.pending,
            InvoiceStatus::Signed => self.signed,
            InvoiceStatus::Processing => self.processing,
            InvoiceStatus::Sent => self.sent,
            InvoiceStatus::Error => self.error,
        }
    }

    /// Adds `count` to the number in `status`.
    pub fn add(&mut self, status: InvoiceStatus, count: u64) {
        let place = match status {
            InvoiceStatus::Pending => &mut self.pending,
            InvoiceStatus::Signed => &mut self.signed,
            InvoiceStatus::Processing => &mut self.processing,
            InvoiceStatus::Sent => &mut self.sent,
            InvoiceStatus::Error => &mut self.error,
        };
        *place = place.saturating_add(count);
    }
}

/// How a buyer is searched for: name and identifier in lower case. Stores that search by an index keep this text.
pub fn folded_buyer(entry: &Entry) -> String {
    let buyer = &entry.facts.buyer;
    let text = format!(
        "{}\n{}",
        buyer.name.as_deref().unwrap_or_default(),
        buyer.identifier.as_deref().unwrap_or_default()
    );
    text.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_from_its_text() {
        for text in [
            "2026-11-24_20261122-204703123-ffffffffffffffff",
            "open_20261122-204703123-ffffffffffffffff",
            "2026-11-22T20:47:03.1Z_20261122-204703123-ffffffffffffffff",
        ] {
            assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text);
        }
        for bad in [
            "",
            "x",
            "open_",
            "2026-13-01_20261122-204703123-ffffffffffffffff",
            "closed_20261122-204703123-ffffffffffffffff",
        ] {
            assert_eq!(bad.parse::<Cursor>(), Err(QueueError::CursorMalformed));
        }
    }
}
