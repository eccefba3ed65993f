//! Prints the verdict on many documents, one JSON line each: `{"valid":…,"errors":[codes],"warnings":[codes]}`.
//!
//! `verdict [--today YYYY-MM-DD] [--production] FILE…` judges files. Without files it reads documents from standard input,
//! each preceded by a line with its size in bytes; the conformance tests hand over thousands of them this way.
//!
//! `verdict --bench SECONDS FILE…` measures instead, on one core: how many bytes a second are read, judged, made into types,
//! written, and for comparison merely walked through by quick-xml. One JSON line each: `{"work":…,"bytes_per_second":…}`. `--only WORK`
//! measures one of them.

#![allow(clippy::disallowed_methods, reason = "a program reads files")]
#![allow(clippy::cast_precision_loss, reason = "rates are rounded anyway")]

use std::hint::black_box;
use std::io::{self, BufRead, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::civil::{Date, date};
use ksef_offline_core::invoice::validate::{Rules, Verdict, Violation, validate};
use ksef_offline_core::invoice::{Invoice, InvoiceDocument};
use quick_xml::Reader;
use quick_xml::events::Event;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut rules = Rules {
        enforce_nip_checksum: false,
        today: date(2050, 1, 1),
    };
    let mut files = Vec::new();
    let mut seconds = None;
    let mut only = None;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--production" => rules.enforce_nip_checksum = true,
            "--bench" => seconds = Some(arguments.next().unwrap_or_default().parse()?),
            "--only" => only = arguments.next(),
            "--today" => rules.today = arguments.next().unwrap_or_default().parse::<Date>()?,
            _ => files.push(argument),
        }
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    if let Some(seconds) = seconds {
        let documents: Result<Vec<Arc<[u8]>>, _> = files
            .iter()
            .map(|file| std::fs::read(file).map(Arc::from))
            .collect();
        let time = Duration::from_secs_f64(seconds);
        measure(&mut out, &documents?, time, only.as_deref(), &rules)?;
        return Ok(out.flush()?);
    }
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
            out.flush()?;
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

type Work<'a> = (&'static str, &'a dyn Fn(&Arc<[u8]>));

fn measure(
    out: &mut impl Write,
    documents: &[Arc<[u8]>],
    time: Duration,
    only: Option<&str>,
    rules: &Rules,
) -> io::Result<()> {
    let works: [Work<'_>; 7] = [
        ("quick-xml", &|bytes| events(bytes)),
        ("validate", &|bytes| drop(black_box(validate(bytes, rules)))),
        ("read", &|bytes| {
            drop(black_box(InvoiceDocument::read(Arc::clone(bytes))));
        }),
        ("read and validate", &|bytes| {
            drop(black_box(InvoiceDocument::read_and_validate(
                Arc::clone(bytes),
                rules,
            )));
        }),
        ("model", &|bytes| drop(black_box(Invoice::read(bytes)))),
        ("validate and model", &|bytes| {
            drop(black_box((validate(bytes, rules), Invoice::read(bytes))));
        }),
        ("model and write", &|bytes| {
            drop(black_box(
                Invoice::read(bytes).map(|invoice| invoice.write()),
            ));
        }),
    ];
    let size: usize = documents.iter().map(|bytes| bytes.len()).sum();
    let wanted = works
        .into_iter()
        .filter(|(name, _)| only.is_none_or(|only| only == *name));
    for (name, work) in wanted {
        let round = || documents.iter().for_each(work);
        let end = Instant::now() + time;
        // The quickest round is the one that nothing else on the machine has disturbed.
        let mut quickest = Duration::MAX;
        while Instant::now() < end {
            let begin = Instant::now();
            round();
            quickest = quickest.min(begin.elapsed());
        }
        let rate = size as f64 / quickest.as_secs_f64();
        writeln!(out, r#"{{"work":"{name}","bytes_per_second":{rate:.0}}}"#)?;
    }
    Ok(())
}

/// Walks through a document without looking at anything.
fn events(bytes: &[u8]) {
    let mut reader = Reader::from_str(core::str::from_utf8(bytes).unwrap_or_default());
    while let Ok(event) = reader.read_event() {
        if matches!(black_box(event), Event::Eof) {
            break;
        }
    }
}
