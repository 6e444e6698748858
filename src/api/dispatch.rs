//! One request from its first line to its last byte: what holds for every route
//! alike, in the order in which errors win.
//!
//! ```text
//! 414/431 → Host 400/421 → 404/405 → 401 → 429 → 413/415/408 → 403 → 400/422
//!         → repeated request → handler (404 → 403 → 412 → 400 → 409)
//! ```
//!
//! A handler that may change something runs as a task of its own: a client that
//! hangs up does not cut a write in two. One that only reads ends with its
//! client. A panic costs one answer.

use std::net::IpAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use serde_json::Value;
use tokio::time::{Instant, timeout};
use tracing::Instrument;
use warp::http::header::{self, HeaderMap};
use warp::http::{Method, Response, StatusCode, Uri, Version};
use zelador_actors::engine::jobs::said;
use zelador_store::Timestamp;

use super::auth::{self, Presented, Verdict, Who};
use super::browser::Browser;
use super::call::Call;
use super::client::Client;
use super::conditional::IfMatch;
use super::edge::{Api, Edge};
use super::finish::{self, Answered};
use super::gate::Credential;
use super::idempotency::{self, Decision, Taken};
use super::language::Language;
use super::live::Outgoing;
use super::page::PageAsk;
use super::problem::Problem;
use super::receive::{self, Incoming};
use super::route::Compiled;
use super::table::{self, Found};
use super::within::Within;
use super::{body, cors, head, host, trace};
use crate::config::ApiSettings;

/// Where a reader of a stream has come to.
const LAST_EVENT_ID: header::HeaderName = header::HeaderName::from_static("last-event-id");

/// The longest that a handler may take before its caller is sent away.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);

/// A request as it came in.
pub(crate) struct Inbound {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: IpAddr,
    pub(crate) body: Incoming,
}

/// What is known about a request so far.
pub(crate) struct Exchange {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) settings: Arc<ApiSettings>,
    pub(crate) client: Client,
    pub(crate) now: Timestamp,
    pub(crate) request_id: Arc<str>,
    pub(crate) trace_id: Arc<str>,
    pub(crate) accepted: Option<Language>,
    pub(crate) language: Language,
    pub(crate) route: &'static str,
    pub(crate) prefixed: bool,
    /// Its route is a page.
    pub(crate) page: bool,
}

impl Api {
    /// The response to one request.
    pub(crate) async fn answer(&self, inbound: Inbound) -> Response<Outgoing> {
        let began = Instant::now();
        let Inbound { method, uri, version, headers, peer, mut body } = inbound;
        let mut exchange = self.0.exchange(method, uri, headers, peer);
        // Looked up before the span is opened, which then holds it from the start.
        let found = self.0.table.find(exchange.uri.path());
        let span = tracing::info_span!(
            "request",
            request_id = %exchange.request_id,
            trace_id = %exchange.trace_id,
            method = table::known(&exchange.method),
            route = found.as_ref().map(|found| found.place.template),
            tenant_id = tracing::field::Empty,
        );
        let run = self.0.run(&mut exchange, version, found, &mut body);
        let outcome = run.instrument(span.clone()).await;
        if outcome.is_err() {
            receive::discard(&exchange.headers, &mut body).await;
        }
        let response = span.in_scope(|| finish::response(outcome, &exchange));
        let (durations, took) = (&self.0.durations, began.elapsed());
        span.in_scope(|| finish::record(durations, &exchange, response.status(), took));
        response
    }
}

impl Edge {
    fn exchange(&self, method: Method, uri: Uri, headers: HeaderMap, peer: IpAddr) -> Exchange {
        let settings = self.settings.load_full();
        let now = self.clock.now();
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let accepted = accepted.and_then(Language::accepted);
        Exchange {
            client: Client::of(peer, &headers, &settings.trusted_proxies),
            now,
            request_id: trace::request_id(&headers, &self.dice, now),
            trace_id: trace::trace_id(&headers, &self.dice),
            accepted,
            language: accepted.unwrap_or(settings.locale.into()),
            route: "unmatched",
            prefixed: false,
            page: false,
            method,
            uri,
            headers,
            settings,
        }
    }

    async fn run(
        self: &Arc<Self>,
        exchange: &mut Exchange,
        version: Version,
        found: Option<Found>,
        incoming: &mut Incoming,
    ) -> Result<Answered, Problem> {
        head::check(&exchange.uri, &exchange.headers)?;
        let allowed = &exchange.settings.allowed_hosts;
        host::check(version, &exchange.headers, &exchange.uri, allowed)?;
        let found = found.ok_or(Problem::new(StatusCode::NOT_FOUND, "unknown_route"))?;
        exchange.route = found.place.template;
        exchange.prefixed = found.prefixed;
        if exchange.method == Method::OPTIONS {
            return Ok(options(exchange, &found));
        }
        self.decide(exchange, found, Err(incoming)).await
    }

    /// What holds for a request from without and from within: `body` is what has
    /// been read, or what is to be.
    pub(crate) async fn decide(
        self: &Arc<Self>,
        exchange: &mut Exchange,
        found: Found,
        body: Result<Vec<u8>, &mut Incoming>,
    ) -> Result<Answered, Problem> {
        let route = found.place.route(&exchange.method)?;
        exchange.page = route.spec.page;
        let presented = auth::presented(&exchange.headers);
        let who = self.identify(exchange, &route, &presented).await?;
        self.choose_language(exchange, &who).await;
        let bytes = match body {
            Ok(bytes) => bytes,
            Err(incoming) if route.reads_body() => {
                receive::receive(&exchange.headers, incoming, route.spec.page).await?
            }
            Err(_) => Vec::new(),
        };
        match route.spec.need.verdict(&who, exchange.client.local) {
            Verdict::Never => return Err(Problem::new(StatusCode::FORBIDDEN, "forbidden")),
            Verdict::PasswordFirst => {
                return Err(Problem::new(StatusCode::FORBIDDEN, "password_change_required"));
            }
            Verdict::Granted | Verdict::Unknown => {}
        }
        let browser = browser(exchange, &route, &bytes);
        let asked = if route.spec.page {
            (Value::Null, PageAsk::default(), Value::Null)
        } else {
            check(&route, exchange, &bytes)?
        };
        self.hand_over(exchange, found, route, (who, presented, browser), asked).await
    }

    /// Who calls; 401 if the route needs to know and cannot, 429 if it is too much.
    async fn identify(
        &self,
        exchange: &Exchange,
        route: &Compiled,
        presented: &Presented,
    ) -> Result<Who, Problem> {
        let need = route.spec.need;
        let limits = self.limits.load_full();
        let address = exchange.client.counted();
        let presented = match need {
            auth::Need::Open => &Presented::Nothing,
            _ => presented,
        };
        let Some(who) = self.gate.recognise(presented, exchange.now).await? else {
            limits.count_bad_token(address)?;
            return Err(unknown(true));
        };
        let exempt = route.spec.part == "service" && exchange.client.local;
        if !exempt {
            limits.count(&who, address)?;
        }
        if need.verdict(&who, exchange.client.local) == Verdict::Unknown {
            return Err(unknown(false));
        }
        Ok(who)
    }

    async fn choose_language(&self, exchange: &mut Exchange, who: &Who) {
        let Some(tenant) = who.tenant() else { return };
        tracing::Span::current().record("tenant_id", tracing::field::display(tenant));
        if exchange.accepted.is_none()
            && let Some(locale) = self.locales.locale(tenant).await
            && let Some(language) = Language::of_tag(&locale)
        {
            exchange.language = language;
        }
    }

    async fn hand_over(
        self: &Arc<Self>,
        exchange: &Exchange,
        found: Found,
        route: Arc<Compiled>,
        (who, presented, browser): (Who, Presented, Browser),
        (query, page, body): (Value, PageAsk, Value),
    ) -> Result<Answered, Problem> {
        let mut call = Call {
            who,
            language: exchange.language,
            accepted: exchange.accepted,
            request_id: exchange.request_id.clone(),
            trace_id: exchange.trace_id.clone(),
            now: exchange.now,
            method: exchange.method.clone(),
            address: exchange.client.address,
            agent: text_of(&exchange.headers, &header::USER_AGENT),
            prefers_csv: text_of(&exchange.headers, &header::ACCEPT)
                .is_some_and(|accept| accept.contains("text/csv")),
            if_match: IfMatch::of(&exchange.headers),
            page,
            answer_slot: None,
            prefix: if found.prefixed { "/api" } else { "" },
            browser,
            within: self.within(exchange),
            params: found.params,
            query,
            body,
            last_event_id: text_of(&exchange.headers, &LAST_EVENT_ID),
            goog: goog(&exchange.headers),
            credential: Credential::new(self.gate.clone(), presented, self.clock.clone()),
            route: route.clone(),
        };
        let mut claim = None;
        if route.spec.method == Method::POST
            && !route.spec.secret
            && let Some(key) = idempotency::key(&exchange.headers)?
        {
            match self.claim(&mut call, &found.path, key).await? {
                Claimed::Answered(answered) => return Ok(*answered),
                Claimed::Mine(taken) => claim = Some(taken),
            }
        }
        handle(route, call, claim).await
    }

    fn within(self: &Arc<Self>, exchange: &Exchange) -> Within {
        Within {
            edge: self.clone(),
            client: exchange.client,
            language: exchange.language,
            request_id: exchange.request_id.clone(),
            trace_id: exchange.trace_id.clone(),
            agent: exchange.headers.get(header::USER_AGENT).cloned(),
            token: None,
        }
    }

    async fn claim(&self, call: &mut Call, path: &str, key: &str) -> Result<Claimed, Problem> {
        let bearer = call.who.bearer();
        let pending = idempotency::place(bearer, path, key, &call.query, &call.body, call.now);
        let taken = self.in_flight.take(pending.scope)?;
        let kept = self.answers.find(&pending.scope).await?;
        match idempotency::decide(kept, &pending, call.now) {
            Decision::Replay(answer) => Ok(Claimed::Answered(Box::new(Answered::Again(answer)))),
            Decision::Reused => {
                Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused"))
            }
            Decision::Go => {
                call.answer_slot = Some(pending);
                Ok(Claimed::Mine(taken))
            }
        }
    }
}

/// What Google says of a notification.
fn goog(headers: &HeaderMap) -> Vec<(String, String)> {
    let own = headers.iter().filter(|(name, _)| name.as_str().starts_with("x-goog-"));
    own.filter_map(|(name, value)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    })
    .collect()
}

/// What a browser says, for pages.
fn browser(exchange: &Exchange, route: &Compiled, bytes: &[u8]) -> Browser {
    if !route.spec.page {
        return Browser::default();
    }
    Browser::new(&exchange.headers, &exchange.uri, route.reads_body().then_some(bytes))
}

fn text_of(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

enum Claimed {
    Answered(Box<Answered>),
    Mine(Taken),
}

/// Query and body have the shape that the route published, or all that is wrong
/// with them is said at once.
fn check(
    route: &Compiled,
    exchange: &Exchange,
    bytes: &[u8],
) -> Result<(Value, PageAsk, Value), Problem> {
    // No body is an object without members: what is missing is then said by name.
    let body =
        if bytes.is_empty() { Value::Object(serde_json::Map::new()) } else { body::parse(bytes)? };
    let parsed = route.parameters.parse(exchange.uri.query().unwrap_or_default());
    let mut flaws = parsed.as_ref().err().cloned().unwrap_or_default();
    if route.reads_body() {
        flaws.extend(route.check_body(&body));
    }
    match parsed {
        Ok((query, page)) if flaws.is_empty() => Ok((query, page, body)),
        _ => Err(Problem::invalid(flaws)),
    }
}

/// Runs the handler: as a task of its own, which holds the claim on its key to the
/// end, or, if it only reads, as a part of this one.
async fn handle(
    route: Arc<Compiled>,
    call: Call,
    taken: Option<Taken>,
) -> Result<Answered, Problem> {
    let reads = route.spec.method == Method::GET;
    // Begun here, so that the task holds where its handler is and not the call itself.
    let answer = catch_unwind(AssertUnwindSafe(|| (route.run)(call)));
    let task = async move {
        let outcome = match answer {
            Ok(answer) => AssertUnwindSafe(answer).catch_unwind().await,
            Err(panic) => Err(panic),
        };
        drop(taken);
        outcome.map_err(|panic| said(panic.as_ref()))
    };
    let ended = if reads {
        timeout(ANSWER_WITHIN, task).await
    } else {
        let joined = timeout(ANSWER_WITHIN, tokio::spawn(task.in_current_span())).await;
        joined.map(|joined| joined.unwrap_or_else(|lost| Err(lost.to_string())))
    };
    match ended {
        Ok(Ok(outcome)) => outcome.map(Answered::First),
        Ok(Err(panic)) => Err(Problem::fault("answering the request", panic)),
        Err(_) => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy")
            .retry_after(Duration::from_secs(1))),
    }
}

fn options(exchange: &Exchange, found: &Found) -> Answered {
    let mut headers = HeaderMap::new();
    headers.insert(header::ALLOW, found.place.allow.clone());
    if cors::is_preflight(&exchange.headers) {
        let settings = &exchange.settings.cors;
        cors::permit(&exchange.headers, settings, &found.place.allow, &mut headers);
    }
    Answered::Options(headers)
}

fn unknown(presented: bool) -> Problem {
    let (code, challenge) = if presented {
        ("bad_token", "Bearer realm=\"zelador\", error=\"invalid_token\"")
    } else {
        ("token_required", "Bearer realm=\"zelador\"")
    };
    Problem::new(StatusCode::UNAUTHORIZED, code).header(header::WWW_AUTHENTICATE, challenge)
}
