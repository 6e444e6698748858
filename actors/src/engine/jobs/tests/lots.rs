//! Many jobs at once: queues, priorities, batches, limits, retention.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use zelador_store::Write;
use zelador_store::job::{JobState, Outcome};

use super::{Bench, diagnostic, gated, scripted};
use crate::engine::jobs::{Filter, JobCx, JobQuery, NewJob, Prune};
use crate::testkit::eventually;

#[tokio::test]
async fn a_queue_runs_no_more_than_its_limit_and_the_limit_is_live() {
    let (handler, runs, gate) = gated();
    let bench = Bench::new(&[("user.status_change", handler)]);
    bench.set(|settings| settings.queues.get_mut("user-status").unwrap().concurrency = 3);
    bench.start();
    for _ in 0..10 {
        bench.enqueue(NewJob::new("user.status_change", &json!({}))).await;
    }
    let started = async |count| {
        eventually("runs", async || (runs.load(Ordering::SeqCst) == count).then_some(())).await;
    };
    started(3).await;
    assert_eq!(bench.desk.running(), 3);
    bench.set(|settings| settings.queues.get_mut("user-status").unwrap().concurrency = 5);
    started(5).await;
    gate.add_permits(10);
    started(10).await;
}

#[tokio::test]
async fn a_paused_queue_starts_nothing_and_says_so() {
    let bench = Bench::new(&[]);
    bench.desk.pause("user-status-queue", true, None, None).await.unwrap();
    bench.start();
    let held = bench.enqueue(diagnostic(&json!({}))).await;
    let mut other = diagnostic(&json!({}));
    other.queue = Some("default".into());
    let other = bench.enqueue(other).await;
    bench.reaches(other, JobState::Succeeded).await;
    let queues = bench.desk.queues().await.unwrap();
    let view = queues.iter().find(|queue| queue.name == "user-status-queue").unwrap();
    assert!(view.paused && view.count(JobState::Ready) == 1 && view.oldest_ready.is_some());
    bench.desk.pause("user-status-queue", false, None, None).await.unwrap();
    bench.reaches(held, JobState::Succeeded).await;
    assert!(bench.desk.pause("no-such-queue", true, None, None).await.is_err());
}

#[tokio::test]
async fn the_higher_priority_runs_first_then_the_older() {
    let order = std::sync::Arc::new(parking_lot::Mutex::new(Vec::new()));
    let seen = order.clone();
    let handler = scripted(move |cx: JobCx| {
        let seen = seen.clone();
        async move {
            seen.lock().push(cx.args::<u32>()?);
            Ok(Write::new())
        }
    });
    let bench = Bench::new(&[("diagnostic", handler)]);
    let mut last = None;
    for (name, priority) in [(3, 1), (1, 9), (2, 5), (4, 1)] {
        let job = NewJob { priority, ..NewJob::new("diagnostic", &name) };
        last = Some(bench.enqueue(job).await);
        bench.world.hand.advance(Duration::from_millis(5));
    }
    bench.start();
    bench.reaches(last.unwrap(), JobState::Succeeded).await;
    assert_eq!(*order.lock(), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_batch_is_counted_and_followed_by_one_job_when_all_are_done() {
    let bench = Bench::new(&[]);
    let jobs =
        vec![diagnostic(&json!({})), diagnostic(&json!({"panic": "x"})), diagnostic(&json!({}))];
    let then = diagnostic(&json!({"sleep_ms": 1}));
    let started = bench.desk.enqueue_batch(jobs, Some(then), |_| Write::new()).await.unwrap();
    let (batch, ids) = (started.id, started.jobs);
    let cancelled = bench.desk.cancel(ids[2], None, None).await.unwrap();
    assert_eq!(cancelled.state, JobState::Cancelled);
    assert_eq!(bench.desk.batch(batch).await.unwrap().unwrap().waiting, 2);
    bench.start();
    let view = eventually("the batch ends", async || {
        bench.desk.batch(batch).await.unwrap().filter(|view| view.batch.ended_at.is_some())
    });
    let view = view.await;
    assert_eq!((view.waiting, view.done, view.failed, view.cancelled), (0, 1, 1, 1));
    let query = JobQuery { limit: 10, ..JobQuery::default() };
    eventually("the following job", async || {
        let page = bench.desk.jobs(&query).await.unwrap();
        let hits = page.rows.iter().filter(|job| job.row.args.contains("sleep_ms")).count();
        (hits == 1 && bench.desk.running() == 0).then_some(())
    })
    .await;
    assert_eq!(bench.desk.cancel_batch(batch, None).await.unwrap(), 0);
}

#[tokio::test]
async fn listings_go_page_by_page_without_gaps_whatever_the_filter() {
    let bench = Bench::new(&[]);
    let mut wanted = Vec::new();
    for number in 0..50 {
        let mut job = diagnostic(&json!({}));
        if number % 7 == 0 {
            job = NewJob {
                queue: Some("user-status-queue".into()),
                ..NewJob::new("tenant.purge", &1)
            };
        }
        let id = bench.enqueue(job).await;
        if number % 7 == 0 {
            wanted.push(id);
        }
        bench.world.hand.advance(Duration::from_millis(1));
    }
    for state in [None, Some(JobState::Ready)] {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let query = JobQuery {
                state,
                kind: Some("tenant.purge".into()),
                limit: 3,
                after,
                ..JobQuery::default()
            };
            let page = bench.desk.jobs(&query).await.unwrap();
            assert!(page.rows.len() <= 3);
            found.extend(page.rows.into_iter().map(|stored| stored.key));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        found.sort();
        assert_eq!(found, wanted);
    }
}

#[tokio::test]
async fn old_jobs_are_forgotten_and_young_ones_kept() {
    let bench = Bench::new(&[("jobs.prune", std::sync::Arc::new(Prune))]);
    bench.start();
    let done = bench.enqueue(diagnostic(&json!({}))).await;
    let failed = bench.enqueue(NewJob::new("nothing.known", &json!({}))).await;
    bench.reaches(done, JobState::Succeeded).await;
    bench.reaches(failed, JobState::Failed).await;
    bench.world.hand.advance(Duration::from_secs(8 * 24 * 3600));
    let prune = bench.enqueue(NewJob::new("jobs.prune", &json!({}))).await;
    bench.reaches(prune, JobState::Succeeded).await;
    assert!(bench.desk.job(done).await.unwrap().is_none());
    assert!(bench.desk.job(failed).await.unwrap().is_some());
    let count = bench.desk.forget_all(JobState::Failed, &Filter::default(), None).await.unwrap();
    assert_eq!(count, 1);
    let queues = bench.desk.queues().await.unwrap();
    let failed: u64 = queues.iter().map(|queue| queue.count(JobState::Failed)).sum();
    assert_eq!(failed, 0);
}

#[tokio::test]
async fn a_job_that_ends_the_process_again_and_again_is_failed() {
    let mut world = crate::testkit::World::new();
    let first = Bench::on(world, &[]);
    let id = first.enqueue(NewJob::new("tenant.purge", &json!({}))).await;
    world = first.world;
    for _ in 0..3 {
        // The process claims the job, and dies of it.
        let (deadly, runs, _gate) = gated();
        let bench = Bench::on(world, &[("tenant.purge", deadly)]);
        let work = bench.start();
        eventually("it runs", async || (runs.load(Ordering::SeqCst) == 1).then_some(())).await;
        work.abort();
        world = bench.world;
    }
    let (handler, runs, _gate) = gated();
    let last = Bench::on(world, &[("tenant.purge", handler)]);
    last.start();
    let job = last.reaches(id, JobState::Failed).await;
    assert_eq!((job.tries, runs.load(Ordering::SeqCst)), (3, 0));
    assert!(job.history.iter().all(|attempt| attempt.outcome == Outcome::Interrupted));
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_spreads_the_starts() {
    let (handler, runs, gate) = gated();
    gate.add_permits(100);
    let bench = Bench::new(&[("user.status_change", handler)]);
    bench.set(|settings| {
        settings.queues.get_mut("user-status").unwrap().rate_per_second = Some(1e-9);
    });
    bench.start();
    for _ in 0..5 {
        bench.enqueue(NewJob::new("user.status_change", &json!({}))).await;
    }
    eventually("one starts", async || (runs.load(Ordering::SeqCst) == 1).then_some(())).await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}
