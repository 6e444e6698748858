//! Categories over HTTP.

use serde_json::{Value, json};

use super::tenants::{id, tenant};
use crate::api::tests::house::{House, body, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

pub(super) async fn category(house: &House, tenant: &Value, name: &str) -> Value {
    // Ids of one millisecond come in any order.
    house.world.hand.advance(std::time::Duration::from_millis(1));
    let draft = json!({ "tenant_id": id(tenant), "name": name });
    ok(house.order("POST", "/categories").json(&draft), 201).await
}

/// Rules of which none is set.
pub(super) fn no_rules() -> Value {
    json!({
        "working_hours_start": null, "working_hours_end": null, "working_days": null,
        "closures": [], "booking_interval": null, "advance_booking_days": null,
        "min_notice_minutes": null, "cancellation_hours": null, "buffer_minutes": null,
        "auto_confirm": null,
    })
}

#[tokio::test]
async fn the_seeds_category_is_made_as_it_was_said() {
    let house = house().await;
    let academia = tenant(&house, "academia-fit.com").await;
    let said = json!({
        "tenant_id": id(&academia),
        "name": "Salas de Aula",
        "description": "Espaços para aulas coletivas",
        "type": "fisico",
        "icon": "room",
        "color": "#4CAF50",
    });
    let response = house.order("POST", "/categories/").json(&said).send().await.unwrap();
    assert_eq!(response.headers()["etag"], "\"1\"");
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let made = body(response, 201).await;
    assert_eq!(location, format!("/categories/{}", id(&made)));
    let mut expected = said;
    expected["id"] = made["id"].clone();
    expected["settings"] = no_rules();
    expected["version"] = json!(1);
    expected["created_at"] = json!("2025-12-01T12:00:00Z");
    expected["updated_at"] = json!("2025-12-01T12:00:00Z");
    assert_eq!(made, expected);
    assert_eq!(ok(house.order("GET", &location), 200).await, made);
    let unchanged = house.order("GET", &location).header("if-none-match", "\"1\"").send().await;
    assert_eq!(unchanged.unwrap().status().as_u16(), 304);
}

#[tokio::test]
async fn what_is_wrong_is_named_all_at_once() {
    let house = house().await;
    let draft = json!({
        "tenant_id": "1", "name": " ", "type": "outro", "color": "red", "icone": "x",
        "settings": {
            "booking_interval": 0, "working_hours_start": "8", "timezone": "UTC",
            "closures": [{ "date": "2025-02-30" }],
        },
    });
    let mut found = flaws(house.order("POST", "/categories").json(&draft)).await;
    found.sort();
    let expected = [
        ("color", "format"),
        ("icone", "unknown_field"),
        ("name", "format"),
        ("settings.booking_interval", "minimum"),
        ("settings.closures[0].date", "format"),
        ("settings.timezone", "unknown_field"),
        ("settings.working_hours_start", "format"),
        ("tenant_id", "format"),
        ("type", "enum"),
    ]
    .map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(found, expected);
    let nobody = json!({ "tenant_id": "0198c5a8-5f00-7000-8000-000000000000", "name": "x" });
    let absent = house.order("POST", "/categories").json(&nobody).send().await.unwrap();
    is(&problem(absent).await, 404, "not_found");
}

#[tokio::test]
async fn changes_are_merged_and_minded() {
    let house = house().await;
    let academia = tenant(&house, "one.example").await;
    let made = category(&house, &academia, "Salas").await;
    let path = format!("/categories/{}", id(&made));
    let rules =
        json!({ "buffer_minutes": 5, "closures": [{ "date": "2025-12-25", "reason": null }] });
    let change = json!({ "type": "humano", "color": "#112233", "settings": rules });
    let changed = ok(house.order("PATCH", &path).json(&change), 200).await;
    assert_eq!((&changed["type"], &changed["version"]), (&json!("humano"), &json!(2)));
    assert_eq!(changed["settings"]["buffer_minutes"], 5);
    assert_eq!(changed["settings"]["closures"], change["settings"]["closures"]);
    // The whole record may be sent back.
    assert_eq!(ok(house.order("PUT", &path).json(&changed), 200).await, changed);
    let back = json!({ "color": null, "type": null, "settings": null });
    let changed = ok(house.order("PATCH", &path).json(&back), 200).await;
    assert_eq!((&changed["color"], &changed["type"]), (&Value::Null, &json!("fisico")));
    assert_eq!(changed["settings"], no_rules());
    let other = json!("0198c5a8-5f00-7000-8000-000000000000");
    for (name, value) in [("id", other.clone()), ("tenant_id", other), ("version", json!(9))] {
        let found = flaws(house.order("PATCH", &path).json(&json!({ name: value }))).await;
        assert_eq!(found, [(name.to_owned(), "read_only".to_owned())]);
    }
    let late = json!({ "settings": { "working_hours_start": "18:00" } });
    let found = flaws(house.order("PATCH", &path).json(&late)).await;
    let end = ("settings.working_hours_end".to_owned(), "not_after_start".to_owned());
    assert_eq!(found, [end]);
    let stale = house.order("PATCH", &path).header("if-match", "\"1\"");
    let stale = stale.json(&json!({ "name": "New" })).send().await.unwrap();
    is(&problem(stale).await, 412, "stale_version");
}

#[tokio::test]
async fn a_category_in_use_stays() {
    let house = house().await;
    let academia = tenant(&house, "one.example").await;
    let made = category(&house, &academia, "Salas").await;
    let path = format!("/categories/{}", id(&made));
    let draft = json!({ "tenant_id": id(&academia), "name": "Sala 1", "category_id": id(&made) });
    let resource = ok(house.order("POST", "/resources").json(&draft), 201).await;
    let refused = house.order("DELETE", &path).send().await.unwrap();
    let refused = problem(refused).await;
    is(&refused, 409, "category_in_use");
    assert_eq!(refused.2["resources"], 1);
    let text = refused.2["detail"].as_str().unwrap();
    assert!(text.starts_with("Há um recurso nesta categoria."), "{text}");
    ok(house.order("DELETE", &format!("/resources/{}", id(&resource))), 204).await;
    let stale = house.order("DELETE", &path).header("if-match", "\"7\"").send().await.unwrap();
    is(&problem(stale).await, 412, "stale_version");
    ok(house.order("DELETE", &path), 204).await;
    for request in [house.order("GET", &path), house.order("DELETE", &path)] {
        is(&problem(request.send().await.unwrap()).await, 404, "not_found");
    }
}

#[tokio::test]
async fn lists_are_narrowed_and_paged() {
    let house = house().await;
    let (one, two) = (tenant(&house, "one.example").await, tenant(&house, "two.example").await);
    let salas = category(&house, &one, "Salas").await;
    let people = category(&house, &one, "Ágatas").await;
    let path = format!("/categories/{}", id(&people));
    let people = ok(house.order("PATCH", &path).json(&json!({ "type": "humano" })), 200).await;
    let other = category(&house, &two, "Outras").await;
    let of_one = format!("tenant_id={}", id(&one));
    for (query, expected) in [
        (String::new(), json!([salas, people, other])),
        (of_one.clone(), json!([salas, people])),
        (format!("{of_one}&type=humano"), json!([people])),
        (format!("{of_one}&q=AGA"), json!([people])),
        ("tenant_id=0198c5a8-5f00-7000-8000-000000000000".to_owned(), json!([])),
    ] {
        let found = ok(house.order("GET", &format!("/categories?{query}")), 200).await;
        assert_eq!(found, expected, "{query}");
    }
    let first = house.order("GET", &format!("/categories?{of_one}&limit=1")).send().await.unwrap();
    let link = first.headers()["link"].to_str().unwrap().to_owned();
    assert!(link.contains("rel=\"next\"") && link.contains("limit=1"), "{link}");
    assert_eq!(body(first, 200).await, json!([salas]));
    let found = flaws(house.order("GET", "/categories?type=gente")).await;
    assert_eq!(found, [("type".to_owned(), "enum".to_owned())]);
}
