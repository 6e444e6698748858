//! A backup taken under the same load, and what is made of it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::task::JoinSet;

use super::call::Caller;
use super::log::Log;
use super::worker::Worker;
use super::{CONFIG, WORKERS, jobs};
use crate::harness::{Daemon, Home, PATIENCE, eventually, undisturbed};

/// Writes acknowledged before the backup begins.
const BEFORE: usize = 400;
/// Writes acknowledged while it is made, or soon after.
const AFTER: usize = 200;

/// The load, which ends when the daemon does.
fn load(daemon: &Daemon, acknowledged: &Arc<AtomicUsize>) -> JoinSet<()> {
    let work = |number| {
        let caller = Caller::new(daemon.client().clone(), acknowledged.clone());
        async move { Worker::new(number, 8).work(&caller).await }
    };
    (0..WORKERS).map(work).collect()
}

async fn reach(acknowledged: &AtomicUsize, writes: usize) {
    eventually("enough writes are acknowledged", PATIENCE, || async {
        (acknowledged.load(Ordering::SeqCst) >= writes).then_some(())
    })
    .await;
}

/// Runs the program on another data directory; it must succeed.
async fn succeeds(home: &Home, args: &[&str], data: &Path) {
    let mut command = home.command(["--data-dir", data.to_str().unwrap()]);
    let output = command.args(args).output().await.unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let said = text(&output.stdout) + &text(&output.stderr);
    assert!(output.status.success(), "{args:?}: {said}");
}

/// A daemon with what was backed up is sound, whatever was under way.
async fn is_whole(home: &Home, early: &str) {
    let daemon = home.start().await;
    let client = daemon.client();
    client.post("/queues/user-status-queue/resume", &json!({})).await.is(200);
    client.get(&format!("/jobs/{early}")).await.is(200);
    let mut log = Log::default();
    log.follow(client).await;
    assert!(log.tip() > 0);
    let all = jobs::all(client).await;
    jobs::all_sound(client, &all).await;
    assert_eq!(daemon.stop().await.0, Some(0));
}

#[tokio::test]
async fn a_backup_taken_under_load_holds_a_whole_state() {
    let _one = undisturbed().await;
    let home = Home::alone(CONFIG).await;
    let mut daemon = home.start().await;
    let acknowledged = Arc::new(AtomicUsize::new(0));
    let load = load(&daemon, &acknowledged);
    reach(&acknowledged, BEFORE).await;
    let job = json!({"kind": "diagnostic", "run_at": "2100-12-31T00:00:00Z"});
    let early = daemon.client().post("/jobs", &job).await.is(201);
    let early = early["id"].as_str().unwrap();
    let file = home.path().join("backup.zelador");
    let file = file.to_str().unwrap();
    let (code, _, said) = home.run(["backup", file]).await;
    assert_eq!(code, 0, "{said}");
    let made = acknowledged.load(Ordering::SeqCst);
    reach(&acknowledged, made + AFTER).await;
    daemon.kill().await;
    load.join_all().await;
    println!("{made} writes acknowledged when the backup was made");

    let restored = home.path().join("restored");
    succeeds(&home, &["restore", file], &restored).await;
    succeeds(&home, &["check-store"], &restored).await;
    let home = home.with_data(&restored);
    is_whole(&home, early).await;
    same_bytes(&home, &restored).await;
}

/// What is exported, imported and exported again is the same.
async fn same_bytes(home: &Home, data: &Path) {
    let copy = home.path().join("imported");
    let [first, second] = ["first.jsonl", "second.jsonl"].map(|name| home.path().join(name));
    succeeds(home, &["export", first.to_str().unwrap()], data).await;
    succeeds(home, &["import", first.to_str().unwrap()], &copy).await;
    succeeds(home, &["check-store"], &copy).await;
    succeeds(home, &["export", second.to_str().unwrap()], &copy).await;
    let (first, second) = (std::fs::read(first).unwrap(), std::fs::read(second).unwrap());
    assert!(first.len() > 10_000);
    assert!(first == second, "an export of what was imported differs");
}
