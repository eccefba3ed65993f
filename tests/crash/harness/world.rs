//! A simulator, a company's home, and what must hold in both after everything was sent.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::Zoned;
use ksef_offline::core::identifier::{ContextIdentifier, InvoiceHash, Nip};
use ksef_offline::core::key::KeyKind;
use ksef_offline::{
    CertificateKind, CustomAddresses, Desk, Enrollment, Home, InvoiceStatus, LoginFiles, Setup,
};
use ksef_offline_simulator::{IssuedType, LoggedRequest, Simulator};
use tempfile::TempDir;
use tokio::runtime::Runtime;

pub(crate) const SELLER: &str = "5265877635";
/// How long the simulator keeps a package in processing: long enough to be killed in.
const PROCESSING: Duration = Duration::from_millis(300);
/// Invoices a round.
const INVOICES: usize = 10;

/// Everything one test lives in.
pub(crate) struct World {
    runtime: Runtime,
    simulator: Simulator,
    folder: TempDir,
    examples: Vec<Vec<u8>>,
    /// The hashes of everything that was to be issued so far.
    issued: BTreeSet<InvoiceHash>,
    /// Those of the last round.
    latest: Vec<InvoiceHash>,
    /// Sessions the simulator was asked about, in the rounds that were looked at.
    sessions: Vec<String>,
}

impl World {
    /// Starts the simulator and makes a home with both certificates.
    pub(crate) fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let simulator = runtime.block_on(Simulator::builder().start()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let world = Self {
            runtime,
            simulator,
            folder,
            examples: examples(),
            issued: BTreeSet::new(),
            latest: Vec::new(),
            sessions: Vec::new(),
        };
        world.set_up();
        world
    }

    fn set_up(&self) {
        let control = self.simulator.control();
        let seller = Nip::parse(SELLER).unwrap();
        let context = ContextIdentifier::nip(seller);
        control.allow_attachments(seller, true);
        let login = control
            .issue_certificate(&context, IssuedType::Authentication, KeyKind::P256)
            .unwrap();
        let setup = Setup {
            context,
            environment: "custom".into(),
            custom: Some(CustomAddresses {
                api: self.simulator.api(),
                latarnia: self.simulator.latarnia(),
                qr_host: self.simulator.qr_host(),
            }),
            login: Some(LoginFiles {
                certificate: login.certificate,
                key: login.key,
            }),
            anchors: Some(control.root_certificate()),
        };
        Home::at(&self.home()).unwrap().set_up(&setup).unwrap();
        let enrollment = Enrollment {
            kind: CertificateKind::Offline,
            name: "Próba wypadku".into(),
            key: KeyKind::P256,
            folder: self.home().join("keys"),
            password_variable: None,
            enter: true,
        };
        self.runtime
            .block_on(self.desk().enroll(&enrollment))
            .unwrap();
        control.set_processing_delay(PROCESSING);
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn desk(&self) -> Desk {
        Desk::open(&self.home()).unwrap()
    }

    /// Puts the examples, of today and under numbers of their own, where the next senders find them.
    pub(crate) fn prepare(&mut self, round: usize) {
        let today = Zoned::now().date().to_string();
        let folder = self.invoices();
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir(&folder).unwrap();
        self.latest.clear();
        for (place, example) in self.examples.iter().enumerate() {
            let text = str::from_utf8(example).unwrap();
            let text = replaced(text, "P_1", &today);
            let text = replaced(&text, "P_2", &format!("CRASH/{round}/{place}"));
            self.latest.push(InvoiceHash::of(text.as_bytes()));
            std::fs::write(folder.join(format!("{place:02}.xml")), text).unwrap();
        }
        self.issued.extend(&self.latest);
    }

    fn invoices(&self) -> PathBuf {
        self.folder.path().join("invoices")
    }

    /// Starts a sender as a process of its own.
    pub(crate) fn sender(&self) -> Child {
        self.dying_sender("")
    }

    /// Starts a sender that dies at this step.
    pub(crate) fn dying_sender(&self, step: &str) -> Child {
        Command::new(env!("CARGO_BIN_EXE_ksef-offline-crash-sender"))
            .arg("--home")
            .arg(self.home())
            .arg(self.invoices())
            .env("CRASH_AT", step)
            .env_remove("RUST_LOG")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// Takes away the ciphertext of every session that is open, as a disk does that was cleaned or restored.
    pub(crate) fn lose_parts(&self) {
        let mut lost = 0;
        for entry in std::fs::read_dir(self.home()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_name().to_string_lossy().starts_with("parts-") {
                std::fs::remove_dir_all(entry.path()).unwrap();
                lost += 1;
            }
        }
        assert!(lost > 0, "no parts were kept");
    }

    /// The requests that reached KSeF since the last call of [`Self::forget_requests`].
    pub(crate) fn requests(&self) -> Vec<LoggedRequest> {
        self.simulator.control().requests()
    }

    /// Begins a new list of requests, and remembers which sessions the old one speaks of.
    pub(crate) fn forget_requests(&mut self) {
        for request in self.requests() {
            if let Some(reference) = request
                .path
                .strip_prefix("/v2/sessions/")
                .and_then(|path| path.strip_suffix("/invoices"))
            {
                self.sessions.push(reference.to_owned());
            }
        }
        self.sessions.sort();
        self.sessions.dedup();
        self.simulator.control().clear_requests();
    }

    /// What must hold once a sender has come to its end: KSeF has every invoice once and no other, each of those issued
    /// last is in the archive here under the number KSeF gave it, with a receipt that verifies, and nothing lies about.
    pub(crate) fn check(&self, told: &str) {
        let ledger = self.ledger(told);
        self.check_archive(&self.latest, &ledger, told);
        self.check_nothing_waits(told);
    }

    /// The same of everything that was ever issued.
    pub(crate) fn check_all(&self, told: &str) {
        let ledger = self.ledger(told);
        self.check_archive(&self.issued, &ledger, told);
        self.desk().queue().check().unwrap();
        self.check_nothing_waits(told);
    }

    /// KSeF's numbers by hash, once it is known that they are of what was issued and of nothing else.
    fn ledger(&self, told: &str) -> BTreeMap<InvoiceHash, String> {
        let mut ledger = BTreeMap::new();
        for entry in self.simulator.control().ledger() {
            let hash = entry.invoice_hash;
            assert!(self.issued.contains(&hash), "{told}: KSeF has a stranger");
            let earlier = ledger.insert(hash, entry.ksef_number.to_string());
            assert_eq!(earlier, None, "{told}: KSeF has an invoice twice");
        }
        assert_eq!(
            ledger.len(),
            self.issued.len(),
            "{told}: KSeF lacks invoices"
        );
        ledger
    }

    fn check_archive<'a>(
        &self,
        hashes: impl IntoIterator<Item = &'a InvoiceHash>,
        ledger: &BTreeMap<InvoiceHash, String>,
        told: &str,
    ) {
        let desk = self.desk();
        for hash in hashes {
            let entry = desk.queue().by_hash(hash).unwrap();
            let id = entry.expect("what was issued is there").id.to_string();
            let invoice = desk.show(&id).unwrap();
            assert_eq!(invoice.status, "sent", "{told}: {id}");
            assert_eq!(
                invoice.ksef_number.as_ref(),
                ledger.get(hash),
                "{told}: {id}"
            );
            let receipt = desk
                .write_receipt(&id, &self.folder.path().join("receipt.xml"))
                .unwrap_or_else(|error| panic!("{told}: {id} has no receipt: {error}"));
            assert!(receipt.verified, "{told}: {id}");
            assert_eq!(receipt.trusted, Some(true), "{told}: {id}");
        }
    }

    fn check_nothing_waits(&self, told: &str) {
        let desk = self.desk();
        for status in InvoiceStatus::ALL {
            if status != InvoiceStatus::Sent {
                let waiting = desk.list(Some(status), 1, None).unwrap();
                assert!(
                    waiting.invoices.is_empty(),
                    "{told}: invoices are still {}",
                    status.name()
                );
            }
        }
        let left = std::fs::read_dir(self.home())
            .unwrap()
            .filter(|entry| {
                let name = entry.as_ref().unwrap().file_name();
                name.to_string_lossy().starts_with("sending-")
            })
            .count();
        assert_eq!(left, 0, "{told}: a package was left in the home");
    }

    /// How many invoices KSeF refused as duplicates, in all sessions that were asked about.
    pub(crate) fn duplicates(&mut self) -> usize {
        self.forget_requests();
        let desk = self.desk();
        self.sessions
            .iter()
            .map(|reference| {
                let session = self.runtime.block_on(desk.session(reference)).unwrap();
                session
                    .invoices
                    .iter()
                    .filter(|invoice| invoice.status.code == 440)
                    .count()
            })
            .sum()
    }
}

/// The first examples of this repository, which all have the same seller.
pub(crate) fn examples() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/invoices");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let files: Vec<Vec<u8>> = paths
        .iter()
        .take(INVOICES)
        .map(|path| std::fs::read(path).unwrap())
        .collect();
    assert_eq!(files.len(), INVOICES);
    files
}

/// `xml` with another text in the first element called `name`.
pub(crate) fn replaced(xml: &str, name: &str, text: &str) -> String {
    let (before, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    let (_, after) = rest.split_once(&format!("</{name}>")).unwrap();
    format!("{before}<{name}>{text}</{name}>{after}")
}
