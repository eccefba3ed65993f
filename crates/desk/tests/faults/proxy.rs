//! A proxy on loopback between a desk and the simulator that breaks one exchange as it is told.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What happens to one exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The server is gone for a moment: the connection ends, and new ones are refused.
    Refused,
    /// The connection ends before the request is passed on.
    ResetBefore,
    /// The connection ends in the middle of the request.
    ResetInRequest,
    /// The request is served, and the connection ends before the answer.
    AnswerLost,
    /// The request is served, and the connection ends in the middle of the answer.
    ResetInAnswer,
    /// The request is served, and nobody says so until the client has given up.
    Timeout,
    /// 401 without serving.
    Unauthorized,
    /// 429 without serving.
    RateLimited,
    /// Served, and answered with 500.
    Error500,
    /// Served, and a gateway answers with 502 and a page.
    Gateway502,
    /// 503 without serving.
    Unavailable503,
    /// Served; the body of the answer ends early, and its length says so.
    Truncated,
    /// Served; the answer calls itself a page.
    WrongType,
    /// Served; the answer comes in drops.
    SlowDrip,
}

impl Fault {
    pub(crate) const ALL: [Self; 14] = [
        Self::Refused,
        Self::ResetBefore,
        Self::ResetInRequest,
        Self::AnswerLost,
        Self::ResetInAnswer,
        Self::Timeout,
        Self::Unauthorized,
        Self::RateLimited,
        Self::Error500,
        Self::Gateway502,
        Self::Unavailable503,
        Self::Truncated,
        Self::WrongType,
        Self::SlowDrip,
    ];
}

/// How long a client waits here for an answer, in seconds.
pub(crate) const CLIENT_PATIENCE: u64 = 2;
const AWAY: Duration = Duration::from_millis(700);

/// Is told each point before its request is passed on.
pub(crate) type Hook = Box<dyn Fn(&str) + Send + Sync>;

#[derive(Default)]
struct State {
    /// The points that were passed, in their order.
    seen: Vec<String>,
    plan: Option<(String, Fault)>,
    hit: bool,
    away: bool,
    stopped: bool,
    /// Tokens and signatures of addresses that passed.
    secrets: Vec<String>,
    /// Whether access tokens claim to end within the minute.
    short_tokens: bool,
}

/// A running proxy.
pub(crate) struct Proxy {
    pub(crate) address: String,
    local: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Proxy {
    /// Stands before `upstream` (`http://host:port`) and breaks the first exchange at the point.
    pub(crate) fn start(upstream: &str, plan: Option<(String, Fault)>, hook: Option<Hook>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let local = listener.local_addr().unwrap();
        let address = format!("http://{local}");
        let state = Arc::new(Mutex::new(State {
            plan,
            ..State::default()
        }));
        let (own, upstream) = (address.clone(), upstream.to_owned());
        let shared = Arc::clone(&state);
        let hook = Arc::new(hook);
        thread::spawn(move || accept(listener, local, &own, &upstream, &shared, &hook));
        Self {
            address,
            local,
            state,
        }
    }

    /// Makes every access token that passes claim to end at once, so that each call refreshes it.
    pub(crate) fn shorten_tokens(self) -> Self {
        self.state.lock().unwrap().short_tokens = true;
        self
    }

    /// The distinct points that were passed, in their order.
    pub(crate) fn points(&self) -> Vec<String> {
        let mut points: Vec<String> = Vec::new();
        for point in &self.state.lock().unwrap().seen {
            if !points.contains(point) {
                points.push(point.clone());
            }
        }
        points
    }

    pub(crate) fn requests(&self) -> usize {
        self.state.lock().unwrap().seen.len()
    }

    /// Every token and every signature of an address that passed.
    pub(crate) fn secrets(&self) -> Vec<String> {
        self.state.lock().unwrap().secrets.clone()
    }

    pub(crate) fn was_hit(&self) -> bool {
        self.state.lock().unwrap().hit
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.lock().unwrap().stopped = true;
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect(self.local);
    }
}

fn accept(
    listener: TcpListener,
    local: SocketAddr,
    own: &str,
    upstream: &str,
    state: &Arc<Mutex<State>>,
    hook: &Arc<Option<Hook>>,
) {
    let mut listener = Some(listener);
    loop {
        let stream = match &listener {
            Some(open) => open.accept().unwrap().0,
            None => return,
        };
        if state.lock().unwrap().stopped {
            return;
        }
        if state.lock().unwrap().away {
            drop((stream, listener.take()));
            thread::sleep(AWAY);
            state.lock().unwrap().away = false;
            listener = (0..100).find_map(|_| {
                TcpListener::bind(local)
                    .inspect_err(|_| thread::sleep(Duration::from_millis(20)))
                    .ok()
            });
            continue;
        }
        let (own, upstream, state) = (own.to_owned(), upstream.to_owned(), Arc::clone(state));
        let hook = Arc::clone(hook);
        thread::spawn(move || {
            // A client that hangs up is part of the game.
            let _ = serve(&stream, &own, &upstream, &state, hook.as_ref().as_ref());
            let _ = stream.shutdown(std::net::Shutdown::Both);
            if state.lock().unwrap().away {
                // The accepting thread learns of it by one connection more.
                let _ = TcpStream::connect(local);
            }
        });
    }
}

struct Message {
    first: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Message {
    fn read_head(reader: &mut BufReader<&TcpStream>) -> std::io::Result<Option<Self>> {
        let mut first = String::new();
        if reader.read_line(&mut first)? == 0 {
            return Ok(None);
        }
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap();
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Some(Self {
            first: first.trim_end().to_owned(),
            headers,
            body: Vec::new(),
        }))
    }

    fn length(&self) -> Option<usize> {
        let value = self.headers.iter().find(|(n, _)| n == "content-length");
        value.map(|(_, value)| value.parse().unwrap())
    }

    fn set(&mut self, name: &str, value: String) {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.to_owned(), value));
    }

    fn head(&self) -> String {
        let mut text = format!("{}\r\n", self.first);
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        text + "\r\n"
    }

    fn bytes(&self) -> Vec<u8> {
        [self.head().as_bytes(), &self.body].concat()
    }
}

/// `POST /v2/sessions/batch/*/close`: method and path without what differs from run to run.
fn point(first: &str) -> String {
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap());
    let path = target.split('?').next().unwrap();
    let path: Vec<&str> = path
        .split('/')
        .map(|part| {
            let is_serial = part.len() == 16 && part.chars().all(|c| c.is_ascii_hexdigit());
            if part.len() > 24 || is_serial {
                "*"
            } else {
                part
            }
        })
        .collect();
    format!("{method} {}", path.join("/"))
}

fn serve(
    stream: &TcpStream,
    own: &str,
    upstream: &str,
    state: &Arc<Mutex<State>>,
    hook: Option<&Hook>,
) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut out = stream;
    while let Some(mut request) = Message::read_head(&mut reader)? {
        let point = point(&request.first);
        let fault = {
            let mut state = state.lock().unwrap();
            state.seen.push(point.clone());
            state.secrets.extend(secrets(&request));
            match state.plan.clone() {
                Some((place, fault)) if place == point && !state.hit => {
                    state.hit = true;
                    state.away = fault == Fault::Refused;
                    Some(fault)
                }
                _ => None,
            }
        };
        let length = request.length().unwrap_or(0);
        if matches!(fault, Some(Fault::Refused | Fault::ResetBefore)) {
            return Ok(());
        }
        request.body = vec![0; length];
        if fault == Some(Fault::ResetInRequest) {
            reader.read_exact(&mut request.body[..length / 2])?;
            return Ok(());
        }
        reader.read_exact(&mut request.body)?;
        let refused = match fault {
            Some(Fault::Unauthorized) => Some(("401 Unauthorized", "")),
            Some(Fault::RateLimited) => Some(("429 Too Many Requests", "retry-after: 1\r\n")),
            Some(Fault::Unavailable503) => Some(("503 Service Unavailable", "")),
            _ => None,
        };
        if let Some((status, header)) = refused {
            out.write_all(
                format!("HTTP/1.1 {status}\r\n{header}content-length: 0\r\n\r\n").as_bytes(),
            )?;
            continue;
        }
        if let Some(hook) = hook {
            hook(&point);
        }
        let mut answer = pass_on(&mut request, upstream)?;
        let text = String::from_utf8_lossy(&answer.body);
        if text.contains(upstream) {
            answer.body = text.replace(upstream, own).into_bytes();
        }
        if state.lock().unwrap().short_tokens {
            shorten(&mut answer.body);
        }
        match fault {
            Some(Fault::AnswerLost) => return Ok(()),
            Some(Fault::Timeout) => {
                thread::sleep(Duration::from_millis(CLIENT_PATIENCE * 1000 + 300));
                return Ok(());
            }
            Some(Fault::Error500) => {
                "HTTP/1.1 500 Internal Server Error".clone_into(&mut answer.first);
                answer.body = b"{}".to_vec();
            }
            Some(Fault::Gateway502) => {
                "HTTP/1.1 502 Bad Gateway".clone_into(&mut answer.first);
                answer.set("content-type", "text/html".to_owned());
                answer.body = b"<html><h1>Bad Gateway</h1></html>".to_vec();
            }
            Some(Fault::Truncated) => answer.body.truncate(answer.body.len() / 2),
            Some(Fault::WrongType) => answer.set("content-type", "text/html".to_owned()),
            _ => {}
        }
        if !answer.first.contains(" 204 ") {
            answer.set("content-length", answer.body.len().to_string());
        }
        let bytes = answer.bytes();
        match fault {
            Some(Fault::ResetInAnswer) => {
                out.write_all(&bytes[..bytes.len() - answer.body.len().div_ceil(2).max(2)])?;
                return Ok(());
            }
            Some(Fault::SlowDrip) => {
                let step = bytes.len().div_ceil(25);
                for drop in bytes.chunks(step) {
                    out.write_all(drop)?;
                    thread::sleep(Duration::from_millis(20));
                }
            }
            _ => out.write_all(&bytes)?,
        }
        if state.lock().unwrap().away {
            return Ok(());
        }
    }
    Ok(())
}

/// Has the access token in a body, if there is one, end in ten seconds.
fn shorten(body: &mut Vec<u8>) {
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(body) else {
        return;
    };
    if let Some(until) = value.pointer_mut("/accessToken/validUntil") {
        let soon = jiff::Timestamp::now() + jiff::SignedDuration::from_secs(10);
        *until = soon.to_string().into();
        *body = value.to_string().into_bytes();
    }
}

fn secrets(request: &Message) -> Vec<String> {
    let token = request
        .headers
        .iter()
        .filter(|(name, _)| name == "authorization")
        .map(|(_, value)| value.trim_start_matches("Bearer ").to_owned());
    let target = request.first.split(' ').nth(1).unwrap();
    let signature = target
        .split(['?', '&'])
        .filter_map(|pair| pair.strip_prefix("sig="))
        .map(str::to_owned);
    token.chain(signature).collect()
}

/// Has the simulator serve a request on a connection of its own.
fn pass_on(request: &mut Message, upstream: &str) -> std::io::Result<Message> {
    let host = upstream.strip_prefix("http://").unwrap();
    request.set("host", host.to_owned());
    request.set("connection", "close".to_owned());
    request
        .headers
        .retain(|(name, _)| name != "accept-encoding");
    let server = TcpStream::connect(host)?;
    let mut sending = &server;
    sending.write_all(&request.bytes())?;
    let mut reader = BufReader::new(&server);
    let mut answer = Message::read_head(&mut reader)?
        .ok_or_else(|| std::io::Error::from(std::io::ErrorKind::UnexpectedEof))?;
    if let Some(length) = answer.length() {
        answer.body = vec![0; length];
        reader.read_exact(&mut answer.body)?;
    } else {
        reader.read_to_end(&mut answer.body)?;
        if answer
            .headers
            .iter()
            .any(|(name, value)| name == "transfer-encoding" && value == "chunked")
        {
            answer.body = joined(&answer.body);
        }
    }
    answer
        .headers
        .retain(|(name, _)| !matches!(name.as_str(), "connection" | "transfer-encoding"));
    Ok(answer)
}

/// A chunked body in one piece.
fn joined(mut rest: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = rest.windows(2).position(|pair| pair == b"\r\n") {
        let size = std::str::from_utf8(&rest[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        if size == 0 {
            break;
        }
        whole.extend_from_slice(&rest[end + 2..end + 2 + size]);
        rest = &rest[end + 2 + size + 2..];
    }
    whole
}
