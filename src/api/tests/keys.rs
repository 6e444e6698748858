//! The same request twice.

use std::time::Duration;

use serde_json::{Value, json};

use super::lab::{is, lab, problem};

#[tokio::test]
async fn a_repeated_key_answers_the_first_answer() {
    let lab = lab().await;
    let send =
        |body: Value| lab.order("POST", "/api/crates").header("idempotency-key", "k").json(&body);
    let first = send(json!({ "name": "a", "extra": { "x": 1, "y": 2 } })).send().await.unwrap();
    assert_eq!(first.status(), 201);
    assert!(!first.headers().contains_key("idempotent-replayed"));
    let again = send(json!({ "extra": { "y": 2, "x": 1.0 }, "name": "a" })).send().await.unwrap();
    assert_eq!(again.status(), 201);
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    for name in ["location", "etag", "content-type"] {
        assert_eq!(again.headers()[name], first.headers()[name], "{name}");
    }
    assert_eq!(again.text().await.unwrap(), first.text().await.unwrap());
    assert_eq!(lab.depot.crates.lock().len(), 1);
    let other = send(json!({ "name": "b" })).send().await.unwrap();
    is(&problem(other).await, 422, "idempotency_key_reused");
    lab.hand.advance(Duration::from_hours(24));
    assert_eq!(send(json!({ "name": "b" })).send().await.unwrap().status(), 201);
    assert_eq!(lab.depot.crates.lock().len(), 2);
}

#[tokio::test]
async fn a_key_is_its_tokens_and_its_paths() {
    let lab = lab().await;
    let (one, other) = (lab.service(&["*"]), lab.service(&["*"]));
    let send = |token: &str, path: &str| {
        let request = lab.ask("POST", path).bearer_auth(token).header("idempotency-key", "k");
        let request = request.json(&json!({ "name": "a" }));
        async move { request.send().await.unwrap() }
    };
    assert_eq!(send(&one, "/crates").await.status(), 201);
    assert!(send(&one, "/api/crates/").await.headers().contains_key("idempotent-replayed"));
    assert!(!send(&other, "/crates").await.headers().contains_key("idempotent-replayed"));
    let operator = lab.operator.clone();
    for _ in 0..2 {
        let secret = send(&operator, "/keys").await;
        assert!(!secret.headers().contains_key("idempotent-replayed"), "secrets are not kept");
    }
}

#[tokio::test]
async fn refusals_are_not_kept() {
    let lab = lab().await;
    let send =
        |body: Value| lab.order("POST", "/crates").header("idempotency-key", "k").json(&body);
    assert_eq!(send(json!({})).send().await.unwrap().status(), 422);
    assert_eq!(send(json!({ "name": "a" })).send().await.unwrap().status(), 201);
    for bad in ["", "a b", &"x".repeat(256)] {
        let request = lab.order("POST", "/crates").header("idempotency-key", bad);
        let answer = request.json(&json!({ "name": "a" })).send().await.unwrap();
        is(&problem(answer).await, 400, "bad_idempotency_key");
    }
}

#[tokio::test]
async fn in_flight_it_waits_even_when_the_first_caller_has_hung_up() {
    let lab = lab().await;
    let send = || lab.order("POST", "/crates/7/wait").header("idempotency-key", "k");
    let first = tokio::spawn(send().send());
    lab.depot.entered.notified().await;
    first.abort();
    let _ = first.await;
    let second = send().send().await.unwrap();
    assert_eq!(second.headers()["retry-after"], "1");
    is(&problem(second).await, 409, "request_in_flight");
    lab.depot.gate.notify_one();
    let deadline = Duration::from_secs(20);
    let replayed = tokio::time::timeout(deadline, async {
        loop {
            let answer = send().send().await.unwrap();
            if answer.status() == 200 {
                break answer;
            }
            tokio::task::yield_now().await;
        }
    });
    let replayed = replayed.await.unwrap();
    assert_eq!(replayed.headers()["idempotent-replayed"], "true");
}
