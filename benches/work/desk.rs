//! A desk of its own, and the way of many invoices over it.

use std::path::Path;
use std::sync::Arc;

use ksef_offline::{Config, Desk, Home, IssueFile, IssueOptions};
use ksef_offline_benches::now;
use ksef_offline_client::FileParts;
use ksef_offline_core::deadline::{IssueMode, OfflineMode};
use ksef_offline_core::package::{Compression, DeflateLevel, PackageLimits, SessionKey, pack};
use ksef_offline_core::random::OsRandom;
use ksef_offline_queue::{Entry, InvoiceStatus, ListQuery};
use serde_json::{Value, json};

use super::package::files;
use crate::clock::Watch;

pub const OFFLINE24: IssueOptions = IssueOptions {
    mode: Some(IssueMode::Offline(OfflineMode::Offline24)),
    sign_later: false,
};

/// A desk at `home` that signs with the P-256 key of the vectors on a day when its certificate is valid.
pub fn at(home: &Path) -> Desk {
    let keys = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/keys");
    let text = format!(
        "environment = \"test\"\ncontext = \"Nip:5265877635\"\n[offline]\ncertificate = {:?}\nkey = {:?}\n",
        keys.join("p256-offline.crt").to_string_lossy(),
        keys.join("p256-pkcs8.pem").to_string_lossy(),
    );
    // The command line is to find this home, too.
    std::fs::write(home.join("config.toml"), &text).unwrap();
    let config = Config::parse(&text, home).unwrap();
    Desk::with(Home::at(home).unwrap(), config, Arc::new(now)).unwrap()
}

/// Files of a folder to verdict, XAdES, links and deadline, all in the durable queue, and from there to an encrypted package in
/// files.
pub fn batch(home: &Path, folder: &Path) -> Value {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let paths = files(folder);
    let desk = at(home);
    let whole = Watch::start();
    let files: Vec<IssueFile> = paths.iter().map(|path| IssueFile::read(path)).collect();
    let report = runtime.block_on(desk.issue(&files, OFFLINE24)).unwrap();
    assert_eq!(report.issued.len(), paths.len(), "{:?}", report.failed);
    let issue = (whole.wall(), whole.processor());
    let packing = Watch::start();
    let entries = signed(&desk);
    let key = SessionKey::generate(&OsRandom).unwrap();
    let invoices = entries.iter().map(|entry| {
        let bytes = desk.queue().document(&entry.id).unwrap();
        (format!("{}.xml", entry.id), bytes)
    });
    let (level, limits) = (DeflateLevel::default(), PackageLimits::default());
    let (compression, sink) = (Compression::TarGz, FileParts::new(home));
    let (package, _) = pack(compression, level, invoices, &key, &limits, sink).unwrap();
    assert_eq!(entries.len(), paths.len());
    json!({
        "invoices": paths.len(),
        "archive_bytes": package.archive_size,
        "wall": whole.wall(),
        "processor": whole.processor(),
        "issue": { "wall": issue.0, "processor": issue.1 },
        "pack": { "wall": packing.wall(), "processor": packing.processor() },
    })
}

/// All that waits to be sent, page by page.
fn signed(desk: &Desk) -> Vec<Entry> {
    let mut query = ListQuery {
        status: Some(InvoiceStatus::Signed),
        limit: 1000,
        ..ListQuery::default()
    };
    let mut all = Vec::new();
    loop {
        let page = desk.queue().list(&query).unwrap();
        all.extend(page.entries);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return all,
        }
    }
}
