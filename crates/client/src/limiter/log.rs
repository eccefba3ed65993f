//! The calls of one group within the last hour, and the time until which KSeF asked not to be called.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use crate::limits::RateLimit;

/// Milliseconds since 1970.
type Instant = i64;

/// What is remembered of one group. As text: the end of the block, then the calls, each as milliseconds after the one
/// before.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Log {
    blocked_until: Instant,
    /// Ascending; never one in the future.
    calls: Vec<Instant>,
}

/// The windows, each longer by what the way of a call to KSeF may vary.
const WINDOWS: [(Instant, Instant); 3] = [(1000, 200), (60_000, 1000), (3_600_000, 2000)];
const LONGEST: Instant = 3_602_000;

impl Log {
    /// Reads what [`fmt::Display`] wrote; what is none is nothing.
    pub(super) fn read(text: Option<&str>, now: Timestamp) -> Self {
        let now = now.as_millisecond();
        let mut numbers = text
            .unwrap_or_default()
            .split(' ')
            .map_while(|word| word.parse::<Instant>().ok());
        let blocked_until = numbers.next().unwrap_or_default();
        let mut time: Instant = 0;
        let mut calls = Vec::new();
        for step in numbers {
            time = time.saturating_add(step);
            // A clock that was set back must not lock the limiter for longer than an hour.
            let call = time.min(now);
            if now - call < LONGEST {
                calls.push(call);
            }
        }
        Self {
            blocked_until,
            calls,
        }
    }

    /// Counts a call now, or says how long to wait first. A limit of 0 is none.
    pub(super) fn count(&mut self, rate: RateLimit, now: Timestamp) -> Duration {
        let now = now.as_millisecond();
        let limits = [rate.per_second, rate.per_minute, rate.per_hour];
        let mut free_at = self.blocked_until;
        for ((window, margin), most) in WINDOWS.into_iter().zip(limits) {
            let most = most as usize;
            if most == 0 {
                continue;
            }
            // The call that has to leave the window before another one fits.
            if let Some(blocking) = self.calls.iter().rev().nth(most - 1) {
                free_at = free_at.max(blocking + window + margin);
            }
        }
        if free_at > now {
            return Duration::from_millis(u64::try_from(free_at - now).unwrap_or_default());
        }
        self.calls.push(now);
        Duration::ZERO
    }

    /// Keeps everybody away for this long.
    pub(super) fn block(&mut self, wait: Duration, now: Timestamp) {
        let wait = Instant::try_from(wait.as_millis()).unwrap_or(Instant::MAX);
        let until = now.as_millisecond().saturating_add(wait);
        self.blocked_until = self.blocked_until.max(until);
    }
}

impl fmt::Display for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.blocked_until)?;
        let mut before = 0;
        for call in &self.calls {
            write!(f, " {}", call - before)?;
            before = *call;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: RateLimit = RateLimit {
        per_second: 2,
        per_minute: 3,
        per_hour: 5,
    };

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn a_simulated_day_never_breaks_a_window() {
        let mut log = Log::default();
        let mut calls: Vec<i64> = Vec::new();
        let mut now = 0;
        while now < 24 * 3_600_000 {
            let wait = log.count(RATE, at(now));
            if wait.is_zero() {
                for (window, most) in [(1000, 2), (60_000, 3), (3_600_000, 5)] {
                    let recent = calls.iter().filter(|call| now - **call < window).count();
                    assert!(recent < most, "{now}");
                }
                calls.push(now);
            }
            now += i64::try_from(wait.as_millis()).unwrap().max(1);
            // As if every call were made by a new process.
            log = Log::read(Some(&log.to_string()), at(now));
        }
        assert!(calls.len() >= 5 * 23, "{}", calls.len());
    }

    #[test]
    fn a_clock_that_is_set_back_blocks_for_no_longer_than_the_window() {
        let mut log = Log::default();
        for call in 0..3 {
            assert!(log.count(RATE, at(call)).is_zero());
            assert!(call < 2 || log.calls.len() == 3);
            if call == 1 {
                break;
            }
        }
        let back = -1_000_000;
        let mut log = Log::read(Some(&log.to_string()), at(back));
        let wait = log.count(RATE, at(back));
        assert_eq!(wait, Duration::from_millis(1200));
    }

    #[test]
    fn damage_is_taken_as_nothing() {
        for text in ["", "x", "0 1 x", "99999999999999999999"] {
            let mut log = Log::read(Some(text), at(0));
            assert!(log.count(RATE, at(0)).is_zero(), "{text}");
        }
    }
}
