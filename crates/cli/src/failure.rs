//! Failures of commands and the exit codes that go with them.

use ksef_offline::DeskError;
use ksef_offline::core::{Bilingual, Diagnostic};
use ksef_offline_page::PageError;
use ksef_offline_simulator::SimulatorError;

/// Failed, refused, or a check that does not hold.
pub const FAILED: u8 = 1;
/// Wrong usage or configuration.
pub const USAGE: u8 = 2;
/// Done in part.
pub const PARTLY: u8 = 3;
/// KSeF cannot be reached.
pub const UNREACHABLE: u8 = 4;

/// Why a command did not do its work.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: u8,
    /// The stable code.
    pub code: String,
    /// What happened and what to do.
    pub message: Bilingual,
    /// More lines, where there are more.
    pub details: Vec<String>,
}

impl Failure {
    /// An argument that cannot be used.
    pub fn usage(pl: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            exit: USAGE,
            code: "usage".into(),
            message: Bilingual::new(pl.into(), en.into()),
            details: Vec::new(),
        }
    }

    /// What a command prints could not be written: a full disk behind `>`.
    pub fn output(error: &std::io::Error) -> Self {
        Self {
            exit: FAILED,
            code: "output-not-written".into(),
            message: Bilingual::new(
                format!("wyniku nie udało się zapisać na standardowe wyjście: {error}"),
                format!("the result could not be written to standard output: {error}"),
            ),
            details: Vec::new(),
        }
    }

    fn of(error: &dyn Diagnostic) -> Self {
        Self {
            exit: FAILED,
            code: error.code().to_owned(),
            message: error.message(),
            details: Vec::new(),
        }
    }

    /// The operating system refused something basic.
    pub fn system(error: &std::io::Error) -> Self {
        Self {
            exit: FAILED,
            code: "system".into(),
            message: Bilingual::new(error.to_string(), error.to_string()),
            details: Vec::new(),
        }
    }
}

impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        let exit = match &error {
            error if error.is_unreachable() => UNREACHABLE,
            DeskError::ConfigMissing(_)
            | DeskError::Config(_)
            | DeskError::Exists(_)
            | DeskError::NoOfflineCertificate
            | DeskError::NoAuthentication
            | DeskError::VariableMissing(_)
            | DeskError::KeyFile { .. }
            | DeskError::KeyFileUnreadable { .. }
            | DeskError::Key(_) => USAGE,
            _ => FAILED,
        };
        let details = match &error {
            DeskError::Client(ksef_offline::ClientError::Ksef(refusal)) => refusal
                .errors
                .iter()
                .flat_map(|item| item.details.clone())
                .collect(),
            DeskError::Refused(faults) => faults
                .iter()
                .map(|fault| match (&fault.path, fault.line) {
                    (Some(path), Some(line)) => {
                        format!("{} ({line}: {path}): {}", fault.code, fault.message.en)
                    }
                    _ => format!("{}: {}", fault.code, fault.message.en),
                })
                .collect(),
            _ => Vec::new(),
        };
        Self {
            exit,
            code: error.code().to_owned(),
            message: error.message(),
            details,
        }
    }
}

impl From<SimulatorError> for Failure {
    fn from(error: SimulatorError) -> Self {
        Self::of(&error)
    }
}

impl From<PageError> for Failure {
    fn from(error: PageError) -> Self {
        Self::of(&error)
    }
}
