//! Jobs started together: counted together, called off together, and followed by
//! one more when all have come to their end.

use std::collections::HashSet;

use serde_json::json;
use zelador_store::author::Author;
use zelador_store::id::{BatchId, JobId};
use zelador_store::job::{Batch, BatchCounts, Batches, Job, JobState, JobsByBatch, OpenBatches};
use zelador_store::{Query, Stored, Write};

use super::desk::JobDesk;
use super::draft::NewJob;
use crate::engine::audit::{Deed, note_alone};
use crate::error::{During, Error, Refusal};

/// Jobs that may be started together.
pub(super) const MAX_BATCH: usize = 1000;

/// A batch and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchView {
    /// Its id.
    pub id: BatchId,
    /// What stands in the store.
    pub batch: Batch,
    /// Scheduled, ready or running.
    pub waiting: u64,
    /// Succeeded.
    pub done: u64,
    /// Failed.
    pub failed: u64,
    /// Called off.
    pub cancelled: u64,
}

/// A batch that was just enqueued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Its id.
    pub id: BatchId,
    /// Its jobs, in the order in which they were given.
    pub jobs: Vec<JobId>,
}

impl JobDesk {
    /// Enqueues jobs together, in one commit; `then` runs when all have come to
    /// their end.
    pub async fn enqueue_batch(
        &self,
        jobs: Vec<NewJob>,
        then: Option<NewJob>,
        also: impl FnOnce(&Started) -> Write,
    ) -> Result<Started, Error> {
        if jobs.is_empty() || jobs.len() > MAX_BATCH {
            return Err(Refusal::field("body", "batch_size").into());
        }
        if let Some(at) = repeated_key(&jobs) {
            return Err(Refusal::field(format!("[{at}].unique_key"), "repeated_key").into());
        }
        let now = self.0.shell.now();
        let id: BatchId = self.0.shell.id();
        let batch = Batch {
            created_at: now,
            total: u32::try_from(jobs.len()).unwrap_or(u32::MAX),
            then: then.map(|job| (job.kind, job.args)),
            ended_at: None,
        };
        // Jobs of one millisecond run in the order of their ids.
        let mut ids: Vec<JobId> = jobs.iter().map(|_| self.0.shell.id()).collect();
        ids.sort_unstable();
        let started = Started { id, jobs: ids };
        let mut write = also(&started);
        write.insert::<Batches>(&id, &batch);
        for (job_id, job) in started.jobs.iter().zip(jobs) {
            write.enqueue(*job_id, &NewJob { batch: Some(id), ..job }.build(now));
        }
        match self.0.shell.store.commit(write).await {
            Err(error) if error.is_conflict() => Err(Refusal::conflict("job_exists").into()),
            other => other.during("enqueueing jobs").map(|_| started),
        }
    }

    /// A batch and how far it is.
    pub async fn batch(&self, id: BatchId) -> Result<Option<BatchView>, Error> {
        let stored = self.0.shell.store.get::<Batches>(&id).await.during("reading a batch")?;
        let Some(stored) = stored else { return Ok(None) };
        let counts = self.0.shell.store.counts::<BatchCounts>(&Query::under(&(id,))).await;
        let counts = counts.during("counting a batch")?.rows;
        let of = |states: &[JobState]| {
            let codes: Vec<u8> = states.iter().map(|state| state.code()).collect();
            let hits = counts.iter().filter(|((_, state), _)| codes.contains(state));
            hits.map(|(_, count)| u64::try_from(*count).unwrap_or(0)).sum()
        };
        Ok(Some(BatchView {
            id,
            batch: stored.row,
            waiting: of(&[JobState::Scheduled, JobState::Ready, JobState::Running]),
            done: of(&[JobState::Succeeded]),
            failed: of(&[JobState::Failed]),
            cancelled: of(&[JobState::Cancelled]),
        }))
    }

    /// Calls off every job of a batch that has not come to its end; how many.
    pub async fn cancel_batch(&self, id: BatchId, by: Option<&Author>) -> Result<u64, Error> {
        let known = self.0.shell.store.get::<Batches>(&id).await.during("reading a batch")?;
        known.ok_or(Refusal::Absent { what: "batch" })?;
        if let Some(by) = by {
            let matched = self.batch(id).await?.map(|view| view.waiting);
            let deed = Deed::new("batch.cancel", id).with(&json!({ "matched": matched }));
            note_alone(&self.0.shell, by, deed).await?;
        }
        let mut cancelled = 0;
        let mut cursor = None;
        loop {
            let query = Query::under_key(&id).after(cursor);
            let page = self.0.shell.store.page_by::<JobsByBatch>(&query).await;
            let page = page.during("listing a batch")?;
            for stored in page.rows.into_iter().filter(|stored| stored.row.state.is_live()) {
                cancelled += u64::from(self.cancel(stored.key, None, None).await.is_ok());
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(cancelled);
            }
        }
    }

    /// Closes the job's batch if it was the last one.
    pub(super) async fn close_batch_of(&self, job: &Job) -> Result<(), Error> {
        match job.batch {
            Some(id) if !job.state.is_live() => self.close_batch(id).await,
            _ => Ok(()),
        }
    }

    /// Closes what a crash left open between the last job's end and the batch's.
    pub(super) async fn close_batches(&self) -> Result<(), Error> {
        let page = self.0.shell.store.entries::<OpenBatches>(&Query::all().limit(1000)).await;
        for (_, id) in page.during("listing open batches")?.rows {
            self.close_batch(id).await?;
        }
        Ok(())
    }

    async fn close_batch(&self, id: BatchId) -> Result<(), Error> {
        let Some(view) = self.batch(id).await? else { return Ok(()) };
        if view.waiting > 0 || view.batch.ended_at.is_some() {
            return Ok(());
        }
        let stored = self.0.shell.store.get::<Batches>(&id).await.during("reading a batch")?;
        let Some(stored) = stored.filter(|stored| stored.row == view.batch) else { return Ok(()) };
        match self.0.shell.store.commit(self.closing_write(&stored)).await {
            // Another of its jobs has closed it.
            Err(error) if error.is_conflict() => Ok(()),
            other => other.during("closing a batch").map(|_| ()),
        }
    }

    fn closing_write(&self, stored: &Stored<Batches>) -> Write {
        let now = self.0.shell.now();
        let mut write = Write::new();
        let ended = Batch { ended_at: Some(now), ..stored.row.clone() };
        write.update::<Batches>(stored, &ended);
        if let Some((kind, args)) = &stored.row.then {
            let job = NewJob { args: args.clone(), ..NewJob::new(kind, &()) };
            write.enqueue(self.0.shell.id(), &job.build(now));
        }
        write
    }
}

/// The first job whose uniqueness key an earlier one has: in one commit neither
/// would see the other.
fn repeated_key(jobs: &[NewJob]) -> Option<usize> {
    let mut seen = HashSet::new();
    jobs.iter().position(|job| job.unique.as_ref().is_some_and(|key| !seen.insert(key)))
}
