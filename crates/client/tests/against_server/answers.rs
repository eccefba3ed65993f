//! What the client makes of answers that are late, slow, broken, from elsewhere, or ask it to wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use ksef_offline_client::retry::RetryPolicy;
use ksef_offline_client::{
    CertificateFilter, ClientError, Credentials, KsefClient, NetworkKind, PartSource,
    RevocationReason,
};
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::CertificateSerial;
use ksef_offline_core::package::FormCode;
use ksef_offline_core::{Diagnostic as _, Retry};
use serde_json::json;
use zeroize::Zeroizing;

use crate::server::{self, Server, answer, context};
use crate::{client, key, package, quick};

#[tokio::test]
async fn rate_limits_are_waited_for_within_patience_and_reported_beyond() {
    let server = Server::start(|asked, before| {
        let limited = |seconds: &'static str| {
            (
                StatusCode::TOO_MANY_REQUESTS,
                [("retry-after", seconds)],
                "",
            )
                .into_response()
        };
        match (asked.path.as_str(), before) {
            ("/v2/limits/subject", 0) => Some(limited("1")),
            ("/v2/limits/subject", _) => Some(answer(200, &json!({}))),
            ("/v2/rate-limits", _) => Some(limited("3600")),
            _ => None,
        }
    })
    .await;
    let client = client(server.environment());
    let started = Instant::now();
    client.subject_limits().await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
    let error = client.rate_limits().await.unwrap_err();
    assert!(
        matches!(error, ClientError::RateLimited { retry_after } if retry_after.as_secs() == 3600)
    );
    assert_eq!(server.count("GET /v2/rate-limits"), 1);
}

#[tokio::test]
async fn a_server_that_is_busy_is_left_alone_as_long_as_it_asks() {
    let server = Server::start(|asked, before| {
        let wait = match (asked.path.as_str(), before) {
            ("/v2/limits/subject" | "/storage/1", 0) => "1",
            ("/v2/limits/context", _) => "7200",
            _ => return None,
        };
        Some((StatusCode::SERVICE_UNAVAILABLE, [("retry-after", wait)]).into_response())
    })
    .await;
    let client = client(server.environment());
    let started = Instant::now();
    let error = client.subject_limits().await.unwrap_err();
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert!(
        matches!(error, ClientError::Http { status: 404, .. }),
        "{error}"
    );
    let (package, parts) = package();
    let open = client
        .open_batch(&package, &key(), &FormCode::fa3(), true)
        .await
        .unwrap();
    let started = Instant::now();
    let source = PartSource::Memory(parts[0].clone().into());
    client
        .upload_part(&open.uploads[0], &package.parts[0], &source)
        .await
        .unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
    // Longer than the patience of the policy: for the caller to know.
    let error = client.context_limits().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_hours(2)));
    assert_eq!(error.retry(), Retry::After(Duration::from_hours(2)));
    assert_eq!(server.count("GET /v2/limits/context"), 1);
}

#[tokio::test]
async fn a_call_with_all_its_repeats_ends_by_its_deadline() {
    let server = Server::start(|asked, _| {
        (asked.path == "/v2/limits/subject")
            .then(|| (StatusCode::TOO_MANY_REQUESTS, [("retry-after", "1")]).into_response())
    })
    .await;
    let client = KsefClient::builder(server.environment(), context())
        .credentials(Credentials::Token(Zeroizing::new("token".to_owned())))
        .retry(RetryPolicy {
            attempts: 1000,
            deadline: Duration::from_millis(2500),
            ..quick()
        })
        .build()
        .unwrap();
    let started = Instant::now();
    let error = client.subject_limits().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(1)));
    assert!(started.elapsed() < Duration::from_secs(4));
    assert_eq!(server.count("GET /v2/limits/subject"), 3);
}

#[tokio::test]
async fn a_probe_tells_refusal_from_absence_and_from_what_stands_in_the_place_of_ksef() {
    let refused = r#"{"title":"Forbidden","status":403,"detail":"?","instance":"/","traceId":"t"}"#;
    for (status, body, reachable) in [
        (200, "[]", true),
        (200, r#"[{"certificate":"x"}]"#, true),
        (403, refused, true),
        (429, "", true),
        // The login page of a hotel, a notice of maintenance, a proxy, another server.
        (200, "<html>Welcome</html>", false),
        (200, "{}", false),
        (302, "", false),
        (404, "not here", false),
        (407, "", false),
        (500, "", false),
        (503, "<html>Prace serwisowe</html>", false),
        (503, refused, false),
    ] {
        let server = Server::start(move |_, _| {
            Some((StatusCode::from_u16(status).unwrap(), body).into_response())
        })
        .await;
        let result = client(server.environment()).probe().await;
        assert_eq!(result.is_ok(), reachable, "{status} {body}");
    }
    let nobody = Environment::custom("http://127.0.0.1:1/v2", "http://127.0.0.1:1", "qr.example");
    let error = client(nobody.unwrap()).probe().await.unwrap_err();
    assert!(matches!(
        error,
        ClientError::Network {
            kind: NetworkKind::Connect,
            ..
        }
    ));
    assert!(!error.may_have_happened());
}

#[tokio::test]
async fn a_silent_server_ends_a_probe_in_time() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let environment = Environment::custom(&address, &address, "qr.example").unwrap();
    let started = Instant::now();
    let error = client(environment).probe().await.unwrap_err();
    assert!(matches!(
        error,
        ClientError::Network {
            kind: NetworkKind::Timeout,
            ..
        }
    ));
    assert!(error.may_have_happened());
    assert!(started.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let server = Server::start(|asked, _| {
        (asked.path == "/v2/limits/subject").then(|| {
            (
                StatusCode::TEMPORARY_REDIRECT,
                [("location", "/elsewhere")],
                "",
            )
                .into_response()
        })
    })
    .await;
    let error = client(server.environment())
        .subject_limits()
        .await
        .unwrap_err();
    assert!(matches!(error, ClientError::Http { status: 307, .. }));
    assert_eq!(server.count("GET /elsewhere"), 0);
}

#[tokio::test]
async fn broken_and_endless_answers_are_errors() {
    let server = Server::start(|asked, _| match asked.path.as_str() {
        "/v2/limits/subject" => Some(answer(200, &json!([1]))),
        "/v2/limits/context" => Some((StatusCode::OK, "{\"onlineSess").into_response()),
        "/v2/rate-limits" => Some((StatusCode::OK, vec![b' '; 17 * 1024 * 1024]).into_response()),
        _ => None,
    })
    .await;
    let client = client(server.environment());
    for error in [
        client.subject_limits().await.unwrap_err(),
        client.context_limits().await.unwrap_err(),
        client.rate_limits().await.unwrap_err(),
    ] {
        assert_eq!(error.code(), "contract-broken");
    }
}

#[tokio::test]
async fn warnings_reach_the_listener() {
    let server = Server::start(|asked, _| {
        (asked.path == "/v2/security/public-key-certificates").then(|| {
            let warning = [("x-system-warning", "[W1]: certificate list changes")];
            (warning, server::public_keys("k").to_string()).into_response()
        })
    })
    .await;
    let heard = Arc::new(AtomicUsize::new(0));
    let listener = Arc::clone(&heard);
    let client = KsefClient::builder(server.environment(), context())
        .on_warning(move |text| {
            assert!(text.starts_with("[W1]"));
            listener.fetch_add(1, Ordering::Relaxed);
        })
        .build()
        .unwrap();
    assert_eq!(client.public_keys().await.unwrap().len(), 1);
    assert_eq!(heard.load(Ordering::Relaxed), 1);
    assert!(matches!(
        client.login().await,
        Err(ClientError::NoCredentials)
    ));
}

#[tokio::test]
async fn latarnia_is_asked_once_and_without_login() {
    let server = Server::start(|asked, _| match asked.path.as_str() {
        "/latarnia/status" => Some(answer(200, &json!({"status": "AVAILABLE"}))),
        "/latarnia/messages" => Some((StatusCode::BAD_GATEWAY, "<html>").into_response()),
        _ => None,
    })
    .await;
    let client = client(server.environment());
    assert_eq!(client.latarnia().await.unwrap().status.name(), "AVAILABLE");
    let error = client.latarnia_messages().await.unwrap_err();
    assert!(matches!(error, ClientError::Http { status: 502, .. }));
    assert_eq!(server.asked().len(), 2);
    assert!(
        server
            .asked()
            .iter()
            .all(|asked| !asked.headers.contains_key("authorization"))
    );
}

#[tokio::test]
async fn a_list_of_certificates_is_read_to_its_last_page() {
    let server = Server::start(|asked, before| {
        (asked.path == "/v2/certificates/query").then(|| {
            let line = json!({"certificateSerialNumber": format!("0321C82DA41B452{before}"), "name": "Kasa 1",
                "type": "Offline", "commonName": "Firma", "status": "SomethingNew",
                "subjectIdentifier": {"type": "Nip", "value": "5265877635"},
                "requestDate": "2026-01-01T00:00:00Z", "validFrom": "2026-01-01T00:00:00Z",
                "validTo": "2028-01-01T00:00:00Z"});
            answer(200, &json!({"certificates": [line], "hasMore": before < 2}))
        })
    })
    .await;
    let filter = CertificateFilter::default();
    let listed = client(server.environment())
        .certificates(&filter)
        .await
        .unwrap();
    let serials: Vec<&str> = listed.iter().map(|line| line.serial.as_str()).collect();
    let expected = ["0321C82DA41B4520", "0321C82DA41B4521", "0321C82DA41B4522"];
    assert_eq!(serials, expected);
    let pages: Vec<String> = server
        .asked()
        .into_iter()
        .filter(|asked| asked.path == "/v2/certificates/query")
        .map(|asked| asked.query)
        .collect();
    for (place, query) in pages.iter().enumerate() {
        assert!(query.contains(&format!("pageOffset={place}")), "{query}");
    }
}

#[tokio::test]
async fn a_certificate_whose_revocation_was_not_answered_is_asked_for() {
    const SERIAL: &str = "0321C82DA41B4523";
    let server = Server::start(|asked, before| match asked.line().as_str() {
        line if line.ends_with("/revoke") => {
            Some((StatusCode::BAD_GATEWAY, "<html>").into_response())
        }
        // At first it is not revoked, and is asked for again.
        "POST /v2/certificates/query" => {
            let status = if before == 0 { "Active" } else { "Revoked" };
            let line = json!({"certificateSerialNumber": SERIAL, "name": "Kasa 1", "type": "Offline",
                "commonName": "Firma", "status": status, "subjectIdentifier": {"type": "Nip", "value": "5265877635"},
                "requestDate": "2026-01-01T00:00:00Z", "validFrom": "2026-01-01T00:00:00Z",
                "validTo": "2028-01-01T00:00:00Z"});
            Some(answer(200, &json!({"certificates": [line], "hasMore": false})))
        }
        _ => None,
    })
    .await;
    let serial = CertificateSerial::parse(SERIAL).unwrap();
    client(server.environment())
        .revoke_certificate(&serial, RevocationReason::Superseded)
        .await
        .unwrap();
    assert_eq!(
        server.count(&format!("POST /v2/certificates/{SERIAL}/revoke")),
        2
    );
}
