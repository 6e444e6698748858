//! Commands about categories.

use zelador_store::Write;
use zelador_store::category::{Categories, CategoryCounts};
use zelador_store::id::{Category as OfCategory, CategoryId};

use super::category as load;
use crate::engine::{Shell, Tries};
use crate::error::{During, Error};
use crate::resources::messages::{CategoryRecord, Delete, Register, Revise};
use crate::resources::rules::{CategoryDraft, category, inheritance};
use crate::resources::tell::{Telling, Verb};
use crate::tenants;

/// Makes a category. The tenant's row is expected unchanged.
pub(crate) async fn register_category(
    shell: &Shell,
    command: Register<CategoryDraft, CategoryRecord>,
) -> Result<CategoryRecord, Error> {
    let Register { tenant, draft, by, keep } = command;
    let draft = category::check(draft)?;
    let mut tries = Tries::of("making a category");
    loop {
        let owner = tenants::load(shell, tenant).await?;
        inheritance::check_hours(&owner.row.settings, None, &draft.settings)?;
        let id: CategoryId = shell.id();
        let row = category::register(tenant, draft.clone(), shell.now());
        let mut write = Write::new();
        write.expect(&owner);
        write.insert::<Categories>(&id, &row);
        Telling { shell, by: &by, write: &mut write }.category(&Verb::Create, id, None, &row);
        let record = CategoryRecord { id, category: row, tenant: owner.row };
        if let Some(keep) = &keep {
            keep.stage(&mut write, &record);
        }
        match shell.store.commit(write).await {
            Ok(_) => {
                tracing::info!(category_id = %id, tenant_id = %tenant, %by, "category made");
                return Ok(record);
            }
            Err(error) => tries.again(error)?,
        }
    }
}

/// Makes a category what a draft says.
pub(crate) async fn revise_category(
    shell: &Shell,
    command: Revise<OfCategory, CategoryDraft>,
) -> Result<CategoryRecord, Error> {
    let Revise { id, within, draft, if_version, by } = command;
    let draft = category::check(draft)?;
    let mut tries = Tries::of("revising a category");
    loop {
        let (found, owner) = load(shell, id, within).await?;
        tenants::rules::expect_version(found.row.version, if_version)?;
        let tenant = owner.row;
        let Some((row, changed)) = category::revise(&found.row, draft.clone(), shell.now()) else {
            return Ok(CategoryRecord { id, category: found.row, tenant });
        };
        if row.settings != found.row.settings {
            inheritance::check_hours(&tenant.settings, None, &row.settings)?;
        }
        let mut write = Write::new();
        write.update::<Categories>(&found, &row);
        let mut telling = Telling { shell, by: &by, write: &mut write };
        telling.category(&Verb::Update(changed), id, Some(&found.row), &row);
        match shell.store.commit(write).await {
            Ok(_) => return Ok(CategoryRecord { id, category: row, tenant }),
            Err(error) => tries.again(error)?,
        }
    }
}

/// Deletes a category that no living resource is of.
pub(crate) async fn delete_category(
    shell: &Shell,
    command: Delete<OfCategory>,
) -> Result<(), Error> {
    let Delete { id, within, if_version, by } = command;
    let mut tries = Tries::of("deleting a category");
    loop {
        let (found, _) = load(shell, id, within).await?;
        tenants::rules::expect_version(found.row.version, if_version)?;
        let count = shell.store.count::<CategoryCounts>(&id).await;
        let count = count.during("counting resources")?;
        if count > 0 {
            return Err(category::in_use(count).into());
        }
        let row = category::delete(&found.row, shell.now());
        let mut write = Write::new();
        write.update::<Categories>(&found, &row);
        write.expect_zero::<CategoryCounts>(&id);
        let mut telling = Telling { shell, by: &by, write: &mut write };
        telling.category(&Verb::Delete, id, Some(&found.row), &row);
        match shell.store.commit(write).await {
            Ok(_) => {
                let tenant = row.tenant;
                tracing::info!(category_id = %id, tenant_id = %tenant, %by, "category deleted");
                return Ok(());
            }
            Err(error) => tries.again(error)?,
        }
    }
}
