//! What a killed sender leaves behind: nothing lost, nothing sent twice.
//!
//! `CRASH_KILLS=500 cargo test -p ksef-offline-crash-tests -- --nocapture` kills by hand as often as one likes;
//! `CRASH_SEED` repeats a run, as far as timing lets it be repeated. `WORKER_COMPANIES=40 WORKER_INVOICES=500` gives the
//! eight workers 20 000 invoices.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dice;
mod kills;
mod two_senders;
mod workers;
mod world;
