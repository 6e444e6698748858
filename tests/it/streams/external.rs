//! A consumer over the API, through kills.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Scene, events_of};
use crate::harness::{Client, Home, PATIENCE, eventually};

const CONSUMER: &str = "/events/consumers/crm";

async fn read(client: &Client) -> Option<Vec<Value>> {
    let body = json!({"member": "one", "limit": 7});
    let path = format!("{CONSUMER}/read");
    let answer = client.call(reqwest::Method::POST, &path, Some(&body)).await.ok()?;
    Some(answer.is(200).as_array().unwrap().clone())
}

/// Reads and acknowledges until nobody answers.
async fn work(client: Client, all: bool) -> (Vec<u64>, Vec<u64>) {
    let (mut handed, mut acknowledged) = (Vec::new(), Vec::new());
    while let Some(events) = read(&client).await {
        let seqs: Vec<_> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
        assert!(seqs.is_sorted(), "one reading is in order");
        handed.extend(&seqs);
        if seqs.is_empty() && all {
            break;
        }
        let ack = json!({"seqs": seqs});
        let path = format!("{CONSUMER}/ack");
        match client.call(reqwest::Method::POST, &path, Some(&ack)).await {
            Ok(answer) => {
                answer.is(200);
                acknowledged.extend(seqs);
            }
            Err(_) => break,
        }
    }
    (handed, acknowledged)
}

async fn crm(client: &Client) -> Value {
    let list = client.get("/events/consumers").await.is(200);
    list.as_array().unwrap().iter().find(|one| one["name"] == "crm").unwrap().clone()
}

async fn cursor(client: &Client) -> u64 {
    crm(client).await["cursor"].as_u64().unwrap()
}

#[tokio::test]
async fn what_was_acknowledged_never_comes_again_and_all_else_does() {
    let home = Home::new("").await;
    let mut daemon = home.start().await;
    let scene = Scene::new(daemon.client()).await;
    let draft = json!({
        "name": "crm", "from": "oldest", "ack_seconds": 1,
        "types": ["booking.created", "booking.updated"],
    });
    daemon.client().post("/events/consumers", &draft).await.is(201);
    let mut done = BTreeSet::new();
    let mut handed = BTreeSet::new();
    for _ in 0..3 {
        let worker = tokio::spawn(work(daemon.client().clone(), false));
        let writer = scene.writing(daemon.client(), 10_000);
        let goal = cursor(daemon.client()).await + 40;
        eventually("it reads", PATIENCE, || async {
            (cursor(daemon.client()).await > goal).then_some(())
        })
        .await;
        daemon.kill().await;
        writer.await.unwrap();
        let (now_handed, now_done) = worker.await.unwrap();
        let again: Vec<_> = now_handed.iter().filter(|seq| done.contains(*seq)).collect();
        assert!(again.is_empty(), "acknowledged before the kill: {again:?}");
        handed.extend(now_handed);
        done.extend(now_done);
        daemon = home.start().await;
    }
    let events = events_of(daemon.client(), "booking.created,booking.updated").await;
    let all: BTreeSet<_> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
    eventually("all is handed out", PATIENCE, || async {
        let (now_handed, _) = work(daemon.client().clone(), true).await;
        assert!(now_handed.iter().all(|seq| all.contains(seq)));
        let crm = crm(daemon.client()).await;
        (crm["held"] == 0 && crm["pending"] == 0 && crm["lag"] == 0).then_some(())
    })
    .await;
    assert!(handed.is_subset(&all) && done.len() > 100, "{}", done.len());
}
