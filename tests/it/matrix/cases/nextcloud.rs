//! Instances and accounts, against the sandbox.

use serde_json::{Value, json};

use super::{Call, Owner, World};
use crate::harness::{PATIENCE, eventually};

pub(super) const ROUTES: &[&str] = &[
    "POST /admin/instances",
    "GET /admin/instances",
    "GET /admin/instances/{id}",
    "PUT /admin/instances/{id}",
    "PATCH /admin/instances/{id}",
    "DELETE /admin/instances/{id}",
    "POST /admin/instances/{id}/health-check",
    "GET /users/{id}/nextcloud",
    "POST /users/{id}/nextcloud",
    "POST /users/{id}/nextcloud/link",
    "POST /users/{id}/nextcloud/move",
    "POST /admin/nextcloud/retry-failed",
];

/// Nobody listens there.
fn draft(world: &World) -> Value {
    json!({
        "name": format!("nc-{}", world.next()), "base_url": "http://127.0.0.1:9",
        "management_method": "api", "max_users": 1,
        "api": { "username": "zelador", "password": "secret for nobody" },
    })
}

fn id_of(record: &Value) -> String {
    record["id"].as_str().unwrap().to_owned()
}

/// The stand-ins.
async fn sandboxes(world: &World) -> Vec<String> {
    eventually("the stand-ins are there", PATIENCE, || async {
        let all = world.operator.get("/admin/instances?limit=500").await.is(200);
        let all = all.as_array().unwrap();
        let ids: Vec<_> = all.iter().filter(|one| one["sandbox"] == true).map(id_of).collect();
        (ids.len() == 2).then_some(ids)
    })
    .await
}

async fn user(world: &World, owner: &Owner) -> String {
    let email = format!("cloud{}@{}.example", world.next(), owner.mark);
    let name = format!("A person of {}", owner.mark);
    let body = json!({ "tenant_id": owner.tenant, "name": name, "email": email });
    id_of(&world.operator.post("/users", &body).await.is(201))
}

/// A user whose account stands, and its instance.
async fn provisioned(world: &World, owner: &Owner) -> (String, String) {
    let user = user(world, owner).await;
    let path = format!("/users/{user}/nextcloud");
    world.operator.post(&path, &json!({})).await.is(202);
    let instance = eventually("the account stands", PATIENCE, || async {
        let account = world.operator.get(&path).await.is(200);
        (account["status"] == "active").then(|| account["instance_id"].as_str().unwrap().to_owned())
    })
    .await;
    (user, instance)
}

pub(super) async fn call(world: &World, name: &str, owner: &Owner) -> Call {
    let call = Call::new(name);
    match name {
        "POST /admin/instances" => call.body(draft(world)),
        "POST /admin/instances/{id}/health-check" => call.at(&sandboxes(world).await[0]),
        _ if name.contains("/instances/{id}") => {
            let made = world.operator.post("/admin/instances", &draft(world)).await.is(201);
            let call = call.at(&id_of(&made));
            let changes = name.starts_with('P');
            if changes { call.body(json!({ "max_users": 2 + world.next() })) } else { call }
        }
        "POST /users/{id}/nextcloud/link" => call.at(&provisioned(world, owner).await.0),
        "POST /users/{id}/nextcloud/move" => {
            let (user, instance) = provisioned(world, owner).await;
            let all = sandboxes(world).await;
            let other = all.into_iter().find(|one| *one != instance).unwrap();
            call.at(&user).body(json!({ "instance_id": other })).naming(&other)
        }
        _ if name.contains("/users/{id}") => call.at(&user(world, owner).await),
        _ => call,
    }
}
