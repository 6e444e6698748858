//! Tenants over HTTP.

use serde_json::{Value, json};

use crate::api::tests::house::{House, body, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

pub(super) async fn tenant(house: &House, domain: &str) -> Value {
    let draft = json!({ "name": domain, "domain": domain });
    ok(house.order("POST", "/tenants").json(&draft), 201).await
}

pub(super) fn id(record: &Value) -> &str {
    record["id"].as_str().unwrap()
}

/// The seed's own request.
fn academia() -> Value {
    json!({
        "name": "Academia Fit",
        "domain": "academia-fit.com",
        "logo_url": "https://exemplo.com/logo.png",
        "theme_primary_color": "#FF5722",
        "plan": "profissional",
        "settings": {
            "business_type": "fitness",
            "timezone": "America/Sao_Paulo",
            "working_hours_start": "06:00:00",
            "working_hours_end": "22:00:00",
            "booking_interval": 60,
            "advance_booking_days": 30,
            "cancellation_hours": 24,
            "custom_labels": {
                "resource_singular": "Sala",
                "resource_plural": "Salas",
                "booking_label": "Aula",
                "user_label": "Aluno"
            }
        }
    })
}

/// Whether everything that was said is answered so.
#[track_caller]
fn holds(answer: &Value, said: &Value, path: &str) {
    match said {
        Value::Object(members) => {
            members.iter().for_each(|(name, said)| holds(&answer[name], said, name));
        }
        _ => assert_eq!(answer, said, "{path}"),
    }
}

#[tokio::test]
async fn the_seeds_tenant_is_registered_as_it_was_said() {
    let house = house().await;
    let response = house.order("POST", "/tenants/").json(&academia()).send().await.unwrap();
    let location = response.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(response.headers()["etag"], "\"1\"");
    let made = body(response, 201).await;
    holds(&made, &academia(), "");
    assert_eq!(location, format!("/tenants/{}", id(&made)));
    let settings = &made["settings"];
    assert_eq!(settings["working_days"], json!([0, 1, 2, 3, 4, 5, 6]));
    assert_eq!((&settings["closures"], &settings["buffer_minutes"]), (&json!([]), &json!(0)));
    assert_eq!((&made["is_active"], &made["locale"]), (&json!(true), &Value::Null));
    assert_eq!(made["created_at"], "2025-12-01T12:00:00Z");
    assert_eq!(ok(house.order("GET", &location), 200).await, made);
    let settings = ok(house.order("GET", &format!("{location}/settings")), 200).await;
    assert_eq!(settings, made["settings"]);
    let taken = house.order("POST", "/tenants").json(&academia()).send().await.unwrap();
    is(&problem(taken).await, 409, "domain_taken");
}

#[tokio::test]
async fn defaults_are_those_of_the_table() {
    let house = house().await;
    let made = tenant(&house, "one.example").await;
    assert_eq!(made["plan"], "trial");
    assert_eq!(
        made["settings"],
        json!({
            "business_type": "general", "timezone": "America/Sao_Paulo",
            "working_hours_start": "08:00:00", "working_hours_end": "18:00:00",
            "working_days": [0, 1, 2, 3, 4, 5, 6], "closures": [], "booking_interval": 30,
            "advance_booking_days": 30, "min_notice_minutes": 0, "cancellation_hours": 24,
            "buffer_minutes": 0, "auto_confirm": false, "provision_nextcloud": false,
            "create_drive_folder": false, "custom_labels": {},
            "notifications":
                { "email": true, "gateway": false, "sender_name": null, "reply_to": null },
        })
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_all_at_once() {
    let house = house().await;
    let draft = json!({
        "name": " ", "domain": "not a domain", "theme_primary_color": "red", "colour": 1,
        "locale": "fr", "plan": "gold",
        "settings": {
            "timezone": "Mars/Olympus", "working_hours_start": "8", "booking_interval": 0,
            "closures": [{ "date": "2025-02-30" }], "custom_labels": { "other": "x" },
        },
    });
    let mut found = flaws(house.order("POST", "/tenants").json(&draft)).await;
    found.sort();
    let expected = [
        ("colour", "unknown_field"),
        ("domain", "format"),
        ("locale", "format"),
        ("name", "format"),
        ("plan", "enum"),
        ("settings.booking_interval", "minimum"),
        ("settings.closures[0].date", "format"),
        ("settings.custom_labels.other", "unknown_field"),
        ("settings.timezone", "format"),
        ("settings.working_hours_start", "format"),
        ("theme_primary_color", "format"),
    ]
    .map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(found, expected);
    let missing = flaws(house.order("POST", "/tenants").json(&json!({}))).await;
    let required = |field: &str| (field.to_owned(), "required".to_owned());
    assert_eq!(missing, [required("name"), required("domain")]);
    let draft = json!({ "name": "x", "domain": "x", "settings": {
        "closures": [{ "reason": "?" }, { "date": "2025-12-25", "to": "2025-12-26" }],
    }});
    let found = flaws(house.order("POST", "/tenants").json(&draft)).await;
    let no_match = |at: u8| (format!("settings.closures[{at}]"), "no_match".to_owned());
    assert_eq!(found, [no_match(0), no_match(1)]);
}

#[tokio::test]
async fn closures_come_back_as_they_were_said() {
    let house = house().await;
    let path = format!("/tenants/{}/settings", id(&tenant(&house, "one.example").await));
    let closures = json!([
        { "date": "2025-12-25", "reason": "Natal" },
        { "from": "2026-01-01", "to": "2026-01-15", "reason": null },
    ]);
    let change = json!({ "closures": closures, "working_days": [4, 0] });
    let changed = ok(house.order("PATCH", &path).json(&change), 200).await;
    assert_eq!(changed["closures"], closures);
    assert_eq!(changed["working_days"], json!([0, 4]));
    let wrong = json!({ "working_hours_end": "07:00", "booking_interval": null });
    let found = flaws(house.order("PATCH", &path).json(&wrong)).await;
    assert_eq!(found, [("working_hours_end".to_owned(), "not_after_start".to_owned())]);
}

#[tokio::test]
async fn changes_are_merged_and_minded() {
    let house = house().await;
    let made = ok(house.order("POST", "/tenants").json(&academia()), 201).await;
    let path = format!("/tenants/{}", id(&made));
    let change = json!({ "plan": null, "settings": { "buffer_minutes": 5, "timezone": null } });
    let response = house.order("PATCH", &path).json(&change).send().await.unwrap();
    assert_eq!(response.headers()["etag"], "\"2\"");
    let changed = body(response, 200).await;
    assert_eq!(changed["plan"], "trial");
    assert_eq!(changed["settings"]["buffer_minutes"], 5);
    assert_eq!(changed["settings"]["booking_interval"], 60);
    // The whole record may be sent back; what cannot be changed must say the same.
    let same = ok(house.order("PUT", &path).json(&changed), 200).await;
    assert_eq!(same, changed);
    let mut other = changed.clone();
    other["version"] = json!(9);
    let found = flaws(house.order("PUT", &path).json(&other)).await;
    assert_eq!(found, [("version".to_owned(), "read_only".to_owned())]);
    let stale = house.order("PATCH", &path).header("if-match", "\"1\"");
    let stale = stale.json(&json!({ "name": "New" })).send().await.unwrap();
    is(&problem(stale).await, 412, "stale_version");
    let fresh = house.order("PATCH", &path).header("if-match", "\"2\"");
    ok(fresh.json(&json!({ "name": "New" })), 200).await;
    let unchanged = house.order("GET", &path).header("if-none-match", "\"3\"").send().await;
    assert_eq!(unchanged.unwrap().status().as_u16(), 304);
}

#[tokio::test]
async fn a_deleted_tenant_is_gone_at_once() {
    let house = house().await;
    let made = tenant(&house, "one.example").await;
    let path = format!("/tenants/{}", id(&made));
    let stale = house.order("DELETE", &path).header("if-match", "\"7\"").send().await.unwrap();
    is(&problem(stale).await, 412, "stale_version");
    ok(house.order("DELETE", &path), 204).await;
    for request in [house.order("GET", &path), house.order("DELETE", &path)] {
        is(&problem(request.send().await.unwrap()).await, 404, "not_found");
    }
    assert_eq!(ok(house.order("GET", "/tenants"), 200).await, json!([]));
    tenant(&house, "one.example").await;
}

#[tokio::test]
async fn a_service_of_one_tenant_sees_no_other() {
    let house = house().await;
    let (own, other) = (tenant(&house, "own.example").await, tenant(&house, "o.example").await);
    let draft = json!({ "name": "t", "scopes": ["tenants:*"], "tenant_id": id(&own) });
    let token = ok(house.order("POST", "/tokens").json(&draft), 201).await;
    let token = token["token"].as_str().unwrap();
    let ask = |method: &str, path: &str| house.ask(method, path).bearer_auth(token);
    assert_eq!(ok(ask("GET", "/tenants"), 200).await, json!([own]));
    let foreign = ask("GET", &format!("/tenants/{}", id(&other))).send().await.unwrap();
    is(&problem(foreign).await, 404, "not_found");
    let draft = json!({ "name": "x", "domain": "x.example" });
    let status = ask("POST", "/tenants").json(&draft).send().await.unwrap().status();
    assert_eq!(status.as_u16(), 403);
    ok(ask("PATCH", &format!("/tenants/{}", id(&own))).json(&json!({ "name": "Own" })), 200).await;
}

#[tokio::test]
async fn a_repeated_registration_answers_the_first() {
    let house = house().await;
    let post = || {
        let draft = json!({ "name": "x", "domain": "x.example" });
        house.order("POST", "/tenants").header("idempotency-key", "k1").json(&draft)
    };
    let first = ok(post(), 201).await;
    let again = post().send().await.unwrap();
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.headers()["location"], format!("/tenants/{}", id(&first)));
    assert_eq!(body(again, 201).await, first);
}
