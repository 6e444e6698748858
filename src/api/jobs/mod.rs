//! Jobs: enqueued, looked at, called off, tried again.
//!
//! For the operator, and for service tokens that are bound to no tenant: a queue
//! is everybody's.

mod commands;
mod shapes;

use serde_json::json;
use zelador_actors::engine::jobs::JobQuery;
use zelador_store::id::BatchId;
use zelador_store::job::JobState;

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
pub(super) use commands::{enqueued_reply, keep_alone};
pub(super) use shapes::JobRecord;
pub(super) use shapes::record;
use shapes::{BatchRecord, BatchStarted, Cancelled, JobDraft, JobDrafts, JobFilter, Retried};
use shapes::{ForgetFilter, SweepFilter};

const READ: Need = Need::Global("jobs:read");
const WRITE: Need = Need::Global("jobs:write");

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    reading().into_iter().chain(making()).chain(changing()).collect()
}

fn reading() -> Vec<Route<Doors>> {
    vec![
        Route::get("/jobs", READ, list)
            .summary("List jobs, the newest first; waiting ones of a state in their order")
            .filters::<JobFilter>()
            .lists::<JobRecord>(),
        Route::get("/jobs/{id}", READ, show)
            .summary("A job with its tries")
            .answers::<JobRecord>(200)
            .refuses(404, "not_found"),
        Route::get("/jobs/batch/{id}", READ, show_batch)
            .summary("How far jobs are that were enqueued together")
            .answers::<BatchRecord>(200)
            .refuses(404, "not_found"),
    ]
}

fn making() -> Vec<Route<Doors>> {
    vec![
        Route::post("/jobs", WRITE, commands::create)
            .summary("Enqueue a job; a live one with the same unique_key is answered with 200")
            .takes::<JobDraft>()
            .answers::<JobRecord>(201)
            .refuses(403, "operators_only")
            .refuses(409, "job_exists")
            .example(json!({ "kind": "diagnostic", "args": { "sleep_ms": 500 } })),
        Route::post("/jobs/batch", WRITE, commands::create_batch)
            .summary("Enqueue up to 1000 jobs, all or none")
            .takes::<JobDrafts>()
            .answers::<BatchStarted>(201)
            .refuses(409, "job_exists")
            .example(json!([{ "kind": "diagnostic" }, { "kind": "diagnostic" }])),
    ]
}

fn changing() -> Vec<Route<Doors>> {
    let one = |route: Route<Doors>| route.answers::<JobRecord>(200).refuses(404, "not_found");
    vec![
        one(Route::post("/jobs/{id}/retry", WRITE, commands::retry))
            .summary("Give a job that has ended all its tries again")
            .refuses(409, "job_is_live")
            .refuses(409, "job_exists"),
        one(Route::post("/jobs/{id}/cancel", WRITE, commands::cancel))
            .summary("Call a job off; one that runs is asked to stop")
            .refuses(409, "job_has_ended"),
        one(Route::post("/jobs/{id}/run", WRITE, commands::run))
            .summary("Let a job that waits for its time start at once")
            .refuses(409, "job_is_not_scheduled"),
        Route::post("/jobs/retry-all", WRITE, commands::retry_all)
            .summary("Give every failed job all its tries again")
            .filters::<SweepFilter>()
            .answers::<Retried>(200),
        Route::post("/jobs/batch/{id}/cancel", WRITE, commands::cancel_batch)
            .summary("Call off what is left of a batch")
            .answers::<Cancelled>(200)
            .refuses(404, "not_found"),
        Route::delete("/jobs", WRITE, commands::forget)
            .summary("Forget jobs that have ended in a state")
            .filters::<ForgetFilter>()
            .status(204),
    ]
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let filter: JobFilter = call.query()?;
    let batch = match filter.batch.as_deref().map(str::parse::<BatchId>) {
        None => None,
        Some(Ok(id)) => Some(id),
        // What cannot be an id is the id of nothing.
        Some(Err(_)) => return Reply::list(&[] as &[JobRecord], None),
    };
    let query = JobQuery {
        state: filter.state.map(JobState::from),
        queue: filter.queue,
        kind: filter.kind,
        batch,
        limit: call.page.limit,
        after: call.page.after,
    };
    let page = doors.jobs.jobs(&query).await?;
    let settings = doors.jobs.settings();
    let rows: Vec<_> = page.rows.iter().map(|s| record(s.key, &s.row, &settings)).collect();
    Reply::list(&rows, page.next)
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    let job = doors.jobs.job(id).await?.ok_or(Problem::absent("job"))?;
    Reply::ok(&record(id, &job, &doors.jobs.settings()))
}

async fn show_batch(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let view = doors.jobs.batch(batch_of(&call)?).await?.ok_or(Problem::absent("batch"))?;
    Reply::ok(&BatchRecord::from(view))
}

fn batch_of(call: &Call) -> Result<BatchId, Problem> {
    call.param("id").parse().map_err(|_| Problem::absent("batch"))
}
