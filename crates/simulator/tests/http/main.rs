//! The simulator over HTTP, asked by a client that is written from the contract alone.

#![expect(clippy::unwrap_used, reason = "what cannot go on fails the test")]

mod access;
mod sessions;
mod support;
