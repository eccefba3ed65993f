//! Serves HTTP on loopback, and can do what a web framework cannot: drop a connection without an answer.

use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::http;
use crate::latarnia::Outage;
use crate::state::App;

/// Ends the connection: KSeF is not to be reached.
#[derive(Debug)]
struct Dropped;

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection is dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// Accepts connections until the simulator stops.
pub(crate) async fn run(listener: TcpListener, app: App) {
    let router = http::router(Arc::clone(&app));
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = app.stopped() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, router.clone(), Arc::clone(&app)));
                }
                Err(error) => {
                    // Out of file handles, most likely: wait for some connection to end.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    // Answers under way are finished; idle connections end at once.
    while connections.join_next().await.is_some() {}
}

async fn serve(stream: TcpStream, router: Router, app: App) {
    let stopping = Arc::clone(&app);
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |request: Request<Incoming>| {
        let dropped = is_dropped(&app, &request);
        let answer = router.call(request.map(Body::new));
        async move {
            if dropped {
                return Err(Dropped);
            }
            let response: Response<Body> = answer.await.map_err(|never| match never {})?;
            Ok(response)
        }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A connection the other side broke off, or one of ours that was dropped: nothing to do about either.
        _ = connection.as_mut() => return,
        () = stopping.stopped() => connection.as_mut().graceful_shutdown(),
    }
    let _ = tokio::time::timeout(std::time::Duration::from_secs(5), connection).await;
}

fn is_dropped(app: &App, request: &Request<Incoming>) -> bool {
    let path = request.uri().path();
    let mut world = app.world();
    let now = world.clock.now();
    let dropped = if path.starts_with("/latarnia") {
        world.latarnia.silent
    } else if http::is_ksef(path) {
        world.latarnia.outage(now) == Some(Outage::Drops)
    } else {
        false
    };
    if dropped {
        http::log(&mut world, request.method(), path, 0, false, now);
    }
    dropped
}
