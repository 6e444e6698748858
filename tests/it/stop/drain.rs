//! SIGTERM: what is under way is finished or given back, what was acknowledged
//! is kept, no try is spent.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::Method;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::{Client, Daemon, Home, PATIENCE, eventually};

/// Longer than the short jobs of the tests take, shorter than the long ones.
const CONFIG: &str = "[service]\ndrain_seconds = 3\n[jobs.diagnostic]\nbackoff_seconds = [0]\n";
const DRAIN: Duration = Duration::from_secs(3);
/// Closing the store after the drain.
const CLOSING: Duration = Duration::from_secs(5);

const WRITERS: usize = 12;
const AT_LEAST: usize = 100;

async fn enqueue(client: &Client, queue: &str, sleep_ms: u32) -> String {
    let job = json!({"kind": "diagnostic", "queue": queue, "args": {"sleep_ms": sleep_ms}});
    client.post("/jobs", &job).await.is(201)["id"].as_str().unwrap().to_owned()
}

async fn in_state(client: &Client, id: &str, state: &str) -> Value {
    eventually(&format!("{id} is {state}"), PATIENCE, || async {
        let job = client.get(&format!("/jobs/{id}")).await.is(200);
        (job["state"] == state).then_some(job)
    })
    .await
}

/// Writes until the daemon no longer answers; the ids of what it acknowledged.
async fn write(client: Client, enough: Arc<AtomicBool>) -> Vec<String> {
    let distant = json!({"kind": "diagnostic", "run_at": "2100-01-01T00:00:00Z"});
    let mut acknowledged = Vec::new();
    while let Ok(answer) = client.call(Method::POST, "/jobs", Some(&distant)).await {
        if answer.status == 201 {
            acknowledged.push(answer.json()["id"].as_str().unwrap().to_owned());
        } else {
            answer.problem(503);
        }
        if acknowledged.len() * WRITERS > AT_LEAST {
            enough.store(true, Ordering::SeqCst);
        }
    }
    acknowledged
}

fn writers(daemon: &Daemon, enough: &Arc<AtomicBool>) -> JoinSet<Vec<String>> {
    (0..WRITERS).map(|_| write(daemon.client().clone(), enough.clone())).collect()
}

fn outcomes(job: &Value) -> Vec<&str> {
    let history = job["history"].as_array().unwrap().iter();
    history.map(|attempt| attempt["outcome"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_stop_under_load_loses_nothing_and_costs_no_try() {
    let home = Home::alone(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let long = enqueue(client, "user-status-queue", 25_000).await;
    in_state(client, &long, "running").await;
    let enough = Arc::new(AtomicBool::new(false));
    let writers = writers(&daemon, &enough);
    eventually("the load is on", PATIENCE, || async {
        enough.load(Ordering::SeqCst).then_some(())
    })
    .await;
    let short = enqueue(client, "default", 1500).await;
    in_state(client, &short, "running").await;
    let (code, took) = daemon.stop().await;
    assert_eq!(code, Some(0));
    assert!(took < DRAIN + CLOSING, "the stop took {took:?}");
    let acknowledged: Vec<_> = writers.join_all().await.into_iter().flatten().collect();
    assert!(acknowledged.len() > AT_LEAST, "{}", acknowledged.len());
    println!("{} writes acknowledged before a stop of {took:?}", acknowledged.len());

    let daemon = home.start().await;
    let client = daemon.client();
    for id in &acknowledged {
        client.get(&format!("/jobs/{id}")).await.is(200);
    }
    let short = client.get(&format!("/jobs/{short}")).await.is(200);
    assert_eq!((&short["state"], &short["tries"]), (&json!("succeeded"), &json!(1)), "{short}");
    let again = in_state(client, &long, "running").await;
    assert_eq!(again["tries"], 1, "{again}");
    assert_eq!(outcomes(&again), ["released"], "{again}");
}

#[tokio::test]
async fn an_idle_daemon_stops_at_once() {
    let home = Home::alone(CONFIG).await;
    let daemon = home.start().await;
    let (code, took) = daemon.stop().await;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert!(!home.data().join("address").exists(), "nobody listens there any more");
}

#[tokio::test]
async fn a_second_signal_waits_for_nobody() {
    let home = Home::alone("[service]\ndrain_seconds = 60\n").await;
    let mut daemon = home.start().await;
    let long = enqueue(daemon.client(), "default", 25_000).await;
    in_state(daemon.client(), &long, "running").await;
    daemon.signal(Signal::TERM);
    eventually("the stop has begun", PATIENCE, || async {
        home.log().contains("\"message\":\"stopping\"").then_some(())
    })
    .await;
    daemon.signal(Signal::TERM);
    let ended = daemon.ended(Duration::from_secs(10)).await;
    assert_eq!(ended.code(), Some(0));
    let daemon = home.start().await;
    let again = in_state(daemon.client(), &long, "running").await;
    assert_eq!((&again["tries"], outcomes(&again)), (&json!(1), vec!["released"]), "{again}");
}
