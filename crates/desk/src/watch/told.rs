//! What was told already, as the queue keeps it between two watchers.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was told already. It does not grow: what is long over, or has left the queue, is dropped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    /// The mode of the last round; `None` before the very first.
    pub(super) mode: Option<String>,
    /// Outages by event and category.
    pub(super) outages: BTreeMap<String, ToldOutage>,
    /// Invoices told to be due soon, with the day they were told of.
    pub(super) due_soon: BTreeMap<String, String>,
    /// Invoices told to be overdue, with the day they were told of.
    pub(super) overdue: BTreeMap<String, String>,
    /// Messages that were not understood.
    pub(super) oddities: BTreeSet<String>,
}

/// An outage as it was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ToldOutage {
    pub(super) start: Timestamp,
    pub(super) end: Option<Timestamp>,
    /// Whether it was told to have begun.
    pub(super) begun: bool,
    /// Whether it was told to have ended.
    pub(super) ended: bool,
    /// Whether it was told to have gone from the list without an end.
    #[serde(default)]
    pub(super) withdrawn: bool,
}
