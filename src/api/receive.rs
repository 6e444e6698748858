//! Taking in a body: not too much, not too slowly, not something else than JSON.

use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use hyper::body::Bytes;
use tokio::time::{Instant, timeout, timeout_at};
use warp::http::StatusCode;
use warp::http::header::{self, HeaderMap};

use super::browser;
use super::problem::Problem;

/// The largest body.
pub(super) const MAX_BODY: usize = 1024 * 1024;
/// A body may always take this long.
const PATIENCE: Duration = Duration::from_secs(10);
/// Beyond that, it must have come at this many bytes a second.
const PACE: u64 = 1024;
/// How much of a refused body is read and thrown away, and for how long, so that the
/// client is still there to read the refusal.
const DISCARDED: usize = 4 * MAX_BODY;
const DISCARD_WITHIN: Duration = Duration::from_secs(1);

/// A body on its way in.
pub(crate) type Incoming = BoxStream<'static, Result<Bytes, warp::Error>>;

/// The whole body.
pub(crate) async fn receive(
    headers: &HeaderMap,
    body: &mut Incoming,
    is_page: bool,
) -> Result<Vec<u8>, Problem> {
    let check_type = if is_page { browser::check_type } else { check_type };
    let announced = announced(headers);
    if announced.is_some_and(|length| length > MAX_BODY as u64) {
        return Err(too_large());
    }
    if announced.is_some_and(|length| length > 0) {
        check_type(headers)?;
    }
    let bytes = read(body).await?;
    if !bytes.is_empty() {
        check_type(headers)?;
    }
    Ok(bytes)
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn read(body: &mut Incoming) -> Result<Vec<u8>, Problem> {
    let began = Instant::now();
    let mut bytes = Vec::new();
    loop {
        match timeout_at(began + patience(bytes.len()), body.next()).await {
            Err(_) => return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow")),
            Ok(None) => return Ok(bytes),
            Ok(Some(Err(_))) => return Err(Problem::new(StatusCode::BAD_REQUEST, "body_cut_off")),
            Ok(Some(Ok(chunk))) if bytes.len() + chunk.len() > MAX_BODY => return Err(too_large()),
            Ok(Some(Ok(chunk))) => bytes.extend_from_slice(&chunk),
        }
    }
}

/// How long a body may have taken when this much of it is here.
fn patience(received: usize) -> Duration {
    PATIENCE.max(Duration::from_secs(received as u64 / PACE))
}

/// Reads on after a refusal, within reason.
pub(crate) async fn discard(headers: &HeaderMap, body: &mut Incoming) {
    // Who waits for our word before sending has sent nothing.
    if headers.contains_key(header::EXPECT) {
        return;
    }
    let mut left = DISCARDED;
    let drain = async {
        while let Some(Ok(chunk)) = body.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    let _ = timeout(DISCARD_WITHIN, drain).await;
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large").with("limit", MAX_BODY)
}

fn check_type(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if given.is_some_and(is_json) {
        return Ok(());
    }
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json")
        .header(header::ACCEPT, "application/json"))
}

/// `application/json`, or a kind of it, in UTF-8.
fn is_json(text: &str) -> bool {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next().unwrap_or_default().to_ascii_lowercase();
    let json =
        kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"));
    json && parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.trim().eq_ignore_ascii_case("charset") => {
            value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    })
}
