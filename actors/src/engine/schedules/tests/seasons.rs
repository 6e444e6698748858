//! Months in a moment, across the days on which clocks change.

use super::{Bench, every};

#[track_caller]
fn dates(runs: &[String]) -> Vec<&str> {
    runs.iter().map(|run| &run[..10]).collect()
}

/// A daily time lives through a span: the runs around the change.
async fn live(cron: &str, zone: &str, from: &str, to: &str) -> Vec<String> {
    let bench = Bench::at(from, &[("daily", every(cron, zone))]);
    let task = bench.start();
    bench.live_until("daily", to).await;
    bench.desk.stop();
    task.await.unwrap();
    bench.runs().await
}

#[tokio::test]
async fn a_month_in_a_moment() {
    let runs =
        live("0 3 * * *", "America/Sao_Paulo", "2025-12-01T12:00:00Z", "2026-01-01T12:00:00Z")
            .await;
    assert_eq!(runs.len(), 31);
    assert_eq!(runs[0], "2025-12-02T06:00:00Z");
    assert_eq!(runs[30], "2026-01-01T06:00:00Z");
}

#[tokio::test]
async fn quarters_of_an_hour_for_a_month() {
    let runs =
        live("*/15 * * * *", "America/Santiago", "2025-09-01T00:00:00Z", "2025-10-01T00:00:00Z");
    // 30 days of elapsed time, whatever the clock shows.
    assert_eq!(runs.await.len(), 30 * 96);
}

#[tokio::test]
async fn santiago_has_no_midnight_and_fires_once_all_the_same() {
    let zone = "America/Santiago";
    let runs = live("0 0 * * *", zone, "2025-09-05T12:00:00Z", "2025-09-09T12:00:00Z").await;
    assert_eq!(
        runs,
        [
            "2025-09-06T04:00:00Z",
            "2025-09-07T04:00:00Z",
            "2025-09-08T03:00:00Z",
            "2025-09-09T03:00:00Z",
        ]
    );
    let runs = live("30 23 * * *", zone, "2025-04-04T12:00:00Z", "2025-04-08T12:00:00Z").await;
    assert_eq!(
        runs,
        [
            "2025-04-05T02:30:00Z",
            "2025-04-06T02:30:00Z",
            "2025-04-07T03:30:00Z",
            "2025-04-08T03:30:00Z",
        ]
    );
}

#[tokio::test]
async fn sao_paulo_in_its_last_summer_time() {
    let zone = "America/Sao_Paulo";
    let runs = live("0 0 * * *", zone, "2018-11-02T12:00:00Z", "2018-11-06T12:00:00Z").await;
    assert_eq!(dates(&runs), ["2018-11-03", "2018-11-04", "2018-11-05", "2018-11-06"]);
    assert_eq!(runs[1], "2018-11-04T03:00:00Z");
    let runs = live("15 23 * * *", zone, "2019-02-15T12:00:00Z", "2019-02-19T12:00:00Z").await;
    assert_eq!(
        runs,
        [
            "2019-02-16T01:15:00Z",
            "2019-02-17T01:15:00Z",
            "2019-02-18T02:15:00Z",
            "2019-02-19T02:15:00Z",
        ]
    );
}

#[tokio::test]
async fn lord_howe_moves_by_half_an_hour() {
    let zone = "Australia/Lord_Howe";
    let runs = live("15 2 * * *", zone, "2025-10-03T20:00:00Z", "2025-10-06T20:00:00Z").await;
    assert_eq!(runs, ["2025-10-04T15:30:00Z", "2025-10-05T15:15:00Z", "2025-10-06T15:15:00Z"]);
    let runs = live("45 1 * * *", zone, "2025-04-04T20:00:00Z", "2025-04-07T20:00:00Z").await;
    assert_eq!(runs, ["2025-04-05T14:45:00Z", "2025-04-06T15:15:00Z", "2025-04-07T15:15:00Z"]);
}

#[tokio::test]
async fn lisbon_both_ways() {
    let zone = "Europe/Lisbon";
    let runs = live("30 1 * * *", zone, "2025-03-28T12:00:00Z", "2025-03-31T12:00:00Z").await;
    assert_eq!(runs, ["2025-03-29T01:30:00Z", "2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z"]);
    let runs = live("30 1 * * *", zone, "2025-10-24T12:00:00Z", "2025-10-27T12:00:00Z").await;
    assert_eq!(runs, ["2025-10-25T00:30:00Z", "2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"]);
}
