//! Google tells that something changed, and the daemon looks at once: the stand-in
//! really posts, over HTTP, with what goes wrong on the way.

use serde_json::{Value, json};

use super::files::{control, files};
use super::{folders, stand_in, user};
use crate::harness::{Client, Daemon, Home, PATIENCE, eventually};

/// A daemon that looks once a day unless it is told, and tells Google where it is.
async fn told_of(home: &Home) -> Daemon {
    home.configure("[drive]\npoll_seconds = 86400\n");
    let daemon = home.start().await;
    let address = daemon.client().address();
    home.configure(&format!("[drive]\npoll_seconds = 86400\npublic_url = \"http://{address}\"\n"));
    daemon
}

async fn faults(stand_in: &str, switches: &Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.patch(format!("{stand_in}/faults")).json(switches).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}

/// The folders, once a channel tells of them that is not `before`.
async fn by_push(client: &Client, user: &str, before: &Value) -> Value {
    eventually("a channel tells of changes", PATIENCE, || async {
        let seen = client.get(&format!("/folders/{user}")).await.is(200);
        let watch = &seen["watch"];
        (watch["mode"] == "push" && &watch["channel_id"] != before).then_some(seen)
    })
    .await
}

async fn drop_file(stand_in: &str, made: &Value, name: &str) {
    let order = json!({
        "email": "ana@elsewhere.example", "folder": made["novos_folder_id"], "name": name,
        "text": name,
    });
    control(&format!("{stand_in}/drop"), &order).await;
}

#[tokio::test]
async fn what_google_tells_of_is_looked_at_at_once() {
    let home = Home::new("").await;
    let daemon = told_of(&home).await;
    let (client, stand_in) = (daemon.client(), stand_in(&home.log()));
    let user = user(client, Some("ana@elsewhere.example")).await;
    client.post("/folders", &json!({"user_id": user})).await.is(202);
    folders(client, &user, "ready").await;
    let made = by_push(client, &user, &Value::Null).await;
    let began = tokio::time::Instant::now();
    drop_file(&stand_in, &made, "a.txt").await;
    files(client, &user, "processed").await;
    println!("from dropped to processed, by push: {:?}", began.elapsed());
    // Twice each, it is still one file.
    faults(&stand_in, &json!({"duplicate_percent": 100})).await;
    drop_file(&stand_in, &made, "b.txt").await;
    let all = eventually("both are processed", PATIENCE, || async {
        let seen = files(client, &user, "processed").await;
        (seen.len() == 2).then_some(seen)
    })
    .await;
    assert_eq!((&all[0]["name"], &all[1]["name"]), (&json!("b.txt"), &json!("a.txt")));
    forged(client, &stand_in).await;
    // The channel's life is short from now on: it is renewed before it ends.
    faults(&stand_in, &json!({"channel_seconds": 4, "duplicate_percent": 0})).await;
    home.configure(&format!(
        "[drive]\npoll_seconds = 1\npublic_url = \"http://localhost:{}\"\n",
        client.address().rsplit_once(':').unwrap().1
    ));
    let short = by_push(client, &user, &made["watch"]["channel_id"]).await;
    let renewed = by_push(client, &user, &short["watch"]["channel_id"]).await;
    assert!(renewed["watch"]["expires_at"].as_str() > short["watch"]["expires_at"].as_str());
    let open = |state: &Value| state["channels"].as_array().unwrap().len() <= 2;
    assert!(open(&control_state(&stand_in).await), "those that are over are closed");
}

async fn control_state(stand_in: &str) -> Value {
    reqwest::get(format!("{stand_in}/state")).await.unwrap().json().await.unwrap()
}

/// Over the wire: an unknown channel is 404, a wrong token or resource 403.
async fn forged(client: &Client, stand_in: &str) {
    let state = control_state(stand_in).await;
    let channel = &state["secrets"][0];
    let text = |name: &str| channel[name].as_str().unwrap().to_owned();
    let ask = |id: String, token: String, resource: String| {
        let request = client.anonymous().request(reqwest::Method::POST, "/drive/notifications");
        let request = request.header("x-goog-channel-id", id).header("x-goog-channel-token", token);
        let request = request.header("x-goog-resource-id", resource);
        let request = request.header("x-goog-resource-state", "change");
        client.send(request.header("x-goog-message-number", "1000").header("content-length", "0"))
    };
    let wrong = || "wrong".to_owned();
    let answer = ask(wrong(), text("token"), text("resource")).await.unwrap();
    answer.refused(404, "not_found");
    let answer = ask(text("id"), wrong(), text("resource")).await.unwrap();
    answer.refused(403, "forbidden");
    let answer = ask(text("id"), text("token"), wrong()).await.unwrap();
    answer.refused(403, "forbidden");
    let answer = ask(text("id"), text("token"), text("resource")).await.unwrap();
    assert_eq!(answer.status, 204, "{answer:?}");
    client.anonymous().post("/drive/notifications", &json!({})).await.refused(404, "not_found");
}
