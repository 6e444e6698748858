//! Tokens over HTTP.

use serde_json::{Value, json};

use crate::api::tests::house::{House, body, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

async fn status_with(house: &House, token: &str, path: &str) -> u16 {
    house.ask("GET", path).bearer_auth(token).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_token_is_shown_once_and_works_until_it_is_revoked() {
    let house = house().await;
    let draft = json!({
        "name": "dashboard", "scopes": ["status:read"], "expires_at": "2025-12-02T09:00:00-03:00",
    });
    let response = house.order("POST", "/api/tokens").json(&draft).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let made = body(response, 201).await;
    assert_eq!(location, format!("/api/tokens/{}", made["id"].as_str().unwrap()));
    assert_eq!(made["role"], "service");
    assert_eq!(made["expires_at"], "2025-12-02T12:00:00Z");
    assert_eq!(made["created_at"], "2025-12-01T12:00:00Z");
    let text = made["token"].as_str().unwrap().to_owned();
    assert!(text.starts_with("zld_") && text.len() == 68, "{text}");

    let listed = ok(house.order("GET", "/tokens"), 200).await;
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains(&text) && !listed.to_string().contains("hash"));
    let mut known = made.clone();
    known.as_object_mut().unwrap().remove("token");
    assert_eq!(listed[1], known);

    assert_eq!(status_with(&house, &text, "/status").await, 200);
    assert_eq!(status_with(&house, &text, "/tokens").await, 403);
    ok(house.order("DELETE", &location), 204).await;
    assert_eq!(status_with(&house, &text, "/status").await, 401);
    ok(house.order("DELETE", &location), 204).await;
    let listed = ok(house.order("GET", "/tokens?limit=1"), 200).await;
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_token_expires() {
    let house = house().await;
    let draft = json!({ "name": "x", "scopes": ["*"], "expires_at": "2025-12-01T12:01:00Z" });
    let made = ok(house.order("POST", "/tokens").json(&draft), 201).await;
    let text = made["token"].as_str().unwrap();
    assert_eq!(status_with(&house, text, "/status").await, 200);
    house.world.hand.advance(std::time::Duration::from_secs(60));
    assert_eq!(status_with(&house, text, "/status").await, 401);
}

#[tokio::test]
async fn the_last_operator_cannot_lock_everybody_out() {
    let house = house().await;
    let own = ok(house.order("GET", "/tokens"), 200).await[0]["id"].as_str().unwrap().to_owned();
    let refused = house.order("DELETE", &format!("/tokens/{own}")).send().await.unwrap();
    is(&problem(refused).await, 409, "last_operator_token");
    let draft = json!({ "name": "a person", "role": "operator" });
    ok(house.order("POST", "/tokens").json(&draft), 201).await;
    ok(house.order("DELETE", &format!("/tokens/{own}")), 204).await;
}

#[tokio::test]
async fn all_that_is_wrong_is_said() {
    let house = house().await;
    let wrong = async |draft: Value| flaws(house.order("POST", "/tokens").json(&draft)).await;
    let pair = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(wrong(json!({})).await, [pair("name", "required")]);
    assert_eq!(
        wrong(json!({ "name": "operator.token", "scopes": ["jobs:fly"] })).await,
        [pair("name", "reserved"), pair("scopes[0]", "unknown_scope")]
    );
    assert_eq!(
        wrong(json!({ "name": "x", "role": "operator", "scopes": ["*"] })).await,
        [pair("scopes", "operator_may_all")]
    );
    assert_eq!(wrong(json!({ "name": "x" })).await, [pair("scopes", "too_few")]);
    let at = |at: &str| json!({ "name": "x", "scopes": ["*"], "expires_at": at });
    assert_eq!(wrong(at("2025-12-01T12:00:00Z")).await, [pair("expires_at", "not_in_the_future")]);
    assert_eq!(wrong(at("2026-12-01T12:00:00")).await, [pair("expires_at", "offset_required")]);
    assert_eq!(wrong(at("tomorrow")).await, [pair("expires_at", "format")]);
    let nobody = json!({
        "name": "x", "scopes": ["*"], "tenant_id": "0193a3a0-0000-7000-8000-000000000000",
    });
    let refused = house.order("POST", "/tokens").json(&nobody).send().await.unwrap();
    is(&problem(refused).await, 404, "not_found");
    let refused = house.order("DELETE", "/tokens/nonsense").send().await.unwrap();
    is(&problem(refused).await, 404, "not_found");
}
