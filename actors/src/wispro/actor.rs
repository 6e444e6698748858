//! The shell: begins runs, and lets braked ones go on or end.

use serde_json::json;
use tokio::sync::watch;
use zelador_store::author::Author;
use zelador_store::id::JobId;
use zelador_store::job::{Job, JobState, Jobs, JobsByPlace};
use zelador_store::kv::Term;
use zelador_store::wispro::{SyncRun, SyncRuns, SyncState};
use zelador_store::{Query, Write};

use std::sync::Arc;

use super::jobs::{KIND, QUEUE};
use super::messages::{Choice, SyncArgs};
use super::queries;
use super::settings::{Mode, WisproSettings};
use crate::answer::Keep;
use crate::engine::audit::{Deed, note};
use crate::engine::jobs::{Enqueued, JobDesk, NewJob, rules as job_rules};
use crate::engine::{Shell, Tries};
use crate::error::{During, Error, Refusal};

/// Jobs of the queue that are looked at: there is one, or few.
const JOBS: usize = 100;

/// Takes in what is asked of the sync; clones are the same desk.
#[derive(Clone)]
pub struct WisproDesk {
    shell: Shell,
    jobs: JobDesk,
    settings: watch::Receiver<Arc<WisproSettings>>,
}

impl WisproDesk {
    /// A desk.
    pub fn new(
        shell: Shell,
        jobs: JobDesk,
        settings: watch::Receiver<Arc<WisproSettings>>,
    ) -> Self {
        Self { shell, jobs, settings }
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<WisproSettings> {
        self.settings.borrow().clone()
    }

    /// Begins a run in the background. Refused while one is queued, runs or asks:
    /// the refusal names its job.
    pub async fn start(
        &self,
        args: &SyncArgs,
        by: &Author,
        keep: Option<&Keep<JobId>>,
    ) -> Result<JobId, Error> {
        let settings = self.settings();
        if settings.mode == Mode::Off {
            return Err(Refusal::conflict("concern_off").into());
        }
        let sandbox = settings.mode == Mode::Sandbox;
        let doing = "looking for records of the sandbox";
        if !sandbox && queries::has_sandbox_users(&self.shell).await.during(doing)? {
            return Err(Refusal::conflict("sandbox_records").into());
        }
        if let Some(id) = self.under_way().await? {
            return Err(running(id).into());
        }
        let job = NewJob::new(KIND, args).unique(KIND);
        let also = |enqueued: &Enqueued| {
            let mut write = Write::new();
            if enqueued.existed {
                return write;
            }
            if let Some(keep) = keep {
                keep.stage(&mut write, &enqueued.id);
            }
            let deed = Deed::new("wispro.sync", enqueued.id).with(&json!(args));
            note(&self.shell, &mut write, by, deed);
            write
        };
        let enqueued = self.jobs.enqueue(job, also).await?;
        if enqueued.existed {
            return Err(running(enqueued.id).into());
        }
        tracing::info!(job_id = %enqueued.id, %by, "wispro sync asked for");
        Ok(enqueued.id)
    }

    /// A job of the sync that has not come to its end, whoever began it.
    async fn under_way(&self) -> Result<Option<JobId>, Error> {
        for state in [JobState::Running, JobState::Ready, JobState::Scheduled] {
            let place = (state.code(), Term::new(QUEUE));
            let query = Query::under(&place).limit(JOBS);
            let page = self.shell.store.page_by::<JobsByPlace>(&query).await;
            let page = page.during("looking for a sync under way")?;
            if let Some(job) = page.rows.into_iter().find(|job| job.row.kind == KIND) {
                return Ok(Some(job.key));
            }
        }
        Ok(None)
    }

    /// Lets a run that stopped and asks go on, or end. Its row, its job and the
    /// entry of the audit are one commit.
    pub async fn decide(
        &self,
        id: JobId,
        choice: Choice,
        by: &Author,
        keep: Option<&Keep<SyncRun>>,
    ) -> Result<SyncRun, Error> {
        let mut tries = Tries::of("deciding about a sync");
        loop {
            let absent = Refusal::Absent { what: "sync" };
            let run = self.shell.store.get::<SyncRuns>(&id).await.during("reading a sync")?;
            let run = run.ok_or(absent)?;
            let job = self.shell.store.get::<Jobs>(&id).await.during("reading a job")?;
            let waits = |job: &Job| job.state == JobState::Scheduled && job.run_at.is_none();
            let job = job.filter(|job| waits(&job.row) && run.row.state == SyncState::Braked);
            let job = job.ok_or(Refusal::conflict("sync_not_braked"))?;
            let now = self.shell.now();
            let (next, moved) = match choice {
                Choice::Approve => {
                    let next = SyncRun { approved: true, error: None, ..run.row.clone() };
                    let moved = Job { run_at: Some(now), ..job_rules::promote(&job.row) };
                    (next, Some(moved))
                }
                Choice::Discard => (discarded(&run.row, now), job_rules::cancel(&job.row, now)),
            };
            let mut write = Write::new();
            write.update::<SyncRuns>(&run, &next);
            if let Some(moved) = moved {
                write.move_job(&job, &moved);
            }
            let action = match choice {
                Choice::Approve => "wispro.approve",
                Choice::Discard => "wispro.discard",
            };
            let deed = Deed::new(action, id).of(next.tenant).with(&json!({ "brake": next.brake }));
            note(&self.shell, &mut write, by, deed);
            if let Some(keep) = keep {
                keep.stage(&mut write, &next);
            }
            match self.shell.store.commit(write).await {
                Ok(_) => {
                    tracing::info!(job_id = %id, %by, action, "wispro sync decided");
                    return Ok(next);
                }
                Err(error) => tries.again(error)?,
            }
        }
    }
}

/// The run once it is over without a change.
pub(super) fn discarded(run: &SyncRun, now: zelador_store::Timestamp) -> SyncRun {
    SyncRun { state: SyncState::Discarded, ended_at: Some(now), ..run.clone() }
}

/// Another one is queued, runs or asks.
fn running(id: JobId) -> Refusal {
    Refusal::Conflict {
        code: "sync_running",
        args: vec![("job_id", id.to_string())],
        details: json!({ "job_id": id }),
    }
}
