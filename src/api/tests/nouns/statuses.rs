//! The status of a user over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use super::people::user;
use super::tenants::{id, tenant};
use crate::api::tests::house::{House, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

async fn ana(house: &House) -> String {
    let academia = tenant(house, "one.example").await;
    format!("/users/{}", id(&user(house, &academia, "Ana").await))
}

#[tokio::test]
async fn each_status_has_its_code_and_its_words() {
    let house = house().await;
    let path = ana(&house).await;
    for (status, code, words) in [
        ("INACTIVE", 0, ["Inativo", "Inactivo", "Inactive"]),
        ("SUSPENDED", 2, ["Suspenso", "Suspendido", "Suspended"]),
        ("PENDING", 3, ["Pendente", "Pendiente", "Pending"]),
        ("BANNED", 4, ["Banido", "Baneado", "Banned"]),
        ("ACTIVE", 1, ["Ativo", "Activo", "Active"]),
    ] {
        let change = json!({ "status": status, "reason": "why" });
        let put = house.order("PUT", &format!("{path}/status")).json(&change);
        let shown = ok(put, 200).await;
        assert_eq!((&shown["status"], &shown["status_code"]), (&json!(status), &json!(code)));
        assert_eq!(shown["status_reason"], "why");
        for (language, word) in ["pt-PT", "es-CL", "en"].into_iter().zip(words) {
            let asked = house.order("GET", &path).header("accept-language", language);
            assert_eq!(ok(asked, 200).await["status_label"], word);
        }
    }
    let found = flaws(house.order("PUT", &format!("{path}/status")).json(&json!({}))).await;
    assert_eq!(found, [("status".to_owned(), "required".to_owned())]);
}

#[tokio::test]
async fn a_planned_change_is_seen_waits_and_is_in_force_on_time() {
    let house = house().await;
    let path = ana(&house).await;
    let plans = format!("{path}/scheduled-status");
    let absent = house.order("DELETE", &plans).send().await.unwrap();
    is(&problem(absent).await, 404, "not_found");
    let plan = json!({ "status": "SUSPENDED", "at": "2025-12-01T10:00", "reason": "férias" });
    let response = house.order("POST", &plans).json(&plan).send().await.unwrap();
    assert_eq!(response.headers()["location"], plans.as_str());
    let made: Value = response.json().await.unwrap();
    // Ten o'clock in Sao Paulo.
    assert_eq!(made["at"], "2025-12-01T13:00:00Z");
    assert_eq!((&made["planned_status"], &made["status"]), (&json!("SUSPENDED"), &json!("ACTIVE")));
    assert_eq!(made["next_status"], "SUSPENDED");
    assert_eq!(made["scheduled_status_change_at"], "2025-12-01T13:00:00Z");
    assert_eq!(made["scheduled_ban_reason"], Value::Null);
    assert!(made["job_id"].is_string());
    assert_eq!(ok(house.order("GET", &plans), 200).await["plan_id"], made["plan_id"]);
    house.world.hand.advance(Duration::from_secs(3600));
    let shown = ok(house.order("GET", &path), 200).await;
    assert_eq!((&shown["status"], &shown["next_status"]), (&json!("SUSPENDED"), &Value::Null));
    assert_eq!(shown["status_since"], "2025-12-01T13:00:00Z");
    assert_eq!(shown["status_reason"], "férias");
    let gone = house.order("GET", &plans).send().await.unwrap();
    is(&problem(gone).await, 404, "not_found");
}

#[tokio::test]
async fn any_instant_can_be_asked_for() {
    let house = house().await;
    let path = ana(&house).await;
    house.world.hand.advance(Duration::from_secs(60));
    ok(house.order("PUT", &format!("{path}/status")).json(&json!({ "status": "PENDING" })), 200)
        .await;
    let plan = json!({ "status": "ACTIVE", "at": "2026-01-01" });
    ok(house.order("POST", &format!("{path}/scheduled-status")).json(&plan), 201).await;
    for (at, status, planned) in [
        ("2025-12-01T12:00:30Z", "ACTIVE", false),
        ("2025-12-01T12:01:30Z", "PENDING", false),
        ("2025-12-31T23:59:59", "PENDING", false),
        ("2026-01-01", "ACTIVE", true),
    ] {
        let told = ok(house.order("GET", &format!("{path}/status?at={at}")), 200).await;
        assert_eq!((&told["status"], &told["planned"]), (&json!(status), &json!(planned)), "{at}");
    }
    assert_eq!(ok(house.order("GET", &format!("{path}/status")), 200).await["status_code"], 3);
    for (at, code) in [("soon", "format"), ("2025-11-01", "before_registration")] {
        let found = flaws(house.order("GET", &format!("{path}/status?at={at}"))).await;
        assert_eq!(found, [("at".to_owned(), code.to_owned())]);
    }
}

#[tokio::test]
async fn a_dry_run_shows_what_would_happen() {
    let house = house().await;
    let path = ana(&house).await;
    let change = json!({ "status": "BANNED" });
    let dry = house.order("PUT", &format!("{path}/status?dry_run=true")).json(&change);
    let told = ok(dry, 200).await;
    assert_eq!(told["status"], "BANNED");
    let nothing = json!({ "sessions_revoked": 0, "bookings_cancelled": 0, "plans_ended": [], "actions": ["revoke_sessions", "cancel_bookings"] });
    assert_eq!(told["would"], nothing);
    let plan = json!({ "status": "PENDING", "at": "2030-01-01" });
    let dry = house.order("POST", &format!("{path}/scheduled-status?dry_run=true")).json(&plan);
    assert_eq!(ok(dry, 200).await["next_status"], "PENDING");
    let leave = json!({ "date_in": "2030-01-01", "date_out": "2030-01-02" });
    let dry = house.order("POST", &format!("{path}/leave?dry_run=true")).json(&leave);
    assert_eq!(ok(dry, 200).await["would"]["actions"], json!([]));
    ok(house.order("DELETE", &format!("{path}?dry_run=true")), 200).await;
    let shown = ok(house.order("GET", &path), 200).await;
    assert_eq!(shown["status"], "ACTIVE");
    assert_eq!((&shown["next_status"], &shown["version"]), (&Value::Null, &json!(1)));
}
