//! Tenants, users, and what is planned for them.

use serde_json::{Value, json};

use super::{Call, Owner, World};

pub(super) const ROUTES: &[&str] = &[
    "POST /tenants",
    "GET /tenants",
    "GET /tenants/{id}",
    "PUT /tenants/{id}",
    "PATCH /tenants/{id}",
    "DELETE /tenants/{id}",
    "GET /tenants/{id}/settings",
    "PUT /tenants/{id}/settings",
    "PATCH /tenants/{id}/settings",
    "POST /users",
    "GET /users",
    "GET /users/{id}",
    "PUT /users/{id}",
    "PATCH /users/{id}",
    "DELETE /users/{id}",
    "GET /users/{id}/export",
    "GET /users/{id}/notifications",
    "PUT /users/{id}/notifications",
    "PATCH /users/{id}/notifications",
    "GET /users/{id}/timeline",
    "GET /users/{id}/status",
    "PUT /users/{id}/status",
    "GET /users/{id}/scheduled-status",
    "POST /users/{id}/scheduled-status",
    "DELETE /users/{id}/scheduled-status",
    "GET /users/{id}/leave",
    "POST /users/{id}/leave",
    "GET /users/{id}/leave/{leave_id}",
    "DELETE /users/{id}/leave/{leave_id}",
    "GET /admin/scheduled-bans",
    "GET /admin/scheduled-bans/{user_id}",
    "POST /admin/scheduled-bans",
    "DELETE /admin/scheduled-bans/{user_id}",
];

const DISTANT: &str = "2100-01-01T00:00:00Z";

pub(super) async fn call(world: &World, name: &str, owner: &Owner) -> Call {
    if name.contains("/tenants") {
        tenant(world, name, owner).await
    } else {
        user(world, name, owner).await
    }
}

async fn tenant(world: &World, name: &str, owner: &Owner) -> Call {
    let call = Call::new(name);
    let fresh = || {
        let number = world.next();
        json!({"name": owner.mark, "domain": format!("{}{number}.example", owner.mark)})
    };
    match name {
        "GET /tenants" => call,
        "POST /tenants" => call.body(fresh()),
        "DELETE /tenants/{id}" => {
            let made = world.operator.post("/tenants", &fresh()).await.is(201);
            call.at(made["id"].as_str().unwrap())
        }
        _ if name.starts_with("GET") => call.at(&owner.tenant),
        _ if name.ends_with("settings") => {
            call.at(&owner.tenant).body(json!({"booking_interval": 1 + world.next() % 1440}))
        }
        // Another one each time: what changes nothing leaves no trace.
        _ => {
            let name = format!("{} {}", owner.mark, world.next());
            call.at(&owner.tenant).body(json!({"name": name}))
        }
    }
}

fn draft(world: &World, owner: &Owner) -> Value {
    let email = format!("p{}@{}.example", world.next(), owner.mark);
    json!({"tenant_id": owner.tenant, "name": format!("A person of {}", owner.mark), "email": email})
}

async fn user(world: &World, name: &str, owner: &Owner) -> Call {
    let call = Call::new(name);
    let draft = draft(world, owner);
    if name == "POST /users" {
        return call.body(draft).naming(&owner.tenant);
    }
    let made = world.operator.post("/users", &draft).await.is(201);
    let id = made["id"].as_str().unwrap();
    let ban = json!({"user_id": id, "date": DISTANT, "reason": owner.mark});
    let change = json!({"status": "SUSPENDED", "at": DISTANT, "reason": owner.mark});
    if name.contains("scheduled-bans/{") {
        world.operator.post("/admin/scheduled-bans", &ban).await.is(201);
    }
    if name.ends_with("scheduled-status") && !name.starts_with("POST") {
        world.operator.post(&format!("/users/{id}/scheduled-status"), &change).await.is(201);
    }
    let leave = json!({"date_in": "2100-01-01", "date_out": "2100-01-05", "reason": owner.mark});
    if name.ends_with("/leave/{leave_id}") {
        let made = world.operator.post(&format!("/users/{id}/leave"), &leave).await.is(201);
        return call.at(id).at(made["id"].as_str().unwrap());
    }
    match name {
        "POST /users/{id}/leave" => call.at(id).body(leave),
        "GET /users" | "GET /admin/scheduled-bans" => call,
        "POST /admin/scheduled-bans" => call.body(ban).naming(id),
        "POST /users/{id}/scheduled-status" => call.at(id).body(change),
        "PUT /users/{id}/notifications" | "PATCH /users/{id}/notifications" => {
            call.at(id).body(json!({"booking_reminder": false}))
        }
        "PUT /users/{id}/status" => call.at(id).body(json!({"status": "SUSPENDED"})),
        "PUT /users/{id}" | "PATCH /users/{id}" => call.at(id).body(json!({"phone": "1"})),
        _ => call.at(id),
    }
}
