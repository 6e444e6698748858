//! Resources over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use super::categories::{category, no_rules};
use super::tenants::{id, tenant};
use crate::api::tests::house::{House, body, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

async fn resource(house: &House, tenant: &Value, name: &str) -> Value {
    house.world.hand.advance(Duration::from_millis(1));
    let draft = json!({ "tenant_id": id(tenant), "name": name });
    ok(house.order("POST", "/resources").json(&draft), 201).await
}

#[tokio::test]
async fn the_seeds_resource_is_made_as_it_was_said() {
    let house = house().await;
    let academia = tenant(&house, "academia-fit.com").await;
    let salas = category(&house, &academia, "Salas de Aula").await;
    let said = json!({
        "tenant_id": id(&academia),
        "category_id": id(&salas),
        "name": "Sala 1 - Spinning",
        "description": "Sala equipada para aulas de spinning",
        "capacity": 20,
        "location": "Andar 2",
    });
    let response = house.order("POST", "/resources/").json(&said).send().await.unwrap();
    assert_eq!(response.headers()["etag"], "\"1\"");
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let made = body(response, 201).await;
    assert_eq!(location, format!("/resources/{}", id(&made)));
    let mut expected = said;
    for (name, value) in [
        ("id", made["id"].clone()),
        ("attributes", json!({})),
        ("is_active", json!(true)),
        ("concurrent_bookings", json!(1)),
        ("availability_schedule", Value::Null),
        ("settings", no_rules()),
        ("version", json!(1)),
        ("created_at", json!("2025-12-01T12:00:00Z")),
        ("updated_at", json!("2025-12-01T12:00:00Z")),
        (
            "effective_settings",
            json!({
                "timezone": "America/Sao_Paulo",
                "working_hours_start": "08:00:00", "working_hours_end": "18:00:00",
                "working_days": [0, 1, 2, 3, 4, 5, 6], "closures": [], "booking_interval": 30,
                "advance_booking_days": 30, "min_notice_minutes": 0, "cancellation_hours": 24,
                "buffer_minutes": 0, "auto_confirm": false,
            }),
        ),
    ] {
        expected[name] = value;
    }
    assert_eq!(made, expected);
    assert_eq!(ok(house.order("GET", &location), 200).await, made);
}

#[tokio::test]
async fn schedules_come_back_as_the_seed_writes_them() {
    let house = house().await;
    let academia = tenant(&house, "one.example").await;
    let week = json!({
        "monday": [{ "start": "13:00", "end": "18:00:00" }, { "start": "08:00", "end": "12:00" }],
        "friday": [{ "start": "22:00", "end": "02:00" }],
        "saturday": [{ "start": "02:00:30", "end": "06:00" }],
        "sunday": [],
    });
    let draft = json!({ "tenant_id": id(&academia), "name": "x", "availability_schedule": week });
    let made = ok(house.order("POST", "/resources").json(&draft), 201).await;
    let kept = json!({
        "monday": [{ "start": "08:00", "end": "12:00" }, { "start": "13:00", "end": "18:00" }],
        "friday": [{ "start": "22:00", "end": "02:00" }],
        "saturday": [{ "start": "02:00:30", "end": "06:00" }],
    });
    assert_eq!(made["availability_schedule"], kept);
    let path = format!("/resources/{}", id(&made));
    assert_eq!(ok(house.order("PUT", &path).json(&made), 200).await, made);
    // It is replaced whole.
    let other = json!({ "tuesday": [{ "start": "00:00", "end": "00:00" }] });
    let change = json!({ "availability_schedule": other });
    let changed = ok(house.order("PATCH", &path).json(&change), 200).await;
    assert_eq!(changed["availability_schedule"], other);
    // No day at all: it has no hours; null: the inherited ones.
    for nothing in [json!({}), Value::Null] {
        let change = json!({ "availability_schedule": nothing });
        let changed = ok(house.order("PATCH", &path).json(&change), 200).await;
        assert_eq!(changed["availability_schedule"], nothing);
    }
    let meets = json!({ "availability_schedule": {
        "monday": [{ "start": "08:00", "end": "12:00" }, { "start": "11:00", "end": "13:00" }],
        "friday": [{ "start": "22:00", "end": "02:00" }],
        "saturday": [{ "start": "01:00", "end": "03:00" }],
    }});
    let overlaps =
        |place: &str| (format!("availability_schedule.{place}"), "overlapping_window".to_owned());
    let found = flaws(house.order("PATCH", &path).json(&meets)).await;
    assert_eq!(found, [overlaps("monday[1]"), overlaps("saturday[0]")]);
    let odd = json!({ "availability_schedule": {
        "lundi": [], "monday": [{ "start": "8:00", "end": "24:00" }, { "start": "08:00" }],
    }});
    let mut found: Vec<_> =
        flaws(house.order("PATCH", &path).json(&odd)).await.into_iter().map(|f| f.0).collect();
    found.sort();
    let fields = ["lundi", "monday[0].end", "monday[0].start", "monday[1].end"];
    assert_eq!(found, fields.map(|field| format!("availability_schedule.{field}")));
}

#[tokio::test]
async fn rules_are_inherited_from_level_to_level() {
    let house = house().await;
    let academia = tenant(&house, "one.example").await;
    let salas = category(&house, &academia, "Salas").await;
    let made = resource(&house, &academia, "Sala 1").await;
    let path = format!("/resources/{}", id(&made));
    let rules = json!({ "booking_interval": 60, "buffer_minutes": 10 });
    let category_path = format!("/categories/{}", id(&salas));
    ok(house.order("PATCH", &category_path).json(&json!({ "settings": rules })), 200).await;
    let change = json!({ "category_id": id(&salas), "settings": { "buffer_minutes": 0 } });
    let changed = ok(house.order("PATCH", &path).json(&change), 200).await;
    let of = |record: &Value, name: &str| record["effective_settings"][name].clone();
    assert_eq!(of(&changed, "booking_interval"), 60);
    assert_eq!(of(&changed, "buffer_minutes"), 0);
    assert_eq!(changed["settings"]["booking_interval"], Value::Null);
    // A change above is felt below, and the record's own version stays.
    let rules = json!({ "settings": { "booking_interval": 45, "timezone": "America/Caracas" } });
    ok(house.order("PATCH", &format!("/tenants/{}", id(&academia))).json(&rules), 200).await;
    let plain = json!({ "settings": null });
    ok(house.order("PATCH", &category_path).json(&plain), 200).await;
    let seen = ok(house.order("GET", &path), 200).await;
    assert_eq!(of(&seen, "booking_interval"), 45);
    assert_eq!(of(&seen, "timezone"), "America/Caracas");
    assert_eq!(seen["version"], changed["version"]);
    let listed = ok(house.order("GET", &format!("/resources?category_id={}", id(&salas))), 200);
    assert_eq!(listed.await, json!([seen]));
    let found = flaws(house.order("PUT", &path).json(&changed)).await;
    assert_eq!(found, [("effective_settings".to_owned(), "read_only".to_owned())]);
}

#[tokio::test]
async fn a_category_is_one_of_the_same_tenant() {
    let house = house().await;
    let (one, two) = (tenant(&house, "one.example").await, tenant(&house, "two.example").await);
    let foreign = category(&house, &two, "Salas").await;
    let draft = json!({ "tenant_id": id(&one), "name": "x", "category_id": id(&foreign) });
    let absent = house.order("POST", "/resources").json(&draft).send().await.unwrap();
    let absent = problem(absent).await;
    is(&absent, 404, "not_found");
    assert_eq!(absent.2["detail"], "Categoria não encontrada.");
    let made = resource(&house, &one, "x").await;
    let path = format!("/resources/{}", id(&made));
    let change = json!({ "category_id": id(&foreign) });
    let absent = house.order("PATCH", &path).json(&change).send().await.unwrap();
    is(&problem(absent).await, 404, "not_found");
    let change = json!({ "tenant_id": id(&two) });
    let found = flaws(house.order("PATCH", &path).json(&change)).await;
    assert_eq!(found, [("tenant_id".to_owned(), "read_only".to_owned())]);
}

#[tokio::test]
async fn changes_are_merged_and_bounded() {
    let house = house().await;
    let academia = tenant(&house, "one.example").await;
    let made = resource(&house, &academia, "Sala 1").await;
    let path = format!("/resources/{}", id(&made));
    let change = json!({ "attributes": { "a": { "b": 1 } }, "is_active": false, "capacity": 3 });
    ok(house.order("PATCH", &path).json(&change), 200).await;
    let change = json!({ "attributes": { "c": [2], "a": { "b": null } }, "capacity": null });
    let changed = ok(house.order("PATCH", &path).json(&change), 200).await;
    assert_eq!(changed["attributes"], json!({ "a": {}, "c": [2] }));
    assert_eq!((&changed["is_active"], &changed["capacity"]), (&json!(false), &Value::Null));
    let bad = json!({
        "concurrent_bookings": 0, "capacity": -1, "name": " ", "attributes": [], "location": 1,
    });
    let found = flaws(house.order("PATCH", &path).json(&bad)).await;
    assert_eq!(found.len(), 5, "{found:?}");
    let large = json!({ "attributes": { "text": "x".repeat(17_000) } });
    let found = flaws(house.order("PATCH", &path).json(&large)).await;
    assert_eq!(found, [("attributes".to_owned(), "too_many_bytes".to_owned())]);
}

#[tokio::test]
async fn a_deletion_can_be_tried_first() {
    let house = house().await;
    let academia = tenant(&house, "one.example").await;
    let made = resource(&house, &academia, "Sala 1").await;
    let path = format!("/resources/{}", id(&made));
    let tried = ok(house.order("DELETE", &format!("{path}?dry_run=true")), 200).await;
    assert_eq!(tried["would"], json!({ "bookings_cancelled": 0, "more": false }));
    assert_eq!(tried["name"], made["name"]);
    assert_eq!(ok(house.order("GET", &path), 200).await, made);
    let stale = house.order("DELETE", &path).header("if-match", "\"7\"").send().await.unwrap();
    is(&problem(stale).await, 412, "stale_version");
    ok(house.order("DELETE", &path), 204).await;
    for method in ["GET", "DELETE"] {
        is(&problem(house.order(method, &path).send().await.unwrap()).await, 404, "not_found");
    }
    assert_eq!(ok(house.order("GET", "/resources"), 200).await, json!([]));
}

#[tokio::test]
async fn a_repeated_request_answers_the_first() {
    let house = house().await;
    let academia = tenant(&house, "one.example").await;
    let draft = json!({ "tenant_id": id(&academia), "name": "Sala 1" });
    let post = || house.order("POST", "/resources").header("idempotency-key", "k1").json(&draft);
    let first = ok(post(), 201).await;
    let again = post().send().await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(body(again, 201).await, first);
}

/// The access token of a new person of a tenant.
async fn person(house: &House, tenant: &Value, name: &str, permissions: Value) -> String {
    let email = format!("{name}@example.com");
    let draft = json!({
        "tenant_id": id(tenant), "name": name, "email": email, "permissions": permissions,
        "password": "correto cavalo bateria",
    });
    ok(house.order("POST", "/users").json(&draft), 201).await;
    let login =
        json!({ "email": email, "password": "correto cavalo bateria", "tenant_id": id(tenant) });
    let signed_in = ok(house.ask("POST", "/auth/login").json(&login), 200).await;
    signed_in["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn everybody_of_a_tenant_reads_and_some_write() {
    let house = house().await;
    let (own, other) = (tenant(&house, "own.example").await, tenant(&house, "o.example").await);
    let (mine, foreign) =
        (resource(&house, &own, "Mine").await, resource(&house, &other, "Foreign").await);
    let plain = person(&house, &own, "plain", json!({})).await;
    let manager = person(&house, &own, "manager", json!({ "can_manage_resources": true })).await;
    let draft = json!({ "tenant_id": id(&own), "name": "New" });
    for (token, writes) in [(&plain, 403), (&manager, 201)] {
        let ask = |method: &str, path: &str| house.ask(method, path).bearer_auth(token);
        assert_eq!(ok(ask("GET", "/resources?q=mine"), 200).await, json!([mine]));
        ok(ask("GET", &format!("/resources/{}", id(&mine))), 200).await;
        ok(ask("GET", &format!("/resources/{}", id(&foreign))), 404).await;
        for noun in ["/resources", "/categories"] {
            ok(ask("POST", noun).json(&draft), writes).await;
        }
        let theirs = json!({ "tenant_id": id(&other), "name": "New" });
        let refused = if writes == 201 { 404 } else { 403 };
        ok(ask("POST", "/resources").json(&theirs), refused).await;
        ok(ask("DELETE", &format!("/resources/{}", id(&foreign))), refused).await;
    }
}
