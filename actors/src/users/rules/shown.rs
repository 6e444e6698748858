//! What is to be seen of a user at a moment.

use zelador_store::Timestamp;
use zelador_store::tenant::{ServicePlan, Tenant};
use zelador_store::user::{Permissions, Status, User, UserType};

use super::leave;
use super::turn::Turn;

/// The user as is in force at `now`, whether or not the jobs of due plans have
/// run.
pub fn in_force(user: &User, now: Timestamp) -> User {
    let due = user.planned.iter().any(|plan| plan.at <= now);
    if due || user.leaves.iter().any(|leave| leave.due() <= now) {
        Turn::open(user, now).user
    } else {
        user.clone()
    }
}

/// A change of status to come, as is planned today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Next<'a> {
    /// The status it leads to.
    pub to: Status,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Option<&'a str>,
}

impl<'a> Next<'a> {
    /// The reason, if it is a ban.
    pub fn ban_reason(&self) -> Option<&'a str> {
        self.reason.filter(|_| self.to == Status::Banned)
    }
}

/// The earliest change to come: of a plan, or of the leaves, where those that
/// overlap or touch are one.
pub fn next(user: &User) -> Option<Next<'_>> {
    let plans = user.planned.iter();
    let plans = plans.map(|plan| Next { to: plan.to, at: plan.at, reason: plan.reason.as_deref() });
    let all = plans.chain(leave::next(user));
    all.min_by_key(|next| (next.at, next.to != Status::Banned, next.to != Status::Suspended))
}

/// What the user may do.
pub fn permissions(user: &User) -> Permissions {
    match user.user_type {
        UserType::Admin => Permissions::ALL,
        UserType::User => user.permissions,
    }
}

/// What the user has booked of the service.
pub fn service_plan(user: &User, tenant: &Tenant) -> ServicePlan {
    user.plan.unwrap_or(tenant.plan)
}
