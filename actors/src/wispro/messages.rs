//! What may be asked of the sync, and what it answers.

use serde::{Deserialize, Serialize};
use zelador_store::id::JobId;
use zelador_store::job::{Job, JobState};
use zelador_store::wispro::{SyncRun, SyncState};

use super::rules::report::{Counter, Counts};

/// How one run differs from the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SyncArgs {
    /// Changes nothing, and tells what it would change.
    pub dry_run: bool,
    /// Pages asked for at most; 0: all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_pages: Option<u32>,
    /// Clients asked for in a page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_page: Option<u32>,
}

/// What somebody decides about a run that stopped and asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// It goes on as it would have.
    Approve,
    /// It ends without a change.
    Discard,
}

/// A run as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncView {
    /// Its job's id, and its own.
    pub id: JobId,
    /// What the store knows of the run; `None`: it has not begun.
    pub run: Option<SyncRun>,
    /// Its job, while that is kept.
    pub job: Option<Job>,
    /// What it has counted so far.
    pub counts: Counts,
    /// Done, total, a line of text: live.
    pub progress: Option<(u64, u64, String)>,
}

impl SyncView {
    /// Where it stands, in a word.
    pub fn state(&self) -> &'static str {
        let job = self.job.as_ref().map(|job| job.state);
        match (&self.run, job) {
            (Some(run), _) if run.state.is_over() => run.state.word(),
            (_, Some(JobState::Cancelled)) => "cancelled",
            (_, Some(JobState::Failed)) => SyncState::Failed.word(),
            (None, Some(JobState::Scheduled)) => "scheduled",
            (None, _) => "ready",
            (Some(run), _) => run.state.word(),
        }
    }

    /// Clients dealt with so far.
    pub fn seen(&self) -> u64 {
        self.counts.seen()
    }

    /// One of its numbers.
    pub fn count(&self, counter: Counter) -> u64 {
        self.counts.get(counter)
    }
}
