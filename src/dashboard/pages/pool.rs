//! The Nextcloud instances: how full, how they do, what keeps one from being asked.

use std::sync::Arc;

use askama::Template;
use serde::Deserialize;
use serde_json::Value;
use warp::http::Method;

use crate::api::Route;
use crate::api::doors::Doors;
use crate::dashboard::Dashboard;
use crate::dashboard::frame::{Done, Frame, Outcome, act, look};
use crate::dashboard::html::{At, State};
use crate::dashboard::visit::Visit;

#[derive(Debug, Deserialize)]
struct Instance {
    id: String,
    name: String,
    base_url: String,
    management_method: String,
    status: String,
    max_users: u64,
    current_users: u64,
    user_count: Option<u64>,
    health: String,
    breaker: String,
    breaker_until: Option<At>,
    error: Option<Trouble>,
    latency_ms: Option<u32>,
    version_string: Option<String>,
    maintenance: bool,
    last_health_check: Option<At>,
}

#[derive(Debug, Deserialize)]
struct Trouble {
    class: String,
    message: String,
}

pub(super) fn routes(dashboard: &Dashboard) -> Vec<Route<Doors>> {
    vec![
        look(dashboard, "/dashboard/pool", list),
        act(dashboard, "/dashboard/pool/{id}/check", |visit| async move {
            #[derive(Deserialize)]
            struct Checked {
                healthy: bool,
            }
            let target = format!("/admin/instances/{}/health-check", visit.param("id"));
            let told = visit.tell(Method::POST, &target, Value::Null).await?;
            let word = if told.read::<Checked>()?.healthy { "healthy" } else { "unhealthy" };
            Ok((visit.text.v("pool-checked", visit.text.word("state", word)), None))
        }),
        act(dashboard, "/dashboard/pool/retry-failed", |visit| async move {
            #[derive(Deserialize)]
            struct Again {
                requeued: u64,
            }
            let told =
                visit.tell(Method::POST, "/admin/nextcloud/retry-failed", Value::Null).await?;
            Ok((visit.text.n("pool-requeued", told.read::<Again>()?.requeued), None))
        }),
    ]
}

#[derive(Template)]
#[template(path = "pool.html")]
struct Pool {
    f: Frame,
    instances: Vec<Instance>,
    may: bool,
}

async fn list(visit: Arc<Visit>) -> Outcome {
    let (instances, _) = visit.list("/admin/instances?limit=500").await?;
    let may = visit.may(&Method::POST, "/admin/nextcloud/retry-failed");
    let f = Frame::new(&visit, "pool", visit.text.s("menu-pool"));
    Done::page(&Pool { f, instances, may })
}

impl Pool {
    fn state(&self, word: &str) -> State {
        State::new(word, &self.f.t.word("state", word))
    }
}
