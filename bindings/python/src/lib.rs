//! The module `ksef_offline._native`: the facade as Python calls it.
//!
//! Its classes and functions are written by `build/` from the source of the facade. Types are turned into Python's and back
//! here, and nothing else happens: no rule about invoices lives in a binding.

mod convert;
mod error;
mod foreign;
mod wait;

use pyo3::prelude::*;

#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::unwrap_used,
    missing_docs,
    dead_code,
    unused_parens,
    unused_variables,
    unused_qualifications,
    unreachable_pub
)]
mod generated {
    use std::sync::Arc;

    use ksef_offline_ffi as ffi;
    use pyo3::prelude::*;
    use pyo3::types::{PyBool, PyBytes, PyString, PyTuple};

    use crate::{convert, error, foreign, wait};

    include!(concat!(env!("OUT_DIR"), "/generated.rs"));
}

/// The part of `ksef_offline` written in Rust.
#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let exception = module.py().get_type::<error::KsefOfflineError>();
    module.add("KsefOfflineError", exception)?;
    generated::register(module)
}
