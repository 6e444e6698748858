//! `drive.process_file`: a version of a file goes from `novos` to its folder.
//!
//! ```text
//! decided (routes, the operator's program, or its twin) ─▶ on disk ─▶ moved ─▶ done, told
//!     └─ Drive does not answer, the disk is full: waits for the next look, costs no try
//! ```
//! What was decided is on disk before the file is moved: whatever is cut off, the program
//! is not asked again, and the file is moved once.

mod decide;
mod end;
mod local;
mod put;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use zelador_store::drive::{Folder, Folders, Journey, JourneyState, Journeys, Side};
use zelador_store::id::{JobId, UserId};
use zelador_store::job::{Job, JobState};
use zelador_store::kv::Term;
use zelador_store::{Stored, Write};

use self::end::end;
use super::{Shared, program};
use crate::drive::port::{Port, RemoteFile};
use crate::drive::rules::answer::Trouble;
use crate::drive::settings::DriveSettings;
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx};
use crate::error::{During as _, Error};

/// How long a limit of Google's that is not by the minute is waited out.
const LONG: Duration = Duration::from_secs(60 * 60);

/// The arguments: whose file, and which version of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessArgs {
    /// Whose.
    pub user_id: UserId,
    /// What the version is known by.
    pub version: String,
}

/// Does it.
pub(super) struct Process(pub(super) Arc<Shared>);

/// One try.
struct Going {
    cx: JobCx,
    shared: Arc<Shared>,
    settings: Arc<DriveSettings>,
    user: UserId,
    folder: Folder,
    row: Stored<Journeys>,
}

/// The file, on its side.
enum Thing {
    Drive(Box<RemoteFile>),
    Vm,
}

/// Where a file is to go, and why, if it is to erros.
struct Decided {
    to: String,
    error: Option<String>,
}

#[async_trait]
impl Handler for Process {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let args: ProcessArgs = cx.args()?;
        let settings = self.0.settings()?;
        let key = (args.user_id, Term::new(&args.version));
        let store = &cx.shell.store;
        let row = store.get::<Journeys>(&key).await?.filter(|row| row.row.job == Some(cx.id));
        let folder = store.get::<Folders>(&args.user_id).await?;
        // Of a file that another job is about, or nobody, there is nothing to be done.
        let (Some(row), Some(folder)) = (row, folder) else { return Ok(Write::new()) };
        let (user, folder) = (args.user_id, folder.row);
        let mut going = Going { cx, shared: self.0.clone(), settings, user, folder, row };
        going.note(|journey| journey.state = JourneyState::Processing).await?;
        going.go().await
    }

    async fn called_off(&self, shell: &Shell, id: JobId, job: &Job) -> Result<Write, Error> {
        self.ended(shell, id, job, "the job was called off").await
    }

    async fn fell_short(&self, shell: &Shell, id: JobId, next: &Job) -> Result<Write, Error> {
        match next.state {
            JobState::Failed => {
                let why = next.error.as_deref().unwrap_or("the job failed");
                self.ended(shell, id, next, why).await
            }
            JobState::Cancelled => self.ended(shell, id, next, "the job was called off").await,
            _ => Self::waits(shell, id, next).await,
        }
    }
}

impl Process {
    /// The file stays where it is: the next look finds it.
    async fn ended(&self, shell: &Shell, id: JobId, job: &Job, why: &str) -> Result<Write, Error> {
        let mut write = Write::new();
        if let Some(row) = journey_of(shell, id, job).await? {
            let to = row.row.to.clone().unwrap_or_default();
            let decided = Decided { to, error: Some(why.to_owned()) };
            let callback = self.0.settings.borrow().callback.url.clone();
            end(shell, &mut write, &row, (id, &callback), &decided);
            self.0.left.note();
        }
        Ok(write)
    }

    /// Another try follows: the journey says what the last one met, unless it is decided
    /// where it goes.
    async fn waits(shell: &Shell, id: JobId, job: &Job) -> Result<Write, Error> {
        let mut write = Write::new();
        if let Some(row) = journey_of(shell, id, job).await?
            && row.row.to.is_none()
        {
            let why = job.history.last().and_then(|last| last.error.clone());
            let next = Journey { error: why.or_else(|| job.error.clone()), ..row.row.clone() };
            write.update::<Journeys>(&row, &next);
        }
        Ok(write)
    }
}

/// The journey that a job is about.
async fn journey_of(
    shell: &Shell,
    id: JobId,
    job: &Job,
) -> Result<Option<Stored<Journeys>>, Error> {
    let args: Option<ProcessArgs> = serde_json::from_str(&job.args).ok();
    let Some(args) = args else { return Ok(None) };
    let key = (args.user_id, Term::new(&args.version));
    let row = shell.store.get::<Journeys>(&key).await.during("reading a journey")?;
    Ok(row.filter(|row| row.row.job == Some(id)))
}

impl Going {
    /// Puts a change of the journey on disk before anything follows from it.
    async fn note(&mut self, change: impl FnOnce(&mut Journey)) -> Result<(), Failure> {
        let mut next = self.row.row.clone();
        change(&mut next);
        if next == self.row.row {
            return Ok(());
        }
        let mut write = Write::new();
        write.update::<Journeys>(&self.row, &next);
        self.cx.shell.store.commit(write).await?;
        self.row = self.row.rewritten(next).map_err(zelador_store::Error::from)?;
        Ok(())
    }

    fn port(&self) -> Result<Arc<dyn Port>, Failure> {
        self.shared.port(&self.settings)
    }

    async fn go(&mut self) -> Result<Write, Failure> {
        program::end_earlier(self.row.row.program.as_ref()).await;
        let Some(thing) = self.thing().await? else { return Ok(self.over(&taken_away())) };
        let decided = if let Some(to) = self.row.row.to.clone() {
            Some(Decided { to, error: self.row.row.error.clone() })
        } else {
            self.decide(&thing).await?
        };
        let Some(decided) = decided else { return Ok(self.over(&taken_away())) };
        let there = match &thing {
            Thing::Drive(file) => self.put(file, &decided).await?,
            Thing::Vm => self.put_on_vm(&decided).await?,
        };
        Ok(if there { self.over(&decided) } else { self.over(&taken_away()) })
    }

    /// The end of the journey.
    fn over(&self, decided: &Decided) -> Write {
        let mut write = Write::new();
        let callback = self.settings.callback.url.clone();
        end(&self.cx.shell, &mut write, &self.row, (self.cx.id, &callback), decided);
        write
    }

    /// The file as it is now; `None`: it is not there any more.
    async fn thing(&self) -> Result<Option<Thing>, Failure> {
        if self.row.row.side == Side::Vm {
            return Ok(Some(Thing::Vm));
        }
        match self.port()?.file(&self.row.row.place).await {
            Ok(file) if !file.trashed => Ok(Some(Thing::Drive(Box::new(file)))),
            Ok(_) | Err(Trouble::Missing) => Ok(None),
            Err(trouble) => Err(self.outage(trouble)),
        }
    }

    /// What is not this file's fault: it waits, and costs no try.
    fn outage(&self, trouble: Trouble) -> Failure {
        let poll = Duration::from_secs(self.settings.poll_seconds.max(1).into());
        let pause = match &trouble {
            Trouble::Passing { after, .. } => after.unwrap_or_default().max(poll),
            Trouble::Unauthorized => poll,
            Trouble::Limited { .. } => LONG,
            _ => return trouble.into(),
        };
        Failure::Snooze { until: Some(self.cx.shell.now() + pause), reason: trouble.to_string() }
    }

    /// The same, of the VM's disk.
    fn hindered(&self, why: impl std::fmt::Display) -> Failure {
        let poll = Duration::from_secs(self.settings.poll_seconds.max(1).into());
        Failure::Snooze { until: Some(self.cx.shell.now() + poll), reason: why.to_string() }
    }
}

/// Somebody took it out of novos, or changed it, before it was its turn.
fn taken_away() -> Decided {
    let error = "it was taken away, or changed, before it was processed";
    Decided { to: String::new(), error: Some(error.to_owned()) }
}
