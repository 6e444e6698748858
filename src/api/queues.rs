//! Queues: what waits in them, paused and resumed.

use serde::Serialize;
use utoipa::ToSchema;
use zelador_actors::engine::jobs::QueueView;
use zelador_store::Timestamp;
use zelador_store::job::JobState;

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::page;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;

const READ: Need = Need::Global("queues:read");
const WRITE: Need = Need::Global("queues:write");

/// A queue and what is in it.
#[derive(Debug, Serialize, ToSchema)]
struct QueueRecord {
    /// Its name.
    #[schema(example = "default")]
    name: String,
    /// Nothing in it is started.
    paused: bool,
    /// How many of its jobs run at once, at most.
    concurrency: u32,
    /// How many of its jobs start per second, at most; null: no limit.
    rate_per_second: Option<f64>,
    /// Jobs that wait for a free place.
    ready: u64,
    /// Jobs that wait for their time.
    scheduled: u64,
    /// Jobs that are being worked on.
    running: u64,
    /// Jobs that were given up and are still kept.
    failed: u64,
    /// Jobs that succeeded and are still kept.
    succeeded: u64,
    /// Jobs that were called off and are still kept.
    cancelled: u64,
    /// Jobs that succeed per minute, at present.
    throughput: f64,
    /// Seconds that the job next in line has waited; null: none waits.
    oldest_wait_seconds: Option<f64>,
}

/// Whether a queue starts jobs.
#[derive(Debug, Serialize, ToSchema)]
struct QueuePause {
    /// Its name.
    name: String,
    /// Nothing in it is started.
    paused: bool,
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/queues", READ, list)
            .summary("List queues and what is in them")
            .lists::<QueueRecord>(),
        Route::post("/queues/{name}/pause", WRITE, |doors, call| pause(doors, call, true))
            .summary("Start nothing more of a queue; what runs goes on")
            .answers::<QueuePause>(200)
            .refuses(404, "not_found"),
        Route::post("/queues/{name}/resume", WRITE, |doors, call| pause(doors, call, false))
            .summary("Start jobs of a queue again")
            .answers::<QueuePause>(200)
            .refuses(404, "not_found"),
    ]
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let views = doors.jobs.queues().await?;
    let (views, next) = page::cut(views, &call.page, |view| view.name.clone());
    let mut rows = Vec::with_capacity(views.len());
    for view in views {
        let throughput = doors.jobs.throughput(&view.name).await?;
        rows.push(record(view, throughput, call.now));
    }
    Reply::list(&rows, next)
}

async fn pause(doors: Doors, mut call: Call, paused: bool) -> Result<Reply, Problem> {
    let name = call.param("name").to_owned();
    let show = {
        let name = name.clone();
        move |paused: &bool| Reply::ok(&QueuePause { name: name.clone(), paused: *paused })
    };
    let keep = call.keep(show.clone());
    doors.jobs.pause(&name, paused, keep.as_ref(), Some(&call.author())).await?;
    show(&paused)
}

fn record(view: QueueView, throughput: f64, now: Timestamp) -> QueueRecord {
    QueueRecord {
        paused: view.paused,
        concurrency: view.settings.concurrency,
        rate_per_second: view.settings.rate_per_second,
        ready: view.count(JobState::Ready),
        scheduled: view.count(JobState::Scheduled),
        running: view.count(JobState::Running),
        failed: view.count(JobState::Failed),
        succeeded: view.count(JobState::Succeeded),
        cancelled: view.count(JobState::Cancelled),
        throughput,
        oldest_wait_seconds: view.oldest_ready.map(|at| now.since(at).as_secs_f64()),
        name: view.name,
    }
}
