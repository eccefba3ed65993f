//! The way to KSeF out of a company: its own root certificate, HTTP/2, a proxy with and without a password, redirects.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

#[path = "../server/mod.rs"]
#[allow(dead_code, reason = "another test program uses the rest")]
mod server;
mod tls;

use std::fmt::Write as _;
use std::io;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use ksef_offline_client::retry::RetryPolicy;
use ksef_offline_client::{
    ClientBuilder, ClientError, Credentials, KsefClient, NetworkKind, PartSource, Timeouts,
};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::package::{
    Compression, DeflateLevel, FormCode, MemoryParts, PackageLimits, SessionKey, pack,
};
use serde_json::json;
use server::{Asked, Server, answer, context};
use tls::{Authority, CompanyProxy, Front};
use zeroize::Zeroizing;

const BOTH: [&str; 2] = ["h2", "http/1.1"];
/// `worker:s@cret` as the proxy is told.
const AUTHORIZATION: &str = "Basic d29ya2VyOnNAY3JldA==";
/// The KSeF token.
const TOKEN: &str = "20260210-EC-4711|nip-5265877635|c0ffee";
const PASSWORD: &str = "s@cret";
/// In the environment of the process that is called: the root certificate.
const ROOT: &str = "KSEF_SECURE_ROOT";

/// Everything that is logged in this process, by whichever of the two ways.
static LOGGED: Mutex<String> = Mutex::new(String::new());

struct Log;

impl log::Log for Log {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(logged, "{} {}", record.target(), record.args()).unwrap();
    }

    fn flush(&self) {}
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        logged.push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn log_everything() {
    static BEGUN: std::sync::Once = std::sync::Once::new();
    BEGUN.call_once(|| {
        log::set_logger(&Log).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
        tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_ansi(false)
            .with_writer(|| Log)
            .init();
    });
}

/// A client of the KSeF at `https://host:port/v2`.
fn builder(host: &str, port: u16) -> ClientBuilder {
    let environment = Environment::custom(
        &format!("https://{host}:{port}/v2"),
        &format!("https://{host}:{port}/latarnia"),
        "qr.example",
    )
    .unwrap();
    KsefClient::builder(environment, context())
        .credentials(Credentials::Token(Zeroizing::new(TOKEN.to_owned())))
        .retry(RetryPolicy {
            attempts: 1,
            ..RetryPolicy::default()
        })
        .timeouts(Timeouts {
            request: Duration::from_secs(10),
            ..Timeouts::default()
        })
}

/// Answers a call that needs a login.
fn limits(asked: &Asked, _: usize) -> Option<Response> {
    (asked.path == "/v2/limits/subject").then(|| answer(200, &json!({})))
}

async fn world(protocols: &[&str]) -> (Server, Authority, Front) {
    log_everything();
    let server = Server::start(limits).await;
    let authority = Authority::new();
    let front = Front::start(&authority, protocols, &server.address).await;
    (server, authority, front)
}

/// Opens a batch session of one part and uploads that.
async fn uploaded(client: &KsefClient) -> Result<(), ClientError> {
    let key = SessionKey::from_key_and_iv(&[1; 32], &[2; 16]).unwrap();
    let (package, MemoryParts(mut parts)) = pack(
        Compression::TarGz,
        DeflateLevel::default(),
        [("a.xml", "<a/>")],
        &key,
        &PackageLimits::default(),
        MemoryParts::default(),
    )
    .unwrap();
    let open = client
        .open_batch(&package, &key, &FormCode::fa3(), true)
        .await?;
    let part = PartSource::Memory(parts.remove(0).into());
    client
        .upload_part(&open.uploads[0], &package.parts[0], &part)
        .await
}

fn through(proxy: SocketAddr, user: &str) -> String {
    format!("http://{user}{proxy}")
}

#[tokio::test]
async fn a_root_certificate_of_the_company_is_trusted_once_it_is_named() {
    let (server, authority, front) = world(&BOTH).await;
    let stranger = builder("localhost", front.local.port()).build().unwrap();
    let error = stranger.subject_limits().await.unwrap_err();
    assert!(
        matches!(
            error,
            ClientError::Network {
                kind: NetworkKind::Tls,
                ..
            }
        ),
        "{error:?}"
    );
    assert!(server.asked().is_empty());
    let client = builder("localhost", front.local.port())
        .root_certificates(authority.pem.into_bytes())
        .build()
        .unwrap();
    client.subject_limits().await.unwrap();
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let (_server, authority, front) = world(&BOTH).await;
    let client = builder("127.0.0.1", front.local.port())
        .root_certificates(authority.pem.into_bytes())
        .build()
        .unwrap();
    let error = client.subject_limits().await.unwrap_err();
    assert!(matches!(
        error,
        ClientError::Network {
            kind: NetworkKind::Tls,
            ..
        }
    ));
}

#[tokio::test]
async fn http_2_is_spoken_where_it_is_offered_and_http_1_where_it_is_not() {
    for (offered, spoken) in [(&BOTH[..], "h2"), (&BOTH[1..], "http/1.1")] {
        let (_server, authority, front) = world(offered).await;
        let client = builder("localhost", front.local.port())
            .root_certificates(authority.pem.into_bytes())
            .build()
            .unwrap();
        client.subject_limits().await.unwrap();
        assert!(!front.spoken().is_empty());
        assert!(front.spoken().iter().all(|protocol| protocol == spoken));
    }
}

#[tokio::test]
async fn calls_uploads_and_downloads_go_through_the_proxy_which_reads_none_of_them() {
    log_everything();
    let server = Server::start(|asked, before| match asked.line().as_str() {
        "POST /v2/sessions/batch" => Some(answer(
            201,
            &json!({"referenceNumber": "20250626-SB-213D593000-4DE10D80A5-E9", "partUploadRequests": [
                {"ordinalNumber": 1, "method": "PUT", "url": "https://ksef.example/storage/1?sig=signed", "headers": {}}]}),
        )),
        "GET /storage/receipt" => Some("<UPO/>".into_response()),
        _ => limits(asked, before),
    })
    .await;
    let authority = Authority::new();
    let front = Front::start(&authority, &BOTH, &server.address).await;
    for (authorization, user, beside) in [
        (None, "", None),
        (Some(AUTHORIZATION), "worker:s%40cret@", None),
        (Some(AUTHORIZATION), "worker@", Some(PASSWORD)),
    ] {
        let proxy = CompanyProxy::start(front.local, authorization).await;
        // Nothing but the proxy knows this name.
        let mut builder = builder("ksef.example", 443)
            .root_certificates(authority.pem.clone().into_bytes())
            .proxy(&through(proxy.local, user));
        if let Some(password) = beside {
            builder = builder.proxy_password(Zeroizing::new(password.to_owned()));
        }
        let client = builder.build().unwrap();
        client.subject_limits().await.unwrap();
        uploaded(&client).await.unwrap();
        let receipt = "https://ksef.example/storage/receipt?sig=signed";
        assert_eq!(client.download_receipt(receipt).await.unwrap(), b"<UPO/>");
        let heads = proxy.heads();
        assert!(heads.len() >= 2, "the API and the storage: {heads:?}");
        for head in heads {
            assert!(head.starts_with("CONNECT ksef.example:443 "), "{head}");
            for secret in ["Bearer", "signed", "access-"] {
                assert!(!head.contains(secret), "{head}");
            }
        }
    }
    for asked in server.asked() {
        assert!(!asked.headers.contains_key("proxy-authorization"));
    }
    let logged = LOGGED.lock().unwrap();
    assert!(logged.contains("intercepts"), "the log is heard");
    let tokens = server.asked();
    let tokens = tokens
        .iter()
        .filter_map(|asked| asked.headers.get("authorization")?.strip_prefix("Bearer "))
        // The server calls one of its tokens by a word that is in every log.
        .filter(|token| *token != "operation");
    let secrets = [
        PASSWORD,
        "s%40cret",
        "d29ya2VyOnNAY3JldA",
        "sig=signed",
        TOKEN,
    ];
    for secret in secrets.into_iter().chain(tokens) {
        assert!(!logged.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test]
async fn a_proxy_that_wants_another_password_is_an_error_that_does_not_tell_it() {
    let (server, authority, front) = world(&BOTH).await;
    let proxy = CompanyProxy::start(front.local, Some(AUTHORIZATION)).await;
    let client = builder("ksef.example", 443)
        .root_certificates(authority.pem.into_bytes())
        .proxy(&through(proxy.local, "worker:hunter2@"))
        .build()
        .unwrap();
    let error = client.subject_limits().await.unwrap_err();
    assert!(
        !error.may_have_happened() && error.is_unreachable(),
        "{error:?}"
    );
    assert!(!format!("{error} {error:?} {client:?}").contains("hunter2"));
    assert!(server.asked().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_of_the_environment_is_used_with_its_password() {
    let (server, authority, front) = world(&BOTH).await;
    let proxy = CompanyProxy::start(front.local, Some(AUTHORIZATION)).await;
    let address = through(proxy.local, "worker:s%40cret@");
    let process = tokio::task::spawn_blocking(move || {
        Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "called_process", "--ignored", "--nocapture"])
            .env("HTTPS_PROXY", address)
            .env(ROOT, authority.pem)
            .env_remove("NO_PROXY")
            .env_remove("no_proxy")
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    assert!(
        process.status.success(),
        "{}{}",
        String::from_utf8_lossy(&process.stdout),
        String::from_utf8_lossy(&process.stderr)
    );
    assert_eq!(server.count("GET /v2/limits/subject"), 1);
    assert!(!proxy.heads().is_empty());
}

/// The other process of the test above; on its own it has no environment and nothing to do.
#[tokio::test]
#[ignore = "a part of another test"]
async fn called_process() {
    let root = std::env::var(ROOT).unwrap();
    let client = builder("ksef.example", 443)
        .root_certificates(root.into_bytes())
        .build()
        .unwrap();
    client.subject_limits().await.unwrap();
}

#[tokio::test]
async fn neither_an_upload_nor_a_download_follows_a_redirect() {
    log_everything();
    let server = Server::start(|asked, _| {
        asked.path.starts_with("/storage/").then(|| {
            let elsewhere = [("location", "http://127.0.0.1:9/elsewhere")];
            (StatusCode::TEMPORARY_REDIRECT, elsewhere).into_response()
        })
    })
    .await;
    let client = KsefClient::builder(server.environment(), context())
        .credentials(Credentials::Token(Zeroizing::new("token".to_owned())))
        .build()
        .unwrap();
    let url = format!("{}/storage/receipt", server.address);
    let error = client.download_receipt(&url).await.unwrap_err();
    assert!(
        matches!(error, ClientError::Http { status: 307, .. }),
        "{error:?}"
    );
    let error = uploaded(&client).await.unwrap_err();
    assert!(
        matches!(error, ClientError::UploadRefused { status: 307, .. }),
        "{error:?}"
    );
}
