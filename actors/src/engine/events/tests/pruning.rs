//! Retention: from the front, never past an attached consumer.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use zelador_store::Write;
use zelador_store::event::{Consumer, Consumers, ParkedEvents};
use zelador_store::job::JobState;

use super::{Bench, log, noting, ok_for, rows};
use crate::engine::events::PruneEvents;
use crate::engine::jobs::{Failure, Handlers, JobDesk, JobSettings, NewJob};
use crate::engine::settings::{EventSettings, default_kinds, default_queues};
use crate::testkit::eventually;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Runs the job once, as the daemon does.
async fn prune(bench: &Bench, retention_days: u32, max_lag: u64) {
    let (_, settings) = watch::channel(Arc::new(EventSettings {
        retention_days,
        max_lag,
        ..EventSettings::default()
    }));
    let prune = PruneEvents::new(bench.desk.clone(), settings);
    let mut handlers: Handlers = HashMap::new();
    handlers.insert("events.prune", Arc::new(prune));
    let settings = JobSettings { queues: default_queues(), kinds: default_kinds() };
    let (_, settings) = watch::channel(Arc::new(settings));
    let jobs = JobDesk::new(bench.world.shell.clone(), handlers, settings);
    let working = jobs.clone();
    let task = tokio::spawn(async move { working.work().await.unwrap() });
    let job = NewJob::new("events.prune", &serde_json::json!({}));
    let id = jobs.enqueue(job, |_| Write::new()).await.unwrap().id;
    eventually("a pruned log", async || {
        let job = jobs.job(id).await.unwrap()?;
        (job.state == JobState::Succeeded).then_some(())
    })
    .await;
    jobs.stop(DAY).await;
    task.await.unwrap();
}

async fn seqs(bench: &Bench) -> Vec<u64> {
    log(&bench.world.shell.store).await.into_iter().map(|(seq, _)| seq).collect()
}

#[tokio::test]
async fn old_events_go_young_ones_stay_and_numbers_go_on() {
    let bench = Bench::new(noting());
    bench.tell(700).await;
    bench.world.hand.advance(5 * DAY);
    bench.tell(300).await;
    bench.start();
    bench.reaches(1000).await;
    bench.world.hand.advance(6 * DAY);
    prune(&bench, 10, 5000).await;
    assert_eq!(seqs(&bench).await, (701..=1000).collect::<Vec<u64>>());
    bench.world.hand.advance(30 * DAY);
    prune(&bench, 10, 5000).await;
    assert_eq!(seqs(&bench).await, [1000], "the last one shows where the log is");
    bench.tell(1).await;
    assert_eq!(bench.desk.tip().await.unwrap(), 1001);
}

#[tokio::test]
async fn what_an_attached_consumer_has_not_passed_stays() {
    let bench = Bench::new(ok_for(401, Failure::retry("not today")));
    bench.tell(1000).await;
    bench.start();
    bench.waits_with_tries(1).await;
    bench.world.hand.advance(Duration::from_secs(1));
    prune(&bench, 0, 5000).await;
    assert_eq!(seqs(&bench).await, (401..=1000).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_consumer_that_never_ran_has_passed_nothing() {
    let bench = Bench::new(noting());
    bench.tell(10).await;
    bench.world.hand.advance(DAY);
    prune(&bench, 0, 5000).await;
    assert_eq!(seqs(&bench).await.len(), 10);
}

#[tokio::test]
async fn a_consumer_too_far_behind_is_detached_and_the_log_goes_on() {
    let bench = Bench::new(ok_for(1, Failure::retry("not today")));
    bench.tell(1000).await;
    bench.start();
    bench.waits_with_tries(1).await;
    bench.tell(1).await;
    prune(&bench, 1, 1001).await;
    assert!(!bench.row().await.detached, "exactly max_lag behind is not too far");
    prune(&bench, 1, 1000).await;
    let row = bench.row().await;
    assert!(row.detached);
    let events = log(&bench.world.shell.store).await;
    let (seq, told) = events.last().unwrap();
    assert_eq!((*seq, told.kind.as_str()), (1002, "consumer.detached"));
    assert_eq!(told.data, r#"{"consumer":"scripted","cursor":0,"head":1001,"max_lag":1000}"#);
    // It is served no more, and holds nothing back.
    bench.world.hand.advance(2 * DAY);
    bench.tell(1).await;
    prune(&bench, 1, 1000).await;
    assert_eq!(seqs(&bench).await, [1003]);
    assert_eq!(bench.row().await.cursor, 0);
    assert!(bench.deeds().await.is_empty());
    // A replay attaches it again, at the oldest event there is.
    bench.desk.replay("scripted", 1, &Write::new()).await.unwrap();
    let row = bench.reaches(1003).await;
    assert!(!row.detached);
    assert_eq!(bench.deeds().await, [1003]);
}

#[tokio::test]
async fn a_consumer_of_another_release_is_waited_for_until_it_is_lost() {
    let bench = Bench::new(noting());
    let mut write = Write::new();
    let gone = Consumer { cursor: 3, ..Consumer::default() };
    write.insert::<Consumers>(&"gone".to_owned(), &gone);
    bench.world.shell.store.commit(write).await.unwrap();
    bench.tell(10).await;
    bench.start();
    bench.reaches(10).await;
    bench.world.hand.advance(DAY);
    prune(&bench, 0, 5000).await;
    assert_eq!(seqs(&bench).await, (4..=10).collect::<Vec<u64>>());
    let views = bench.desk.consumers().await.unwrap();
    assert_eq!((views[0].name.as_str(), views[0].known), ("gone", false));
    prune(&bench, 0, 6).await;
    assert!(bench.desk.row("gone").await.unwrap().unwrap().row.detached);
}

#[tokio::test]
async fn parked_events_go_with_their_events() {
    let bench = Bench::new(ok_for(2, Failure::permanent("never")));
    bench.tell(5).await;
    bench.start();
    bench.reaches(5).await;
    assert_eq!(rows::<ParkedEvents>(&bench.world.shell.store).await.len(), 1);
    bench.world.hand.advance(DAY);
    prune(&bench, 0, 5000).await;
    assert!(rows::<ParkedEvents>(&bench.world.shell.store).await.is_empty());
}
