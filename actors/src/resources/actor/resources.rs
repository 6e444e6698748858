//! Commands about resources.

use zelador_store::category::Categories;
use zelador_store::id::{CategoryId, Resource as OfResource, ResourceId, TenantId};
use zelador_store::resource::Resource;
use zelador_store::tenant::Tenant;
use zelador_store::{Stored, Write};

use super::{category, resource as load};
use crate::engine::{Shell, Tries};
use crate::error::Error;
use crate::resources::messages::{Delete, Foreseen, Register, ResourceRecord, Revise};
use crate::resources::queries::upcoming;
use crate::resources::rules::{ResourceDraft, inheritance, resource};
use crate::resources::tell::{Telling, Verb};
use crate::tenants;

/// Makes a resource. The rows of its tenant and its category are expected
/// unchanged.
pub(crate) async fn register_resource(
    shell: &Shell,
    command: Register<ResourceDraft, ResourceRecord>,
) -> Result<ResourceRecord, Error> {
    let Register { tenant, draft, by, keep } = command;
    let draft = resource::check(draft)?;
    let mut tries = Tries::of("making a resource");
    loop {
        let owner = tenants::load(shell, tenant).await?;
        let home = home(shell, draft.category, tenant).await?;
        let row = resource::register(tenant, draft.clone(), shell.now());
        check_hours(&owner.row, home.as_ref(), &row)?;
        let id: ResourceId = shell.id();
        let mut write = Write::new();
        write.expect(&owner);
        if let Some(home) = &home {
            write.expect(home);
        }
        write.insert_resource(&id, &row);
        Telling { shell, by: &by, write: &mut write }.resource(&Verb::Create, id, None, &row);
        let category = home.map(|home| home.row);
        let record = ResourceRecord { id, resource: row, category, tenant: owner.row };
        if let Some(keep) = &keep {
            keep.stage(&mut write, &record);
        }
        match shell.store.commit(write).await {
            Ok(_) => {
                tracing::info!(resource_id = %id, tenant_id = %tenant, %by, "resource made");
                return Ok(record);
            }
            Err(error) => tries.again(error)?,
        }
    }
}

/// Makes a resource what a draft says. A category that it comes into is expected
/// unchanged.
pub(crate) async fn revise_resource(
    shell: &Shell,
    command: Revise<OfResource, ResourceDraft>,
) -> Result<ResourceRecord, Error> {
    let Revise { id, within, draft, if_version, by } = command;
    let draft = resource::check(draft)?;
    let mut tries = Tries::of("revising a resource");
    loop {
        let (found, mut home_row, owner) = load(shell, id, within).await?;
        tenants::rules::expect_version(found.row.version, if_version)?;
        let tenant = owner.row;
        let revised = resource::revise(&found.row, draft.clone(), shell.now());
        let Some((row, changed)) = revised else {
            let category = home_row.map(|home| home.row);
            return Ok(ResourceRecord { id, resource: found.row, category, tenant });
        };
        let mut write = Write::new();
        let moved = row.category != found.row.category;
        if moved {
            home_row = home(shell, row.category, row.tenant).await?;
            if let Some(home) = &home_row {
                write.expect(home);
            }
        }
        if moved || row.settings != found.row.settings {
            check_hours(&tenant, home_row.as_ref(), &row)?;
        }
        write.update_resource(&found, &row);
        let mut telling = Telling { shell, by: &by, write: &mut write };
        telling.resource(&Verb::Update(changed), id, Some(&found.row), &row);
        match shell.store.commit(write).await {
            Ok(_) => {
                let category = home_row.map(|home| home.row);
                return Ok(ResourceRecord { id, resource: row, category, tenant });
            }
            Err(error) => tries.again(error)?,
        }
    }
}

/// Deletes a resource. What is booked on it follows from the event.
pub(crate) async fn delete_resource(
    shell: &Shell,
    command: Delete<OfResource>,
) -> Result<(), Error> {
    let Delete { id, within, if_version, by } = command;
    let mut tries = Tries::of("deleting a resource");
    loop {
        let (found, ..) = load(shell, id, within).await?;
        tenants::rules::expect_version(found.row.version, if_version)?;
        let row = resource::delete(&found.row, shell.now());
        let mut write = Write::new();
        write.update_resource(&found, &row);
        let mut telling = Telling { shell, by: &by, write: &mut write };
        telling.resource(&Verb::Delete, id, Some(&found.row), &row);
        match shell.store.commit(write).await {
            Ok(_) => {
                let tenant = row.tenant;
                tracing::info!(resource_id = %id, tenant_id = %tenant, %by, "resource deleted");
                return Ok(());
            }
            Err(error) => tries.again(error)?,
        }
    }
}

/// What deleting a resource would come to.
pub(crate) async fn foresee(
    shell: &Shell,
    command: &Delete<OfResource>,
) -> Result<Foreseen, Error> {
    let (found, home, owner) = load(shell, command.id, command.within).await?;
    tenants::rules::expect_version(found.row.version, command.if_version)?;
    let cancelled = upcoming(shell, command.id, shell.now()).await?;
    let category = home.map(|home| home.row);
    let record =
        ResourceRecord { id: command.id, resource: found.row, category, tenant: owner.row };
    Ok(Foreseen { record, cancelled })
}

/// The category that a resource of a tenant is to be of.
async fn home(
    shell: &Shell,
    id: Option<CategoryId>,
    tenant: TenantId,
) -> Result<Option<Stored<Categories>>, Error> {
    match id {
        Some(id) => Ok(Some(category(shell, id, Some(tenant)).await?.0)),
        None => Ok(None),
    }
}

fn check_hours(
    tenant: &Tenant,
    home: Option<&Stored<Categories>>,
    row: &Resource,
) -> Result<(), Error> {
    let above = home.map(|home| &home.row.settings);
    Ok(inheritance::check_hours(&tenant.settings, above, &row.settings)?)
}
