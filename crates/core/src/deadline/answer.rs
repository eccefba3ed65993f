//! What is known of a deadline.

use jiff::Timestamp;
use jiff::civil::Date;

use super::calendar::{end_of_day, warsaw_date};
use super::policy::AfterDue;
use crate::diagnostic::Bilingual;

/// What can be said about a deadline; closed, because the law knows nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeadlineState {
    /// There is a last day.
    Due,
    /// An outage has no announced end, or no known outage explains the mode: there is no last day yet.
    Open,
    /// A total failure came while the invoice waited: it need not be sent any more.
    Lifted,
    /// Issued during a total failure: it never has to be sent.
    NotRequired,
}

impl DeadlineState {
    /// All four.
    pub const ALL: [Self; 4] = [Self::Due, Self::Open, Self::Lifted, Self::NotRequired];

    /// The stable kebab-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Open => "open",
            Self::Lifted => "lifted",
            Self::NotRequired => "not-required",
        }
    }

    /// The state of this [`name`](Self::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Until when an invoice has to reach KSeF, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deadline {
    /// Whether there is a last day.
    pub state: DeadlineState,
    /// The last day, in Warsaw, on which sending is in time; there is one exactly when the state is `Due`.
    pub due: Option<Date>,
    /// The article of the VAT Act that rules the mode, for example `art. 106nda`.
    pub basis: &'static str,
    /// The provisions of the VAT Act behind this very deadline, for example `art. 106nh ust. 3 pkt 1, art. 106nf ust. 4–5`
    /// for an unavailability invoice that a failure has moved.
    pub provisions: &'static str,
    /// Names the outages and days that were counted.
    pub explanation: Bilingual,
    /// What happens after the last day.
    pub after_due: AfterDue,
    /// The last day on which the policy lets the invoice be sent at all, also where no duty asks for it.
    pub sent_until: Option<Date>,
}

impl Deadline {
    /// Whether the last day is over in Warsaw at `now`.
    pub fn overdue(&self, now: Timestamp) -> bool {
        self.due.is_some_and(|due| due < warsaw_date(now))
    }

    /// The instant at which the last day is over in Warsaw.
    pub fn ends_at(&self) -> Option<Timestamp> {
        self.due.map(end_of_day)
    }

    /// Calendar days in Warsaw from `now` to the last day: 0 on that day, negative when overdue, none without one.
    pub fn days_left(&self, now: Timestamp) -> Option<i64> {
        self.due
            .map(|due| due.duration_since(warsaw_date(now)).as_hours() / 24)
    }

    /// Whether the invoice may be sent at `now`: not when it was issued during a total failure, and not after the last
    /// day where the policy stops then. A lifted duty is no ban, but a policy that stops on a day stops all the same.
    pub fn may_send(&self, now: Timestamp) -> bool {
        if self.sent_until.is_some_and(|last| last < warsaw_date(now)) {
            return false;
        }
        match self.state {
            DeadlineState::NotRequired => false,
            DeadlineState::Open | DeadlineState::Lifted => true,
            DeadlineState::Due => self.after_due == AfterDue::StillSent || !self.overdue(now),
        }
    }

    /// As every deadline is: with a day exactly when it is due.
    pub(super) fn consistent(self) -> Self {
        match (self.state, self.due) {
            (DeadlineState::Due, None) => Self {
                state: DeadlineState::Open,
                ..self
            },
            (DeadlineState::Due, Some(_)) => self,
            _ => Self { due: None, ..self },
        }
    }
}
