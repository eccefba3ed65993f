//! A simulator and a desk whose clocks go together and can be set.

use std::path::Path;
use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use ksef_offline::core::deadline::calendar::warsaw_date;
use ksef_offline::core::identifier::ContextIdentifier;
use ksef_offline::core::key::KeyKind;
use ksef_offline::{Config, Desk, Home, IssueFile};
use ksef_offline_simulator::{Control, IssuedType, Simulator};

pub const CONTEXT: &str = "Nip:5265877635";

pub struct World {
    pub simulator: Simulator,
    folder: tempfile::TempDir,
    offset: Arc<Mutex<SignedDuration>>,
}

impl World {
    /// Begins at `now`; the Offline certificate and the login certificate are issued then.
    pub async fn at(now: &str) -> Self {
        let simulator = Simulator::builder().start().await.unwrap();
        let world = Self {
            simulator,
            folder: tempfile::tempdir().unwrap(),
            offset: Arc::default(),
        };
        world.set_now(now);
        let context = ContextIdentifier::parse(CONTEXT).unwrap();
        for (kind, name) in [
            (IssuedType::Offline, "offline"),
            (IssuedType::Authentication, "auth"),
        ] {
            let issued = world
                .control()
                .issue_certificate(&context, kind, KeyKind::P256)
                .unwrap();
            let path = |ending: &str| world.folder.path().join(format!("{name}.{ending}"));
            std::fs::write(path("pem"), issued.certificate).unwrap();
            std::fs::write(path("key"), issued.key).unwrap();
        }
        world
    }

    pub fn control(&self) -> Control {
        self.simulator.control()
    }

    /// Sets both clocks.
    pub fn set_now(&self, now: &str) {
        let now: Timestamp = now.parse().unwrap();
        let offset = now.duration_since(Timestamp::now());
        *self.offset.lock().unwrap() = offset;
        self.control().set_clock_offset(offset);
    }

    /// Opens the home, again if need be; `more` goes into its configuration.
    pub fn desk(&self, more: &str) -> Desk {
        let root = self.folder.path();
        let text = format!(
            "environment = \"custom\"\ncontext = \"{CONTEXT}\"\n\
             [custom]\napi = \"{}\"\nlatarnia = \"{}\"\nqr_host = \"{}\"\n\
             [authentication]\ncertificate = \"auth.pem\"\nkey = \"auth.key\"\n\
             [offline]\ncertificate = \"offline.pem\"\nkey = \"offline.key\"\n{more}",
            self.simulator.api(),
            self.simulator.latarnia(),
            self.simulator.qr_host(),
        );
        let config = Config::parse(&text, root).unwrap();
        let offset = Arc::clone(&self.offset);
        let clock = Arc::new(move || Timestamp::now() + *offset.lock().unwrap());
        Desk::with(Home::at(root).unwrap(), config, clock).unwrap()
    }
}

/// An invoice of this number, issued today by the clock of `desk`.
pub fn invoice(desk: &Desk, number: &str) -> IssueFile {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/invoices/01-vat-domestic.xml");
    let text = std::fs::read_to_string(path).unwrap();
    let text = with(&text, "P_1", &warsaw_date(desk.now()).to_string());
    IssueFile {
        source: number.to_owned(),
        bytes: Ok(with(&text, "P_2", number).into_bytes()),
    }
}

/// The document with another content of the first element of this name.
fn with(xml: &str, name: &str, content: &str) -> String {
    let (before, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    let (_, after) = rest.split_once(&format!("</{name}>")).unwrap();
    format!("{before}<{name}>{content}</{name}>{after}")
}
