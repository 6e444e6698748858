//! What becomes of a schedule: pure functions from its row, its settings and a
//! time to its next row.

use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::id::JobId;
use zelador_store::job::Schedule;

use super::pattern::{Pattern, PatternError};
use crate::engine::settings::{Overlap, ScheduleSettings};

/// A start later than this was missed: the daemon was down, the machine slept,
/// or the clock was set forward.
pub const ON_TIME: Duration = Duration::from_secs(60);

/// What is to happen with a schedule now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Its time has not come.
    Wait,
    /// One job is started, for this time and all that were missed since.
    Start {
        /// Not before this instant, jitter aside.
        base: Timestamp,
    },
    /// None is started.
    Skip {
        /// Why, in words an operator can act on.
        why: String,
    },
}

/// The uniqueness key of a schedule's jobs.
pub fn unique_key(name: &str) -> String {
    format!("schedule:{name}")
}

/// What `next_at` depends on, as the row keeps it.
pub fn definition(settings: &ScheduleSettings) -> String {
    format!("{} {}", settings.cron.trim(), settings.timezone)
}

/// The pattern of a schedule.
pub fn pattern(settings: &ScheduleSettings) -> Result<Pattern, PatternError> {
    Pattern::read(&settings.cron, &settings.timezone)
}

/// When the schedule fires next, after now; `None`: never, or it cannot be read.
pub fn next_at(settings: &ScheduleSettings, now: Timestamp) -> Option<Timestamp> {
    pattern(settings).ok().and_then(|pattern| pattern.next(now))
}

/// The row that the configuration asks for; `None`: the one there is will do.
///
/// A new definition counts from now. With the same one a time that has passed
/// stays, to be made up for or not; a time to come is computed again, because a
/// new release may know better when the clocks change. It never moves back to
/// what has fired.
pub fn configure(
    row: Option<&Schedule>,
    settings: &ScheduleSettings,
    now: Timestamp,
) -> Option<Schedule> {
    let definition = definition(settings);
    let same = row.filter(|row| row.definition == definition);
    if let Some(row) = same
        && row.next_at.is_some_and(|at| at <= now)
    {
        return None;
    }
    let since = same.and_then(|row| row.last_at).map_or(now, |last| last.max(now));
    let (next_at, wrong) = match pattern(settings) {
        Ok(pattern) => (pattern.next(since), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let next = Schedule {
        definition,
        next_at,
        last_at: row.and_then(|row| row.last_at),
        last_job: row.and_then(|row| row.last_job),
        skipped: wrong.or_else(|| same.and_then(|row| row.skipped.clone())),
    };
    (row != Some(&next)).then_some(next)
}

/// What is to happen now; `live` is a job of this schedule that is still under way.
pub fn judge(
    row: &Schedule,
    settings: &ScheduleSettings,
    live: Option<JobId>,
    now: Timestamp,
) -> Verdict {
    let Some(due) = row.next_at.filter(|at| *at <= now) else { return Verdict::Wait };
    let missed = now.since(due) > ON_TIME;
    if missed && !settings.catch_up {
        let why = format!("missed: due at {due}, seen only at {now}, and catch_up is off");
        return Verdict::Skip { why };
    }
    match live {
        Some(job) if settings.overlap == Overlap::Skip => {
            let why = format!("at {due} job {job} of this schedule was still under way");
            Verdict::Skip { why }
        }
        _ => Verdict::Start { base: if missed { now } else { due } },
    }
}

/// When the job may run: up to `jitter_seconds` after `base`. `chance` is a
/// number from 0 to 1.
pub fn run_at(base: Timestamp, jitter_seconds: u32, chance: f64) -> Timestamp {
    base + Duration::from_secs(jitter_seconds.into()).mul_f64(chance.clamp(0.0, 1.0))
}

/// The row after it started a job.
pub fn started(row: &Schedule, next_at: Option<Timestamp>, job: JobId, now: Timestamp) -> Schedule {
    Schedule { next_at, last_at: Some(now), last_job: Some(job), skipped: None, ..row.clone() }
}

/// The row after a time without a job.
pub fn skipped(row: &Schedule, next_at: Option<Timestamp>, why: String) -> Schedule {
    Schedule { next_at, skipped: Some(why), ..row.clone() }
}
