//! What is answered about categories and resources from committed data, on the
//! caller's task.

mod list;
mod walk;

use zelador_store::booking::Occupied;
use zelador_store::id::{CategoryId, ResourceId, TenantId};
use zelador_store::{Query, Timestamp};

use super::actor;
use super::messages::{CategoryRecord, ResourceRecord, Upcoming};
use crate::engine::Shell;
use crate::error::{During, Error};

pub use list::{CategoryFilter, ResourceFilter, categories, resources};

/// Bookings counted at most, and at a time.
const COUNTED: usize = 10_000;
const PAGE: usize = 1000;

/// A living category that the caller may see.
pub async fn category(
    shell: &Shell,
    id: CategoryId,
    within: Option<TenantId>,
) -> Result<CategoryRecord, Error> {
    let (found, owner) = actor::category(shell, id, within).await?;
    Ok(CategoryRecord { id, category: found.row, tenant: owner.row })
}

/// A living resource that the caller may see.
pub async fn resource(
    shell: &Shell,
    id: ResourceId,
    within: Option<TenantId>,
) -> Result<ResourceRecord, Error> {
    let (found, home, owner) = actor::resource(shell, id, within).await?;
    let category = home.map(|home| home.row);
    Ok(ResourceRecord { id, resource: found.row, category, tenant: owner.row })
}

/// The bookings that occupy a resource and begin at an instant or after it.
pub async fn upcoming(shell: &Shell, id: ResourceId, from: Timestamp) -> Result<Upcoming, Error> {
    let (mut bookings, mut after) = (0, None);
    loop {
        let query = Query::under(&(id,)).from(&(id, from)).after(after).limit(PAGE);
        let page = shell.store.entries::<Occupied>(&query).await.during("counting bookings")?;
        bookings += page.rows.len();
        after = page.next;
        if after.is_none() || bookings >= COUNTED {
            return Ok(Upcoming { bookings, more: after.is_some() });
        }
    }
}
