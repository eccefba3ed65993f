//! Reads invoices into the model and writes them again, for the conformance tests.
//!
//! From standard input come documents, each preceded by a line with its size in bytes. For each, `ok SIZE` and so many
//! bytes go to standard output, or `error CODE LINE COLUMN PATH`. Without options the documents are XML and are written in
//! the layout they came in; `--plain` writes them in the library's own layout, `--json` as JSON, and with `--from-json`
//! JSON is read.

use std::io::{self, BufRead, Read, Write};

use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::invoice::Invoice;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let mut input = io::stdin().lock();
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut size = String::new();
    while input.read_line(&mut size)? > 0 {
        let mut document = vec![0; size.trim().parse()?];
        input.read_exact(&mut document)?;
        match convert(&mode, &document) {
            Ok(converted) => {
                writeln!(out, "ok {}", converted.len())?;
                out.write_all(converted.as_bytes())?;
            }
            Err(fault) => writeln!(out, "error {fault}")?,
        }
        size.clear();
    }
    Ok(out.flush()?)
}

fn convert(mode: &str, document: &[u8]) -> Result<String, String> {
    if mode == "--from-json" {
        let invoice: Invoice = serde_json::from_slice(document)
            .map_err(|error| format!("json {} {} ", error.line(), error.column()))?;
        return Ok(invoice.write());
    }
    let (invoice, layout) = Invoice::read_with_layout(document).map_err(|error| {
        let (line, column) = error.position().map_or((0, 0), |at| (at.line, at.column));
        format!("{} {line} {column} {}", error.code(), error.path())
    })?;
    match mode {
        "--json" => serde_json::to_string(&invoice).map_err(|error| error.to_string()),
        "--plain" => Ok(invoice.write()),
        _ => Ok(invoice.write_with_layout(&layout)),
    }
}
