//! Refusals of the API, and how they are written: classic `exception`, or problem details where the caller asks for
//! them or the contract knows nothing else.

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::random::RandomError;
use serde_json::{Value, json};

use crate::clock::instant;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError(Box<Refusal>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Refusal {
    /// 400 with an exception code.
    Request {
        code: u32,
        description: &'static str,
        details: Vec<String>,
    },
    /// 401: no token, a wrong or an expired one.
    Unauthorized(&'static str),
    /// 403 with its reason code.
    Forbidden {
        reason: &'static str,
        detail: &'static str,
    },
    /// 429 with the seconds to wait.
    TooMany { retry_after: u64 },
    /// 503 while KSeF is down.
    Unavailable { retry_after: Option<u64> },
    /// The simulator itself failed.
    Internal(&'static str),
}

impl ApiError {
    /// A 400 with one of KSeF's exception codes.
    pub(crate) fn code(code: u32, details: impl Into<Option<String>>) -> Self {
        Self(Box::new(Refusal::Request {
            code,
            description: description(code),
            details: details.into().into_iter().collect(),
        }))
    }

    /// The body or a parameter breaks the contract (21405).
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::code(21405, detail.into())
    }

    pub(crate) fn unauthorized(detail: &'static str) -> Self {
        Self(Box::new(Refusal::Unauthorized(detail)))
    }

    pub(crate) fn forbidden(reason: &'static str, detail: &'static str) -> Self {
        Self(Box::new(Refusal::Forbidden { reason, detail }))
    }

    pub(crate) fn too_many(retry_after: u64) -> Self {
        Self(Box::new(Refusal::TooMany { retry_after }))
    }

    pub(crate) fn unavailable(retry_after: Option<u64>) -> Self {
        Self(Box::new(Refusal::Unavailable { retry_after }))
    }

    pub(crate) fn internal(detail: &'static str) -> Self {
        Self(Box::new(Refusal::Internal(detail)))
    }

    fn status(&self) -> StatusCode {
        match *self.0 {
            Refusal::Request { .. } => StatusCode::BAD_REQUEST,
            Refusal::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Refusal::Forbidden { .. } => StatusCode::FORBIDDEN,
            Refusal::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Refusal::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Refusal::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Writes the refusal for a request with these headers and this path.
    pub(crate) fn render(
        &self,
        request: &HeaderMap,
        path: &str,
        now: Timestamp,
        trace_id: &str,
    ) -> Response {
        let wants_problem = request
            .get("x-error-format")
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"problem-details"));
        let classic = match &*self.0 {
            Refusal::Request { .. } | Refusal::TooMany { .. } if !wants_problem => {
                Some(self.classic(now))
            }
            _ => None,
        };
        let (content_type, body) = match classic {
            Some(body) => ("application/json; charset=utf-8", body),
            None => (
                "application/problem+json",
                self.problem(path, now, trace_id),
            ),
        };
        let mut response = (self.status(), Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Refusal::TooMany {
            retry_after: seconds,
        }
        | Refusal::Unavailable {
            retry_after: Some(seconds),
        } = *self.0
        {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }

    fn classic(&self, now: Timestamp) -> Value {
        match &*self.0 {
            Refusal::Request {
                code,
                description,
                details,
            } => json!({
                "exception": {
                    "exceptionDetailList": [{
                        "exceptionCode": code,
                        "exceptionDescription": description,
                        "details": details,
                    }],
                    "serviceName": "simulator",
                    "timestamp": instant(now),
                }
            }),
            _ => json!({
                "status": {
                    "code": self.status().as_u16(),
                    "description": "Too Many Requests",
                    "details": [self.detail()],
                }
            }),
        }
    }

    fn problem(&self, path: &str, now: Timestamp, trace_id: &str) -> Value {
        let status = self.status();
        let mut body = json!({
            "title": status.canonical_reason().unwrap_or_default(),
            "status": status.as_u16(),
            "instance": path,
            "detail": self.detail(),
            "timestamp": instant(now),
            "traceId": trace_id,
        });
        match &*self.0 {
            Refusal::Request {
                code,
                description,
                details,
            } => {
                body["errors"] =
                    json!([{ "code": code, "description": description, "details": details }]);
            }
            Refusal::Forbidden { reason, .. } => body["reasonCode"] = json!(reason),
            _ => {}
        }
        body
    }

    fn detail(&self) -> String {
        match &*self.0 {
            Refusal::Request { .. } => "Żądanie jest nieprawidłowe.".into(),
            Refusal::Unauthorized(detail)
            | Refusal::Forbidden { detail, .. }
            | Refusal::Internal(detail) => (*detail).into(),
            Refusal::TooMany { retry_after } => {
                format!("Przekroczono limit żądań. Spróbuj ponownie za {retry_after} s.")
            }
            Refusal::Unavailable { .. } => "Usługa jest niedostępna.".into(),
        }
    }
}

/// The refusal travels beside an empty body; the outermost layer, which knows the request, writes it.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<RandomError> for ApiError {
    fn from(error: RandomError) -> Self {
        tracing::error!(code = error.code(), "no random bytes");
        Self::internal("Źródło losowości nie odpowiada.")
    }
}

/// What each exception code of the contract stands for.
fn description(code: u32) -> &'static str {
    match code {
        9101 => "Dokument jest nieprawidłowy.",
        9102 => "Dokument nie jest podpisany.",
        9103 => "Dokument ma za dużo podpisów.",
        9105 => "Podpis jest nieprawidłowy.",
        21001 => "Treści żądania nie da się odczytać.",
        21111 => "Wyzwanie autoryzacyjne jest nieprawidłowe.",
        21115 => "Certyfikat jest nieprawidłowy.",
        21117 => "Identyfikator podmiotu nie pasuje do typu kontekstu.",
        21155 => "W sesji jest za dużo faktur.",
        21157 => "Rozmiar części paczki jest nieprawidłowy.",
        21161 => "Paczka ma za dużo części.",
        21164 => "Nie ma faktury o tym numerze KSeF.",
        21166 => "Korekta techniczna nie jest możliwa.",
        21167 => "Stan faktury nie pozwala na korektę techniczną.",
        21173 => "Nie ma sesji o tym numerze referencyjnym.",
        21178 => "Nie ma UPO dla tych kryteriów.",
        21180 => "Stan sesji nie pozwala na tę operację.",
        21205 => "Części paczki nie przesłano.",
        21208 => "Czas na przesłanie części minął.",
        21301 => "Brak autoryzacji.",
        21304 => "Brak uwierzytelnienia.",
        21401 => "Dokument nie jest zgodny ze schematem.",
        21402 => "Rozmiar pliku jest nieprawidłowy.",
        21403 => "Skrót pliku jest nieprawidłowy.",
        21405 => "Dane wejściowe są nieprawidłowe.",
        21418 => "Token kontynuacji ma nieprawidłowy format.",
        21470 => "Klucz o tym identyfikatorze jest nieznany lub wycofany.",
        25001 => "Ten sposób uwierzytelnienia nie daje danych do wniosku.",
        25002 => "Ten sposób uwierzytelnienia nie pozwala złożyć wniosku.",
        25003 => "Dane we wniosku różnią się od danych z uwierzytelnienia.",
        25004 => "Format albo podpis wniosku jest nieprawidłowy.",
        25005 => "Nie ma wniosku o tym numerze referencyjnym.",
        25006 => "Limit wniosków jest wyczerpany.",
        25007 => "Limit certyfikatów jest wyczerpany.",
        25008 => "Nie ma certyfikatu o tym numerze seryjnym.",
        25009 => "Certyfikat jest już nieważny, zablokowany lub odwołany.",
        25010 => "Rodzaj lub długość klucza jest nieprawidłowa.",
        25011 => "Algorytm podpisu wniosku jest nieprawidłowy.",
        26002 => "W tym typie kontekstu nie można utworzyć tokena.",
        _ => "Żądanie jest nieprawidłowe.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn rendered(
        error: &ApiError,
        header: Option<&'static str>,
    ) -> (StatusCode, String, Value) {
        let mut request = HeaderMap::new();
        if let Some(value) = header {
            request.insert("X-Error-Format", HeaderValue::from_static(value));
        }
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        let response = error.render(&request, "/v2/sessions", now, "trace");
        let status = response.status();
        let content_type = response.headers()[CONTENT_TYPE]
            .to_str()
            .unwrap()
            .to_owned();
        let body = axum::body::to_bytes(response.into_body(), 10_000)
            .await
            .unwrap();
        (status, content_type, serde_json::from_slice(&body).unwrap())
    }

    #[tokio::test]
    async fn a_refusal_is_classic_unless_problem_details_are_asked_for() {
        let error = ApiError::code(21173, String::from("detail"));
        let (status, content_type, body) = rendered(&error, None).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(content_type.starts_with("application/json"));
        assert_eq!(
            body["exception"]["exceptionDetailList"][0]["exceptionCode"],
            21173
        );
        let (_, content_type, body) = rendered(&error, Some("problem-details")).await;
        assert_eq!(content_type, "application/problem+json");
        assert_eq!(body["errors"][0]["details"][0], "detail");
        assert_eq!(body["instance"], "/v2/sessions");
    }

    #[tokio::test]
    async fn missing_rights_are_always_problem_details() {
        let (status, content_type, body) = rendered(&ApiError::unauthorized("x"), None).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED);
        assert_eq!(content_type, "application/problem+json");
        assert_eq!(body["status"], 401);
        let (_, _, body) = rendered(&ApiError::forbidden("missing-permissions", "x"), None).await;
        assert_eq!(body["reasonCode"], "missing-permissions");
    }
}
