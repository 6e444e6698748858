//! What may be done to many jobs at once: in bounded commits, one after the other.
//!
//! A sweep that a crash cuts off has done a part; doing it again does the rest.

use std::collections::HashSet;

use zelador_store::author::Author;
use zelador_store::job::{Job, JobState, Jobs, JobsByPlace, Place};
use zelador_store::kv::Term;
use zelador_store::{Query, Stored, Write};

use super::deeds;
use super::desk::JobDesk;
use super::rules;
use crate::engine::audit::note_alone;
use crate::error::{During, Error, Refusal};

/// Jobs changed in one commit.
const PAGE: usize = 100;

/// Jobs counted at once.
const COUNTED: usize = 500;

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

    /// Where the jobs of a state that it may take stand.
    fn places(&self, state: JobState) -> Query<Place> {
        match &self.queue {
            Some(queue) => Query::under(&(state.code(), Term::new(queue))),
            None => Query::under(&(state.code(),)),
        }
    }
}

impl JobDesk {
    /// Gives every failed job of the filter all its tries again; how many.
    pub async fn retry_all(&self, filter: &Filter, by: Option<&Author>) -> Result<u64, Error> {
        self.note_sweep("job.retry_all", JobState::Failed, filter, by).await?;
        let now = self.0.shell.now();
        self.sweep(JobState::Failed, filter, |write, stored| {
            if let Some(next) = rules::retry(&stored.row, now) {
                write.move_job(stored, &next);
            }
        })
        .await
    }

    /// Forgets every job of the filter that has come to its end in `state`; how many.
    pub async fn forget_all(
        &self,
        state: JobState,
        filter: &Filter,
        by: Option<&Author>,
    ) -> Result<u64, Error> {
        if state.is_live() {
            return Err(Refusal::field("state", "job_state_live").into());
        }
        self.note_sweep("job.forget", state, filter, by).await?;
        let forget = |write: &mut Write, stored: &Stored<Jobs>| {
            write.forget_job(stored);
        };
        self.sweep(state, filter, forget).await
    }

    /// Before the first commit, for a sweep that is cut off was begun all the same;
    /// so it says how many jobs it was about to change.
    async fn note_sweep(
        &self,
        action: &'static str,
        state: JobState,
        filter: &Filter,
        by: Option<&Author>,
    ) -> Result<(), Error> {
        let Some(by) = by else { return Ok(()) };
        let matched = self.matching(state, filter).await?;
        note_alone(&self.0.shell, by, deeds::sweep(action, state, filter, matched)).await
    }

    /// How many jobs of a state a filter takes, as things stand.
    async fn matching(&self, state: JobState, filter: &Filter) -> Result<usize, Error> {
        let (mut count, mut cursor) = (0, None);
        loop {
            let query = filter.places(state).limit(COUNTED).after(cursor);
            let page = self.0.shell.store.page_by::<JobsByPlace>(&query).await;
            let page = page.during("counting jobs")?;
            count += page.rows.iter().filter(|stored| filter.takes(&stored.row)).count();
            cursor = page.next;
            if cursor.is_none() {
                return Ok(count);
            }
        }
    }

    pub(super) async fn sweep(
        &self,
        state: JobState,
        filter: &Filter,
        stage: impl Fn(&mut Write, &Stored<Jobs>),
    ) -> Result<u64, Error> {
        // A job that fails again at once comes up again, further on: once is meant.
        let mut seen = HashSet::new();
        let (mut count, mut cursor) = (0, None);
        loop {
            let query = filter.places(state).limit(PAGE).after(cursor);
            let page = self.0.shell.store.page_by::<JobsByPlace>(&query).await;
            let page = page.during("listing jobs")?;
            let hits = page.rows.into_iter().filter(|stored| filter.takes(&stored.row));
            let hits: Vec<_> = hits.filter(|stored| seen.insert(stored.key)).collect();
            count += self.change_all(&hits, &stage).await?;
            cursor = page.next;
            if cursor.is_none() {
                return Ok(count);
            }
        }
    }

    /// In one commit if nobody interferes, else one by one; how many.
    async fn change_all(
        &self,
        jobs: &[Stored<Jobs>],
        stage: &impl Fn(&mut Write, &Stored<Jobs>),
    ) -> Result<u64, Error> {
        if self.change_some(jobs, stage).await? {
            return Ok(jobs.len() as u64);
        }
        let mut count = 0;
        for job in jobs {
            count += u64::from(self.change_some(std::slice::from_ref(job), stage).await?);
        }
        Ok(count)
    }

    /// Whether it was done; not if one of them was changed meanwhile.
    async fn change_some(
        &self,
        jobs: &[Stored<Jobs>],
        stage: &impl Fn(&mut Write, &Stored<Jobs>),
    ) -> Result<bool, Error> {
        let mut write = Write::new();
        for job in jobs {
            stage(&mut write, job);
        }
        match self.0.shell.store.commit(write).await {
            Err(error) if error.is_conflict() => Ok(false),
            other => other.during("changing jobs").map(|_| true),
        }
    }
}
