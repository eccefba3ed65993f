//! The bodies of errors: the classic exception and problem details.

use serde::Deserialize;

/// `ExceptionResponse`.
#[derive(Deserialize)]
pub(crate) struct ClassicBody {
    pub(crate) exception: Option<Exception>,
}

/// `ExceptionInfo`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Exception {
    pub(crate) exception_detail_list: Option<Vec<ExceptionDetails>>,
    pub(crate) service_code: Option<String>,
}

/// `ExceptionDetails`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ExceptionDetails {
    pub(crate) exception_code: Option<i64>,
    pub(crate) exception_description: Option<String>,
    pub(crate) details: Option<Vec<String>>,
}

/// All `…ProblemDetails` in one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Problem {
    pub(crate) title: Option<String>,
    pub(crate) detail: Option<String>,
    pub(crate) errors: Option<Vec<ApiError>>,
    pub(crate) reason_code: Option<String>,
    pub(crate) trace_id: Option<String>,
}

impl Problem {
    /// Every property is optional, so any JSON object would pass for one.
    pub(crate) fn is_one(&self) -> bool {
        self.title.is_some() || self.detail.is_some() || self.errors.is_some()
    }
}

/// `ApiError`.
#[derive(Deserialize)]
pub(crate) struct ApiError {
    pub(crate) code: Option<i64>,
    pub(crate) description: Option<String>,
    pub(crate) details: Option<Vec<String>>,
}
