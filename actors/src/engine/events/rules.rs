//! Where a consumer stands after an event, and what may be forgotten: pure
//! functions.

use std::time::Duration;

use zelador_store::Timestamp;
use zelador_store::event::{Consumer, Parked};

use crate::engine::jobs::Failure;
use crate::engine::jobs::rules::{Policy, backoff, jittered};

/// How long a consumer waits that asked to wait without saying until when.
const OPEN_WAIT: Duration = Duration::from_secs(60);

/// How often the process may end while one event is handled, before the event is
/// taken for the cause.
pub const MAX_INTERRUPTIONS: u16 = 10;

/// The row while event `seq` is being handled; or, if the process has ended under
/// it too often, the row behind it, and what is parked.
pub fn begun(row: &Consumer, seq: u64, now: Timestamp) -> (Consumer, Option<Parked>) {
    let interrupted = if row.begun == seq { row.interrupted.saturating_add(1) } else { 0 };
    if interrupted >= MAX_INTERRUPTIONS {
        let error = format!("the daemon ended {interrupted} times while it was handled");
        let last_error = Some(format!("event {seq} was given up: {error}"));
        let parked = Parked { error, tries: interrupted, at: now };
        return (Consumer { last_error, ..passed(row, seq) }, Some(parked));
    }
    let before = seq.saturating_sub(1);
    let row = if row.cursor == before { row.clone() } else { passed(row, before) };
    (Consumer { begun: seq, interrupted, ..row }, None)
}

/// The row once everything up to `seq` is handled.
pub fn passed(row: &Consumer, seq: u64) -> Consumer {
    Consumer { cursor: seq, detached: row.detached, ..Consumer::default() }
}

/// The row after event `seq` failed, and what is parked if it is given up.
/// `chance` is a number from 0 to 1 for the jitter.
pub fn failed(
    row: &Consumer,
    seq: u64,
    failure: &Failure,
    policy: &Policy,
    chance: f64,
    now: Timestamp,
) -> (Consumer, Option<Parked>) {
    let before = seq.saturating_sub(1);
    // Tries count for the event right behind the cursor.
    let tries = if row.cursor == before { row.tries } else { 0 };
    // It came to an end, if not a good one.
    let row = Consumer { cursor: before, begun: 0, interrupted: 0, ..row.clone() };
    let (error, after) = match failure {
        Failure::Snooze { until, reason } => {
            let retry_at = Some(until.unwrap_or(now + OPEN_WAIT));
            let last_error = Some(reason.clone());
            return (Consumer { tries, retry_at, last_error, ..row }, None);
        }
        Failure::Permanent { error } => (error, None),
        Failure::Retry { error, after } => (error, Some(after.unwrap_or_default())),
    };
    let tries = tries.saturating_add(1);
    let Some(after) = after.filter(|_| tries < policy.tries) else {
        let last_error = Some(format!("event {seq} was given up: {error}"));
        let parked = Parked { error: error.clone(), tries, at: now };
        return (Consumer { last_error, ..passed(&row, seq) }, Some(parked));
    };
    let retry_at = Some(now + jittered(backoff(policy, tries).max(after), chance));
    let last_error = Some(error.clone());
    (Consumer { tries, retry_at, last_error, ..row }, None)
}

/// The row that makes a consumer handle everything from `seq` on, again if need be.
pub fn replayed(seq: u64) -> Consumer {
    Consumer { cursor: seq.saturating_sub(1), ..Consumer::default() }
}

/// Events a consumer has not passed.
pub fn lag(row: &Consumer, tip: u64) -> u64 {
    tip.saturating_sub(row.cursor)
}

/// Whether a consumer is so far behind that it is no longer waited for.
pub fn is_lost(row: &Consumer, tip: u64, max_lag: u64) -> bool {
    !row.detached && lag(row, tip) > max_lag
}

/// The last event that retention may remove: every attached consumer has passed
/// it, and it is not the last of all.
pub fn floor<'a>(rows: impl Iterator<Item = &'a Consumer>, tip: u64) -> u64 {
    let slowest = rows.filter(|row| !row.detached).map(|row| row.cursor).min();
    slowest.unwrap_or(tip).min(tip.saturating_sub(1))
}
