//! The actions there are.

use async_trait::async_trait;
use serde_json::{Value, json};
use zelador_store::drive::Folders;
use zelador_store::id::{TenantId, UserId};
use zelador_store::nextcloud::Accounts;
use zelador_store::session::{Session, Sessions, SessionsByUser};
use zelador_store::tenant::Tenants;
use zelador_store::user::Users;
use zelador_store::{Error as StoreError, Query, Write};

use super::{Case, Done, Transition, payload};
use crate::engine::Shell;

/// Sessions looked at in one commit: more than a user can have open.
const SESSIONS: usize = 1000;

/// An action.
#[derive(Clone, Copy)]
pub struct Action {
    /// Its name, as `[lifecycle]` has it; never renamed.
    pub name: &'static str,
    /// How it is done.
    pub how: How,
    /// Whom it is for.
    pub needs: Needs,
}

/// Whom an action is for: where there is nothing to be done, nothing is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Everybody.
    Nothing,
    /// Who has a Nextcloud account.
    NextcloudAccount,
    /// Who has folders on Drive.
    DriveFolder,
    /// Whose tenant wants folders on Drive for everybody.
    DriveWanted,
}

impl Action {
    /// Whether it is for this user.
    pub(in crate::users) async fn is_for(
        &self,
        shell: &Shell,
        user: UserId,
    ) -> Result<bool, StoreError> {
        Ok(match self.needs {
            Needs::Nothing => true,
            Needs::NextcloudAccount => shell.store.get::<Accounts>(&user).await?.is_some(),
            Needs::DriveFolder => shell.store.get::<Folders>(&user).await?.is_some(),
            Needs::DriveWanted => wants_folders(shell, user).await?,
        })
    }
}

async fn wants_folders(shell: &Shell, user: UserId) -> Result<bool, StoreError> {
    let Some(user) = shell.store.get::<Users>(&user).await? else { return Ok(false) };
    let tenant = shell.store.get::<Tenants>(&user.row.tenant).await?;
    Ok(tenant.is_some_and(|tenant| tenant.row.settings.create_drive_folder))
}

/// How an action is done.
#[derive(Clone, Copy)]
pub enum How {
    /// In the commit of the change that it follows from.
    AtOnce(&'static dyn AtOnce),
    /// By a job of this kind, with `user_id`, `tenant_id`, `action`, `transition`
    /// and `event_id` as its arguments.
    Job(&'static str),
    /// By what a concern has brought ([`Lifecycle::bringing`](super::Lifecycle::bringing)):
    /// in the commit of the change where that is ours, else in that of the consumer. It
    /// looks whether it is done.
    Brought,
}

/// What is done in the commit of the change.
#[async_trait]
pub trait AtOnce: Send + Sync {
    /// Stages it; answers how many records it changes. May run again for one
    /// commit, if what it read was changed under it.
    async fn stage(&self, shell: &Shell, case: &Case, write: &mut Write)
    -> Result<u32, StoreError>;
}

/// The action that has a Nextcloud account made, where the tenant asks for one.
pub const PROVISION: &str = "provision_nextcloud";

const fn action(name: &'static str, how: How, needs: Needs) -> Action {
    Action { name, how, needs }
}

/// Every action. A concern that brings one adds a line.
pub const ACTIONS: &[Action] = &[
    action("revoke_sessions", How::AtOnce(&RevokeSessions), Needs::Nothing),
    action("cancel_bookings", How::Job("booking.cancel_all"), Needs::Nothing),
    action(PROVISION, How::Brought, Needs::Nothing),
    action("enable_nextcloud", How::Job("nextcloud.enable_user"), Needs::NextcloudAccount),
    action("disable_nextcloud", How::Job("nextcloud.disable_user"), Needs::NextcloudAccount),
    action("delete_nextcloud", How::Job("nextcloud.delete_user"), Needs::NextcloudAccount),
    action("create_drive_folder", How::Job("drive.create_folder"), Needs::DriveWanted),
    action("withdraw_share", How::Job("drive.withdraw_share"), Needs::DriveFolder),
    action("restore_share", How::Job("drive.restore_share"), Needs::DriveFolder),
];

/// Ends the sessions of a user. One that begins meanwhile fails: it expects the
/// user's row as it was before.
struct RevokeSessions;

#[async_trait]
impl AtOnce for RevokeSessions {
    async fn stage(
        &self,
        shell: &Shell,
        case: &Case,
        write: &mut Write,
    ) -> Result<u32, StoreError> {
        let why = match case.transition {
            Transition::Banned => "ban",
            Transition::Suspended => "suspension",
            other => other.word(),
        };
        let query = Query::under_key(&case.user).limit(SESSIONS);
        let page = shell.store.page_by::<SessionsByUser>(&query).await?;
        let mut count = 0;
        for session in page.rows {
            // Whoever was let in again meanwhile keeps what began since.
            if !(case.over && session.row.created_at >= case.at) {
                let (at, why) = (Some(shell.now()), Some(why.to_owned()));
                let row = Session { revoked_at: at, revoked_for: why, ..session.row.clone() };
                write.update::<Sessions>(&session, &row);
                count += 1;
            }
        }
        Ok(count)
    }
}

/// What the timeline is told of actions done at once.
pub(in crate::users) fn news(user: UserId, tenant: TenantId, done: &Done) -> Value {
    let mut data = payload(user, tenant, done.action, done.transition.word());
    if let Some(members) = data.as_object_mut() {
        members.insert("state".into(), json!("done"));
        members.insert("count".into(), json!(done.count));
    }
    data
}
