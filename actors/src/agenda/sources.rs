//! Where what is to come stands.

use std::time::Duration;

use zelador_store::id::{JobId, LeaveId, PlanId, UserId};
use zelador_store::job::{Job, JobState, JobsByPlace};
use zelador_store::kv::Term;
use zelador_store::leave::{Leave, LeaveState, LeavesByDue, LeavesByLaterEnd, LeavesByUser};
use zelador_store::plan::{Plan, PlanState, PlansByDue, PlansByUser};
use zelador_store::session::{InvitationsByExpiry, SessionsByExpiry};
use zelador_store::token::TokensByExpiry;
use zelador_store::user::{Status, Users};
use zelador_store::{Lookup, Query, Stored, Timestamp};

use super::merge::{Found, Place, Window};
use super::scan::{Index, scan};
use super::{AgendaItem, AgendaKind, AgendaQuery};
use crate::engine::Shell;
use crate::engine::schedules::{Pattern, ScheduleView};
use crate::error::{During, Error};

// The order of sources within one instant.
const PLAN: u8 = 0;
const JOB: u8 = 1;
const SCHEDULE: u8 = 2;
const TOKEN: u8 = 3;
const SESSION: u8 = 4;
const INVITATION: u8 = 5;
const LEAVE: u8 = 6;
const LATER_END: u8 = 7;

/// Rows read at once.
const PAGE: usize = 500;

/// An index by a time alone.
type ByTime = Index<fn(Timestamp) -> Timestamp, fn(&Timestamp) -> Timestamp>;

fn by_time(source: u8) -> ByTime {
    Index { source, key: |at| at, time: |at| *at }
}

fn item(place: Place, kind: AgendaKind, what: &str) -> AgendaItem {
    AgendaItem {
        at: place.0,
        kind,
        what: what.to_owned(),
        tenant: None,
        user: None,
        job: None,
        plan: None,
        leave: None,
        schedule: None,
        place,
    }
}

fn plan(id: PlanId, plan: &Plan) -> AgendaItem {
    let place = (plan.at, PLAN, id.to_string());
    AgendaItem {
        tenant: Some(plan.tenant),
        user: Some(plan.user),
        job: Some(plan.job),
        plan: Some(id),
        ..item(place, AgendaKind::Plan(plan.sort), plan.to.word())
    }
}

/// The next thing that an open leave does.
fn edge(id: LeaveId, leave: &Leave) -> Option<AgendaItem> {
    let begins = leave.state == LeaveState::Planned;
    leave.state.is_open().then(|| if begins { beginning(id, leave) } else { end(id, leave) })
}

/// The end of a leave that has not begun.
fn later_end(id: LeaveId, leave: &Leave) -> Option<AgendaItem> {
    let place = (leave.ends, LATER_END, id.to_string());
    (leave.state == LeaveState::Planned).then(|| AgendaItem { place, ..end(id, leave) })
}

fn beginning(id: LeaveId, leave: &Leave) -> AgendaItem {
    let place = (leave.begins, LEAVE, id.to_string());
    AgendaItem { job: leave.begin_job, ..leave_item(place, id, leave, Status::Suspended) }
}

fn end(id: LeaveId, leave: &Leave) -> AgendaItem {
    let place = (leave.ends, LEAVE, id.to_string());
    AgendaItem { job: Some(leave.end_job), ..leave_item(place, id, leave, Status::Active) }
}

fn leave_item(place: Place, id: LeaveId, leave: &Leave, to: Status) -> AgendaItem {
    AgendaItem {
        tenant: Some(leave.tenant),
        user: Some(leave.user),
        leave: Some(id),
        ..item(place, AgendaKind::Leave, to.word())
    }
}

/// Planned changes of status.
pub(super) async fn plans(
    shell: &Shell,
    query: &AgendaQuery,
    window: &Window,
) -> Result<Found, Error> {
    let open = |stored: Stored<_>| {
        let row: &Plan = &stored.row;
        (row.state == PlanState::Planned).then(|| plan(stored.key, row))
    };
    match query.user {
        Some(user) => theirs::<PlansByUser, _>(shell, (query, window), user, open).await,
        None => scan::<PlansByDue, _>(shell, (query, window), by_time(PLAN), open).await,
    }
}

/// What open leaves do next.
pub(super) async fn leaves(
    shell: &Shell,
    query: &AgendaQuery,
    window: &Window,
) -> Result<Found, Error> {
    let item = |stored: Stored<_>| edge(stored.key, &stored.row);
    match query.user {
        Some(user) => theirs::<LeavesByUser, _>(shell, (query, window), user, item).await,
        None => scan::<LeavesByDue, _>(shell, (query, window), by_time(LEAVE), item).await,
    }
}

/// The ends of leaves that have not begun.
pub(super) async fn later_ends(
    shell: &Shell,
    query: &AgendaQuery,
    window: &Window,
) -> Result<Found, Error> {
    let item = |stored: Stored<_>| later_end(stored.key, &stored.row);
    match query.user {
        Some(user) => theirs::<LeavesByUser, _>(shell, (query, window), user, item).await,
        None => scan::<LeavesByLaterEnd, _>(shell, (query, window), by_time(LATER_END), item).await,
    }
}

/// The items of one person's rows, which are few.
async fn theirs<L, F>(
    shell: &Shell,
    (query, window): (&AgendaQuery, &Window),
    user: UserId,
    item: F,
) -> Result<Found, Error>
where
    L: Lookup<Key = UserId>,
    F: Fn(Stored<L::Table>) -> Option<AgendaItem>,
{
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let page = Query::under_key(&user).limit(PAGE).after(after);
        let page = shell.store.page_by::<L>(&page).await.during("reading what is planned")?;
        items.extend(page.rows.into_iter().filter_map(&item));
        after = page.next;
        if after.is_none() {
            items.retain(|item| query.takes(item) && window.holds(&item.place));
            return Ok(Found::whole(items));
        }
    }
}

/// Jobs of a queue that wait for their time.
pub(super) async fn jobs(
    shell: &Shell,
    query: &AgendaQuery,
    window: &Window,
    queue: &str,
) -> Result<Found, Error> {
    let (state, queue) = (JobState::Scheduled.code(), Term::new(queue));
    let key = |at| (state, queue.clone(), 0, at);
    let index = Index { source: JOB, key, time: |place: &zelador_store::job::Place| place.3 };
    scan::<JobsByPlace, _>(shell, (query, window), index, |stored| job(stored.key, &stored.row))
        .await
}

fn job(id: JobId, job: &Job) -> Option<AgendaItem> {
    let at = job.run_at?;
    if carries_out_a_plan(job) {
        return None;
    }
    let place = (at, JOB, id.to_string());
    let (tenant, user) = (job.tenant, job.user);
    Some(AgendaItem { tenant, user, job: Some(id), ..item(place, AgendaKind::Job, &job.kind) })
}

/// Such a job is the plan, or an end of the leave, which is listed itself.
fn carries_out_a_plan(job: &Job) -> bool {
    let key = job.unique.as_deref();
    key.is_some_and(|key| key.starts_with("plan:") || key.starts_with("leave:"))
}

/// When a schedule fires, by its own rule; not before the time that its row holds.
pub(super) fn schedule(window: &Window, view: &ScheduleView) -> Option<Found> {
    let first = view.row.as_ref()?.next_at?;
    let pattern = Pattern::read(&view.settings.cron, &view.settings.timezone).ok()?;
    let begin = window.begin(SCHEDULE);
    let mut next =
        if first >= begin { Some(first) } else { pattern.next(begin - Duration::from_millis(1)) };
    let mut found = Found::default();
    while let Some(at) = next.filter(|at| *at < window.to) {
        let place = (at, SCHEDULE, view.name.clone());
        if found.items.len() > window.limit {
            found.until = found.items.last().map(|last: &AgendaItem| last.place.clone());
            break;
        }
        if window.holds(&place) {
            let what = item(place, AgendaKind::Schedule, &view.settings.kind);
            found.items.push(AgendaItem { schedule: Some(view.name.clone()), ..what });
        }
        next = pattern.next(at);
    }
    Some(found)
}

/// Tokens that will be refused.
pub(super) async fn tokens(
    shell: &Shell,
    query: &AgendaQuery,
    window: &Window,
) -> Result<Found, Error> {
    scan::<TokensByExpiry, _>(shell, (query, window), by_time(TOKEN), |stored| {
        let place = (stored.row.expires_at?, TOKEN, stored.key.to_string());
        let tenant = stored.row.tenant;
        Some(AgendaItem { tenant, ..item(place, AgendaKind::Expiry, "token") })
    })
    .await
}

/// Sessions that will be over.
pub(super) async fn sessions(
    shell: &Shell,
    query: &AgendaQuery,
    window: &Window,
) -> Result<Found, Error> {
    scan::<SessionsByExpiry, _>(shell, (query, window), by_time(SESSION), |stored| {
        let session = stored.row;
        let place = (session.expires_at, SESSION, stored.key.to_string());
        let what = item(place, AgendaKind::Expiry, "session");
        let (tenant, user) = (Some(session.tenant), Some(session.user));
        session.revoked_at.is_none().then_some(AgendaItem { tenant, user, ..what })
    })
    .await
}

/// Invitations that will be refused.
pub(super) async fn invitations(
    shell: &Shell,
    query: &AgendaQuery,
    window: &Window,
) -> Result<Found, Error> {
    // Whose they are, the user's row says.
    let of_all = AgendaQuery { tenant: None, ..query.clone() };
    let index = by_time(INVITATION);
    let mut found = scan::<InvitationsByExpiry, _>(shell, (&of_all, window), index, |stored| {
        let place = (stored.row.invite?.expires_at, INVITATION, stored.key.to_string());
        let what = item(place, AgendaKind::Expiry, "invitation");
        Some(AgendaItem { user: Some(stored.key), ..what })
    })
    .await?;
    for item in &mut found.items {
        let Some(id) = item.user else { continue };
        let user = shell.store.get::<Users>(&id).await.during("reading a user")?;
        item.tenant = user.map(|user| user.row.tenant);
    }
    found.items.retain(|item| query.takes(item));
    Ok(found)
}
