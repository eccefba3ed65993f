//! The facade of ksef-offline in types that cross languages: strings, numbers, bytes, and records of them.
//!
//! Every function, record and error that another language sees is described here once. `bindings/python` wraps them by
//! hand; with the feature `uniffi` they carry the derives that Kotlin and Swift are generated from. A binding holds no
//! rule of its own: what is missing there is added here.
//!
//! Dates are `YYYY-MM-DD`, closed sets are their stable kebab-case names. They come in as text and are parsed in a
//! function that can refuse them, because a generated binding cannot refuse an argument.

mod code;
mod deadline;
mod error;

pub use code::code_one_link;
pub use deadline::{Deadline, deadline};
pub use error::KsefOfflineError;

#[cfg(feature = "uniffi")]
uniffi::setup_scaffolding!("ksef_offline");

/// The version of this library, for example `0.1.0`.
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}
