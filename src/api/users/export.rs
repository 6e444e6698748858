//! What is kept about a person, as one document.

use serde::Serialize;
use utoipa::ToSchema;
use zelador_actors::users::queries::{Dossier, export as gathered};
use zelador_store::Stored;
use zelador_store::plan::{PlanState, Plans};
use zelador_store::user::StatusHistory;

use super::form::{PlanView, StatusWord, UserView};
use super::{READ_OWN, TimelineEntry, found};
use crate::api::audit::AuditRecord;
use crate::api::booking::{BookingView, of_person};
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::leaves::LeaveView;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::route::Route;
use crate::api::sessions::SessionView;
use crate::api::time::Utc;

/// What is kept about a person.
#[derive(Serialize, ToSchema)]
#[schema(as = UserExport)]
struct Export {
    /// When this was put together.
    exported_at: Utc,
    /// Whether it is all there is.
    complete: bool,
    /// The record.
    user: UserView,
    /// Every status so far, the oldest first.
    status_history: Vec<PastStatus>,
    /// Every plan ever made, the oldest first.
    plans: Vec<PastPlan>,
    /// Every leave ever planned, the oldest first.
    leaves: Vec<LeaveView>,
    /// What the person booked, or was booked for them, by start.
    bookings: Vec<BookingView>,
    /// Everything that happened, the oldest first.
    timeline: Vec<TimelineEntry>,
    /// Where the person is signed in.
    sessions: Vec<SessionView>,
    /// Who changed what, the oldest first.
    audit: Vec<AuditRecord>,
}

/// A status that was, or is, in force.
#[derive(Serialize, ToSchema)]
struct PastStatus {
    /// Since when.
    since: Utc,
    /// Which.
    status: StatusWord,
    /// Why.
    reason: Option<String>,
}

/// A planned change of status, and what became of it.
#[derive(Serialize, ToSchema)]
struct PastPlan {
    #[serde(flatten)]
    plan: PlanView,
    /// Where it stands.
    #[schema(value_type = String, example = "planned")]
    state: PlanState,
    /// When it was made.
    created_at: Utc,
    /// When it came to its end.
    ended_at: Option<Utc>,
    /// Why it ended otherwise than executed.
    end_reason: Option<String>,
}

pub(super) fn route() -> Route<Doors> {
    Route::get("/users/{id}/export", READ_OWN, export)
        .summary("Everything that is kept about a user, as one document")
        .answers::<Export>(200)
        .refuses(404, "not_found")
}

async fn export(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let id = call.id("id")?;
    call.permit(found(&doors, &call, id).await?.id, "users:read")?;
    let Dossier { record, history, plans, leaves, timeline, sessions, audit, complete } =
        gathered(&doors.shell, id, call.who.tenant()).await?;
    let language = call.language_for(&record.tenant);
    let (bookings, all_bookings) = of_person(&doors, &call, id).await?;
    let document = Export {
        exported_at: call.now.into(),
        complete: complete && all_bookings,
        bookings,
        user: UserView::new(&record, language)?,
        status_history: history.into_iter().map(PastStatus::from).collect(),
        plans: plans.into_iter().map(PastPlan::from).collect(),
        leaves: leaves.iter().map(|found| LeaveView::new(found.key, &found.row)).collect(),
        timeline: timeline.into_iter().map(TimelineEntry::from).collect(),
        sessions: sessions.into_iter().map(|s| SessionView::new(s, &call)).collect(),
        audit: audit.into_iter().map(|s| AuditRecord::new(s.key, s.row)).collect(),
    };
    Ok(Reply::ok(&document)?.language(language))
}

impl From<Stored<StatusHistory>> for PastStatus {
    fn from(stored: Stored<StatusHistory>) -> Self {
        let (since, row) = (stored.key.1.into(), stored.row);
        Self { since, status: row.to.into(), reason: row.reason }
    }
}

impl From<Stored<Plans>> for PastPlan {
    fn from(stored: Stored<Plans>) -> Self {
        let plan = stored.row;
        Self {
            plan: PlanView::past(stored.key, &plan),
            state: plan.state,
            created_at: plan.created_at.into(),
            ended_at: plan.ended_at.map(Utc),
            end_reason: plan.end_reason,
        }
    }
}
