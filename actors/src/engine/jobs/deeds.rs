//! What the audit says of jobs: never their arguments, which the job itself shows.

use serde_json::{Value, json};
use zelador_store::Write;
use zelador_store::author::Author;
use zelador_store::id::JobId;
use zelador_store::job::{Job, JobState};

use super::batches::Started;
use super::commands::Enqueued;
use super::sweeps::Filter;
use crate::engine::Shell;
use crate::engine::audit::{Deed, note};

/// Stages the entry of a job that somebody enqueued. One that was there already
/// is nobody's deed.
pub fn note_enqueued(shell: &Shell, write: &mut Write, by: &Author, enqueued: &Enqueued) {
    if !enqueued.existed {
        let job = &enqueued.job;
        let deed = Deed::new("job.create", enqueued.id).of(job.tenant).about(job.user);
        note(shell, write, by, deed.with(&shown(job)));
    }
}

/// Stages the entry of a schedule's job that somebody started.
pub fn note_scheduled(
    shell: &Shell,
    write: &mut Write,
    by: &Author,
    schedule: &str,
    enqueued: &Enqueued,
) {
    if !enqueued.existed {
        let after = json!({ "job_id": enqueued.id, "kind": enqueued.job.kind });
        note(shell, write, by, Deed::new("schedule.run", schedule).with(&after));
    }
}

/// Stages the entry of a batch that somebody started.
pub fn note_batch(shell: &Shell, write: &mut Write, by: &Author, started: &Started) {
    let after = json!({ "jobs": started.jobs.len() });
    note(shell, write, by, Deed::new("batch.create", started.id).with(&after));
}

/// A job that was moved by hand.
pub(super) fn moved(action: &'static str, id: JobId, before: &Job, after: &Job) -> Deed {
    let deed = Deed::new(action, id).of(before.tenant).about(before.user);
    deed.change(&shown(before), &shown(after))
}

/// A sweep over the jobs of a state, of which so many match.
pub(super) fn sweep(
    action: &'static str,
    state: JobState,
    filter: &Filter,
    matched: usize,
) -> Deed {
    let after = json!({
        "state": state, "queue": filter.queue, "kind": filter.kind, "matched": matched,
    });
    Deed::new(action, "").with(&after)
}

fn shown(job: &Job) -> Value {
    json!({
        "kind": job.kind, "queue": job.queue, "state": job.state, "priority": job.priority,
        "run_at": job.run_at, "unique_key": job.unique,
        "cancel_requested": job.cancel_requested.then_some(true),
    })
}
