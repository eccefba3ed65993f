//! Parts of the archive as folders that need no program to be read.

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use ksef_offline_core::deadline::calendar::warsaw_date;
use ksef_offline_queue::{ArchiveQuery, Entry, Queue};
use serde::Serialize;

use crate::desk::Desk;
use crate::error::DeskError;
use crate::home::{absolute, create_folder, write_whole};

/// What was exported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArchiveExportView {
    /// The folder.
    pub out: PathBuf,
    /// The invoices in it.
    pub invoices: Vec<ExportedInvoice>,
}

/// The files of one invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportedInvoice {
    /// Its id.
    pub id: String,
    /// Its number (`P_2`).
    pub number: String,
    /// The number KSeF gave.
    pub ksef_number: Option<String>,
    /// The invoice.
    pub file: PathBuf,
    /// Its signature, if it was issued offline.
    pub signature_file: Option<PathBuf>,
    /// Its receipt, once it has come.
    pub receipt_file: Option<PathBuf>,
}

/// Does the same as [`Desk::check_queue`] to a backup, without changing it.
///
/// # Errors
/// `queue-corrupt`, `queue-lost`, `queue-foreign-file`, `queue-newer-version`.
pub fn check_backup(file: &Path) -> Result<(), DeskError> {
    Ok(Queue::check_file(file)?)
}

/// The last day of issue that is kept no longer: whole years count, from the end of the year of issue.
fn last_expired(today: Date, years: u16) -> Date {
    let year = i32::from(today.year()) - i32::from(years) - 1;
    let year = i16::try_from(year.max(0)).unwrap_or(0);
    Date::constant(year, 12, 31)
}

impl Desk {
    /// Writes every archived invoice that `query` finds into `folder`: invoice, signature and receipt. The limit and
    /// the cursor of the query do not count: an export is whole.
    ///
    /// # Errors
    /// The queue's errors, [`DeskError::File`].
    pub fn export_archive(
        &self,
        query: &ArchiveQuery,
        folder: &Path,
    ) -> Result<ArchiveExportView, DeskError> {
        let folder = absolute(folder)?;
        create_folder(&folder)?;
        let mut query = ArchiveQuery {
            context: Some(self.config().context.clone()),
            limit: 1000,
            after: None,
            ..query.clone()
        };
        let mut invoices = Vec::new();
        loop {
            let page = self.queue().archive(&query)?;
            for entry in &page.entries {
                invoices.push(self.export_entry(entry, &folder)?);
            }
            match page.next {
                Some(next) => query.after = Some(next),
                None => {
                    return Ok(ArchiveExportView {
                        out: folder,
                        invoices,
                    });
                }
            }
        }
    }

    /// Removes what `archive.retention_years` no longer keeps: invoices whose year of issue ended that many years ago.
    /// Their histories stay. Returns the ids; none where no retention is set, which keeps everything for ever.
    ///
    /// # Errors
    /// The queue's errors.
    pub fn expire_archive(&self) -> Result<Vec<String>, DeskError> {
        let Some(years) = self.config().retention_years else {
            return Ok(Vec::new());
        };
        let now = self.now();
        let last = last_expired(warsaw_date(now), years);
        let removed = self.queue().expire(&self.config().context, last, now)?;
        for id in &removed {
            self.home().forget(id);
        }
        Ok(removed.iter().map(ToString::to_string).collect())
    }

    /// Goes through everything the queue holds, and compares each row, document and receipt with its checksum.
    ///
    /// # Errors
    /// `queue-corrupt` with the first fault.
    pub fn check_queue(&self) -> Result<(), DeskError> {
        Ok(self.queue().check()?)
    }

    fn export_entry(&self, entry: &Entry, folder: &Path) -> Result<ExportedInvoice, DeskError> {
        let id = &entry.id;
        let write = |name: String, bytes: &[u8]| -> Result<PathBuf, DeskError> {
            let path = folder.join(name);
            write_whole(&path, bytes)?;
            Ok(path)
        };
        let file = write(crate::home::document_name(id), &self.queue().document(id)?)?;
        let signature = self.queue().signature(id)?;
        let receipt = self.queue().receipt(id)?;
        Ok(ExportedInvoice {
            id: id.to_string(),
            number: entry.facts.number.clone(),
            ksef_number: entry.ksef_number.as_ref().map(ToString::to_string),
            file,
            signature_file: signature
                .map(|bytes| write(format!("{id}.xades.xml"), &bytes))
                .transpose()?,
            receipt_file: receipt
                .map(|receipt| write(format!("{id}.upo.xml"), &receipt.bytes))
                .transpose()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invoice_is_kept_for_whole_years_from_the_end_of_its_year() {
        let today = Date::constant(2036, 12, 31);
        assert_eq!(last_expired(today, 10), Date::constant(2025, 12, 31));
        let today = Date::constant(2037, 1, 1);
        assert_eq!(last_expired(today, 10), Date::constant(2026, 12, 31));
    }
}
