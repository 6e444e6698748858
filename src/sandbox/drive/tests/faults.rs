//! Failures on order, in Google's words.

use serde_json::{Value, json};

use super::super::SHARED_DRIVE;
use super::{ALL, FOLDER, Rig};

pub(super) const NAMES: [&str; 5] = [
    "the body of an error",
    "errors may be missing",
    "403 userRateLimitExceeded and Retry-After",
    "an answer that is lost though all was done",
    "HTML in the place of JSON",
];

/// Rows: `the body of an error`; `errors may be missing`; `403 userRateLimitExceeded and
/// Retry-After`; `HTML in the place of JSON`.
#[tokio::test]
async fn failures_have_googles_shape() {
    let rig = Rig::new().await;
    rig.sandbox.set(|faults| {
        faults.status = 403;
        faults.reason = "userRateLimitExceeded".to_owned();
        faults.retry_after = Some(7);
        faults.times = 2;
    });
    let url = format!("{}/drive/v3/about?fields=user", rig.sandbox.url());
    let answer = rig.client.get(url).bearer_auth(&rig.token).send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "7");
    let body: Value = answer.json().await.unwrap();
    let error = &body["error"];
    assert_eq!((&error["code"], &error["status"]), (&json!(403), &json!("PERMISSION_DENIED")));
    assert_eq!(error["errors"][0]["domain"], "usageLimits");
    rig.sandbox.set(|faults| faults.bare = true);
    let bare = rig.get("about?fields=user").await;
    assert_eq!(bare.body["error"]["errors"], Value::Null);
    assert_eq!(bare.body["error"]["details"][0]["reason"], "userRateLimitExceeded");
    rig.get("about?fields=user").await.ok();
    rig.sandbox.set(|faults| {
        (faults.status, faults.html, faults.only) = (502, true, "GET /drive/v3/about".to_owned());
    });
    let html = rig.get("about?fields=user").await;
    assert!(html.status == 502 && html.body.as_str().unwrap().starts_with("<html>"));
    rig.get(&format!("files?{ALL}")).await.ok();
}

/// Rows: `an answer that is lost though all was done`.
#[tokio::test]
async fn what_failed_may_be_done_all_the_same() {
    let rig = Rig::new().await;
    rig.sandbox.set(|faults| (faults.status, faults.after, faults.times) = (500, true, 1));
    let body = json!({"name": "a", "mimeType": FOLDER, "parents": [SHARED_DRIVE]});
    assert_eq!(rig.post(&format!("files?{ALL}"), body.clone()).await.status, 500);
    assert_eq!(rig.sandbox.count(), 1);
    rig.sandbox.set(|faults| (faults.cut, faults.after, faults.times) = (true, true, 1));
    let url = format!("{}/drive/v3/files?{ALL}", rig.sandbox.url());
    let cut = rig.client.post(url).bearer_auth(&rig.token).json(&body).send().await;
    assert!(cut.is_err());
    assert_eq!(rig.sandbox.count(), 2, "a repeat without an id doubles");
}
