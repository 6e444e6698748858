//! Asking the daemon's own routes from within, as a caller would from without.
//!
//! A page stands on this: what it shows and does goes through the very checks,
//! handlers and refusals of the interface for programs, with the caller's own
//! token. So a page can show nothing that its reader may not ask for, and what is
//! done by a button is done, audited and refused as if it had been sent.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;
use warp::http::header::{self, HeaderMap, HeaderValue};
use warp::http::{Method, StatusCode, Uri};

use super::auth::{Presented, Verdict, Who};
use super::client::Client;
use super::dispatch::Exchange;
use super::edge::Edge;
use super::finish::Answered;
use super::language::Language;
use super::problem::Problem;
use super::reply::{Body, Reply};
use super::{idempotency, page};
use zelador_actors::Error;
use zelador_store::Timestamp;

/// Asks on behalf of a caller; clones are the same one.
#[derive(Clone)]
pub struct Within {
    pub(super) edge: Arc<Edge>,
    pub(super) client: Client,
    pub(super) language: Language,
    pub(super) request_id: Arc<str>,
    pub(super) trace_id: Arc<str>,
    pub(super) agent: Option<HeaderValue>,
    pub(super) token: Option<String>,
}

/// What a route of our own answered.
#[derive(Debug, Default)]
pub struct Told {
    /// The body; null if there is none.
    pub body: Value,
    /// The cursor to the next page of a list.
    pub next: Option<String>,
}

impl Told {
    /// The body as a type of the asker's: the members that it wants.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, Problem> {
        serde_json::from_value(self.body)
            .map_err(|source| Problem::fault("reading an answer of our own", source))
    }
}

impl Within {
    /// The same, with a token and a language of its own.
    pub(crate) fn showing(&self, token: String, language: Language) -> Self {
        Self { token: Some(token), language, ..self.clone() }
    }

    /// The same, answered in this language.
    pub(crate) fn speaking(&self, language: Language) -> Self {
        Self { language, ..self.clone() }
    }

    /// Now.
    pub(crate) fn now(&self) -> Timestamp {
        self.edge.clock.now()
    }

    /// The id of the request.
    pub(crate) fn request(&self) -> &str {
        &self.request_id
    }

    /// Chance: 128 bits as text.
    pub(crate) fn random(&self) -> String {
        hex::encode(self.edge.dice.salt())
    }

    /// Whether what stands before the daemon speaks TLS.
    pub(crate) fn is_behind_tls(&self) -> bool {
        self.edge.settings.load().behind_proxy
    }

    /// Who the token makes its bearer, at this moment; `None`: nobody.
    pub(crate) async fn who(&self) -> Result<Option<Who>, Error> {
        let presented = match &self.token {
            Some(token) => Presented::Token(token.clone()),
            None => return Ok(None),
        };
        self.edge.gate.recognise(&presented, self.now()).await
    }

    /// Counts a token that is nobody's; 429 after a few.
    pub(crate) fn count_bad_token(&self) -> Result<(), Problem> {
        self.edge.limits.load().count_bad_token(self.client.counted())
    }

    /// Whether there is such a route, and this caller's role may ever ask it.
    pub(crate) fn may(&self, who: &Who, method: &Method, path: &str) -> bool {
        let found = self.edge.table.find(path);
        let route = found.and_then(|found| found.place.route(method).ok());
        route.is_some_and(|route| {
            route.spec.need.verdict(who, self.client.local) == Verdict::Granted
        })
    }

    /// GET.
    pub(crate) async fn get(&self, target: &str) -> Result<Told, Problem> {
        self.ask(Method::GET, target, Value::Null, None).await
    }

    /// Asks a route: `target` is its path with the query, `key` an
    /// `Idempotency-Key`.
    pub(crate) async fn ask(
        &self,
        method: Method,
        target: &str,
        body: Value,
        key: Option<&str>,
    ) -> Result<Told, Problem> {
        let uri: Uri = target.parse().map_err(|_| unknown())?;
        let mut exchange = self.exchange(method, uri, key);
        let found = self.edge.table.find(exchange.uri.path()).ok_or_else(unknown)?;
        exchange.route = found.place.template;
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        // Boxed, for a page is a route that asks routes.
        let answered = Box::pin(self.edge.decide(&mut exchange, found, Ok(bytes))).await?;
        told(answered, exchange.route)
    }

    fn exchange(&self, method: Method, uri: Uri, key: Option<&str>) -> Exchange {
        let mut headers = HeaderMap::new();
        let bearer = self.token.as_ref().map(|token| format!("Bearer {token}"));
        if let Some(value) = bearer.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(header::AUTHORIZATION, value);
        }
        if let Some(value) = key.and_then(|key| HeaderValue::from_str(key).ok()) {
            headers.insert(idempotency::KEY, value);
        }
        headers.extend(self.agent.clone().map(|agent| (header::USER_AGENT, agent)));
        Exchange {
            method,
            uri,
            headers,
            settings: self.edge.settings.load_full(),
            client: self.client,
            now: self.now(),
            request_id: self.request_id.clone(),
            trace_id: self.trace_id.clone(),
            accepted: Some(self.language),
            language: self.language,
            route: "unmatched",
            prefixed: false,
            page: false,
        }
    }
}

fn unknown() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "unknown_route")
}

fn told(answered: Answered, route: &str) -> Result<Told, Problem> {
    let (text, next) = match answered {
        Answered::First(Reply { body: Body::Json(text), next, .. }) => {
            (text, next.map(|cursor| page::encode(route, &cursor)))
        }
        Answered::Again(answer) => (answer.body, None),
        Answered::First(_) | Answered::Options(_) => (String::new(), None),
    };
    let body = match text.as_str() {
        "" => Value::Null,
        text => serde_json::from_str(text)
            .map_err(|source| Problem::fault("reading an answer of our own", source))?,
    };
    Ok(Told { body, next })
}

/// It holds a token.
impl std::fmt::Debug for Within {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Within").finish_non_exhaustive()
    }
}
