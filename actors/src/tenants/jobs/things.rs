//! What is removed of a tenant's categories and resources. Resources go first, for
//! a category counts those that it has.

use serde_json::json;
use zelador_store::booking::Calendars;
use zelador_store::category::{Categories, CategoriesByTenant};
use zelador_store::id::TenantId;
use zelador_store::resource::{Resources, ResourcesByTenant};
use zelador_store::{Query, Write};

use super::{Done, STEP, committed, count, tell};
use crate::engine::jobs::{Failure, JobCx};

pub(super) async fn resources(
    cx: &JobCx,
    done: &mut Done,
    tenant: TenantId,
) -> Result<(), Failure> {
    let total = done.resources + count::<ResourcesByTenant>(&cx.shell, tenant).await?;
    loop {
        let query = Query::under(&(tenant,)).limit(STEP);
        let page = cx.shell.store.entries::<ResourcesByTenant>(&query).await?;
        if page.rows.is_empty() {
            return Ok(());
        }
        let mut write = Write::new();
        for (_, id) in &page.rows {
            let Some(found) = cx.shell.store.get::<Resources>(id).await? else { continue };
            if let Some(calendar) = cx.shell.store.get::<Calendars>(id).await? {
                write.remove::<Calendars>(&calendar);
            }
            write.remove_resource(&found);
            if found.row.is_live() {
                let data = json!({ "resource_id": id, "tenant_id": tenant });
                let what = ("resource.deleted", format!("resource:{id}"));
                tell(&mut write, cx, what, tenant, data);
            }
        }
        if !committed(&cx.shell, write).await? {
            continue;
        }
        done.resources += page.rows.len() as u64;
        let line = format!("{} of {total} resources removed", done.resources);
        cx.progress(done.resources, total, line);
        cx.checkpoint(done).await?;
    }
}

pub(super) async fn categories(
    cx: &JobCx,
    done: &mut Done,
    tenant: TenantId,
) -> Result<(), Failure> {
    let total = done.categories + count::<CategoriesByTenant>(&cx.shell, tenant).await?;
    loop {
        let query = Query::under(&(tenant,)).limit(STEP);
        let page = cx.shell.store.entries::<CategoriesByTenant>(&query).await?;
        if page.rows.is_empty() {
            return Ok(());
        }
        let mut write = Write::new();
        for (_, id) in &page.rows {
            let Some(found) = cx.shell.store.get::<Categories>(id).await? else { continue };
            write.remove::<Categories>(&found);
            if found.row.is_live() {
                let data = json!({ "category_id": id, "tenant_id": tenant });
                let what = ("category.deleted", format!("category:{id}"));
                tell(&mut write, cx, what, tenant, data);
            }
        }
        if !committed(&cx.shell, write).await? {
            continue;
        }
        done.categories += page.rows.len() as u64;
        let line = format!("{} of {total} categories removed", done.categories);
        cx.progress(done.categories, total, line);
        cx.checkpoint(done).await?;
    }
}
