//! People over HTTP: they sign in, stay, and are sent away.

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::tenants::{id, tenant};
use crate::api::tests::house::{House, body, flaws, house, ok};
use crate::api::tests::lab::{is, problem};

const PASSWORD: &str = "correto cavalo bateria";

/// A user with a password; `more` are further members.
pub(super) async fn person(house: &House, tenant: &Value, name: &str, more: Value) -> Value {
    house.world.hand.advance(Duration::from_millis(1));
    let mut draft = json!({
        "tenant_id": id(tenant), "name": name, "email": format!("{name}@x.example"),
        "password": PASSWORD,
    });
    draft.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ok(house.order("POST", "/users").json(&draft), 201).await
}

pub(super) fn try_login(house: &House, name: &str, password: &str) -> RequestBuilder {
    let body = json!({ "email": format!("{name}@x.example"), "password": password });
    house.ask("POST", "/auth/login").json(&body)
}

pub(super) async fn login(house: &House, name: &str) -> Value {
    ok(try_login(house, name, PASSWORD), 200).await
}

fn as_person(request: RequestBuilder, tokens: &Value) -> RequestBuilder {
    request.bearer_auth(tokens["access_token"].as_str().unwrap())
}

async fn refused(request: RequestBuilder, status: u16, code: &str) {
    is(&problem(request.send().await.unwrap()).await, status, code);
}

fn refresh(house: &House, tokens: &Value) -> RequestBuilder {
    let body = json!({ "refresh_token": tokens["refresh_token"] });
    house.ask("POST", "/auth/refresh").json(&body)
}

#[tokio::test]
async fn whoever_signs_in_sees_their_own_record_and_no_other() {
    let house = house().await;
    let (own, other) = (tenant(&house, "own.example").await, tenant(&house, "other.example").await);
    let ana = person(&house, &own, "ana", json!({})).await;
    assert!(ana.get("password").is_none() && ana.get("must_change_password").is_none());
    let bia = person(&house, &own, "bia", json!({})).await;
    let eve = person(&house, &other, "eve", json!({})).await;
    let tokens = login(&house, "ana").await;
    assert_eq!(tokens["token_type"], "bearer");
    assert_eq!(tokens["expires_in"], 24 * 3600);
    assert_eq!(tokens["must_change_password"], false);
    let get = |who: &Value| as_person(house.ask("GET", &format!("/users/{}", id(who))), &tokens);
    assert_eq!(ok(get(&ana), 200).await["name"], "ana");
    refused(get(&bia), 403, "forbidden").await;
    refused(get(&eve), 404, "not_found").await;
    refused(as_person(house.ask("GET", "/users"), &tokens), 403, "forbidden").await;
    // A few members of one's own record, and no others.
    let path = format!("/users/{}", id(&ana));
    let patch = |change: Value| as_person(house.ask("PATCH", &path), &tokens).json(&change);
    assert_eq!(ok(patch(json!({ "phone": "1" })), 200).await["phone"], "1");
    refused(patch(json!({ "user_type": "admin" })), 403, "forbidden").await;
    refused(patch(json!({ "email": "z@x.example" })), 403, "forbidden").await;
    refused(patch(json!({ "password": "another one" })), 403, "not_yourself").await;
}

#[tokio::test]
async fn an_admin_rules_its_own_tenant_and_nothing_else() {
    let house = house().await;
    let (own, other) = (tenant(&house, "own.example").await, tenant(&house, "other.example").await);
    let boss = person(&house, &own, "boss", json!({ "user_type": "admin" })).await;
    let ana = person(&house, &own, "ana", json!({})).await;
    let eve = person(&house, &other, "eve", json!({})).await;
    let tokens = login(&house, "boss").await;
    let ask = |method: &str, path: &str| as_person(house.ask(method, path), &tokens);
    let seen = ok(ask("GET", "/users"), 200).await;
    assert_eq!(seen.as_array().unwrap().len(), 2);
    let status = |who: &Value| format!("/users/{}/status", id(who));
    let ban = json!({ "status": "BANNED" });
    refused(ask("PUT", &status(&eve)).json(&ban), 404, "not_found").await;
    refused(ask("PUT", &status(&boss)).json(&ban), 403, "not_yourself").await;
    refused(ask("DELETE", &format!("/users/{}", id(&boss))), 403, "not_yourself").await;
    ok(ask("PUT", &status(&ana)).json(&ban), 200).await;
    refused(ask("GET", "/jobs"), 403, "forbidden").await;
    refused(ask("POST", "/tokens").json(&json!({ "name": "x" })), 403, "forbidden").await;
    // Not even the operator takes the last admin away.
    refused(house.order("PUT", &status(&boss)).json(&ban), 409, "last_admin").await;
    refused(house.order("DELETE", &format!("/users/{}", id(&boss))), 409, "last_admin").await;
    let demoted = json!({ "user_type": "user" });
    let path = format!("/users/{}", id(&boss));
    refused(house.order("PATCH", &path).json(&demoted), 409, "last_admin").await;
    let date = json!({ "user_id": id(&boss), "date": "2030-01-01", "reason": "x" });
    refused(house.order("POST", "/admin/scheduled-bans").json(&date), 409, "last_admin").await;
    person(&house, &own, "second", json!({ "user_type": "admin" })).await;
    ok(house.order("PUT", &status(&boss)).json(&ban), 200).await;
}

#[tokio::test]
async fn a_ban_ends_a_session_with_the_very_next_request_even_a_planned_one() {
    let house = house().await;
    let own = tenant(&house, "own.example").await;
    for (name, planned) in [("ana", false), ("bia", true)] {
        let user = person(&house, &own, name, json!({})).await;
        let tokens = login(&house, name).await;
        let path = format!("/users/{}", id(&user));
        let get = || as_person(house.ask("GET", &path), &tokens);
        ok(get(), 200).await;
        if planned {
            let date = house.world.shell.now() + Duration::from_secs(60);
            let ban = json!({ "user_id": id(&user), "date": date.to_string(), "reason": "x" });
            ok(house.order("POST", "/admin/scheduled-bans").json(&ban), 201).await;
            house.world.hand.advance(Duration::from_millis(59_999));
            ok(get(), 200).await;
            // No job runs in this house.
            house.world.hand.advance(Duration::from_millis(1));
        } else {
            let ban = json!({ "status": "BANNED" });
            ok(house.order("PUT", &format!("{path}/status")).json(&ban), 200).await;
        }
        refused(get(), 401, "bad_token").await;
        refused(refresh(&house, &tokens), 401, "bad_refresh_token").await;
        refused(try_login(&house, name, PASSWORD), 403, "account_not_active").await;
        refused(try_login(&house, name, "wrong one"), 401, "bad_credentials").await;
    }
}

#[tokio::test]
async fn nothing_tells_whether_an_account_exists() {
    let house = house().await;
    let own = tenant(&house, "own.example").await;
    person(&house, &own, "ana", json!({})).await;
    let masked = async |request: RequestBuilder| {
        let response = request.send().await.unwrap();
        let status = response.status();
        let mut body: Value = response.json().await.unwrap();
        body.as_object_mut().unwrap().remove("trace_id");
        (status, body)
    };
    let wrong = masked(try_login(&house, "ana", "not the password")).await;
    assert_eq!(masked(try_login(&house, "nobody", "not the password")).await, wrong);
    let elsewhere = |member: &str, value: &str| {
        let mut body = json!({ "email": "ana@x.example", "password": PASSWORD });
        body[member] = json!(value);
        house.ask("POST", "/auth/login").json(&body)
    };
    for (member, value) in [
        ("domain", "nowhere.example"),
        ("tenant_id", "0198c5a8-5f00-7000-8000-000000000000"),
        ("tenant_id", "own.example.invalid"),
    ] {
        let answer = elsewhere(member, value).send().await.unwrap();
        assert!([401, 422].contains(&answer.status().as_u16()), "{member}");
    }
    ok(elsewhere("domain", "OWN.example"), 200).await;
    ok(elsewhere("tenant_id", id(&own)), 200).await;
    // An address that two tenants know belongs to neither until one is named.
    let other = tenant(&house, "other.example").await;
    person(&house, &other, "ana", json!({ "password": "another password" })).await;
    assert_eq!(masked(try_login(&house, "ana", PASSWORD)).await, wrong);
    ok(elsewhere("domain", "own.example"), 200).await;
}

#[tokio::test]
async fn a_used_refresh_token_ends_its_session() {
    let house = house().await;
    let own = tenant(&house, "own.example").await;
    let ana = person(&house, &own, "ana", json!({})).await;
    let first = login(&house, "ana").await;
    let second = ok(refresh(&house, &first), 200).await;
    let path = format!("/users/{}", id(&ana));
    ok(as_person(house.ask("GET", &path), &second), 200).await;
    refused(refresh(&house, &first), 401, "bad_refresh_token").await;
    refused(refresh(&house, &second), 401, "bad_refresh_token").await;
    refused(as_person(house.ask("GET", &path), &second), 401, "bad_token").await;
    // What is none of its tokens ends nobody's session.
    let third = login(&house, "ana").await;
    let text = third["refresh_token"].as_str().unwrap();
    let forged = format!("{}{}", &text[..36], "0".repeat(64));
    refused(refresh(&house, &json!({ "refresh_token": forged })), 401, "bad_refresh_token").await;
    ok(refresh(&house, &third), 200).await;
    // And nothing is good for ever.
    let fourth = login(&house, "ana").await;
    house.world.hand.advance(Duration::from_hours(24));
    refused(as_person(house.ask("GET", &path), &fourth), 401, "bad_token").await;
    house.world.hand.advance(Duration::from_hours(24 * 29));
    refused(refresh(&house, &fourth), 401, "bad_refresh_token").await;
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let house = house().await;
    let own = tenant(&house, "own.example").await;
    let ana = person(&house, &own, "ana", json!({})).await;
    let path = format!("/users/{}/sessions", id(&ana));
    let first = login(&house, "ana").await;
    house.world.hand.advance(Duration::from_millis(1));
    let second = login(&house, "ana").await;
    let listed = ok(as_person(house.ask("GET", &path), &second), 200).await;
    let current: Vec<_> = listed.as_array().unwrap().iter().map(|s| &s["current"]).collect();
    assert_eq!(current, [true, false]);
    assert_eq!(listed[0]["address"], "127.0.0.1");
    ok(as_person(house.ask("POST", "/auth/logout"), &second), 204).await;
    refused(as_person(house.ask("GET", &path), &second), 401, "bad_token").await;
    assert_eq!(ok(house.order("GET", &path), 200).await.as_array().unwrap().len(), 1);
    ok(house.order("DELETE", &path), 204).await;
    refused(as_person(house.ask("GET", &path), &first), 401, "bad_token").await;
    assert_eq!(ok(house.order("GET", &path), 200).await, json!([]));
    // The oldest gives way to one too many.
    let mut all = Vec::new();
    for _ in 0..33 {
        house.world.hand.advance(Duration::from_secs(1));
        all.push(login(&house, "ana").await);
    }
    refused(as_person(house.ask("GET", &path), &all[0]), 401, "bad_token").await;
    ok(as_person(house.ask("GET", &path), &all[1]), 200).await;
}

#[tokio::test]
async fn a_password_is_changed_and_the_other_sessions_end() {
    let house = house().await;
    let own = tenant(&house, "own.example").await;
    let more = json!({ "must_change_password": true });
    let ana = person(&house, &own, "ana", more).await;
    let path = format!("/users/{}", id(&ana));
    let (other, tokens) = (login(&house, "ana").await, login(&house, "ana").await);
    assert_eq!(tokens["must_change_password"], true);
    refused(as_person(house.ask("GET", &path), &tokens), 403, "password_change_required").await;
    let change = |current: &str, new: &str| {
        let body = json!({ "current_password": current, "new_password": new });
        as_person(house.ask("PUT", "/auth/password"), &tokens).json(&body)
    };
    let flaw = |field: &str, code: &str| [(field.to_owned(), code.to_owned())];
    assert_eq!(
        flaws(change("wrong one", "a new password")).await,
        flaw("current_password", "wrong_password")
    );
    assert_eq!(flaws(change(PASSWORD, PASSWORD)).await, flaw("new_password", "same_password"));
    assert_eq!(flaws(change(PASSWORD, "short")).await, flaw("new_password", "too_short"));
    ok(change(PASSWORD, "a new password"), 204).await;
    ok(as_person(house.ask("GET", &path), &tokens), 200).await;
    refused(as_person(house.ask("GET", &path), &other), 401, "bad_token").await;
    refused(try_login(&house, "ana", PASSWORD), 401, "bad_credentials").await;
    let again = ok(try_login(&house, "ana", "a new password"), 200).await;
    assert_eq!(again["must_change_password"], false);
    // Whoever manages users sets another one, and every session ends.
    ok(house.order("PATCH", &path).json(&json!({ "password": "set by the house" })), 200).await;
    refused(as_person(house.ask("GET", &path), &again), 401, "bad_token").await;
    ok(try_login(&house, "ana", "set by the house"), 200).await;
}

#[tokio::test]
async fn hashes_of_the_original_systems_open_the_door_once_and_are_replaced() {
    let house = house().await;
    let own = tenant(&house, "own.example").await;
    let draft = |hash: &str| json!({ "tenant_id": id(&own), "name": "ana", "email": "ana@x.example", "password_hash": hash });
    let told = flaws(house.order("POST", "/users").json(&draft("md5:123"))).await;
    assert_eq!(told, [("password_hash".to_owned(), "unknown_hash".to_owned())]);
    // As Laravel writes it.
    let parts = bcrypt::hash_with_salt("senha-antiga", 4, [3; 16]).unwrap();
    let hash = parts.format_for_version(bcrypt::Version::TwoY);
    let ana = ok(house.order("POST", "/users").json(&draft(&hash)), 201).await;
    refused(try_login(&house, "ana", "senha-nova"), 401, "bad_credentials").await;
    ok(try_login(&house, "ana", "senha-antiga"), 200).await;
    let user = id(&ana).parse().unwrap();
    let store = &house.world.shell.store;
    let kept = store.get::<zelador_store::session::Credentials>(&user).await.unwrap().unwrap();
    assert!(kept.row.password.unwrap().starts_with("$argon2id$"));
    ok(try_login(&house, "ana", "senha-antiga"), 200).await;
}

#[tokio::test]
async fn an_invitation_sets_a_first_password_once() {
    let house = house().await;
    let own = tenant(&house, "own.example").await;
    let draft = json!({ "tenant_id": id(&own), "name": "ana", "email": "ana@x.example" });
    let ana = ok(house.order("POST", "/users").json(&draft), 201).await;
    let path = format!("/users/{}/invite", id(&ana));
    let invite = async || {
        let made = body(house.order("POST", &path).send().await.unwrap(), 201).await;
        made["token"].as_str().unwrap().to_owned()
    };
    let accept = |token: &str| {
        let body = json!({ "token": token, "new_password": PASSWORD });
        house.ask("POST", "/auth/accept-invite").json(&body)
    };
    let (replaced, good) = (invite().await, invite().await);
    refused(accept(&replaced), 401, "bad_invite").await;
    refused(accept("zli_nothing"), 401, "bad_invite").await;
    ok(accept(&good), 204).await;
    login(&house, "ana").await;
    refused(accept(&good), 401, "bad_invite").await;
    let late = invite().await;
    house.world.hand.advance(Duration::from_hours(168));
    refused(accept(&late), 401, "bad_invite").await;
}
