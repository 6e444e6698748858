//! What may be done to a job, and to a queue.
//!
//! A caller that wants its answer kept hands over how ([`Keep`]): it lands in the
//! commit of the change. So does the entry of the audit, where a caller (`by`) is
//! named; the daemon's own moves have none.

use serde_json::json;
use zelador_store::author::Author;
use zelador_store::id::JobId;
use zelador_store::job::{Job, JobState, Jobs, JobsByUnique, Queue, Queues};
use zelador_store::kv::{Bell, Clash, Term};
use zelador_store::{Error as StoreError, Stored, Timestamp, Write};

use super::deeds;
use super::desk::JobDesk;
use super::draft::NewJob;
use super::rules;
use crate::answer::Keep;
use crate::engine::audit::{Deed, note};
use crate::error::{During, Error, Refusal};

/// How often a command is decided anew because others were faster.
const REPEATS: usize = 20;

/// What became of a new job.
#[derive(Debug, Clone, PartialEq)]
pub struct Enqueued {
    /// Its id, or that of the live job with the same uniqueness key.
    pub id: JobId,
    /// The job.
    pub job: Job,
    /// Whether it was there already.
    pub existed: bool,
}

impl JobDesk {
    /// Enqueues a job together with what `also` adds. A live job with the same
    /// uniqueness key is answered in its stead, and only `also` is written.
    pub async fn enqueue(
        &self,
        new: NewJob,
        also: impl Fn(&Enqueued) -> Write,
    ) -> Result<Enqueued, Error> {
        let job = new.build(self.0.shell.now());
        for _ in 0..REPEATS {
            let live = self.live(job.unique.as_deref()).await?;
            let existed = live.is_some();
            let (id, row) = live
                .map_or_else(|| (self.0.shell.id(), job.clone()), |found| (found.key, found.row));
            let enqueued = Enqueued { id, job: row, existed };
            let mut write = also(&enqueued);
            if !existed {
                write.enqueue(id, &job);
            }
            if write.is_empty() {
                return Ok(enqueued);
            }
            match self.0.shell.store.commit(write).await {
                Err(error) if error.is_conflict() && job.unique.is_some() => {}
                other => return other.during("enqueueing a job").map(|_| enqueued),
            }
        }
        Err(Refusal::conflict("job_exists").into())
    }

    async fn live(&self, unique: Option<&str>) -> Result<Option<Stored<Jobs>>, Error> {
        let Some(unique) = unique else { return Ok(None) };
        let found = self.0.shell.store.find::<JobsByUnique>(&Term::new(unique)).await;
        found.during("looking for the same job")
    }

    /// Calls a job off. One that runs is asked to stop.
    pub async fn cancel(
        &self,
        id: JobId,
        keep: Option<&Keep<Job>>,
        by: Option<&Author>,
    ) -> Result<Job, Error> {
        let job = self.change(id, keep, by.map(|by| ("job.cancel", by)), |job, now| {
            rules::cancel(job, now).ok_or(Refusal::conflict("job_has_ended"))
        });
        let job = job.await?;
        if job.state == JobState::Running {
            self.signal_cancel(id);
        } else {
            self.close_batch_of(&job).await?;
        }
        Ok(job)
    }

    /// Gives a job that has come to its end all its tries again.
    pub async fn retry(
        &self,
        id: JobId,
        keep: Option<&Keep<Job>>,
        by: Option<&Author>,
    ) -> Result<Job, Error> {
        let decide =
            |job: &Job, now| rules::retry(job, now).ok_or(Refusal::conflict("job_is_live"));
        self.change(id, keep, by.map(|by| ("job.retry", by)), decide).await
    }

    /// Lets a job that waits for its time start at once.
    pub async fn run_now(
        &self,
        id: JobId,
        keep: Option<&Keep<Job>>,
        by: Option<&Author>,
    ) -> Result<Job, Error> {
        self.change(id, keep, by.map(|by| ("job.run", by)), |job, _| match job.state {
            JobState::Scheduled => Ok(rules::promote(job)),
            _ => Err(Refusal::conflict("job_is_not_scheduled")),
        })
        .await
    }

    /// Stops a queue from starting jobs, or lets it go on.
    pub async fn pause(
        &self,
        queue: &str,
        paused: bool,
        keep: Option<&Keep<bool>>,
        by: Option<&Author>,
    ) -> Result<(), Error> {
        if !self.queue_names().await?.contains(queue) {
            return Err(Refusal::Absent { what: "queue" }.into());
        }
        let key = queue.to_owned();
        for _ in 0..REPEATS {
            let stored = self.0.shell.store.get::<Queues>(&key).await.during("reading a queue")?;
            let mut write = Write::new();
            match &stored {
                Some(stored) => write.update::<Queues>(stored, &Queue { paused }),
                None => write.insert::<Queues>(&key, &Queue { paused }),
            };
            write.ring(Bell::Jobs);
            stage(keep, &mut write, &paused);
            if let Some(by) = by {
                let was = stored.is_some_and(|stored| stored.row.paused);
                let action = if paused { "queue.pause" } else { "queue.resume" };
                let (was, is) = (json!({ "paused": was }), json!({ "paused": paused }));
                note(&self.0.shell, &mut write, by, Deed::new(action, queue).change(&was, &is));
            }
            match self.0.shell.store.commit(write).await {
                Err(error) if error.is_conflict() => {}
                other => return other.during("pausing a queue").map(|_| ()),
            }
        }
        Err(Error::Busy { what: "queue", retry_after: std::time::Duration::from_secs(1) })
    }

    async fn change(
        &self,
        id: JobId,
        keep: Option<&Keep<Job>>,
        order: Option<(&'static str, &Author)>,
        decide: impl Fn(&Job, Timestamp) -> Result<Job, Refusal>,
    ) -> Result<Job, Error> {
        for _ in 0..REPEATS {
            let stored = self.0.shell.store.get::<Jobs>(&id).await.during("reading a job")?;
            let stored = stored.ok_or(Refusal::Absent { what: "job" })?;
            let next = decide(&stored.row, self.0.shell.now())?;
            let mut write = Write::new();
            write.move_job(&stored, &next);
            if next.state == JobState::Cancelled
                && let Some(handler) = self.0.handlers.get(next.kind.as_str())
            {
                write.join(handler.called_off(&self.0.shell, id, &stored.row).await?);
            }
            stage(keep, &mut write, &next);
            if let Some((action, by)) = order {
                let deed = deeds::moved(action, id, &stored.row, &next);
                note(&self.0.shell, &mut write, by, deed);
            }
            match self.0.shell.store.commit(write).await {
                // A younger job lives under its uniqueness key.
                Err(StoreError::Conflict(Clash::Taken(_))) => {
                    return Err(Refusal::conflict("job_exists").into());
                }
                Err(error) if error.is_conflict() => {}
                other => return other.during("changing a job").map(|_| next),
            }
        }
        Err(Error::Busy { what: "job", retry_after: std::time::Duration::from_secs(1) })
    }
}

fn stage<R>(keep: Option<&Keep<R>>, write: &mut Write, record: &R) {
    if let Some(keep) = keep {
        keep.stage(write, record);
    }
}
