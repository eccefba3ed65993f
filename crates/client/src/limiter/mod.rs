//! Staying within KSeF's rate limits, so that a 429 does not come in normal work: waiting before a call instead of being
//! refused after it.
//!
//! KSeF counts the calls of a context and address in sliding windows of a second, a minute and an hour, for each group of
//! endpoints on its own. The limiter counts the same calls, in a [`LimiterStore`] that can outlive the process: four
//! programs that run one after the other count as the one client they are for KSeF. A `Retry-After` is kept there, too.

mod group;
mod log;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use ksef_offline_core::identifier::ContextIdentifier;

pub(crate) use group::Group;
use log::Log;

use crate::client::KsefClient;
use crate::error::ClientError;
use crate::limits::{RateLimit, RateLimits};

/// How long rates that KSeF told are used before it is asked again.
const LIMITS_AGE: Duration = Duration::from_hours(24);
/// Key of the rates that KSeF told.
const LIMITS: &str = "limits";

/// Keeps what the limiter has to remember: small texts under short keys, nothing secret.
pub trait LimiterStore: Send + Sync {
    /// Puts what `change` makes of the value of `key` in its place, in one step that no other process comes between.
    /// `None` is no value. `change` may be called more than once; its last run counts.
    ///
    /// # Errors
    /// When it could not be stored. The limiter then goes on without.
    fn update(
        &self,
        key: &str,
        change: &mut dyn FnMut(Option<&str>) -> Option<String>,
    ) -> std::io::Result<()>;
}

/// Remembers as long as the process lives.
#[derive(Default)]
pub(crate) struct Forgetful(Mutex<BTreeMap<String, String>>);

impl LimiterStore for Forgetful {
    fn update(
        &self,
        key: &str,
        change: &mut dyn FnMut(Option<&str>) -> Option<String>,
    ) -> std::io::Result<()> {
        let mut values = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match change(values.get(key).map(String::as_str)) {
            Some(value) => values.insert(key.to_owned(), value),
            None => values.remove(key),
        };
        Ok(())
    }
}

/// Counts the calls of one context.
pub(crate) struct Limiter {
    store: Arc<dyn LimiterStore>,
    prefix: String,
    rates: Mutex<Rates>,
}

/// The rates in force, and until when.
#[derive(Default)]
struct Rates {
    told: RateLimits,
    known_until: Option<Timestamp>,
}

impl Limiter {
    /// A limiter of `context` at the API with this address.
    pub(crate) fn new(
        store: Arc<dyn LimiterStore>,
        api: &str,
        context: &ContextIdentifier,
    ) -> Self {
        let limiter = Self {
            store,
            prefix: format!("rate {api} {context}"),
            rates: Mutex::default(),
        };
        limiter.recall();
        limiter
    }

    fn key(&self, name: &str) -> String {
        format!("{} {name}", self.prefix)
    }

    /// Counts a call of `group` that is about to be made, or says how long to wait before it can be.
    fn count(&self, group: &Group, now: Timestamp) -> Duration {
        let rate = {
            let rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
            group.rate(&rates.told)
        };
        let mut wait = Duration::ZERO;
        self.update(group, &mut |log| wait = log.count(rate, now), now);
        wait
    }

    /// Keeps what a 429 asked for.
    pub(crate) fn block(&self, group: &Group, wait: Duration, now: Timestamp) {
        self.update(group, &mut |log| log.block(wait, now), now);
    }

    fn update(&self, group: &Group, change: &mut dyn FnMut(&mut Log), now: Timestamp) {
        let stored = self.store.update(&self.key(group.name()), &mut |text| {
            let mut log = Log::read(text, now);
            change(&mut log);
            Some(log.to_string())
        });
        if let Err(error) = stored {
            tracing::warn!(%error, "the count of calls could not be kept");
        }
    }

    /// Takes over what KSeF told an earlier process.
    fn recall(&self) {
        let mut told = None;
        let read = self.store.update(&self.key(LIMITS), &mut |text| {
            told = text.and_then(read_rates);
            text.map(str::to_owned)
        });
        if let (Ok(()), Some((rates, until))) = (read, told) {
            *self.rates.lock().unwrap_or_else(PoisonError::into_inner) = Rates {
                told: rates,
                known_until: Some(until),
            };
        }
    }

    fn are_known(&self, now: Timestamp) -> bool {
        let rates = self.rates.lock().unwrap_or_else(PoisonError::into_inner);
        rates.known_until.is_some_and(|until| now < until)
    }

    fn learn(&self, told: RateLimits, now: Timestamp) {
        let until = now.saturating_add(LIMITS_AGE).unwrap_or(now);
        let text = rates_text(&told, until);
        let stored = self
            .store
            .update(&self.key(LIMITS), &mut |_| Some(text.clone()));
        if let Err(error) = stored {
            tracing::warn!(%error, "the rate limits could not be kept");
        }
        *self.rates.lock().unwrap_or_else(PoisonError::into_inner) = Rates {
            told,
            known_until: Some(until),
        };
    }
}

/// `until`, then one line a group: name and the three numbers.
fn rates_text(rates: &RateLimits, until: Timestamp) -> String {
    let mut text = until.as_second().to_string();
    for (group, rate) in rates {
        text += &format!(
            "\n{group} {} {} {}",
            rate.per_second, rate.per_minute, rate.per_hour
        );
    }
    text
}

fn read_rates(text: &str) -> Option<(RateLimits, Timestamp)> {
    let mut lines = text.lines();
    let until = Timestamp::from_second(lines.next()?.parse().ok()?).ok()?;
    let mut rates = RateLimits::new();
    for line in lines {
        let mut words = line.split(' ');
        let group = words.next()?.to_owned();
        let mut number = || words.next()?.parse().ok();
        let rate = RateLimit {
            per_second: number()?,
            per_minute: number()?,
            per_hour: number()?,
        };
        rates.insert(group, rate);
    }
    Some((rates, until))
}

impl KsefClient {
    /// Waits until a call of `group` stays within the limits, and counts it.
    ///
    /// # Errors
    /// [`ClientError::RateLimited`] when that takes longer than the policy's patience. Nothing was sent then.
    pub(crate) async fn admit(&self, group: &Group) -> Result<(), ClientError> {
        loop {
            let wait = self.inner.limiter.count(group, Timestamp::now());
            if wait.is_zero() {
                return Ok(());
            }
            if wait > self.inner.retry.patience {
                return Err(ClientError::RateLimited { retry_after: wait });
            }
            tracing::debug!(
                group = group.name(),
                milliseconds = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                "waiting for the rate limit"
            );
            tokio::time::sleep(wait).await;
        }
    }

    /// Asks KSeF for the rate limits of this context, at most once a day, and keeps within them from then on. Without an
    /// answer the published ones go on to hold.
    pub async fn learn_rate_limits(&self) {
        if self.inner.limiter.are_known(Timestamp::now()) {
            return;
        }
        match self.rate_limits().await {
            Ok(rates) => self.inner.limiter.learn(rates, Timestamp::now()),
            Err(error) if error.is_unreachable() => {
                tracing::debug!(%error, "the rate limits are not known");
            }
            // Not offered, or not to us: asking again would not help.
            Err(error) => {
                tracing::debug!(%error, "the published rate limits hold");
                self.inner
                    .limiter
                    .learn(RateLimits::new(), Timestamp::now());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Method;

    fn context() -> ContextIdentifier {
        ContextIdentifier::parse("Nip:5265877635").unwrap()
    }

    fn limiter(store: &Arc<Forgetful>) -> Limiter {
        let store: Arc<dyn LimiterStore> = store.clone();
        Limiter::new(store, "https://api.example/v2", &context())
    }

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(1_800_000_000_000 + milliseconds).unwrap()
    }

    #[test]
    fn processes_that_follow_each_other_count_as_one_client() {
        let store = Arc::new(Forgetful::default());
        let group = Group::of(Method::Post, "/sessions/batch");
        for call in 0..10 {
            // Every call by a process of its own.
            assert_eq!(limiter(&store).count(&group, at(call)), Duration::ZERO);
        }
        let wait = limiter(&store).count(&group, at(20));
        assert!(wait > Duration::from_millis(900), "{wait:?}");
        assert!(wait < Duration::from_secs(2), "{wait:?}");
        let other = Group::of(
            Method::Get,
            "/sessions/20260210-SB-33676E4000-1AB054B97A-5E",
        );
        assert_eq!(limiter(&store).count(&other, at(20)), Duration::ZERO);
    }

    #[test]
    fn a_retry_after_outlives_the_process_and_concerns_its_group() {
        let store = Arc::new(Forgetful::default());
        let group = Group::of(Method::Post, "/sessions/batch");
        limiter(&store).block(&group, Duration::from_hours(2), at(0));
        let wait = limiter(&store).count(&group, at(60_000));
        assert_eq!(wait, Duration::from_mins(119));
        assert_eq!(limiter(&store).count(&group, at(7_200_001)), Duration::ZERO);
    }

    #[test]
    fn what_ksef_told_replaces_the_published_rates_and_outlives_the_process() {
        let store = Arc::new(Forgetful::default());
        let first = limiter(&store);
        assert!(!first.are_known(at(0)));
        let rate = |per_second, per_minute, per_hour| RateLimit {
            per_second,
            per_minute,
            per_hour,
        };
        first.learn(
            RateLimits::from([("batchSession".to_owned(), rate(2, 9, 9))]),
            at(0),
        );
        let second = limiter(&store);
        assert!(second.are_known(at(1)));
        assert!(!second.are_known(at(24 * 3_600_000 + 1)));
        let group = Group::of(Method::Post, "/sessions/batch");
        assert_eq!(second.count(&group, at(0)), Duration::ZERO);
        assert_eq!(second.count(&group, at(1)), Duration::ZERO);
        assert!(second.count(&group, at(2)) > Duration::from_millis(900));
    }

    #[test]
    fn a_store_that_fails_stops_no_call() {
        struct Broken;
        impl LimiterStore for Broken {
            fn update(
                &self,
                _: &str,
                _: &mut dyn FnMut(Option<&str>) -> Option<String>,
            ) -> std::io::Result<()> {
                Err(std::io::ErrorKind::StorageFull.into())
            }
        }
        let limiter = Limiter::new(Arc::new(Broken), "https://api.example/v2", &context());
        let group = Group::of(Method::Get, "/sessions");
        assert_eq!(limiter.count(&group, at(0)), Duration::ZERO);
    }
}
