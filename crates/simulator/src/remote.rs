//! The control endpoint from outside: what a program needs to set itself up against a simulator that runs elsewhere on
//! this machine.

use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use ksef_offline_core::identifier::ContextIdentifier;
use serde::Deserialize;
use tokio::net::TcpStream;

use crate::SimulatorError;

/// Largest answer that is read, in bytes.
const MAX_ANSWER: usize = 1_000_000;

/// A simulator that runs in another process.
#[derive(Debug, Clone)]
pub struct RemoteSimulator {
    address: SocketAddr,
}

/// A certificate and its key as the simulator hands them out.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct Credentials {
    /// PEM.
    pub certificate: String,
    /// PKCS#8 PEM, not encrypted: it is good for that simulator only.
    pub key: String,
}

impl RemoteSimulator {
    /// The simulator at this address: any of those it prints, or just `http://127.0.0.1:PORT`.
    ///
    /// # Errors
    /// [`SimulatorError::NotASimulator`] for what is no `http` address of loopback with a port.
    pub fn at(url: &str) -> Result<Self, SimulatorError> {
        let authority = url
            .strip_prefix("http://")
            .and_then(|rest| rest.split(['/', '?', '#']).next())
            .ok_or(SimulatorError::NotASimulator)?
            .replace("localhost", "127.0.0.1");
        authority
            .parse()
            .ok()
            .filter(|address: &SocketAddr| address.ip().is_loopback())
            .map(|address| Self { address })
            .ok_or(SimulatorError::NotASimulator)
    }

    /// Base address of its API.
    pub fn api(&self) -> String {
        format!("http://{}/v2", self.address)
    }

    /// Base address of its Latarnia.
    pub fn latarnia(&self) -> String {
        format!("http://{}/latarnia", self.address)
    }

    /// Host of its QR links.
    pub fn qr_host(&self) -> String {
        self.address.to_string()
    }

    /// Has it issue a login certificate for the company of `context`.
    ///
    /// # Errors
    /// [`SimulatorError::NotASimulator`] when nothing that answers like one is there.
    pub async fn login_certificate(
        &self,
        context: &ContextIdentifier,
    ) -> Result<Credentials, SimulatorError> {
        let order = serde_json::json!({ "context": context.as_str(), "type": "authentication" });
        let answer = self
            .ask(Method::POST, "/control/certificates", order.to_string())
            .await?;
        serde_json::from_slice(&answer).map_err(|_| SimulatorError::NotASimulator)
    }

    /// Its root certificate, PEM.
    ///
    /// # Errors
    /// As [`Self::login_certificate`].
    pub async fn root_certificate(&self) -> Result<String, SimulatorError> {
        let answer = self
            .ask(Method::GET, "/control/root-certificate", String::new())
            .await?;
        String::from_utf8(answer).map_err(|_| SimulatorError::NotASimulator)
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: String,
    ) -> Result<Vec<u8>, SimulatorError> {
        let absent = |_| SimulatorError::NotASimulator;
        let stream = TcpStream::connect(self.address)
            .await
            .map_err(|_| SimulatorError::NotASimulator)?;
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(absent)?;
        let connection = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", self.address.to_string())
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| SimulatorError::NotASimulator)?;
        let response = sender.send_request(request).await.map_err(absent)?;
        let status = response.status();
        let collected = Limited::new(response.into_body(), MAX_ANSWER)
            .collect()
            .await;
        connection.abort();
        match collected {
            Ok(body) if status.is_success() => Ok(body.to_bytes().to_vec()),
            _ => Err(SimulatorError::NotASimulator),
        }
    }
}
