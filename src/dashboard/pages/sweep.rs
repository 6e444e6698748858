//! All failed jobs at once: first how many, then the deed.

use std::sync::Arc;

use askama::Template;
use serde::Deserialize;
use serde_json::Value;
use warp::http::Method;

use crate::api::doors::Doors;
use crate::api::{Problem, Route};
use crate::dashboard::Dashboard;
use crate::dashboard::address::Address;
use crate::dashboard::frame::{Done, Frame, Outcome, act, look};
use crate::dashboard::visit::Visit;

/// Jobs that are counted; more are "so many and more".
const COUNTED: &str = "500";

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![
        look(dashboard, "/dashboard/jobs/sweep", ask),
        act(dashboard, "/dashboard/jobs/sweep", sweep),
    ]
}

#[derive(Template)]
#[template(path = "sweep.html")]
struct Sweep {
    f: Frame,
    what: &'static str,
    count: String,
    none: bool,
    queue: String,
    kind: String,
}

/// What is to be done: with a word that is not known, the harmless one.
fn meant(word: &str) -> &'static str {
    if word == "forget" { "forget" } else { "retry" }
}

async fn ask(visit: Arc<Visit>) -> Outcome {
    let what = meant(&visit.asked("do").unwrap_or_default());
    let (queue, kind) = (visit.asked("queue"), visit.asked("kind"));
    let target = Address::new("/jobs").with("state", "failed").with("limit", COUNTED);
    let target = target.and("queue", queue.as_ref()).and("kind", kind.as_ref());
    let (rows, next): (Vec<Value>, _) = visit.list(target.text()).await?;
    let more = if next.is_some() { "+" } else { "" };
    Done::page(&Sweep {
        f: Frame::new(&visit, "jobs", visit.text.s(&format!("sweep-{what}-title"))),
        what,
        count: format!("{}{more}", rows.len()),
        none: rows.is_empty(),
        queue: queue.unwrap_or_default(),
        kind: kind.unwrap_or_default(),
    })
}

#[derive(Deserialize)]
struct Retried {
    retried: u64,
}

async fn sweep(visit: Arc<Visit>) -> Result<(String, Option<String>), Problem> {
    let narrowed = |path: &str| {
        Address::new(path).and("queue", visit.field("queue")).and("kind", visit.field("kind"))
    };
    let back = narrowed("/dashboard/jobs").with("state", "failed").to_string();
    if meant(visit.browser.field("do")) == "forget" {
        let target = narrowed("/jobs").with("state", "failed");
        visit.tell(Method::DELETE, target.text(), Value::Null).await?;
        return Ok((visit.text.s("sweep-forget-done"), Some(back)));
    }
    let target = narrowed("/jobs/retry-all");
    let told = visit.tell(Method::POST, target.text(), Value::Null).await?;
    let Retried { retried } = told.read()?;
    Ok((visit.text.n("sweep-retry-done", retried), Some(back)))
}
