//! How jobs and batches look on the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use zelador_actors::engine::jobs::{BatchView, DEFAULT_PRIORITY, JobSettings};
use zelador_store::Timestamp;
use zelador_store::id::JobId;
use zelador_store::job::{Attempt, Job, JobState, Outcome};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    /// Waits for its time.
    Scheduled,
    /// Waits for a free place in its queue.
    Ready,
    /// Is being worked on.
    Running,
    /// Done.
    Succeeded,
    /// Given up.
    Failed,
    /// Called off.
    Cancelled,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum EndState {
    /// Done.
    Succeeded,
    /// Given up.
    Failed,
    /// Called off.
    Cancelled,
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum TryOutcome {
    /// It did its work.
    Succeeded,
    /// It failed; another try may follow.
    Failed,
    /// It took too long and was stopped.
    TimedOut,
    /// It panicked.
    Panicked,
    /// The process ended under it.
    Interrupted,
    /// It asked for a later time; the try was not counted.
    Snoozed,
    /// It was called off.
    Cancelled,
    /// The daemon was stopping; the try was not counted.
    Released,
}

/// What makes a job.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JobDraft {
    /// What to do.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "diagnostic")]
    pub(super) kind: String,
    /// With what; at most 16 KiB.
    #[schema(value_type = Option<Object>, additional_properties = true)]
    #[serde(default)]
    pub(super) args: Option<BTreeMap<String, Value>>,
    /// The lane; without it, that of the kind.
    #[schema(min_length = 1, max_length = 200, format = "line")]
    #[serde(default)]
    pub(super) queue: Option<String>,
    /// Not before this instant; with its offset from UTC.
    #[schema(example = "2025-12-05T14:00:00-03:00")]
    #[serde(default)]
    pub(super) run_at: Option<String>,
    /// The higher runs first within its queue.
    #[schema(minimum = 0, maximum = 9, default = 5)]
    #[serde(default = "priority")]
    pub(super) priority: u8,
    /// While the job is live, no other has the same.
    #[schema(min_length = 1, max_length = 200, format = "line")]
    #[serde(default)]
    pub(super) unique_key: Option<String>,
}

fn priority() -> u8 {
    DEFAULT_PRIORITY
}

/// What makes a batch.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct JobDrafts(pub(super) Vec<JobDraft>);

/// Which jobs to list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct JobFilter {
    /// Only of this queue.
    #[serde(default)]
    pub(super) queue: Option<String>,
    /// Only of this kind.
    #[serde(default)]
    pub(super) kind: Option<String>,
    /// Only in this state.
    #[serde(default)]
    pub(super) state: Option<State>,
    /// Only of this batch.
    #[serde(default)]
    pub(super) batch: Option<String>,
}

/// Which failed jobs to try again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SweepFilter {
    /// Only of this queue.
    #[serde(default)]
    pub(super) queue: Option<String>,
    /// Only of this kind.
    #[serde(default)]
    pub(super) kind: Option<String>,
}

/// Which jobs to forget.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ForgetFilter {
    /// How they ended.
    pub(super) state: EndState,
    /// Only of this queue.
    #[serde(default)]
    pub(super) queue: Option<String>,
    /// Only of this kind.
    #[serde(default)]
    pub(super) kind: Option<String>,
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct JobRecord {
    /// Its id.
    #[schema(value_type = String, format = "uuid")]
    id: JobId,
    /// What to do.
    #[schema(example = "user.scheduled_ban")]
    kind: String,
    /// The lane it waits in.
    queue: String,
    /// Where it stands.
    state: State,
    /// With what.
    #[schema(value_type = Object, additional_properties = true)]
    args: Value,
    /// Tries counted so far, the running one included.
    tries: u16,
    /// Tries it has in all.
    max_tries: u16,
    /// Not before this instant; null: held until somebody decides.
    #[schema(value_type = Option<String>, format = "date-time")]
    run_at: Option<Timestamp>,
    /// 0 to 9; the higher runs first within its queue.
    priority: u8,
    /// The jobs it was started together with.
    #[schema(format = "uuid")]
    batch_id: Option<String>,
    /// How far it is, if it says so.
    progress: Option<JobProgress>,
    /// Why it is where it is.
    error: Option<String>,
    /// The latest tries, the oldest first.
    history: Vec<JobTry>,
    /// While it is live, no other job has the same.
    unique_key: Option<String>,
    /// Whose it is.
    #[schema(format = "uuid")]
    tenant_id: Option<String>,
    /// Whom it is about.
    #[schema(format = "uuid")]
    user_id: Option<String>,
    /// Somebody wants it called off.
    cancel_requested: bool,
    /// When it was enqueued.
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// When the present or last try began.
    #[schema(value_type = Option<String>, format = "date-time")]
    started_at: Option<Timestamp>,
    /// When it came to its end.
    #[schema(value_type = Option<String>, format = "date-time")]
    ended_at: Option<Timestamp>,
}

/// How far a job is.
#[derive(Debug, Serialize, ToSchema)]
struct JobProgress {
    /// How much is done.
    done: u64,
    /// Of how much.
    total: u64,
    /// In words.
    text: String,
}

/// A try.
#[derive(Debug, Serialize, ToSchema)]
struct JobTry {
    /// Which one, from 1.
    r#try: u16,
    /// When it began.
    #[schema(value_type = String, format = "date-time")]
    started_at: Timestamp,
    /// When it ended.
    #[schema(value_type = String, format = "date-time")]
    ended_at: Timestamp,
    /// How.
    outcome: TryOutcome,
    /// Why, if it failed.
    error: Option<String>,
}

/// Jobs that were enqueued together.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchStarted {
    /// The batch's id.
    #[schema(format = "uuid")]
    pub(super) batch_id: String,
    /// Its jobs, in the order in which they were given.
    #[schema(value_type = Vec<String>)]
    pub(super) ids: Vec<JobId>,
}

/// How far a batch is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct BatchRecord {
    /// Its id.
    #[schema(format = "uuid")]
    batch_id: String,
    /// Jobs in all.
    total: u32,
    /// Jobs that have not come to their end.
    waiting: u64,
    /// Jobs that succeeded.
    done: u64,
    /// Jobs that failed.
    failed: u64,
    /// Jobs that were called off.
    cancelled: u64,
    /// When it was enqueued.
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    /// When all had come to their end.
    #[schema(value_type = Option<String>, format = "date-time")]
    ended_at: Option<Timestamp>,
}

/// How many were tried again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Retried {
    /// Jobs.
    pub(super) retried: u64,
}

/// How many were called off.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Cancelled {
    /// Jobs.
    pub(super) cancelled: u64,
}

/// A job as it is shown. A live one has the tries that the configuration in force
/// grants its kind.
pub(in crate::api) fn record(id: JobId, job: &Job, settings: &JobSettings) -> JobRecord {
    let granted = settings.policy(&job.kind).tries;
    JobRecord {
        id,
        kind: job.kind.clone(),
        queue: job.queue.clone(),
        state: job.state.into(),
        args: serde_json::from_str(&job.args).unwrap_or_default(),
        tries: job.tries,
        max_tries: if job.state.is_live() { granted } else { job.max_tries },
        run_at: job.run_at,
        priority: job.priority,
        batch_id: job.batch.map(|id| id.to_string()),
        progress: job.progress.clone().map(|(done, total, text)| JobProgress { done, total, text }),
        error: job.error.clone(),
        history: job.history.iter().map(JobTry::from).collect(),
        unique_key: job.unique.clone(),
        tenant_id: job.tenant.map(|id| id.to_string()),
        user_id: job.user.map(|id| id.to_string()),
        cancel_requested: job.cancel_requested,
        created_at: job.created_at,
        started_at: job.started_at,
        ended_at: job.ended_at,
    }
}

impl From<&Attempt> for JobTry {
    fn from(attempt: &Attempt) -> Self {
        Self {
            r#try: attempt.number,
            started_at: attempt.started_at,
            ended_at: attempt.ended_at,
            outcome: attempt.outcome.into(),
            error: attempt.error.clone(),
        }
    }
}

impl From<BatchView> for BatchRecord {
    fn from(view: BatchView) -> Self {
        Self {
            batch_id: view.id.to_string(),
            total: view.batch.total,
            waiting: view.waiting,
            done: view.done,
            failed: view.failed,
            cancelled: view.cancelled,
            created_at: view.batch.created_at,
            ended_at: view.batch.ended_at,
        }
    }
}

impl From<State> for JobState {
    fn from(state: State) -> Self {
        match state {
            State::Scheduled => Self::Scheduled,
            State::Ready => Self::Ready,
            State::Running => Self::Running,
            State::Succeeded => Self::Succeeded,
            State::Failed => Self::Failed,
            State::Cancelled => Self::Cancelled,
        }
    }
}

impl From<JobState> for State {
    fn from(state: JobState) -> Self {
        match state {
            JobState::Scheduled => Self::Scheduled,
            JobState::Ready => Self::Ready,
            JobState::Running => Self::Running,
            JobState::Succeeded => Self::Succeeded,
            JobState::Failed => Self::Failed,
            JobState::Cancelled => Self::Cancelled,
        }
    }
}

impl From<EndState> for JobState {
    fn from(state: EndState) -> Self {
        match state {
            EndState::Succeeded => Self::Succeeded,
            EndState::Failed => Self::Failed,
            EndState::Cancelled => Self::Cancelled,
        }
    }
}

impl From<Outcome> for TryOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Succeeded => Self::Succeeded,
            Outcome::Failed => Self::Failed,
            Outcome::TimedOut => Self::TimedOut,
            Outcome::Panicked => Self::Panicked,
            Outcome::Interrupted => Self::Interrupted,
            Outcome::Snoozed => Self::Snoozed,
            Outcome::Cancelled => Self::Cancelled,
            Outcome::Released => Self::Released,
        }
    }
}
