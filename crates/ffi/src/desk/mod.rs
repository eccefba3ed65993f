//! The desk of a home folder: issue, sign, list, send, correct, archive.

use std::sync::Arc;

use ksef_offline::core::identifier::ContextIdentifier;
use ksef_offline::{self as desk, Home};

use crate::call::{CancelToken, run};
use crate::code::Code;
use crate::error::KsefOfflineError;
use crate::preview::page_format;
use crate::records::{
    ArchiveExport, Availability, CertificateLine, CodeFiles, CorrectionForecast,
    EnrolledCertificate, Evidence, HistoryLine, HomeFiles, Invoice, InvoiceCodes, InvoicePage,
    IssueReport, Progress, ReceiptFile, RefreshReport, SendReport, SessionReport, SignReport, all,
};
use crate::sets::{CodeFormat, Language, PreviewContent, PreviewFormat, picture_options};
use crate::text::{FilePath, path_text};
use crate::watch::Watcher;

pub(crate) mod options;

use options::{
    DeskOptions, EnrollOptions, HomeOptions, IssueFile, IssueOptions, ListOptions, PAGE,
    PreviewOptions, QrOptions, SearchOptions, SendOptions, WatchOptions,
};

/// Is told how far a call has come.
///
/// It is called from a thread of the library and should return soon: the work waits for it. It must not raise.
#[cfg_attr(feature = "uniffi", uniffi::export(with_foreign))]
pub trait ProgressListener: Send + Sync {
    /// A call has come this far.
    fn progressed(&self, progress: Progress);
}

/// Makes a home: a folder, readable by its owner only, with a `config.toml` that must not be there yet.
///
/// # Errors
/// `file-exists`, `config-invalid` for a setup that could not be read back, the codes of a malformed context, `file-error`
/// and its kin.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn create_home(home: FilePath, options: HomeOptions) -> Result<HomeFiles, KsefOfflineError> {
    let login = match (options.login_certificate, options.login_key) {
        (Some(certificate), Some(key)) => Some(desk::LoginFiles { certificate, key }),
        (None, None) => None,
        _ => {
            return Err(KsefOfflineError::argument(
                "login-incomplete",
                "certyfikat logowania i jego klucz podaje się razem",
                "a certificate to log in with and its key go together",
            ));
        }
    };
    let made = Home::at(home.as_ref())?.set_up(&desk::Setup {
        context: ContextIdentifier::parse(&options.context)?,
        environment: options.environment.name().to_owned(),
        custom: options.addresses.map(|custom| desk::CustomAddresses {
            api: custom.api,
            latarnia: custom.latarnia,
            qr_host: custom.qr_host,
        }),
        login,
        anchors: options.trust_anchors,
    })?;
    Ok(HomeFiles {
        home: path_text(&made.home),
        config: path_text(&made.config),
    })
}

/// Compares everything in a backup of a queue with its checksums, without changing it.
///
/// # Errors
/// `queue-corrupt` and its kin.
// Exported functions own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
pub fn check_backup(file: FilePath) -> Result<(), KsefOfflineError> {
    Ok(desk::check_backup(file.as_ref())?)
}

/// The desk of a home folder.
///
/// Methods return when the disk has what they did. Several threads may use one desk, and several processes one home. A
/// process that was forked from this one needs a desk of its own: in it every method is the error
/// `desk-of-another-process`.
#[derive(Debug)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Object))]
pub struct Desk {
    desk: Arc<desk::Desk>,
    process: u32,
}

impl Desk {
    /// The desk, in the process that opened it: locks and connections do not survive a fork.
    pub(crate) fn here(&self) -> Result<&Arc<desk::Desk>, KsefOfflineError> {
        if self.process == std::process::id() {
            Ok(&self.desk)
        } else {
            Err(KsefOfflineError::argument(
                "desk-of-another-process",
                "to biurko otwarto w innym procesie; otwórz je tu na nowo",
                "this desk was opened in another process; open it here again",
            ))
        }
    }
}

// Exported methods own their arguments.
#[allow(clippy::needless_pass_by_value)]
#[cfg_attr(feature = "uniffi", uniffi::export)]
impl Desk {
    /// Opens the desk of a home that `create_home` or `ksef-offline init` made.
    ///
    /// # Errors
    /// `config-missing`, `config-invalid`; those of the queue when its file is of a newer version, damaged or cannot be
    /// opened.
    #[cfg_attr(feature = "uniffi", uniffi::constructor)]
    pub fn new(home: FilePath, options: DeskOptions) -> Result<Arc<Self>, KsefOfflineError> {
        let mut opened = desk::Desk::open(home.as_ref())?;
        if let Some(signer) = options.signer {
            opened = opened.with_offline_signer(signer.signer());
        }
        if let Some(login) = options.login {
            opened = opened.with_login_signer(login.signer());
        }
        Ok(Arc::new(Self {
            desk: Arc::new(opened),
            process: std::process::id(),
        }))
    }

    /// The home folder.
    ///
    /// # Errors
    /// `desk-of-another-process`.
    pub fn home(&self) -> Result<FilePath, KsefOfflineError> {
        Ok(path_text(self.here()?.home().root()))
    }

    /// Whether KSeF answers, what Latarnia announces, and the mode that follows; also whether the certificates are fit. What
    /// is announced is kept and moves deadlines. That nothing answers is a finding, not an error.
    ///
    /// # Errors
    /// Those of the queue, `interrupted`.
    pub async fn check(
        &self,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<Availability, KsefOfflineError> {
        let desk = Arc::clone(self.here()?);
        let found = run(cancel, move || async move { desk.check().await }).await?;
        Ok((&found).into())
    }

    /// Issues files. Each is judged first, and nothing of a refused one is stored; then the mode is found out, the
    /// signature and the codes are made, and all of it is on the disk when this returns.
    ///
    /// Bytes that are in the queue or the archive already give the invoice that is there, unchanged.
    ///
    /// # Errors
    /// When nothing could be issued for a reason that lies in no file: `offline-certificate-missing` and what makes the
    /// certificate or its key unfit, `signer-failed` and its kin, those of the queue and the disk, `interrupted`.
    pub async fn issue(
        &self,
        files: Vec<IssueFile>,
        options: IssueOptions,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<IssueReport, KsefOfflineError> {
        let desk = Arc::clone(self.here()?);
        let report = run(cancel, move || async move {
            let files: Vec<desk::IssueFile> = all(files);
            desk.issue(&files, options.into()).await
        });
        Ok(report.await?.into())
    }

    /// Signs pending invoices: those named, or all when none is.
    ///
    /// # Errors
    /// What makes the Offline certificate or its key unfit, `signer-failed` and its kin, those of the queue. An id that is
    /// unknown or not pending is reported, not an error.
    pub fn sign(&self, ids: Vec<String>) -> Result<SignReport, KsefOfflineError> {
        Ok(self.here()?.sign(&ids)?.into())
    }

    /// Signs what is pending, sends everything that is signed in batches, the most urgent first, and follows it to its end.
    /// Sessions that a crash, a lost answer or a cancelled call left open are settled before.
    ///
    /// # Errors
    /// `ksef-unreachable` when KSeF does not answer: nothing changed then. `send-in-progress` while another process sends.
    /// Others may come in the middle, `interrupted` among them; what was done until then is recorded and goes on with the
    /// next call.
    pub async fn send(
        &self,
        options: SendOptions,
        progress: Option<Arc<dyn ProgressListener>>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<SendReport, KsefOfflineError> {
        let desk = Arc::clone(self.here()?);
        let report = run(cancel, move || async move {
            desk.send(options.into(), &told(progress.as_deref())).await
        });
        Ok(report.await?.into())
    }

    /// Asks KSeF about everything in processing and records what it says; settles what was interrupted; fetches receipts
    /// that are missing.
    ///
    /// # Errors
    /// `ksef-unreachable` when KSeF does not answer and there is something to ask, and as `send`.
    pub async fn refresh(
        &self,
        progress: Option<Arc<dyn ProgressListener>>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<RefreshReport, KsefOfflineError> {
        let desk = Arc::clone(self.here()?);
        let report = run(cancel, move || async move {
            desk.refresh(&told(progress.as_deref())).await
        });
        Ok(RefreshReport {
            changed: all(report.await?.changed),
        })
    }

    /// Asks KSeF about a session of the context.
    ///
    /// # Errors
    /// `reference-number-malformed`, `ksef-unreachable`, refusals of KSeF, `interrupted`.
    pub async fn session(
        &self,
        reference_number: String,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<SessionReport, KsefOfflineError> {
        let desk = Arc::clone(self.here()?);
        let report = run(cancel, move || async move {
            desk.session(&reference_number).await
        });
        Ok(report.await?.into())
    }

    /// Corrects a rejected offline invoice technically: `file`, of the same content without the fault, takes its place, is
    /// sent in an interactive session and followed to its end. The rejected one stays in Error. Called again with the same
    /// file, it goes on where it stopped.
    ///
    /// # Errors
    /// `wrong-status`, `correction-not-technical` and its kin, `invoice-refused` with every fault of the file in `details`:
    /// nothing is stored then. `ksef-unreachable`: the correction is stored, and the next `send` sends it. `interrupted`.
    pub async fn correct(
        &self,
        id: String,
        file: IssueFile,
        options: SendOptions,
        progress: Option<Arc<dyn ProgressListener>>,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<Invoice, KsefOfflineError> {
        let desk = Arc::clone(self.here()?);
        let invoice = run(cancel, move || async move {
            let told = told(progress.as_deref());
            desk.correct(&id, &file.into(), options.into(), &told).await
        });
        Ok(invoice.await?.into())
    }

    /// Which of the corrections that wait will miss their deadline: KSeF takes 180 an hour of a context.
    ///
    /// # Errors
    /// Those of the queue.
    pub fn correction_forecast(&self) -> Result<Vec<CorrectionForecast>, KsefOfflineError> {
        Ok(all(self.here()?.correction_forecast()?))
    }

    /// A page of the queue, or with the status `sent` of the archive.
    ///
    /// # Errors
    /// `cursor-malformed` and others of the queue.
    pub fn list(&self, options: ListOptions) -> Result<InvoicePage, KsefOfflineError> {
        let limit = options.limit.unwrap_or(PAGE) as usize;
        let status = options.status.map(Into::into);
        let page = self.here()?.list(status, limit, options.after.as_deref())?;
        Ok(page.into())
    }

    /// One invoice.
    ///
    /// # Errors
    /// `id-malformed`, `not-found`.
    pub fn show(&self, id: String) -> Result<Invoice, KsefOfflineError> {
        Ok(self.here()?.show(&id)?.into())
    }

    /// Everything that happened to an invoice, oldest first.
    ///
    /// # Errors
    /// `id-malformed`, `not-found`.
    pub fn history(&self, id: String) -> Result<Vec<HistoryLine>, KsefOfflineError> {
        Ok(all(self.here()?.history(&id)?))
    }

    /// On what evidence the mode of an invoice was chosen. None for a record this version cannot read.
    ///
    /// # Errors
    /// `id-malformed`, `not-found`.
    pub fn evidence(&self, id: String) -> Result<Option<Evidence>, KsefOfflineError> {
        Ok(self.here()?.evidence(&id)?.map(Into::into))
    }

    /// The exact bytes of an invoice.
    ///
    /// # Errors
    /// `id-malformed`, `not-found`.
    pub fn document(&self, id: String) -> Result<Vec<u8>, KsefOfflineError> {
        Ok(self.here()?.document(&id)?)
    }

    /// Removes an invoice in Error from the queue. Its history stays.
    ///
    /// # Errors
    /// `illegal-move` in every other status, `not-found`.
    pub fn delete(&self, id: String) -> Result<(), KsefOfflineError> {
        Ok(self.here()?.delete(&id)?)
    }

    /// The codes of an invoice as links with captions.
    ///
    /// # Errors
    /// `no-codes` when it is not signed yet or was issued during a total failure; `not-found`.
    pub fn codes(&self, id: String, options: QrOptions) -> Result<InvoiceCodes, KsefOfflineError> {
        let codes = self.here()?.codes(&id, options.original)?;
        Ok(InvoiceCodes {
            one: codes.one.into(),
            two: codes.two.map(Code::from),
        })
    }

    /// Writes `ID-code-1.*` and, where there is one, `ID-code-2.*` into a folder.
    ///
    /// # Errors
    /// As `codes`; `code-scale`, `file-error` and its kin.
    pub fn write_codes(
        &self,
        id: String,
        folder: FilePath,
        format: CodeFormat,
        options: QrOptions,
    ) -> Result<CodeFiles, KsefOfflineError> {
        let drawing = picture_options(options.scale);
        let files = self.here()?.write_codes(
            &id,
            folder.as_ref(),
            format.into(),
            &drawing,
            options.original,
        )?;
        Ok(files.into())
    }

    /// An invoice with its codes, or its codes alone, as a page: HTML in UTF-8 that loads nothing, or PDF.
    ///
    /// # Errors
    /// `not-found`; `no-codes` when only codes are asked for and there are none; `unsupported` for PDF in a build without.
    pub fn preview(
        &self,
        id: String,
        format: PreviewFormat,
        options: PreviewOptions,
    ) -> Result<Vec<u8>, KsefOfflineError> {
        let content = options.content.unwrap_or(PreviewContent::Invoice);
        let language = options.language.unwrap_or(Language::Pl);
        let format = page_format(format)?;
        Ok(self
            .here()?
            .preview(&id, content.into(), format, language.into())?)
    }

    /// The receipt (UPO) of an accepted invoice, as KSeF gave it.
    ///
    /// # Errors
    /// `wrong-status` when it is not accepted, `receipt-missing` when the receipt has not come yet, `not-found`.
    pub fn receipt(&self, id: String) -> Result<Vec<u8>, KsefOfflineError> {
        Ok(self.here()?.receipt(&id)?)
    }

    /// Writes the receipt of an accepted invoice to a file, and says whether it holds.
    ///
    /// # Errors
    /// As `receipt`; `file-error` and its kin.
    pub fn write_receipt(
        &self,
        id: String,
        file: FilePath,
    ) -> Result<ReceiptFile, KsefOfflineError> {
        let written = self.here()?.write_receipt(&id, file.as_ref())?;
        Ok(ReceiptFile {
            file: path_text(&written.file),
            verified: written.verified,
            trusted: written.trusted,
        })
    }

    /// Writes invoice and signature as one ASiC-S container, and gives its absolute path.
    ///
    /// # Errors
    /// `not-signed`, `not-found`, `file-error` and its kin.
    pub fn export(&self, id: String, file: FilePath) -> Result<FilePath, KsefOfflineError> {
        Ok(path_text(&self.here()?.export(&id, file.as_ref())?))
    }

    /// A page of the archive, newest first.
    ///
    /// # Errors
    /// `date-malformed`, the codes of a malformed number or hash, those of the queue.
    pub fn search(&self, options: SearchOptions) -> Result<InvoicePage, KsefOfflineError> {
        Ok(self.here()?.search(&options.query()?)?.into())
    }

    /// Writes every archived invoice that the options find into a folder: invoice, signature and receipt.
    ///
    /// # Errors
    /// As `search`; `file-error` and its kin.
    pub fn export_archive(
        &self,
        folder: FilePath,
        options: SearchOptions,
    ) -> Result<ArchiveExport, KsefOfflineError> {
        let exported = self
            .here()?
            .export_archive(&options.query()?, folder.as_ref())?;
        Ok(exported.into())
    }

    /// Removes what the retention in `config.toml` no longer keeps, and gives the ids. Without one nothing is removed.
    ///
    /// # Errors
    /// Those of the queue.
    pub fn expire_archive(&self) -> Result<Vec<String>, KsefOfflineError> {
        Ok(self.here()?.expire_archive()?)
    }

    /// Writes a copy of the whole queue, consistent in itself, to a new file.
    ///
    /// # Errors
    /// `file-exists`, those of the queue.
    pub fn backup(&self, file: FilePath) -> Result<(), KsefOfflineError> {
        Ok(self.here()?.backup(file.as_ref())?)
    }

    /// Compares everything the queue holds with its checksums.
    ///
    /// # Errors
    /// `queue-corrupt` with the first fault.
    pub fn check_queue(&self) -> Result<(), KsefOfflineError> {
        Ok(self.here()?.check_queue()?)
    }

    /// Makes a key, has KSeF certify it, and writes both. No certificate is ever issued whose key is not on the disk.
    ///
    /// # Errors
    /// `variable-missing` when the password is not set, `ksef-unreachable`, refusals of KSeF, `file-error` and its kin,
    /// `interrupted`.
    pub async fn enroll(
        &self,
        options: EnrollOptions,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<EnrolledCertificate, KsefOfflineError> {
        let desk = Arc::clone(self.here()?);
        let enrolled = run(
            cancel,
            move || async move { desk.enroll(&options.into()).await },
        );
        Ok(enrolled.await?.into())
    }

    /// All certificates of the context's subject at KSeF.
    ///
    /// # Errors
    /// `ksef-unreachable`, refusals of KSeF, `interrupted`.
    pub async fn certificates(
        &self,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<Vec<CertificateLine>, KsefOfflineError> {
        let desk = Arc::clone(self.here()?);
        Ok(all(run(cancel, move || async move {
            desk.certificates().await
        })
        .await?))
    }

    /// Revokes a certificate for good, and gives its serial number.
    ///
    /// # Errors
    /// `certificate-serial-malformed`, `ksef-unreachable`, refusals of KSeF, `interrupted`.
    pub async fn revoke_certificate(
        &self,
        serial_number: String,
        cancel: Option<Arc<CancelToken>>,
    ) -> Result<String, KsefOfflineError> {
        let desk = Arc::clone(self.here()?);
        let revoked = run(cancel, move || async move {
            desk.revoke_certificate(&serial_number).await
        });
        Ok(revoked.await?.to_string())
    }

    /// Watches KSeF, Latarnia and the deadlines. Its first event says how things stand; then come the changes since anybody
    /// watched last.
    ///
    /// # Errors
    /// Those of the queue, `threads-unavailable`.
    pub fn watch(&self, options: WatchOptions) -> Result<Arc<Watcher>, KsefOfflineError> {
        Watcher::start(Arc::clone(self.here()?), options.into())
    }
}

/// What a listener is told, in the desk's form.
pub(crate) fn told(
    listener: Option<&dyn ProgressListener>,
) -> impl Fn(desk::Progress) + Send + Sync {
    move |progress| {
        if let Some(listener) = listener {
            listener.progressed(progress.into());
        }
    }
}
