//! Prints the verdict on many documents, one JSON line each: `{"valid":…,"errors":[codes],"warnings":[codes]}`.
//!
//! `verdict [--today YYYY-MM-DD] [--production] FILE…` judges files. Without files it reads documents from standard input,
//! each preceded by a line with its size in bytes; the conformance tests hand over thousands of them this way.

#![allow(clippy::disallowed_methods, reason = "a program reads files")]

use std::io::{self, BufRead, Read, Write};

use jiff::civil::{Date, date};
use ksef_offline_core::invoice::validate::{Rules, Verdict, Violation, validate};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut rules = Rules {
        enforce_nip_checksum: false,
        today: date(2050, 1, 1),
    };
    let mut files = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--production" => rules.enforce_nip_checksum = true,
            "--today" => rules.today = arguments.next().unwrap_or_default().parse::<Date>()?,
            _ => files.push(argument),
        }
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    for file in &files {
        print(&mut out, &validate(&std::fs::read(file)?, &rules))?;
    }
    if files.is_empty() {
        let mut input = io::stdin().lock();
        let mut size = String::new();
        while input.read_line(&mut size)? > 0 {
            let mut document = vec![0; size.trim().parse()?];
            input.read_exact(&mut document)?;
            print(&mut out, &validate(&document, &rules))?;
            size.clear();
        }
    }
    Ok(out.flush()?)
}

fn print(out: &mut impl Write, verdict: &Verdict) -> io::Result<()> {
    writeln!(
        out,
        r#"{{"valid":{},"errors":[{}],"warnings":[{}]}}"#,
        verdict.is_valid(),
        codes(&verdict.errors),
        codes(&verdict.warnings),
    )
}

/// Codes are plain ASCII and need no escaping.
fn codes(violations: &[Violation]) -> String {
    let quoted: Vec<_> = violations
        .iter()
        .map(|violation| format!("\"{}\"", violation.code))
        .collect();
    quoted.join(",")
}
