//! When a call is made again: a pure function of what was tried, what came of it and how often.
//!
//! Reading may be repeated freely. A call that changes something is repeated only when its request cannot have
//! reached KSeF; a lost answer to it is for the caller, who asks KSeF what it has. A 429 says that nothing was done,
//! so every call may wait for its `Retry-After`, as far as the patience of the policy goes. An error of the server (503
//! and the like) may say so, too: what may be repeated then waits as long as it was asked to. However it goes, no call is
//! made again once the deadline of the policy has passed.

use std::time::{Duration, Instant};

use crate::error::ClientError;

/// What kind of call it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Changes nothing.
    Read,
    /// Changes something, and twice is not the same as once.
    Change,
    /// Changes something, and twice is the same as once: uploading a part, closing a session.
    Repeatable,
}

/// What came of an attempt, reduced to what the decision needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The request did not reach the server.
    NotSent,
    /// The request may have reached the server, and no usable answer came back.
    AnswerLost,
    /// As [`Self::AnswerLost`], and the server asked to be left alone for so long.
    Busy(Duration),
    /// Nothing was done, and the server said how long to wait.
    RateLimited(Duration),
    /// An answer that will not change by asking again.
    Settled,
}

impl Outcome {
    /// Sorts an error.
    pub fn of(error: &ClientError) -> Self {
        match error {
            ClientError::Network { kind, .. } if kind.before_request() => Self::NotSent,
            ClientError::RateLimited { retry_after } => Self::RateLimited(*retry_after),
            ClientError::UploadRefused {
                status,
                retry_after,
            } if *status >= 500 || *status == 408 => {
                retry_after.map_or(Self::AnswerLost, Self::Busy)
            }
            // A body that breaks the contract comes again when asked again.
            ClientError::Contract { .. } => Self::Settled,
            error if error.may_have_happened() => {
                error.retry_after().map_or(Self::AnswerLost, Self::Busy)
            }
            _ => Self::Settled,
        }
    }
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Try again after this time.
    Wait(Duration),
    /// Hand the error to the caller.
    GiveUp,
}

/// How often and how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Most attempts of one call, the first included.
    pub attempts: u32,
    /// Wait before the second attempt; it doubles with each further one.
    pub first_wait: Duration,
    /// Longest wait between two attempts.
    pub longest_wait: Duration,
    /// Longest `Retry-After` a call waits for by itself; a longer one is handed to the caller.
    pub patience: Duration,
    /// Longest time from the beginning of a call to the beginning of its last attempt, waits included. A call of the API
    /// ends within this and one [`Timeouts::request`](crate::Timeouts::request), whatever the server does. The upload of a
    /// part and the download of a receipt have [`Timeouts::transfer`](crate::Timeouts::transfer) instead.
    pub deadline: Duration,
}

impl Default for RetryPolicy {
    /// Four attempts, after 0.5, 1 and 2 seconds; a `Retry-After` of up to a minute; no attempt after five minutes.
    fn default() -> Self {
        Self {
            attempts: 4,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(10),
            patience: Duration::from_mins(1),
            deadline: Duration::from_mins(5),
        }
    }
}

impl RetryPolicy {
    /// Decides after attempt number `attempt`, counted from 1.
    pub fn next(&self, operation: Operation, outcome: Outcome, attempt: u32) -> Next {
        if attempt >= self.attempts {
            return Next::GiveUp;
        }
        let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let usual = self
            .first_wait
            .saturating_mul(doubled)
            .min(self.longest_wait);
        match (outcome, operation) {
            (Outcome::RateLimited(wait), _) if wait <= self.patience => Next::Wait(wait),
            (Outcome::Busy(wait), Operation::Read | Operation::Repeatable)
                if wait <= self.patience =>
            {
                Next::Wait(wait.max(usual))
            }
            (Outcome::Settled | Outcome::RateLimited(_) | Outcome::Busy(_), _)
            | (Outcome::AnswerLost, Operation::Change) => Next::GiveUp,
            (Outcome::NotSent, _)
            | (Outcome::AnswerLost, Operation::Read | Operation::Repeatable) => Next::Wait(usual),
        }
    }
}

/// How far the attempts of one call have come.
pub(crate) struct Repeats {
    /// The attempt that was made last, from 1.
    pub(crate) attempt: u32,
    begun: Instant,
    limit: Duration,
}

impl Repeats {
    /// The first attempt of a call whose last one begins within `limit` from now.
    pub(crate) fn of(limit: Duration) -> Self {
        Self {
            attempt: 1,
            begun: Instant::now(),
            limit,
        }
    }

    /// Whether an attempt that begins after `wait` still begins in time.
    pub(crate) fn leave_room_for(&self, wait: Duration) -> bool {
        self.begun.elapsed().saturating_add(wait) <= self.limit
    }
}

/// Waits between two looks at a status that is still open: short at first, then longer, never above five seconds.
pub fn poll_wait(look: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(look.min(8) / 2);
    Duration::from_millis(250)
        .saturating_mul(doubled)
        .min(Duration::from_secs(5))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::NetworkKind;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_whole_table_of_decisions() {
        let policy = RetryPolicy::default();
        let half = Duration::from_millis(500);
        let day = Duration::from_hours(24);
        for (operation, outcome, expected) in [
            (Operation::Read, Outcome::NotSent, Next::Wait(half)),
            (Operation::Read, Outcome::AnswerLost, Next::Wait(half)),
            (
                Operation::Read,
                Outcome::RateLimited(SECOND),
                Next::Wait(SECOND),
            ),
            (Operation::Read, Outcome::RateLimited(day), Next::GiveUp),
            (Operation::Read, Outcome::Settled, Next::GiveUp),
            (Operation::Change, Outcome::NotSent, Next::Wait(half)),
            (Operation::Change, Outcome::AnswerLost, Next::GiveUp),
            (
                Operation::Change,
                Outcome::RateLimited(SECOND),
                Next::Wait(SECOND),
            ),
            (Operation::Change, Outcome::Settled, Next::GiveUp),
            (Operation::Change, Outcome::Busy(SECOND), Next::GiveUp),
            (Operation::Read, Outcome::Busy(SECOND), Next::Wait(SECOND)),
            (
                Operation::Read,
                Outcome::Busy(Duration::ZERO),
                Next::Wait(half),
            ),
            (Operation::Read, Outcome::Busy(day), Next::GiveUp),
            (
                Operation::Repeatable,
                Outcome::Busy(SECOND),
                Next::Wait(SECOND),
            ),
            (Operation::Repeatable, Outcome::NotSent, Next::Wait(half)),
            (Operation::Repeatable, Outcome::AnswerLost, Next::Wait(half)),
            (Operation::Repeatable, Outcome::Settled, Next::GiveUp),
        ] {
            assert_eq!(
                policy.next(operation, outcome, 1),
                expected,
                "{operation:?} {outcome:?}"
            );
        }
    }

    #[test]
    fn waits_double_up_to_a_limit_and_end() {
        let policy = RetryPolicy {
            attempts: 9,
            ..RetryPolicy::default()
        };
        let waits: Vec<u64> = (1..9)
            .map(
                |attempt| match policy.next(Operation::Read, Outcome::NotSent, attempt) {
                    Next::Wait(wait) => wait.as_millis() as u64,
                    Next::GiveUp => 0,
                },
            )
            .collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000]);
        assert_eq!(
            policy.next(Operation::Read, Outcome::NotSent, 9),
            Next::GiveUp
        );
    }

    #[test]
    fn errors_are_sorted_by_what_the_server_may_have_done() {
        let network = |kind| ClientError::Network {
            kind,
            cause: String::new(),
        };
        let http = |status, retry_after| ClientError::Http {
            status,
            retry_after,
        };
        let upload = |status, retry_after| ClientError::UploadRefused {
            status,
            retry_after,
        };
        for (error, outcome) in [
            (network(NetworkKind::Dns), Outcome::NotSent),
            (network(NetworkKind::Interrupted), Outcome::AnswerLost),
            (http(503, None), Outcome::AnswerLost),
            (http(503, Some(SECOND)), Outcome::Busy(SECOND)),
            (http(404, None), Outcome::Settled),
            (ClientError::Gone, Outcome::Settled),
            (upload(500, None), Outcome::AnswerLost),
            (upload(503, Some(SECOND)), Outcome::Busy(SECOND)),
            (upload(403, None), Outcome::Settled),
            (
                ClientError::RateLimited {
                    retry_after: SECOND,
                },
                Outcome::RateLimited(SECOND),
            ),
        ] {
            assert_eq!(Outcome::of(&error), outcome, "{error}");
        }
    }

    #[test]
    fn the_last_attempt_begins_before_the_deadline() {
        let repeats = Repeats::of(Duration::from_mins(1));
        assert!(repeats.leave_room_for(Duration::from_secs(50)));
        assert!(!repeats.leave_room_for(Duration::from_secs(61)));
        assert!(!repeats.leave_room_for(Duration::MAX));
    }

    #[test]
    fn polling_slows_down() {
        assert_eq!(poll_wait(0), Duration::from_millis(250));
        assert_eq!(poll_wait(4), SECOND);
        assert_eq!(poll_wait(1000), Duration::from_secs(4));
    }
}
