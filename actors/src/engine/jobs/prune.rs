//! The kind `jobs.prune`: forgets jobs, batches, kept answers and sessions whose time
//! is over.

use std::time::Duration;

use async_trait::async_trait;
use zelador_store::answer::{Answers, AnswersByExpiry};
use zelador_store::job::{BatchCounts, Batches, JobState, JobsByPlace};
use zelador_store::session::{Sessions, SessionsByExpiry};
use zelador_store::{Query, Timestamp, Write};

use super::handler::{Failure, Handler, JobCx};

const DAY: Duration = Duration::from_secs(24 * 3600);

/// How long a job that came to its end is kept.
fn kept_for(state: JobState) -> Duration {
    match state {
        JobState::Failed => 90 * DAY,
        _ => 7 * DAY,
    }
}

/// Rows forgotten in one commit.
const PAGE: usize = 200;

/// Forgets what is over.
pub struct Prune;

#[async_trait]
impl Handler for Prune {
    async fn run(&self, cx: JobCx) -> Result<Write, Failure> {
        let now = cx.shell.now();
        let mut forgotten = 0;
        for queue in queues(&cx).await? {
            for state in [JobState::Succeeded, JobState::Failed, JobState::Cancelled] {
                let before = now - kept_for(state);
                forgotten += jobs(&cx, &queue, state, before).await?;
                cx.progress(forgotten, forgotten, "forgetting old jobs");
            }
        }
        let batches = batches(&cx, now - 90 * DAY).await?;
        let answers = answers(&cx, now).await?;
        let sessions = sessions(&cx, now).await?;
        tracing::info!(jobs = forgotten, batches, answers, sessions, "old work forgotten");
        Ok(Write::new())
    }
}

/// The queues that hold ended jobs: each seek finds the next one.
async fn queues(cx: &JobCx) -> Result<Vec<zelador_store::kv::Term>, Failure> {
    let counts = Query::all().limit(10_000);
    let page = cx.shell.store.counts::<zelador_store::job::JobCounts>(&counts).await?;
    let mut names: Vec<_> = page.rows.into_iter().map(|((queue, _), _)| queue).collect();
    names.dedup();
    Ok(names)
}

async fn jobs(
    cx: &JobCx,
    queue: &zelador_store::kv::Term,
    state: JobState,
    before: Timestamp,
) -> Result<u64, Failure> {
    let place = (state.code(), queue.clone(), 0);
    let end = (place.0, place.1.clone(), 0, before);
    let old = Query::under(&place).to_key(&end).limit(PAGE);
    let mut count = 0;
    loop {
        let page = cx.shell.store.page_by::<JobsByPlace>(&old).await?;
        if page.rows.is_empty() {
            return Ok(count);
        }
        let mut write = Write::new();
        page.rows.iter().for_each(|stored| {
            write.forget_job(stored);
        });
        count += page.rows.len() as u64;
        cx.shell.store.commit(write).await?;
    }
}

async fn batches(cx: &JobCx, before: Timestamp) -> Result<u64, Failure> {
    let mut count = 0;
    let mut cursor = None;
    loop {
        let page = cx.shell.store.page::<Batches>(&Query::all().limit(PAGE).after(cursor)).await?;
        let mut write = Write::new();
        for stored in page.rows.iter().filter(|s| s.row.ended_at.is_some_and(|at| at < before)) {
            // A job retried by hand may outlive the others of its batch.
            let left = cx.shell.store.counts::<BatchCounts>(&Query::under(&(stored.key,))).await?;
            if left.rows.is_empty() {
                write.remove::<Batches>(stored);
                count += 1;
            }
        }
        if !write.is_empty() {
            cx.shell.store.commit(write).await?;
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(count);
        }
    }
}

/// Sessions that could not be refreshed any more, ended or not.
async fn sessions(cx: &JobCx, now: Timestamp) -> Result<u64, Failure> {
    let over = Query::all().to_key(&now).limit(PAGE);
    let mut count = 0;
    loop {
        let page = cx.shell.store.page_by::<SessionsByExpiry>(&over).await?;
        if page.rows.is_empty() {
            return Ok(count);
        }
        let mut write = Write::new();
        page.rows.iter().for_each(|stored| {
            write.remove::<Sessions>(stored);
        });
        match cx.shell.store.commit(write).await {
            Ok(_) => count += page.rows.len() as u64,
            // Somebody has ended one meanwhile: look again.
            Err(error) if error.is_conflict() => {}
            Err(error) => return Err(error.into()),
        }
    }
}

async fn answers(cx: &JobCx, now: Timestamp) -> Result<u64, Failure> {
    let over = Query::all().to_key(&now).limit(PAGE);
    let mut count = 0;
    loop {
        let page = cx.shell.store.page_by::<AnswersByExpiry>(&over).await?;
        if page.rows.is_empty() {
            return Ok(count);
        }
        let mut write = Write::new();
        page.rows.iter().for_each(|stored| {
            write.remove::<Answers>(stored);
        });
        count += page.rows.len() as u64;
        cx.shell.store.commit(write).await?;
    }
}
