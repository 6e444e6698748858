//! Schedules: when they run, and now.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use zelador_actors::engine::jobs::{Enqueued, note_scheduled};
use zelador_actors::engine::schedules::ScheduleView;
use zelador_actors::engine::settings::Overlap;
use zelador_store::id::JobId;
use zelador_store::{Timestamp, Write};

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::jobs::{JobRecord, enqueued_reply};
use super::page;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;

/// A schedule of the configuration, and where it stands.
#[derive(Debug, Serialize, ToSchema)]
struct ScheduleRecord {
    /// Its name.
    #[schema(example = "nightly")]
    name: String,
    /// The kind of job that it starts.
    kind: String,
    /// The arguments of the job.
    #[schema(value_type = Object, additional_properties = true)]
    args: BTreeMap<String, Value>,
    /// When, in local time.
    #[schema(example = "0 3 * * *")]
    cron: String,
    /// The IANA time zone of that.
    #[schema(example = "America/Sao_Paulo")]
    timezone: String,
    /// Each start is put off by a random time of at most this many seconds.
    jitter_seconds: u32,
    /// Whether a start that was missed is made up for.
    catch_up: bool,
    /// Whether a start goes ahead while the last job is still under way.
    overlap: bool,
    /// When it fires next, before jitter; null: never again.
    #[schema(value_type = Option<String>, format = "date-time")]
    next_run_at: Option<Timestamp>,
    /// When it fired last.
    #[schema(value_type = Option<String>, format = "date-time")]
    last_run_at: Option<Timestamp>,
    /// The job it started last.
    #[schema(value_type = Option<String>, format = "uuid")]
    last_job_id: Option<JobId>,
    /// Where that job stands, while it is kept.
    #[schema(example = "succeeded")]
    last_job_state: Option<&'static str>,
    /// Why it did not start a job the last time, if it did not.
    skipped: Option<String>,
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/schedules", Need::Global("schedules:read"), list)
            .summary("List schedules with their next and last run")
            .lists::<ScheduleRecord>(),
        Route::post("/schedules/{name}/run", Need::Global("schedules:write"), run)
            .summary("Start a schedule's job now; one still under way is answered with 200")
            .answers::<JobRecord>(201)
            .refuses(404, "not_found"),
    ]
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let views = doors.schedules.list().await?;
    let (views, next) = page::cut(views, &call.page, |view| view.name.clone());
    let rows: Vec<_> = views.into_iter().map(record).collect();
    Reply::list(&rows, next)
}

async fn run(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let settings = doors.jobs.settings();
    let show = move |enqueued: &Enqueued| enqueued_reply(enqueued, &settings);
    let keep = call.keep(show.clone());
    let (name, by) = (call.param("name"), call.author());
    let also = |enqueued: &Enqueued| {
        let mut write = keep.as_ref().map_or_else(Write::new, |k| k.alone(enqueued));
        note_scheduled(&doors.shell, &mut write, &by, name, enqueued);
        write
    };
    show(&doors.schedules.run(name, also).await?)
}

fn record(view: ScheduleView) -> ScheduleRecord {
    let ScheduleView { name, settings, row, last_job } = view;
    let last_job_state = last_job.map(|job| job.state.word());
    let row = row.as_ref();
    ScheduleRecord {
        name,
        kind: settings.kind,
        args: settings.args,
        cron: settings.cron,
        timezone: settings.timezone,
        jitter_seconds: settings.jitter_seconds,
        catch_up: settings.catch_up,
        overlap: settings.overlap == Overlap::Allow,
        next_run_at: row.and_then(|row| row.next_at),
        last_run_at: row.and_then(|row| row.last_at),
        last_job_id: row.and_then(|row| row.last_job),
        last_job_state,
        skipped: row.and_then(|row| row.skipped.clone()),
    }
}
