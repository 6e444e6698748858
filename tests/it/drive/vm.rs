//! Files on the VM, of a daemon that runs.

use serde_json::json;

use super::files::{control, files};
use super::{folders, stand_in, user};
use crate::harness::{Home, Mount, PATIENCE, eventually, skipped};

/// Processes whatever it is given.
const PROCESSOR: &str = "#!/bin/sh\ncat > /dev/null\necho '{\"type\":\"result\",\"ok\":true}'\n";

#[tokio::test]
async fn a_file_dropped_on_the_vm_is_moved_there() {
    let home = Home::new("[drive]\npoll_seconds = 86400\n").await;
    let daemon = home.start().await;
    let client = daemon.client();
    let user = user(client, None).await;
    client.post("/folders", &json!({"user_id": user})).await.is(202);
    let made = folders(client, &user, "ready").await;
    let path = std::path::PathBuf::from(made["local_path"].as_str().unwrap());
    let path = if path.is_absolute() { path } else { home.path().join(path) };
    std::fs::write(path.join("novos/nota.pdf"), "hello").unwrap();
    let file = files(client, &user, "processed").await.remove(0);
    assert_eq!((&file["name"], &file["source"]), (&json!("nota.pdf"), &json!("vm")));
    assert_eq!(std::fs::read_to_string(path.join("processados/nota.pdf")).unwrap(), "hello");
    assert_eq!(std::fs::read_dir(path.join("novos")).unwrap().count(), 0);
    // Nobody looks again by the clock: an event leads there.
    std::fs::write(path.join("novos/outra.pdf"), "hello, too").unwrap();
    eventually("the second one is processed", PATIENCE, || async {
        (files(client, &user, "processed").await.len() == 2).then_some(())
    })
    .await;
    let seen = client.get(&format!("/folders/{user}")).await.is(200);
    assert_eq!(seen["watch"]["vm"], "watch");
}

/// The disk of the VM is full: what users drop on Drive waits and says why, and is
/// processed when there is room.
#[tokio::test]
async fn a_full_disk_on_the_vm_side_loses_nothing() {
    let disk = match Mount::new(4) {
        Ok(disk) => disk,
        Err(why) => return skipped(format!("no small disk can be mounted: {why}")),
    };
    let home = Home::new("").await;
    let script = home.path().join("process.sh");
    std::fs::write(&script, PROCESSOR).unwrap();
    home.configure(&format!(
        "[drive]\npoll_seconds = 1\nroot = \"{}\"\n[drive.processor]\ncommand = [\"/bin/sh\", \"{}\"]\n",
        disk.path().join("drive").display(),
        script.display(),
    ));
    let daemon = home.start().await;
    let client = daemon.client();
    let user = user(client, Some("ana@elsewhere.example")).await;
    client.post("/folders", &json!({"user_id": user})).await.is(202);
    let made = folders(client, &user, "ready").await;
    let filler = disk.fill();
    let order = json!({
        "email": "ana@elsewhere.example", "folder": made["novos_folder_id"], "name": "nota.txt",
        "text": "hello",
    });
    control(&format!("{}/drop", stand_in(&home.log())), &order).await;
    let why = eventually("it waits and says why", PATIENCE, || async {
        let seen = client.get(&format!("/folders/{user}/files")).await.is(200);
        seen[0]["error"].as_str().map(str::to_owned)
    })
    .await;
    assert!(why.contains("No space left"), "{why}");
    std::fs::remove_file(filler).unwrap();
    let file = files(client, &user, "processed").await.remove(0);
    assert_eq!((&file["error"], &file["to"]), (&json!(null), &json!("processados")));
}
