//! Faults at every request: whatever breaks, in the end every invoice is in KSeF exactly once, every certificate is there
//! once, and every login comes to its end. Batches stand here; the rest in modules of its own.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking; the table is what the test is for"
)]

mod certificates;
mod corrections;
mod logins;
mod proxy;
mod table;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ksef_offline::core::deadline::{IssueMode, OfflineMode};
use ksef_offline::core::identifier::{ContextIdentifier, InvoiceHash};
use ksef_offline::core::key::KeyKind;
use ksef_offline::{Desk, IssueFile, IssueOptions, SendOptions};
use ksef_offline_simulator::{IssuedType, Simulator};
use proxy::{CLIENT_PATIENCE, Fault, Hook, Proxy};

/// Invoices in each batch.
const INVOICES: usize = 2;
/// Bytes of a part, so that a few kilobytes make several.
const SMALL_PART: u64 = 1000;
/// Runs of `send` after which everything must be settled.
const MOST_RUNS: usize = 8;
fn context() -> ContextIdentifier {
    ContextIdentifier::parse("Nip:5265877635").unwrap()
}

/// A home of `context` whose way to KSeF leads to `api` (`http://host:port`).
fn home(
    folder: &Path,
    simulator: &Simulator,
    context: &ContextIdentifier,
    api: &str,
    part_size: u64,
) {
    let control = simulator.control();
    let mut sections = String::new();
    for (section, kind) in [
        ("authentication", IssuedType::Authentication),
        ("offline", IssuedType::Offline),
    ] {
        let issued = control
            .issue_certificate(context, kind, KeyKind::P256)
            .unwrap();
        std::fs::write(folder.join(format!("{section}.pem")), issued.certificate).unwrap();
        std::fs::write(folder.join(format!("{section}.key")), issued.key).unwrap();
        sections +=
            &format!("[{section}]\ncertificate = \"{section}.pem\"\nkey = \"{section}.key\"\n");
    }
    let config = format!(
        "environment = \"custom\"\ncontext = \"{context}\"\n[custom]\napi = \"{}/v2\"\nlatarnia = \"{}\"\nqr_host = \"{}\"\n\
         [network]\ntimeout_seconds = {CLIENT_PATIENCE}\npart_size = {part_size}\n{sections}",
        api.trim_end_matches("/v2"),
        simulator.latarnia(),
        simulator.qr_host(),
    );
    std::fs::write(folder.join("config.toml"), config).unwrap();
}

/// Example invoices under numbers nobody has used.
fn invoices(count: usize) -> Vec<IssueFile> {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/invoices/01-vat-domestic.xml"
    );
    let example = std::fs::read_to_string(example).unwrap();
    let (head, tail) = example.split_once("<P_2>").unwrap();
    let (_, tail) = tail.split_once("</P_2>").unwrap();
    (0..count)
        .map(|_| {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let document = format!("{head}<P_2>FAULT/{number}</P_2>{tail}");
            IssueFile {
                source: format!("/in/{number}.xml"),
                bytes: Ok(document.into_bytes()),
            }
        })
        .collect()
}

fn open(folder: &Path) -> Desk {
    Desk::open(folder).unwrap()
}

/// What became of one case.
struct Case {
    runs: usize,
    requests: usize,
    points: Vec<String>,
    was_hit: bool,
}

impl Case {
    fn of(runs: usize, proxy: &Proxy) -> Self {
        Self {
            runs,
            requests: proxy.requests(),
            points: proxy.points(),
            was_hit: proxy.was_hit(),
        }
    }
}

/// Issues invoices, lets a batch break as planned, and runs `send` as cron would, each time as a new process.
async fn case(simulator: &Simulator, plan: Option<(String, Fault)>) -> Case {
    case_with(simulator, plan, None).await
}

async fn case_with(
    simulator: &Simulator,
    plan: Option<(String, Fault)>,
    hook: Option<Hook>,
) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(
        simulator.api().strip_suffix("/v2").unwrap(),
        plan.clone(),
        hook,
    );
    let api = &proxy.address;
    home(folder.path(), simulator, &context(), api, SMALL_PART);
    let files = invoices(INVOICES);
    let hashes: Vec<InvoiceHash> = files
        .iter()
        .map(|file| InvoiceHash::of(file.bytes.as_ref().unwrap()))
        .collect();
    let options = IssueOptions {
        mode: Some(IssueMode::Offline(OfflineMode::Offline24)),
        ..IssueOptions::default()
    };
    let report = open(folder.path()).issue(&files, options).await.unwrap();
    assert_eq!(report.issued.len(), INVOICES, "{:?}", report.failed);
    let mut runs = 0;
    loop {
        runs += 1;
        let desk = open(folder.path());
        let sending = SendOptions {
            timeout: Duration::from_secs(10),
            ..SendOptions::default()
        };
        let sent = desk.send(sending, &|_| ()).await;
        let waiting = desk.list(None, 100, None).unwrap();
        let without_receipt = desk.queue().without_receipt(None).unwrap();
        if waiting.invoices.is_empty() && without_receipt.is_empty() {
            break;
        }
        assert!(
            waiting
                .invoices
                .iter()
                .all(|invoice| invoice.status == "signed" || invoice.status == "processing"),
            "{plan:?}: a fault of the network is no rejection"
        );
        assert!(
            runs < MOST_RUNS,
            "{plan:?}: {sent:?} {:?}",
            waiting.invoices
        );
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    for hash in &hashes {
        let ledger = simulator.control().ledger();
        let times = ledger.iter().filter(|entry| entry.invoice_hash == *hash);
        assert_eq!(times.count(), 1, "{plan:?}");
        let entry = open(folder.path()).queue().by_hash(hash).unwrap().unwrap();
        assert!(entry.ksef_number.is_some() && entry.receipt.is_some());
    }
    let left: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("parts-") || name.starts_with("sending-"))
        .collect();
    assert!(left.is_empty(), "{plan:?} left {left:?}");
    Case::of(runs, &proxy)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_breaks_at_whichever_request_every_invoice_is_in_ksef_once() {
    let simulator = Arc::new(Simulator::builder().start().await.unwrap());
    let whole = case(&simulator, None).await;
    assert_eq!(whole.runs, 1);
    let uploads = whole
        .points
        .iter()
        .filter(|point| point.starts_with("PUT "));
    assert!(uploads.count() >= 2, "several parts: {:?}", whole.points);
    table::filled(
        "runs of send / requests until every invoice was in KSeF once, with its receipt",
        &whole,
        |plan| {
            let simulator = Arc::clone(&simulator);
            async move { case(&simulator, Some(plan)).await }
        },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_lost_part_only_that_part_is_sent_again() {
    let simulator = Simulator::builder().start().await.unwrap();
    let whole = case(&simulator, None).await;
    let uploads: Vec<&String> = whole
        .points
        .iter()
        .filter(|point| point.starts_with("PUT "))
        .collect();
    simulator.control().clear_requests();
    let last = (*uploads.last().unwrap()).clone();
    let broken = case(&simulator, Some((last, Fault::Unauthorized))).await;
    assert_eq!(broken.runs, 2, "the refused upload ends the first run");
    let requests = simulator.control().requests();
    let opened = requests
        .iter()
        .filter(|request| request.method == "POST" && request.path.ends_with("/sessions/batch"));
    assert_eq!(opened.count(), 1, "no new session, so no new archive");
    let mut stored: Vec<&str> = requests
        .iter()
        .filter(|request| request.method == "PUT")
        .map(|request| request.path.rsplit('/').next().unwrap())
        .collect();
    stored.sort_unstable();
    let each: Vec<String> = (1..=uploads.len()).map(|part| part.to_string()).collect();
    assert_eq!(stored, each, "every part arrived once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_off_stops_nothing() {
    for minutes in [-20, 20] {
        let simulator = Simulator::builder().start().await.unwrap();
        simulator
            .control()
            .set_clock_offset(jiff::SignedDuration::from_mins(minutes));
        // Keys that are valid by that clock.
        simulator.control().rotate_keys().unwrap();
        let ended = case(&simulator, None).await;
        assert_eq!(ended.runs, 1, "{minutes}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_withdrawn_between_its_fetch_and_the_opening_is_replaced() {
    const OPENING: &str = "POST /v2/sessions/batch";
    let simulator = Arc::new(Simulator::builder().start().await.unwrap());
    let (control, rotated) = (simulator.control(), AtomicUsize::new(0));
    let hook: Hook = Box::new(move |point| {
        if point == OPENING && rotated.fetch_add(1, Ordering::Relaxed) == 0 {
            control.rotate_keys().unwrap();
        }
    });
    let ended = case_with(&simulator, None, Some(hook)).await;
    assert_eq!(ended.runs, 1);
    let requests = simulator.control().requests();
    let openings: Vec<u16> = requests
        .iter()
        .filter(|request| request.method == "POST" && request.path.ends_with("/sessions/batch"))
        .map(|request| request.status)
        .collect();
    assert_eq!(openings, [400, 201], "refused with 21470, then taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_run_brings_the_receipts_of_a_whole_session() {
    const MANY: usize = 150;
    let simulator = Simulator::builder().start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let proxy = Proxy::start(simulator.api().strip_suffix("/v2").unwrap(), None, None);
    let api = &proxy.address;
    home(folder.path(), &simulator, &context(), api, 100_000_000);
    let options = IssueOptions {
        mode: Some(IssueMode::Offline(OfflineMode::Offline24)),
        ..IssueOptions::default()
    };
    let desk = open(folder.path());
    desk.issue(&invoices(MANY), options).await.unwrap();
    let report = desk.send(SendOptions::default(), &|_| ()).await.unwrap();
    assert_eq!((report.sent, report.sessions.len()), (MANY, 1));
    assert!(desk.queue().without_receipt(None).unwrap().is_empty());
    let downloads = proxy
        .points()
        .into_iter()
        .filter(|point| point.contains("/upo"));
    assert_eq!(downloads.count(), 1, "{:?}", proxy.points());
}
