//! What is to be seen of a user at a moment.

use zelador_store::Timestamp;
use zelador_store::tenant::{ServicePlan, Tenant};
use zelador_store::user::{Permissions, Planned, Status, User, UserType};

use super::turn::Turn;

/// The user as is in force at `now`, whether or not the jobs of due plans have
/// run.
pub fn in_force(user: &User, now: Timestamp) -> User {
    if user.planned.iter().any(|plan| plan.at <= now) {
        Turn::open(user, now).user
    } else {
        user.clone()
    }
}

/// The earliest of the plans to come.
pub fn next_plan(user: &User) -> Option<&Planned> {
    user.planned.iter().min_by_key(|plan| (plan.at, plan.to != Status::Banned, plan.id))
}

/// The reason of the earliest plan, if that is a ban.
pub fn next_ban_reason(user: &User) -> Option<&str> {
    next_plan(user).filter(|plan| plan.to == Status::Banned)?.reason.as_deref()
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
