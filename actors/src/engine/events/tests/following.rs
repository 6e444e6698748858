//! Consumers that follow the log without trouble.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::stutter::Stutter;
use super::{Bench, Scripted, deeds, noting, scripted, tell};
use crate::engine::events::{Begin, Consume, EventDesk, Metrics};
use crate::error::{Error, Refusal};
use crate::testkit::{World, eventually};

#[tokio::test]
async fn events_are_handled_in_order_and_once() {
    let bench = Bench::new(noting());
    bench.tell(700).await;
    let task = bench.start();
    bench.reaches(700).await;
    bench.tell(5).await;
    bench.reaches(705).await;
    assert_eq!(bench.deeds().await, (1..=705).collect::<Vec<u64>>());
    bench.desk.stop();
    task.await.unwrap();
}

#[tokio::test]
async fn unwanted_events_are_passed_in_bulk() {
    let world = World::new();
    let (shell, engine) = Stutter::under(&world);
    let rare = scripted(|event| event.kind == "user.deleted", async |_, _| Ok(()));
    let desk = EventDesk::new(shell, vec![rare]);
    tell(&world.shell, 1000, "user.updated", None).await;
    tell(&world.shell, 1, "user.deleted", None).await;
    tell(&world.shell, 1000, "user.updated", None).await;
    let working = desk.clone();
    tokio::spawn(async move { working.work("scripted").await });
    eventually("the end", async || {
        desk.row("scripted").await.unwrap().filter(|at| at.row.cursor == 2001)
    })
    .await;
    assert_eq!(deeds(&world.shell.store).await, [1001]);
    assert!(engine.by.applied() <= 12, "commits: {}", engine.by.applied());
}

#[tokio::test(start_paused = true)]
async fn unwanted_events_that_come_one_by_one_cost_no_commit_each() {
    let world = World::new();
    let (shell, engine) = Stutter::under(&world);
    let desk = EventDesk::new(shell.clone(), vec![scripted(|_| false, async |_, _| Ok(()))]);
    let working = desk.clone();
    tokio::spawn(async move { working.work("scripted").await });
    for _ in 0..50 {
        tell(&shell, 1, "user.updated", None).await;
        // Time stands still; the consumer has its turn.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
    eventually("the end", async || {
        desk.row("scripted").await.unwrap().filter(|at| at.row.cursor == 50)
    })
    .await;
    // Those of the events, and very few of the consumer's.
    assert!(engine.by.applied() <= 53, "commits: {}", engine.by.applied());
}

#[tokio::test]
async fn a_consumer_may_begin_with_what_happens_from_now_on() {
    let consumer: Arc<dyn Consume> =
        Arc::new(Scripted { script: async |_, _| Ok(()), wants: |_| true, begins: Begin::Now });
    let bench = Bench::new(consumer);
    bench.tell(10).await;
    bench.desk.attach().await.unwrap();
    // Told after it was attached, before its loop runs.
    bench.tell(3).await;
    bench.start();
    bench.reaches(13).await;
    assert_eq!(bench.deeds().await, [11, 12, 13]);
}

#[tokio::test]
async fn a_stopped_consumer_resumes_at_its_cursor() {
    let bench = Bench::new(noting());
    bench.tell(10).await;
    let task = bench.start();
    bench.reaches(10).await;
    bench.desk.stop();
    task.await.unwrap();
    bench.tell(10).await;
    let again = EventDesk::new(bench.world.shell.clone(), vec![noting()]);
    tokio::spawn(async move { again.work("scripted").await });
    bench.reaches(20).await;
    assert_eq!(bench.deeds().await, (1..=20).collect::<Vec<u64>>());
}

#[tokio::test]
async fn two_loops_of_one_consumer_do_everything_once() {
    let bench = Bench::new(noting());
    bench.tell(500).await;
    bench.start();
    bench.start();
    bench.reaches(500).await;
    assert_eq!(bench.deeds().await, (1..=500).collect::<Vec<u64>>());
}

#[tokio::test]
async fn the_view_says_where_a_consumer_stands() {
    let bench = Bench::new(scripted(|event| event.kind == "user.deleted", async |_, _| Ok(())));
    bench.desk.attach().await.unwrap();
    bench.tell(30).await;
    tell(&bench.world.shell, 12, "user.deleted", None).await;
    let views = bench.desk.consumers().await.unwrap();
    assert_eq!(views.len(), 1);
    let view = &views[0];
    assert_eq!((view.name.as_str(), view.known), ("scripted", true));
    assert_eq!((view.row.cursor, view.lag, view.pending, view.parked), (0, 42, 12, 0));
    bench.start();
    bench.reaches(42).await;
    let view = &bench.desk.consumers().await.unwrap()[0];
    assert_eq!((view.row.cursor, view.lag, view.pending), (42, 0, 0));
    let absent = bench.desk.work("nobody").await;
    assert!(matches!(absent, Err(Error::Refused(Refusal::Absent { what: "consumer" }))));
}

#[tokio::test]
async fn the_metrics_consumer_keeps_up() {
    let bench = Bench::new(Arc::new(Metrics::default()));
    bench.desk.attach().await.unwrap();
    bench.tell(600).await;
    let desk = bench.desk.clone();
    tokio::spawn(async move { desk.work("metrics").await });
    eventually("the end of the log", async || {
        let row = bench.desk.row("metrics").await.unwrap()?.row;
        (row.cursor == 600).then_some(())
    })
    .await;
    // Each was handled once: what was noted before it is what is noted after it.
    assert_eq!(bench.desk.parked("metrics", 0, 100).await.unwrap(), []);
}

#[tokio::test]
async fn a_hundred_thousand_events_are_quick() {
    let bench = Bench::new(noting());
    bench.tell(100_000).await;
    let began = Instant::now();
    bench.start();
    bench.reaches(100_000).await;
    let took = began.elapsed();
    assert_eq!(bench.deeds().await, (1..=100_000).collect::<Vec<u64>>());
    assert!(took < Duration::from_secs(60), "{took:?}");
}
