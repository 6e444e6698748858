//! `zelador monitor` as somebody sees it who sits in front of it: a real terminal
//! line, a real daemon, keys, sizes, and a daemon that dies.

mod terminal;

use serde_json::{Value, json};
use terminal::Terminal;

use crate::harness::{Daemon, Home, PATIENCE};

/// A job fails at once.
const CONFIG: &str = "[jobs.diagnostic]\ntries = 1\ntimeout_seconds = 600\n[queues.user-status-queue]\nconcurrency = 4\n";
const WIDE: (u16, u16) = (110, 34);

async fn job(daemon: &Daemon, args: Value) -> String {
    let draft = json!({ "kind": "diagnostic", "args": args });
    daemon.client().post("/jobs", &draft).await.is(201)["id"].as_str().unwrap().to_owned()
}

/// One job that runs, one that has failed.
async fn scene(home: &Home) -> (Daemon, String, String) {
    let daemon = home.start().await;
    let running = job(&daemon, json!({ "sleep_ms": 500_000 })).await;
    let failed = job(&daemon, json!({ "fail_times": 99 })).await;
    for (id, state) in [(&running, "running"), (&failed, "failed")] {
        let path = format!("/jobs/{id}");
        daemon.answers(&path, PATIENCE, state, |job| job["state"] == state).await;
    }
    (daemon, running, failed)
}

#[tokio::test]
async fn it_is_watched_worked_with_and_left() {
    let home = Home::new(CONFIG).await;
    let (daemon, running, failed) = scene(&home).await;
    let mut terminal = Terminal::run(&home, &["monitor", "--interval", "0.2"], &[], WIDE);
    terminal.shows("Running (1)").await;
    let shown = terminal.shows("Failed (1)").await;
    assert!(shown.contains("user-status-queue") && shown.contains("[1 Overview]"), "{shown}");
    assert!(terminal.has_colour());

    // The list, narrowed by words, and one job looked into.
    terminal.types("2");
    terminal.shows("Jobs: all (2)").await;
    terminal.types("ffff");
    terminal.shows("Jobs: failed (1)").await;
    terminal.types("\r");
    terminal.shows(&format!("diagnostic {failed}")).await;
    terminal.shows("Tries (1)").await;
    // Not as one sequence with what follows it.
    terminal.types("q");
    terminal.shows("Jobs: failed (1)").await;
    terminal.types("/nothing");
    terminal.shows("Jobs: failed that hold \"nothing\" (0)").await;
    terminal.types("\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}\u{7f}diag\r");
    terminal.shows("Jobs: failed that hold \"diag\" (1)").await;
    let tries = |job: &Value| job["history"].as_array().map_or(0, Vec::len);
    terminal.types("r");
    let path = format!("/jobs/{failed}");
    daemon.answers(&path, PATIENCE, "it is tried again", |job| tries(job) == 2).await;

    // A question; only a yes does it.
    terminal.types("FFF");
    terminal.shows("Jobs: running that hold \"diag\" (1)").await;
    terminal.types("c");
    terminal.shows(&format!("Call off diagnostic {running}?")).await;
    terminal.types("n");
    terminal.until("the question goes", |text| !text.contains("Call off")).await;
    terminal.types("c");
    terminal.shows("Call off").await;
    terminal.types("y");
    let path = format!("/jobs/{running}");
    daemon.answers(&path, PATIENCE, "called off", |job| job["state"] == "cancelled").await;

    terminal.types("3");
    terminal.shows("Consumers (").await;
    terminal.types("q");
    assert_eq!(terminal.ends(PATIENCE).await, (Some(0), true));
}

#[tokio::test]
async fn it_follows_the_window_and_outlives_the_daemon() {
    let home = Home::new(CONFIG).await;
    let (mut daemon, ..) = scene(&home).await;
    let monitor = ["monitor", "--interval", "0.2"];
    let mut terminal = Terminal::run(&home, &monitor, &[("NO_COLOR", "1")], WIDE);
    terminal.shows("Failed (1)").await;
    assert!(!terminal.has_colour());

    terminal.resize((60, 12));
    let small = |text: &str| text.contains("Running (1)") && !text.contains("Failed (1)");
    let shown = terminal.until("the small picture", small).await;
    assert!(shown.lines().count() <= 12, "{shown}");
    terminal.resize(WIDE);
    terminal.shows("Failed (1)").await;

    terminal.types("?");
    terminal.shows("pause the queue").await;
    terminal.types("q");
    terminal.shows("Queues").await;
    terminal.types("p");
    daemon
        .answers("/queues", PATIENCE, "it is paused", |all| {
            all.as_array().unwrap().iter().any(|queue| queue["paused"] == true)
        })
        .await;
    terminal.shows("PAUSED").await;

    daemon.kill().await;
    let shown = terminal.shows("NOT REACHED since").await;
    assert!(shown.contains("PAUSED"), "the last that was seen stays: {shown}");
    terminal.until("it is looked for again", |text| text.contains("(try 3)")).await;
    // At another address.
    let daemon = home.start().await;
    terminal.until("it is found again", |text| !text.contains("NOT REACHED")).await;
    terminal.types("\u{3}");
    assert_eq!(terminal.ends(PATIENCE).await, (Some(0), true));
    drop(daemon);
}

#[tokio::test]
async fn where_there_is_no_screen_there_are_lines() {
    let home = Home::new(CONFIG).await;
    let (code, _, wrong) = home.run(["monitor", "--once"]).await;
    assert_eq!(code, 3, "{wrong}");
    let (mut daemon, ..) = scene(&home).await;
    let (code, out, wrong) = home.run(["monitor", "--once"]).await;
    assert_eq!(code, 0, "{wrong}");
    assert!(out.contains("running (1)") && out.contains("user-status-queue"), "{out}");
    let (code, out, wrong) = home.run(["monitor", "--once", "--json"]).await;
    assert_eq!(code, 0, "{wrong}");
    let told: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&told["running"][0]["kind"], &told["status"]["version"]),
        (&json!("diagnostic"), &json!(env!("CARGO_PKG_VERSION")))
    );

    let monitor = ["monitor", "--interval", "0.2"];
    let mut terminal = Terminal::run(&home, &monitor, &[("TERM", "dumb")], WIDE);
    terminal.shows("running (1)").await;
    daemon.kill().await;
    terminal.shows("NOT REACHED").await;
    terminal.types("\u{3}");
    assert_eq!(terminal.ends(PATIENCE).await, (Some(0), true));
    assert_eq!(home.run(["monitor", "--interval", "0"]).await.0, 2);
}
