//! Watching KSeF and Latarnia: both are asked again and again, at a rate that bothers nobody.
//!
//! A watcher never fails and never ends by itself: that nothing answers is what it is there to find. It is stopped by
//! dropping it, or the future of [`Watcher::next`], which loses nothing: the round that was interrupted is made anew.

use std::time::Duration;

use ksef_offline_core::deadline::{LatarniaAnswer, MessageList, Reachability};
use ksef_offline_core::random::RandomSource;
use tokio::time::Instant;

use crate::client::KsefClient;
use crate::error::ClientError;

/// How long after a first sign of loss KSeF is asked once more: one lost packet is no outage.
const SECOND_LOOK: Duration = Duration::from_secs(2);
/// How many of the doubled waits are counted; more change nothing.
const MOST_DOUBLINGS: u32 = 16;

/// How often to ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchPace {
    /// From the end of one round to the beginning of the next while KSeF answers. KSeF allows 120 such calls an hour for
    /// each address: less than 30 seconds is too often.
    pub interval: Duration,
    /// Longest wait while KSeF does not answer: it doubles with every round in vain, up to this. Not below `interval`.
    pub longest: Duration,
    /// By how much a wait is made longer or shorter at random, in percent of it, so that many watchers that began
    /// together (after a power cut, at the end of a failure) do not ask together for ever. At most 100.
    pub jitter: u8,
}

impl Default for WatchPace {
    /// A minute, up to five while KSeF does not answer, 10 percent.
    fn default() -> Self {
        Self::every(Duration::from_mins(1))
    }
}

impl WatchPace {
    /// Every `interval`, up to five times that while KSeF does not answer, 10 percent.
    pub fn every(interval: Duration) -> Self {
        Self {
            interval,
            longest: interval.saturating_mul(5),
            jitter: 10,
        }
    }

    /// The wait after `in_vain` rounds without an answer of KSeF. `chance` runs from 0 (shortest) over half of its range
    /// (no change) to its end (longest).
    fn wait(&self, in_vain: u32, chance: u16) -> Duration {
        let doubled = self
            .interval
            .saturating_mul(1 << in_vain.min(MOST_DOUBLINGS))
            .min(self.longest.max(self.interval));
        let share = f64::from(self.jitter.min(100)) / 100.0;
        let swing = f64::from(chance) / f64::from(u16::MAX) * 2.0 - 1.0;
        let seconds = doubled.as_secs_f64() * (1.0 + share * swing);
        Duration::try_from_secs_f64(seconds).unwrap_or(doubled)
    }
}

/// What one round found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Observation {
    /// Whether KSeF answers.
    pub ksef: Reachability,
    /// What Latarnia said.
    pub latarnia: LatarniaAnswer,
    /// What Latarnia announces now; empty when it does not answer.
    pub messages: MessageList,
    /// Whether that is all it shows: it answered now, with its whole list. What is missing there is gone from it.
    pub is_whole: bool,
}

/// Asks KSeF and Latarnia again and again.
#[derive(Debug)]
pub struct Watcher {
    client: KsefClient,
    pace: WatchPace,
    due: Option<Instant>,
    in_vain: u32,
    ksef: Standing<Reachability>,
    latarnia: Standing<LatarniaAnswer>,
}

/// What Latarnia said to one question.
struct Announcements {
    answer: LatarniaAnswer,
    messages: MessageList,
    /// Whether both status and messages came.
    is_whole: bool,
    /// How long it asks to be left alone.
    rest: Option<Duration>,
}

/// What a service last said, and until when it asked to be left alone.
#[derive(Debug)]
struct Standing<T> {
    last: T,
    not_before: Option<Instant>,
}

impl<T: Clone> Standing<T> {
    fn rests(&self) -> bool {
        self.not_before.is_some_and(|until| Instant::now() < until)
    }

    fn take(&mut self, (answer, rest): (T, Option<Duration>)) {
        self.last = answer;
        self.not_before = rest.and_then(|rest| Instant::now().checked_add(rest));
    }
}

impl KsefClient {
    /// Asks KSeF and Latarnia once, both at the same time, each briefly and without login.
    pub async fn observe(&self) -> Observation {
        let ((ksef, _), told) = tokio::join!(self.standing(), self.announcements());
        Observation {
            ksef,
            latarnia: told.answer,
            messages: told.messages,
            is_whole: told.is_whole,
        }
    }

    /// Asks Latarnia alone. An error of its is no error here: it says nothing about KSeF.
    pub async fn ask_for_the_reason(&self) -> (LatarniaAnswer, MessageList) {
        let told = self.announcements().await;
        (told.answer, told.messages)
    }

    /// Whether KSeF answers: [`Self::probe`] as a finding.
    pub async fn reachability(&self) -> Reachability {
        self.standing().await.0
    }

    /// A watcher whose first round is made at once.
    pub fn watcher(&self, pace: WatchPace) -> Watcher {
        Watcher {
            client: self.clone(),
            pace,
            due: None,
            in_vain: 0,
            ksef: Standing {
                last: Reachability::Reachable,
                not_before: None,
            },
            latarnia: Standing {
                last: LatarniaAnswer::Silent,
                not_before: None,
            },
        }
    }

    /// Whether KSeF answers, and how long it asks to be left alone.
    async fn standing(&self) -> (Reachability, Option<Duration>) {
        match self.ask_for_a_sign().await {
            Ok(()) => (Reachability::Reachable, None),
            Err(ClientError::Ksef(refusal)) if refusal.status < 500 => {
                (Reachability::Reachable, None)
            }
            Err(ClientError::RateLimited { retry_after }) => {
                (Reachability::Reachable, Some(retry_after))
            }
            Err(ClientError::Network { .. }) => (Reachability::Unreachable, None),
            Err(error) => (Reachability::Failing, error.retry_after()),
        }
    }

    /// What Latarnia says, and how long it asks to be left alone. Status and messages are asked for at the same time;
    /// the messages alone decide nothing.
    async fn announcements(&self) -> Announcements {
        let (status, all) = tokio::join!(self.latarnia(), self.latarnia_messages());
        let is_whole = status.is_ok() && all.is_ok();
        let mut messages = all.unwrap_or_default();
        let (answer, rest) = match status {
            Ok(report) => {
                messages.join(report.messages);
                (LatarniaAnswer::Status(report.status), None)
            }
            Err(ClientError::Network { .. }) => (LatarniaAnswer::Silent, None),
            Err(error) => (LatarniaAnswer::Failing, error.retry_after()),
        };
        Announcements {
            answer,
            messages,
            is_whole,
            rest,
        }
    }
}

impl Watcher {
    /// Waits until the next round is due, makes it and gives what it found. The first is due at once.
    ///
    /// Waits grow while KSeF does not answer. A service that asked to be left alone (429 with `Retry-After`) is not asked
    /// before; its last answer stands meanwhile.
    pub async fn next(&mut self) -> Observation {
        if let Some(due) = self.due {
            tokio::time::sleep_until(due).await;
        }
        let observation = self.round().await;
        self.in_vain = if observation.ksef.is_reachable() {
            0
        } else {
            self.in_vain.saturating_add(1)
        };
        let wait = self.pace.wait(
            self.in_vain.saturating_sub(1),
            chance(&*self.client.inner.random),
        );
        self.due = Instant::now().checked_add(wait);
        observation
    }

    /// Whether KSeF answers. A loss that is news is believed at the second look.
    async fn look(&self) -> (Reachability, Option<Duration>) {
        let found = self.client.standing().await;
        if found.0.is_reachable() || !self.ksef.last.is_reachable() {
            return found;
        }
        tokio::time::sleep(SECOND_LOOK.min(self.pace.interval)).await;
        self.client.standing().await
    }

    /// Makes a round now, whenever the next is due.
    async fn round(&mut self) -> Observation {
        let (asks_ksef, asks_latarnia) = (!self.ksef.rests(), !self.latarnia.rests());
        let (standing, announcements) = tokio::join!(
            async {
                if asks_ksef {
                    Some(self.look().await)
                } else {
                    None
                }
            },
            async {
                if asks_latarnia {
                    Some(self.client.announcements().await)
                } else {
                    None
                }
            }
        );
        if let Some(standing) = standing {
            self.ksef.take(standing);
        }
        let (messages, is_whole) = match announcements {
            Some(told) => {
                self.latarnia.take((told.answer, told.rest));
                (told.messages, told.is_whole)
            }
            None => (MessageList::default(), false),
        };
        Observation {
            ksef: self.ksef.last,
            latarnia: self.latarnia.last.clone(),
            messages,
            is_whole,
        }
    }
}

/// A number at random; the middle, which changes nothing, where there are none.
fn chance(random: &dyn RandomSource) -> u16 {
    let mut bytes = [0; 2];
    match random.fill(&mut bytes) {
        Ok(()) => u16::from_le_bytes(bytes),
        Err(_) => u16::MAX / 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_in_vain_up_to_the_longest_and_stay_within_the_jitter() {
        let pace = WatchPace::every(Duration::from_mins(1));
        let seconds = |in_vain, chance| pace.wait(in_vain, chance).as_secs();
        let middle = u16::MAX / 2 + 1;
        let waits: Vec<u64> = (0..5).map(|in_vain| seconds(in_vain, middle)).collect();
        assert_eq!(waits, [60, 120, 240, 300, 300]);
        assert_eq!((seconds(0, 0), seconds(0, u16::MAX)), (54, 66));
        assert_eq!((seconds(9, 0), seconds(u32::MAX, u16::MAX)), (270, 330));
    }

    #[test]
    fn a_pace_out_of_range_is_no_panic() {
        let pace = WatchPace {
            interval: Duration::MAX / 4,
            longest: Duration::ZERO,
            jitter: 255,
        };
        assert!(pace.wait(u32::MAX, 0).is_zero());
        assert!(pace.wait(3, u16::MAX) > Duration::MAX / 4);
        let never = WatchPace {
            jitter: 100,
            ..WatchPace::every(Duration::MAX)
        };
        assert_eq!(never.wait(1, u16::MAX), Duration::MAX);
        assert!(
            WatchPace {
                jitter: 0,
                ..WatchPace::every(Duration::ZERO)
            }
            .wait(5, 7)
            .is_zero()
        );
    }
}
