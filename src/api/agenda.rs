//! The agenda over HTTP: what the daemon will do, in the order of time.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_actors::agenda::{AgendaItem, AgendaKind, AgendaQuery, list as items};
use zelador_store::id::{JobId, LeaveId, PlanId, TenantId, UserId};
use zelador_store::plan::PlanSort;
use zelador_store::{Page, Timestamp};

use super::audit::{moment, zone_of};
use super::auth::Need;
use super::call::Call;
use super::doors::Doors;
use super::problem::Problem;
use super::reply::Reply;
use super::route::Route;
use super::users::narrowed;

/// How far ahead is looked when nobody says otherwise.
const WEEK: Duration = Duration::from_hours(7 * 24);

/// What sort of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum AgendaWord {
    /// A planned ban.
    Ban,
    /// Another planned change of status.
    StatusChange,
    /// The beginning or the end of a leave.
    Leave,
    /// A job whose time comes.
    Job,
    /// A schedule that fires.
    Schedule,
    /// A token, a session or an invitation that expires.
    Expiry,
}

impl From<AgendaKind> for AgendaWord {
    fn from(kind: AgendaKind) -> Self {
        match kind {
            AgendaKind::Plan(PlanSort::Ban) => Self::Ban,
            AgendaKind::Plan(PlanSort::Change) => Self::StatusChange,
            AgendaKind::Leave => Self::Leave,
            AgendaKind::Job => Self::Job,
            AgendaKind::Schedule => Self::Schedule,
            AgendaKind::Expiry => Self::Expiry,
        }
    }
}

impl From<AgendaWord> for AgendaKind {
    fn from(word: AgendaWord) -> Self {
        match word {
            AgendaWord::Ban => Self::Plan(PlanSort::Ban),
            AgendaWord::StatusChange => Self::Plan(PlanSort::Change),
            AgendaWord::Leave => Self::Leave,
            AgendaWord::Job => Self::Job,
            AgendaWord::Schedule => Self::Schedule,
            AgendaWord::Expiry => Self::Expiry,
        }
    }
}

/// Which part of it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct AgendaFilter {
    /// Not before this time, default now; without an offset local to the tenant.
    #[schema(format = "moment", example = "2025-12-01T00:00:00-03:00")]
    from: Option<String>,
    /// Before this time; default a week after `from`.
    #[schema(format = "moment", example = "2025-12-08T00:00:00-03:00")]
    to: Option<String>,
    /// Of this tenant.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// About this person.
    #[schema(format = "uuid")]
    user_id: Option<String>,
    /// Of these sorts, separated by commas.
    kind: Vec<AgendaWord>,
}

/// Something that will happen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AgendaItem)]
struct AgendaRecord {
    /// When.
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    /// What sort of thing.
    kind: AgendaWord,
    /// The status, the kind of job, or what expires.
    #[schema(example = "BANNED")]
    what: String,
    /// Whose.
    #[schema(value_type = Option<String>, format = "uuid")]
    tenant_id: Option<TenantId>,
    /// Whom it is about.
    #[schema(value_type = Option<String>, format = "uuid")]
    user_id: Option<UserId>,
    /// The job that does it.
    #[schema(value_type = Option<String>, format = "uuid")]
    job_id: Option<JobId>,
    /// The plan.
    #[schema(value_type = Option<String>, format = "uuid")]
    plan_id: Option<PlanId>,
    /// The leave.
    #[schema(value_type = Option<String>, format = "uuid")]
    leave_id: Option<LeaveId>,
    /// The schedule.
    schedule: Option<String>,
}

impl From<AgendaItem> for AgendaRecord {
    fn from(item: AgendaItem) -> Self {
        Self {
            at: item.at,
            kind: item.kind.into(),
            what: item.what,
            tenant_id: item.tenant,
            user_id: item.user,
            job_id: item.job,
            plan_id: item.plan,
            leave_id: item.leave,
            schedule: item.schedule,
        }
    }
}

/// The routes.
pub(super) fn routes() -> Vec<Route<Doors>> {
    vec![
        Route::get("/agenda", Need::Scope("agenda:read"), list)
            .summary("Everything that the daemon will do, in the order of time")
            .filters::<AgendaFilter>()
            .lists::<AgendaRecord>(),
    ]
}

async fn list(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let asked: AgendaFilter = call.query()?;
    let zone = zone_of(&doors, &call, asked.tenant_id.as_deref()).await;
    let from = moment("from", asked.from.as_deref(), zone.as_ref())?.unwrap_or(call.now);
    let to = moment("to", asked.to.as_deref(), zone.as_ref())?.unwrap_or(from + WEEK);
    if to <= from {
        return Err(zelador_actors::Refusal::field("to", "not_after_start").into());
    }
    // The shape was checked: it is an id.
    let user = asked.user_id.as_deref().and_then(|id| id.parse().ok());
    let Some(tenant) = narrowed(&call, asked.tenant_id.as_deref()) else {
        return Reply::list(&[] as &[AgendaRecord], None);
    };
    let query = AgendaQuery {
        from,
        to,
        tenant,
        user,
        kinds: asked.kind.into_iter().map(Into::into).collect(),
        limit: call.page.limit,
        after: call.page.after,
    };
    let Page { rows, next } = items(&doors.shell, &doors.jobs, &doors.schedules, &query).await?;
    let rows: Vec<_> = rows.into_iter().map(AgendaRecord::from).collect();
    Reply::list(&rows, next)
}
