//! The desk through its doors: settings, overlap, jitter, crashes, run now.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use zelador_store::Write;
use zelador_store::job::JobState;
use zelador_store::kv::EngineError;

use super::{Bench, every, instant};
use crate::engine::events::tests::stutter::Stutter;
use crate::engine::jobs::Enqueued;
use crate::engine::schedules::ScheduleDesk;
use crate::engine::settings::{Overlap, ScheduleSettings};
use crate::error::{Error, Refusal};
use crate::testkit::eventually;

const START: &str = "2025-12-01T11:30:00Z";

fn alone(cron: &str) -> ScheduleSettings {
    ScheduleSettings { overlap: Overlap::Skip, ..every(cron, "UTC") }
}

#[tokio::test]
async fn the_job_is_what_the_configuration_says() {
    let mut settings = alone("0 12 * * *");
    settings.args.insert("sleep_ms".into(), json!(7));
    let bench = Bench::at(START, &[("noon", settings)]);
    bench.start();
    bench.live_until("noon", "2025-12-01T12:00:30Z").await;
    let row = bench.settled("noon").await;
    let jobs = bench.jobs().await;
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].kind, "diagnostic");
    assert_eq!(jobs[0].queue, "user-status-queue");
    assert_eq!(jobs[0].args, r#"{"sleep_ms":7}"#);
    assert_eq!(jobs[0].unique.as_deref(), Some("schedule:noon"));
    assert_eq!(row.last_at, Some(instant("2025-12-01T12:00:00Z")));
    let views = bench.desk.list().await.unwrap();
    assert_eq!(views[0].name, "noon");
    assert_eq!(views[0].row, Some(row));
    assert_eq!(views[0].last_job.as_ref(), Some(&jobs[0]));
}

#[tokio::test]
async fn jitter_puts_the_run_off_within_its_bound() {
    let settings = ScheduleSettings { jitter_seconds: 900, ..every("0 * * * *", "UTC") };
    let bench = Bench::at(START, &[("hourly", settings)]);
    bench.start();
    bench.live_until("hourly", "2025-12-03T11:30:00Z").await;
    let jobs = bench.jobs().await;
    assert_eq!(jobs.len(), 48);
    let late = |at: zelador_store::Timestamp| at.as_millis().rem_euclid(3_600_000);
    let late: Vec<_> = jobs.iter().map(|job| late(job.run_at.unwrap())).collect();
    assert!(late.iter().all(|late| *late <= 900_000), "{late:?}");
    assert!(late.iter().any(|late| *late > 600_000), "{late:?}");
    assert!(jobs.iter().all(|job| job.state == JobState::Scheduled));
}

#[tokio::test]
async fn a_job_still_under_way_is_not_started_again() {
    let bench = Bench::at(START, &[("hourly", alone("0 * * * *"))]);
    bench.start();
    bench.live_until("hourly", "2025-12-01T13:30:00Z").await;
    let row = bench.settled("hourly").await;
    assert_eq!(bench.jobs().await.len(), 1);
    assert!(row.skipped.unwrap().contains("still under way"));
    assert_eq!(row.last_at, Some(instant("2025-12-01T12:00:00Z")));
    bench.work_off();
    assert_eq!(bench.all_ended().await, 1);
    bench.live_until("hourly", "2025-12-01T14:30:00Z").await;
    assert_eq!(bench.settled("hourly").await.skipped, None);
    assert_eq!(bench.all_ended().await, 2);
}

#[tokio::test]
async fn where_overlap_is_allowed_both_run() {
    let bench = Bench::at(START, &[("hourly", every("0 * * * *", "UTC"))]);
    bench.start();
    bench.live_until("hourly", "2025-12-01T13:30:00Z").await;
    assert_eq!(bench.jobs().await.len(), 2);
    // From the moment it is forbidden, those under way count.
    bench.set(&[("hourly", alone("0 * * * *"))]);
    bench.live_until("hourly", "2025-12-01T14:30:00Z").await;
    assert!(bench.settled("hourly").await.skipped.is_some());
    assert_eq!(bench.jobs().await.len(), 2);
}

#[tokio::test]
async fn a_changed_definition_counts_from_now() {
    let bench = Bench::at(START, &[("it", every("0 12 * * *", "UTC"))]);
    bench.start();
    assert_eq!(bench.settled("it").await.next_at, Some(instant("2025-12-01T12:00:00Z")));
    bench.set(&[("it", every("0 12 * * *", "America/Sao_Paulo"))]);
    eventually("the new time", async || {
        let next_at = bench.row("it").await?.next_at;
        (next_at == Some(instant("2025-12-01T15:00:00Z"))).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_removed_schedule_is_forgotten() {
    let other = every("0 13 * * *", "UTC");
    let bench = Bench::at(START, &[("it", every("0 12 * * *", "UTC")), ("other", other.clone())]);
    bench.start();
    bench.settled("it").await;
    bench.set(&[("other", other)]);
    eventually("no row", async || bench.row("it").await.is_none().then_some(())).await;
    bench.live_until("other", "2025-12-01T14:00:00Z").await;
    assert_eq!(bench.runs().await, ["2025-12-01T13:00:00Z"]);
    let views = bench.desk.list().await.unwrap();
    assert_eq!(views.len(), 1);
}

#[tokio::test]
async fn what_cannot_be_read_or_stored_stops_no_other() {
    let mut fat = every("0 12 * * *", "UTC");
    fat.args.insert("text".into(), json!("x".repeat(70_000)));
    let bench = Bench::at(
        START,
        &[
            ("bad", every("at noon", "UTC")),
            ("fat", fat),
            ("lost", every("0 12 * * *", "Mars/Olympus")),
            ("never", every("0 0 30 2 *", "UTC")),
            ("well", every("0 12 * * *", "UTC")),
        ],
    );
    bench.start();
    bench.live_until("well", "2025-12-01T13:00:00Z").await;
    assert_eq!(bench.runs().await, ["2025-12-01T12:00:00Z"]);
    for name in ["bad", "lost"] {
        let row = bench.row(name).await.unwrap();
        assert_eq!(row.next_at, None, "{name}");
        assert!(row.skipped.is_some(), "{name}");
    }
    assert!(bench.row("fat").await.unwrap().skipped.unwrap().contains("over the limit"));
    assert_eq!(bench.row("never").await.unwrap().next_at, None);
}

#[tokio::test]
async fn run_now_stands_beside_the_plan() {
    let bench = Bench::at(START, &[("noon", alone("0 12 * * *"))]);
    // Even before the loop has made the row.
    let Enqueued { id, existed, .. } = bench.desk.run("noon", |_| Write::new()).await.unwrap();
    assert!(!existed);
    let row = bench.row("noon").await.unwrap();
    assert_eq!(row.last_job, Some(id));
    assert_eq!(row.last_at, Some(instant(START)));
    assert_eq!(row.next_at, Some(instant("2025-12-01T12:00:00Z")));
    let again = bench.desk.run("noon", |_| Write::new()).await.unwrap();
    assert_eq!((again.id, again.existed), (id, true));
    let absent = bench.desk.run("midnight", |_| Write::new()).await;
    assert!(matches!(absent, Err(Error::Refused(Refusal::Absent { what: "schedule" }))));
}

#[tokio::test]
async fn two_loops_at_once_start_one_job() {
    let bench = Bench::at(START, &[("often", every("* * * * *", "UTC"))]);
    // As it may be for a moment after a panic.
    bench.start();
    bench.start();
    bench.live_until("often", "2025-12-01T12:30:00Z").await;
    assert_eq!(bench.runs().await.len(), 60);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_refuses_only_delays() {
    let bench = Bench::at(START, &[("noon", every("0 12 * * *", "UTC"))]);
    bench.start();
    bench.settled("noon").await;
    bench.world.memory.refuse(Some(|| EngineError::Full));
    bench.world.hand.set(instant("2025-12-01T12:00:10Z"));
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(bench.runs().await.is_empty());
    bench.world.memory.refuse(None);
    bench.settled("noon").await;
    assert_eq!(bench.runs().await, ["2025-12-01T12:00:00Z"]);
}

/// The loop is ended between any two steps, also between a commit and its
/// answer: each minute has its one job.
#[tokio::test]
async fn ended_anywhere_every_time_fires_once() {
    let bench = Bench::at(START, &[("often", every("* * * * *", "UTC"))]);
    let (shell, engine) = Stutter::under(&bench.world);
    let mut random = StdRng::seed_from_u64(3);
    let mut ended_early = 0;
    for minute in 0..300 {
        loop {
            let desk = ScheduleDesk::new(shell.clone(), bench.settings.subscribe());
            let task = tokio::spawn(async move { desk.work().await.unwrap() });
            for _ in 0..random.random_range(0..12) {
                tokio::task::yield_now().await;
            }
            task.abort();
            let _ = task.await;
            let now = bench.world.shell.now();
            if bench.row("often").await.is_some_and(|row| row.next_at.unwrap() > now) {
                break;
            }
            ended_early += 1;
        }
        assert_eq!(bench.runs().await.len(), minute);
        bench.world.hand.advance(Duration::from_secs(60));
    }
    assert!(ended_early > 100, "{ended_early}");
    assert_eq!(engine.by.applied(), 300, "one commit for the row, one for each time");
}
