//! The share of `novos`: given, taken back, given again.

use std::sync::Arc;

use async_trait::async_trait;
use zelador_store::Write;
use zelador_store::drive::{Folder, FolderState, Folders, ShareState};
use zelador_store::user::{Status, User, Users};

use super::Shared;
use crate::drive::messages::FolderArgs;
use crate::drive::port::Port;
use crate::drive::rules::answer::Trouble;
use crate::drive::settings::NOVOS;
use crate::engine::jobs::{Failure, Handler, JobCx};

/// How the share is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    /// This address has it.
    For(String),
    /// Nobody has it, for there is no address.
    Nobody,
    /// Nobody has it, for the user may not use the service.
    Back,
}

/// How the share of a user's is to be. `withdrawn`: it was taken back, and stays so
/// until it is given again.
pub(super) fn wanted(user: &User, withdrawn: bool) -> Wanted {
    let may = user.is_live() && user.status != Status::Banned;
    match &user.email {
        _ if !may || withdrawn => Wanted::Back,
        Some(email) => Wanted::For(email.clone()),
        None => Wanted::Nobody,
    }
}

/// Brings the share into this state, whatever state it is in; answers how it is then.
pub(super) async fn bring(
    port: &dyn Port,
    novos: &str,
    known: &ShareState,
    wanted: Wanted,
) -> Result<ShareState, Failure> {
    let shares = port.shares(novos).await?;
    let ours = |email: &str| {
        let same = |held: &str| held.eq_ignore_ascii_case(email);
        shares.iter().find(|share| share.email.as_deref().is_some_and(same))
    };
    // Only what we gave is taken back: others may have shared the folder, too.
    if let ShareState::Granted { email, id } = known
        && wanted != Wanted::For(email.clone())
    {
        port.unshare(novos, id).await?;
    }
    match wanted {
        Wanted::Back => Ok(ShareState::Withdrawn),
        Wanted::Nobody => Ok(ShareState::None),
        Wanted::For(email) => match ours(&email) {
            Some(share) if share.role == "writer" => {
                Ok(ShareState::Granted { email, id: share.id.clone() })
            }
            _ => {
                let id = give(port, novos, &email).await?;
                Ok(ShareState::Granted { email, id })
            }
        },
    }
}

/// Gives the share; somebody without an account at Google must be told by mail.
async fn give(port: &dyn Port, novos: &str, email: &str) -> Result<String, Failure> {
    match port.share(novos, email, false).await {
        Err(Trouble::Refused { reason, .. }) if reason == "invalidSharingRequest" => {
            Ok(port.share(novos, email, true).await?)
        }
        other => Ok(other?),
    }
}

/// Takes the share of a user's back, or gives it again.
pub(super) struct Share {
    shared: Arc<Shared>,
    back: bool,
}

impl Share {
    pub(super) fn withdraw(shared: Arc<Shared>) -> Self {
        Self { shared, back: true }
    }

    pub(super) fn restore(shared: Arc<Shared>) -> Self {
        Self { shared, back: false }
    }
}

#[async_trait]
impl Handler for Share {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let args: FolderArgs = cx.args()?;
        let mut write = Write::new();
        let _turn = self.shared.turns.of(args.user_id).await;
        let Some(row) = cx.shell.store.get::<Folders>(&args.user_id).await? else {
            return Ok(write);
        };
        let user = cx.shell.store.get::<Users>(&args.user_id).await?;
        let now = match &user {
            // Whoever was banned again meanwhile gets nothing.
            Some(user) if !self.back => wanted(&user.row, false),
            _ => Wanted::Back,
        };
        let share = match row.row.part(NOVOS).filter(|part| part.made) {
            Some(part) => {
                let settings = self.shared.settings()?;
                let port = self.shared.port(&settings)?;
                let novos = part.drive_id.clone().unwrap_or_default();
                bring(port.as_ref(), &novos, &row.row.share, now).await?
            }
            // Nothing is shared yet; whoever makes the folders sees it.
            None if now == Wanted::Back => ShareState::Withdrawn,
            None => ShareState::None,
        };
        if share != row.row.share {
            let at = cx.shell.now();
            let next = Folder { share, updated_at: at, ..row.row.clone() };
            write.update::<Folders>(&row, &next);
            let state = if self.back { "withdrawn" } else { "restored" };
            let ready = next.state == FolderState::Ready;
            tracing::info!(user = %args.user_id, state, ready, "share of novos");
        }
        Ok(write)
    }
}
