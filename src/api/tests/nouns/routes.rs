//! What holds for every route of the daemon.

use serde_json::{Value, json};
use zelador_actors::identity::scopes::is_scope;

use crate::api::Language;
use crate::api::auth::Need;
use crate::api::openapi::refusals;
use crate::api::tests::house::{house, ok};

#[tokio::test]
async fn every_refusal_has_a_message() {
    let house = house().await;
    for route in &house.api.0.table.routes {
        for (status, codes) in refusals(route) {
            for code in codes {
                for language in Language::ALL {
                    assert!(
                        language.find(code, &[]).is_some(),
                        "{code} of {status} in {}",
                        language.tag()
                    );
                }
            }
        }
    }
}

#[tokio::test]
async fn every_scope_that_a_route_asks_for_can_be_given_to_a_token() {
    let house = house().await;
    let mut seen = 0;
    for route in &house.api.0.table.routes {
        if let Need::Scope(scope) | Need::Global(scope) | Need::Own(scope) | Need::Member(scope) =
            route.spec.need
        {
            assert!(is_scope(scope), "{scope}");
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[tokio::test]
async fn no_route_of_a_noun_is_open() {
    let house = house().await;
    for route in &house.api.0.table.routes {
        let (need, path) = (route.spec.need, route.spec.path);
        let meant = ["/", "/health", "/ready", "/openapi.json"].contains(&path)
            || ["/auth/login", "/auth/refresh", "/auth/accept-invite"].contains(&path)
            || path.starts_with("/api-docs")
            // Each checks a token of its own.
            || ["/calendars/{token}.ics", "/notifications/opt-out"].contains(&path)
            || path == "/drive/notifications"
            || ["/nextcloud/password", "/invitation"].contains(&path);
        let open = need == Need::Open && !meant;
        assert!(!open, "{} {}", route.spec.method, route.spec.path);
    }
}

/// What the document says of an answer, as a checker.
fn checker(document: &Value, route: &str, status: &str) -> jsonschema::Validator {
    let (method, path) = route.split_once(' ').unwrap();
    let operation = &document["paths"][path][method.to_lowercase()];
    let answer = &operation["responses"][status]["content"]["application/json"]["schema"];
    assert!(answer.is_object(), "{route} does not describe {status}");
    let mut root = answer.clone();
    root["components"] = document["components"].clone();
    jsonschema::draft202012::new(&root).unwrap()
}

#[tokio::test]
async fn what_a_trial_answers_is_described() {
    let house = house().await;
    let document = ok(house.order("GET", "/openapi.json"), 200).await;
    for route in &house.api.0.table.routes {
        let name = format!("{} {}", route.spec.method, route.spec.path);
        let Some(query) = &route.spec.query else { continue };
        let asks = house.api.0.table.components.members(&query.schema).contains("dry_run");
        assert_eq!(asks, route.spec.tried.is_some(), "{name} asks for a trial and describes it");
        if asks {
            let described = checker(&document, &name, "200");
            assert!(!described.is_valid(&json!([])), "{name}");
        }
    }
}

#[tokio::test]
async fn a_trial_answers_what_is_described() {
    let house = house().await;
    let draft = json!({ "name": "Academia", "domain": "a.example" });
    let tenant = ok(house.order("POST", "/tenants").json(&draft), 201).await["id"].clone();
    let draft = json!({ "tenant_id": tenant, "name": "Ana" });
    let user = ok(house.order("POST", "/users").json(&draft), 201).await["id"].clone();
    let user = user.as_str().unwrap();
    let days = json!({ "date_in": "2030-01-01", "date_out": "2030-01-02" });
    let path = format!("/users/{user}/leave");
    let leave = ok(house.order("POST", &path).json(&days), 201).await["id"].clone();
    let ban = json!({ "user_id": user, "date": "2030-03-01", "reason": "dívida" });
    ok(house.order("POST", "/admin/scheduled-bans").json(&ban), 201).await;
    let plan = json!({ "status": "PENDING", "at": "2030-02-01" });
    let path = format!("/users/{user}/scheduled-status");
    ok(house.order("POST", &path).json(&plan), 201).await;
    let status = json!({ "status": "BANNED" });
    let document = ok(house.order("GET", "/openapi.json"), 200).await;
    let before = ok(house.order("GET", &format!("/users/{user}")), 200).await;
    for (route, body, ended) in [
        // A leave outlives a ban: it is looked at when it is due.
        ("PUT /users/{id}/status", status, 2),
        ("POST /users/{id}/scheduled-status", plan, 1),
        ("DELETE /users/{id}/scheduled-status", Value::Null, 1),
        ("POST /users/{id}/leave", days, 0),
        ("DELETE /users/{id}/leave/{leave_id}", Value::Null, 1),
        ("POST /admin/scheduled-bans", ban, 1),
        ("DELETE /admin/scheduled-bans/{user_id}", Value::Null, 1),
        ("DELETE /users/{id}", Value::Null, 3),
    ] {
        let (method, path) = route.split_once(' ').unwrap();
        let path = path.replace("{leave_id}", leave.as_str().unwrap());
        let path = path.replace("{id}", user).replace("{user_id}", user);
        let request = house.order(method, &format!("{path}?dry_run=true"));
        let request = if body.is_null() { request } else { request.json(&body) };
        let told = ok(request, 200).await;
        let plans = told["would"]["plans_ended"].as_array().map(Vec::len);
        assert_eq!(plans, Some(ended), "{route}: {told}");
        let described = checker(&document, route, "200");
        let wrong: Vec<_> = described.iter_errors(&told).map(|error| error.to_string()).collect();
        assert_eq!(wrong, [] as [&str; 0], "{route}: {told}");
        // Whatever it would be, without what would happen it is no trial's answer.
        let mut without = told;
        without.as_object_mut().unwrap().remove("would");
        assert_eq!(described.is_valid(&without), method == "PUT", "{route}");
    }
    assert_eq!(ok(house.order("GET", &format!("/users/{user}")), 200).await, before);
}
