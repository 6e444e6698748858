//! Commands about accounts.

use std::time::Duration;

use serde_json::json;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{JobId, TenantId, UserId};
use zelador_store::nextcloud::{
    Account, AccountState, Accounts, AccountsByState, Instances, Moving,
};
use zelador_store::tenant::Tenants;
use zelador_store::user::{User, Users};
use zelador_store::{Cursor, Query, Stored, Timestamp, Write};

use super::super::jobs::{create_user, sealed_for};
use super::super::messages::{AccountRecord, MoveAccount, Provision, Revealed};
use super::super::rules::profile;
use super::super::{queries, stage};
use super::NextcloudDesk;
use crate::answer::Keep;
use crate::engine::Tries;
use crate::engine::audit::{Deed, note, note_alone};
use crate::error::{During, Error, Refusal};

/// Accounts of one page.
const PAGE: usize = 200;

/// A user who may be seen and lives, and the account, if there is one.
async fn found(
    desk: &NextcloudDesk,
    id: UserId,
    within: Option<TenantId>,
) -> Result<(User, Option<Stored<Accounts>>), Error> {
    let doing = "reading an account";
    let absent = || Error::from(Refusal::Absent { what: "user" });
    let user = desk.shell.store.get::<Users>(&id).await.during(doing)?;
    let user = user.filter(|found| {
        found.row.is_live() && within.is_none_or(|tenant| tenant == found.row.tenant)
    });
    let user = user.ok_or_else(absent)?.row;
    let tenant = desk.shell.store.get::<Tenants>(&user.tenant).await.during(doing)?;
    tenant.filter(|tenant| tenant.row.is_live()).ok_or_else(absent)?;
    let account = desk.shell.store.get::<Accounts>(&id).await.during(doing)?;
    Ok((user, account))
}

pub(super) async fn provision(
    desk: &NextcloudDesk,
    command: Provision,
) -> Result<AccountRecord, Error> {
    let Provision { user, within, by, keep } = command;
    let settings = desk.is_open().await?;
    let shell = &desk.shell;
    let mut tries = Tries::of("provisioning an account");
    loop {
        let (person, before) = found(desk, user, within).await?;
        let state = before.as_ref().map(|found| found.row.state);
        if matches!(state, Some(AccountState::Active | AccountState::Disabled)) {
            return Err(Refusal::conflict("account_active").into());
        }
        let live = stage::live_job(shell, user).await.during("looking for its job")?;
        let mut write = Write::new();
        let record = match (&before, live) {
            (Some(_), Some(_)) => queries::account(shell, user, within).await?,
            (before, live) => {
                let job: JobId = live.unwrap_or_else(|| shell.id());
                let first = stage::first_password(shell, &desk.seal, user);
                let row = if let Some(before) = before {
                    stage::again(&mut write, shell, before, first, job)
                } else {
                    let owner = shell.store.get::<Tenants>(&person.tenant).await;
                    let owner = owner.during("reading a tenant")?;
                    let mut row = stage::pending(shell, person.tenant, first, job);
                    let plan = owner.map(|owner| profile::plan(&person, &owner.row));
                    row.quota =
                        plan.and_then(|plan| profile::quota(&settings, plan).ok()).flatten();
                    if live.is_none() {
                        write.enqueue(job, &create_user(row.tenant, user).build(shell.now()));
                    }
                    write.insert::<Accounts>(&user, &row);
                    row
                };
                let deed = Deed::new("nextcloud.provision", user).of(person.tenant).about(user);
                note(shell, &mut write, &by, deed.with(&json!({ "job_id": job })));
                AccountRecord { user, account: Some(row), job: Some(job), instance: None }
            }
        };
        if let Some(keep) = &keep {
            keep.stage(&mut write, &record);
        }
        if write.is_empty() {
            return Ok(record);
        }
        match shell.store.commit(write).await {
            Ok(_) => return Ok(record),
            Err(error) => tries.again(error)?,
        }
    }
}

pub(super) async fn retry_failed(
    desk: &NextcloudDesk,
    within: Option<TenantId>,
    by: &Author,
    keep: Option<&Keep<u64>>,
) -> Result<u64, Error> {
    desk.is_open().await?;
    let (shell, doing) = (&desk.shell, "trying failed accounts anew");
    note_alone(shell, by, Deed::new("nextcloud.retry_failed", "nextcloud").of(within)).await?;
    let (mut count, mut after): (u64, Option<Cursor>) = (0, None);
    loop {
        let failed = AccountState::Failed.code();
        let query = match within {
            Some(tenant) => Query::under_key(&(failed, tenant)),
            None => Query::under(&(failed,)),
        };
        let page = shell.store.page_by::<AccountsByState>(&query.after(after).limit(PAGE)).await;
        let page = page.during(doing)?;
        for account in &page.rows {
            count += u64::from(requeue(desk, account).await?);
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if let Some(keep) = keep {
        shell.store.commit(keep.alone(&count)).await.during(doing)?;
    }
    tracing::info!(requeued = count, %by, "failed nextcloud accounts are tried anew");
    Ok(count)
}

/// Whether it was put in line; somebody else may have done so.
async fn requeue(desk: &NextcloudDesk, account: &Stored<Accounts>) -> Result<bool, Error> {
    let (shell, doing) = (&desk.shell, "trying a failed account anew");
    let gone = stage::live_job(shell, account.key).await.during(doing)?.is_some();
    let user = shell.store.get::<Users>(&account.key).await.during(doing)?;
    if gone || !user.is_some_and(|user| user.row.is_live()) {
        return Ok(false);
    }
    let mut write = Write::new();
    let first = stage::first_password(shell, &desk.seal, account.key);
    stage::again(&mut write, shell, account, first, shell.id());
    match shell.store.commit(write).await {
        Ok(_) => Ok(true),
        Err(error) if error.is_conflict() => Ok(false),
        Err(error) => Err(error).during(doing),
    }
}

pub(super) async fn move_account(
    desk: &NextcloudDesk,
    command: MoveAccount,
) -> Result<AccountRecord, Error> {
    let MoveAccount { user, within, to, by, keep } = command;
    desk.is_open().await?;
    let shell = &desk.shell;
    let mut tries = Tries::of("moving an account");
    loop {
        let (_, before) = found(desk, user, within).await?;
        let target = shell.store.get::<Instances>(&to).await.during("reading an instance")?;
        target.ok_or(Refusal::Absent { what: "instance" })?;
        let stands =
            |row: &Account| matches!(row.state, AccountState::Active | AccountState::Disabled);
        let before = before.filter(|found| stands(&found.row));
        let before = before.ok_or(Refusal::conflict("no_account_to_move"))?;
        let old = before.row.clone();
        let from = old.place.clone().ok_or(Refusal::conflict("no_account_to_move"))?;
        if from.instance == to {
            return Err(Refusal::conflict("account_there_already").into());
        }
        let job: JobId = shell.id();
        let row = Account {
            state: AccountState::Pending,
            moving: Some(Moving { from: from.clone(), to, password: old.password.clone() }),
            place: None,
            password: Some(stage::first_password(shell, &desk.seal, user)),
            error: None,
            tries: 0,
            job: Some(job),
            version: old.version + 1,
            updated_at: shell.now(),
            ..old
        };
        let mut write = Write::new();
        write.enqueue(job, &create_user(row.tenant, user).build(shell.now()));
        write.update::<Accounts>(&before, &row);
        let deed = Deed::new("nextcloud.move", user).of(row.tenant).about(user);
        let change = (json!({ "instance_id": from.instance }), json!({ "instance_id": to }));
        note(shell, &mut write, &by, deed.change(&change.0, &change.1));
        let record = AccountRecord { user, account: Some(row), job: Some(job), instance: None };
        if let Some(keep) = &keep {
            keep.stage(&mut write, &record);
        }
        match shell.store.commit(write).await {
            Ok(_) => return Ok(record),
            Err(error) => tries.again(error)?,
        }
    }
}

/// When an account was made, if its first password is still to be handed over.
fn to_hand_over(account: &Account) -> Option<Timestamp> {
    let open = account.state == AccountState::Active && account.password.is_some();
    account.created_at.filter(|_| open)
}

pub(super) async fn link(
    desk: &NextcloudDesk,
    user: UserId,
    within: Option<TenantId>,
    by: &Author,
) -> Result<(String, Timestamp), Error> {
    let settings = desk.is_open().await?;
    let (person, account) = found(desk, user, within).await?;
    let made = account.as_ref().and_then(|found| to_hand_over(&found.row));
    let made = made.ok_or(Refusal::conflict("no_first_password"))?;
    let until = desk.shell.now() + Duration::from_secs(u64::from(settings.link_hours) * 3600);
    let deed = Deed::new("nextcloud.link", user).of(person.tenant).about(user);
    note_alone(&desk.shell, by, deed).await?;
    Ok((desk.links.once((user, made), until), until))
}

pub(super) async fn invited(
    desk: &NextcloudDesk,
    token: &str,
) -> Result<Option<Stored<Accounts>>, Error> {
    let doing = "reading an account";
    let Some((user, made)) = desk.links.read_once(token, desk.shell.now()) else {
        return Ok(None);
    };
    let person = desk.shell.store.get::<Users>(&user).await.during(doing)?;
    if !person.is_some_and(|person| person.row.is_live()) {
        return Ok(None);
    }
    let account = desk.shell.store.get::<Accounts>(&user).await.during(doing)?;
    Ok(account.filter(|found| to_hand_over(&found.row) == Some(made)))
}

pub(super) async fn reveal(desk: &NextcloudDesk, token: &str) -> Result<Option<Revealed>, Error> {
    let shell = &desk.shell;
    let mut tries = Tries::of("handing a first password over");
    loop {
        let Some(account) = invited(desk, token).await? else { return Ok(None) };
        let (user, row) = (account.key, account.row.clone());
        let (Some(place), Some(sealed)) = (&row.place, &row.password) else { return Ok(None) };
        let opened = desk.seal.open(&sealed_for(user), sealed);
        let password = opened.map_err(|error| Error::fault("opening a first password", error))?;
        let instance = shell.store.get::<Instances>(&place.instance).await;
        let instance = instance.during("reading an instance")?;
        let instance = instance.ok_or(Refusal::Absent { what: "instance" })?;
        let next = Account {
            password: None,
            version: row.version + 1,
            updated_at: shell.now(),
            ..row.clone()
        };
        let mut write = Write::new();
        write.update::<Accounts>(&account, &next);
        let by = Author::new(AuthorKind::User, user.to_string());
        let deed = Deed::new("nextcloud.reveal", user).of(row.tenant).about(user);
        note(shell, &mut write, &by, deed);
        match shell.store.commit(write).await {
            Ok(_) => {
                return Ok(Some(Revealed {
                    account_id: place.remote_id.clone(),
                    base_url: instance.row.base_url,
                    password: password.into(),
                }));
            }
            Err(error) => tries.again(error)?,
        }
    }
}
