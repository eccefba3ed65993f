//! Sessions of both kinds over HTTP, from opening to the receipt.

use jiff::Timestamp;
use ksef_offline_core::identifier::{InvoiceHash, KsefNumber, Nip};
use ksef_offline_core::invoice::InvoiceKind;
use ksef_offline_core::key::KeyKind;
use ksef_offline_core::package::{Compression, SessionKey};
use ksef_offline_core::random::OsRandom;
use ksef_offline_core::receipt::{ReceiptError, SendingMode, verify};
use ksef_offline_simulator::{Rejection, Simulator};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Client, NIP, code_of, invoice, open_request, today};

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_judged_invoice_by_invoice() {
    let simulator = Simulator::builder().start().await.unwrap();
    let control = simulator.control();
    let seller = Nip::parse(NIP).unwrap();
    let taken = control
        .take_number(seller, InvoiceKind::Vat, "FV/TAKEN")
        .unwrap();
    control.reject(Rejection::of_number("FV/CHOSEN", 550).detail("because"));
    let client = Client::of(&simulator, KeyKind::P256).await;
    let good = invoice("FV/1", "2026-11-20");
    let other_seller = String::from_utf8(invoice("FV/2", "2026-11-20"))
        .unwrap()
        .replacen(NIP, "1111111111", 1)
        .into_bytes();
    let files = [
        ("good.xml", good.clone()),
        ("taken.xml", invoice("FV/TAKEN", "2026-11-20")),
        ("chosen.xml", invoice("FV/CHOSEN", "2026-11-20")),
        ("future.xml", invoice("FV/3", "2048-01-01")),
        ("other.xml", other_seller),
        ("broken.xml", b"<Faktura".to_vec()),
        ("large.xml", vec![b' '; 3_500_000]),
        ("again.xml", invoice("FV/1", "2026-11-19")),
    ];
    let session = client.upload(&files, Compression::Zip, true).await;
    assert_eq!(
        client.close("batch", &session).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(code_of(&client.close("batch", &session).await.1), 21180);
    let status = client.finished(&session).await;
    assert_eq!(status["status"]["code"], 200, "{status}");
    assert_eq!(
        (&status["invoiceCount"], &status["successfulInvoiceCount"]),
        (&json!(8), &json!(1))
    );

    let invoices = client.invoices(&session).await;
    let code = |name: &str| {
        let found = invoices
            .iter()
            .find(|invoice| invoice["invoiceFileName"] == name)
            .unwrap();
        (found["status"]["code"].as_u64().unwrap(), found.clone())
    };
    assert_eq!(code("good.xml").0, 200);
    let (duplicate, details) = code("taken.xml");
    assert_eq!(duplicate, 440);
    assert_eq!(
        details["status"]["extensions"]["originalKsefNumber"],
        taken.as_str()
    );
    let (chosen, details) = code("chosen.xml");
    assert_eq!(
        (chosen, &details["status"]["details"][0]),
        (550, &json!("because"))
    );
    assert_eq!(code("future.xml").0, 450);
    assert_eq!(code("other.xml").0, 410);
    assert_eq!(code("broken.xml").0, 450);
    assert_eq!(code("large.xml").0, 430);
    let (again, details) = code("again.xml");
    assert_eq!(again, 440);
    assert_eq!(
        details["status"]["extensions"]["originalSessionReferenceNumber"],
        session.as_str()
    );
    let failed = client
        .get(&format!(
            "/sessions/{session}/invoices/failed?pageSize=1000"
        ))
        .await;
    assert_eq!(failed["invoices"].as_array().unwrap().len(), 7);

    check_receipts(&client, &session, &status, &code("good.xml").1, &good).await;
    simulator.shutdown().await;
}

/// The receipt of the session and of the invoice, by link and by address, say the same and are sealed.
async fn check_receipts(
    client: &Client,
    session: &str,
    status: &Value,
    accepted: &Value,
    bytes: &[u8],
) {
    let number = accepted["ksefNumber"].as_str().unwrap();
    let page = &status["upo"]["pages"][0];
    let reference = accepted["referenceNumber"].as_str().unwrap();
    let addresses = [
        format!(
            "/sessions/{session}/upo/{}",
            page["referenceNumber"].as_str().unwrap()
        ),
        format!("/sessions/{session}/invoices/{reference}/upo"),
        format!("/sessions/{session}/invoices/ksef/{number}/upo"),
    ]
    .map(|path| format!("{}{path}", client.api));
    let links = [&page["downloadUrl"], &accepted["upoDownloadUrl"]]
        .map(|url| url.as_str().unwrap().to_owned());
    for (address, authorized) in addresses
        .iter()
        .map(|address| (address, true))
        .chain(links.iter().map(|link| (link, false)))
    {
        let mut request = client.http.get(address);
        if authorized {
            request = request.bearer_auth(&client.access);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{address}");
        let hash = response.headers()["x-ms-meta-hash"]
            .to_str()
            .unwrap()
            .to_owned();
        let receipt = response.bytes().await.unwrap();
        assert_eq!(hash, InvoiceHash::of(&receipt).to_base64());
        let verified = verify(&receipt, Timestamp::now()).unwrap();
        let expected = KsefNumber::parse(number).unwrap();
        let document = verified
            .confirm(&InvoiceHash::of(bytes), Some(&expected))
            .unwrap();
        assert_eq!(
            verified.confirm(&InvoiceHash::of(b"other"), None),
            Err(ReceiptError::OtherInvoice)
        );
        let text = String::from_utf8(receipt.to_vec()).unwrap();
        let forged = text.replace("<TrybWysylki>Offline", "<TrybWysylki>Online");
        assert!(matches!(
            verify(forged.as_bytes(), Timestamp::now()),
            Err(ReceiptError::Signature(_))
        ));
        assert_eq!(document.ksef_number.as_str(), number);
        assert_eq!(document.mode, SendingMode::Offline);
        assert_eq!(verified.upo.session.as_str(), session);
    }
    let with_token = client
        .http
        .get(&links[0])
        .bearer_auth(&client.access)
        .send()
        .await
        .unwrap();
    assert_eq!(with_token.status(), StatusCode::FORBIDDEN);
    let forged = links[0].replace("sig=", "sig=A");
    assert_eq!(
        client.http.get(forged).send().await.unwrap().status(),
        StatusCode::FORBIDDEN
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tar_gz_package_is_taken_as_well() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = Client::of(&simulator, KeyKind::P256).await;
    let files = [
        ("a.xml", invoice("FV/1", &today())),
        ("b.xml", invoice("FV/2", "2026-11-20")),
    ];
    let session = client.upload(&files, Compression::TarGz, false).await;
    client.close("batch", &session).await;
    client.finished(&session).await;
    let invoices = client.invoices(&session).await;
    assert_eq!(invoices[0]["invoicingMode"], "Online", "{invoices:?}");
    assert_eq!(
        invoices[1]["invoicingMode"], "Offline",
        "KSeF marks late invoices by itself"
    );
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_paged_without_gaps() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = Client::of(&simulator, KeyKind::P256).await;
    let names: Vec<String> = (0..25).map(|index| format!("FV/{index}")).collect();
    let files: Vec<(&str, Vec<u8>)> = names
        .iter()
        .map(|name| (&name[3..], invoice(name, "2026-11-20")))
        .collect();
    let session = client.upload(&files, Compression::Zip, true).await;
    client.close("batch", &session).await;
    client.finished(&session).await;
    let mut seen = vec![];
    let mut token: Option<String> = None;
    loop {
        let mut request = client
            .http
            .get(format!("{}/sessions/{session}/invoices", client.api))
            .bearer_auth(&client.access);
        if let Some(token) = &token {
            request = request.header("x-continuation-token", token);
        }
        let page: Value = request.send().await.unwrap().json().await.unwrap();
        seen.extend(
            page["invoices"]
                .as_array()
                .unwrap()
                .iter()
                .map(|i| i["ordinalNumber"].as_u64().unwrap()),
        );
        match page["continuationToken"].as_str() {
            Some(next) => token = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(seen, (1..=25).collect::<Vec<_>>());
    let list = client
        .get("/sessions?sessionType=Batch&statuses=Succeeded")
        .await;
    assert_eq!(list["sessions"][0]["successfulInvoiceCount"], 25);
    let (_, refused) = client.call(Method::GET, "/sessions", None).await;
    assert_eq!(code_of(&refused), 21405);
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_package_shows_where_the_contract_says() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = Client::of(&simulator, KeyKind::P256).await;
    let key = SessionKey::generate(&OsRandom).unwrap();
    let encryption = client.encryption(&key).await;
    let open = async |archive: &[u8], parts: &[Vec<u8>], encryption: Value| {
        let request = open_request(archive, parts, Compression::Zip, true, &encryption);
        let (status, body) = client.post("/sessions/batch", &request).await;
        assert_eq!(status, StatusCode::CREATED, "{body}");
        (
            body["referenceNumber"].as_str().unwrap().to_owned(),
            body["partUploadRequests"][0].clone(),
        )
    };
    let part = vec![key.encrypt(b"no archive")];

    let (session, upload) = open(b"no archive", &part, encryption.clone()).await;
    assert_eq!(code_of(&client.close("batch", &session).await.1), 21205);
    let refused = client
        .http
        .put(upload["url"].as_str().unwrap())
        .bearer_auth("token")
        .body("x")
        .send()
        .await
        .unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    let mut without = upload.clone();
    without["headers"] = json!({ "x-ms-blob-type": "BlockBlob" });
    assert_eq!(
        client.put(&without, part[0].clone()).await,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        client.put(&upload, b"short".to_vec()).await,
        StatusCode::CREATED
    );
    assert_eq!(code_of(&client.close("batch", &session).await.1), 21157);
    assert_eq!(
        client.put(&upload, part[0].clone()).await,
        StatusCode::CREATED
    );
    client.close("batch", &session).await;
    assert_eq!(client.finished(&session).await["status"]["code"], 430);

    let (session, upload) = open(b"no archive", &part, encryption.clone()).await;
    client.put(&upload, vec![0; part[0].len()]).await;
    client.close("batch", &session).await;
    assert_eq!(client.finished(&session).await["status"]["code"], 405);

    let mut bad_key = encryption.clone();
    bad_key["encryptedSymmetricKey"] = json!("AAAA");
    let (session, upload) = open(b"no archive", &part, bad_key).await;
    client.put(&upload, part[0].clone()).await;
    client.close("batch", &session).await;
    assert_eq!(client.finished(&session).await["status"]["code"], 415);

    let other = SessionKey::generate(&OsRandom).unwrap();
    let truncated = vec![other.encrypt(b"another key")[..15].to_vec()];
    let (session, upload) = open(b"no archive", &truncated, encryption.clone()).await;
    client.put(&upload, truncated[0].clone()).await;
    client.close("batch", &session).await;
    assert_eq!(client.finished(&session).await["status"]["code"], 435);

    let mut withdrawn = encryption.clone();
    withdrawn["publicKeyId"] = json!("A".repeat(43) + "=");
    let request = open_request(b"x", &part, Compression::Zip, true, &withdrawn);
    assert_eq!(
        code_of(&client.post("/sessions/batch", &request).await.1),
        21470
    );

    let mut large = open_request(b"x", &part, Compression::Zip, true, &encryption);
    large["batchFile"]["fileParts"][0]["fileSize"] = json!(100_000_017);
    assert_eq!(
        code_of(&client.post("/sessions/batch", &large).await.1),
        21157
    );
    let many = open_request(
        b"x",
        &vec![part[0].clone(); 51],
        Compression::Zip,
        true,
        &encryption,
    );
    assert_eq!(
        code_of(&client.post("/sessions/batch", &many).await.1),
        21161
    );
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_window_that_passed_cancels_the_session() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = Client::of(&simulator, KeyKind::P256).await;
    let session = client
        .upload(
            &[("a.xml", invoice("FV/1", &today()))],
            Compression::Zip,
            true,
        )
        .await;
    // Two parts give forty minutes; the access token lives fifteen, so another login closes the session.
    simulator
        .control()
        .set_clock_offset(jiff::SignedDuration::from_mins(41));
    let client = Client::of(&simulator, KeyKind::P256).await;
    assert_eq!(code_of(&client.close("batch", &session).await.1), 21208);
    assert_eq!(client.finished(&session).await["status"]["code"], 440);
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_invoice_is_corrected_once() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = Client::of(&simulator, KeyKind::P256).await;
    let key = SessionKey::generate(&OsRandom).unwrap();
    let session = client.open_online(&key).await;
    let bad = invoice("FV/1", "2048-01-01");
    let good = invoice("FV/1", "2026-11-20");
    let hash = InvoiceHash::of(&bad);
    let send = async |bytes: &[u8], corrects: Option<&InvoiceHash>| {
        let (status, body) = client.send(&session, &key, bytes, corrects).await;
        if status != StatusCode::ACCEPTED {
            return Err(code_of(&body));
        }
        let path = format!(
            "/sessions/{session}/invoices/{}",
            body["referenceNumber"].as_str().unwrap()
        );
        loop {
            let invoice = client.get(&path).await;
            let code = invoice["status"]["code"].as_u64().unwrap();
            if code >= 200 {
                return Ok((code, invoice));
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    assert_eq!(send(&bad, None).await.unwrap().0, 450);
    let (code, corrected) = send(&good, Some(&hash)).await.unwrap();
    assert_eq!(
        (code, &corrected["invoicingMode"]),
        (200, &json!("Offline")),
        "{corrected}"
    );
    assert_eq!(send(&good, Some(&hash)).await.unwrap_err(), 21166);
    assert_eq!(
        send(&bad, Some(&InvoiceHash::of(&good))).await.unwrap_err(),
        21167
    );

    assert_eq!(
        client.close("online", &session).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(client.finished(&session).await["status"]["code"], 200);
    assert_eq!(
        client.send(&session, &key, &good, None).await.1["exception"]["exceptionDetailList"][0]["exceptionCode"],
        21180
    );
    // CODE I printed with the old hash leads to the correction.
    let page: Value = client
        .http
        .get(format!(
            "http://{}/invoice/{NIP}/20-11-2026/{}",
            simulator.qr_host(),
            hash.to_base64url()
        ))
        .header("Accept", "application/json")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(page["ksef_number"], corrected["ksefNumber"]);

    let empty = client.open_online(&key).await;
    client.close("online", &empty).await;
    assert_eq!(client.finished(&empty).await["status"]["code"], 440);
    simulator.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_need_a_batch_and_a_permission() {
    const WITH_ATTACHMENT: &[u8] =
        include_bytes!("../../../../examples/invoices/10-vat-attachment.xml");
    let simulator = Simulator::builder().start().await.unwrap();
    let client = Client::of(&simulator, KeyKind::P256).await;
    for (allowed, expected) in [(false, 415), (true, 200)] {
        simulator
            .control()
            .allow_attachments(Nip::parse(NIP).unwrap(), allowed);
        let status = client.get("/permissions/attachments/status").await;
        assert_eq!(status["isAttachmentAllowed"], allowed);
        let session = client
            .upload(
                &[("a.xml", WITH_ATTACHMENT.to_vec())],
                Compression::Zip,
                true,
            )
            .await;
        client.close("batch", &session).await;
        client.finished(&session).await;
        assert_eq!(
            client.invoices(&session).await[0]["status"]["code"],
            expected
        );
    }
    simulator.shutdown().await;
}
