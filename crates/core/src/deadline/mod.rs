//! In which mode an invoice is issued, until when it has to reach KSeF, and why.
//!
//! The way of a question: messages of Latarnia are merged into a [`Timeline`] of outages; [`decide`] picks the mode from
//! what KSeF and Latarnia answer; [`deadline`] derives the last day from mode, issue date and timeline, as often as the
//! timeline grows. Nothing here asks for the time: `now` is an argument, and days are calendar days in Warsaw.

mod answer;
pub mod calendar;
mod decision;
mod event;
mod evidence;
mod message;
mod mode;
mod outage;
mod policy;
mod provision;
mod rule;
#[cfg(test)]
mod tests;
mod words;

pub use answer::{Deadline, DeadlineState};
pub use decision::{Decision, OfflineCause, decide};
pub use evidence::{Evidence, LatarniaAnswer, LatarniaStatus, Reachability};
pub use message::{Category, LatarniaMessage, MessageKind, MessageList, UnreadableMessage};
pub use mode::{IssueMode, OfflineMode};
pub use outage::{Outage, Timeline};
pub use policy::{AfterDue, DeadlinePolicy, Policy};
pub use rule::deadline;
