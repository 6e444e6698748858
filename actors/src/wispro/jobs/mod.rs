//! The kind `wispro.sync`: one run, from the first page to the last client.
//!
//! Where a run stands is its job's checkpoint ([`Place`]), moved on in the commit
//! of what was done. A try that is cut off goes on there.

mod apply;
mod begin;
mod compare;
mod end;
mod fetch;
mod person;

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, OnceCell, watch};
use zelador_store::author::{Author, AuthorKind};
use zelador_store::id::JobId;
use zelador_store::job::Job;
use zelador_store::kv::Term;
use zelador_store::wispro::{SyncCounts, SyncLine, SyncLines, SyncRun, SyncRuns, SyncState};
use zelador_store::{Stored, Write};

use super::actor::discarded;
use super::messages::SyncArgs;
use super::port::Upstream;
use super::queries;
use super::rules::alike::Alike;
use super::rules::report::{Code, Counter};
use super::settings::WisproSettings;
use crate::engine::Shell;
use crate::engine::jobs::{Failure, Handler, JobCx};
use crate::engine::notifications::Inviter;
use crate::error::Error;

/// The kind of its jobs.
pub const KIND: &str = "wispro.sync";
/// The queue they run in by default.
pub(super) const QUEUE: &str = "wispro";
/// A line of the log each time so many pages are done.
const LINE_EVERY: u64 = 10;

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    /// This page is to be fetched.
    Fetch {
        /// From 1.
        page: u32,
        /// A digest of the ids of the page before.
        before: Option<String>,
    },
    /// Clients after this one are to be compared.
    Compare {
        /// The id of the last one compared.
        after: Option<String>,
    },
    /// The brakes are to be looked at.
    Brakes,
    /// What was decided is to be done.
    Apply,
}

/// Does it.
pub struct Sync {
    settings: watch::Receiver<Arc<WisproSettings>>,
    upstream: Arc<dyn Upstream>,
    inviter: Inviter,
}

impl Sync {
    /// With these settings, this way to the upstream, and what invites new users.
    pub fn new(
        settings: watch::Receiver<Arc<WisproSettings>>,
        upstream: Arc<dyn Upstream>,
        inviter: Inviter,
    ) -> Self {
        Self { settings, upstream, inviter }
    }
}

#[async_trait]
impl Handler for Sync {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let args: SyncArgs = cx.args()?;
        let settings = self.settings.borrow().clone();
        let Some((run, place)) = begin::begin(&cx, &settings, &args).await? else {
            return Ok(Write::new());
        };
        let run = Run {
            author: Author::new(AuthorKind::Job, cx.id.to_string()),
            cx,
            settings,
            inviter: self.inviter.clone(),
            stored: Mutex::new(run),
            alike: OnceCell::new(),
        };
        run.go(place, self.upstream.as_ref()).await
    }

    async fn fell_short(&self, shell: &Shell, id: JobId, next: &Job) -> Result<Write, Error> {
        end::fell_short(shell, id, next).await
    }

    async fn called_off(&self, shell: &Shell, id: JobId, _: &Job) -> Result<Write, Error> {
        let mut write = Write::new();
        let doing = "calling off a sync";
        let run = shell.store.get::<SyncRuns>(&id).await;
        if let Some(run) = run.map_err(|error| Error::from_store(doing, error))?
            && !run.row.state.is_over()
        {
            write.update::<SyncRuns>(&run, &discarded(&run.row, shell.now()));
        }
        Ok(write)
    }
}

/// One try of a run.
struct Run {
    cx: JobCx,
    settings: Arc<WisproSettings>,
    inviter: Inviter,
    author: Author,
    /// The run's row, as it stands in the store.
    stored: Mutex<Stored<SyncRuns>>,
    /// Which of its clients have something in common, once it was asked for.
    alike: OnceCell<Option<Alike>>,
}

impl Run {
    async fn go(&self, place: Place, upstream: &dyn Upstream) -> Result<Write, Failure> {
        let mut place = place;
        loop {
            place = match place {
                Place::Fetch { page, before } => self.fetch(page, before, upstream).await?,
                Place::Compare { after } => self.compare(after).await?,
                Place::Brakes => match self.brakes().await? {
                    Some(next) => next,
                    None => return self.finish().await,
                },
                Place::Apply => {
                    if !self.row().await.dry_run {
                        self.apply().await?;
                    }
                    return self.finish().await;
                }
            };
        }
    }

    fn id(&self) -> JobId {
        self.cx.id
    }

    async fn row(&self) -> SyncRun {
        self.stored.lock().await.row.clone()
    }

    /// Moves the run on: its row and its job's checkpoint, with what was done.
    async fn move_on(
        &self,
        place: &Place,
        mut write: Write,
        next: impl FnOnce(&mut SyncRun) + Send,
    ) -> Result<(), Failure> {
        let mut stored = self.stored.lock().await;
        let mut row = stored.row.clone();
        next(&mut row);
        if row != stored.row {
            write.update::<SyncRuns>(&stored, &row);
        }
        self.cx.checkpoint_with(place, write).await?;
        *stored = stored.rewritten(row).map_err(zelador_store::Error::from)?;
        Ok(())
    }

    fn add(&self, write: &mut Write, counter: Counter, count: u64) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        write.add::<SyncCounts>(&(self.id(), counter.number()), count);
    }

    /// Stages a line about a client, and counts what it says. `key` tells it from
    /// others of the same instant.
    fn line(&self, write: &mut Write, key: &str, code: Code, line: &SyncLine) {
        self.add(write, Counter::Said(code), 1);
        let key = (self.id(), self.cx.shell.now(), Term::new(key), Term::new(code.word()));
        write.insert::<SyncLines>(&key, line);
    }

    /// Shows how far it is, and writes a line of the log where ten more pages'
    /// worth of clients are done; answers the pages that were told.
    async fn told(&self, pages_told: u64) -> Result<u64, Failure> {
        let counts = queries::counts(&self.cx.shell, self.id()).await?;
        let row = self.row().await;
        let (created, updated) = (counts.get(Counter::Created), counts.get(Counter::Updated));
        let skipped = counts.get(Counter::Skipped);
        let line = format!("{created} created, {updated} updated, {skipped} skipped");
        self.cx.progress(counts.seen(), counts.met(), line);
        let pages = counts.seen() / u64::from(row.per_page.max(1));
        let told = pages / LINE_EVERY * LINE_EVERY;
        if told > pages_told {
            let page = format!("{told}/{}", row.pages.max(1));
            tracing::info!(page, created, updated, skipped, "wispro sync");
        }
        Ok(told.max(pages_told))
    }
}

/// What a line is made of.
fn said(code: Code, client: Option<&str>, page: u32) -> SyncLine {
    SyncLine {
        client: client.map(str::to_owned),
        page,
        sort: code.sort().word().to_owned(),
        code: code.word().to_owned(),
        detail: None,
        user: None,
    }
}

/// Whether a run of this state is moved back into work by another try.
const fn resumes(state: SyncState) -> bool {
    !matches!(state, SyncState::Completed | SyncState::Discarded)
}
