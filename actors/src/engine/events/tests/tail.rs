//! The end of the log, as it is handed to those who follow it.

use tokio::time::Instant;
use zelador_store::Write;
use zelador_store::event::Events;
use zelador_store::kv::Bell;

use super::super::run::{GATHER, HEARTBEAT, NOTE_WITHIN, PAGE, gather};
use super::super::tail::{FRESH, KEPT, Numbered};
use super::{Bench, noting, scripted};

/// How often the bell has rung.
fn rung(bench: &Bench) -> u64 {
    *bench.world.shell.store.listen(Bell::Events).borrow()
}

/// As seen by one who has heard every ring.
async fn next_after(bench: &Bench, seq: u64) -> Vec<Numbered> {
    bench.desk.next_after(seq, rung(bench)).await.unwrap()
}

fn numbers(events: &[Numbered]) -> Vec<u64> {
    events.iter().map(|(seq, _)| *seq).collect()
}

#[tokio::test(start_paused = true)]
async fn everybody_gets_what_comes_after_their_own_place() {
    let bench = Bench::new(noting());
    bench.tell(10).await;
    for from in [7, 0, 9, 10, 3, 10] {
        let found = next_after(&bench, from).await;
        assert_eq!(numbers(&found), (from + 1..=10).collect::<Vec<_>>(), "from {from}");
    }
    bench.tell(5).await;
    for from in [8, 12, 10, 15, 0] {
        let found = next_after(&bench, from).await;
        let all: Vec<_> = (from + 1..=15).collect();
        // Who is before the end of what was read is given that, and comes again.
        assert!(all.starts_with(&numbers(&found)), "from {from}: {found:?}");
        assert_eq!(found.is_empty(), all.is_empty(), "from {from}");
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_far_behind_does_not_cost_those_at_the_end_what_was_read() {
    let bench = Bench::new(noting());
    bench.tell(3 * PAGE).await;
    let end = 3 * PAGE as u64;
    assert_eq!(numbers(&next_after(&bench, end - 5).await).len(), 5);
    assert_eq!(numbers(&next_after(&bench, 0).await), (1..=256).collect::<Vec<_>>());
    assert_eq!(bench.desk.0.tail.len().await, 5);
}

#[tokio::test(start_paused = true)]
async fn it_keeps_no_more_than_it_says_and_not_for_longer() {
    let bench = Bench::new(noting());
    bench.tell(3 * PAGE).await;
    let mut at = 0;
    while let Some((seq, _)) = next_after(&bench, at).await.last() {
        at = *seq;
    }
    assert_eq!(at, 3 * PAGE as u64);
    assert_eq!(bench.desk.0.tail.len().await, KEPT);
    tokio::time::advance(FRESH).await;
    assert_eq!(numbers(&next_after(&bench, at - 1).await), [at]);
    assert_eq!(bench.desk.0.tail.len().await, 1);
}

#[tokio::test(start_paused = true)]
async fn the_end_is_looked_for_once_for_each_ring() {
    let bench = Bench::new(noting());
    bench.tell(3).await;
    let heard = rung(&bench);
    assert_eq!(numbers(&next_after(&bench, 0).await), [1, 2, 3]);
    // What has not rung is found only by those who look.
    let store = &bench.world.shell.store;
    let third = store.get::<Events>(&3).await.unwrap().unwrap().row;
    let mut write = Write::new();
    write.append_to::<Events>(&third);
    store.commit(write).await.unwrap();
    assert_eq!(numbers(&bench.desk.next_after(3, heard).await.unwrap()), [0_u64; 0]);
    assert_eq!(numbers(&bench.desk.next_after(1, heard).await.unwrap()), [2, 3]);
    assert_eq!(numbers(&bench.desk.next_after(3, heard + 1).await.unwrap()), [4]);
    // Who has heard less is told as well.
    assert_eq!(numbers(&bench.desk.next_after(3, heard).await.unwrap()), [4]);
}

#[tokio::test(start_paused = true)]
async fn the_end_is_known_to_those_who_heard_no_more_than_whoever_found_it() {
    let bench = Bench::new(noting());
    bench.tell(3).await;
    let heard = rung(&bench);
    assert!(!bench.desk.is_end(3, heard).await, "nobody has looked");
    next_after(&bench, 0).await;
    assert!(bench.desk.is_end(3, heard).await);
    assert!(!bench.desk.is_end(2, heard).await);
    assert!(!bench.desk.is_end(3, heard + 1).await, "it may have rung for a fourth");
    tokio::time::advance(FRESH).await;
    assert!(!bench.desk.is_end(3, heard).await, "that was long ago");
}

#[tokio::test(start_paused = true)]
async fn what_rings_while_an_event_is_handled_is_looked_at_next() {
    let slow = scripted(
        |_| true,
        async |_, _| {
            tokio::time::sleep(2 * GATHER).await;
            Ok(())
        },
    );
    let bench = Bench::new(slow);
    let work = bench.start();
    bench.tell(1).await;
    tokio::time::sleep(GATHER).await;
    let began = Instant::now();
    bench.tell(1).await;
    bench.reaches(2).await;
    assert!(began.elapsed() < NOTE_WITHIN, "{:?}", began.elapsed());
    bench.desk.stop();
    work.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_event_whose_author_went_away_before_it_rang_is_found() {
    let bench = Bench::new(noting());
    bench.tell(3).await;
    let work = tokio::spawn({
        let desk = bench.desk.clone();
        async move { desk.work("scripted").await }
    });
    bench.reaches(3).await;
    // It has looked again since, and found nothing.
    tokio::time::sleep(2 * HEARTBEAT).await;
    assert_eq!(bench.desk.0.tail.len().await, 0);
    let store = &bench.world.shell.store;
    let third = store.get::<Events>(&3).await.unwrap().unwrap().row;
    let mut write = Write::new();
    write.append_to::<Events>(&third);
    store.commit(write).await.unwrap();
    bench.reaches(4).await;
    bench.desk.stop();
    work.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_happens_while_much_happens_is_looked_at_together() {
    let began = Instant::now();
    gather(began).await;
    assert_eq!(began.elapsed(), GATHER);
    // A look long ago holds nobody up.
    gather(began).await;
    assert_eq!(began.elapsed(), GATHER);
}
