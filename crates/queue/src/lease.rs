//! The right to send: one live sender for each context, told apart from its predecessors by a fencing number.

use jiff::{SignedDuration, Timestamp};
use ksef_offline_core::identifier::ContextIdentifier;

use crate::error::QueueError;

/// The right of one process to send the invoices of one context until a moment.
///
/// Each time the right passes on, the number grows. Every operation of sending presents its lease and is refused when
/// the number is no longer the current one or the time is over, so a process that slept past its lease can change
/// nothing when it wakes up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Whose invoices may be sent.
    pub context: ContextIdentifier,
    /// Who holds the right: unique for each running sender, for example host, process and a random number.
    pub owner: String,
    /// The fencing number.
    pub number: u64,
    /// When the right ends unless renewed.
    pub expires: Timestamp,
}

impl Lease {
    /// The lease that `owner` gets when `current` is what the store has.
    pub(crate) fn next(
        current: Option<&Self>,
        context: &ContextIdentifier,
        owner: &str,
        now: Timestamp,
        ttl: SignedDuration,
    ) -> Result<Self, QueueError> {
        let live = current.filter(|lease| now < lease.expires);
        let number = match (live, current) {
            (Some(lease), _) if lease.owner == owner => lease.number,
            (Some(lease), _) => return Err(QueueError::busy_until(lease.expires, now)),
            (None, current) => current.map_or(0, |lease| lease.number).saturating_add(1),
        };
        Ok(Self {
            context: context.clone(),
            owner: owner.to_owned(),
            number,
            expires: now.saturating_add(ttl).unwrap_or(Timestamp::MAX),
        })
    }

    /// Whether this is still the right to send at `now`, given what the store has.
    pub(crate) fn check(&self, current: Option<&Self>, now: Timestamp) -> Result<(), QueueError> {
        match current {
            Some(stored)
                if stored.number == self.number
                    && stored.owner == self.owner
                    && now < stored.expires =>
            {
                Ok(())
            }
            _ => Err(QueueError::LeaseLost),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_lease_is_renewed_waited_for_and_passed_on_with_a_new_number() {
        let context = ContextIdentifier::parse("Nip:5265877635").unwrap();
        let minute = SignedDuration::from_secs(60);
        let first = Lease::next(None, &context, "a", at(0), minute).unwrap();
        assert_eq!((first.number, first.expires), (1, at(60)));
        let renewed = Lease::next(Some(&first), &context, "a", at(30), minute).unwrap();
        assert_eq!((renewed.number, renewed.expires), (1, at(90)));
        assert!(matches!(
            Lease::next(Some(&renewed), &context, "b", at(89), minute),
            Err(QueueError::SenderBusy { .. })
        ));
        let second = Lease::next(Some(&renewed), &context, "b", at(90), minute).unwrap();
        assert_eq!(second.number, 2);
        assert_eq!(first.check(Some(&renewed), at(89)), Ok(()));
        assert_eq!(
            first.check(Some(&renewed), at(90)),
            Err(QueueError::LeaseLost)
        );
        assert_eq!(
            first.check(Some(&second), at(91)),
            Err(QueueError::LeaseLost)
        );
        // The same owner after its time is over is a new sender as well: another may have come and gone.
        let again = Lease::next(Some(&renewed), &context, "a", at(100), minute).unwrap();
        assert_eq!(again.number, 2);
    }
}
