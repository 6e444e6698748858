//! The sandbox as a server on loopback.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use super::faults::Faults;
use super::people::Population;

/// The token that is good here.
pub const TOKEN: &str = "5a4d0c1e-5a4d-4b0c-9a4d-5a4db0c5a4d0";

/// Clients on a page when nobody says how many, and at most.
const PER_PAGE: (u32, u32) = (20, 1000);

/// A running sandbox; it ends when the last clone is dropped.
#[derive(Clone)]
pub struct Sandbox {
    /// Where it listens.
    pub address: SocketAddr,
    state: Arc<State>,
    _running: Arc<Running>,
}

struct State {
    population: Mutex<Population>,
    faults: Mutex<Faults>,
    /// Requests for pages so far, and those that failed on order.
    asked: Mutex<(u32, u32)>,
}

struct Running(CancellationToken);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl Sandbox {
    /// Starts one on a port that is free.
    pub async fn start(population: Population) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(State {
            population: Mutex::new(population),
            faults: Mutex::default(),
            asked: Mutex::default(),
        });
        let end = CancellationToken::new();
        tokio::spawn(serve(listener, state.clone(), end.clone()));
        Ok(Self { address, state, _running: Arc::new(Running(end)) })
    }

    /// What `[wispro] base_url` would be.
    pub fn base_url(&self) -> String {
        format!("http://{}/api/v1", self.address)
    }

    /// Fails like this from now on.
    pub fn faults(&self, faults: Faults) {
        *self.state.faults.lock() = faults;
        self.state.asked.lock().1 = 0;
    }

    /// Has these clients from now on.
    pub fn populate(&self, population: Population) {
        *self.state.population.lock() = population;
    }

    /// Requests for pages so far.
    pub fn asked(&self) -> u32 {
        self.state.asked.lock().0
    }
}

async fn serve(listener: TcpListener, state: Arc<State>, end: CancellationToken) {
    loop {
        let stream = tokio::select! {
            () = end.cancelled() => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(_) => continue,
            },
        };
        tokio::spawn(talk(stream, state.clone(), end.clone()));
    }
}

async fn talk(stream: TcpStream, state: Arc<State>, end: CancellationToken) {
    let cut = CancellationToken::new();
    let service = service_fn(|request| answer(request, state.clone(), cut.clone()));
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        () = end.cancelled() => {}
        () = cut.cancelled() => {}
        // A client that goes away is no failure of ours.
        _ = connection => {}
    }
}

type Reply = Response<Full<Bytes>>;

async fn answer(
    request: Request<Incoming>,
    state: Arc<State>,
    cut: CancellationToken,
) -> Result<Reply, Infallible> {
    let path = request.uri().path().trim_end_matches('/').to_owned();
    if path == "/sandbox/faults" {
        return Ok(control(request, &state).await);
    }
    let token = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if token != Some(TOKEN) {
        return Ok(refused(401, "Unauthorized"));
    }
    if request.method() != Method::GET || path != "/api/v1/clients" {
        return Ok(refused(404, "Record not found"));
    }
    let asked = query(request.uri().query().unwrap_or_default());
    let of = |name: &str| asked.get(name).and_then(|text| text.parse::<u32>().ok());
    let page = of("page").unwrap_or(1).max(1);
    let per_page = of("per_page").unwrap_or(PER_PAGE.0).clamp(1, PER_PAGE.1);
    let faults = state.faults.lock().clone();
    let request_number = {
        let mut asked = state.asked.lock();
        asked.0 += 1;
        asked.0
    };
    if faults.slow_ms > 0 {
        tokio::time::sleep(Duration::from_millis(faults.slow_ms.into())).await;
    }
    if let Some(failed) = fail(&faults, &state, page, &cut) {
        return Ok(failed);
    }
    let population = state.population.lock().clone();
    let shift = if faults.shifting { request_number * 7 } else { 0 };
    let page = if faults.same_page { 1 } else { page };
    Ok(sheet(&population, &faults, page, per_page, shift))
}

/// The failure that was ordered, if this request is to fail.
fn fail(faults: &Faults, state: &State, page: u32, cut: &CancellationToken) -> Option<Reply> {
    if !faults.fails() || page < faults.from_page {
        return None;
    }
    {
        let mut asked = state.asked.lock();
        if faults.times > 0 && asked.1 >= faults.times {
            return None;
        }
        asked.1 += 1;
    }
    if faults.cut {
        cut.cancel();
    }
    Some(if let Some(status) = faults.http {
        let mut reply = page_of_html();
        *reply.status_mut() = hyper::StatusCode::from_u16(status).unwrap_or_default();
        if let Some(seconds) = faults.retry_after {
            reply.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        reply
    } else if let Some(status) = faults.status {
        let message = match status {
            400 => "Invalid record",
            401 => "Unauthorized",
            402 => "Payment Required",
            404 => "Record not found",
            _ => "Server error",
        };
        refused(status, message)
    } else if faults.no_data {
        envelope(&json!({ "status": 200, "meta": {} }))
    } else {
        page_of_html()
    })
}

fn sheet(population: &Population, faults: &Faults, page: u32, per_page: u32, shift: u32) -> Reply {
    let total = population.clients;
    let from = (page - 1).saturating_mul(per_page).min(total);
    let to = from.saturating_add(per_page).min(total);
    let at = |place: u32| if total == 0 { 0 } else { (place + shift) % total };
    let data: Vec<Value> = (from..to).map(|place| population.client(at(place))).collect();
    let promised = total + faults.promises;
    let mut meta = json!({ "object": "client" });
    if !faults.no_pagination {
        let pagination = json!({
            "total_records": promised, "total_pages": total.div_ceil(per_page),
            "per_page": per_page, "current_page": page,
        });
        if let Some(meta) = meta.as_object_mut() {
            meta.insert("pagination".into(), pagination);
        }
    }
    envelope(&json!({ "status": 200, "meta": meta, "data": data }))
}

/// An error as the real one tells it: HTTP 200 whenever it can answer at all.
fn refused(status: u16, message: &str) -> Reply {
    envelope(&json!({ "status": status, "meta": {}, "message": message, "errors": {} }))
}

fn envelope(body: &Value) -> Reply {
    with_type("application/json; charset=utf-8", body.to_string())
}

fn page_of_html() -> Reply {
    with_type("text/html", "<html><body><h1>502 Bad Gateway</h1></body></html>".to_owned())
}

fn with_type(content_type: &'static str, body: String) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::from(body)));
    let value = hyper::header::HeaderValue::from_static(content_type);
    reply.headers_mut().insert(CONTENT_TYPE, value);
    reply
}

fn query(text: &str) -> HashMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// `POST /sandbox/faults` with a body of [`Faults`].
async fn control(request: Request<Incoming>, state: &State) -> Reply {
    let body = request.into_body().collect().await.map(http_body_util::Collected::to_bytes);
    let order = body.ok().and_then(|body| serde_json::from_slice::<Faults>(&body).ok());
    if let Some(order) = order {
        *state.faults.lock() = order;
        state.asked.lock().1 = 0;
    }
    let faults = state.faults.lock().clone();
    envelope(&json!({ "faults": faults, "asked": state.asked.lock().0 }))
}
