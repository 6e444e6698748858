//! What is answered about tenants from committed data, on the caller's task.

use zelador_store::id::TenantId;
use zelador_store::tenant::Tenants;
use zelador_store::{Cursor, Page, Query};

use super::actor::load;
use super::messages::TenantRecord;
use crate::engine::Shell;
use crate::error::{During, Error};

/// A living tenant.
pub async fn get(shell: &Shell, id: TenantId) -> Result<TenantRecord, Error> {
    let found = load(shell, id).await?;
    Ok(TenantRecord { id, tenant: found.row })
}

/// The living tenants, the oldest first.
pub async fn list(
    shell: &Shell,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<TenantRecord>, Error> {
    let mut rows = Vec::new();
    let mut from = after;
    loop {
        // One more than asked for tells whether another page follows.
        let query = Query::all().after(from).limit(limit + 1);
        let page = shell.store.page::<Tenants>(&query).await.during("listing tenants")?;
        rows.extend(
            page.rows
                .into_iter()
                .filter(|found| found.row.is_live())
                .map(|found| TenantRecord { id: found.key, tenant: found.row }),
        );
        if rows.len() > limit {
            rows.truncate(limit);
            let next = rows.last().map(|last| Cursor::after(&last.id));
            return Ok(Page { rows, next });
        }
        from = page.next;
        if from.is_none() {
            return Ok(Page { rows, next: None });
        }
    }
}
