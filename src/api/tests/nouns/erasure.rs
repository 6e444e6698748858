//! Erasure and export: a canary in everything that a person may fill, everything
//! used, the person erased, and the whole store searched.

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use zelador_actors::testkit::eventually;
use zelador_store::Write;
use zelador_store::id::{TenantId, UserId};
use zelador_store::kv::{Engine as _, Span};
use zelador_store::session::{Credential, Credentials, Session, Sessions};

use super::signin::{login, person};
use crate::api::tests::house::{House, house, ok};

/// In no text of the program's own, in this or any other letter case.
const CANARY: &str = "kanarienvogel";

async fn tenant(house: &House, domain: &str) -> String {
    let draft = json!({ "name": "Academia", "domain": domain });
    let made = ok(house.order("POST", "/tenants").json(&draft), 201).await;
    made["id"].as_str().unwrap().to_owned()
}

fn filled(tenant: &str) -> Value {
    json!({
        "tenant_id": tenant, "name": CANARY, "email": format!("{CANARY}@example.com"),
        "profile": { CANARY: CANARY }, "phone": CANARY, "address": CANARY, "zone": CANARY,
        "code": CANARY, "id_number": CANARY, "id_wispro": CANARY, "plan_id": 7, "role": 3,
    })
}

/// A booking with a note, one moved, and one called off for a reason.
async fn book(house: &House, tenant: &str, user: &str) {
    let room = json!({ "tenant_id": tenant, "name": "Sala" });
    let room = ok(house.order("POST", "/resources").json(&room), 201).await["id"].clone();
    for (start, end) in [("15:00", "15:30"), ("16:00", "16:30")] {
        let wish = json!({
            "tenant_id": tenant, "resource_id": room, "user_id": user, "notes": CANARY,
            "start_time": format!("2025-12-05T{start}"), "end_time": format!("2025-12-05T{end}"),
        });
        let made = house.order("POST", "/bookings").header("idempotency-key", start).json(&wish);
        let path = format!("/bookings/{}", ok(made, 201).await["id"].as_str().unwrap());
        let noted = json!({ "notes": format!("{CANARY} too") });
        ok(house.order("PATCH", &path).json(&noted), 200).await;
        if start == "16:00" {
            let why = json!({ "reason": CANARY });
            ok(house.order("POST", &format!("{path}/cancel")).json(&why), 200).await;
        }
    }
}

/// Everything there is to do with a person; some of it kept for a repetition.
async fn live(house: &House, tenant: &str) -> String {
    let keyed = |path: &str| house.order("POST", path).header("idempotency-key", path);
    let mut draft = filled(tenant);
    draft["password"] = json!(format!("{CANARY} as a password"));
    let made = ok(keyed("/users").json(&draft), 201).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let why = |request: RequestBuilder, body: Value| request.json(&body);
    let patch = house.order("PATCH", &format!("/users/{id}"));
    ok(why(patch, json!({ "phone": format!("{CANARY}2") })), 200).await;
    let ban = json!({ "user_id": id, "date": "2025-12-01T13:00:00Z", "reason": CANARY });
    ok(keyed("/admin/scheduled-bans").json(&ban), 201).await;
    let at = "2025-12-01T12:30:00Z";
    let change = json!({ "status": "SUSPENDED", "at": at, "reason": CANARY });
    ok(keyed(&format!("/users/{id}/scheduled-status")).json(&change), 201).await;
    house.world.hand.advance(Duration::from_secs(2 * 3600));
    let set = house.order("PUT", &format!("/users/{id}/status"));
    ok(why(set, json!({ "status": "ACTIVE", "reason": CANARY })), 200).await;
    let later = json!({ "user_id": id, "date": "2026-12-01T13:00:00Z", "reason": CANARY });
    ok(house.order("POST", "/admin/scheduled-bans").json(&later), 201).await;
    for (date_in, date_out, stays) in
        [("2026-06-01", "2026-06-05", false), ("2026-07-01", "2026-07-05", true)]
    {
        let leave = json!({ "date_in": date_in, "date_out": date_out, "reason": CANARY });
        let made = ok(house.order("POST", &format!("/users/{id}/leave")).json(&leave), 201).await;
        if !stays {
            let path = format!("/users/{id}/leave/{}", made["id"].as_str().unwrap());
            ok(house.order("DELETE", &path), 204).await;
        }
    }
    let job = json!({ "kind": "diagnostic", "run_at": "2030-01-01T00:00:00Z",
        "args": { "sleep_ms": 1, "reason": CANARY, "user_id": id } });
    ok(house.order("POST", "/jobs").json(&job), 201).await;
    book(house, tenant, &id).await;
    sign_in(house, tenant.parse().unwrap(), id.parse().unwrap()).await;
    id
}

async fn sign_in(house: &House, tenant: TenantId, user: UserId) {
    let shell = &house.world.shell;
    let session = |byte: u8, revoked_at| Session {
        tenant,
        user,
        family: [byte; 32],
        refresh: [byte; 32],
        created_at: shell.now(),
        refreshed_at: shell.now(),
        expires_at: shell.now() + Duration::from_secs(3600),
        address: Some(CANARY.into()),
        agent: Some(CANARY.into()),
        must_change: false,
        revoked_at,
        revoked_for: None,
    };
    let mut write = Write::new();
    write.insert::<Sessions>(&shell.id(), &session(1, None));
    write.insert::<Sessions>(&shell.id(), &session(2, Some(shell.now())));
    if shell.store.get::<Credentials>(&user).await.unwrap().is_none() {
        let credential = Credential { password: Some(CANARY.into()), ..Credential::default() };
        write.insert::<Credentials>(&user, &credential);
    }
    shell.store.commit(write).await.unwrap();
}

/// Where the canary sings: keys and values with it.
async fn sings(house: &House) -> Vec<String> {
    let pairs = house.world.memory.scan(&Span::prefix(&[]), usize::MAX).await.unwrap();
    let heard = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_lowercase().contains(CANARY);
    let found = pairs.into_iter().filter(|(key, value)| heard(key) || heard(value));
    found
        .map(|(key, value)| format!("{:02x?} {}", &key[..2], String::from_utf8_lossy(&value)))
        .collect()
}

async fn erased(house: &House) {
    let desk = house.doors.jobs.clone();
    let working = tokio::spawn(async move { desk.work().await });
    eventually("the traces are gone", async || {
        let list = ok(house.order("GET", "/jobs?kind=user.erase"), 200).await;
        let jobs = list.as_array().unwrap().clone();
        assert!(jobs.iter().all(|job| job["state"] != "failed"), "{jobs:#?}");
        jobs.iter().all(|job| job["state"] == "succeeded").then_some(())
    })
    .await;
    working.abort();
}

#[tokio::test]
async fn nothing_of_a_person_is_left() {
    let house = house().await;
    let tenant = tenant(&house, "a.example").await;
    let id = live(&house, &tenant).await;
    assert!(sings(&house).await.len() > 20);
    let events = ok(house.order("GET", "/events?limit=500"), 200).await;
    let told = ok(house.order("GET", "/audit?limit=500"), 200).await;
    ok(house.order("DELETE", &format!("/users/{id}?erase=true")), 204).await;
    ok(house.order("GET", &format!("/users/{id}")), 404).await;
    erased(&house).await;
    let left = sings(&house).await;
    assert!(left.is_empty(), "{left:#?}");
    // A hash does not sing.
    let credential = house.world.shell.store.get::<Credentials>(&id.parse().unwrap()).await;
    assert!(credential.unwrap().is_none());

    // Numbers, kinds and deeds stay.
    let after = ok(house.order("GET", "/events?limit=500"), 200).await;
    for (before, after) in events.as_array().unwrap().iter().zip(after.as_array().unwrap()) {
        for member in ["seq", "id", "type", "user_id", "occurred_at"] {
            assert_eq!(before[member], after[member]);
        }
    }
    assert!(after.as_array().unwrap().iter().any(|event| event["type"] == "user.erased"));
    let deeds = ok(house.order("GET", "/audit?limit=500"), 200).await;
    assert_eq!(deeds.as_array().unwrap().len(), told.as_array().unwrap().len() + 1);
    let about =
        ok(house.order("GET", &format!("/audit?user_id={id}&action=user.update")), 200).await;
    assert!(about[0]["before"].is_null() && about[0]["erased_at"].is_string());
    assert_eq!(about[0]["initiated_by"]["kind"], "operator");
    // The address is free, and the next person is another.
    ok(house.order("POST", "/users").json(&filled(&tenant)), 201).await;
}

#[tokio::test]
async fn a_user_deleted_before_can_be_erased_by_its_own_tenant_alone() {
    let house = house().await;
    let (own, other) = (tenant(&house, "a.example").await, tenant(&house, "b.example").await);
    let id = live(&house, &own).await;
    ok(house.order("DELETE", &format!("/users/{id}")), 204).await;
    let path = format!("/users/{id}?erase=true");
    let stranger = house.bound(other.parse().unwrap(), &["users:*"]).await;
    ok(house.ask("DELETE", &path).bearer_auth(&stranger), 404).await;
    assert!(!sings(&house).await.is_empty());
    let own = house.bound(own.parse().unwrap(), &["users:*"]).await;
    ok(house.ask("DELETE", &path).bearer_auth(&own), 204).await;
    // Twice does no harm.
    ok(house.ask("DELETE", &path).bearer_auth(&own), 204).await;
    erased(&house).await;
    let left = sings(&house).await;
    assert!(left.is_empty(), "{left:#?}");
}

/// What a person did to others stays said, but not from where.
#[tokio::test]
async fn from_where_a_person_acted_is_erased_too() {
    let house = house().await;
    let own = json!({ "id": tenant(&house, "a.example").await });
    let admin = json!({ "user_type": "admin" });
    let ana = person(&house, &own, "ana", admin.clone()).await;
    person(&house, &own, "rui", admin).await;
    let bia = person(&house, &own, "bia", json!({})).await;
    let tokens = login(&house, "ana").await;
    house.world.hand.advance(Duration::from_secs(1));
    let path = format!("/users/{}", bia["id"].as_str().unwrap());
    let token = tokens["access_token"].as_str().unwrap();
    let change = json!({ "phone": "1" });
    ok(house.ask("PATCH", &path).bearer_auth(token).json(&change), 200).await;
    let id = ana["id"].as_str().unwrap();
    let deeds = async || {
        let told = ok(house.order("GET", &format!("/audit?by={id}")), 200).await;
        let of = |entry: &Value| {
            [&entry["action"], &entry["address"], &entry["after"]].map(Value::clone)
        };
        told.as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    let before = deeds().await;
    assert_eq!(before[0], [json!("user.update"), json!("127.0.0.1"), change.clone()]);
    assert_eq!((before.len(), &before[1][0]), (2, &json!("user.login")));
    ok(house.order("DELETE", &format!("/users/{id}?erase=true")), 204).await;
    erased(&house).await;
    let after = [
        [json!("user.update"), Value::Null, change],
        [json!("user.login"), Value::Null, Value::Null],
    ];
    assert_eq!(deeds().await, after);
}

#[tokio::test]
async fn trying_an_erasure_changes_nothing() {
    let house = house().await;
    let tenant = tenant(&house, "a.example").await;
    let id = live(&house, &tenant).await;
    let before = sings(&house).await;
    ok(house.order("DELETE", &format!("/users/{id}?erase=true&dry_run=true")), 200).await;
    assert_eq!(sings(&house).await, before);
}

#[tokio::test]
async fn an_export_holds_all_of_it() {
    let house = house().await;
    let tenant = tenant(&house, "a.example").await;
    let id = live(&house, &tenant).await;
    let document = ok(house.order("GET", &format!("/users/{id}/export")), 200).await;
    assert_eq!(document["complete"], true);
    assert_eq!(document["user"]["name"], CANARY);
    let lengths: Vec<_> = ["status_history", "plans", "leaves", "sessions"]
        .iter()
        .map(|member| document[member].as_array().unwrap().len())
        .collect();
    assert_eq!(lengths, [4, 3, 2, 1], "{document:#?}");
    assert_eq!(document["status_history"][3]["reason"], CANARY);
    assert_eq!(document["sessions"][0]["address"], CANARY);
    assert!(document["timeline"].as_array().unwrap().len() >= 8);
    assert!(document["audit"].as_array().unwrap().len() >= 6);
    let text = document.to_string();
    assert!(!text.contains("password") && !text.contains("refresh\""));
}
