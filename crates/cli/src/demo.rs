//! A whole offline day against the embedded simulator: KSeF goes down, invoices are issued all the same, KSeF comes
//! back, one batch delivers them, and one is rejected because another system of the company had sent that number.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use ksef_offline::core::code::image::Options;
use ksef_offline::core::deadline::calendar::warsaw_date;
use ksef_offline::core::identifier::Nip;
use ksef_offline::core::invoice::InvoiceKind;
use ksef_offline::{
    Desk, DeskError, InvoiceView, IssueFile, IssueOptions, PictureFormat, SendOptions, write_whole,
};
use ksef_offline_simulator::{Downtime, DowntimeKind, Simulator};
use serde_json::{Value, json};

use crate::args::DemoArgs;
use crate::commands::Ended;
use crate::failure::{FAILED, Failure};
use crate::output::Output;
use crate::progress::Bar;
use crate::simulated::{self, is_xml};
use crate::table::{self, BOLD};

const FOLDERS: [&str; 4] = ["invoices", "signatures", "codes", "receipts"];

/// `demo`
pub async fn run(output: &Output, args: &DemoArgs) -> Ended {
    let files = invoice_files(args.invoices.as_deref())?;
    let out = std::path::absolute(&args.out).map_err(|error| DeskError::file(&args.out, &error))?;
    prepare(&out)?;
    let work = tempfile::tempdir().map_err(|error| Failure::system(&error))?;
    let simulator = Simulator::builder().start().await?;
    let day = Day {
        output,
        out: &out,
        simulator: &simulator,
    };
    let result = day.live(work.path(), &files).await;
    simulator.shutdown().await;
    let (summary, complete) = result?;
    if output.is_json() {
        output.print(&summary, String::new);
    }
    Ok(if complete { 0 } else { FAILED })
}

fn invoice_files(folder: Option<&Path>) -> Result<Vec<IssueFile>, Failure> {
    let mut files = match folder {
        None => simulated::examples(warsaw_date(jiff::Timestamp::now())),
        Some(folder) => {
            let fault = |error: std::io::Error| DeskError::file(folder, &error);
            let mut files = Vec::new();
            for entry in std::fs::read_dir(folder).map_err(fault)? {
                let path = entry.map_err(fault)?.path();
                if is_xml(&path) {
                    files.push(IssueFile::read(&path));
                }
            }
            files
        }
    };
    if files.is_empty() {
        return Err(Failure::usage(
            "w tym katalogu nie ma plików .xml",
            "there are no .xml files in this folder",
        ));
    }
    files.sort_by(|a, b| a.source.cmp(&b.source));
    Ok(files)
}

/// Makes the folders. Those of an earlier demo are emptied, anything else is left alone.
fn prepare(out: &Path) -> Result<(), DeskError> {
    for name in FOLDERS {
        let folder = out.join(name);
        if out.join("summary.json").exists() && folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|error| DeskError::file(&folder, &error))?;
        }
        std::fs::create_dir_all(&folder).map_err(|error| DeskError::file(&folder, &error))?;
    }
    Ok(())
}

struct Day<'a> {
    output: &'a Output,
    out: &'a Path,
    simulator: &'a Simulator,
}

impl Day<'_> {
    async fn live(&self, work: &Path, files: &[IssueFile]) -> Result<(Value, bool), Failure> {
        let desk = self.set_up(work, files).await?;
        self.fail();
        let issued = self.issue(&desk, files).await?;
        self.recover(&issued)?;
        let report = self.send(&desk).await?;
        let (sent, rejected) = (report.sent, report.rejected);
        let files = self.leave(&desk, &issued)?;
        let summary = json!({
            "out": self.out,
            "issued": issued.len(),
            "sent": sent,
            "rejected": rejected,
            "files": files,
        });
        self.headline("Zostało w katalogu", "Left in the folder");
        self.output.remark(&self.out.display().to_string());
        Ok((summary, sent + rejected == issued.len()))
    }

    async fn set_up(&self, work: &Path, files: &[IssueFile]) -> Result<Desk, Failure> {
        self.headline(
            "Symulator KSeF i dwa certyfikaty",
            "A KSeF simulator and two certificates",
        );
        simulated::set_up(
            self.simulator,
            work,
            &simulated::sellers(files),
            |kind, serial| {
                self.output.remark(&format!("  {kind} {serial}"));
            },
        )
        .await?;
        Ok(Desk::open(work)?)
    }

    fn fail(&self) {
        self.headline(
            "Latarnia ogłasza awarię KSeF",
            "Latarnia announces a failure of KSeF",
        );
        self.simulator
            .control()
            .begin_downtime(&Downtime::now(DowntimeKind::Failure));
    }

    async fn issue(&self, desk: &Desk, files: &[IssueFile]) -> Result<Vec<InvoiceView>, Failure> {
        let found = desk.availability().await?.view();
        if let Some(banner) = &found.banner {
            self.output.remark(&format!(
                "{}{}{:#}",
                table::RED,
                self.output.text(banner),
                table::RED
            ));
        }
        self.headline(
            "Firma wystawia faktury mimo to",
            "The company goes on issuing",
        );
        let report = desk.issue(files, IssueOptions::default()).await?;
        for refused in &report.failed {
            for fault in &refused.errors {
                self.output.remark(&format!(
                    "  {}: [{}] {}",
                    refused.file,
                    fault.code,
                    self.output.text(&fault.message)
                ));
            }
        }
        self.show(&report.issued);
        Ok(report.issued)
    }

    /// Ends the failure. Before, another system of the company is said to have sent the last number already.
    fn recover(&self, issued: &[InvoiceView]) -> Result<(), Failure> {
        self.headline("Koniec awarii", "The failure ends");
        let control = self.simulator.control();
        if let Some(last) = issued.last() {
            let seller = Nip::parse(&last.seller_nip).map_err(DeskError::from)?;
            if let Some(kind) = InvoiceKind::from_code(last.kind) {
                control.take_number(seller, kind, &last.number)?;
                self.output.remark(&format!(
                    "  {} {}",
                    self.output.say(
                        "Inny system firmy zdążył już wysłać fakturę o numerze",
                        "Another system of the company has already sent the number"
                    ),
                    last.number
                ));
            }
        }
        control.end_downtime();
        control.set_processing_delay(Duration::from_millis(1500));
        Ok(())
    }

    async fn send(&self, desk: &Desk) -> Result<ksef_offline::SendReport, Failure> {
        desk.availability().await?;
        let queue = desk.list(None, 1000, None)?;
        self.show(&queue.invoices);
        self.headline("Jedna paczka do KSeF", "One batch to KSeF");
        let bar = Bar::after(self.output, Duration::ZERO);
        let report = desk
            .send(SendOptions::default(), &|progress| bar.tell(progress))
            .await;
        bar.finish();
        let report = report?;
        self.show(&report.invoices);
        Ok(report)
    }

    /// Writes what a company keeps: invoices, signatures, codes as they were handed out, receipts, and a summary.
    fn leave(&self, desk: &Desk, issued: &[InvoiceView]) -> Result<Vec<PathBuf>, Failure> {
        let mut files = Vec::new();
        let mut lines = Vec::new();
        for invoice in issued {
            let invoice = desk.show(&invoice.id)?;
            let id = &invoice.id;
            let document = self.copy(&invoice.file, "invoices")?;
            let signature = invoice
                .signature_file
                .as_deref()
                .map(|path| self.copy(path, "signatures"))
                .transpose()?;
            let folder = self.out.join("codes");
            let codes =
                desk.write_codes(id, &folder, PictureFormat::Png, &Options::default(), true)?;
            let receipt = if invoice.status == "sent" {
                let path = self.out.join("receipts").join(format!("{id}.upo.xml"));
                Some(desk.write_receipt(id, &path)?.file)
            } else {
                None
            };
            let mut line = self.output.value(&invoice);
            line["file"] = json!(document);
            line["signature_file"] = json!(signature);
            line["codes"] = json!(codes.files);
            line["receipt"] = json!(receipt);
            lines.push(line);
            files.push(document);
            files.extend(signature);
            files.extend(codes.files);
            files.extend(receipt);
        }
        let path = self.out.join("summary.json");
        let summary = serde_json::to_vec_pretty(&json!({ "invoices": lines })).unwrap_or_default();
        write_whole(&path, &summary)?;
        files.push(path);
        Ok(files)
    }

    fn copy(&self, from: &Path, folder: &str) -> Result<PathBuf, Failure> {
        let to = self
            .out
            .join(folder)
            .join(from.file_name().unwrap_or_default());
        let bytes = std::fs::read(from).map_err(|error| DeskError::file(from, &error))?;
        write_whole(&to, &bytes)?;
        Ok(to)
    }

    /// Shows a few of many: one of each kind, and what went wrong.
    fn show(&self, invoices: &[InvoiceView]) {
        let mut kinds = BTreeSet::new();
        let shown: Vec<InvoiceView> = invoices
            .iter()
            .filter(|invoice| kinds.insert(invoice.kind) || invoice.status == "error")
            .cloned()
            .collect();
        self.output.remark(&table::invoices(self.output, &shown));
        let others = invoices.len() - shown.len();
        if others > 0 {
            self.output.remark(&format!(
                "  {} {others}",
                self.output.say("… a oprócz nich:", "… and beside these:")
            ));
        }
    }

    fn headline(&self, pl: &str, en: &str) {
        self.output
            .remark(&format!("\n{BOLD}{}{BOLD:#}", self.output.say(pl, en)));
    }
}
