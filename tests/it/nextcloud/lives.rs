//! What becomes of instances while the daemon runs: refused logins, maintenance,
//! a server that dies, drift; and what the API says of them.

use serde_json::{Value, json};

use super::flow::{id_of, person, settled, tenant};
use super::kills::join;
use super::sandbox;
use crate::harness::{Client, Home, PATIENCE, eventually};

const CONFIG: &str = "
[nextcloud]
mode = \"live\"
unwell_seconds = 1
[jobs.\"nextcloud.create_user\"]
backoff_seconds = [0]
";

async fn instance(client: &Client, id: &str) -> Value {
    client.get(&format!("/admin/instances/{id}")).await.is(200)
}

async fn until(client: &Client, id: &str, what: &str, is: impl Fn(&Value) -> bool) -> Value {
    eventually(what, PATIENCE, || async {
        let row = instance(client, id).await;
        is(&row).then_some(row)
    })
    .await
}

#[tokio::test]
async fn a_refused_login_opens_the_breaker_and_the_right_one_closes_it() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let server = sandbox().await;
    let id = join(client, &server, false, 5).await;
    until(client, &id, "it is well", |row| row["health"] == "healthy").await;
    let path = format!("/admin/instances/{id}");
    client.put(&path, &json!({ "api": { "password": "canary wrong" } })).await.is(200);
    let row = until(client, &id, "its breaker opens", |row| row["breaker"] == "open").await;
    assert_eq!(row["error"]["class"], "wrong_credentials");
    assert_eq!(row["breaker_until"], Value::Null, "until somebody has seen to it");
    let asked = server.asked();
    // Whoever registers waits, at no cost, and nobody logs in again.
    let owner = tenant(client, "sol.example").await;
    let user = id_of(&person(client, &owner, "ana").await);
    let waits = eventually("the account waits", PATIENCE, || async {
        let account = client.get(&format!("/users/{user}/nextcloud")).await.is(200);
        account["error"]["message"].as_str().is_some().then_some(account)
    })
    .await;
    assert_eq!(
        (&waits["status"], &waits["error"]["class"]),
        (&json!("pending"), &json!("no_instance"))
    );
    let (before, after) = (asked.values().sum::<u64>(), server.asked().values().sum::<u64>());
    assert_eq!(before, after, "{:?}", server.asked());
    let right = super::Plan::default().app_password;
    client.put(&path, &json!({ "api": { "password": right } })).await.is(200);
    until(client, &id, "it is well again", |row| row["breaker"] == "closed").await;
    assert_eq!(settled(client, &user).await["status"], "active", "at once, not after a minute");
    let told = client.get("/events?type=nextcloud.instance_health_changed").await.is(200);
    assert!(told.as_array().unwrap().len() >= 3, "{told}");
}

#[tokio::test]
async fn maintenance_is_waited_for_and_a_dead_server_is_left_alone() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let server = sandbox().await;
    let id = join(client, &server, true, 5).await;
    until(client, &id, "it is well", |row| row["health"] == "healthy").await;
    server.maintain(true);
    let seen =
        client.post(&format!("/admin/instances/{id}/health-check"), &json!({})).await.is(200);
    assert_eq!((&seen["healthy"], &seen["maintenance"]), (&json!(false), &json!(true)));
    let owner = tenant(client, "sol.example").await;
    let user = id_of(&person(client, &owner, "ana").await);
    server.maintain(false);
    assert_eq!(settled(client, &user).await["status"], "active");
    server.set(|faults| faults.dead = true);
    let seen =
        client.post(&format!("/admin/instances/{id}/health-check"), &json!({})).await.is(200);
    assert_eq!(seen["error"]["class"], "unreachable", "{seen}");
    until(client, &id, "it is left alone", |row| row["breaker"] == "open").await;
    server.set(|faults| faults.dead = false);
    until(client, &id, "a good look closes it", |row| row["health"] == "healthy").await;
    // What is lost there is shown, and nothing is done about it.
    server.lose("ana");
    let job = json!({ "kind": "nextcloud.reconcile", "args": { "instance_id": id } });
    client.post("/jobs", &job).await.is(201);
    let row = until(client, &id, "the drift is shown", |row| !row["drift"].is_null()).await;
    assert_eq!(
        (&row["drift"]["missing"], &row["drift"]["missing_ids"]),
        (&json!(1), &json!(["ana"]))
    );
}

#[tokio::test]
async fn instances_are_kept_by_their_rules() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let server = sandbox().await;
    let id = join(client, &server, false, 5).await;
    let row = instance(client, &id).await;
    assert_eq!(row["secrets"], json!({ "api.password": "sealed" }));
    assert_eq!(row["api"], json!({ "username": "admin" }), "the secret is not told");
    // Sent back whole, nothing changes, the secret neither.
    let same = client.put(&format!("/admin/instances/{id}"), &row).await.is(200);
    assert_eq!(same["version"], row["version"]);
    let taken = json!({
        "name": row["name"], "base_url": "https://a.example", "management_method": "api",
        "max_users": 1, "api": { "username": "a", "password": { "env": "ZELADOR_NONE" } },
    });
    client.post("/admin/instances", &taken).await.refused(409, "instance_name_taken");
    let wrong = json!({
        "name": "x", "base_url": "ftp://a", "management_method": "ssh", "max_users": 1,
        "ssh": { "host": "h", "user": "u", "host_key": "none", "private_key": "none" },
    });
    let problem = client.post("/admin/instances", &wrong).await.refused(422, "validation_failed");
    let fields: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|flaw| flaw["field"].clone()).collect();
    assert_eq!(fields, ["base_url", "ssh.host_key", "ssh.private_key"], "{problem}");
    // A reference that leads nowhere is said so when it is looked at.
    let mut unset = taken;
    unset["name"] = json!("unset");
    let other = id_of(&client.post("/admin/instances", &unset).await.is(201));
    let seen = client.post(&format!("/admin/instances/{other}/health-check"), &json!({})).await;
    assert_eq!(seen.is(200)["error"]["class"], "misconfigured");
    client.delete(&format!("/admin/instances/{other}")).await.is(204);
    let owner = tenant(client, "sol.example").await;
    let user = id_of(&person(client, &owner, "ana").await);
    settled(client, &user).await;
    let refusal = client.delete(&format!("/admin/instances/{id}")).await;
    assert_eq!(refusal.refused(409, "instance_in_use")["current_users"], 1);
    let audit = client.get("/audit?limit=500").await.is(200).to_string();
    assert!(audit.contains("instance.create") && !audit.contains("sandbox-app-password"));
}

#[tokio::test]
async fn what_could_not_be_made_is_tried_anew_when_asked() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let server = sandbox().await;
    let id = join(client, &server, false, 5).await;
    until(client, &id, "it is well", |row| row["health"] == "healthy").await;
    let owner = tenant(client, "sol.example").await;
    // A folder that somebody left behind: the server's words say so.
    super::Port::create(
        super::ports(&server)[0].1.as_ref(),
        &super::wanted("ana"),
        &super::password(),
    )
    .await
    .unwrap();
    server.lose("ana");
    let user = id_of(&person(client, &owner, "ana").await);
    let failed = settled(client, &user).await;
    assert_eq!(
        (&failed["status"], &failed["error"]["class"]),
        (&json!("failed"), &json!("policy"))
    );
    assert_eq!(failed["instance_id"], Value::Null, "the place is free again");
    assert_eq!(instance(client, &id).await["current_users"], 0);
    let listed = client.get("/users?nextcloud_status=failed").await.is(200);
    assert!(listed[0]["nextcloud_error"].as_str().unwrap().contains("files already exist"));
    let told = client.get("/events?type=nextcloud.user_failed").await.is(200);
    assert_eq!(told[0]["data"]["error"]["class"], "policy");
    client.put(&format!("/users/{user}"), &json!({ "email": "bia@example.org" })).await.is(200);
    let again = client.post("/api/admin/nextcloud/retry-failed", &json!({})).await.is(202);
    assert_eq!(again, json!({ "requeued": 1 }));
    let account = settled(client, &user).await;
    assert_eq!((&account["status"], &account["account_id"]), (&json!("active"), &json!("bia")));
}
