//! What stands between a client and KSeF in a company: an authority of its own, a server behind TLS, a proxy.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// The names the server's certificate is for.
const NAMES: [&str; 2] = ["localhost", "ksef.example"];

/// An authority nobody knows but who is told.
pub(crate) struct Authority {
    pub(crate) pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self {
            pem,
            issuer: Issuer::new(params, key),
        }
    }

    /// What a server with a certificate of this authority needs; it offers `protocols` by ALPN.
    fn server(&self, protocols: &[&str]) -> ServerConfig {
        let names: Vec<String> = NAMES.map(str::to_owned).into();
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(names)
            .unwrap()
            .signed_by(&key, &self.issuer)
            .unwrap();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key.into())
            .unwrap();
        config.alpn_protocols = protocols
            .iter()
            .map(|name| name.as_bytes().into())
            .collect();
        config
    }
}

/// Speaks TLS before a server that does not.
pub(crate) struct Front {
    pub(crate) local: SocketAddr,
    spoken: Arc<Mutex<Vec<String>>>,
}

impl Front {
    /// `upstream` is `http://host:port`.
    pub(crate) async fn start(authority: &Authority, protocols: &[&str], upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let local = listener.local_addr().unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(authority.server(protocols)));
        let upstream = upstream.strip_prefix("http://").unwrap().to_owned();
        let spoken: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = Arc::clone(&spoken);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (acceptor, upstream) = (acceptor.clone(), upstream.clone());
                let noted = Arc::clone(&noted);
                tokio::spawn(async move {
                    // A client that does not trust the certificate hangs up here.
                    let Ok(mut secure) = acceptor.accept(stream).await else {
                        return;
                    };
                    let protocol = secure.get_ref().1.alpn_protocol().unwrap_or(b"none");
                    let protocol = String::from_utf8(protocol.to_vec()).unwrap();
                    noted.lock().unwrap().push(protocol);
                    let mut server = TcpStream::connect(upstream).await.unwrap();
                    let _ = copy_bidirectional(&mut secure, &mut server).await;
                });
            }
        });
        Self { local, spoken }
    }

    /// What was spoken on each connection.
    pub(crate) fn spoken(&self) -> Vec<String> {
        self.spoken.lock().unwrap().clone()
    }
}

/// A proxy that leads every name to one server, and writes down what it could read.
pub(crate) struct CompanyProxy {
    pub(crate) local: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
}

impl CompanyProxy {
    /// With `authorization`, only requests with this value of `Proxy-Authorization` are let through.
    pub(crate) async fn start(to: SocketAddr, authorization: Option<&str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let local = listener.local_addr().unwrap();
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let noted = Arc::clone(&heads);
        let needed = authorization.map(|value| format!("proxy-authorization: {value}"));
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let (noted, needed) = (Arc::clone(&noted), needed.clone());
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") {
                        let Ok(byte) = client.read_u8().await else {
                            return;
                        };
                        head.push(byte);
                    }
                    let head = String::from_utf8(head).unwrap();
                    noted.lock().unwrap().push(head.clone());
                    let allowed = needed.is_none_or(|needed| {
                        head.lines().any(|line| {
                            line.split_once(':').is_some_and(|(name, value)| {
                                format!("{}:{value}", name.to_ascii_lowercase()) == needed
                            })
                        })
                    });
                    if !head.starts_with("CONNECT ") || !allowed {
                        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\n\
                            proxy-authenticate: Basic\r\ncontent-length: 0\r\n\r\n";
                        client.write_all(refusal.as_bytes()).await.unwrap();
                        return;
                    }
                    client
                        .write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")
                        .await
                        .unwrap();
                    let mut server = TcpStream::connect(to).await.unwrap();
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                });
            }
        });
        Self { local, heads }
    }

    /// What stood before each tunnel.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}
