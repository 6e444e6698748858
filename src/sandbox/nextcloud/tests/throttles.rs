//! Both kinds of 429, and maintenance.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{Rig, got, new_user};

pub(super) const NAMES: [&str; 7] = [
    "51st edit",
    "failed edits count",
    "edits come back after ten minutes",
    "twelfth bad login",
    "the lock wears off, and can be reset",
    "a right login does not clear it",
    "maintenance mode",
];

/// Rows: `51st edit`; `failed edits count`; `edits come back after ten minutes`.
#[tokio::test]
async fn the_fifty_first_edit_is_refused_without_an_envelope() {
    let rig = Rig::new().await;
    for at in 0..50 {
        // Half of them fail, and count.
        let value = if at % 2 == 0 { "5 GB" } else { "banana" };
        assert_ne!(rig.put("quota", value).await.http, 429, "{at}");
    }
    let answer = rig.request(Method::PUT, "users/dave").send().await.unwrap();
    assert_eq!(answer.status(), 429);
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(!answer.headers().contains_key("retry-after"));
    assert_eq!(answer.text().await.unwrap(), "");
    // Other calls have no such limit.
    assert_eq!(rig.post(new_user(json!({}))).await.code, 200);
    rig.hand.advance(Duration::from_secs(601));
    assert_eq!(rig.put("quota", "5 GB").await.code, 200);
}

/// Rows: `twelfth bad login`; `the lock wears off, and can be reset`; `a right login does not clear it`.
#[tokio::test]
async fn the_twelfth_bad_login_locks_the_address() {
    let rig = Rig::new().await;
    let path = "/ocs/v2.php/cloud/users";
    let wrong = || got(rig.anyone(Method::GET, path).basic_auth("admin", Some("wrong")));
    for at in 1..=11 {
        assert_eq!(wrong().await.http, 401, "{at}");
        if at == 5 {
            assert_eq!(rig.get("users").await.code, 200, "a right one in between");
        }
    }
    let delay = got(rig.anyone(Method::GET, "/ocs/v2.php/cloud/capabilities")).await;
    assert_eq!(delay.data["capabilities"]["bruteforce"]["delay"], json!(25_000));
    let locked = wrong().await;
    assert_eq!((locked.http, locked.code), (429, 429));
    assert_eq!(locked.words, "Reached maximum delay");
    assert_eq!(rig.get("users").await.code, 429, "the right password too");
    rig.hand.advance(Duration::from_secs(31 * 60));
    assert_eq!(rig.get("users").await.code, 200);
    for _ in 0..12 {
        wrong().await;
    }
    assert_eq!(rig.get("users").await.code, 429);
    rig.occ("php occ security:bruteforce:reset 127.0.0.1").await;
    assert_eq!(rig.get("users").await.code, 200);
}

/// Rows: `maintenance mode`.
#[tokio::test]
async fn in_maintenance_nothing_runs() {
    let rig = Rig::new().await;
    rig.sandbox.maintain(true);
    for version in ["v1", "v2"] {
        for path in ["users", "capabilities"] {
            let path = format!("/ocs/{version}.php/cloud/{path}");
            let answer = rig.anyone(Method::GET, &path).send().await.unwrap();
            assert_eq!(answer.status(), 503, "{path}");
            assert_eq!(answer.headers()["x-nextcloud-maintenance-mode"], "1");
            assert!(!answer.headers().contains_key("retry-after"));
            assert!(answer.text().await.unwrap().contains("Service unavailable"));
        }
    }
    let made = rig.post(new_user(json!({}))).await;
    assert_eq!((made.http, made.code), (503, 503));
    assert!(!rig.has("alice"));
    let status = rig.client.get(format!("{}/status.php", rig.sandbox.url())).send().await.unwrap();
    assert_eq!(status.status(), 200);
    assert!(status.text().await.unwrap().contains(r#""maintenance":true"#));
}
