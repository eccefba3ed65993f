//! One named check of a verification: codes, signatures and receipts are judged point by point, so that a person sees
//! what holds and what does not.

use serde::Serialize;

use crate::diagnostic::Bilingual;

/// A check that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The stable kebab-case name of the check.
    pub name: &'static str,
    /// Whether it holds.
    pub passed: bool,
    /// What was found, and what it was held against.
    pub detail: Bilingual,
}

impl Check {
    /// A check that holds.
    pub fn passed(name: &'static str, detail: Bilingual) -> Self {
        Self {
            name,
            passed: true,
            detail,
        }
    }

    /// A check that does not hold.
    pub fn failed(name: &'static str, detail: Bilingual) -> Self {
        Self {
            name,
            passed: false,
            detail,
        }
    }
}
