//! Leaves over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use super::people::user;
use super::tenants::{id, tenant};
use crate::api::tests::house::{House, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

const DAY: Duration = Duration::from_hours(24);

async fn ana(house: &House) -> String {
    let academia = tenant(house, "one.example").await;
    format!("/users/{}", id(&user(house, &academia, "Ana").await))
}

async fn plan(house: &House, path: &str, date_in: &str, date_out: &str) -> Value {
    let leave = json!({ "date_in": date_in, "date_out": date_out, "reason": "férias" });
    ok(house.order("POST", &format!("{path}/leave")).json(&leave), 201).await
}

#[tokio::test]
async fn a_leave_is_planned_seen_and_in_force_on_time() {
    let house = house().await;
    let path = ana(&house).await;
    let leave = json!({ "date_in": "2025-12-02", "date_out": "2025-12-04" });
    let response = house.order("POST", &format!("{path}/leave")).json(&leave).send().await.unwrap();
    let place = response.headers()["location"].to_str().unwrap().to_owned();
    let made: Value = response.json().await.unwrap();
    assert_eq!(place, format!("{path}/leave/{}", id(&made)));
    assert_eq!((&made["state"], &made["reason"]), (&json!("planned"), &Value::Null));
    // Midnight in Sao Paulo.
    assert_eq!(made["begins_at"], "2025-12-02T03:00:00Z");
    assert_eq!(made["ends_at"], "2025-12-04T03:00:00Z");
    assert_eq!(ok(house.order("GET", &place), 200).await, made);
    let shown = ok(house.order("GET", &path), 200).await;
    assert_eq!((&shown["status"], &shown["next_status"]), (&json!("ACTIVE"), &json!("SUSPENDED")));
    assert_eq!(shown["scheduled_status_change_at"], "2025-12-02T03:00:00Z");
    for (at, status) in [
        ("2025-12-02T00:00", "SUSPENDED"),
        ("2025-12-03T23:59:59", "SUSPENDED"),
        ("2025-12-04", "ACTIVE"),
    ] {
        let told = ok(house.order("GET", &format!("{path}/status?at={at}")), 200).await;
        assert_eq!((&told["status"], &told["planned"]), (&json!(status), &json!(true)), "{at}");
    }
    house.world.hand.advance(DAY);
    let shown = ok(house.order("GET", &path), 200).await;
    assert_eq!((&shown["status"], &shown["next_status"]), (&json!("SUSPENDED"), &json!("ACTIVE")));
    assert_eq!(ok(house.order("GET", &place), 200).await["state"], "running");
    house.world.hand.advance(2 * DAY);
    assert_eq!(ok(house.order("GET", &path), 200).await["status"], "ACTIVE");
    let over = ok(house.order("GET", &place), 200).await;
    assert_eq!((&over["state"], &over["ended_at"]), (&json!("ended"), &made["ends_at"]));
    let called_off = house.order("DELETE", &place).send().await.unwrap();
    is(&problem(called_off).await, 409, "leave_over");
}

#[tokio::test]
async fn leaves_are_listed_and_called_off() {
    let house = house().await;
    let path = ana(&house).await;
    let first = plan(&house, &path, "2025-12-02", "2025-12-04").await;
    house.world.hand.advance(Duration::from_millis(1));
    let second = plan(&house, &path, "2025-12-20", "2025-12-24").await;
    let place = format!("{path}/leave/{}", id(&first));
    let gone = house.order("DELETE", &place).send().await.unwrap();
    assert_eq!(gone.status(), 204);
    let all = ok(house.order("GET", &format!("{path}/leave")), 200).await;
    let rows: Vec<_> = all.as_array().unwrap().iter().map(|row| (id(row), &row["state"])).collect();
    assert_eq!(rows, [(id(&first), &json!("cancelled")), (id(&second), &json!("planned"))]);
    let page = ok(house.order("GET", &format!("{path}/leave?limit=1")), 200).await;
    assert_eq!(page.as_array().unwrap().len(), 1);
    assert_eq!(all[0]["end_reason"], "it was called off");
    let absent = house.order(
        "DELETE",
        &format!("{path}/leave/{}", house.world.shell.id::<zelador_store::id::Leave>()),
    );
    is(&problem(absent.send().await.unwrap()).await, 404, "not_found");
}

#[tokio::test]
async fn what_cannot_be_a_leave_is_refused() {
    let house = house().await;
    let path = ana(&house).await;
    let leaves = format!("{path}/leave");
    for (date_in, date_out, field, code) in [
        ("2025-11-30", "2025-12-02", "date_in", "in_the_past"),
        ("2025-12-02", "2025-12-02", "date_out", "not_after_start"),
        ("2025-12-02", "soon", "date_out", "format"),
        ("2025-12-02T00:00", "2025-12-03", "date_in", "format"),
    ] {
        let leave = json!({ "date_in": date_in, "date_out": date_out });
        let found = flaws(house.order("POST", &leaves).json(&leave)).await;
        assert_eq!(found, [(field.to_owned(), code.to_owned())]);
    }
    let long =
        json!({ "date_in": "2025-12-02", "date_out": "2025-12-03", "reason": "x".repeat(201) });
    let found = flaws(house.order("POST", &leaves).json(&long)).await;
    assert_eq!(found, [("reason".to_owned(), "too_long".to_owned())]);
    let ban = json!({ "status": "BANNED" });
    ok(house.order("PUT", &format!("{path}/status")).json(&ban), 200).await;
    let today = json!({ "date_in": "2025-12-01", "date_out": "2025-12-03" });
    let refused = house.order("POST", &leaves).json(&today).send().await.unwrap();
    is(&problem(refused).await, 409, "user_not_active");
}
