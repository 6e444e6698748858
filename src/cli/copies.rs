//! `backup` and `export`: by the running daemon, as a job; of a store that no
//! daemon holds, by the command itself.

use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use zelador_actors::engine::copies::write_whole;
use zelador_actors::engine::jobs::Failure as JobFailure;
use zelador_actors::error::chain;
use zelador_store::catalog::tables;
use zelador_store::kv::embedded::copies::backup as back_up;
use zelador_store::kv::keeping;

use super::client::{Client, ClientError};
use super::handed::Handed;
use super::keeping::{blocking, open, release};
use super::owner::kept;
use super::progress::Progress;
use super::{Common, Exit, Failure, print};

/// How often the job is looked at.
const LOOK: Duration = Duration::from_millis(150);

/// Writes a backup.
pub(super) fn backup(common: &Common, file: &Path, force: bool) -> Result<Exit, Failure> {
    let file = absolute(file);
    if by_the_daemon(common, "backup.make", &file, force)? {
        return told(common, &file);
    }
    let _kept = kept(common);
    let engine = open(common)?;
    let mut progress = Progress::new("pairs");
    let versions = keeping::versions(&tables());
    let made = back_up(&engine, &file, force, versions, &mut |pairs| progress.set(pairs));
    drop(progress);
    made.map_err(|error| Failure::new(Exit::No, chain(&error)))?;
    engine.close().map_err(|error| Failure::new(Exit::Disk, chain(&error)))?;
    told(common, &file)
}

/// Writes everything as JSON Lines.
pub(super) fn export(common: &Common, file: &Path, force: bool) -> Result<Exit, Failure> {
    let file = absolute(file);
    if by_the_daemon(common, "store.export", &file, force)? {
        return told(common, &file);
    }
    let _kept = kept(common);
    let engine = open(common)?;
    let snapshot = engine.snapshot().map_err(|error| Failure::new(Exit::No, chain(&error)))?;
    let mut progress = Progress::new("records");
    let written = write_whole(&file, force, |out| {
        keeping::export(&snapshot, &tables(), release(), out, &mut |done| progress.set(done))
    });
    drop((progress, snapshot));
    written.map_err(|failure| Failure::new(Exit::No, words(failure)))?;
    engine.close().map_err(|error| Failure::new(Exit::Disk, chain(&error)))?;
    told(common, &file)
}

fn told(common: &Common, file: &Path) -> Result<Exit, Failure> {
    let shown = file.display();
    if common.json {
        print(&json!({ "file": shown.to_string() }).to_string())?;
    } else {
        print(&format!("written: {shown}"))?;
    }
    Ok(Exit::Done)
}

/// Lets the daemon do it; `false`: there is none.
fn by_the_daemon(
    common: &Common,
    kind: &'static str,
    file: &Path,
    force: bool,
) -> Result<bool, Failure> {
    let client = match Client::find(common) {
        Ok(client) => client,
        // Without a token there has never been a daemon on this directory.
        Err(failure) if failure.exit == Exit::Unreachable => return Ok(false),
        Err(failure) => return Err(failure),
    };
    let handed = Handed::new(common, file, force)?;
    let there = handed.as_ref().map_or(file, |handed| &handed.there);
    let made = blocking(async {
        let job = json!({ "kind": kind, "args": { "file": there, "force": force } });
        let made = match client.call(Method::POST, "/jobs", Some(&job)).await {
            Ok(reply) => reply.body,
            Err(ClientError::Unreachable { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        follow(&client, made).await.map(|()| true)
    })?;
    if let Some(handed) = handed.filter(|_| made) {
        handed.bring()?;
    }
    Ok(made)
}

/// Watches a job to its end.
pub(super) async fn follow(client: &Client, mut job: Value) -> Result<(), Failure> {
    let id = text(&job, "id");
    let mut progress = Progress::new("done");
    loop {
        if let Some(done) = job.pointer("/progress/done").and_then(Value::as_u64) {
            progress.set(done);
        }
        match job.get("state").and_then(Value::as_str) {
            Some("succeeded") => return Ok(()),
            Some("failed" | "cancelled") => {
                return Err(Failure::new(Exit::No, text(&job, "error")));
            }
            // A first try that failed is told at once; the daemon tries again.
            Some("scheduled") => {
                let error = text(&job, "error");
                let _ = client.call(Method::POST, &format!("/jobs/{id}/cancel"), None).await;
                return Err(Failure::new(Exit::No, error));
            }
            _ => tokio::time::sleep(LOOK).await,
        }
        job = client.get(&format!("/jobs/{id}")).await?;
    }
}

fn text(record: &Value, member: &str) -> String {
    record.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn absolute(file: &Path) -> PathBuf {
    std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf())
}

fn words(failure: JobFailure) -> String {
    match failure {
        JobFailure::Retry { error, .. } | JobFailure::Permanent { error } => error,
        JobFailure::Snooze { reason, .. } => reason,
    }
}
