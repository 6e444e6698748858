//! Runs of the Wispro sync: how far, what they changed, and the two answers to one
//! that stopped and asks.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use serde::Deserialize;
use serde_json::{Value, json};
use warp::http::Method;

use super::jobs::Progress;
use crate::api::doors::Doors;
use crate::api::{Problem, Route};
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::frame::{Done, Frame, Outcome, act, look};
use crate::dashboard::html::{At, State, spell};
use crate::dashboard::visit::Visit;

#[derive(Debug, Deserialize)]
struct Sync {
    job_id: String,
    state: String,
    dry_run: bool,
    sandbox: bool,
    created: u64,
    updated: u64,
    unchanged: u64,
    skipped: u64,
    errors: u64,
    seen: u64,
    would_create: u64,
    would_update: u64,
    fields: BTreeMap<String, u64>,
    said: BTreeMap<String, u64>,
    page: u32,
    pages: u32,
    brake: Option<Brake>,
    approved: bool,
    error: Option<String>,
    started_at: Option<At>,
    ended_at: Option<At>,
    duration_seconds: Option<f64>,
    progress: Option<Progress>,
    #[serde(default)]
    lines: Vec<Line>,
}

#[derive(Debug, Deserialize)]
struct Brake {
    rule: String,
    found: u64,
    limit: u64,
}

#[derive(Debug, Deserialize)]
struct Line {
    at: At,
    client_id: Option<String>,
    sort: String,
    code: String,
    detail: Option<String>,
    user_id: Option<String>,
}

impl Sync {
    fn took(&self) -> String {
        self.duration_seconds.map_or("–".to_owned(), spell)
    }

    fn asks(&self) -> bool {
        self.state == "braked"
    }
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    let decide = |path, word: &'static str| {
        act(dashboard, path, move |visit| async move {
            let target = format!("/wispro/syncs/{}/{word}", visit.param("id"));
            visit.tell(Method::POST, &target, Value::Null).await?;
            Ok((visit.text.s(&format!("sync-{word}-done")), None))
        })
    };
    vec![
        look(dashboard, "/dashboard/sync", list),
        look(dashboard, "/dashboard/sync/{id}", show),
        act(dashboard, "/dashboard/sync", start),
        decide("/dashboard/sync/{id}/approve", "approve"),
        decide("/dashboard/sync/{id}/discard", "discard"),
    ]
}

#[derive(Template)]
#[template(path = "syncs.html")]
struct List {
    f: Frame,
    runs: Vec<Sync>,
    next: Option<Address>,
    may: bool,
    key: String,
}

async fn list(visit: Arc<Visit>) -> Outcome {
    let target = Address::new("/wispro/syncs").with("limit", "30");
    let (runs, next) = visit.list(target.and("cursor", visit.asked("cursor")).text()).await?;
    Done::page(&List {
        f: Frame::new(&visit, "sync", visit.text.s("menu-sync")),
        may: visit.may(&Method::POST, "/users/sync-wispro-all"),
        next: next.map(|cursor| Address::new("/dashboard/sync").with("cursor", cursor)),
        key: visit.within.random(),
        runs,
    })
}

impl List {
    fn state(&self, word: &str) -> State {
        State::new(word, &self.f.t.word("state", word))
    }
}

#[derive(Template)]
#[template(path = "sync.html")]
struct Shown {
    f: Frame,
    run: Sync,
    may: bool,
}

async fn show(visit: Arc<Visit>) -> Outcome {
    let run: Sync = visit.get(&format!("/wispro/syncs/{}", visit.param("id"))).await?;
    let may = visit.may(&Method::POST, "/wispro/syncs/x/approve");
    let f = Frame::new(&visit, "sync", visit.text.s("sync-run"));
    Done::page(&Shown { f, run, may })
}

impl Shown {
    fn state(&self, word: &str) -> State {
        State::new(word, &self.f.t.word("state", word))
    }
}

async fn start(visit: Arc<Visit>) -> Result<(String, Option<String>), Problem> {
    #[derive(Deserialize)]
    struct Started {
        message: String,
        job_id: String,
    }
    let dry_run = visit.browser.field("dry_run") == "yes";
    let mut body = json!({ "dry_run": dry_run });
    if let Some(pages) = visit.field("max_pages").and_then(|text| text.parse::<u32>().ok())
        && let Some(body) = body.as_object_mut()
    {
        body.insert("max_pages".to_owned(), pages.into());
    }
    let told = visit.tell(Method::POST, "/users/sync-wispro-all", body).await?;
    let Started { message, job_id } = told.read()?;
    Ok((message, Some(format!("/dashboard/sync/{job_id}"))))
}
