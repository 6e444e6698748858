//! The log of events, its newest end; who reads it, how far they are, and what they
//! gave up on.

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
use crate::dashboard::html::At;
use crate::dashboard::names::Tenants;
use crate::dashboard::visit::Visit;

/// Events on a page.
const PAGE: &str = "100";

#[derive(Debug, Deserialize)]
struct Event {
    seq: u64,
    r#type: String,
    tenant_id: Option<String>,
    user_id: Option<String>,
    occurred_at: At,
    data: Value,
}

impl Event {
    fn shown(&self) -> String {
        serde_json::to_string_pretty(&self.data).unwrap_or_default()
    }
}

#[derive(Debug, Deserialize)]
struct Consumer {
    name: String,
    kind: String,
    cursor: u64,
    lag: u64,
    parked: u64,
    tries: u16,
    last_error: Option<String>,
    detached: bool,
}

#[derive(Debug, Deserialize)]
struct GivenUp {
    seq: u64,
    error: String,
    tries: u16,
    parked_at: At,
    event: Option<Event>,
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![
        look(dashboard, "/dashboard/events", list),
        look(dashboard, "/dashboard/consumers/{name}", show),
        act(dashboard, "/dashboard/consumers/{name}/retry", retry),
        act(dashboard, "/dashboard/consumers/{name}/replay", replay),
        act(dashboard, "/dashboard/consumers/{name}/parked/{seq}/discard", discard),
    ]
}

#[derive(Template)]
#[template(path = "events.html")]
struct List {
    f: Frame,
    tenants: Tenants,
    kind: String,
    events: Vec<Event>,
    consumers: Vec<Consumer>,
}

async fn list(visit: Arc<Visit>) -> Outcome {
    let tenants = Tenants::if_asked(&visit).await?;
    let kind = visit.asked("type").unwrap_or_default();
    let target = Address::new("/events").and("tenant_id", Some(tenants.id()));
    let target = target.and("type", Some(&kind)).with("limit", PAGE).with("last", PAGE);
    let (mut events, _): (Vec<Event>, _) = visit.list(target.text()).await?;
    events.reverse();
    let consumers = visit.perhaps("/events/consumers?limit=100").await?.unwrap_or_default();
    let f = Frame::new(&visit, "events", visit.text.s("menu-events"));
    Done::page(&List { f, tenants, kind, events, consumers })
}

#[derive(Template)]
#[template(path = "consumer.html")]
struct Shown {
    f: Frame,
    name: String,
    consumer: Option<Consumer>,
    parked: Vec<GivenUp>,
    next: Option<Address>,
    may: bool,
}

async fn show(visit: Arc<Visit>) -> Outcome {
    let name = visit.param("name");
    let target = Address::new(format!("/events/consumers/{name}/parked")).with("limit", "50");
    let (parked, next) = visit.list(target.and("cursor", visit.asked("cursor")).text()).await?;
    let all: Vec<Consumer> = visit.get("/events/consumers?limit=500").await?;
    let consumer = all.into_iter().find(|consumer| consumer.name == name);
    Done::page(&Shown {
        f: Frame::new(&visit, "events", name.clone()),
        may: visit.may(&Method::POST, "/events/consumers/x/replay"),
        next: next.map(|c| Address::new(format!("/dashboard/consumers/{name}")).with("cursor", c)),
        name,
        consumer,
        parked,
    })
}

type Deed = Result<(String, Option<String>), Problem>;

async fn retry(visit: Arc<Visit>) -> Deed {
    #[derive(Deserialize)]
    struct Swept {
        handled: u64,
        failed: u64,
    }
    let target = format!("/events/consumers/{}/parked/retry-all", visit.param("name"));
    let swept: Swept = visit.tell(Method::POST, &target, Value::Null).await?.read()?;
    let text = visit.text;
    let (handled, failed) =
        (text.n("parked-handled", swept.handled), text.n("parked-failed", swept.failed));
    Ok((format!("{handled} {failed}"), None))
}

async fn replay(visit: Arc<Visit>) -> Deed {
    let target = format!("/events/consumers/{}/replay", visit.param("name"));
    let from: u64 = visit.browser.field("from").parse().unwrap_or_default();
    visit.tell(Method::POST, &target, json!({ "from": from })).await?;
    Ok((visit.text.n("replay-done", from), None))
}

async fn discard(visit: Arc<Visit>) -> Deed {
    let (name, seq) = (visit.param("name"), visit.param("seq"));
    let target = format!("/events/consumers/{name}/parked/{seq}");
    visit.tell(Method::DELETE, &target, Value::Null).await?;
    Ok((visit.text.s("parked-discarded"), None))
}
