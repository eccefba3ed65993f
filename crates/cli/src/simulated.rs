//! A home at the embedded simulator, for `serve --simulator`, and the example invoices that come with the program.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use include_dir::{Dir, include_dir};
use jiff::Timestamp;
use jiff::civil::Date;
use ksef_offline::core::deadline::calendar::warsaw_date;
use ksef_offline::core::identifier::{ContextIdentifier, Nip};
use ksef_offline::core::invoice::InvoiceDocument;
use ksef_offline::core::key::KeyKind;
use ksef_offline::{
    CertificateKind, Clock, Config, CustomAddresses, Desk, DeskError, Enrollment, Home, IssueFile,
    LoginFiles, Setup,
};
use ksef_offline_page::{
    LatarniaMood, OutageKind, Simulation, SimulationOrder, SimulationState, StartedOutage,
};
use ksef_offline_simulator::{Control, Downtime, DowntimeKind, IssuedType, Rejection, Simulator};

use crate::failure::Failure;

static EXAMPLES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../examples/invoices");
/// In the home: the simulator's own keys and ledger.
const DATA: &str = "simulator";

/// The example invoices, issued on `day`: they carry the dates of their stories, and an outage of today moves only
/// deadlines of today.
pub fn examples(day: Date) -> Vec<IssueFile> {
    let mut files: Vec<IssueFile> = EXAMPLES
        .files()
        .filter(|file| is_xml(file.path()))
        .map(|file| IssueFile {
            source: file.path().display().to_string(),
            bytes: Ok(issued_on(day, file.contents())),
        })
        .collect();
    files.sort_by(|a, b| a.source.cmp(&b.source));
    files
}

fn issued_on(day: Date, example: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(example);
    match text.split_once("<P_1>") {
        Some((before, rest)) => {
            let after = rest.split_once("</P_1>").map_or("", |(_, after)| after);
            format!("{before}<P_1>{day}</P_1>{after}").into_bytes()
        }
        None => example.to_vec(),
    }
}

/// Whether the name is that of an XML file.
pub fn is_xml(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("xml"))
}

/// The sellers of invoices, each once, in order.
pub fn sellers(files: &[IssueFile]) -> Vec<Nip> {
    let mut sellers: Vec<Nip> = files
        .iter()
        .filter_map(|file| InvoiceDocument::read(file.bytes.clone().ok()?).ok())
        .map(|document| document.facts().seller)
        .collect();
    sellers.sort();
    sellers.dedup();
    sellers
}

/// Makes a home whose KSeF is `simulator`: the first of `sellers` is the company, the others it may issue for. Both
/// certificates are enrolled as in life; `told` hears of each.
pub async fn set_up(
    simulator: &Simulator,
    root: &Path,
    sellers: &[Nip],
    mut told: impl FnMut(&str, &str),
) -> Result<(), Failure> {
    let company = *sellers.first().ok_or_else(|| {
        Failure::usage(
            "żaden z plików nie jest fakturą FA(3)",
            "none of the files is an FA(3) invoice",
        )
    })?;
    let control = simulator.control();
    let context = ContextIdentifier::nip(company);
    for seller in sellers {
        control.allow_seller(Some(context.clone()), *seller);
        control.allow_attachments(*seller, true);
    }
    let first = control.issue_certificate(&context, IssuedType::Authentication, KeyKind::P256)?;
    let home = Home::at(root)?;
    home.set_up(&Setup {
        context,
        environment: "custom".into(),
        custom: Some(CustomAddresses {
            api: simulator.api(),
            latarnia: simulator.latarnia(),
            qr_host: simulator.qr_host(),
        }),
        login: Some(LoginFiles {
            certificate: first.certificate,
            key: first.key,
        }),
        anchors: Some(control.root_certificate()),
    })?;
    name_sellers(&home, &sellers[1..])?;
    for (kind, name) in [
        (CertificateKind::Authentication, "Logowanie"),
        (CertificateKind::Offline, "Faktury offline"),
    ] {
        let enrolled = Desk::open(root)?
            .enroll(&Enrollment {
                kind,
                name: name.into(),
                key: KeyKind::P256,
                folder: root.join("keys"),
                password_variable: None,
                enter: true,
            })
            .await?;
        told(enrolled.kind, &enrolled.serial_number);
    }
    Ok(())
}

fn name_sellers(home: &Home, others: &[Nip]) -> Result<(), Failure> {
    let others: Vec<String> = others
        .iter()
        .map(|seller| format!("\"{seller}\""))
        .collect();
    let path = home.config();
    let text = std::fs::read_to_string(&path).map_err(|error| DeskError::file(&path, &error))?;
    let text = text.replace(
        "sellers = []",
        &format!("sellers = [{}]", others.join(", ")),
    );
    Ok(ksef_offline::write_whole(&path, text.as_bytes())?)
}

/// The desk of the home at `root` and the simulator that is its KSeF. A home that is not there yet is made; one that was
/// made by this command gets its simulator again, at the same address, with what that had accepted.
pub async fn open(root: &Path) -> Result<(Desk, Simulator), Failure> {
    let home = Home::at(root)?;
    let data = home.root().join(DATA);
    let is_new = !home.config().exists();
    let port = if is_new {
        0
    } else {
        port(&Config::load(home.root())?)
            .filter(|_| data.is_dir())
            .ok_or_else(foreign_home)?
    };
    std::fs::create_dir_all(&data).map_err(|error| DeskError::file(&data, &error))?;
    let simulator = Simulator::builder()
        .port(port)
        .data_dir(Some(data))
        .start()
        .await?;
    if is_new {
        let sellers = sellers(&examples(warsaw_date(Timestamp::now())));
        set_up(&simulator, home.root(), &sellers, |_, _| ()).await?;
    }
    let control = simulator.control();
    let clock: Clock = Arc::new(move || control.now());
    let config = Config::load(home.root())?;
    Ok((Desk::with(home, config, clock)?, simulator))
}

fn port(config: &Config) -> Option<u16> {
    let rest = config.environment.api().strip_prefix("http://127.0.0.1:")?;
    rest.split('/').next()?.parse().ok()
}

fn foreign_home() -> Failure {
    Failure::usage(
        "ten katalog domowy nie powstał przez `serve --simulator`; podaj --home z nowym katalogiem",
        "this home was not made by `serve --simulator`; give --home with a new folder",
    )
}

/// The panel's view of the simulator.
pub struct Steered(pub Control);

impl Simulation for Steered {
    fn state(&self) -> SimulationState {
        let state = self.0.state();
        SimulationState {
            now: state.now,
            ahead: state.clock_offset,
            outages: state
                .downtimes
                .iter()
                .map(|kind| match kind {
                    DowntimeKind::Maintenance => OutageKind::Maintenance,
                    DowntimeKind::Failure => OutageKind::Failure,
                    DowntimeKind::TotalFailure => OutageKind::TotalFailure,
                    DowntimeKind::Unreachable => OutageKind::Unreachable,
                })
                .collect(),
            latarnia: if state.latarnia_silent {
                LatarniaMood::Silent
            } else if state.latarnia_failing {
                LatarniaMood::Failing
            } else {
                LatarniaMood::Answering
            },
            processing: state.processing_delay,
            rejections: state.pending_rejections,
            accepted: state.accepted,
        }
    }

    fn apply(&self, order: &SimulationOrder) {
        match order {
            SimulationOrder::Begin(outage) => {
                self.0.begin_downtime(&downtime(outage, self.0.now()));
            }
            SimulationOrder::End => self.0.end_downtime(),
            SimulationOrder::Latarnia(mood) => {
                self.0.silence_latarnia(*mood == LatarniaMood::Silent);
                self.0.fail_latarnia(*mood == LatarniaMood::Failing);
            }
            SimulationOrder::Processing(delay) => self.0.set_processing_delay(*delay),
            SimulationOrder::RejectNext(code) => self.0.reject(Rejection::next(*code)),
            SimulationOrder::Clock(ahead) => self.0.set_clock_offset(*ahead),
        }
    }

    fn examples(&self) -> Vec<IssueFile> {
        examples(warsaw_date(self.0.now()))
    }
}

fn downtime(outage: &StartedOutage, now: Timestamp) -> Downtime {
    let later = |by: Duration| now.saturating_add(by).unwrap_or(Timestamp::MAX);
    let mut downtime = Downtime::now(match outage.kind {
        OutageKind::Maintenance => DowntimeKind::Maintenance,
        OutageKind::Failure => DowntimeKind::Failure,
        OutageKind::TotalFailure => DowntimeKind::TotalFailure,
        OutageKind::Unreachable => DowntimeKind::Unreachable,
    });
    if !outage.after.is_zero() {
        downtime = downtime.starting(later(outage.after));
    }
    match outage.lasting {
        Some(lasting) => downtime.ending(later(outage.after + lasting)),
        None => downtime,
    }
}
