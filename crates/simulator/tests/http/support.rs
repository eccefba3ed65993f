//! A tiny client of the simulator, written from the contract and sharing nothing with the real one but core.
#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what cannot go on fails the test"
)]

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash};
use ksef_offline_core::key::{Certificate, KeyKind, PrivateKey, SoftwareSigner};
use ksef_offline_core::login::{AuthTokenRequest, SubjectIdentifierType};
use ksef_offline_core::package::{ArchiveWriter, Compression, DeflateLevel, SessionKey};
use ksef_offline_core::random::OsRandom;
use ksef_offline_core::signature::sign_enveloped;
use ksef_offline_simulator::{IssuedCertificate, IssuedType, Simulator};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// NIP of the seller of all example invoices.
pub(crate) const NIP: &str = "5265877635";

pub(crate) fn context() -> ContextIdentifier {
    ContextIdentifier::parse(&format!("Nip:{NIP}")).unwrap()
}

/// A plain VAT invoice with this number and date.
pub(crate) fn invoice(number: &str, issue_date: &str) -> Vec<u8> {
    const TEMPLATE: &str = include_str!("../../../../examples/invoices/01-vat-domestic.xml");
    let between = |name: &str| {
        let start = TEMPLATE.find(&format!("<{name}>")).unwrap();
        let end = TEMPLATE.find(&format!("</{name}>")).unwrap();
        &TEMPLATE[start..end]
    };
    TEMPLATE
        .replace(between("P_2"), &format!("<P_2>{number}"))
        .replace(between("P_1"), &format!("<P_1>{issue_date}"))
        .into_bytes()
}

/// Today in Warsaw.
pub(crate) fn today() -> String {
    Timestamp::now()
        .in_tz("Europe/Warsaw")
        .unwrap()
        .date()
        .to_string()
}

pub(crate) fn signer(issued: &IssuedCertificate) -> SoftwareSigner {
    let certificate = Certificate::from_bytes(issued.certificate.as_bytes()).unwrap();
    let key = PrivateKey::from_bytes(issued.key.as_bytes(), None).unwrap();
    SoftwareSigner::new(certificate, key, Arc::new(OsRandom)).unwrap()
}

pub(crate) struct Client {
    pub(crate) http: reqwest::Client,
    pub(crate) api: String,
    pub(crate) access: String,
}

impl Client {
    pub(crate) fn stranger(simulator: &Simulator) -> Self {
        Self {
            http: reqwest::Client::new(),
            api: simulator.api(),
            access: String::new(),
        }
    }

    /// Logged in with a fresh certificate.
    pub(crate) async fn of(simulator: &Simulator, kind: KeyKind) -> Self {
        let control = simulator.control();
        let issued = control
            .issue_certificate(&context(), IssuedType::Authentication, kind)
            .unwrap();
        let mut client = Self::stranger(simulator);
        client.log_in(&signer(&issued)).await.unwrap();
        client
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.api));
        if !self.access.is_empty() {
            request = request.bearer_auth(&self.access);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let bytes = response.bytes().await.unwrap();
        (
            status,
            serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        )
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        self.call(Method::POST, path, Some(body)).await
    }

    pub(crate) async fn login_document(&self, signer: &SoftwareSigner) -> Vec<u8> {
        let (_, challenge) = self.call(Method::POST, "/auth/challenge", None).await;
        let request = AuthTokenRequest {
            challenge: challenge["challenge"].as_str().unwrap().parse().unwrap(),
            context: context(),
            subject: SubjectIdentifierType::CertificateSubject,
            allowed_ips: vec![],
        };
        sign_enveloped(request.to_xml().as_bytes(), signer, Timestamp::now()).unwrap()
    }

    pub(crate) async fn submit_login(&self, document: Vec<u8>) -> (StatusCode, Value) {
        let response = self
            .http
            .post(format!("{}/auth/xades-signature", self.api))
            .header("Content-Type", "application/xml")
            .body(document)
            .send()
            .await
            .unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Logs in, or gives the status that refused it.
    pub(crate) async fn log_in(&mut self, signer: &SoftwareSigner) -> Result<(), Value> {
        let document = self.login_document(signer).await;
        let (status, started) = self.submit_login(document).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{started}");
        self.follow(&started).await
    }

    pub(crate) async fn follow(&mut self, started: &Value) -> Result<(), Value> {
        self.access = started["authenticationToken"]["token"]
            .as_str()
            .unwrap()
            .into();
        let reference = started["referenceNumber"].as_str().unwrap();
        let operation = self.get(&format!("/auth/{reference}")).await;
        if operation["status"]["code"] != 200 {
            return Err(operation["status"].clone());
        }
        let (status, tokens) = self.call(Method::POST, "/auth/token/redeem", None).await;
        assert_eq!(status, StatusCode::OK, "{tokens}");
        let (again, _) = self.call(Method::POST, "/auth/token/redeem", None).await;
        assert_eq!(again, StatusCode::BAD_REQUEST, "tokens are given once");
        self.access = tokens["accessToken"]["token"].as_str().unwrap().into();
        Ok(())
    }

    pub(crate) async fn public_key(&self, usage: &str) -> (Certificate, String) {
        let keys = self.get("/security/public-key-certificates").await;
        let key = keys
            .as_array()
            .unwrap()
            .iter()
            .find(|key| key["usage"][0] == usage)
            .unwrap();
        let der = STANDARD
            .decode(key["certificate"].as_str().unwrap())
            .unwrap();
        let id = key["publicKeyId"].as_str().unwrap().to_owned();
        (Certificate::from_bytes(&der).unwrap(), id)
    }

    pub(crate) async fn encryption(&self, key: &SessionKey) -> Value {
        let (certificate, id) = self.public_key("SymmetricKeyEncryption").await;
        let wrapped = certificate
            .public_key()
            .encrypt_oaep(&key.expose()[..32], &OsRandom)
            .unwrap();
        json!({
            "encryptedSymmetricKey": STANDARD.encode(wrapped),
            "initializationVector": STANDARD.encode(key.initialization_vector()),
            "publicKeyId": id,
        })
    }

    /// Opens a batch and uploads its parts; gives the reference of the session.
    pub(crate) async fn upload(
        &self,
        files: &[(&str, Vec<u8>)],
        compression: Compression,
        offline: bool,
    ) -> String {
        let key = SessionKey::generate(&OsRandom).unwrap();
        let mut archive = ArchiveWriter::new(vec![], compression, DeflateLevel::default());
        for (name, bytes) in files {
            archive.add(name, bytes).unwrap();
        }
        let archive = archive.finish().unwrap();
        // Two parts, however small: the second must not be forgotten.
        let (first, second) = archive.split_at(archive.len() / 2);
        let parts = [key.encrypt(first), key.encrypt(second)];
        let request = open_request(
            &archive,
            &parts,
            compression,
            offline,
            &self.encryption(&key).await,
        );
        let (status, opened) = self.post("/sessions/batch", &request).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        for (upload, part) in opened["partUploadRequests"]
            .as_array()
            .unwrap()
            .iter()
            .zip(parts)
        {
            assert_eq!(self.put(upload, part).await, StatusCode::CREATED);
        }
        opened["referenceNumber"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn put(&self, upload: &Value, bytes: Vec<u8>) -> StatusCode {
        let mut request = self.http.put(upload["url"].as_str().unwrap());
        for (name, value) in upload["headers"].as_object().unwrap() {
            request = request.header(name, value.as_str().unwrap());
        }
        request.body(bytes).send().await.unwrap().status()
    }

    pub(crate) async fn close(&self, kind: &str, session: &str) -> (StatusCode, Value) {
        self.call(
            Method::POST,
            &format!("/sessions/{kind}/{session}/close"),
            None,
        )
        .await
    }

    /// Waits until a session has a final code.
    pub(crate) async fn finished(&self, session: &str) -> Value {
        for _ in 0..1200 {
            let status = self.get(&format!("/sessions/{session}")).await;
            if status["status"]["code"].as_u64().unwrap() >= 200 {
                return status;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the session does not end");
    }

    pub(crate) async fn invoices(&self, session: &str) -> Vec<Value> {
        let list = self
            .get(&format!("/sessions/{session}/invoices?pageSize=1000"))
            .await;
        list["invoices"].as_array().unwrap().clone()
    }

    /// Opens an interactive session.
    pub(crate) async fn open_online(&self, key: &SessionKey) -> String {
        let request = json!({ "formCode": form(), "encryption": self.encryption(key).await });
        let (status, opened) = self.post("/sessions/online", &request).await;
        assert_eq!(status, StatusCode::CREATED, "{opened}");
        opened["referenceNumber"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn send(
        &self,
        session: &str,
        key: &SessionKey,
        invoice: &[u8],
        corrects: Option<&InvoiceHash>,
    ) -> (StatusCode, Value) {
        let encrypted = key.encrypt(invoice);
        let mut request = json!({
            "invoiceHash": InvoiceHash::of(invoice).to_base64(),
            "invoiceSize": invoice.len(),
            "encryptedInvoiceHash": InvoiceHash::of(&encrypted).to_base64(),
            "encryptedInvoiceSize": encrypted.len(),
            "encryptedInvoiceContent": STANDARD.encode(encrypted),
        });
        if let Some(hash) = corrects {
            request["offlineMode"] = json!(true);
            request["hashOfCorrectedInvoice"] = json!(hash.to_base64());
        }
        self.post(&format!("/sessions/online/{session}/invoices"), &request)
            .await
    }
}

pub(crate) fn form() -> Value {
    json!({ "systemCode": "FA (3)", "schemaVersion": "1-0E", "value": "FA" })
}

pub(crate) fn open_request(
    archive: &[u8],
    parts: &[Vec<u8>],
    compression: Compression,
    offline: bool,
    encryption: &Value,
) -> Value {
    let parts: Vec<Value> = (1..)
        .zip(parts)
        .map(|(ordinal, part)| {
            json!({
                "ordinalNumber": ordinal,
                "fileSize": part.len(),
                "fileHash": InvoiceHash::of(part).to_base64(),
            })
        })
        .collect();
    json!({
        "formCode": form(),
        "batchFile": {
            "fileSize": archive.len(),
            "fileHash": InvoiceHash::of(archive).to_base64(),
            "compressionType": compression.name(),
            "fileParts": parts,
        },
        "encryption": encryption,
        "offlineMode": offline,
    })
}

/// The first exception code of a classic refusal.
pub(crate) fn code_of(body: &Value) -> u64 {
    body["exception"]["exceptionDetailList"][0]["exceptionCode"]
        .as_u64()
        .unwrap_or_else(|| panic!("{body}"))
}
