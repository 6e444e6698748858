//! The shell: load, decide, commit, tell. A command that was overtaken loads and
//! decides anew.

mod categories;
mod resources;

use zelador_store::category::{Categories, Category};
use zelador_store::id::{CategoryId, ResourceId, TenantId};
use zelador_store::resource::{Resource, Resources};
use zelador_store::tenant::{Tenant, Tenants};
use zelador_store::{Stored, Table};

use crate::engine::Shell;
use crate::error::{During, Error, Refusal};

pub(super) use categories::{delete_category, register_category, revise_category};
pub(super) use resources::{delete_resource, foresee, register_resource, revise_resource};

/// A living category of a living tenant that the caller may see.
pub(super) async fn category(
    shell: &Shell,
    id: CategoryId,
    within: Option<TenantId>,
) -> Result<(Stored<Categories>, Stored<Tenants>), Error> {
    let absent = Refusal::Absent { what: "category" };
    let found = shell.store.get::<Categories>(&id).await.during("reading a category")?;
    let found = found.filter(|found| {
        let row: &Category = &found.row;
        row.is_live() && within.is_none_or(|tenant| tenant == row.tenant)
    });
    let found = found.ok_or(absent.clone())?;
    let owner = owner(shell, found.row.tenant, absent).await?;
    Ok((found, owner))
}

/// A living resource of a living tenant that the caller may see, and the
/// category it is of.
pub(super) async fn resource(
    shell: &Shell,
    id: ResourceId,
    within: Option<TenantId>,
) -> Result<(Stored<Resources>, Option<Stored<Categories>>, Stored<Tenants>), Error> {
    let absent = Refusal::Absent { what: "resource" };
    let found = shell.store.get::<Resources>(&id).await.during("reading a resource")?;
    let found = found.filter(|found| {
        let row: &Resource = &found.row;
        row.is_live() && within.is_none_or(|tenant| tenant == row.tenant)
    });
    let found = found.ok_or(absent.clone())?;
    let owner = owner(shell, found.row.tenant, absent).await?;
    let category = match found.row.category {
        Some(id) => read::<Categories>(shell, id, "reading a category").await?,
        None => None,
    };
    Ok((found, category, owner))
}

async fn owner(shell: &Shell, id: TenantId, absent: Refusal) -> Result<Stored<Tenants>, Error> {
    let owner = read::<Tenants>(shell, id, "reading a tenant").await?;
    Ok(owner.filter(|owner| Tenant::is_live(&owner.row)).ok_or(absent)?)
}

async fn read<T: Table>(
    shell: &Shell,
    key: T::Key,
    doing: &'static str,
) -> Result<Option<Stored<T>>, Error> {
    shell.store.get::<T>(&key).await.during(doing)
}
