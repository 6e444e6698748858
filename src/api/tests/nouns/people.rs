//! Users over HTTP: the records and their lists.

use serde_json::{Value, json};

use super::tenants::{id, tenant};
use crate::api::tests::house::{House, body, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

pub(super) async fn user(house: &House, tenant: &Value, name: &str) -> Value {
    // Ids of one millisecond come in any order.
    house.world.hand.advance(std::time::Duration::from_millis(1));
    let draft = json!({ "tenant_id": id(tenant), "name": name });
    ok(house.order("POST", "/users").json(&draft), 201).await
}

#[tokio::test]
async fn the_seeds_user_is_registered_with_all_members() {
    let house = house().await;
    let academia = tenant(&house, "academia-fit.com").await;
    let draft = json!({
        "tenant_id": id(&academia), "name": "João Silva",
        "email": "joao.silva@academiafit.com", "user_type": "user",
        "permissions": { "can_book": true },
    });
    let response = house.order("POST", "/users/").json(&draft).send().await.unwrap();
    assert_eq!(response.headers()["content-language"], "pt-BR");
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    let made = body(response, 201).await;
    assert_eq!(location, format!("/users/{}", id(&made)));
    for (name, expected) in [
        ("tenant_id", academia["id"].clone()),
        ("email", json!("joao.silva@academiafit.com")),
        ("user_type", json!("user")),
        (
            "permissions",
            json!({
                "can_book": true, "can_view_all_bookings": false, "can_manage_bookings": false,
                "can_manage_resources": false, "can_manage_users": false,
            }),
        ),
        ("profile", json!({})),
        ("plan", json!("trial")),
        ("plan_id", Value::Null),
        ("role", json!(0)),
        ("status", json!("ACTIVE")),
        ("status_code", json!(1)),
        ("status_label", json!("Ativo")),
        ("next_status", Value::Null),
        ("scheduled_status_change_at", Value::Null),
        ("scheduled_ban_reason", Value::Null),
        ("nextcloud_status", json!("none")),
        ("nextcloud_instance_id", Value::Null),
        ("nextcloud_created_at", Value::Null),
        ("nextcloud_error", Value::Null),
        ("folder_status", json!("none")),
        ("version", json!(1)),
    ] {
        assert_eq!(made.get(name), Some(&expected), "{name}");
    }
    for name in ["phone", "address", "zone", "code", "id_number", "id_wispro"] {
        assert_eq!(made.get(name), Some(&Value::Null), "{name}");
    }
    assert_eq!(ok(house.order("GET", &location), 200).await, made);
}

#[tokio::test]
async fn labels_speak_the_callers_language_or_the_tenants() {
    let house = house().await;
    let draft = json!({ "name": "x", "domain": "x.example", "locale": "es-VE" });
    let spanish = ok(house.order("POST", "/tenants").json(&draft), 201).await;
    let made = user(&house, &spanish, "Ana").await;
    assert_eq!(made["status_label"], "Activo");
    let path = format!("/users/{}", id(&made));
    let asked = house.order("GET", &path).header("accept-language", "en").send().await.unwrap();
    assert_eq!(asked.headers()["content-language"], "en");
    assert_eq!(body(asked, 200).await["status_label"], "Active");
    let response = house.order("GET", &path).send().await.unwrap();
    let languages: Vec<_> = response.headers().get_all("content-language").iter().collect();
    assert_eq!(languages, ["es"]);
    let list = format!("/users?tenant_id={}", id(&spanish));
    assert_eq!(ok(house.order("GET", &list), 200).await[0]["status_label"], "Activo");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let house = house().await;
    let academia = tenant(&house, "one.example").await;
    let draft = json!({
        "tenant_id": "1", "email": "x", "user_type": "boss", "role": "x", "password": "secret",
        "permissions": { "can_fly": true }, "profile": [], "status": "GONE",
    });
    let mut found = flaws(house.order("POST", "/users").json(&draft)).await;
    found.sort();
    let expected = [
        ("email", "format"),
        ("name", "required"),
        ("password", "too_short"),
        ("permissions.can_fly", "unknown_field"),
        ("profile", "type"),
        ("role", "type"),
        ("status", "enum"),
        ("tenant_id", "format"),
        ("user_type", "enum"),
    ]
    .map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(found, expected);
    let banned = json!({ "tenant_id": id(&academia), "name": "x", "status": "BANNED" });
    let found = flaws(house.order("POST", "/users").json(&banned)).await;
    assert_eq!(found, [("status".to_owned(), "enum".to_owned())]);
    let nobody = json!({ "tenant_id": "0198c5a8-5f00-7000-8000-000000000000", "name": "x" });
    let absent = house.order("POST", "/users").json(&nobody).send().await.unwrap();
    is(&problem(absent).await, 404, "not_found");
}

#[tokio::test]
async fn a_record_sent_back_whole_changes_nothing() {
    let house = house().await;
    let academia = tenant(&house, "one.example").await;
    let draft = json!({
        "tenant_id": id(&academia), "name": "Ana", "user_type": "admin", "profile": { "a": 1 },
        "status": "PENDING",
    });
    let made = ok(house.order("POST", "/users").json(&draft), 201).await;
    assert_eq!(made["permissions"]["can_manage_users"], true);
    let path = format!("/users/{}", id(&made));
    assert_eq!(ok(house.order("PUT", &path).json(&made), 200).await, made);
    // Inherited members stay inherited, whoever repeats them.
    let tenant = format!("/tenants/{}", id(&academia));
    ok(house.order("PATCH", &tenant).json(&json!({ "plan": "basico" })), 200).await;
    assert_eq!(ok(house.order("GET", &path), 200).await["plan"], "basico");
    let change = json!({ "profile": { "b": 2 }, "phone": "1", "user_type": "user" });
    let changed = ok(house.order("PATCH", &path).json(&change), 200).await;
    assert_eq!(changed["profile"], json!({ "a": 1, "b": 2 }));
    assert_eq!(changed["permissions"]["can_manage_users"], false);
    assert_eq!((&changed["version"], &changed["status"]), (&json!(2), &json!("PENDING")));
    let back = json!({ "profile": null, "phone": null });
    let changed = ok(house.order("PATCH", &path).json(&back), 200).await;
    assert_eq!((&changed["profile"], &changed["phone"]), (&json!({}), &Value::Null));
    for (name, value) in
        [("status", json!("ACTIVE")), ("tenant_id", made["id"].clone()), ("id", json!("x"))]
    {
        let found = flaws(house.order("PATCH", &path).json(&json!({ name: value }))).await;
        assert_eq!(found, [(name.to_owned(), "read_only".to_owned())]);
    }
    let stale = house.order("PATCH", &path).header("if-match", "\"1\"");
    let stale = stale.json(&json!({ "name": "New" })).send().await.unwrap();
    is(&problem(stale).await, 412, "stale_version");
}

#[tokio::test]
async fn an_address_is_taken_whatever_its_case() {
    let house = house().await;
    let academia = tenant(&house, "one.example").await;
    let draft = |email: &str| json!({ "tenant_id": id(&academia), "name": "x", "email": email });
    let first = ok(house.order("POST", "/users").json(&draft("A@b.co")), 201).await;
    let taken = house.order("POST", "/users").json(&draft("a@B.CO")).send().await.unwrap();
    is(&problem(taken).await, 409, "email_taken");
    ok(house.order("DELETE", &format!("/users/{}", id(&first))), 204).await;
    ok(house.order("POST", "/users").json(&draft("a@b.co")), 201).await;
}

#[tokio::test]
async fn lists_are_filtered_and_paged() {
    let house = house().await;
    let (one, two) = (tenant(&house, "one.example").await, tenant(&house, "two.example").await);
    user(&house, &two, "Zoe").await;
    for name in ["Ana", "Bia", "Caio", "Davi", "Ângela"] {
        user(&house, &one, name).await;
    }
    let of = format!("tenant_id={}", id(&one));
    let names = async |query: &str| -> Vec<String> {
        let (mut names, mut path) = (Vec::new(), format!("/api/users/?{query}"));
        loop {
            let response = house.order("GET", &path).send().await.unwrap();
            let link = response.headers().get("link").map(|l| l.to_str().unwrap().to_owned());
            let rows = body(response, 200).await;
            let rows = rows.as_array().unwrap().iter();
            names.extend(rows.map(|row| row["name"].as_str().unwrap().to_owned()));
            let Some(link) = link else { return names };
            path = link.split(['<', '>']).nth(1).unwrap().to_owned();
        }
    };
    assert_eq!(names(&format!("{of}&limit=2")).await, ["Ana", "Bia", "Caio", "Davi", "Ângela"]);
    assert_eq!(names(&format!("{of}&q=AN&limit=1")).await, ["Ana", "Ângela"]);
    assert_eq!(names(&format!("{of}&status=ACTIVE,BANNED&limit=4")).await.len(), 5);
    assert!(names(&format!("{of}&status=BANNED")).await.is_empty());
    assert_eq!(names(&format!("{of}&nextcloud_status=none")).await.len(), 5);
    assert!(names(&format!("{of}&nextcloud_status=active,failed")).await.is_empty());
    assert_eq!(names("limit=500").await.len(), 6);
    assert!(names("tenant_id=0198c5a8-5f00-7000-8000-000000000000").await.is_empty());
    for (query, field, code) in [
        ("status=GONE", "status[0]", "enum"),
        ("limit=0", "limit", "range"),
        ("color=red", "color", "unknown_parameter"),
        ("cursor=zz", "cursor", "cursor"),
        ("tenant_id=x", "tenant_id", "format"),
    ] {
        let found = flaws(house.order("GET", &format!("/users?{query}"))).await;
        assert_eq!(found, [(field.to_owned(), code.to_owned())], "{query}");
    }
}

#[tokio::test]
async fn a_service_of_one_tenant_meets_no_stranger() {
    let house = house().await;
    let (own, other) = (tenant(&house, "own.example").await, tenant(&house, "o.example").await);
    let (ana, zoe) = (user(&house, &own, "Ana").await, user(&house, &other, "Zoe").await);
    let draft = json!({ "name": "t", "scopes": ["users:*"], "tenant_id": id(&own) });
    let token = ok(house.order("POST", "/tokens").json(&draft), 201).await;
    let token = token["token"].as_str().unwrap();
    let ask = |method: &str, path: &str| house.ask(method, path).bearer_auth(token);
    let seen = ok(ask("GET", "/users"), 200).await;
    assert_eq!(seen.as_array().unwrap().len(), 1);
    assert_eq!(seen[0]["id"], ana["id"]);
    let foreign = format!("/users?tenant_id={}", id(&other));
    assert_eq!(ok(ask("GET", &foreign), 200).await, json!([]));
    let zoe = id(&zoe);
    let status = json!({ "status": "BANNED" });
    let ban = json!({ "user_id": zoe, "date": "2030-01-01", "reason": "x" });
    let draft = json!({ "tenant_id": id(&other), "name": "x" });
    for request in [
        ask("GET", &format!("/users/{zoe}")),
        ask("PATCH", &format!("/users/{zoe}")).json(&json!({ "name": "x" })),
        ask("DELETE", &format!("/users/{zoe}")),
        ask("GET", &format!("/users/{zoe}/timeline")),
        ask("GET", &format!("/users/{zoe}/status")),
        ask("PUT", &format!("/users/{zoe}/status")).json(&status),
        ask("POST", "/admin/scheduled-bans").json(&ban),
        ask("DELETE", &format!("/admin/scheduled-bans/{zoe}")),
        ask("POST", "/users").json(&draft),
    ] {
        is(&problem(request.send().await.unwrap()).await, 404, "not_found");
    }
}

#[tokio::test]
async fn the_timeline_tells_everything() {
    let house = house().await;
    let academia = tenant(&house, "one.example").await;
    let path = format!("/users/{}", id(&user(&house, &academia, "Ana").await));
    house.world.hand.advance(std::time::Duration::from_secs(1));
    ok(house.order("PATCH", &path).json(&json!({ "name": "Ana Maria" })), 200).await;
    let line = ok(house.order("GET", &format!("{path}/timeline")), 200).await;
    let kinds: Vec<_> = line.as_array().unwrap().iter().map(|e| e["type"].clone()).collect();
    assert_eq!(kinds, ["user.updated", "user.created"]);
    assert_eq!(line[0]["occurred_at"], "2025-12-01T12:00:01.001Z");
    assert_eq!(line[0]["data"]["changed"], json!(["name"]));
    assert_eq!(line[0]["data"]["initiated_by"]["kind"], "operator");
    let response = house.order("GET", &format!("{path}/timeline?limit=1")).send().await.unwrap();
    assert!(response.headers().contains_key("link"));
}
