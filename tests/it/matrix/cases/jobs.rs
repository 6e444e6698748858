//! Jobs, batches of them, and queues.

use serde_json::{Value, json};

use super::{Call, World};

pub(super) const ROUTES: &[&str] = &[
    "GET /jobs",
    "GET /jobs/{id}",
    "GET /jobs/batch/{id}",
    "POST /jobs",
    "POST /jobs/batch",
    "POST /jobs/{id}/retry",
    "POST /jobs/{id}/cancel",
    "POST /jobs/{id}/run",
    "POST /jobs/retry-all",
    "POST /jobs/batch/{id}/cancel",
    "DELETE /jobs",
    "GET /queues",
    "POST /queues/{name}/pause",
    "POST /queues/{name}/resume",
];

fn distant() -> Value {
    json!({"kind": "diagnostic", "run_at": "2100-01-01T00:00:00Z"})
}

async fn job(world: &World) -> String {
    let made = world.operator.post("/jobs", &distant()).await.is(201);
    made["id"].as_str().unwrap().to_owned()
}

pub(super) async fn call(world: &World, name: &str) -> Call {
    let call = Call::new(name);
    match name {
        "POST /jobs" => call.body(distant()),
        "POST /jobs/batch" => call.body(json!([distant(), distant()])),
        "DELETE /jobs" => call.query("state=failed"),
        "POST /jobs/{id}/retry" => {
            let id = job(world).await;
            world.operator.post(&format!("/jobs/{id}/cancel"), &json!({})).await.is(200);
            call.at(&id)
        }
        _ if name.contains("/jobs/batch/{id}") => {
            let batch = world.operator.post("/jobs/batch", &json!([distant()])).await.is(201);
            call.at(batch["batch_id"].as_str().unwrap())
        }
        _ if name.contains("{id}") => call.at(&job(world).await),
        _ if name.contains("{name}") => call.with("default"),
        _ => call,
    }
}
