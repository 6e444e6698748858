//! The end of the log, as it is handed to those who follow it.

use super::super::run::PAGE;
use super::super::tail::{FRESH, KEPT, Numbered};
use super::{Bench, noting};

fn numbers(events: &[Numbered]) -> Vec<u64> {
    events.iter().map(|(seq, _)| *seq).collect()
}

#[tokio::test(start_paused = true)]
async fn everybody_gets_what_comes_after_their_own_place() {
    let bench = Bench::new(noting());
    bench.tell(10).await;
    for from in [7, 0, 9, 10, 3, 10] {
        let found = bench.desk.next_after(from).await.unwrap();
        assert_eq!(numbers(&found), (from + 1..=10).collect::<Vec<_>>(), "from {from}");
    }
    bench.tell(5).await;
    for from in [8, 12, 10, 15, 0] {
        let found = bench.desk.next_after(from).await.unwrap();
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
    assert_eq!(numbers(&bench.desk.next_after(end - 5).await.unwrap()).len(), 5);
    assert_eq!(numbers(&bench.desk.next_after(0).await.unwrap()), (1..=256).collect::<Vec<_>>());
    assert_eq!(bench.desk.0.tail.len().await, 5);
}

#[tokio::test(start_paused = true)]
async fn it_keeps_no_more_than_it_says_and_not_for_longer() {
    let bench = Bench::new(noting());
    bench.tell(3 * PAGE).await;
    let mut at = 0;
    while let Some((seq, _)) = bench.desk.next_after(at).await.unwrap().last() {
        at = *seq;
    }
    assert_eq!(at, 3 * PAGE as u64);
    assert_eq!(bench.desk.0.tail.len().await, KEPT);
    tokio::time::advance(FRESH).await;
    assert_eq!(numbers(&bench.desk.next_after(at - 1).await.unwrap()), [at]);
    assert_eq!(bench.desk.0.tail.len().await, 1);
}
