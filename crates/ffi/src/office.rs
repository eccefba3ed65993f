//! An office: the homes of several companies, served side by side.

use std::sync::Arc;

use ksef_offline as desk;

use crate::call::{CancelToken, run};
use crate::error::{Fault, KsefOfflineError};
use crate::records::SendReport;
use crate::text::{FilePath, path_text};

/// How an office sends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OfficeOptions {
    /// Whether to wait for KSeF's verdict.
    #[cfg_attr(feature = "uniffi", uniffi(default = true))]
    pub wait: bool,
    /// For how many seconds. None: 600.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub timeout_seconds: Option<u32>,
    /// How many companies at the same time. None: 4.
    #[cfg_attr(feature = "uniffi", uniffi(default = None))]
    pub parallel: Option<u32>,
}

const AT_ONCE: u32 = 4;

/// What sending for one company came to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct CompanyReport {
    /// Its home.
    pub home: FilePath,
    /// Its context.
    pub context: String,
    /// What was sent; None when it failed.
    pub report: Option<SendReport>,
    /// Why it failed.
    pub error: Option<Fault>,
    /// Whether everything it had to send was accepted.
    pub done: bool,
}

/// What serving an office came to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct OfficeReport {
    /// The companies that had something to do and were served, as they ended.
    pub companies: Vec<CompanyReport>,
}

/// The homes of several companies in one folder, each with its login, its certificates and its context.
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Office {
    office: Arc<desk::Office>,
}

// Exported methods own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
impl Office {
    /// Opens the home of every company in a folder: each folder in it that has a `config.toml`.
    ///
    /// # Errors
    /// `file-error` and its kin, and what opening one of the homes says: no company is forgotten in silence.
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub fn new(folder: FilePath) -> Result<Arc<Self>, KsefOfflineError> {
        Ok(Arc::new(Self {
            office: Arc::new(desk::Office::open(folder.as_ref())?),
        }))
    }

    /// The home folders, by name.
    pub fn homes(&self) -> Vec<FilePath> {
        let desks = self.office.desks();
        desks.map(|desk| path_text(desk.home().root())).collect()
    }

    /// Sends for every company that has something to do. One that fails or waits holds up no other.
    ///
    /// # Errors
    /// Those of the queue, `interrupted`. What goes wrong with one company stands in its report.
    pub async fn send(
        &self,
        options: OfficeOptions,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<OfficeReport, KsefOfflineError> {
        let office = Arc::clone(&self.office);
        let sending = crate::desk::options::SendOptions {
            wait: options.wait,
            timeout_seconds: options.timeout_seconds,
        };
        let parallel = options.parallel.unwrap_or(AT_ONCE) as usize;
        let report = run(cancel, move || async move {
            office.send(sending.into(), parallel).await
        });
        let companies = report.await?.companies.into_iter();
        Ok(OfficeReport {
            companies: companies
                .map(|company| CompanyReport {
                    done: company.is_done(),
                    home: path_text(&company.home),
                    context: company.context,
                    report: company.report.map(Into::into),
                    error: company.error.map(Into::into),
                })
                .collect(),
        })
    }
}

impl core::fmt::Debug for Office {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Office").finish_non_exhaustive()
    }
}
