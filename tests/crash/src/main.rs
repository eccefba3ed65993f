//! Sends everything that is ready in a home: `ksef-offline-crash-sender --home DIR send`, and exit code 0 when every
//! invoice arrived. It takes no more of the command line than the harness says, and is a program of its own so that
//! cargo builds it with the tests; `KSEF_OFFLINE_BIN` puts the real command line in its place.

use std::path::Path;
use std::process::ExitCode;

use ksef_offline::{Desk, DeskError, SendOptions};

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let [flag, home, command] = &arguments[..] else {
        return ExitCode::from(2);
    };
    if flag != "--home" || command != "send" {
        return ExitCode::from(2);
    }
    match send(Path::new(home)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(3),
        Err(error) => {
            tell(&error);
            ExitCode::FAILURE
        }
    }
}

/// Whether nothing was rejected, skipped or left in processing.
fn send(home: &Path) -> Result<bool, DeskError> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| DeskError::File {
        path: home.to_owned(),
        reason: error.to_string(),
        kind: error.kind(),
    })?;
    let desk = Desk::open(home)?;
    let report = runtime.block_on(desk.send(SendOptions::default(), &|_| ()))?;
    Ok(report.rejected == 0 && report.processing == 0 && report.skipped.is_empty())
}

#[expect(
    clippy::print_stderr,
    reason = "the harness shows what a failed sender said"
)]
fn tell(error: &DeskError) {
    eprintln!("{error}");
}
