//! What may be asked about jobs and queues: from committed data, on the caller's
//! task.

use std::time::Duration;

use zelador_store::id::{BatchId, JobId};
use zelador_store::job::{Job, JobCounts, JobState, Jobs, JobsByBatch, JobsByPlace, Queues};
use zelador_store::kv::Term;
use zelador_store::{Cursor, Page, Query, Stored, Timestamp};

use super::desk::JobDesk;
use super::rules;
use crate::engine::settings::QueueSettings;
use crate::error::{During, Error};

/// Rows looked at for one page of a filtered listing, at most: a page may be
/// short, with a cursor to go on from.
const LOOKED_AT: usize = 2000;

/// What a throughput is looked for in.
const MINUTE: Duration = Duration::from_secs(60);

/// Jobs that a throughput is estimated from, at most.
const SAMPLE: usize = 1000;

/// Which jobs to list; newest first, but live ones of a queue in the order in
/// which they will run.
#[derive(Debug, Clone, Default)]
pub struct JobQuery {
    /// Only in this state.
    pub state: Option<JobState>,
    /// Only of this queue.
    pub queue: Option<String>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only of this batch.
    pub batch: Option<BatchId>,
    /// Rows wanted.
    pub limit: usize,
    /// Where the last page ended.
    pub after: Option<Cursor>,
}

impl JobQuery {
    fn takes(&self, job: &Job) -> bool {
        self.state.is_none_or(|state| state == job.state)
            && self.queue.as_ref().is_none_or(|queue| *queue == job.queue)
            && self.kind.as_ref().is_none_or(|kind| *kind == job.kind)
            && self.batch.is_none_or(|batch| Some(batch) == job.batch)
    }
}

/// A queue, its settings and what is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueView {
    /// Its name.
    pub name: String,
    /// Its settings in force.
    pub settings: QueueSettings,
    /// Nothing in it is started.
    pub paused: bool,
    /// How many jobs are in each state, in the order of [`JobState::ALL`].
    pub counts: [u64; 6],
    /// Since when the job that is next in line has been ready.
    pub oldest_ready: Option<Timestamp>,
}

impl QueueView {
    /// How many jobs are in a state.
    pub fn count(&self, state: JobState) -> u64 {
        self.counts.get(usize::from(state.code())).copied().unwrap_or(0)
    }
}

impl JobDesk {
    /// A job.
    pub async fn job(&self, id: JobId) -> Result<Option<Job>, Error> {
        let stored = self.0.shell.store.get::<Jobs>(&id).await.during("reading a job")?;
        Ok(stored.map(|stored| self.live_progress(stored).row))
    }

    /// A page of jobs.
    pub async fn jobs(&self, query: &JobQuery) -> Result<Page<Stored<Jobs>>, Error> {
        let mut found = Vec::new();
        let mut after = query.after.clone();
        let mut looked_at = 0;
        loop {
            // As long as what is missing, so that the cursor stands right behind
            // the last row answered.
            let wanted = query.limit.saturating_sub(found.len());
            let page = self.page(query, wanted, after).await?;
            looked_at += page.rows.len();
            let hits = page.rows.into_iter().filter(|stored| query.takes(&stored.row));
            found.extend(hits.map(|stored| self.live_progress(stored)));
            after = page.next;
            if after.is_none() || found.len() >= query.limit || looked_at >= LOOKED_AT {
                return Ok(Page { rows: found, next: after });
            }
        }
    }

    async fn page(
        &self,
        query: &JobQuery,
        wanted: usize,
        after: Option<Cursor>,
    ) -> Result<Page<Stored<Jobs>>, Error> {
        let store = &self.0.shell.store;
        let page = match (query.batch, query.state, &query.queue) {
            (Some(batch), ..) => {
                let query = Query::under_key(&batch).limit(wanted).after(after);
                store.page_by::<JobsByBatch>(&query).await
            }
            (None, Some(state), queue) => {
                let base = match queue {
                    Some(queue) => Query::under(&(state.code(), Term::new(queue))),
                    None => Query::under(&(state.code(),)),
                };
                let base = if state.is_live() { base } else { base.reverse() };
                store.page_by::<JobsByPlace>(&base.limit(wanted).after(after)).await
            }
            (None, None, _) => {
                let newest = Query::all().reverse().limit(wanted).after(after);
                store.page::<Jobs>(&newest).await
            }
        };
        page.during("listing jobs")
    }

    fn live_progress(&self, mut stored: Stored<Jobs>) -> Stored<Jobs> {
        if let Some(progress) = self.board().get(stored.key) {
            stored.row.progress = Some(progress);
        }
        stored
    }

    /// Every queue.
    pub async fn queues(&self) -> Result<Vec<QueueView>, Error> {
        let mut views = Vec::new();
        for name in self.queue_names().await? {
            views.push(self.queue(name).await?);
        }
        Ok(views)
    }

    async fn queue(&self, name: String) -> Result<QueueView, Error> {
        let store = &self.0.shell.store;
        let row = store.get::<Queues>(&name).await.during("reading a queue")?;
        let term = Term::new(&name);
        let page = store.counts::<JobCounts>(&Query::under(&(term.clone(),))).await;
        let mut counts = [0; 6];
        for ((_, state), count) in page.during("counting jobs")?.rows {
            if let Some(slot) = counts.get_mut(usize::from(state)) {
                *slot = u64::try_from(count).unwrap_or(0);
            }
        }
        let ready = Query::under(&(JobState::Ready.code(), term)).limit(1);
        let first = store.entries::<JobsByPlace>(&ready).await.during("looking for ready jobs")?;
        Ok(QueueView {
            settings: self.settings().queue(&name),
            paused: row.is_some_and(|stored| stored.row.paused),
            counts,
            oldest_ready: first.rows.first().map(|((_, _, _, at), _)| *at),
            name,
        })
    }

    /// How many jobs of a queue succeed per minute: in the last minute, or while
    /// its last `SAMPLE` did if that took less.
    pub async fn throughput(&self, queue: &str) -> Result<f64, Error> {
        let now = self.0.shell.now();
        let place = (JobState::Succeeded.code(), Term::new(queue), 0);
        let since = (place.0, place.1.clone(), place.2, now - MINUTE);
        let latest = Query::under(&place).from_key(&since).reverse().limit(SAMPLE);
        let page = self.0.shell.store.entries::<JobsByPlace>(&latest).await;
        let rows = page.during("counting what was done")?.rows;
        let oldest = rows.last().map_or(now, |((_, _, _, at), _)| *at);
        Ok(rules::per_minute(rows.len(), SAMPLE, now.since(oldest)))
    }
}
