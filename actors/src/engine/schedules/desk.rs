//! The loop that starts the jobs of schedules.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use zelador_store::id::JobId;
use zelador_store::job::{Job, Jobs, JobsByUnique, Schedules};
use zelador_store::kv::{Bell, Term};
use zelador_store::{Stored, Timestamp, Write};

use super::rules::{self, Verdict};
use crate::engine::Shell;
use crate::engine::jobs::NewJob;
use crate::engine::settings::{Overlap, ScheduleSettings, Schedules as Settings};
use crate::error::{During, Error};

/// How long the loop waits when the store refuses.
pub(super) const REFUSED_PAUSE: Duration = Duration::from_millis(500);

/// At least this often the loop turns, so that a watchdog sees it.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// How often a schedule is looked at anew because others were faster.
pub(super) const REPEATS: usize = 20;

/// The schedules; clones are the same ones.
#[derive(Clone)]
pub struct ScheduleDesk(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) shell: Shell,
    pub(super) settings: watch::Receiver<Arc<Settings>>,
    closing: CancellationToken,
    turns: AtomicU64,
}

impl ScheduleDesk {
    /// A desk that does nothing yet; its loop is [`ScheduleDesk::work`].
    pub fn new(shell: Shell, settings: watch::Receiver<Arc<Settings>>) -> Self {
        let (closing, turns) = (CancellationToken::new(), AtomicU64::new(0));
        Self(Arc::new(Inner { shell, settings, closing, turns }))
    }

    /// The schedules of the configuration in force.
    pub fn settings(&self) -> Arc<Settings> {
        self.0.settings.borrow().clone()
    }

    /// Turns of the loop so far: what a watchdog looks at.
    pub fn turns(&self) -> u64 {
        self.0.turns.load(Ordering::Relaxed)
    }

    /// Starts nothing more; [`ScheduleDesk::work`] returns.
    pub fn stop(&self) {
        self.0.closing.cancel();
    }

    /// Starts jobs as their times pass, until the desk is stopped. May be called
    /// again after a panic.
    pub async fn work(&self) -> Result<(), Error> {
        let mut bell = self.0.shell.store.listen(Bell::Schedules);
        let mut settings = self.0.settings.clone();
        let mut changed = true;
        while !self.0.closing.is_cancelled() {
            self.0.turns.fetch_add(1, Ordering::Relaxed);
            bell.mark_unchanged();
            let due = match self.turn(&mut changed, &mut settings).await {
                Ok(due) => due,
                Err(error) => {
                    tracing::warn!(error = error.chain(), "schedules wait for the store");
                    tokio::time::sleep(REFUSED_PAUSE).await;
                    continue;
                }
            };
            let due = async {
                match due {
                    Some(due) => self.0.shell.clock.until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = bell.changed() => {}
                Ok(()) = settings.changed() => changed = true,
                () = due => {}
                () = tokio::time::sleep(HEARTBEAT) => {}
                () = self.0.closing.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Does what is due; when something is next.
    async fn turn(
        &self,
        changed: &mut bool,
        settings: &mut watch::Receiver<Arc<Settings>>,
    ) -> Result<Option<Timestamp>, Error> {
        let settings = settings.borrow_and_update().clone();
        if *changed {
            self.configure_all(&settings).await?;
            *changed = false;
        }
        let mut next: Option<Timestamp> = None;
        for (name, settings) in settings.iter() {
            if let Some(at) = self.look_at(name, settings).await? {
                next = Some(next.map_or(at, |next| next.min(at)));
            }
        }
        Ok(next)
    }

    /// Does what is due for one schedule; when it fires next.
    async fn look_at(
        &self,
        name: &str,
        settings: &ScheduleSettings,
    ) -> Result<Option<Timestamp>, Error> {
        for _ in 0..REPEATS {
            let now = self.0.shell.now();
            let Some(stored) = self.row(name).await? else { return Ok(None) };
            if stored.row.next_at.is_none_or(|at| at > now) {
                return Ok(stored.row.next_at);
            }
            let live = self.live_job(&stored).await?;
            match rules::judge(&stored.row, settings, live, now) {
                Verdict::Wait => {}
                Verdict::Skip { why } => self.skip(&stored, settings, why, now).await?,
                Verdict::Start { base } => self.start(&stored, settings, base, now).await?,
            }
        }
        Err(Error::Busy { what: "schedule", retry_after: REFUSED_PAUSE })
    }

    /// Starts the job and moves the row on, in one commit. If the row has changed
    /// meanwhile, nothing happens.
    async fn start(
        &self,
        stored: &Stored<Schedules>,
        settings: &ScheduleSettings,
        base: Timestamp,
        now: Timestamp,
    ) -> Result<(), Error> {
        let run_at = rules::run_at(base, settings.jitter_seconds, self.0.shell.dice.fraction());
        let (id, job) = self.draft(&stored.key, settings, run_at, now);
        let row = rules::started(&stored.row, rules::next_at(settings, now), id, now);
        let mut write = Write::new();
        write.update::<Schedules>(stored, &row).enqueue(id, &job);
        match self.0.shell.store.commit(write).await {
            Ok(_) => {
                tracing::info!(schedule = stored.key, job_id = %id, next_at = shown(row.next_at),
                    "schedule started a job");
                Ok(())
            }
            Err(error) if error.is_conflict() => Ok(()),
            // It cannot be stored, now or later: the other schedules go on.
            Err(error @ zelador_store::Error::Unfit(_)) => {
                self.skip(stored, settings, error.to_string(), now).await
            }
            Err(error) => Err(Error::from_store("starting a schedule's job", error)),
        }
    }

    async fn skip(
        &self,
        stored: &Stored<Schedules>,
        settings: &ScheduleSettings,
        why: String,
        now: Timestamp,
    ) -> Result<(), Error> {
        let next_at = rules::next_at(settings, now);
        let mut write = Write::new();
        write.update::<Schedules>(stored, &rules::skipped(&stored.row, next_at, why.clone()));
        if self.commit(write).await? {
            tracing::warn!(
                schedule = stored.key,
                why,
                next_at = shown(next_at),
                "schedule skipped a time"
            );
        }
        Ok(())
    }

    pub(super) fn draft(
        &self,
        name: &str,
        settings: &ScheduleSettings,
        run_at: Timestamp,
        now: Timestamp,
    ) -> (JobId, Job) {
        let mut job = NewJob::new(&settings.kind, &settings.args).at(run_at);
        if settings.overlap == Overlap::Skip {
            job = job.unique(rules::unique_key(name));
        }
        (self.0.shell.id(), job.build(now))
    }

    /// A job of the schedule that is still under way.
    pub(super) async fn live_job(
        &self,
        stored: &Stored<Schedules>,
    ) -> Result<Option<JobId>, Error> {
        let store = &self.0.shell.store;
        let key = Term::new(&rules::unique_key(&stored.key));
        let found =
            store.find::<JobsByUnique>(&key).await.during("looking for a schedule's job")?;
        if let Some(job) = found {
            return Ok(Some(job.key));
        }
        // One from a time when overlapping was allowed has no key.
        let Some(last) = stored.row.last_job else { return Ok(None) };
        let job = store.get::<Jobs>(&last).await.during("reading a schedule's job")?;
        Ok(job.filter(|job| job.row.state.is_live()).map(|job| job.key))
    }

    pub(super) async fn row(&self, name: &str) -> Result<Option<Stored<Schedules>>, Error> {
        self.0.shell.store.get::<Schedules>(&name.to_owned()).await.during("reading a schedule")
    }

    /// Commits; whether nobody was faster.
    pub(super) async fn commit(&self, write: Write) -> Result<bool, Error> {
        match self.0.shell.store.commit(write).await {
            Err(error) if error.is_conflict() => Ok(false),
            other => other.during("changing a schedule").map(|_| true),
        }
    }
}

fn shown(at: Option<Timestamp>) -> Option<tracing::field::DisplayValue<Timestamp>> {
    at.map(tracing::field::display)
}
