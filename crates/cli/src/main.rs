//! The command line of ksef-offline.
fn main() {}
