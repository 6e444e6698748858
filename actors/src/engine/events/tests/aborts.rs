//! Loops that are ended anywhere: between any two steps, also between a commit
//! and its answer.

use std::sync::Arc;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use zelador_store::event::Event;
use zelador_store::{Query, Store};

use super::stutter::Stutter;
use super::{Times, deeds, scripted, tell};
use crate::engine::events::{Consume, EventDesk, rules};
use crate::engine::jobs::Failure;
use crate::testkit::{World, eventually};

/// Two in three are wanted; some fail at first, some for good.
fn troubled() -> Arc<dyn Consume> {
    scripted(
        |event: &Event| event.kind != "unwanted",
        async |seq, failed| match seq % 11 {
            3 if failed == 0 => Err(Failure::retry("not yet")),
            7 => Err(Failure::permanent("never")),
            _ => Ok(()),
        },
    )
}

async fn times(store: &Store) -> Vec<i64> {
    let page = store.counts::<Times>(&Query::all().limit(10_000)).await.unwrap();
    page.rows.into_iter().map(|(_, times)| times).collect()
}

/// One life of many short ones.
async fn live(seed: u64) {
    let mut random = StdRng::seed_from_u64(seed);
    let world = World::new();
    let (shell, _) = Stutter::under(&world);
    for _ in 0..20 {
        tell(&world.shell, 2, "wanted", None).await;
        tell(&world.shell, 1, "unwanted", None).await;
    }
    loop {
        let desk = EventDesk::new(shell.clone(), vec![troubled()]);
        let looking = desk.clone();
        let task = tokio::spawn(async move { desk.work("scripted").await.unwrap() });
        for _ in 0..random.random_range(0..60) {
            tokio::task::yield_now().await;
        }
        task.abort();
        let _ = task.await;
        // What has failed is tried again.
        world.hand.advance(Duration::from_secs(20));
        // The last event is unwanted: no life is long enough to note that it is passed.
        if looking.row("scripted").await.unwrap().is_some_and(|at| at.row.cursor >= 59) {
            break;
        }
    }
    let wanted = (1..=60).filter(|seq| seq % 3 != 0 && seq % 11 != 7);
    assert_eq!(deeds(&world.shell.store).await, wanted.collect::<Vec<u64>>(), "seed {seed}");
    assert!(times(&world.shell.store).await.iter().all(|times| *times == 1), "seed {seed}");
    let desk = EventDesk::new(world.shell.clone(), vec![troubled()]);
    let parked = desk.parked("scripted", 0, 100).await.unwrap();
    let parked: Vec<_> = parked.iter().map(|parked| parked.seq).collect();
    let given_up = (1..=60).filter(|seq| seq % 3 != 0 && seq % 11 == 7);
    assert_eq!(parked, given_up.collect::<Vec<u64>>(), "seed {seed}");
}

#[tokio::test]
async fn ended_anywhere_effects_happen_once_and_in_order() {
    for seed in 0..60 {
        live(seed).await;
    }
}

#[tokio::test]
async fn an_event_that_ends_the_process_is_parked_in_the_end_and_the_others_are_not() {
    use std::sync::atomic::{AtomicU32, Ordering};

    let world = World::new();
    tell(&world.shell, 40, "wanted", None).await;
    let deaths = Arc::new(AtomicU32::new(0));
    let mut lives = 0;
    loop {
        let dying = deaths.clone();
        let deadly = scripted(
            |_| true,
            move |seq, _| {
                let dying = dying.clone();
                async move {
                    if seq == 30 {
                        // As far as this process goes.
                        dying.fetch_add(1, Ordering::SeqCst);
                        std::future::pending::<()>().await;
                    }
                    Ok(())
                }
            },
        );
        let desk = EventDesk::new(world.shell.clone(), vec![deadly]);
        let looking = desk.clone();
        let task = tokio::spawn(async move { desk.work("scripted").await.unwrap() });
        let died = deaths.load(Ordering::SeqCst);
        let over = eventually("it dies, or is through", async || {
            let row = looking.row("scripted").await.unwrap();
            let through = row.is_some_and(|row| row.row.cursor == 40);
            (through || deaths.load(Ordering::SeqCst) > died).then_some(through)
        });
        let over = over.await;
        task.abort();
        let _ = task.await;
        if over {
            break;
        }
        lives += 1;
        assert!(lives < 50, "it is tried for ever");
    }
    assert_eq!(lives, u32::from(rules::MAX_INTERRUPTIONS));
    let handled = (1..=40).filter(|seq| *seq != 30);
    assert_eq!(deeds(&world.shell.store).await, handled.collect::<Vec<u64>>());
    let desk = EventDesk::new(world.shell.clone(), vec![troubled()]);
    let parked = desk.parked("scripted", 0, 100).await.unwrap();
    assert_eq!(parked.iter().map(|parked| parked.seq).collect::<Vec<_>>(), [30]);
}

#[tokio::test]
async fn a_panic_of_a_consumer_is_a_failed_try() {
    let world = World::new();
    let panics = scripted(
        |_| true,
        async |seq, failed| {
            assert!(seq != 2 || failed > 0, "told to panic");
            Ok(())
        },
    );
    let desk = EventDesk::new(world.shell.clone(), vec![panics]);
    tell(&world.shell, 3, "wanted", None).await;
    let working = desk.clone();
    tokio::spawn(async move { working.work("scripted").await });
    let row = eventually("a failed try", async || {
        desk.row("scripted").await.unwrap().filter(|at| at.row.tries == 1)
    });
    let row = row.await.row;
    assert_eq!(row.cursor, 1);
    assert_eq!(row.last_error.as_deref(), Some("panicked: told to panic"));
    world.hand.advance(Duration::from_secs(12));
    eventually("the end", async || {
        desk.row("scripted").await.unwrap().filter(|at| at.row.cursor == 3)
    })
    .await;
    assert_eq!(deeds(&world.shell.store).await, [1, 2, 3]);
}
