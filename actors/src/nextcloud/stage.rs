//! An account that is to be made: its row and its job, staged together.

use zelador_store::id::{JobId, TenantId, UserId};
use zelador_store::job::JobsByUnique;
use zelador_store::kv::Term;
use zelador_store::nextcloud::{Account, AccountState, Accounts, Instances, Occupancy};
use zelador_store::sealed::Sealed;
use zelador_store::tenant::Tenants;
use zelador_store::user::Users;
use zelador_store::{Error as StoreError, Query, Stored, Write};

use super::jobs::{create_user, sealed_for};
use super::rules::password::password;
use super::rules::profile;
use super::settings::{Mode, NextcloudSettings};
use crate::engine::Shell;
use crate::engine::seal::Seal;

/// Instances looked through for those of the sandbox.
const INSTANCES: usize = 500;

/// A new first password, sealed.
pub(super) fn first_password(shell: &Shell, seal: &Seal, user: UserId) -> Sealed {
    seal.seal(&sealed_for(user), &password(&shell.dice.secret()))
}

/// A new account of a user, which waits for its job.
pub(super) fn pending(shell: &Shell, tenant: TenantId, first: Sealed, job: JobId) -> Account {
    Account {
        tenant,
        state: AccountState::Pending,
        place: None,
        quota: None,
        groups: Vec::new(),
        language: None,
        password: Some(first),
        error: None,
        tries: 0,
        job: Some(job),
        moving: None,
        locked_out: false,
        switched_by: None,
        created_at: None,
        version: 1,
        updated_at: shell.now(),
    }
}

/// The job that makes a user's account, if one is live.
pub(super) async fn live_job(shell: &Shell, user: UserId) -> Result<Option<JobId>, StoreError> {
    let key = Term::new(&format!("nextcloud:{user}"));
    Ok(shell.store.find::<JobsByUnique>(&key).await?.map(|job| job.key))
}

/// Stages a new account of a user, with its job.
pub(super) fn new(write: &mut Write, shell: &Shell, user: UserId, row: &Account, job: JobId) {
    write.enqueue(job, &create_user(row.tenant, user).build(shell.now()));
    write.insert::<Accounts>(&user, row);
}

/// Stages one more time for an account that has failed, with its job.
pub(super) fn again(
    write: &mut Write,
    shell: &Shell,
    before: &Stored<Accounts>,
    first: Sealed,
    job: JobId,
) -> Account {
    let old = before.row.clone();
    let row = Account {
        state: if old.place.is_some() { AccountState::Creating } else { AccountState::Pending },
        error: None,
        tries: 0,
        job: Some(job),
        // What may stand already has the password that it was asked for with.
        password: old.password.clone().or(Some(first)),
        version: old.version + 1,
        updated_at: shell.now(),
        ..old
    };
    write.enqueue(job, &create_user(row.tenant, before.key).build(shell.now()));
    write.update::<Accounts>(before, &row);
    row
}

/// Stages what is taken of an instance, less one place.
pub(super) fn give_back(write: &mut Write, taken: Option<&Stored<Occupancy>>) {
    let Some(taken) = taken else { return };
    let places = taken.row.places.saturating_sub(1);
    let row = zelador_store::nextcloud::Taken { places, ..taken.row.clone() };
    write.update::<Occupancy>(taken, &row);
}

/// Whether the store holds what was made against stand-ins.
pub(super) async fn has_sandbox(shell: &Shell) -> Result<bool, StoreError> {
    let page = shell.store.page::<Instances>(&Query::all().limit(INSTANCES)).await?;
    Ok(page.rows.iter().any(|instance| instance.row.sandbox))
}

/// Stages the account of a user who is just being registered, or was; answers how
/// many records it changes. Nothing is staged where the tenant does not ask for it,
/// the concern is off, or there is one.
pub async fn registered(
    shell: &Shell,
    seal: &Seal,
    settings: &NextcloudSettings,
    (tenant, user): (TenantId, UserId),
    write: &mut Write,
) -> Result<u32, StoreError> {
    if settings.mode == Mode::Off {
        return Ok(0);
    }
    let owner = shell.store.get::<Tenants>(&tenant).await?;
    let Some(owner) = owner.filter(|found| found.row.settings.provision_nextcloud) else {
        return Ok(0);
    };
    let known = shell.store.get::<Accounts>(&user).await?.is_some();
    if known || live_job(shell, user).await?.is_some() {
        return Ok(0);
    }
    let job = shell.id();
    let mut row = pending(shell, tenant, first_password(shell, seal, user), job);
    // Who is just being registered has no row yet: the job looks again.
    let found = shell.store.get::<Users>(&user).await?;
    let plan = found.map_or(owner.row.plan, |user| profile::plan(&user.row, &owner.row));
    row.quota = profile::quota(settings, plan).unwrap_or(None);
    new(write, shell, user, &row, job);
    Ok(1)
}
