//! The one exception.

use ksef_offline_ffi as ffi;
use pyo3::create_exception;
use pyo3::exceptions::PyException;
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::foreign;
use crate::generated::PyFault;

create_exception!(
    ksef_offline,
    KsefOfflineError,
    PyException,
    "Why a call did not do what it was asked to.\n\n\
     `code` is stable and for programs, `polish` and `english` are for people; `retryable` says whether the same call \
     can succeed when it is made again, and `retry_after_seconds` after how many seconds, or None. `details` holds a \
     `Fault` for everything that is wrong with a document that was refused."
);

/// The exception that stands for `error`, its fields as attributes; what a foreign key raised is its cause.
pub(crate) fn raised(py: Python<'_>, error: ffi::KsefOfflineError) -> PyErr {
    let text = error.to_string();
    let cause = foreign::take_cause(&error);
    if let Some(cause) = &cause
        && !cause.is_instance_of::<PyException>(py)
    {
        // Ctrl-C or an exit while the key was asked: that is what happened, not a failure to sign.
        return cause.clone_ref(py);
    }
    let exception = KsefOfflineError::new_err(text);
    match told(&exception, py, error) {
        Ok(()) => {
            if cause.is_some() {
                exception.set_cause(py, cause);
            }
            exception
        }
        Err(fault) => fault,
    }
}

fn told(exception: &PyErr, py: Python<'_>, error: ffi::KsefOfflineError) -> PyResult<()> {
    let ffi::KsefOfflineError::Refused {
        code,
        polish,
        english,
        retryable,
        retry_after_seconds,
        details,
    } = error;
    let faults = details.into_iter().map(PyFault);
    let faults: Vec<Bound<'_, PyFault>> = faults
        .map(|fault| Bound::new(py, fault))
        .collect::<PyResult<_>>()?;
    let value = exception.value(py);
    value.setattr("code", code)?;
    value.setattr("polish", polish)?;
    value.setattr("english", english)?;
    value.setattr("retryable", retryable)?;
    value.setattr("retry_after_seconds", retry_after_seconds)?;
    value.setattr("details", PyList::new(py, faults)?)
}

/// A text that is none of a closed set.
pub(crate) fn unknown(py: Python<'_>, set: &str, values: &str) -> PyErr {
    let error = ffi::KsefOfflineError::argument(
        "value-unknown",
        &format!("{set} to jedno z: {values}"),
        &format!("{set} is one of: {values}"),
    );
    raised(py, error)
}

/// An object that was closed.
pub(crate) fn closed(py: Python<'_>) -> PyErr {
    let error = ffi::KsefOfflineError::argument(
        "closed",
        "zamknięto; otwórz na nowo",
        "it is closed; open it again",
    );
    raised(py, error)
}

/// A call that was given up.
pub(crate) fn given_up(py: Python<'_>) -> PyErr {
    let error = ffi::KsefOfflineError::argument(
        "interrupted",
        "przerwano; nic nie zginęło, następne wywołanie dokończy pracę",
        "interrupted; nothing is lost, the next call goes on",
    );
    raised(py, error)
}
