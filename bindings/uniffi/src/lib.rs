//! The library that Kotlin and Swift load. All of it stands in `ksef-offline-ffi`; a library exports nothing of another
//! crate by itself, so the scaffolding is named here.

ksef_offline_ffi::uniffi_reexport_scaffolding!();
