//! Whether the daemon lives, is ready, and how it does.
//!
//! `/health` says only that the process answers; it never asks the store. `/ready`
//! is 503 when a part is missing without which nobody can be served; other parts
//! may be down and are named.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use serde::Serialize;
use utoipa::ToSchema;
use warp::http::StatusCode;
use zelador_store::Timestamp;

use super::auth::Need;
use super::call::Call;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::time::Utc;

/// Where the facts come from.
#[async_trait]
pub trait Vitals: Send + Sync + 'static {
    /// Which parts are well.
    async fn checks(&self) -> Checks;
    /// How everything does.
    async fn status(&self) -> Status;
    /// The metrics, in Prometheus' text format.
    fn metrics(&self) -> String;
    /// The concerns that talk to a stand-in of their upstream, by name.
    fn sandbox(&self) -> Vec<String> {
        Vec::new()
    }
    /// The configuration in force.
    fn configuration(&self) -> Configuration {
        Configuration::default()
    }
}

/// Which parts are well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    /// By name: `database`, `redis`, `supervisor`, `config`, `disk`, a concern's.
    pub parts: BTreeMap<&'static str, bool>,
    /// Why a part is not well, in English, for the operator.
    pub reasons: BTreeMap<&'static str, String>,
    /// Whether callers can be served.
    pub ready: bool,
}

/// `GET /health`.
#[derive(Debug, Serialize, ToSchema)]
struct Health {
    /// Always `ok`.
    status: &'static str,
    /// Always `zelador`.
    service: &'static str,
    /// Now.
    timestamp: Utc,
}

/// `GET /ready`.
#[derive(Debug, Serialize, ToSchema)]
struct Ready {
    /// `ready` or `not_ready`.
    status: &'static str,
    /// Always `zelador`.
    service: &'static str,
    /// Now.
    timestamp: Utc,
    /// Which parts are well.
    checks: BTreeMap<&'static str, bool>,
    /// Why a part is not.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    reasons: BTreeMap<&'static str, String>,
}

/// `GET /status`.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Status {
    /// The release.
    pub version: String,
    /// Seconds since the start.
    pub uptime_seconds: u64,
    /// How many configurations have been in force since the start.
    pub config_generation: u64,
    /// Why the newest configuration is not in force, if it is not.
    pub config_error: Option<String>,
    /// Actors, by name.
    pub actors: Vec<ActorStatus>,
    /// Queues, by name.
    pub queues: Vec<QueueStatus>,
    /// Readers of the event log.
    pub consumers: Vec<ConsumerStatus>,
    /// What people and operators are told.
    pub notifications: NoticeStatus,
    /// What is sent to webhooks.
    pub webhooks: WebhookStatus,
    /// Bytes that the store takes on disk.
    pub store_bytes: u64,
    /// Concerns that talk to a stand-in of their upstream: nothing that they do is
    /// done to anybody.
    pub sandbox: Vec<String>,
}

/// How people and operators are told things.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct NoticeStatus {
    /// Whether mail is sent.
    pub email: bool,
    /// Whether a gateway to telephones is used.
    pub gateway: bool,
    /// Why nothing is sent at the moment, though it should be.
    pub error: Option<String>,
    /// The operator's texts that are in force.
    pub texts: Vec<String>,
    /// The operator's texts that are not: file, line, column, and why.
    pub text_problems: Vec<String>,
}

/// What is sent to webhooks.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct WebhookStatus {
    /// Tries under way.
    pub running: u64,
    /// Webhooks that wait for a place, or for the time of a next try.
    pub waiting: u64,
    /// Tries that arrived, since the start.
    pub delivered: u64,
    /// Tries that failed, since the start.
    pub failed: u64,
}

/// `GET /config`: what the daemon goes by.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct Configuration {
    /// Counts the configurations that took effect, from 1.
    pub generation: u64,
    /// When the one in force did.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub loaded_at: Option<Timestamp>,
    /// What is wrong with the file as it stands, with line and column; null: it is
    /// in force.
    pub error: Option<String>,
    /// Keys that the file gives another value than the one in force, until the
    /// next start.
    pub needs_restart: Vec<String>,
    /// Every key with its value in force; secrets are masked.
    #[schema(value_type = Object, additional_properties = true)]
    pub settings: serde_json::Value,
}

/// One actor, or a sort of them.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ActorStatus {
    /// Its name.
    pub name: String,
    /// Whether it runs.
    pub up: bool,
    /// How often it was started again.
    pub restarts: u64,
    /// Messages that wait for it.
    pub mailbox: u64,
}

/// One queue.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct QueueStatus {
    /// Its name.
    pub name: String,
    /// Whether it is paused.
    pub paused: bool,
    /// Jobs that could run.
    pub ready: u64,
    /// Jobs that wait for their time.
    pub scheduled: u64,
    /// Jobs that run.
    pub running: u64,
    /// Jobs that failed for good.
    pub failed: u64,
}

/// One reader of the event log.
#[derive(Debug, Clone, Default, Serialize, ToSchema)]
pub struct ConsumerStatus {
    /// Its name.
    pub name: String,
    /// The last event that it has handled.
    pub cursor: u64,
    /// Events it has not.
    pub lag: u64,
    /// Events that it gave up on.
    pub parked: u64,
}

/// The routes.
pub fn routes<C: Send + 'static>(vitals: &Arc<dyn Vitals>) -> Vec<Route<C>> {
    let (ready, metrics, status) = (vitals.clone(), vitals.clone(), vitals.clone());
    let config = vitals.clone();
    vec![
        Route::get("/health", Need::Open, |_, call: Call| async move { health(&call) })
            .part("service")
            .summary("Whether the process lives")
            .answers::<Health>(200),
        Route::get("/ready", Need::Open, move |_, call: Call| {
            let vitals = ready.clone();
            async move { readiness(vitals.checks().await, call.now) }
        })
        .part("service")
        .summary("Whether callers can be served")
        .answers::<Ready>(200),
        Route::get("/metrics", Need::Local, move |_, _| {
            let text = metrics.metrics();
            async move { Ok(Reply::bytes("text/plain; version=0.0.4; charset=utf-8", text)) }
        })
        .part("service")
        .summary("Metrics for Prometheus"),
        Route::get("/status", Need::Scope("status:read"), move |_, _| {
            let vitals = status.clone();
            async move { Reply::ok(&vitals.status().await) }
        })
        .part("service")
        .summary("How everything does")
        .answers::<Status>(200),
        Route::get("/config", Need::Operator, move |_, _| {
            let answer = Reply::ok(&config.configuration());
            async move { answer }
        })
        .part("service")
        .summary("The configuration in force, secrets masked")
        .answers::<Configuration>(200),
    ]
}

fn health(call: &Call) -> Result<Reply, Problem> {
    Reply::ok(&Health { status: "ok", service: "zelador", timestamp: call.now.into() })
}

fn readiness(checks: Checks, now: Timestamp) -> Result<Reply, Problem> {
    let (code, status) = if checks.ready {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    };
    let body = Ready {
        status,
        service: "zelador",
        timestamp: now.into(),
        checks: checks.parts,
        reasons: checks.reasons,
    };
    Reply::json(code, &body)
}
