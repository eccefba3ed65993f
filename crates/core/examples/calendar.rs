//! Prints the Polish business calendar: `calendar FROM TO` gives a line for every day from FROM to TO, both included:
//! the day, whether it is a business day, and the seventh business day after it.
//!
//! The conformance tests compare this with a calendar that is not ours.

#![allow(clippy::print_stdout, clippy::print_stderr)] // A program prints.

use std::process::ExitCode;

use jiff::ToSpan as _;
use jiff::civil::Date;
use ksef_offline_core::deadline::calendar::{is_business_day, nth_business_day_after};

fn main() -> ExitCode {
    let arguments: Vec<Date> = std::env::args()
        .skip(1)
        .filter_map(|argument| argument.parse().ok())
        .collect();
    let [from, to] = arguments[..] else {
        eprintln!("usage: calendar FROM TO, both YYYY-MM-DD");
        return ExitCode::from(2);
    };
    for day in from.series(1.day()).take_while(|day| *day <= to) {
        println!(
            "{day} {} {}",
            is_business_day(day),
            nth_business_day_after(day, 7)
        );
    }
    ExitCode::SUCCESS
}
