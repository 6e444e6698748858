//! What may be done to jobs and queues.

use zelador_store::id::JobId;
use zelador_store::job::{Job, JobState, Jobs, JobsByPlace, JobsByUnique, Queue, Queues};
use zelador_store::kv::{Bell, Term};
use zelador_store::{Query, Stored, Write};

use super::desk::JobDesk;
use super::draft::NewJob;
use super::rules;
use crate::error::{During, Error, Refusal};

/// How often a command is decided anew because others were faster.
const REPEATS: usize = 20;

/// Jobs changed in one go by the commands that work on many.
const PAGE: usize = 200;

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

/// Which jobs a command is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Only of this queue.
    pub queue: Option<String>,
    /// Only of this kind.
    pub kind: Option<String>,
}

impl Filter {
    fn takes(&self, job: &Job) -> bool {
        self.kind.as_ref().is_none_or(|kind| *kind == job.kind)
    }
}

impl JobDesk {
    /// Enqueues a job together with `write`. A live job with the same uniqueness
    /// key is answered in its stead, and nothing is written.
    pub async fn enqueue(
        &self,
        new: NewJob,
        write: impl Fn(JobId, &Job) -> Write,
    ) -> Result<Enqueued, Error> {
        let job = new.build(self.0.shell.now());
        for _ in 0..REPEATS {
            if let Some(stored) = self.live(job.unique.as_deref()).await? {
                return Ok(Enqueued { id: stored.key, job: stored.row, existed: true });
            }
            let id = self.0.shell.id();
            let mut write = write(id, &job);
            write.enqueue(id, &job);
            match self.0.shell.store.commit(write).await {
                Err(error) if error.is_conflict() && job.unique.is_some() => {}
                other => {
                    other.during("enqueueing a job")?;
                    return Ok(Enqueued { id, job, existed: false });
                }
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
    pub async fn cancel(&self, id: JobId) -> Result<Job, Error> {
        let job = self.change(id, |job, now| {
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
    pub async fn retry(&self, id: JobId) -> Result<Job, Error> {
        self.change(id, |job, now| rules::retry(job, now).ok_or(Refusal::conflict("job_is_live")))
            .await
    }

    /// Lets a job that waits for its time start at once.
    pub async fn run_now(&self, id: JobId) -> Result<Job, Error> {
        self.change(id, |job, _| match job.state {
            JobState::Scheduled => Ok(rules::promote(job)),
            _ => Err(Refusal::conflict("job_is_not_scheduled")),
        })
        .await
    }

    /// Gives every failed job of the filter all its tries again; how many.
    pub async fn retry_all(&self, filter: &Filter) -> Result<u64, Error> {
        let mut count = 0;
        for stored in self.failed(filter).await? {
            count += u64::from(self.retry(stored).await.is_ok());
        }
        Ok(count)
    }

    /// Forgets every job of the filter that has come to its end in `state`; how many.
    pub async fn forget_all(&self, state: JobState, filter: &Filter) -> Result<u64, Error> {
        if state.is_live() {
            return Err(Refusal::field("state", "job_state_live").into());
        }
        let mut count = 0;
        for id in self.matching(state, filter).await? {
            count += u64::from(self.forget(id).await?);
        }
        Ok(count)
    }

    /// Stops a queue from starting jobs, or lets it go on.
    pub async fn pause(&self, queue: &str, paused: bool) -> Result<(), Error> {
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
        decide: impl Fn(&Job, zelador_store::Timestamp) -> Result<Job, Refusal>,
    ) -> Result<Job, Error> {
        for _ in 0..REPEATS {
            let stored = self.0.shell.store.get::<Jobs>(&id).await.during("reading a job")?;
            let stored = stored.ok_or(Refusal::Absent { what: "job" })?;
            let next = decide(&stored.row, self.0.shell.now())?;
            let mut write = Write::new();
            write.move_job(&stored, &next);
            match self.0.shell.store.commit(write).await {
                Err(error) if error.is_conflict() => {}
                other => return other.during("changing a job").map(|_| next),
            }
        }
        Err(Error::Busy { what: "job", retry_after: std::time::Duration::from_secs(1) })
    }

    async fn forget(&self, id: JobId) -> Result<bool, Error> {
        let stored = self.0.shell.store.get::<Jobs>(&id).await.during("reading a job")?;
        let Some(stored) = stored.filter(|stored| !stored.row.state.is_live()) else {
            return Ok(false);
        };
        let mut write = Write::new();
        write.forget_job(&stored);
        match self.0.shell.store.commit(write).await {
            Err(error) if error.is_conflict() => Ok(false),
            other => other.during("forgetting a job").map(|_| true),
        }
    }

    async fn failed(&self, filter: &Filter) -> Result<Vec<JobId>, Error> {
        self.matching(JobState::Failed, filter).await
    }

    async fn matching(&self, state: JobState, filter: &Filter) -> Result<Vec<JobId>, Error> {
        let base = match &filter.queue {
            Some(queue) => Query::under(&(state.code(), Term::new(queue))),
            None => Query::under(&(state.code(),)),
        };
        let mut ids = Vec::new();
        let mut cursor = None;
        loop {
            let query = base.clone().limit(PAGE).after(cursor);
            let page = self.0.shell.store.page_by::<JobsByPlace>(&query).await;
            let page = page.during("listing jobs")?;
            ids.extend(page.rows.iter().filter(|s| filter.takes(&s.row)).map(|s| s.key));
            cursor = page.next;
            if cursor.is_none() {
                return Ok(ids);
            }
        }
    }
}
