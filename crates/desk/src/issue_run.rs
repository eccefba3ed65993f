//! The way of invoices that were judged into the queue, group by group: signed and coded, stored, shown.

use std::collections::BTreeMap;

use jiff::Timestamp;
use ksef_offline_core::deadline::{IssueMode, OfflineMode, Timeline};
use ksef_offline_core::invoice::InvoiceDocument;
use ksef_offline_core::key::OfflineCertificate;
use ksef_offline_core::random::OsRandom;
use ksef_offline_queue::{EntryId, Issued, NewEntry, QueueError};

use crate::desk::Desk;
use crate::error::DeskError;
use crate::issuing::{FailedFile, FileWarnings, IssueOptions, IssueReport};
use crate::view::FaultView;

/// A document that is to be issued.
pub(crate) struct Fresh<'a> {
    /// Where it came from.
    pub(crate) source: &'a str,
    pub(crate) document: InvoiceDocument,
    pub(crate) warnings: Vec<FaultView>,
}

/// How invoices are issued: what is found out once for all of a call.
pub(crate) struct WayOfIssuing {
    pub(crate) mode: IssueMode,
    evidence: String,
    certificate: Option<OfflineCertificate>,
    stays_pending: bool,
    timeline: Timeline,
}

/// One call's way, and the steps each group goes.
pub(crate) struct Run<'a> {
    pub(crate) desk: &'a Desk,
    pub(crate) way: WayOfIssuing,
    pub(crate) now: Timestamp,
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
            .map(|(place, fresh)| {
                let (source, document) = (fresh.source, &fresh.document);
                self.desk
                    .new_entry(&self.way, source, document, place, self.now)
            })
            .collect::<Result<_, _>>()?;
        Ok(Coded { group, entries })
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
            report.issued.push(if issued.was_there {
                self.desk.view(&issued.entry, self.now)?
            } else {
                self.desk.home().copy(new)?;
                // A new one stands in the place of none.
                let replaces = BTreeMap::new();
                self.desk
                    .view_in(&self.way.timeline, &replaces, &issued.entry, self.now)
            });
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

impl Desk {
    /// Finds out the mode, and reads the certificate where it needs one.
    pub(crate) async fn way_of_issuing(
        &self,
        options: IssueOptions,
    ) -> Result<WayOfIssuing, DeskError> {
        let (mode, evidence) = self.mode_and_evidence(options.mode).await?;
        let is_signed = mode
            .offline()
            .is_some_and(|mode| mode != OfflineMode::TotalFailure);
        let certificate = if is_signed && !options.sign_later {
            let certificate = self.offline_certificate()?;
            Self::warn_if_not_listed(&certificate);
            Some(certificate)
        } else {
            None
        };
        Ok(WayOfIssuing {
            mode,
            evidence,
            certificate,
            stays_pending: is_signed && options.sign_later,
            timeline: self.timeline()?,
        })
    }

    pub(crate) fn new_entry(
        &self,
        way: &WayOfIssuing,
        source: &str,
        document: &InvoiceDocument,
        place: usize,
        now: Timestamp,
    ) -> Result<NewEntry, DeskError> {
        let id = EntryId::generate(now, place, &OsRandom)?;
        let codes = if way.stays_pending {
            None
        } else {
            Some(self.make_codes(&id, document, way.mode, way.certificate.as_ref(), now)?)
        };
        Ok(NewEntry {
            id,
            context: self.config().context.clone(),
            due: self
                .deadline_in(&way.timeline, way.mode, document.facts().issue_date, now)
                .due,
            document: document.clone(),
            mode: way.mode,
            evidence: way.evidence.clone(),
            source: Some(source.to_owned()),
            codes,
        })
    }
}
