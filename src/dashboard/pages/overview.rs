//! `/`: how everything does, on one page.
//!
//! Each part is asked for by itself: one that the reader's role may not see is left
//! out, and one that fails says so in its place and takes nothing else with it.

mod charts;
mod drive;
mod parts;

use std::collections::BTreeMap;

use askama::Template;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use warp::http::Method;

use self::charts::{Chart, charts};
use self::drive::{Card, Drive, Watch};
use self::parts::{Day, Load, Next, Standing};
use super::jobs::{Job, Progress};
use crate::api::doors::Doors;
use crate::api::{Problem, Route};
use crate::dashboard::Dashboard;
use crate::dashboard::flash;
use crate::dashboard::frame::{Done, Frame, Outcome, act};
use crate::dashboard::html::{self, At, State};
use crate::dashboard::visit::Visit;

/// Jobs of a state that are shown.
const JOBS: u32 = 8;

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    let switch = |path, word: &'static str| {
        act(dashboard, path, move |visit| async move {
            let target = format!("/queues/{}/{word}", visit.param("name"));
            visit.tell(Method::POST, &target, Value::Null).await?;
            Ok((visit.text.v(&format!("queue-{word}-done"), visit.param("name")), None))
        })
    };
    vec![
        switch("/dashboard/queues/{name}/pause", "pause"),
        switch("/dashboard/queues/{name}/resume", "resume"),
    ]
}

/// `/ready`, of which a refusal is an answer, too.
#[derive(Debug, Default, Deserialize)]
struct Ready {
    #[serde(default)]
    status: String,
    #[serde(default)]
    reasons: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Service {
    version: String,
    uptime_seconds: f64,
    config_error: Option<String>,
    actors: Vec<Actor>,
    consumers: Vec<Reader>,
    webhooks: Sending,
    store_bytes: u64,
}

#[derive(Debug, Deserialize)]
struct Actor {
    name: String,
    up: bool,
    restarts: u64,
    mailbox: u64,
}

#[derive(Debug, Deserialize)]
struct Reader {
    name: String,
    lag: u64,
    parked: u64,
}

#[derive(Debug, Deserialize)]
struct Sending {
    running: u64,
    waiting: u64,
    delivered: u64,
    failed: u64,
}

#[derive(Debug, Deserialize)]
struct Run {
    job_id: String,
    state: String,
    created: u64,
    updated: u64,
    skipped: u64,
    errors: u64,
    progress: Option<Progress>,
    started_at: Option<At>,
}

#[derive(Debug, Deserialize)]
struct Instance {
    name: String,
    #[serde(default)]
    current_users: u64,
    #[serde(default)]
    max_users: u64,
    #[serde(default)]
    health: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    f: Frame,
    troubles: Vec<String>,
    ready: Option<Ready>,
    service: Option<Service>,
    charts: Vec<Chart>,
    queues: Option<Vec<Load>>,
    running: Option<Vec<Job>>,
    failed: Option<Vec<Job>>,
    day: Option<Day>,
    people: Option<Vec<Standing>>,
    next: Option<Vec<Next>>,
    runs: Option<Vec<Run>>,
    instances: Option<Vec<Instance>>,
    drive: Option<Card>,
}

/// The overview, for its reader.
pub(in crate::dashboard) async fn overview(visit: &Visit) -> Outcome {
    let mut asking = Asking { visit, troubles: Vec::new() };
    let jobs = |state: &str| format!("/jobs?state={state}&limit={JOBS}");
    let page = Overview {
        f: Frame::new(visit, "overview", visit.text.s("menu-overview")),
        ready: asking.ready().await,
        service: asking.get("/status").await,
        queues: asking.get("/queues?limit=100").await,
        running: asking.get(&jobs("running")).await,
        failed: asking.get(&jobs("failed")).await,
        runs: asking.get("/wispro/syncs?limit=3").await,
        instances: asking.get("/admin/instances?limit=20").await,
        drive: asking.drive().await,
        day: asking.keep(parts::day(visit).await),
        people: asking.keep(parts::people(visit).await),
        next: asking.keep(parts::next(visit).await),
        charts: charts(visit),
        troubles: asking.troubles,
    };
    Done::page(&page)
}

/// Asks for parts, and keeps what went wrong.
struct Asking<'a> {
    visit: &'a Visit,
    troubles: Vec<String>,
}

impl Asking<'_> {
    async fn get<T: DeserializeOwned>(&mut self, target: &str) -> Option<T> {
        let path = target.split('?').next().unwrap_or_default();
        if !self.visit.may(&Method::GET, path) {
            return None;
        }
        self.keep(self.visit.perhaps(target).await)
    }

    async fn drive(&mut self) -> Option<Card> {
        let watch: Option<Watch> = self.get("/drive").await;
        let drive: Drive = self.get("/drive/counts").await?;
        Some(drive.card(watch, self.visit.text))
    }

    async fn ready(&mut self) -> Option<Ready> {
        self.get("/ready").await
    }

    fn keep<T>(&mut self, part: Result<Option<T>, Problem>) -> Option<T> {
        part.unwrap_or_else(|problem| {
            problem.log();
            self.troubles.push(flash::words(&problem, self.visit.text));
            None
        })
    }
}

/// What the template asks.
impl Overview {
    fn up(&self) -> usize {
        self.service.iter().flat_map(|service| &service.actors).filter(|actor| actor.up).count()
    }

    fn restarts(&self) -> u64 {
        self.service.iter().flat_map(|service| &service.actors).map(|actor| actor.restarts).sum()
    }

    fn lag(&self) -> u64 {
        self.service.iter().flat_map(|service| &service.consumers).map(|reader| reader.lag).sum()
    }

    fn parked(&self) -> u64 {
        self.service.iter().flat_map(|service| &service.consumers).map(|reader| reader.parked).sum()
    }

    /// How many jobs failed, in all queues.
    fn failed_in_all(&self) -> u64 {
        self.queues.iter().flatten().map(|queue| queue.failed).sum()
    }

    fn state(&self, word: &str) -> State {
        State::new(word, &self.f.t.word("state", word))
    }
}
