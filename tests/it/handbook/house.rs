//! The records that the pages speak of, made anew for each page.

use serde_json::{Value, json};

use super::machine::Machine;
use super::story::future;
use crate::harness::{Client, PATIENCE, eventually};

/// Makes them, and gives the pages' stand-ins their values. Each house has a tenant of
/// its own, so that pages do not meet.
pub(super) async fn furnish(machine: &Machine, number: usize) {
    let client = machine.client();
    let made = |path: &'static str, body: Value| {
        let client = client.clone();
        async move { id(&client.post(path, &body).await.is(201)) }
    };
    let tenant = json!({"name": "Academia Sol", "domain": format!("sol-{number}.example"),
        "settings": {"timezone": "America/Santiago", "auto_confirm": false}});
    let tenant = made("/tenants", tenant).await;
    let person = json!({"tenant_id": tenant, "name": "Ana Rojas", "email": "ana@sol.example", "password": "una palabra larga"});
    let user = made("/users", person).await;
    let category =
        made("/categories", json!({"tenant_id": tenant, "name": "Piscinas", "type": "fisico"}))
            .await;
    let resource = json!({"tenant_id": tenant, "category_id": category, "name": "Piscina"});
    let resource = made("/resources", resource).await;
    let at = |from: &str, to: &str| {
        json!({"resource_id": resource, "user_id": user,
            "start_time": future(&format!("2030-12-05T{from}")), "end_time": future(&format!("2030-12-05T{to}"))})
    };
    let booking = made("/bookings", at("15:00", "16:00")).await;
    made("/bookings", at("16:00", "17:00")).await;
    made("/bookings", at("17:00", "18:00")).await;
    let token = made("/tokens", json!({"name": "backend", "scopes": ["audit:read"]})).await;
    let names = [
        ("TENANT_ID", tenant),
        ("USER_ID", user),
        ("CATEGORY_ID", category),
        ("RESOURCE_ID", resource.clone()),
        ("BOOKING_ID", booking),
        ("TOKEN_ID", token),
        ("JOB_ID", failed_job(&client).await),
        ("INSTANCE_ID", instance(&client).await),
    ];
    for (name, value) in names {
        machine.name(name, &value);
    }
}

fn id(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// A job that has given up.
async fn failed_job(client: &Client) -> String {
    let body = json!({"kind": "diagnostic", "args": {"unknown": true}});
    let answer = client.post("/jobs", &body).await;
    assert!(answer.is_success(), "{answer:?}");
    let job = id(&answer.json());
    eventually("the job gives up", PATIENCE, || async {
        let job = client.get(&format!("/jobs/{job}")).await.is(200);
        (job["state"] == "failed").then_some(())
    })
    .await;
    job
}

/// A server of the sandbox.
async fn instance(client: &Client) -> String {
    eventually("the sandbox's servers are registered", PATIENCE, || async {
        let all = client.get("/admin/instances").await.is(200);
        all.as_array()?.iter().find(|one| one["name"] == "sandbox-api").map(id)
    })
    .await
}
