//! Queues over HTTP.

use std::time::Duration;

use serde_json::json;
use zelador_actors::engine::settings::QUEUES;
use zelador_actors::testkit::eventually;

use crate::api::tests::house::{house, ok};
use crate::api::tests::lab::{is, problem};

#[tokio::test]
async fn queues_tell_what_waits_and_how_fast_they_are() {
    let house = house().await;
    for _ in 0..2 {
        ok(house.order("POST", "/jobs").json(&json!({ "kind": "diagnostic" })), 201).await;
    }
    house.world.hand.advance(Duration::from_millis(1500));
    let queue = async |name: &str| {
        let queues = ok(house.order("GET", "/queues"), 200).await;
        let found = queues.as_array().unwrap().iter().find(|queue| queue["name"] == name);
        found.unwrap().clone()
    };
    let diagnostic = async || queue("user-status-queue").await;
    assert_eq!(
        diagnostic().await,
        json!({
            "name": "user-status-queue", "paused": false, "concurrency": 1,
            "rate_per_second": null, "ready": 2, "scheduled": 0, "running": 0, "failed": 0,
            "succeeded": 0, "cancelled": 0, "throughput": 0.0, "oldest_wait_seconds": 1.5,
        })
    );
    assert_eq!(queue("default").await["oldest_wait_seconds"], json!(null));
    let jobs = house.doors.jobs.clone();
    tokio::spawn(async move { jobs.work().await });
    eventually("both have run", async || (diagnostic().await["succeeded"] == 2).then_some(()))
        .await;
    assert_eq!(diagnostic().await["throughput"], 2.0);
    house.world.hand.advance(Duration::from_secs(61));
    assert_eq!(diagnostic().await["throughput"], 0.0);
}

#[tokio::test]
async fn queues_are_listed_page_by_page() {
    let house = house().await;
    let mut path = "/queues?limit=2".to_owned();
    let mut names = Vec::new();
    for _ in QUEUES {
        let response = house.order("GET", &path).send().await.unwrap();
        let next = response.headers().get("link").map(|link| link.to_str().unwrap().to_owned());
        let page: serde_json::Value = response.json().await.unwrap();
        let page = page.as_array().unwrap();
        assert!(page.len() <= 2);
        names.extend(page.iter().map(|queue| queue["name"].as_str().unwrap().to_owned()));
        let Some(next) = next else { break };
        path = next.trim_start_matches('<').split('>').next().unwrap().to_owned();
    }
    let mut all: Vec<_> = QUEUES.iter().map(|queue| queue.name).collect();
    all.sort_unstable();
    assert_eq!(names, all);
}

#[tokio::test]
async fn a_queue_is_paused_and_resumed() {
    let house = house().await;
    let order = |what: &str| house.order("POST", &format!("/queues/{what}"));
    let first = ok(order("default/pause").header("Idempotency-Key", "k"), 200).await;
    assert_eq!(first, json!({ "name": "default", "paused": true }));
    assert_eq!(ok(house.order("GET", "/queues"), 200).await[1]["paused"], true);
    assert_eq!(ok(order("default/resume"), 200).await["paused"], false);
    assert_eq!(ok(order("default/pause").header("Idempotency-Key", "k"), 200).await, first);
    assert_eq!(ok(house.order("GET", "/queues"), 200).await[1]["paused"], false, "a replay");
    let unknown = order("nowhere/pause").send().await.unwrap();
    is(&problem(unknown).await, 404, "not_found");
}
