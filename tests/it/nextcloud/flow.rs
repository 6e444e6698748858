//! The seed's flow against the daemon in sandbox mode: a tenant asks for accounts,
//! somebody registers, and the account is there; the API and the command line.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Client, Daemon, Home, PATIENCE, eventually};

/// Quick looks; nothing else differs from the defaults.
const CONFIG: &str = "[nextcloud]\ngroups = [\"{tenant}\", \"{plan}\"]\n[notifications]\npublic_url = \"https://agenda.example\"\n";

pub(super) async fn tenant(client: &Client, domain: &str) -> String {
    let body = json!({
        "name": domain, "domain": domain, "plan": "basico", "locale": "pt-BR",
        "settings": { "provision_nextcloud": true },
    });
    client.post("/tenants", &body).await.is(201)["id"].as_str().unwrap().to_owned()
}

pub(super) async fn person(client: &Client, tenant: &str, name: &str) -> Value {
    let email = format!("{name}@example.org");
    let body = json!({ "tenant_id": tenant, "name": name, "email": email });
    client.post("/users", &body).await.is(201)
}

pub(super) fn id_of(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

pub(super) async fn settled(client: &Client, user: &str) -> Value {
    eventually("the account is settled", PATIENCE, || async {
        let account = client.get(&format!("/users/{user}/nextcloud")).await.is(200);
        let over = ["active", "failed"].iter().any(|state| account["status"] == *state);
        over.then_some(account)
    })
    .await
}

/// What the stand-in of an instance has.
async fn theirs(client: &Client, instance: &str, account: &str) -> Value {
    let row = client.get(&format!("/admin/instances/{instance}")).await.is(200);
    let url = format!("{}/sandbox/state", row["base_url"].as_str().unwrap());
    let state: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    let users = state["users"].as_array().unwrap().clone();
    users.into_iter().find(|user| user["id"] == account).unwrap_or(Value::Null)
}

async fn enabled(client: &Client, account: &Value) -> bool {
    let (instance, id) = (&account["instance_id"], &account["account_id"]);
    let seen = theirs(client, instance.as_str().unwrap(), id.as_str().unwrap()).await;
    seen["enabled"] == true
}

#[tokio::test]
async fn from_registration_to_an_account_and_through_a_ban() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let tenant = tenant(client, "sol.example").await;
    let made = person(client, &tenant, "ana").await;
    assert_eq!(made["nextcloud_status"], "pending", "in the commit that registers");
    let user = id_of(&made);
    let account = settled(client, &user).await;
    assert_eq!((&account["status"], &account["account_id"]), (&json!("active"), &json!("ana")));
    assert_eq!(account["quota"], "10 GB");
    let seen = theirs(client, account["instance_id"].as_str().unwrap(), "ana").await;
    assert_eq!(seen["quota"]["quota"], 10_u64 << 30);
    assert_eq!(seen["groups"], json!(["basico", "sol.example"]));
    assert_eq!(seen["language"], "pt_BR");
    let shown = client.get(&format!("/users/{user}")).await.is(200);
    assert_eq!(shown["nextcloud_status"], "active");
    assert_eq!(shown["nextcloud_instance_id"], account["instance_id"]);
    client
        .post(&format!("/users/{user}/nextcloud"), &json!({}))
        .await
        .refused(409, "account_active");
    let some = client.get("/users?nextcloud_status=active").await.is(200);
    assert_eq!(some.as_array().unwrap().len(), 1);
    let none = client.get("/users?nextcloud_status=pending,creating,failed").await.is(200);
    assert_eq!(none, json!([]));

    banned_and_back(client, &user, &account).await;
    // Another plan, another quota.
    client.put(&format!("/users/{user}"), &json!({ "plan": "empresarial" })).await.is(200);
    eventually("the quota follows", PATIENCE, || async {
        let account = client.get(&format!("/users/{user}/nextcloud")).await.is(200);
        (account["quota"] == "200 GB").then_some(())
    })
    .await;
    let moved = moved(client, &user, &account).await;
    // Deleted: kept out.
    client.delete(&format!("/users/{user}")).await.is(204);
    eventually("it is switched off", PATIENCE, || async {
        (!enabled(client, &moved).await).then_some(())
    })
    .await;
}

/// The ban keeps the person out, the return lets them in again.
async fn banned_and_back(client: &Client, user: &str, account: &Value) {
    for (status, out) in [("BANNED", false), ("ACTIVE", true)] {
        let body = json!({ "status": status, "reason": "r" });
        client.put(&format!("/users/{user}/status"), &body).await.is(200);
        eventually("it is switched", PATIENCE, || async {
            (enabled(client, account).await == out).then_some(())
        })
        .await;
    }
}

/// Another instance: the account is made anew there, and switched off here.
async fn moved(client: &Client, user: &str, account: &Value) -> Value {
    let all = client.get("/admin/instances").await.is(200);
    let other = all.as_array().unwrap().iter().find(|one| one["id"] != account["instance_id"]);
    let other = id_of(other.unwrap());
    let (path, body) = (format!("/users/{user}/nextcloud/move"), json!({ "instance_id": other }));
    client.post(&path, &body).await.is(202);
    let moved = eventually("it has moved", PATIENCE, || async {
        let account = client.get(&format!("/users/{user}/nextcloud")).await.is(200);
        (account["status"] == "active" && account["instance_id"] == other).then_some(account)
    })
    .await;
    assert!(enabled(client, &moved).await);
    eventually("the old one is off and its place is free", PATIENCE, || async {
        let before = format!("/admin/instances/{}", account["instance_id"].as_str().unwrap());
        let free = client.get(&before).await.is(200)["current_users"] == 0;
        (free && !enabled(client, account).await).then_some(())
    })
    .await;
    client.post(&path, &body).await.refused(409, "account_there_already");
    moved
}

#[tokio::test]
async fn the_first_password_is_shown_once() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let tenant = tenant(client, "sol.example").await;
    let user = id_of(&person(client, &tenant, "bia").await);
    let account = settled(client, &user).await;
    assert_eq!(account["first_password"], true);
    let link = client.post(&format!("/users/{user}/nextcloud/link"), &json!({})).await.is(200);
    let url = link["url"].as_str().unwrap();
    let path = url.strip_prefix("https://agenda.example").unwrap().to_owned();
    let anyone = client.anonymous();
    for _ in 0..2 {
        let page = anyone.get(&path).await;
        assert_eq!(page.status, 200);
        assert!(page.text.contains("<button>"), "looking shows nothing: {}", page.text);
    }
    let page = anyone.call(Method::POST, &path, None).await.unwrap();
    let dd = page.text.rsplit("<dd>").next().unwrap().split("</dd>").next().unwrap();
    let password = dd.replace("&amp;", "&");
    assert_eq!(password.len(), 24, "{}", page.text);
    // It is the one that opens the account.
    let row = format!("/admin/instances/{}", account["instance_id"].as_str().unwrap());
    let base = client.get(&row).await.is(200)["base_url"].as_str().unwrap().to_owned();
    let me = reqwest::Client::new()
        .get(format!("{base}/ocs/v2.php/cloud/users/bia?format=json"))
        .basic_auth("bia", Some(&password))
        .header("OCS-APIRequest", "true");
    assert_ne!(me.send().await.unwrap().status().as_u16(), 401);
    assert_eq!(anyone.call(Method::POST, &path, None).await.unwrap().status, 404);
    assert_eq!(anyone.get(&path).await.status, 404);
    client
        .post(&format!("/users/{user}/nextcloud/link"), &json!({}))
        .await
        .refused(409, "no_first_password");
    assert!(!home.log().contains(&password));
}

async fn cli<const N: usize>(home: &Home, args: [&str; N]) -> (i32, Value) {
    let (code, out, err) = home.run(args).await;
    assert!(code == 0 || code == 1, "{out}{err}");
    (code, serde_json::from_str(&out).unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_command_line_keeps_instances_and_provisions() {
    let home = Home::new("").await;
    let daemon: Daemon = home.start().await;
    let client = daemon.client();
    let (_, all) = cli(&home, ["--json", "instances", "list"]).await;
    let names: Vec<_> = all.as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["sandbox-api", "sandbox-ssh"]);
    for one in all.as_array().unwrap() {
        let (code, seen) = cli(&home, ["--json", "instances", "check", &id_of(one)]).await;
        assert_eq!((code, &seen["healthy"], &seen["version"]), (0, &json!(true), &json!("32.0.1")));
        assert_eq!(seen["user_count"], 1);
    }
    let first = id_of(&all[0]);
    let (_, off) = cli(&home, ["--json", "instances", "disable", &first]).await;
    assert_eq!(off["status"], "disabled");
    let (_, on) = cli(&home, ["--json", "instances", "enable", &first]).await;
    assert_eq!(on["status"], "active");
    let (_, edited) = cli(&home, ["--json", "instances", "edit", &first, "--max-users", "7"]).await;
    assert_eq!(edited["max_users"], 7);
    let quiet = json!({ "name": "lua", "domain": "lua.example" });
    let tenant = id_of(&client.post("/tenants", &quiet).await.is(201));
    let user = person(client, &tenant, "caio").await;
    assert_eq!(user["nextcloud_status"], "none", "nobody asked");
    let (code, made) = cli(&home, ["--json", "users", "provision", &id_of(&user), "--wait"]).await;
    assert_eq!((code, &made["status"], &made["quota"]), (0, &json!("active"), &json!("5 GB")));
    let (_, none) = cli(&home, ["--json", "users", "provision", "--retry-failed"]).await;
    assert_eq!(none, json!({ "requeued": 0 }));
    live_after_a_purge(&home, client, &first, &id_of(&user)).await;
}

/// What was made against stand-ins goes before real servers come.
async fn live_after_a_purge(home: &Home, client: &Client, instance: &str, user: &str) {
    home.configure("[nextcloud]\nmode = \"live\"\n");
    eventually("it is live", PATIENCE, || async {
        let path = format!("/admin/instances/{instance}/health-check");
        let answer = client.post(&path, &json!({})).await;
        (answer.status == 409).then(|| answer.refused(409, "sandbox_records"))
    })
    .await;
    let (_, purged) = cli(home, ["--json", "sandbox", "purge"]).await;
    assert_eq!((&purged["instances"], &purged["accounts"]), (&json!(2), &json!(1)));
    assert_eq!(client.get("/admin/instances").await.is(200), json!([]));
    let shown = client.get(&format!("/users/{user}")).await.is(200);
    assert_eq!(shown["nextcloud_status"], "none");
}
