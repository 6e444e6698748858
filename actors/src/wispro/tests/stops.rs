//! Runs that stop: braked, refused, put off.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::json;
use zelador_store::job::JobState;

use super::super::messages::Choice;
use super::*;
use crate::error::{Error, Refusal};

fn code_of(error: Error) -> (&'static str, Value) {
    match error {
        Error::Refused(Refusal::Conflict { code, details, .. }) => (code, details),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_run_that_would_change_too_much_asks_and_goes_on_when_approved() {
    let bench = Bench::new(clients(60));
    bench.sync().await;
    for client in bench.made.clients.lock().iter_mut() {
        client["zone_name"] = json!("Sur");
    }
    let before = bench.users().await;
    let id = bench.start(SyncArgs::default()).await;
    let view = bench.reaches(id, "braked").await;
    assert_eq!(view.run.as_ref().unwrap().brake.as_ref().unwrap().rule, "too_many_changed");
    let job = view.job.clone().unwrap();
    assert_eq!((job.state, job.run_at), (JobState::Scheduled, None));
    assert_eq!(bench.users().await, before, "nothing is changed before somebody decides");
    // A new one is refused with the id of this one.
    let refused = bench.desk.start(&SyncArgs::default(), &operator(), None).await.unwrap_err();
    assert_eq!(code_of(refused), ("sync_running", json!({"job_id": id})));
    bench.desk.decide(id, Choice::Approve, &operator(), None).await.unwrap();
    let view = bench.reaches(id, "completed").await;
    assert_eq!(five(&view), [0, 60, 0, 0, 0]);
    assert!(bench.events().await.contains(&"wispro.sync_braked".to_owned()));
    let again = bench.desk.decide(id, Choice::Approve, &operator(), None).await.unwrap_err();
    assert_eq!(code_of(again).0, "sync_not_braked");
}

#[tokio::test]
async fn a_discarded_run_changes_nothing_and_frees_the_way() {
    let bench = Bench::new(clients(5));
    bench.made.promises.store(3, Ordering::SeqCst);
    let id = bench.start(SyncArgs::default()).await;
    let view = bench.reaches(id, "braked").await;
    assert_eq!(view.run.unwrap().brake.unwrap().rule, "fewer_than_promised");
    bench.desk.decide(id, Choice::Discard, &operator(), None).await.unwrap();
    assert_eq!(bench.view(id).await.state(), "discarded");
    assert!(bench.users().await.is_empty());
    bench.made.promises.store(0, Ordering::SeqCst);
    assert_eq!(five(&bench.sync().await), [5, 0, 0, 0, 0]);
    assert_eq!(bench.staged().await, 0, "what the other run left is cleared");
}

#[tokio::test]
async fn a_job_called_off_by_hand_discards_its_run() {
    let bench = Bench::new(clients(5));
    bench.made.promises.store(3, Ordering::SeqCst);
    let id = bench.start(SyncArgs::default()).await;
    bench.reaches(id, "braked").await;
    bench.jobs.cancel(id, None, None).await.unwrap();
    assert_eq!(bench.view(id).await.state(), "discarded");
}

/// The token and the licence: no other try helps, and the run says which it is.
#[tokio::test]
async fn a_bad_token_and_an_expired_licence_stop_the_run_and_say_so() {
    for (status, word) in [(401, "401"), (402, "402")] {
        let bench = Bench::new(clients(30));
        *bench.made.fault.lock() = Some(Box::new(move |page| (page == 2).then(|| told(status))?));
        let id = bench.start(SyncArgs::default()).await;
        let view = bench.reaches(id, "failed").await;
        assert!(view.run.unwrap().error.unwrap().contains(word));
        assert_eq!(view.job.unwrap().tries, 1, "it is not tried again");
        assert!(bench.events().await.contains(&"wispro.sync_failed".to_owned()));
        assert!(bench.users().await.is_empty());
    }
}

/// Whatever ends the last try, the run says so in the commit of its job's end.
#[tokio::test(start_paused = true)]
async fn a_run_whose_last_try_panics_or_hangs_has_failed() {
    for (hangs, word) in [(false, "panicked"), (true, "900 s")] {
        let bench = Bench::new(clients(30));
        *bench.made.fault.lock() = Some(Box::new(move |page| {
            assert!(hangs || page < 2, "a page that breaks the client");
            None
        }));
        bench.made.hangs.store(hangs, Ordering::SeqCst);
        let id = bench.start(SyncArgs::default()).await;
        for tries in 1..=3 {
            // A try that hangs takes its whole time, which is made up here.
            let tried = tokio::time::timeout(Duration::from_secs(1000), async {
                loop {
                    let job = bench.jobs.job(id).await.unwrap().unwrap();
                    if job.tries == tries && job.state != JobState::Running {
                        return job;
                    }
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            });
            let job = tried.await.unwrap();
            if let Some(at) = job.run_at.filter(|_| tries < 3) {
                assert_ne!(bench.view(id).await.state(), "failed");
                bench.world.hand.set(at);
            }
        }
        let view = bench.view(id).await;
        assert_eq!(view.state(), "failed");
        let run = view.run.unwrap();
        assert!(run.error.as_ref().unwrap().contains(word), "{run:?}");
        assert!(run.ended_at.is_some());
        assert_eq!(view.job.unwrap().state, JobState::Failed);
        assert!(bench.events().await.contains(&"wispro.sync_failed".to_owned()));
    }
}

/// Whoever sees that it asks can answer: the run and its job are parked at once.
#[tokio::test]
async fn a_run_that_asks_can_be_answered_at_that_moment() {
    for _ in 0..20 {
        let bench = Bench::new(clients(5));
        bench.made.promises.store(3, Ordering::SeqCst);
        let id = bench.start(SyncArgs::default()).await;
        while bench.view(id).await.state() != "braked" {
            tokio::task::yield_now().await;
        }
        bench.desk.decide(id, Choice::Discard, &operator(), None).await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_ignores_the_page_is_found_out() {
    let bench = Bench::new(clients(30));
    let first = bench.made.page(1, 10).await.unwrap();
    *bench.made.fault.lock() = Some(Box::new(move |_| Some(Ok(first.clone()))));
    let id = bench.start(SyncArgs::default()).await;
    let view = bench.reaches(id, "failed").await;
    assert!(view.run.unwrap().error.unwrap().contains("same page"));
}

/// Two failures in a page are sat out; the page is asked for again.
#[tokio::test(start_paused = true)]
async fn passing_trouble_is_sat_out_with_waits_between() {
    let bench = Bench::new(clients(30));
    let left = Arc::new(AtomicU32::new(2));
    *bench.made.fault.lock() = Some(Box::new(move |page| {
        let failing = page == 2
            && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
        if failing { told(500) } else { None }
    }));
    let began = tokio::time::Instant::now();
    let view = bench.sync().await;
    assert_eq!(five(&view), [30, 0, 0, 0, 0]);
    assert!(began.elapsed() >= Duration::from_secs(3), "1 s, then 2 s");
    assert_eq!(bench.made.asked.load(Ordering::SeqCst), 5);
}

/// A long `Retry-After` is a snooze, which costs no try.
#[tokio::test]
async fn a_long_retry_after_puts_the_job_off() {
    let bench = Bench::new(clients(30));
    let asked = Arc::new(AtomicU32::new(0));
    *bench.made.fault.lock() = Some(Box::new(move |page| {
        let first = page == 3 && asked.fetch_add(1, Ordering::SeqCst) == 0;
        let body = Vec::new();
        first.then(|| Ok(Answer { status: 429, retry_after: Some("300".into()), body }))
    }));
    let id = bench.start(SyncArgs::default()).await;
    let waiting = eventually("put off", async || {
        bench.jobs.job(id).await.unwrap().filter(|job| job.state == JobState::Scheduled)
    });
    let job = waiting.await;
    assert_eq!(
        (job.tries, job.run_at),
        (0, Some(bench.world.shell.now() + Duration::from_secs(300)))
    );
    bench.world.hand.advance(Duration::from_secs(301));
    assert_eq!(five(&bench.reaches(id, "completed").await), [30, 0, 0, 0, 0]);
    // Pages 1 and 2 were not asked for again.
    assert_eq!(bench.made.asked.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_concern_that_is_off_refuses() {
    let bench = Bench::new(clients(1));
    bench.set(|settings| settings.mode = Mode::Off);
    let refused = bench.desk.start(&SyncArgs::default(), &operator(), None).await.unwrap_err();
    assert_eq!(code_of(refused).0, "concern_off");
}

#[tokio::test]
async fn nobody_goes_live_on_people_of_the_sandbox() {
    let bench = Bench::new(clients(1));
    bench.sync().await;
    bench.set(|settings| live(settings, "sandbox.example"));
    let refused = bench.desk.start(&SyncArgs::default(), &operator(), None).await.unwrap_err();
    assert_eq!(code_of(refused).0, "sandbox_records");
}

#[tokio::test]
async fn a_tenant_that_is_not_there_is_named() {
    let bench = Bench::new(clients(1));
    bench.set(|settings| live(settings, "nowhere.example"));
    let id = bench.start(SyncArgs::default()).await;
    let view = bench.reaches(id, "failed").await;
    assert!(view.job.unwrap().error.unwrap().contains("nowhere.example"));
}
