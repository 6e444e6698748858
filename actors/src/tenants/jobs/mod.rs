//! `tenant.purge`: what is left of a deleted tenant goes, a little at a time.
//!
//! The tenant's own row goes last, in the commit of the job's success: a purge
//! that was cut off finds it, and goes on with what is still there. Each user's
//! `user.deleted` is in the write that removes the user's row.

mod bookings;
mod things;
mod users;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::TenantId;
use zelador_store::tenant::Tenants;
use zelador_store::{Lookup, Page, Query, Stored, Table, Write};

use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob};
use crate::engine::webhooks::jobs as webhooks;
use crate::facts::about_tenant;

/// The kind of job.
pub const PURGE: &str = "tenant.purge";

/// Rows of a kind removed in one write: enough to be quick, few enough to let
/// others in.
const STEP: usize = 200;

#[derive(Debug, Serialize, Deserialize)]
struct Args {
    tenant_id: TenantId,
}

/// How many of each are gone; what is left is found anew.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Done {
    bookings: u64,
    resources: u64,
    categories: u64,
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
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let Args { tenant_id } = cx.args()?;
        let mut write = Write::new();
        let Some(tenant) = cx.shell.store.get::<Tenants>(&tenant_id).await? else {
            tracing::info!(%tenant_id, "nothing to purge: the tenant is gone");
            return Ok(write);
        };
        if tenant.row.is_live() {
            return Err(Failure::permanent("the tenant was not deleted"));
        }
        let mut done: Done = cx.resume().unwrap_or_default();
        // Whoever points to others goes before them.
        bookings::purge(&cx, &mut done, tenant_id).await?;
        things::resources(&cx, &mut done, tenant_id).await?;
        things::categories(&cx, &mut done, tenant_id).await?;
        users::purge(&cx, &mut done, tenant_id).await?;
        // They have told of everything before.
        webhooks::purge(&cx, tenant_id, tenant.row.deleted_at.unwrap_or_default()).await?;
        write.remove::<Tenants>(&tenant);
        let Done { bookings, resources, categories, users } = done;
        tracing::info!(%tenant_id, users, bookings, resources, categories, "tenant purged");
        Ok(write)
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

/// Whether there may be more rows than these.
fn remove_page<T: Table>(write: &mut Write, page: &Page<Stored<T>>) -> bool {
    for row in &page.rows {
        write.remove::<T>(row);
    }
    page.next.is_some()
}

/// The rows of a tenant that are left to remove.
async fn count<L: Lookup<Key = (TenantId, u8)>>(
    shell: &Shell,
    tenant: TenantId,
) -> Result<u64, Failure> {
    let mut count = 0;
    let mut next = None;
    loop {
        let query = Query::under(&(tenant,)).after(next).limit(10 * STEP);
        let page = shell.store.entries::<L>(&query).await?;
        count += page.rows.len() as u64;
        next = page.next;
        if next.is_none() {
            return Ok(count);
        }
    }
}

/// Tells of a deletion: a kind of event, and what it is about. There is no
/// timeline any more to show it.
fn tell(
    write: &mut Write,
    cx: &JobCx,
    (kind, key): (&str, String),
    tenant: TenantId,
    mut data: Value,
) {
    let by = Author::new(AuthorKind::Job, cx.id.to_string());
    if let Some(members) = data.as_object_mut() {
        members.insert("reason".into(), json!("tenant_deleted"));
    }
    let mut event = about_tenant(&cx.shell, kind, tenant, &by, data);
    event.key = key;
    write.event(&event);
}
