//! The Wispro sync, against the sandbox: runs that change nothing, and runs that
//! ask, because each asks for a page more than those before.

use serde_json::{Value, json};

use super::{Call, World};
use crate::harness::{PATIENCE, eventually};

pub(super) const ROUTES: &[&str] = &[
    "POST /users/sync-wispro-all",
    "GET /wispro/syncs",
    "GET /wispro/syncs/{job_id}",
    "POST /wispro/syncs/{job_id}/approve",
    "POST /wispro/syncs/{job_id}/discard",
    // At the end: it deletes whom the others have made.
    "DELETE /sandbox",
];

async fn runs(world: &World) -> Vec<Value> {
    let runs = world.operator.get("/wispro/syncs?limit=500").await.is(200);
    runs.as_array().unwrap().clone()
}

fn id_of(run: &Value) -> String {
    run["job_id"].as_str().unwrap().to_owned()
}

/// Waits until no run is under way; one that asks is discarded.
async fn rest(world: &World) {
    eventually("no sync is under way", PATIENCE, || async {
        let runs = runs(world).await;
        for run in runs.iter().filter(|run| run["state"] == "braked") {
            let path = format!("/wispro/syncs/{}/discard", id_of(run));
            world.operator.post(&path, &json!({})).await;
        }
        let over = |run: &Value| ["completed", "discarded"].iter().any(|s| run["state"] == *s);
        (runs.iter().all(over) && nothing_runs(world).await).then_some(())
    })
    .await;
}

/// Whether the jobs behind the runs are at rest, too: a run says that it asks just
/// before its job does.
async fn nothing_runs(world: &World) -> bool {
    for state in ["ready", "running"] {
        let jobs = world.operator.get(&format!("/jobs?kind=wispro.sync&state={state}")).await;
        if !jobs.is(200).as_array().unwrap().is_empty() {
            return false;
        }
    }
    true
}

/// Begins a run, once none is under way.
async fn begun(world: &World, body: &Value) -> String {
    eventually("a sync begins", PATIENCE, || async {
        rest(world).await;
        let made = world.operator.post("/users/sync-wispro-all", body).await;
        (made.status == 202).then(|| id_of(&made.json()))
    })
    .await
}

/// A run that is at this place.
async fn at(world: &World, body: &Value, state: &str) -> String {
    let id = begun(world, body).await;
    eventually("the sync gets there", PATIENCE, || async {
        let run = world.operator.get(&format!("/wispro/syncs/{id}")).await.is(200);
        (run["state"] == state && nothing_runs(world).await).then_some(())
    })
    .await;
    id
}

/// A run that asks: the one that does so already, since there is never a second.
async fn braked(world: &World) -> String {
    // One that was approved goes on asking until its job has begun.
    eventually("no sync works", PATIENCE, || async { nothing_runs(world).await.then_some(()) })
        .await;
    let all = runs(world).await;
    if let Some(run) = all.iter().find(|run| run["state"] == "braked") {
        return id_of(run);
    }
    let before = all.len();
    // A first run creates whom it likes.
    if !all.iter().any(|run| run["state"] == "completed" && run["dry_run"] == false) {
        at(world, &json!({"max_pages": 1}), "completed").await;
    }
    at(world, &json!({"max_pages": before + 2}), "braked").await
}

pub(super) async fn call(world: &World, name: &str) -> Call {
    let call = Call::new(name);
    match name {
        "POST /users/sync-wispro-all" => {
            rest(world).await;
            call.body(json!({"dry_run": true, "max_pages": 1}))
        }
        "GET /wispro/syncs/{job_id}" => {
            call.at(&at(world, &json!({"dry_run": true, "max_pages": 1}), "completed").await)
        }
        _ if name.contains("{job_id}") => call.at(&braked(world).await),
        _ => call,
    }
}
