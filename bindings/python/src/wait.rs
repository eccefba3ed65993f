//! Waiting for long calls: on this thread, or for an event loop.

use std::future::Future;

use ksef_offline_ffi as ffi;
use pyo3::prelude::*;

use crate::error;
use crate::foreign::Raised;

/// Waits on this thread, without the interpreter lock. Ctrl-C, and what a progress callable raises, end the call.
pub(crate) fn blocking<T: Send>(
    py: Python<'_>,
    raised: Option<&Raised>,
    call: impl Future<Output = Result<T, ffi::KsefOfflineError>> + Send,
) -> PyResult<T> {
    let mut signal = None;
    let result = py.detach(|| {
        ffi::block_on(call, || {
            if raised.is_some_and(Raised::is_set) {
                return false;
            }
            // The method itself is not general enough in its lifetime.
            #[allow(clippy::redundant_closure_for_method_calls)]
            let checked = Python::attach(|py| py.check_signals());
            match checked {
                Ok(()) => true,
                Err(error) => {
                    signal = Some(error);
                    false
                }
            }
        })
    });
    if let Some(error) = signal.or_else(|| raised.and_then(Raised::take)) {
        return Err(error);
    }
    match result {
        Ok(Some(value)) => Ok(value),
        Ok(None) => Err(error::given_up(py)),
        Err(error) => Err(error::raised(py, error)),
    }
}

/// A call that an event loop waits for.
#[pyclass(frozen, name = "_Call", module = "ksef_offline")]
pub(crate) struct Call(ffi::Driven);

#[pymethods]
impl Call {
    /// Gives the call up.
    fn cancel(&self) {
        self.0.cancel();
    }
}

/// Begins a call and tells `done(value, exception)` of its end, on a thread of the library.
pub(crate) fn begin<T: Send + 'static>(
    py: Python<'_>,
    done: Py<PyAny>,
    raised: Option<Raised>,
    work: impl Future<Output = Result<T, ffi::KsefOfflineError>> + Send + 'static,
    give: impl for<'py> FnOnce(Python<'py>, T) -> PyResult<Bound<'py, PyAny>> + Send + 'static,
) -> PyResult<Call> {
    let call = async move {
        let result = work.await;
        // Where the interpreter is ending, nobody waits.
        Python::try_attach(|py| {
            let given = match (raised.as_ref().and_then(Raised::take), result) {
                (Some(error), _) => Err(error),
                (None, Ok(value)) => give(py, value),
                (None, Err(error)) => Err(error::raised(py, error)),
            };
            let told = match given {
                Ok(value) => done.call1(py, (value, py.None())),
                Err(error) => done.call1(py, (py.None(), error.into_value(py))),
            };
            // A loop that was closed meanwhile does not wait either.
            drop(told);
        });
    };
    match ffi::drive(call) {
        Ok(driven) => Ok(Call(driven)),
        Err(error) => Err(error::raised(py, error)),
    }
}
