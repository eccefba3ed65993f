//! What a company makes of the statutory deadline: the law as it stands, or a stricter rule of its own.

use jiff::civil::Date;

use super::answer::{Deadline, DeadlineState};
use super::calendar::days_after;
use super::words::{Story, day, on_day};

/// What happens to an invoice that was not sent by its due date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AfterDue {
    /// It is overdue and is sent all the same: the law still asks for it.
    StillSent,
    /// It is not sent any more.
    NotSent,
}

/// Turns the deadline of the law into the one an application works by.
///
/// A policy is not asked about invoices that need not be sent at all, and where a total failure lifts the duty to send,
/// it does so under every policy: in the window of the law, which a later day of the policy does not extend. What it
/// answers is made consistent: a deadline without a day is open, and only one that
/// is due has a day.
pub trait DeadlinePolicy: Send + Sync {
    /// The stable kebab-case name.
    fn name(&self) -> &str;

    /// The deadline of an invoice issued on `issue_date` whose deadline by law is `statutory`.
    fn apply(&self, issue_date: Date, statutory: Deadline) -> Deadline;

    /// The last day on which an invoice is sent at all, even where its duty is lifted; `None` where the policy knows no
    /// such day.
    fn sent_until(&self, _issue_date: Date) -> Option<Date> {
        None
    }
}

/// The policies that come with this library.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// The VAT Act. An overdue invoice is flagged and still sent.
    #[default]
    Statutory,
    /// Seven calendar days from the issue date whatever the mode, after which an invoice is no longer sent: the rule of
    /// the application this library grew from.
    SevenDays,
}

impl Policy {
    /// All policies.
    pub const ALL: [Self; 2] = [Self::Statutory, Self::SevenDays];

    /// The policy of this [`name`](DeadlinePolicy::name).
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|policy| policy.name() == name)
    }
}

impl DeadlinePolicy for Policy {
    fn name(&self) -> &'static str {
        match self {
            Self::Statutory => "statutory",
            Self::SevenDays => "seven-days",
        }
    }

    fn apply(&self, issue_date: Date, statutory: Deadline) -> Deadline {
        match self {
            Self::Statutory => statutory,
            Self::SevenDays => seven_days(issue_date, &statutory),
        }
    }

    fn sent_until(&self, issue_date: Date) -> Option<Date> {
        match self {
            Self::Statutory => None,
            Self::SevenDays => Some(days_after(issue_date, SEVEN)),
        }
    }
}

/// Calendar days from the issue date to the last day of [`Policy::SevenDays`].
const SEVEN: i64 = 7;

fn seven_days(issue_date: Date, statutory: &Deadline) -> Deadline {
    let due = days_after(issue_date, SEVEN);
    let (issued, last) = (on_day(issue_date), day(due));
    let mut story = Story::default();
    story.tell(
        &format!(
            "Zasada siedmiu dni: wystawiono {}, ostatni dzień wysyłki to {}; potem faktura nie jest już wysyłana.",
            issued.pl, last.pl
        ),
        &format!(
            "Seven-days policy: issued {}, to be sent by {} at the latest, and not sent after that.",
            issued.en, last.en
        ),
    );
    story.tell(
        &format!("Z ustawy: {}", statutory.explanation.pl),
        &format!("By law: {}", statutory.explanation.en),
    );
    Deadline {
        state: DeadlineState::Due,
        due: Some(due),
        basis: statutory.basis,
        provisions: statutory.provisions,
        explanation: story.end(),
        after_due: AfterDue::NotSent,
        sent_until: Some(due),
    }
}
