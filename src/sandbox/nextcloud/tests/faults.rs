//! The switches: what fails, and what is left behind then.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::json;

use super::super::Smtp;
use super::{Faults, Rig, new_user};

pub(super) const NAMES: [&str; 6] = [
    "listener failure leaves a bare user",
    "a client that hangs up stops nothing",
    "SMTP refused",
    "SMTP that hangs",
    "so many at once",
    "the retry gives 102",
];

fn wanted() -> serde_json::Value {
    new_user(json!({"groups": ["staff"], "quota": "5 GB", "email": "a@example.org"}))
}

/// Rows: `listener failure leaves a bare user`; `the retry gives 102`.
#[tokio::test]
async fn a_failing_listener_leaves_a_bare_account() {
    let rig = Rig::with(Faults::quick()).await;
    rig.sandbox.set(|faults| faults.error_after_insert_percent = 100);
    let made = rig.post(wanted()).await;
    assert_eq!((made.http, made.code), (500, 996));
    let seen = rig.sandbox.account("alice").unwrap();
    assert_eq!((&seen["groups"], &seen["email"]), (&json!([]), &json!(null)));
    assert_eq!(seen["quota"]["quota"], json!(-3));
    assert_eq!(rig.post(wanted()).await.code, 102);
}

#[tokio::test]
async fn all_may_be_done_though_the_answer_says_otherwise() {
    let rig = Rig::new().await;
    rig.sandbox.set(|faults| faults.error_after_create_percent = 100);
    let made = rig.post(wanted()).await;
    assert_eq!((made.http, made.code), (502, 0));
    assert_eq!(rig.sandbox.account("alice").unwrap()["groups"], json!(["staff"]));
}

#[tokio::test]
async fn the_connection_may_be_cut_before_or_after() {
    let rig = Rig::new().await;
    let post = |id: &str| {
        let body = new_user(json!({"userid": id, "groups": ["staff"]}));
        rig.request(Method::POST, "users").json(&body).send()
    };
    rig.sandbox.set(|faults| faults.cut_after_create_percent = 100);
    assert!(post("alice").await.is_err());
    assert_eq!(rig.sandbox.account("alice").unwrap()["groups"], json!(["staff"]));
    rig.sandbox.set(|faults| {
        faults.cut_after_create_percent = 0;
        faults.cut_after_insert_percent = 100;
    });
    assert!(post("bob").await.is_err());
    assert_eq!(rig.sandbox.account("bob").unwrap()["groups"], json!([]));
    rig.sandbox.set(|faults| faults.dead = true);
    assert!(post("carol").await.is_err());
    assert!(!rig.has("carol"));
}

/// Rows: `a client that hangs up stops nothing`.
#[tokio::test]
async fn who_hangs_up_stops_nothing() {
    let rig = Rig::with(Faults { create_ms: 200, ..Faults::default() }).await;
    let impatient = rig.request(Method::POST, "users").json(&wanted());
    assert!(impatient.timeout(Duration::from_millis(20)).send().await.is_err());
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    while rig.sandbox.account("alice").is_none_or(|seen| seen["groups"] != json!(["staff"])) {
        assert!(tokio::time::Instant::now() < deadline, "the server did not finish");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// Rows: `SMTP refused`; `SMTP that hangs`.
#[tokio::test]
async fn mail_that_hangs_only_takes_time() {
    let hangs = Faults { smtp: Smtp::Hangs, smtp_hang_ms: 150, ..Faults::quick() };
    let rig = Rig::with(hangs).await;
    let started = tokio::time::Instant::now();
    assert_eq!(rig.post(wanted()).await.code, 200);
    assert!(started.elapsed() >= Duration::from_millis(150));
    rig.sandbox.set(|faults| faults.smtp = Smtp::Refuses);
    assert_eq!(
        rig.post(new_user(json!({"userid": "bob", "email": "b@example.org"}))).await.code,
        200
    );
}

/// Rows: `so many at once`.
#[tokio::test]
async fn so_many_are_made_at_once() {
    let rig = Rig::with(Faults { create_ms: 60, workers: 2, ..Faults::default() }).await;
    let ids: Vec<_> = (0..8).map(|at| format!("u{at}")).collect();
    let all = join_all(ids.iter().map(|id| rig.post(new_user(json!({"userid": id}))))).await;
    assert!(all.iter().all(|got| got.code == 200), "{all:?}");
    assert_eq!(rig.sandbox.most_at_once(), 2);
}

#[tokio::test]
async fn switches_are_thrown_over_the_control_route() {
    let rig = Rig::new().await;
    let url = format!("{}/sandbox/faults", rig.sandbox.url());
    let patch = |body: serde_json::Value| rig.client.patch(url.clone()).json(&body).send();
    assert_eq!(patch(json!({"dead": true})).await.unwrap().status(), 200);
    assert!(rig.request(Method::GET, "users").send().await.is_err());
    assert_eq!(patch(json!({"dead": false, "workers": 9})).await.unwrap().status(), 200);
    assert_eq!(rig.sandbox.faults().workers, 9);
    assert_eq!(patch(json!({"no_such": 1})).await.unwrap().status(), 422);
    let state = rig.client.get(format!("{}/sandbox/state", rig.sandbox.url())).send().await;
    let state: serde_json::Value = state.unwrap().json().await.unwrap();
    assert_eq!(state["users"].as_array().unwrap().len(), 2);
    let on = rig.client.post(format!("{}/sandbox/maintenance/on", rig.sandbox.url()));
    assert_eq!(on.send().await.unwrap().status(), 200);
    assert_eq!(rig.get("users").await.http, 503);
}
