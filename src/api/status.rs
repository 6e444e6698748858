//! The status of a user over HTTP: now, at any instant, and as planned.

use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zelador_actors::Flaw;
use zelador_actors::moment::Spoken;
use zelador_actors::users::rules::turn::noun;
use zelador_actors::users::{Command, UserRecord, What, queries};
use zelador_store::plan::PlanSort;

use super::call::Call;
use super::doors::Doors;
use super::language::Language;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::time::{self, Utc};
use super::users::form::{StatusWord, UserView, label};
use super::users::trial::{Trial, Tried};
use super::users::{READ, READ_OWN, WRITE, command, expected, foresee, found, shown};

/// A status, now.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewStatus {
    /// Which.
    status: StatusWord,
    /// Why.
    #[schema(max_length = 500)]
    #[serde(default)]
    reason: Option<String>,
}

/// A status, later.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewPlan {
    /// Which.
    status: StatusWord,
    /// When: an instant, a time local to the tenant, or a day.
    #[schema(format = "moment", example = "2025-12-05T14:00:00-03:00")]
    at: String,
    /// Why.
    #[schema(max_length = 500)]
    #[serde(default)]
    reason: Option<String>,
}

/// At which instant.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct Instant {
    /// An instant, a time local to the tenant, or a day; without it, now.
    #[schema(format = "moment")]
    at: Option<String>,
}

/// The status of a user at some instant.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StatusAt)]
struct StatusView {
    /// Whose.
    #[schema(format = "uuid")]
    user_id: String,
    /// The instant.
    at: Utc,
    /// The status then.
    status: StatusWord,
    /// As a number, 0 to 4.
    #[schema(example = 1)]
    status_code: u8,
    /// For people.
    #[schema(example = "Ativo")]
    status_label: String,
    /// Since when it is so.
    since: Utc,
    /// Why.
    reason: Option<String>,
    /// Whether a plan that has yet to come decides it.
    planned: bool,
}

/// A planned change of status, with the user as is in force now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScheduledStatus)]
pub(super) struct PlannedView {
    /// Whose.
    #[schema(format = "uuid")]
    user_id: String,
    /// The plan's id.
    #[schema(format = "uuid")]
    plan_id: Option<String>,
    /// The job that will make it permanent.
    #[schema(format = "uuid")]
    job_id: Option<String>,
    /// The status it leads to.
    planned_status: Option<StatusWord>,
    /// When.
    at: Option<Utc>,
    /// The same.
    date: Option<Utc>,
    /// Why.
    reason: Option<String>,
    #[serde(flatten)]
    user: UserView,
}

impl PlannedView {
    /// The user's plan of a sort; its members are null if there is none.
    pub(super) fn new(
        record: &UserRecord,
        sort: PlanSort,
        language: Language,
    ) -> Result<Self, Problem> {
        let plan = record.user.planned.iter().find(|plan| plan.sort == sort);
        let at = plan.map(|plan| Utc(plan.at));
        Ok(Self {
            user_id: record.id.to_string(),
            plan_id: plan.map(|plan| plan.id.to_string()),
            job_id: plan.map(|plan| plan.job.to_string()),
            planned_status: plan.map(|plan| plan.to.into()),
            at,
            date: at,
            reason: plan.and_then(|plan| plan.reason.clone()),
            user: UserView::new(record, language)?,
        })
    }

    /// Whether there is one.
    pub(super) fn is_planned(&self) -> bool {
        self.plan_id.is_some()
    }
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::put("/users/{id}/status", WRITE, set)
            .summary("Change the status of a user now")
            .filters::<Trial>()
            .takes::<NewStatus>()
            .example(json!({ "status": "SUSPENDED", "reason": "viagem" }))
            .answers::<UserView>(200)
            .tries(Tried::<UserView>::shape())
            .refuses(404, "not_found")
            .refuses(412, "stale_version"),
        Route::get("/users/{id}/status", READ_OWN, at)
            .summary("The status of a user at any instant, past or planned")
            .filters::<Instant>()
            .answers::<StatusView>(200)
            .refuses(404, "not_found"),
        Route::post("/users/{id}/scheduled-status", WRITE, plan)
            .summary("Plan a change of status; one already planned is replaced")
            .filters::<Trial>()
            .takes::<NewPlan>()
            .example(json!({ "status": "SUSPENDED", "at": "2030-01-10T08:00", "reason": "férias" }))
            .answers::<PlannedView>(201)
            .tries(Tried::<PlannedView>::shape())
            .refuses(404, "not_found"),
        Route::get("/users/{id}/scheduled-status", READ, planned)
            .summary("The change of status that is planned")
            .answers::<PlannedView>(200)
            .refuses(404, "not_found"),
        Route::delete("/users/{id}/scheduled-status", WRITE, call_off)
            .summary("Call the planned change of status off")
            .filters::<Trial>()
            .status(204)
            .tries(Tried::<UserView>::shape())
            .refuses(404, "not_found")
            .refuses(412, "stale_version"),
    ]
}

async fn set(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let NewStatus { status, reason } = call.body()?;
    let trial: Trial = call.query()?;
    let what = What::SetStatus { to: status.into(), reason };
    let mut command = command(&call, call.id("id")?, what);
    command.if_version = expected(&doors, &call, command.id).await?;
    if trial.dry_run {
        return foresee(&doors, &call, &command).await;
    }
    shown(&doors.users.execute(command).await?, &call)
}

async fn at(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: Instant = call.query()?;
    let record = found(&doors, &call, call.id("id")?).await?;
    call.permit(record.id, "users:read")?;
    let at = match asked.at.as_deref() {
        Some(text) => {
            let zone = time::zone(&record.tenant.settings.timezone);
            let at = time::instant("at", text, Some(&zone));
            at.map_err(|flaw| Problem::invalid(vec![flaw]))?
        }
        None => doors.shell.now(),
    };
    let told = queries::status_at(&doors.shell, record.id, call.who.tenant(), at).await?;
    let language = call.language_for(&record.tenant);
    let view = StatusView {
        user_id: record.id.to_string(),
        at: told.at.into(),
        status: told.status.into(),
        status_code: told.status.code(),
        status_label: label(told.status, language),
        since: told.since.into(),
        reason: told.reason,
        planned: told.planned,
    };
    Ok(Reply::ok(&view)?.language(language))
}

/// A time as the body gives it.
pub(super) fn spoken(field: &str, text: &str) -> Result<Spoken, Problem> {
    text.parse()
        .map_err(|_| Problem::invalid(vec![Flaw::new(field, "format").with("format", "moment")]))
}

async fn plan(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let NewPlan { status, at, reason } = call.body()?;
    let what = What::PlanChange { to: status.into(), at: spoken("at", &at)?, reason };
    let command = command(&call, call.id("id")?, what);
    let path = format!("/users/{}/scheduled-status", command.id);
    make(&doors, &mut call, command, PlanSort::Change, path).await
}

/// Plans, and answers with the plan, which lives at `path`; on trial, with what
/// it would be.
pub(super) async fn make(
    doors: &Doors,
    call: &mut Call,
    mut command: Command,
    sort: PlanSort,
    path: String,
) -> Result<Reply, Problem> {
    let trial: Trial = call.query()?;
    if trial.dry_run {
        let foreseen = doors.users.foresee(&command).await?;
        let language = call.language_for(&foreseen.record.tenant);
        let view = PlannedView::new(&foreseen.record, sort, language)?;
        return Ok(Reply::ok(&Tried::new(view, &foreseen))?.language(language));
    }
    let speech = call.speech();
    let show = move |record: &UserRecord| {
        let language = speech.for_tenant(&record.tenant);
        let view = PlannedView::new(record, sort, language)?;
        Ok(Reply::created(path.clone(), &view)?.version(record.user.version).language(language))
    };
    command.keep = call.keep(show.clone());
    show(&doors.users.execute(command).await?)
}

async fn planned(doors: Doors, call: Call) -> Result<Reply, Problem> {
    plan_of(&found(&doors, &call, call.id("id")?).await?, PlanSort::Change, &call)
}

/// 200 with the plan of a sort, if there is one.
pub(super) fn plan_of(record: &UserRecord, sort: PlanSort, call: &Call) -> Result<Reply, Problem> {
    let language = call.language_for(&record.tenant);
    let view = PlannedView::new(record, sort, language)?;
    if !view.is_planned() {
        return Err(Problem::absent(noun(sort)));
    }
    Ok(Reply::ok(&view)?.version(record.user.version).language(language))
}

/// 204 once something planned was called off; on trial, 200 with what the user
/// would be.
pub(super) async fn undo(
    doors: &Doors,
    call: &Call,
    mut command: Command,
) -> Result<Reply, Problem> {
    let trial: Trial = call.query()?;
    command.if_version = expected(doors, call, command.id).await?;
    if trial.dry_run {
        return foresee(doors, call, &command).await;
    }
    doors.users.execute(command).await?;
    Ok(Reply::none())
}

async fn call_off(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let command = command(&call, call.id("id")?, What::CallOff(PlanSort::Change));
    undo(&doors, &call, command).await
}
