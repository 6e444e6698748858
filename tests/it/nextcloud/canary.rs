//! Secrets that are canaries: none of them is anywhere but where it belongs.

use std::path::Path;

use serde_json::json;
use zelador::sandbox::nextcloud::{ADMIN, OCC, Plan, SSH_USER};
use zelador_actors::engine::clock::{Clock, Dice};

use super::flow::{id_of, person, settled, tenant};
use super::{Faults, Sandbox};
use crate::harness::{Client, Home, PATIENCE, eventually};

const CONFIG: &str = "[nextcloud]\nmode = \"live\"\n[telemetry]\nlevel = \"debug\"\n";
const CANARIES: [&str; 3] = ["canary-app-password", "canary-ssh-password", "canary-wrong"];

/// Command lines and environments of all processes of this machine that can be read.
fn processes() -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        if entry.file_name().to_str().is_none_or(|name| name.parse::<u32>().is_err()) {
            continue;
        }
        for name in ["cmdline", "environ"] {
            let bytes = std::fs::read(entry.path().join(name)).unwrap_or_default();
            all.push_str(&String::from_utf8_lossy(&bytes));
        }
    }
    all
}

/// A server with these secrets, joined both ways; what that was answered.
async fn joined(client: &Client) -> (Sandbox, String) {
    let plan = Plan {
        password: CANARIES[1].to_owned(),
        app_password: CANARIES[0].to_owned(),
        faults: Faults { create_ms: 50, error_after_create_percent: 30, ..Faults::quick() },
        ..Plan::default()
    };
    let server = Sandbox::start(plan, Clock::system(), Dice::seeded(5)).await.unwrap();
    let api = json!({
        "name": "nc-api", "base_url": server.url(), "management_method": "api", "max_users": 4,
        "api": { "username": ADMIN, "password": CANARIES[0] },
    });
    let ssh = json!({
        "name": "nc-ssh", "base_url": server.url(), "management_method": "ssh", "max_users": 4,
        "ssh": { "host": "127.0.0.1", "port": server.ssh.port(), "user": SSH_USER,
                 "password": CANARIES[1], "host_key": server.host_key(), "occ_path": OCC },
    });
    let mut answers = String::new();
    for body in [&api, &ssh] {
        let answer = client.post("/admin/instances", body).await;
        answer.is(201);
        answers.push_str(&answer.text);
    }
    (server, answers)
}

/// A login that is refused.
async fn refused(client: &Client, answers: &mut String) {
    let all = client.get("/admin/instances").await;
    let path = format!("/admin/instances/{}", id_of(&all.is(200)[0]));
    let wrong = json!({ "api": { "password": CANARIES[2] } });
    answers.push_str(&client.put(&path, &wrong).await.text);
    let check = client.post(&format!("{path}/health-check"), &json!({})).await;
    answers.push_str(&check.text);
    eventually("its breaker opens", PATIENCE, || async {
        (client.get(&path).await.is(200)["breaker"] == "open").then_some(())
    })
    .await;
}

/// Everything that the API tells of it.
async fn told(client: &Client, users: &[String]) -> String {
    let mut answers = String::new();
    let lists = ["admin/instances", "events", "audit", "jobs", "users"];
    for list in lists {
        answers.push_str(&client.get(&format!("/{list}?limit=500")).await.text);
    }
    for path in ["/status", "/metrics"] {
        answers.push_str(&client.get(path).await.text);
    }
    for user in users {
        for part in ["nextcloud", "timeline", "export"] {
            answers.push_str(&client.get(&format!("/users/{user}/{part}")).await.text);
        }
    }
    answers
}

/// Files under a folder that hold one of them.
fn holding(folder: &Path) -> Vec<String> {
    let (mut files, mut found) = (vec![folder.to_owned()], Vec::new());
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        let holds = |canary: &&str| bytes.windows(canary.len()).any(|p| p == canary.as_bytes());
        found.extend(
            CANARIES.iter().find(|canary| holds(canary)).map(|_| path.display().to_string()),
        );
    }
    found
}

#[tokio::test]
async fn no_secret_is_told_anywhere() {
    let home = Home::new(CONFIG).await;
    let daemon = home.start().await;
    let client = daemon.client();
    let (_server, mut answers) = joined(client).await;
    let owner = tenant(client, "sol.example").await;
    let (mut seen, mut users) = (String::new(), Vec::new());
    for number in 0..6 {
        users.push(id_of(&person(client, &owner, &format!("p{number}")).await));
        seen.push_str(&processes());
    }
    for user in &users {
        settled(client, user).await;
    }
    refused(client, &mut answers).await;
    answers.push_str(&told(client, &users).await);
    seen.push_str(&processes());
    let log = home.log();
    assert!(log.contains("nextcloud user created"));
    for canary in CANARIES {
        for (place, text) in [("log", &log), ("answers", &answers), ("processes", &seen)] {
            assert!(!text.contains(canary), "{canary} is in the {place}");
        }
    }
    // Nor does the store hold one unsealed.
    let data = home.data().to_owned();
    assert_eq!(daemon.stop().await.0, Some(0));
    assert_eq!(holding(&data), Vec::<String>::new());
}
