//! The Wispro sync over HTTP: begun, watched, decided about.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use warp::http::header::{CONTENT_DISPOSITION, HeaderValue};
use zelador_actors::Refusal;
use zelador_actors::wispro::rules::report::{Code, Counter, Field};
use zelador_actors::wispro::{Choice, SyncArgs, SyncView, queries};
use zelador_store::Stored;
use zelador_store::id::JobId;
use zelador_store::wispro::{SyncLine, SyncLines, SyncRun};

use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::time::Utc;

const READ: Need = Need::Global("wispro:read");
const WRITE: Need = Need::Global("wispro:write");

/// What a single record tells about clients; all of it is in the CSV.
const LINES: usize = 200;
/// Lines read at once.
const PAGE: usize = 1000;

/// How this run differs from the configuration.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct SyncOrder {
    /// Changes nothing, and tells what it would change.
    dry_run: bool,
    /// Pages asked for at most; 0: all.
    #[schema(minimum = 0, maximum = 100_000)]
    max_pages: Option<u32>,
    /// Clients asked for in a page.
    #[schema(minimum = 1, maximum = 1000)]
    per_page: Option<u32>,
}

/// That a run was begun.
#[derive(Debug, Serialize, ToSchema)]
struct SyncStarted {
    /// Always true.
    success: bool,
    /// What happens now.
    message: String,
    /// The run, and its job.
    #[schema(value_type = String, format = "uuid")]
    job_id: JobId,
}

/// Why a run stopped and asks.
#[derive(Debug, Serialize, ToSchema)]
struct SyncBrake {
    /// `too_many_changed`, `too_many_created` or `fewer_than_promised`.
    rule: String,
    /// What was found.
    found: u64,
    /// The most, or the least, that goes without asking.
    limit: u64,
}

/// How far a run is.
#[derive(Debug, Serialize, ToSchema)]
struct SyncProgress {
    /// Done.
    done: u64,
    /// Of so many; 0: not known yet.
    total: u64,
    /// In words.
    text: String,
}

/// A line about a client.
#[derive(Debug, Serialize, ToSchema)]
struct SyncSaid {
    /// When.
    at: Utc,
    /// The client's id in Wispro; null: it has none.
    client_id: Option<String>,
    /// `error`, `skipped`, or `note` for one that was synced all the same.
    sort: String,
    /// What it is, such as `duplicate` or `email_conflict`.
    code: String,
    /// More of it.
    detail: Option<String>,
    /// The page that a row without an id came with; else 0.
    page: u32,
    /// The user it is about.
    #[schema(format = "uuid")]
    user_id: Option<String>,
}

impl From<&Stored<SyncLines>> for SyncSaid {
    fn from(line: &Stored<SyncLines>) -> Self {
        let SyncLine { client, page, sort, code, detail, user } = line.row.clone();
        Self {
            at: line.key.1.into(),
            client_id: client,
            sort,
            code,
            detail,
            page,
            user_id: user.map(|user| user.to_string()),
        }
    }
}

/// A run of the sync. Each client seen is in one of created, updated, unchanged,
/// skipped and errors.
#[derive(Debug, Serialize, ToSchema)]
struct SyncRecord {
    /// The run, and its job.
    #[schema(value_type = String, format = "uuid")]
    job_id: JobId,
    /// Whose clients.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// `scheduled`, `ready`, `fetching`, `comparing`, `applying`, `braked`,
    /// `completed`, `failed`, `discarded` or `cancelled`.
    state: String,
    /// It changes nothing: its numbers are what it would do.
    dry_run: bool,
    /// The upstream is the sandbox.
    sandbox: bool,
    /// Users made.
    created: u64,
    /// Users changed.
    updated: u64,
    /// Clients of whom nothing differs.
    unchanged: u64,
    /// Clients left out.
    skipped: u64,
    /// Clients that are wrong.
    errors: u64,
    /// Clients seen.
    seen: u64,
    /// Users to be made, as the comparison found.
    would_create: u64,
    /// Users to be changed, as the comparison found.
    would_update: u64,
    /// In how many clients each field differs.
    fields: BTreeMap<&'static str, u64>,
    /// How often each thing was said about a client.
    said: BTreeMap<&'static str, u64>,
    /// Clients met twice, because the order of the pages changed.
    repeated: u64,
    /// Pages fetched in this pass.
    page: u32,
    /// Pages there are.
    pages: u32,
    /// Clients that the upstream says there are.
    promised: u64,
    /// Passes over the pages.
    passes: u32,
    /// Why it stopped and asks, or would have.
    brake: Option<SyncBrake>,
    /// Somebody let it go on past the brakes.
    approved: bool,
    /// Why it failed, or what it waits for.
    error: Option<String>,
    /// When it began.
    started_at: Option<Utc>,
    /// When it came to its end.
    ended_at: Option<Utc>,
    /// Seconds it took.
    duration_seconds: Option<f64>,
    /// How far it is; null once it is over.
    progress: Option<SyncProgress>,
    /// What it says about clients, the first of it; `?format=csv` has all. Absent
    /// in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    lines: Option<Vec<SyncSaid>>,
}

impl SyncRecord {
    fn new(view: &SyncView) -> Self {
        let run = view.run.as_ref();
        let count = |counter| view.count(counter);
        let brake = run.and_then(|run| run.brake.clone());
        let seconds = |run: &SyncRun| Some(run.ended_at?.since(run.started_at).as_secs_f64());
        let job_error = view.job.as_ref().and_then(|job| job.error.clone());
        let some = |(word, count): (&'static str, u64)| (count > 0).then_some((word, count));
        Self {
            job_id: view.id,
            tenant_id: run.map(|run| run.tenant.to_string()),
            state: view.state().to_owned(),
            dry_run: run.is_some_and(|run| run.dry_run),
            sandbox: run.is_some_and(|run| run.sandbox),
            created: count(Counter::Created),
            updated: count(Counter::Updated),
            unchanged: count(Counter::Unchanged),
            skipped: count(Counter::Skipped),
            errors: count(Counter::Errors),
            seen: view.seen(),
            would_create: count(Counter::WouldCreate),
            would_update: count(Counter::WouldUpdate),
            fields: Field::ALL
                .into_iter()
                .filter_map(|field| some((field.word(), count(Counter::Field(field)))))
                .collect(),
            said: Code::ALL
                .into_iter()
                .filter_map(|code| some((code.word(), count(Counter::Said(code)))))
                .collect(),
            repeated: count(Counter::Repeated),
            page: run.map_or(0, |run| run.page),
            pages: run.map_or(0, |run| run.pages),
            promised: run.map_or(0, |run| run.promised),
            passes: run.map_or(0, |run| run.passes),
            brake: brake.map(|b| SyncBrake { rule: b.rule, found: b.found, limit: b.limit }),
            approved: run.is_some_and(|run| run.approved),
            error: run.and_then(|run| run.error.clone()).or(job_error),
            started_at: run.map(|run| run.started_at.into()),
            ended_at: run.and_then(|run| run.ended_at).map(Utc),
            duration_seconds: run.and_then(seconds),
            progress: view.progress.clone().map(|(done, total, text)| SyncProgress {
                done,
                total,
                text,
            }),
            lines: None,
        }
    }
}

/// In which form.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = SyncForm)]
struct Form {
    /// What it says about clients, all of it, as CSV; also by `Accept: text/csv`.
    format: Option<FormWord>,
}

/// A form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SyncFormWord)]
enum FormWord {
    /// The run.
    Json,
    /// The lines.
    Csv,
}

/// The routes.
pub(super) fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::post("/users/sync-wispro-all", WRITE, start)
            .part("wispro")
            .summary("Begin a sync of all Wispro clients in the background")
            .takes::<SyncOrder>()
            .example(json!({ "dry_run": true }))
            .answers::<SyncStarted>(202)
            .refuses(409, "sync_running")
            .refuses(409, "sandbox_records")
            .refuses(409, "concern_off"),
        Route::get("/wispro/syncs", READ, list)
            .summary("List runs of the sync, the newest first")
            .lists::<SyncRecord>(),
        Route::get("/wispro/syncs/{job_id}", READ, show)
            .summary("A run with its live progress and what it says about clients")
            .filters::<Form>()
            .answers::<SyncRecord>(200)
            .refuses(404, "not_found"),
        decision(Route::post("/wispro/syncs/{job_id}/approve", WRITE, approve))
            .summary("Let a run go on that stopped and asks"),
        decision(Route::post("/wispro/syncs/{job_id}/discard", WRITE, discard))
            .summary("End a run that stopped and asks, without a change"),
    ]
}

fn decision(route: Route<Doors>) -> Route<Doors> {
    route.answers::<SyncRecord>(200).refuses(404, "not_found").refuses(409, "sync_not_braked")
}

async fn start(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let SyncOrder { dry_run, max_pages, per_page } = call.body()?;
    let language = call.language;
    let show = move |job_id: &JobId| {
        let message = language.say("sync_started", &[]);
        Reply::accepted(&SyncStarted { success: true, message, job_id: *job_id })
    };
    let (keep, by) = (call.keep(show), call.author());
    let args = SyncArgs { dry_run, max_pages, per_page };
    show(&doors.wispro.start(&args, &by, keep.as_ref()).await?)
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let page = call.page.clone();
    let page = queries::list(&doors.shell, call.who.tenant(), page.after, page.limit).await?;
    let rows: Vec<_> = page.rows.iter().map(SyncRecord::new).collect();
    Reply::list(&rows, page.next)
}

fn id_of(call: &Call) -> Result<JobId, Problem> {
    call.param("job_id").parse().map_err(|_| Refusal::Absent { what: "sync" }.into())
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let id = id_of(&call)?;
    let asked: Form = call.query()?;
    let view = queries::get(&doors.shell, &doors.jobs, id, call.who.tenant()).await?;
    if asked.format == Some(FormWord::Csv) || (asked.format.is_none() && call.prefers_csv) {
        return as_csv(&doors, id).await;
    }
    shown(&doors, &view).await
}

async fn shown(doors: &Doors, view: &SyncView) -> Result<Reply, Problem> {
    let lines = queries::lines(&doors.shell, view.id, None, LINES).await?;
    let mut record = SyncRecord::new(view);
    record.lines = Some(lines.rows.iter().map(SyncSaid::from).collect());
    Reply::ok(&record)
}

async fn as_csv(doors: &Doors, id: JobId) -> Result<Reply, Problem> {
    let fault = |error: csv::Error| Problem::fault("writing CSV", error);
    let mut table = csv::Writer::from_writer(Vec::new());
    let head = ["at", "client_id", "sort", "code", "detail", "page", "user_id"];
    table.write_record(head).map_err(fault)?;
    let mut after = None;
    loop {
        let page = queries::lines(&doors.shell, id, after, PAGE).await?;
        for line in &page.rows {
            let said = SyncSaid::from(line);
            let row = [
                line.key.1.to_string(),
                cell(said.client_id),
                said.sort,
                said.code,
                cell(said.detail),
                said.page.to_string(),
                cell(said.user_id),
            ];
            table.write_record(row).map_err(fault)?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let bytes =
        table.into_inner().map_err(|error| Problem::fault("writing CSV", error.to_string()))?;
    let name = format!("attachment; filename=\"wispro-{id}.csv\"");
    let reply = Reply::bytes("text/csv; charset=utf-8", bytes);
    Ok(match HeaderValue::from_str(&name) {
        Ok(name) => reply.header(CONTENT_DISPOSITION, name),
        Err(_) => reply,
    })
}

/// A cell that no spreadsheet takes for a formula.
fn cell(text: Option<String>) -> String {
    let text = text.unwrap_or_default();
    if text.starts_with(['=', '+', '-', '@']) { format!("'{text}") } else { text }
}

async fn approve(doors: Doors, call: Call) -> Result<Reply, Problem> {
    decide(doors, call, Choice::Approve).await
}

async fn discard(doors: Doors, call: Call) -> Result<Reply, Problem> {
    decide(doors, call, Choice::Discard).await
}

async fn decide(doors: Doors, mut call: Call, choice: Choice) -> Result<Reply, Problem> {
    let id = id_of(&call)?;
    let before = queries::get(&doors.shell, &doors.jobs, id, call.who.tenant()).await?;
    let show = move |run: &SyncRun| {
        let view = SyncView { run: Some(run.clone()), progress: None, ..before.clone() };
        Reply::ok(&SyncRecord::new(&view))
    };
    let (keep, by) = (call.keep(show.clone()), call.author());
    show(&doors.wispro.decide(id, choice, &by, keep.as_ref()).await?)
}
