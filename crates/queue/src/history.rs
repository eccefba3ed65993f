//! The history of an invoice: every change with its time and cause.

use jiff::Timestamp;

use crate::entry::EntryId;
use crate::status::{Event, InvoiceStatus};

/// What happened to an invoice. Closed: the queue makes no other changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Change {
    /// A move between statuses.
    Moved(Event),
    /// Its day of sending was computed anew.
    DeadlineMoved,
    /// Its receipt was stored.
    ReceiptStored,
    /// It was removed from the archive because the time it was to be kept for is over.
    Expired,
}

impl Change {
    /// The kebab-case name: that of the event, `deadline-moved`, `receipt-stored` or `expired`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Moved(event) => event.name(),
            Self::DeadlineMoved => "deadline-moved",
            Self::ReceiptStored => "receipt-stored",
            Self::Expired => "expired",
        }
    }

    /// The change with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Event::ALL
            .into_iter()
            .map(Self::Moved)
            .chain([Self::DeadlineMoved, Self::ReceiptStored, Self::Expired])
            .find(|change| change.name() == name)
    }
}

/// One line of the history. It outlives the invoice: what was deleted still has its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// Of which invoice.
    pub entry: EntryId,
    /// When, by the caller's clock.
    pub at: Timestamp,
    /// What.
    pub change: Change,
    /// The status afterwards, `None` when it was deleted.
    pub status: Option<InvoiceStatus>,
    /// Why, in names and numbers and without content: the mode, the certificate, the session, KSeF's number or code,
    /// the new day.
    pub cause: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_come_back() {
        for event in Event::ALL {
            let change = Change::Moved(event);
            assert_eq!(Change::from_name(change.name()), Some(change));
        }
        assert_eq!(
            Change::from_name("deadline-moved"),
            Some(Change::DeadlineMoved)
        );
        assert_eq!(
            Change::from_name("receipt-stored"),
            Some(Change::ReceiptStored)
        );
        assert_eq!(Change::from_name("expired"), Some(Change::Expired));
    }
}
