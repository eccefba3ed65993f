//! Sessions with KSeF as the queue remembers them, so that a crash or a lost answer leaves nothing unknown.

use core::fmt;

use jiff::Timestamp;
use ksef_offline_core::identifier::{ContextIdentifier, KsefNumber, ReferenceNumber};

use crate::entry::{EntryId, KsefStatus};
use crate::error::QueueError;

/// Which kind of session. Closed by the contract of KSeF 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SessionKind {
    /// One package of up to 10 000 invoices.
    Batch,
    /// One invoice after the other.
    Interactive,
}

impl SessionKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Batch, Self::Interactive];

    /// The lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Batch => "batch",
            Self::Interactive => "interactive",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// How far a session has come, by our own record. Closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SessionState {
    /// KSeF gave the reference; nothing was uploaded yet.
    Opened,
    /// At least one part or invoice was uploaded.
    Uploading,
    /// Closed by us, or found closed: KSeF is processing it.
    Closed,
    /// KSeF processed it, and the result of each of its invoices is stored.
    Completed,
    /// KSeF ended it without processing; its invoices were settled or released.
    Failed,
    /// Given up by us after asking KSeF; its invoices were settled or released.
    Abandoned,
}

impl SessionState {
    /// All six, in the order of a session's life.
    pub const ALL: [Self; 6] = [
        Self::Opened,
        Self::Uploading,
        Self::Closed,
        Self::Completed,
        Self::Failed,
        Self::Abandoned,
    ];

    /// The lower-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Uploading => "uploading",
            Self::Closed => "closed",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Abandoned => "abandoned",
        }
    }

    /// The state with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing more will be asked or done about it.
    pub fn is_final(self) -> bool {
        match self {
            Self::Opened | Self::Uploading | Self::Closed => false,
            Self::Completed | Self::Failed | Self::Abandoned => true,
        }
    }

    /// Whether the record may go from `self` to `next`. Staying is always allowed, going back never: an answer of
    /// KSeF can skip states, as when a session that was still uploading is found processed after a crash.
    pub fn may_become(self, next: Self) -> bool {
        self == next || (!self.is_final() && self < next)
    }
}

/// A session that KSeF has just opened.
#[derive(Clone)]
pub struct NewSession {
    /// The reference KSeF gave.
    pub reference: ReferenceNumber,
    /// Batch or interactive.
    pub kind: SessionKind,
    /// Whether its invoices go with `offlineMode`. Online and offline never share a session.
    pub offline: bool,
    /// Number of parts of a batch; 0 for an interactive session.
    pub parts: u32,
    /// What is needed to go on after a crash (key, upload addresses), already encrypted by the caller. Dropped when
    /// the session ends.
    pub secrets: Option<Vec<u8>>,
    /// The invoices and the name of each in the package, in their order.
    pub invoices: Vec<(EntryId, String)>,
}

/// Never shows the secrets.
impl fmt::Debug for NewSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewSession")
            .field("reference", &self.reference)
            .field("kind", &self.kind)
            .field("invoices", &self.invoices.len())
            .finish_non_exhaustive()
    }
}

/// A session without the list of its invoices.
#[derive(Clone, PartialEq, Eq)]
pub struct SessionRecord {
    /// The reference KSeF gave.
    pub reference: ReferenceNumber,
    /// In whose name it was opened.
    pub context: ContextIdentifier,
    /// Batch or interactive.
    pub kind: SessionKind,
    /// Whether its invoices go with `offlineMode`.
    pub offline: bool,
    /// How far it has come.
    pub state: SessionState,
    /// Number of parts of a batch.
    pub parts: u32,
    /// Ordinal numbers of the parts that are uploaded, ascending, from 1.
    pub uploaded: Vec<u32>,
    /// What the caller needs to go on after a crash, encrypted by the caller.
    pub secrets: Option<Vec<u8>>,
    /// The last status KSeF gave.
    pub status: Option<KsefStatus>,
    /// When it was recorded.
    pub opened: Timestamp,
    /// When the record last changed.
    pub updated: Timestamp,
}

impl SessionRecord {
    pub(crate) fn advance(&mut self, next: SessionState, at: Timestamp) -> Result<(), QueueError> {
        if !self.state.may_become(next) {
            return Err(QueueError::SessionState {
                from: self.state,
                to: next,
            });
        }
        self.state = next;
        self.updated = at;
        if next.is_final() {
            self.secrets = None;
        }
        Ok(())
    }
}

/// Never shows the secrets.
impl fmt::Debug for SessionRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRecord")
            .field("reference", &self.reference)
            .field("kind", &self.kind)
            .field("state", &self.state)
            .field("parts", &self.parts)
            .field("uploaded", &self.uploaded.len())
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// One invoice of a session. The list stays as it was when the session was opened, whatever becomes of the invoices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionInvoice {
    /// Its place, from 1.
    pub ordinal: u32,
    /// The invoice.
    pub entry: EntryId,
    /// Its name in the package.
    pub file_name: String,
    /// The reference KSeF gave to this upload, once known.
    pub reference: Option<ReferenceNumber>,
}

/// What KSeF made of one invoice of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// Accepted: the invoice becomes Sent. Also for a 440 that names our own earlier upload.
    Accepted {
        /// The number KSeF gave.
        ksef_number: KsefNumber,
        /// When KSeF took it.
        acquisition_date: Option<Timestamp>,
    },
    /// Rejected for good: the invoice becomes Error.
    Rejected(KsefStatus),
    /// Its session came to nothing: the invoice becomes Signed again, to be sent unchanged.
    Released(Option<KsefStatus>),
    /// Still in processing, or a status this version does not know: it is kept to be shown, nothing moves.
    InProgress(KsefStatus),
}

/// What is newly known of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionProgress {
    /// Its state.
    pub state: SessionState,
    /// The status KSeF gave, `None` to keep the last.
    pub status: Option<KsefStatus>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_goes_forward_only_and_ends_once() {
        use SessionState::{Abandoned, Closed, Completed, Failed, Opened, Uploading};
        for from in SessionState::ALL {
            for to in SessionState::ALL {
                let legal = match from {
                    Opened => true,
                    Uploading => to != Opened,
                    Closed => !matches!(to, Opened | Uploading),
                    Completed | Failed | Abandoned => from == to,
                };
                assert_eq!(from.may_become(to), legal, "{from:?} {to:?}");
            }
        }
    }

    #[test]
    fn names_come_back() {
        for state in SessionState::ALL {
            assert_eq!(SessionState::from_name(state.name()), Some(state));
        }
        for kind in SessionKind::ALL {
            assert_eq!(SessionKind::from_name(kind.name()), Some(kind));
        }
    }
}
