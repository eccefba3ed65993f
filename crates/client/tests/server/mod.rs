//! A small HTTP server that answers as a test says and writes down what it was asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ksef_offline_core::environment::Environment;
use ksef_offline_core::identifier::{ContextIdentifier, InvoiceHash};
use ksef_offline_core::key::{KeyKind, PrivateKey};
use ksef_offline_core::random::OsRandom;
use serde_json::{Value, json};

/// One request as it arrived.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Method and path.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

type Answering = dyn Fn(&Asked, usize) -> Option<Response> + Send + Sync;

struct Script {
    log: Mutex<Vec<Asked>>,
    answer: Box<Answering>,
}

/// A running server; its log grows with every request.
pub(crate) struct Server {
    pub(crate) address: String,
    script: Arc<Script>,
}

impl Server {
    /// Starts a server. `answer` is given each request and how many like it (method and path) came before; for `None` the
    /// server answers by itself as a KSeF that works.
    pub(crate) async fn start(
        answer: impl Fn(&Asked, usize) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        let script = Arc::new(Script {
            log: Mutex::default(),
            answer: Box::new(answer),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new()
            .fallback(handle)
            .with_state((Arc::clone(&script), address.clone()));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { address, script }
    }

    pub(crate) fn environment(&self) -> Environment {
        Environment::custom(
            &format!("{}/v2", self.address),
            &format!("{}/latarnia", self.address),
            "qr.example",
        )
        .unwrap()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.script.log.lock().unwrap().clone()
    }

    /// How many requests of this method and path came.
    pub(crate) fn count(&self, line: &str) -> usize {
        self.asked()
            .iter()
            .filter(|asked| asked.line() == line)
            .count()
    }
}

pub(crate) fn context() -> ContextIdentifier {
    ContextIdentifier::parse("Nip:5265877635").unwrap()
}

pub(crate) fn answer(status: u16, body: &Value) -> Response {
    (
        StatusCode::from_u16(status).unwrap(),
        [("content-type", "application/json")],
        body.to_string(),
    )
        .into_response()
}

/// Problem details with one exception code.
pub(crate) fn refusal(code: u32) -> Response {
    answer(
        400,
        &json!({"title": "Bad Request", "status": 400, "instance": "/", "detail": "?", "traceId": "t",
            "timestamp": "2026-11-22T20:00:00Z", "errors": [{"code": code, "description": "?", "details": []}]}),
    )
}

async fn handle(
    State((script, address)): State<(Arc<Script>, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = Asked {
        method: method.to_string(),
        path: uri.path().to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect(),
        body: body.to_vec(),
    };
    let before = {
        let mut log = script.log.lock().unwrap();
        let before = log
            .iter()
            .filter(|other| other.line() == asked.line())
            .count();
        log.push(asked.clone());
        before
    };
    (script.answer)(&asked, before).unwrap_or_else(|| working(&asked, before, &address))
}

/// What a KSeF that works answers.
fn working(asked: &Asked, before: usize, address: &str) -> Response {
    let hour = "2099-01-01T00:00:00.1234567+00:00";
    match asked.line().as_str() {
        "POST /v2/auth/challenge" => answer(
            200,
            &json!({"challenge": "20250625-CR-20F5EE4000-DA48AE4124-46", "clientIp": "127.0.0.1",
                "timestamp": jiff::Timestamp::now().to_string(), "timestampMs": 1_752_236_636_015_u64}),
        ),
        "GET /v2/security/public-key-certificates" => {
            answer(200, &public_keys(&format!("key-{before}")))
        }
        "POST /v2/auth/ksef-token" => answer(
            202,
            &json!({"referenceNumber": "20250514-AU-2DFC46C000-3AC6D5877F-D4",
                "authenticationToken": {"token": "operation", "validUntil": hour}}),
        ),
        "GET /v2/auth/20250514-AU-2DFC46C000-3AC6D5877F-D4" => {
            let code = if before == 0 { 100 } else { 200 };
            answer(
                200,
                &json!({"startDate": hour, "authenticationMethod": "Token", "status": {"code": code, "description": "?"},
                    "authenticationMethodInfo": {"category": "Token", "code": "t", "displayName": "t"}}),
            )
        }
        "POST /v2/auth/token/redeem" => answer(
            200,
            &json!({"accessToken": {"token": format!("access-{before}"), "validUntil": hour},
                "refreshToken": {"token": "refresh", "validUntil": hour}}),
        ),
        "POST /v2/auth/token/refresh" => answer(
            200,
            &json!({"accessToken": {"token": format!("refreshed-{before}"), "validUntil": hour}}),
        ),
        "POST /v2/sessions/batch" => {
            let parts = asked.json()["batchFile"]["fileParts"]
                .as_array()
                .unwrap()
                .len();
            let uploads: Vec<Value> = (1..=parts)
                .rev()
                .map(|ordinal| {
                    json!({"ordinalNumber": ordinal, "method": "PUT", "url": format!("{address}/storage/{ordinal}?sig=s{ordinal}"),
                        "headers": {"x-ms-blob-type": "BlockBlob", "x-part": format!("p{ordinal}")}})
                })
                .collect();
            answer(
                201,
                &json!({"referenceNumber": "20250626-SB-213D593000-4DE10D80A5-E9", "partUploadRequests": uploads}),
            )
        }
        line if line.starts_with("PUT /storage/") => StatusCode::CREATED.into_response(),
        line if line.ends_with("/close") => StatusCode::NO_CONTENT.into_response(),
        _ => (StatusCode::NOT_FOUND, "<html>").into_response(),
    }
}

/// A list with one key for both uses. The certificate is the same every time; only the identifier changes.
pub(crate) fn public_keys(id: &str) -> Value {
    static CERTIFICATE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let certificate = CERTIFICATE.get_or_init(|| STANDARD.encode(self_signed()));
    json!([{"certificate": certificate, "certificateId": "aWQ=", "publicKeyId": id,
        "validFrom": "2020-01-01T00:00:00Z", "validTo": "2099-01-01T00:00:00Z",
        "usage": ["KsefTokenEncryption", "SymmetricKeyEncryption", "SomethingNew"]}])
}

/// A certificate whose key is a real RSA key; nobody checks its signature.
fn self_signed() -> Vec<u8> {
    fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        let mut out = vec![tag];
        match content.len() {
            length @ 0..=127 => out.push(length as u8),
            length @ 128..=255 => out.extend([0x81, length as u8]),
            length => out.extend([0x82, (length >> 8) as u8, length as u8]),
        }
        out.extend(content);
        out
    }
    let key = PrivateKey::generate(KeyKind::Rsa2048, &OsRandom).unwrap();
    let algorithm = tlv(
        0x30,
        &[&[6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 0x0B, 5, 0]],
    );
    let name = tlv(
        0x30,
        &[&tlv(
            0x31,
            &[&tlv(0x30, &[&[6, 3, 0x55, 4, 3], &tlv(0x0C, &[b"KSeF"])])],
        )],
    );
    let validity = tlv(
        0x30,
        &[
            &tlv(0x17, &[b"200101000000Z"]),
            &tlv(0x17, &[b"490101000000Z"]),
        ],
    );
    let body = tlv(
        0x30,
        &[
            &[0xA0, 3, 2, 1, 2, 2, 1, 1],
            &algorithm,
            &name,
            &validity,
            &name,
            &key.public_key_der().unwrap(),
        ],
    );
    let signature = tlv(3, &[&[0], InvoiceHash::of(b"unchecked").as_bytes()]);
    tlv(0x30, &[&body, &algorithm, &signature])
}
