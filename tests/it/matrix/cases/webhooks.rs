//! Webhooks and deliveries.

use serde_json::{Value, json};

use super::{Call, Owner, World};
use crate::harness::{PATIENCE, eventually};

pub(super) const ROUTES: &[&str] = &[
    "POST /tenants/{id}/webhooks",
    "GET /tenants/{id}/webhooks",
    "GET /tenants/{id}/webhooks/{webhook_id}",
    "PUT /tenants/{id}/webhooks/{webhook_id}",
    "PATCH /tenants/{id}/webhooks/{webhook_id}",
    "POST /tenants/{id}/webhooks/{webhook_id}/rotate",
    "GET /tenants/{id}/webhooks/{webhook_id}/deliveries",
    "GET /tenants/{id}/webhooks/{webhook_id}/deliveries/{delivery_id}",
    "POST /tenants/{id}/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver",
    "POST /tenants/{id}/webhooks/{webhook_id}/redeliver",
    "POST /tenants/{id}/webhooks/{webhook_id}/test",
    "DELETE /tenants/{id}/webhooks/{webhook_id}",
];

/// Nobody listens there.
fn draft(owner: &Owner) -> Value {
    json!({"url": format!("http://127.0.0.1:9/{}", owner.mark), "events": ["booking.hold_expired"]})
}

pub(super) async fn call(world: &World, name: &str, owner: &Owner) -> Call {
    let call = Call::new(name).at(&owner.tenant);
    let all = format!("/tenants/{}/webhooks", owner.tenant);
    if name == "POST /tenants/{id}/webhooks" {
        return call.body(draft(owner));
    }
    let hook = made(world, &all, owner).await;
    if !name.contains("{webhook_id}") {
        return call;
    }
    let call = call.at(&hook);
    match name {
        _ if name.contains("{delivery_id}") => {
            call.at(&sent(world, &format!("{all}/{hook}")).await)
        }
        _ if name.ends_with("/redeliver") => call.body(json!({"from": 1, "until": 1})),
        _ if name.starts_with("PUT") || name.starts_with("PATCH") => {
            call.body(json!({"events": ["booking.hold_expired", "booking.cancelled"]}))
        }
        _ if name.ends_with("/rotate") => call.body(json!({})),
        _ => call,
    }
}

/// A webhook; the oldest goes where there are too many.
async fn made(world: &World, all: &str, owner: &Owner) -> String {
    let list = world.operator.get(all).await.is(200);
    let list = list.as_array().unwrap();
    if list.len() > 10 {
        world.operator.delete(&format!("{all}/{}", list[0]["id"].as_str().unwrap())).await.is(204);
    }
    let made = world.operator.post(all, &draft(owner)).await.is(201);
    made["id"].as_str().unwrap().to_owned()
}

/// A test that came to nothing: its first try is over, so that it stands still.
async fn sent(world: &World, hook: &str) -> String {
    let sent = world.operator.post(&format!("{hook}/test"), &json!({})).await.is(202);
    let id = sent["id"].as_str().unwrap().to_owned();
    eventually("it was tried", PATIENCE, || async {
        let row = world.operator.get(&format!("{hook}/deliveries/{id}")).await.is(200);
        (row["attempts"].as_u64() > Some(0)).then_some(())
    })
    .await;
    id
}
