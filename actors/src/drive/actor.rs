//! The shell: takes in what is asked of folders, and leaves the work to jobs.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::watch;
use zelador_store::author::Author;
use zelador_store::drive::{Folder, FolderState, Folders, Journeys, SandboxFolders};
use zelador_store::id::{JobId, UserId};
use zelador_store::job::{Job, Jobs};
use zelador_store::user::{User, Users};
use zelador_store::{Query, Write};

use super::jobs::CREATE;
use super::messages::{Asked, FolderArgs};
use super::queries;
use super::rules::notification::Shown;
use super::settings::{DriveSettings, Mode};
use super::watch::Watcher;
use crate::answer::Keep;
use crate::engine::audit::{Deed, note};
use crate::engine::jobs::NewJob;
use crate::engine::{Shell, Tries};
use crate::error::{During as _, Error, Refusal};

/// Rows looked at, or removed, at once.
const PAGE: usize = 100;

/// Takes in what is asked of folders; clones are the same desk.
#[derive(Clone)]
pub struct DriveDesk {
    shell: Shell,
    settings: watch::Receiver<Arc<DriveSettings>>,
    watcher: Option<Watcher>,
}

impl DriveDesk {
    /// A desk.
    pub fn new(shell: Shell, settings: watch::Receiver<Arc<DriveSettings>>) -> Self {
        Self { shell, settings, watcher: None }
    }

    /// With who looks at what changed.
    pub fn watched_by(self, watcher: Watcher) -> Self {
        Self { watcher: Some(watcher), ..self }
    }

    /// Notes who had it looked now.
    pub async fn noted_look(
        &self,
        user: UserId,
        by: &Author,
        keep: Option<&Keep<()>>,
    ) -> Result<(), Error> {
        let found = self.shell.store.get::<Users>(&user).await.during("reading a user")?;
        let tenant = found.map(|found| found.row.tenant);
        let mut write = Write::new();
        note(&self.shell, &mut write, by, Deed::new("folder.process", user).of(tenant).about(user));
        if let Some(keep) = keep {
            keep.stage(&mut write, &());
        }
        self.shell.store.commit(write).await.during("noting a look").map(drop)
    }

    /// Has what changed looked at now, and not at the next time.
    pub async fn look_now(&self) -> Result<(), Error> {
        self.may_work(&self.settings()).await?;
        if let Some(watcher) = &self.watcher {
            watcher.poke();
        }
        Ok(())
    }

    /// Takes in a notification of Google's: checked, answered at once, and looked into
    /// soon.
    ///
    /// # Errors
    /// If there is no such channel, or it is not from whom it says.
    pub async fn heard(&self, shown: &Shown) -> Result<(), Error> {
        match &self.watcher {
            Some(watcher) => watcher.heard(shown).await,
            None => Err(Refusal::Absent { what: "channel" }.into()),
        }
    }

    /// Whether files that this user drops on the VM are noticed at once, or at
    /// intervals.
    pub fn is_watched(&self, user: UserId) -> bool {
        self.watcher.as_ref().is_some_and(|watcher| watcher.is_watched(user))
    }

    /// How many folders on the VM are watched, and how many are looked into at
    /// intervals alone.
    pub fn folders_on_vm(&self) -> (usize, usize) {
        self.watcher.as_ref().map_or((0, 0), Watcher::folders_on_vm)
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<DriveSettings> {
        self.settings.borrow().clone()
    }

    /// Has a user's folders made. Those that are ready stay as they are, and those
    /// that are being made go on being made: the answer names their job.
    pub async fn create(
        &self,
        user: UserId,
        by: &Author,
        keep: Option<&Keep<Asked>>,
    ) -> Result<Asked, Error> {
        self.ask(user, false, by, keep).await
    }

    /// Has a user's folders looked at and made good: whatever is missing is made,
    /// whatever is there stays.
    pub async fn recreate(
        &self,
        user: UserId,
        by: &Author,
        keep: Option<&Keep<Asked>>,
    ) -> Result<Asked, Error> {
        self.ask(user, true, by, keep).await
    }

    async fn ask(
        &self,
        id: UserId,
        again: bool,
        by: &Author,
        keep: Option<&Keep<Asked>>,
    ) -> Result<Asked, Error> {
        let settings = self.settings();
        self.may_work(&settings).await?;
        let mut tries = Tries::of("asking for a user's folders");
        loop {
            let store = &self.shell.store;
            let user = store.get::<Users>(&id).await.during("reading a user")?;
            let user = user.filter(|user| user.row.is_live());
            let user = user.ok_or(Refusal::Absent { what: "user" })?;
            let found = store.get::<Folders>(&id).await.during("reading a user's folders")?;
            let folder = found.as_ref().map(|found| &found.row);
            let mut write = Write::new();
            let asked = match folder {
                Some(folder) if self.goes_on(folder, again).await? => {
                    Asked { job: folder.job, folder: folder.clone() }
                }
                _ => {
                    let job: JobId = self.shell.id();
                    let next = self.asked_for(&settings, folder, &user.row, job);
                    match &found {
                        Some(found) => write.update::<Folders>(found, &next),
                        None => write.insert::<Folders>(&id, &next),
                    };
                    write.expect(&user);
                    write.enqueue(job, &self.job(id, &next));
                    Asked { job: Some(job), folder: next }
                }
            };
            if !write.is_empty() {
                let action = if again { "folder.recreate" } else { "folder.create" };
                let deed = Deed::new(action, id).of(user.row.tenant).about(id);
                note(&self.shell, &mut write, by, deed.with(&json!({ "job_id": asked.job })));
            }
            if let Some(keep) = keep {
                keep.stage(&mut write, &asked);
            }
            if write.is_empty() {
                return Ok(asked);
            }
            match store.commit(write).await {
                Ok(_) => {
                    tracing::info!(user = %id, job = ?asked.job, %by, "folders asked for");
                    return Ok(asked);
                }
                Err(error) => tries.again(error)?,
            }
        }
    }

    /// Forgets the folders that were made against the sandbox; answers how many.
    /// What is on the VM's disk stays there.
    pub async fn purge(&self) -> Result<u64, Error> {
        let (store, mut gone) = (&self.shell.store, 0);
        loop {
            let query = Query::all().limit(PAGE);
            let page = store.page_by::<SandboxFolders>(&query).await;
            let page = page.during("listing folders of the sandbox")?;
            if page.rows.is_empty() {
                return Ok(gone);
            }
            for folder in &page.rows {
                let query = Query::under(&(folder.key,)).limit(PAGE);
                let files = store.page::<Journeys>(&query).await;
                let files = files.during("listing files of the sandbox")?;
                let mut write = Write::new();
                for file in &files.rows {
                    write.remove::<Journeys>(file);
                }
                if files.next.is_none() {
                    write.remove::<Folders>(folder);
                    gone += 1;
                }
                store.commit(write).await.during("forgetting a folder of the sandbox")?;
            }
        }
    }

    /// Refused while the concern is off, or goes live on records of the sandbox.
    async fn may_work(&self, settings: &DriveSettings) -> Result<(), Error> {
        match settings.mode {
            Mode::Off => Err(Refusal::conflict("concern_off").into()),
            Mode::Live if queries::has_sandbox_folders(&self.shell).await? => {
                Err(Refusal::conflict("sandbox_records").into())
            }
            Mode::Live | Mode::Sandbox => Ok(()),
        }
    }

    /// Whether nothing is to be begun: they are ready, or being made by a job that
    /// has not come to its end.
    async fn goes_on(&self, folder: &Folder, again: bool) -> Result<bool, Error> {
        match folder.state {
            FolderState::Ready => Ok(!again),
            FolderState::Failed => Ok(false),
            FolderState::Pending | FolderState::Creating => {
                let Some(job) = &folder.job else { return Ok(false) };
                let job = self.shell.store.get::<Jobs>(job).await.during("reading a job")?;
                Ok(job.is_some_and(|job| job.row.state.is_live()))
            }
        }
    }

    fn asked_for(
        &self,
        settings: &DriveSettings,
        old: Option<&Folder>,
        user: &User,
        job: JobId,
    ) -> Folder {
        let now = self.shell.now();
        let (provider, sandbox) = (settings.provider.word(), settings.mode == Mode::Sandbox);
        let fresh = || Folder::pending(user.tenant, provider, sandbox, now);
        Folder {
            state: FolderState::Pending,
            provider: provider.to_owned(),
            job: Some(job),
            error: None,
            updated_at: now,
            ..old.cloned().unwrap_or_else(fresh)
        }
    }

    fn job(&self, user: UserId, folder: &Folder) -> Job {
        let job = NewJob::new(CREATE, &FolderArgs { user_id: user });
        job.about(folder.tenant, user).build(self.shell.now())
    }
}
