//! From a webhook's making to its end, over HTTP and from the command line.

use reqwest::Method;
use serde_json::{Value, json};

use super::{gets, hook, person, sink, tenant};
use crate::harness::{Client, Daemon, Home, PATIENCE};

/// Given as a secret, it must be nowhere else.
const CANARY: &str = "kanarienvogel-im-bergwerk";

async fn delivered(daemon: &Daemon, path: &str, count: usize) -> Value {
    let list = format!("{path}/deliveries?status=delivered");
    daemon
        .answers(&list, PATIENCE, "all are delivered", |list| {
            list.as_array().is_some_and(|rows| rows.len() >= count)
        })
        .await
}

#[tokio::test]
async fn a_webhook_lives() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let client = daemon.client();
    let (tenant, sink) = (tenant(client, "sol.example").await, sink().await);
    let draft =
        json!({"url": sink.url(), "events": ["user.*", "tenant.deleted"], "secret": CANARY});
    let (made, path) = hook(client, &tenant, &draft).await;
    assert_eq!((&made["has_secret"], made.get("secret")), (&json!(true), None));
    assert_eq!(client.get(&format!("{tenant}/webhooks")).await.is(200)[0]["id"], made["id"]);
    let user = person(client, &tenant, "Ana Rojas").await;
    let got = gets(&sink, 1).await.remove(0);
    let body: Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!((&body["event"], &body["data"]["user_id"]), (&json!("user.created"), &json!(user)));
    assert_eq!(body["data"]["tenant_id"], tenant.trim_start_matches("/tenants/"));

    let log = delivered(&daemon, &path, 1).await;
    assert_eq!((&log[0]["response_code"], &log[0]["attempts"]), (&json!(200), &json!(1)));
    assert_eq!(log[0]["id"], got.header("webhook-id"));
    let one = format!("{path}/deliveries/{}", got.header("webhook-id"));
    assert_eq!(client.get(&one).await.is(200)["event"], "user.created");
    client.post(&format!("{one}/redeliver"), &json!({})).await.is(202);
    let again = gets(&sink, 2).await.remove(1);
    assert_eq!((again.header("webhook-id"), &again.body), (got.header("webhook-id"), &got.body));
    client.post(&format!("{path}/test"), &json!({})).await.is(202);
    assert!(gets(&sink, 3).await[2].body.contains("webhook.test"));

    changed(client, &path).await;
    ranges(client, &path).await;
    kept_to_itself(&home, client, &path).await;
    client.delete(&tenant).await.is(204);
    let last = gets(&sink, 4).await;
    assert!(last.iter().any(|got| got.body.contains("\"tenant.deleted\"")), "{last:?}");
    client.get(&path).await.refused(404, "not_found");
}

/// Changes, and who may not make them.
async fn changed(client: &Client, path: &str) {
    let record = client.get(path).await;
    let tag = record.header("etag").to_owned();
    let off = client.put(path, &json!({"is_active": false})).await.is(200);
    assert_eq!((&off["is_active"], &off["events"]), (&json!(false), &record.is(200)["events"]));
    assert!(off["replay_from"].as_u64().is_some(), "{off}");
    let request = client.request(Method::PUT, path).header("if-match", tag);
    let stale = client.send(request.json(&json!({"events": ["*"]}))).await.unwrap();
    stale.refused(412, "stale_version");
    client.post(&format!("{path}/test"), &json!({})).await.refused(409, "webhook_inactive");
    client.put(path, &json!({"is_active": true})).await.is(200);
    for (draft, field) in [
        (json!({"url": "http://example.com/"}), "url"),
        (json!({"url": "https://169.254.169.254/"}), "url"),
        (json!({"events": ["booking.craeted"]}), "events[0]"),
        (json!({"events": []}), "events"),
        (json!({"secret": "whsec_short"}), "secret"),
        (json!({"colour": "red"}), "colour"),
    ] {
        let problem = client.put(path, &draft).await.refused(422, "validation_failed");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

async fn ranges(client: &Client, path: &str) {
    let all = client.post(&format!("{path}/redeliver?dry_run=true"), &json!({"from": 1})).await;
    assert_eq!(all.is(200)["count"], 1);
    let missed = json!({"from": "last_success"});
    let done = client.post(&format!("{path}/redeliver"), &missed).await.is(202);
    assert_eq!((&done["count"], &done["next"]), (&json!(0), &Value::Null));
    let wrong = json!({"from": "yesterday"});
    client.post(&format!("{path}/redeliver"), &wrong).await.problem(422);
}

/// The secret is in no answer, no log, no event, no audit, no export.
async fn kept_to_itself(home: &Home, client: &Client, path: &str) {
    let rotated = client.post(&format!("{path}/rotate"), &json!({})).await.is(200);
    let made = rotated["secret"].as_str().unwrap().to_owned();
    assert!(made.starts_with("whsec_"), "a made one is shown, this once");
    assert!(rotated["previous_secret_until"].is_string());
    let export = home.path().join("export.jsonl");
    let (code, _, wrong) = home.run(["export", export.to_str().unwrap()]).await;
    assert_eq!(code, 0, "{wrong}");
    let mut said = vec![home.log(), std::fs::read_to_string(export).unwrap()];
    for path in [path, "/events?limit=500", "/audit?limit=500", "/metrics", "/status"] {
        said.push(client.get(path).await.text);
    }
    for text in said {
        assert!(!text.contains(CANARY) && !text.contains(&made), "{text}");
    }
}

#[tokio::test]
async fn the_same_key_makes_one_and_shows_its_secret_once() {
    let home = Home::new("[webhooks]\nper_tenant = 2\n").await;
    let daemon = home.start().await;
    let client = daemon.client();
    let tenant = tenant(client, "sol.example").await;
    let all = format!("{tenant}/webhooks");
    let draft = json!({"url": "https://example.com/", "events": ["*"], "generate_secret": true});
    let call = || client.request(Method::POST, &all).header("idempotency-key", "k1").json(&draft);
    let first = client.send(call()).await.unwrap().is(201);
    assert!(first["secret"].as_str().unwrap().starts_with("whsec_"));
    let again = client.send(call()).await.unwrap();
    assert_eq!(again.header("idempotent-replayed"), "true");
    let again = again.is(201);
    assert_eq!((&again["id"], again.get("secret")), (&first["id"], None));
    client.post(&all, &draft).await.is(201);
    client.post(&all, &draft).await.refused(409, "too_many_webhooks");
}

#[tokio::test]
async fn production_knows_no_localhost() {
    let config = "environment = \"production\"\n[api.cors]\nenabled = false\n[wispro]\nmode = \"off\"\n[nextcloud]\nmode = \"off\"\n[drive]\nmode = \"off\"\n";
    let home = Home::new(config).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let tenant = tenant(client, "sol.example").await;
    let draft = json!({"url": "http://127.0.0.1:9/", "events": ["*"]});
    let problem = client.post(&format!("{tenant}/webhooks"), &draft).await;
    assert_eq!(problem.refused(422, "validation_failed")["errors"][0]["code"], "webhook_scheme");
}

/// What a command with `--json` prints.
async fn told<const N: usize>(home: &Home, args: [&str; N]) -> Value {
    let (code, out, wrong) = home.run(args).await;
    assert_eq!(code, 0, "{args:?}: {wrong}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{args:?}: {error}: {out}"))
}

#[tokio::test]
async fn webhooks_are_cared_for_from_the_command_line() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let path = tenant(daemon.client(), "sol.example").await;
    let (tenant, sink) = (path.trim_start_matches("/tenants/"), sink().await);
    let url = sink.url();
    let add = ["webhooks", "add", tenant, &url, "--event", "user.*", "--generate-secret", "--json"];
    let made = told(&home, add).await;
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let id = made["id"].as_str().unwrap();
    assert_eq!(told(&home, ["webhooks", "list", tenant, "--json"]).await[0]["id"], made["id"]);
    assert_eq!(told(&home, ["webhooks", "show", tenant, id, "--json"]).await["url"], url.as_str());
    person(daemon.client(), &path, "Ana Rojas").await;
    gets(&sink, 1).await;
    delivered(&daemon, &format!("{path}/webhooks/{id}"), 1).await;
    let (code, table, _) = home.run(["webhooks", "deliveries", tenant, id]).await;
    assert!(code == 0 && table.contains("user.created") && table.contains("200"), "{table}");
    let count = ["webhooks", "redeliver", tenant, id, "--from", "1", "--dry-run", "--json"];
    assert_eq!(told(&home, count).await["count"], 1);
    assert_eq!(home.run(["webhooks", "redeliver", tenant, id, "--from", "1"]).await.0, 0);
    gets(&sink, 2).await;
    assert_eq!(home.run(["webhooks", "test", tenant, id]).await.0, 0);
    gets(&sink, 3).await;
    let off = ["webhooks", "edit", tenant, id, "--active", "false", "--json"];
    assert_eq!(told(&home, off).await["is_active"], false);
    let rotated = told(&home, ["webhooks", "rotate", tenant, id, "--json"]).await;
    assert_ne!(rotated["secret"], made["secret"]);
    assert_eq!(home.run(["webhooks", "remove", tenant, id]).await.0, 0);
    assert_eq!(home.run(["webhooks", "show", tenant, id]).await.0, 1);
    assert_eq!(daemon.stop().await.0, Some(0));
    // What is left is sound.
    let (code, out, wrong) = home.run(["check-store"]).await;
    assert_eq!(code, 0, "{out}{wrong}");
}
