//! The concern's kinds of background work.
//!
//! | kind | what it does |
//! |---|---|
//! | `nextcloud.create_user` | makes an account, exactly once |
//! | `nextcloud.enable_user`, `nextcloud.disable_user` | lets its owner in, keeps them out |
//! | `nextcloud.set_quota` | makes the quota what the plan grants |
//! | `nextcloud.delete_user` | deletes the account, and forgets it |
//! | `nextcloud.retire_user` | switches off what a move has left behind |
//! | `nextcloud.reconcile` | compares an instance's own list with what is known |

mod create;
mod delete;
mod note;
mod quota;
mod reconcile;
mod retire;
mod site;
mod switch;

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::{InstanceId, TenantId, UserId};
use zelador_store::nextcloud::{Account, Accounts, Place};
use zelador_store::{Stored, Write};

use super::lines::Lines;
use super::pool::PoolDesk;
use super::settings::{Mode, NextcloudSettings};
use super::{rules, stage};
use crate::engine::jobs::{Failure, Handler, JobCx, NewJob};
use crate::engine::seal::Seal;
use crate::engine::{Shell, Tries};

pub use create::CreateUser;
pub(super) use note::{note, wake};

/// The kind of job that makes an account.
pub const CREATE_USER: &str = "nextcloud.create_user";
/// The kind of job that lets an account's owner in.
pub const ENABLE_USER: &str = "nextcloud.enable_user";
/// The kind of job that keeps an account's owner out.
pub const DISABLE_USER: &str = "nextcloud.disable_user";
/// The kind of job that makes a quota what the plan grants.
pub const SET_QUOTA: &str = "nextcloud.set_quota";
/// The kind of job that deletes an account.
pub const DELETE_USER: &str = "nextcloud.delete_user";
/// The kind of job that switches off what a move has left behind.
pub const RETIRE_USER: &str = "nextcloud.retire_user";
/// The kind of job that compares an instance with what is known.
pub const RECONCILE: &str = "nextcloud.reconcile";

/// The longest that a job waits before it looks again.
const SNOOZE: std::time::Duration = std::time::Duration::from_secs(60);

/// What the jobs work with; clones are the same.
#[derive(Clone)]
pub struct Tools {
    /// Gives out places.
    pub pool: PoolDesk,
    /// Leads to instances.
    pub lines: Arc<dyn Lines>,
    /// Opens and seals first passwords.
    pub seal: Seal,
    /// What holds now.
    pub settings: watch::Receiver<Arc<NextcloudSettings>>,
}

impl Tools {
    fn settings(&self) -> Arc<NextcloudSettings> {
        self.settings.borrow().clone()
    }

    /// Nothing is done while the concern is off, or while real servers would be told
    /// of what stand-ins were told.
    async fn gate(&self, shell: &Shell) -> Result<Arc<NextcloudSettings>, Failure> {
        let settings = self.settings();
        let wait = |reason: &str| {
            let until = Some(shell.now() + SNOOZE);
            Err(Failure::Snooze { until, reason: reason.to_owned() })
        };
        match settings.mode {
            Mode::Off => wait("[nextcloud] mode is off"),
            Mode::Live if stage::has_sandbox(shell).await? => {
                wait("there are records of the sandbox: zelador sandbox purge")
            }
            _ => Ok(settings),
        }
    }
}

/// Everything that does the concern's jobs.
pub fn handlers(tools: &Tools) -> Vec<(&'static str, Arc<dyn Handler>)> {
    let switch = |out| Arc::new(switch::Switch { tools: tools.clone(), out });
    vec![
        (CREATE_USER, Arc::new(CreateUser(tools.clone()))),
        (ENABLE_USER, switch(false)),
        (DISABLE_USER, switch(true)),
        (SET_QUOTA, Arc::new(quota::SetQuota(tools.clone()))),
        (DELETE_USER, Arc::new(delete::DeleteUser(tools.clone()))),
        (RETIRE_USER, Arc::new(retire::RetireUser(tools.clone()))),
        (RECONCILE, Arc::new(reconcile::Reconcile(tools.clone()))),
    ]
}

#[derive(Debug, Serialize, Deserialize)]
struct Args {
    user_id: UserId,
}

fn about(kind: &str, key: &str, tenant: TenantId, user: UserId) -> NewJob {
    let key = format!("nextcloud{key}:{user}");
    NewJob::new(kind, &Args { user_id: user }).unique(key).about(tenant, user)
}

/// The job that makes a user's account.
pub fn create_user(tenant: TenantId, user: UserId) -> NewJob {
    about(CREATE_USER, "", tenant, user)
}

/// The job that makes a user's quota what the plan grants.
pub fn set_quota(tenant: TenantId, user: UserId) -> NewJob {
    about(SET_QUOTA, "-quota", tenant, user)
}

/// The job that looks at the quotas of all users of a tenant.
pub fn set_quotas(tenant: TenantId) -> NewJob {
    let mut job = NewJob::new(SET_QUOTA, &serde_json::json!({ "tenant_id": tenant }));
    job.tenant = Some(tenant);
    job
}

/// The job that deletes a user's account.
pub fn delete_user(tenant: TenantId, user: UserId) -> NewJob {
    about(DELETE_USER, "-delete", tenant, user)
}

#[derive(Debug, Serialize, Deserialize)]
struct Former {
    user_id: UserId,
    place: Place,
}

/// The job that switches off what a move has left behind.
fn retire_user(tenant: TenantId, user: UserId, place: &Place) -> NewJob {
    NewJob::new(RETIRE_USER, &Former { user_id: user, place: place.clone() }).about(tenant, user)
}

#[derive(Debug, Serialize, Deserialize)]
struct Instanced {
    instance_id: InstanceId,
}

/// The job that compares an instance with what is known.
pub fn reconcile(id: InstanceId) -> NewJob {
    NewJob::new(RECONCILE, &Instanced { instance_id: id }).unique(format!("{RECONCILE}:{id}"))
}

/// What a first password is sealed for.
pub fn sealed_for(user: UserId) -> String {
    format!("nextcloud-account/{user}")
}

fn author(cx: &JobCx) -> Author {
    Author { kind: AuthorKind::Job, id: cx.id.to_string(), request: None, address: None }
}

async fn stored(shell: &Shell, user: UserId) -> Result<Stored<Accounts>, Failure> {
    let found = shell.store.get::<Accounts>(&user).await?;
    found.ok_or_else(|| Failure::permanent("the account's row is gone"))
}

/// Makes a user's account what `change` says, again if it was changed under it;
/// answers the row as it was left. `None` of `change`: nothing.
async fn changed(
    shell: &Shell,
    user: UserId,
    change: impl Fn(&Account) -> Option<Account> + Send,
) -> Result<Account, Failure> {
    let mut tries = Tries::of("noting an account");
    loop {
        let found = stored(shell, user).await?;
        let Some(row) = change(&found.row) else { return Ok(found.row) };
        let row = Account { version: found.row.version + 1, updated_at: shell.now(), ..row };
        let mut write = Write::new();
        write.update::<Accounts>(&found, &row);
        match shell.store.commit(write).await {
            Ok(_) => return Ok(row),
            Err(error) => tries.again(error)?,
        }
    }
}

/// Bytes as people and servers say them.
fn quota_text(quota: Option<u64>) -> String {
    quota.map_or(rules::Quota::Unlimited, rules::Quota::Limit).text()
}
