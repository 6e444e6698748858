//! Connections: accepting them, serving HTTP/1.1 and HTTP/2 on them, ending them.
//!
//! Each connection is a task of its own. A stop lets requests under way finish, for
//! as long as its limit says, and then cuts what is left.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::{FutureExt, StreamExt};
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use warp::Filter;
use warp::http::header::HeaderMap;
use warp::http::{Method, Response, Uri, Version};
use warp::{Buf, Reply as _};

use super::dispatch::Inbound;
use super::edge::Api;
use super::live::Outgoing;
use super::pulse::{Felt, Pulse};

/// What the parser itself takes; more than `head.rs` allows, so that nearly every
/// head that is too large gets a proper answer.
const PARSER_BYTES: usize = 64 * 1024;
const PARSER_LINES: usize = 200;
const PARSER_LIST: u32 = 48 * 1024;
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 100;
/// After a failed accept, such as for want of file descriptors.
const BREATH: Duration = Duration::from_millis(100);

/// A server that runs.
#[derive(Debug)]
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    stopped: tokio::task::JoinHandle<()>,
}

impl Served {
    /// Resolves when it has stopped and every connection has ended.
    pub async fn stopped(self) {
        // The task neither panics nor is cancelled.
        let _ = self.stopped.await;
    }
}

/// Serves `api` until `stop` resolves; requests that are under way then may take
/// `grace` longer.
///
/// # Errors
/// If the listener has no address.
pub fn serve(
    listener: TcpListener,
    api: Api,
    stop: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) -> io::Result<Served> {
    let address = listener.local_addr()?;
    let stopped = tokio::spawn(run(listener, api, stop, grace));
    Ok(Served { address, stopped })
}

async fn run(
    listener: TcpListener,
    api: Api,
    stop: impl Future<Output = ()> + Send + 'static,
    grace: Duration,
) {
    let connections = Connections::default();
    tokio::select! {
        () = accept(&listener, &api, &connections) => {}
        () = stop => {}
    }
    drop(listener);
    connections.tasks.close();
    connections.stop.cancel();
    if timeout(grace, connections.tasks.wait()).await.is_err() {
        tracing::warn!(open = connections.tasks.len(), "connections cut at the end of the grace");
        connections.cut.cancel();
        connections.tasks.wait().await;
    }
}

#[derive(Debug, Clone, Default)]
struct Connections {
    tasks: TaskTracker,
    stop: CancellationToken,
    cut: CancellationToken,
    open: Arc<AtomicUsize>,
    closed: Arc<Notify>,
}

async fn accept(listener: &TcpListener, api: &Api, connections: &Connections) {
    loop {
        while connections.open.load(Ordering::Acquire) >= api.connection_cap() {
            connections.closed.notified().await;
        }
        match listener.accept().await {
            Ok((stream, peer)) => {
                connections.open.fetch_add(1, Ordering::AcqRel);
                let place = Place(connections.clone());
                let serving = connection(stream, peer, api.clone(), place);
                connections.tasks.spawn(serving);
            }
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                sleep(BREATH).await;
            }
        }
    }
}

/// One of the places that open connections take.
struct Place(Connections);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::AcqRel);
        self.0.closed.notify_one();
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, api: Api, place: Place) {
    // Answers are small and complete; waiting to fill packets only delays them.
    let _ = stream.set_nodelay(true);
    let pulse = Pulse::new();
    let answer = TowerToHyperService::new(warp::service(filter(api)));
    let beats = pulse.clone();
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        let beat = beats.request();
        let origin = Origin { uri: request.uri().clone(), version: request.version(), peer };
        request.extensions_mut().insert(origin);
        answer.call(request).inspect(move |_| drop(beat))
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_headers(PARSER_LINES)
        .max_buf_size(PARSER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_header_list_size(PARSER_LIST)
        .max_concurrent_streams(STREAMS);
    let io = TokioIo::new(Felt::new(stream, pulse.clone()));
    let serving = builder.serve_connection(io, service);
    tokio::pin!(serving);
    let mut stopping = false;
    loop {
        tokio::select! {
            // How it ends is the client's affair.
            _ = serving.as_mut() => break,
            () = pulse.expired() => break,
            () = place.0.cut.cancelled() => break,
            () = place.0.stop.cancelled(), if !stopping => {
                stopping = true;
                pulse.hurry();
                serving.as_mut().graceful_shutdown();
            }
        }
    }
}

/// What warp does not hand on.
#[derive(Debug, Clone)]
struct Origin {
    uri: Uri,
    version: Version,
    peer: SocketAddr,
}

fn filter(
    api: Api,
) -> impl Filter<Extract = (warp::reply::Response,), Error = warp::Rejection> + Clone {
    warp::method()
        .and(warp::ext::get::<Origin>())
        .and(warp::header::headers_cloned())
        .and(warp::body::stream())
        .then(move |method: Method, origin: Origin, headers: HeaderMap, body| {
            let api = api.clone();
            let inbound = Inbound {
                method,
                uri: origin.uri,
                version: origin.version,
                headers,
                peer: origin.peer.ip(),
                body: chunks(body),
            };
            // What warp and hyper pass on and on is then a pointer.
            async move { sent(api.answer(inbound).await) }.boxed()
        })
}

/// As warp takes it.
fn sent(response: Response<Outgoing>) -> warp::reply::Response {
    let (parts, body) = response.into_parts();
    let body = match body {
        Outgoing::Whole(bytes) => Response::new(bytes).into_response().into_body(),
        Outgoing::Live(live) => warp::reply::stream(live.pieces()).into_response().into_body(),
    };
    Response::from_parts(parts, body)
}

fn chunks(
    body: impl futures::Stream<Item = Result<impl Buf, warp::Error>> + Send + 'static,
) -> super::receive::Incoming {
    body.map(|chunk| chunk.map(|mut chunk| chunk.copy_to_bytes(chunk.remaining()))).boxed()
}
