//! Folders, against the sandbox.

use serde_json::json;

use super::{Call, Owner, World};

pub(super) const ROUTES: &[&str] = &[
    "POST /folders",
    "GET /folders/{user_id}",
    "POST /folders/{user_id}/recreate",
    "POST /folders/{user_id}/process",
    "GET /folders/{user_id}/files",
];

/// About a user of the owner's, or this person.
pub(super) async fn call(world: &World, name: &str, owner: &Owner, person: Option<&str>) -> Call {
    let user = if let Some(person) = person {
        person.to_owned()
    } else {
        let name = format!("Folders of {}", owner.mark);
        let draft = json!({"tenant_id": owner.tenant, "name": name});
        let made = world.operator.post("/users", &draft).await.is(201);
        made["id"].as_str().unwrap().to_owned()
    };
    let call = Call::new(name);
    if name == "POST /folders" {
        call.body(json!({ "user_id": user })).naming(&user)
    } else {
        call.at(&user)
    }
}
