//! Where what is to come stands.

use std::time::Duration;

use zelador_store::id::{JobId, PlanId};
use zelador_store::job::{Job, JobState, JobsByPlace};
use zelador_store::kv::Term;
use zelador_store::plan::{Plan, PlanState, PlansByDue, PlansByUser};
use zelador_store::session::{Credentials, CredentialsByInvite, SessionsByExpiry};
use zelador_store::token::Tokens;
use zelador_store::{Query, Timestamp};

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

/// Rows read at once.
const PAGE: usize = 500;

/// Rows of a source without an index by time that are looked at, at most.
const MOST: usize = 10_000;

fn item(place: Place, kind: AgendaKind, what: &str) -> AgendaItem {
    AgendaItem {
        at: place.0,
        kind,
        what: what.to_owned(),
        tenant: None,
        user: None,
        job: None,
        plan: None,
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

/// Planned changes of status; the two ends of a leave are jobs.
pub(super) async fn plans(
    shell: &Shell,
    query: &AgendaQuery,
    window: &Window,
) -> Result<Found, Error> {
    let Some(user) = query.user else {
        let index = Index { source: PLAN, key: |at| at, time: |at: &Timestamp| *at };
        return scan::<PlansByDue, _>(shell, (query, window), index, |stored| {
            Some(plan(stored.key, &stored.row))
        })
        .await;
    };
    let (mut items, mut after) = (Vec::new(), None);
    loop {
        let page = Query::under_key(&user).limit(PAGE).after(after);
        let page = shell.store.page_by::<PlansByUser>(&page).await.during("reading plans")?;
        let open = page.rows.iter().filter(|stored| stored.row.state == PlanState::Planned);
        items.extend(open.map(|stored| plan(stored.key, &stored.row)));
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

/// Such a job is the plan, which is listed itself.
fn carries_out_a_plan(job: &Job) -> bool {
    job.unique.as_deref().is_some_and(|key| key.starts_with("plan:"))
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

/// Tokens that will be refused. There are few, and no index by that time.
pub(super) async fn tokens(
    shell: &Shell,
    query: &AgendaQuery,
    window: &Window,
) -> Result<Found, Error> {
    let (mut items, mut after, mut looked_at) = (Vec::new(), None, 0);
    loop {
        let page = Query::all().limit(PAGE).after(after);
        let page = shell.store.page::<Tokens>(&page).await.during("reading tokens")?;
        looked_at += PAGE;
        for token in page.rows.into_iter().filter(|token| token.row.revoked_at.is_none()) {
            let Some(at) = token.row.expires_at else { continue };
            let place = (at, TOKEN, token.key.to_string());
            let tenant = token.row.tenant;
            items.push(AgendaItem { tenant, ..item(place, AgendaKind::Expiry, "token") });
        }
        after = page.next;
        if after.is_none() || looked_at >= MOST {
            items.retain(|item| query.takes(item) && window.holds(&item.place));
            return Ok(Found::whole(items));
        }
    }
}

/// Sessions that will be over.
pub(super) async fn sessions(
    shell: &Shell,
    query: &AgendaQuery,
    window: &Window,
) -> Result<Found, Error> {
    let index = Index { source: SESSION, key: |at| at, time: |at: &Timestamp| *at };
    scan::<SessionsByExpiry, _>(shell, (query, window), index, |stored| {
        let session = stored.row;
        let place = (session.expires_at, SESSION, stored.key.to_string());
        let what = item(place, AgendaKind::Expiry, "session");
        let (tenant, user) = (Some(session.tenant), Some(session.user));
        session.revoked_at.is_none().then_some(AgendaItem { tenant, user, ..what })
    })
    .await
}

/// Invitations that will be refused; only the open ones are looked at.
pub(super) async fn invitations(
    shell: &Shell,
    query: &AgendaQuery,
    window: &Window,
) -> Result<Found, Error> {
    let (mut items, mut after, mut looked_at) = (Vec::new(), None, 0);
    loop {
        let page = Query::all().limit(PAGE).after(after);
        let page = shell.store.owners::<CredentialsByInvite>(&page).await;
        let page = page.during("reading invitations")?;
        looked_at += PAGE;
        for (_, id) in page.rows {
            let found =
                shell.store.get::<Credentials>(&id).await.during("reading an invitation")?;
            let Some(invite) = found.and_then(|found| found.row.invite) else { continue };
            let place = (invite.expires_at, INVITATION, id.to_string());
            if !window.holds(&place) {
                continue;
            }
            let user = shell.store.get::<zelador_store::user::Users>(&id).await;
            let tenant = user.during("reading a user")?.map(|user| user.row.tenant);
            let what = item(place, AgendaKind::Expiry, "invitation");
            items.push(AgendaItem { tenant, user: Some(id), ..what });
        }
        after = page.next;
        if after.is_none() || looked_at >= MOST {
            items.retain(|item| query.takes(item));
            return Ok(Found::whole(items));
        }
    }
}
