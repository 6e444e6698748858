//! What becomes of a job: pure functions from the job, what happened and a time
//! to the job's next state.

use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::job::{Attempt, Job, JobState, Outcome};

/// Tries kept in a job's history; older ones are dropped.
pub const HISTORY: usize = 20;

/// The longest error kept, in bytes: all that a history holds fits its row.
const MAX_ERROR: usize = 1024;

/// How often a crash after a checkpoint gives the try back. A job that kills
/// the process at every try comes to its end all the same.
pub const MAX_REFUNDS: u16 = 50;

/// The greatest share of a wait that is added to it at random.
const JITTER: f64 = 0.1;

/// What the configuration grants a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Tries in all.
    pub tries: u16,
    /// Seconds to wait after the first, the second … failed try; the last one
    /// is repeated.
    pub backoff_seconds: Vec<u32>,
}

/// How a try came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// The work is done.
    Succeeded,
    /// It failed; another try may help, not before `after` has passed.
    Failed {
        /// In words an operator can act on.
        error: String,
        /// The upstream's own wish, such as `Retry-After`.
        after: Option<Duration>,
    },
    /// It took longer than its kind may.
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// It panicked.
    Panicked {
        /// What it said.
        message: String,
    },
    /// Another try cannot help.
    Hopeless {
        /// In words an operator can act on.
        error: String,
    },
    /// It asked for a later time, which costs no try; `None`: until somebody decides.
    Snoozed {
        /// Not before.
        until: Option<Timestamp>,
        /// What it waits for.
        reason: String,
    },
    /// It was called off.
    Cancelled,
    /// The daemon is stopping; this costs no try.
    Released,
    /// The process ended under it.
    Interrupted,
}

impl Ending {
    fn outcome(&self) -> Outcome {
        match self {
            Self::Succeeded => Outcome::Succeeded,
            Self::Failed { .. } | Self::Hopeless { .. } => Outcome::Failed,
            Self::TimedOut { .. } => Outcome::TimedOut,
            Self::Panicked { .. } => Outcome::Panicked,
            Self::Snoozed { .. } => Outcome::Snoozed,
            Self::Cancelled => Outcome::Cancelled,
            Self::Released => Outcome::Released,
            Self::Interrupted => Outcome::Interrupted,
        }
    }

    /// In words an operator can act on, bounded.
    fn error(&self) -> Option<String> {
        self.words().map(|mut words| {
            words.truncate(words.floor_char_boundary(MAX_ERROR));
            words
        })
    }

    fn words(&self) -> Option<String> {
        match self {
            Self::Failed { error, .. } | Self::Hopeless { error } => Some(error.clone()),
            Self::TimedOut { limit } => {
                Some(format!("stopped after its time limit of {} s", limit.as_secs()))
            }
            Self::Panicked { message } => Some(format!("panicked: {message}")),
            Self::Snoozed { reason, .. } => Some(reason.clone()),
            Self::Interrupted => Some("the daemon ended while it was running".into()),
            Self::Succeeded | Self::Cancelled | Self::Released => None,
        }
    }
}

/// The job as it is while its next try runs.
pub fn begin(job: &Job, now: Timestamp) -> Job {
    Job {
        state: JobState::Running,
        tries: job.tries.saturating_add(1),
        started_at: Some(now),
        ..job.clone()
    }
}

/// The job as it is once its time has come.
pub fn promote(job: &Job) -> Job {
    Job { state: JobState::Ready, ..job.clone() }
}

/// The job after a try. `chance` is a number from 0 to 1 for the jitter.
pub fn end(job: &Job, ending: &Ending, policy: &Policy, chance: f64, now: Timestamp) -> Job {
    let mut next = job.clone();
    remember(&mut next, ending, now);
    next.error = ending.error();
    next.max_tries = policy.tries;
    match ending {
        Ending::Succeeded => close(&mut next, JobState::Succeeded, now),
        Ending::Cancelled => close(&mut next, JobState::Cancelled, now),
        Ending::Hopeless { .. } => close(&mut next, JobState::Failed, now),
        Ending::Snoozed { until, .. } => {
            next.tries = next.tries.saturating_sub(1);
            wait(&mut next, *until);
        }
        Ending::Released => {
            next.tries = next.tries.saturating_sub(1);
            next.state = JobState::Ready;
        }
        Ending::Interrupted => interrupted(&mut next, policy, now),
        Ending::Failed { .. } | Ending::TimedOut { .. } | Ending::Panicked { .. } => {
            let asked = if let Ending::Failed { after, .. } = ending { *after } else { None };
            failed(&mut next, policy, asked, chance, now);
        }
    }
    // A wish to call the job off outlives the try that did not hear it.
    if next.cancel_requested && next.state.is_live() {
        close(&mut next, JobState::Cancelled, now);
    }
    next
}

/// The job once an operator gives it all its tries again; `None` if it is not
/// at its end.
pub fn retry(job: &Job, now: Timestamp) -> Option<Job> {
    (!job.state.is_live()).then(|| Job {
        state: JobState::Ready,
        tries: 0,
        refunds: 0,
        run_at: Some(now),
        ended_at: None,
        cancel_requested: false,
        ..job.clone()
    })
}

/// The job once it is called off: at its end, or asked to come to it; `None` if
/// it is at its end already.
pub fn cancel(job: &Job, now: Timestamp) -> Option<Job> {
    let mut next = job.clone();
    match job.state {
        JobState::Scheduled | JobState::Ready => close(&mut next, JobState::Cancelled, now),
        JobState::Running => next.cancel_requested = true,
        JobState::Succeeded | JobState::Failed | JobState::Cancelled => return None,
    }
    Some(next)
}

/// The wait after a failed try (from 1), before jitter.
pub fn backoff(policy: &Policy, tries: u16) -> Duration {
    let waits = &policy.backoff_seconds;
    let at = usize::from(tries.saturating_sub(1)).min(waits.len().saturating_sub(1));
    Duration::from_secs(waits.get(at).copied().unwrap_or(0).into())
}

/// The rate of `count` things. Fewer than `sample` of them are all there were in
/// a minute; else they happened within `span`.
pub fn per_minute(count: usize, sample: usize, span: Duration) -> f64 {
    let count = f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if count < f64::from(u32::try_from(sample).unwrap_or(u32::MAX)) {
        return count;
    }
    (count * 60.0 / span.as_secs_f64().max(0.001)).round()
}

/// A wait with jitter added: never less, at most a tenth more.
pub fn jittered(wait: Duration, chance: f64) -> Duration {
    wait + wait.mul_f64(JITTER * chance.clamp(0.0, 1.0))
}

fn failed(job: &mut Job, policy: &Policy, asked: Option<Duration>, chance: f64, now: Timestamp) {
    if job.tries >= policy.tries {
        close(job, JobState::Failed, now);
    } else {
        let pause = backoff(policy, job.tries).max(asked.unwrap_or_default());
        wait(job, Some(now + jittered(pause, chance)));
    }
}

/// A crash is nobody's fault until it has happened as often as the job has
/// tries: a job that kills the process must come to its end. What had got
/// further during the try keeps it.
fn interrupted(job: &mut Job, policy: &Policy, now: Timestamp) {
    let got_further = job.checkpoint.is_some() && job.checkpoint_try == job.tries;
    if got_further && job.refunds < MAX_REFUNDS {
        job.refunds += 1;
        job.tries = job.tries.saturating_sub(1);
    }
    if job.tries >= policy.tries {
        close(job, JobState::Failed, now);
    } else {
        job.state = JobState::Ready;
    }
}

fn wait(job: &mut Job, until: Option<Timestamp>) {
    job.state = JobState::Scheduled;
    job.run_at = until;
}

fn close(job: &mut Job, state: JobState, now: Timestamp) {
    job.state = state;
    job.ended_at = Some(now);
}

fn remember(job: &mut Job, ending: &Ending, now: Timestamp) {
    job.history.push(Attempt {
        number: job.tries,
        started_at: job.started_at.unwrap_or(now),
        ended_at: now,
        outcome: ending.outcome(),
        error: ending.error(),
    });
    let surplus = job.history.len().saturating_sub(HISTORY);
    job.history.drain(..surplus);
}
