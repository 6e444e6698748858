//! The actors of records: one for each user that is being worked on.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{CONFIG, Faults, SOON, restarts};
use crate::harness::{Answer, Client, Home, PATIENCE, eventually};

/// What the actor takes over the message that it falls at.
const FALL_MS: u64 = 4000;
/// How many wait behind that message.
const WAITING: usize = 5;

async fn people<const N: usize>(client: &Client) -> [String; N] {
    let tenant = json!({"name": "Panics", "domain": "panics.example"});
    let tenant = client.post("/tenants", &tenant).await.is(201)["id"].clone();
    let mut ids = Vec::new();
    for number in 0..N {
        let user = json!({"tenant_id": tenant, "name": format!("Person {number}")});
        ids.push(client.post("/users", &user).await.is(201)["id"].as_str().unwrap().to_owned());
    }
    ids.try_into().unwrap()
}

async fn set_status(client: &Client, id: &str, status: &str) -> Answer {
    client.put(&format!("/users/{id}/status"), &json!({"status": status})).await
}

async fn changes(client: &Client, id: &str) -> usize {
    let told = client.get(&format!("/users/{id}/timeline")).await.is(200);
    let is_change = |event: &&Value| event["type"] == "user.status_changed";
    told.as_array().unwrap().iter().filter(is_change).count()
}

#[tokio::test]
async fn whoever_is_served_is_told_and_nobody_else_is_harmed() {
    let home = Home::alone(CONFIG).await;
    let faults = Faults::of(&home);
    let daemon = faults.start(&home).await;
    let client = daemon.client().clone();
    let [victim, other] = people(&client).await;
    faults.order("user", FALL_MS);
    let began = Instant::now();
    let served = tokio::spawn({
        let (client, victim) = (client.clone(), victim.clone());
        async move { set_status(&client, &victim, "SUSPENDED").await }
    });
    eventually("the actor is at work", PATIENCE, || async {
        faults.is_taken("user").then_some(())
    })
    .await;
    let waiting: JoinSet<Answer> = (0..WAITING)
        .map(|_| {
            let (client, victim) = (client.clone(), victim.clone());
            async move { set_status(&client, &victim, "INACTIVE").await }
        })
        .collect();
    // Another's actor, and whoever only reads, do not notice.
    set_status(&client, &other, "SUSPENDED").await.is(200);
    client.get(&format!("/users/{victim}")).await.is(200);
    assert!(began.elapsed() < Duration::from_millis(FALL_MS), "they waited for the one that fell");
    let problem = served.await.unwrap().refused(500, "internal");
    assert_eq!(problem["trace_id"].as_str().unwrap().len(), 32, "{problem}");
    for answer in waiting.join_all().await {
        answer.refused(503, "busy");
        assert!(!answer.header("retry-after").is_empty());
    }
    let told = began.elapsed();
    assert!(told < Duration::from_millis(FALL_MS) + 3 * SOON, "they were told after {told:?}");
    works_again(&client, &victim).await;
    assert_eq!(restarts(&client, "user").await, 1);
    client.get("/ready").await.is(200);
    // The log says what happened, under the number that the caller has.
    assert!(home.log().contains(problem["trace_id"].as_str().unwrap()));
}

async fn works_again(client: &Client, victim: &str) {
    let before = changes(client, victim).await;
    assert_eq!(before, 0, "a message that was answered with an error has changed something");
    eventually("its next actor works", SOON, || async {
        set_status(client, victim, "INACTIVE").await.is_success().then_some(())
    })
    .await;
    assert_eq!(changes(client, victim).await, 1);
}

#[tokio::test]
async fn actors_that_fall_again_and_again_are_shut_and_no_others_with_them() {
    let home = Home::alone(CONFIG).await;
    let faults = Faults::of(&home);
    let daemon = faults.start(&home).await;
    let client = daemon.client();
    let [victim] = people(client).await;
    eventually("users are marked down", PATIENCE, || async {
        faults.order("user", 0);
        let path = format!("/users/{victim}/status");
        let body = json!({"status": "SUSPENDED"});
        let answer = client.call(Method::PUT, &path, Some(&body)).await.unwrap();
        assert!([500, 503].contains(&answer.status), "{answer:?}");
        (client.get("/ready").await.status == 503).then_some(())
    })
    .await;
    let ready = client.get("/ready").await.is(503);
    assert_eq!(ready["checks"]["users"], false, "{ready}");
    assert_eq!(ready["checks"]["database"], true, "{ready}");
    // Other concerns and the engine go on.
    let tenant = json!({"name": "Others", "domain": "others.example"});
    client.post("/tenants", &tenant).await.is(201);
    let job = super::enqueue(client, json!({})).await;
    super::in_state(client, &job, "succeeded", PATIENCE).await;
    client.get(&format!("/users/{victim}")).await.is(200);
}
