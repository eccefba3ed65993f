//! Python objects that the library calls: keys and progress callables.

use std::sync::{Arc, Mutex, PoisonError};

use ksef_offline_ffi::{self as ffi, SigningFault};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::convert;
use crate::generated::{PyProgress, signature_algorithm_name};

/// What a progress callable raised: it ends the call it listens to, and is raised there.
#[derive(Clone, Default)]
pub(crate) struct Raised(Arc<Mutex<Option<PyErr>>>);

impl Raised {
    pub(crate) fn is_set(&self) -> bool {
        self.slot().is_some()
    }

    pub(crate) fn take(&self) -> Option<PyErr> {
        self.slot().take()
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<PyErr>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Listener {
    callable: Py<PyAny>,
    raised: Raised,
}

impl ffi::ProgressListener for Listener {
    fn progressed(&self, progress: ffi::Progress) {
        if self.raised.is_set() {
            return;
        }
        Python::try_attach(|py| {
            let told = Bound::new(py, PyProgress(progress))
                .and_then(|progress| self.callable.call1(py, (progress,)));
            if let Err(error) = told {
                *self.raised.slot() = Some(error);
            }
        });
    }
}

pub(crate) fn listener_in(
    value: &Bound<'_, PyAny>,
    raised: &Raised,
) -> PyResult<Arc<dyn ffi::ProgressListener>> {
    if !value.is_callable() {
        return Err(PyTypeError::new_err(
            "progress is something that can be called",
        ));
    }
    Ok(Arc::new(Listener {
        callable: value.clone().unbind(),
        raised: raised.clone(),
    }))
}

struct Key(Py<PyAny>);

/// The last thing a key raised, with the words by which the error that follows is known. A call may sign on another
/// thread than the one that raises.
static CAUSE: Mutex<Option<(String, PyErr)>> = Mutex::new(None);

/// What a key raised that led to `error`.
pub(crate) fn take_cause(error: &ffi::KsefOfflineError) -> Option<PyErr> {
    let ffi::KsefOfflineError::Refused { code, english, .. } = error;
    if code != "signer-failed" {
        return None;
    }
    let mut cause = CAUSE.lock().unwrap_or_else(PoisonError::into_inner);
    cause
        .take_if(|(words, _)| english.contains(words.as_str()))
        .map(|(_, error)| error)
}

impl ffi::SigningKey for Key {
    fn sign(
        &self,
        algorithm: ffi::SignatureAlgorithm,
        bytes: Vec<u8>,
    ) -> Result<Vec<u8>, SigningFault> {
        let signed = Python::try_attach(|py| {
            let name = signature_algorithm_name(algorithm);
            let given = self
                .0
                .call_method1(py, "sign", (name, PyBytes::new(py, &bytes)));
            given
                .and_then(|signature| convert::bytes_in(signature.bind(py)))
                .map_err(|error| {
                    let reason = error.to_string();
                    let mut cause = CAUSE.lock().unwrap_or_else(PoisonError::into_inner);
                    *cause = Some((reason.clone(), error));
                    SigningFault::Failed { reason }
                })
        });
        signed.unwrap_or_else(|| {
            Err(SigningFault::Missing {
                reason: "Python is ending".to_owned(),
            })
        })
    }
}

pub(crate) fn key_in(value: &Bound<'_, PyAny>) -> PyResult<Arc<dyn ffi::SigningKey>> {
    if !value.getattr("sign").is_ok_and(|sign| sign.is_callable()) {
        return Err(PyTypeError::new_err(
            "a key has a method sign(algorithm, data)",
        ));
    }
    Ok(Arc::new(Key(value.clone().unbind())))
}
