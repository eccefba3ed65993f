//! Rate limits: sliding windows of a second, a minute and an hour for each caller and endpoint.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use axum::http::Method;
use serde::{Deserialize, Serialize};

/// How many calls may fall into each window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RateLimit {
    /// Calls in any second.
    pub per_second: u32,
    /// Calls in any minute.
    pub per_minute: u32,
    /// Calls in any hour.
    pub per_hour: u32,
}

impl RateLimit {
    /// Joins the three numbers.
    pub const fn new(per_second: u32, per_minute: u32, per_hour: u32) -> Self {
        Self {
            per_second,
            per_minute,
            per_hour,
        }
    }

    fn windows(self) -> [(Duration, u32); 3] {
        [
            (Duration::from_secs(1), self.per_second),
            (Duration::from_mins(1), self.per_minute),
            (Duration::from_hours(1), self.per_hour),
        ]
    }
}

/// The groups of endpoints that have limits of their own, with the names of `GET /rate-limits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    OnlineSession,
    OnlineSessionClose,
    BatchSession,
    BatchSessionClose,
    InvoiceSend,
    InvoiceStatus,
    SessionList,
    SessionInvoiceList,
    SessionMisc,
    InvoiceMetadata,
    InvoiceDownload,
    Anonymous,
    Other,
}

impl Group {
    /// The group of a request by its path under the API's base.
    pub(crate) fn of(method: &Method, path: &str) -> Self {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method.as_str(), segments.as_slice()) {
            ("POST", ["sessions", "online"]) => Self::OnlineSession,
            ("POST", ["sessions", "online", _, "close"]) => Self::OnlineSessionClose,
            ("POST", ["sessions", "online", _, "invoices"]) => Self::InvoiceSend,
            ("POST", ["sessions", "batch"]) => Self::BatchSession,
            ("POST", ["sessions", "batch", _, "close"]) => Self::BatchSessionClose,
            ("GET", ["sessions"]) => Self::SessionList,
            ("GET", ["sessions", _, "invoices"] | ["sessions", _, "invoices", "failed"]) => {
                Self::SessionInvoiceList
            }
            ("GET", ["sessions", _, "invoices", _]) => Self::InvoiceStatus,
            ("GET", ["sessions", ..]) => Self::SessionMisc,
            ("POST", ["invoices", "query", "metadata"]) => Self::InvoiceMetadata,
            ("GET", ["invoices", "ksef", _]) => Self::InvoiceDownload,
            (
                _,
                ["auth", "challenge" | "xades-signature" | "ksef-token"]
                | ["security" | "testdata", ..],
            ) => Self::Anonymous,
            _ => Self::Other,
        }
    }

    /// The published values (facts §13); those not published there are the general ones.
    pub(crate) fn published(self) -> RateLimit {
        match self {
            Self::BatchSession => RateLimit::new(10, 20, 60),
            Self::BatchSessionClose => RateLimit::new(20, 40, 120),
            Self::OnlineSession | Self::Other => RateLimit::new(10, 30, 120),
            Self::InvoiceSend => RateLimit::new(10, 30, 180),
            Self::OnlineSessionClose => RateLimit::new(20, 60, 240),
            Self::SessionList => RateLimit::new(5, 10, 60),
            Self::SessionInvoiceList => RateLimit::new(10, 20, 200),
            Self::SessionMisc => RateLimit::new(10, 120, 1200),
            Self::InvoiceStatus => RateLimit::new(30, 120, 1200),
            Self::InvoiceMetadata | Self::InvoiceDownload => RateLimit::new(8, 16, 64),
            Self::Anonymous => RateLimit::new(60, 600, 6000),
        }
    }
}

/// The endpoint of a request, references left out: each has a counter of its own.
fn endpoint(method: &Method, path: &str) -> String {
    let template: Vec<&str> = path
        .trim_matches('/')
        .split('/')
        .map(|segment| {
            if segment.bytes().any(|b| b.is_ascii_digit()) {
                "*"
            } else {
                segment
            }
        })
        .collect();
    format!("{method} {}", template.join("/"))
}

/// More than anybody calls.
const UNLIMITED: RateLimit = RateLimit::new(10_000, 600_000, 36_000_000);

/// Counts calls.
#[derive(Debug, Default)]
pub(crate) struct Limiter {
    pub(crate) enabled: bool,
    /// Replaces every published limit.
    pub(crate) custom: Option<RateLimit>,
    calls: HashMap<(String, String), VecDeque<Instant>>,
}

impl Limiter {
    fn limit(&self, group: Group) -> RateLimit {
        self.custom.unwrap_or(group.published())
    }

    /// What callers are told: the limits that hold, and next to none while they are off.
    pub(crate) fn announced(&self, group: Group) -> RateLimit {
        if self.enabled {
            self.limit(group)
        } else {
            self.custom.unwrap_or(UNLIMITED)
        }
    }

    /// Counts a call, or says how many seconds to wait.
    pub(crate) fn count(
        &mut self,
        caller: &str,
        method: &Method,
        path: &str,
        now: Instant,
    ) -> Result<(), u64> {
        if !self.enabled {
            return Ok(());
        }
        let limit = self.limit(Group::of(method, path));
        let calls = self
            .calls
            .entry((caller.to_owned(), endpoint(method, path)))
            .or_default();
        while calls
            .front()
            .is_some_and(|first| now.duration_since(*first) >= Duration::from_hours(1))
        {
            calls.pop_front();
        }
        for (window, most) in limit.windows().into_iter().rev() {
            let recent = calls
                .iter()
                .rev()
                .take_while(|call| now.duration_since(**call) < window);
            // The call that has to leave the window before another one fits.
            if let Some(blocking) = recent
                .take(most as usize)
                .nth((most as usize).saturating_sub(1))
            {
                let wait = window.saturating_sub(now.duration_since(*blocking));
                return Err(wait.as_secs() + u64::from(wait.subsec_nanos() > 0));
            }
        }
        calls.push_back(now);
        Ok(())
    }

    pub(crate) fn forget(&mut self) {
        self.calls.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_slides_and_says_how_long_to_wait() {
        let mut limiter = Limiter {
            enabled: true,
            custom: Some(RateLimit::new(2, 3, 100)),
            ..Limiter::default()
        };
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let mut call = |path: &str, ms| limiter.count("Nip:1", &Method::GET, path, at(ms));
        assert_eq!(call("/sessions/1", 0), Ok(()));
        assert_eq!(call("/sessions/2", 100), Ok(()));
        assert_eq!(call("/sessions/3", 200), Err(1));
        assert_eq!(
            call("/sessions", 200),
            Ok(()),
            "another endpoint counts for itself"
        );
        assert_eq!(call("/sessions/3", 1000), Ok(()));
        assert_eq!(call("/sessions/3", 2000), Err(58));
    }

    #[test]
    fn each_endpoint_falls_into_its_group() {
        for (method, path, group) in [
            (Method::POST, "/sessions/batch", Group::BatchSession),
            (
                Method::GET,
                "/sessions/x/invoices/failed",
                Group::SessionInvoiceList,
            ),
            (Method::GET, "/sessions/x/invoices/y", Group::InvoiceStatus),
            (Method::GET, "/sessions/x", Group::SessionMisc),
            (Method::POST, "/auth/challenge", Group::Anonymous),
            (Method::GET, "/certificates/limits", Group::Other),
        ] {
            assert_eq!(Group::of(&method, path), group, "{path}");
        }
    }
}
