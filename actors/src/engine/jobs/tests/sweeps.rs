//! Commands over many jobs, and answers that are kept with a command.

use std::time::Duration;

use serde_json::json;
use zelador_store::answer::Answers;
use zelador_store::job::{Job, JobCounts, JobState, Jobs};
use zelador_store::{Query, Stored, Timestamp, Write};

use super::{Bench, diagnostic};
use crate::engine::jobs::{Enqueued, Failure, Filter, JobQuery, NewJob};
use crate::error::{Error, Refusal};
use crate::{Keep, PendingAnswer, Rendered};

fn keep<R: 'static>(scope: u8, show: impl Fn(&R) -> String + Send + Sync + 'static) -> Keep<R> {
    let expires_at = Timestamp::MAX;
    let pending = PendingAnswer { scope: [scope; 32], fingerprint: [0; 32], expires_at };
    Keep::new(pending, move |record| {
        let body = show(record);
        Some(Rendered { status: 200, location: None, etag: None, body })
    })
}

async fn kept(bench: &Bench, scope: u8) -> Option<String> {
    let found = bench.world.shell.store.get::<Answers>(&[scope; 32]).await;
    found.unwrap().map(|stored| stored.row.body)
}

#[track_caller]
fn refused<T: std::fmt::Debug>(outcome: Result<T, Error>, expected: &str) {
    match outcome {
        Err(Error::Refused(Refusal::Conflict { code, .. })) => assert_eq!(code, expected),
        Err(Error::Refused(Refusal::Invalid(flaws))) => {
            let found: Vec<_> = flaws.iter().map(|f| format!("{} {}", f.field, f.code)).collect();
            assert_eq!(found.join(", "), expected);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn answers_land_with_the_command() {
    let bench = Bench::new(&[]);
    let later = bench.world.shell.now() + Duration::from_secs(60);
    let enqueue = async |scope| {
        let keep = keep(scope, |done: &Enqueued| format!("{} {}", done.id, done.existed));
        let job = diagnostic(&json!({})).unique("k").at(later);
        bench.desk.enqueue(job, |done| keep.alone(done)).await.unwrap().id
    };
    let id = enqueue(1).await;
    assert_eq!(enqueue(2).await, id);
    assert_eq!(kept(&bench, 1).await, Some(format!("{id} false")));
    assert_eq!(kept(&bench, 2).await, Some(format!("{id} true")));
    let word = |job: &Job| job.state.word().to_owned();
    bench.desk.run_now(id, Some(&keep(3, word)), None).await.unwrap();
    bench.desk.cancel(id, Some(&keep(4, word)), None).await.unwrap();
    bench.desk.retry(id, Some(&keep(5, word)), None).await.unwrap();
    bench.desk.pause("default", true, Some(&keep(6, ToString::to_string)), None).await.unwrap();
    for (scope, expected) in [(3, "ready"), (4, "cancelled"), (5, "ready"), (6, "true")] {
        assert_eq!(kept(&bench, scope).await.as_deref(), Some(expected));
    }
    // Refused: nothing to keep.
    assert!(bench.desk.retry(id, Some(&keep(7, word)), None).await.is_err());
    assert_eq!(kept(&bench, 7).await, None);
}

#[tokio::test]
async fn a_job_is_not_retried_beside_a_younger_one_of_its_key() {
    let bench = Bench::new(&[]);
    let first = bench.enqueue(diagnostic(&json!({})).unique("k")).await;
    bench.desk.cancel(first, None, None).await.unwrap();
    bench.enqueue(diagnostic(&json!({})).unique("k")).await;
    refused(bench.desk.retry(first, None, None).await, "job_exists");
}

#[tokio::test]
async fn a_batch_has_no_key_twice() {
    let bench = Bench::new(&[]);
    let one = || diagnostic(&json!({})).unique("k");
    let jobs = vec![one(), diagnostic(&json!({})), one()];
    let outcome = bench.desk.enqueue_batch(jobs, None, |_| Write::new()).await;
    refused(outcome, "[2].unique_key repeated_key");
    bench.enqueue(one()).await;
    let outcome = bench.desk.enqueue_batch(vec![one()], None, |_| Write::new()).await;
    refused(outcome, "job_exists");
}

#[tokio::test]
async fn what_nobody_could_do_is_not_admitted() {
    let bench = Bench::new(&[]);
    let good = diagnostic(&json!({}));
    let bad = NewJob {
        queue: Some("nowhere".to_owned()),
        args: "[]".to_owned(),
        unique: Some("k".repeat(257)),
        ..NewJob::new("nothing.known", &())
    };
    let large = diagnostic(&json!({ "x": "y".repeat(16 * 1024) }));
    bench.desk.admit([(String::new(), &good)]).await.unwrap();
    let jobs = [("[0].".to_owned(), &good), ("[1].".to_owned(), &bad), ("[2].".to_owned(), &large)];
    refused(
        bench.desk.admit(jobs).await,
        "[1].kind unknown_kind, [1].queue unknown_queue, [1].args type, \
         [1].unique_key too_many_bytes, [2].args too_many_bytes",
    );
}

/// Jobs that fail as soon as they start, some in another queue.
async fn failed(bench: &Bench, count: usize) {
    for number in 0..count {
        let queue = (number % 3 == 0).then(|| "user-status".to_owned());
        bench.enqueue(NewJob { queue, ..NewJob::new("nothing.known", &json!({})) }).await;
    }
    all_are(bench, count, JobState::Failed).await;
}

async fn all_are(bench: &Bench, count: usize, state: JobState) {
    crate::testkit::eventually("all have ended", async || {
        let query = JobQuery { state: Some(state), limit: 1000, ..JobQuery::default() };
        (bench.desk.jobs(&query).await.unwrap().rows.len() == count).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_sweep_takes_all_that_is_meant() {
    let bench = Bench::new(&[]);
    bench.start();
    failed(&bench, 250).await;
    bench.world.hand.advance(Duration::from_secs(1));
    let of = |queue: &str| Filter { queue: Some(queue.to_owned()), kind: None };
    assert_eq!(bench.desk.retry_all(&of("nowhere"), None).await.unwrap(), 0);
    assert_eq!(bench.desk.retry_all(&of("user-status"), None).await.unwrap(), 84);
    all_are(&bench, 250, JobState::Failed).await;
    assert_eq!(bench.desk.retry_all(&Filter::default(), None).await.unwrap(), 250);
    all_are(&bench, 250, JobState::Failed).await;
    bench.world.hand.advance(Duration::from_secs(1));
    let other = Filter { kind: Some("diagnostic".to_owned()), queue: None };
    assert_eq!(bench.desk.forget_all(JobState::Failed, &other, None).await.unwrap(), 0);
    refused(bench.desk.forget_all(JobState::Ready, &other, None).await, "state job_state_live");
    let all = Filter::default();
    assert_eq!(bench.desk.forget_all(JobState::Failed, &all, None).await.unwrap(), 250);
    let left = bench.world.shell.store.counts::<JobCounts>(&Query::all()).await;
    assert!(left.unwrap().rows.iter().all(|(_, count)| *count == 0));
}

/// As when they fail again faster than the sweep goes on.
#[tokio::test]
async fn a_sweep_takes_no_job_twice() {
    let bench = Bench::new(&[]);
    bench.start();
    failed(&bench, 250).await;
    let turns = std::cell::Cell::new(0);
    let fail_again = |write: &mut Write, stored: &Stored<Jobs>| {
        turns.set(turns.get() + 1);
        if turns.get() < 1000 {
            let ended_at = stored.row.ended_at.map(|at| at + Duration::from_secs(1));
            write.move_job(stored, &Job { ended_at, ..stored.row.clone() });
        }
    };
    let swept = bench.desk.sweep(JobState::Failed, &Filter::default(), fail_again).await;
    assert_eq!((swept.unwrap(), turns.get()), (250, 250));
}

#[tokio::test]
async fn work_that_cannot_be_stored_fails_its_job() {
    use zelador_store::event::Event;
    let handler = super::scripted(|cx| async move {
        let mut write = Write::new();
        write.event(&Event {
            id: cx.shell.id(),
            kind: "x".to_owned(),
            tenant: None,
            user: None,
            key: String::new(),
            at: cx.shell.now(),
            data: "x".repeat(70_000),
        });
        Ok::<_, Failure>(write)
    });
    let bench = Bench::new(&[("tenant.purge", handler)]);
    bench.start();
    let id = bench.enqueue(NewJob::new("tenant.purge", &json!({}))).await;
    let job = bench.reaches(id, JobState::Failed).await;
    assert!(job.error.unwrap().contains("65536"));
}
