//! Technical corrections, and with them interactive sessions and the refreshing of tokens.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ksef_offline::core::deadline::{IssueMode, OfflineMode};
use ksef_offline::core::identifier::InvoiceHash;
use ksef_offline::{IssueFile, IssueOptions, SendOptions};
use ksef_offline_simulator::{Rejection, Simulator};

use crate::proxy::{Fault, Proxy};
use crate::{Case, MOST_RUNS, context, home, invoices, open, table};

/// Invoices that stand rejected at the beginning: one for each case, and one for the case without a fault.
const REJECTED: usize = 400;

/// A home whose invoices KSeF has all rejected, and the files that mend them.
struct Rejected {
    folder: tempfile::TempDir,
    invoices: Vec<(String, IssueFile)>,
}

impl Rejected {
    async fn of(simulator: &Simulator) -> Self {
        let folder = tempfile::tempdir().unwrap();
        home(
            folder.path(),
            simulator,
            &context(),
            &simulator.api(),
            100_000_000,
        );
        let files = invoices(REJECTED);
        for file in &files {
            let hash = InvoiceHash::of(file.bytes.as_ref().unwrap());
            simulator.control().reject(Rejection::of_hash(hash, 450));
        }
        let options = IssueOptions {
            mode: Some(IssueMode::Offline(OfflineMode::Offline24)),
            ..IssueOptions::default()
        };
        let desk = open(folder.path());
        let report = desk.issue(&files, options).await.unwrap();
        let sent = desk.send(SendOptions::default(), &|_| ()).await.unwrap();
        assert_eq!(sent.rejected, REJECTED);
        let invoices = report.issued.into_iter().map(|invoice| invoice.id);
        Self {
            folder,
            invoices: invoices.zip(files.into_iter().map(mended)).collect(),
        }
    }

    /// The whole home once more.
    fn copy(&self, to: &Path) {
        for entry in std::fs::read_dir(self.folder.path()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }
}

/// The same content in other bytes.
fn mended(file: IssueFile) -> IssueFile {
    let mut bytes = file.bytes.unwrap();
    bytes.extend(b"<!-- mended -->\n");
    IssueFile {
        source: file.source,
        bytes: Ok(bytes),
    }
}

/// Corrects one invoice while a fault happens, with access tokens that have to be refreshed before each call.
async fn case(
    simulator: &Simulator,
    rejected: &Rejected,
    number: usize,
    plan: Option<(String, Fault)>,
) -> Case {
    let folder = tempfile::tempdir().unwrap();
    rejected.copy(folder.path());
    let proxy = Proxy::start(
        simulator.api().strip_suffix("/v2").unwrap(),
        plan.clone(),
        None,
    )
    .shorten_tokens();
    home(
        folder.path(),
        simulator,
        &context(),
        &proxy.address,
        100_000_000,
    );
    let (id, file) = &rejected.invoices[number];
    let hash = InvoiceHash::of(file.bytes.as_ref().unwrap());
    let options = SendOptions {
        timeout: Duration::from_secs(10),
        ..SendOptions::default()
    };
    let mut runs = 0;
    loop {
        runs += 1;
        let desk = open(folder.path());
        let sent = match desk.queue().by_hash(&hash).unwrap() {
            // The first run, or one whose fault came before anything was stored.
            None => desk.correct(id, file, options, &|_| ()).await.map(drop),
            Some(_) => desk.send(options, &|_| ()).await.map(drop),
        };
        let known = desk.queue().by_hash(&hash).unwrap();
        if known.is_some_and(|entry| entry.ksef_number.is_some() && entry.receipt.is_some()) {
            break;
        }
        assert!(runs < MOST_RUNS, "{plan:?}: {sent:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let original = open(folder.path())
        .queue()
        .entry(&id.parse().unwrap())
        .unwrap();
    let ledger = simulator.control().ledger();
    let times = |hash| {
        let entries = ledger.iter().filter(|entry| entry.invoice_hash == hash);
        entries.count()
    };
    assert_eq!((times(hash), times(original.hash)), (1, 0), "{plan:?}");
    Case::of(runs, &proxy)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_at_whichever_request_a_correction_is_in_ksef_once_and_its_original_never()
{
    use std::sync::atomic::{AtomicUsize, Ordering};
    let simulator = Arc::new(Simulator::builder().start().await.unwrap());
    let rejected = Arc::new(Rejected::of(&simulator).await);
    let whole = case(&simulator, &rejected, 0, None).await;
    assert_eq!(whole.runs, 1);
    for point in [
        "POST /v2/auth/token/refresh",
        "POST /v2/sessions/online",
        "POST /v2/sessions/online/*/invoices",
        "POST /v2/sessions/online/*/close",
    ] {
        assert!(whole.points.iter().any(|p| p == point), "{point}");
    }
    assert!(whole.points.len() * Fault::ALL.len() < REJECTED);
    let next = AtomicUsize::new(1);
    table::filled(
        "runs / requests until the correction was in KSeF once, with its receipt",
        &whole,
        |plan| {
            let (simulator, rejected) = (Arc::clone(&simulator), Arc::clone(&rejected));
            let number = next.fetch_add(1, Ordering::Relaxed);
            async move { case(&simulator, &rejected, number, Some(plan)).await }
        },
    )
    .await;
}
