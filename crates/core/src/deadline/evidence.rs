//! What the choice of a mode rests on: the answers of KSeF and Latarnia.

use jiff::Timestamp;

use super::outage::Timeline;

/// Whether KSeF answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reachability {
    /// It does.
    Reachable,
    /// Something answers in its place, but not KSeF as it works: an error of the server (5xx), a page that announces
    /// maintenance, the page of a foreign network. As good as no answer, but the way to it is not cut off.
    Failing,
    /// Nothing answers.
    Unreachable,
}

impl Reachability {
    /// Whether invoices can be sent.
    pub fn is_reachable(self) -> bool {
        self == Self::Reachable
    }
}

/// `status` of Latarnia's `GET /status`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LatarniaStatus {
    /// `AVAILABLE`.
    Available,
    /// `MAINTENANCE`.
    Maintenance,
    /// `FAILURE`.
    Failure,
    /// `TOTAL_FAILURE`.
    TotalFailure,
    /// A word this version does not know; it decides nothing.
    Unknown(String),
}

impl LatarniaStatus {
    /// Reads the word in Latarnia's JSON.
    pub fn from_name(name: &str) -> Self {
        match name {
            "AVAILABLE" => Self::Available,
            "MAINTENANCE" => Self::Maintenance,
            "FAILURE" => Self::Failure,
            "TOTAL_FAILURE" => Self::TotalFailure,
            _ => Self::Unknown(name.to_owned()),
        }
    }

    /// The word in Latarnia's JSON.
    pub fn name(&self) -> &str {
        match self {
            Self::Available => "AVAILABLE",
            Self::Maintenance => "MAINTENANCE",
            Self::Failure => "FAILURE",
            Self::TotalFailure => "TOTAL_FAILURE",
            Self::Unknown(name) => name,
        }
    }
}

/// What Latarnia said when it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum LatarniaAnswer {
    /// It gave this status.
    Status(LatarniaStatus),
    /// It answered, but with an error or with what is no status. That is no announcement and stops nothing.
    Failing,
    /// It gave none: not reachable or not asked. That is no announcement and stops nothing.
    Silent,
}

/// All that the choice of a mode rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence<'a> {
    /// Whether KSeF answers.
    pub ksef: Reachability,
    /// What Latarnia answered.
    pub latarnia: LatarniaAnswer,
    /// What Latarnia has announced, now or before.
    pub timeline: &'a Timeline,
    /// The time of the question.
    pub now: Timestamp,
}
