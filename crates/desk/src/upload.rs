//! Batches on their way: packed, opened, uploaded in parts, closed; and taken up again where an upload broke off.
//!
//! The ciphertext of the parts and the instructions to upload them stay in the home folder until the session is closed.
//! After a lost part only that part is sent again, also by another process. The key of the session is not kept: nothing
//! that is left to do needs it (ADR 0013).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use ksef_offline_client::{ClientError, FileParts, KsefClient, PartUpload};
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::identifier::ReferenceNumber;
use ksef_offline_core::package::{
    Compression, DeflateLevel, FormCode, Package, PackageLimits, PartInfo, PlanItem,
    PlannedSession, SessionKey, pack, plan,
};
use ksef_offline_core::random::OsRandom;
use ksef_offline_queue::{
    Entry, EntryId, NewSession, Queue, SessionKind, SessionRecord, SessionState,
};
use serde::{Deserialize, Serialize};

use crate::dispatch::Dispatcher;
use crate::error::DeskError;
use crate::home::document_name;
use crate::sending::{OnProgress, Progress};

/// Parts uploaded at the same time.
const PARALLEL_UPLOADS: usize = 4;
/// What KSeF grants for each part of a session, counted from its opening.
const WINDOW_OF_A_PART: SignedDuration = SignedDuration::from_mins(20);
/// Time between two words on how far packing has come.
const BETWEEN_PROGRESS: Duration = Duration::from_millis(300);
/// The file with the instructions, beside the parts.
const INSTRUCTIONS: &str = "upload.json";

/// One part and how to upload it.
#[derive(Serialize, Deserialize)]
struct Part {
    info: PartInfo,
    upload: PartUpload,
}

impl Dispatcher<'_> {
    /// Packs, opens, uploads and closes one session after the other.
    pub(crate) async fn send(
        &mut self,
        client: &KsefClient,
        ready: &[Entry],
        limits: &PackageLimits,
    ) -> Result<(), DeskError> {
        let items: Vec<PlanItem> = ready.iter().map(plan_item).collect();
        for session in plan(&items, limits)? {
            let entries: Vec<&Entry> = session.members.iter().map(|index| &ready[*index]).collect();
            self.send_session(client, &session, &entries, limits)
                .await?;
        }
        Ok(())
    }

    async fn send_session(
        &mut self,
        client: &KsefClient,
        planned: &PlannedSession,
        entries: &[&Entry],
        limits: &PackageLimits,
    ) -> Result<(), DeskError> {
        (self.progress)(Progress::Packing {
            invoices: entries.len(),
        });
        let folder = self.desk.home().sending_folder()?;
        let names: Vec<(EntryId, String)> = entries
            .iter()
            .map(|entry| (entry.id.clone(), document_name(&entry.id)))
            .collect();
        let (package, key) = packed(
            self.desk.queue().clone(),
            names.clone(),
            self.desk.config().network.compression,
            *limits,
            FileParts::new(folder.path()),
            self.progress,
        )
        .await?;

        let batch = client
            .open_batch(&package, &key, &planned.form, planned.offline)
            .await?;
        let parts: Vec<Part> = package
            .parts
            .into_iter()
            .zip(batch.uploads)
            .map(|(info, upload)| Part { info, upload })
            .collect();
        let instructions = serde_json::to_vec(&parts)
            .map_err(|_| DeskError::Contract("upload instructions that cannot be kept"))?;
        let home = self.desk.home();
        home.keep_parts(folder, &batch.reference, INSTRUCTIONS, &instructions)?;
        self.desk.queue().begin_session(
            &self.right.lease(),
            &NewSession {
                reference: batch.reference.clone(),
                kind: SessionKind::Batch,
                offline: planned.offline,
                parts: u32::try_from(parts.len()).unwrap_or(u32::MAX),
                secrets: None,
                invoices: names,
            },
            self.desk.now(),
        )?;
        self.took(&batch.reference, entries.iter().copied());
        self.upload(client, &batch.reference, &parts, &[]).await?;
        client.close_batch(&batch.reference).await?;
        self.advance(&batch.reference, SessionState::Closed)
    }

    /// Uploads what is missing of a session that broke off, if its window is still open and its parts are still here.
    ///
    /// Whatever else is wrong with them shows when the session is closed: it is given up then, and its invoices go out in
    /// another one.
    pub(crate) async fn upload_rest(
        &mut self,
        client: &KsefClient,
        session: &SessionRecord,
    ) -> Result<(), DeskError> {
        if session.kind != SessionKind::Batch || !is_window_open(session, self.desk.now()) {
            return Ok(());
        }
        let folder = self.desk.home().parts(&session.reference);
        let Some(parts) = instructions(&folder) else {
            return Ok(());
        };
        tracing::info!(
            reference = %session.reference,
            parts = parts.len(),
            uploaded = session.uploaded.len(),
            "going on with an upload"
        );
        match self
            .upload(client, &session.reference, &parts, &session.uploaded)
            .await
        {
            Err(DeskError::Client(error)) if !error.is_passing() => {
                tracing::warn!(reference = %session.reference, code = error.code(), "the upload cannot go on");
                Ok(())
            }
            result => result,
        }
    }

    /// Uploads all parts but those that are `there`, some at a time, and records each. When one fails for good, no further
    /// one is begun, and those on their way are brought to their end and recorded.
    async fn upload(
        &self,
        client: &KsefClient,
        reference: &ReferenceNumber,
        parts: &[Part],
        there: &[u32],
    ) -> Result<(), DeskError> {
        let files = FileParts::new(self.desk.home().parts(reference));
        let failed = AtomicBool::new(false);
        let (mut done, mut bytes_done) = (0, 0);
        let bytes = parts.iter().map(|part| part.info.cipher_size).sum();
        let missing: Vec<&Part> = parts
            .iter()
            .filter(|part| {
                let is_there = there.contains(&part.info.ordinal);
                if is_there {
                    done += 1;
                    bytes_done += part.info.cipher_size;
                }
                !is_there
            })
            .collect();
        let tell = |done, bytes_done| {
            (self.progress)(Progress::Uploading {
                done,
                parts: parts.len(),
                bytes_done,
                bytes,
            });
        };
        tell(done, bytes_done);
        // Gathered before the first is begun: with the closure in it, rustc cannot see that the whole may change threads.
        let uploads: Vec<_> = missing
            .into_iter()
            .map(|part| {
                let source = files.source(part.info.ordinal);
                let failed = &failed;
                async move {
                    if failed.load(Ordering::Relaxed) {
                        return None;
                    }
                    let result = client.upload_part(&part.upload, &part.info, &source).await;
                    if result.is_err() {
                        failed.store(true, Ordering::Relaxed);
                    }
                    Some((part, result))
                }
            })
            .collect();
        let mut uploads = stream::iter(uploads).buffer_unordered(PARALLEL_UPLOADS);
        let mut first_fault: Option<ClientError> = None;
        while let Some(ended) = uploads.next().await {
            match ended {
                Some((part, Ok(()))) => {
                    self.desk.queue().part_uploaded(
                        &self.right.lease(),
                        reference,
                        part.info.ordinal,
                        self.desk.now(),
                    )?;
                    done += 1;
                    bytes_done += part.info.cipher_size;
                    tell(done, bytes_done);
                }
                Some((_, Err(fault))) => {
                    first_fault.get_or_insert(fault);
                }
                None => {}
            }
        }
        first_fault.map_or(Ok(()), |fault| Err(fault.into()))
    }
}

/// What the plan needs to know of an invoice.
pub(crate) fn plan_item(entry: &Entry) -> PlanItem {
    PlanItem {
        hash: entry.hash,
        size: entry.size,
        has_attachment: entry.facts.has_attachment,
        offline: entry.mode.offline().is_some(),
        form: FormCode::fa3(),
    }
}

fn is_window_open(session: &SessionRecord, now: Timestamp) -> bool {
    let window = WINDOW_OF_A_PART
        .checked_mul(i32::try_from(session.parts).unwrap_or(i32::MAX))
        .unwrap_or(SignedDuration::MAX);
    session
        .opened
        .saturating_add(window)
        .is_ok_and(|end| now < end)
}

/// The instructions in a folder; `None` when they are not there or damaged.
fn instructions(folder: &Path) -> Option<Vec<Part>> {
    let bytes = std::fs::read(folder.join(INSTRUCTIONS)).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Packs and encrypts on a thread of its own, so that a program that embeds the desk goes on meanwhile. One invoice after
/// the other is read from the queue: memory does not grow with the package.
async fn packed(
    queue: Queue,
    names: Vec<(EntryId, String)>,
    compression: Compression,
    limits: PackageLimits,
    sink: FileParts,
    progress: OnProgress<'_>,
) -> Result<(Package, SessionKey), DeskError> {
    let invoices = names.len();
    let done = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&done);
    let work = move || {
        let key = SessionKey::generate(&OsRandom)?;
        let mut fault = None;
        let files = names
            .iter()
            .map_while(|(id, name)| match queue.document(id) {
                Ok(bytes) => {
                    counted.fetch_add(1, Ordering::Relaxed);
                    Some((name.as_str(), bytes))
                }
                Err(error) => {
                    fault = Some(error);
                    None
                }
            });
        let result = pack(
            compression,
            DeflateLevel::default(),
            files,
            &key,
            &limits,
            sink,
        );
        // A package that ended early for a fault of the queue is no package.
        match fault {
            Some(error) => Err(error.into()),
            None => result
                .map(|(package, _)| (package, key))
                .map_err(DeskError::from),
        }
    };
    let mut packing = tokio::task::spawn_blocking(work);
    loop {
        // The thread that packs cannot call back into this task.
        match tokio::time::timeout(BETWEEN_PROGRESS, &mut packing).await {
            Ok(ended) => return ended.map_err(|_| DeskError::Interrupted)?,
            Err(_) => progress(Progress::Packed {
                done: done.load(Ordering::Relaxed),
                invoices,
            }),
        }
    }
}
