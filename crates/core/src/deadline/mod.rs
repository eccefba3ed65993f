//! In which mode an invoice is issued, until when it has to reach KSeF, and why.
//!
//! The way of a question: messages of Latarnia are merged into a [`Timeline`] of outages; [`decide`] picks the mode from
//! what KSeF and Latarnia answer; [`deadline`] derives the last day from mode, issue date and timeline, as often as the
//! timeline grows. Nothing here asks for the time: `now` is an argument, and days are calendar days in Warsaw.

pub mod calendar;
mod mode;
mod outage;
mod policy;
mod rule;
#[cfg(test)]
mod tests;
mod words;

pub use mode::{
    Decision, Evidence, IssueMode, LatarniaAnswer, LatarniaStatus, OfflineMode, Reachability,
    decide,
};
pub use outage::{Category, LatarniaMessage, MessageKind, Outage, Timeline};
pub use policy::{AfterDue, DeadlinePolicy, Policy};
pub use rule::{Deadline, DeadlineState, deadline};
