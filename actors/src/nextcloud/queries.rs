//! What is answered about instances and accounts, on the caller's task.

use zelador_store::id::{InstanceId, TenantId, UserId};
use zelador_store::nextcloud::{Accounts, Instances, Occupancy, Taken};
use zelador_store::user::Users;
use zelador_store::{Cursor, Page, Query, Stored};

use super::messages::{AccountRecord, InstanceRecord};
use super::stage;
use crate::engine::Shell;
use crate::error::{During, Error, Refusal};

/// An instance with what is taken of it.
pub async fn instance(shell: &Shell, id: InstanceId) -> Result<InstanceRecord, Error> {
    let found = shell.store.get::<Instances>(&id).await.during("reading an instance")?;
    let found = found.ok_or(Refusal::Absent { what: "instance" })?;
    record(shell, found).await
}

async fn record(shell: &Shell, found: Stored<Instances>) -> Result<InstanceRecord, Error> {
    let taken = shell.store.get::<Occupancy>(&found.key).await.during("reading the occupancy")?;
    let taken = taken.map_or_else(Taken::default, |taken| taken.row);
    Ok(InstanceRecord { id: found.key, instance: found.row, taken })
}

/// Instances, the oldest first.
pub async fn instances(
    shell: &Shell,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<InstanceRecord>, Error> {
    let query = Query::all().after(after).limit(limit);
    let page = shell.store.page::<Instances>(&query).await.during("listing instances")?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for found in page.rows {
        rows.push(record(shell, found).await?);
    }
    Ok(Page { rows, next: page.next })
}

/// The account of a user; refused if the user is not to be seen.
pub async fn account(
    shell: &Shell,
    user: UserId,
    within: Option<TenantId>,
) -> Result<AccountRecord, Error> {
    let doing = "reading an account";
    let found = shell.store.get::<Users>(&user).await.during(doing)?;
    let seen = |found: &Stored<Users>| {
        found.row.is_live() && within.is_none_or(|tenant| tenant == found.row.tenant)
    };
    found.filter(seen).ok_or(Refusal::Absent { what: "user" })?;
    let account = shell.store.get::<Accounts>(&user).await.during(doing)?.map(|found| found.row);
    let job = stage::live_job(shell, user).await.during(doing)?;
    let place = account.as_ref().and_then(|account| account.place.as_ref());
    let instance = match place {
        Some(place) => shell.store.get::<Instances>(&place.instance).await.during(doing)?,
        None => None,
    };
    Ok(AccountRecord { user, account, job, instance: instance.map(|found| found.row.name) })
}

/// Whether the store holds instances of the sandbox.
pub async fn has_sandbox(shell: &Shell) -> Result<bool, Error> {
    stage::has_sandbox(shell).await.during("looking for records of the sandbox")
}
