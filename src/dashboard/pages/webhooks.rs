//! Webhooks of a tenant: how each does, what was sent to it, and sent again.

use std::sync::Arc;

use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::Method;

use crate::api::doors::Doors;
use crate::api::{Problem, Route};
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::frame::{Done, Frame, Outcome, act, look};
use crate::dashboard::html::{At, State, encoded};
use crate::dashboard::names::Tenants;
use crate::dashboard::visit::Visit;

#[derive(Debug, Deserialize)]
struct Webhook {
    id: String,
    url: String,
    events: Vec<String>,
    is_active: bool,
    has_secret: bool,
    disabled: Option<Disabled>,
    failing_since: Option<At>,
    last_error: Option<String>,
    last_success_at: Option<At>,
    replay_from: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Disabled {
    at: At,
    #[serde(default)]
    reason: String,
}

#[derive(Debug, Deserialize)]
struct Delivery {
    id: String,
    seq: Option<u64>,
    event: String,
    status: String,
    attempts: u16,
    next_attempt_at: Option<At>,
    response_code: Option<u16>,
    duration_ms: Option<u32>,
    error: Option<String>,
    response_excerpt: Option<String>,
    updated_at: At,
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![
        look(dashboard, "/dashboard/webhooks", list),
        look(dashboard, "/dashboard/webhooks/{tenant}/{id}", show),
        act(dashboard, "/dashboard/webhooks/{tenant}/{id}/test", test),
        act(dashboard, "/dashboard/webhooks/{tenant}/{id}/switch", switch),
        act(dashboard, "/dashboard/webhooks/{tenant}/{id}/replay", replay),
        act(dashboard, "/dashboard/webhooks/{tenant}/{id}/{delivery}/redeliver", redeliver),
    ]
}

#[derive(Template)]
#[template(path = "webhooks.html")]
struct List {
    f: Frame,
    tenants: Tenants,
    tenant: String,
    webhooks: Vec<Webhook>,
}

async fn list(visit: Arc<Visit>) -> Outcome {
    let tenants = Tenants::of(&visit).await?;
    let own = visit.who.tenant().map(|id| id.to_string()).unwrap_or_default();
    let tenant = if tenants.id().is_empty() { own } else { tenants.id().to_owned() };
    let mut webhooks = Vec::new();
    if !tenant.is_empty() {
        let target = format!("/tenants/{}/webhooks?limit=100", encoded(&tenant));
        webhooks = visit.get(&target).await?;
    }
    let f = Frame::new(&visit, "webhooks", visit.text.s("menu-webhooks"));
    Done::page(&List { f, tenants, tenant, webhooks })
}

#[derive(Template)]
#[template(path = "webhook.html")]
struct Shown {
    f: Frame,
    tenant: String,
    webhook: Webhook,
    status: String,
    statuses: [&'static str; 3],
    deliveries: Vec<Delivery>,
    next: Option<Address>,
    may: bool,
}

/// The webhook as the interface for programs calls it.
fn place(visit: &Visit) -> String {
    format!("/tenants/{}/webhooks/{}", visit.param("tenant"), visit.param("id"))
}

async fn show(visit: Arc<Visit>) -> Outcome {
    let place = place(&visit);
    let webhook: Webhook = visit.get(&place).await?;
    let status = visit.asked("status").unwrap_or_default();
    let target = Address::new(format!("{place}/deliveries")).with("limit", "50");
    let target = target.and("status", Some(&status)).and("cursor", visit.asked("cursor"));
    let (deliveries, next) = visit.list(target.text()).await?;
    let own = format!("/dashboard/webhooks/{}/{}", visit.param("tenant"), visit.param("id"));
    Done::page(&Shown {
        f: Frame::new(&visit, "webhooks", webhook.url.clone()),
        tenant: visit.param("tenant"),
        may: visit.may(&Method::POST, &format!("{place}/test")),
        next: next.map(|c| Address::new(own).and("status", Some(&status)).with("cursor", c)),
        statuses: ["pending", "delivered", "failed"],
        webhook,
        status,
        deliveries,
    })
}

impl Shown {
    fn state(&self, word: &str) -> State {
        State::new(word, &self.f.t.word("state", word))
    }
}

type Deed = Result<(String, Option<String>), Problem>;

async fn test(visit: Arc<Visit>) -> Deed {
    visit.tell(Method::POST, &format!("{}/test", place(&visit)), Value::Null).await?;
    Ok((visit.text.s("webhook-test-done"), None))
}

async fn switch(visit: Arc<Visit>) -> Deed {
    let on = visit.browser.field("on") == "yes";
    visit.tell(Method::PATCH, &place(&visit), json!({ "is_active": on })).await?;
    let said = if on { visit.text.s("webhook-on-done") } else { visit.text.s("webhook-off-done") };
    Ok((said, None))
}

async fn replay(visit: Arc<Visit>) -> Deed {
    #[derive(Deserialize)]
    struct Again {
        count: u64,
    }
    let target = format!("{}/redeliver", place(&visit));
    let body = json!({ "from": "last_success" });
    let Again { count } = visit.tell(Method::POST, &target, body).await?.read()?;
    Ok((visit.text.n("webhook-replay-done", count), None))
}

async fn redeliver(visit: Arc<Visit>) -> Deed {
    let target = format!("{}/deliveries/{}/redeliver", place(&visit), visit.param("delivery"));
    visit.tell(Method::POST, &target, Value::Null).await?;
    Ok((visit.text.s("redeliver-done"), None))
}
