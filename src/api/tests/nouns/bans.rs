//! Scheduled bans over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use super::people::user;
use super::tenants::{id, tenant};
use crate::api::tests::house::{House, body, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

const BANS: &str = "/api/admin/scheduled-bans";

fn ban(user: &Value, date: &str) -> Value {
    json!({ "user_id": id(user), "date": date, "reason": "spam" })
}

async fn academia(house: &House) -> Value {
    tenant(house, "academia-fit.com").await
}

#[tokio::test]
async fn a_ban_is_planned_seen_and_called_off() {
    let house = house().await;
    let academia = academia(&house).await;
    let (ana, bia) = (user(&house, &academia, "Ana").await, user(&house, &academia, "Bia").await);
    let own = format!("{BANS}/{}", id(&ana));
    let request = house.order("POST", BANS).json(&ban(&ana, "2025-12-05T14:00:00-03:00"));
    let response = request.send().await.unwrap();
    assert_eq!(response.headers()["location"], own.as_str());
    let made = body(response, 201).await;
    assert_eq!(made["user_id"], ana["id"]);
    assert_eq!(made["date"], "2025-12-05T17:00:00Z");
    assert_eq!(made["reason"], "spam");
    assert_eq!(made["next_status"], "BANNED");
    assert_eq!(made["scheduled_status_change_at"], "2025-12-05T17:00:00Z");
    assert_eq!(made["scheduled_ban_reason"], "spam");
    assert_eq!(made["status_label"], "Ativo");
    let listed = ok(house.order("GET", BANS), 200).await;
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!((&listed[0]["date"], &listed[1]["date"]), (&made["date"], &Value::Null));
    assert_eq!(listed[1]["user_id"], bia["id"]);
    assert_eq!(ok(house.order("GET", &own), 200).await["plan_id"], made["plan_id"]);
    // Another one takes its place.
    let second = ok(house.order("POST", BANS).json(&ban(&ana, "2025-12-06")), 201).await;
    assert_eq!(second["date"], "2025-12-06T03:00:00Z");
    assert_eq!(second["plans"].as_array().unwrap().len(), 1);
    ok(house.order("DELETE", &own), 204).await;
    let shown = ok(house.order("GET", &format!("/users/{}", id(&ana))), 200).await;
    for name in ["next_status", "scheduled_status_change_at", "scheduled_ban_reason"] {
        assert_eq!(shown[name], Value::Null);
    }
    for request in [house.order("DELETE", &own), house.order("GET", &own)] {
        let refused = problem(request.send().await.unwrap()).await;
        is(&refused, 404, "not_found");
        assert_eq!(refused.2["message"], "Não há banimento programado para este usuário.");
    }
}

#[tokio::test]
async fn whoever_is_banned_is_not_listed_and_not_banned_again() {
    let house = house().await;
    let academia = academia(&house).await;
    let (ana, bia) = (user(&house, &academia, "Ana").await, user(&house, &academia, "Bia").await);
    ok(house.order("POST", BANS).json(&ban(&ana, "2025-12-01T12:30:00Z")), 201).await;
    house.world.hand.advance(Duration::from_secs(1800));
    // In force to the second, whether or not its job has run.
    let listed = ok(house.order("GET", BANS), 200).await;
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(listed[0]["user_id"], bia["id"]);
    let refused = house.order("POST", BANS).json(&ban(&ana, "2025-12-10")).send().await.unwrap();
    is(&problem(refused).await, 409, "already_banned");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let house = house().await;
    let ana = user(&house, &academia(&house).await, "Ana").await;
    for (date, code) in [
        ("2025-12-01T12:00:00Z", "not_in_the_future"),
        ("2025-12-01", "not_in_the_future"),
        ("2025-13-01", "format"),
        ("amanhã", "format"),
    ] {
        let found = flaws(house.order("POST", BANS).json(&ban(&ana, date))).await;
        assert_eq!(found, [("date".to_owned(), code.to_owned())], "{date}");
    }
    let mut found = flaws(house.order("POST", BANS).json(&json!({ "who": 1 }))).await;
    found.sort();
    let fields: Vec<_> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["date", "reason", "user_id", "who"]);
    let nobody = json!({ "id": "0198c5a8-5f00-7000-8000-000000000000" });
    let absent = house.order("POST", BANS).json(&ban(&nobody, "2030-01-01")).send().await.unwrap();
    is(&problem(absent).await, 404, "not_found");
    let santiago = json!({
        "name": "x", "domain": "x.example", "settings": { "timezone": "America/Santiago" },
    });
    let santiago = ok(house.order("POST", "/tenants").json(&santiago), 201).await;
    let eva = user(&house, &santiago, "Eva").await;
    let found = flaws(house.order("POST", BANS).json(&ban(&eva, "2026-09-06T00:30"))).await;
    assert_eq!(found, [("date".to_owned(), "nonexistent_local_time".to_owned())]);
    let day = ok(house.order("POST", BANS).json(&ban(&eva, "2026-09-06")), 201).await;
    assert_eq!(day["date"], "2026-09-06T04:00:00Z");
}

#[tokio::test]
async fn a_repeated_request_plans_once() {
    let house = house().await;
    let ana = user(&house, &academia(&house).await, "Ana").await;
    let post = || {
        let request = house.order("POST", BANS).header("idempotency-key", "k1");
        request.json(&ban(&ana, "2030-01-01"))
    };
    let first = ok(post(), 201).await;
    let again = post().send().await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(body(again, 201).await, first);
    let shown = ok(house.order("GET", &format!("/users/{}", id(&ana))), 200).await;
    assert_eq!(shown["version"], 2);
}
