//! The HTTP face: connections, and what is said before anybody is asked who they
//! are: foreign names, maintenance, the compulsory header.

pub(crate) mod control;
pub(crate) mod envelope;
mod groups;
pub(crate) mod request;
mod routes;
mod users;

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use self::envelope::{Answer, Form, Ocs, Version, plain};
use self::request::Asked;
use super::stage::Stage;

/// The largest body that is read.
const MOST_BYTES: usize = 1024 * 1024;
const HTML: &str = "text/html; charset=UTF-8";
const JSON: &str = "application/json; charset=utf-8";

/// The connection is to be cut without an answer.
#[derive(Debug, thiserror::Error)]
#[error("cut")]
pub(crate) struct Cut;

/// Serves until `stop`.
pub(crate) async fn serve(listener: TcpListener, stage: Stage, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => {
                let Ok((stream, peer)) = accepted else { continue };
                tokio::spawn(connection(stream, peer, stage.clone(), stop.clone()));
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, stage: Stage, stop: CancellationToken) {
    let _ = stream.set_nodelay(true);
    let cut = CancellationToken::new();
    let (of_requests, stage) = (cut.clone(), Arc::new(stage));
    let service = service_fn(move |request: Request<Incoming>| {
        let (stage, cut) = (stage.clone(), of_requests.clone());
        async move {
            let answer = answer(&stage, request, peer).await;
            if answer.is_err() {
                cut.cancel();
                std::future::pending::<()>().await;
            }
            answer
        }
    });
    let builder = Builder::new(TokioExecutor::new());
    let serving = builder.serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // How it ends is the client's affair.
        _ = serving => {}
        () = cut.cancelled() => {}
        () = stop.cancelled() => {}
    }
}

async fn answer(
    stage: &Stage,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Result<Response<Full<Bytes>>, Cut> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MOST_BYTES).collect().await else {
        return Ok(plain(413, HTML, ""));
    };
    let peer = peer.ip().to_string();
    let asked = Asked::new(head.method, &head.uri, head.headers, &body.to_bytes(), peer);
    if asked.path.first().is_some_and(|part| part == "sandbox") {
        return Ok(control::answer(stage, &asked));
    }
    if stage.faults().dead {
        return Err(Cut);
    }
    stage.note_asked(&format!("{} {}", asked.method, noted(&asked.path)));
    let mut answer = entrance(stage, &asked).await?;
    let id: String = hex::encode(stage.dice().salt());
    if let Ok(id) = HeaderValue::from_str(&id) {
        answer.headers_mut().insert("x-request-id", id);
    }
    Ok(answer)
}

/// A path without what is private in it.
fn noted(path: &[String]) -> String {
    let short: Vec<_> = path.iter().skip(2).map(String::as_str).collect();
    match short.as_slice() {
        ["cloud", noun, _, rest @ ..] if !rest.is_empty() => format!("{noun}/…/{}", rest.join("/")),
        ["cloud", noun, _] => format!("{noun}/…"),
        ["cloud", noun] => (*noun).to_owned(),
        _ => path.join("/"),
    }
}

async fn entrance(stage: &Stage, asked: &Asked) -> Result<Answer, Cut> {
    let loopback = matches!(asked.host(), "localhost" | "127.0.0.1" | "[::1]");
    if !loopback && !stage.cloud().trusted_hosts.iter().any(|host| host == asked.host()) {
        return Ok(plain(400, HTML, "<html><body>Access through untrusted domain</body></html>"));
    }
    let parts: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    let (version, rest) = match parts.as_slice() {
        ["status.php"] => return Ok(plain(200, JSON, stage.cloud().status().to_string())),
        ["ocs", "v1.php", rest @ ..] => (Version::V1, rest),
        ["ocs", "v2.php", rest @ ..] => (Version::V2, rest),
        _ => return Ok(plain(404, HTML, "<html><body>Page not found</body></html>")),
    };
    let form = Form { version, json: asked.wants_json() };
    if stage.cloud().maintenance {
        let mut answer = Ocs::fail(503, "Service unavailable").answer(form);
        let on = HeaderValue::from_static("1");
        answer.headers_mut().insert("x-nextcloud-maintenance-mode", on);
        return Ok(answer);
    }
    if !asked.is_ocs() {
        let body = json!({"message": "CSRF check failed"}).to_string();
        return Ok(plain(412, JSON, body));
    }
    routes::answer(stage, asked, rest, form).await
}
