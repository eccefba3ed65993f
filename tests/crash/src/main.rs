//! The programs that are killed, each built with the tests:
//!
//! - `ksef-offline-crash-sender --home DIR FOLDER`: issues the invoices in `FOLDER` into a home, sends everything that
//!   is ready, and ends with 0 when every invoice arrived. `CRASH_AT` makes it die at a named step.
//! - `ksef-offline-crash-sender --office DIR`: serves the companies in `DIR` until nothing waits any more.

mod steps;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use ksef_offline::config::{Config, QueueLocation};
use ksef_offline::core::deadline::{IssueMode, OfflineMode};
use ksef_offline::{
    Desk, DeskError, Home, InvoiceStatus, IssueFile, IssueOptions, Office, SendOptions,
};
use ksef_offline_queue::{Queue, SqliteStore};

/// Companies one worker serves at the same time.
const PARALLEL: usize = 3;

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let ended = match &arguments[..] {
        [flag, home, folder] if flag == "--home" => send(Path::new(home), Path::new(folder)),
        [flag, office] if flag == "--office" => serve(Path::new(office)),
        _ => return ExitCode::from(2),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(error) => {
            tell(&error);
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, DeskError> {
    tokio::runtime::Runtime::new().map_err(|error| DeskError::File {
        path: std::path::PathBuf::new(),
        reason: error.to_string(),
        kind: error.kind(),
    })
}

/// Whether nothing was refused, rejected, skipped or left in processing.
fn send(home: &Path, folder: &Path) -> Result<bool, DeskError> {
    let runtime = runtime()?;
    let home = Home::at(home)?;
    let config = Config::load(home.root())?;
    let QueueLocation::Sqlite(path) = &config.queue else {
        return Ok(false);
    };
    let store = steps::DyingStore::new(SqliteStore::open(path)?);
    let queue = Queue::new(Arc::new(store));
    let desk = Desk::on(home, config, queue, Arc::new(jiff::Timestamp::now));
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| IssueFile::read(&entry.path()))
        .collect();
    files.sort_by(|one, other| one.source.cmp(&other.source));
    let options = IssueOptions {
        mode: Some(IssueMode::Offline(OfflineMode::Offline24)),
        ..IssueOptions::default()
    };
    runtime.block_on(async {
        let issued = desk.issue(&files, options).await?;
        let sent = desk.send(SendOptions::default(), &|_| ()).await?;
        Ok(issued.failed.is_empty()
            && sent.rejected == 0
            && sent.processing == 0
            && sent.skipped.is_empty())
    })
}

/// Whether every invoice of the office is in the archive or was rejected.
fn serve(folder: &Path) -> Result<bool, DeskError> {
    let runtime = runtime()?;
    let office = Office::open(folder)?;
    loop {
        let report = runtime.block_on(office.send(SendOptions::default(), PARALLEL))?;
        for fault in report
            .companies
            .iter()
            .filter_map(|company| company.error.as_ref())
        {
            tell(&fault.code);
        }
        let mut waits = false;
        for desk in office.desks() {
            let counts = desk.queue().counts(Some(&desk.config().context))?;
            waits |= [
                InvoiceStatus::Pending,
                InvoiceStatus::Signed,
                InvoiceStatus::Processing,
            ]
            .into_iter()
            .any(|status| counts.of(status) > 0);
            waits |= !desk
                .queue()
                .without_receipt(Some(&desk.config().context))?
                .is_empty();
        }
        if !waits {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[expect(
    clippy::print_stderr,
    reason = "the harness shows what a failed sender said"
)]
fn tell(said: &dyn std::fmt::Display) {
    eprintln!("{said}");
}
