//! Folders, against the sandbox.

use serde_json::{Value, json};

use super::{Call, Owner, World};
use crate::drive::stand_in;
use crate::harness::{PATIENCE, eventually};

pub(super) const ROUTES: &[&str] = &[
    "POST /folders",
    "GET /drive",
    "GET /folders",
    "GET /folders/{user_id}",
    "POST /folders/{user_id}/recreate",
    "POST /folders/{user_id}/process",
    "GET /folders/{user_id}/files",
    "GET /drive/counts",
    "POST /drive/notifications",
];

/// About a user of the owner's, or this person.
pub(super) async fn call(world: &World, name: &str, owner: &Owner, person: Option<&str>) -> Call {
    if name == "POST /drive/notifications" {
        return notification(world, name).await;
    }
    if ["GET /drive", "GET /drive/counts"].contains(&name) {
        return Call::new(name);
    }
    let user = if let Some(person) = person {
        person.to_owned()
    } else {
        let name = format!("Folders of {}", owner.mark);
        let draft = json!({"tenant_id": owner.tenant, "name": name});
        let made = world.operator.post("/users", &draft).await.is(201);
        made["id"].as_str().unwrap().to_owned()
    };
    let call = Call::new(name);
    if name == "GET /folders" {
        world.operator.post("/folders", &json!({ "user_id": user })).await.is(202);
        return call;
    }
    if name == "POST /folders" {
        call.body(json!({ "user_id": user })).naming(&user)
    } else {
        call.at(&user)
    }
}

/// As the stand-in would post it.
async fn notification(world: &World, name: &str) -> Call {
    let stand_in = stand_in(&world.log());
    let channel = eventually("a channel is open", PATIENCE, || async {
        let state = reqwest::get(format!("{stand_in}/state")).await.unwrap();
        let state: Value = state.json().await.unwrap();
        state["secrets"].as_array().unwrap().last().cloned()
    })
    .await;
    let text = |name: &str| channel[name].as_str().unwrap().to_owned();
    let headers = vec![
        ("x-goog-channel-id", text("id")),
        ("x-goog-channel-token", text("token")),
        ("x-goog-resource-id", text("resource")),
        ("x-goog-resource-state", "sync".to_owned()),
        ("x-goog-message-number", "1".to_owned()),
    ];
    Call { headers, ..Call::new(name) }
}
