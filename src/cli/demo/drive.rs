//! Folders made, shared, watched, emptied.

use reqwest::Method;
use serde_json::{Value, json};

use super::guide::{Guide, Stop};
use super::scene::{Scene, of};

/// What is dropped.
const FILE: &str = "recibo.txt";

/// Tells it.
pub(super) async fn tell(guide: &mut Guide, scene: &Scene) -> Result<(), Stop> {
    guide
        .chapter("Drive", "a folder on this machine and on Google Drive; what is dropped is moved");
    let Some(ana) = &scene.ana else { return guide.check("Ana is there", false) };
    let body = json!({ "user_id": ana });
    guide.ask("Ana gets her folders", Method::POST, "folders", Some(body), 202).await?;
    let path = format!("folders/{ana}");
    let made =
        guide.until("made and shared by a job", &path, |seen| seen["status"] == "ready").await?;
    guide.check(
        "here and there",
        of(&made, "local_path").is_string() && of(&made, "drive_folder_id").is_string(),
    )?;
    drop_a_file(guide, scene, &made).await
}

/// As somebody does with whom `novos` is shared.
async fn drop_a_file(guide: &mut Guide, scene: &Scene, made: &Value) -> Result<(), Stop> {
    let Some(drive) = &scene.drive else {
        guide.note("  (only the daemon knows its stand-in of Drive: nothing is dropped)");
        return Ok(());
    };
    let order = json!({ "email": scene.email(), "folder": made["novos_folder_id"], "name": FILE,
        "text": "R$ 90,00" });
    let dropped = ask(&format!("{drive}/drop"), &order).await;
    guide.check("she drops a file into `novos`, on Drive", dropped)?;
    let path = format!("folders/{}", scene.ana.as_deref().unwrap_or_default());
    let process = format!("{path}/process");
    guide.ask("look now, not in a moment", Method::POST, &process, None, 202).await?;
    let files = format!("{path}/files");
    let done = |all: &Value| {
        all.as_array().is_some_and(|all| {
            all.iter().any(|file| file["name"] == FILE && file["state"] == "processed")
        })
    };
    let seen = guide.until("it is found, processed and moved", &files, done).await?;
    guide.check("to `processados`", seen.pointer("/0/to") == Some(&json!("processados")))
}

async fn ask(url: &str, order: &Value) -> bool {
    let Ok(client) = reqwest::Client::builder().no_proxy().build() else { return false };
    let answer = client.post(url).json(order).send().await;
    answer.is_ok_and(|answer| answer.status().is_success())
}
