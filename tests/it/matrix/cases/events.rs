//! The event log, its consumers, the audit, the agenda, and schedules.

use serde_json::json;

use super::{Call, World};
use crate::harness::{PATIENCE, eventually};

pub(super) const ROUTES: &[&str] = &[
    "GET /agenda",
    "GET /audit",
    "GET /events",
    "GET /events/consumers",
    "GET /events/consumers/{name}/parked",
    "POST /events/consumers/{name}/parked/{seq}/retry",
    "POST /events/consumers/{name}/parked/retry-all",
    // It hands over what was parked, too.
    "POST /events/consumers/{name}/replay",
    "GET /schedules",
    "POST /schedules/{name}/run",
];

/// The schedule of the world's configuration.
const SCHEDULE: &str = "yearly";

pub(super) async fn call(world: &World, name: &str) -> Call {
    let call = Call::new(name);
    match name {
        "POST /events/consumers/{name}/replay" => call.with("metrics").body(json!({"from": 1})),
        "POST /events/consumers/{name}/parked/{seq}/retry" => {
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
