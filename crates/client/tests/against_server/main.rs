//! The client against a server that fails in every way a network and a KSeF can.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

mod answers;
#[path = "../server/mod.rs"]
mod server;

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use ksef_offline_client::retry::RetryPolicy;
use ksef_offline_client::{
    ClientError, Credentials, FileParts, KsefClient, OutgoingInvoice, PartSource, Timeouts,
};
use ksef_offline_core::Diagnostic as _;
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::{InvoiceHash, ReferenceNumber};
use ksef_offline_core::package::{
    Compression, DeflateLevel, FormCode, MemoryParts, Package, PackageLimits, SessionKey, pack,
};
use serde_json::json;
use server::{Server, answer, context, refusal};
use zeroize::Zeroizing;

const SESSION: &str = "20250626-SB-213D593000-4DE10D80A5-E9";

fn quick() -> RetryPolicy {
    RetryPolicy {
        attempts: 3,
        first_wait: Duration::from_millis(1),
        longest_wait: Duration::from_millis(5),
        patience: Duration::from_secs(2),
        deadline: Duration::from_secs(10),
    }
}

fn client(environment: Environment) -> KsefClient {
    KsefClient::builder(environment, context())
        .credentials(Credentials::Token(Zeroizing::new("token".to_owned())))
        .retry(quick())
        .timeouts(Timeouts {
            request: Duration::from_secs(2),
            probe: Duration::from_millis(300),
            ..Timeouts::default()
        })
        .build()
        .unwrap()
}

fn session() -> ReferenceNumber {
    ReferenceNumber::parse(SESSION).unwrap()
}

fn key() -> SessionKey {
    SessionKey::from_key_and_iv(&[1; 32], &[2; 16]).unwrap()
}

/// A package of several small parts.
fn package() -> (Package, Vec<Vec<u8>>) {
    let limits = PackageLimits {
        part_size: 100,
        ..PackageLimits::default()
    };
    let invoices = [("a.xml", "<a/>"), ("b.xml", "<b/>")];
    let (package, MemoryParts(parts)) = pack(
        Compression::Zip,
        DeflateLevel::default(),
        invoices,
        &key(),
        &limits,
        MemoryParts::default(),
    )
    .unwrap();
    (package, parts)
}

#[tokio::test]
async fn a_login_is_made_once_for_all_and_followed_to_its_end() {
    let server = Server::start(|asked, _| {
        (asked.path == "/v2/limits/subject").then(|| answer(200, &json!({"enrollment": null})))
    })
    .await;
    let client = client(server.environment());
    let (a, b, c) = tokio::join!(
        client.subject_limits(),
        client.subject_limits(),
        client.subject_limits()
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(server.count("POST /v2/auth/ksef-token"), 1);
    assert_eq!(server.count("POST /v2/auth/token/redeem"), 1);
    let asked = server.asked();
    let login = asked
        .iter()
        .find(|asked| asked.path == "/v2/auth/ksef-token")
        .unwrap()
        .json();
    assert_eq!(
        login["contextIdentifier"],
        json!({"type": "Nip", "value": "5265877635"})
    );
    assert_eq!(login["publicKeyId"], "key-0");
    let challenge = asked
        .iter()
        .find(|asked| asked.path == "/v2/auth/challenge")
        .unwrap();
    assert_eq!(challenge.headers["content-length"], "0");
    let call = asked
        .iter()
        .find(|asked| asked.path == "/v2/limits/subject")
        .unwrap();
    assert_eq!(call.headers["authorization"], "Bearer access-0");
    assert_eq!(call.headers["x-error-format"], "problem-details");
    assert!(call.headers["user-agent"].starts_with("ksef-offline/"));
}

#[tokio::test]
async fn a_token_that_is_refused_or_running_out_is_refreshed_once() {
    let server = Server::start(|asked, before| match asked.line().as_str() {
        // The access token ends at once, so it has to be refreshed for the first call.
        "POST /v2/auth/token/redeem" => Some(answer(
            200,
            &json!({"accessToken": {"token": "short", "validUntil": jiff::Timestamp::now().to_string()},
                "refreshToken": {"token": "refresh", "validUntil": "2099-01-01T00:00:00Z"}}),
        )),
        "GET /v2/limits/subject" if before == 3 => {
            Some((StatusCode::UNAUTHORIZED, "").into_response())
        }
        "GET /v2/limits/subject" => Some(answer(200, &json!({}))),
        _ => None,
    })
    .await;
    let client = client(server.environment());
    client.login().await.unwrap();
    let (a, b, c) = tokio::join!(
        client.subject_limits(),
        client.subject_limits(),
        client.subject_limits()
    );
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(server.count("POST /v2/auth/token/refresh"), 1);
    client.subject_limits().await.unwrap();
    assert_eq!(server.count("POST /v2/auth/token/refresh"), 2);
    assert_eq!(server.count("POST /v2/auth/ksef-token"), 1);
    let refresh = server
        .asked()
        .into_iter()
        .find(|asked| asked.path == "/v2/auth/token/refresh")
        .unwrap();
    assert_eq!(refresh.headers["authorization"], "Bearer refresh");
}

#[tokio::test]
async fn a_refresh_token_that_is_not_honoured_leads_to_a_new_login() {
    let server = Server::start(|asked, before| match asked.line().as_str() {
        "POST /v2/auth/token/refresh" => Some(refusal(21_301)),
        "GET /v2/limits/subject" if before == 0 => {
            Some((StatusCode::UNAUTHORIZED, "").into_response())
        }
        "GET /v2/limits/subject" => Some(answer(200, &json!({}))),
        _ => None,
    })
    .await;
    client(server.environment()).subject_limits().await.unwrap();
    assert_eq!(server.count("POST /v2/auth/ksef-token"), 2);
    assert_eq!(
        server.asked().last().unwrap().headers["authorization"],
        "Bearer access-1"
    );
}

#[tokio::test]
async fn a_login_whose_answer_was_lost_is_begun_anew() {
    let server = Server::start(|asked, before| {
        (asked.line() == "POST /v2/auth/token/redeem" && before == 0)
            .then(|| (StatusCode::BAD_GATEWAY, "<html>").into_response())
    })
    .await;
    client(server.environment()).login().await.unwrap();
    assert_eq!(server.count("POST /v2/auth/challenge"), 2);
}

#[tokio::test]
async fn a_refused_login_says_why() {
    let server = Server::start(|asked, _| {
        asked.path.starts_with("/v2/auth/2025").then(|| {
            answer(
                200,
                &json!({"status": {"code": 450, "description": "Błędny token", "details": ["Token unieważniony"]}}),
            )
        })
    })
    .await;
    let error = client(server.environment()).login().await.unwrap_err();
    let ClientError::LoginRefused(status) = &error else {
        panic!("{error}");
    };
    assert_eq!(status.code, 450);
    assert_eq!(error.code(), "login-refused");
}

#[tokio::test]
async fn every_part_goes_to_its_own_address_with_its_own_headers_and_without_token() {
    let server = Server::start(|asked, before| {
        (asked.path == "/storage/2" && before == 0)
            .then(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    })
    .await;
    let client = client(server.environment());
    let (package, parts) = package();
    let open = client
        .open_batch(&package, &key(), &FormCode::fa3(), true)
        .await
        .unwrap();
    assert_eq!(open.reference, session());
    assert_eq!(open.uploads.len(), package.parts.len());
    let folder = tempfile::tempdir().unwrap();
    let files = FileParts::new(folder.path());
    for ((upload, info), bytes) in open.uploads.iter().zip(&package.parts).zip(&parts) {
        // Odd parts from memory, even ones from files.
        let source = if info.ordinal % 2 == 1 {
            PartSource::Memory(bytes.clone().into())
        } else {
            std::fs::write(files.path(info.ordinal), bytes).unwrap();
            files.source(info.ordinal)
        };
        client.upload_part(upload, info, &source).await.unwrap();
    }
    client.close_batch(&open.reference).await.unwrap();
    assert_eq!(server.count("PUT /storage/1"), 1);
    assert_eq!(server.count("PUT /storage/2"), 2);
    for asked in server.asked() {
        let Some(ordinal) = asked.path.strip_prefix("/storage/") else {
            continue;
        };
        assert_eq!(asked.query, format!("sig=s{ordinal}"));
        assert_eq!(asked.headers["x-part"], format!("p{ordinal}"));
        let part = &parts[ordinal.parse::<usize>().unwrap() - 1];
        assert_eq!(&asked.body, part);
        assert_eq!(asked.headers["content-length"], part.len().to_string());
        for absent in [
            "authorization",
            "user-agent",
            "x-error-format",
            "accept-encoding",
            "transfer-encoding",
        ] {
            assert!(!asked.headers.contains_key(absent), "{absent}");
        }
    }
}

#[tokio::test]
async fn a_part_that_is_not_the_declared_one_is_not_sent() {
    let server = Server::start(|_, _| None).await;
    let client = client(server.environment());
    let (package, parts) = package();
    let open = client
        .open_batch(&package, &key(), &FormCode::fa3(), true)
        .await
        .unwrap();
    let short = PartSource::Memory(parts[0][1..].to_vec().into());
    let error = client
        .upload_part(&open.uploads[0], &package.parts[0], &short)
        .await;
    assert!(matches!(
        error,
        Err(ClientError::PartMismatch { ordinal: 1 })
    ));
    let error = client
        .upload_part(&open.uploads[1], &package.parts[0], &short)
        .await;
    assert!(matches!(
        error,
        Err(ClientError::PartMismatch { ordinal: 1 })
    ));
    let folder = tempfile::tempdir().unwrap();
    let files = FileParts::new(folder.path());
    let missing = client
        .upload_part(&open.uploads[0], &package.parts[0], &files.source(1))
        .await;
    assert!(matches!(
        missing,
        Err(ClientError::PartUnreadable { ordinal: 1, .. })
    ));
    assert_eq!(server.count("PUT /storage/1"), 0);
}

#[tokio::test]
async fn a_withdrawn_key_is_fetched_again_and_the_call_made_once_more() {
    let server = Server::start(|asked, before| {
        (asked.line() == "POST /v2/sessions/batch" && before == 0).then(|| refusal(21_470))
    })
    .await;
    let client = client(server.environment());
    let (package, _) = package();
    client
        .open_batch(&package, &key(), &FormCode::fa3(), false)
        .await
        .unwrap();
    let opened: Vec<_> = server
        .asked()
        .into_iter()
        .filter(|asked| asked.path == "/v2/sessions/batch")
        .map(|asked| asked.json()["encryption"]["publicKeyId"].clone())
        .collect();
    assert_eq!(opened, ["key-0", "key-1"]);
}

#[tokio::test]
async fn a_key_that_stays_withdrawn_is_an_error() {
    let server = Server::start(|asked, _| {
        (asked.line() == "POST /v2/sessions/batch").then(|| refusal(21_470))
    })
    .await;
    let (package, _) = package();
    let error = client(server.environment())
        .open_batch(&package, &key(), &FormCode::fa3(), false)
        .await
        .unwrap_err();
    assert_eq!(error.code(), "public-key-withdrawn");
    assert_eq!(server.count("POST /v2/sessions/batch"), 2);
}

#[tokio::test]
async fn opening_a_session_is_not_repeated_when_its_answer_was_lost() {
    let server = Server::start(|asked, _| {
        (asked.line() == "POST /v2/sessions/batch")
            .then(|| (StatusCode::BAD_GATEWAY, "<html>").into_response())
    })
    .await;
    let (package, _) = package();
    let error = client(server.environment())
        .open_batch(&package, &key(), &FormCode::fa3(), false)
        .await
        .unwrap_err();
    assert!(error.may_have_happened());
    assert_eq!(server.count("POST /v2/sessions/batch"), 1);
}

#[tokio::test]
async fn closing_survives_the_loss_of_its_answer() {
    let server = Server::start(|asked, before| {
        asked.path.ends_with("/close").then(|| match before {
            0 => (StatusCode::GATEWAY_TIMEOUT, "").into_response(),
            _ => refusal(21_180),
        })
    })
    .await;
    let client = client(server.environment());
    client.close_batch(&session()).await.unwrap();
    // A session that this call did not close is for the caller to ask about.
    let error = client.close_batch(&session()).await.unwrap_err();
    assert_eq!(error.code(), "session-state");
}

#[tokio::test]
async fn pages_are_followed_by_their_token() {
    let invoice = |ordinal: u32| {
        json!({"ordinalNumber": ordinal, "referenceNumber": "20250626-EE-2F20AD2000-242386DF86-52",
            "invoiceHash": "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=", "invoicingDate": "2025-07-11T12:24:16Z",
            "status": {"code": 150, "description": "?"}})
    };
    let server = Server::start(move |asked, before| {
        asked.path.ends_with("/invoices").then(|| {
            let token = (before < 2).then(|| format!("t{before}"));
            answer(
                200,
                &json!({"continuationToken": token, "invoices": [invoice(before as u32 + 1)]}),
            )
        })
    })
    .await;
    let invoices = client(server.environment())
        .session_invoices(&session())
        .await
        .unwrap();
    assert_eq!(
        invoices.iter().map(|i| i.ordinal).collect::<Vec<_>>(),
        [1, 2, 3]
    );
    let tokens: Vec<_> = server
        .asked()
        .into_iter()
        .filter(|asked| asked.path.ends_with("/invoices"))
        .map(|asked| {
            assert_eq!(asked.query, "pageSize=1000");
            asked.headers.get("x-continuation-token").cloned()
        })
        .collect();
    assert_eq!(tokens, [None, Some("t0".to_owned()), Some("t1".to_owned())]);
}

#[tokio::test]
async fn receipts_are_checked_against_the_hash_of_their_storage() {
    let server = Server::start(|asked, _| {
        let hash = match asked.path.as_str() {
            "/storage/good" => "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
            "/storage/bad" => "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
            _ => return None,
        };
        Some(([("x-ms-meta-hash", hash)], "abc").into_response())
    })
    .await;
    let client = client(server.environment());
    let good = format!("{}/storage/good", server.address);
    assert_eq!(client.download_receipt(&good).await.unwrap(), b"abc");
    let bad = format!("{}/storage/bad", server.address);
    let error = client.download_receipt(&bad).await.unwrap_err();
    assert_eq!(error.code(), "receipt-damaged");
    assert!(matches!(
        client.download_receipt("http://example.com/upo").await,
        Err(ClientError::InsecureAddress)
    ));
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| !asked.headers.contains_key("authorization"))
    );
}

#[tokio::test]
async fn an_interactive_invoice_is_sent_once_even_if_its_answer_is_lost() {
    let server = Server::start(|asked, _| match asked.line().as_str() {
        "POST /v2/sessions/online" => Some(answer(
            201,
            &json!({"referenceNumber": SESSION, "validUntil": "2099-01-01T00:00:00Z"}),
        )),
        line if line.ends_with("/invoices") => {
            Some((StatusCode::SERVICE_UNAVAILABLE, "").into_response())
        }
        _ => None,
    })
    .await;
    let client = client(server.environment());
    let session = client.open_interactive(&FormCode::fa3()).await.unwrap();
    let invoice = OutgoingInvoice {
        bytes: b"<Faktura/>",
        offline: true,
        corrects: None,
    };
    let error = session.send(&invoice).await.unwrap_err();
    assert!(error.may_have_happened());
    let path = format!("POST /v2/sessions/online/{SESSION}/invoices");
    assert_eq!(server.count(&path), 1);
    session.close().await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_to_an_interactive_invoice_is_resolved_by_asking() {
    const INVOICE: &str = "20250625-EE-319D7EE000-B67F415CDC-2C";
    let server = Server::start(|asked, before| match (asked.method.as_str(), before) {
        ("POST", _) if asked.path.ends_with("/sessions/online") => Some(answer(
            201,
            &json!({"referenceNumber": SESSION, "validUntil": "2099-01-01T00:00:00Z"}),
        )),
        ("POST", _) if asked.path.ends_with("/invoices") => {
            Some((StatusCode::BAD_GATEWAY, "<html>").into_response())
        }
        // At first KSeF does not have it: it is sent again, and then it is there.
        ("GET", before) if asked.path.ends_with("/invoices") => {
            let known = json!([{"ordinalNumber": 1, "referenceNumber": INVOICE,
                "invoiceHash": InvoiceHash::of(b"<Faktura/>").to_base64(), "invoicingDate": "2026-01-01T00:00:00Z",
                "status": {"code": 150, "description": "?"}}]);
            let known = if before == 0 { json!([]) } else { known };
            Some(answer(200, &json!({ "invoices": known })))
        }
        _ => None,
    })
    .await;
    let client = client(server.environment());
    let session = client.open_interactive(&FormCode::fa3()).await.unwrap();
    let invoice = OutgoingInvoice {
        bytes: b"<Faktura/>",
        offline: true,
        corrects: None,
    };
    assert_eq!(session.send(&invoice).await.unwrap().as_str(), INVOICE);
    let path = format!("POST /v2/sessions/online/{SESSION}/invoices");
    assert_eq!(server.count(&path), 2);
}

#[tokio::test]
async fn nothing_secret_appears_in_debug() {
    let server = Server::start(|_, _| None).await;
    let client = client(server.environment());
    client.login().await.unwrap();
    let (package, _) = package();
    let open = client
        .open_batch(&package, &key(), &FormCode::fa3(), true)
        .await
        .unwrap();
    let text = format!(
        "{client:?} {open:?} {:?}",
        Credentials::Token(Zeroizing::new("token-x".to_owned()))
    );
    for secret in ["access-0", "refresh", "token-x", "sig="] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
