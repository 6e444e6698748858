//! `drive.process_file`: a version of a file goes from `novos` to its folder.
//!
//! ```text
//! decided (routes, or the operator's program) ─▶ on disk ─▶ moved ─▶ done, told
//! ```
//! What was decided is on disk before the file is moved: whatever is cut off, the program
//! is not asked again, and the file is moved once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncReadExt as _;
use zelador_store::drive::{Folder, Folders, Journey, JourneyState, Journeys};
use zelador_store::id::{JobId, UserId};
use zelador_store::job::{Job, JobState};
use zelador_store::kv::Term;
use zelador_store::user::Users;
use zelador_store::{Stored, Write};

use super::callback::{self, Told};
use super::ending::author;
use super::{Shared, program};
use crate::drive::messages::made;
use crate::drive::port::{NewFolder, Port, RemoteFile};
use crate::drive::rules::answer::Trouble;
use crate::drive::rules::names::{legal, note_of};
use crate::drive::rules::routes::{Looked, USUAL, folder};
use crate::drive::rules::tree::mark;
use crate::drive::settings::{DriveSettings, ERROS, NOVOS};
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx};
use crate::error::{During as _, Error};
use crate::facts::about_user;

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
    settings: Arc<DriveSettings>,
    port: Arc<dyn Port>,
    user: UserId,
    folder: Folder,
    row: Stored<Journeys>,
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
        let port = self.0.port(&settings)?;
        let (user, folder) = (args.user_id, folder.row);
        let mut going = Going { cx, settings, port, user, folder, row };
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
            _ => Ok(Write::new()),
        }
    }
}

impl Process {
    /// The file stays where it is: the next look at everything finds it.
    async fn ended(&self, shell: &Shell, id: JobId, job: &Job, why: &str) -> Result<Write, Error> {
        let mut write = Write::new();
        let args: Option<ProcessArgs> = serde_json::from_str(&job.args).ok();
        let Some(args) = args else { return Ok(write) };
        let key = (args.user_id, Term::new(&args.version));
        let row = shell.store.get::<Journeys>(&key).await.during("reading a journey")?;
        if let Some(row) = row.filter(|row| row.row.job == Some(id)) {
            let to = row.row.to.clone().unwrap_or_default();
            let decided = Decided { to, error: Some(why.to_owned()) };
            let callback = self.0.settings.borrow().callback.url.clone();
            end(shell, &mut write, &row, (id, &callback), &decided);
            self.0.left.note();
        }
        Ok(write)
    }
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

    async fn go(&mut self) -> Result<Write, Failure> {
        program::end_earlier(self.row.row.program.as_ref()).await;
        let file = match self.port.file(&self.row.row.place).await {
            Ok(file) if !file.trashed => file,
            Ok(_) | Err(Trouble::Missing) => return Ok(self.taken_away()),
            Err(trouble) => return Err(trouble.into()),
        };
        let decided = if let Some(to) = self.row.row.to.clone() {
            Decided { to, error: self.row.row.error.clone() }
        } else {
            let decided = self.decide(&file).await?;
            let (to, error) = (decided.to.clone(), decided.error.clone());
            self.note(|journey| (journey.to, journey.error) = (Some(to), error)).await?;
            decided
        };
        self.put(&file, &decided).await?;
        let mut write = Write::new();
        let callback = self.settings.callback.url.clone();
        end(&self.cx.shell, &mut write, &self.row, (self.cx.id, &callback), &decided);
        Ok(write)
    }

    /// Somebody took it out of novos before it was its turn.
    fn taken_away(&self) -> Write {
        let mut write = Write::new();
        let error = "it was taken away before it was processed";
        let decided = Decided { to: String::new(), error: Some(error.to_owned()) };
        let callback = self.settings.callback.url.clone();
        end(&self.cx.shell, &mut write, &self.row, (self.cx.id, &callback), &decided);
        write
    }

    /// Where the file goes: the operator's program says so, else the routes.
    async fn decide(&mut self, file: &RemoteFile) -> Result<Decided, Failure> {
        if self.settings.processor.command.is_empty() {
            let size = file.size.unwrap_or(0);
            let looked = Looked { name: &file.name, mime: &file.mime, size };
            let to = folder(&self.settings.routes, looked).to_owned();
            return Ok(Decided { to, error: None });
        }
        let last = self.cx.job.tries >= self.cx.job.max_tries;
        match self.ask(file).await {
            Ok(to) => Ok(Decided { to, error: None }),
            Err(Failure::Permanent { error }) => {
                Ok(Decided { to: ERROS.to_owned(), error: Some(error) })
            }
            Err(Failure::Retry { error, .. }) if last => {
                Ok(Decided { to: ERROS.to_owned(), error: Some(error) })
            }
            Err(failure) => Err(failure),
        }
    }

    /// Asks the operator's program, which is given a copy.
    async fn ask(&mut self, file: &RemoteFile) -> Result<String, Failure> {
        let dir = self.workplace();
        let asked = self.ask_in(&dir, file).await;
        if let Err(error) = tokio::fs::remove_dir_all(&dir).await {
            tracing::warn!(%error, dir = %dir.display(), "a copy of a file stays behind");
        }
        asked
    }

    fn workplace(&self) -> PathBuf {
        self.settings.root.join(".work").join(self.cx.id.to_string())
    }

    async fn ask_in(
        &mut self,
        dir: &std::path::Path,
        file: &RemoteFile,
    ) -> Result<String, Failure> {
        let failed = |error: std::io::Error| {
            Failure::retry(format!("a copy cannot be made in {}: {error}", dir.display()))
        };
        let mut builder = tokio::fs::DirBuilder::new();
        builder.recursive(true).mode(0o750).create(dir).await.map_err(failed)?;
        let path = dir.join(legal(&file.name));
        let size = self.port.download(&file.id, &path).await?;
        let sha256 = digest(&path).await.map_err(failed)?;
        let settings = self.settings.clone();
        let user = self.cx.shell.store.get::<Users>(&self.user).await?;
        let (name, email) = user.map(|user| (user.row.name, user.row.email)).unwrap_or_default();
        let values = BTreeMap::from([
            ("user.id", self.user.to_string()),
            ("user.email", email.clone().unwrap_or_default()),
            ("file.path", path.display().to_string()),
            ("file.name", file.name.clone()),
            ("job.id", self.cx.id.to_string()),
        ]);
        let (running, leftover) = program::start(&settings.processor, &self.cx, &values)?;
        self.note(|journey| journey.program = Some(leftover)).await?;
        let input = json!({
            "v": 1, "job_id": self.cx.id, "attempt": self.cx.job.tries, "action": "process_file",
            "user": { "id": self.user, "email": email, "name": name },
            "file": {
                "id": file.id, "name": file.name, "path": path, "size": size, "sha256": sha256,
                "source": self.row.row.side.word(),
            },
        });
        let limit = Duration::from_secs(settings.job_seconds.into());
        let (said, _) = running.finish(&self.cx, &input, limit).await?;
        let to = said.get("to").and_then(Value::as_str).unwrap_or(USUAL);
        if to == NOVOS || made(&self.folder, to).is_none() {
            return Err(Failure::permanent(format!(
                "the program names {to:?}, which is no folder"
            )));
        }
        Ok(to.to_owned())
    }

    /// Moves the file, and puts a note beside one that failed.
    async fn put(&mut self, file: &RemoteFile, decided: &Decided) -> Result<(), Failure> {
        let to = made(&self.folder, &decided.to)
            .or_else(|| made(&self.folder, USUAL))
            .map(str::to_owned)
            .ok_or_else(|| Failure::permanent(format!("there is no folder {:?}", decided.to)))?;
        let from = file.parent.clone().unwrap_or_default();
        if from != to {
            self.port.move_file(&file.id, &from, &to).await?;
        }
        let Some(error) = &decided.error else { return Ok(()) };
        let id = if let Some(id) = self.row.row.note.clone() {
            id
        } else {
            let id = self.port.ids(1).await?.into_iter().next().unwrap_or_default();
            let noted = id.clone();
            self.note(|journey| journey.note = Some(noted)).await?;
            id
        };
        let note = NewFolder {
            id,
            name: note_of(&file.name),
            parent: Some(to),
            mark: mark(&self.user.to_string(), "note"),
        };
        Ok(self.port.put_text(&note, &format!("{error}\n")).await?)
    }
}

/// SHA-256 of a file.
async fn digest(path: &std::path::Path) -> std::io::Result<String> {
    let mut file = tokio::fs::File::open(path).await?;
    let (mut hasher, mut chunk) = (Sha256::new(), vec![0; 64 * 1024]);
    loop {
        let length = file.read(&mut chunk).await?;
        if length == 0 {
            return Ok(hex::encode(hasher.finalize()));
        }
        hasher.update(chunk.get(..length).unwrap_or_default());
    }
}

/// Stages the end of a journey: the row, the event, the backend's callback.
fn end(
    shell: &Shell,
    write: &mut Write,
    row: &Stored<Journeys>,
    (job, callback): (JobId, &str),
    decided: &Decided,
) {
    let (user, old) = (row.key.0, &row.row);
    let state =
        if decided.error.is_none() { JourneyState::Processed } else { JourneyState::Failed };
    let next = Journey {
        state,
        to: Some(decided.to.clone()).filter(|to| !to.is_empty()),
        error: decided.error.clone(),
        program: None,
        ended_at: Some(shell.now()),
        ..old.clone()
    };
    write.update::<Journeys>(row, &next);
    let file = json!({ "id": old.place, "name": old.name, "source": old.side.word() });
    let mut data = json!({ "user_id": user, "tenant_id": old.tenant, "job_id": job, "file": file });
    let (kind, member, value) = match &decided.error {
        None => ("drive.file_processed", "to", decided.to.clone()),
        Some(error) => ("drive.file_failed", "error", error.clone()),
    };
    if let Some(members) = data.as_object_mut() {
        members.insert(member.to_owned(), value.into());
    }
    write.event(&about_user(shell, kind, old.tenant, user, &author(job), data));
    let told = Told {
        event: if decided.error.is_none() { "file.processed" } else { "file.failed" }.to_owned(),
        user_id: user,
        job_id: job,
        error: decided.error.clone(),
        file: Some(json!({
            "id": old.place, "name": old.name, "size": old.size, "source": old.side.word(),
            "to": next.to,
        })),
    };
    callback::stage(shell, write, callback, old.tenant, &told);
    tracing::info!(%user, job_id = %job, state = state.word(), to = decided.to, "drive file");
}
