//! `drive.create_folder`: a user's folders are made, or made good. Running again does
//! no harm: what is there is found, and what is missing is made.

use std::sync::Arc;

use async_trait::async_trait;
use zelador_store::drive::{Folder, FolderState, Folders};
use zelador_store::id::{JobId, UserId};
use zelador_store::job::{Job, JobState};
use zelador_store::tenant::{Settings, Tenants};
use zelador_store::user::{User, Users};
use zelador_store::{Stored, Write};

use super::{Shared, ending, native, script};
use crate::drive::messages::FolderArgs;
use crate::drive::settings::{DriveSettings, Mode, Provider};
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx};
use crate::error::{During as _, Error};

/// Does it.
pub(super) struct Create(pub(super) Arc<Shared>);

/// One try.
pub(super) struct Making {
    pub(super) cx: JobCx,
    pub(super) settings: Arc<DriveSettings>,
    pub(super) id: UserId,
    pub(super) user: User,
    /// The row, as it stands in the store.
    pub(super) row: Stored<Folders>,
}

impl Making {
    /// Puts a change of the row on disk before anything follows from it.
    pub(super) async fn note(&mut self, change: impl FnOnce(&mut Folder)) -> Result<(), Failure> {
        let mut next = self.row.row.clone();
        change(&mut next);
        if next == self.row.row {
            return Ok(());
        }
        next.updated_at = self.cx.shell.now();
        let mut write = Write::new();
        write.update::<Folders>(&self.row, &next);
        self.cx.shell.store.commit(write).await?;
        self.row = self.row.rewritten(next).map_err(zelador_store::Error::from)?;
        Ok(())
    }
}

#[async_trait]
impl Handler for Create {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let args: FolderArgs = cx.args()?;
        let settings = self.0.settings()?;
        let _turn = self.0.turns.of(args.user_id).await;
        let Some(user) = cx.shell.store.get::<Users>(&args.user_id).await? else {
            return Err(Failure::permanent("there is no such user any more"));
        };
        if !user.row.is_live() {
            return Err(Failure::permanent("the user was deleted"));
        }
        let Some(row) = self.row(&cx, &settings, args.user_id, &user.row).await? else {
            return Ok(Write::new());
        };
        let mut making = Making { cx, settings, id: args.user_id, user: user.row, row };
        let (provider, job) = (making.settings.provider, making.cx.id);
        making
            .note(|folder| {
                folder.state = FolderState::Creating;
                folder.job = Some(job);
                provider.word().clone_into(&mut folder.provider);
            })
            .await?;
        match provider {
            Provider::Native => {
                let port = self.0.port(&making.settings)?;
                native::make(&mut making, port.as_ref()).await?;
            }
            Provider::Script => script::make(&mut making).await?,
        }
        self.0.left.note_made(making.id);
        Ok(ending::ready(&making))
    }

    async fn called_off(&self, shell: &Shell, id: JobId, job: &Job) -> Result<Write, Error> {
        ending::failed(shell, id, job, "the job was called off", &self.callback()).await
    }

    async fn fell_short(&self, shell: &Shell, id: JobId, next: &Job) -> Result<Write, Error> {
        let why = match next.state {
            JobState::Failed => next.error.as_deref().unwrap_or("the job failed"),
            JobState::Cancelled => "the job was called off",
            // Another try follows; the row says what the last one met.
            _ => return ending::waits(shell, id, next).await,
        };
        ending::failed(shell, id, next, why, &self.callback()).await
    }
}

impl Create {
    fn callback(&self) -> String {
        self.0.settings.borrow().callback.url.clone()
    }

    /// The row; one that is not there is made if the tenant wants folders for whoever
    /// is registered. `None`: it does not.
    async fn row(
        &self,
        cx: &JobCx,
        settings: &DriveSettings,
        id: UserId,
        user: &User,
    ) -> Result<Option<Stored<Folders>>, Failure> {
        let store = &cx.shell.store;
        if let Some(row) = store.get::<Folders>(&id).await? {
            return Ok(Some(row));
        }
        let tenant = store.get::<Tenants>(&user.tenant).await?;
        let wanted = tenant.is_some_and(|tenant| wants(&tenant.row.settings));
        if !wanted {
            return Ok(None);
        }
        let now = cx.shell.now();
        let (provider, sandbox) = (settings.provider.word(), settings.mode == Mode::Sandbox);
        let folder =
            Folder { job: Some(cx.id), ..Folder::pending(user.tenant, provider, sandbox, now) };
        let mut write = Write::new();
        write.insert::<Folders>(&id, &folder);
        store.commit(write).await?;
        Ok(store.get::<Folders>(&id).await?)
    }
}

fn wants(settings: &Settings) -> bool {
    settings.create_drive_folder
}

/// What a store says when it is asked how a job ends.
pub(super) async fn folder_of(shell: &Shell, job: &Job) -> Result<Option<Stored<Folders>>, Error> {
    let args: Option<FolderArgs> = serde_json::from_str(&job.args).ok();
    let Some(args) = args else { return Ok(None) };
    shell.store.get::<Folders>(&args.user_id).await.during("reading a user's folders")
}
