//! The wall clock is set, the machine sleeps, the daemon is down.

use std::collections::HashSet;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use zelador_store::Timestamp;
use zelador_store::job::{JobCounts, JobState};
use zelador_store::kv::Term;

use super::{Bench, every, instant};
use crate::engine::settings::ScheduleSettings;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn set_back_by_an_hour_nothing_fires_twice() {
    let bench = Bench::at("2025-12-01T11:30:00Z", &[("noon", every("0 12 * * *", "UTC"))]);
    bench.start();
    bench.live_until("noon", "2025-12-01T12:10:00Z").await;
    bench.world.hand.set(instant("2025-12-01T11:10:00Z"));
    bench.live_until("noon", "2025-12-02T11:00:00Z").await;
    assert_eq!(bench.runs().await, ["2025-12-01T12:00:00Z"]);
    bench.live_until("noon", "2025-12-02T13:00:00Z").await;
    assert_eq!(bench.runs().await.len(), 2);
}

#[tokio::test]
async fn set_back_and_restarted_nothing_fires_twice() {
    let mut bench = Bench::at("2025-12-01T11:30:00Z", &[("noon", every("0 12 * * *", "UTC"))]);
    let task = bench.start();
    bench.live_until("noon", "2025-12-01T12:10:00Z").await;
    assert_eq!(bench.settled("noon").await.next_at, Some(instant("2025-12-02T12:00:00Z")));
    bench.world.hand.set(instant("2025-12-01T11:10:00Z"));
    let turns = bench.desk.turns();
    assert!(turns > 0);
    bench.restart(task).await;
    bench.live_until("noon", "2025-12-01T13:00:00Z").await;
    assert_eq!(bench.runs().await, ["2025-12-01T12:00:00Z"]);
    assert_eq!(bench.settled("noon").await.next_at, Some(instant("2025-12-02T12:00:00Z")));
}

#[tokio::test]
async fn set_forward_by_an_hour_the_missed_time_fires_once() {
    let bench = Bench::at("2025-12-01T11:30:00Z", &[("noon", every("0 12 * * *", "UTC"))]);
    bench.start();
    bench.settled("noon").await;
    bench.world.hand.advance(HOUR);
    let row = bench.settled("noon").await;
    assert_eq!(row.next_at, Some(instant("2025-12-02T12:00:00Z")));
    bench.world.hand.set(instant("2025-12-01T11:40:00Z"));
    bench.live_until("noon", "2025-12-01T20:00:00Z").await;
    assert_eq!(bench.runs().await, ["2025-12-01T12:30:00Z"]);
}

#[tokio::test]
async fn downtime_is_made_up_for_by_one_run() {
    let mut bench = Bench::at("2025-12-01T11:30:00Z", &[("often", every("*/5 * * * *", "UTC"))]);
    let task = bench.start();
    bench.settled("often").await;
    task.abort();
    bench.world.hand.advance(48 * HOUR);
    bench.restart(task).await;
    let row = bench.settled("often").await;
    assert_eq!(bench.runs().await, ["2025-12-03T11:30:00Z"]);
    assert_eq!(row.next_at, Some(instant("2025-12-03T11:35:00Z")));
    assert_eq!(row.skipped, None);
}

#[tokio::test]
async fn without_catch_up_downtime_is_not_made_up_for_and_the_row_says_so() {
    let strict = ScheduleSettings { catch_up: false, ..every("0 12 * * *", "UTC") };
    let mut bench = Bench::at("2025-12-01T11:30:00Z", &[("strict", strict)]);
    let task = bench.start();
    bench.settled("strict").await;
    task.abort();
    bench.world.hand.advance(48 * HOUR);
    bench.restart(task).await;
    let row = bench.settled("strict").await;
    assert!(bench.runs().await.is_empty());
    assert!(row.skipped.unwrap().starts_with("missed"));
    assert_eq!(row.next_at, Some(instant("2025-12-03T12:00:00Z")));
    // In time it fires, and nothing is said to be skipped any more.
    bench.live_until("strict", "2025-12-03T12:00:30Z").await;
    assert_eq!(bench.runs().await, ["2025-12-03T12:00:00Z"]);
    assert_eq!(bench.settled("strict").await.skipped, None);
}

/// Whatever the clock does and however often the daemon is restarted: no time
/// fires twice, and what is missed is made up for by one run each time.
#[tokio::test]
async fn ten_thousand_jumps() {
    let start = instant("2025-12-01T11:30:00Z");
    let mut bench = Bench::at("2025-12-01T11:30:00Z", &[("often", every("*/10 * * * *", "UTC"))]);
    let mut task = bench.start();
    let mut random = StdRng::seed_from_u64(15);
    let mut latest = start;
    for _ in 0..10_000 {
        let seconds = [1, 60, 600, 3600, 86_400][random.random_range(0..5)];
        let jump = Duration::from_secs(random.random_range(0..=seconds));
        let now = bench.world.shell.now();
        let to = if random.random_bool(0.4) { now - jump } else { now + jump };
        bench.world.hand.set(to);
        latest = latest.max(to);
        let before = count(&bench).await;
        if random.random_bool(0.1) {
            task = bench.restart(task).await;
        }
        let row = bench.settled("often").await;
        assert!(count(&bench).await <= before + 1, "one run for one jump");
        let due = row.next_at.unwrap();
        assert!(due > latest, "next_at never comes back: {due} after {latest}");
        assert!(due.since(latest) <= Duration::from_secs(600));
    }
    let jobs = bench.jobs().await;
    assert!(jobs.len() > 500, "{}", jobs.len());
    let slots: HashSet<i64> = jobs.iter().map(|job| slot(job.run_at.unwrap())).collect();
    assert_eq!(slots.len(), jobs.len(), "each ten minutes at most once");
}

async fn count(bench: &Bench) -> i64 {
    let ready = (Term::new("user-status-queue"), JobState::Ready.code());
    bench.world.shell.store.count::<JobCounts>(&ready).await.unwrap()
}

fn slot(at: Timestamp) -> i64 {
    at.as_millis() / 600_000
}
