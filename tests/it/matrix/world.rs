//! A daemon with two tenants, and tokens of every sort.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use zelador_actors::engine::Clock;

use super::operation::Need;
use super::parked;
use super::persons::{self, Persons};
use crate::harness::{Answer, Client, Daemon, Home, PATIENCE, eventually};

/// Addresses of callers are believed, so that each call can come from another
/// one: whoever shows ten bad tokens is told to wait.
const CONFIG: &str = r#"
[api]
trusted_proxies = ["127.0.0.1"]
[auth]
login_address_per_minute = 6000
[events]
max_consumers = 1000
[schedules.yearly]
kind = "diagnostic"
cron = "0 0 1 1 *"
[jobs.diagnostic]
backoff_seconds = [0]
# Nobody here has a telephone: nothing is sent.
[notifications]
invite_url = "https://app.example/convite?token={token}"
[notifications.http]
url = "https://gateway.example/send"
[drive]
# Nobody is there: what matters is that a channel is opened.
public_url = "http://127.0.0.1:9"
[wispro]
per_page = 5
request_gap_ms = 0
brake_created_percent = 0
brake_least = 0
"#;

/// The nouns that scopes of today's routes name.
const NOUNS: [&str; 14] = [
    "jobs",
    "queues",
    "schedules",
    "tenants",
    "users",
    "status",
    "events",
    "resources",
    "bookings",
    "reports",
    "webhooks",
    "wispro",
    "instances",
    "nextcloud",
];

/// A tenant in which records are made.
pub(super) struct Owner {
    /// The tenant's id.
    pub(super) tenant: String,
    /// A word in the name of everything of this tenant's.
    pub(super) mark: &'static str,
}

/// Everything that the cases are made of.
pub(super) struct World {
    pub(super) operator: Client,
    /// The tenant that bound tokens are of.
    pub(super) own: Owner,
    /// Another one.
    pub(super) foreign: Owner,
    pub(super) expired: String,
    pub(super) revoked: String,
    /// People of the own tenant.
    pub(super) persons: Persons,
    calls: AtomicU32,
    _daemon: Daemon,
    home: Home,
}

/// One way to call a route.
pub(super) struct Call {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    pub(super) headers: Vec<(&'static str, String)>,
    /// The ids of records that it names.
    pub(super) ids: Vec<String>,
}

impl World {
    pub(super) async fn new() -> Self {
        let home = Home::new(CONFIG).await;
        let daemon = home.start().await;
        let own = owner(daemon.client(), "zelda").await;
        let foreign = owner(daemon.client(), "xanadu").await;
        parked::enough_events(daemon.client(), &foreign.tenant).await;
        assert_eq!(daemon.stop().await.0, Some(0));
        parked::park(&home).await;
        let daemon = home.start().await;
        let operator = daemon.client().clone();
        let (id, revoked) = token(&operator, &json!({"scopes": ["*"]})).await;
        operator.delete(&format!("/tokens/{id}")).await.is(204);
        let soon = Clock::system().now() + Duration::from_millis(1500);
        let body = json!({"scopes": ["*"], "expires_at": soon.to_string()});
        let (_, expired) = token(&operator, &body).await;
        eventually("the token expires", PATIENCE, || async {
            (Clock::system().now() > soon).then_some(())
        })
        .await;
        let persons = Persons::of(&operator, &own).await;
        let calls = AtomicU32::new(0);
        Self { operator, own, foreign, expired, revoked, persons, calls, _daemon: daemon, home }
    }

    /// A number that nothing else has.
    pub(super) fn next(&self) -> u32 {
        self.calls.fetch_add(1, Ordering::Relaxed)
    }

    /// The answer to a call with this token, or none, from a new address.
    pub(super) async fn ask(&self, token: Option<&str>, call: &Call) -> Answer {
        let client = match token {
            Some(token) => self.operator.with_token(token),
            None => self.operator.anonymous(),
        };
        let [_, a, b, c] = self.next().to_be_bytes();
        let from = format!("10.{a}.{b}.{c}");
        let request = call.of(&client).header("x-forwarded-for", from);
        client.send(request).await.unwrap()
    }

    /// What the daemon has logged.
    pub(super) fn log(&self) -> String {
        self.home.log()
    }

    /// A token of a service with these scopes, bound to a tenant or not.
    pub(super) async fn service(&self, scopes: &[String], tenant: Option<&Owner>) -> String {
        let tenant = tenant.map(|owner| owner.tenant.as_str());
        token(&self.operator, &json!({"scopes": scopes, "tenant_id": tenant})).await.1
    }

    /// A token that is good for everything but what a route needs.
    pub(super) async fn lacking(&self, need: &Need) -> String {
        let (Need::Scope(scope) | Need::Own(scope) | Need::Member(scope)) = need else {
            return self.service(&["*".to_owned()], None).await;
        };
        let (noun, verb) = scope.split_once(':').unwrap();
        let others = NOUNS.iter().filter(|other| **other != noun);
        let mut scopes: Vec<_> = others.map(|other| format!("{other}:*")).collect();
        let other_verb = if verb == "read" { "write" } else { "read" };
        scopes.push(format!("{noun}:{other_verb}"));
        self.service(&scopes, None).await
    }
}

impl World {
    /// A new person of the own tenant: the id, and the access token.
    pub(super) async fn person(&self) -> (String, String) {
        let name = format!("q{}", self.next());
        persons::person(&self.operator, &self.own, &name, serde_json::json!({})).await
    }
}

async fn owner(operator: &Client, mark: &'static str) -> Owner {
    let tenant = json!({"name": mark, "domain": format!("{mark}.example")});
    let made = operator.post("/tenants", &tenant).await.is(201);
    Owner { tenant: made["id"].as_str().unwrap().to_owned(), mark }
}

/// The id and the text of a new service token.
async fn token(operator: &Client, members: &Value) -> (String, String) {
    let mut body = members.clone();
    body["name"] = json!("matrix");
    body["role"] = json!("service");
    let made = operator.post("/tokens", &body).await.is(201);
    let text = |member: &str| made[member].as_str().unwrap().to_owned();
    (text("id"), text("token"))
}

impl Call {
    /// The request, by this caller.
    pub(super) fn of(&self, client: &Client) -> reqwest::RequestBuilder {
        let mut request = client.request(self.method.clone(), &self.path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    pub(super) fn new(name: &str) -> Self {
        let (method, path) = name.split_once(' ').unwrap();
        Self {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            body: None,
            headers: Vec::new(),
            ids: Vec::new(),
        }
    }

    /// With a value for the next parameter of the path.
    pub(super) fn with(mut self, value: &str) -> Self {
        let open = self.path.find('{').unwrap();
        let close = self.path.find('}').unwrap();
        self.path.replace_range(open..=close, value);
        self
    }

    /// With the id of a record for the next parameter of the path.
    pub(super) fn at(mut self, id: &str) -> Self {
        self.ids.push(id.to_owned());
        self.with(id)
    }

    pub(super) fn query(mut self, query: &str) -> Self {
        self.path = format!("{}?{query}", self.path);
        self
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    /// The body, or the query, names this record.
    pub(super) fn naming(mut self, id: &str) -> Self {
        self.ids.push(id.to_owned());
        self
    }

    /// The same call about the record of this id.
    pub(super) fn about(&self, id: &str) -> Self {
        let path = self.ids.iter().fold(self.path.clone(), |path, old| path.replace(old, id));
        let (method, body) = (self.method.clone(), self.body.clone());
        Self { method, path, body, headers: self.headers.clone(), ids: vec![id.to_owned()] }
    }

    /// The same call about records that are not.
    pub(super) fn absent(&self) -> Self {
        let mut text = self.body.as_ref().map(Value::to_string);
        let mut path = self.path.clone();
        let mut ids = Vec::new();
        for (id, number) in self.ids.iter().zip(1_u64..) {
            let other = format!("01890000-0000-7000-8000-{number:012}");
            path = path.replace(id, &other);
            text = text.map(|text| text.replace(id, &other));
            ids.push(other);
        }
        let body = text.map(|text| serde_json::from_str(&text).unwrap());
        Self { method: self.method.clone(), path, body, headers: self.headers.clone(), ids }
    }
}
