//! `tenant.purge`: what is left of a deleted tenant goes, a little at a time.
//!
//! The tenant's own row goes last, in the commit of the job's success: a purge
//! that was cut off finds it, and goes on with what is still there. Each user's
//! `user.deleted` is in the write that removes the user's row.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::event::Timeline;
use zelador_store::id::{TenantId, UserId};
use zelador_store::leave::LeavesByUser;
use zelador_store::plan::{PlanState, PlansByUser};
use zelador_store::session::{Credentials, SessionsByUser};
use zelador_store::tenant::Tenants;
use zelador_store::user::{StatusHistory, User, Users, UsersByTenant};
use zelador_store::{Page, Query, Stored, Table, Write};

use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob, call_off};
use crate::facts::about_tenant;

/// The kind of job.
pub const PURGE: &str = "tenant.purge";

/// Rows of a kind removed in one write: enough to be quick, few enough to let
/// others in.
const STEP: usize = 200;
/// Users removed in one write.
const USERS: usize = 20;

#[derive(Debug, Serialize, Deserialize)]
struct Args {
    tenant_id: TenantId,
}

/// How many users are gone; what is left is found anew.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Done {
    users: u64,
}

/// The job that removes the rows of a deleted tenant.
pub fn purge(tenant: TenantId) -> NewJob {
    let mut job = NewJob::new(PURGE, &Args { tenant_id: tenant }).unique(format!("purge:{tenant}"));
    job.tenant = Some(tenant);
    job
}

/// Does the work of `tenant.purge`.
#[derive(Debug, Default)]
pub struct Purge;

#[async_trait]
impl Handler for Purge {
    async fn run(&self, mut cx: JobCx) -> Result<Write, Failure> {
        let Args { tenant_id } = cx.args()?;
        let mut write = Write::new();
        let Some(tenant) = cx.shell.store.get::<Tenants>(&tenant_id).await? else {
            tracing::info!(%tenant_id, "nothing to purge: the tenant is gone");
            return Ok(write);
        };
        if tenant.row.is_live() {
            return Err(Failure::permanent("the tenant was not deleted"));
        }
        let users = purge_users(&mut cx, tenant_id).await?;
        write.remove::<Tenants>(&tenant);
        tracing::info!(%tenant_id, users, "tenant purged");
        Ok(write)
    }
}

async fn purge_users(cx: &mut JobCx, tenant: TenantId) -> Result<u64, Failure> {
    let mut done: Done = cx.resume().unwrap_or_default();
    let total = done.users + count_users(&cx.shell, tenant).await?;
    loop {
        let query = Query::under(&(tenant,)).limit(USERS);
        let page = cx.shell.store.entries::<UsersByTenant>(&query).await?;
        if page.rows.is_empty() {
            return Ok(done.users);
        }
        let mut write = Write::new();
        for (_, id) in &page.rows {
            let Some(user) = cx.shell.store.get::<Users>(id).await? else { continue };
            write.join(remove_traces(&cx.shell, user.key).await?);
            write.remove::<Users>(&user);
            if user.row.is_live() {
                tell(&mut write, cx, user.key, &user.row);
            }
        }
        if !committed(&cx.shell, write).await? {
            continue;
        }
        done.users += page.rows.len() as u64;
        cx.progress(done.users, total, format!("{} of {total} users removed", done.users));
        cx.checkpoint(&done).await?;
    }
}

/// `false`: something was changed meanwhile, by a command that had begun before
/// the tenant was deleted; look again.
async fn committed(shell: &Shell, write: Write) -> Result<bool, Failure> {
    match shell.store.commit(write).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_conflict() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Removes what belongs to a user until few enough rows are left to go with the
/// user's own row; these are staged in what is returned.
async fn remove_traces(shell: &Shell, user: UserId) -> Result<Write, Failure> {
    loop {
        let mut write = Write::new();
        let timeline = Query::under(&(user,)).limit(STEP);
        let timeline = shell.store.page::<Timeline>(&timeline).await?;
        let history = Query::under(&(user,)).limit(STEP);
        let history = shell.store.page::<StatusHistory>(&history).await?;
        let plans = Query::under_key(&user).limit(STEP);
        let plans = shell.store.page_by::<PlansByUser>(&plans).await?;
        // Those that were ended expire and are forgotten by themselves.
        let sessions = Query::under_key(&user).limit(STEP);
        let sessions = shell.store.page_by::<SessionsByUser>(&sessions).await?;
        if let Some(credential) = shell.store.get::<Credentials>(&user).await? {
            write.remove::<Credentials>(&credential);
        }
        for plan in plans.rows.iter().filter(|plan| plan.row.state == PlanState::Planned) {
            let why = "the tenant was deleted";
            call_off(shell, &mut write, plan.row.job, why, shell.now()).await?;
        }
        let leaves = Query::under_key(&user).limit(STEP);
        let leaves = shell.store.page_by::<LeavesByUser>(&leaves).await?;
        for leave in leaves.rows.iter().filter(|leave| leave.row.state.is_open()) {
            for job in leave.row.jobs() {
                call_off(shell, &mut write, job, "the tenant was deleted", shell.now()).await?;
            }
        }
        let more = remove_page(&mut write, &timeline)
            | remove_page(&mut write, &history)
            | remove_page(&mut write, &plans)
            | remove_page(&mut write, &leaves)
            | remove_page(&mut write, &sessions);
        if !more {
            return Ok(write);
        }
        committed(shell, write).await?;
    }
}

/// Whether there may be more rows than these.
fn remove_page<T: Table>(write: &mut Write, page: &Page<Stored<T>>) -> bool {
    for row in &page.rows {
        write.remove::<T>(row);
    }
    page.next.is_some()
}

async fn count_users(shell: &Shell, tenant: TenantId) -> Result<u64, Failure> {
    let mut count = 0;
    let mut next = None;
    loop {
        let query = Query::under(&(tenant,)).after(next).limit(10 * STEP);
        let page = shell.store.entries::<UsersByTenant>(&query).await?;
        count += page.rows.len() as u64;
        next = page.next;
        if next.is_none() {
            return Ok(count);
        }
    }
}

/// The event is not about a user any more: there is no timeline to show it.
fn tell(write: &mut Write, cx: &JobCx, user: UserId, row: &User) {
    let by = Author::new(AuthorKind::Job, cx.id.to_string());
    let data = json!({ "user_id": user, "tenant_id": row.tenant, "reason": "tenant_deleted" });
    let mut event = about_tenant(&cx.shell, "user.deleted", row.tenant, &by, data);
    event.key = format!("user:{user}");
    write.event(&event);
}
