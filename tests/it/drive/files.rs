//! The seed's second flow: a file is dropped on Drive, found, processed, moved.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use zelador_actors::engine::webhooks::sink::{Say, Sink};

use super::{config, folders, stand_in, user};
use crate::commands::told;
use crate::harness::{Client, Home, PATIENCE, eventually};

pub(super) async fn control(url: &str, body: &Value) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    client.post(url).json(body).send().await.unwrap().json().await.unwrap()
}

pub(super) async fn files(client: &Client, user: &str, state: &str) -> Vec<Value> {
    eventually("the files get there", PATIENCE, || async {
        let seen = client.get(&format!("/folders/{user}/files")).await.is(200);
        let seen = seen.as_array().unwrap().clone();
        let all = !seen.is_empty() && seen.iter().all(|file| file["state"] == state);
        all.then_some(seen)
    })
    .await
}

/// By polling alone.
#[tokio::test]
async fn a_dropped_file_is_found_processed_and_told_of() {
    let sink = Sink::start(|_| Say::Status(200)).await.unwrap();
    let home = Home::new(&config(&sink, "[drive]\npoll_seconds = 1\n")).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let user = user(client, Some("ana@elsewhere.example")).await;
    client.post("/folders", &json!({"user_id": user})).await.is(202);
    let made = folders(client, &user, "ready").await;
    let sandbox = stand_in(&home.log());
    let order = json!({
        "email": "ana@elsewhere.example", "folder": made["novos_folder_id"], "name": "nota.txt",
        "text": "hello",
    });
    let began = tokio::time::Instant::now();
    let dropped = control(&format!("{sandbox}/drop"), &order).await;
    let file = files(client, &user, "processed").await.remove(0);
    println!("from dropped to processed: {:?}", began.elapsed());
    assert_eq!((&file["name"], &file["source"]), (&json!("nota.txt"), &json!("drive")));
    assert_eq!((&file["to"], &file["size"]), (&json!("processados"), &json!(5)));
    let state = reqwest::get(format!("{sandbox}/state")).await.unwrap();
    let state: Value = state.json().await.unwrap();
    let all = state["files"].as_array().unwrap();
    let find = |id: &Value| all.iter().find(|file| file["id"] == *id).unwrap();
    let parent = &find(&dropped["id"])["parents"][0];
    assert_eq!(find(parent)["name"], "processados");
    let got = eventually("the backend is told", PATIENCE, || async {
        sink.got().into_iter().find(|got| got.body.contains("file.processed"))
    })
    .await;
    let body: Value = serde_json::from_str(&got.body).unwrap();
    assert_eq!(
        (&body["data"]["file"]["name"], &body["data"]["job_id"]),
        (&json!("nota.txt"), &file["job_id"])
    );
}

/// Nobody waits for the next time who asks.
#[tokio::test]
async fn whoever_asks_is_looked_for_now() {
    let home = Home::new("[drive]\npoll_seconds = 86400\n").await;
    let daemon = home.start().await;
    let client = daemon.client();
    let user = user(client, Some("ana@elsewhere.example")).await;
    client.post("/folders", &json!({"user_id": user})).await.is(202);
    let made = folders(client, &user, "ready").await;
    let order = json!({
        "email": "ana@elsewhere.example", "folder": made["novos_folder_id"], "name": "b.txt",
        "text": "other",
    });
    control(&format!("{}/drop", stand_in(&home.log())), &order).await;
    let looked = client.post(&format!("/folders/{user}/process"), &json!({})).await.is(202);
    assert_eq!(looked["status"], "ready");
    files(client, &user, "processed").await;
}

/// From the command line: what there is, how it is noticed, and what happens to it.
#[tokio::test]
async fn whoever_watches_sees_files_come_and_go() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let client = daemon.client();
    let user = user(client, Some("ana@elsewhere.example")).await;
    assert_eq!(told(&home, ["folders", "create", &user, "--json"]).await["status"], "pending");
    let made = folders(client, &user, "ready").await;
    let ready = told(&home, ["folders", "list", "--status", "ready", "--json"]).await;
    assert_eq!(ready[0]["user_id"], json!(user));
    assert_eq!(told(&home, ["folders", "list", "--status", "failed", "--json"]).await, json!([]));
    let watched = eventually("the folder on the VM is watched", PATIENCE, || async {
        let seen = told(&home, ["drive", "watch", "--json"]).await;
        (seen["vm_watched"] == 1).then_some(seen)
    })
    .await;
    assert_eq!((&watched["mode"], &watched["vm_polled"]), (&json!("sandbox"), &json!(0)));
    assert_eq!(watched["files_under_way"], 0);

    let mut following = home.command(["drive", "watch", "--follow"]);
    let mut following = following.stdout(Stdio::piped()).kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(following.stdout.take().unwrap()).lines();
    let mut all = String::new();
    while !all.contains("under way") {
        all.push_str(&lines.next_line().await.unwrap().unwrap());
    }
    let order = json!({
        "email": "ana@elsewhere.example", "folder": made["novos_folder_id"], "name": "b.txt",
        "text": "other",
    });
    control(&format!("{}/drop", stand_in(&home.log())), &order).await;
    client.post(&format!("/folders/{user}/process"), &json!({})).await.is(202);
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap();
    let line = line.unwrap().unwrap();
    assert!(line.contains("drive.file_processed") && line.contains("b.txt"), "{line}");
}
