//! Parts of the archive as folders that need no program to be read.

use std::path::{Path, PathBuf};

use ksef_offline_queue::{ArchiveQuery, Entry};
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
