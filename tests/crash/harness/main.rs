//! What a killed sender leaves behind: nothing lost, nothing sent twice.
//!
//! `CRASH_ROUNDS=500 cargo test -p ksef-offline-crash-tests -- --nocapture` kills by hand as often as one likes;
//! `CRASH_SEED` repeats a run, as far as timing lets it be repeated.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod dice;
mod kills;
mod two_senders;
mod world;
