//! How a try ends, as the account's row and the events tell it.

use serde_json::json;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{InstanceId, JobId, UserId};
use zelador_store::job::Job;
use zelador_store::nextcloud::{Account, AccountState, Accounts, Ailment, Occupancy, Place};
use zelador_store::{Error as StoreError, Stored, Write};

use super::super::super::rules::choice::NoRoom;
use super::super::super::rules::health::ailment;
use super::super::super::rules::{Class, Trouble};
use super::super::super::settings::HandOver;
use super::super::super::stage;
use super::super::site::{Site, troubled, wait};
use super::super::{Args, author, changed, quota_text, retire_user, stored};
use super::Task;
use crate::engine::jobs::{Failure, JobCx};
use crate::engine::{Shell, Tries};
use crate::error::{During, Error};
use crate::facts::about_user;

/// The account stands.
pub(super) async fn active(task: &Task<'_>, site: &Site) -> Result<Write, Failure> {
    let shell = &task.cx.shell;
    site.well(shell).await?;
    let account = stored(shell, task.user).await?;
    let now = shell.now();
    let mut row = account.row.clone();
    let Some(place) = &mut row.place else {
        return Err(Failure::retry("the account lost its place"));
    };
    place.made = true;
    let account_id = place.remote_id.clone();
    let out = row.locked_out || task.profile.locked_out;
    row.state = if out { AccountState::Disabled } else { AccountState::Active };
    row.quota = task.profile.quota;
    row.groups.clone_from(&task.profile.groups);
    row.language.clone_from(&task.profile.language);
    row.error = None;
    row.tries = u32::from(task.cx.job.tries);
    row.created_at = Some(now);
    row.job = None;
    row.version += 1;
    row.updated_at = now;
    let mut hand_over = task.hand_over;
    if hand_over == HandOver::WelcomeMail && task.person.email.is_none() {
        hand_over = HandOver::Link;
    }
    if hand_over == HandOver::WelcomeMail {
        row.password = None;
    }
    let mut write = Write::new();
    if let Some(moving) = row.moving.take() {
        let job = retire_user(row.tenant, task.user, &moving.from).build(now);
        write.enqueue(shell.id(), &job);
    }
    write.update::<Accounts>(&account, &row);
    let by_link = row.password.is_some() && row.state == AccountState::Active;
    let link_until = by_link.then(|| now + task.link_for);
    let data = json!({
        "user_id": task.user, "tenant_id": row.tenant, "instance_id": site.id,
        "account_id": account_id, "quota": quota_text(row.quota),
        "url": site.instance.base_url, "hand_over": hand_over.word(),
        "created_at": now, "link_until": link_until,
    });
    let by = author(task.cx);
    write.event(&about_user(shell, "nextcloud.user_created", row.tenant, task.user, &by, data));
    metrics::counter!("zelador_nextcloud_accounts_total", "outcome" => "created").increment(1);
    let tries = task.cx.job.tries;
    tracing::info!(user = %task.user, tenant_id = %row.tenant, instance = site.instance.name,
        tries, "nextcloud user created");
    Ok(write)
}

/// Nothing fits: the account says so, and waits.
pub(super) async fn nowhere(task: &Task<'_>, none: &NoRoom) -> Result<Failure, Failure> {
    let class = if none.full > 0 && none.unwell == 0 { "full" } else { "no_instance" };
    let said = Ailment { class: class.to_owned(), message: none.to_string() };
    changed(&task.cx.shell, task.user, |row| {
        let new = row.error.as_ref() != Some(&said);
        new.then(|| Account { error: Some(said.clone()), ..row.clone() })
    })
    .await?;
    Ok(wait(task.cx, none.to_string()))
}

/// Writes down what went wrong, gives back a place where nothing can stand, and says
/// what follows for the job.
pub(super) async fn told(
    task: &Task<'_>,
    instance: InstanceId,
    trouble: &Trouble,
) -> Result<Failure, Failure> {
    let failure = troubled(task.tools, task.cx, instance, trouble).await?;
    noted(task, instance, trouble, failure).await
}

/// The same for trouble that the instance is known to have.
pub(super) async fn noted(
    task: &Task<'_>,
    instance: InstanceId,
    trouble: &Trouble,
    failure: Failure,
) -> Result<Failure, Failure> {
    let (cx, shell) = (task.cx, &task.cx.shell);
    let last = cx.job.tries >= cx.job.max_tries;
    let over = matches!(failure, Failure::Permanent { .. })
        || (last && matches!(failure, Failure::Retry { .. }));
    let mut tries = Tries::of("noting why an account was not made");
    let row = loop {
        let found = stored(shell, task.user).await?;
        let mut write = Write::new();
        let mut row = without_place(shell, &mut write, &found, trouble.doubt).await?;
        let error = ailment(trouble);
        row.error = Some(error.clone());
        row.tries = u32::from(cx.job.tries);
        row.version += 1;
        row.updated_at = shell.now();
        if over {
            let about = (&author(cx), Some(instance), &error);
            give_up(shell, &mut write, task.user, &mut row, about);
        }
        write.update::<Accounts>(&found, &row);
        match shell.store.commit(write).await {
            Ok(_) => break row,
            Err(error) => tries.again(error)?,
        }
    };
    if over {
        let (class, error) = (trouble.class.word(), trouble.words.as_str());
        tracing::warn!(user = %task.user, tenant_id = %row.tenant, instance_id = %instance,
            class, error, tries = cx.job.tries, "nextcloud user failed");
    }
    Ok(failure)
}

/// The row without its place, if nothing can stand there; that is staged, too.
async fn without_place(
    shell: &Shell,
    write: &mut Write,
    found: &Stored<Accounts>,
    doubt: bool,
) -> Result<Account, StoreError> {
    let mut row = found.row.clone();
    let stands = |place: &Place| place.made || (place.called && doubt);
    let Some(place) = row.place.take_if(|place| !stands(place)) else { return Ok(row) };
    row.state = AccountState::Pending;
    let taken = shell.store.get::<Occupancy>(&place.instance).await?;
    stage::give_back(write, taken.as_ref());
    Ok(row)
}

/// The row of an account that is given up, and the event. One that was being moved
/// stays where it is, if nothing stands at the other place.
fn give_up(
    shell: &Shell,
    write: &mut Write,
    user: UserId,
    row: &mut Account,
    (by, instance, error): (&Author, Option<InstanceId>, &Ailment),
) {
    row.state = AccountState::Failed;
    if let Some(moving) = row.moving.take_if(|_| row.place.is_none()) {
        row.state = if row.locked_out { AccountState::Disabled } else { AccountState::Active };
        (row.place, row.password) = (Some(moving.from), moving.password);
    }
    let data = json!({
        "user_id": user, "tenant_id": row.tenant, "instance_id": instance,
        "error": { "class": error.class, "message": error.message },
    });
    write.event(&about_user(shell, "nextcloud.user_failed", row.tenant, user, by, data));
    metrics::counter!("zelador_nextcloud_accounts_total", "outcome" => "failed").increment(1);
}

/// The account of a job that came to its end without a word: its time was up, the
/// process was killed under it once too often, somebody called it off.
async fn cut_off(shell: &Shell, user: UserId, job: JobId, error: Ailment) -> Result<Write, Error> {
    let (mut write, doing) = (Write::new(), "noting the end of an account's job");
    let found = shell.store.get::<Accounts>(&user).await.during(doing)?;
    let Some(found) = found else { return Ok(write) };
    let open = matches!(found.row.state, AccountState::Pending | AccountState::Creating);
    if !open || found.row.job != Some(job) {
        return Ok(write);
    }
    let mut row = without_place(shell, &mut write, &found, true).await.during(doing)?;
    row.error = Some(error.clone());
    let by = Author::new(AuthorKind::Job, job.to_string());
    let place = found.row.place.as_ref().map(|place| place.instance);
    give_up(shell, &mut write, user, &mut row, (&by, place, &error));
    row.version += 1;
    row.updated_at = shell.now();
    write.update::<Accounts>(&found, &row);
    Ok(write)
}

/// Somebody called the job off.
pub(super) async fn called_off(shell: &Shell, id: JobId, job: &Job) -> Result<Write, Error> {
    ended(shell, id, job, "cancelled", "somebody called it off").await
}

/// The job has come to its end, and nobody has said why the account was not made.
pub(super) async fn fell_short(shell: &Shell, id: JobId, job: &Job) -> Result<Write, Error> {
    let said = job.error.as_deref().unwrap_or("the job ended without a word");
    ended(shell, id, job, Class::Failed.word(), said).await
}

async fn ended(
    shell: &Shell,
    id: JobId,
    job: &Job,
    class: &str,
    message: &str,
) -> Result<Write, Error> {
    let Ok(Args { user_id }) = serde_json::from_str(&job.args) else { return Ok(Write::new()) };
    let said = Ailment { class: class.to_owned(), message: message.to_owned() };
    cut_off(shell, user_id, id, said).await
}

/// The user is gone: an account that was never asked for is forgotten.
pub(super) async fn forgotten(cx: &JobCx, user: UserId) -> Result<Write, Failure> {
    let mut write = Write::new();
    let Some(found) = cx.shell.store.get::<Accounts>(&user).await? else { return Ok(write) };
    let row = without_place(&cx.shell, &mut write, &found, true).await?;
    if row.place.is_none() && row.moving.is_none() {
        write.remove::<Accounts>(&found);
        return Ok(write);
    }
    let (class, message) = (Class::UnknownUser.word().to_owned(), "the user is gone".to_owned());
    let mut row = Account { error: Some(Ailment { class, message }), job: None, ..row };
    if row.state == AccountState::Creating {
        row.state = AccountState::Failed;
    }
    row.version += 1;
    row.updated_at = cx.shell.now();
    write.update::<Accounts>(&found, &row);
    Ok(write)
}
