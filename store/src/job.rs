//! Jobs: durable units of background work, their queues, batches and schedules.
//!
//! A job is a row, not a message in memory. Its place in the life of a job
//! (state, queue, priority, time) is an index, so that the next job to run, the
//! next that falls due and the oldest to prune are each one short scan.

use serde::{Deserialize, Serialize};

use crate::id::{BatchId, JobId, TenantId, UserId};
use crate::kv::{Bell, IndexDef, Lookup, Stored, Table, Tally, Term, Write};
use crate::time::Timestamp;

/// Where a job stands.
///
/// ```text
/// scheduled → ready → running → succeeded | failed | cancelled
///     ↑_________________↓ (another try, later)
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
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

impl JobState {
    /// All of them, in the order of a job's life.
    pub const ALL: [Self; 6] = [
        Self::Scheduled,
        Self::Ready,
        Self::Running,
        Self::Succeeded,
        Self::Failed,
        Self::Cancelled,
    ];

    /// Its number in keys.
    pub const fn code(self) -> u8 {
        match self {
            Self::Scheduled => 0,
            Self::Ready => 1,
            Self::Running => 2,
            Self::Succeeded => 3,
            Self::Failed => 4,
            Self::Cancelled => 5,
        }
    }

    /// The state of a number in a key.
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// Whether the job may still do something.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Scheduled | Self::Ready | Self::Running)
    }

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// How a try ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
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

/// One try, as the history keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which one, from 1.
    pub number: u16,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// How.
    pub outcome: Outcome,
    /// In words an operator can act on.
    pub error: Option<String>,
}

/// A durable unit of background work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// What to do, such as `user.scheduled_ban`.
    pub kind: String,
    /// The lane it waits in.
    pub queue: String,
    /// Where it stands.
    pub state: JobState,
    /// 0 to 9; the higher runs first within its queue.
    pub priority: u8,
    /// What to do it with: a JSON object, as text.
    pub args: String,
    /// Not before this instant. `None`: held until somebody decides.
    pub run_at: Option<Timestamp>,
    /// When it was enqueued.
    pub created_at: Timestamp,
    /// When the present or last try began.
    pub started_at: Option<Timestamp>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// Tries counted so far, the running one included.
    pub tries: u16,
    /// Tries it has in all.
    pub max_tries: u16,
    /// Tries given back because a crash cut them off after a checkpoint.
    pub refunds: u16,
    /// The jobs it was started together with.
    pub batch: Option<BatchId>,
    /// While it is live, no other job may have the same.
    pub unique: Option<String>,
    /// Whose it is, for logs and lists.
    pub tenant: Option<TenantId>,
    /// Whom it is about, for logs and lists.
    pub user: Option<UserId>,
    /// How far it had come when it last said so: JSON, as text.
    pub checkpoint: Option<String>,
    /// The try that wrote the checkpoint.
    pub checkpoint_try: u16,
    /// How much of it is done, of how much, and a line of text, when last noted.
    pub progress: Option<(u64, u64, String)>,
    /// Somebody wants it called off.
    pub cancel_requested: bool,
    /// Why it is where it is, in words an operator can act on.
    pub error: Option<String>,
    /// The latest tries, oldest first; bounded by the engine.
    pub history: Vec<Attempt>,
}

impl Job {
    /// The instant that orders it among the jobs of its state.
    fn place_at(&self) -> Timestamp {
        match self.state {
            JobState::Scheduled => self.run_at.unwrap_or(Timestamp::MAX),
            JobState::Ready => self.run_at.unwrap_or(self.created_at),
            JobState::Running => self.started_at.unwrap_or(self.created_at),
            _ => self.ended_at.unwrap_or(self.created_at),
        }
    }
}

/// Jobs by id.
#[derive(Debug)]
pub struct Jobs;

impl Table for Jobs {
    const NAME: &'static str = "jobs";
    const TAG: u16 = 0x0201;
    const VERSION: u8 = 1;
    type Key = JobId;
    type Row = Job;
    const INDEXES: &'static [IndexDef<Self>] = &[
        IndexDef::of::<JobsByPlace>(),
        IndexDef::of::<JobsByUnique>(),
        IndexDef::of::<JobsByBatch>(),
    ];
}

/// State, queue, priority (only while ready; the greatest first), time.
pub type Place = (u8, Term, u8, Timestamp);

/// Jobs in the order in which each state is worked off.
#[derive(Debug)]
pub struct JobsByPlace;

impl Lookup for JobsByPlace {
    type Table = Jobs;
    const NAME: &'static str = "jobs by place";
    const TAG: u16 = 0x0202;
    const UNIQUE: bool = false;
    type Key = Place;

    fn key(_: &JobId, job: &Job) -> Option<Place> {
        let rank = if job.state == JobState::Ready { u8::MAX - job.priority } else { 0 };
        Some((job.state.code(), Term::new(&job.queue), rank, job.place_at()))
    }
}

/// The live job of a uniqueness key.
#[derive(Debug)]
pub struct JobsByUnique;

impl Lookup for JobsByUnique {
    type Table = Jobs;
    const NAME: &'static str = "jobs by unique key";
    const TAG: u16 = 0x0203;
    const UNIQUE: bool = true;
    type Key = Term;

    fn key(_: &JobId, job: &Job) -> Option<Term> {
        job.unique.as_deref().filter(|_| job.state.is_live()).map(Term::new)
    }
}

/// The jobs of a batch.
#[derive(Debug)]
pub struct JobsByBatch;

impl Lookup for JobsByBatch {
    type Table = Jobs;
    const NAME: &'static str = "jobs by batch";
    const TAG: u16 = 0x0204;
    const UNIQUE: bool = false;
    type Key = BatchId;

    fn key(_: &JobId, job: &Job) -> Option<BatchId> {
        job.batch
    }
}

/// How many jobs of a queue are in a state.
#[derive(Debug)]
pub struct JobCounts;

impl Tally for JobCounts {
    const NAME: &'static str = "job counts";
    const TAG: u16 = 0x0205;
    type Key = (Term, u8);
}

/// How many jobs of a batch are in a state.
#[derive(Debug)]
pub struct BatchCounts;

impl Tally for BatchCounts {
    const NAME: &'static str = "batch counts";
    const TAG: u16 = 0x0206;
    type Key = (BatchId, u8);
}

/// Jobs started together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// When.
    pub created_at: Timestamp,
    /// How many.
    pub total: u32,
    /// The job to enqueue when all have come to their end: kind and args.
    pub then: Option<(String, String)>,
    /// When all had come to their end.
    pub ended_at: Option<Timestamp>,
}

/// Batches by id.
#[derive(Debug)]
pub struct Batches;

impl Table for Batches {
    const NAME: &'static str = "batches";
    const TAG: u16 = 0x0207;
    const VERSION: u8 = 1;
    type Key = BatchId;
    type Row = Batch;
    const INDEXES: &'static [IndexDef<Self>] = &[IndexDef::of::<OpenBatches>()];
}

/// Batches that have not come to their end.
#[derive(Debug)]
pub struct OpenBatches;

impl Lookup for OpenBatches {
    type Table = Batches;
    const NAME: &'static str = "open batches";
    const TAG: u16 = 0x0208;
    const UNIQUE: bool = false;
    type Key = u8;

    fn key(_: &BatchId, batch: &Batch) -> Option<u8> {
        batch.ended_at.is_none().then_some(0)
    }
}

/// What an operator has said about a queue.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Queue {
    /// Nothing in it is started.
    pub paused: bool,
}

/// Queues by name; one without a row was never spoken of.
#[derive(Debug)]
pub struct Queues;

impl Table for Queues {
    const NAME: &'static str = "queues";
    const TAG: u16 = 0x0209;
    const VERSION: u8 = 1;
    type Key = String;
    type Row = Queue;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

/// Where a recurring job stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// What the configuration said when `next_at` was computed; another text
    /// means that it must be computed anew.
    pub definition: String,
    /// When it fires next, before jitter; `None`: never again.
    pub next_at: Option<Timestamp>,
    /// When it fired last.
    pub last_at: Option<Timestamp>,
    /// The job it started last.
    pub last_job: Option<JobId>,
    /// Why it did not start one the last time, if it did not.
    pub skipped: Option<String>,
}

/// Schedules by name.
#[derive(Debug)]
pub struct Schedules;

impl Table for Schedules {
    const NAME: &'static str = "schedules";
    const TAG: u16 = 0x020a;
    const VERSION: u8 = 1;
    type Key = String;
    type Row = Schedule;
    const INDEXES: &'static [IndexDef<Self>] = &[];
}

impl Write {
    /// Stages a new job with its counts.
    pub fn enqueue(&mut self, id: JobId, job: &Job) -> &mut Self {
        self.count_job(job, 1);
        self.insert::<Jobs>(&id, job).ring(Bell::Jobs)
    }

    /// Stages a job's next state with its counts.
    pub fn move_job(&mut self, old: &Stored<Jobs>, new: &Job) -> &mut Self {
        if (old.row.state, &old.row.queue) != (new.state, &new.queue) {
            self.count_job(&old.row, -1);
            self.count_job(new, 1);
        }
        self.update::<Jobs>(old, new);
        if matches!(new.state, JobState::Scheduled | JobState::Ready) {
            self.ring(Bell::Jobs);
        }
        self
    }

    /// Stages a job's removal with its counts.
    pub fn forget_job(&mut self, old: &Stored<Jobs>) -> &mut Self {
        self.count_job(&old.row, -1);
        self.remove::<Jobs>(old)
    }

    fn count_job(&mut self, job: &Job, delta: i64) {
        let state = job.state.code();
        self.add::<JobCounts>(&(Term::new(&job.queue), state), delta);
        if let Some(batch) = job.batch {
            self.add::<BatchCounts>(&(batch, state), delta);
        }
    }
}
