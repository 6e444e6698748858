//! Valid changes, seen by their effect.

use rustix::process::Signal;
use serde_json::{Value, json};

use super::SOON;
use crate::harness::{Daemon, Home, PATIENCE, eventually};

/// Whether a request leaves its line in the log.
async fn is_logged(home: &Home, daemon: &Daemon, id: &str) -> bool {
    let client = daemon.client();
    let request = client.request(reqwest::Method::GET, "/health").header("x-request-id", id);
    client.send(request).await.unwrap().is(200);
    home.log().contains(id)
}

#[tokio::test]
async fn the_log_level() {
    let home = Home::alone("[telemetry]\nlevel = \"info\"\n").await;
    let daemon = home.start().await;
    assert!(!is_logged(&home, &daemon, "a-quiet-request").await, "requests are logged at debug");
    home.configure("[telemetry]\nlevel = \"info,zelador=debug\"\n");
    eventually("requests are logged", SOON, || async {
        is_logged(&home, &daemon, "a-loud-request").await.then_some(())
    })
    .await;
    // And both values are named.
    let log = home.log();
    let line = log.lines().find(|line| line.contains("\"key\":\"telemetry.level\"")).unwrap();
    assert!(
        line.contains("info,zelador=debug") && line.contains("configuration changed"),
        "{line}"
    );
}

/// The origin that a page of `https://app.example` is answered with.
async fn allowed_origin(daemon: &Daemon) -> String {
    let client = daemon.client();
    let request =
        client.request(reqwest::Method::GET, "/health").header("origin", "https://app.example");
    client.send(request).await.unwrap().header("access-control-allow-origin").to_owned()
}

#[tokio::test]
async fn the_origins_that_may_call() {
    let home = Home::alone("[api.cors]\norigins = [\"https://other.example\"]\n").await;
    let daemon = home.start().await;
    assert_eq!(allowed_origin(&daemon).await, "");
    home.configure("[api.cors]\norigins = [\"https://app.example\"]\n");
    eventually("the origin is let in", SOON, || async {
        (allowed_origin(&daemon).await == "https://app.example").then_some(())
    })
    .await;
    home.configure("# all defaults\n");
    eventually("every origin is let in again", SOON, || async {
        (allowed_origin(&daemon).await == "*").then_some(())
    })
    .await;
    let status = daemon.client().get("/status").await.is(200);
    assert_eq!(status["config_generation"], 3, "{status}");
}

const LANE: &str = "user-status-queue";

/// How many jobs of a queue run.
async fn running(daemon: &Daemon) -> usize {
    let path = format!("/jobs?queue={LANE}&state=running");
    daemon.client().get(&path).await.is(200).as_array().unwrap().len()
}

#[tokio::test]
async fn how_many_jobs_of_a_queue_run_at_once() {
    let home = Home::alone(&format!("[queues.{LANE}]\nconcurrency = 1\n")).await;
    let daemon = home.start().await;
    let job = json!({"kind": "diagnostic", "args": {"sleep_ms": 20_000}});
    daemon.client().post("/jobs/batch", &json!(vec![job; 5])).await.is(201);
    eventually("one runs", PATIENCE, || async { (running(&daemon).await == 1).then_some(()) })
        .await;
    home.configure(&format!("[queues.{LANE}]\nconcurrency = 4\n"));
    eventually("four run", SOON, || async { (running(&daemon).await == 4).then_some(()) }).await;
}

#[tokio::test]
async fn a_schedule() {
    let home = Home::alone("").await;
    let daemon = home.start().await;
    let client = daemon.client();
    assert_eq!(client.get("/schedules").await.is(200), json!([]));
    let tick = "[schedules.tick]\nkind = \"diagnostic\"\ncron = \"* * * * * *\"\n";
    home.configure(tick);
    let listed = |list: &Value| list[0]["name"] == "tick" && list[0]["next_run_at"].is_string();
    daemon.answers("/schedules", SOON, "the schedule is listed", listed).await;
    let ran = |list: &Value| !list.as_array().unwrap().is_empty();
    daemon.answers("/jobs?kind=diagnostic", SOON, "it starts jobs", ran).await;
    home.configure("# no schedules\n");
    daemon.answers("/schedules", SOON, "it is gone", |list| *list == json!([])).await;
}

#[tokio::test]
async fn a_signal_reads_it_at_once() {
    let home = Home::alone("").await;
    let daemon = home.start().await;
    home.configure("[service]\ndrain_seconds = 3\n[api]\nlisten = \"127.0.0.1:1\"\n");
    daemon.signal(Signal::HUP);
    daemon
        .answers("/status", SOON, "the change is in force", |status| {
            status["config_generation"] == 2
        })
        .await;
}

#[tokio::test]
async fn a_key_that_waits_for_the_next_start_says_so() {
    let home = Home::alone("").await;
    let daemon = home.start().await;
    home.configure("[store]\ncache_mb = 16\n");
    eventually("the log names the key", SOON, || async {
        let log = home.log();
        let told = |line: &&str| line.contains("store.cache_mb") && line.contains("next start");
        log.lines().find(told).map(|_| ())
    })
    .await;
    assert_eq!(daemon.client().get("/ready").await.is(200)["checks"]["config"], true);
}
