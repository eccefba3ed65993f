//! Commands on invoices that need no answer of KSeF, and `issue`, which asks but never waits for one.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use ksef_offline::core::Diagnostic as _;
use ksef_offline::core::deadline::IssueMode;
use ksef_offline::core::environment::EnvironmentKind;
use ksef_offline::{
    ConvertError, Desk, DeskError, EvidenceView, FailedFile, FaultView, HistoryView, InvoiceStatus,
    InvoiceView, IssueFile, IssueOptions, JsonFault, invoice_from_json, invoice_schema,
    invoice_to_json, judge, write_whole,
};
use serde::Serialize;
use serde_json::json;

use super::{Ended, Place};
use crate::args::{
    ConvertArgs, GiveUpArgs, IdArgs, IssueArgs, ListArgs, ReplaceArgs, SignArgs, ValidateArgs,
};
use crate::failure::{FAILED, Failure, PARTLY};
use crate::output::{Output, printable};
use crate::table;

/// `validate`
pub fn validate(output: &Output, home: &Place, args: &ValidateArgs) -> Ended {
    let environment = environment(home, args.environment.as_deref())?;
    let now = jiff::Timestamp::now();
    let files: Vec<_> = args
        .files
        .iter()
        .map(|path| judge(&IssueFile::read(path), environment, now))
        .collect();
    let all_valid = files.iter().all(|file| file.valid);
    output.print(&json!({ "files": files }), || {
        let mut text = String::new();
        for file in &files {
            let (style, word) = if file.valid {
                (table::GREEN, output.say("poprawna", "valid"))
            } else {
                (table::RED, output.say("błędna", "invalid"))
            };
            text += &format!("{}: {style}{word}{style:#}\n", file.file);
            text += &faults(output, &file.errors, output.say("błąd", "error"));
            text += &faults(output, &file.warnings, output.say("ostrzeżenie", "warning"));
        }
        text
    });
    Ok(if all_valid { 0 } else { PARTLY })
}

/// The environment whose rules count: the one named, else the configured one, else test.
fn environment(home: &Place, name: Option<&str>) -> Result<EnvironmentKind, Failure> {
    match name {
        Some("test" | "custom") => Ok(EnvironmentKind::Test),
        Some("demo") => Ok(EnvironmentKind::Demo),
        Some("production") => Ok(EnvironmentKind::Production),
        Some(_) => Err(Failure::usage(
            "--environment: test, demo lub production",
            "--environment: test, demo or production",
        )),
        None => Ok(home.open_if_there()?.map_or(EnvironmentKind::Test, |desk| {
            desk.config().environment.kind()
        })),
    }
}

/// `convert`
pub fn convert(output: &Output, home: &Place, args: &ConvertArgs) -> Ended {
    let source = read_invoice(&args.file)?;
    // Windows puts a mark before the text and may write endings in capitals.
    let start = source.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&source);
    let start = start.trim_ascii_start();
    let ending = args.out.extension().and_then(|ending| ending.to_str());
    let converted = match ending.map(str::to_ascii_lowercase).as_deref() {
        Some("xml") if start.starts_with(b"<") => {
            return Err(Failure::usage(
                "plik jest już w XML; do JSON prowadzi --out z nazwą kończącą się na .json",
                "the file is XML already; to JSON leads --out with a name that ends in .json",
            ));
        }
        Some("json") if start.starts_with(b"{") => {
            return Err(Failure::usage(
                "plik jest już w JSON; do FA(3) prowadzi --out z nazwą kończącą się na .xml",
                "the file is JSON already; to FA(3) leads --out with a name that ends in .xml",
            ));
        }
        Some("xml") => {
            let environment = environment(home, args.environment.as_deref())?;
            invoice_from_json(&source, environment, jiff::Timestamp::now())
        }
        Some("json") => invoice_to_json(&source),
        _ => {
            return Err(Failure::usage(
                "--out: nazwa pliku musi kończyć się na .xml albo .json",
                "--out: the name of the file must end in .xml or .json",
            ));
        }
    };
    let converted = converted.map_err(|error| {
        let details = match &error {
            ConvertError::Illegal(found) => {
                let found: Vec<_> = found.iter().map(JsonFault::with_both_places).collect();
                faults(output, &found, output.say("błąd", "error"))
                    .lines()
                    .map(|line| line.trim().to_owned())
                    .collect()
            }
            _ => Vec::new(),
        };
        Failure {
            exit: FAILED,
            code: error.code().to_owned(),
            message: error.message(),
            details,
        }
    })?;
    write_whole(&args.out, converted.as_bytes())?;
    let file = std::path::absolute(&args.out).unwrap_or_else(|_| args.out.clone());
    output.print(&json!({ "file": file }), || file.display().to_string());
    Ok(0)
}

/// The largest JSON that is read: an invoice in JSON is about as long as its XML.
const MAX_JSON: u64 = 16_000_000;

fn read_invoice(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_JSON + 1).read_to_end(&mut bytes))
        .map_err(|error| DeskError::file(path, &error))?;
    if bytes.len() as u64 > MAX_JSON {
        return Err(Failure::usage(
            format!("plik ma ponad {MAX_JSON} bajtów"),
            format!("the file has more than {MAX_JSON} bytes"),
        ));
    }
    Ok(bytes)
}

/// `schema`
pub fn schema(output: &Output) -> u8 {
    let schema = invoice_schema();
    output.print(&schema, || format!("{schema:#}"));
    0
}

fn faults(output: &Output, faults: &[FaultView], label: &str) -> String {
    faults
        .iter()
        .map(|fault| {
            let line = fault.line.map_or(String::new(), |line| format!(":{line}"));
            let path = fault.path.as_deref().unwrap_or_default();
            format!(
                "  {label}{line} [{}] {path} {}\n",
                fault.code,
                output.text(&fault.message)
            )
        })
        .collect()
}

/// `issue`
pub async fn issue(output: &Output, desk: &Desk, args: &IssueArgs) -> Ended {
    let options = IssueOptions {
        mode: IssueMode::from_name(&args.mode),
        sign_later: args.sign_later,
    };
    let files: Vec<IssueFile> = args
        .files
        .iter()
        .map(|path| IssueFile::read(path))
        .collect();
    let report = match desk.issue(&files, options).await {
        Ok(report) => report,
        Err(error) => {
            // Nothing was issued for a reason that lies in no file; the document says so of each.
            let fault = FaultView::of(&error);
            let failure = Failure::from(error);
            if !output.is_json() {
                return Err(failure);
            }
            let failed: Vec<_> = files
                .iter()
                .map(|file| FailedFile {
                    file: file.source.clone(),
                    errors: vec![fault.clone()],
                })
                .collect();
            let document =
                json!({ "issued": [], "failed": failed, "error": output.error(&failure) });
            output.print(&document, String::new);
            return Ok(failure.exit);
        }
    };
    output.print(&report, || {
        let mut text = String::new();
        if !report.issued.is_empty() {
            text += &table::invoices(output, &report.issued);
            text.push('\n');
        }
        for file in &report.failed {
            text += &format!(
                "{}: {}{}{:#}\n",
                file.file,
                table::RED,
                output.say("odrzucona", "refused"),
                table::RED
            );
            text += &faults(output, &file.errors, output.say("błąd", "error"));
        }
        text
    });
    for file in &report.warnings {
        let label = output.say("ostrzeżenie", "warning");
        let text = faults(output, &file.warnings, label);
        output.aside(&format!("{}:\n{text}", file.file));
    }
    Ok(exit(report.issued.len(), report.failed.len()))
}

fn exit(done: usize, failed: usize) -> u8 {
    match (done, failed) {
        (_, 0) => 0,
        (0, _) => FAILED,
        _ => PARTLY,
    }
}

/// `list`
pub fn list(output: &Output, desk: &Desk, args: &ListArgs) -> Ended {
    let status = args.status.as_deref().and_then(InvoiceStatus::from_name);
    let page = desk.list(status, args.limit as usize, args.after.as_deref())?;
    output.print(&page, || {
        let counts: Vec<String> = page
            .counts
            .iter()
            .map(|(status, count)| format!("{status} {count}"))
            .collect();
        let more = page
            .next
            .as_ref()
            .map_or(String::new(), |cursor| format!("\n--after {cursor}"));
        format!(
            "{}\n\n{}{more}",
            table::invoices(output, &page.invoices),
            counts.join(" · ")
        )
    });
    Ok(0)
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    invoice: InvoiceView,
    /// Why it was issued in its mode.
    evidence: Option<EvidenceView>,
    history: Vec<HistoryView>,
}

/// `show`
pub fn show(output: &Output, desk: &Desk, args: &IdArgs) -> Ended {
    let shown = Shown {
        invoice: desk.show(&args.id)?,
        evidence: desk.evidence(&args.id)?,
        history: desk.history(&args.id)?,
    };
    output.print(&shown, || {
        let invoice = &shown.invoice;
        let mut text = table::invoices(output, std::slice::from_ref(invoice));
        text += "\n\n";
        if let Some(evidence) = &shown.evidence {
            text += &why(output, invoice, evidence);
        }
        text += &format!(
            "{} ({})\n",
            output.text(&invoice.deadline.explanation),
            invoice.deadline.provisions
        );
        text += &format!("{}\n", invoice.file.display());
        for line in [
            &invoice.code_one,
            &invoice.code_two,
            &invoice.batch_reference,
        ]
        .into_iter()
        .flatten()
        {
            text += &format!("{line}\n");
        }
        if let Some(error) = &invoice.error {
            text += &format!(
                "{}{} {}{:#}\n",
                table::RED,
                error.code,
                error.description,
                table::RED
            );
            for detail in &error.details {
                text += &format!("  {detail}\n");
            }
        }
        for line in table::ties(output, invoice) {
            text += &format!("{line}\n");
        }
        for line in &shown.history {
            text += &format!("{}  {:<16} {}\n", line.at, line.event, line.cause);
        }
        text
    });
    Ok(0)
}

/// Why the invoice was issued in its mode.
fn why(output: &Output, invoice: &InvoiceView, evidence: &EvidenceView) -> String {
    let reason = evidence
        .reason
        .as_ref()
        .map_or(String::new(), |reason| printable(output.text(reason)));
    let marker = invoice
        .ledger_marker
        .map_or(String::new(), |marker| format!(" JPK_V7: {marker}."));
    format!("{}: {reason}{marker}\n", invoice.mode)
}

/// `sign`
pub fn sign(output: &Output, desk: &Desk, args: &SignArgs) -> Ended {
    let report = desk.sign(&args.ids)?;
    output.print(&report, || {
        let mut text = table::invoices(output, &report.invoices);
        text.push('\n');
        for file in &report.failed {
            text += &format!(
                "{}\n{}",
                file.file,
                faults(output, &file.errors, output.say("błąd", "error"))
            );
        }
        text
    });
    Ok(exit(report.invoices.len(), report.failed.len()))
}

/// `replace`
pub async fn replace(output: &Output, desk: &Desk, args: &ReplaceArgs) -> Ended {
    let options = IssueOptions {
        mode: IssueMode::from_name(&args.mode),
        sign_later: args.sign_later,
    };
    let file = IssueFile::read(&args.file);
    one(output, &desk.replace(&args.id, &file, options).await?);
    Ok(0)
}

/// `give-up`
pub fn give_up(output: &Output, desk: &Desk, args: &GiveUpArgs) -> Ended {
    one(output, &desk.give_up(&args.id, &args.note)?);
    Ok(0)
}

/// Prints what became of one invoice.
pub(super) fn one(output: &Output, invoice: &InvoiceView) {
    output.print(&json!({ "invoice": invoice }), || {
        table::invoices(output, std::slice::from_ref(invoice))
    });
}

/// `delete`
pub fn delete(output: &Output, desk: &Desk, args: &IdArgs) -> Ended {
    desk.delete(&args.id)?;
    output.print(&json!({ "deleted": args.id }), || {
        format!("{}: {}", args.id, output.say("usunięta", "deleted"))
    });
    Ok(0)
}
