//! The loop that starts jobs: what falls due becomes ready, what is ready is
//! claimed while its queue has room.
//!
//! A claim is a commit that counts the try and expects the job ready; only what
//! was claimed so is run, and only by the process that claimed it. So a try
//! starts at most once, whatever races or restarts happen.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU32;
use std::sync::atomic::Ordering;
use std::time::Duration;

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use zelador_store::job::{JobState, Jobs, JobsByPlace, Queues};
use zelador_store::kv::{Bell, Term};
use zelador_store::{Query, Stored, Timestamp, Write};

use super::claim::claim;
use super::desk::JobDesk;
use super::rules::{self, Ending};
use crate::error::{During, Error};

/// Jobs made ready, or recovered, in one commit.
const PAGE: usize = 256;

/// Claims in one commit: enough to fill a group, few enough that a conflict
/// costs little to do again one by one.
const CLAIMS: usize = 128;

/// How long the loop waits when the store refuses.
const REFUSED_PAUSE: Duration = Duration::from_millis(500);

/// At least this often the loop turns, so that a watchdog sees it.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// What a turn of the loop found.
#[derive(Default)]
struct Turn {
    /// More can be done at once.
    again: bool,
    /// The next job falls due.
    due: Option<Timestamp>,
    /// A rate limit opens again.
    open: Option<Duration>,
}

type Limits = HashMap<String, (f64, DefaultDirectRateLimiter)>;

impl JobDesk {
    /// Starts jobs until the desk closes. May be called again after a panic.
    pub async fn work(&self) -> Result<(), Error> {
        let mut bell = self.0.shell.store.listen(Bell::Jobs);
        let mut settings = self.0.settings.clone();
        let mut limits = Limits::new();
        self.recover().await?;
        self.close_batches().await?;
        while !self.0.closing.is_cancelled() {
            self.0.turns.fetch_add(1, Ordering::Relaxed);
            bell.mark_unchanged();
            settings.mark_unchanged();
            let turn = match self.turn(&mut limits).await {
                Ok(turn) => turn,
                Err(error) => {
                    tracing::warn!(error = error.chain(), "jobs cannot be started at the moment");
                    tokio::time::sleep(REFUSED_PAUSE).await;
                    continue;
                }
            };
            if turn.again {
                continue;
            }
            let due = async {
                match turn.due {
                    Some(due) => self.0.shell.clock.until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = bell.changed() => {}
                _ = settings.changed() => {}
                () = self.0.freed.notified() => {}
                () = due => {}
                () = tokio::time::sleep(turn.open.unwrap_or(HEARTBEAT)) => {}
                () = self.0.closing.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Jobs that ran when the process ended are ready again, or at their end.
    async fn recover(&self) -> Result<(), Error> {
        let running = Query::under(&(JobState::Running.code(),)).limit(PAGE);
        let mut cursor = None;
        loop {
            let query = running.clone().after(cursor);
            let page = self.0.shell.store.page_by::<JobsByPlace>(&query).await;
            let page = page.during("looking for interrupted jobs")?;
            for stored in page.rows {
                if !self.is_running(stored.key) {
                    self.interrupted(&stored).await?;
                }
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    async fn interrupted(&self, stored: &Stored<Jobs>) -> Result<(), Error> {
        let policy = self.settings().policy(&stored.row.kind);
        let next = rules::end(&stored.row, &Ending::Interrupted, &policy, 0.0, self.0.shell.now());
        tracing::warn!(job_id = %stored.key, kind = stored.row.kind, state = next.state.word(),
            "a job was interrupted by the end of the process");
        let mut write = Write::new();
        write.move_job(stored, &next);
        self.tell_failure(&mut write, stored.key, &next);
        match self.commit_end(stored.key, write, &Ending::Interrupted, &next).await {
            // Somebody else decided about it in the meantime.
            Err(error) if error.is_conflict() => Ok(()),
            other => {
                other.during("recovering a job")?;
                self.close_batch_of(&next).await
            }
        }
    }

    async fn turn(&self, limits: &mut Limits) -> Result<Turn, Error> {
        let mut turn = Turn::default();
        let mut claims = Vec::new();
        let now = self.0.shell.now();
        for queue in self.queue_names().await? {
            turn.again |= self.promote(&queue, now).await?;
            turn.due = earliest(turn.due, self.next_due(&queue).await?);
            self.choose(&queue, limits, &mut claims, &mut turn).await?;
        }
        for chunk in claims.chunks(CLAIMS) {
            self.claim(chunk).await?;
        }
        Ok(turn)
    }

    /// The queues of the configuration and those somebody has spoken of.
    pub(crate) async fn queue_names(&self) -> Result<BTreeSet<String>, Error> {
        let mut names: BTreeSet<String> = self.settings().queues.keys().cloned().collect();
        let rows = self.0.shell.store.page::<Queues>(&Query::all().limit(PAGE)).await;
        names.extend(rows.during("listing queues")?.rows.into_iter().map(|stored| stored.key));
        Ok(names)
    }

    /// Makes due jobs ready; whether there may be more.
    async fn promote(&self, queue: &str, now: Timestamp) -> Result<bool, Error> {
        let scheduled = (JobState::Scheduled.code(), Term::new(queue), 0);
        let later = (scheduled.0, scheduled.1.clone(), 0, now + Duration::from_millis(1));
        let due = Query::under(&scheduled).to_key(&later).limit(PAGE);
        let page = self.0.shell.store.page_by::<JobsByPlace>(&due).await;
        let page = page.during("looking for due jobs")?;
        if page.rows.is_empty() {
            return Ok(false);
        }
        let mut write = Write::new();
        for stored in &page.rows {
            write.move_job(stored, &rules::promote(&stored.row));
        }
        match self.0.shell.store.commit(write).await {
            // One of them was moved under us: look again.
            Err(error) if error.is_conflict() => Ok(true),
            other => other.during("making due jobs ready").map(|_| page.next.is_some()),
        }
    }

    async fn next_due(&self, queue: &str) -> Result<Option<Timestamp>, Error> {
        let scheduled = (JobState::Scheduled.code(), Term::new(queue));
        let first = Query::under(&scheduled).limit(1);
        let page = self.0.shell.store.entries::<JobsByPlace>(&first).await;
        let first = page.during("looking for the next job")?.rows.pop();
        // A job without a time waits for a decision, not for an instant.
        Ok(first.map(|((_, _, _, at), _)| at).filter(|at| *at != Timestamp::MAX))
    }

    /// Adds to `claims` what the queue has room for.
    async fn choose(
        &self,
        queue: &str,
        limits: &mut Limits,
        claims: &mut Vec<Stored<Jobs>>,
        turn: &mut Turn,
    ) -> Result<(), Error> {
        let settings = self.settings().queue(queue);
        let room = (settings.concurrency as usize).saturating_sub(self.busy_in(queue)).min(CLAIMS);
        let paused = self.0.shell.store.get::<Queues>(&queue.to_owned()).await;
        if room == 0 || paused.during("reading a queue")?.is_some_and(|queue| queue.row.paused) {
            return Ok(());
        }
        let ready = Query::under(&(JobState::Ready.code(), Term::new(queue))).limit(room);
        let page = self.0.shell.store.page_by::<JobsByPlace>(&ready).await;
        let limit = limit_of(limits, queue, settings.rate_per_second);
        for stored in page.during("looking for ready jobs")?.rows {
            if let Some(limit) = limit
                && limit.check().is_err()
            {
                turn.open = Some(Duration::from_millis(20));
                break;
            }
            claims.push(stored);
        }
        Ok(())
    }

    /// Claims all, or, if one was moved under us, those that still can be.
    async fn claim(&self, chosen: &[Stored<Jobs>]) -> Result<(), Error> {
        match self.claim_together(chosen).await {
            Err(error) if error.is_conflict() && chosen.len() > 1 => {
                for stored in chosen {
                    match self.claim_together(std::slice::from_ref(stored)).await {
                        Err(error) if error.is_conflict() => {}
                        other => other.during("claiming a job")?,
                    }
                }
                Ok(())
            }
            Err(error) if error.is_conflict() => Ok(()),
            other => other.during("claiming jobs"),
        }
    }

    async fn claim_together(&self, chosen: &[Stored<Jobs>]) -> Result<(), zelador_store::Error> {
        let now = self.0.shell.now();
        let claimed = claim(&self.0.shell.store, chosen, now).await?;
        for stored in claimed {
            let waited = now.since(stored.row.run_at.unwrap_or(now));
            metrics::histogram!("zelador_job_wait_seconds", "queue" => stored.row.queue.clone())
                .record(waited);
            let (serial, cancel) = self.register(&stored);
            tokio::spawn(self.clone().run(stored, serial, cancel));
        }
        Ok(())
    }
}

fn earliest(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The limiter of a queue, made anew when its rate changed.
fn limit_of<'a>(
    limits: &'a mut Limits,
    queue: &str,
    rate: Option<f64>,
) -> Option<&'a DefaultDirectRateLimiter> {
    let rate = rate.filter(|rate| *rate > 0.0)?;
    let quota = Quota::with_period(Duration::from_secs_f64(1.0 / rate))?;
    // A rate above 1 may start that many at once after a quiet second.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, small")]
    let burst = NonZeroU32::new(rate.min(1e6) as u32).unwrap_or(NonZeroU32::MIN);
    let fresh = || (rate, RateLimiter::direct(quota.allow_burst(burst)));
    let entry = limits.entry(queue.to_owned()).or_insert_with(fresh);
    if (entry.0 - rate).abs() > f64::EPSILON {
        *entry = fresh();
    }
    Some(&entry.1)
}
