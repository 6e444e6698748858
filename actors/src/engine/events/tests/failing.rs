//! Events that fail: tried again in their place, then parked.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use zelador_store::event::{Consumer, Consumers, Event, ParkedEvents};
use zelador_store::kv::EngineError;
use zelador_store::{Timestamp, Write};

use super::{Bench, instant, ok_for, rows, scripted};
use crate::engine::events::{Consume, EventCx};
use crate::engine::jobs::Failure;
use crate::testkit::eventually;

#[tokio::test]
async fn a_failing_event_keeps_its_place_and_is_parked_after_its_tries() {
    let bench = Bench::new(ok_for(3, Failure::retry("not today")));
    bench.tell(5).await;
    bench.start();
    let row = bench.waits_with_tries(1).await;
    assert_eq!((row.cursor, row.last_error.as_deref()), (2, Some("not today")));
    let wait = row.retry_at.unwrap().since(bench.world.shell.now());
    assert!((10_000..=11_000).contains(&wait.as_millis()), "{wait:?}");
    bench.world.hand.advance(Duration::from_secs(11));
    let row = bench.waits_with_tries(2).await;
    let wait = row.retry_at.unwrap().since(bench.world.shell.now());
    assert!((60_000..=66_000).contains(&wait.as_millis()), "{wait:?}");
    assert_eq!(bench.deeds().await, [1, 2], "nothing behind it before it");
    bench.world.hand.advance(Duration::from_secs(66));
    let row = bench.reaches(5).await;
    assert_eq!((row.tries, row.retry_at), (0, None));
    assert_eq!(bench.deeds().await, [1, 2, 4, 5]);
    let parked = bench.desk.parked("scripted", 0, 10).await.unwrap();
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].seq, parked[0].parked.tries), (3, 3));
    assert_eq!(parked[0].parked.error, "not today");
    assert_eq!(parked[0].event.as_ref().unwrap().kind, "user.updated");
    assert_eq!(bench.desk.consumers().await.unwrap()[0].parked, 1);
}

#[tokio::test]
async fn a_failure_for_good_is_parked_at_once() {
    let bench = Bench::new(ok_for(1, Failure::permanent("never")));
    bench.tell(2).await;
    bench.start();
    bench.reaches(2).await;
    assert_eq!(rows::<ParkedEvents>(&bench.world.shell.store).await.len(), 1);
    assert_eq!(bench.deeds().await, [2]);
}

#[tokio::test]
async fn tries_outlive_the_process() {
    let failing = || ok_for(1, Failure::retry("not today"));
    let bench = Bench::new(failing());
    bench.tell(1).await;
    let task = bench.start();
    bench.waits_with_tries(1).await;
    task.abort();
    bench.world.hand.advance(Duration::from_secs(11));
    bench.start();
    bench.waits_with_tries(2).await;
}

#[tokio::test]
async fn a_snooze_costs_no_try() {
    let until = instant("2025-12-01T13:00:00Z");
    let bench = Bench::new(scripted(
        |_| true,
        move |_, _| async move {
            Err(Failure::Snooze { until: Some(until), reason: "maintenance".into() })
        },
    ));
    bench.tell(1).await;
    bench.start();
    let row = bench.waits_with_tries(0).await;
    assert_eq!(row.retry_at, Some(until));
    assert_eq!(row.last_error.as_deref(), Some("maintenance"));
}

/// Changes a row it has read while somebody else changes it too.
struct Racing(AtomicU64);

#[async_trait]
impl Consume for Racing {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn wants(&self, _: &Event) -> bool {
        true
    }

    async fn consume(&self, cx: &EventCx, _: u64, _: &Event) -> Result<Write, Failure> {
        let shared = "shared".to_owned();
        let seen = cx.shell.store.get::<Consumers>(&shared).await?;
        let cursor = seen.as_ref().map_or(0, |seen| seen.row.cursor);
        let mut write = Write::new();
        let next = Consumer { cursor: cursor + 1, ..Consumer::default() };
        match &seen {
            Some(seen) => write.update::<Consumers>(seen, &next),
            None => write.insert::<Consumers>(&shared, &next),
        };
        if self.0.fetch_add(1, Ordering::SeqCst) < 3 {
            // Somebody is faster.
            let mut other = Write::new();
            let faster = Consumer { cursor: cursor + 10, ..Consumer::default() };
            match &seen {
                Some(seen) => other.update::<Consumers>(seen, &faster),
                None => other.insert::<Consumers>(&shared, &faster),
            };
            cx.shell.store.commit(other).await?;
        }
        Ok(write)
    }
}

#[tokio::test]
async fn what_was_changed_under_it_is_looked_at_again() {
    let bench = Bench::new(Arc::new(Racing(AtomicU64::new(0))));
    bench.tell(2).await;
    bench.start();
    let row = bench.reaches(2).await;
    assert_eq!(row.last_error, None, "nothing failed");
    let shared = bench.desk.row("shared").await.unwrap().unwrap();
    assert_eq!(shared.row.cursor, 32);
}

#[tokio::test(start_paused = true)]
async fn a_consumer_that_hangs_is_stopped() {
    let bench = Bench::new(scripted(
        |_| true,
        async |_, _| {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            Ok(())
        },
    ));
    bench.tell(1).await;
    bench.start();
    tokio::time::sleep(Duration::from_secs(59)).await;
    assert_eq!(bench.row().await.tries, 0);
    let row = bench.waits_with_tries(1).await;
    assert!(row.last_error.unwrap().contains("time limit"));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_refuses_costs_no_try() {
    let bench = Bench::new(super::noting());
    bench.desk.attach().await.unwrap();
    bench.tell(3).await;
    bench.world.memory.refuse(Some(|| EngineError::Full));
    bench.start();
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(bench.row().await, Consumer::default());
    bench.world.memory.refuse(None);
    assert_eq!(bench.reaches(3).await.tries, 0);
    assert_eq!(bench.deeds().await, [1, 2, 3]);
}

/// Stages more than a row can hold.
struct Fat;

#[async_trait]
impl Consume for Fat {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn wants(&self, _: &Event) -> bool {
        true
    }

    async fn consume(&self, _: &EventCx, _: u64, _: &Event) -> Result<Write, Failure> {
        let row = Consumer { last_error: Some("x".repeat(70_000)), ..Consumer::default() };
        let mut write = Write::new();
        write.insert::<Consumers>(&"fat".to_owned(), &row);
        Ok(write)
    }
}

#[tokio::test]
async fn what_can_never_be_stored_is_parked() {
    let bench = Bench::new(Arc::new(Fat));
    bench.tell(1).await;
    bench.start();
    bench.reaches(1).await;
    let parked = bench.desk.parked("scripted", 0, 10).await.unwrap();
    assert!(parked[0].parked.error.contains("over the limit"));
    assert!(parked[0].parked.at > Timestamp::EPOCH);
    eventually("an end", async || (bench.row().await.cursor == 1).then_some(())).await;
}
