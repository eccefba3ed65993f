//! The groups of endpoints that KSeF counts together, with the limits it publishes.

use crate::limits::{RateLimit, RateLimits};
use crate::transport::Method;

/// A group of endpoints. Those that share the general limit count each for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// Its name in `GET /rate-limits`.
    kind: &'static str,
    /// What it is counted under.
    name: String,
    published: RateLimit,
}

const fn rate(per_second: u32, per_minute: u32, per_hour: u32) -> RateLimit {
    RateLimit {
        per_second,
        per_minute,
        per_hour,
    }
}

impl Group {
    /// The group of a call by its path under the address of the API, with what the OpenAPI of 2.9 says of it
    /// (`x-rate-limits`).
    pub(crate) fn of(method: Method, path: &str) -> Self {
        let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (kind, published) = match (method, segments.as_slice()) {
            (Method::Post, ["sessions", "batch"]) => ("batchSession", rate(10, 20, 60)),
            (Method::Post, ["sessions", "batch", _, "close"]) => {
                ("batchSessionClose", rate(20, 40, 120))
            }
            (Method::Post, ["sessions", "online"]) => ("onlineSession", rate(10, 30, 120)),
            (Method::Post, ["sessions", "online", _, "close"]) => {
                ("onlineSessionClose", rate(20, 60, 240))
            }
            (Method::Post, ["sessions", "online", _, "invoices"]) => {
                ("invoiceSend", rate(10, 30, 180))
            }
            (Method::Get, ["sessions"]) => ("sessionList", rate(5, 10, 60)),
            (Method::Get, ["sessions", _, "invoices"] | ["sessions", _, "invoices", "failed"]) => {
                ("sessionInvoiceList", rate(10, 20, 200))
            }
            (Method::Get, ["sessions", _, "invoices", _]) => ("invoiceStatus", rate(30, 120, 1200)),
            (Method::Get, ["sessions", ..]) => ("sessionMisc", rate(10, 120, 1200)),
            (Method::Get, ["invoices", "ksef", _]) => ("invoiceDownload", rate(8, 16, 64)),
            // No login, no context: counted by address alone, and by the second alone.
            (
                _,
                ["auth", "challenge" | "xades-signature" | "ksef-token"]
                | ["auth", "token", _]
                | ["security", ..],
            ) => ("anonymous", rate(60, 0, 0)),
            (Method::Get, ["auth", reference]) if *reference != "sessions" => {
                ("anonymous", rate(60, 0, 0))
            }
            _ => ("other", rate(10, 30, 120)),
        };
        let name = if kind == "other" {
            format!("{kind} {}", endpoint(method, &segments))
        } else {
            kind.to_owned()
        };
        Self {
            kind,
            name,
            published,
        }
    }

    /// What it is counted under.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The limit that holds: the one KSeF told, else the published one.
    pub(super) fn rate(&self, told: &RateLimits) -> RateLimit {
        told.get(self.kind).copied().unwrap_or(self.published)
    }
}

/// Method and path without what differs from call to call.
fn endpoint(method: Method, segments: &[&str]) -> String {
    let template: Vec<&str> = segments
        .iter()
        .map(|segment| {
            if segment.bytes().any(|byte| byte.is_ascii_digit()) {
                "*"
            } else {
                segment
            }
        })
        .collect();
    format!("{method:?} {}", template.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_of_the_client_is_in_the_group_that_the_contract_counts_it_in() {
        const NUMBER: &str = "20260210-SB-33676E4000-1AB054B97A-5E";
        let session = |rest: &str| format!("/sessions/{NUMBER}{rest}");
        for (method, path, kind, hourly) in [
            (
                Method::Post,
                "/sessions/batch".to_owned(),
                "batchSession",
                60,
            ),
            (
                Method::Post,
                format!("/sessions/batch/{NUMBER}/close"),
                "batchSessionClose",
                120,
            ),
            (
                Method::Post,
                format!("/sessions/online/{NUMBER}/invoices"),
                "invoiceSend",
                180,
            ),
            (Method::Get, "/sessions".to_owned(), "sessionList", 60),
            (Method::Get, session("/invoices"), "sessionInvoiceList", 200),
            (
                Method::Get,
                session("/invoices/failed"),
                "sessionInvoiceList",
                200,
            ),
            (
                Method::Get,
                session(&format!("/invoices/{NUMBER}")),
                "invoiceStatus",
                1200,
            ),
            (Method::Get, session(""), "sessionMisc", 1200),
            (
                Method::Get,
                session(&format!("/upo/{NUMBER}")),
                "sessionMisc",
                1200,
            ),
            (Method::Get, format!("/auth/{NUMBER}"), "anonymous", 0),
            (
                Method::Post,
                "/auth/token/redeem".to_owned(),
                "anonymous",
                0,
            ),
            (Method::Get, "/auth/sessions".to_owned(), "other", 120),
            (Method::Get, "/certificates/limits".to_owned(), "other", 120),
        ] {
            let group = Group::of(method, &path);
            assert_eq!(
                (group.kind, group.published.per_hour),
                (kind, hourly),
                "{path}"
            );
        }
    }

    #[test]
    fn endpoints_under_the_general_limit_count_for_themselves() {
        let limits = Group::of(Method::Get, "/certificates/limits");
        let query = Group::of(Method::Post, "/certificates/query");
        assert_ne!(limits.name(), query.name());
        let revoke =
            |serial: &str| Group::of(Method::Post, &format!("/certificates/{serial}/revoke"));
        assert_eq!(
            revoke("01635E98D9669239").name(),
            revoke("01635E98D966923A").name()
        );
    }
}
