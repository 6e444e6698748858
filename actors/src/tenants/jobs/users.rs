//! What is removed of a tenant's users: each with all of its traces.

use serde_json::json;
use zelador_store::event::Timeline;
use zelador_store::id::{TenantId, UserId};
use zelador_store::leave::LeavesByUser;
use zelador_store::notice::NoticeChoices;
use zelador_store::plan::{PlanState, PlansByUser};
use zelador_store::session::{Credentials, SessionsByUser};
use zelador_store::user::{StatusHistory, Users, UsersByTenant};
use zelador_store::{Query, Write};

use super::{Done, STEP, committed, count, remove_page, tell};
use crate::engine::Shell;
use crate::engine::jobs::{Failure, JobCx, call_off};

/// Users removed in one write.
const USERS: usize = 20;

pub(super) async fn purge(cx: &JobCx, done: &mut Done, tenant: TenantId) -> Result<(), Failure> {
    let total = done.users + count::<UsersByTenant>(&cx.shell, tenant).await?;
    loop {
        let query = Query::under(&(tenant,)).limit(USERS);
        let page = cx.shell.store.entries::<UsersByTenant>(&query).await?;
        if page.rows.is_empty() {
            return Ok(());
        }
        let mut write = Write::new();
        for (_, id) in &page.rows {
            let Some(user) = cx.shell.store.get::<Users>(id).await? else { continue };
            write.join(remove_traces(&cx.shell, user.key).await?);
            write.remove::<Users>(&user);
            if user.row.is_live() {
                let data = json!({ "user_id": id, "tenant_id": tenant });
                tell(&mut write, cx, ("user.deleted", format!("user:{id}")), tenant, data);
            }
        }
        if !committed(&cx.shell, write).await? {
            continue;
        }
        done.users += page.rows.len() as u64;
        cx.progress(done.users, total, format!("{} of {total} users removed", done.users));
        cx.checkpoint(done).await?;
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
        if let Some(choice) = shell.store.get::<NoticeChoices>(&user).await? {
            write.remove::<NoticeChoices>(&choice);
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
