//! The shell: commands about instances and accounts. Load, decide, commit, tell.

mod accounts;
mod instances;
mod purge;

use std::sync::Arc;

use tokio::sync::{Notify, watch};
use zelador_store::id::InstanceId;

use super::messages::{
    AccountRecord, AddInstance, Checked, InstanceRecord, MoveAccount, Provision, RemoveInstance,
    Revealed, ReviseInstance,
};
use super::queries;
use super::settings::{Mode, NextcloudSettings};
use super::stage;
use super::watch::Watcher;
use crate::answer::Keep;
use crate::engine::Shell;
use crate::engine::audit::{Deed, note_alone};
use crate::engine::notifications::Links;
use crate::engine::seal::Seal;
use crate::error::{During, Error, Refusal};
use zelador_store::Timestamp;
use zelador_store::author::Author;
use zelador_store::id::{TenantId, UserId};

pub use purge::Purged;

/// Takes in commands; clones are the same desk. Its callers do the work themselves:
/// what two of them want at once, the rows that they expect put in order.
#[derive(Clone)]
pub struct NextcloudDesk {
    shell: Shell,
    seal: Seal,
    links: Links,
    watcher: Watcher,
    settings: watch::Receiver<Arc<NextcloudSettings>>,
    purged: Arc<Notify>,
}

impl NextcloudDesk {
    /// A desk.
    pub fn new(
        shell: Shell,
        (seal, links): (Seal, Links),
        watcher: Watcher,
        settings: watch::Receiver<Arc<NextcloudSettings>>,
    ) -> Self {
        Self { shell, seal, links, watcher, settings, purged: Arc::default() }
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<NextcloudSettings> {
        self.settings.borrow().clone()
    }

    /// Refused: the concern is off, or what was made against stand-ins is still there.
    async fn is_open(&self) -> Result<Arc<NextcloudSettings>, Error> {
        let settings = self.settings();
        if settings.mode == Mode::Off {
            return Err(Refusal::conflict("concern_off").into());
        }
        let doing = "looking for records of the sandbox";
        if settings.mode == Mode::Live && stage::has_sandbox(&self.shell).await.during(doing)? {
            return Err(Refusal::conflict("sandbox_records").into());
        }
        Ok(settings)
    }

    /// Registers an instance.
    pub async fn add(&self, command: AddInstance) -> Result<InstanceRecord, Error> {
        let added = instances::add(self, command).await?;
        self.watcher.look_now();
        Ok(added)
    }

    /// Makes an instance what a draft says.
    pub async fn revise(&self, command: ReviseInstance) -> Result<InstanceRecord, Error> {
        let revised = instances::revise(self, command).await?;
        self.watcher.look_now();
        Ok(revised)
    }

    /// Forgets an instance.
    pub async fn remove(&self, command: RemoveInstance) -> Result<(), Error> {
        instances::remove(self, command).await
    }

    /// Looks at an instance now. Refused: the concern is off.
    pub async fn check(&self, id: InstanceId, by: &Author) -> Result<Checked, Error> {
        queries::instance(&self.shell, id).await?;
        note_alone(&self.shell, by, Deed::new("instance.check", id)).await?;
        self.watcher.check(id, true).await
    }

    /// Has an account made for a user.
    pub async fn provision(&self, command: Provision) -> Result<AccountRecord, Error> {
        accounts::provision(self, command).await
    }

    /// Has every account made anew that could not be made; of one tenant, or of all.
    /// Answers how many.
    pub async fn retry_failed(
        &self,
        within: Option<TenantId>,
        by: &Author,
        keep: Option<&Keep<u64>>,
    ) -> Result<u64, Error> {
        accounts::retry_failed(self, within, by, keep).await
    }

    /// Moves an account to another instance.
    pub async fn move_account(&self, command: MoveAccount) -> Result<AccountRecord, Error> {
        accounts::move_account(self, command).await
    }

    /// A token of a link that shows a user's first password once, and until when it
    /// is good. Refused: there is none to be shown.
    pub async fn link(
        &self,
        user: UserId,
        within: Option<TenantId>,
        by: &Author,
    ) -> Result<(String, Timestamp), Error> {
        accounts::link(self, user, within, by).await
    }

    /// Whom a link is for; `None`: it is none of ours, or was used.
    pub async fn invited(&self, token: &str) -> Result<Option<UserId>, Error> {
        accounts::invited(self, token).await.map(|found| found.map(|found| found.key))
    }

    /// The first password that a link shows; it is not shown again. `None`: the link
    /// is none of ours, or was used.
    pub async fn reveal(&self, token: &str) -> Result<Option<Revealed>, Error> {
        accounts::reveal(self, token).await
    }

    /// Forgets everything that was made against stand-ins.
    pub async fn purge(&self) -> Result<Purged, Error> {
        let gone = purge::purge(self).await?;
        self.purged.notify_one();
        Ok(gone)
    }

    /// Resolves once stand-ins were forgotten.
    pub async fn purged(&self) {
        self.purged.notified().await;
    }
}
