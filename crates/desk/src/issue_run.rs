//! The way of invoices that were judged into the queue, group by group: signed and coded, stored, shown.

use jiff::Timestamp;
use ksef_offline_core::deadline::{IssueMode, Timeline};
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_core::key::OfflineCertificate;
use ksef_offline_core::random::OsRandom;
use ksef_offline_queue::{Codes, EntryId, Issued, NewEntry, QueueError};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::issuing::{FailedFile, FileWarnings, IssueReport};
use crate::view::FaultView;

/// A document that is to be issued.
pub(crate) struct Fresh<'a> {
    /// Where it came from.
    pub(crate) source: &'a str,
    pub(crate) document: InvoiceDocument,
    pub(crate) warnings: Vec<FaultView>,
}

/// What all invoices of one call have in common.
pub(crate) struct Run<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) now: Timestamp,
    pub(crate) mode: IssueMode,
    pub(crate) evidence: String,
    /// Whether they wait for a signer and have no codes yet.
    pub(crate) is_coded_later: bool,
    pub(crate) certificate: Option<OfflineCertificate>,
    pub(crate) timeline: Timeline,
}

/// A group with what the queue is to take in for each.
pub(crate) struct Coded<'g> {
    group: &'g [Fresh<'g>],
    entries: Vec<NewEntry>,
}

/// A group with what the queue said of each.
pub(crate) struct Stored<'g> {
    coded: Coded<'g>,
    outcomes: Vec<Result<Issued, QueueError>>,
}

impl Run<'_> {
    /// Signs the invoices of a group, whose first stands at `place` among all, and makes their codes and deadlines.
    pub(crate) fn coded<'g>(
        &self,
        place: usize,
        group: &'g [Fresh<'g>],
    ) -> Result<Coded<'g>, DeskError> {
        let entries = (place..)
            .zip(group)
            .map(|(place, fresh)| self.entry(place, fresh))
            .collect::<Result<_, _>>()?;
        Ok(Coded { group, entries })
    }

    fn entry(&self, place: usize, fresh: &Fresh<'_>) -> Result<NewEntry, DeskError> {
        let id = EntryId::generate(self.now, place, &OsRandom)?;
        let (document, day) = (&fresh.document, fresh.document.facts().issue_date);
        let codes: Option<Codes> = if self.is_coded_later {
            None
        } else {
            let certificate = self.certificate.as_ref();
            let codes = self
                .desk
                .make_codes(&id, document, self.mode, certificate, self.now)?;
            Some(codes)
        };
        let deadline = self
            .desk
            .deadline_in(&self.timeline, self.mode, day, self.now);
        Ok(NewEntry {
            id,
            context: self.desk.config().context.clone(),
            document: document.clone(),
            mode: self.mode,
            evidence: self.evidence.clone(),
            source: Some(fresh.source.to_owned()),
            due: deadline.due,
            codes,
        })
    }

    /// Takes a group into the queue with one commit.
    pub(crate) fn stored<'g>(&self, coded: Coded<'g>) -> Result<Stored<'g>, DeskError> {
        let outcomes = self.desk.queue().issue_many(&coded.entries, self.now)?;
        Ok(Stored { coded, outcomes })
    }

    /// Writes the copies of a group's invoices and tells what became of each.
    pub(crate) fn shown(&self, stored: Stored<'_>) -> Result<IssueReport, DeskError> {
        let mut report = IssueReport::default();
        let Stored { coded, outcomes } = stored;
        for ((fresh, new), outcome) in coded.group.iter().zip(&coded.entries).zip(outcomes) {
            let file = || fresh.source.to_owned();
            let issued = match outcome {
                Ok(issued) => issued,
                Err(refused) => {
                    report.failed.push(FailedFile {
                        file: file(),
                        errors: vec![FaultView::of(&refused)],
                    });
                    continue;
                }
            };
            if issued.was_there {
                self.desk
                    .home()
                    .materialise(self.desk.queue(), &issued.entry)?;
            } else {
                self.desk.home().copy(new)?;
            }
            report
                .issued
                .push(self.desk.view_in(&self.timeline, &issued.entry, self.now));
            if !fresh.warnings.is_empty() {
                report.warnings.push(FileWarnings {
                    file: file(),
                    warnings: fresh.warnings.clone(),
                });
            }
        }
        Ok(report)
    }
}
