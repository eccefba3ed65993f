//! How much memory reading, judging and writing an invoice take, as a multiple of the document: the peak of what is
//! allocated, the document itself included, counted by the allocator.
//!
//!     cargo bench -p ksef-offline-benches --bench memory
//!
//! Exact and repeatable: no clock, no other process has a part in it. Ends with an error if a goal is missed.
#![allow(clippy::print_stdout, reason = "the table is what it is for")]
#![allow(clippy::cast_precision_loss, reason = "ratios are rounded anyway")]

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

use allocation_counter::measure;
use jiff::civil::date;
use ksef_offline_core::invoice::validate::{Rules, validate};
use ksef_offline_core::invoice::{Invoice, InvoiceDocument};

/// The most that reading, the verdict and the model may take.
const GOAL: f64 = 6.0;
const RULES: Rules = Rules {
    enforce_nip_checksum: true,
    today: date(2050, 1, 1),
};

fn main() -> ExitCode {
    // What is made once for all documents is no part of one.
    black_box(validate(&ksef_offline_benches::invoice(), &RULES));
    println!("Peak of the heap, the document included, as a multiple of the document's size");
    println!(
        "{:<44}{:>9}{:>9}{:>9}{:>9}{:>9}{:>9}",
        "", "kB", "verdict", "read +", "model", "all", "write"
    );
    println!("{:<44}{:>18}{:>9}", "", "", "verdict");
    let mut all_met = true;
    for (name, document) in documents() {
        let row = Row::of(&document);
        println!(
            "{name:<44}{:>9}{:>9.2}{:>9.2}{:>9.2}{:>9.2}{:>9.2}",
            document.len() / 1000,
            row.verdict,
            row.read_and_verdict,
            row.model,
            row.all,
            row.write
        );
        all_met &= row.verdict.max(row.read_and_verdict).max(row.all) <= GOAL;
    }
    println!(
        "The goal is at most {GOAL} for everything but writing: {}",
        if all_met { "met" } else { "MISSED" }
    );
    if all_met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

struct Row {
    verdict: f64,
    read_and_verdict: f64,
    /// The typed invoice alone.
    model: f64,
    /// Reading, the verdict, and the model with its layout, all kept.
    all: f64,
    /// From the model to bytes.
    write: f64,
}

impl Row {
    fn of(document: &[u8]) -> Self {
        let bytes: Arc<[u8]> = document.into();
        let model = Invoice::read(document).ok();
        let ratio = |work: &dyn Fn()| 1.0 + measure(work).bytes_max as f64 / document.len() as f64;
        Self {
            verdict: ratio(&|| drop(black_box(validate(&bytes, &RULES)))),
            read_and_verdict: ratio(&|| {
                drop(black_box(InvoiceDocument::read_and_validate(
                    Arc::clone(&bytes),
                    &RULES,
                )));
            }),
            model: ratio(&|| drop(black_box(Invoice::read(&bytes)))),
            all: ratio(&|| {
                let judged = InvoiceDocument::read_and_validate(Arc::clone(&bytes), &RULES);
                let model = Invoice::read_with_layout(&bytes);
                drop(black_box((judged, model)));
            }),
            write: ratio(&|| drop(black_box(model.as_ref().map(Invoice::write)))),
        }
    }
}

/// Documents of nearly the largest size, ordinary, odd and broken.
fn documents() -> Vec<(&'static str, Vec<u8>)> {
    let attachment = text(ksef_offline_benches::large_invoice());
    let small_attachment = text(ksef_offline_benches::invoice_with_attachment(250_000));
    let lines = text(ksef_offline_benches::many_lines());
    let cut = attachment.floor_char_boundary(attachment.len() / 2);
    vec![
        ("attachment", attachment.clone()),
        ("  without white space", without_indentation(&attachment)),
        (
            "  with a declaration below the root",
            attachment.replacen("<Fa>", "<Fa xmlns:a=\"urn:a\">", 1),
        ),
        ("  with CR LF", attachment.replacen('\n', "\r\n", 40_000)),
        (
            "  with references in the cells",
            attachment.replace("<WKom>4", "<WKom>&#52;"),
        ),
        ("  cut off in the middle", attachment[..cut].to_owned()),
        (
            "  malformed at the end",
            attachment.replace("</Zalacznik>", "</Zalacznix>"),
        ),
        (
            "  of another namespace",
            attachment.replace("2025/06/25/13775", "2025/06/25/13776"),
        ),
        (
            "  every cell too long",
            small_attachment.replace("</WKom>", &format!("{}</WKom>", "x".repeat(260))),
        ),
        (
            "  every cell out of place",
            attachment.replace("WKom>", "P_7B>"),
        ),
        ("lines", lines.clone()),
        (
            "  irregularly indented",
            lines.replace("\n    <", "\n     <"),
        ),
        ("  each with a warning", lines.replace("<P_11>5", "<P_11>6")),
        (
            "  each with several errors",
            lines
                .replace("<P_11>", "<P_11>x")
                .replace("<P_12>", "<P_12>x"),
        ),
        ("unknown elements instead of lines", filled(&lines, "<x/>")),
        (
            "namespaces declared everywhere",
            filled(&lines, "<x xmlns:a='u'/><x xmlns:b='u'/>"),
        ),
        ("empty lines", filled(&lines, "<FaWiersz/>")),
    ]
    .into_iter()
    .map(|(name, text)| (name, text.into_bytes()))
    .collect()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

fn without_indentation(text: &str) -> String {
    text.lines().map(str::trim_start).collect()
}

/// The invoice with nearly a megabyte of this element in place of its lines.
fn filled(text: &str, element: &str) -> String {
    let (before, _) = text.split_once("<FaWiersz>").unwrap_or((text, ""));
    let (_, after) = text.rsplit_once("</FaWiersz>").unwrap_or(("", text));
    let room = 990_000 - before.len() - after.len();
    format!("{before}{}{after}", element.repeat(room / element.len()))
}
