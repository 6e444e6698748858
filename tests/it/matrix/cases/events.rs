//! The event log, its consumers, the audit, the agenda, and schedules.

use serde_json::{Value, json};

use super::{Call, Owner, World};
use crate::harness::{PATIENCE, eventually};

pub(super) const ROUTES: &[&str] = &[
    "GET /agenda",
    "GET /audit",
    "GET /events",
    "GET /events/stream",
    "GET /events/consumers",
    "POST /events/consumers",
    "DELETE /events/consumers/{name}",
    "POST /events/consumers/{name}/read",
    "POST /events/consumers/{name}/ack",
    "GET /events/consumers/{name}/pending",
    "POST /events/consumers/{name}/claim",
    "GET /events/consumers/{name}/parked",
    "DELETE /events/consumers/{name}/parked/{seq}",
    "POST /events/consumers/{name}/parked/{seq}/retry",
    "POST /events/consumers/{name}/parked/retry-all",
    // It hands over what was parked, too.
    "POST /events/consumers/{name}/replay",
    "GET /schedules",
    "POST /schedules/{name}/run",
];

/// The schedule of the world's configuration.
const SCHEDULE: &str = "yearly";

pub(super) async fn call(world: &World, name: &str, owner: &Owner) -> Call {
    let call = Call::new(name);
    match name {
        // All there is, and no waiting for more.
        "GET /events/stream" => call.query("after=0&follow=false"),
        "POST /events/consumers" => call.body(draft(world, owner)).naming(&owner.tenant),
        "DELETE /events/consumers/{name}"
        | "GET /events/consumers/{name}/pending"
        | "GET /events/consumers/{name}/parked" => external(world, call, owner).await,
        "POST /events/consumers/{name}/read" => {
            external(world, call, owner).await.body(json!({"limit": 2}))
        }
        "POST /events/consumers/{name}/ack" => {
            external(world, call, owner).await.body(json!({"seqs": [1]}))
        }
        "POST /events/consumers/{name}/claim" => {
            external(world, call, owner).await.body(json!({"member": "m"}))
        }
        "POST /events/consumers/{name}/replay" => call.with("metrics").body(json!({"from": 1})),
        "POST /events/consumers/{name}/parked/{seq}/retry"
        | "DELETE /events/consumers/{name}/parked/{seq}" => {
            let parked = world.operator.get("/events/consumers/metrics/parked").await.is(200);
            let seq = parked[0]["seq"].as_u64().expect("the world has parked some");
            call.with("metrics").with(&seq.to_string())
        }
        "POST /schedules/{name}/run" => {
            idle(world).await;
            call.with(SCHEDULE)
        }
        _ if name.contains("{name}") => call.with("metrics"),
        _ => call,
    }
}

fn draft(world: &World, owner: &Owner) -> Value {
    json!({"name": format!("c{}", world.next()), "tenant_id": owner.tenant, "from": "oldest"})
}

/// A call about a consumer of the owner's.
async fn external(world: &World, call: Call, owner: &Owner) -> Call {
    let draft = draft(world, owner);
    let made = world.operator.post("/events/consumers", &draft).await.is(201);
    call.with(made["name"].as_str().unwrap()).naming(&owner.tenant)
}

/// Waits until no job of the schedule is under way, for such a one would be
/// answered instead of a new one.
async fn idle(world: &World) {
    eventually("the last run has ended", PATIENCE, || async {
        let list = world.operator.get("/schedules").await.is(200);
        let state = list[0]["last_job_state"].as_str().unwrap_or("none");
        ["none", "succeeded"].contains(&state).then_some(())
    })
    .await;
}
