//! What is logged at the highest verbosity: reference numbers, sizes and durations, and neither secrets nor content.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[path = "faults/proxy.rs"]
mod proxy;

use std::io::Write;
use std::sync::{Arc, Mutex};

use ksef_offline::core::deadline::{IssueMode, OfflineMode};
use ksef_offline::core::identifier::ContextIdentifier;
use ksef_offline::core::key::KeyKind;
use ksef_offline::{Desk, IssueFile, IssueOptions, SendOptions};
use ksef_offline_simulator::{IssuedType, Simulator};
use proxy::Proxy;
use tracing_subscriber::fmt::format::FmtSpan;

/// Takes in everything that is logged in this process.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fullest_log_of_a_batch_names_references_and_holds_no_secret_and_no_content() {
    let log = Log::default();
    let sink = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(move || sink.clone())
        .init();
    let simulator = Simulator::builder().start().await.unwrap();
    let proxy = Proxy::start(simulator.api().strip_suffix("/v2").unwrap(), None, None);
    let folder = tempfile::tempdir().unwrap();
    let context = ContextIdentifier::parse("Nip:5265877635").unwrap();
    let mut sections = String::new();
    let mut keys = Vec::new();
    for (section, kind) in [
        ("authentication", IssuedType::Authentication),
        ("offline", IssuedType::Offline),
    ] {
        let issued = simulator
            .control()
            .issue_certificate(&context, kind, KeyKind::P256)
            .unwrap();
        keys.extend(
            issued
                .key
                .lines()
                .filter(|line| !line.starts_with('-'))
                .map(str::to_owned),
        );
        std::fs::write(
            folder.path().join(format!("{section}.pem")),
            issued.certificate,
        )
        .unwrap();
        std::fs::write(folder.path().join(format!("{section}.key")), issued.key).unwrap();
        sections +=
            &format!("[{section}]\ncertificate = \"{section}.pem\"\nkey = \"{section}.key\"\n");
    }
    let config = format!(
        "environment = \"custom\"\ncontext = \"{context}\"\n[custom]\napi = \"{}/v2\"\nlatarnia = \"{}\"\n\
         qr_host = \"{}\"\n{sections}",
        proxy.address,
        simulator.latarnia(),
        simulator.qr_host(),
    );
    std::fs::write(folder.path().join("config.toml"), config).unwrap();
    let example = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../examples/invoices/01-vat-domestic.xml"
    );
    let desk = Desk::open(folder.path()).unwrap();
    let options = IssueOptions {
        mode: Some(IssueMode::Offline(OfflineMode::Offline24)),
        ..IssueOptions::default()
    };
    let issued = desk
        .issue(&[IssueFile::read(example.as_ref())], options)
        .await
        .unwrap();
    let report = desk.send(SendOptions::default(), &|_| ()).await.unwrap();
    assert_eq!(report.sent, 1);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();

    let session = &report.sessions[0].reference_number;
    assert!(text.contains(session.as_str()), "the session is named");
    for expected in [
        "operation=\"upload part\"",
        "operation=\"open batch session\"",
        "operation=\"download receipt\"",
        "operation=\"session status\"",
        "milliseconds=",
    ] {
        assert!(text.contains(expected), "{expected}");
    }
    let invoice = &issued.issued[0];
    let tokens = proxy.secrets();
    assert!(tokens.len() > 3, "tokens and signatures passed");
    let content = [invoice.number.clone(), invoice.buyer.clone().unwrap()];
    for secret in tokens.iter().chain(&keys).chain(&content) {
        assert!(secret.len() > 3);
        if let Some(place) = text.find(secret.as_str()) {
            let around = &text[place.saturating_sub(200)..place];
            panic!("a secret is in the log, after: {around}");
        }
    }
    assert!(!text.contains("<Faktura") && !text.contains("Bearer "));
}
