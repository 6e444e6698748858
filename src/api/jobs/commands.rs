//! What is done to jobs.

use std::sync::Arc;

use zelador_actors::engine::jobs::{
    Enqueued, Filter, JobSettings, NewJob, Started, note_batch, note_enqueued,
};
use zelador_actors::error::During as _;
use zelador_actors::{Error, Flaw, Keep};
use zelador_store::Write;
use zelador_store::id::JobId;
use zelador_store::job::Job;

use super::shapes::{
    BatchStarted, Cancelled, ForgetFilter, JobDraft, JobDrafts, Retried, SweepFilter,
};
use super::{batch_of, record};
use crate::api::call::Call;
use crate::api::doors::Doors;
use crate::api::problem::Problem;
use crate::api::reply::Reply;
use crate::api::time;

pub(super) async fn create(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let job = draft(call.body()?, "").map_err(Problem::invalid)?;
    permit(&call, [&job])?;
    doors.jobs.admit([(String::new(), &job)]).await?;
    let settings = doors.jobs.settings();
    let show = move |enqueued: &Enqueued| enqueued_reply(enqueued, &settings);
    let keep = call.keep(show.clone());
    let by = call.author();
    let also = |enqueued: &Enqueued| {
        let mut write = keep.as_ref().map_or_else(Write::new, |k| k.alone(enqueued));
        note_enqueued(&doors.shell, &mut write, &by, enqueued);
        write
    };
    show(&doors.jobs.enqueue(job, also).await?)
}

/// Copies go to any file that the daemon may write, and notices to any address in
/// the daemon's name: both are the operator's.
const OPERATORS: [&str; 7] = [
    "backup.make",
    "store.export",
    "notification.send",
    "notification.remind",
    "notification.test",
    "alert.send",
    "alert.deliver",
];

fn permit<'a>(call: &Call, jobs: impl IntoIterator<Item = &'a NewJob>) -> Result<(), Problem> {
    let asked = jobs.into_iter().any(|job| OPERATORS.contains(&job.kind.as_str()));
    if asked && !call.who.is_operator() {
        return Err(Problem::forbidden("operators_only"));
    }
    Ok(())
}

/// 201 with a new job; 200 with the one that was there.
pub(in crate::api) fn enqueued_reply(
    enqueued: &Enqueued,
    settings: &JobSettings,
) -> Result<Reply, Problem> {
    let shown = record(enqueued.id, &enqueued.job, settings);
    if enqueued.existed {
        Reply::ok(&shown)
    } else {
        Reply::created(format!("/jobs/{}", enqueued.id), &shown)
    }
}

pub(super) async fn create_batch(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let JobDrafts(drafts) = call.body()?;
    let (mut jobs, mut flaws) = (Vec::with_capacity(drafts.len()), Vec::new());
    for (at, one) in drafts.into_iter().enumerate() {
        match draft(one, &format!("[{at}].")) {
            Ok(job) => jobs.push(job),
            Err(wrong) => flaws.extend(wrong),
        }
    }
    if !flaws.is_empty() {
        return Err(Problem::invalid(flaws));
    }
    permit(&call, &jobs)?;
    let named = jobs.iter().enumerate().map(|(at, job)| (format!("[{at}]."), job));
    doors.jobs.admit(named).await?;
    let keep = call.keep(started_reply);
    let by = call.author();
    let also = |started: &Started| {
        let mut write = keep.as_ref().map_or_else(Write::new, |k| k.alone(started));
        note_batch(&doors.shell, &mut write, &by, started);
        write
    };
    started_reply(&doors.jobs.enqueue_batch(jobs, None, also).await?)
}

fn started_reply(started: &Started) -> Result<Reply, Problem> {
    let id = started.id.to_string();
    let location = format!("/jobs/batch/{id}");
    Reply::created(location, &BatchStarted { batch_id: id, ids: started.jobs.clone() })
}

/// The job that is asked for; `path` is its place in the body.
fn draft(draft: JobDraft, path: &str) -> Result<NewJob, Vec<Flaw>> {
    let run_at = draft.run_at.as_deref();
    let run_at = run_at.map(|text| time::instant(&format!("{path}run_at"), text, None));
    Ok(NewJob {
        queue: draft.queue,
        run_at: run_at.transpose().map_err(|flaw| vec![flaw])?,
        priority: draft.priority,
        unique: draft.unique_key,
        ..NewJob::new(&draft.kind, &draft.args.unwrap_or_default())
    })
}

/// How one job is answered.
type Show = Arc<dyn Fn(&Job) -> Result<Reply, Problem> + Send + Sync>;

fn of_one(doors: &Doors, call: &mut Call) -> Result<(JobId, Show, Option<Keep<Job>>), Problem> {
    let id = call.id("id")?;
    let settings = doors.jobs.settings();
    let show: Show = Arc::new(move |job| Reply::ok(&record(id, job, &settings)));
    let keep = call.keep({
        let show = show.clone();
        move |job: &Job| show(job)
    });
    Ok((id, show, keep))
}

pub(super) async fn retry(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let (id, show, keep) = of_one(&doors, &mut call)?;
    show(&doors.jobs.retry(id, keep.as_ref(), Some(&call.author())).await?)
}

pub(super) async fn cancel(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let (id, show, keep) = of_one(&doors, &mut call)?;
    show(&doors.jobs.cancel(id, keep.as_ref(), Some(&call.author())).await?)
}

pub(super) async fn run(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let (id, show, keep) = of_one(&doors, &mut call)?;
    show(&doors.jobs.run_now(id, keep.as_ref(), Some(&call.author())).await?)
}

pub(super) async fn retry_all(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let SweepFilter { queue, kind } = call.query()?;
    let show = |retried: &u64| Reply::ok(&Retried { retried: *retried });
    let keep = call.keep(show);
    let retried = doors.jobs.retry_all(&Filter { queue, kind }, Some(&call.author())).await?;
    keep_alone(&doors, keep, &retried).await?;
    show(&retried)
}

pub(super) async fn cancel_batch(doors: Doors, mut call: Call) -> Result<Reply, Problem> {
    let id = batch_of(&call)?;
    let show = |cancelled: &u64| Reply::ok(&Cancelled { cancelled: *cancelled });
    let keep = call.keep(show);
    let cancelled = doors.jobs.cancel_batch(id, Some(&call.author())).await?;
    keep_alone(&doors, keep, &cancelled).await?;
    show(&cancelled)
}

pub(super) async fn forget(doors: Doors, call: Call) -> Result<Reply, Problem> {
    let ForgetFilter { state, queue, kind } = call.query()?;
    let (filter, by) = (Filter { queue, kind }, call.author());
    doors.jobs.forget_all(state.into(), &filter, Some(&by)).await?;
    Ok(Reply::none())
}

/// For what was done in many commits, each of which may be done again.
pub(in crate::api) async fn keep_alone<R>(
    doors: &Doors,
    keep: Option<Keep<R>>,
    record: &R,
) -> Result<(), Error> {
    let Some(keep) = keep else { return Ok(()) };
    let commit = doors.shell.store.commit(keep.alone(record)).await;
    commit.during("keeping the answer").map(|_| ())
}
