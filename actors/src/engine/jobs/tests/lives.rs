//! Single jobs through their lives.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use zelador_store::job::{JobState, Jobs, Outcome};
use zelador_store::{Query, Write};

use super::{Bench, diagnostic, gated, scripted};
use crate::engine::jobs::{Failure, JobCx, NewJob};
use crate::testkit::eventually;

#[tokio::test]
async fn a_job_runs_and_succeeds() {
    let bench = Bench::new(&[]);
    bench.start();
    let id = bench.enqueue(diagnostic(&json!({}))).await;
    let job = bench.reaches(id, JobState::Succeeded).await;
    assert_eq!(job.tries, 1);
    assert_eq!(job.history[0].outcome, Outcome::Succeeded);
    assert_eq!(job.progress, Some((1, 1, "done".into())));
}

#[tokio::test]
async fn a_job_waits_for_its_time_and_not_longer() {
    let bench = Bench::new(&[]);
    bench.start();
    let at = bench.world.shell.now() + Duration::from_secs(60);
    let id = bench.enqueue(diagnostic(&json!({})).at(at)).await;
    bench.world.hand.advance(Duration::from_millis(59_999));
    let other = bench.enqueue(diagnostic(&json!({}))).await;
    bench.reaches(other, JobState::Succeeded).await;
    assert_eq!(bench.desk.job(id).await.unwrap().unwrap().state, JobState::Scheduled);
    bench.world.hand.advance(Duration::from_millis(1));
    bench.reaches(id, JobState::Succeeded).await;
}

#[tokio::test]
async fn a_failing_job_is_tried_again_and_then_given_up_with_an_event() {
    let bench = Bench::new(&[]);
    bench.start();
    let id = bench.enqueue(diagnostic(&json!({"fail_times": 9}))).await;
    for failed in 1..3 {
        eventually("a failed try", async || {
            let job = bench.desk.job(id).await.unwrap()?;
            (job.state == JobState::Scheduled && job.history.len() == failed).then_some(())
        })
        .await;
        bench.world.hand.advance(Duration::from_secs(6));
    }
    let job = bench.reaches(id, JobState::Failed).await;
    assert_eq!(job.history.len(), 3);
    assert_eq!(job.error.as_deref(), Some("told to fail 9 times"));
    let all = Query::all();
    let log = bench.world.shell.store.page::<zelador_store::event::Events>(&all);
    let log = log.await.unwrap().rows;
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].row.kind, "job.failed");
    let again = bench.desk.retry(id, None, None).await.unwrap();
    assert_eq!(again.state, JobState::Ready);
}

#[tokio::test]
async fn a_panic_is_a_failed_try_and_nobody_else_notices() {
    let bench = Bench::new(&[]);
    bench.start();
    let bad = bench.enqueue(diagnostic(&json!({"panic": true}))).await;
    let good = bench.enqueue(diagnostic(&json!({}))).await;
    bench.reaches(good, JobState::Succeeded).await;
    let job = bench.reaches(bad, JobState::Scheduled).await;
    assert_eq!(job.history[0].outcome, Outcome::Panicked);
    assert_eq!(job.error.as_deref(), Some("panicked: told to panic"));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_takes_too_long_is_stopped() {
    let (stuck, ..) = gated();
    let bench = Bench::new(&[("user.status_change", stuck)]);
    bench.set(|settings| settings.kinds.values_mut().for_each(|kind| kind.timeout_seconds = 5));
    bench.start();
    let id = bench.enqueue(NewJob::new("user.status_change", &json!({}))).await;
    let job = bench.reaches(id, JobState::Scheduled).await;
    assert_eq!(job.history[0].outcome, Outcome::TimedOut);
    let stubborn = bench.enqueue(diagnostic(&json!({"sleep_ms": 10_000}))).await;
    let job = bench.reaches(stubborn, JobState::Failed).await;
    assert_eq!(job.tries, 1, "a diagnostic job fails on its time limit");
}

#[tokio::test]
async fn a_snooze_costs_no_try_and_one_without_a_time_waits_for_a_decision() {
    let later = scripted(|cx: JobCx| async move {
        if cx.shell.now() < "2025-12-01T13:00:00Z".parse().unwrap() {
            let until = (cx.args::<bool>()?).then(|| cx.shell.now() + Duration::from_secs(1800));
            return Err(Failure::Snooze { until, reason: "the instance is full".into() });
        }
        Ok(Write::new())
    });
    let bench = Bench::new(&[("tenant.purge", later)]);
    bench.start();
    let timed = bench.enqueue(NewJob::new("tenant.purge", &true)).await;
    let held = bench.enqueue(NewJob::new("tenant.purge", &false)).await;
    let job = bench.reaches(timed, JobState::Scheduled).await;
    assert_eq!((job.tries, job.error.as_deref()), (0, Some("the instance is full")));
    bench.reaches(held, JobState::Scheduled).await;
    bench.world.hand.advance(Duration::from_secs(7200));
    bench.reaches(timed, JobState::Succeeded).await;
    assert_eq!(bench.desk.job(held).await.unwrap().unwrap().state, JobState::Scheduled);
    bench.desk.run_now(held, None, None).await.unwrap();
    bench.reaches(held, JobState::Succeeded).await;
}

#[tokio::test]
async fn a_running_job_is_called_off() {
    let (stuck, runs, _gate) = gated();
    let bench = Bench::new(&[("tenant.purge", stuck)]);
    bench.start();
    let id = bench.enqueue(NewJob::new("tenant.purge", &json!({}))).await;
    eventually("it runs", async || (runs.load(Ordering::SeqCst) == 1).then_some(())).await;
    bench.desk.cancel(id, None, None).await.unwrap();
    bench.reaches(id, JobState::Cancelled).await;
    assert!(bench.desk.cancel(id, None, None).await.is_err());
}

#[tokio::test]
async fn a_second_job_of_a_key_answers_the_first_while_it_lives() {
    let bench = Bench::new(&[]);
    let first = bench.enqueue(diagnostic(&json!({})).unique("k")).await;
    let second = bench.desk.enqueue(diagnostic(&json!({})).unique("k"), |_| Write::new());
    let second = second.await.unwrap();
    assert!(second.existed && second.id == first);
    bench.start();
    bench.reaches(first, JobState::Succeeded).await;
    assert_ne!(bench.enqueue(diagnostic(&json!({})).unique("k")).await, first);
}

#[tokio::test]
async fn what_a_job_does_and_its_end_are_one_commit_even_when_it_is_overtaken() {
    // The handler's work is to pause a queue that somebody else pauses under it.
    use zelador_store::job::{Queue, Queues};
    let (runs, meddled) = (std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0)), "x");
    let counted = runs.clone();
    let handler = scripted(move |cx: JobCx| {
        let counted = counted.clone();
        async move {
            let stored = cx.shell.store.get::<Queues>(&meddled.to_owned()).await?;
            let mut write = Write::new();
            match &stored {
                Some(stored) => write.update::<Queues>(stored, &Queue { paused: true }),
                None => write.insert::<Queues>(&meddled.to_owned(), &Queue { paused: true }),
            };
            if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                let mut other = Write::new();
                other.insert::<Queues>(&meddled.to_owned(), &Queue::default());
                cx.shell.store.commit(other).await?;
            }
            Ok(write)
        }
    });
    let bench = Bench::new(&[("tenant.purge", handler)]);
    bench.start();
    let id = bench.enqueue(NewJob::new("tenant.purge", &json!({}))).await;
    let job = bench.reaches(id, JobState::Succeeded).await;
    assert_eq!((job.tries, runs.load(Ordering::SeqCst)), (1, 2));
    let queue = bench.world.shell.store.get::<Queues>(&"x".to_owned()).await.unwrap().unwrap();
    assert!(queue.row.paused);
}

#[tokio::test]
async fn stopping_costs_no_try_and_a_crash_is_recovered() {
    let (stuck, runs, _gate) = gated();
    let bench = Bench::new(&[("tenant.purge", stuck)]);
    let work = bench.start();
    let id = bench.enqueue(NewJob::new("tenant.purge", &json!({}))).await;
    eventually("it runs", async || (runs.load(Ordering::SeqCst) == 1).then_some(())).await;
    bench.desk.stop(Duration::ZERO).await;
    work.await.unwrap();
    let job = bench.desk.job(id).await.unwrap().unwrap();
    assert_eq!((job.state, job.tries), (JobState::Ready, 0));

    // A process that ends in the middle leaves the job running.
    let stored = bench.world.shell.store.get::<Jobs>(&id).await.unwrap().unwrap();
    let mut write = Write::new();
    write.move_job(&stored, &crate::engine::jobs::rules::begin(&stored.row, stored.row.created_at));
    bench.world.shell.store.commit(write).await.unwrap();
    let (done, _, gate) = gated();
    gate.add_permits(1);
    let next = Bench::on(bench.world, &[("tenant.purge", done)]);
    next.start();
    let job = next.reaches(id, JobState::Succeeded).await;
    let outcomes: Vec<Outcome> = job.history.iter().map(|attempt| attempt.outcome).collect();
    assert_eq!(outcomes, [Outcome::Released, Outcome::Interrupted, Outcome::Succeeded]);
    assert_eq!(job.tries, 2);
}

#[tokio::test]
async fn the_end_of_a_job_waits_for_a_disk_that_is_full() {
    let (handler, runs, gate) = gated();
    let bench = Bench::new(&[("tenant.purge", handler)]);
    bench.start();
    let id = bench.enqueue(NewJob::new("tenant.purge", &json!({}))).await;
    eventually("it runs", async || (runs.load(Ordering::SeqCst) == 1).then_some(())).await;
    bench.world.memory.refuse(Some(|| zelador_store::kv::EngineError::Full));
    gate.add_permits(1);
    let refused = bench.desk.enqueue(diagnostic(&json!({})), |_| Write::new()).await;
    assert!(matches!(refused, Err(crate::Error::StorageFull)));
    bench.world.memory.refuse(None);
    bench.reaches(id, JobState::Succeeded).await;
}
