//! Who may call, and how often.

use std::time::Duration;

use serde_json::json;
use zelador_store::Timestamp;

use super::lab::{Lab, is, lab, lab_with, problem};
use crate::config::ApiSettings;

async fn status(lab: &Lab, token: &str) -> u16 {
    lab.ask("GET", "/crates").bearer_auth(token).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_token_is_good_until_it_is_not() {
    let lab = lab().await;
    let token = lab.service(&["crates:read"]);
    assert_eq!(status(&lab, &token).await, 200);
    let by_key = lab.ask("GET", "/crates").header("x-api-key", &token);
    assert_eq!(by_key.send().await.unwrap().status(), 200);
    lab.change_token(&token, |token| {
        token.expires_at = Some(Timestamp::from_seconds(1_764_943_260));
    });
    assert_eq!(status(&lab, &token).await, 200);
    lab.hand.advance(Duration::from_mins(1));
    assert_eq!(status(&lab, &token).await, 401);
    lab.change_token(&token, |token| token.expires_at = None);
    assert_eq!(status(&lab, &token).await, 200);
    lab.change_token(&token, |token| token.revoked_at = Some(Timestamp::EPOCH));
    assert_eq!(status(&lab, &token).await, 401);
}

#[tokio::test]
async fn what_is_not_a_token_is_refused_and_challenged() {
    let lab = lab().await;
    let good = lab.service(&["*"]);
    let basic = lab.ask("GET", "/crates").header("authorization", "Basic YTpi");
    let two = lab.ask("GET", "/crates").bearer_auth(&good).header("x-api-key", "other");
    let cut = lab.ask("GET", "/crates").bearer_auth(&good[..good.len() - 1]);
    for request in [basic, two, cut] {
        let answer = request.send().await.unwrap();
        let challenge = answer.headers()["www-authenticate"].to_str().unwrap().to_owned();
        assert!(challenge.contains("invalid_token"));
        is(&problem(answer).await, 401, "bad_token");
    }
    let same = lab.ask("GET", "/crates").bearer_auth(&good).header("x-api-key", &good);
    assert_eq!(same.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn scopes_say_what_a_service_may() {
    let lab = lab().await;
    let write = |token: String| {
        let request = lab.ask("POST", "/crates").bearer_auth(token).json(&json!({ "name": "a" }));
        async move { request.send().await.unwrap().status().as_u16() }
    };
    assert_eq!(write(lab.service(&["crates:write"])).await, 201);
    assert_eq!(write(lab.service(&["crates:*"])).await, 201);
    assert_eq!(write(lab.service(&["*"])).await, 201);
    for scopes in
        [&["crates:read"][..], &["crate:*"], &["crates"], &["*:write"], &[":*"], &[""], &[]]
    {
        assert_eq!(write(lab.service(scopes)).await, 403, "{scopes:?}");
    }
    let bound = lab.token(|token| {
        token.scopes = vec!["crates:*".to_owned()];
        token.tenant = Some(lab.tenant);
    });
    assert_eq!(write(bound.clone()).await, 201);
    let destroy = lab.ask("DELETE", "/crates/0").bearer_auth(bound);
    assert_eq!(destroy.send().await.unwrap().status(), 403);
    let wait = lab.ask("POST", "/crates/0/wait").bearer_auth(lab.service(&["*"]));
    assert_eq!(wait.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn ten_bad_tokens_are_enough() {
    let lab = lab().await;
    for _ in 0..10 {
        assert_eq!(status(&lab, "zld_guess").await, 401);
    }
    let answer = lab.ask("GET", "/crates").bearer_auth("zld_guess").send().await.unwrap();
    let wait: u64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=6).contains(&wait));
    is(&problem(answer).await, 429, "too_many_requests");
    assert_eq!(status(&lab, &lab.operator).await, 200, "who has a good one is not locked out");
}

#[tokio::test]
async fn an_open_door_asks_for_no_token_and_minds_none() {
    let lab = lab().await;
    for _ in 0..20 {
        let knocks = [
            lab.ask("GET", "/health"),
            lab.ask("GET", "/health").bearer_auth("zld_guess"),
            lab.ask("GET", "/health").header("authorization", "Basic YTpi"),
        ];
        for knock in knocks {
            assert_eq!(knock.send().await.unwrap().status(), 200);
        }
    }
    // None of them was counted as a guess.
    assert_eq!(status(&lab, "zld_guess").await, 401);
}

#[tokio::test]
async fn calls_are_limited_by_token_tenant_and_address() {
    let mut settings = ApiSettings::default();
    settings.limits.token_burst = 3;
    settings.limits.token_per_second = 1;
    settings.limits.tenant_burst = 5;
    settings.limits.tenant_per_second = 1;
    let lab = lab_with(settings.clone()).await;
    let bound = || {
        lab.token(|token| {
            token.scopes = vec!["*".to_owned()];
            token.tenant = Some(lab.tenant);
        })
    };
    let (one, other) = (bound(), bound());
    for expected in [200, 200, 200, 429] {
        assert_eq!(status(&lab, &one).await, expected);
    }
    for expected in [200, 200, 429] {
        assert_eq!(status(&lab, &other).await, expected, "the tenant's bucket is empty");
    }
    settings.limits.address_burst = 2;
    settings.limits.address_per_second = 1;
    lab.api.configure(&settings);
    let free = lab.service(&["*"]);
    for expected in [200, 200, 429] {
        assert_eq!(status(&lab, &free).await, expected);
    }
    for _ in 0..10 {
        assert_eq!(status(&lab, &lab.operator).await, 200);
        assert_eq!(lab.ask("GET", "/health").send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_the_operator() {
    let lab = lab().await;
    let metrics = lab.ask("GET", "/metrics").send().await.unwrap();
    assert_eq!(metrics.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(metrics.text().await.unwrap(), "zelador_up 1\n");
    // A proxy on this machine that speaks for somebody else.
    let remote = || lab.ask("GET", "/metrics").header("x-forwarded-for", "203.0.113.9");
    assert_eq!(remote().send().await.unwrap().status(), 401);
    let operator = remote().bearer_auth(&lab.operator);
    assert_eq!(operator.send().await.unwrap().status(), 200);
    let service = remote().bearer_auth(lab.service(&["*"]));
    assert_eq!(service.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn health_is_open_and_status_is_not() {
    let lab = lab().await;
    let health = lab.ask("GET", "/health").send().await.unwrap();
    let health: serde_json::Value = health.json().await.unwrap();
    let expected = json!({
        "status": "ok", "service": "zelador", "timestamp": "2025-12-05T14:00:00Z",
    });
    assert_eq!(health, expected);
    assert_eq!(lab.ask("GET", "/ready").send().await.unwrap().status(), 200);
    *lab.ready.lock() = false;
    let ready = lab.ask("GET", "/ready").send().await.unwrap();
    assert_eq!(ready.status(), 503);
    let ready: serde_json::Value = ready.json().await.unwrap();
    assert_eq!(ready["status"], "not_ready");
    assert_eq!(ready["checks"]["database"], false);
    assert_eq!(lab.ask("GET", "/status").send().await.unwrap().status(), 401);
    let status = lab.ask("GET", "/status").bearer_auth(lab.service(&["status:read"]));
    assert_eq!(status.send().await.unwrap().status(), 200);
}
