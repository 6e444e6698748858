//! One try of one job: from its claim to the commit that ends it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;
use zelador_store::event::Event;
use zelador_store::id::JobId;
use zelador_store::job::{Job, JobState, Jobs};
use zelador_store::{Stored, Write};

use super::desk::JobDesk;
use super::handler::{Failure, Handler, JobCx};
use super::rules::{self, Ending};

/// How often a handler is run again within one try because what it had read
/// was changed before its work was committed.
const REPEATS: usize = 20;

/// How long the end of a try waits when the store refuses it.
const REFUSED_PAUSE: Duration = Duration::from_millis(200);

impl JobDesk {
    pub(super) async fn run(self, claimed: Stored<Jobs>, serial: u64, cancel: CancellationToken) {
        let span = tracing::info_span!("job", job_id = %claimed.key, kind = claimed.row.kind,
            queue = claimed.row.queue, tries = claimed.row.tries,
            tenant_id = claimed.row.tenant.map(tracing::field::display),
            user_id = claimed.row.user.map(tracing::field::display));
        let cx = JobCx {
            shell: self.0.shell.clone(),
            id: claimed.key,
            job: claimed.row.clone(),
            row: Arc::new(Mutex::new(claimed)),
            board: self.0.board.clone(),
            cancel,
        };
        self.attempt_and_end(&cx).instrument(span).await;
        self.sign_off(serial);
    }

    async fn attempt_and_end(&self, cx: &JobCx) {
        let (mut ending, mut work) = self.attempt(cx).await;
        for _ in 0..REPEATS {
            match self.end(cx, &ending, &work).await {
                Commit::Done => return,
                Commit::Overtaken => {
                    (ending, work) = self.attempt(cx).await;
                }
            }
        }
        let error = "what it works on was changed again and again while it ran".to_owned();
        self.end(cx, &Ending::Failed { error, after: None }, &Write::new()).await;
    }

    /// Runs the handler within its limits.
    async fn attempt(&self, cx: &JobCx) -> (Ending, Write) {
        let Some(handler) = self.0.handlers.get(cx.job.kind.as_str()) else {
            let error = format!("nothing here can do jobs of kind {}", cx.job.kind);
            return (Ending::Hopeless { error }, Write::new());
        };
        let limit = self.settings().kind(&cx.job.kind).timeout_seconds.max(1);
        let limit = Duration::from_secs(limit.into());
        let work = AssertUnwindSafe(handler.run(cx.clone())).catch_unwind();
        tokio::select! {
            biased;
            () = cx.cancel.cancelled() => (Ending::Cancelled, Write::new()),
            () = self.0.release.cancelled() => (Ending::Released, Write::new()),
            () = tokio::time::sleep(limit) => (timed_out(handler.as_ref(), limit), Write::new()),
            done = work => match done {
                Ok(Ok(work)) => (Ending::Succeeded, work),
                Ok(Err(failure)) => (ending_of(failure), Write::new()),
                Err(panic) => (Ending::Panicked { message: said(panic.as_ref()) }, Write::new()),
            },
        }
    }

    /// Commits the end of the try, together with its work.
    async fn end(&self, cx: &JobCx, ending: &Ending, work: &Write) -> Commit {
        loop {
            let row = cx.row.lock().await.clone();
            let policy = self.settings().policy(&row.row.kind);
            let now = self.0.shell.now();
            let mut next = rules::end(&row.row, ending, &policy, self.0.shell.dice.fraction(), now);
            next.progress = self.0.board.get(cx.id).or(next.progress);
            let mut write = work.clone();
            write.move_job(&row, &next);
            self.tell_failure(&mut write, cx.id, &next);
            match self.commit_end(cx.id, write, ending, &next).await {
                Ok(()) => {
                    told(&next);
                    if let Err(error) = self.close_batch_of(&next).await {
                        tracing::warn!(error = error.chain(), "the batch will be closed later");
                    }
                    return Commit::Done;
                }
                Err(error) if error.is_conflict() => {
                    if let Some(outcome) = self.overtaken(cx, &row, work).await {
                        return outcome;
                    }
                }
                Err(error @ zelador_store::Error::Unfit(_)) if !work.is_empty() => {
                    // It cannot be stored, now or later.
                    let ending = Ending::Hopeless { error: error.to_string() };
                    return Box::pin(self.end(cx, &ending, &Write::new())).await;
                }
                Err(error) => {
                    if self.0.release.is_cancelled() {
                        // The next start finds the job running and recovers it.
                        tracing::error!(%error, "the end of a job could not be written");
                        return Commit::Done;
                    }
                    tracing::warn!(%error, "the end of a job waits for the store");
                    tokio::time::sleep(REFUSED_PAUSE).await;
                }
            }
        }
    }

    /// Commits the end of a try, with what its kind adds to one without success.
    pub(super) async fn commit_end(
        &self,
        id: JobId,
        mut write: Write,
        ending: &Ending,
        next: &Job,
    ) -> Result<(), zelador_store::Error> {
        if !matches!(ending, Ending::Succeeded | Ending::Released) {
            write.join(self.shortfall(id, next).await);
        }
        self.0.shell.store.commit(write).await.map(drop)
    }

    async fn shortfall(&self, id: JobId, next: &Job) -> Write {
        let Some(handler) = self.0.handlers.get(next.kind.as_str()) else { return Write::new() };
        for _ in 0..REPEATS {
            match handler.fell_short(&self.0.shell, id, next).await {
                Ok(also) => return also,
                Err(error) => {
                    tracing::warn!(error = error.chain(), "the end of a job waits for its kind");
                    tokio::time::sleep(REFUSED_PAUSE).await;
                }
            }
        }
        tracing::error!("a job ends without what its kind would have added");
        Write::new()
    }

    /// Why the commit conflicted: `None`, what changed is read again.
    async fn overtaken(&self, cx: &JobCx, row: &Stored<Jobs>, work: &Write) -> Option<Commit> {
        match self.0.shell.store.get::<Jobs>(&cx.id).await {
            // Only what its kind adds to the end can have changed.
            Ok(Some(found)) if found.row == row.row && work.is_empty() => None,
            Ok(Some(found)) if found.row == row.row => Some(Commit::Overtaken),
            Ok(Some(found))
                if found.row.state == JobState::Running && found.row.tries == row.row.tries =>
            {
                *cx.row.lock().await = found;
                None
            }
            Ok(_) => {
                tracing::warn!("the job was decided upon by somebody else");
                Some(Commit::Done)
            }
            Err(error) => {
                tracing::warn!(%error, "the job cannot be read");
                tokio::time::sleep(REFUSED_PAUSE).await;
                None
            }
        }
    }

    /// Stages the event of a job that is given up.
    pub(super) fn tell_failure(&self, write: &mut Write, id: JobId, job: &Job) {
        if job.state != JobState::Failed {
            return;
        }
        let data = serde_json::json!({
            "job_id": id, "kind": job.kind, "queue": job.queue, "tries": job.tries,
            "error": job.error, "user_id": job.user, "batch_id": job.batch,
        });
        write.event(&Event {
            id: self.0.shell.id(),
            kind: "job.failed".into(),
            tenant: job.tenant,
            user: job.user,
            key: format!("job:{id}"),
            at: self.0.shell.now(),
            data: data.to_string(),
        });
    }
}

enum Commit {
    /// Nothing is left to do.
    Done,
    /// What the handler had read was changed: run it again.
    Overtaken,
}

fn told(job: &Job) {
    metrics::counter!("zelador_jobs_total", "queue" => job.queue.clone(),
        "kind" => job.kind.clone(), "state" => job.state.word())
    .increment(1);
    match (job.state, job.history.last()) {
        (JobState::Failed, _) => {
            tracing::error!(error = job.error, "job failed for good");
        }
        (JobState::Scheduled, Some(attempt)) => tracing::warn!(
            error = attempt.error,
            again_at = job.run_at.map(tracing::field::display),
            "job will be tried again"
        ),
        _ => tracing::debug!(state = job.state.word(), "job ended"),
    }
}

fn timed_out(handler: &dyn Handler, limit: Duration) -> Ending {
    if handler.fails_on_timeout() {
        let error = format!("stopped after its time limit of {} s", limit.as_secs());
        Ending::Hopeless { error }
    } else {
        Ending::TimedOut { limit }
    }
}

fn ending_of(failure: Failure) -> Ending {
    match failure {
        Failure::Retry { error, after } => Ending::Failed { error, after },
        Failure::Permanent { error } => Ending::Hopeless { error },
        Failure::Snooze { until, reason } => Ending::Snoozed { until, reason },
    }
}

/// What a panic said.
pub fn said(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a word".to_owned())
}
