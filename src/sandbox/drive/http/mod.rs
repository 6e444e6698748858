//! The HTTP face: connections, the switches, who calls, and where it leads.

mod changes;
mod control;
mod files;
mod request;
mod sharing;
mod token;
mod upload;

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use self::request::Asked;
use super::core::{Caller, Refused};
use super::faults::Faults;
use super::stage::Stage;

/// The largest body that is read.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// An answer.
type Answer = Response<Full<Bytes>>;
/// What comes of a call.
type Outcome = Result<Answer, Refused>;

/// The connection is to be cut without an answer.
#[derive(Debug, thiserror::Error)]
#[error("cut")]
struct Cut;

/// Serves until `stop`.
pub(super) async fn serve(listener: TcpListener, stage: Stage, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                tokio::spawn(connection(stream, stage.clone(), stop.clone()));
            }
        }
    }
}

async fn connection(stream: TcpStream, stage: Stage, stop: CancellationToken) {
    let _ = stream.set_nodelay(true);
    let cut = CancellationToken::new();
    let of_requests = cut.clone();
    let service = service_fn(move |request: Request<Incoming>| {
        let (stage, cut) = (stage.clone(), of_requests.clone());
        async move {
            let answer = answer(&stage, request).await;
            if answer.is_err() {
                cut.cancel();
                std::future::pending::<()>().await;
            }
            answer
        }
    });
    let serving =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // How it ends is the client's affair.
        _ = serving => {}
        () = cut.cancelled() => {}
        () = stop.cancelled() => {}
    }
}

async fn answer(stage: &Stage, request: Request<Incoming>) -> Result<Answer, Cut> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MOST_BYTES).collect().await else {
        return Ok(plain(413, "text/html", ""));
    };
    let asked = Asked::new(head.method, &head.uri, head.headers, body.to_bytes());
    if asked.path.first().is_some_and(|part| part == "sandbox") {
        return Ok(control::answer(stage, &asked));
    }
    let call = asked.call();
    stage.note_asked(&call);
    sleep(Duration::from_millis(stage.faults().slow_ms)).await;
    let failure = stage.failure(&call);
    if let Some(failure) = failure.as_ref().filter(|failure| !failure.after) {
        return failed(failure);
    }
    let bare = stage.faults().bare;
    let outcome = route(stage, &asked).await;
    stage.told();
    match failure {
        Some(failure) => failed(&failure),
        None => Ok(outcome.unwrap_or_else(|refused| error(&refused, bare))),
    }
}

/// The failure that was ordered.
fn failed(faults: &Faults) -> Result<Answer, Cut> {
    if faults.cut {
        return Err(Cut);
    }
    let mut answer = if faults.html {
        plain(faults.status, "text/html; charset=UTF-8", "<html><title>Error</title></html>")
    } else {
        let reason = if faults.reason.is_empty() { "backendError" } else { &faults.reason };
        let refused = Refused::new(faults.status, reason, "Told to fail.");
        error(&refused, faults.bare)
    };
    if let Some(seconds) = faults.retry_after {
        answer.headers_mut().insert("retry-after", seconds.into());
    }
    Ok(answer)
}

/// Where a call leads.
async fn route(stage: &Stage, asked: &Asked) -> Outcome {
    let path: Vec<&str> = asked.path.iter().map(String::as_str).collect();
    if path == ["token"] {
        return Ok(token::answer(stage, asked));
    }
    if let ["upload", "drive", "v3", "files", rest @ ..] = path.as_slice()
        && let Some(session) = asked.query.get("upload_id")
    {
        // The address of an upload is a secret of its own.
        return upload::part(stage, asked, session, rest);
    }
    let caller = caller(stage, asked)?;
    match path.as_slice() {
        ["upload", "drive", "v3", "files", rest @ ..] => upload::begin(stage, asked, &caller, rest),
        ["drive", "v3", rest @ ..] => match rest {
            ["files", id, "permissions", rest @ ..] => {
                sharing::route(stage, asked, &caller, id, rest).await
            }
            ["about"] => files::about(asked, &caller),
            ["drives", rest @ ..] => files::drives(stage, asked, &caller, rest),
            ["changes", ..] | ["channels", "stop"] | ["files", _, "watch"] => {
                changes::route(stage, asked, &caller, rest)
            }
            ["files", rest @ ..] => files::route(stage, asked, &caller, rest),
            _ => Err(no_such(asked)),
        },
        _ => Err(no_such(asked)),
    }
}

/// A path that there is not.
fn no_such(asked: &Asked) -> Refused {
    Refused::new(404, "notFound", format!("Not Found: /{}", asked.path.join("/")))
}

/// Who calls; without a token that lives, nobody.
fn caller(stage: &Stage, asked: &Asked) -> Result<Caller, Refused> {
    let token = asked.header("authorization").and_then(|text| text.strip_prefix("Bearer "));
    token.and_then(|token| stage.caller(token)).ok_or_else(|| {
        let message = "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.";
        Refused::new(401, "authError", message)
    })
}

/// JSON, with 200.
fn ok(value: &Value) -> Answer {
    plain(200, "application/json; charset=UTF-8", value.to_string())
}

fn error(refused: &Refused, bare: bool) -> Answer {
    plain(refused.status, "application/json; charset=UTF-8", refused.body(bare).to_string())
}

fn plain(status: u16, kind: &'static str, body: impl Into<Bytes>) -> Answer {
    let mut answer = Response::new(Full::new(body.into()));
    *answer.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

fn with(mut answer: Answer, name: &'static str, value: &str) -> Answer {
    if let Ok(value) = HeaderValue::from_str(value) {
        answer.headers_mut().insert(HeaderName::from_static(name), value);
    }
    answer
}
