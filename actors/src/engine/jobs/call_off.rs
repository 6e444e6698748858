//! Calling a job off in the same commit as the change that makes it pointless.

use zelador_store::id::JobId;
use zelador_store::job::{JobState, Jobs};
use zelador_store::{Error, Timestamp, Write};

use super::rules;
use crate::engine::Shell;

/// Stages the cancellation of a job that has not started yet. One that runs, or
/// has ended, is left alone: it finds out by itself. The write conflicts if the
/// job starts meanwhile.
pub async fn call_off(
    shell: &Shell,
    write: &mut Write,
    id: JobId,
    why: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let Some(job) = shell.store.get::<Jobs>(&id).await? else { return Ok(()) };
    if !matches!(job.row.state, JobState::Scheduled | JobState::Ready) {
        return Ok(());
    }
    if let Some(mut cancelled) = rules::cancel(&job.row, now) {
        cancelled.error = Some(why.to_owned());
        write.move_job(&job, &cancelled);
    }
    Ok(())
}
