//! The only room that knows reqwest: one attempt of one HTTP call, with its limits, turned into an answer or an error.
//!
//! Two clients live here. One speaks to the API and to Latarnia, with the headers KSeF asks for. The other moves parts
//! and receipts to and from the storage: it has no default headers, so that nothing but what KSeF prescribed reaches
//! an address outside the API.

mod address;
mod answer;
mod failure;
mod storage;
mod tls;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue,
};
use reqwest::redirect::Policy;
use tracing::Instrument as _;
use url::{Host, Url};
use zeroize::Zeroizing;

use address::Addresses;
pub(crate) use answer::Answer;
pub(crate) use storage::UploadBody;

use ksef_offline_core::environment::Environment;

use crate::error::ClientError;
use crate::limiter::Group;

/// Largest JSON answer that is read. A page of 1000 invoices takes about 1 MB.
const MAX_JSON: usize = 16 * 1024 * 1024;
/// Largest document (receipt, invoice) that is read. The receipt of 10 000 invoices takes about 15 MB.
pub(crate) const MAX_DOCUMENT: usize = 128 * 1024 * 1024;

/// Receives the text of every `X-System-Warning` header.
pub(crate) type WarningListener = Arc<dyn Fn(&str) + Send + Sync>;

/// What the builder lets the caller set.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) timeouts: Timeouts,
    pub(crate) proxy: Option<Zeroizing<String>>,
    pub(crate) proxy_password: Option<Zeroizing<String>>,
    pub(crate) root_certificates: Vec<Vec<u8>>,
    pub(crate) on_warning: Option<WarningListener>,
}

/// How long calls may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For the connection.
    pub connect: Duration,
    /// For a call of the API, its answer included.
    pub request: Duration,
    /// For the upload of one part or the download of one receipt.
    pub transfer: Duration,
    /// For asking whether KSeF or Latarnia answers at all.
    pub probe: Duration,
}

impl Default for Timeouts {
    /// 10 seconds, 60 seconds, 20 minutes (the window KSeF grants for a part), 5 seconds.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            request: Duration::from_mins(1),
            transfer: Duration::from_mins(20),
            probe: Duration::from_secs(5),
        }
    }
}

/// The HTTP methods of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Post,
    Delete,
}

impl From<Method> for reqwest::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Delete => Self::DELETE,
        }
    }
}

/// One request to the API or to Latarnia.
#[derive(Clone)]
pub(crate) struct Request {
    /// Name in traces.
    pub(crate) name: &'static str,
    /// What it counts against; `None` outside the API.
    pub(crate) group: Option<Group>,
    method: Method,
    url: String,
    query: Vec<(&'static str, String)>,
    continuation: Option<String>,
    body: Option<(&'static str, Bytes)>,
    timeout: Option<Duration>,
    largest_answer: usize,
}

impl Request {
    pub(crate) fn new(name: &'static str, method: Method, url: String) -> Self {
        Self {
            name,
            group: None,
            method,
            url,
            query: Vec::new(),
            continuation: None,
            body: None,
            timeout: None,
            largest_answer: MAX_JSON,
        }
    }

    /// The path alone: it names sessions, invoices and certificates, and holds no secret.
    fn path(&self) -> &str {
        let behind_scheme = self.url.split_once("://").map_or("", |(_, rest)| rest);
        behind_scheme
            .find('/')
            .map_or("/", |at| &behind_scheme[at..])
    }

    pub(crate) fn counted(mut self, group: Group) -> Self {
        self.group = Some(group);
        self
    }

    pub(crate) fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    pub(crate) fn query_if(self, name: &'static str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    pub(crate) fn continuation(mut self, token: Option<String>) -> Self {
        self.continuation = token;
        self
    }

    /// # Errors
    /// None in practice: wire types always serialise. A failure is reported as a broken contract.
    pub(crate) fn json(mut self, value: &impl serde::Serialize) -> Result<Self, ClientError> {
        let body = serde_json::to_vec(value).map_err(|_| ClientError::Contract {
            what: "the request cannot be written as JSON",
        })?;
        self.body = Some(("application/json", body.into()));
        Ok(self)
    }

    pub(crate) fn xml(mut self, document: Vec<u8>) -> Self {
        self.body = Some(("application/xml", document.into()));
        self
    }

    pub(crate) fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Allows an answer the size of a document.
    pub(crate) fn document(mut self) -> Self {
        self.largest_answer = MAX_DOCUMENT;
        self
    }
}

/// The connections of one client.
pub(crate) struct Transport {
    api: reqwest::Client,
    storage: reqwest::Client,
    timeouts: Timeouts,
    on_warning: Option<WarningListener>,
    /// Which addresses of the storage are used.
    addresses: Addresses,
}

impl Transport {
    /// Prepares the two clients; the environment decides whether a secure connection can be needed and which addresses
    /// of the storage are trusted.
    ///
    /// # Errors
    /// [`ClientError::Configuration`] for a proxy address or root certificate that cannot be used.
    pub(crate) fn new(environment: &Environment, settings: &Settings) -> Result<Self, ClientError> {
        let api = environment.api();
        let addresses = Addresses::of(environment);
        let base = || -> Result<reqwest::ClientBuilder, ClientError> {
            let mut builder = reqwest::Client::builder()
                .redirect(Policy::none())
                .referer(false)
                .connect_timeout(settings.timeouts.connect);
            if is_plain_loopback(api) {
                // A simulator on this machine: no proxy stands before it, and the trust store of the system, which
                // may be missing, is not needed.
                builder = builder
                    .no_proxy()
                    .tls_backend_preconfigured(tls::trusting_nobody()?);
            } else {
                if let Some(address) = &settings.proxy {
                    builder = builder.proxy(proxy(address, settings.proxy_password.as_ref())?);
                }
                builder =
                    builder.tls_backend_preconfigured(tls::trusting(&settings.root_certificates)?);
            }
            Ok(builder)
        };
        let build = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|_| ClientError::Configuration {
                what: "secure connections cannot be set up on this system",
            })
        };
        let agent = concat!("ksef-offline/", env!("CARGO_PKG_VERSION"));
        Ok(Self {
            api: build(base()?.user_agent(agent))?,
            storage: build(addresses.guard(base()?.no_gzip(), settings.proxy.is_some()))?,
            timeouts: settings.timeouts,
            on_warning: settings.on_warning.clone(),
            addresses,
        })
    }

    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.timeouts
    }

    /// Makes one attempt. Every status but 2xx is an error.
    ///
    /// # Errors
    /// Network failures, refusals, broken answers.
    pub(crate) async fn send(
        &self,
        request: &Request,
        token: Option<&str>,
    ) -> Result<Answer, ClientError> {
        let started = Instant::now();
        let span = tracing::info_span!(
            "ksef",
            operation = request.name,
            path = request.path(),
            sent = request.body.as_ref().map(|(_, body)| body.len()),
        );
        let result = self.attempt(request, token).instrument(span).await;
        let milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match &result {
            Ok(answer) => tracing::debug!(
                operation = request.name,
                status = answer.status,
                bytes = answer.body.len(),
                milliseconds,
                "answered"
            ),
            Err(error) => {
                use ksef_offline_core::Diagnostic as _;
                tracing::debug!(
                    operation = request.name,
                    code = error.code(),
                    ksef_code = error.ksef_code(),
                    milliseconds,
                    "failed"
                );
            }
        }
        result
    }

    async fn attempt(&self, request: &Request, token: Option<&str>) -> Result<Answer, ClientError> {
        let mut builder = self
            .api
            .request(request.method.into(), &request.url)
            .timeout(request.timeout.unwrap_or(self.timeouts.request))
            .header("X-Error-Format", "problem-details")
            .header(
                ACCEPT,
                "application/json, application/xml, application/problem+json",
            );
        if !request.query.is_empty() {
            builder = builder.query(&request.query);
        }
        if let Some(token) = token {
            builder = builder.header(AUTHORIZATION, secret(&format!("Bearer {token}"))?);
        }
        if let Some(continuation) = &request.continuation {
            builder = builder.header("x-continuation-token", secret(continuation)?);
        }
        match &request.body {
            Some((kind, body)) => {
                builder = builder.header(CONTENT_TYPE, *kind).body(body.clone());
            }
            // Gateways refuse a POST that is silent about its length (411).
            None if request.method == Method::Post => builder = builder.header(CONTENT_LENGTH, 0),
            None => {}
        }
        let response = builder.send().await.map_err(|e| failure::of(&e))?;
        let answer = read(response, request.largest_answer).await?;
        if let Some(warning) = &answer.system_warning {
            tracing::warn!(operation = request.name, warning, "KSeF warns");
            if let Some(listener) = &self.on_warning {
                listener(warning);
            }
        }
        answer.checked()
    }
}

/// Shows no credentials and no listener.
impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

/// The proxy at `address`, whose user may have a password beside it.
fn proxy(
    address: &str,
    password: Option<&Zeroizing<String>>,
) -> Result<reqwest::Proxy, ClientError> {
    const FAULT: ClientError = ClientError::Configuration {
        what: "the address of the proxy",
    };
    let mut url = Url::parse(address).map_err(|_| FAULT)?;
    if let Some(password) = password {
        // EXPOSE: the proxy is told it, in a header that is marked as sensitive.
        url.set_password(Some(password)).map_err(|()| FAULT)?;
    }
    reqwest::Proxy::all(url).map_err(|_| FAULT)
}

fn secret(value: &str) -> Result<HeaderValue, ClientError> {
    let mut value = HeaderValue::from_str(value).map_err(|_| ClientError::Contract {
        what: "a token cannot stand in a header",
    })?;
    value.set_sensitive(true);
    Ok(value)
}

/// Reads an answer whole, up to `limit` bytes.
async fn read(mut response: reqwest::Response, limit: usize) -> Result<Answer, ClientError> {
    let status = response.status().as_u16();
    let header = |name: HeaderName| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    let retry_after = header(reqwest::header::RETRY_AFTER);
    let system_warning = header(HeaderName::from_static("x-system-warning"));
    let storage_hash = header(HeaderName::from_static("x-ms-meta-hash"));
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|e| failure::of(&e))? {
        if body.len() + chunk.len() > limit {
            return Err(ClientError::Contract {
                what: "the answer is larger than any legal one",
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        retry_after,
        system_warning,
        storage_hash,
        body: body.freeze(),
    })
}

/// Whether `address` is `http` on this machine.
fn is_plain_loopback(address: &str) -> bool {
    Url::parse(address).is_ok_and(|url| url.scheme() == "http" && is_loopback(&url))
}

/// Whether the host of `url` is this machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
