//! Plans before deeds: `?dry_run=true`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zelador_actors::users::Foreseen;

use crate::api::schema::Shape;
use crate::api::time::Utc;

/// What else may be asked of a change.
#[derive(Debug, Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::api) struct Trial {
    /// Answer what would happen, and change nothing.
    #[schema(default = false)]
    pub(in crate::api) dry_run: bool,
}

/// What an answer to a trial is: the record as it would be, and what would happen.
#[derive(Debug, Serialize)]
pub(in crate::api) struct Tried<T> {
    #[serde(flatten)]
    record: T,
    would: Would,
}

/// What would happen.
#[derive(Debug, Serialize, ToSchema)]
struct Would {
    /// Sessions that would end at once.
    sessions_revoked: u32,
    /// Upcoming bookings for the user that would be called off, as far as they were
    /// counted: 10,000.
    bookings_cancelled: u32,
    /// Plans and leaves that would come to their end.
    plans_ended: Vec<EndedPlan>,
    /// Actions of `[lifecycle]` that would follow, in order.
    #[schema(value_type = Vec<String>, example = json!(["revoke_sessions"]))]
    actions: Vec<&'static str>,
}

/// A plan, or a leave, that would come to its end.
#[derive(Debug, Serialize, ToSchema)]
struct EndedPlan {
    /// `ban`, `change` or `leave`.
    #[schema(example = "ban")]
    sort: &'static str,
    /// Its id.
    #[schema(format = "uuid")]
    id: String,
    /// When it would have changed the status next.
    at: Utc,
    /// What it would be: `replaced`, `cancelled`, …
    #[schema(example = "cancelled")]
    state: &'static str,
    /// Why.
    cause: Option<&'static str>,
}

impl<T: ToSchema> Tried<T> {
    /// What such an answer looks like.
    pub(in crate::api) fn shape() -> Shape {
        Shape::of::<T>().with("would", Shape::of::<Would>())
    }
}

impl<T> Tried<T> {
    /// The answer to a trial.
    pub(in crate::api) fn new(record: T, foreseen: &Foreseen) -> Self {
        let plans = foreseen.plans.iter().map(|end| EndedPlan {
            sort: end.plan.sort.word(),
            id: end.plan.id.to_string(),
            at: end.plan.at.into(),
            state: end.state.word(),
            cause: end.why,
        });
        let leaves = foreseen.leaves.iter().map(|step| EndedPlan {
            sort: "leave",
            id: step.leave.id.to_string(),
            at: step.leave.due().into(),
            state: step.state.word(),
            cause: step.why,
        });
        let would = Would {
            sessions_revoked: foreseen.sessions_revoked,
            bookings_cancelled: foreseen.bookings_cancelled,
            plans_ended: plans.chain(leaves).collect(),
            actions: foreseen.actions.clone(),
        };
        Self { record, would }
    }
}
