//! A whole HTTP answer, and how one that is no success becomes an error.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::error::{ClientError, KsefErrorItem, KsefRefusal};
use crate::wire::failure::{ApiError, ClassicBody, Problem};

/// Wait after a 429 that does not say how long.
const DEFAULT_WAIT: Duration = Duration::from_secs(30);

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(super) retry_after: Option<String>,
    pub(super) system_warning: Option<String>,
    pub(crate) storage_hash: Option<String>,
    pub(crate) body: Bytes,
}

impl Answer {
    /// Reads the body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self, what: &'static str) -> Result<T, ClientError> {
        serde_json::from_slice(&self.body).map_err(|error| {
            // The position helps, the content must not be logged.
            tracing::warn!(
                what,
                line = error.line(),
                column = error.column(),
                "the answer of the server is not what the contract says"
            );
            ClientError::Contract { what }
        })
    }

    /// Turns every status but 2xx into its error.
    pub(super) fn checked(self) -> Result<Self, ClientError> {
        match self.status {
            200..=299 => Ok(self),
            410 => Err(ClientError::Gone),
            429 => Err(ClientError::RateLimited {
                retry_after: self.retry_after(Timestamp::now()),
            }),
            status => {
                let asked = self.asked_wait(Timestamp::now());
                let wait = asked.filter(|_| status >= 500);
                Err(refusal(status, &self.body, wait))
            }
        }
    }

    /// The wait that `Retry-After` asks for, in either of its forms; a usual one without it.
    pub(super) fn retry_after(&self, now: Timestamp) -> Duration {
        self.asked_wait(now).unwrap_or(DEFAULT_WAIT)
    }

    /// The wait that `Retry-After` asks for, if it is there and can be read.
    pub(super) fn asked_wait(&self, now: Timestamp) -> Option<Duration> {
        let text = self.retry_after.as_deref()?;
        parse_retry_after(text, now)
    }
}

/// Seconds, or an HTTP date. A date in the past is no wait.
fn parse_retry_after(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

/// Reads a refusal in any of the three shapes the API uses; what is in none of them is a bare HTTP error.
fn refusal(status: u16, body: &[u8], retry_after: Option<Duration>) -> ClientError {
    let refusal = match serde_json::from_slice::<ClassicBody>(body) {
        Ok(ClassicBody {
            exception: Some(exception),
        }) => KsefRefusal {
            status,
            detail: None,
            errors: exception
                .exception_detail_list
                .unwrap_or_default()
                .into_iter()
                .map(|item| KsefErrorItem {
                    code: item.exception_code.unwrap_or_default(),
                    description: item.exception_description.unwrap_or_default(),
                    details: item.details.unwrap_or_default(),
                })
                .collect(),
            reason_code: None,
            trace_id: exception.service_code,
            retry_after,
        },
        _ => match serde_json::from_slice::<Problem>(body) {
            Ok(problem) if problem.is_one() => KsefRefusal {
                status,
                detail: problem.detail.or(problem.title),
                errors: problem
                    .errors
                    .unwrap_or_default()
                    .into_iter()
                    .map(
                        |ApiError {
                             code,
                             description,
                             details,
                         }| KsefErrorItem {
                            code: code.unwrap_or_default(),
                            description: description.unwrap_or_default(),
                            details: details.unwrap_or_default(),
                        },
                    )
                    .collect(),
                reason_code: problem.reason_code,
                trace_id: problem.trace_id,
                retry_after,
            },
            _ => {
                return ClientError::Http {
                    status,
                    retry_after,
                };
            }
        },
    };
    ClientError::Ksef(Box::new(refusal))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>, body: &str) -> Answer {
        Answer {
            status,
            retry_after: retry_after.map(str::to_owned),
            system_warning: None,
            storage_hash: None,
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    fn error(status: u16, body: &str) -> ClientError {
        answer(status, None, body).checked().err().unwrap()
    }

    #[test]
    fn the_classic_exception_is_read() {
        let body = r#"{"exception":{"exceptionDetailList":[{"exceptionCode":21405,
            "exceptionDescription":"Błąd walidacji.","details":["a","b"],"new":1}],
            "referenceNumber":null,"serviceCode":"00-c02c","timestamp":"2025-10-11T12:23:56.0154302"}}"#;
        let ClientError::Ksef(refusal) = error(400, body) else {
            panic!("no refusal");
        };
        assert_eq!(refusal.code(), Some(21_405));
        assert_eq!(refusal.errors[0].details, ["a", "b"]);
        assert_eq!(refusal.trace_id.as_deref(), Some("00-c02c"));
    }

    #[test]
    fn problem_details_are_read_with_all_their_errors() {
        let body = r#"{"title":"Bad Request","status":400,"instance":"/x","detail":"Żądanie jest nieprawidłowe.",
            "errors":[{"code":21157,"description":"Rozmiar.","details":null},{"code":21161,"description":"Liczba."}],
            "timestamp":"2025-07-11T12:23:56.0154302+00:00","traceId":"6738"}"#;
        let ClientError::Ksef(refusal) = error(400, body) else {
            panic!("no refusal");
        };
        let codes: Vec<i64> = refusal.errors.iter().map(|error| error.code).collect();
        assert_eq!(codes, [21_157, 21_161]);
        assert_eq!(refusal.description(), Some("Rozmiar."));
    }

    #[test]
    fn a_denial_carries_its_reason() {
        let body = r#"{"title":"Forbidden","status":403,"detail":"Brak uprawnień.","reasonCode":"missing-permissions",
            "security":{"requiredAnyOfPermissions":["InvoiceWrite"]}}"#;
        let ClientError::Ksef(refusal) = error(403, body) else {
            panic!("no refusal");
        };
        assert_eq!(refusal.reason_code.as_deref(), Some("missing-permissions"));
        assert_eq!(refusal.code(), None);
        assert_eq!(refusal.description(), Some("Brak uprawnień."));
    }

    #[test]
    fn what_is_no_body_of_the_contract_is_a_bare_status() {
        for body in [
            "<html>Bad Gateway</html>",
            "",
            "{}",
            "[1]",
            "{\"exception\":null}",
            "{\"tit",
        ] {
            assert!(
                matches!(error(502, body), ClientError::Http { status: 502, .. }),
                "{body}"
            );
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: Timestamp = "2026-11-22T20:00:00Z".parse().unwrap();
        for (text, seconds) in [
            (Some("30"), 30),
            (Some(" 7200 "), 7200),
            (Some("Sun, 22 Nov 2026 20:02:00 GMT"), 120),
            (Some("Sun, 22 Nov 2026 19:00:00 GMT"), 0),
            (Some("soon"), 30),
            (None, 30),
        ] {
            let wait = answer(429, text, "").retry_after(now);
            assert_eq!(wait, Duration::from_secs(seconds), "{text:?}");
        }
    }

    #[test]
    fn gone_and_rate_limited_are_told_apart() {
        assert!(matches!(error(410, "{}"), ClientError::Gone));
        assert!(matches!(error(429, ""), ClientError::RateLimited { .. }));
    }
}
