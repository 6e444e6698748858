//! The shell: load, decide, commit, tell.

use serde_json::{Value, json};
use zelador_store::id::TenantId;
use zelador_store::kv::Clash;
use zelador_store::tenant::{Tenant, Tenants, TenantsByDomain};
use zelador_store::{Error as StoreError, Lookup, Stored, Write};

use super::jobs::purge;
use super::messages::{Delete, Register, Revise, TenantRecord};
use super::rules;
use crate::engine::audit::{Deed, note};
use crate::engine::supervisor::{Member, Serve};
use crate::engine::{Shell, Tries};
use crate::error::{During, Error, Refusal};
use crate::facts::about_tenant;

/// Serves the commands of one tenant at a time, as the actor of that tenant.
#[derive(Clone)]
pub(super) struct Clerk {
    pub(super) shell: Shell,
}

impl Member for Clerk {
    type Key = TenantId;
    const NAME: &'static str = "tenant";
    const CONCERN: &'static str = "users";
}

impl Serve<Revise> for Clerk {
    type Answer = TenantRecord;

    async fn serve(&self, _: TenantId, command: &Revise) -> Result<TenantRecord, Error> {
        revise(&self.shell, command).await
    }
}

impl Serve<Delete> for Clerk {
    type Answer = ();

    async fn serve(&self, _: TenantId, command: &Delete) -> Result<(), Error> {
        delete(&self.shell, command).await
    }
}

/// Registers a tenant.
pub(super) async fn register(shell: &Shell, command: Register) -> Result<TenantRecord, Error> {
    let Register { draft, by, keep } = command;
    let draft = rules::check(draft)?;
    let mut tries = Tries::of("registering a tenant");
    loop {
        let id: TenantId = shell.id();
        let tenant = rules::register(draft.clone(), shell.now());
        let record = TenantRecord { id, tenant };
        let mut write = Write::new();
        write.insert::<Tenants>(&id, &record.tenant);
        let data = rules::payload(id, &record.tenant);
        write.event(&about_tenant(shell, "tenant.created", id, &by, data));
        note(shell, &mut write, &by, deed("tenant.create", id, None, Some(&record.tenant)));
        if let Some(keep) = &keep {
            keep.stage(&mut write, &record);
        }
        match shell.store.commit(write).await {
            Ok(_) => {
                tracing::info!(tenant_id = %id, by = %by, "tenant registered");
                return Ok(record);
            }
            Err(error) => tries.again(free_domain(error)?)?,
        }
    }
}

/// Makes a tenant what a draft says.
pub(super) async fn revise(shell: &Shell, command: &Revise) -> Result<TenantRecord, Error> {
    let Revise { id, draft, if_version, by } = command;
    let (id, draft) = (*id, rules::check(draft.clone())?);
    let mut tries = Tries::of("revising a tenant");
    loop {
        let found = load(shell, id).await?;
        rules::expect_version(found.row.version, *if_version)?;
        let Some((tenant, changed)) = rules::revise(&found.row, draft.clone(), shell.now()) else {
            return Ok(TenantRecord { id, tenant: found.row });
        };
        let mut write = Write::new();
        write.update::<Tenants>(&found, &tenant);
        let mut data = rules::payload(id, &tenant);
        if let Some(members) = data.as_object_mut() {
            members.insert("changed".into(), json!(changed));
        }
        write.event(&about_tenant(shell, "tenant.updated", id, by, data));
        let deed = deed("tenant.update", id, Some(&found.row), Some(&tenant));
        note(shell, &mut write, by, deed);
        match shell.store.commit(write).await {
            Ok(_) => return Ok(TenantRecord { id, tenant }),
            Err(error) => tries.again(free_domain(error)?)?,
        }
    }
}

/// Deletes a tenant; its rows go in the background.
pub(super) async fn delete(shell: &Shell, command: &Delete) -> Result<(), Error> {
    let Delete { id, if_version, by } = command;
    let id = *id;
    let mut tries = Tries::of("deleting a tenant");
    loop {
        let found = load(shell, id).await?;
        rules::expect_version(found.row.version, *if_version)?;
        let now = shell.now();
        let mut write = Write::new();
        write.update::<Tenants>(&found, &rules::delete(&found.row, now));
        let data = json!({ "tenant_id": id });
        write.event(&about_tenant(shell, "tenant.deleted", id, by, data));
        note(shell, &mut write, by, deed("tenant.delete", id, Some(&found.row), None));
        write.enqueue(shell.id(), &purge(id).build(now));
        match shell.store.commit(write).await {
            Ok(_) => {
                tracing::info!(tenant_id = %id, by = %by, "tenant deleted");
                return Ok(());
            }
            Err(error) => tries.again(error)?,
        }
    }
}

/// What the audit says of a tenant; of settings only the members that changed.
fn deed(
    action: &'static str,
    id: TenantId,
    before: Option<&Tenant>,
    after: Option<&Tenant>,
) -> Deed {
    let shown = |tenant: Option<&Tenant>| tenant.map_or(Value::Null, rules::flat);
    Deed::new(action, id).of(id).change(&shown(before), &shown(after))
}

/// The row of a living tenant, for those who are about to change something of
/// it or under it.
pub(crate) async fn load(shell: &Shell, id: TenantId) -> Result<Stored<Tenants>, Error> {
    let found = shell.store.get::<Tenants>(&id).await.during("reading a tenant")?;
    let living = found.filter(|found: &Stored<Tenants>| Tenant::is_live(&found.row));
    Ok(living.ok_or(Refusal::Absent { what: "tenant" })?)
}

/// A refusal if the write failed because the domain is taken.
fn free_domain(error: StoreError) -> Result<StoreError, Refusal> {
    match error {
        StoreError::Conflict(Clash::Taken(index)) if index == TenantsByDomain::NAME => {
            Err(rules::domain_taken())
        }
        other => Ok(other),
    }
}
