//! Every configuration that the handbook shows is one that the program takes.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;
use zelador_actors::engine::settings::{KINDS, QUEUES};

use super::page;
use crate::harness::Home;

/// What is referred to, as systemd and the environment would give it.
const SECRETS: [&str; 8] =
    ["secret_key", "google", "backend", "wispro", "smtp-password", "nc-1", "redis", "drive"];

fn flaw(dir: &Path, text: &str) -> Option<String> {
    let file = dir.join("config.toml");
    std::fs::write(&file, text).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_zelador"))
        .arg("check-config")
        .arg(&file)
        .env_clear()
        .env("CREDENTIALS_DIRECTORY", dir.join("credentials"))
        .env("GATEWAY_TOKEN", "a secret of more than enough characters, so that nobody minds")
        .current_dir(dir)
        .output()
        .unwrap();
    let wrong = || String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code() != Some(0)).then(wrong)
}

#[test]
fn every_configuration_that_is_shown_is_taken() {
    let dir = TempDir::with_prefix("zelador-it-").unwrap();
    std::fs::create_dir(dir.path().join("credentials")).unwrap();
    for name in SECRETS {
        let secret = "0123456789abcdef".repeat(5);
        std::fs::write(dir.path().join("credentials").join(name), secret).unwrap();
    }
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/handbook");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let blocks = page::blocks(&page::read(&format!("docs/handbook/{name}")), "toml");
        for (line, text) in &blocks {
            seen += 1;
            // Some stand on what the page began with.
            let after = || flaw(dir.path(), &format!("{}{text}", blocks[0].1));
            let flaw = flaw(dir.path(), text).and_then(|_| after());
            wrong.extend(flaw.map(|flaw| format!("{name}:{line}: {flaw}")));
        }
    }
    assert!(seen > 15, "only {seen} configurations were found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert!(flaw(dir.path(), "[api]\nlisen = \"\"\n").is_some(), "a mistake is seen");
}

#[tokio::test]
async fn every_rule_of_a_tenant_is_on_its_page() {
    let home = Home::new("").await;
    let daemon = home.start().await;
    let made = json!({"name": "Sol", "domain": "sol.example"});
    let tenant = daemon.client().post("/tenants", &made).await.is(201);
    let text = page::read("docs/handbook/tenants.md");
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| `")).collect();
    for (member, default) in tenant["settings"].as_object().unwrap() {
        let of = |row: &&&str| row.contains(&format!("`{member}`"));
        let with = |row: &str| default.is_object() || row.contains(&format!("`{default}`"));
        let shown = rows.iter().filter(of).any(|row| with(row));
        assert!(shown, "{member}, {default} at first, is not there");
    }
}

#[test]
fn every_queue_and_kind_of_job_is_on_its_page() {
    let text = page::read("docs/handbook/jobs-and-queues.md");
    let queues = QUEUES.iter().map(|row| format!("| `{}` | {} |", row.name, row.concurrency));
    let kinds = KINDS
        .iter()
        .map(|row| format!("| `{}` | `{}` | {} s", row.kind, row.queue, row.timeout_seconds));
    let wrong: Vec<_> = queues.chain(kinds).filter(|row| !text.contains(row)).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
