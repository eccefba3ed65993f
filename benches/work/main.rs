//! The work of this library that `benches/compare` measures: one job a call, its figures as one JSON object on standard
//! output. Times are seconds; those of the processor are of this whole process.
//!
//! ```text
//! key p256|rsa2048 SECONDS FILE…    codes, and issuing of these invoices, beside the two operations of the key
//! pictures SECONDS                  two PNG codes with captions
//! batch HOME FOLDER                 invoices of a folder to a package, by a desk made at HOME
//! pack FOLDER OUT                   a package of a folder, in files; peak of the memory
//! stages FOLDER                     deflate, SHA-256 and AES alone on the invoices of a folder, and two signatures for each
//! growth HOME MOST                  time of an invoice, of a list and of a claim as the queue grows
//! start ROUNDS HOME PROGRAM         the program's start, a list of a full queue, `true`, and the opening of the database
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a measurement prints, and one that fails cannot go on"
)]
#![allow(unreachable_pub, reason = "a program has no outside")]

mod clock;
mod desk;
mod growth;
mod key;
mod package;
mod start;

use std::path::Path;

use serde_json::Value;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    println!("{}", run(&words));
}

fn run(words: &[&str]) -> Value {
    match words {
        ["key", kind, seconds, files @ ..] => key::measure(kind, seconds.parse().unwrap(), files),
        ["pictures", seconds] => key::pictures(seconds.parse().unwrap()),
        ["batch", home, folder] => desk::batch(Path::new(home), Path::new(folder)),
        ["pack", folder, out] => package::pack_folder(Path::new(folder), Path::new(out)),
        ["stages", folder] => package::stages(Path::new(folder)),
        ["growth", home, most] => growth::measure(Path::new(home), most.parse().unwrap()),
        ["start", rounds, home, program] => {
            start::measure(rounds.parse().unwrap(), Path::new(home), program)
        }
        _ => panic!("see the head of benches/work/main.rs"),
    }
}
