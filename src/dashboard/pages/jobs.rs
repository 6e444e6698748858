//! Jobs: found by state, queue and kind; looked into; tried again, called off.

use std::sync::Arc;

use askama::Template;
use serde::Deserialize;
use serde_json::Value;
use warp::http::Method;

use crate::api::Route;
use crate::api::doors::Doors;
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::frame::{Done, Frame, Outcome, act, look};
use crate::dashboard::html::{At, State, spell};
use crate::dashboard::visit::Visit;

/// Jobs on a page.
const PAGE: &str = "50";
/// The states, as tabs.
const STATES: [&str; 6] = ["failed", "running", "ready", "scheduled", "succeeded", "cancelled"];

/// A job.
#[derive(Debug, Deserialize)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) queue: String,
    pub(super) state: String,
    args: Value,
    pub(super) tries: u16,
    pub(super) max_tries: u16,
    run_at: Option<At>,
    priority: u8,
    pub(super) progress: Option<Progress>,
    pub(super) error: Option<String>,
    history: Vec<Attempt>,
    unique_key: Option<String>,
    user_id: Option<String>,
    cancel_requested: bool,
    created_at: At,
    pub(super) started_at: Option<At>,
    pub(super) ended_at: Option<At>,
}

/// How far a job is.
#[derive(Debug, Deserialize)]
pub(super) struct Progress {
    pub(super) done: u64,
    pub(super) total: u64,
    pub(super) text: String,
}

/// A try of a job.
#[derive(Debug, Deserialize)]
struct Attempt {
    r#try: u16,
    started_at: At,
    ended_at: At,
    outcome: String,
    error: Option<String>,
}

impl Attempt {
    fn took(&self) -> String {
        let read = |at: &At| at.raw().parse::<jiff::Timestamp>().ok();
        match (read(&self.started_at), read(&self.ended_at)) {
            (Some(from), Some(to)) => spell(to.duration_since(from).as_secs_f64()),
            _ => "–".to_owned(),
        }
    }
}

impl Job {
    fn has_ended(&self) -> bool {
        ["succeeded", "failed", "cancelled"].contains(&self.state.as_str())
    }

    /// Retrying is the thing to do with what failed, and merely possible otherwise.
    fn retry_looks(&self) -> &'static str {
        if self.state == "failed" { "" } else { "quiet" }
    }

    /// What there is to say about when, in a list.
    fn when(&self) -> &At {
        let ended = self.ended_at.as_ref().filter(|_| self.has_ended());
        let due = self.run_at.as_ref().filter(|_| self.state == "scheduled");
        let began = self.started_at.as_ref().filter(|_| self.state == "running");
        ended.or(due).or(began).unwrap_or(&self.created_at)
    }

    fn arguments(&self) -> String {
        serde_json::to_string_pretty(&self.args).unwrap_or_default()
    }
}

/// A queue, by name and failed jobs.
#[derive(Debug, Deserialize)]
struct Queue {
    name: String,
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    let deed = |path, word: &'static str| {
        act(dashboard, path, move |visit| async move {
            let target = format!("/jobs/{}/{word}", visit.param("id"));
            visit.tell(Method::POST, &target, Value::Null).await?;
            Ok((visit.text.s(&format!("job-{word}-done")), None))
        })
    };
    vec![
        look(dashboard, "/dashboard/jobs", list),
        look(dashboard, "/dashboard/jobs/{id}", show),
        deed("/dashboard/jobs/{id}/retry", "retry"),
        deed("/dashboard/jobs/{id}/cancel", "cancel"),
        deed("/dashboard/jobs/{id}/run", "run"),
    ]
}

/// A state to choose.
struct Tab {
    href: Address,
    text: String,
    current: bool,
}

#[derive(Template)]
#[template(path = "jobs.html")]
struct List {
    f: Frame,
    tabs: Vec<Tab>,
    state: String,
    queue: String,
    kind: String,
    queues: Vec<Queue>,
    jobs: Vec<Job>,
    next: Option<Address>,
    may: bool,
}

async fn list(visit: Arc<Visit>) -> Outcome {
    let asked = |name| visit.asked(name).unwrap_or_default();
    let (state, queue, kind) = (asked("state"), asked("queue"), asked("kind"));
    let narrowed = |path: &str, state: &str| {
        Address::new(path)
            .and("state", Some(state))
            .and("queue", Some(&queue))
            .and("kind", Some(&kind))
    };
    let target = narrowed("/jobs", &state).with("limit", PAGE).and("cursor", visit.asked("cursor"));
    let (jobs, next) = visit.list(target.text()).await?;
    let queues = visit.perhaps("/queues?limit=100").await?.unwrap_or_default();
    let tab = |word: &str| Tab {
        href: narrowed("/dashboard/jobs", word),
        text: match word {
            "" => visit.text.s("all"),
            word => visit.text.word("state", word),
        },
        current: word == state,
    };
    let next = next.map(|cursor| narrowed("/dashboard/jobs", &state).with("cursor", cursor));
    let tabs = std::iter::once("").chain(STATES).map(tab).collect();
    let may = visit.may(&Method::POST, "/jobs/retry-all");
    let f = Frame::new(&visit, "jobs", visit.text.s("menu-jobs"));
    Done::page(&List { f, tabs, state, queue, kind, queues, jobs, next, may })
}

impl List {
    fn state_of(&self, job: &Job) -> State {
        State::new(&job.state, &self.f.t.word("state", &job.state))
    }

    fn sweep(&self, what: &str) -> Address {
        Address::new("/dashboard/jobs/sweep")
            .with("do", what)
            .and("queue", Some(&self.queue))
            .and("kind", Some(&self.kind))
    }
}

#[derive(Template)]
#[template(path = "job.html")]
struct Shown {
    f: Frame,
    job: Job,
    may: bool,
}

async fn show(visit: Arc<Visit>) -> Outcome {
    let job: Job = visit.get(&format!("/jobs/{}", visit.param("id"))).await?;
    let may = visit.may(&Method::POST, "/jobs/0/retry");
    let f = Frame::new(&visit, "jobs", job.kind.clone());
    Done::page(&Shown { f, job, may })
}

impl Shown {
    fn state(&self, word: &str) -> State {
        State::new(word, &self.f.t.word("state", word))
    }
}
