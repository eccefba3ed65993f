//! Eight worker processes on one PostgreSQL queue; some are killed, some are stopped for longer than their lease and
//! wake up late.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use jiff::Zoned;
use ksef_offline::core::deadline::{IssueMode, OfflineMode};
use ksef_offline::core::identifier::{ContextIdentifier, InvoiceHash, Nip};
use ksef_offline::core::key::KeyKind;
use ksef_offline::{
    ArchiveQuery, CertificateKind, CustomAddresses, Desk, Enrollment, Home, IssueFile,
    IssueOptions, LoginFiles, Office, Setup,
};
use ksef_offline_simulator::{IssuedType, Simulator};
use ksef_offline_test_postgres::Server;
use tokio::runtime::Runtime;

use crate::dice::Dice;
use crate::world::{SELLER, examples, replaced};

const WORKERS: usize = 8;
/// Seconds until a worker that died is followed.
const LEASE: u64 = 2;
/// Invoices that are issued together.
const GROUP: usize = 100;
const PATIENCE: Duration = Duration::from_mins(30);

fn number_of(variable: &str, usual: usize) -> usize {
    std::env::var(variable)
        .ok()
        .and_then(|number| number.parse().ok())
        .unwrap_or(usual)
}

#[test]
fn eight_workers_that_are_killed_and_stopped_send_every_invoice_once() {
    let Some(server) = Server::shared() else {
        return;
    };
    let companies = number_of("WORKER_COMPANIES", 12);
    let invoices = number_of("WORKER_INVOICES", 10);
    let runtime = Runtime::new().unwrap();
    let simulator = runtime.block_on(Simulator::builder().start()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = server.fresh_url();
    for company in 0..companies {
        found(
            &runtime,
            &simulator,
            &folder.path().join(format!("{company:03}")),
            company,
            &url,
        );
    }
    let office = Office::open(folder.path()).unwrap();
    let mut issued = BTreeSet::new();
    for (company, desk) in office.desks().enumerate() {
        issued.extend(issue(&runtime, desk, company, invoices));
    }
    assert_eq!(issued.len(), companies * invoices);
    simulator
        .control()
        .set_processing_delay(Duration::from_millis(300));

    let start = Instant::now();
    let (killed, stopped) = let_them_work(folder.path());
    println!(
        "{} invoices of {companies} companies sent in {:?} by {WORKERS} workers; {killed} killed, {stopped} stopped",
        issued.len(),
        start.elapsed()
    );

    let mut ledger = BTreeMap::new();
    for entry in simulator.control().ledger() {
        let earlier = ledger.insert(entry.invoice_hash, entry.ksef_number);
        assert_eq!(earlier, None, "KSeF has an invoice twice");
    }
    assert_eq!(ledger.keys().copied().collect::<BTreeSet<_>>(), issued);
    let mut duplicates = 0;
    for desk in office.desks() {
        duplicates += check(&runtime, desk, &ledger, invoices);
    }
    assert_eq!(duplicates, 0, "somebody sent blindly");
    let first = office.desks().next().unwrap();
    first.queue().check().unwrap();
}

/// Makes the home of one company, with both certificates.
fn found(runtime: &Runtime, simulator: &Simulator, home: &Path, company: usize, url: &str) {
    let control = simulator.control();
    let seller = nip(company);
    let context = ContextIdentifier::nip(seller);
    control.allow_attachments(seller, true);
    let login = control
        .issue_certificate(&context, IssuedType::Authentication, KeyKind::P256)
        .unwrap();
    let setup = Setup {
        context,
        environment: "custom".into(),
        custom: Some(CustomAddresses {
            api: simulator.api(),
            latarnia: simulator.latarnia(),
            qr_host: simulator.qr_host(),
        }),
        login: Some(LoginFiles {
            certificate: login.certificate,
            key: login.key,
        }),
        anchors: Some(control.root_certificate()),
    };
    Home::at(home).unwrap().set_up(&setup).unwrap();
    let path = home.join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let shared = format!("url = \"{url}\"\nlease_seconds = {LEASE}");
    let config = config.replace("url = \"sqlite:queue.db\"", &shared);
    assert!(config.contains("postgres://"));
    std::fs::write(&path, config).unwrap();
    let enrollment = Enrollment {
        kind: CertificateKind::Offline,
        name: "Biuro rachunkowe".into(),
        key: KeyKind::P256,
        folder: home.join("keys"),
        password_variable: None,
        enter: true,
    };
    let desk = Desk::open(home).unwrap();
    runtime.block_on(desk.enroll(&enrollment)).unwrap();
}

fn nip(company: usize) -> Nip {
    Nip::parse(&format!("52658{company:05}")).unwrap()
}

/// Issues invoices of one company; their hashes.
fn issue(runtime: &Runtime, desk: &Desk, company: usize, count: usize) -> Vec<InvoiceHash> {
    let today = Zoned::now().date().to_string();
    let examples = examples();
    let example = str::from_utf8(&examples[0]).unwrap();
    let example = replaced(example, "P_1", &today).replace(SELLER, nip(company).as_str());
    let mut hashes = Vec::with_capacity(count);
    let numbers: Vec<usize> = (0..count).collect();
    for group in numbers.chunks(GROUP) {
        let files: Vec<IssueFile> = group
            .iter()
            .map(|number| {
                let text = replaced(&example, "P_2", &format!("W/{company}/{number}"));
                hashes.push(InvoiceHash::of(text.as_bytes()));
                IssueFile {
                    source: format!("{number}.xml"),
                    bytes: Ok(text.into_bytes()),
                }
            })
            .collect();
        let options = IssueOptions {
            mode: Some(IssueMode::Offline(OfflineMode::Offline24)),
            ..IssueOptions::default()
        };
        let report = runtime.block_on(desk.issue(&files, options)).unwrap();
        assert!(report.failed.is_empty(), "{:?}", report.failed);
    }
    hashes
}

/// Lets the workers work while one after the other is killed, or stopped until its lease is over. Ends when all of them
/// say that nothing waits any more.
fn let_them_work(office: &Path) -> (usize, usize) {
    let mut dice = Dice::from_environment();
    let worker = || {
        Command::new(env!("CARGO_BIN_EXE_ksef-offline-crash-sender"))
            .arg("--office")
            .arg(office)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut workers: Vec<Child> = (0..WORKERS).map(|_| worker()).collect();
    let mut asleep: Vec<(usize, Instant)> = Vec::new();
    let (mut killed, mut stopped) = (0, 0);
    let start = Instant::now();
    while !workers.is_empty() {
        std::thread::sleep(Duration::from_millis(100 + dice.below(300)));
        if start.elapsed() > PATIENCE {
            for worker in &mut workers {
                worker.kill().unwrap();
                worker.wait().unwrap();
            }
            panic!("the workers do not come to an end");
        }
        asleep.retain(|(place, until)| {
            let over = Instant::now() >= *until;
            if over {
                signal(&workers[*place], "CONT");
            }
            !over
        });
        let place = usize::try_from(dice.below(workers.len() as u64)).unwrap();
        let sleeps = asleep.iter().any(|(other, _)| *other == place);
        // A few of each, then they are left alone for long enough to finish.
        if !sleeps && killed + stopped < 5 * WORKERS {
            if workers[place].try_wait().unwrap().is_some() {
                // It found nothing more to do.
            } else if dice.below(2) == 0 {
                workers[place].kill().unwrap();
                workers[place].wait().unwrap();
                workers[place] = worker();
                killed += 1;
            } else {
                signal(&workers[place], "STOP");
                let nap = Duration::from_secs(LEASE) + Duration::from_millis(dice.below(3000));
                asleep.push((place, Instant::now() + nap));
                stopped += 1;
            }
        }
        if asleep.is_empty()
            && workers
                .iter_mut()
                .all(|worker| worker.try_wait().unwrap().is_some())
        {
            for worker in &mut workers {
                let status = worker.wait().unwrap();
                assert!(status.success(), "a worker failed: {status}");
            }
            workers.clear();
        }
    }
    (killed, stopped)
}

fn signal(worker: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([format!("-{name}"), worker.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
}

/// What must hold of one company in the end; how many of its invoices KSeF answered with 440.
fn check(
    runtime: &Runtime,
    desk: &Desk,
    ledger: &BTreeMap<InvoiceHash, ksef_offline::core::identifier::KsefNumber>,
    invoices: usize,
) -> usize {
    let mut query = ArchiveQuery {
        context: Some(desk.config().context.clone()),
        limit: 1000,
        ..ArchiveQuery::default()
    };
    let mut sessions = BTreeSet::new();
    let mut sent = 0;
    loop {
        let page = desk.queue().archive(&query).unwrap();
        for entry in page.entries {
            assert_eq!(entry.ksef_number.as_ref(), ledger.get(&entry.hash));
            assert!(entry.receipt.is_some(), "{entry:?}");
            sessions.extend(entry.session.map(|session| session.to_string()));
            sent += 1;
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    assert_eq!(sent, invoices);
    sessions
        .iter()
        .map(|session| {
            let session = runtime.block_on(desk.session(session)).unwrap();
            let twice = |code: i64| code == 440;
            session
                .invoices
                .iter()
                .filter(|invoice| twice(invoice.status.code))
                .count()
        })
        .sum()
}
