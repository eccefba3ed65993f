//! Issuing: from files to invoices in the queue, each signed, coded and dated before anything is handed to a buyer.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use ksef_offline_core::code::{CodeOne, CodeTwo, EcdsaEncoding};
use ksef_offline_core::deadline::calendar::warsaw_date;
use ksef_offline_core::deadline::{IssueMode, OfflineMode};
use ksef_offline_core::environment::EnvironmentKind;
use ksef_offline_core::invoice::file::MAX_SIZE_WITH_ATTACHMENT;
use ksef_offline_core::invoice::validate::{Rules, Verdict, Violation, validate};
use ksef_offline_core::invoice::{InvoiceDocument, InvoiceError};
use ksef_offline_core::key::OfflineCertificate;
use ksef_offline_core::signature::sign_detached;
use ksef_offline_queue::{
    Codes, Entry, EntryId, InvoiceStatus, ListQuery, NewEntry, OfflineProof, Only, QueueError,
    Resolution,
};
use serde::Serialize;

use crate::desk::Desk;
use crate::error::DeskError;
use crate::evidence::EvidenceView;
use crate::groups::in_groups;
use crate::home::document_name;
use crate::issue_run::{Fresh, Run};
use crate::view::{FaultView, InvoiceView};

/// Invoices that are judged, signed and stored together: one wait for the disk each.
const GROUP: usize = 250;

/// A file that is to be issued.
#[derive(Clone)]
pub struct IssueFile {
    /// Where it came from, for people.
    pub source: String,
    /// Its bytes, or why they could not be read.
    pub bytes: Result<Vec<u8>, FaultView>,
}

impl IssueFile {
    /// Reads a file; a fault is kept and reported with the others.
    pub fn read(path: &Path) -> Self {
        let source = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        // One byte more than any invoice may have is enough to be told so.
        let read = || -> std::io::Result<Vec<u8>> {
            let mut bytes = Vec::new();
            File::open(path)?
                .take(MAX_SIZE_WITH_ATTACHMENT as u64 + 1)
                .read_to_end(&mut bytes)?;
            Ok(bytes)
        };
        let bytes = read().map_err(|error| FaultView::of(&DeskError::file(path, &error)));
        Self {
            source: source.display().to_string(),
            bytes,
        }
    }
}

/// How to issue.
#[derive(Debug, Clone, Copy, Default)]
pub struct IssueOptions {
    /// The mode; `None` asks KSeF and Latarnia.
    pub mode: Option<IssueMode>,
    /// Leaves offline invoices Pending until [`Desk::sign`].
    pub sign_later: bool,
}

/// What became of the files.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct IssueReport {
    /// The invoices that are in the queue now, those that were there before among them.
    pub issued: Vec<InvoiceView>,
    /// The files that were refused, and why.
    pub failed: Vec<FailedFile>,
    /// What looks wrong in files that were issued; left out of JSON when nothing does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FileWarnings>,
}

/// What looks wrong in a file that was issued nonetheless: KSeF does not refuse it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileWarnings {
    /// Where it came from.
    pub file: String,
    /// What a person should look at.
    pub warnings: Vec<FaultView>,
}

/// A file that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedFile {
    /// Where it came from.
    pub file: String,
    /// Everything that is wrong with it.
    pub errors: Vec<FaultView>,
}

/// The verdict on one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileVerdict {
    /// The file.
    pub file: String,
    /// Whether KSeF would take it.
    pub valid: bool,
    /// What KSeF would refuse.
    pub errors: Vec<FaultView>,
    /// What looks wrong but is not refused.
    pub warnings: Vec<FaultView>,
}

/// Judges a file by the schema and the rules of an environment on the day of `now` in Warsaw.
pub fn judge(file: &IssueFile, environment: EnvironmentKind, now: Timestamp) -> FileVerdict {
    let (errors, warnings) = match &file.bytes {
        Ok(bytes) => {
            let Verdict {
                errors, warnings, ..
            } = validate(bytes, &rules(environment, now));
            (faults(&errors), faults(&warnings))
        }
        Err(fault) => (vec![fault.clone()], Vec::new()),
    };
    FileVerdict {
        file: file.source.clone(),
        valid: errors.is_empty(),
        errors,
        warnings,
    }
}

pub(crate) fn rules(environment: EnvironmentKind, now: Timestamp) -> Rules {
    Rules {
        enforce_nip_checksum: environment == EnvironmentKind::Production,
        today: warsaw_date(now),
    }
}

pub(crate) fn faults(violations: &[Violation]) -> Vec<FaultView> {
    violations
        .iter()
        .map(|violation| FaultView {
            path: (!violation.path.is_empty()).then(|| violation.path.clone()),
            line: Some(violation.line),
            code: violation.code.to_owned(),
            message: violation.message.clone(),
        })
        .collect()
}

/// What signing came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SignReport {
    /// The invoices that are signed now.
    pub invoices: Vec<InvoiceView>,
    /// Those that are not, by id, and why.
    pub failed: Vec<FailedFile>,
}

impl Desk {
    /// Issues files. Each is judged first, and nothing of a refused one is stored; then the mode is found out, the
    /// signature and the codes are made, and all of it is on the disk when this returns.
    ///
    /// Bytes that are in the queue or the archive already give the invoice that is there, unchanged.
    ///
    /// Works on all cores, and stores in groups of some hundred in the order of the files.
    ///
    /// # Errors
    /// When nothing could be issued for a reason that lies in no file: the Offline certificate or its key, the queue,
    /// the disk. Groups stored before stay issued; the same files again give them, and issue the rest.
    pub async fn issue(
        &self,
        files: &[IssueFile],
        options: IssueOptions,
    ) -> Result<IssueReport, DeskError> {
        let now = self.now();
        let mut report = IssueReport::default();
        let (mut known, mut fresh) = (Vec::new(), Vec::new());
        for (file, judged) in files.iter().zip(self.judge_all(files, now)?) {
            match self.examine(judged)? {
                Examined::Fresh(document, warnings) => fresh.push(Fresh {
                    source: &file.source,
                    document,
                    warnings,
                }),
                Examined::Known(entry) => known.push(*entry),
                Examined::Refused(errors) => {
                    report.failed.push(FailedFile {
                        file: file.source.clone(),
                        errors,
                    });
                }
            }
        }
        report.issued = self.views(&known)?;
        if fresh.is_empty() {
            return Ok(report);
        }
        let run = Run {
            desk: self,
            way: self.way_of_issuing(options).await?,
            now,
        };
        self.home().create_documents()?;
        let groups = in_groups(
            &fresh,
            GROUP,
            |place, group| run.coded(place, group),
            |group| run.stored(group),
            |group| run.shown(group),
        )?;
        for group in groups {
            report.issued.extend(group.issued);
            report.failed.extend(group.failed);
            report.warnings.extend(group.warnings);
        }
        Ok(report)
    }

    /// Reads and judges files, on all cores.
    fn judge_all(&self, files: &[IssueFile], now: Timestamp) -> Result<Vec<Judged>, DeskError> {
        let rules = rules(self.config().environment.kind(), now);
        let judged = |file: &IssueFile| match &file.bytes {
            Ok(bytes) => Ok(InvoiceDocument::read_and_validate(bytes.as_slice(), &rules)),
            Err(fault) => Err(fault.clone()),
        };
        let judged = in_groups(
            files,
            GROUP,
            |_, group| Ok(group.iter().map(judged).collect::<Vec<_>>()),
            Ok,
            Ok::<_, DeskError>,
        )?;
        Ok(judged.into_iter().flatten().collect())
    }

    /// An invoice to stand in the place of a rejected one, whose number it may have.
    pub(crate) async fn replacement(
        &self,
        rejected: &Entry,
        file: &IssueFile,
        options: IssueOptions,
    ) -> Result<NewEntry, DeskError> {
        let now = self.now();
        let rules = rules(self.config().environment.kind(), now);
        let document = acceptable(file, &rules)?;
        if !self.config().may_issue_for(document.facts().seller) {
            return Err(DeskError::ForeignSeller);
        }
        if let Some(known) = self.queue().conflict_of(&document)? {
            let is_rejected = known.id == rejected.id && known.hash != document.hash();
            let successor = rejected.resolution.as_ref().and_then(Resolution::successor);
            if !is_rejected && successor != Some(&known.id) {
                return Err(QueueError::DuplicateNumber { existing: known.id }.into());
            }
        }
        let way = self.way_of_issuing(options).await?;
        self.new_entry(&way, &file.source, &document, 0, now)
    }

    fn examine(&self, judged: Judged) -> Result<Examined, DeskError> {
        let (document, verdict) = match judged {
            Ok(judged) => judged,
            Err(fault) => return Ok(Examined::Refused(vec![fault])),
        };
        let mut errors = against(&document, &verdict);
        let Ok(document) = document else {
            return Ok(Examined::Refused(errors));
        };
        let in_the_way = self.queue().conflict_of(&document)?;
        if let Some(entry) = &in_the_way
            && entry.hash == document.hash()
        {
            return Ok(Examined::Known(Box::new(entry.clone())));
        }
        if !self.config().may_issue_for(document.facts().seller) {
            errors.push(FaultView::of(&DeskError::ForeignSeller));
        }
        if let Some(existing) = in_the_way {
            errors.push(FaultView::of(&QueueError::DuplicateNumber {
                existing: existing.id,
            }));
        }
        Ok(if errors.is_empty() {
            Examined::Fresh(document, faults(&verdict.warnings))
        } else {
            Examined::Refused(errors)
        })
    }

    pub(crate) async fn mode_and_evidence(
        &self,
        mode: Option<IssueMode>,
    ) -> Result<(IssueMode, String), DeskError> {
        let now = self.now();
        if let Some(mode) = mode {
            return Ok((mode, EvidenceView::chosen(mode, now).kept()));
        }
        let (mode, evidence) = self.find_mode().await?;
        Ok((mode, evidence.kept()))
    }

    pub(crate) fn make_codes(
        &self,
        id: &EntryId,
        document: &InvoiceDocument,
        mode: IssueMode,
        certificate: Option<&OfflineCertificate>,
        now: Timestamp,
    ) -> Result<Codes, DeskError> {
        if mode == IssueMode::Offline(OfflineMode::TotalFailure) {
            return Ok(Codes {
                code_one: None,
                proof: None,
            });
        }
        let environment = &self.config().environment;
        let code_one = CodeOne::new(document, environment);
        let proof = match certificate {
            None => None,
            Some(certificate) => {
                let context = &self.config().context;
                let code_two = CodeTwo::prepare(document, context, certificate, environment)
                    .sign(EcdsaEncoding::P1363)?;
                Some(OfflineProof {
                    signature: sign_detached(
                        document,
                        &document_name(id),
                        certificate.signer(),
                        now,
                    )?,
                    code_two: code_two.url().to_owned(),
                    certificate: certificate.serial(),
                })
            }
        };
        Ok(Codes {
            code_one: Some(code_one.url().to_owned()),
            proof,
        })
    }

    /// Signs pending invoices: those named, or all.
    ///
    /// # Errors
    /// The Offline certificate or its key, the queue. An id that is unknown or not pending is reported, not an error.
    pub fn sign(&self, ids: &[String]) -> Result<SignReport, DeskError> {
        let mut report = SignReport {
            invoices: Vec::new(),
            failed: Vec::new(),
        };
        let mut pending = Vec::new();
        if ids.is_empty() {
            pending = self.pending()?;
        }
        for id in ids {
            let entry = EntryId::parse(id).and_then(|id| self.queue().entry(&id));
            let refused = match entry {
                Ok(entry) if entry.status == InvoiceStatus::Pending => {
                    pending.push(entry);
                    continue;
                }
                Ok(entry) => FaultView::of(&DeskError::WrongStatus(entry.status.name())),
                Err(error) => FaultView::of(&error),
            };
            report.failed.push(FailedFile {
                file: id.clone(),
                errors: vec![refused],
            });
        }
        if pending.is_empty() {
            return Ok(report);
        }
        let now = self.now();
        let certificate = self.offline_certificate()?;
        Self::warn_if_not_listed(&certificate);
        let signed = in_groups(
            &pending,
            GROUP,
            |_, group| {
                group
                    .iter()
                    .map(|entry| {
                        let document = InvoiceDocument::read(self.queue().document(&entry.id)?)?;
                        let codes = self.make_codes(
                            &entry.id,
                            &document,
                            entry.mode,
                            Some(&certificate),
                            now,
                        )?;
                        Ok((entry.id.clone(), codes))
                    })
                    .collect::<Result<Vec<_>, _>>()
            },
            Ok,
            Ok::<_, DeskError>,
        )?
        .concat();
        report.invoices = self.views(&self.queue().sign(&signed, now)?)?;
        Ok(report)
    }

    pub(crate) fn pending(&self) -> Result<Vec<Entry>, DeskError> {
        self.every(ListQuery {
            status: Some(InvoiceStatus::Pending),
            context: Some(self.config().context.clone()),
            only: Only::Unsettled,
            ..ListQuery::default()
        })
    }
}

/// The document of a file that KSeF would take.
pub(crate) fn acceptable(file: &IssueFile, rules: &Rules) -> Result<InvoiceDocument, DeskError> {
    let bytes = match &file.bytes {
        Ok(bytes) => bytes,
        Err(fault) => return Err(DeskError::Refused(vec![fault.clone()])),
    };
    let (document, verdict) = InvoiceDocument::read_and_validate(bytes.as_slice(), rules);
    let errors = against(&document, &verdict);
    match document {
        Ok(document) if errors.is_empty() => Ok(document),
        _ => Err(DeskError::Refused(errors)),
    }
}

/// Everything that speaks against a document: what the verdict found, else why it could not be read.
fn against(document: &Result<InvoiceDocument, InvoiceError>, verdict: &Verdict) -> Vec<FaultView> {
    let mut errors = faults(&verdict.errors);
    if let (Err(error), true) = (document, errors.is_empty()) {
        errors.push(FaultView::of(error));
    }
    errors
}

/// What reading and the verdict came to, or why there are no bytes.
type Judged = Result<(Result<InvoiceDocument, InvoiceError>, Verdict), FaultView>;

enum Examined {
    Fresh(InvoiceDocument, Vec<FaultView>),
    Known(Box<Entry>),
    Refused(Vec<FaultView>),
}
