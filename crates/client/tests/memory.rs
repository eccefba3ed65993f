//! How much memory a large package takes: measured as the peak of a process of its own, from the first invoice to the
//! closed session, above what the process needs before.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "helpers of tests fail by panicking; the measurement is what the test is for"
)]

#[allow(dead_code, reason = "another test program uses the rest")]
mod server;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;

use futures_util::{StreamExt as _, stream};
use ksef_offline_client::{Credentials, FileParts, KsefClient};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::package::{
    Compression, DeflateLevel, FormCode, PackageLimits, SessionKey, pack,
};
use ksef_offline_core::random::{OsRandom, RandomSource as _};
use serde_json::{Value, json};
use server::{Server, answer, context};
use zeroize::Zeroizing;

/// What the issue allows above the idle process.
const ALLOWED: u64 = 64 * 1024 * 1024;
/// Most invoices of a package.
const INVOICES: usize = 10_000;
/// In the environment of the measured process: the address of the server.
const SERVER: &str = "KSEF_MEMORY_SERVER";
/// In the environment of the measured process: bytes of the package.
const SIZE: &str = "KSEF_MEMORY_SIZE";

#[tokio::test(flavor = "multi_thread")]
async fn a_package_of_500_megabytes_takes_little_memory() {
    measured("measured_process", 500_000_000).await;
}

/// By hand: `cargo test -p ksef-offline-client --release --test memory -- --ignored --nocapture five`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes and 5 GB of disk"]
async fn a_package_of_five_gigabytes_takes_no_more() {
    measured("measured_process", 4_950_000_000).await;
}

async fn measured(test: &str, size: u64) {
    let storage = Storage::start();
    let address = storage.address.clone();
    let server = Server::start(move |asked, _| {
        (asked.line() == "POST /v2/sessions/batch").then(|| opened(&asked.json(), &address))
    })
    .await;
    let process = tokio::task::spawn_blocking({
        let (address, test) = (server.address.clone(), test.to_owned());
        move || {
            Command::new(std::env::current_exe().unwrap())
                .args(["--exact", &test, "--ignored", "--nocapture"])
                .env(SERVER, address)
                .env(SIZE, size.to_string())
                .output()
                .unwrap()
        }
    })
    .await
    .unwrap();
    let told = String::from_utf8(process.stdout).unwrap();
    assert!(
        process.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&process.stderr)
    );
    let figure = |name: &str| -> u64 {
        let line = told.lines().find(|line| line.starts_with(name)).unwrap();
        line.rsplit(' ').next().unwrap().parse().unwrap()
    };
    let (idle, peak, parts) = (figure("idle"), figure("peak"), figure("parts"));
    println!(
        "{size} bytes in {parts} parts: {} kB above the idle {} kB",
        (peak - idle) / 1024,
        idle / 1024
    );
    assert!(parts >= size / 100_000_000, "the package must not shrink");
    assert!(peak - idle <= ALLOWED, "{told}");
}

fn opened(request: &Value, storage: &str) -> axum::response::Response {
    let parts = request["batchFile"]["fileParts"].as_array().unwrap().len();
    let uploads: Vec<Value> = (1..=parts)
        .map(|ordinal| {
            json!({"ordinalNumber": ordinal, "method": "PUT", "url": format!("{storage}/{ordinal}"), "headers": {}})
        })
        .collect();
    answer(
        201,
        &json!({"referenceNumber": "20250626-SB-213D593000-4DE10D80A5-E9", "partUploadRequests": uploads}),
    )
}

/// Takes uploads in and forgets them.
struct Storage {
    address: String,
}

impl Storage {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                std::thread::spawn(move || swallow(&stream));
            }
        });
        Self { address }
    }
}

fn swallow(stream: &TcpStream) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    loop {
        let mut length = 0;
        let mut line = String::new();
        while reader.read_line(&mut line).ok()? > 2 {
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().ok()?;
            }
            line.clear();
        }
        if length == 0 {
            return None;
        }
        std::io::copy(&mut reader.by_ref().take(length), &mut std::io::sink()).ok()?;
        writer
            .write_all(b"HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n")
            .ok()?;
    }
}

/// Not a test: the process that is measured, begun by the tests above.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "is begun by the other tests"]
async fn measured_process() {
    let (Ok(address), Ok(size)) = (std::env::var(SERVER), std::env::var(SIZE)) else {
        return;
    };
    let size: usize = size.parse().unwrap();
    let environment = Environment::custom(
        &format!("{address}/v2"),
        &format!("{address}/latarnia"),
        "qr.example",
    )
    .unwrap();
    let client = KsefClient::builder(environment, context())
        .credentials(Credentials::Token(Zeroizing::new("token".to_owned())))
        .build()
        .unwrap();
    client.login().await.unwrap();
    // Nothing in it compresses: each invoice is another cut of this, and the cuts lie further apart than deflate looks.
    let mut noise = vec![0; 8_000_000];
    OsRandom.fill(&mut noise).unwrap();
    let each = size / INVOICES;
    let idle = resident_peak();

    let folder = tempfile::tempdir().unwrap();
    let key = SessionKey::generate(&OsRandom).unwrap();
    let files = FileParts::new(folder.path());
    let (package, files, key) = tokio::task::spawn_blocking(move || {
        let invoices = (0..INVOICES).map(|place| {
            let start = (place * 77_777) % (noise.len() - each);
            (format!("{place}.xml"), &noise[start..start + each])
        });
        let (package, files) = pack(
            Compression::TarGz,
            DeflateLevel::default(),
            invoices,
            &key,
            &PackageLimits::default(),
            files,
        )
        .unwrap();
        (package, files, key)
    })
    .await
    .unwrap();
    let open = client
        .open_batch(&package, &key, &FormCode::fa3(), true)
        .await
        .unwrap();
    stream::iter(open.uploads.iter().zip(&package.parts))
        .map(|(upload, info)| {
            let (client, source) = (&client, files.source(info.ordinal));
            async move { client.upload_part(upload, info, &source).await.unwrap() }
        })
        .buffer_unordered(4)
        .collect::<()>()
        .await;
    client.close_batch(&open.reference).await.unwrap();
    println!("idle {idle}");
    println!("peak {}", resident_peak());
    println!("parts {}", package.parts.len());
}

/// The most memory this process has had resident so far, in bytes.
fn resident_peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmHWM:"))
        .unwrap();
    let kilobytes: u64 = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kilobytes * 1024
}
