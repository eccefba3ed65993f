//! Why an invoice was issued in its mode: what KSeF and Latarnia answered, kept with it for the day somebody asks.

use jiff::Timestamp;
use ksef_offline_core::Bilingual;
use ksef_offline_core::deadline::{
    Decision, IssueMode, LatarniaAnswer, OfflineCause, Reachability,
};
use serde::{Deserialize, Serialize};

/// The evidence of one invoice. What was not asked is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct EvidenceView {
    /// When the mode was decided, RFC 3339.
    pub at: String,
    /// The mode somebody asked for; absent when it was found out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen: Option<String>,
    /// `reachable` or `unreachable`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ksef: Option<String>,
    /// The word of Latarnia, `unreachable`, or `not-asked` where KSeF answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latarnia: Option<String>,
    /// The mode that followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// `announced`, `unannounced` or `own-network`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Bilingual>,
    /// The numbers of the messages Latarnia showed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub messages: Vec<String>,
}

impl EvidenceView {
    /// Somebody asked for `mode`.
    pub(crate) fn chosen(mode: IssueMode, at: Timestamp) -> Self {
        Self {
            at: at.to_string(),
            chosen: Some(mode.name().to_owned()),
            ksef: None,
            latarnia: None,
            mode: Some(mode.name().to_owned()),
            cause: None,
            reason: Some(Bilingual::new(
                "Tryb wybrano przy wystawianiu.",
                "The mode was chosen on issuing.",
            )),
            messages: Vec::new(),
        }
    }

    /// The mode was decided; `latarnia` is `None` where nobody asked it.
    pub(crate) fn found(
        at: Timestamp,
        ksef: Reachability,
        latarnia: Option<&LatarniaAnswer>,
        decision: &Decision,
        messages: Vec<String>,
    ) -> Self {
        Self {
            at: at.to_string(),
            chosen: None,
            ksef: Some(reachability(ksef).to_owned()),
            latarnia: Some(latarnia.map_or_else(|| "not-asked".to_owned(), word)),
            mode: Some(decision.mode.name().to_owned()),
            cause: decision
                .cause
                .map(|cause: OfflineCause| cause.name().to_owned()),
            reason: Some(decision.reason.clone()),
            messages,
        }
    }

    /// As it is kept.
    pub(crate) fn kept(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// `reachable` or `unreachable`.
pub(crate) fn reachability(ksef: Reachability) -> &'static str {
    if ksef.is_reachable() {
        "reachable"
    } else {
        "unreachable"
    }
}

/// The word of Latarnia, or `unreachable`.
pub(crate) fn word(latarnia: &LatarniaAnswer) -> String {
    match latarnia {
        LatarniaAnswer::Status(status) => status.name().to_owned(),
        LatarniaAnswer::Failing | LatarniaAnswer::Silent => "unreachable".to_owned(),
    }
}
