//! Where a file goes: its twin on the other side has gone there, the operator's program
//! says so, or the routes.
//!
//! Whoever notes first what a file holds has it processed; its twin waits, and goes where
//! that one went.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use zelador_store::Query;
use zelador_store::drive::{Journey, JourneysByContent};
use zelador_store::kv::Term;
use zelador_store::user::Users;

use super::super::program;
use super::{Decided, Going, Thing, local};
use crate::drive::rules::files::{Other, Twin, runs_itself, twin};
use crate::drive::rules::names::legal;
use crate::drive::rules::routes::{Looked, USUAL, folder};
use crate::drive::settings::{ERROS, NOVOS};
use crate::drive::vm;
use crate::engine::jobs::Failure;

/// Journeys with the same content that are looked at.
const TWINS: usize = 100;
/// Until a twin is looked at again.
const PAUSE: Duration = Duration::from_secs(5);

/// What the operator's program says.
enum Word {
    /// The folder.
    To(String),
    /// It cannot be processed, for this reason.
    Refused(String),
}

impl Going {
    /// Decides, and has it on disk; `None`: the file is gone.
    pub(super) async fn decide(&mut self, thing: &Thing) -> Result<Option<Decided>, Failure> {
        let decided = if self.settings.processor.command.is_empty() {
            self.by_routes(thing).await?
        } else {
            self.by_program(thing).await?
        };
        if let Some(decided) = &decided {
            let (to, error) = (decided.to.clone(), decided.error.clone());
            self.note(|journey| (journey.to, journey.error) = (Some(to), error)).await?;
        }
        Ok(decided)
    }

    async fn by_routes(&mut self, thing: &Thing) -> Result<Option<Decided>, Failure> {
        let sha256 = match thing {
            Thing::Drive(file) => file.sha256.clone(),
            Thing::Vm => match self.digest().await? {
                None => return Ok(None),
                digest => digest,
            },
        };
        if let Some(sha256) = sha256
            && let Some(to) = self.claim(&sha256).await?
        {
            return Ok(Some(Decided { to, error: None }));
        }
        let Journey { name, mime, size, .. } = &self.row.row;
        let to = folder(&self.settings.routes, Looked { name, mime, size: *size }).to_owned();
        Ok(Some(Decided { to, error: None }))
    }

    async fn by_program(&mut self, thing: &Thing) -> Result<Option<Decided>, Failure> {
        if let Thing::Drive(file) = thing
            && let Some(sha256) = &file.sha256
            && let Some(to) = self.claim(sha256).await?
        {
            return Ok(Some(Decided { to, error: None }));
        }
        let dir = self.settings.root.join(".work").join(self.cx.id.to_string());
        let decided = self.in_copy(&dir, thing).await;
        if let Err(error) = tokio::fs::remove_dir_all(&dir).await
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, dir = %dir.display(), "a copy of a file stays behind");
        }
        decided
    }

    /// Asks the operator's program, which is given a copy.
    async fn in_copy(&mut self, dir: &Path, thing: &Thing) -> Result<Option<Decided>, Failure> {
        let Some((path, sha256)) = self.copy(dir, thing).await? else { return Ok(None) };
        if let Some(to) = self.claim(&sha256).await? {
            return Ok(Some(Decided { to, error: None }));
        }
        Ok(Some(match self.ask(&path, &sha256).await? {
            Word::To(to) => Decided { to, error: None },
            Word::Refused(error) => Decided { to: ERROS.to_owned(), error: Some(error) },
        }))
    }

    /// A copy, and SHA-256 of it. That there is none is not the file's fault.
    async fn copy(&self, dir: &Path, thing: &Thing) -> Result<Option<(PathBuf, String)>, Failure> {
        let failed = |error: std::io::Error| {
            self.hindered(format_args!("a copy cannot be made in {}: {error}", dir.display()))
        };
        let mut builder = tokio::fs::DirBuilder::new();
        builder.recursive(true).mode(0o750).create(dir).await.map_err(failed)?;
        let path = dir.join(legal(&self.row.row.name));
        let digest = match thing {
            Thing::Drive(file) => {
                let loaded = self.port()?.download(&file.id, &path).await;
                loaded.map_err(|trouble| self.outage(trouble))?;
                let copy = path.clone();
                let digest = vm::aside(move || local::digest(&copy)).await.map_err(failed)?;
                Some(digest)
            }
            Thing::Vm => {
                let (place, version) = (self.row.row.place.clone(), self.version());
                let to = path.clone();
                vm::aside(move || vm::take_copy(&place, &version, &to)).await.map_err(failed)?
            }
        };
        Ok(digest.map(|digest| (path, digest)))
    }

    /// SHA-256 of a file on the VM; `None`: it is gone.
    pub(super) async fn digest(&self) -> Result<Option<String>, Failure> {
        let (place, version) = (self.row.row.place.clone(), self.version());
        let shown = place.clone();
        let digest = vm::aside(move || vm::digest_of(&place, &version)).await;
        digest.map_err(|error| self.hindered(format_args!("{shown} cannot be read: {error}")))
    }

    /// Says that the content is this file's to be processed; answers where its twin went,
    /// if that was processed. While its twin is, this one waits.
    async fn claim(&mut self, sha256: &str) -> Result<Option<String>, Failure> {
        if self.row.row.sha256.is_some() || self.row.row.size == 0 {
            return Ok(None);
        }
        // One at a time: nobody notes it between the look and the note.
        let shared = self.shared.clone();
        let _turn = shared.contents.of(self.user).await;
        let query = Query::under_key(&(self.user, Term::new(sha256))).reverse().limit(TWINS);
        let page = self.cx.shell.store.page_by::<JourneysByContent>(&query).await?;
        let now = self.cx.shell.now();
        let others: Vec<Other> = page
            .rows
            .iter()
            .filter(|row| row.key != self.row.key && row.row.side != self.row.row.side)
            .map(|row| Other {
                state: row.row.state,
                to: row.row.to.clone(),
                age: now.since(row.row.ended_at.unwrap_or(row.row.seen_at)),
            })
            .collect();
        let (found, to) = twin(&others);
        if found == Twin::Working {
            let reason = "the same content is being processed on the other side".to_owned();
            return Err(Failure::Snooze { until: Some(now + PAUSE), reason });
        }
        let sha256 = sha256.to_owned();
        self.note(|journey| journey.sha256 = Some(sha256)).await?;
        Ok(to.filter(|_| runs_itself(found) == Some(false)))
    }

    async fn ask(&mut self, path: &Path, sha256: &str) -> Result<Word, Failure> {
        let settings = self.settings.clone();
        let user = self.cx.shell.store.get::<Users>(&self.user).await?;
        let (name, email) = user.map(|user| (user.row.name, user.row.email)).unwrap_or_default();
        let values = BTreeMap::from([
            ("user.id", self.user.to_string()),
            ("user.email", email.clone().unwrap_or_default()),
            ("file.path", path.display().to_string()),
            ("file.name", self.row.row.name.clone()),
            ("job.id", self.cx.id.to_string()),
        ]);
        let started = program::start(&settings.processor, &self.cx, &values);
        // That it cannot be run is for the operator to see to, and no word about the file.
        let (running, leftover) = started.map_err(|failure| match failure {
            Failure::Permanent { error } | Failure::Retry { error, .. } => self.hindered(error),
            other @ Failure::Snooze { .. } => other,
        })?;
        self.note(|journey| journey.program = Some(leftover)).await?;
        let Journey { side, place, size, name: file, .. } = &self.row.row;
        let input = json!({
            "v": 1, "job_id": self.cx.id, "attempt": self.cx.job.tries, "action": "process_file",
            "user": { "id": self.user, "email": email, "name": name },
            "file": {
                "id": place, "name": file, "path": path, "size": size, "sha256": sha256,
                "source": side.word(),
            },
        });
        let limit = Duration::from_secs(settings.job_seconds.into());
        let said = running.finish(&self.cx, &input, limit).await;
        let last = self.cx.job.tries >= self.cx.job.max_tries;
        let said = match said {
            Ok((said, _)) => said,
            Err(Failure::Permanent { error }) => return Ok(Word::Refused(error)),
            Err(Failure::Retry { error, .. }) if last => return Ok(Word::Refused(error)),
            Err(failure) => return Err(failure),
        };
        let to = said.get("to").and_then(Value::as_str).unwrap_or(USUAL);
        if to == NOVOS || self.folder.part(to).is_none_or(|part| !part.made) {
            return Ok(Word::Refused(format!("the program names {to:?}, which is no folder")));
        }
        Ok(Word::To(to.to_owned()))
    }

    /// What the version is known by.
    pub(super) fn version(&self) -> String {
        self.row.key.1.as_str().to_owned()
    }
}
