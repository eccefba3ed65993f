//! The five statuses of an invoice and the only legal moves between them, as one pure and total function.

use core::fmt;

use ksef_offline_core::{Bilingual, Diagnostic};
use thiserror::Error;

/// Where an invoice stands. Closed: these are the statuses a person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum InvoiceStatus {
    /// Issued, waiting for a signer.
    Pending,
    /// Complete and waiting to be sent.
    Signed,
    /// In a session of KSeF whose reference is stored; what became of it is not known yet.
    Processing,
    /// Accepted: it has its KSeF number and stands in the archive.
    Sent,
    /// Rejected by KSeF, with the reasons.
    Error,
}

impl InvoiceStatus {
    /// All five, in the order of an invoice's life.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Signed,
        Self::Processing,
        Self::Sent,
        Self::Error,
    ];

    /// The lower-case name in JSON and in stores.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Signed => "signed",
            Self::Processing => "processing",
            Self::Sent => "sent",
            Self::Error => "error",
        }
    }

    /// The status with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }
}

impl fmt::Display for InvoiceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What can happen to an invoice. Closed, like the statuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// It is issued without a signer at hand.
    IssueUnsigned,
    /// It is issued complete: signed and coded, or in the online mode, which needs no signature.
    IssueSigned,
    /// A signer signs it.
    Sign,
    /// A session was opened for it, and the session's reference is stored in the same transaction.
    Claim,
    /// KSeF accepted it and gave it a number.
    Accept,
    /// KSeF rejected it.
    Reject,
    /// Its session failed, was cancelled or abandoned: the same bytes are to be sent again.
    Release,
    /// A technical correction takes its place: the rejected invoice stays in Error and keeps its reasons, its
    /// correction is an entry of its own.
    Correct,
    /// A new invoice takes its place: the rejected one stays in Error and keeps its reasons.
    Replace,
    /// A person declares that nothing more will be done about an invoice that was rejected, or that nobody has to send,
    /// and says why. The status stays.
    GiveUp,
    /// A person removes it.
    Delete,
}

impl Event {
    /// All eleven.
    pub const ALL: [Self; 11] = [
        Self::IssueUnsigned,
        Self::IssueSigned,
        Self::Sign,
        Self::Claim,
        Self::Accept,
        Self::Reject,
        Self::Release,
        Self::Correct,
        Self::Replace,
        Self::GiveUp,
        Self::Delete,
    ];

    /// The kebab-case name.
    pub fn name(self) -> &'static str {
        match self {
            Self::IssueUnsigned => "issue-unsigned",
            Self::IssueSigned => "issue-signed",
            Self::Sign => "sign",
            Self::Claim => "claim",
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Release => "release",
            Self::Correct => "correct",
            Self::Replace => "replace",
            Self::GiveUp => "give-up",
            Self::Delete => "delete",
        }
    }
}

/// Where `event` leads from `current`. `None` stands for an invoice that is not in the queue: not issued yet as
/// `current`, deleted as the answer.
///
/// # Errors
/// [`IllegalMove`] for every pair that is not a legal move.
pub fn transition(
    current: Option<InvoiceStatus>,
    event: Event,
) -> Result<Option<InvoiceStatus>, IllegalMove> {
    use InvoiceStatus::{Error, Pending, Processing, Sent, Signed};
    match (current, event) {
        (None, Event::IssueUnsigned) | (Some(Pending), Event::GiveUp) => Ok(Some(Pending)),
        // Released: the session is void, the bytes are as good as before.
        (None, Event::IssueSigned)
        | (Some(Pending), Event::Sign)
        | (Some(Signed), Event::GiveUp)
        | (Some(Processing), Event::Release) => Ok(Some(Signed)),
        (Some(Signed), Event::Claim) => Ok(Some(Processing)),
        (Some(Processing), Event::Accept) => Ok(Some(Sent)),
        (Some(Processing), Event::Reject)
        | (Some(Error), Event::Correct | Event::Replace | Event::GiveUp) => Ok(Some(Error)),
        (Some(Error), Event::Delete) => Ok(None),
        (
            None,
            Event::Sign
            | Event::Claim
            | Event::Accept
            | Event::Reject
            | Event::Release
            | Event::Correct
            | Event::Replace
            | Event::GiveUp
            | Event::Delete,
        )
        | (
            Some(Pending),
            Event::IssueUnsigned
            | Event::IssueSigned
            | Event::Claim
            | Event::Accept
            | Event::Reject
            | Event::Release
            | Event::Correct
            | Event::Replace
            | Event::Delete,
        )
        | (
            Some(Signed),
            Event::IssueUnsigned
            | Event::IssueSigned
            | Event::Sign
            | Event::Accept
            | Event::Reject
            | Event::Release
            | Event::Correct
            | Event::Replace
            | Event::Delete,
        )
        | (
            Some(Processing),
            Event::IssueUnsigned
            | Event::IssueSigned
            | Event::Sign
            | Event::Claim
            | Event::Correct
            | Event::Replace
            | Event::GiveUp
            | Event::Delete,
        )
        | (
            Some(Sent),
            Event::IssueUnsigned
            | Event::IssueSigned
            | Event::Sign
            | Event::Claim
            | Event::Accept
            | Event::Reject
            | Event::Release
            | Event::Correct
            | Event::Replace
            | Event::GiveUp
            | Event::Delete,
        )
        | (
            Some(Error),
            Event::IssueUnsigned
            | Event::IssueSigned
            | Event::Sign
            | Event::Claim
            | Event::Accept
            | Event::Reject
            | Event::Release,
        ) => Err(IllegalMove { current, event }),
    }
}

/// An event that cannot happen to an invoice in this status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{} is not possible for an invoice in status {}", .event.name(), status_name(*.current))]
pub struct IllegalMove {
    /// The status, `None` when the invoice is not in the queue.
    pub current: Option<InvoiceStatus>,
    /// What should have happened.
    pub event: Event,
}

fn status_name(status: Option<InvoiceStatus>) -> &'static str {
    status.map_or("none", InvoiceStatus::name)
}

impl Diagnostic for IllegalMove {
    fn code(&self) -> &'static str {
        "illegal-move"
    }

    fn message(&self) -> Bilingual {
        Bilingual::new(
            format!(
                "czynność {} nie jest możliwa dla faktury w statusie {}",
                self.event.name(),
                status_name(self.current)
            ),
            self.to_string(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use InvoiceStatus::{Error, Pending, Processing, Sent, Signed};

    /// The legal moves as the design lists them; every other pair is illegal.
    const LEGAL: [(Option<InvoiceStatus>, Event, Option<InvoiceStatus>); 13] = [
        (None, Event::IssueUnsigned, Some(Pending)),
        (None, Event::IssueSigned, Some(Signed)),
        (Some(Pending), Event::Sign, Some(Signed)),
        (Some(Pending), Event::GiveUp, Some(Pending)),
        (Some(Signed), Event::GiveUp, Some(Signed)),
        (Some(Signed), Event::Claim, Some(Processing)),
        (Some(Processing), Event::Accept, Some(Sent)),
        (Some(Processing), Event::Reject, Some(Error)),
        (Some(Processing), Event::Release, Some(Signed)),
        (Some(Error), Event::Correct, Some(Error)),
        (Some(Error), Event::Replace, Some(Error)),
        (Some(Error), Event::GiveUp, Some(Error)),
        (Some(Error), Event::Delete, None),
    ];

    #[test]
    fn every_pair_of_status_and_event_is_decided_as_listed() {
        let statuses = InvoiceStatus::ALL.into_iter().map(Some).chain([None]);
        let mut legal = 0;
        for current in statuses {
            for event in Event::ALL {
                let listed = LEGAL
                    .iter()
                    .find(|(from, by, _)| *from == current && *by == event);
                match listed {
                    Some((_, _, to)) => {
                        legal += 1;
                        assert_eq!(transition(current, event), Ok(*to));
                    }
                    None => assert_eq!(
                        transition(current, event),
                        Err(IllegalMove { current, event })
                    ),
                }
            }
        }
        assert_eq!(legal, LEGAL.len());
    }

    #[test]
    fn sent_is_the_end() {
        assert!(
            Event::ALL
                .into_iter()
                .all(|event| transition(Some(Sent), event).is_err())
        );
    }

    #[test]
    fn names_come_back() {
        for status in InvoiceStatus::ALL {
            assert_eq!(InvoiceStatus::from_name(status.name()), Some(status));
        }
        assert_eq!(InvoiceStatus::from_name("Sent"), None);
    }
}
