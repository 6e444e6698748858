//! The audit over HTTP.

use std::time::Duration;

use serde_json::{Value, json};

use crate::api::tests::house::{House, flaws, house, ok};

async fn audit(house: &House, query: &str) -> Vec<Value> {
    let list = ok(house.order("GET", &format!("/audit{query}")), 200).await;
    list.as_array().unwrap().clone()
}

async fn tenant(house: &House, domain: &str) -> String {
    let draft = json!({ "name": "Academia", "domain": domain });
    let made = ok(house.order("POST", "/tenants").json(&draft), 201).await;
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_deed_says_who_what_when_and_from_where() {
    let house = house().await;
    let tenant = tenant(&house, "a.example").await;
    let draft = json!({ "tenant_id": tenant, "name": "Ana", "profile": { "size": "M" } });
    let request = house.order("POST", "/users").header("x-request-id", "first");
    let made = ok(request.json(&draft), 201).await;
    let user = made["id"].as_str().unwrap();
    house.world.hand.advance(Duration::from_secs(1));
    let request = house.order("PATCH", &format!("/users/{user}")).header("x-request-id", "second");
    ok(request.json(&json!({ "phone": "1" })), 200).await;
    // Nothing changes: nothing is said.
    ok(house.order("PATCH", &format!("/users/{user}")).json(&json!({ "phone": "1" })), 200).await;

    let told = audit(&house, &format!("?record=user&record_id={user}")).await;
    assert_eq!(told.len(), 2, "{told:#?}");
    let (update, create) = (&told[0], &told[1]);
    assert_eq!(
        (&update["action"], &create["action"]),
        (&json!("user.update"), &json!("user.create"))
    );
    assert_eq!(update["before"], json!({ "phone": null }));
    assert_eq!(update["after"], json!({ "phone": "1" }));
    assert_eq!(create["before"], Value::Null);
    assert_eq!(create["after"]["profile"], json!({ "size": "M" }));
    assert_eq!(update["request_id"], "second");
    assert_eq!(update["address"], "127.0.0.1");
    assert_eq!(update["initiated_by"]["kind"], "operator");
    assert_eq!(update["executed_by"], Value::Null);
    assert_eq!((&update["tenant_id"], &update["user_id"]), (&json!(tenant), &json!(user)));
    assert_eq!(update["at"], "2025-12-01T12:00:01.000Z");
    let by = update["initiated_by"]["id"].as_str().unwrap();
    assert_eq!(audit(&house, &format!("?by={by}")).await.len(), 3);
    assert_eq!(audit(&house, "?action=user.create").await.len(), 1);
    assert_eq!(audit(&house, &format!("?user_id={user}&limit=1")).await.len(), 1);
    assert_eq!(audit(&house, "?user_id=01890000-0000-7000-8000-000000000001").await.len(), 0);
    assert_eq!(audit(&house, "?from=2025-12-02T00:00:00Z").await.len(), 0);
    assert_eq!(audit(&house, &format!("?tenant_id={tenant}&to=2025-12-02")).await.len(), 3);
    let wrong = flaws(house.order("GET", "/audit?from=2025-12-02")).await;
    assert_eq!(wrong, [("from".to_owned(), "offset_required".to_owned())]);
}

#[tokio::test]
async fn a_tenant_sees_its_own() {
    let house = house().await;
    let (own, foreign) = (tenant(&house, "a.example").await, tenant(&house, "b.example").await);
    let token = house.bound(own.parse().unwrap(), &["audit:read"]).await;
    let ask = async |query: &str| {
        let list = ok(house.ask("GET", &format!("/audit{query}")).bearer_auth(&token), 200).await;
        list.as_array().unwrap().clone()
    };
    let told = ask("").await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["record_id"], own);
    assert_eq!(ask(&format!("?tenant_id={foreign}")).await, [] as [Value; 0]);
    assert_eq!(ask(&format!("?record=tenant&record_id={foreign}")).await, [] as [Value; 0]);
}

#[tokio::test]
async fn no_secret_is_told() {
    let house = house().await;
    let draft = json!({ "name": "x", "scopes": ["jobs:read"] });
    let made = ok(house.order("POST", "/tokens").json(&draft), 201).await;
    let id = made["id"].as_str().unwrap();
    house.world.hand.advance(Duration::from_secs(1));
    ok(house.order("DELETE", &format!("/tokens/{id}")), 204).await;
    let told = audit(&house, &format!("?record=token&record_id={id}")).await;
    assert_eq!(told.len(), 2);
    assert_eq!(told[1]["after"]["scopes"], json!(["jobs:read"]));
    assert!(told[0]["after"]["revoked_at"].is_string());
    let text = json!(told).to_string();
    assert!(!text.contains("hash") && !text.contains(made["token"].as_str().unwrap()), "{text}");
}

#[tokio::test]
async fn what_a_job_brings_about_names_the_planner_and_the_job() {
    let house = house().await;
    let tenant = tenant(&house, "a.example").await;
    let draft = json!({ "tenant_id": tenant, "name": "Ana" });
    let made = ok(house.order("POST", "/users").json(&draft), 201).await;
    let user = made["id"].as_str().unwrap();
    let plan = json!({ "user_id": user, "date": "2025-12-01T13:00:00Z", "reason": "dívida" });
    let request = house.order("POST", "/admin/scheduled-bans").header("x-request-id", "plan");
    ok(request.json(&plan), 201).await;
    house.world.hand.advance(Duration::from_secs(2 * 3600));
    // Whoever changes the user writes down what is in force.
    let request = house.order("PATCH", &format!("/users/{user}")).header("x-request-id", "later");
    ok(request.json(&json!({ "phone": "1" })), 200).await;
    let told = audit(&house, &format!("?user_id={user}&action=user.status_executed")).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["before"], json!({ "status": "ACTIVE" }));
    assert_eq!(told[0]["after"], json!({ "status": "BANNED", "status_reason": "dívida" }));
    assert_eq!(told[0]["initiated_by"]["kind"], "operator");
    assert_eq!(told[0]["request_id"], "plan");
    assert_eq!(told[0]["executed_by"]["kind"], "operator");
}

/// That a password was changed is told, beside whatever else was; never which.
#[tokio::test]
async fn a_password_is_named_and_not_told() {
    let house = house().await;
    let tenant = tenant(&house, "a.example").await;
    let draft = json!({ "tenant_id": tenant, "name": "Ana", "email": "ana@a.example" });
    let made = ok(house.order("POST", "/users").json(&draft), 201).await;
    let user = made["id"].as_str().unwrap();
    let path = format!("/users/{user}");
    for (method, password) in [("PATCH", "correto cavalo"), ("PUT", "outro cavalo ainda")] {
        let change = json!({ "phone": method, "password": password });
        house.world.hand.advance(Duration::from_secs(1));
        ok(house.order(method, &path).json(&change), 200).await;
        let told = audit(&house, &format!("?user_id={user}&limit=1")).await;
        assert_eq!(told[0]["action"], "user.update");
        assert_eq!(told[0]["after"], json!({ "phone": method, "password": "…" }));
        assert_eq!(told[0]["before"].get("password"), None);
        let events = ok(house.order("GET", "/events?type=user.updated"), 200).await;
        let last = events.as_array().unwrap().last().unwrap();
        assert_eq!(last["data"]["changed"], json!(["phone", "password"]));
    }
    house.world.hand.advance(Duration::from_secs(1));
    let alone = json!({ "password": "um terceiro cavalo" });
    ok(house.order("PATCH", &path).json(&alone), 200).await;
    house.world.hand.advance(Duration::from_secs(1));
    ok(house.order("PATCH", &path).json(&json!({ "phone": "2" })), 200).await;
    let told = audit(&house, &format!("?user_id={user}")).await;
    let actions: Vec<_> = told.iter().map(|entry| &entry["action"]).collect();
    assert_eq!(actions[..2], ["user.update", "user.set_password"]);
    assert_eq!(told[0]["after"], json!({ "phone": "2" }));
    assert!(!json!(told).to_string().contains("cavalo"));
}

/// What is done to many says to how many.
#[tokio::test]
async fn a_deed_to_many_is_counted() {
    let house = house().await;
    let later = json!({ "kind": "diagnostic", "run_at": "2030-01-01T00:00:00Z" });
    let other =
        json!({ "kind": "diagnostic", "queue": "default", "run_at": "2030-01-01T00:00:00Z" });
    let made =
        ok(house.order("POST", "/jobs/batch").json(&json!([later, later, other])), 201).await;
    for job in made["ids"].as_array().unwrap() {
        let path = format!("/jobs/{}/cancel", job.as_str().unwrap());
        ok(house.order("POST", &path), 200).await;
    }
    ok(house.order("POST", "/jobs/retry-all"), 200).await;
    ok(house.order("DELETE", "/jobs?state=cancelled&queue=default"), 204).await;
    house.world.hand.advance(Duration::from_secs(1));
    ok(house.order("DELETE", "/jobs?state=cancelled"), 204).await;
    let matched = async |action: &str| {
        let told = audit(&house, &format!("?action={action}")).await;
        told.iter().map(|entry| entry["after"]["matched"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(matched("job.retry_all").await, [0]);
    assert_eq!(matched("job.forget").await, [2, 1]);
}
