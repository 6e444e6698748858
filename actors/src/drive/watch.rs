//! Looks at what changed on Drive, and begins a job for each new version of a file in
//! a `novos`.
//!
//! ```text
//! poll_seconds, "look now" ─▶ look: the log of changes, page by page ─┐
//! the start, and at times  ─▶ the same, and every novos, one by one  ─┴▶ journey + job
//! ```
//! The place in the log moves on in the commit that begins the journeys of a page: a
//! look that is cut off anywhere is made again, and begins nothing twice.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use zelador_store::drive::{
    Folder, FolderState, Folders, FoldersByNovos, Journey, JourneyState, Journeys, LogPlace,
    LogPlaces, Side,
};
use zelador_store::id::{JobId, UserId};
use zelador_store::kv::Term;
use zelador_store::{Query, Stored, Write};

use super::jobs::{PROCESS, ProcessArgs};
use super::messages::made;
use super::port::{Port, RemoteFile, Upstream};
use super::rules::files::{Verdict, remote_version, verdict};
use super::settings::{DriveSettings, ERROS, Mode, NOVOS};
use crate::engine::Shell;
use crate::engine::jobs::NewJob;
use crate::error::{During as _, Error};

/// Between two looks at every folder, one by one.
const EVERY: Duration = Duration::from_secs(600);
/// Folders looked at between two reads of the store.
const PAGE: usize = 100;
/// How often a page is begun anew because somebody was faster.
const REPEATS: usize = 16;

/// Looks; clones are the same watcher.
#[derive(Clone)]
pub struct Watcher(Arc<Inner>);

struct Inner {
    shell: Shell,
    settings: watch::Receiver<Arc<DriveSettings>>,
    upstream: Arc<dyn Upstream>,
    poke: Notify,
    stop: CancellationToken,
}

/// Why a look came to nothing.
enum Fell {
    /// Google, or the way to it.
    Outside(String),
    /// The place in the log is none: it is begun anew.
    Lost,
    /// Ours.
    Inside(Error),
}

impl From<Error> for Fell {
    fn from(error: Error) -> Self {
        Self::Inside(error)
    }
}

impl Watcher {
    /// One that does not look yet; its loop is [`Watcher::work`].
    pub fn new(
        shell: Shell,
        settings: watch::Receiver<Arc<DriveSettings>>,
        upstream: Arc<dyn Upstream>,
    ) -> Self {
        Self(Arc::new(Inner {
            shell,
            settings,
            upstream,
            poke: Notify::new(),
            stop: CancellationToken::new(),
        }))
    }

    /// Has it look now.
    pub fn poke(&self) {
        self.0.poke.notify_one();
    }

    /// Looks again and again.
    pub async fn work(&self) -> Result<(), Error> {
        tokio::select! {
            biased;
            // A look that is cut off has done nothing, or is done again.
            () = self.0.stop.cancelled() => Ok(()),
            ended = self.watch() => ended,
        }
    }

    /// Ends the loop.
    pub fn stop(&self) {
        self.0.stop.cancel();
    }

    async fn watch(&self) -> Result<(), Error> {
        let mut whole: Option<Instant> = None;
        let mut failed = false;
        loop {
            let settings = self.0.settings.borrow().clone();
            if settings.mode != Mode::Off {
                let all = whole.is_none_or(|last| last.elapsed() >= EVERY);
                match self.look(&settings, all).await {
                    Ok(()) => {
                        // What failed meanwhile lies in novos still: it is found at once.
                        whole = if all { Some(Instant::now()) } else { whole.filter(|_| !failed) };
                        failed = false;
                    }
                    Err(Fell::Inside(error)) => return Err(error),
                    Err(Fell::Lost) => (whole, failed) = (None, true),
                    Err(Fell::Outside(why)) => {
                        if !failed {
                            tracing::warn!(error = why, "drive cannot be looked at");
                        }
                        failed = true;
                    }
                }
            }
            if whole.is_none() && !failed && settings.mode != Mode::Off {
                continue;
            }
            let pause = Duration::from_secs(settings.poll_seconds.max(1).into());
            // Whichever comes first: the time, somebody who pokes.
            let _ = tokio::time::timeout(pause, self.0.poke.notified()).await;
        }
    }

    /// One look. `all`: at every folder, too.
    async fn look(&self, settings: &DriveSettings, all: bool) -> Result<(), Fell> {
        let port = self.0.upstream.open(settings).map_err(Fell::Outside)?;
        let (drive, subject) = (settings.shared_drive_id.as_str(), settings.subject.as_str());
        let of = [settings.mode.word(), drive, subject];
        let key = Term::new(&of.join(" "));
        let store = &self.0.shell.store;
        let place = store.get::<LogPlaces>(&key).await.during("reading a place in a log")?;
        let mut place = match place {
            Some(place) => place,
            None => self.begin(port.as_ref(), &key).await?,
        };
        if all || place.row.looked_at.is_none() {
            // The log is read from where it ended before: nothing falls between.
            self.everywhere(port.as_ref()).await?;
            place = self.looked(place).await?;
        }
        loop {
            let page = match port.changes(&place.row.token).await {
                Ok(page) => page,
                Err(trouble) if trouble.is_for("invalid") => {
                    self.forget(&place).await?;
                    return Err(Fell::Lost);
                }
                Err(trouble) => return Err(Fell::Outside(trouble.to_string())),
            };
            let files: Vec<RemoteFile> =
                page.changes.into_iter().filter_map(|change| change.now).collect();
            place = self.page(place, &files, page.next).await?;
            if page.end {
                return Ok(());
            }
        }
    }

    async fn begin(&self, port: &dyn Port, key: &Term) -> Result<Stored<LogPlaces>, Fell> {
        let token = port.log_end().await.map_err(|trouble| Fell::Outside(trouble.to_string()))?;
        let row = LogPlace { token, read_at: self.0.shell.now(), looked_at: None };
        let mut write = Write::new();
        write.insert::<LogPlaces>(key, &row);
        let store = &self.0.shell.store;
        store.commit(write).await.during("beginning a log")?;
        let place = store.get::<LogPlaces>(key).await.during("reading a place in a log")?;
        place.ok_or(Fell::Lost)
    }

    async fn forget(&self, place: &Stored<LogPlaces>) -> Result<(), Fell> {
        tracing::warn!("drive's log of changes is begun anew");
        let mut write = Write::new();
        write.remove::<LogPlaces>(place);
        self.0.shell.store.commit(write).await.during("forgetting a place in a log")?;
        Ok(())
    }

    async fn looked(&self, place: Stored<LogPlaces>) -> Result<Stored<LogPlaces>, Fell> {
        let row = LogPlace { looked_at: Some(self.0.shell.now()), ..place.row.clone() };
        self.moved(place, row, Write::new()).await
    }

    async fn moved(
        &self,
        place: Stored<LogPlaces>,
        row: LogPlace,
        mut write: Write,
    ) -> Result<Stored<LogPlaces>, Fell> {
        write.update::<LogPlaces>(&place, &row);
        let doing = "moving on in a log";
        self.0.shell.store.commit(write).await.during(doing)?;
        let next = place.rewritten(row).map_err(zelador_store::Error::from);
        Ok(next.during(doing)?)
    }

    /// Takes in a page of the log: what it begins and where it ends are one commit.
    async fn page(
        &self,
        place: Stored<LogPlaces>,
        files: &[RemoteFile],
        next: String,
    ) -> Result<Stored<LogPlaces>, Fell> {
        let read_at = self.0.shell.now();
        let row = LogPlace { token: next, read_at, ..place.row.clone() };
        if row.token == place.row.token && files.is_empty() {
            return Ok(place);
        }
        let mut left = REPEATS;
        loop {
            let mut write = Write::new();
            let mut seen = std::collections::BTreeSet::new();
            // The last word about a file counts.
            for file in files.iter().rev().filter(|file| seen.insert(file.id.clone())) {
                let Some(parent) = &file.parent else { continue };
                let folder = self.0.shell.store.find::<FoldersByNovos>(&Term::new(parent)).await;
                if let Some(folder) = folder.during("looking whose a file is")? {
                    self.begun(&folder, file, &mut write).await?;
                }
            }
            write.update::<LogPlaces>(&place, &row);
            match self.0.shell.store.commit(write).await {
                Ok(_) => {
                    let next = place.rewritten(row).map_err(zelador_store::Error::from);
                    return Ok(next.during("moving on in a log")?);
                }
                Err(error) if error.is_conflict() && left > 0 => left -= 1,
                Err(error) => return Err(Error::from_store("taking in changes", error).into()),
            }
        }
    }

    /// Looks into every `novos`.
    async fn everywhere(&self, port: &dyn Port) -> Result<(), Fell> {
        let mut after = None;
        loop {
            let query = Query::all().limit(PAGE).after(after);
            let page = self.0.shell.store.page::<Folders>(&query).await;
            let page = page.during("listing folders")?;
            for folder in &page.rows {
                if folder.row.state == FolderState::Ready {
                    self.into(port, folder.key, &folder.row).await?;
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
    }

    async fn into(&self, port: &dyn Port, user: UserId, folder: &Folder) -> Result<(), Fell> {
        let Some(novos) = made(folder, NOVOS) else { return Ok(()) };
        let files = match port.in_folder(novos).await {
            Ok(files) => files,
            // Gone: whoever recreates it sees.
            Err(super::rules::answer::Trouble::Missing) => return Ok(()),
            Err(trouble) => return Err(Fell::Outside(trouble.to_string())),
        };
        let mut left = REPEATS;
        loop {
            let store = &self.0.shell.store;
            let Some(folder) = store.get::<Folders>(&user).await.during("reading folders")? else {
                return Ok(());
            };
            let mut write = Write::new();
            for file in &files {
                self.begun(&folder, file, &mut write).await?;
            }
            if write.is_empty() {
                return Ok(());
            }
            match store.commit(write).await {
                Ok(_) => return Ok(()),
                Err(error) if error.is_conflict() && left > 0 => left -= 1,
                Err(error) => return Err(Error::from_store("taking in files", error).into()),
            }
        }
    }

    /// Stages the journey of a file, and its job, if there is none under way.
    async fn begun(
        &self,
        folder: &Stored<Folders>,
        file: &RemoteFile,
        write: &mut Write,
    ) -> Result<(), Fell> {
        let Some(novos) = made(&folder.row, NOVOS) else { return Ok(()) };
        if verdict(file, novos) == Verdict::Leave {
            return Ok(());
        }
        let shell = &self.0.shell;
        let (user, version) = (folder.key, remote_version(file));
        let key = (user, Term::new(&version));
        let known = shell.store.get::<Journeys>(&key).await.during("reading a journey")?;
        let under_way = known.as_ref().is_some_and(|known| {
            matches!(known.row.state, JourneyState::New | JourneyState::Processing)
        });
        if under_way {
            return Ok(());
        }
        let job: JobId = shell.id();
        let fresh = Journey {
            tenant: folder.row.tenant,
            side: Side::Drive,
            name: file.name.clone(),
            mime: file.mime.clone(),
            size: file.size.unwrap_or(0),
            place: file.id.clone(),
            md5: file.md5.clone(),
            sha256: file.sha256.clone(),
            state: JourneyState::New,
            to: None,
            job: Some(job),
            error: None,
            note: None,
            program: None,
            seen_at: shell.now(),
            ended_at: None,
        };
        match &known {
            None => write.insert::<Journeys>(&key, &fresh),
            // It is in novos again, or still. Where it goes was decided, and is not asked
            // again; what went to erros is tried anew.
            Some(known) => {
                let to = known.row.to.clone();
                let to = to.filter(|to| to != ERROS);
                let again = Journey { to, seen_at: known.row.seen_at, ..fresh };
                write.update::<Journeys>(known, &again)
            }
        };
        let args = ProcessArgs { user_id: user, version };
        let row = NewJob::new(PROCESS, &args).about(folder.row.tenant, user);
        write.enqueue(job, &row.build(shell.now()));
        Ok(())
    }
}
