//! The module `ksef_offline._native`: the facade as Python calls it.
//!
//! Types are turned into Python's and back here, and nothing else happens: no rule about invoices lives in a binding.

use ksef_offline_ffi as ffi;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyDate;

create_exception!(
    ksef_offline,
    KsefOfflineError,
    PyException,
    "Why a call did not do what it was asked to.\n\n\
     `code` is stable and for programs, `polish` and `english` are for people; `retryable` says whether the same call \
     can succeed when it is made again, and `retry_after_seconds` after how many seconds, or None."
);

/// Until when an invoice has to reach KSeF, and why.
#[pyclass(frozen, eq, hash, module = "ksef_offline")]
#[derive(PartialEq, Eq, Hash)]
struct Deadline(ffi::Deadline);

#[pymethods]
impl Deadline {
    /// `due`, `open` (no last day is known yet), `lifted` (a total failure came) or `not-required`.
    #[getter]
    fn state(&self) -> &str {
        match self.0.state {
            ffi::DeadlineState::Due => "due",
            ffi::DeadlineState::Open => "open",
            ffi::DeadlineState::Lifted => "lifted",
            ffi::DeadlineState::NotRequired => "not-required",
        }
    }

    /// The last day in Warsaw; there is one exactly when the state is `due`.
    #[getter]
    fn due<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let parse = |due| {
            py.get_type::<PyDate>()
                .call_method1("fromisoformat", (due,))
        };
        self.0.due.as_ref().map(parse).transpose()
    }

    /// The article of the VAT Act that rules the mode, for example `art. 106nda`.
    #[getter]
    fn basis(&self) -> &str {
        &self.0.basis
    }

    /// Which outages and days were counted, in Polish.
    #[getter]
    fn explanation_polish(&self) -> &str {
        &self.0.explanation.polish
    }

    /// The same in English.
    #[getter]
    fn explanation_english(&self) -> &str {
        &self.0.explanation.english
    }

    /// Whether an invoice that missed its last day is still sent: by law yes, by the policy `seven-days` no.
    #[getter]
    fn sent_after_due(&self) -> bool {
        self.0.sent_after_due
    }

    fn __repr__(&self) -> String {
        let due = self.0.due.as_deref().unwrap_or("None");
        format!("<Deadline {} due={due} {}>", self.state(), self.0.basis)
    }
}

/// The version of the library.
#[pyfunction]
fn version() -> String {
    ffi::version()
}

/// The link of CODE I of the invoice with exactly these bytes.
///
/// `environment` is `test`, `demo` or `production`; `issue_date` is P_1 of the invoice, never today's date. Only the
/// bytes are hashed: whether they are an invoice of this seller and this day is not looked at. Raises KsefOfflineError
/// with code `environment-unknown`, `date-malformed` (a datetime is no date) or one of a malformed NIP.
#[pyfunction]
fn code_one_link(
    py: Python<'_>,
    environment: String,
    seller_nip: String,
    issue_date: &Bound<'_, PyDate>,
    invoice: Vec<u8>,
) -> PyResult<String> {
    let issue_date = day(issue_date)?;
    let environment = match environment.as_str() {
        "test" => ffi::Environment::Test,
        "demo" => ffi::Environment::Demo,
        "production" => ffi::Environment::Production,
        _ => return Err(unknown(py, "environment-unknown")),
    };
    py.detach(|| ffi::code_one_link(environment, seller_nip, issue_date, invoice))
        .map_err(|error| raised(py, error))
}

/// The deadline of an invoice issued offline on the day `issued`, as far as it is known at this moment.
///
/// `mode` is `offline24`, `unavailability`, `emergency` or `total-failure`; `policy` is `statutory` or `seven-days`.
/// `outages_json` is the JSON array that Latarnia answers to `GET /messages`, None where nothing was announced. Raises
/// KsefOfflineError with code `mode-unknown`, `date-malformed` (a datetime is no date), `policy-unknown` or
/// `outages-malformed`.
#[pyfunction]
#[pyo3(signature = (mode, issued, outages_json=None, policy=None))]
fn deadline(
    py: Python<'_>,
    mode: String,
    issued: &Bound<'_, PyDate>,
    outages_json: Option<String>,
    policy: Option<String>,
) -> PyResult<Deadline> {
    let issued = day(issued)?;
    let mode = match mode.as_str() {
        "offline24" => ffi::OfflineMode::Offline24,
        "unavailability" => ffi::OfflineMode::Unavailability,
        "emergency" => ffi::OfflineMode::Emergency,
        "total-failure" => ffi::OfflineMode::TotalFailure,
        _ => return Err(unknown(py, "mode-unknown")),
    };
    let policy = match policy.as_deref() {
        None => None,
        Some("statutory") => Some(ffi::DeadlinePolicy::Statutory),
        Some("seven-days") => Some(ffi::DeadlinePolicy::SevenDays),
        Some(_) => return Err(unknown(py, "policy-unknown")),
    };
    let options = ffi::DeadlineOptions {
        outages_json,
        policy,
    };
    py.detach(|| ffi::deadline(mode, issued, options))
        .map(Deadline)
        .map_err(|error| raised(py, error))
}

/// The day as the facade reads it. A datetime brings its hour along and is refused there.
fn day(date: &Bound<'_, PyDate>) -> PyResult<String> {
    date.call_method0("isoformat")?.extract()
}

fn unknown(py: Python<'_>, code: &str) -> PyErr {
    let error = ffi::KsefOfflineError::argument(code, "nieznana nazwa", "an unknown name");
    raised(py, error)
}

/// The exception that stands for `error`, its fields as attributes.
fn raised(py: Python<'_>, error: ffi::KsefOfflineError) -> PyErr {
    let text = error.to_string();
    let ffi::KsefOfflineError::Refused {
        code,
        polish,
        english,
        retryable,
        retry_after_seconds,
        ..
    } = error;
    let exception = KsefOfflineError::new_err(text);
    let value = exception.value(py);
    let told = value
        .setattr("code", code)
        .and_then(|()| value.setattr("polish", polish))
        .and_then(|()| value.setattr("english", english))
        .and_then(|()| value.setattr("retryable", retryable))
        .and_then(|()| value.setattr("retry_after_seconds", retry_after_seconds));
    match told {
        Ok(()) => exception,
        Err(fault) => fault,
    }
}

/// The part of `ksef_offline` written in Rust.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add(
        "KsefOfflineError",
        module.py().get_type::<KsefOfflineError>(),
    )?;
    module.add_class::<Deadline>()?;
    module.add_function(wrap_pyfunction!(version, module)?)?;
    module.add_function(wrap_pyfunction!(code_one_link, module)?)?;
    module.add_function(wrap_pyfunction!(deadline, module)?)
}
