//! Forgets what was made against stand-ins.

use zelador_store::id::UserId;
use zelador_store::nextcloud::{
    Account, AccountState, Accounts, AccountsByState, Instances, Occupancy,
};
use zelador_store::{Query, Write};

use super::super::stage;
use super::NextcloudDesk;
use crate::engine::Tries;
use crate::engine::jobs::call_off;
use crate::error::{During, Error};

/// Rows of one page.
const PAGE: usize = 200;
/// Instances looked at.
const INSTANCES: usize = 500;

/// What was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Purged {
    /// Stand-ins.
    pub instances: u64,
    /// Accounts on them, and those that were not made yet.
    pub accounts: u64,
}

pub(super) async fn purge(desk: &NextcloudDesk) -> Result<Purged, Error> {
    let (shell, doing) = (&desk.shell, "purging the sandbox");
    let mut purged = Purged::default();
    let all = shell.store.page::<Instances>(&Query::all().limit(INSTANCES)).await;
    let all = all.during(doing)?.rows;
    let sandboxes: Vec<_> = all.into_iter().filter(|one| one.row.sandbox).collect();
    if sandboxes.is_empty() {
        return Ok(purged);
    }
    let of_sandbox = |row: &Account| {
        let is = |id| sandboxes.iter().any(|one| one.key == id);
        let moving = row.moving.as_ref();
        match &row.place {
            Some(place) => is(place.instance),
            None => moving.is_none_or(|moving| is(moving.from.instance)),
        }
    };
    for state in AccountState::ALL {
        let mut after = None;
        loop {
            let query = Query::under(&(state.code(),)).after(after).limit(PAGE);
            let page = shell.store.page_by::<AccountsByState>(&query).await.during(doing)?;
            for account in page.rows.iter().filter(|found| of_sandbox(&found.row)) {
                purged.accounts += u64::from(forget(desk, account.key).await?);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    for one in &sandboxes {
        let mut write = Write::new();
        write.remove::<Instances>(one);
        if let Some(taken) = shell.store.get::<Occupancy>(&one.key).await.during(doing)? {
            write.remove::<Occupancy>(&taken);
        }
        match shell.store.commit(write).await {
            Ok(_) => purged.instances += 1,
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error).during(doing),
        }
    }
    Ok(purged)
}

/// Whether it was forgotten; a job that is about to make it is called off.
async fn forget(desk: &NextcloudDesk, user: UserId) -> Result<bool, Error> {
    let (shell, doing) = (&desk.shell, "forgetting an account of the sandbox");
    let mut tries = Tries::of(doing);
    loop {
        let Some(account) = shell.store.get::<Accounts>(&user).await.during(doing)? else {
            return Ok(false);
        };
        let mut write = Write::new();
        write.remove::<Accounts>(&account);
        if let Some(job) = stage::live_job(shell, user).await.during(doing)? {
            let why = "the sandbox was purged";
            call_off(shell, &mut write, job, why, shell.now()).await.during(doing)?;
        }
        match shell.store.commit(write).await {
            Ok(_) => return Ok(true),
            Err(error) => tries.again(error)?,
        }
    }
}
