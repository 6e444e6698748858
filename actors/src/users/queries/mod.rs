//! What is answered about users from committed data, on the caller's task.
//!
//! A user's row alone tells what is in force, so a single answer is one
//! moment's truth. A list is read row by row; each row is.

mod export;
mod list;
mod source;

use zelador_store::drive::{FolderState, Folders};
use zelador_store::event::{Event, Timeline};
use zelador_store::id::{LeaveId, TenantId, UserId};
use zelador_store::leave::{Leaves, LeavesByUser};
use zelador_store::nextcloud::Accounts;
use zelador_store::plan::{Plan, Plans, PlansByUser};
use zelador_store::tenant::Tenant;
use zelador_store::user::{StatusHistory, User};
use zelador_store::{Cursor, Error as StoreError, Page, Query, Stored, Timestamp};

use super::actor::load;
use super::messages::{CloudShown, StatusAt, UserRecord};
use super::rules::{Turn, shown};
use crate::engine::Shell;
use crate::error::{During, Error, Refusal};

pub use export::{Dossier, export};
pub use list::{Filter, list};

/// A user as is in force now.
pub async fn get(shell: &Shell, id: UserId, within: Option<TenantId>) -> Result<UserRecord, Error> {
    let (found, owner) = load(shell, id, within).await?;
    let user = shown::in_force(&found.row, shell.now());
    record(shell, id, user, owner.row).await
}

/// A user with what else is known.
pub(super) async fn record(
    shell: &Shell,
    id: UserId,
    user: User,
    tenant: Tenant,
) -> Result<UserRecord, Error> {
    let cloud = cloud(shell, id).await.during("reading an account")?;
    let folder = folder(shell, id).await.during("reading a user's folders")?;
    Ok(UserRecord { id, user, tenant, cloud, folder })
}

/// Where the Drive folders of a user stand.
pub(super) async fn folder(shell: &Shell, id: UserId) -> Result<Option<FolderState>, StoreError> {
    Ok(shell.store.get::<Folders>(&id).await?.map(|found| found.row.state))
}

/// The Nextcloud account of a user, as the record shows it.
pub(super) async fn cloud(shell: &Shell, id: UserId) -> Result<Option<CloudShown>, StoreError> {
    Ok(shell.store.get::<Accounts>(&id).await?.map(|found| found.row.into()))
}

/// The status at an instant: of the past as it was, of the future as planned.
/// There is none before the user was registered.
pub async fn status_at(
    shell: &Shell,
    id: UserId,
    within: Option<TenantId>,
    at: Timestamp,
) -> Result<StatusAt, Error> {
    let (found, _) = load(shell, id, within).await?;
    let user = shown::in_force(&found.row, at);
    if at >= user.status_since {
        let now = shown::in_force(&found.row, shell.now());
        let planned = user.status_changes > now.status_changes;
        let (status, since) = (user.status, user.status_since);
        return Ok(StatusAt { at, status, since, reason: user.status_reason, planned });
    }
    let query = Query::under(&(id,)).to(&(id, just_after(at))).reverse().limit(1);
    let page = shell.store.page::<StatusHistory>(&query).await.during("reading a status")?;
    let Some(change) = page.rows.into_iter().next() else {
        return Err(Refusal::field("at", "before_registration").into());
    };
    let (status, since) = (change.row.to, change.key.1);
    Ok(StatusAt { at, status, since, reason: change.row.reason, planned: false })
}

fn just_after(at: Timestamp) -> Timestamp {
    at + std::time::Duration::from_millis(1)
}

/// Everything that ever happened to a user, the newest first.
pub async fn timeline(
    shell: &Shell,
    id: UserId,
    within: Option<TenantId>,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<Event>, Error> {
    load(shell, id, within).await?;
    let query = Query::under(&(id,)).reverse().after(after).limit(limit + 1);
    let page = shell.store.page::<Timeline>(&query).await.during("reading a timeline")?;
    let mut rows = page.rows;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| Cursor::after(&last.key));
    Ok(Page { rows: rows.into_iter().map(|found| found.row).collect(), next })
}

/// A page of a user's leaves, the oldest first: past, cancelled and coming, as is
/// in force now.
pub async fn leaves(
    shell: &Shell,
    id: UserId,
    within: Option<TenantId>,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<Stored<Leaves>>, Error> {
    let (found, _) = load(shell, id, within).await?;
    let turn = Turn::open(&found.row, shell.now());
    let query = Query::under_key(&id).after(after).limit(limit);
    let page = shell.store.page_by::<LeavesByUser>(&query).await.during("reading leaves")?;
    let rows = page.rows.into_iter().map(|leave| leave_in_force(leave, &turn)).collect();
    Ok(Page { rows, next: page.next })
}

/// A leave of a user, as is in force now.
pub async fn leave(
    shell: &Shell,
    id: UserId,
    within: Option<TenantId>,
    leave: LeaveId,
) -> Result<Stored<Leaves>, Error> {
    let (found, _) = load(shell, id, within).await?;
    let turn = Turn::open(&found.row, shell.now());
    Ok(leave_in_force(super::leave::of(shell, id, leave).await?, &turn))
}

/// The leave after what is due, whether or not its job has run.
fn leave_in_force(mut leave: Stored<Leaves>, turn: &Turn) -> Stored<Leaves> {
    if let Some(step) = turn.step_of(leave.key) {
        leave.row.state = step.state;
        leave.row.end_reason = step.why.map(str::to_owned);
        leave.row.ended_at = (!step.state.is_open()).then_some(step.at);
    }
    leave
}

/// The plan that a user's record shows, as its own row tells it.
pub async fn plan(
    shell: &Shell,
    id: zelador_store::id::PlanId,
) -> Result<Option<Stored<Plans>>, Error> {
    shell.store.get::<Plans>(&id).await.during("reading a plan")
}

/// The plans ever made for a user, the oldest first; at most `limit`.
pub async fn plans(shell: &Shell, id: UserId, limit: usize) -> Result<Vec<Plan>, Error> {
    let query = Query::under_key(&id).limit(limit);
    let page = shell.store.page_by::<PlansByUser>(&query).await.during("reading plans")?;
    Ok(page.rows.into_iter().map(|found| found.row).collect())
}
