//! A disk that is full: writes are refused, reads go on, and the same process
//! writes again once there is room.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Client, Home, Mount, PATIENCE, eventually, skipped};

/// Sparing, so that a small disk is filled by the filler and not by us.
const SMALL: &str =
    "[store]\njournal_segment_mb = 1\noverlay_mb = 1\nballast_mb = 2\ncache_mb = 4\n";

/// Times the disk is filled and freed.
const ROUNDS: usize = 3;

/// A job that waits for a day that is far.
fn distant() -> Value {
    json!({"kind": "diagnostic", "run_at": "2100-01-01T00:00:00Z", "args": {"sleep_ms": 1}})
}

/// Writes until the disk is full; the ids of what was acknowledged.
async fn write_until_full(client: &Client, disk: &Mount) -> Vec<String> {
    let mut acknowledged = Vec::new();
    loop {
        // What was set aside is room that the filler takes, too.
        disk.fill();
        let answer = client.post("/jobs", &distant()).await;
        if answer.status != 201 {
            answer.refused(503, "storage_full");
            let wait: u32 = answer.header("retry-after").parse().unwrap();
            assert!(wait > 0);
            return acknowledged;
        }
        acknowledged.push(answer.json()["id"].as_str().unwrap().to_owned());
        assert!(acknowledged.len() < 5000, "a full disk takes writes for ever");
    }
}

async fn all_there(client: &Client, ids: &[String]) {
    for id in ids {
        client.get(&format!("/jobs/{id}")).await.is(200);
    }
}

#[tokio::test]
async fn a_full_disk_refuses_writes_and_nothing_else() {
    let disk = match Mount::new(32) {
        Ok(disk) => disk,
        Err(why) => return skipped(format!("no small disk can be mounted: {why}")),
    };
    let home = Home::new(SMALL).await.with_data(&disk.path().join("data"));
    let mut daemon = home.start().await;
    let client = daemon.client().clone();
    let mut acknowledged = Vec::new();
    for _ in 0..ROUNDS {
        let answer = client.post("/jobs", &distant()).await.is(201);
        acknowledged.push(answer["id"].as_str().unwrap().to_owned());
        acknowledged.extend(write_until_full(&client, &disk).await);
        let ready = client.get("/ready").await.is(503);
        assert_eq!(
            (&ready["status"], &ready["checks"]["database"]),
            (&json!("not_ready"), &json!(false))
        );
        let why = ready["reasons"]["database"].as_str().unwrap_or_default();
        assert!(why.contains("full") || why.contains("space"), "{ready}");
        client.get("/health").await.is(200);
        all_there(&client, &acknowledged).await;
        std::fs::remove_file(disk.path().join("filler")).unwrap();
        let answer = eventually("writes work again", PATIENCE, || async {
            let answer = client.post("/jobs", &distant()).await;
            answer.is_success().then_some(answer)
        })
        .await;
        acknowledged.push(answer.is(201)["id"].as_str().unwrap().to_owned());
        let ready = client.get("/ready").await.is(200);
        assert_eq!(ready["checks"]["database"], true, "{ready}");
    }
    println!("{} writes acknowledged around {ROUNDS} full disks", acknowledged.len());
    daemon.kill().await;
    // On a disk that is full again, a start has what was set aside.
    disk.fill();
    let daemon = home.start_unready().await;
    all_there(daemon.client(), &acknowledged).await;
    std::fs::remove_file(disk.path().join("filler")).unwrap();
    let ready = |answer: &Value| answer["status"] == "ready";
    daemon.answers("/ready", PATIENCE, "the new process writes again", ready).await;
    let answer = daemon.client().call(Method::POST, "/jobs", Some(&distant())).await;
    answer.unwrap().is(201);
    assert_eq!(daemon.stop().await.0, Some(0));
}

#[tokio::test]
async fn nothing_waits_longer_for_a_full_disk() {
    let disk = match Mount::new(32) {
        Ok(disk) => disk,
        Err(why) => return skipped(format!("no small disk can be mounted: {why}")),
    };
    let home = Home::new(SMALL).await.with_data(&disk.path().join("data"));
    let daemon = home.start().await;
    write_until_full(daemon.client(), &disk).await;
    let began = tokio::time::Instant::now();
    for _ in 0..20 {
        daemon.client().post("/jobs", &distant()).await.refused(503, "storage_full");
    }
    assert!(began.elapsed() < Duration::from_secs(10), "refusals took {:?}", began.elapsed());
    // And a stop is a stop.
    assert_eq!(daemon.stop().await.0, Some(0));
}
