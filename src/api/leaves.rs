//! Leaves over HTTP: the days on which a user is away. A leave has no version of
//! its own: `If-Match` is about its user.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use zelador_actors::Flaw;
use zelador_actors::users::{UserRecord, What, queries};
use zelador_store::id::{LeaveId, UserId};
use zelador_store::leave::{Leave, LeaveState, OpenLeave};

use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::status::undo;
use super::time::Utc;
use super::users::form::UserView;
use super::users::trial::{Trial, Tried};
use super::users::{READ, READ_OWN, WRITE, command, found};

/// Days away.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLeave {
    /// The first day away, local to the tenant; today: from now on.
    #[schema(format = "date", example = "2025-12-22")]
    date_in: String,
    /// The first day back.
    #[schema(format = "date", example = "2026-01-05")]
    date_out: String,
    /// Why.
    #[schema(max_length = 200)]
    #[serde(default)]
    reason: Option<String>,
}

/// Where a leave stands.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum LeaveWord {
    /// It is to come.
    Planned,
    /// It keeps the user suspended.
    Running,
    /// Its last day is over.
    Ended,
    /// It was called off.
    Cancelled,
    /// Something weightier had decided.
    Superseded,
}

impl From<LeaveState> for LeaveWord {
    fn from(state: LeaveState) -> Self {
        match state {
            LeaveState::Planned => Self::Planned,
            LeaveState::Running => Self::Running,
            LeaveState::Ended => Self::Ended,
            LeaveState::Cancelled => Self::Cancelled,
            LeaveState::Superseded => Self::Superseded,
        }
    }
}

/// A leave.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Leave)]
pub(super) struct LeaveView {
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// Who is away.
    #[schema(format = "uuid")]
    user_id: String,
    /// The first day away, local to the tenant.
    #[schema(format = "date")]
    date_in: String,
    /// The first day back.
    #[schema(format = "date")]
    date_out: String,
    /// The instant at which the user becomes `SUSPENDED`.
    begins_at: Utc,
    /// The instant at which the user is `ACTIVE` again.
    ends_at: Utc,
    /// Why.
    reason: Option<String>,
    /// Where it stands.
    state: LeaveWord,
    /// When it was planned.
    created_at: Utc,
    /// When it came to its end, of whatever sort.
    ended_at: Option<Utc>,
    /// Why it ended otherwise than by its last day.
    end_reason: Option<String>,
}

impl LeaveView {
    fn open(user: UserId, leave: &OpenLeave) -> Self {
        Self {
            id: leave.id.to_string(),
            user_id: user.to_string(),
            date_in: leave.date_in.to_string(),
            date_out: leave.date_out.to_string(),
            begins_at: leave.begins.into(),
            ends_at: leave.ends.into(),
            reason: leave.reason.clone(),
            state: leave.state().into(),
            created_at: leave.made_at.into(),
            ended_at: None,
            end_reason: None,
        }
    }

    pub(super) fn new(id: LeaveId, leave: &Leave) -> Self {
        Self {
            state: leave.state.into(),
            ended_at: leave.ended_at.map(Utc),
            end_reason: leave.end_reason.clone(),
            ..Self::open(leave.user, &leave.open(id))
        }
    }
}

/// The routes.
pub fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::post("/users/{id}/leave", WRITE, plan)
            .summary("Plan a leave: suspended from the first day to the last")
            .filters::<Trial>()
            .takes::<NewLeave>()
            .example(
                json!({ "date_in": "2030-01-07", "date_out": "2030-01-21", "reason": "férias" }),
            )
            .answers::<LeaveView>(201)
            .tries(Tried::<LeaveView>::shape())
            .refuses(404, "not_found")
            .refuses(409, "user_not_active")
            .refuses(409, "too_many_leaves"),
        Route::get("/users/{id}/leave", READ_OWN, list)
            .summary("The leaves of a user, past, cancelled and coming, the oldest first")
            .lists::<LeaveView>()
            .refuses(404, "not_found"),
        Route::get("/users/{id}/leave/{leave_id}", READ, show)
            .summary("Show a leave")
            .answers::<LeaveView>(200)
            .refuses(404, "not_found"),
        Route::delete("/users/{id}/leave/{leave_id}", WRITE, call_off)
            .summary("Call a leave off; what has not happened yet will not")
            .filters::<Trial>()
            .status(204)
            .tries(Tried::<UserView>::shape())
            .refuses(404, "not_found")
            .refuses(409, "leave_over")
            .refuses(412, "stale_version"),
    ]
}

fn day(field: &str, text: &str) -> Result<Date, Problem> {
    let flaw = || Flaw::new(field, "format").with("format", "date");
    text.parse().map_err(|_| Problem::invalid(vec![flaw()]))
}

async fn plan(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let NewLeave { date_in, date_out, reason } = call.body()?;
    let (user, id): (UserId, LeaveId) = (call.id("id")?, doors.shell.id());
    let (date_in, date_out) = (day("date_in", &date_in)?, day("date_out", &date_out)?);
    let what = What::Leave { id, date_in, date_out, reason };
    let mut command = command(&call, user, what);
    let made = move |record: &UserRecord| {
        let leave = record.user.leaves.iter().find(|leave| leave.id == id);
        let leave = leave.ok_or_else(|| Problem::absent("leave"))?;
        Ok::<_, Problem>(LeaveView::open(user, leave))
    };
    let trial: Trial = call.query()?;
    if trial.dry_run {
        let foreseen = doors.users.foresee(&command).await?;
        return Reply::ok(&Tried::new(made(&foreseen.record)?, &foreseen));
    }
    let speech = call.speech();
    let show = move |record: &UserRecord| {
        let reply = Reply::created(format!("/users/{user}/leave/{id}"), &made(record)?);
        Ok(reply?.language(speech.for_tenant(&record.tenant)))
    };
    command.keep = call.keep(show);
    show(&doors.users.execute(command).await?)
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let (id, within) = (call.id("id")?, call.who.tenant());
    if call.who.user().is_some() {
        call.permit(found(&doors, &call, id).await?.id, "users:read")?;
    }
    let (after, limit) = (call.page.after.clone(), call.page.limit);
    let page = queries::leaves(&doors.shell, id, within, after, limit).await?;
    let rows: Vec<_> =
        page.rows.into_iter().map(|found| LeaveView::new(found.key, &found.row)).collect();
    Reply::list(&rows, page.next)
}

async fn show(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let (user, leave) = (call.id("id")?, call.id("leave_id")?);
    let found = queries::leave(&doors.shell, user, call.who.tenant(), leave).await?;
    Reply::ok(&LeaveView::new(found.key, &found.row))
}

async fn call_off(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let command = command(&call, call.id("id")?, What::CallOffLeave(call.id("leave_id")?));
    undo(&doors, &call, command).await
}
