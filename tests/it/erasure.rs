//! What an erasure leaves on the disk: exactly what the handbook says, and no more.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::harness::{Client, Home, PATIENCE, eventually};

/// In everything that a person may fill, and in no text of the program's own.
const CANARY: &str = "kanarienvogel";

/// A person, used and kept for a while.
async fn live(client: &Client) -> String {
    let tenant = json!({"name": "Academia Sol", "domain": "sol.example"});
    let tenant = client.post("/tenants", &tenant).await.is(201)["id"].clone();
    let draft = json!({
        "tenant_id": tenant, "name": CANARY, "email": format!("{CANARY}@sol.example"),
        "phone": CANARY, "id_number": CANARY, "profile": {CANARY: CANARY}, "address": CANARY,
    });
    let id = client.post("/users", &draft).await.is(201)["id"].as_str().unwrap().to_owned();
    let ban = json!({"user_id": id, "date": "2100-01-01", "reason": CANARY});
    client.post("/admin/scheduled-bans", &ban).await.is(201);
    let leave = json!({"date_in": "2099-01-01", "date_out": "2099-02-01", "reason": CANARY});
    client.post(&format!("/users/{id}/leave"), &leave).await.is(201);
    id
}

async fn erase(client: &Client, id: &str) {
    client.delete(&format!("/users/{id}?erase=true")).await.is(204);
    eventually("the traces are gone", PATIENCE, || async {
        let jobs = client.get("/jobs?kind=user.erase").await.is(200);
        (jobs[0]["state"] == "succeeded").then_some(())
    })
    .await;
}

/// The files below a directory in which the canary sings, packed ones unpacked.
fn sings(dir: &Path) -> Vec<PathBuf> {
    let (mut open, mut found) = (vec![dir.to_owned()], Vec::new());
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let bytes = std::fs::read(&path).unwrap();
        if heard(&bytes) || unpacked(&bytes).is_some_and(|bytes| heard(&bytes)) {
            found.push(path.strip_prefix(dir).unwrap().to_owned());
        }
    }
    found
}

fn heard(bytes: &[u8]) -> bool {
    String::from_utf8_lossy(bytes).to_lowercase().contains(CANARY)
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::new();
    zstd::Decoder::new(bytes).ok()?.read_to_end(&mut whole).ok()?;
    Some(whole)
}

#[tokio::test]
async fn of_somebody_erased_only_old_bytes_are_left_and_a_rebuilt_directory_has_none() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let id = live(daemon.client()).await;
    daemon.stop().await;
    // Now sled holds it, too.
    let before = sings(home.data());
    assert!(before.iter().any(|path| path.starts_with("journal")), "{before:?}");
    let daemon = home.start().await;
    let full = home.path().join("full.zelador");
    assert_eq!(home.run(["backup", full.to_str().unwrap()]).await.0, 0);
    assert!(sings(home.path()).contains(&"full.zelador".into()), "it can be heard");

    erase(daemon.client(), &id).await;
    let (code, _, wrong) = home.run(["backup", "clean.zelador"]).await;
    assert_eq!(code, 0, "{wrong}");
    assert_eq!(home.run(["export", "online.jsonl"]).await.0, 0);
    assert_eq!(daemon.stop().await.0, Some(0));
    assert_eq!(home.run(["export", "offline.jsonl"]).await.0, 0);

    let left = sings(home.data());
    let told = ["journal", "base", "index"];
    let untold = left.iter().filter(|path| !told.iter().any(|dir| path.starts_with(dir)));
    assert_eq!(untold.count(), 0, "the handbook says nothing of these: {left:?}");
    for path in ["clean.zelador", "online.jsonl", "offline.jsonl", "daemon.log"] {
        let bytes = std::fs::read(home.path().join(path)).unwrap();
        assert!(!heard(&unpacked(&bytes).unwrap_or(bytes)), "{path}");
    }

    // The way that the handbook shows to be rid of them.
    std::fs::rename(home.data(), home.path().join("old")).unwrap();
    let (code, _, wrong) = home.run(["restore", "clean.zelador"]).await;
    assert_eq!(code, 0, "{wrong}");
    for name in ["secret.key", "operator.token"] {
        std::fs::copy(home.path().join("old").join(name), home.data().join(name)).unwrap();
    }
    let daemon = home.start().await;
    let events = daemon.client().get("/events?limit=500").await.is(200);
    let erased = events.as_array().unwrap().iter().any(|event| event["type"] == "user.erased");
    assert!(erased, "it is the same store: {events}");
    daemon.client().get(&format!("/users/{id}")).await.is(404);
    assert_eq!(daemon.stop().await.0, Some(0));
    assert_eq!(sings(home.data()), [] as [PathBuf; 0]);
}
