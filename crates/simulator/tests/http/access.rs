//! Logging in, certificates, downtimes, limits, and what survives a restart.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ksef_offline_core::deadline::{LatarniaMessage, Timeline};
use ksef_offline_core::identifier::InvoiceHash;
use ksef_offline_core::key::request::{CertificateSubject, certificate_request};
use ksef_offline_core::key::{
    Certificate, CertificateUsage, HashAlgorithm, KeyKind, PrivateKey, SignatureAlgorithm,
    Signer as _, SoftwareSigner,
};
use ksef_offline_core::package::Compression;
use ksef_offline_core::random::OsRandom;
use ksef_offline_simulator::{Downtime, DowntimeKind, IssuedType, RateLimit, Simulator};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Client, NIP, code_of, context, invoice, signer};

#[tokio::test(flavor = "multi_thread")]
async fn both_kinds_of_keys_log_in_and_their_signature_is_verified() {
    let simulator = Simulator::builder().start().await.unwrap();
    Client::of(&simulator, KeyKind::Rsa2048).await;
    let control = simulator.control();
    let issued = control
        .issue_certificate(&context(), IssuedType::Authentication, KeyKind::P256)
        .unwrap();
    let client = Client::stranger(&simulator);
    let document = String::from_utf8(client.login_document(&signer(&issued)).await).unwrap();
    let forged = document.replace(NIP, "1111111111");
    assert_eq!(
        code_of(&client.submit_login(forged.into_bytes()).await.1),
        9105
    );
    let unsigned = format!(
        "{}</AuthTokenRequest>",
        &document[..document.find("<ds:Signature").unwrap()]
    );
    assert_eq!(
        code_of(&client.submit_login(unsigned.into_bytes()).await.1),
        9102
    );
    assert_eq!(
        client.submit_login(document.clone().into_bytes()).await.0,
        StatusCode::ACCEPTED
    );
    // A challenge is good once.
    assert_eq!(
        code_of(&client.submit_login(document.into_bytes()).await.1),
        21111
    );
    let late = client.login_document(&signer(&issued)).await;
    control.set_clock_offset(jiff::SignedDuration::from_mins(11));
    assert_eq!(code_of(&client.submit_login(late).await.1), 21111);
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_may_not_log_in_is_told_why() {
    let simulator = Simulator::builder().start().await.unwrap();
    let control = simulator.control();
    let offline = control
        .issue_certificate(&context(), IssuedType::Offline, KeyKind::P256)
        .unwrap();
    let stranger = control
        .issue_certificate(
            &ksef_offline_core::identifier::ContextIdentifier::parse("Nip:1111111111").unwrap(),
            IssuedType::Authentication,
            KeyKind::P256,
        )
        .unwrap();
    let mut client = Client::stranger(&simulator);
    assert_eq!(
        client.log_in(&signer(&offline)).await.unwrap_err()["code"],
        460
    );
    assert_eq!(
        client.log_in(&signer(&stranger)).await.unwrap_err()["code"],
        415
    );
    control.grant_login(context(), "VATPL-1111111111");
    client.log_in(&signer(&stranger)).await.unwrap();
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_logs_in_until_it_is_revoked() {
    let simulator = Simulator::builder().start().await.unwrap();
    let mut client = Client::of(&simulator, KeyKind::P256).await;
    let request = json!({ "permissions": ["InvoiceWrite"], "description": "test token" });
    let (status, made) = client.post("/tokens", &request).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    let token = made["token"].as_str().unwrap().to_owned();
    let log_in = async |client: &mut Client| {
        let (certificate, id) = client.public_key("KsefTokenEncryption").await;
        let (_, challenge) = client.call(Method::POST, "/auth/challenge", None).await;
        let plain = format!("{token}|{}", challenge["timestampMs"]);
        let encrypted = certificate
            .public_key()
            .encrypt_oaep(plain.as_bytes(), &OsRandom)
            .unwrap();
        let request = json!({
            "challenge": challenge["challenge"],
            "contextIdentifier": { "type": "Nip", "value": NIP },
            "encryptedToken": STANDARD.encode(encrypted),
            "publicKeyId": id,
        });
        let (status, started) = client.post("/auth/ksef-token", &request).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{started}");
        client.follow(&started).await
    };
    log_in(&mut client).await.unwrap();
    let (_, refused) = client
        .call(Method::GET, "/certificates/enrollments/data", None)
        .await;
    assert_eq!(
        code_of(&refused),
        25001,
        "a token gives no data for a request"
    );
    let path = format!("/tokens/{}", made["referenceNumber"].as_str().unwrap());
    assert_eq!(client.get(&path).await["status"], "Active");
    assert_eq!(
        client.call(Method::DELETE, &path, None).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(log_in(&mut client).await.unwrap_err()["code"], 450);
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offline_certificate_is_enrolled_and_its_code_two_is_verified() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = Client::of(&simulator, KeyKind::P256).await;
    assert_eq!(client.get("/certificates/limits").await["canRequest"], true);
    let data = client.get("/certificates/enrollments/data").await;
    let text = |name: &str| data[name].as_str().map(str::to_owned);
    let subject = CertificateSubject {
        country_name: text("countryName"),
        organization_name: text("organizationName"),
        organization_identifier: text("organizationIdentifier"),
        common_name: text("commonName"),
        ..CertificateSubject::default()
    };
    for kind in [KeyKind::P256, KeyKind::Rsa2048] {
        let key = PrivateKey::generate(kind, &OsRandom).unwrap();
        let request = |csr: Vec<u8>| {
            json!({
                "certificateName": "Certyfikat próbny",
                "certificateType": "Offline",
                "csr": STANDARD.encode(csr),
            })
        };
        let other = CertificateSubject {
            common_name: Some("Another".into()),
            ..subject.clone()
        };
        let wrong = request(certificate_request(&other, &key, &OsRandom).unwrap());
        assert_eq!(
            code_of(&client.post("/certificates/enrollments", &wrong).await.1),
            25003
        );
        let right = request(certificate_request(&subject, &key, &OsRandom).unwrap());
        let (status, started) = client.post("/certificates/enrollments", &right).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{started}");
        let path = format!(
            "/certificates/enrollments/{}",
            started["referenceNumber"].as_str().unwrap()
        );
        let done = client.get(&path).await;
        assert_eq!(done["status"]["code"], 200);
        let serial = done["certificateSerialNumber"].as_str().unwrap();
        let (_, retrieved) = client
            .post(
                "/certificates/retrieve",
                &json!({ "certificateSerialNumbers": [serial] }),
            )
            .await;
        let der = STANDARD
            .decode(
                retrieved["certificates"][0]["certificate"]
                    .as_str()
                    .unwrap(),
            )
            .unwrap();
        let certificate = Certificate::from_bytes(&der).unwrap();
        assert_eq!(certificate.usage(), CertificateUsage::Offline);
        let signer = SoftwareSigner::new(certificate, key, Arc::new(OsRandom)).unwrap();
        check_code_two(&simulator, &client, &signer, serial, kind).await;

        let revoke = format!("/certificates/{serial}/revoke");
        let reason = json!({ "revocationReason": "Superseded" });
        assert_eq!(
            client.post(&revoke, &reason).await.0,
            StatusCode::NO_CONTENT
        );
        assert_eq!(code_of(&client.post(&revoke, &reason).await.1), 25009);
        let (_, list) = client
            .post("/certificates/query", &json!({ "status": "Revoked" }))
            .await;
        assert!(
            list["certificates"]
                .as_array()
                .unwrap()
                .iter()
                .any(|c| c["certificateSerialNumber"] == serial)
        );
    }
    simulator.shutdown().await;
}

async fn check_code_two(
    simulator: &Simulator,
    client: &Client,
    signer: &SoftwareSigner,
    serial: &str,
    kind: KeyKind,
) {
    let hash = InvoiceHash::of(b"invoice").to_base64url();
    let text = format!(
        "{}/certificate/Nip/{NIP}/{NIP}/{serial}/{hash}",
        simulator.qr_host()
    );
    let algorithm = match kind {
        KeyKind::P256 => SignatureAlgorithm::Ecdsa(HashAlgorithm::Sha256),
        _ => SignatureAlgorithm::RsaPss(HashAlgorithm::Sha256),
    };
    let signature = URL_SAFE_NO_PAD.encode(signer.sign(algorithm, text.as_bytes()).unwrap());
    let ask = async |link: String| -> Value {
        let request = client.http.get(link).header("Accept", "application/json");
        request.send().await.unwrap().json().await.unwrap()
    };
    let page = ask(format!("http://{text}/{signature}")).await;
    assert_eq!(page["valid"], true, "{page}");
    let other_hash = InvoiceHash::of(b"other").to_base64url();
    let page = ask(format!(
        "http://{}/{signature}",
        text.replace(&hash, &other_hash)
    ))
    .await;
    assert_eq!(page["valid"], false);
    // Both 64 and 256 bytes leave spare bits in the last character: `A` to `B` changes nothing but the spelling.
    let mut respelt = signature.clone();
    let last = respelt.pop().unwrap();
    respelt.push(char::from(last as u8 + 1));
    let page = ask(format!("http://{text}/{respelt}")).await;
    assert_eq!(page["valid"], false, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_downtime_looks_as_its_kind_asks() {
    let simulator = Simulator::builder().start().await.unwrap();
    let control = simulator.control();
    let client = Client::stranger(&simulator);
    let latarnia = async || -> Value {
        let url = format!("{}/status", simulator.latarnia());
        client
            .http
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    assert_eq!(latarnia().await, json!({ "status": "AVAILABLE" }));
    for (kind, status) in [
        (DowntimeKind::Maintenance, "MAINTENANCE"),
        (DowntimeKind::Failure, "FAILURE"),
        (DowntimeKind::TotalFailure, "TOTAL_FAILURE"),
    ] {
        control.begin_downtime(&Downtime::now(kind));
        let (answer, _) = client.call(Method::POST, "/auth/challenge", None).await;
        assert_eq!(answer, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(latarnia().await["status"], status);
        control.end_downtime();
        assert_eq!(
            client.call(Method::POST, "/auth/challenge", None).await.0,
            StatusCode::OK
        );
    }
    control.begin_downtime(&Downtime::now(DowntimeKind::Unreachable));
    let challenge = format!("{}/auth/challenge", simulator.api());
    assert!(
        client.http.post(&challenge).send().await.is_err(),
        "no answer at all"
    );
    assert_eq!(latarnia().await["status"], "AVAILABLE");
    control.silence_latarnia(true);
    let url = format!("{}/messages", simulator.latarnia());
    assert!(client.http.get(&url).send().await.is_err());
    control.silence_latarnia(false);
    control.end_downtime();
    let messages: Value = client
        .http
        .get(&url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(messages.as_array().unwrap().len(), 5);
    let messages: Vec<LatarniaMessage> = serde_json::from_value(messages).unwrap();
    let mut timeline = Timeline::default();
    timeline.merge(&messages);
    assert_eq!(
        timeline.outages().len(),
        3,
        "every announced event, each with its end"
    );
    assert!(timeline.outages().iter().all(|outage| outage.end.is_some()));
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn latarnia_shows_what_it_is_given_and_can_fail_by_itself() {
    let simulator = Simulator::builder().start().await.unwrap();
    let control = simulator.control();
    let client = Client::stranger(&simulator);
    control.begin_downtime(&Downtime::now(DowntimeKind::Failure));
    control.announce(vec![json!({ "id": "K/9", "new": [1] }), json!(null)]);
    let url = format!("{}/messages", simulator.latarnia());
    let shown: Value = client
        .http
        .get(&url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(shown.as_array().unwrap().len(), 3);
    assert_eq!(shown[1], json!({ "id": "K/9", "new": [1] }));
    control.announce(vec![]);
    control.fail_latarnia(true);
    assert_eq!(client.http.get(&url).send().await.unwrap().status(), 503);
    control.fail_latarnia(false);
    let shown: Value = client
        .http
        .get(&url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(shown.as_array().unwrap().len(), 1);
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rate_limits_answer_429_with_the_seconds_to_wait() {
    let simulator = Simulator::builder().start().await.unwrap();
    simulator
        .control()
        .set_rate_limits(true, Some(RateLimit::new(2, 100, 100)));
    let client = Client::stranger(&simulator);
    let url = format!("{}/auth/challenge", simulator.api());
    let mut answers = vec![];
    for _ in 0..3 {
        answers.push(client.http.post(&url).send().await.unwrap());
    }
    assert_eq!(answers[2].status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answers[2].headers()["Retry-After"], "1");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!(
        client.http.post(&url).send().await.unwrap().status(),
        StatusCode::OK
    );
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_ledger_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let start = async || {
        Simulator::builder()
            .data_dir(Some(directory.path().to_owned()))
            .start()
            .await
            .unwrap()
    };
    let simulator = start().await;
    let root = simulator.control().root_certificate();
    let issued = simulator
        .control()
        .issue_certificate(&context(), IssuedType::Authentication, KeyKind::P256)
        .unwrap();
    let mut client = Client::stranger(&simulator);
    client.log_in(&signer(&issued)).await.unwrap();
    let keys = client.get("/security/public-key-certificates").await;
    let bytes = invoice("FV/1", "2026-11-20");
    let session = client
        .upload(&[("a.xml", bytes.clone())], Compression::Zip, true)
        .await;
    client.close("batch", &session).await;
    client.finished(&session).await;
    let ledger = simulator.control().ledger();
    simulator.shutdown().await;

    let simulator = start().await;
    assert_eq!(simulator.control().root_certificate(), root);
    assert_eq!(simulator.control().ledger(), ledger);
    let mut client = Client::stranger(&simulator);
    client.log_in(&signer(&issued)).await.unwrap();
    assert_eq!(client.get("/security/public-key-certificates").await, keys);
    assert_eq!(
        client.get(&format!("/sessions/{session}")).await["status"]["code"],
        200
    );
    let again = client
        .upload(&[("a.xml", bytes)], Compression::Zip, true)
        .await;
    client.close("batch", &again).await;
    assert_eq!(client.finished(&again).await["status"]["code"], 445);
    let (_, list) = client
        .post(
            "/invoices/query/metadata?pageSize=10",
            &json!({
                "subjectType": "Subject1",
                "dateRange": { "dateType": "Invoicing", "from": "2026-01-01T00:00:00+00:00" },
            }),
        )
        .await;
    assert_eq!(
        list["invoices"][0]["ksefNumber"],
        ledger[0].ksef_number.as_str()
    );
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn withdrawn_keys_are_unknown_and_a_taken_port_is_told() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = Client::of(&simulator, KeyKind::P256).await;
    let key = ksef_offline_core::package::SessionKey::generate(&OsRandom).unwrap();
    let old = client.encryption(&key).await;
    simulator.control().rotate_keys().unwrap();
    let request = json!({ "formCode": crate::support::form(), "encryption": old });
    assert_eq!(
        code_of(&client.post("/sessions/online", &request).await.1),
        21470
    );
    client.open_online(&key).await;
    let port = simulator
        .qr_host()
        .rsplit(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    let second = Simulator::builder().port(port).start().await;
    assert!(matches!(
        second,
        Err(ksef_offline_simulator::SimulatorError::PortInUse(_))
    ));
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_control_endpoint_does_the_same_over_http() {
    let simulator = Simulator::builder().start().await.unwrap();
    let http = reqwest::Client::new();
    let control = simulator.control_url();
    let order = async |method: Method, path: &str, body: Value| {
        let request = http
            .request(method, format!("{control}{path}"))
            .body(body.to_string());
        let response = request.send().await.unwrap();
        let status = response.status();
        let bytes = response.bytes().await.unwrap();
        (
            status,
            serde_json::from_slice::<Value>(&bytes).unwrap_or(Value::Null),
        )
    };
    assert_eq!(
        order(Method::POST, "/downtime", json!({ "kind": "failure" }))
            .await
            .0,
        StatusCode::OK
    );
    assert_eq!(
        order(Method::GET, "/state", Value::Null).await.1["ksef"],
        "down"
    );
    assert_eq!(
        order(Method::DELETE, "/downtime", Value::Null).await.0,
        StatusCode::NO_CONTENT
    );
    for (path, body) in [
        ("/latarnia", json!({ "silent": false })),
        ("/latarnia", json!({ "silent": false, "failing": false })),
        ("/announcements", json!([{ "id": "K/1" }, 7])),
        ("/clock", json!({ "offset_seconds": 3600 })),
        ("/clock", json!({ "now": "2026-12-24T10:00:00Z" })),
        ("/processing", json!({ "delay_ms": 5, "login_delay_ms": 0 })),
        ("/rate-limits", json!({ "enabled": false })),
        ("/attachments", json!({ "nip": NIP, "allowed": true })),
        ("/nip-checksum", json!({ "enforce": true })),
    ] {
        assert_eq!(
            order(Method::PUT, path, body).await.0,
            StatusCode::NO_CONTENT,
            "{path}"
        );
    }
    assert!(simulator.control().now() > "2026-12-24T09:59:00Z".parse().unwrap());
    let (_, taken) = order(
        Method::POST,
        "/taken-numbers",
        json!({ "seller": NIP, "kind": "VAT", "number": "1" }),
    )
    .await;
    assert!(taken["ksef_number"].is_string());
    let reject = json!({ "number": "1", "code": 450, "details": ["x"] });
    assert_eq!(
        order(Method::POST, "/rejections", reject).await.0,
        StatusCode::NO_CONTENT
    );
    let sellers = json!({ "nip": "1111111111", "context": format!("Nip:{NIP}") });
    assert_eq!(
        order(Method::POST, "/sellers", sellers).await.0,
        StatusCode::NO_CONTENT
    );
    let wanted = json!({ "context": format!("Nip:{NIP}"), "type": "offline", "key": "p256" });
    let (_, issued) = order(Method::POST, "/certificates", wanted).await;
    assert_eq!(issued["serial_number"].as_str().unwrap().len(), 16);
    let (_, token) = order(
        Method::POST,
        "/tokens",
        json!({ "context": format!("Nip:{NIP}") }),
    )
    .await;
    assert!(token["token"].is_string());
    assert_eq!(
        order(Method::GET, "/ledger", Value::Null).await.1,
        json!([])
    );
    let (status, refused) = order(Method::POST, "/downtime", json!({ "kind": "nonsense" })).await;
    assert_eq!(
        (status, &refused["error"]["code"]),
        (StatusCode::BAD_REQUEST, &json!("control-malformed"))
    );
    simulator.shutdown().await;
}
