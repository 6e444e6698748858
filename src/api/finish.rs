//! From what a handler answered to a response: the headers that all have.

use std::collections::HashMap;
use std::time::Duration;

use hyper::body::Bytes;
use metrics::Histogram;
use parking_lot::RwLock;
use warp::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use warp::http::{Method, Response, StatusCode};
use zelador_store::answer::Answer;

use super::dispatch::Exchange;
use super::language::Language;
use super::live::{Live, Outgoing};
use super::problem::Problem;
use super::reply::{Body, Reply};
use super::{conditional, cors, idempotency, page, table, trace};

const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");
/// Room for the headers of a usual answer.
const HEADERS: usize = 12;
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// How a request was answered, if it was.
#[derive(Debug)]
pub(crate) enum Answered {
    /// By its handler.
    First(Reply),
    /// As it was the first time.
    Again(Answer),
    /// With what its path can do.
    Options(HeaderMap),
}

/// The response.
pub(crate) fn response(
    outcome: Result<Answered, Problem>,
    exchange: &Exchange,
) -> Response<Outgoing> {
    let live = outcome.as_ref().ok().and_then(live_of).cloned();
    let mut response = match outcome {
        Ok(Answered::First(reply)) => of_reply(reply, exchange),
        Ok(Answered::Again(answer)) => of_kept(answer, exchange),
        Ok(Answered::Options(headers)) => of_options(headers),
        Err(problem) => {
            problem.log();
            problem.render(exchange.language, &exchange.trace_id).map(Bytes::from)
        }
    };
    let headers = response.headers_mut();
    set(headers, trace::REQUEST_ID, &exchange.request_id);
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !exchange.page {
        cors::mark(&exchange.headers, &exchange.settings.cors, headers);
    }
    response.map(|bytes| live.map_or(Outgoing::Whole(bytes), Outgoing::Live))
}

fn live_of(answered: &Answered) -> Option<&Live> {
    match answered {
        Answered::First(Reply { body: Body::Live(live), .. }) => Some(live),
        _ => None,
    }
}

/// How long requests took: the metric of each method, route and status, looked up
/// once.
#[derive(Default)]
pub(crate) struct Durations(RwLock<HashMap<(&'static str, &'static str, u16), Histogram>>);

impl Durations {
    fn record(&self, method: &'static str, route: &'static str, status: u16, took: Duration) {
        if let Some(known) = self.0.read().get(&(method, route, status)) {
            return known.record(took.as_secs_f64());
        }
        let made = metrics::histogram!(
            "zelador_http_request_duration_seconds",
            "method" => method,
            "route" => route,
            "status" => status.to_string(),
        );
        made.record(took.as_secs_f64());
        self.0.write().insert((method, route, status), made);
    }
}

/// The request in the metrics and in the log.
pub(crate) fn record(
    durations: &Durations,
    exchange: &Exchange,
    status: StatusCode,
    took: Duration,
) {
    let (status, ms) = (status.as_u16(), took.as_millis());
    durations.record(table::known(&exchange.method), exchange.route, status, took);
    if status >= 500 {
        tracing::warn!(status, ms, "request answered");
    } else {
        tracing::debug!(status, ms, "request answered");
    }
}

fn of_reply(reply: Reply, exchange: &Exchange) -> Response<Bytes> {
    let reads = matches!(exchange.method, Method::GET | Method::HEAD);
    let fresh = reads
        && reply.status == StatusCode::OK
        && reply
            .version
            .is_some_and(|version| conditional::not_modified(&exchange.headers, version));
    let next = reply.next.as_ref().map(|cursor| {
        let cursor = page::encode(exchange.route, cursor);
        page::next_link(exchange.uri.path(), exchange.uri.query().unwrap_or_default(), &cursor)
    });
    let mut response = body(reply.body, exchange);
    *response.status_mut() = reply.status;
    let headers = response.headers_mut();
    if let Some(version) = reply.version {
        set(headers, header::ETAG, &conditional::etag(version));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
    if let Some(location) = reply.location {
        set(headers, header::LOCATION, &with_prefix(location, exchange));
    }
    if let Some(language) = reply.language {
        headers.insert(header::CONTENT_LANGUAGE, tag_of(language));
    }
    if let Some(link) = next {
        set(headers, header::LINK, &link);
    }
    headers.extend(reply.headers);
    if fresh { unchanged(response) } else { response }
}

/// 304: the same headers, no body.
fn unchanged(response: Response<Bytes>) -> Response<Bytes> {
    let (mut parts, _) = response.into_parts();
    parts.status = StatusCode::NOT_MODIFIED;
    parts.headers.remove(header::CONTENT_TYPE);
    Response::from_parts(parts, Bytes::new())
}

fn body(body: Body, exchange: &Exchange) -> Response<Bytes> {
    match body {
        Body::Empty => Response::new(Bytes::new()),
        Body::Json(text) => {
            let mut response = Response::new(Bytes::from(text));
            let headers = response.headers_mut();
            headers.reserve(HEADERS);
            headers.insert(header::CONTENT_TYPE, JSON);
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            headers.insert(header::CONTENT_LANGUAGE, tag_of(exchange.language));
            headers.append(header::VARY, HeaderValue::from_static("Accept-Language"));
            response
        }
        Body::Bytes { content_type, bytes } => {
            let mut response = Response::new(bytes);
            set(response.headers_mut(), header::CONTENT_TYPE, &content_type);
            response
        }
        Body::Live(live) => {
            let mut response = Response::new(Bytes::new());
            let headers = response.headers_mut();
            set(headers, header::CONTENT_TYPE, live.content_type());
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            // Proxies that gather answers would keep it for themselves.
            headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
            response
        }
    }
}

fn of_kept(answer: Answer, exchange: &Exchange) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let filled = !response.body().is_empty();
    let headers = response.headers_mut();
    if filled {
        headers.insert(header::CONTENT_TYPE, JSON);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(idempotency::REPLAYED, HeaderValue::from_static("true"));
    if let Some(etag) = answer.etag {
        set(headers, header::ETAG, &etag);
    }
    if let Some(location) = answer.location {
        set(headers, header::LOCATION, &with_prefix(location, exchange));
    }
    response
}

fn of_options(headers: HeaderMap) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    *response.headers_mut() = headers;
    response
}

/// Paths in answers begin as the caller's did.
fn with_prefix(path: String, exchange: &Exchange) -> String {
    if exchange.prefixed { format!("/api{path}") } else { path }
}

const fn tag_of(language: Language) -> HeaderValue {
    HeaderValue::from_static(language.tag())
}

/// A value that no header can carry is left out.
fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}
