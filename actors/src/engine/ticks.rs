//! Housekeeping at fixed UTC times: a tick only says "look now".
//!
//! What is to be done stands in the store; a tick enqueues the job that looks,
//! unless one is under way. A tick missed while the daemon was down is no loss,
//! the next one finds the same work. The operator's schedules, which are local
//! and must not be missed, are `schedules/`.
//!
//! The scheduler keeps a few idle tasks for as long as the runtime lives, and its
//! loop ends up to half a second after it is told to; so what counts as stopped
//! is decided here: after [`Ticks::stop`] nothing looks any more.

use std::sync::Arc;

use futures::future::BoxFuture;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use zelador_store::Write;

use crate::engine::jobs::{JobDesk, NewJob};
use crate::error::Error;

/// A kind of job that is to look at fixed times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tick {
    /// The kind of job.
    pub kind: &'static str,
    /// When, in UTC: second, minute, hour, day, month, weekday.
    pub cron: &'static str,
}

/// Every tick; not all on the same minute.
pub const TICKS: &[Tick] = &[
    Tick { kind: "jobs.prune", cron: "0 7 * * * *" },
    Tick { kind: "events.prune", cron: "0 37 * * * *" },
    Tick { kind: "resources.prune", cron: "0 52 * * * *" },
    Tick { kind: "notifications.prune", cron: "0 22 * * * *" },
    // A disk can fill up within the hour.
    Tick { kind: "alert.watch", cron: "30 */10 * * * *" },
    Tick { kind: "webhooks.prune", cron: "0 27 * * * *" },
];

/// What a tick calls, with its kind.
pub type Look = Arc<dyn Fn(&'static str) -> BoxFuture<'static, ()> + Send + Sync>;

/// Ticks that run.
pub struct Ticks {
    scheduler: JobScheduler,
    gate: Gate,
}

impl Ticks {
    /// Starts the ticks of the daemon: each enqueues its kind of job.
    pub async fn start(desk: JobDesk) -> Result<Self, Error> {
        let look: Look = Arc::new(move |kind| {
            let desk = desk.clone();
            Box::pin(async move { enqueue(&desk, kind).await })
        });
        Self::start_with(TICKS, look).await
    }

    /// Starts any ticks.
    pub async fn start_with(ticks: &[Tick], look: Look) -> Result<Self, Error> {
        let gate = Gate { look, closing: CancellationToken::new(), looks: TaskTracker::new() };
        let scheduler = schedule(ticks, &gate).await;
        let scheduler = scheduler.map_err(|error| Error::fault("starting ticks", error))?;
        Ok(Self { scheduler, gate })
    }

    /// From now on nothing looks any more; what is looking is waited for.
    pub async fn close(&self) {
        self.gate.close().await;
    }

    /// Closes, and ends the scheduler.
    pub async fn stop(mut self) {
        self.close().await;
        if let Err(error) = self.scheduler.shutdown().await {
            tracing::warn!(%error, "the ticks' scheduler did not stop");
        }
    }
}

async fn schedule(ticks: &[Tick], gate: &Gate) -> Result<JobScheduler, JobSchedulerError> {
    let scheduler = JobScheduler::new().await?;
    for tick in ticks {
        let (kind, gate) = (tick.kind, gate.clone());
        let job = Job::new_async(tick.cron, move |_, _| {
            let gate = gate.clone();
            Box::pin(async move { gate.pass(kind).await })
        })?;
        scheduler.add(job).await?;
    }
    scheduler.start().await?;
    Ok(scheduler)
}

/// Lets ticks through until it is closed.
#[derive(Clone)]
struct Gate {
    look: Look,
    closing: CancellationToken,
    looks: TaskTracker,
}

impl Gate {
    async fn pass(&self, kind: &'static str) {
        // First the count, then the question: who closes waits for whom it let in.
        let _looking = self.looks.token();
        if !self.closing.is_cancelled() {
            (self.look)(kind).await;
        }
    }

    async fn close(&self) {
        self.closing.cancel();
        self.looks.close();
        self.looks.wait().await;
    }
}

/// Enqueues a kind of housekeeping, unless it is under way.
async fn enqueue(desk: &JobDesk, kind: &'static str) {
    let job = NewJob::new(kind, &serde_json::json!({})).unique(format!("tick:{kind}"));
    match desk.enqueue(job, |_| Write::new()).await {
        Ok(found) => tracing::debug!(kind, job_id = %found.id, existed = found.existed, "tick"),
        Err(error) => {
            tracing::warn!(kind, error = error.chain(), "a tick is left to the next one");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::atomic::{AtomicU64, Ordering};

    use tokio::sync::{Semaphore, watch};
    use zelador_store::job::{JobState, Jobs};
    use zelador_store::{Query, Timestamp};

    use super::*;
    use crate::engine::jobs::JobSettings;
    use crate::engine::schedules::Pattern;
    use crate::engine::settings::kind_default;
    use crate::testkit::{World, eventually};

    fn counting() -> (Look, Arc<AtomicU64>) {
        let count = Arc::new(AtomicU64::new(0));
        let counted = count.clone();
        let look: Look = Arc::new(move |_| {
            counted.fetch_add(1, Ordering::SeqCst);
            Box::pin(std::future::ready(()))
        });
        (look, count)
    }

    fn desk(world: &World) -> JobDesk {
        let (_, settings) = watch::channel(Arc::new(JobSettings::default()));
        JobDesk::new(world.shell.clone(), HashMap::new(), settings)
    }

    #[test]
    fn every_tick_is_a_kind_that_exists_and_comes_within_the_hour() {
        for tick in TICKS {
            assert!(kind_default(tick.kind).is_some(), "{}", tick.kind);
            let pattern = Pattern::read(tick.cron, "UTC").unwrap();
            let first = pattern.next(Timestamp::EPOCH).unwrap();
            let second = pattern.next(first).unwrap();
            assert!((600..=3600).contains(&second.since(first).as_secs()), "{}", tick.kind);
        }
    }

    #[tokio::test]
    async fn a_tick_looks_until_it_is_stopped() {
        let (look, count) = counting();
        let tick = Tick { kind: "diagnostic", cron: "* * * * * *" };
        let ticks = Ticks::start_with(&[tick], look).await.unwrap();
        eventually("a tick", async || (count.load(Ordering::SeqCst) > 0).then_some(())).await;
        let gate = ticks.gate.clone();
        ticks.stop().await;
        let looked = count.load(Ordering::SeqCst);
        gate.pass("diagnostic").await;
        assert_eq!(count.load(Ordering::SeqCst), looked, "a late tick does nothing");
    }

    #[tokio::test]
    async fn stopping_waits_for_who_looks() {
        let gate = Arc::new(Semaphore::new(0));
        let (held, done) = (gate.clone(), Arc::new(AtomicU64::new(0)));
        let counted = done.clone();
        let look: Look = Arc::new(move |_| {
            let (held, counted) = (held.clone(), counted.clone());
            Box::pin(async move {
                held.acquire().await.unwrap().forget();
                counted.fetch_add(1, Ordering::SeqCst);
            })
        });
        let ticks = Ticks::start_with(&[], look).await.unwrap();
        let entered = ticks.gate.clone();
        let looking = tokio::spawn(async move { entered.pass("diagnostic").await });
        let tracked = ticks.gate.looks.clone();
        eventually("somebody who looks", async || (tracked.len() == 1).then_some(())).await;
        let stopping = tokio::spawn(ticks.stop());
        tokio::task::yield_now().await;
        assert!(!stopping.is_finished());
        gate.add_permits(1);
        stopping.await.unwrap();
        looking.await.unwrap();
        assert_eq!(done.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn ticks_enqueue_one_job_at_a_time() {
        let world = World::new();
        let desk = desk(&world);
        for _ in 0..3 {
            for tick in TICKS {
                enqueue(&desk, tick.kind).await;
            }
        }
        let jobs = world.shell.store.page::<Jobs>(&Query::all()).await.unwrap().rows;
        assert_eq!(jobs.len(), TICKS.len());
        assert!(jobs.iter().all(|job| job.row.state == JobState::Ready));
    }
}
